"""The judge: (exercise, questions, answers) → Verdict. It never runs a learner's code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.ask import Answer, Question
from autograder.diagnosis import TOLERANCE, Diagnosis, diagnose, error
from autograder.exercise import Exercise, Part
from autograder.misconceptions import MISCONCEPTIONS
from autograder.reading import Reading, read, show
from autograder.trial import Trial
from autograder.verdict import Finding, Verdict

EXACT = 1e-11  # an exact formula in float64 leaves less than this


def judge(exercise: Exercise, questions: Sequence[Question], answers: Sequence[Answer]) -> Verdict:
    """The verdict on the answers to an exercise's questions.

    Whatever the answers are, a verdict comes back; a question without an answer counts as one that
    the learner's process did not live to answer.
    """
    trials = [Trial(exercise, dict(question.args)) for question in questions]
    answers = [*answers, *[Answer(None, "died")] * (len(questions) - len(answers))]
    readings = [read(exercise, answer) for answer in answers[: len(trials)]]
    errors = {part.name: _errors(part, trials, readings) for part in exercise.parts}
    wrong = [part for part in exercise.parts if max(errors[part.name]) > TOLERANCE]
    full = float(exercise.points)
    if not wrong:
        worst = max(map(max, errors.values()))
        return Verdict(exercise.id, full, full, note=_precision(worst))
    diagnosis = diagnose(exercise, trials, [reading.values for reading in readings], wrong)
    findings = [
        _finding(exercise, part, trials, readings, errors[part.name], diagnosis)
        for part in exercise.parts
    ]
    trouble = next((reading.trouble for reading in readings if reading.trouble), "")
    if all(reading.trouble for reading in readings):
        findings = []  # one sentence says it all
    missed = [t for t in range(len(trials)) if any(errors[p.name][t] > TOLERANCE for p in wrong)]
    shown = min(missed, key=lambda t: sum(np.size(v) for v in trials[t].inputs.values()))
    return Verdict(
        exercise.id,
        float(min(sum(finding.points for finding in findings), full)),
        full,
        [id for group in diagnosis.groups for id in group.ids],
        findings,
        _hints(diagnosis, trouble),
        show(exercise, questions[shown], readings[shown]),
        trouble,
    )


def _errors(part: Part, trials: Sequence[Trial], readings: Sequence[Reading]) -> list[float]:
    """How far off a part is in each trial; inf where nothing came back for it."""
    return [
        error(reading.values[part.name], trial.truth[part.name])
        if part.name in reading.values
        else float("inf")
        for trial, reading in zip(trials, readings, strict=True)
    ]


def _precision(worst: float) -> str:
    """A word about answers that are right, but less exactly than a formula gives them."""
    if worst <= EXACT:
        return ""
    return (
        f"It agrees to about {-int(np.floor(np.log10(worst))) - 1} digits. A formula in float64 "
        "gives more: did a nudge make these numbers, or float32?"
    )


def _hints(diagnosis: Diagnosis, trouble: str) -> list[str]:
    found = [
        " Or: ".join(MISCONCEPTIONS[id].message for id in group.ids) for group in diagnosis.groups
    ]
    if not found and ("mismatch" in trouble or "broadcast" in trouble):
        return [MISCONCEPTIONS["operand-transpose"].message]
    return found


def _finding(
    exercise: Exercise,
    part: Part,
    trials: Sequence[Trial],
    readings: Sequence[Reading],
    errors: Sequence[float],
    diagnosis: Diagnosis,
) -> Finding:
    label = exercise.label(part)
    missed = [t for t, e in enumerate(errors) if e > TOLERANCE]
    if not missed:
        return Finding(label, part.points, part.points, "right.")
    near = [
        p
        for (name, id), p in exercise.near.items()
        if (name, id) in diagnosis.matches and name == part.name
    ]
    return Finding(
        label, max(near, default=0.0), part.points, _what(part, trials, readings, missed)
    )


def _what(
    part: Part, trials: Sequence[Trial], readings: Sequence[Reading], missed: Sequence[int]
) -> str:
    """What is wrong with one part: the plainest fault first."""
    for t in missed:
        if part.name in readings[t].complaints:
            return readings[t].complaints[part.name]
    back = [t for t in missed if part.name in readings[t].values]
    for t in back:
        has, needs = np.shape(readings[t].values[part.name]), trials[t].truth[part.name]
        if has != np.shape(needs):
            return f"{_shape(has)} came back, {_shape(np.shape(needs))} is expected."
    if not back:
        return "it did not come back on every input."
    often = "" if len(missed) == len(trials) else f" on {len(missed)} of {len(trials)} inputs"
    off = np.abs(readings[back[0]].values[part.name] - trials[back[0]].truth[part.name])
    entry = np.unravel_index(np.argmax(off), np.shape(off))
    where = f"; the entry furthest off is {list(map(int, entry))}" if np.ndim(off) else ""
    return f"the shape is right, the numbers are not{often}{where}." if where else f"wrong{often}."


def _shape(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "a single number"
