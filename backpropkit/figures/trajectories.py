"""Figures of descent: a surface with the runs on it, and the loss of every step beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from ..descent import Surface, Trajectory, contour_levels, stability_edge
from ..picture.numbers import number, place
from .canvas import GREY, INK, MARGIN, STYLES, Picture, in_our_look

FLOOR = 1e-10  # losses below this are rounding; the lines leave the panel there
SHADES = LinearSegmentedColormap.from_list("height", ["#ffffff", "#dcdcdc"])
PAPER = [withStroke(linewidth=3, foreground="white")]  # around text that lies on a drawing


@in_our_look
def descent(runs: Trajectory | Iterable[Trajectory]) -> Picture:
    """Runs on one surface: the curve or contours with every step, and J per step beside it.

    A ring is a start, a star a minimum. A run that diverges is drawn to the frame and ends in a
    cross there. Where the step sizes differ and there is one minimum, a rule below the losses
    shows them against the stability edge 2/λmax.

    Args:
        runs: one to six trajectories on the same surface.

    Raises ValueError for none, more than six, or runs on several surfaces.

    >>> from backpropkit.descent import bowl, descend
    >>> picture = descent(descend(bowl, rate) for rate in (0.02, 0.18, 0.21))
    >>> picture.caption[:53]
    'Bowl, J = ½(w₁² + 10 w₂²): 40 steps, start (−4, 1.5).'
    """
    runs = [runs] if isinstance(runs, Trajectory) else list(runs)
    if not 1 <= len(runs) <= len(STYLES):
        raise ValueError(f"a figure shows 1 to {len(STYLES)} runs, and was given {len(runs)}")
    surface = runs[0].surface
    if any(run.surface is not surface for run in runs):
        names = ", ".join(dict.fromkeys(run.surface.name for run in runs))
        raise ValueError(f"a figure shows runs on one surface, and was given {names}")
    columns = 1 if len(runs) == 1 else 2
    picture = Picture(9.4, 3.82, caption(surface, runs), legend=-(-len(runs) // columns))
    ruled = (
        len(surface.minima) == 1
        and len({run.rate for run in runs}) > 1
        and not any(run.momentum for run in runs)
    )
    ground = picture.axes_at(0.72, 0.55, 4.4, 2.9)
    draw = draw_curve if len(surface.frame) == 1 else draw_contours
    draw(ground, surface)
    draw_runs(ground, runs)
    losses = picture.axes_at(6.0, 1.35 if ruled else 0.55, 3.2, 2.1 if ruled else 2.9)
    draw_losses(losses, surface, runs)
    if ruled:
        draw_rule(picture.axes_at(6.0, 0.42, 3.2, 0.3), surface, runs)
    picture.legend(
        handles=[Line2D([], [], **look(nth)) for nth in range(len(runs))],
        labels=[label(run, runs) for run in runs],
        loc="lower left", bbox_to_anchor=picture.share(MARGIN / 2, picture.legend_at - MARGIN / 2),
        ncols=columns, borderpad=0, handlelength=2.2, labelspacing=0.45, fontsize=9.5,
    )  # fmt: skip
    return picture


# --- words -------------------------------------------------------------------------------------


def differing(runs: Sequence[Trajectory]) -> list[str]:
    """Which of rate, start, rule and momentum differ between the runs; the rate if none does."""
    told = {
        "rate": [number(run.rate) for run in runs],
        "start": [place(run.points[0]) for run in runs],
        "rule": [run.rule for run in runs],
        "momentum": [number(run.momentum) for run in runs],
    }
    return [what for what, values in told.items() if len(set(values)) > 1] or ["rate"]


def label(run: Trajectory, runs: Sequence[Trajectory]) -> str:
    """What makes this run different from the others, and how it ends."""
    words = {
        "rate": f"η = {number(run.rate)}",
        "start": f"from {place(run.points[0])}",
        "rule": f"rule “{run.rule}”",
        "momentum": f"momentum {number(run.momentum)}" if run.momentum else "no momentum",
    }
    told = ", ".join(words[what] for what in differing(runs))
    if run.left is not None:
        return f"{told}: diverges, leaves the frame at step {run.left}"
    end = np.where(np.abs(run.points[-1]) < 5e-4, 0.0, run.points[-1])
    where = place(end, 3) if end.ndim else f"w = {place(end)}"
    loss = float(run.losses[-1])
    height = f"J = {number(loss, 3)}" if loss == 0 or abs(loss) >= FLOOR else "J < 1e−10"
    return f"{told}: ends at {where}, {height}"


def caption(surface: Surface, runs: Sequence[Trajectory]) -> str:
    """The surface, what the runs have in common, the stability edge, how to read the picture."""
    different = differing(runs)
    first, steps = runs[0], max(len(run.points) for run in runs) - 1
    same = [f"{steps} step{'s' * (steps != 1)}"]
    if "start" not in different:
        same.append(f"start {place(first.points[0])}")
    if "rate" not in different or len(runs) == 1:
        same.append(f"step size η = {number(first.rate)}")
    if "rule" not in different and first.rule != "descent":
        same.append(f"rule “{first.rule}”")
    if "momentum" not in different and first.momentum:
        same.append(f"momentum {number(first.momentum)}")
    told = [f"{surface.name}, {surface.formula}: {', '.join(same)}."]
    if surface.minima and not any(run.momentum for run in runs):
        told.append(f"Stability edge 2/λmax: {edges(surface)}.")
    told.append("Ring: start; star: minimum.")
    if any(run.diverged for run in runs):
        told.append("Cross: a run leaves the frame and diverges.")
    return " ".join(told)


def edges(surface: Surface) -> str:
    """The stability edge at each minimum, or their range where there are more than two."""
    found = [number(stability_edge(surface, m), 3) for m in surface.minima]
    if len(found) > 2:
        ordered = sorted(found, key=float)
        return f"{ordered[0]} at the narrowest minimum, {ordered[-1]} at the widest"
    places = [place(np.array(m)) for m in surface.minima]
    return ", ".join(f"{edge} at {at}" for edge, at in zip(found, places, strict=True))


# --- the surface -------------------------------------------------------------------------------


def draw_curve(axes: Axes, surface: Surface) -> None:
    """J over w, with a star at every minimum."""
    (low, high) = surface.frame[0]
    w = np.linspace(low, high, 400)
    heights = surface.height(w)
    room = 0.06 * np.ptp(heights)
    axes.plot(w, heights, color=INK, linewidth=1.2, zorder=1, gid="surface")
    axes.set(xlim=(low, high), ylim=(heights.min() - room, heights.max()), xlabel="w", ylabel="J")
    axes.set_title(surface.formula, loc="left")
    stars(axes, [(m, surface.height(m)) for m in surface.minima])


def draw_contours(axes: Axes, surface: Surface) -> None:
    """Grey contours of J, denser near the lowest, darker where higher; a star at every minimum."""
    (left, right), (low, high) = surface.frame
    w = np.array(np.meshgrid(np.linspace(left, right, 160), np.linspace(low, high, 160)))
    heights = surface.height(w)
    levels = np.append(heights.min(), contour_levels(heights))
    shades = SHADES(np.linspace(0, 1, len(levels) - 1))
    axes.contourf(*w, heights, levels=levels, colors=shades, zorder=0)
    axes.contour(*w, heights, levels=levels, colors=GREY, linewidths=0.8, zorder=0)
    axes.set(xlim=(left, right), ylim=(low, high), xlabel="w₁", ylabel="w₂")
    axes.set_title(surface.formula, loc="left")
    stars(axes, list(surface.minima))


def stars(axes: Axes, where: Sequence[object]) -> None:
    if where:
        x, y = np.transpose(np.array(where, dtype=float))
        axes.plot(
            x, y, "*", color=INK, markersize=13, markeredgecolor="white", zorder=5, gid="minima"
        )


# --- the runs ----------------------------------------------------------------------------------


def look(nth: int, **more: Any) -> dict[str, Any]:
    """Colour, marker and edge of the nth run."""
    colour, marker = STYLES[nth]
    edge = {"markeredgecolor": INK, "markeredgewidth": 0.5}
    return {"color": colour, "marker": marker, "linewidth": 1.4, "markersize": 5, **edge, **more}


def draw_runs(axes: Axes, runs: Sequence[Trajectory]) -> None:
    """Every step of every run, rings at the starts, crosses where one leaves the frame for good."""
    shared = "start" not in differing(runs) and len(runs) > 1
    crosses = []
    for nth, run in enumerate(runs):
        points = run.points if run.points.ndim == 2 else np.column_stack([run.points, run.losses])
        axes.plot(*points[: run.left].T, **look(nth), zorder=3, gid="run")
        axes.plot(
            *points[0], "o", markersize=13, markerfacecolor="none", zorder=4, gid="start",
            markeredgecolor=INK if shared else STYLES[nth][0], markeredgewidth=1.6,
        )  # fmt: skip
        if run.left:
            last = points[run.left - 1]
            crosses.append(frame_crossing(axes, last, points[run.left]))
            way = np.transpose([last, crosses[-1]])
            axes.plot(*way, color=STYLES[nth][0], linewidth=1.4, zorder=3)
            cross = look(nth, marker="X", markersize=10)
            axes.plot(*crosses[-1][:, None], **cross, clip_on=False, zorder=6, gid="cross")
    say_diverges(axes, crosses)


def say_diverges(axes: Axes, crosses: Sequence[NDArray[np.float64]]) -> None:
    """The word beside each cross, towards the middle; crosses side by side share one word."""
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    said: list[NDArray[np.float64]] = []
    for cross in crosses:
        at = (cross - low) / (high - low)
        if any(np.all(np.abs(at - other) < (0.2, 0.08)) for other in said):
            continue
        said.append(at)
        right = at[0] < 0.5
        axes.annotate(
            "diverges", at, (9 if right else -9, 14 if at[1] < 0.5 else -14),
            xycoords="axes fraction", textcoords="offset points", zorder=7, color=INK,
            ha="left" if right else "right", va="center", path_effects=PAPER,
        )  # fmt: skip


def frame_crossing(
    axes: Axes, inside: NDArray[np.float64], outside: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where the straight line from a point inside to one outside meets the frame."""
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    step = outside - inside
    wall = np.where(step > 0, high, low)
    share = np.min((wall - inside)[step != 0] / step[step != 0])
    crossing: NDArray[np.float64] = inside + share * step
    return crossing


