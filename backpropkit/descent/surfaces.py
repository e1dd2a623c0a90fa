"""Surfaces: functions of one number or of two, each with its frame, its minima and a start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..derivatives import hessian, value_and_grad
from ..engine.node import Value, var
from ..engine.rules import exp, log
from ..graphs.graph import Graph

Where: TypeAlias = float | tuple[float, ...]  # a point as people write it: 0.5 or (−4, 1.5)


@dataclass(frozen=True)
class Surface:
    """A function to descend on, and what a picture of it needs.

    Attributes:
        name: what captions call it.
        formula: J, as people write it.
        function: of one Node (or array): a number w, or a vector of shape (2,) read as w[0], w[1].
        frame: (low, high) for each coordinate; what lies outside is not drawn.
        minima: where its minima are, to full precision.
        start: where to begin if nobody says.
        convex: whether it never bends downward in its frame; None where nobody has said.
        straight: whether the function computes in the same way everywhere, without an `if`; its
            gradient is then compiled once, and not recorded at every step.

    >>> hill = Surface("a wave", "J = cos w", lambda w: np.cos(w), frame=((0.0, 6.0),), start=0.5)
    >>> hill.inside(7.0)
    False
    """

    name: str
    formula: str
    function: Callable[[Any], Any]
    frame: tuple[tuple[float, float], ...]
    minima: tuple[Where, ...] = ()
    start: Where = 0.0
    convex: bool | None = None
    straight: bool = False

    def height(self, point: Any) -> Any:
        """J at a point, or at many: for two coordinates an array of shape (2, …).

        >>> double_well.height(1.5)
        -0.1875
        """
        return self.function(np.asarray(point, dtype=float) if np.ndim(point) else float(point))

    @cached_property
    def slope(self) -> Callable[[Any], tuple[Any, Any]]:
        """J and its gradient at a point.

        >>> double_well.slope(1.5)
        (-0.1875, 5.5)
        """
        if not self.straight:
            return value_and_grad(self.function)
        w = var(self.start, "w")
        both = Graph(self.function(w)).compile()

        def slope(point: Any) -> tuple[Any, Any]:
            height, gradients = both(point)
            return height, gradients["w"]

        return slope

    def inside(self, point: Any, margin: float = 1.0) -> bool:
        """Whether a point lies in the frame, or in a frame `margin` times as wide."""
        low, high = np.transpose(self.frame)
        return bool(np.all(np.abs(point - (low + high) / 2) <= margin * (high - low) / 2))


def stability_edge(surface: Surface, at: Where, momentum: float = 0.0) -> float:
    """2/λmax: near the minimum `at`, steps smaller than this come closer, larger ones run away.

    λmax is the largest eigenvalue of the matrix of second derivatives there, which the engine
    computes. On the steepest axis one step multiplies the distance by 1 − ηλmax; that stays
    between −1 and 1 exactly for η < 2/λmax (Goodfellow, Bengio and Courville, section 4.3).
    With momentum β it is 2(1 + β)/λmax (Goh, Why Momentum Really Works, Distill 2017).
    It is inf where nothing curves upward.

    >>> stability_edge(bowl, (0.0, 0.0)), stability_edge(bowl, (0.0, 0.0), momentum=0.5)
    (0.2, 0.3)
    """
    curvature: Value = hessian(surface.function)(at)
    steepest = float(np.linalg.eigvalsh(np.atleast_2d(curvature))[-1])
    return 2.0 * (1.0 + momentum) / steepest if steepest > 0 else np.inf


def contour_levels(heights: NDArray[np.float64], count: int = 14) -> NDArray[np.float64]:
    """Heights for contour lines: from the lowest to the highest, denser below.

    The steeper the walls over a flat floor, the denser, so that half of the lines lie in the lower
    half of the surface. A surface without relief gets a range of 1.

    >>> contour_levels(np.linspace(0.0, 1.0, 101) ** 2, 3).round(2)
    array([0.11, 0.44, 1.  ])
    """
    lowest, relief = heights.min(), np.ptp(heights) or 1.0
    middle = (np.median(heights) - lowest) / relief
    bend = np.clip(np.log(max(middle, 1e-9)) / np.log(0.5), 1.5, 4.0)
    levels: NDArray[np.float64] = lowest + relief * np.linspace(0.0, 1.0, count + 1)[1:] ** bend
    return levels


# The rows. Minima of the double well: roots of 4w³ − 6w + 1 (its third, 0.16993844, is the ridge);
# of the four valleys: Himmelblau, Applied Nonlinear Programming (1972). The banana is Rosenbrock's
# (1960); three walls is the example of Boyd and Vandenberghe, section 9.3, below a logarithm.
parabola = Surface(
    "Parabola",
    "J = (w − 3)²",
    lambda w: (w - 3.0) ** 2,
    frame=((-1.0, 7.0),),
    minima=(3.0,),
    start=0.0,
    convex=True,
    straight=True,
)
sunken_parabola = Surface(
    "Sunken parabola",
    "J = w² − 5",
    lambda w: w**2 - 5.0,
    frame=((-3.2, 3.2),),
    minima=(0.0,),
    start=2.0,
    convex=True,
    straight=True,
)
double_well = Surface(
    "Double well",
    "J = w⁴ − 3w² + w",
    lambda w: w**4 - 3.0 * w**2 + w,
    frame=((-2.0, 1.8),),
    minima=(-1.3008395659415772, 1.130901122629986),
    start=0.1,
    convex=False,
    straight=True,
)
bowl = Surface(
    "Bowl",
    "J = ½(w₁² + 10 w₂²)",
    lambda w: 0.5 * (w[0] ** 2 + 10.0 * w[1] ** 2),
    frame=((-4.6, 4.6), (-2.3, 2.3)),
    minima=((0.0, 0.0),),
    start=(-4.0, 1.5),
    convex=True,
    straight=True,
)
four_valleys = Surface(
    "Four valleys",
    "J = (w₁² + w₂ − 11)² + (w₁ + w₂² − 7)²",
    lambda w: (w[0] ** 2 + w[1] - 11.0) ** 2 + (w[0] + w[1] ** 2 - 7.0) ** 2,
    frame=((-5.2, 5.2), (-5.2, 5.2)),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    start=(0.2, 1.2),
    convex=False,
    straight=True,
)
three_walls = Surface(
    "Three walls",
    "J = log(exp(w₁ + 3w₂) + exp(w₁ − 3w₂) + exp(−w₁))",
    lambda w: log(exp(w[0] + 3.0 * w[1]) + exp(w[0] - 3.0 * w[1]) + exp(-w[0])),
    frame=((-3.0, 3.0), (-1.5, 1.5)),
    minima=((-0.5 * np.log(2.0), 0.0),),
    start=(2.4, 1.2),
    convex=True,
    straight=True,
)
banana = Surface(
    "Banana",
    "J = (1 − w₁)² + 100 (w₂ − w₁²)²",
    lambda w: (1.0 - w[0]) ** 2 + 100.0 * (w[1] - w[0] ** 2) ** 2,
    frame=((-1.8, 1.8), (-0.7, 2.3)),
    minima=((1.0, 1.0),),
    start=(-1.2, 1.0),
    convex=False,
    straight=True,
)
saddle = Surface(
    "Saddle",
    "J = w₁² − w₂² + ½ w₂⁴",
    lambda w: w[0] ** 2 - w[1] ** 2 + 0.5 * w[1] ** 4,
    frame=((-2.2, 2.2), (-1.6, 1.6)),
    minima=((0.0, -1.0), (0.0, 1.0)),
    start=(-1.8, 0.05),
    convex=False,
    straight=True,
)

ROWS = (parabola, sunken_parabola, bowl, three_walls, double_well, four_valleys, banana, saddle)
SURFACES = {s.name: s for s in ROWS}
