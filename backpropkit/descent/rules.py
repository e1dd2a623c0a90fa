"""Update rules: the next w from w, J there, its gradient and the step size; and momentum."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Rule: TypeAlias = Callable[[Any, float, Any, float], Any]

RULES: dict[str, Rule] = {
    "descent": lambda w, J, g, rate: w - rate * g,
    "ascent": lambda w, J, g, rate: w + rate * g,
    # a wrong idea, kept to be watched: it drives |J| to zero, and J is seldom wanted there
    "sign of J": lambda w, J, g, rate: w - rate * np.sign(J) * g,
}


def remembering(rule: Rule, momentum: float) -> Rule:
    """The same rule with momentum: to its own step it adds `momentum` times the step before.

    The heavy ball of Polyak (1964). It remembers, so every run needs a new one; `descend` makes it.

    >>> step = remembering(RULES["descent"], 0.5)
    >>> step(0.0, 0.0, -1.0, 1.0), step(1.0, 0.0, 0.0, 1.0)
    (1.0, 1.5)
    """
    last: Any = 0.0

    def step(w: Any, J: float, g: Any, rate: float) -> Any:
        nonlocal last
        last = momentum * last + (rule(w, J, g, rate) - w)
        return w + last

    return step
