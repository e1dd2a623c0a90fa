"""Source: a graph and its gradient as straight-line Python, to read, and to run at its speed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.node import NO_PARAMS, TABLE, Node, fresh, read_like, record
from ..engine.recording import recorded
from ..engine.sweep import check_gradients, gradients, reachable, read_seed
from ..functions import __all__
from ..terms import numerics as num
from ..terms.algebra import Term, Terms, needed
from ..terms.writer import ATOM, Writer, spelled

if TYPE_CHECKING:
    from .graph import Graph


# NumPy as compiled code has it, which refuses a singular matrix as the engine does
CAREFUL = {**vars(np.linalg), "inv": num.reliable, "solve": num.solve}
NUMPY = SimpleNamespace(**{**vars(np), "linalg": SimpleNamespace(**CAREFUL)})
# a view of its argument, or part of it
MOVES = {"transpose", "getitem", "reshape", "broadcast_to", "diag"}
OWN = {"log_softmax": num.log_softmax_along}  # what the row's forward makes may be remembered there
LITERAL_OR_NAME = re.compile(r"-?\d[\d.e+-]*|[^\W\d]\w*")
ERRORS = (ArithmeticError, RuntimeWarning, TypeError, ValueError)


def forward(op: str) -> Callable[..., Any]:
    """What computes an op: its row's forward, or one of the factors sources share."""
    return OWN.get(op) or (TABLE[op].forward if op in TABLE else getattr(num, op))


def terms_of(nodes: Iterable[Node], inputs: set[Node]) -> dict[Node, Term]:
    """A term for every node, given in birth order; those in `inputs` stay symbols."""
    terms, of = Terms(forward), dict[Node, Term]()
    for node in nodes:
        if node in inputs:
            of[node] = Term("input", (), {}, node.shape)
        elif not node.args:
            of[node] = terms.constant(node._value)
        else:
            args = tuple([of[a] for a in node.args])
            of[node] = terms.make(node.op, args, node.params, node.shape)
    return of


def wishes(
    graph: Graph, term_of: Mapping[Node, Term], grad_of: Mapping[Node, Node]
) -> dict[Term, str]:
    """The names terms would like: the learner's own for nodes, d and that name for gradients."""
    wanted: dict[Term, str] = {}
    for node in graph.nodes:
        if node.name and node.args:
            wanted.setdefault(term_of[node], node.name)
    for node in sorted(graph.nodes, key=lambda n: not n.args):  # a gate's gradient before a leaf's
        if node.name:
            wanted.setdefault(term_of[grad_of[node]], f"d{node.name}")
    return wanted


@dataclass
class Listing:
    """The text of forward_backward, what has to stand before it, and where to find what.

    Lines are counted from 0, the `def`. A gradient that was folded into others has no line; one
    that needs no line, being another term already, stands where that term does.
    """

    text: str
    before: str  # imports and constants the text needs; "" if none
    bound: dict[str, Any]  # the values of all its free names but np
    value: str  # how the result is written where it is returned
    results: dict[str, str]  # the label of each gradient, and how it is written there
    inputs: dict[str, Node]  # the name of each argument, and the node it stands for
    values: dict[Node, int]  # node -> the line that computes its value
    gradients: dict[Node, int]  # node -> the line that computes the gradient with respect to it
    written: dict[Node, str]  # node -> what that gradient is called, or how it is written


def write(graph: Graph, wrt: Sequence[Node], read: bool = True) -> Listing:
    """The text of forward_backward, and what a reader or a compiler needs beside it.

    What nobody will `read` gets no line for the sake of its name.
    """
    for node in wrt:
        graph.own(node)
    # what the code takes: the leaves to train, then the constants that have a name
    named = [n for n in graph.nodes if n.op == "const" and n.name and n is not graph.result]
    inputs = [*graph.leaves, *named]
    grad_of, asked = gradient_nodes(graph, wrt), set(wrt)
    wanted = [grad_of[n] for n in graph.nodes if n.name or n in asked]
    everything = reachable(Node(0.0, "all", (graph.result, *wanted)))[:-1]
    term_of = terms_of(everything, set(inputs))
    outputs = [term_of[graph.result], *(term_of[grad_of[node]] for node in wrt)]

    writer = Writer(TABLE)
    names = {node: writer.fresh(node.name or "x") for node in inputs}
    writer.text = {term_of[node]: (name, ATOM) for node, name in names.items()}
    live = needed(outputs)
    write_lines(writer, live, outputs, wishes(graph, term_of, grad_of) if read else {})

    data = {name: node._value for node, name in names.items() if node.op == "const"}
    header = ", ".join(f"{name}={name}" if name in data else name for name in names.values())
    value, *grads = own(writer, outputs)
    results = dict(zip(labels(wrt, names), grads, strict=True))
    returned = f"return {value}, {spelled_dict(results)}"
    lines = [f"def forward_backward({header}):", *writer.lines, returned]
    text = "\n    ".join(lines) + "\n"
    where = places(writer, live, outputs)
    of_value = {n: term_of[n] for n in graph.nodes if n in term_of}
    of_grad = {n: term_of[g] for n, g in grad_of.items() if g in term_of}
    constants = writer.constants | data
    functions = {name: forward(op) for op, name in writer.functions.items()}
    return Listing(
        text=text,
        before=preamble(text, writer.functions, constants),
        bound=functions | constants,
        value=value,
        results=results,
        inputs={name: node for node, name in names.items()},
        values={n: 1 + where[term] for n, term in of_value.items() if term in where},
        gradients={n: 1 + where[term] for n, term in of_grad.items() if term in where},
        written={n: writer.text[t][0] for n, t in of_grad.items() if t in writer.text},
    )


