"""The memory scene: what a graph keeps for its backward pass, by depth and by kind of gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np

from .. import functions as f
from ..engine.node import TABLE, EngineError, Node, describe
from ..graphs.graph import Graph
from ..picture.facts import symbol
from ..picture.layout import Layout
from ..picture.marks import path, text
from ..picture.panel import SHAPES, Panel, dots, line
from .boxes import framed, pair
from .scene import Control, Scene, Script, table
from .words import Num, Pick, When, Words, said

BYTES = 8  # of a number
KEPT = {"": "nothing", "y": "its result", "a": "its input", "ab": "both inputs"}
INPUTS = {"a": "first input", "b": "second input", "c": "third input", "y": "result"}
RECORDING, NO_GRAD = "recording", "inside no_grad()"
MOST = 200  # depths that can be looked at
ROWS = 40  # of them in the table
ROW = 42.0  # px, of a kind of gate


@dataclass(frozen=True)
class Kind:
    """All gates of one kind: how many, what each keeps, and how many numbers that makes."""

    symbol: str
    gates: int
    keeps: str
    numbers: int


@dataclass(frozen=True)
class Kept:
    """What is kept at every depth, by kind of gate; who keeps most at the last comes first.

    `deep` says what depth counts: "depth", or "gates computed".
    """

    deep: str
    depths: tuple[int, ...]
    kinds: tuple[dict[str, Kind], ...]  # at each depth

    @property
    def curve(self) -> list[int]:
        """How many numbers at each depth."""
        return [sum(kind.numbers for kind in kinds.values()) for kinds in self.kinds]

    @property
    def last(self) -> list[Kind]:
        """All kinds of gates, as they are where all are counted."""
        every = {name: kind for kinds in self.kinds for name, kind in kinds.items()}
        return sorted(every.values(), key=lambda kind: -kind.numbers)

    def of(self, kind: str, what: str) -> list[float]:
        """`gates` or `numbers` of a kind, at each depth."""
        none = Kind(kind, 0, "", 0)
        return [float(getattr(kinds.get(kind, none), what)) for kinds in self.kinds]


def depths(make: Callable[[int], Node], deepest: int) -> Kept:
    """A function of depth: a graph for each.

    Raises EngineError if it returns no Node.
    """
    found = []
    for depth in range(1, deepest + 1):
        made = make(depth)
        if not isinstance(made, Node):
            raise EngineError(
                f"explore.memory asked for depth {depth} and was given {made!r:.60} "
                f"(a {type(made).__name__}), not a Node"
            )
        found.append(kinds(keepers(Graph(made))))
    return Kept("depth", tuple(range(1, deepest + 1)), tuple(found))


def gates(result: Node) -> Kept:
    """One graph, gate by gate; of very many gates after every so many.

    Raises EngineError for a leaf.
    """
    found = list(keepers(Graph(result)).items())
    if not found:
        leaf = describe(result)
        raise EngineError(f"explore.memory was given {leaf}: nothing was computed from it")
    every = ceil(len(found) / MOST)
    counts = tuple(range(len(found), 0, -every))[::-1]
    return Kept("gates computed", counts, tuple(kinds(dict(found[:n])) for n in counts))


def keepers(graph: Graph) -> dict[Node, int]:
    """For every gate, the numbers kept on its account: what it reads and no gate before it read.

    >>> from backpropkit import exp, var
    >>> x = var([1.0, 2.0], "x")
    >>> list(keepers(Graph((x * exp(x)).sum())).values())
    [2, 2, 0]
    """
    seen: set[Node] = set()
    found: dict[Node, int] = {}
    for node in graph.nodes:
        if node.args:
            values = dict(zip("abc", node.args, strict=False), y=node)
            fresh = {values[letter] for letter in TABLE[node.op].saves} - seen
            seen |= fresh
            found[node] = sum(value.size for value in fresh)
    return found


def kinds(found: Mapping[Node, int]) -> dict[str, Kind]:
    """The same by kind of gate."""
    rows: dict[str, Kind] = {}
    for node, size in found.items():
        sign, saves = symbol(node), TABLE[node.op].saves
        words = KEPT.get(saves, " and ".join(INPUTS[letter] for letter in saves))
        old = rows.get(sign, Kind(sign, 0, words, 0))
        rows[sign] = Kind(sign, old.gates + 1, words, old.numbers + size)
    return rows


@dataclass
class KeptAt:
    """What is kept at the chosen depth, traced on the state."""

    kept: Kept
    script: Script

    def __post_init__(self) -> None:
        depth, at = self.script.node("depth"), np.array(self.kept.depths, float)
        first, after = np.r_[-np.inf, at[1:]], np.r_[at[1:], np.inf]
        self.here = (depth >= first) * (depth < after)  # 1 at the chosen depth
        self.depth = self.row(at)
        self.free = self.script.node("way")
        self.recording = 1.0 - self.free
        self.would = self.row(self.kept.curve)
        self.now = self.would * self.recording

    def row(self, values: Any) -> Any:
        """Of values, one for each depth, that of the chosen one."""
        return f.sum(self.here * np.asarray(values, float))

    @cached_property
    def sentence(self) -> Words:
        """The caption, and what a screen reader announces."""
        kept, last = self.kept, self.kept.last
        where: Words = ("Depth ", Num(self.depth, "f0"))
        if kept.deep != "depth":
            many = When(self.depth > 1.0, "s")
            where = ("After ", Num(self.depth, "f0"), " gate", many)
        step = np.diff(kept.curve, prepend=0)
        follows = np.diff(kept.depths, prepend=0) == 1
        follows[0] = False
        last_step = (" ", Num(self.row(step), "f0"), " of them for the last step.")
        told = (
            where, ", recording: ", *counted(self.would), " kept for the backward pass.",
            When(self.row(follows), last_step),
        )  # fmt: skip
        by = [kept.of(kind.symbol, "numbers") for kind in last]
        best = self.row(np.argmax(by, axis=0))
        words = tuple(f" Most by {kind.symbol}, which keeps {kind.keeps}." for kind in last)
        none = " No gate here needs anything for its way back."
        most = When(self.row(np.max(by, axis=0)), (Pick(best, words),), none)
        off = (
            where, ", inside no_grad(): the same value, and nothing is kept, instead of ",
            *counted(self.would), ". There is no way back.",
        )  # fmt: skip
        return (When(self.free, off, (*told, most)),)

    @cached_property
    def description(self) -> Words:
        """The picture in words, for who cannot see it."""
        kept, curve = self.kept, self.kept.curve
        ends = f"from {curve[0]} at {kept.depths[0]} to {curve[-1]} at {kept.depths[-1]}"
        told: list[Words] = [f"Numbers kept against {kept.deep}, {ends}, and 0 inside no_grad. "]
        told += [self.sentence, " By kind of gate"]
        for kind in kept.last:
            told += ["; ", self.gates(kind), f", keeps {kind.keeps}: ", self.numbers(kind)]
        return (*told, ".")

    def gates(self, kind: Kind) -> Words:
        gates = self.row(self.kept.of(kind.symbol, "gates"))
        return (f"{kind.symbol}  (", Num(gates, "f0"), " gate", When(gates - 1.0, "s"), ")")

    def numbers(self, kind: Kind) -> Words:
        return (Num(self.row(self.kept.of(kind.symbol, "numbers")) * self.recording),)


def counted(numbers: Any) -> Sequence[Words]:
    """How many numbers, and their bytes."""
    return (
        Num(numbers, "f0"), " number", When(numbers - 1.0, "s"), " (", Num(BYTES * numbers, "f0"),
        " bytes)",
    )  # fmt: skip


def scene(kept: Kept, state: Mapping[str, Any]) -> Scene:
    """What is kept against depth, recording or not."""
    script = Script(state, {"way": [RECORDING, NO_GRAD]})
    seen = KeptAt(kept, script)
    html = (
        f"{script.tag('p', css='bp bp-caption', words=seen.sentence)}"
        f"{pair(draw(seen, False), draw(seen, True))}"
        f'<details class="bp-fold"><summary>The same as a table</summary>{facts(seen)}</details>'
    )
    controls: list[Control] = [
        {"kind": "steps", "name": "depth", "label": kept.deep, "steps": kept.depths, "only": True},
        {"kind": "buttons", "name": "way", "label": "how", "values": [RECORDING, NO_GRAD]},
    ]
    return script.scene("Memory explorer", said(seen.sentence), html, [controls])


def facts(seen: KeptAt) -> str:
    """The same facts as tables: by kind of gate, and against depth."""
    kept = seen.kept
    by: list[dict[str, Words]] = [
        {
            "gate": kind.symbol,
            "how many": (Num(seen.row(kept.of(kind.symbol, "gates")), "f0"),),
            "each keeps": kind.keeps,
            "numbers kept": seen.numbers(kind),
        }
        for kind in kept.last
    ]
    every = ceil(len(kept.depths) / ROWS)
    against: list[dict[str, Words]] = [
        {kept.deep: str(depth), RECORDING: str(numbers), NO_GRAD: "0"}
        for depth, numbers in list(zip(kept.depths, kept.curve, strict=True))[::-every][::-1]
    ]
    return table(seen.script, seen.sentence, by) + table(
        seen.script, f"Numbers kept against {kept.deep}.", against
    )


# --- the picture ---------------------------------------------------------------------------------


def draw(seen: KeptAt, down: bool) -> tuple[str, float]:
    """Numbers kept against depth, and a bar for every kind of gate; side by side, or `down`."""
    kept = seen.kept
    high = max(1.0, 1.08 * max(kept.curve))
    plot = Panel(68, 34, 272 if down else 360, 220, (0.0, float(kept.depths[-1])), (0.0, high))
    at, numbers = np.array(kept.depths, float), np.array(kept.curve, float)
    recorded, freed = plot.at(at, numbers), plot.at(at, 0 * numbers)
    x = plot.x + seen.depth * (plot.width / plot.across[1])
    y = plot.y + plot.height - seen.now * (plot.height / high)
    ring = seen.script.tag(
        "circle", None, css="bp-now-here", cx=(Num(x, "f1"),), cy=(Num(y, "f1"),), r="7"
    )
    parts = [
        plot.axes(kept.deep, "numbers kept for the backward pass", whole=True),
        path(line(freed), "bp-free"),
        path(line(recorded), "bp-keeping"),
        path(dots(recorded, SHAPES[0]), "bp-kept"),
        ring,
    ]
    left, top, width = (0.0, 330.0, 340.0) if down else (500.0, 34.0, 360.0)
    parts.append(key(left, top - 10))
    for nth, kind in enumerate(kept.last):
        parts.append(bar(seen, kind, left, top + 18 + nth * ROW, width))
    foot = top + 26 + len(kept.last) * ROW
    once = "A number that several gates read is kept, and counted, once."
    parts.append(text(left, foot, once, "bp-tick bp-start", width))
    whole = Layout((), (), left + width, max(plot.y + plot.height + 44, foot + 10))
    told = {
        "data_depth": (Num(seen.depth, "f0"),),
        "data_bytes": (Num(BYTES * seen.now, "f0"),),
        "aria_label": seen.description,
    }
    return framed(seen.script, parts, whole, told), whole.width


def key(x: float, y: float) -> str:
    """What the two lines mean."""
    return (
        path(f"M{x:g} {y - 4:g}h26", "bp-keeping")
        + text(x + 32, y, RECORDING)
        + path(f"M{x + 124:g} {y - 4:g}h26", "bp-free")
        + text(x + 156, y, NO_GRAD)
    )


def bar(seen: KeptAt, kind: Kind, x: float, y: float, width: float) -> str:
    """What one kind of gate keeps; a dashed outline where it would, were it recorded."""
    largest = max(max(seen.kept.of(other.symbol, "numbers")) for other in seen.kept.last)
    numbers = seen.row(seen.kept.of(kind.symbol, "numbers"))
    long = numbers * ((width - 90) / max(largest, 1.0))
    tag = seen.script.tag
    words = (seen.gates(kind), f" keeps {kind.keeps}")
    return (
        seen.script.text(x, y + 12, words, "", width)
        + tag(
            "rect", None, css="bp-keeps", classes={"bp-freed": seen.free}, x=f"{x:g}",
            y=f"{y + 18:g}", height="12", width=(Num(f.maximum(long, 1.0), "f1"),),
        )
        + tag(
            "text", css="bp-predicted", x=(Num(x + long + 8, "f1"),), y=f"{y + 29:g}",
            words=seen.numbers(kind),
        )
    )  # fmt: skip
