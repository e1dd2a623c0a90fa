"""Choosing a problem: drawn until the idea in question shows, and no other answers alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import combinations, islice

import numpy as np

from autograder.catalog import catalog
from autograder.drills.families import BY_ID, FAMILIES, Family, Problem, draw
from autograder.judge.credit import know_nothing
from autograder.judge.diagnosis import CLEARLY, diagnose, error, sizes
from autograder.judge.exercise import Exercise, Rng, Values
from autograder.judge.judge import drawn
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import Trial
from autograder.table import SEED, believed

TRIES, LATELY = 60, 8


class NothingTells(LookupError):
    """No drill shows this idea; the text says why, or which ids there are."""


def families_for(idea: str, level: int | None = None) -> list[Family]:
    """The families that are set for an idea, the easiest first.

    Raises:
        NothingTells: there are none.
    """
    found = [f for f in FAMILIES if idea in f.ideas and not f.survey]
    found = found or [f for f in FAMILIES if idea in f.ideas] or _elsewhere(idea)
    if level is not None:
        found = [f for f in found if f.level == level] or found
    if not found:
        why = NOWHERE.get(idea, "no graph of a drill tells it, and no exercise has it in ideas=")
        if idea not in MISCONCEPTIONS:
            why = "there is no such misconception"
        known = ", ".join(sorted(ideas()))
        raise NothingTells(f"no drill shows {idea!r}: {why}. There are drills for {known}")
    return sorted(found, key=lambda family: family.level)


def drilled(idea: str) -> bool:
    """Whether there is a drill for an idea; for a course's own there may be none."""
    with suppress(NothingTells):
        return bool(families_for(idea))
    return False


def _elsewhere(idea: str) -> list[Family]:
    """For an idea that no family is set for, as a course's own: families that show it all the
    same, or else the exercises of the catalog that name it, on fresh inputs."""
    if idea not in MISCONCEPTIONS or idea in NOWHERE:
        return []
    r = np.random.default_rng(SEED)
    asked = [one for one in FAMILIES if not one.survey and not one.make]
    shown = [one for one in asked if any(tells(draw(one, r).exercise, idea) for _ in range(4))]
    if shown:
        return shown
    return [
        Family(exercise.answer, 3, exercise.task, ideas=(idea,), make=_again(exercise))
        for exercise in catalog.values()
        if isinstance(exercise, Exercise) and idea in exercise.ideas and not exercise.fixed
    ]


def _again(exercise: Exercise) -> Callable[[Rng, str], tuple[Exercise, str, str]]:
    return lambda r, _: (exercise, f"{exercise.id} {int(r.integers(1000))}", exercise.task)


def choose(
    family: Family, r: Rng, idea: str | None, seen: Sequence[str] = ()
) -> tuple[Problem, int]:
    """A problem of a family that tells an idea from the truth and from every other idea; and the
    seed of its questions, on which it does.

    On it the right answer, this idea and its neighbours are pairwise different, by far more than
    rounding. A survey tells all the ideas that it is set for. Shapes that were `seen` lately are
    left out as long as there are others.

    Raises:
        NothingTells: none of those drawn does.
    """
    wanted = [idea] if idea else list(family.ideas) if family.survey else []
    for attempt in range(TRIES):
        problem, seed = draw(family, r), int(r.integers(2**32))
        eager = attempt < TRIES // 2
        if eager and (idea or not family.survey) and problem.shape in seen[-LATELY:]:
            continue
        if (
            earns(problem.exercise, wanted, seed, eager)
            and all(tells(problem.exercise, one, seed) for one in wanted)
            and (not idea or separates(problem.exercise, wanted, seed))
        ):
            return problem, seed
    raise NothingTells(f"{family.id} shows {idea!r} on none of {TRIES} problems")


def tells(exercise: Exercise, idea: str, seed: int = SEED) -> bool:
    """Whether the judge would name this idea, and it alone, to somebody who has it as most do:
    in the first way that shows here."""
    trials = trials_of(exercise, seed)
    return any(_named_alone(exercise, trials, idea, one) for one in wrong(exercise, trials, idea))


def told(exercise: Exercise, seed: int = SEED) -> list[str]:
    """All ideas that an exercise tells apart."""
    return [id for id in MISCONCEPTIONS if tells(exercise, id, seed)]


def separates(exercise: Exercise, ideas: Iterable[str], seed: int = SEED) -> bool:
    """Whether the answers of those who have one of these ideas, or a neighbour of them, are
    pairwise different. Neighbours are what the exercise names and what leads anywhere on it."""
    trials = trials_of(exercise, seed)
    near = dict.fromkeys((*ideas, *exercise.ideas))
    answers = [answer for id in near for answer in wrong(exercise, trials, id)]
    return all(clear(exercise, trials, a, b) for a, b in combinations(answers, 2))


def earns(exercise: Exercise, ideas: Iterable[str], seed: int, eager: bool) -> bool:
    """Whether the right answer and those of who has one of these ideas show that they were worked
    out: numbers that are all the same, or all given, earn nothing, though some of them be right.

    While `eager`, the numbers of a problem by hand also have to show the commonest way to have an
    idea: somebody who forgets the mask of a relu is right wherever it is on.
    """
    trials = trials_of(exercise, seed)
    right = [trial.truth for trial in trials]
    if know_nothing(exercise, trials, right):
        return False
    for idea in set(ideas) - {"value-for-gradient"}:  # which is to return what was given
        answers = next(wrong(exercise, trials, idea), right)
        if answers is not right and know_nothing(exercise, trials, answers):
            return False
        if eager and exercise.fixed:
            _, first = next(believed(exercise, trials, idea))
            if not clear(exercise, trials, first, right):
                return False
    return True


