"""Graph: all that lies below one result, to replay, nudge, step backward and follow paths in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.node import (
    LEAVES,
    TABLE,
    EngineError,
    Node,
    compute,
    describe,
    read_like,
    read_value,
    settle,
)
from ..engine.rules import ENTRYWISE, fit
from ..engine.sweep import (
    Meet,
    Rules,
    brought,
    check_fresh,
    check_gradients,
    check_numbers,
    check_rules,
    gates,
    gradients,
    meeting,
    reachable,
    read_seed,
)  # fmt: skip
from ..given import Taken, take
from ..terms.numerics import run

if TYPE_CHECKING:  # source, and the algebra below it, are loaded when a text is first asked for
    from .source import Listing

NEAR = 1e-4  # of a gradient: where another engine's differs by less, that is its arithmetic


@dataclass(frozen=True)
class Nudge:
    """What adding h to one node did to the result L: before, after, actual = after − before,
    predicted = Σ gradient·h, error = actual − predicted, and `moved`: the new value of every node
    that moved."""

    before: float
    after: float
    actual: float
    predicted: float
    error: float
    moved: dict[Node, Any]
    node: Node
    h: Any


@dataclass(frozen=True)
class Step:
    """One contribution of the backward sweep: what `node` hands back to `parent`, its argument.

    contribution = local × incoming; total is the parent's gradient so far. `local` is None where
    the local derivative is not a number or an array of the node's shape (a matrix product, say).
    """

    node: Node
    parent: Node
    position: int  # which argument of node the parent is
    local: Any
    incoming: Any
    contribution: Any
    total: Any


@dataclass(frozen=True)
class Path:
    """One way from a leaf to the result: its nodes, the local derivative of each step, and their
    product: what this path adds to the leaf's gradient."""

    nodes: tuple[Node, ...]
    locals: tuple[Any, ...]
    product: Any


def local_derivative(node: Node, position: int) -> Any:
    """∂node/∂argument as a number, or entry by entry; None where it is neither."""
    arg = node.args[position]
    if node.shape and (node.shape != arg.shape or node.op not in ENTRYWISE):
        return None
    return contributions(node, settle(np.ones(node.shape)))[position]


def contributions(node: Node, g: Any) -> list[Any]:
    """What a node hands back to each argument for the incoming gradient g."""
    try:
        parts = run(TABLE[node.op].gradient, (g, node._value, *node.inputs), node.params)
        pairs = zip(parts, node.args, strict=True)
        return [brought(part, arg.shape, fit, nodes=False) for part, arg in pairs]
    except (ArithmeticError, TypeError, ValueError) as error:
        raise EngineError(f"the gradient rule of {describe(node)} failed: {error}") from error


class Nodes(list[Node]):
    """A list in which a node is found as itself: == compares the values of nodes."""

    def __contains__(self, node: object) -> bool:
        return any(one is node for one in self)

    def index(self, node: Any, *_: Any) -> int:
        for i, one in enumerate(self):
            if one is node:
                return i
        what = describe(node) if isinstance(node, Node) else f"{node!r:.60}, no node,"
        raise EngineError(f"{what} is not among these {len(self)} nodes")

    def count(self, node: Any) -> int:
        return int(node in self)


class Gradients(dict[Node, Any]):
    """{node: gradient}, which says so of a node that is not in the graph."""

    def __missing__(self, node: Any) -> Any:
        what = describe(node) if isinstance(node, Node) else f"{node!r:.60}, no node,"
        raise EngineError(f"{what} is not in the graph, which has no gradient with respect to it")


def walked(leaf: Node, way: Any, product: Any) -> Path:
    """The path whose steps are (local derivative, node, the steps after it)."""
    nodes, locals_ = [leaf], []
    while way:
        local, node, way = way
        nodes.append(node)
        locals_.append(local)
    return Path(tuple(nodes), tuple(locals_), product)


