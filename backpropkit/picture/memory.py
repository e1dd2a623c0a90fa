"""What a graph keeps for its backward pass: counted by kind of gate, drawn against depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..engine.graph import Graph
from ..engine.node import TABLE, Node
from .facts import symbol
from .marks import path, rect, text
from .numbers import number
from .panel import SHAPES, Panel, dots, line

BYTES = 8  # of a number
KEPT = {"": "nothing", "y": "its result", "a": "its input", "ab": "both inputs"}
INPUTS = {"a": "first input", "b": "second input", "c": "third input", "y": "result"}
ROW = 42.0  # px, of a kind of gate

MEMORY_STYLE = """
.bp .bp-keeping{fill:none;stroke:var(--bp-grad);stroke-width:2}
.bp .bp-kept{fill:var(--bp-grad)}
.bp .bp-free{fill:none;stroke:var(--bp-move);stroke-width:2;stroke-dasharray:6 4}
.bp .bp-freed{fill:none;stroke:var(--bp-grad);stroke-dasharray:3 3}
.bp .bp-now-here{fill:none;stroke:var(--bp-ink);stroke-width:2.4}
"""


@dataclass(frozen=True)
class Kind:
    """All gates of one kind: how many, what each keeps, and how many numbers that makes."""

    symbol: str
    gates: int
    keeps: str
    numbers: int


@dataclass(frozen=True)
class Memory:
    """What is kept at every depth, and at the present one by which gates.

    `curve` holds (depth, numbers kept) when recording; with `recording` off nothing is kept.
    """

    deep: str  # what depth counts: "depth", or "gates computed"
    depth: int
    curve: tuple[tuple[int, int], ...]
    kinds: tuple[Kind, ...]
    recording: bool = True

    @property
    def kept(self) -> int:
        return dict(self.curve)[self.depth] if self.recording else 0

    @property
    def would(self) -> int:
        """What is kept when recording."""
        return dict(self.curve)[self.depth]


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


def kinds(found: dict[Node, int]) -> tuple[Kind, ...]:
    """The same by kind of gate, who keeps most first."""
    rows: dict[str, list[int]] = {}
    words = {}
    for node, size in found.items():
        sign = symbol(node)
        rows.setdefault(sign, []).append(size)
        saves = TABLE[node.op].saves
        words[sign] = KEPT.get(saves, " and ".join(INPUTS[letter] for letter in saves))
    told = (Kind(sign, len(sizes), words[sign], sum(sizes)) for sign, sizes in rows.items())
    return tuple(sorted(told, key=lambda kind: -kind.numbers))


# --- words -------------------------------------------------------------------------------------


def counted(numbers: int) -> str:
    """How many numbers, and their bytes.

    >>> counted(1), counted(1000)
    ('1 number (8 bytes)', '1000 numbers (8000 bytes)')
    """
    return f"{numbers} number{'s' * (numbers != 1)} ({BYTES * numbers} bytes)"


def where(seen: Memory) -> str:
    if seen.deep == "depth":
        return f"Depth {seen.depth}"
    return f"After {seen.depth} gate{'s' * (seen.depth != 1)}"


def sentence(seen: Memory) -> str:
    """The caption, and what a screen reader announces."""
    if not seen.recording:
        return (
            f"{where(seen)}, inside no_grad(): the same value, and nothing is kept, instead of "
            f"{counted(seen.would)}. There is no way back."
        )
    before = dict(seen.curve).get(seen.depth - 1)
    step = f" {seen.kept - before} of them for the last step." if before is not None else ""
    told = f"{where(seen)}, recording: {counted(seen.kept)} kept for the backward pass.{step}"
    most = seen.kinds[0]
    if not most.numbers:
        return f"{told} No gate here needs anything for its way back."
    return f"{told} Most by {most.symbol}, which keeps {most.keeps}."


def description(seen: Memory) -> str:
    told = "; ".join(
        f"{kind.symbol}, {kind.gates} gate{'s' * (kind.gates != 1)}, keeps {kind.keeps}: "
        f"{kind.numbers}"
        for kind in seen.kinds
    )
    first, last = seen.curve[0], seen.curve[-1]
    return (
        f"Numbers kept against {seen.deep}, from {first[1]} at {first[0]} to {last[1]} at "
        f"{last[0]}, and 0 inside no_grad. {sentence(seen)} By kind of gate: {told}."
    )


def table(seen: Memory) -> str:
    """The same facts as HTML tables: by kind of gate, and against depth."""
    return _table(
        sentence(seen),
        ["gate", "how many", "each keeps", "numbers kept"],
        [
            [kind.symbol, kind.gates, kind.keeps, kind.numbers * seen.recording]
            for kind in seen.kinds
        ],
    ) + _table(
        f"Numbers kept against {seen.deep}.",
        [seen.deep, "recording", "inside no_grad()"],
        [[depth, kept, 0] for depth, kept in seen.curve],
    )


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    told = "".join(
        f'<tr><th scope="row">{escape(str(row[0]))}</th>'
        + "".join(f"<td>{escape(str(cell))}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    return (
        f'<table class="bp bp-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{told}</tbody></table>"
    )


# --- the picture -------------------------------------------------------------------------------


def draw_memory(seen: Memory, down: bool = False) -> str:
    """Numbers kept against depth, and a bar for every kind of gate; side by side, or `down`."""
    depths, kept = np.array(seen.curve, dtype=float).T
    high = max(1.0, 1.08 * float(kept.max()))
    plot = Panel(68, 34, 272 if down else 360, 220, (0.0, float(depths[-1])), (0.0, high))
    now = plot.at(seen.depth, seen.kept)
    ring = f'<circle class="bp-now-here" cx="{now[0]:.1f}" cy="{now[1]:.1f}" r="7"/>'
    recorded, freed = plot.at(depths, kept), plot.at(depths, 0 * kept)
    parts = [
        plot.axes(seen.deep, "numbers kept for the backward pass", whole=True),
        path(line(freed), "bp-free"),
        path(line(recorded), "bp-keeping"),
        path(dots(recorded, SHAPES[0]), "bp-kept"),
        ring,
    ]
    x, y, width = (8.0, 330.0, 332.0) if down else (500.0, 34.0, 360.0)
    parts.append(_key(x, y - 10))
    for nth, kind in enumerate(seen.kinds):
        parts.append(_bar(seen, kind, x, y + 18 + nth * ROW, width))
    foot = y + 26 + len(seen.kinds) * ROW
    once = "A number that several gates read is kept, and counted, once."
    parts.append(text(x, foot, once, "bp-tick bp-start", width))
    w, h = x + width + 8, max(plot.y + plot.height + 44, foot + 10)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bp bp-picture" role="img" '
        f'viewBox="0 0 {w:g} {h:g}" width="{w:g}" height="{h:g}" style="--bp-width:{w:g}px" '
        f'data-depth="{seen.depth}" data-bytes="{BYTES * seen.kept}" '
        f'aria-label="{escape(description(seen))}">{"".join(parts)}</svg>'
    )


def _key(x: float, y: float) -> str:
    """What the two lines mean."""
    return "".join(
        [
            path(f"M{x:g} {y - 4:g}h26", "bp-keeping"),
            text(x + 32, y, "recording"),
            path(f"M{x + 124:g} {y - 4:g}h26", "bp-free"),
            text(x + 156, y, "inside no_grad()"),
        ]
    )


def _bar(seen: Memory, kind: Kind, x: float, y: float, width: float) -> str:
    """What one kind of gate keeps; a dashed outline where it would, were it recorded."""
    largest = max(seen.kinds[0].numbers, 1)
    gates = f"{kind.gates} gate{'s' * (kind.gates != 1)}"
    words = f"{kind.symbol}  ({gates}) keeps {kind.keeps}"
    long = (width - 90) * kind.numbers / largest
    look = "bp-kept" if seen.recording else "bp-freed"
    shown = number(kind.numbers if seen.recording else 0)
    return (
        text(x, y + 12, words, "", width)
        + rect(x, y + 18, max(long, 1.0), 12, look)
        + text(x + long + 8, y + 29, shown, "bp-predicted")
    )
