"""A plot that moves: curves sampled over one input of a scene, marks at the present numbers."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..engine.node import Node
from ..graphs.program import Program
from ..picture.marks import path, text
from ..picture.numbers import number
from ..picture.panel import ticks
from .scene import Script, Spec

DOT = "m-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z"
CELLS = 7  # ticks an axis has room for; as in page/bind.js
BESIDE = 4.0  # between numbers upwards and the edge, px; as there


@dataclass(frozen=True)
class Line:
    """A curve: a node over the plot's input."""

    y: Node
    css: str


@dataclass(frozen=True)
class Mark:
    """A dot at one pair of nodes, or a way through several."""

    points: tuple[tuple[Node, Node], ...]
    css: str
    shape: str = ""  # path data of a dot; "" for a way
    more: str = ""  # further attributes


@dataclass(frozen=True)
class Plot:
    """Curves over an input that runs through `at`, and marks.

    Attributes:
        frame: left, top, width, height, px.
        over, at: the input, and its values; where `now` (its node) goes further, they stretch.
        x: what lies across, as a node; `start` is where it stands when the input is 0.
        fit: how many of the lines decide on the span upwards.
        log: (across, up) as spans of decades; both axes are then logarithmic.
        keep: a span upwards that stands, but for the last mark, where that lies outside.
        above: the first line matters only where it lies above the second; elsewhere nothing to see.
    """

    frame: tuple[float, float, float, float]
    over: str
    at: Sequence[float]
    x: Node
    lines: Sequence[Line]
    marks: Sequence[Mark] = ()
    now: Node | None = None
    start: Node | None = None
    fit: int = 1
    log: tuple[tuple[float, float], tuple[float, float]] | None = None
    keep: tuple[float, float] | None = None
    above: bool = False

    def draw(self, script: Script) -> tuple[str, bool]:
        """The plot as SVG, bound; and whether there is anything to see."""
        nodes = [self.x, *(line.y for line in self.lines)]
        ends = max(map(abs, self.at))
        grow = max(1.0, 1.1 * abs(self.now.value) / ends) if self.now else 1.0
        grow = min(grow, 1.7e308 / ends)
        at = [grow * value for value in self.at]
        sampled = Program(nodes, script.inputs).sample(self.over, at, nodes)
        shown = not self.above or any(
            value > floor for value, floor in zip(sampled[1], sampled[2], strict=True)
        )
        x, *ys = ([self.scaled(value) for value in row] for row in sampled)
        spans = self.log or ((x[0], x[-1]), self.up([v for row in ys[: self.fit] for v in row]))
        parts = [self.axes(spans)]
        ways = "".join(
            f'<path class="{line.css}" data-line="" d="{self.way(x, y, spans)}"/>'
            for line, y in zip(self.lines, ys, strict=True)
        )
        box = "{:g} {:g} {:g} {:g}".format(*self.frame)  # lines end at the frame
        where = 'x="{:g}" y="{:g}" width="{:g}" height="{:g}"'.format(*self.frame)
        marks = sorted(self.marks, key=lambda mark: bool(mark.shape))
        drawn = [self.mark(mark, spans) for mark in marks]
        ways += "".join(way for way, mark in zip(drawn, marks, strict=True) if not mark.shape)
        parts.append(f'<svg {where} viewBox="{box}">{ways}</svg>')
        parts += [dot for dot, mark in zip(drawn, marks, strict=True) if mark.shape]
        spec = {
            "frame": list(self.frame),
            "over": self.over,
            "at": list(self.at),
            "now": self.now,
            "from": self.start,
            "x": self.x,
            "lines": [line.y for line in self.lines],
            "marks": [[list(pair) for pair in mark.points] for mark in marks],
            "fit": self.fit,
            "log": bool(self.log),
            "across": list(spans[0]),
            "up": list(spans[1]),
            "above": self.above,
            "keep": self.keep,
        }
        bound = [script.bind("plot", Spec(spec))]
        return script.tag("g", "".join(parts), data_plot="", marks=bound), shown

    def up(self, values: Sequence[float]) -> tuple[float, float]:
        """The span upwards."""
        if not self.keep:
            return around(values)
        [*_, last] = self.marks
        y = last.points[0][1].value
        return min(self.keep[0], y), max(self.keep[1], y)

    def scaled(self, value: float) -> float:
        if not self.log:
            return value
        return math.log10(abs(value)) if value else -math.inf

    def point(self, x: float, y: float, spans: Sequence[Sequence[float]]) -> tuple[float, float]:
        """Where a pair of numbers lies, px; no further out than pictures can be drawn; nan where
        a span is none."""
        left, top, width, height = self.frame
        across, up = (share(v, *span) for v, span in zip((x, y), spans, strict=True))
        return left + across * width, top + height - up * height

    def way(
        self, xs: Sequence[float], ys: Sequence[float], spans: Sequence[Sequence[float]]
    ) -> str:
        way, pen = "", "M"
        for x, y in zip(xs, ys, strict=True):
            px, py = self.point(x, y, spans)
            known = math.isfinite(y) and math.isfinite(px + py)
            way += f"{pen}{px:.1f} {py:.1f}" if known else ""
            pen = "L" if known else "M"
        return way or "M0 0"

    def mark(self, mark: Mark, spans: Sequence[Sequence[float]]) -> str:
        values = [(self.scaled(x.value), self.scaled(y.value)) for x, y in mark.points]
        places = [self.point(x, y, spans) for x, y in values]
        known = all(math.isfinite(x) for pairs in (values, places) for pair in pairs for x in pair)
        places = places if known else [(0.0, 0.0)]
        known = known and (not mark.shape or self.inside(*places[0]))
        hidden = "" if known else ' hidden=""'
        if mark.shape:
            (x, y), *_ = places
            at = f'transform="translate({x:.1f} {y:.1f})" d="{mark.shape}"'
            return f'<path class="{mark.css}" data-mark="dot" {at}{mark.more}{hidden}/>'
        way = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        return f'<path class="{mark.css}" data-mark="way" d="{way}"{mark.more}{hidden}/>'

    def inside(self, px: float, py: float) -> bool:
        """Whether a place lies in the frame, or on it."""
        left, top, width, height = self.frame
        return -1 <= px - left <= width + 1 and -1 <= py - top <= height + 1

    def axes(self, spans: Sequence[Sequence[float]]) -> str:
        left, top, width, height = self.frame
        foot = top + height
        drawn = path(f"M{left:g} {top:g}V{foot:g}h{width:g}", "bp-axis")
        if self.log:
            every = (2, 6)
            shown = [np.arange(math.ceil(s[0]), s[1] + 1, e) for s, e in zip(spans, every)]  # noqa: B905
            words = [[number(10.0**k, 1) for k in axis] for axis in shown]
        else:
            wanted = round(width / 80), round(height / 45)
            shown = [ticks(*s, w)[:CELLS] for s, w in zip(spans, wanted, strict=True)]  # type: ignore
            words = [[number(v) for v in axis] for axis in shown]
        for axis, name in enumerate("xy"):
            parts = []
            for k in range(len(shown[axis]) if self.log else CELLS):
                here = k < len(shown[axis])
                px, py = left, foot
                if here:
                    tick = float(shown[axis][k])
                    at = self.point(tick, tick, spans)
                    px, py = (at[0], foot) if axis == 0 else (left, at[1])
                label = (
                    path("M0 0v4", "bp-axis") + text(0, 17, words[0][k] if here else "", "bp-tick")
                    if axis == 0
                    else path("M0 0h-4", "bp-axis")
                    + text(-7, 4, words[1][k] if here else "", "bp-tick bp-end", left - BESIDE)
                )
                hidden = "" if here else ' hidden=""'
                parts.append(f'<g transform="translate({px:.1f} {py:.1f})"{hidden}>{label}</g>')
            drawn += f'<g data-axis="{name}">{"".join(parts)}</g>'
        return drawn


def share(value: float, low: float, high: float) -> float:
    """How far a value lies on its way from low to high, at most 100 times that far: as in
    page/bind.js. Halves, since the difference of two numbers may be none."""
    wide = high / 2 - low / 2
    return min(max((value / 2 - low / 2) / wide, -100.0), 100.0) if wide > 0 else math.nan


def around(values: Sequence[float]) -> tuple[float, float]:
    """The span of some numbers with a little air; as in page/bind.js."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    air = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    most = sys.float_info.max
    return max(low - air, -most), min(high + air, most)