def trials_of(exercise: Exercise, seed: int = SEED) -> list[Trial]:
    """The exercise's graph at the inputs of one check."""
    return drawn(exercise, seed)[1] or []


def wrong(
    exercise: Exercise, trials: list[Trial], idea: str, most: int = 1
) -> Iterator[list[Values]]:
    """What somebody who has the idea answers, in the first few ways to have it."""
    several = believed(exercise, trials, idea)
    right = [trial.truth for trial in trials]
    differ = (a for _, a in several if all(a) and clear(exercise, trials, a, right))
    yield from islice(differ, most)


def clear(
    exercise: Exercise, trials: Sequence[Trial], one: Sequence[Values], other: Sequence[Values]
) -> bool:
    """Whether two answers differ by far more than rounding."""
    least = 0.05 if exercise.fixed else CLEARLY
    size = sizes(exercise, trials)
    return any(
        error(a[part.name], b[part.name], size[part.name]) > least
        for a, b in zip(one, other, strict=True)
        for part in exercise.parts
    )


def _named_alone(
    exercise: Exercise, trials: Sequence[Trial], idea: str, answers: Sequence[Values]
) -> bool:
    size = sizes(exercise, trials)
    parts = [
        part
        for part in exercise.parts
        if any(
            error(values[part.name], t.truth[part.name], size[part.name]) > exercise.tolerance
            for t, values in zip(trials, answers, strict=True)
        )
    ]
    groups = diagnose(exercise, trials, answers, parts).groups if parts else ()
    return bool(groups) and groups[0].ids == (idea,)


def surveys() -> list[Family]:
    """What is asked first of somebody nothing is known of: few drills that show every idea."""
    return [family for family in FAMILIES if family.survey]


def family(id: str) -> Family:
    """A family by its id."""
    return BY_ID[id]


def ideas(families: Iterable[Family] = FAMILIES) -> list[str]:
    """Every idea that some family is set for."""
    return list(dict.fromkeys(id for one in families for id in one.ideas))


# ideas that can show on no drill, and why
NOWHERE: dict[str, str] = {
    "overwrite": "its numbers are those of 'one-path', so practise that",
    "relu-kink": "no drill asks for a slope exactly at a corner",
    "reg-path": "it is 'one-path' at a penalty, so practise that",
    "double-backward": "it is about a class whose backward runs twice: ps3.Value",
    "starts-anew": "it is about a class whose backward runs twice: ps3.Value",
    "sides-turned": "it is about a class with a number on its left: ps3.Value",
    "not-topological": "it is about a class that sorts its nodes: ps3.topo",
    "shared-cache": "it is about gates that keep a memory: ps3",
    "updates-intermediates": "it is about which nodes a training step may write: ps4.step",
    "stale-weights": "it is about two weights updated one after the other: ps5",
    "undivided": "it is about a nudge, and a drill asks for gradients",
    "finite-difference": "it gives the right numbers, to fewer digits",
    "short-float": "it gives the right numbers, to fewer digits",
    "counting-from-1": "it is about the subscripts of a single entry: ps5.dw131_softmax",
    "same-for-every-input": "it is what comes of numbers copied from an example",
    "history-length": "it is about a training loop that keeps its losses: ps4.descend",
    "old-slope": "it is about a training loop that asks for its slope once: ps4.descend",
    "visited-twice": "it is about a class that sorts its nodes: ps3.topo",
    "parts-swapped": "a drill says in which order its answers come",
    "argument-once": "it is about a gate of a class that gets one node twice: ps3.Value",
    "brackets-lost": "it is about a line of Python, not about a rule: ps1.slope",
    "clipped": "it is about a line of Python that holds right numbers back, not about a rule",
    "input-inverted": "it is about a constant of one model: ps7.L1_grad",
    "input-changed": "it is about a loop that changes what it was given: ps7.fit",
    "step-length": "it is about a training step, and a drill asks for gradients: ps4.step",
    "entries-collected": "it is about a number that stands before a whole matrix: ps7.L1_grad",
    "wrong-operand": "it is any slip of the pen, and every drill may show it",
    "more-than-asked": "it is about which nodes a training step returns: ps4.step",
    "nudge-too-small": "it is about a nudge, and a drill asks for gradients",
    "other-start": "it is about where a training loop begins: ps7.fit",
    "term-lost": "it is about the slope of one polynomial: ps4.which_minimum",
    "activation-skipped": "it is about the forward pass, and a drill asks for gradients",
    "stale-cache": "it is about gates that keep a memory: ps3",
    "kept-anyway": "it is about a gate that is told to keep nothing: ps3.SigmoidGate",
    "leaves-only": "it is about a class that keeps its gradients: ps3.Value",
    "delta-lost": "it is about all derivatives of one product at once: ps6.dD_dW",
    "index-order": "it is about the subscripts of a single entry: ps5.dw131_softmax, ps6.dD_dW",
}