class Graph:
    """All nodes below a result, arguments first.

    Args:
        given: the Node a computation ends in; or a function, with a number or an array for each of
            its arguments, in order or by name; or a formula as text, with numbers by name; or the
            last node of another engine, micrograd's or one's own, whose nodes have a number
            (`data`, `value`), children (`_prev`, `children`, `args`) and a label (`_op`, `op`). A
            function that is given torch tensors is run by torch, and its ops recorded.

    Attributes:
        result: the node the graph ends in.
        nodes: all its nodes, in birth order.
        leaves: those to train (made by `var`), in birth order.
        grads: {node: gradient of the result}, computed by a sweep of its own; `.grad` is untouched.
        theirs: {node: gradient}, of the other engine where the graph came from one.
        parting: the first node, in the order of the sweep, where those two differ; None if nowhere.

    `asked` are the questions an `if` was decided by, where the graph is a function's; `whose` says
    in words which other engine it came from.

    Raises EngineError for what cannot be read as a graph, if two nodes share a name, or if nan
    appeared in the forward pass; and so do its methods once a leaf was given a new value: the
    numbers they would use are old. TypeError for numbers that do not fit a function's arguments.

    >>> from backpropkit import var
    >>> a, b, c = var(5.0, "a"), var(3.0, "b"), var(2.0, "c")
    >>> J = (3.0 * (a + b * c)).named("J")
    >>> g = Graph(J)
    >>> g.nudge(b, 0.001).predicted
    0.006
    >>> Graph("(a*b + c)**2", a=2, b=-3, c=4).result.value
    4.0
    """

    def __init__(self, given: Any, /, *numbers: Any, **values: Any) -> None:
        read = isinstance(given, Taken)  # by an explorer
        taken = given if read else take(given, numbers, values, "Graph")[0]
        result = taken.result
        self.result, self.asked = result, taken.asked
        self.theirs, self.whose = dict(taken.theirs), taken.whose
        self.nodes = Nodes(reachable(result))
        self.leaves = Nodes(n for n in self.nodes if n.op == "var")
        self._members = set(self.nodes)
        self._grads: dict[Node, Any] | None = None
        named: dict[str, Node] = {}
        for node in self.nodes:
            if node.name and node.name in named:
                raise EngineError(
                    f"two nodes are called {node.name!r}: {describe(named[node.name])} and "
                    f"{describe(node)}; give one of them another name"
                )
            named[node.name] = node
        check_numbers(result)

    @property
    def grads(self) -> dict[Node, Any]:
        check_fresh(self.result)
        if self._grads is None:
            found = gradients(self.result, read_seed(self.result, None))
            grads = Gradients((node, settle(g)) for node, g in found.items())
            check_gradients(self.result, grads.get, self.leaves)
            self._grads = grads
        return self._grads

    @property
    def parting(self) -> Node | None:
        return next((node for node in reversed(self.nodes) if self.parts_at(node)), None)

    def parts_at(self, node: Node) -> bool:
        """Whether the other engine has another gradient here, beyond rounding."""
        if node not in self.theirs:
            return False
        ours, theirs = self.grads[node], self.theirs[node]
        floor = (
            NEAR * 1e-3 * max(float(np.max(np.abs(g), initial=0.0)) for g in self.grads.values())
        )
        return not np.allclose(theirs, ours, rtol=NEAR, atol=floor)

    def __repr__(self) -> str:
        count = len(self.nodes)
        return f"<Graph of {describe(self.result)}, {count} node{'s' * (count != 1)}>"

    def own(self, node: Node) -> Node:
        """The node, if it is one of these; EngineError otherwise."""
        check_fresh(self.result)
        if not isinstance(node, Node):
            raise EngineError(f"a node of the graph is needed here, not {node!r:.60}")
        if node not in self._members:
            raise EngineError(f"{describe(node)} is not in the graph of {describe(self.result)}")
        return node

    def _changes(self, changes: Any) -> Iterable[tuple[Node, Any]]:
        check_fresh(self.result)
        if not isinstance(changes, Mapping):
            raise EngineError(f"{{node: value}} is needed here, not {changes!r:.60}")
        return changes.items()

    def replay(self, changes: Mapping[Node, Any]) -> dict[Node, Any]:
        """The value of every node if some were held at other values.

        Only what lies downstream of a change is computed again. What is held stays held, whatever
        its arguments do. Branches an `if` took while recording are not taken anew.

        Raises EngineError for a node that is not in the graph or a value of another shape.
        """
        held = {
            node: read_like(given, f"replay of {describe(self.own(node))}", node.shape)
            for node, given in self._changes(changes)
        }
        values: dict[Node, Any] = {}
        moved = set(held)
        for node in self.nodes:
            if node in held:
                values[node] = held[node]
            elif moved.isdisjoint(node.args):
                values[node] = node._value
            else:
                moved.add(node)
                inputs = [values[a] for a in node.args]
                values[node] = compute(node.op, node.args, inputs, node.params)
        return values

    def at(self, changes: Mapping[Node, Any]) -> Graph:
        """The graph a forward pass with these leaf values makes: new nodes, same names, same order.

        `at(changes).nodes[i]` corresponds to `nodes[i]`. Values given to nodes that are not leaves
        are lost: the forward pass computes them again.
        """
        changed = self._changes(changes)
        leaves = {node: value for node, value in changed if self.own(node).op in LEAVES}
        values = self.replay(leaves)
        fresh: dict[Node, Node] = {}
        for node in self.nodes:
            args = tuple(fresh[a] for a in node.args)
            inputs = tuple(values[a] for a in node.args)
            fresh[node] = Node(values[node], node.op, args, inputs, node.params, node.name)
        return Graph(fresh[self.result])

    def nudge(self, node: Node, h: Any) -> Nudge:
        """Hold `node` at its value + h, recompute what lies downstream, compare with the gradient.

        h is a number (added to every entry of a matrix node) or an array of the node's shape; it is
        finite.
        """
        if self.result.shape:
            raise EngineError(
                f"a nudge is seen on a single number, and {describe(self.result)} is not one"
            )
        h = read_value(h, "the nudge h")
        if not np.isfinite(h).all():
            raise EngineError(f"a nudge is finite, and h={h!r:.60} was given")
        if np.ndim(h):
            h = read_like(h, f"the nudge h of {describe(self.own(node))}", node.shape)
        values = self.replay({node: self.own(node)._value + h})
        before, after = self.result._value, values[self.result]
        predicted = float(np.sum(self.grads[node] * h))
        actual = after - before
        moved = {
            n: v for n, v in values.items() if v is not n._value and not np.array_equal(v, n._value)
        }
        return Nudge(before, after, actual, predicted, actual - predicted, moved, node, h)

    def steps(
        self,
        rules: Rules | None = None,
        meet: Meet = "add",
        seed: Any = None,
    ) -> list[Step]:
        """Every contribution of the backward sweep, in the order the sweep makes them.

        To watch a wrong idea run, `rules` replaces rows of the table, {op name: rule}, or
        the rule of one node, {node: rule}, for this sweep, `meet` says
        what happens where two contributions meet, and `seed` is what the sweep starts from, as in
        `backward`. The local derivatives stay the right ones.

        Raises EngineError where a wrong rule does not even fit the shapes, or is nobody's.

        >>> from backpropkit import var
        >>> s = var(2.0, "s")
        >>> [step.contribution for step in Graph(s * s + s).steps()]
        [1.0, 1.0, 2.0, 2.0]
        """
        check_fresh(self.result)
        check_rules(rules or {})
        meets = meeting(meet)
        found: list[Step] = []
        totals: dict[Node, Any] = {}

        def watch(node: Node, parts: Any) -> None:
            for position, (parent, part) in enumerate(zip(node.args, parts, strict=True)):
                part = brought(part, parent.shape, fit, nodes=False)
                totals[parent] = meets(totals[parent], part) if parent in totals else part
                local = local_derivative(node, position)
                step = Step(node, parent, position, local, node._grad, part, totals[parent])
                found.append(step)

        seed = read_seed(self.result, seed)
        gradients(self.result, seed, rules=rules, meet=meets, watch=watch)
        return found

    def paths(self, leaf: Node) -> Iterator[Path]:
        """Every path from `leaf` to the result, one at a time: there can be 2ⁿ of them.

        >>> from backpropkit import var
        >>> s = var(2.0, "s")
        >>> [p.product for p in Graph(s**2 * (3.0 * s)).paths(s)]
        [24.0, 12.0]
        """
        counts = self._counts(self.own(leaf))
        start = read_seed(self.result, None)
        # a stack, not recursion: (a node, what arrives there, the way it came: local and the rest)
        waiting: list[tuple[Node, Any, Any]] = [(self.result, start, None)]
        while waiting:
            node, g, way = waiting.pop()
            if node is leaf:
                yield walked(leaf, way, g)
                continue
            parts = contributions(node, g)
            for position in reversed(range(len(parts))):
                arg = node.args[position]
                if counts[arg]:
                    local = local_derivative(node, position)
                    waiting.append((arg, parts[position], (local, node, way)))

    def source(self) -> str:
        """Python text: def forward_backward(leaves…): … return value, {leaf: gradient}.

        It runs as it stands: what it needs is imported, and written out, before the `def`. It is
        code to read, as one writes it by hand: whether what it is given has the recorded shape, and
        what comes out a meaning (an inverse of a nearly singular matrix has none), is looked at by
        `compile` only.

        >>> from backpropkit import var
        >>> a, b = var(2.0, "a"), var(-3.0, "b")
        >>> print(Graph((a * b).named("L")).source())
        def forward_backward(a, b):
            L = a * b
            return L, {'a': b, 'b': a}
        <BLANKLINE>
        """
        listing = self.listing()
        return listing.before + listing.text

    def listing(self) -> Listing:
        """The same text, with the line on which each value and each gradient is computed."""
        from .source import write

        check_fresh(self.result)
        return write(self, self.leaves)

    def compile(self, wrt: Any = None) -> Callable[..., Any]:
        """The same text as a function: leaf values in, (value, {leaf: gradient}) out.

        The gradients are with respect to `wrt`, a node or several; the leaves to train if None.

        Branches an `if` took while recording are not taken anew. Values of another shape than the
        recorded one are refused, and so are those that lead to nan: EngineError, as from
        `backward`. inf is a value like others. Gradients that are arrays may be changed in place.
        """
        from .source import compiled

        check_fresh(self.result)
        if wrt is None:
            wrt = self.leaves
        return compiled(self, [*wrt] if isinstance(wrt, (list, tuple, set)) else [wrt])

    def _counts(self, leaf: Node) -> dict[Node, int]:
        """How many paths lead from `leaf` to each node."""
        counts: dict[Node, int] = {}
        for node in self.nodes:
            counts[node] = 1 if node is leaf else sum(counts[a] for a in node.args)
        return counts

    def count_paths(self, leaf: Node) -> int:
        """How many paths there are, counted without listing them."""
        return self._counts(self.own(leaf))[self.result]


def cached_bytes(result: Node) -> int:
    """Bytes of the values a recorded graph keeps for its backward pass, by what each row saves.

    A number counts 8 bytes; a value several rules read is kept, and counted, once.

    >>> from backpropkit import var
    >>> x = var(np.ones(1000))
    >>> cached_bytes((x * x).sum()), cached_bytes((x + x).sum())
    (8000, 0)
    """
    if not isinstance(result, Node):
        raise EngineError(f"cached_bytes is of a Node, not of {result!r:.60}")
    kept: set[Node] = set()
    for node in gates(result):
        values = dict(zip("abc", node.args, strict=False), y=node)
        kept.update(values[letter] for letter in TABLE[node.op].saves)
    return 8 * sum(node.size for node in kept)
