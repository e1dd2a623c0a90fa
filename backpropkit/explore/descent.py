"""The descent explorer: walk down (or up) a surface by a rule, a step size, momentum and starts."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w
import numpy as np

from ..descent import RULES, SURFACES, Surface, Trajectory, bowl, descend, stability_edge
from ..picture.panel import ticks
from ..picture.runs import GOALS, MOST, RUN_STYLE, SIGN, Walk, draw_walk, sentence, table
from .widgets import CLICK, Explorer, Pointer, spoken

MANTISSAS = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.1, 2.2, 2.5, 2.8, 3, 3.5, 4, 5, 6, 7, 8, 9)
RATES = tuple(float(f"{m}e{k}") for k in range(-4, 1) for m in MANTISSAS if m * 10.0**k <= 3)
WORDS = {
    "descent": "minimise: w − η ∂J/∂w",
    "ascent": "maximise: w + η ∂J/∂w",
    SIGN: "by the sign of J: against the gradient if J > 0, else with it",
}
assert set(WORDS) == set(RULES) == set(GOALS)


def descent(
    surface: Surface | Callable[[Any], Any] = bowl,
    /,
    *,
    start: Any = None,
    frame: tuple[tuple[float, float], ...] | None = None,
) -> w.Widget:
    """Walk on a surface: step size, momentum, up to four starts, three rules.

    Args:
        surface: a Surface, or a function of one number w, or of a vector w read as w[0] and w[1].
        start: for a function, where to begin: one number or two; 0 if not given.
        frame: for a function, (low, high) for each coordinate; 3 to each side if not given.

    The surfaces of `bp.descent` are on the menu in any case.

    Raises:
        TypeError: neither a Surface nor a function.
        ValueError: a start or frame for a Surface (it has its own), or one of other than one or
            two coordinates.

    >>> explorer = descent(bowl)
    >>> explorer.rate.value = 0.21
    >>> explorer.walk.runs[0].left
    5
    """
    if isinstance(surface, Surface):
        if start is not None or frame is not None:
            raise ValueError(f"{surface.name} has a start and a frame of its own; give neither")
        return DescentExplorer(surface)
    if not callable(surface):
        raise TypeError(
            "explore.descent takes a Surface of backpropkit.descent or a function of w, and was "
            f"given {surface!r:.60} (a {type(surface).__name__})"
        )
    return DescentExplorer(own_surface(surface, start, frame))


def own_surface(
    f: Callable[[Any], Any], start: Any, frame: tuple[tuple[float, float], ...] | None
) -> Surface:
    """A learner's function as a surface."""
    if start is None:
        start = 0.0 if frame is None or len(frame) == 1 else tuple(0.0 for _ in frame)
    at = np.atleast_1d(np.asarray(start, dtype=float))
    frame = frame or tuple((x - 3.0, x + 3.0) for x in at.tolist())
    if len(frame) not in (1, 2) or len(frame) != at.size:
        raise ValueError(
            f"a surface is drawn over one number or two; the start {start!r} has {at.size}, the "
            f"frame {frame!r} has {len(frame)}"
        )
    name = getattr(f, "__name__", "f")
    name = "Your function" if name == "<lambda>" else name
    arguments = "w₁, w₂" if at.size == 2 else "w"
    place = tuple(at.tolist()) if at.size == 2 else float(at[0])
    return Surface(name, f"J = {name}({arguments})", _everywhere(f, at.size), frame, (), place)


def _everywhere(f: Callable[[Any], Any], size: int) -> Callable[[Any], Any]:
    """f at one point; at many, one after the other, so that an `if` in it is no obstacle."""

    def at(w: Any) -> Any:
        if not isinstance(w, np.ndarray) or w.ndim < size:
            return f(w)
        points = w.reshape(size, -1).T if size == 2 else w.reshape(-1, 1)
        heights = [float(f(p if size == 2 else float(p[0]))) for p in points]
        return np.reshape(heights, w.shape[size - 1 :])

    return at


