"""Choosing what to ask: inputs on which the right answer and every rival differ clearly.

What separates is searched for, not hoped for: candidates are drawn, all answers are worked out on
each, and of the candidates those are taken on which the rivals betray themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
Answer = Callable[[T], Any]

GAP = 1e-2  # relative: a hundred times what anybody may round
POOL = 6  # candidates drawn for each one that is wanted


class NotSeparated(ValueError):
    """No candidate told a rival from the right answer; the text says which rival."""


def distance(one: Any, other: Any) -> float:
    """How far apart two answers are, relative to the larger entry; inf where the shapes differ.

    Dicts are compared key by key, and what cannot be compared is as far apart as can be.

    >>> distance([1.0, 2.0], [1.0, 1.0]), distance({"a": 0.0}, {"a": 0.0}), distance(1.0, [1.0])
    (0.5, 0.0, inf)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if one.keys() != other.keys():
            return np.inf
        return max((distance(one[key], other[key]) for key in one), default=0.0)
    if type(one) is type(other) is float and isfinite(one) and isfinite(other):
        return abs(one - other) / (max(abs(one), abs(other)) or 1.0)
    a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    size = max(np.max(np.abs(a), initial=0.0), np.max(np.abs(b), initial=0.0))
    return float(np.max(np.abs(a - b), initial=0.0) / size) if size else 0.0


def separating(
    draw: Callable[[], T],
    right: Answer[T],
    rivals: Mapping[str, Answer[T]],
    count: int,
    times: int = 1,
    gap: float = GAP,
    tries: int = 20,
) -> list[T]:
    """`count` of the candidates that `draw` makes, which together tell every rival from the truth.

    Each of the `rivals` differs by more than `gap` from what is `right` on at least `times` of
    them. They are in the order they were drawn.

    Raises NotSeparated, naming the rivals, if that does not succeed with `tries` pools of
    candidates: then one of them may be right, or `draw` never draws where it is wrong.

    >>> r = np.random.default_rng(0)
    >>> found = separating(lambda: round(r.uniform(-3, 3), 2), abs, {"x": lambda x: x}, 2)
    >>> min(found) < 0
    True
    """
    left: set[str] = set(rivals)
    for _ in range(tries):
        pool = [draw() for _ in range(POOL * count)]
        told = [
            frozenset(name for name, rival in rivals.items() if distance(right(x), rival(x)) > gap)
            for x in pool
        ]
        chosen = _cover(told, set(rivals), count, times)
        left = {name for name in rivals if sum(name in told[k] for k in chosen) < times}
        if not left:
            return [pool[k] for k in sorted(chosen)]
    raise NotSeparated(f"nothing that was drawn tells {', '.join(map(str, left))} from the truth")


def _cover(told: Sequence[frozenset[str]], rivals: set[str], count: int, times: int) -> list[int]:
    """Greedily `count` candidates that together tell every rival at least `times` times."""
    chosen: list[int] = []
    needed = dict.fromkeys(rivals, times)
    for _ in range(count):
        free = [k for k in range(len(told)) if k not in chosen]
        best = max(free, key=lambda k: (sum(needed[name] > 0 for name in told[k]), -k))
        chosen.append(best)
        for name in told[best]:
            needed[name] -= 1
    return chosen
