"""Figures of a slope read from nudges: secants that turn into the tangent; error against h."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from ..derivatives import value_and_grad
from ..picture.numbers import number
from .canvas import INK, MARGIN, SOFT, STYLES, Picture, in_our_look

STEPS = (2.0, 1.0, 0.5)
TENTHS = tuple(10.0**-k for k in np.arange(0.0, 12.25, 0.25))  # of h, from 1 to 1e-12
ROUNDING = float(np.finfo(float).eps)


@in_our_look
def secant(
    f: Callable[[Any], Any],
    at: float,
    steps: Sequence[float] = STEPS,
    *,
    name: str = "f",
) -> Picture:
    """Secants of f through `at` and `at` + h turning into the tangent as h shrinks.

    Args:
        f: a function of one number.
        at: where the slope is wanted.
        steps: one to six values of h, none of them 0.
        name: what the vertical axis and the caption call f(a).

    Raises ValueError for no or more than six steps, or a step of 0.

    >>> secant(lambda a: a**2, 5.0, [1.0, 0.1], name="a²").caption
    'a² near a = 5: the secants have slope 11 (h = 1), 10.1 (h = 0.1); the tangent has 10.'
    """
    if not 1 <= len(steps) <= len(STYLES) or 0.0 in steps:
        raise ValueError(f"secant draws 1 to {len(STYLES)} steps other than 0, not {list(steps)}")
    here, slope = value_and_grad(f)(float(at))
    ratios = [(float(f(at + h)) - here) / h for h in steps]
    told = ", ".join(
        f"{number(r, 5)} (h = {number(h)})" for h, r in zip(steps, ratios, strict=True)
    )
    caption = (
        f"{name} near a = {number(at)}: the secants have slope {told}; "
        f"the tangent has {number(slope, 5)}."
    )
    rows = -(-(len(steps) + 1) // 3)
    picture = Picture(7.4, 3.3, caption, legend=rows)
    axes = picture.axes_at(0.85, 0.48, 6.2, 2.6)
    reach = max(abs(h) for h in steps)
    low, high = min(0.0, *steps) - 0.5 * reach, max(0.0, *steps) + 0.25 * reach
    w = at + np.linspace(low, high, 300)
    curve = np.array([float(f(x)) for x in w.tolist()])
    axes.plot(w, curve, color=INK, linewidth=1.6, zorder=2, gid="curve")
    ends = np.array([w[0], w[-1]])
    handles = []
    for h, ratio, (colour, marker) in zip(steps, ratios, STYLES, strict=False):
        axes.plot(ends, here + ratio * (ends - at), color=colour, linewidth=1.3, gid="secant")
        axes.plot(at + h, here + ratio * h, marker, color=colour, markeredgecolor=INK,
                  markeredgewidth=0.5, markersize=7, zorder=4, gid="end")  # fmt: skip
        words = f"h = {number(h)}: slope {number(ratio, 5)}"
        handles.append(Line2D([], [], color=colour, marker=marker, label=words))
    tangent: dict[str, Any] = {"color": INK, "linestyle": (0, (5, 2)), "linewidth": 1.6}
    axes.plot(ends, here + slope * (ends - at), gid="tangent", zorder=3, **tangent)
    words = f"tangent: slope {number(slope, 5)}"
    handles.append(Line2D([], [], label=words, **tangent))
    axes.plot(at, here, "o", color="white", markeredgecolor=INK, markersize=8, zorder=5)
    room = 0.08 * float(np.ptp(curve)) or 1.0
    axes.set(xlim=(w[0], w[-1]), ylim=(curve.min() - room, curve.max() + room))
    axes.set(xlabel="a", ylabel=name)
    _legend(picture, handles)
    return picture


@in_our_look
def errors(f: Callable[[Any], Any], at: float, *, name: str = "f") -> Picture:
    """How far a ratio of changes is from the gradient, one-sided and two-sided, against h.

    Both axes are logarithmic. From the right the errors fall like h and like h²; from the left
    rounding grows like 1/h (Goodfellow, Bengio and Courville, section 4.1). Where the error is
    exactly 0 there is no point.

    Args:
        f: a function of one number.
        at: where the slope is wanted.
        name: what the caption calls f(a).

    >>> picture = errors(lambda a: a**3, 2.0, name="a³")
    >>> picture.caption[:76]
    'a³ at a = 2: error of a ratio of changes against the gradient, which is 12. '
    """
    here, slope = value_and_grad(f)(float(at))
    one = {h: abs((float(f(at + h)) - float(f(at))) / h - slope) for h in TENTHS}
    two = {h: abs((float(f(at + h)) - float(f(at - h))) / (2 * h) - slope) for h in TENTHS}
    sides = {"one-sided: (f(a + h) − f(a)) / h": one, "two-sided: (f(a + h) − f(a − h)) / 2h": two}
    best = [_best(found) for found in sides.values()]
    told = [f"{number(error, 2)} at h = {number(h, 2)}" for h, error in best]
    caption = (
        f"{name} at a = {number(at)}: error of a ratio of changes against the gradient, which is "
        f"{number(slope, 5)}. One-sided it is smallest, {told[0]}; two-sided, {told[1]}. "
        + (
            "A straight line: all of this is rounding."
            if one[TENTHS[0]] <= 8 * ROUNDING * max(abs(slope), abs(here))
            else "To the right the step is too long, to the left rounding takes over."
        )
    )
    picture = Picture(7.4, 3.3, caption, legend=1)
    axes = picture.axes_at(0.85, 0.48, 6.2, 2.6)
    handles = []
    shown: list[float] = []
    for (words, found), (colour, marker), (h, error) in zip(
        sides.items(), STYLES, best, strict=False
    ):
        points = np.array([(h, e) for h, e in found.items() if e > 0]).reshape(-1, 2)
        shown += points[:, 1].tolist()
        look: dict[str, Any] = {
            "color": colour,
            "marker": marker,
            "markersize": 4.5,
            "linewidth": 1.3,
        }
        axes.plot(*points.T, gid="error", **look)
        if error > 0:
            axes.plot(h, error, "o", markersize=12, markerfacecolor="none", markeredgecolor=INK)
        handles.append(Line2D([], [], label=words, **look))
    axes.set(xscale="log", yscale="log", xlabel="h", ylabel="error")
    low, high = (min(shown), max(shown)) if shown else (ROUNDING, 1.0)
    axes.set_xlim(TENTHS[-1] / 2, 2 * TENTHS[0])
    axes.set_ylim(low / 5, high * 5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=7))
        axis.set_minor_locator(NullLocator())
    axes.grid(color="#ececec", linewidth=0.8)
    axes.tick_params(colors=SOFT)
    _legend(picture, handles)
    return picture


def _best(found: dict[float, float]) -> tuple[float, float]:
    """The step with the smallest error, and that error."""
    h = min(found, key=lambda step: (found[step], -step))
    return h, found[h]


def _legend(picture: Picture, handles: Sequence[Line2D]) -> None:
    picture.legend(
        handles=list(handles), loc="lower left", ncols=3 if len(handles) > 2 else 2, borderpad=0,
        bbox_to_anchor=picture.share(MARGIN / 2, picture.legend_at - MARGIN / 2),
        handlelength=2.6, fontsize=9.5,
    )  # fmt: skip
