"""What a picture says, as text: read once from a graph and a nudge, then drawn, spoken and tabled.

The drawing, its description, the sentence below it and the table all come from the same Facts, so
they cannot disagree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from math import isfinite

import numpy as np

from ..engine.node import TABLE, Node
from ..graphs.graph import Graph, Nudge
from . import numbers

KINDS = {"var": "leaf", "const": "constant"}
INFIX = frozenset("+−×÷@")
COMPARED = frozenset(">≥=≠")
SUFFIXES = frozenset(("ᵀ", "⁻¹"))
SUPERSCRIPTS = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")
ROUNDING = float(np.finfo(float).eps)
STEPS = (*(float(f"{m}e{k}") for k in range(-8, 0) for m in (1, 3)), 1.0)  # of h


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One node as a picture shows it."""

    name: str
    kind: str  # leaf, constant or gate
    symbol: str  # of its op, for a gate
    made: str  # "a × b", for a gate
    shape: str  # "2×3", or "" for a number
    value: str
    delta: str  # "+ 0.5"; "" where nothing moved
    lost: bool  # this change was written, and lost
    grad: str  # "−2"; "" for a constant


@dataclass(frozen=True, slots=True)
class Move:
    """A nudge in numbers: h added to one node (one `entry` of an array), what L made of it."""

    node: int
    entry: str  # "[0, 1]", or "" for a number
    h: float
    slope: float  # ∂L/∂node, of that entry
    actual: float
    predicted: float
    held: bool  # an intermediate node, held: the arrows into it are cut
    written: bool  # an intermediate node, written, then lost in the forward pass
    rounding: float  # an error below this is rounding

    @property
    def error(self) -> float:
        return self.actual - self.predicted


@dataclass(frozen=True, slots=True)
class Facts:
    """A graph, and perhaps a nudge, as a picture tells it; nodes in birth order."""

    nodes: tuple[NodeFacts, ...]
    args: tuple[tuple[int, ...], ...]
    locals: dict[tuple[int, int], str]  # (node, argument number): the local derivative, "−3"
    moved: frozenset[int]
    move: Move | None

    @property
    def result(self) -> str:
        return self.nodes[-1].name


def read(graph: Graph, nudge: Nudge | None = None, written: bool = False) -> Facts:
    """Everything a picture of this graph says.

    With `written` the nudge is told as a write that a forward pass then recomputed: nothing moved.
    """
    place = {node: i for i, node in enumerate(graph.nodes)}
    after = nudge.moved if nudge and not written else {}
    lost = {nudge.node: nudge.node.value + nudge.h} if nudge and written else {}
    shown = {**after, **lost}
    called = names(graph.nodes)
    seen = []
    for i, node in enumerate(graph.nodes):
        seen.append(
            NodeFacts(
                name=called[i],
                kind=KINDS.get(node.op, "gate"),
                symbol=symbol(node),
                made=made(node, [called[place[arg]] for arg in node.args]),
                shape=numbers.shape(node.value),
                value=(numbers.length if node in shown else numbers.whole)(node.value),
                delta=numbers.change(node.value, shown[node]) if node in shown else "",
                lost=node in lost,
                grad="" if node.op == "const" else numbers.whole(graph.grads[node]),
            )
        )
    return Facts(
        nodes=tuple(seen),
        args=tuple(tuple(place[arg] for arg in node.args) for node in graph.nodes),
        locals=local_derivatives(graph, place),
        moved=frozenset(place[node] for node in after),
        move=_move(graph, nudge, place[nudge.node], written) if nudge else None,
    )


def _move(graph: Graph, nudge: Nudge, node: int, written: bool) -> Move:
    h, entry, slope = nudge.h, "", graph.grads[nudge.node]
    if nudge.node.shape:
        pushed = np.broadcast_to(h, nudge.node.shape)
        where = np.argwhere(pushed)
        entry = f"[{', '.join(str(k) for k in where[0].tolist())}]" if len(where) == 1 else "[…]"
        h = float(pushed.flat[np.argmax(np.abs(pushed))])
        slope = nudge.predicted / h if h else 0.0
    gate = bool(graph.nodes[node].args)
    return Move(
        node=node,
        entry=entry,
        h=h,
        slope=slope,
        actual=0.0 if written else nudge.actual,
        predicted=nudge.predicted,
        held=gate and not written,
        written=written,
        rounding=4 * ROUNDING * max(abs(graph.nodes[-1].value), abs(nudge.predicted)),
    )


def names(nodes: Sequence[Node]) -> list[str]:
    """Every node's own name; else a constant's value, L for the result, v1, v2 … for the rest."""
    given = {node.name for node in nodes}
    free = (name for k in count(1) if (name := f"v{k}") not in given)
    called = []
    for node in nodes:
        if node.name:
            called.append(node.name)
        elif node.op == "const":
            called.append(numbers.whole(node.value))
        elif node is nodes[-1] and "L" not in given:
            called.append("L")
        else:
            called.append(next(free))
    return called


def symbol(node: Node) -> str:
    """What stands in a gate's corner: +, ×, exp, x²."""
    if node.op in KINDS:
        return ""
    if node.op == "power":
        return "x" + f"{node.params['n']:g}".translate(SUPERSCRIPTS)
    sign = TABLE[node.op].symbol or node.op
    return f"x{sign}" if sign in SUFFIXES else sign


