"""Which wrong ideas explain what came back: predictions of every idea against the wrong parts.

The rules (all of them matter, each was learned from wrong answers that were named falsely):
an idea is named only if its prediction is what came back in every trial where something did, if
there are at least three of those, and if it differs clearly from the truth in at least three. An
idea that explains more of the wrong parts goes first, then one the exercise names, then the more
specific one. A mere sign, factor or mirror is named only where nothing more specific fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import Exercise, Part, Values
from autograder.misconceptions import MISCONCEPTIONS, Misconception
from autograder.trial import Trial

TOLERANCE = 1e-6  # relative to the largest entry; exact formulas in float32 leave up to 1.5e-7
CLEARLY = 1e-3  # a wrong idea is told from the truth by at least this
TRIALS = 3
SLOPES = [10.0**-k for k in range(2, 8)]  # the steps a finite difference is tried with


@dataclass(frozen=True)
class Group:
    """Ideas that explain the same wrong parts equally well, the likeliest first."""

    ids: tuple[str, ...]
    parts: frozenset[str]


@dataclass(frozen=True)
class Diagnosis:
    """What was found: groups to report, the best supported first, and every (part, idea) match."""

    groups: tuple[Group, ...] = ()
    matches: frozenset[tuple[str, str]] = frozenset()


def error(given: Any, right: Any) -> float:
    """How far off, relative to the largest entry of what is right; inf for another shape."""
    if np.shape(given) != np.shape(right):
        return float("inf")
    size = float(np.max(np.abs(right), initial=0.0)) or 1.0
    return float(np.max(np.abs(np.subtract(given, right)), initial=0.0)) / size


def diagnose(
    exercise: Exercise, trials: Sequence[Trial], given: Sequence[Values], wrong: Sequence[Part]
) -> Diagnosis:
    """Explain the `wrong` parts of what was `given` in each trial."""
    need = min(TRIALS, exercise.trials)
    wrong = [p for p in wrong if sum(p.name in values for values in given) >= need]
    if not wrong:
        return Diagnosis()
    explained: dict[str, set[str]] = {}
    for id, parts in _matching_sweeps(exercise, trials, given, wrong, need):
        explained[id] = max(explained.get(id, set()), parts, key=len)
    for part in wrong:
        for id in _matching_transforms(part, trials, given, need):
            explained.setdefault(id, set()).add(part.name)
    matches = frozenset((part, id) for id, parts in explained.items() for part in parts)
    return Diagnosis(_rank(exercise, explained), matches)


def _rank(exercise: Exercise, explained: dict[str, set[str]]) -> tuple[Group, ...]:
    """Cover the wrong parts with ideas, the best first."""
    rows = list(MISCONCEPTIONS)

    def place(id: str) -> tuple[int, bool, int]:
        named = exercise.names.index(id) if id in exercise.names else len(exercise.names)
        return named, MISCONCEPTIONS[id].general, rows.index(id)

    groups: list[Group] = []
    left = {id: set(parts) for id, parts in explained.items() if parts}
    while left:
        best = min(left, key=lambda id: (-len(left[id]), place(id)))
        parts = frozenset(left[best])
        equal = [
            id
            for id in sorted(left, key=place)
            if left[id] == parts and id in exercise.names and not MISCONCEPTIONS[id].general
        ]
        groups.append(Group((best, *(id for id in equal if id != best)), parts))
        left = {id: rest for id, found in left.items() if (rest := found - parts)}
    return tuple(groups)


def _matching_sweeps(
    exercise: Exercise,
    trials: Sequence[Trial],
    given: Sequence[Values],
    wrong: Sequence[Part],
    need: int,
) -> Iterator[tuple[str, set[str]]]:
    """(idea, the wrong parts it explains), for every way to run the sweep with an idea."""
    probe = max(range(len(trials)), key=lambda t: sum(p.name in given[t] for p in wrong))
    for id, predict in _ways(exercise, trials[probe]):
        predicted = {probe: _tried(predict, trials[probe])}
        likely = [p for p in wrong if _agrees(given[probe], predicted[probe], p.name)]
        if not likely:
            continue
        predicted |= {t: _tried(predict, trials[t]) for t in range(len(trials)) if t != probe}
        found = {p.name for p in likely if _holds(p.name, trials, given, predicted, need)}
        if found and (len(found) == len(wrong) or any(_varies(p, predicted) for p in found)):
            yield id, found


Predict = Callable[[Trial], Values]


def _ways(exercise: Exercise, trial: Trial) -> Iterator[tuple[str, Predict]]:
    """Every way every idea can be had in this exercise, as a function from a trial to an answer."""
    for id, several in exercise.wrong.items():
        for k, _ in enumerate(several(**trial.inputs)):
            yield id, partial(_written, several, k)
    for id, idea in MISCONCEPTIONS.items():
        for change in idea.changes:
            for places in trial.places(change):
                yield id, partial(Trial.sweep, change=change, places=places)


def _written(several: Callable[..., Iterable[Values]], k: int, trial: Trial) -> Values:
    """The k-th wrong answer that the exercise itself writes down."""
    return list(several(**trial.inputs))[k]


def _transformed(idea: Misconception, part: Part, k: int, trial: Trial) -> Values:
    """The k-th transform of one part's right value."""
    assert idea.answers is not None
    return {part.name: list(idea.answers(trial, part))[k]}


