"""`see`: the backward explorer on a learner's own inputs, beside the idea their answer shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.asking.ask import Answer, Question
from autograder.judge.exercise import Exercise, Task, Values
from autograder.judge.judge import judge, trials_of
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.reading import read
from autograder.judge.trial import Trial


class NothingToSee(LookupError):
    """There is no sweep to look at; the text says why."""


def seen(
    exercise: Task, questions: Sequence[Question], answers: Sequence[Answer], own: bool = True
) -> tuple[Any, str]:
    """The explorer for a wrong answer, and a sentence that marks what of it the idea explains.

    Its graph is the exercise's, at the smallest inputs on which the answer was wrong. Numbers that
    an exercise asks for by hand are not given away: unless they are the learner's `own` to look
    at, the graph stands at others.

    Raises:
        NothingToSee: the exercise asks for no gradient of a graph, or nothing came back.
    """
    if not isinstance(exercise, Exercise) or exercise.forward is None:
        raise NothingToSee(f"{exercise.id} asks for no gradient of a graph: there is no sweep")
    trials = trials_of(exercise, questions)
    came = [(t, read(exercise, a).values) for t, a in zip(trials, answers, strict=True)]
    back = [(trial, values) for trial, values in came if values]
    if not back:
        raise NothingToSee(f"nothing came back from {exercise.answer} that could be shown")
    trial, values = min(back, key=lambda one: sum(np.size(v) for v in one[0].inputs.values()))
    if exercise.fixed and not own:
        trial, values = Trial(exercise, _others(exercise.fixed)), {}
    explorer = bp.explore.backward(_result(exercise, trial))
    ids = judge(exercise, questions, answers, trials).misconceptions
    idea = MISCONCEPTIONS[ids[0]] if ids else None
    offered = getattr(explorer, "ideas", {})
    if idea is None or idea.name not in offered:
        if exercise.fixed and not own:
            return explorer, "This is the chain rule, step by step, on your graph at other numbers."
        return explorer, "This is the chain rule, step by step; compare your numbers with its."
    explorer.idea.value = idea.name
    return explorer, _marked(explorer, idea.name, trial, values)


def _others(fixed: Values) -> Values:
    """Other numbers in the same places: each input has the next one's, moved a little."""
    moved = [*list(fixed.values())[1:], next(iter(fixed.values()))]
    return {name: value + 0.5 for name, value in zip(fixed, moved, strict=True)}


def _result(exercise: Exercise, trial: Trial) -> bp.Node:
    """The single number that the sweep starts from: with an incoming gradient, its sum with it."""
    assert trial.sweeps is not None
    result, seed = trial.sweeps.result, trial.sweeps.seed
    if exercise.jacobian:
        raise NothingToSee(f"{exercise.id} asks for the slopes of many results: not for one sweep")
    return result if not result.shape else bp.sum(result * bp.const(seed, exercise.upstream))


def _marked(explorer: Any, name: str, trial: Trial, values: Values) -> str:
    """Which of the learner's wrong numbers the idea arrives at."""
    exercise = trial.exercise
    steps = explorer.graph.steps(**explorer.ideas[name].changes)
    made = {step.parent.name: step.total for step in steps}

    def near(one: Any, other: Any) -> bool:
        return np.shape(one) == np.shape(other) and np.allclose(
            one, other, 1e-6, exercise.tolerance
        )

    same = [
        part.name
        for part in exercise.parts
        if part.name in values
        and part.node in made
        and near(values[part.name], made[part.node])
        and not near(values[part.name], trial.truth[part.name])
    ]
    if not values:
        return f"“{name}” runs beside the chain rule here, at other numbers than those asked for."
    if not same:
        return f"“{name}” runs beside the chain rule here; you may have it at some gates only."
    yours = " and ".join(same)
    return f"“{name}” runs beside the chain rule here, and it arrives at your {yours}."
