"""The ground that runs walk on, drawn once a surface: contours or a curve, as SVG text."""

from __future__ import annotations

from functools import cache
from typing import Any

import contourpy
import numpy as np
from numpy.typing import NDArray

from ..descent import Surface, contour_levels
from .marks import path
from .panel import Panel, line

WIDTH, HEIGHT = 430.0, 310.0  # px; a picture scales it
GRID = 56  # heights along each side


@cache
def frame(surface: Surface) -> Panel:
    """The panel of a surface, from (0, 0): w₂ over w₁, or J over w."""
    if len(surface.frame) == 2:
        return Panel(0, 0, WIDTH, HEIGHT, surface.frame[0], surface.frame[1])
    heights = curve(surface)[:, 1]
    room = 0.06 * np.ptp(heights)
    up = (float(heights.min() - room), float(heights.max()))
    return Panel(0, 0, WIDTH, HEIGHT, surface.frame[0], up)


@cache
def ground(surface: Surface) -> str:
    """Contours, greyer where higher; for a surface over one number its curve.

    >>> from backpropkit.descent import bowl, parabola
    >>> ground(bowl).count("<path"), ground(parabola).count("<path")
    (13, 1)
    """
    panel = frame(surface)
    if len(surface.frame) == 1:
        return path(line(panel.at(*curve(surface).T)), "bp-hill")
    (left, right), (low, high) = surface.frame
    w = np.array(np.meshgrid(np.linspace(left, right, GRID), np.linspace(low, high, GRID)))
    heights = surface.height(w)
    x, y = np.moveaxis(panel.at(*w), -1, 0)
    lines = contourpy.contour_generator(x, y, heights, fill_type=contourpy.FillType.OuterOffset)
    parts = []
    for level in contour_levels(heights)[:-1]:  # what lies higher gets one more veil of grey
        found: Any = lines.filled(level, np.inf)
        areas, offsets = found
        rings = [
            outline(ring)
            for area, ends in zip(areas, offsets, strict=True)
            for ring in np.split(area, ends[1:-1])
        ]
        parts.append(path("".join(rings), "bp-veil"))
    return f'<g transform="scale(.5)">{"".join(parts)}</g>'


def outline(ring: NDArray[np.float64]) -> str:
    """A closed way in whole half pixels, each step from the last, one along a straight edge.

    >>> outline(np.array([[1.0, 1.0], [2.0, 1.0], [3.2, 1.0], [3.0, 2.5]]))
    'M2 2l4 0 0 3z'
    """
    points = np.round(2 * ring).astype(int)
    steps = np.diff(points, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    if not len(steps):
        return ""  # smaller than half a pixel
    ways = np.sign(steps)
    turns = np.any(ways[1:] != ways[:-1], axis=1) | np.all(steps[1:] != 0, axis=1)
    steps = np.add.reduceat(steps, [0, *np.flatnonzero(turns) + 1])
    x, y = points[0].tolist()
    told = " ".join(f"{dx} {dy}" for dx, dy in steps.tolist())
    return f"M{x} {y}l{told}z".replace(" -", "-")


def curve(surface: Surface) -> NDArray[np.float64]:
    """Points (w, J) along a surface over one number, of shape (n, 2)."""
    w = np.linspace(*surface.frame[0], 300)
    return np.column_stack([w, surface.height(w)])
