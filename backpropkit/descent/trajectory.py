"""descend(): take steps by a rule on the engine's gradients, and keep every point of the way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .rules import RULES, Rule, remembering
from .surfaces import Surface, Where

FAR = 100.0  # frames away from the middle, a run is given up: nothing new happens out there


@dataclass(frozen=True)
class Trajectory:
    """A run: its points w₀ … wₙ, of shape (n + 1,) or (n + 1, 2), and J at each of them.

    `left` is the step at which it left the frame for good, or None; `diverged` says whether it did.
    """

    surface: Surface
    rule: str
    rate: float
    points: NDArray[np.float64]
    losses: NDArray[np.float64]
    momentum: float = 0.0

    @cached_property
    def left(self) -> int | None:
        inside = [k for k, w in enumerate(self.points) if self.surface.inside(w)]
        last = inside[-1] if inside else -1
        return None if last == len(self.points) - 1 else last + 1

    @property
    def diverged(self) -> bool:
        return self.left is not None


def descend(
    surface: Surface,
    rate: float,
    steps: int = 40,
    start: Where | None = None,
    rule: str | Rule = "descent",
    momentum: float = 0.0,
) -> Trajectory:
    """Walk on a surface: w ← w − η ∂J/∂w, `steps` times, each gradient from the engine.

    Args:
        rate: the step size η, above 0.
        start: one number or two, as the surface has it; its own start if None.
        rule: a name in `RULES`, or a function (w, J, gradient, rate) → next w.
        momentum: from 0 up to 1; this share of every step is taken again with the next.

    A run that is 100 frames away ends early. Raises ValueError for a rate that is not above 0, a
    momentum outside 0 ≤ β < 1, a start of another length, or an unknown rule.

    >>> from backpropkit.descent import parabola
    >>> descend(parabola, rate=0.5, steps=2).points
    array([0., 3., 3.])
    """
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(
            f"the step size is a number above 0, and was given as {rate!r} "
            "(to go uphill: rule='ascent')"
        )
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum is a number from 0 up to, not at, 1; given was {momentum!r}")
    if isinstance(rule, str) and rule not in RULES:
        raise ValueError(f"no rule is called {rule!r}; there are {', '.join(map(repr, RULES))}")
    point = np.asarray(surface.start if start is None else start, dtype=float)
    if point.shape not in ((), (len(surface.frame),)) or point.size != len(surface.frame):
        raise ValueError(
            f"{surface.name} starts from {len(surface.frame)} number(s), and was given {start!r}"
        )
    step = RULES[rule] if isinstance(rule, str) else rule
    if momentum:
        step = remembering(step, momentum)
    points, losses = [point], []
    while True:
        loss, gradient = surface.slope(points[-1])
        losses.append(loss)
        if len(points) > steps or not surface.inside(points[-1], margin=FAR):
            break
        points.append(step(points[-1], loss, gradient, rate))
    name = rule if isinstance(rule, str) else rule.__name__
    return Trajectory(surface, name, rate, np.array(points), np.array(losses), momentum)
