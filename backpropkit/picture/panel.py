"""Plot panels as SVG text: a frame with round ticks, numbers put where they belong, marks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .marks import path, text
from .numbers import number

# One a run, so that colour never stands alone: circle, triangle, square, diamond.
SHAPES = (
    "m-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0 -6.8 0z",
    "m0 -4.4l4.2 7.4h-8.4z",
    "m-3.2 -3.2h6.4v6.4h-6.4z",
    "m0 -4.6l4.2 4.6l-4.2 4.6l-4.2 -4.6z",
)
STAR = "m0 -8l1.9 5.3l5.7 .2l-4.5 3.5l1.6 5.4l-4.7 -3.2l-4.7 3.2l1.6 -5.4l-4.5 -3.5l5.7 -.2z"
CROSS = "m-5 -5l10 10m0 -10l-10 10"


@dataclass(frozen=True)
class Panel:
    """A rectangle on the page (px), and the numbers its edges stand for."""

    x: float
    y: float
    width: float
    height: float
    across: tuple[float, float]
    up: tuple[float, float]

    def at(self, across: object, up: object) -> NDArray[np.float64]:
        """Where numbers lie on the page: an array of shape (…, 2).

        >>> Panel(10, 10, 100, 50, (0, 1), (0, 1)).at(0.5, 1.0)
        array([60., 10.])
        """
        (left, right), (low, high) = self.across, self.up
        x = self.x + (np.asarray(across, float) - left) / (right - left) * self.width
        y = self.y + self.height - (np.asarray(up, float) - low) / (high - low) * self.height
        return np.stack([x, y], axis=-1)

    def axes(self, below: str, beside: str, log: bool = False, whole: bool = False) -> str:
        """The axes with their ticks and names.

        `log`: the numbers upwards are powers of ten; `whole`: those across are whole.
        """
        foot, parts = self.y + self.height, []
        for tick in ticks(*self.across, max(2, round(self.width / 80))):
            if whole and tick % 1:
                continue
            x = float(self.at(tick, self.up[0])[0])
            parts += [path(f"M{x:.1f} {foot:g}v4", "bp-axis")]
            parts += [text(x, foot + 17, number(tick), "bp-tick")]
        for tick in decades(*self.up) if log else ticks(*self.up, max(2, round(self.height / 60))):
            y = float(self.at(self.across[0], tick)[1])
            label = power(int(tick)) if log else number(tick)
            parts += [path(f"M{self.x:g} {y:.1f}h-4", "bp-axis")]
            parts += [text(self.x - 7, y + 4, label, "bp-tick bp-end")]
        parts.append(path(f"M{self.x:g} {self.y:g}V{foot:g}h{self.width:g}", "bp-axis"))
        parts.append(text(self.x + self.width / 2, foot + 33, below, "bp-tick"))
        return "".join([*parts, text(self.x, self.y - 10, beside)])

    def clipped(self, inside: str) -> str:
        """What is drawn, cut off a little beyond the frame."""
        x, y, room = self.x - 6, self.y - 6, 12
        width, height = self.width + room, self.height + room
        place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        return f'<svg {place} viewBox="{x:g} {y:g} {width:g} {height:g}">{inside}</svg>'

    def way_out(self, last: NDArray[np.float64], next: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where a line from a place inside to one outside meets the frame; all in px."""
        step = next - last
        wall = np.where(step > 0, [self.x + self.width, self.y + self.height], [self.x, self.y])
        moving = np.abs(step) > 1e-9
        share = np.min((wall - last)[moving] / step[moving])
        return last + np.clip(share, 0.0, 1.0) * step


def line(points: NDArray[np.float64]) -> str:
    """The way through points, for a path element.

    >>> line(np.array([[1.0, 2.0], [3.04, 4.0]]))
    'M1.0 2.0L3.0 4.0'
    """
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())


def dots(points: NDArray[np.float64], shape: str) -> str:
    """The same mark at many points, as one path."""
    return "".join(f"M{x:.1f} {y:.1f}{shape}" for x, y in points.tolist())


def ticks(low: float, high: float, wanted: int) -> list[float]:
    """About `wanted` round numbers between low and high; none where digits cannot part them.

    >>> ticks(-4.6, 4.6, 5)
    [-4.0, -2.0, 0.0, 2.0, 4.0]
    """
    rough = high / max(wanted, 1) - low / max(wanted, 1)  # their difference may be no number
    if not 1e-300 < rough < math.inf:
        return []
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= 0.8 * rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def decades(low: float, high: float) -> list[float]:
    """Whole powers of ten between two, at most six."""
    every = max(1, math.ceil((high - low) / 6))
    return [float(k) for k in range(math.ceil(low), math.floor(high) + 1) if k % every == 0]


def power(decade: int) -> str:
    """A power of ten as it is written on an axis.

    >>> power(-8), power(0), power(2)
    ('1e−8', '1', '100')
    """
    return number(10.0**decade, 1)