def spelled_dict(texts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{k!r}: {text}' for k, text in texts.items())}}}"


def gradient_nodes(graph: Graph, wrt: Sequence[Node]) -> dict[Node, Node]:
    """The gradient of the result with respect to every node, as nodes."""
    with recorded():
        seed = Node(read_seed(graph.result, None), "const")
        found = gradients(graph.result, seed, nodes=True)
    check_gradients(graph.result, found.get, wrt)
    return found


def write_lines(
    writer: Writer, live: list[Term], outputs: list[Term], wanted: Mapping[Term, str]
) -> None:
    """Every term the outputs need, in its place."""
    uses = Counter(outputs) + Counter(arg for term in live for arg in term.args)
    for term in live:
        if term not in writer.text:
            writer.write(term, uses[term], wanted.get(term, ""))


def own(writer: Writer, outputs: Sequence[Term]) -> Iterator[str]:
    """How each output is written: an array is nobody else's, so that it may be changed in place,
    and a number no array without axes, as NumPy may leave it."""
    seen: set[Term] = set()
    for term in outputs:
        moved = term.op in MOVES and any(a.shape for a in term.args)
        shared = term.shape and (term in seen or term.op in {*MOVES, "input", "const"})
        seen.add(term)
        yield writer.text[term][0] + (".copy()" if shared else ".item()" if moved else "")


def labels(wrt: Sequence[Node], names: Mapping[Node, str]) -> list[str]:
    """What each gradient is filed under: its node's name, and every label once."""
    found: dict[str, None] = {}
    last = Counter[str]()  # of each wish: where the search for a number goes on
    for node in wrt:
        wish = label = str(node.name or names.get(node, "node"))
        while label in found:
            last[wish] += 1
            label = f"{wish}_{1 + last[wish]}"
        found[label] = None
    return [*found]


def places(writer: Writer, live: list[Term], outputs: list[Term]) -> dict[Term, int]:
    """On which line a term stands, counted from the first after the `def`."""
    where = dict.fromkeys(outputs, len(writer.lines)) | writer.line
    for term in reversed(live):  # what has no line of its own stands in that of its only user
        for arg in term.args if term in where else ():
            where.setdefault(arg, where[term])
    # inputs and constants are named where the function begins
    return where | {term: -1 for term in live if not term.args}


def preamble(text: str, functions: Mapping[str, str], constants: Mapping[str, Any]) -> str:
    """What makes the text run by itself: imports, and its constants written out."""
    lines = []
    for op, name in functions.items():
        public, row = "backpropkit", "backpropkit.engine.rules"
        module = public if op in __all__ else row if op in TABLE else num.__name__
        lines.append(f"from {module} import {op}{'' if name == op else f' as {name}'}")
    lines += [f"{name} = {spelled(value)}" for name, value in constants.items()]
    if any("np." in line for line in (text, *lines)):
        lines.insert(0, "import numpy as np")
    return "".join(f"{line}\n" for line in lines) + ("\n\n" if lines else "")


def compiled(graph: Graph, wrt: Sequence[Node]) -> Callable[..., Any]:
    """That text as a function, which takes values of the shapes that were recorded only."""
    listing = write(graph, wrt, read=False)
    header, *body = listing.text.splitlines()
    # names no listing has: a node's name that begins so would have to be meant
    reading = {f"__read_{name}": reader(name, node) for name, node in listing.inputs.items()}
    namespace: dict[str, Any] = {
        "np": NUMPY,
        "__float": float,
        "__real": {float, np.float64},
        "__dot": np.vdot,
        "__errors": ERRORS,
    }
    namespace |= reading | listing.bound
    shaped = any(callable(x) or np.ndim(x) for x in listing.bound.values())
    shaped = shaped or any(node.shape for node in listing.inputs.values())
    plain = (" > ", " >= ", " == ", " != ", "np.")  # what makes a number of one that is none
    arithmetic = not shaped and not any(sign in listing.text for sign in plain)
    *body, _ = body
    body += guarded_return(listing, [node.shape for node in wrt], arithmetic)
    checks = []
    for (name, node), read in zip(listing.inputs.items(), reading, strict=True):
        strange = "" if node.shape else f"if {name}.__class__ is not __float: "
        checks.append(f"    {strange}{name} = {read}({name})")
    checks = [] if arithmetic else checks  # the result is looked at instead
    guarded = [header, *checks, "    try:", *(f"    {line}" for line in body)]
    guarded += ["    except __errors: pass", f"    return __slowly({', '.join(listing.inputs)})\n"]
    exec(compile("\n".join(guarded), "<forward_backward>", "exec"), namespace)
    made: Callable[..., Any] = namespace["forward_backward"]
    said = f"the compiled forward_backward({', '.join(listing.inputs)})"  # in Python's errors
    namespace["forward_backward"].__qualname__ = said
    engine = swept(graph, wrt, listing)
    fresh.clear()  # thousands of births would lie scattered between the numbers of every call

    def slowly(*given: Any) -> Any:
        values = [read(x) for read, x in zip(reading.values(), given, strict=True)]
        return engine(values) if all(map(real, given)) else made(*values)

    namespace["__slowly"] = slowly
    return made


def guarded_return(
    listing: Listing, shapes: Sequence[tuple[int, ...]], arithmetic: bool
) -> list[str]:
    """The lines that return the result and its gradients, if all of them are finite numbers.

    One quick sum is inf, nan or complex where one of them is. Of numbers, + − × ÷ make numbers: to
    look at the result is to look at all of them; and an argument times a number is no nan where
    the result is none.
    """
    lines, parts, texts = [f"    __value = {listing.value}"], ["__value"], {}
    made = dict(line.strip().split(" = ", 1) for line in listing.text.splitlines()[1:-1])
    smooth = arithmetic and not re.search(r"\*\*|/", listing.text)
    multiple = re.compile(rf"(?:-?\d[\d.]* \* |-)?(?:{'|'.join(listing.inputs)})")
    for i, ((label, text), shape) in enumerate(zip(listing.results.items(), shapes, strict=True)):
        meant = made.get(text, text)
        safe = bool(smooth and multiple.fullmatch(meant))
        name = text if safe or LITERAL_OR_NAME.fullmatch(text) else f"__g{i}"
        floats = shape or (arithmetic and "." in meant)  # a float makes floats of all it meets
        texts[label] = name if floats else f"__float({name})"
        if name != text:
            lines.append(f"    {name} = {text}")
        if name.isidentifier() and not safe:
            parts.append(f"__dot({name}, {name})" if shape else name)
    total = "__sum" if len(parts) > 1 else "__value"
    for i in range(0, len(parts) * (total == "__sum"), 50):  # Python does not nest thousands deep
        lines.append(f"    __sum = {' + '.join(['__sum'] * (i > 0) + parts[i : i + 50])}")
    finite = f"{total}.__class__ in __real and {total} - {total} == 0.0"
    if arithmetic:  # inf of numbers is as good as the engine's
        finite = f"__value.__class__ is __float and {total} == {total}"
    value = "__value" if arithmetic else "__float(__value)"  # NumPy's numbers are made Python's
    return [*lines, f"    if {finite}:", f"        return {value}, {spelled_dict(texts)}"]


def swept(graph: Graph, wrt: Sequence[Node], listing: Listing) -> Callable[[list[Any]], Any]:
    """What the engine itself makes of values that lead beyond finite numbers: they are rare, and
    which of them are refused, in which words, is its to say. The graph itself is not kept, nor
    anything the garbage collector would have to look at for every node."""
    place = {node: i for i, node in enumerate(graph.nodes)}
    rows = [
        (n.op, tuple([place[a] for a in n.args]), n.name, 0.0 if n.args else n._value)
        for n in graph.nodes
    ]
    params_of = {i: n.params for n, i in place.items() if n.params}
    given = [place[node] for node in listing.inputs.values()]
    wanted = {label: place[node] for label, node in zip(listing.results, wrt, strict=True)}
    graph_of = type(graph)

    def run(values: list[Any]) -> Any:
        held, made = dict(zip(given, values, strict=True)), list[Node]()
        with recorded():
            for i, (op, args, name, value) in enumerate(rows):
                below = tuple([made[a] for a in args])
                params = params_of.get(i, NO_PARAMS)
                node = record(op, below, params) if below else Node(held.get(i, value), op)
                made.append(node.named(name))
        again = graph_of(made[-1])
        found = {label: again.grads[made[i]] for label, i in wanted.items()}
        return again.result.value, {k: np.array(g) if np.ndim(g) else g for k, g in found.items()}

    return run


def real(x: Any) -> bool:
    """Whether x is a float or an array of floats, at a glance."""
    return x.__class__ is float or (x.__class__ is np.ndarray and x.dtype == np.float64)


def reader(name: str, node: Node) -> Callable[[Any], Any]:
    """What looks at a value given to a compiled function: of the right kind and shape."""
    shape = node.shape

    def read(given: Any) -> Any:
        # an array without axes is read as the number it is
        quick = shape and given.__class__ is np.ndarray
        if quick and given.shape == shape and given.dtype == np.float64:
            return given
        remedy = ": record and compile a graph of that shape"
        return read_like(given, f"the argument {name} of the compiled code", shape, remedy)

    return read
