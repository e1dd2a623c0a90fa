"""Source: a graph and its gradient as straight-line Python, to read, and to run at its speed."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra import Term, Terms, multiple_of_identity, needed
from .node import FORWARDS, TABLE, EngineError, Node, describe
from .sweep import gradients, reachable, read_seed

if TYPE_CHECKING:
    from .graph import Graph

LONGEST = 60  # characters an unnamed term may take inside another before it gets a line of its own
ATOM = 9  # binds tighter than any operator


@dataclass
class Writer:
    """Lines of Python, and the text each term goes by."""

    lines: list[str] = field(default_factory=list)
    text: dict[Term, tuple[str, int]] = field(default_factory=dict)  # and how tightly it binds
    taken: set[str] = field(default_factory=set)
    bound: dict[str, Any] = field(default_factory=dict)  # names the code needs from outside
    line: dict[Term, int] = field(default_factory=dict)  # on which of the lines a term stands

    def fresh(self, wish: str) -> str:
        """`wish` as an identifier nobody has yet."""
        wish = re.sub(r"\W", "_", wish) or "t"
        wish = f"_{wish}" if wish[0].isdigit() or keyword.iskeyword(wish) else wish
        name, k = wish, 1
        while name in self.taken:
            k += 1
            name = f"{wish}_{k}"
        self.taken.add(name)
        return name

    def write(self, term: Term, uses: int, wish: str) -> None:
        """Settle how a term is written: where it stands, or on a line of its own under a name."""
        if term.op == "const":
            self.text[term] = self.constant(term)
            return
        text, binds = self.expression(term)
        if not wish and uses == 1 and len(text) <= LONGEST:
            self.text[term] = text, binds
            return
        name = self.fresh(wish or f"t{len(self.lines) + 1}")
        self.line[term] = len(self.lines)
        self.lines.append(f"{name} = {text}")
        self.text[term] = name, ATOM

    def constant(self, term: Term) -> tuple[str, int]:
        if term.number.__class__ is float and np.isfinite(term.number):
            return repr(term.number), ATOM if term.number >= 0 else TABLE["neg"].binds
        name = self.fresh("C" if multiple_of_identity(term) != 1.0 else "I")
        self.bound[name] = term.number
        return name, ATOM

    def expression(self, term: Term) -> tuple[str, int]:
        if term.op not in TABLE:
            return self.call(term, ""), ATOM
        row = TABLE[term.op]
        numbers = row.source.startswith("np.") and not any(a.shape for a in term.args)
        if "{" not in row.source or numbers or term.params.get("axes"):
            return self.call(term, "" if numbers else row.source), ATOM
        parts = []
        for position, arg in enumerate(term.args):
            text, binds = self.text[arg]
            loose = binds < row.binds or (binds == row.binds and (position or row.binds == 4))
            parts.append(f"({text})" if loose else text)
        params = {name: self.literal(value) for name, value in term.params.items()}
        return row.source.format(*parts, **params), row.binds

    def literal(self, param: Any) -> str:
        """A parameter as text: indices read as they are written, arrays go by a name."""
        if isinstance(param, np.ndarray):
            name = self.fresh("C")
            self.bound[name] = param
            return name
        if isinstance(param, tuple) and param:
            return ", ".join(map(self.literal, param)) + ("," if len(param) == 1 else "")
        if isinstance(param, slice):
            ends = ["" if end is None else repr(end) for end in (param.start, param.stop)]
            return ":".join(ends) + ("" if param.step is None else f":{param.step!r}")
        return repr(param)

    def call(self, term: Term, function: str) -> str:
        """A call of NumPy's function, or, without one, of the kit's own (quick on floats)."""
        given = [self.text[a][0] for a in term.args]
        if not function:
            self.bound[term.op] = FORWARDS[term.op]
        elif term.op in ("stack", "concatenate"):
            given = [f"[{', '.join(given)}]"]
        for name, value in term.params.items():
            if not function or not (value is None or value is False):
                text = self.literal(value) if name != "index" else f"np.s_[{self.literal(value)}]"
                given.append(f"{name}=({text})" if isinstance(value, tuple) else f"{name}={text}")
        return f"{function or term.op}({', '.join(given)})"


def inputs_of(graph: Graph) -> list[Node]:
    """What generated code takes: the leaves to train, then the constants that have a name."""
    named = [n for n in graph.nodes if n.op == "const" and n.name and n is not graph.result]
    return [*graph.leaves, *named]


def terms_of(nodes: Iterable[Node], inputs: set[Node]) -> dict[Node, Term]:
    """A term for every node, given in birth order; those in `inputs` stay symbols."""
    terms, of = Terms(FORWARDS), dict[Node, Term]()
    for node in nodes:
        if node in inputs:
            of[node] = Term("input", (), {}, node.shape)
        elif not node.args:
            of[node] = terms.constant(node.value)
        else:
            of[node] = terms.make(
                node.op, tuple([of[a] for a in node.args]), node.params, node.shape
            )
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
    """The text of forward_backward, the values its free names stand for, and where to find what.

    Lines are counted from 0, the `def`. A gradient that was folded into others has no line; one
    that needs no line, being another term already, stands where that term does.
    """

    text: str
    bound: dict[str, Any]
    values: dict[Node, int]  # node -> the line that computes its value
    gradients: dict[Node, int]  # node -> the line that computes the gradient with respect to it
    written: dict[Node, str]  # node -> what that gradient is called, or how it is written


def write(graph: Graph, wrt: Sequence[Node]) -> Listing:
    """The text of forward_backward, and what a reader or a compiler needs beside it."""
    if strangers := [node for node in wrt if node not in graph.nodes]:
        raise EngineError(
            f"{describe(strangers[0])} is not in the graph of {describe(graph.result)}"
        )
    inputs = inputs_of(graph)
    grad_of = gradients(graph.result, Node(read_seed(graph.result, None), "const"), nodes=True)
    wanted_grads = [grad_of[n] for n in graph.nodes if n.name or n in wrt]
    everything = reachable(Node(0.0, "all", (graph.result, *wanted_grads)))[:-1]
    term_of = terms_of(everything, set(inputs))
    outputs = [term_of[graph.result], *(term_of[grad_of[node]] for node in wrt)]
    wanted = wishes(graph, term_of, grad_of)

    writer = Writer()
    names = {node: writer.fresh(node.name or "x") for node in inputs}
    writer.text = {term_of[node]: (name, ATOM) for node, name in names.items()}
    live = needed(outputs)
    uses = Counter(outputs) + Counter(arg for term in live for arg in term.args)
    for term in live:
        if term not in writer.text:
            writer.write(term, uses[term], wanted.get(term, ""))

    data = {name: node.value for node, name in names.items() if node.op == "const"}
    header = ", ".join(f"{name}={name}" if name in data else name for name in names.values())
    value, *grads = (writer.text[term][0] for term in outputs)
    labels = [names.get(node, node.name) for node in wrt]
    pairs = ", ".join(f"{label!r}: {g}" for label, g in zip(labels, grads, strict=True))
    lines = [f"def forward_backward({header}):", *writer.lines, f"return {value}, {{{pairs}}}"]
    where = dict.fromkeys(outputs, len(writer.lines)) | writer.line
    for term in reversed(live):  # what has no line of its own stands in that of its only user
        for arg in term.args if term in where else ():
            where.setdefault(arg, where[term])
    for term in live:
        if not term.args:  # inputs and constants are named where the function begins
            where[term] = -1
    return Listing(
        text="\n    ".join(lines) + "\n",
        bound={**writer.bound, **data},
        values=_found(where, term_of, {node: node for node in graph.nodes}),
        gradients=_found(where, term_of, grad_of),
        written={
            node: writer.text[term_of[g]][0]
            for node, g in grad_of.items()
            if g in term_of and term_of[g] in writer.text
        },
    )


def _found(
    where: Mapping[Term, int], term_of: Mapping[Node, Term], asked: Mapping[Node, Node]
) -> dict[Node, int]:
    """For each node the line, counted from the `def`, on which the node asked for stands."""
    terms = {node: term_of[wanted] for node, wanted in asked.items() if wanted in term_of}
    return {node: 1 + where[term] for node, term in terms.items() if term in where}


def compiled(graph: Graph, wrt: Sequence[Node]) -> Callable[..., Any]:
    """That text as a function."""
    listing = write(graph, wrt)
    namespace: dict[str, Any] = {"np": np, **listing.bound}
    exec(compile(listing.text, "<forward_backward>", "exec"), namespace)
    made: Callable[..., Any] = namespace["forward_backward"]
    return made