def draw_losses(axes: Axes, surface: Surface, runs: Sequence[Trajectory]) -> None:
    """J at every step; where minima are known, its height above the lowest, on a log axis."""
    lowest = min((float(surface.height(m)) for m in surface.minima), default=None)
    above = f" above its lowest, {number(lowest)}," if lowest else ""
    axes.set_title(f"J{above} after each step", loc="left")
    axes.set_xlabel("step")
    longest = max(len(run.points) for run in runs)
    every = max(longest // 10, len(runs))
    for nth, run in enumerate(runs):
        height = run.losses - (lowest or 0.0)
        if lowest is not None:
            height = np.where(height > 0, height, np.nan)  # a log axis has no 0
        axes.plot(height, **look(nth), markevery=(nth * every // len(runs), every), gid="loss")
    if lowest is not None:
        inside = np.concatenate([run.losses[: run.left] for run in runs]) - lowest
        bottom = max(inside[inside > 0].min() / 3, FLOOR)
        axes.set(yscale="log", ylim=(bottom, 6 * inside.max()))
        axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlim(0, longest - 1)
    axes.grid(color="#ececec", linewidth=0.8)


def draw_rule(axes: Axes, surface: Surface, runs: Sequence[Trajectory]) -> None:
    """The step sizes on a ruler with the stability edge, beyond which runs diverge."""
    edge = stability_edge(surface, surface.minima[0])
    last = 1.25 * max(edge, *(run.rate for run in runs))
    axes.axvspan(edge, last, color="#e6e6e6", zorder=0)
    axes.axvline(edge, color=INK, linewidth=1.4, zorder=1)
    for nth, run in enumerate(runs):
        axes.plot(run.rate, 0.7 - 0.4 * (nth % 2), **look(nth, markersize=7), gid="rate")
    axes.set(xlim=(0, last), ylim=(0, 1), yticks=[])
    axes.set_xlabel("step size η; grey: beyond the edge 2/$\\lambda_\\mathrm{max}$")
    axes.set_xticks([0, edge / 2, edge], labels=["0", number(edge / 2), number(edge)])
    axes.spines["left"].set_visible(False)
