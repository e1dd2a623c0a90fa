"""Update rules: the next w from w, J there, its gradient and the step size."""

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