def made(node: Node, args: Sequence[str]) -> str:
    """How a gate was computed, for a sentence: "a × b", "exp(z)"."""
    sign = symbol(node)
    if not sign:
        return ""
    if sign in INFIX | COMPARED and len(args) == 2:
        return f"{args[0]} {sign} {args[1]}"
    if len(args) == 1 and sign[0] == "x":
        return args[0] + sign[1:]
    return f"{node.op}({', '.join(args)})"


def local_derivatives(graph: Graph, place: dict[Node, int]) -> dict[tuple[int, int], str]:
    """The local derivative on every wire whose two ends are numbers, constants left out."""
    found: dict[tuple[int, int], str] = {}
    for step in graph.steps():
        if step.parent.op != "const" and isinstance(step.local, float):
            found[place[step.node], step.position] = numbers.number(step.local, 3)
    return found


def sentence(facts: Facts) -> str:
    """What the nudge did, in words: the caption, and what a screen reader announces."""
    move, L = facts.move, facts.result
    if move is None:
        return f"{L} = {facts.nodes[-1].value}."
    node = facts.nodes[move.node]
    name = node.name + move.entry
    step = f"{'−' if move.h < 0 else '+'} {numbers.number(abs(move.h), 3)}"
    slope, predicted = numbers.number(move.slope), numbers.number(move.predicted)
    foreseen = f"the gradient predicts {slope} × {numbers.number(move.h, 3)} = {predicted}"
    if move.written:
        return (
            f"You wrote {name} {step}, then forward() computed {node.name} = {node.made} again: "
            f"your write was lost, Δ{L} = 0 ({foreseen})."
        )
    opening = f"{name} {step}"
    if move.held:
        opening += f", held: the arrows into {node.name} are cut"
    return f"{opening}. {L} changes by {numbers.number(move.actual)}; {foreseen}. {error(move)}."


def error(move: Move) -> str:
    """The gap between what happened and what was predicted, and what to think of it.

    In per cent of the actual change; "rounding" where the arithmetic cannot do better.
    """
    if not isfinite(move.error):
        return "No number comes out: the function is not defined there"
    gap = f"Error {numbers.number(abs(move.error), 3)}"
    if abs(move.error) <= move.rounding:
        return gap if move.error == 0 else f"{gap}: rounding, nothing else"
    if abs(move.actual) <= ROUNDING * abs(move.predicted):
        return f"{gap}: all of the prediction"
    times = abs(move.error / move.actual)
    share = f"{numbers.number(times, 2)} times the change"
    if times < 10:
        share = f"{numbers.number(100 * times, 2)} % of the change"
    return f"{gap}, {share}"


def description(facts: Facts) -> str:
    """The whole picture in words, for who cannot see it."""
    told = [f"Computation graph of {facts.result}, {numbers.counted(len(facts.nodes), 'node')}."]
    for node in facts.nodes:
        if node.kind != "constant":
            made = f" = {node.made}" if node.made else f", {node.kind}"
            told.append(
                f"{node.name}{made}: {f'{node.shape} ' if node.shape else ''}"
                + f"{node.value} {_change(node)}".rstrip()
                + f", ∂{facts.result}/∂{node.name} = {node.grad}."
            )
    return " ".join([*told, sentence(facts)])


def _change(node: NodeFacts) -> str:
    return f"({node.delta} was lost)" if node.lost else node.delta


def table(facts: Facts) -> str:
    """The same facts as an HTML table; a column of which every cell is empty is left out."""
    rows = []
    for i, node in enumerate(facts.nodes):
        wires = ", ".join(
            f"∂{node.name}/∂{facts.nodes[j].name} = {facts.locals[i, slot]}"
            for slot, j in enumerate(facts.args[i])
            if (i, slot) in facts.locals
        )
        rows.append(
            {
                "node": node.name,
                "made by": node.made or node.kind,
                "shape": node.shape,
                "value": node.value,
                "change": _change(node) or "none" * bool(facts.move),
                f"∂{facts.result}/∂node": node.grad,
                "local derivatives": wires,
            }
        )
    head = [title for title in rows[0] if any(row[title] for row in rows)]
    return (
        f'<table class="bp bp-table"><caption>{escape(sentence(facts))}</caption><thead><tr>'
        + "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
        + f"</tr></thead><tbody>{''.join(_row(row, head) for row in rows)}</tbody></table>"
    )


def _row(row: dict[str, str], head: Sequence[str]) -> str:
    name, *rest = (escape(row[title]) for title in head)
    cells = "".join(f"<td>{cell}</td>" for cell in rest)
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def error_curve(
    graph: Graph, nudge: Nudge, steps: Iterable[float], written: bool = False
) -> list[tuple[float, float]]:
    """(h, |actual − predicted|) for the same node (and entry) nudged by other h.

    A write that is lost changes nothing, so its error is the whole prediction. Steps at which the
    function is not defined are left out; a nudge by 0 has no direction and no curve.
    """
    size = float(np.max(np.abs(nudge.h)))
    if size == 0:
        return []
    unit = nudge.h / size
    curve = []
    for h in steps:
        gap = nudge.predicted / size * h if written else graph.nudge(nudge.node, unit * h).error
        if isfinite(gap):
            curve.append((h, abs(gap)))
    return curve
