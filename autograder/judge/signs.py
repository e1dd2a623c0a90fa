"""Drawing what a check asks until inputs and right answers come with either sign, entry by entry.

Whoever returns the size of a number that is positive in all trials, or who loses its minus, is
right by luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from autograder.judge.recorded import Inputs, Values

SURVEYED = 4  # draws of everything that tell what can be of either sign
MOST_DRAWN = 48  # inputs of one trial, beside those that were drawn first


class Signs:
    """What of an exercise can be of either sign, and inputs on which it is.

    Looked at are all inputs and all right answers: numbers, and of arrays the sum and the entries
    that those of every trial have, counted from any corner. A number is to be negative in two
    trials and positive in two, a sum or an entry in one, as far as they can be: some are positive
    by nature. So are `further` numbers of the inputs, where an exercise has any.
    """

    def __init__(
        self,
        draw: Callable[[np.random.Generator, int], Inputs],
        right: Callable[[Inputs], Values],
        trials: int,
        further: Callable[..., Values] = lambda **inputs: {},
    ) -> None:
        self.draw, self.right, self.trials, self.further = draw, right, trials, further
        rng = np.random.default_rng(0)  # the same is looked at on every seed
        survey = [trial for trial in range(trials) for _ in range(SURVEYED)]
        found = [self._values(draw(rng, trial)) for trial in survey]
        self.shapes = {
            name: tuple(map(min, zip(*(np.shape(one[name]) for one in found), strict=True)))
            for name in found[0]
        }
        times = [[1] * (2 ** len(n) * math.prod(n) + 1) if n else [2] for n in self.shapes.values()]
        self.need = np.concatenate(times) * (rarer(np.array(list(map(self._signs, found)))) > 0)

    def drawn(self, rng: np.random.Generator) -> list[Inputs]:
        """Inputs of all trials, each of them drawn anew as long as more is of either sign then."""
        chosen = [self.draw(rng, trial) for trial in range(self.trials)]
        rows = np.array([self._signs(self._values(inputs)) for inputs in chosen])
        lack = self._lack(rows)
        for k in range(MOST_DRAWN):
            if not lack:
                break
            trial = k % len(rows)
            inputs, before = self.draw(rng, trial), rows[trial].copy()
            rows[trial] = self._signs(self._values(inputs))
            if (left := self._lack(rows)) < lack:
                lack, chosen[trial] = left, inputs
            else:
                rows[trial] = before
        return chosen

    def _lack(self, rows: Any) -> int:
        return int(np.sum(np.maximum(self.need - rarer(rows), 0)))

    def _values(self, inputs: Inputs) -> Values:
        """All numbers that go in, and all that should come out."""
        given = {name: x for name, x in inputs.items() if isinstance(x, (float, np.ndarray))}
        right = self.right(inputs)
        further = self.further(**inputs)
        return {
            **given,
            **{f"{name}, right": value for name, value in right.items()},
            **{f"{name}, further": value for name, value in further.items()},
        }

    def _signs(self, values: Values) -> Any:
        """−1, 0 or 1 for everything that is looked at."""
        found: list[Any] = []
        for name, shape in self.shapes.items():
            value = np.asarray(values[name])
            ends = ((slice(n), slice(-n, None)) for n in shape)
            found += [value[corner] for corner in product(*ends)]
            if shape:
                found.append(np.sum(value))
        return np.sign(np.concatenate([np.ravel(numbers) for numbers in found]))


def rarer(rows: Any) -> Any:
    """For each number how often it is of the rarer sign."""
    return np.minimum(np.sum(rows < 0, axis=0), np.sum(rows > 0, axis=0))