class DescentExplorer(Explorer):
    """What `explore.descent` returns.

    Attributes:
        walk: what is shown: the runs and which start is chosen.
        surface, rule, rate, momentum, steps, start, place: the controls; `place` holds a slider
            for each coordinate of the chosen start.
        picture: the HTML widget that holds the SVG.
    """

    look = RUN_STYLE
    walk: Walk

    def __init__(self, surface: Surface) -> None:
        super().__init__()
        self._known = {**SURFACES, surface.name: surface}
        self._quiet = False
        self._controls(surface)
        self.picture = w.HTML()
        self.picture.add_class("bp-stage")
        self.numbers = w.HTML(layout=w.Layout(overflow="auto"))
        self._pointer = Pointer(self._pointed)
        flow = w.Layout(flex_flow="row wrap", grid_gap="2px 14px")
        self._rows = w.HBox(layout=flow)
        self.lay_out(
            "Descent explorer",
            [
                w.HBox([self.surface, self.rule], layout=flow),
                w.HBox([self.rate, self.momentum, self.steps], layout=flow),
                self._rows,
                self.picture,
                self.as_table,
                self.numbers,
                self._pointer,
            ],
        )
        self._enter(surface)

    def _controls(self, surface: Surface) -> None:
        """Make every control and have it redraw the picture."""
        wide = {"style": {"description_width": "auto"}}
        self.surface = w.Dropdown(
            options=[(_listed(s), s.name) for s in self._known.values()],
            value=surface.name,
            description="surface",
            layout=w.Layout(width="240px"),
            **wide,
        )
        self.rule = w.Dropdown(
            options=[(words, rule) for rule, words in WORDS.items()],
            description="rule",
            layout=w.Layout(width="430px", max_width="97%"),
            **wide,
        )
        self.rate = w.SelectionSlider(
            options=[(spoken(rate), rate) for rate in RATES],
            value=0.1,
            description="η",
            style={"description_width": "2em"},
            layout=w.Layout(width="300px"),
        )
        self.momentum = w.FloatSlider(
            min=0.0, max=0.95, step=0.05, description="momentum",
            style={"description_width": "6.5em"}, layout=w.Layout(width="270px"),
        )  # fmt: skip
        self.steps = w.IntSlider(
            value=40, min=1, max=200, description="steps",
            style={"description_width": "3.5em"}, layout=w.Layout(width="270px"),
        )  # fmt: skip
        self.start = w.Dropdown(
            description="start", layout=w.Layout(width="110px"), style={"description_width": "3em"}
        )
        self.more = w.Button(description="Add a start", layout=w.Layout(width="auto"))
        self.fewer = w.Button(description="Remove it", layout=w.Layout(width="auto"))
        self.as_table = w.ToggleButton(description="Show as a table", value=False)
        self.place: tuple[w.FloatSlider, ...] = ()
        self.surface.observe(lambda change: self._enter(self._known[change.new]), "value")
        for control in (self.rule, self.rate, self.momentum, self.steps, self.as_table):
            control.observe(self._redraw, "value")
        self.start.observe(self._turn, "value")
        self.more.on_click(self._add)
        self.fewer.on_click(self._remove)

    # --- surfaces and starts -------------------------------------------------------------------

    def _enter(self, surface: Surface) -> None:
        """Show another surface, from its own start, with a step size that suits it."""
        self._surface = surface
        self.starts = [tuple(np.atleast_1d(surface.start).tolist())]
        self._quiet = True
        self.rate.value = suited(surface)
        names = ["w₁", "w₂"] if len(surface.frame) == 2 else ["w"]
        self.place = tuple(map(_coordinate, names, surface.frame))
        for slider in self.place:
            slider.observe(self._move, "value")
        self._rows.children = (self.start, *self.place, self.more, self.fewer)
        self._quiet = False
        self._offer(0)

    def _offer(self, chosen: int) -> None:
        """Let the menu of starts say how many there are; choose one."""
        self._quiet = True
        self.start.options = [str(nth) for nth in range(1, len(self.starts) + 1)]
        self.start.value = str(chosen + 1)
        self.more.disabled = len(self.starts) == MOST
        self.fewer.disabled = len(self.starts) == 1
        self._quiet = False
        self._turn()

    @property
    def _chosen(self) -> int:
        return int(self.start.value or 1) - 1

    def _turn(self, _: Any = None) -> None:
        """Let the sliders show the chosen start."""
        if self._quiet:
            return
        self._quiet = True
        for slider, value in zip(self.place, self.starts[self._chosen], strict=True):
            slider.value = value
        self._quiet = False
        self._redraw()

    def _move(self, _: Any) -> None:
        if not self._quiet:
            # a browser's slider makes −3.9999999999999996 of −4
            self.starts[self._chosen] = tuple(round(slider.value, 9) for slider in self.place)
            self._redraw()

    def _add(self, _: Any) -> None:
        """One more start: the last one, a quarter turn round the middle of the frame."""
        if len(self.starts) < MOST:
            there = turned(self._surface, self.starts[-1])
            self.starts.append(tuple(map(_snapped, self.place, there)))
            self._offer(len(self.starts) - 1)

    def _remove(self, _: Any) -> None:
        if len(self.starts) > 1:
            del self.starts[self._chosen]
            self._offer(len(self.starts) - 1)

    def _pointed(self, right: float, down: float) -> None:
        """A click on the ground moves the chosen start there."""
        self._quiet = True
        for slider, share in zip(self.place, (right, 1.0 - down), strict=False):
            slider.value = _snapped(slider, slider.min + share * (slider.max - slider.min))
        self._quiet = False
        self._move(None)

    # --- the picture ---------------------------------------------------------------------------

    def _redraw(self, _: Any = None) -> None:
        if self._quiet:
            return
        try:
            with np.errstate(all="ignore"):
                runs = tuple(self._run(start) for start in self.starts)
        except (ArithmeticError, ValueError) as error:
            self.live.say(f"No run here: {error}. Move back.")
            return
        self.walk = Walk(runs, self.steps.value, self._chosen)
        said = sentence(self.walk)
        wide, narrow = (draw_walk(self.walk, down, CLICK) for down in (False, True))
        self.picture.value = (
            f'<p class="bp bp-caption" aria-hidden="true">{escape(said)}</p>'
            f'<div class="bp-wide">{wide}</div><div class="bp-narrow">{narrow}</div>'
        )
        self.numbers.value = table(self.walk) if self.as_table.value else ""
        self.live.say(said)

    def _run(self, start: tuple[float, ...]) -> Trajectory:
        return descend(
            self._surface,
            self.rate.value,
            self.steps.value,
            start if len(start) == 2 else start[0],
            self.rule.value,
            self.momentum.value,
        )

    def still(self) -> str:
        return (
            f'<p class="bp bp-caption">{escape(sentence(self.walk))}</p>'
            f"{draw_walk(self.walk)}"
            f"<details><summary>The same as a table</summary>{table(self.walk)}</details>"
            "<p><small>A picture of the explorer: run the notebook to move it.</small></p>"
        )


