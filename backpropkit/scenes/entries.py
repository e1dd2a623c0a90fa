"""The entries scene: a matrix, its gradient by the rule, by nudging every entry, and their gap."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from .. import functions as f
from ..engine.node import Node, record, var
from ..engine.sweep import gradients
from ..graphs.graph import Graph
from ..picture.facts import ROUNDING, names
from ..picture.heat import at
from ..picture.marks import WIDE, rect
from ..picture.numbers import number
from .boxes import grid, pair
from .branches import Guard, guards
from .scene import Scene, Script, table
from .words import Num, When, Words, said

FREE, TOGETHER = "free entries", "symmetric: both move"
STEPS = [float(f"{m}e{k}") for k in range(-8, 0) for m in (1, 2, 5)] + [1.0]
ROW, GAP, HEAD, FOOT, MARGIN = 22.0, 26.0, 26.0, 34.0, 8.0  # px: of a cell, between and around maps
ROOM, PHONE = 900.0, 360.0  # px: as wide as a picture may be
LEAST = 150.0  # px: of a map, for its title


def start(graph: Graph, name: str) -> dict[str, Any]:
    """The state an entries explorer of the node called `name` begins in."""
    node = named(graph, name)
    moved = {"value": node.value.tolist()} if node.op == "var" else {}
    return {"entry": [0.0] * len(node.shape), "h": 1e-3, "way": FREE, **moved}


def named(graph: Graph, name: str) -> Node:
    return graph.nodes[names(graph.nodes).index(name)]


def scene(graph: Graph, name: str, state: Mapping[str, Any] | None = None) -> Scene:
    """A matrix of a graph, every entry nudged.

    >>> from backpropkit import logdet
    >>> K = var([[2.0, 0.5], [0.5, 1.0]], "K")
    >>> scene(Graph(logdet(K).named("L")), "K", {"h": 1e-6}).sentence[:70]
    'K[0, 0] moves by h = 1e−6: ΔL/h = 0.5714; the rule says 0.5714. Gap 1.'
    """
    script = Script({**start(graph, name), **(state or {})}, {"way": [FREE, TOGETHER]})
    e = Slopes(graph, name, script)
    for node, called in (
        (e.W, name),
        (e.L, e.called),
        (e.rule, f"∂{e.called}/∂{name}"),
        (e.nudged, "what a nudge makes of it"),
        (e.gap, "the gap between the two"),
    ):
        script.watch(node, called)
    size = " × ".join(map(str, e.W.shape))
    same = f"{name} and its gradient have the same {'length' if e.flat else 'shape'}, {size}."
    html = (
        script.tag("p", css="bp bp-caption", words=e.sentence)
        + f'<p class="bp bp-said">{escape(same)}</p>'
        + pair(drawn(e, False), drawn(e, True))
        + '<details class="bp-fold"><summary>The same as a table</summary>'
        + f"{facts(e)}</details>"
    )
    shape = list(e.W.shape)
    moves: list[dict[str, Any]] = [
        {"kind": "number", "name": "value", "label": name, "shape": shape, "at": ["entry"]}
    ]
    if e.square:
        moves[0]["mirror"] = "way"
    rows: list[list[dict[str, Any]]] = [
        [{"kind": "entry", "name": "entry", "label": name, "shapes": [shape]}],
        [{"kind": "steps", "name": "h", "label": "h", "steps": STEPS}],
        [{"kind": "button", "label": "Back to the start"}],
    ]
    if "value" in script.state:
        rows[0] += moves
    if e.square:
        ways = [FREE, TOGETHER]
        options = [[way] for way in ways]
        rows[1].append(
            {"kind": "select", "name": "way", "label": "what moves", "values": ways,
             "options": options}
        )  # fmt: skip
    return script.scene(
        f"Entries explorer of {name}",
        said(e.sentence),
        html,
        rows,
        guards=e.guards,
    )


class Slopes:
    """W on Nodes: its gradient by the rule, and what nudging every entry finds.

    With "together" W[i, j] and W[j, i] are nudged at once; `rule` then holds the sum of two entries
    of the gradient.
    """

    def __init__(self, graph: Graph, name: str, script: Script) -> None:
        self.script, self.graph, self.name = script, graph, name
        self.called = names(graph.nodes)[-1]
        self.original = named(graph, name)
        moved = "value" in script.state
        self.W = script.node("value") if moved else var(self.original.value, name)
        self.flat = len(self.W.shape) == 1
        self.square = not self.flat and self.W.shape[0] == self.W.shape[1]
        self.L = self.after(self.W)
        self.gradient = gradients(self.L, Node(1.0, "const"), nodes=True)[self.W]
        self.h, self.picked = script.node("h"), script.node("entry")
        self.together: Any = script.node("way") if self.square else 0.0 * script.node("way")
        self.rule = self.gradient
        if self.square:
            g = self.gradient
            both = g + f.transpose(g) - g * np.eye(self.W.shape[0])
            self.rule = f.where(self.together, both, g)
        self.nudged = self._nudged()
        self.gap = self.nudged - self.rule
        self.largest = f.max(abs(self.gap))
        size = f.maximum(f.maximum(abs(self.L), f.max(abs(self.W))), 1e-300)
        self.rounding = 4.0 * ROUNDING * size / f.maximum(abs(self.h), 1e-300)

    def after(self, W: Node) -> Node:
        """The result with W in the place of the matrix."""
        return self.replaced(W)[self.graph.result]

    def replaced(self, W: Node) -> dict[Node, Node]:
        """What stands in the place of every node that the matrix reaches."""
        held = {self.original: W}
        for node in self.graph.nodes:
            if node not in held and any(arg in held for arg in node.args):
                args = tuple(held.get(arg, arg) for arg in node.args)
                held[node] = record(node.op, args, node.params)
        return held

    @property
    def guards(self) -> list[Guard]:
        known = {**{node: node for node in self.graph.nodes}, **self.replaced(self.W)}
        called = dict(zip(self.graph.nodes, names(self.graph.nodes), strict=True))
        return guards(self.graph.asked, known, called)

    def _nudged(self) -> Node:
        """ΔL/h for every entry in turn."""
        shape = self.W.shape
        places = np.arange(float(self.W.value.size)).reshape(shape)
        place: Any = (
            places + 0.0 * self.h
        )  # written down once in the program, not as a mask an entry
        mirror: Any = f.transpose(place) if self.square else place
        found = []
        for k in range(self.W.value.size):
            one = f.maximum(place == float(k), self.together * (mirror == float(k)))
            found.append((self.after(self.W + self.h * one) - self.L) / self.h)
        nudged: Node = f.reshape(f.stack(found), shape)
        return nudged

    def of_picked(self, what: Any, mirrored: bool = False) -> Any:
        """One number: the picked entry, or the one across the diagonal."""
        one: Any = 1.0
        axes = range(len(self.W.shape))
        for axis in axes:
            along = np.arange(float(self.W.shape[axis]))
            at = self.picked[len(axes) - 1 - axis if mirrored else axis]
            one = one * f.reshape(at == along, [-1 if k == axis else 1 for k in axes])
        return f.sum(what * one)

    @property
    def paired(self) -> Any:
        """Whether the picked entry moves another one along."""
        if not self.square:
            return self.together
        return self.together * (1.0 - (self.picked[0] == self.picked[1]))

    def entry(self, mirrored: bool = False) -> Words:
        axes = range(len(self.W.shape))
        inside = [part for k in axes for part in (", ", Num(self.picked, "n4", k))][1:]
        return (f"{self.name}[", *(inside[::-1] if mirrored else inside), "]")

    @property
    def sentence(self) -> Words:
        """What nudging the picked entry said."""
        L, slope, rule = self.called, self.of_picked(self.nudged), self.of_picked(self.rule)
        rounded = When(self.largest > self.rounding, ".", ": rounding, nothing else.")
        W = self.of_picked(self.W)
        who = self.entry()
        lost = (" ", who, " + h is ", who, " again to all digits: nothing was compared.")
        tail: tuple[Words, ...] = (" Gap ", Num(abs(self.of_picked(self.gap)), "n2"))
        tail += ("; the largest of all entries ", Num(self.largest, "n2"), rounded)
        told = When(abs(W + self.h - W), tail, lost)
        found = (" by h = ", Num(self.h, "n4"), f": Δ{L}/h = ", Num(slope))
        alone = When(self.together, " alone, since it lies on the diagonal")
        one = (self.entry(), " moves", alone, *found, "; the rule says ", Num(rule), ".")
        if not self.square:
            return (*one, told)
        both = (
            *(self.entry(), " and ", self.entry(mirrored=True), " move together", *found),
            f". The slope is the sum of two entries of ∂{L}/∂{self.name}: ",
            *(Num(self.of_picked(self.gradient)), " + "),
            *(Num(self.of_picked(self.gradient, mirrored=True)), " = ", Num(rule), "."),
        )
        return (When(self.paired, both, one), told)

    @property
    def maps(self) -> list[tuple[Words, Node, Any, str, str]]:
        """Title, numbers, the end of the scale, look and format of the four maps."""
        slope = f"∂{self.called}/∂{self.name}"
        slopes = f.maximum(f.max(abs(self.rule)), f.max(abs(self.nudged)))
        faint = f.maximum(self.largest, 4.0 * self.rounding)  # rounding stays pale
        ruled = (slope, When(self.together, ", entries added", " by the rule"))
        return [
            (self.name, self.W, f.max(abs(self.W)), "bp-values", "n3"),
            (ruled, self.rule, slopes, "bp-grads", "n3"),
            ("by nudging: Δ/h", self.nudged, slopes, "bp-nudges", "n3"),
            ("nudging − rule", self.gap, faint, "bp-gaps", "n1"),
        ]


# --- the picture ---------------------------------------------------------------------------------


def drawn(e: Slopes, down: bool) -> tuple[str, float]:
    """Four maps beside each other, as many as fit, and how wide that is."""
    rows, columns = grid_of(e)
    cell = 36.0 if columns > 6 else 46.0
    wide, high = max(columns * cell, LEAST), HEAD + rows * ROW + FOOT
    fitting = int(((PHONE if down else ROOM) + GAP) // (wide + GAP))
    across = 4 if fitting >= 4 else 2 if fitting >= 2 else 1
    parts = []
    for nth, one in enumerate(e.maps):
        x, y = MARGIN + nth % across * (wide + GAP), HEAD + nth // across * high
        parts.append(heat_map(e, one, x, y, cell, wide))
    width = 2 * MARGIN + across * (wide + GAP) - GAP
    height = high * (4 // across)
    told: dict[str, Any] = {
        f"data_{name}": (Num(node, "j"),)
        for name, node in (("value", e.W), ("rule", e.rule), ("nudged", e.nudged))
    }
    titles = [part for title, *_ in e.maps for part in (", ", title)][1:]
    svg = e.script.tag(
        "svg",
        "".join(parts),
        css="bp bp-picture",
        role="img",
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        aria_label=("Four heat maps: ", *titles, ". ", e.sentence),
        **told,
    )
    return svg, width


def grid_of(e: Slopes) -> tuple[int, int]:
    """(rows, columns) on the page; a vector stands, as it does when it is multiplied."""
    return (e.W.shape[0], 1) if e.flat else grid(e.W.shape)


def heat_map(
    e: Slopes, one: tuple[Words, Node, Any, str, str], x: float, y: float, cell: float, wide: float
) -> str:
    """One map, its title above and its largest number below; the stronger a cell, the larger."""
    title, node, most, css, how = one
    rows, columns = grid_of(e)
    inside = ""
    for index in np.ndindex(node.shape):
        r, c = index[0], 0 if e.flat else index[1]
        v, digits = float(node.value[index]), int(how[1:])
        words, room = number(v, digits), cell - 5
        strength = min(1.0, abs(v) / most.value) if most.value else 0.0
        tight = len(words) * WIDE > room
        fit = f' textLength="{room:g}" lengthAdjust="spacingAndGlyphs"' * tight
        chosen = ",".join(map(str, index))
        inside += (
            f'<g class="bp-cell{" bp-minus" * (v < 0)}" data-choose="entry={chosen}"'
            f' aria-label="{escape(at(e.name, index))}: {words}">'
            f'<rect x="{x + c * cell:g}" y="{y + r * ROW:g}" width="{cell - 1:g}"'
            f' height="{ROW - 1:g}" fill-opacity="{strength:.2f}"/>'
            f'<text x="{x + c * cell + cell / 2 - 0.5:g}" y="{y + r * ROW + 15:g}"'
            f' data-room="{room:g}"{fit}>{words}</text></g>'
        )
    marks = [e.script.bind("cells", node, None, most, digits)] if e.script.moves(node) else []
    css = f"{css} bp-cells"
    called: dict[str, Any] = {"role": "group", "aria_label": title, "data_group": f"{columns}"}
    cells = e.script.tag("g", inside, css=css, marks=marks, **called)
    below = ("largest |entry| ", Num(f.max(abs(node)), "n3"))
    return (
        e.script.text(x, y - 10, title, "bp-start", wide)
        + rect(x - 0.5, y - 0.5, columns * cell, rows * ROW, "bp-cells-frame")
        + cells
        + framed(e, x, y, cell, "bp-picked", False)
        + (framed(e, x, y, cell, "bp-picked bp-mirror", True) if e.square else "")
        + e.script.text(x, y + rows * ROW + 16, below, "bp-tick bp-start", wide + GAP)
    )


def framed(e: Slopes, x: float, y: float, cell: float, css: str, mirrored: bool) -> str:
    """The frame around the picked entry, dashed around the one that moves along with it."""
    r, c = e.picked[0], 0.0 * e.picked[0] if e.flat else e.picked[1]
    r, c = (c, r) if mirrored else (r, c)
    return e.script.tag(
        "rect", None, css=css, shown=e.paired if mirrored else None,
        x=(Num(x + c * cell - 0.5, "f1"),), y=(Num(y + r * ROW - 0.5, "f1"),),
        width=f"{cell:g}", height=f"{ROW:g}",
    )  # fmt: skip


def facts(e: Slopes) -> str:
    """The same facts as an HTML table, a row for every entry."""
    slope, rows = f"∂{e.called}/∂{e.name}", []
    for k, index in enumerate(np.ndindex(e.W.shape)):
        row: dict[str, Words] = {"entry": at(e.name, index), e.name: (Num(e.W, "n6", k),)}
        row[f"{slope} by the rule"] = (Num(e.gradient, "n6", k),)
        if e.square:
            row["both entries added"] = (When(e.together, (Num(e.rule, "n6", k),)),)
        row["by nudging: Δ/h"] = (Num(e.nudged, "n6", k),)
        row["nudging − rule"] = (Num(e.gap, "n3", k),)
        rows.append(row)
    return table(e.script, e.sentence, rows)
