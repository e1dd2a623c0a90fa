"""Heat maps of a matrix: its entries, the gradient by the rule, by nudging, and their gap."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..engine.graph import Graph
from ..engine.node import Node
from .facts import names
from .marks import rect, text
from .numbers import number

LARGEST_SIDE = 10  # rows or columns; smaller cells cannot be told apart
SIDE, GAP, MARGIN = 184.0, 26.0, 8.0  # px, of a map and around it
CELL = 52.0  # px, at most
STRONGEST = 0.42  # opacity of the largest entry; numbers on it keep their contrast

HEAT_STYLE = """
.bp .bp-cell{stroke:var(--bp-line);stroke-width:.6}
.bp .bp-above{fill:var(--bp-move)}
.bp .bp-below{fill:var(--bp-grad)}
.bp .bp-picked{fill:none;stroke:var(--bp-ink);stroke-width:3}
.bp .bp-mirror{fill:none;stroke:var(--bp-ink);stroke-width:3;stroke-dasharray:4 3}
.bp .bp-entry{text-anchor:middle;font-size:11.5px}
.bp .bp-map{cursor:pointer;fill:none;pointer-events:all}
"""


@dataclass(frozen=True)
class Entries:
    """A matrix W, and what nudging every entry by h says about its gradient.

    All arrays have the shape of W; `gradient` is the gradient of the free entries. With `together`
    W[i, j] and W[j, i] are nudged at once, so `rule` holds the sum of their two gradients.
    """

    result: str
    name: str
    value: NDArray[np.float64]
    gradient: NDArray[np.float64]
    nudged: NDArray[np.float64]
    h: float
    picked: tuple[int, ...]
    rounding: float  # a gap below this is rounding
    together: bool = False

    @property
    def rule(self) -> NDArray[np.float64]:
        g = self.gradient
        return g + g.T - np.diag(np.diag(g)) if self.together else g

    @property
    def gap(self) -> NDArray[np.float64]:
        return self.nudged - self.rule

    @property
    def paired(self) -> bool:
        """Whether the picked entry moves another one along."""
        return self.together and self.picked[0] != self.picked[-1]


def measure(
    graph: Graph, node: Node, h: float, picked: tuple[int, ...], together: bool = False
) -> Entries:
    """Nudge every entry of a node by h and put ΔL/h beside the gradient.

    >>> from backpropkit import logdet, var
    >>> K = var([[2.0, 0.5], [0.5, 1.0]], "K")
    >>> graph = Graph(logdet(K).named("L"))
    >>> found = measure(graph, K, 1e-6, (0, 1), together=True)
    >>> found.rule.round(4).tolist(), found.nudged.round(4).tolist()
    ([[0.5714, -0.5714], [-0.5714, 1.1429]], [[0.5714, -0.5714], [-0.5714, 1.1429]])
    """
    nudged = np.zeros(node.shape)
    for index in np.ndindex(node.shape):
        moved = node.value + pushed(node.shape, index, together) * h
        after = graph.replay({node: moved})[graph.result]
        nudged[index] = (after - graph.result.value) / h
    called = names(graph.nodes)
    return Entries(
        called[-1],
        called[graph.nodes.index(node)],
        node.value,
        np.array(graph.grads[node]),
        nudged,
        h,
        picked,
        4.0 * float(np.finfo(float).eps) * max(abs(graph.result.value), 1e-300) / h,
        together,
    )


def pushed(shape: tuple[int, ...], index: tuple[int, ...], together: bool) -> NDArray[np.float64]:
    """Zeros with a 1 at one entry; with `together` also at the entry across the diagonal."""
    one = np.zeros(shape)
    one[index] = 1.0
    if together:
        one[index[::-1]] = 1.0
    return one


# --- words -------------------------------------------------------------------------------------


def at(name: str, index: tuple[int, ...]) -> str:
    """An entry as it is written.

    >>> at("W", (0, 2))
    'W[0, 2]'
    """
    return f"{name}[{', '.join(map(str, index))}]"


def sentence(seen: Entries) -> str:
    """What nudging the picked entry said: the caption, and what a screen reader announces."""
    L, entry = seen.result, at(seen.name, seen.picked)
    slope, rule = number(float(seen.nudged[seen.picked])), float(seen.rule[seen.picked])
    gap = number(abs(float(seen.gap[seen.picked])), 2)
    largest = number(float(np.abs(seen.gap).max()), 2)
    tail = f"Gap {gap}; the largest of all entries {largest}"
    rounded = float(np.abs(seen.gap).max()) <= seen.rounding
    tail += ": rounding, nothing else." if rounded else "."
    if seen.paired:
        one, other = (float(seen.gradient[i]) for i in (seen.picked, seen.picked[::-1]))
        return (
            f"{entry} and {at(seen.name, seen.picked[::-1])} move together by h = "
            f"{number(seen.h)}: Δ{L}/h = {slope}. The slope is the sum of two entries of "
            f"∂{L}/∂{seen.name}: {number(one)} + {number(other)} = {number(rule)}. {tail}"
        )
    alone = " alone, since it lies on the diagonal" if seen.together else ""
    return (
        f"{entry} moves{alone} by h = {number(seen.h)}: Δ{L}/h = {slope}; "
        f"the rule says {number(rule)}. {tail}"
    )


def shape_words(seen: Entries) -> str:
    size = " × ".join(map(str, seen.value.shape))
    what = "shape" if seen.value.ndim == 2 else "length"
    return f"{seen.name} and its gradient have the same {what}, {size}."


def description(seen: Entries) -> str:
    return (
        f"Four heat maps: {', '.join(title for title, _ in maps(seen))}. "
        f"{shape_words(seen)} {sentence(seen)}"
    )


def maps(seen: Entries) -> list[tuple[str, NDArray[np.float64]]]:
    """Titles and numbers of the four maps."""
    slope = f"∂{seen.result}/∂{seen.name}"
    ruled = f"{slope}, entries added" if seen.together else f"{slope} by the rule"
    return [
        (seen.name, seen.value),
        (ruled, seen.rule),
        ("by nudging: Δ/h", seen.nudged),
        ("nudging − rule", seen.gap),
    ]


def table(seen: Entries) -> str:
    """The same facts as an HTML table, a row for every entry."""
    head = ["entry", *(title for title, _ in maps(seen))]
    if seen.together:
        head.insert(2, f"∂{seen.result}/∂{seen.name}, free entries")
    rows = []
    for index in np.ndindex(seen.value.shape):
        cells = [number(float(shown[index]), 6) for _, shown in maps(seen)]
        if seen.together:
            cells.insert(1, number(float(seen.gradient[index]), 6))
        rows.append(
            f'<tr><th scope="row">{escape(at(seen.name, index))}</th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    return (
        f'<table class="bp bp-table"><caption>{escape(sentence(seen))}</caption><thead><tr>'
        + "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


# --- the picture -------------------------------------------------------------------------------


def draw_entries(seen: Entries, down: bool = False, click: str = "") -> str:
    """Four heat maps as SVG text, side by side, or (down) two by two.

    Orange is above 0, blue below, and a number or a minus sign says so too; the stronger, the
    larger. The two gradients share one scale; the gap has its own.
    """
    across = 2 if down else 4
    side = 158.0 if down else SIDE
    rows, columns = _grid(seen.value).shape
    cell = min(CELL, side / max(rows, columns))
    below = 30 + cell * rows + 34
    largest = float(max(np.abs(seen.rule).max(), np.abs(seen.nudged).max()))
    widest = max(float(np.abs(seen.gap).max()), 4 * seen.rounding)  # rounding stays pale
    scales = [float(np.abs(seen.value).max()), largest, largest, widest]
    parts = []
    for nth, ((title, shown), scale) in enumerate(zip(maps(seen), scales, strict=True)):
        x = MARGIN + (nth % across) * (side + GAP)
        y = 30 + (nth // across) * below
        parts.append(_map(seen, nth, title, _grid(shown), scale, (x, y), cell, side, click))
    w = 2 * MARGIN + across * side + (across - 1) * GAP
    h = below * (4 // across) + 6
    facts = {"rule": seen.rule, "nudged": seen.nudged, "value": seen.value}
    data = "".join(
        f' data-{name}="{escape(json.dumps(shown.tolist()))}"' for name, shown in facts.items()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bp bp-picture" role="img" '
        f'viewBox="0 0 {w:g} {h:g}" width="{w:g}" height="{h:g}" style="--bp-width:{w:g}px" '
        f'data-h="{seen.h!r}"{data} aria-label="{escape(description(seen))}">{"".join(parts)}</svg>'
    )


def short(value: float, digits: int) -> str:
    """A number for a cell; small ones by their power of ten, which takes less room.

    >>> short(-0.00051, 1), short(0.453, 3)
    ('−5e−4', '0.453')
    """
    if digits > 1 or not 0 < abs(value) < 0.01:
        return number(value, digits)
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def _grid(shown: NDArray[np.float64]) -> NDArray[np.float64]:
    """A vector as a column."""
    return shown.reshape(-1, 1) if shown.ndim == 1 else shown


def _map(
    seen: Entries,
    nth: int,
    title: str,
    shown: NDArray[np.float64],
    scale: float,
    place: tuple[float, float],
    cell: float,
    side: float,
    click: str,
) -> str:
    """One heat map with its title above and the end of its scale below."""
    x, y = place
    rows, columns = shown.shape
    digits = 1 if nth == 3 else 2 if cell < 40 else 3
    longest = max(len(short(value, digits)) for value in shown.ravel().tolist())
    legible = 6.4 * longest <= 1.3 * cell  # else only signs fit
    parts = [text(x, y - 10, title, "", side)]
    for (i, j), value in np.ndenumerate(shown):
        left, top = x + j * cell, y + i * cell
        strength = STRONGEST * abs(value) / scale if scale else 0.0
        look = "bp-above" if value > 0 else "bp-below"
        colour = f' style="fill-opacity:{strength:.3f}"/>'
        parts.append(rect(left, top, cell, cell, f"bp-cell {look}").replace("/>", colour))
        written = short(float(value), digits) if legible else "−" * bool(value < 0)
        if written:
            parts.append(text(left + cell / 2, top + cell / 2 + 4, written, "bp-entry", cell - 4))
    i, j = seen.picked[0], seen.picked[-1] if seen.value.ndim == 2 else 0
    parts.append(rect(x + j * cell, y + i * cell, cell, cell, "bp-picked"))
    if seen.paired:
        parts.append(rect(x + i * cell, y + j * cell, cell, cell, "bp-mirror"))
    foot = y + rows * cell
    largest = number(float(np.abs(shown).max()), 3)
    parts.append(text(x, foot + 16, f"largest |entry| {largest}", "bp-tick bp-start"))
    if click:
        hit = rect(x, y, columns * cell, rows * cell, "bp-map")
        parts.append(hit.replace("/>", f' onclick="{escape(click)}"/>'))
    return "".join(parts)
