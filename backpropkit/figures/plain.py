"""Plain figures: curves over one number, pairs of numbers, and maps of points in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .canvas import GREY, INK, MARGIN, STYLES, Picture, in_our_look

Numbers: TypeAlias = Sequence[float] | Any  # or an array
DASHES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)))
FEW = 20  # points, so that each can have a marker
WIDTH, HEIGHT = 7.4, 2.9  # of the room for one panel and its labels, inches
COLUMNS = 3  # of the legend


@in_our_look
def curves(
    series: Mapping[str, Numbers],
    caption: str,
    *,
    at: Numbers | None = None,
    across: str = "step",
    up: str = "",
    log: str = "",
    between: tuple[float, float] | None = None,
) -> Picture:
    """One curve or several over the same numbers.

    Args:
        series: for each curve its name and its heights, n numbers each.
        at: the n numbers they belong to; 0, 1, 2 … if not given.
        across, up: what the axes are called.
        log: "x", "y" or "xy": the axes on which equal distances mean equal factors.
        between: the lowest and the highest value shown.

    Raises ValueError for more than six curves, or heights that are not as many as `at`.

    >>> picture = curves({"loss": [4.0, 1.0, 0.25]}, "The loss falls from 4 to 0.25.")
    >>> picture.axes[0].get_lines()[0].get_ydata().tolist()
    [4.0, 1.0, 0.25]
    """
    _at_most_six(series)
    picture, axes = _panel(caption, series, across, up)
    for (name, heights), (colour, marker), dashes in zip(
        series.items(), STYLES, DASHES, strict=False
    ):
        places = np.arange(len(heights)) if at is None else np.asarray(at, dtype=float)
        if len(places) != len(heights):
            raise ValueError(f"{name!r} has {len(heights)} heights for {len(places)} places")
        marked = marker if len(places) <= FEW else ""
        axes.plot(places, heights, ls=dashes, color=colour, marker=marked, label=name)
        whole = bool(np.all(places == np.round(places)))
        axes.xaxis.set_major_locator(MaxNLocator(integer=whole))
    axes.set(**{f"{axis}scale": "log" for axis in log})
    axes.set_ylim(between)
    return _named(picture, axes, series)


@in_our_look
def pairs(
    series: Mapping[str, tuple[Numbers, Numbers]], caption: str, *, across: str, up: str
) -> Picture:
    """Pairs of numbers as points, beside the diagonal on which the two are equal.

    Args:
        series: for each kind of point its name and its numbers across and up, of one shape.
        across, up: what the axes are called.

    Raises ValueError for more than six kinds, or numbers that are not as many across as up.

    >>> picture = pairs({"copies": ([1.0, 2.0], [1.1, 1.9])}, "Close.", across="x", up="copy")
    >>> picture.axes[0].get_lines()[1].get_xydata().tolist()
    [[1.0, 1.1], [2.0, 1.9]]
    """
    _at_most_six(series)
    picture, axes = _panel(caption, series, across, up)
    low, high = (
        pick([pick(np.asarray(x)) for x, _ in series.values()]) for pick in (np.min, np.max)
    )
    axes.plot([low, high], [low, high], color=GREY, lw=1)
    for (name, (x, y)), (colour, marker) in zip(series.items(), STYLES, strict=False):
        if np.shape(x) != np.shape(y):
            raise ValueError(f"{name!r} has shape {np.shape(x)} across and {np.shape(y)} up")
        flat = np.ravel(x), np.ravel(y)
        axes.plot(*flat, ls="", marker=marker, ms=4.5, color=colour, label=name, alpha=0.8)
    return _named(picture, axes, series)


@in_our_look
def maps(places: Mapping[str, Any], caption: str) -> Picture:
    """Points of a plane side by side in panels of their own, joined in their order.

    The first point is ringed, and from it on the points grow darker, so that the order can be seen
    without the line and without colour. Each panel has a scale of its own.

    Args:
        places: for each panel its title and the points, of shape (n, 2).

    Raises ValueError for points of another shape.

    >>> picture = maps({"start": [[0.0, 0.0], [1.0, 1.0]]}, "Two points.")
    >>> [axes.get_title() for axes in picture.axes]
    ['start']
    """
    side = min(2.1, (9.0 - 2 * MARGIN) / len(places) - MARGIN)
    picture = Picture(max(5.0, MARGIN + len(places) * (side + MARGIN)), side + 0.45, caption)
    for nth, (title, given) in enumerate(places.items()):
        points = np.asarray(given, dtype=float)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"{title!r} needs points of shape (n, 2), not {points.shape}")
        axes = picture.axes_at(MARGIN + nth * (side + MARGIN), 0.1, side, side)
        axes.plot(*points.T, color=GREY, lw=1, zorder=1)
        late = -np.arange(len(points))  # dark is late
        axes.scatter(points[:, 0], points[:, 1], c=late, cmap="cividis", s=16, zorder=2)
        axes.plot(*points[0], "o", ms=9, mfc="none", mec=INK, zorder=3)
        axes.set(title=title, xticks=[], yticks=[])
        axes.set_aspect("equal", adjustable="datalim")
    return picture


def _at_most_six(series: Mapping[str, Any]) -> None:
    if len(series) > len(STYLES):
        raise ValueError(f"at most {len(STYLES)} can be told apart, and {len(series)} were given")


def _panel(caption: str, series: Mapping[str, Any], across: str, up: str) -> tuple[Picture, Axes]:
    """A picture with one panel, and room for a legend if there is anything to tell apart."""
    rows = -(-len(series) // COLUMNS) if len(series) > 1 else 0
    picture = Picture(WIDTH, HEIGHT, caption, legend=rows)
    axes = picture.axes_at(0.85, 0.48, WIDTH - 1.05, HEIGHT - 0.58)
    axes.set(xlabel=across, ylabel=up)
    return picture, axes


def _named(picture: Picture, axes: Axes, series: Mapping[str, Any]) -> Picture:
    if len(series) > 1:
        picture.legend(
            *axes.get_legend_handles_labels(),
            loc="lower left",
            bbox_to_anchor=picture.share(MARGIN / 2, picture.legend_at - MARGIN / 2),
            ncols=COLUMNS, borderpad=0, handlelength=2.6, fontsize=9.5,
        )  # fmt: skip
    return picture
