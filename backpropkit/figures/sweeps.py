"""A figure of how the step size decides where a run ends: J after some steps against η."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from ..descent import Surface, Trajectory, descend, stability_edge
from ..descent.surfaces import Where
from ..picture.numbers import number, place
from .canvas import INK, MARGIN, STYLES, Picture, in_our_look

FLOOR = 1e-16  # a height below this is rounding


@in_our_look
def rates(
    surface: Surface,
    steps: Sequence[int] = (10, 40),
    *,
    rates: Sequence[float] | None = None,
    start: Where | None = None,
    momentum: float = 0.0,
) -> Picture:
    """J, above its lowest, after some steps of descent against the step size η; both axes log.

    Args:
        surface: one with known minima.
        steps: one to three numbers of steps, a curve for each.
        rates: the step sizes; 60 around the stability edge if not given.
        start: where to begin; the surface's own start if None.
        momentum: the same for all runs.

    A run that diverges has no point; the grey part lies beyond the stability edge of the narrowest
    minimum. Raises ValueError for a surface without known minima or other numbers of curves.

    >>> from backpropkit.descent import bowl
    >>> rates(bowl, [20]).caption[:41]
    'Bowl, J = ½(w₁² + 10 w₂²), from (−4, 1.5)'
    """
    if not surface.minima:
        raise ValueError(f"{surface.name} has no known minima to measure heights from")
    if not 1 <= len(steps) <= 3:
        raise ValueError(f"a sweep shows 1 to 3 numbers of steps, and was given {list(steps)}")
    edge = min(stability_edge(surface, m, momentum) for m in surface.minima)
    tried = np.geomspace(edge / 100, 2 * edge, 80) if rates is None else np.asarray(rates, float)
    lowest = min(float(surface.height(m)) for m in surface.minima)
    runs = [descend(surface, r, max(steps), start, momentum=momentum) for r in tried.tolist()]
    above = {
        count: np.maximum(np.array([height(run, count) for run in runs]) - lowest, FLOOR)
        for count in steps
    }
    picture = Picture(7.4, 3.3, _caption(runs, above, edge), legend=1)
    axes = picture.axes_at(0.85, 0.48, 6.2, 2.55)
    for heights, (colour, marker) in zip(above.values(), STYLES, strict=False):
        axes.plot(tried, heights, color=colour, marker=marker, markersize=4, lw=1.3, gid="sweep")
    start_height = float(runs[0].losses[0]) - lowest
    heights = np.concatenate(list(above.values()))
    shown = [start_height, *heights[np.isfinite(heights)].tolist()]
    axes.axhline(start_height, color=INK, lw=1, ls=(0, (2, 2)), gid="start")
    axes.axvspan(edge, 2 * max(edge, tried.max()), color="#e6e6e6", zorder=0, gid="beyond")
    axes.set(xscale="log", yscale="log", xlabel="step size η; grey: beyond the stability edge")
    axes.set(xlim=(tried.min() / 1.1, tried.max() * 1.1), ylabel="J above its lowest")
    axes.set_ylim(min(shown) / 4, 8 * max(shown))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    words = [f"after {count} step{'s' * (count != 1)}" for count in steps]
    handles = [
        Line2D([], [], color=colour, marker=marker, label=told)
        for told, (colour, marker) in zip(words, STYLES, strict=False)
    ]
    handles.append(Line2D([], [], color=INK, lw=1, ls=(0, (2, 2)), label="at the start"))
    picture.legend(
        handles=handles, loc="lower left", ncols=4, borderpad=0, handlelength=2.4, fontsize=9.5,
        bbox_to_anchor=picture.share(MARGIN / 2, picture.legend_at - MARGIN / 2),
    )  # fmt: skip
    return picture


def height(run: Trajectory, step: int) -> float:
    """J at a step of a run; nan where it has left the frame for good.

    >>> from backpropkit.descent import parabola
    >>> height(descend(parabola, 0.5, 3), 2), height(descend(parabola, 2.0, 9), 9)
    (0.0, nan)
    """
    gone = run.left is not None and run.left <= step
    return math.nan if gone or step >= len(run.losses) else float(run.losses[step])


def _caption(runs: Sequence[Trajectory], above: dict[int, NDArray[np.float64]], edge: float) -> str:
    """Where it starts, the best step size for each number of steps, the edge."""
    best = []
    for count, heights in above.items():
        if not np.isfinite(heights).any():
            best.append(f"nowhere after {count} steps: every run diverges")
            continue
        k = int(np.nanargmin(heights))
        low = f"below {number(FLOOR)}" if heights[k] <= FLOOR else number(float(heights[k]), 2)
        best.append(f"after {count} steps at η = {number(runs[k].rate, 2)}, {low}")
    first, surface = runs[0], runs[0].surface
    heavy = f", momentum {number(first.momentum)}" if first.momentum else ""
    formula = "2(1 + β)/λmax" if first.momentum else "2/λmax"
    narrow = "" if len(surface.minima) == 1 else " of the narrowest minimum"
    return (
        f"{surface.name}, {surface.formula}, from {place(first.points[0])}{heavy}. J above its "
        f"lowest is smallest {'; '.join(best)}. Stability edge {formula}{narrow}: "
        f"{number(edge, 3)}."
    )