def _matching_transforms(
    part: Part, trials: Sequence[Trial], given: Sequence[Values], need: int
) -> Iterator[str]:
    """The ideas that make what came back for one part out of its right value."""
    seen = [t for t, values in enumerate(given) if part.name in values]
    for id, idea in MISCONCEPTIONS.items():
        if idea.answers is None:
            continue
        for k, _ in enumerate(idea.answers(trials[seen[0]], part)):
            predict = partial(_transformed, idea, part, k)
            predicted = {t: _tried(predict, trials[t]) for t in seen}
            if _holds(part.name, trials, given, predicted, need):
                yield id
                break
    if _constant_ratio(part, trials, given):
        yield "scale"
    elif _secant(part, trials, given):
        yield "finite-difference"


def _tried(predict: Predict, trial: Trial) -> Values:
    """The predicted parts that are numbers; none where the wrong rule does not fit the shapes."""
    try:
        with np.errstate(all="ignore"):
            found = predict(trial)
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return {}
    return {name: value for name, value in found.items() if np.all(np.isfinite(value))}


def _agrees(given: Values, predicted: Values, part: str) -> bool:
    return part in given and part in predicted and error(given[part], predicted[part]) <= TOLERANCE


def _holds(
    part: str,
    trials: Sequence[Trial],
    given: Sequence[Values],
    predicted: dict[int, Values],
    need: int,
) -> bool:
    """The prediction is what came back in all trials, and clearly not the truth in enough."""
    seen = [t for t, values in enumerate(given) if part in values]
    telling = [
        t
        for t in seen
        if part in predicted[t] and error(predicted[t][part], trials[t].truth[part]) > CLEARLY
    ]
    return len(telling) >= need and all(_agrees(given[t], predicted[t], part) for t in seen)


def _varies(part: str, predicted: dict[int, Values]) -> bool:
    """Not one number everywhere: 1 comes out of many ideas, and out of none."""
    values = [np.ravel(found[part]) for found in predicted.values() if part in found]
    return bool(np.ptp(np.concatenate(values)) > CLEARLY)


def _pairs(
    part: Part, trials: Sequence[Trial], given: Sequence[Values]
) -> list[tuple[Trial, Any, Any]]:
    """(trial, given, truth) wherever this part came back; empty if a shape is wrong or too few."""
    found = [
        (trial, values[part.name], trial.truth[part.name])
        for trial, values in zip(trials, given, strict=True)
        if part.name in values
    ]
    fits = all(np.shape(value) == np.shape(right) for _, value, right in found)
    return found if fits and len(found) >= TRIALS else []


def _constant_ratio(part: Part, trials: Sequence[Trial], given: Sequence[Values]) -> bool:
    """One factor over all entries and all trials, neither 0 nor 1 nor −1."""
    pairs = _pairs(part, trials, given)
    if not pairs:
        return False
    value = np.concatenate([np.ravel(v) for _, v, _ in pairs])
    right = np.concatenate([np.ravel(r) for _, _, r in pairs])
    factor = value @ right / (right @ right)
    return min(abs(factor), abs(abs(factor) - 1)) > CLEARLY and all(
        error(v, factor * r) <= TOLERANCE for _, v, r in pairs
    )


def _secant(part: Part, trials: Sequence[Trial], given: Sequence[Values]) -> bool:
    """What is left after subtracting the truth is what a one-sided nudge of some h leaves."""
    pairs = _pairs(part, trials, given)[:TRIALS]
    if not pairs or any(part.node not in t.inputs or t.exercise.jacobian for t, _, _ in pairs):
        return False
    if max(error(v, r) for _, v, r in pairs) > 0.1:
        return False
    for h in SLOPES:
        for ends in ((0.0, h), (-h, 0.0), (-h, h)):
            if all(
                error(v, trial.secant(part, *ends)) < 0.01 * error(v, r) for trial, v, r in pairs
            ):
                return True
    return False