def suited(surface: Surface) -> float:
    """A step size to begin with: well below the smallest stability edge, as the slider has it.

    >>> suited(bowl)
    0.08
    """
    edges = [stability_edge(surface, m) for m in surface.minima]
    most = 0.4 * min(filter(math.isfinite, edges), default=0.025)
    return max((rate for rate in RATES if rate <= most * (1 + 1e-9)), default=RATES[0])


def turned(surface: Surface, start: tuple[float, ...]) -> tuple[float, ...]:
    """A place a quarter turn further round the middle of the frame; the mirror image on a line.

    >>> turned(bowl, (-4.0, 1.5))
    (-3.0, -2.0)
    """
    low, high = np.transpose(surface.frame)
    middle, half = (low + high) / 2, (high - low) / 2
    share = (np.array(start) - middle) / half
    share = np.array([-share[1], share[0]]) if len(share) == 2 else -0.8 * share
    return tuple(np.round(middle + half * share, 3).tolist())


def _listed(surface: Surface) -> str:
    kind = {True: " (convex)", False: " (not convex)", None: ""}[surface.convex]
    return surface.name + kind


def _coordinate(name: str, frame: tuple[float, float]) -> w.FloatSlider:
    """A slider over one side of the frame, on round numbers."""
    low, high = frame
    step = np.diff(ticks(low, high, 100)[:2])[0]
    return w.FloatSlider(
        min=low, max=high, step=round(float(step), 12), value=low, description=name,
        readout_format=".2f", style={"description_width": "2em"}, layout=w.Layout(width="250px"),
    )  # fmt: skip


def _snapped(slider: w.FloatSlider, value: float) -> float:
    """The nearest value the slider can stand at."""
    steps = round((value - slider.min) / slider.step)
    return float(np.clip(round(slider.min + steps * slider.step, 12), slider.min, slider.max))
