"""The descent explorer: walk down (or up) a surface by a rule, a step size, momentum and starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as w
import numpy as np

from ..descent import SURFACES, Surface, Trajectory, bowl
from ..scenes import Scene
from ..scenes import descent as scenes
from .stage import Handle, Stage


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
    >>> explorer.runs[0].left
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


class DescentExplorer(Stage):
    """What `explore.descent` returns.

    Attributes:
        runs: the trajectories that are shown.
        surface, rule, rate, momentum, steps, starts, count, start: what the controls say, to read
            and to set: `starts` has four rows, of which the first `count` are walked from, and
            `start` says which of them ("1" to "4") the sliders move; another `surface` brings its
            own start and step size.
    """

    def __init__(self, surface: Surface) -> None:
        self._known, self._own = {**SURFACES, surface.name: surface}, surface
        super().__init__(self._scene)
        for name in scenes.start(surface):
            setattr(self, name, Handle(self, name))

    def _scene(self, state: Mapping[str, Any]) -> Scene:
        with np.errstate(all="ignore"):
            return scenes.scene(self._known, self._own, state)

    @property
    def runs(self) -> tuple[Trajectory, ...]:
        with np.errstate(all="ignore"):
            return scenes.runs(self._known[self.state["surface"]], self.state)
