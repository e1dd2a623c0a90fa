"""Which misconception is told apart in which exercise; `python -m autograder.table` prints it.

With the folder of a course, `python -m autograder.table DIR`, its own exercises are among them.

For every idea the answers of somebody who has it are predicted and put to the judge. The copy in
docs/misconceptions.md is kept up to date by a test.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.catalog import AnyExercise, catalog
from autograder.catalog.own import CatalogError, read_folder, use
from autograder.judge.diagnosis import diagnose, error, sizes, tried, ways
from autograder.judge.exercise import Exercise, Part, Values
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import Trial

SEED = 1
HEAD = """# Misconceptions: which are told apart where

Printed by `python -m autograder.table`. Every wrong idea is put to the judge the way somebody who
has it would answer. *Looked for* are the ideas an exercise names first; *also told apart* those
that the judge predicts from the exercise's expression without being told; the last column says
which cannot be told from another one, and why.

| exercise | looked for | also told apart | not separable, and why |
|---|---|---|---|
"""


def table() -> str:
    """The whole document."""
    rows = [_row(exercise) for exercise in catalog.values()]
    ideas = [f"| `{m.id}` | {m.name} | {m.message} |" for m in MISCONCEPTIONS.values()]
    return "\n".join(
        [
            HEAD + "\n".join(rows),
            "",
            f"## The {len(MISCONCEPTIONS)} misconceptions",
            "",
            "| id | name | what the learner is told |",
            "|---|---|---|",
            *ideas,
            "",
        ]
    )


def _row(exercise: AnyExercise) -> str:
    exercise = exercise.of("")
    verdicts = named(exercise) if isinstance(exercise, Exercise) else {}
    told = [id for id, first in verdicts.items() if first == id and id not in exercise.ideas]
    hidden = dict(exercise.inseparable)
    for id, first in verdicts.items():
        if first != id and id not in hidden:
            hidden[id] = (
                f"its numbers are those of {first}" if first else "what it leaves is no sign"
            )
    why = "; ".join(f"{id}: {reason}" for id, reason in hidden.items())
    return f"| {exercise.id} | {', '.join(exercise.ideas)} | {', '.join(told)} | {why} |"


def named(exercise: Exercise) -> dict[str, str]:
    """{idea that leads to a wrong answer here: the idea that is named first for it}.

    An idea that can be had in several ways counts as named if one of them is.
    """
    found: dict[str, str] = {}
    trials = [
        Trial(exercise, exercise.fixed or dict(question.args))
        for question in exercise.questions(SEED)
    ]
    for id, answers in believed(exercise, trials):
        wrong = [part for part in exercise.parts if differs(exercise, part, trials, answers)]
        if not wrong or found.get(id) == id:
            continue
        groups = diagnose(exercise, trials, answers, wrong).groups
        found[id] = groups[0].ids[0] if groups else ""
        if any(id in group.ids for group in groups):
            found[id] = id
    return {id: first for id, first in found.items() if first}


def believed(
    exercise: Exercise, trials: list[Trial], only: str = ""
) -> Iterator[tuple[str, list[Values]]]:
    """(idea, the answers of somebody who has it), for every way to have it; of one idea `only`."""
    for id, predict, _ in ways(exercise, trials[0]):
        if only not in ("", id):
            continue
        answers = [
            tried(predict, trial) for trial in trials
        ]  # none: the shapes do not fit, it raises
        yield id, [t.truth | a if a else {} for t, a in zip(trials, answers, strict=True)]
    for id, idea in MISCONCEPTIONS.items():
        for k in range(4 if only in ("", id) else 0):
            answers = [dict(trial.truth) for trial in trials]
            for trial, values in zip(trials, answers, strict=True):
                for part in exercise.parts:
                    several = list(idea.made(trial, part))
                    values[part.name] = several[k] if k < len(several) else values[part.name]
            yield id, answers
    for id, predicted in _OF_ALL.items():
        if only in ("", id) and (id == "scale" or id in exercise.ideas) and not exercise.fixed:
            yield id, [{p.name: predicted(t, p) for p in exercise.parts} for t in trials]


def _next(trial: Trial, part: Part) -> Any:
    """What belongs at the place of the part that comes after this one."""
    parts = trial.exercise.parts
    return trial.truth[parts[(parts.index(part) + 1) % len(parts)].name]


def _after_a_step(trial: Trial, part: Part) -> Any:
    right = trial.truth[part.name]
    return right + 0.1 * (trial.stale(part) - right)


# ideas that the judge sees in what came back, by an order or a number of the learner's own: one
# answer of somebody who has them
_OF_ALL: dict[str, Callable[[Trial, Part], Any]] = {
    "scale": lambda trial, part: 3.7 * np.asarray(trial.truth[part.name]),
    "parts-swapped": _next,
    "stale-weights": _after_a_step,
}


def differs(exercise: Exercise, part: Part, trials: list[Trial], answers: list[Values]) -> bool:
    """Whether a part of the answers that somebody gives is wrong in any trial."""
    size = sizes(exercise, trials)[part.name]
    return any(
        error(values[part.name], trial.truth[part.name], size) > exercise.tolerance
        for trial, values in zip(trials, answers, strict=True)
        if values
    )


def main(arguments: Sequence[str]) -> int:
    """Print it, for the kit or for the course in a folder; 2 where its catalog is wrong."""
    try:
        for folder in arguments[:1]:
            use(read_folder(Path(folder)))
    except CatalogError as error:
        print(f"autograder.table: {error}", file=sys.stderr)
        return 2
    sys.stdout.write(table())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
