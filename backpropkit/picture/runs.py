"""The picture of runs on a surface: the ground, the losses and the stability edge; words, table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..descent import Surface, Trajectory, stability_edge
from .ground import HEIGHT, WIDTH, frame, ground
from .marks import path, rect, text
from .numbers import number, place
from .panel import CROSS, SHAPES, STAR, Panel, dots, line

MOST = len(SHAPES)  # runs on one picture
FLOOR = 1e-10  # losses nearer to the lowest are rounding
MARGIN = 8.0
ROW = 22.0
SIGN = "sign of J"
GOALS = {"descent": "Minimise", "ascent": "Maximise", SIGN: "By the sign of J"}

RUN_STYLE = """
.bp .bp-hill{fill:none;stroke:var(--bp-ink);stroke-width:1.6;vector-effect:non-scaling-stroke}
.bp .bp-veil{fill:var(--bp-ink);fill-opacity:.016;fill-rule:evenodd;stroke:var(--bp-ink);
stroke-opacity:.22;vector-effect:non-scaling-stroke}
.bp .bp-land{fill:none;pointer-events:all;cursor:crosshair}
.bp .bp-star{fill:var(--bp-ink);stroke:var(--bp-paper);stroke-width:2;paint-order:stroke}
.bp .bp-way{fill:none;stroke-width:1.8}
.bp .bp-steps{stroke:var(--bp-paper);stroke-width:1.2;paint-order:stroke}
.bp .bp-gone{fill:none;stroke-width:3}
.bp .bp-begin{fill:none;stroke-width:1.6}
.bp .bp-begin.bp-here{stroke-width:3.4}
.bp .bp-halo{stroke:var(--bp-paper);stroke-width:4;paint-order:stroke}
.bp .bp-beyond{fill:var(--bp-line);fill-opacity:.35}
.bp .bp-edge{stroke:var(--bp-ink);stroke-width:2}
""" + "".join(
    f".bp .bp-run{k} .bp-steps{{fill:var(--bp-run{k})}}"
    f".bp .bp-run{k} .bp-way,.bp .bp-run{k} .bp-gone,.bp .bp-run{k} .bp-begin"
    f"{{stroke:var(--bp-run{k})}}\n"
    for k in range(MOST)
)


@dataclass(frozen=True)
class Walk:
    """One to four runs on a surface, all with the same rule, step size and momentum.

    `chosen` is the run whose start a learner moves; its ring is bold.
    """

    runs: tuple[Trajectory, ...]
    steps: int  # asked for; a run that is far away takes fewer
    chosen: int = 0

    @property
    def surface(self) -> Surface:
        return self.runs[0].surface

    @property
    def rate(self) -> float:
        return self.runs[0].rate

    @cached_property
    def edges(self) -> list[float]:
        """The stability edge at every minimum, the narrowest first."""
        return _edges(self.surface, self.runs[0].momentum)


@lru_cache(maxsize=64)  # a Hessian at every minimum, and a learner moves only the step size
def _edges(surface: Surface, momentum: float) -> list[float]:
    return sorted(stability_edge(surface, m, momentum) for m in surface.minima)


# --- words -------------------------------------------------------------------------------------


def ending(run: Trajectory) -> str:
    """How a run ends, in words.

    >>> from backpropkit.descent import bowl, descend
    >>> ending(descend(bowl, 0.1)), ending(descend(bowl, 0.21))
    ('ends at (−0.0591, 0), J = 0.00175', 'diverges: leaves the frame at step 5')
    """
    if run.left is not None:
        away = "diverges" if run.rule != "ascent" else "climbs away"
        return f"{away}: leaves the frame at step {run.left}"
    end = np.where(np.abs(run.points[-1]) < 5e-4, 0.0, run.points[-1])
    loss = float(run.losses[-1])
    height = f"J = {number(loss, 3)}" if abs(loss) >= FLOOR or loss == 0 else "J < 1e−10"
    where = place(end, 3) if end.ndim else f"w = {place(end)}"
    return f"ends at {where}, {height}"


def edge_words(walk: Walk) -> str:
    """The stability edge; at the narrowest and the widest minimum where they differ."""
    formula = "2(1 + β)/λmax" if walk.runs[0].momentum else "2/λmax"
    told = [number(edge, 3) for edge in walk.edges]
    to = f" to {told[-1]}" if told[0] != told[-1] else ""
    return f"stability edge {formula} = {told[0]}{to}"


def remark(walk: Walk) -> str:
    """What to think of this rule and this step size."""
    gone = any(run.diverged for run in walk.runs)
    if walk.runs[0].rule == SIGN:
        return (
            "This rule looks at the sign of J, which says nothing about where J falls: "
            "it heads for J = 0, not for a minimum."
        )
    if walk.runs[0].rule == "ascent":
        return "Uphill, nothing stops a run but a summit; here it found none." if gone else ""
    if not walk.edges:
        return ""
    edge, eta = edge_words(walk), f"η = {number(walk.rate)}"
    if walk.rate > walk.edges[-1]:
        return f"{eta} lies beyond the {edge}: near a minimum, steps overshoot more and more."
    if walk.rate > walk.edges[0]:
        return f"{eta} lies beyond the {edge} of the narrower of the minima."
    told = f"{eta} is {number(walk.rate / walk.edges[0], 2)} of the {edge}."
    if gone:
        told += " That edge holds near a minimum; where a run left, the surface is steeper."
    return told


def sentence(walk: Walk) -> str:
    """What the runs did: the caption, and what a screen reader announces."""
    first = walk.runs[0]
    heavy = f", momentum {number(first.momentum)}" if first.momentum else ""
    steps = f"{walk.steps} step{'s' * (walk.steps != 1)}"
    told = f"{GOALS[first.rule]}, {steps}, η = {number(walk.rate)}{heavy}: "
    ends = [f"from {place(run.points[0])} {ending(run)}" for run in walk.runs]
    if len(ends) == 1:
        return f"{told}the run {ends[0]}. {remark(walk)}".strip()
    ends = [f"run {nth} {words}" for nth, words in enumerate(ends, 1)]
    return f"{told}{'; '.join(ends)}. {remark(walk)}".strip()


def description(walk: Walk) -> str:
    surface = walk.surface
    kind = {True: ", convex", False: ", not convex", None: ""}[surface.convex]
    minima = ", ".join(place(np.array(m), 3) for m in surface.minima)
    where = f" Minima at {minima}." if minima else ""
    return f"Runs on a surface: {surface.name}{kind}, {surface.formula}.{where} {sentence(walk)}"


def table(walk: Walk) -> str:
    """The same facts as an HTML table, a row for every run."""
    head = [
        "run",
        "start",
        "J there",
        f"after {walk.steps} steps",
        "J there",
        "lowest J on the way",
    ]
    rows = []
    for nth, run in enumerate(walk.runs, 1):
        end, last = place(run.points[-1], 6), number(float(run.losses[-1]), 6)
        if run.left is not None:
            end, last = ending(run), "none"
        start, first = place(run.points[0], 6), number(float(run.losses[0]), 6)
        cells = [start, first, end, last, number(float(run.losses.min()), 6)]
        rows.append(
            f'<tr><th scope="row">{nth}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            + "</tr>"
        )
    return (
        f'<table class="bp bp-table"><caption>{escape(sentence(walk))}</caption><thead><tr>'
        + "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


# --- the picture -------------------------------------------------------------------------------


def draw_walk(walk: Walk, down: bool = False, click: str = "") -> str:
    """Runs as SVG text: the ground with every step, J per step beside it, η against the edge.

    Args:
        walk: what to draw.
        down: one below the other, for a narrow page.
        click: JavaScript for a click on the ground.
    """
    plot = frame(walk.surface)
    if down:
        plane = Panel(44, 34, 296, 230, plot.across, plot.up)
        right, top, width, high = 52.0, 344.0, 288.0, 150.0
        ruler, foot = 580.0, 644.0
    else:
        plane = Panel(44, 34, WIDTH, HEIGHT, plot.across, plot.up)
        right, top, width, high = 550.0, 34.0, 300.0, 190.0
        ruler, foot = 310.0, 414.0
    ruled = bool(walk.edges) and walk.runs[0].rule == "descent"
    parts = [
        _click(plane, click),
        f'<g transform="translate({plane.x:g} {plane.y:g}) '
        f'scale({plane.width / WIDTH:.4f} {plane.height / HEIGHT:.4f})" '
        f'pointer-events="none">{ground(walk.surface)}</g>',
        _walks(walk, plane),
        _losses(walk, right, top, width, high),
        _ruler(walk, right, ruler, width) if ruled else "",
    ]
    wide = right + width
    for nth, run in enumerate(walk.runs):
        y = foot + nth * ROW
        mark = dots(np.array([[plane.x - 30, y - 4]]), SHAPES[nth])
        words = f"{nth + 1} from {place(run.points[0])} {ending(run)}"
        parts.append(f'<g class="bp-run{nth}">{path(mark, "bp-steps")}</g>')
        parts.append(text(plane.x - 16, y, words, "", wide - plane.x + 16))
    w, h = wide + 2 * MARGIN, foot + len(walk.runs) * ROW
    ends = [[*np.atleast_1d(run.points[-1]).tolist(), float(run.losses[-1])] for run in walk.runs]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bp bp-picture" role="img" '
        f'viewBox="0 0 {w:g} {h:g}" width="{w:g}" height="{h:g}" style="--bp-width:{w:g}px" '
        f'data-rate="{walk.rate!r}" data-ends="{escape(json.dumps(ends))}" '
        f'aria-label="{escape(description(walk))}">{"".join(parts)}</svg>'
    )


def _click(plane: Panel, click: str) -> str:
    """What a mouse can hit: the whole ground."""
    box = rect(plane.x, plane.y, plane.width, plane.height, "bp-land")
    return box.replace("/>", f' onclick="{escape(click)}"/>') if click else ""


def _walks(walk: Walk, plane: Panel) -> str:
    """Every step of every run, rings at the starts, crosses where one leaves the frame for good."""
    flat = len(walk.surface.frame) == 1
    inside, beyond = [], []
    said: list[NDArray[np.float64]] = []
    for nth, run in enumerate(walk.runs):
        where = np.column_stack([run.points, run.losses]) if flat else run.points
        points = plane.at(*where.T)
        way = points[: run.left]
        inside.append(f'<g class="bp-run{nth}">{path(line(way), "bp-way")}')
        inside.append(path(dots(way, SHAPES[nth]), "bp-steps"))
        look = "bp-begin bp-here" if nth == walk.chosen else "bp-begin"
        x, y = points[0].tolist()
        inside.append(f'<circle class="{look}" cx="{x:.1f}" cy="{y:.1f}" r="8"/></g>')
        if run.left:
            cross = plane.way_out(points[run.left - 1], points[run.left])
            out = path(line(np.array([points[run.left - 1], cross])), "bp-way")
            gone = path(dots(cross[None], CROSS), "bp-gone")
            beyond.append(f'<g class="bp-run{nth}">{out}{gone}</g>')
            if all(np.any(np.abs(cross - other) > (90, 20)) for other in said):
                said.append(cross)
                beyond.append(_leaves(run, plane, cross))
    minima = walk.surface.minima
    places = [(m, walk.surface.height(m)) for m in minima] if flat else minima
    stars = path(dots(plane.at(*np.transpose(places)), STAR), "bp-star") if minima else ""
    axes = plane.axes("w" if flat else "w₁", "J" if flat else "w₂")
    x, y = plane.x + plane.width, plane.y - 10
    key = text(x, y, "ring: start" + ", star: minimum" * bool(minima), "bp-tick bp-end")
    ways = plane.clipped("".join(inside))
    return f'<g pointer-events="none">{axes}{key}{ways}{"".join(beyond)}{stars}</g>'


def _leaves(run: Trajectory, plane: Panel, cross: NDArray[np.float64]) -> str:
    """The word beside a cross, towards the middle of the ground."""
    right = cross[0] < plane.x + plane.width / 2
    above = cross[1] < plane.y + plane.height / 2
    word = "leaves" if run.rule == "ascent" else "diverges"
    look = "bp-halo" if right else "bp-halo bp-end"
    return text(cross[0] + (12 if right else -12), cross[1] + (16 if above else -8), word, look)


def _losses(walk: Walk, x: float, y: float, width: float, height: float) -> str:
    """J at every step, its height above the lowest minimum on a log axis where one is known."""
    minima = [float(walk.surface.height(m)) for m in walk.surface.minima]
    lowest = min(minima, default=0.0)
    kept = [run.losses[: run.left + 1 if run.left else None] - lowest for run in walk.runs]
    if minima:
        kept = [np.log10(np.maximum(heights, FLOOR)) for heights in kept]
    every = np.concatenate(kept)
    low, high = float(every.min()), float(every.max())
    if minima:
        low, high = float(np.floor(low)), float(np.ceil(high + 1e-9))
    low, high = (low, high) if high > low else (low - 1.0, high + 1.0)
    plot = Panel(x, y, width, height, (0.0, float(max(walk.steps, 1))), (low, high))
    above = f" above its lowest, {number(lowest, 3)}," if lowest else ""
    axes = plot.axes("step", f"J{above} after each step", log=bool(minima), whole=True)
    inside = []
    for nth, heights in enumerate(kept):
        points = plot.at(np.arange(len(heights)), heights)
        gap = max(len(heights) // 8, 1)
        marks = path(dots(points[nth % gap :: gap], SHAPES[nth]), "bp-steps")
        inside.append(f'<g class="bp-run{nth}">{path(line(points), "bp-way")}{marks}</g>')
    return axes + plot.clipped("".join(inside))


def _ruler(walk: Walk, x: float, y: float, width: float) -> str:
    """η on a ruler; what lies beyond the narrowest minimum's edge is grey."""
    edges = walk.edges
    plot = Panel(x, y, width, 14, (0.0, 1.25 * max(edges[-1], walk.rate)), (0.0, 1.0))
    start = float(plot.at(edges[0], 0)[0])
    parts = [rect(start, y, x + width - start, 14, "bp-beyond")]
    for edge in dict.fromkeys(edges):
        parts.append(path(f"M{float(plot.at(edge, 0)[0]):.1f} {y - 3:g}v20", "bp-edge"))
    now = float(plot.at(walk.rate, 0)[0])
    parts.append(path(f"M{x:g} {y + 14:g}h{width:g}", "bp-axis"))
    parts.append(f'<circle class="bp-ring" cx="{now:.1f}" cy="{y + 7:g}" r="6"/>')
    told = edge_words(walk)
    parts.append(text(x, y - 14, f"step size η = {number(walk.rate)}", "bp-actual"))
    parts.append(text(x, y + 34, told[0].upper() + told[1:], "bp-tick bp-start", width))
    return "".join(parts)
