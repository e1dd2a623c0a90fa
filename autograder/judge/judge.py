"""The judge: (exercise, questions, answers) → Verdict. It never runs a learner's code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from autograder.asking.ask import Answer, Question
from autograder.judge.behaviour import Behaviour, judge_behaviour
from autograder.judge.credit import FOLLOWS, NOT_WORKED_OUT, Credit, know_nothing, worked_out
from autograder.judge.diagnosis import Diagnosis, diagnose, error, sizes, stuck
from autograder.judge.exercise import Exercise, Part, Task
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.reading import Reading, read, show
from autograder.judge.sentences import hint, nudge, relation
from autograder.judge.trial import Trial
from autograder.judge.verdict import Finding, Verdict

MOST_DRAWN = 50  # exercises and seeds whose questions are kept
CHANCE = (
    "none of your numbers is right, and too few follow from others of yours: begin with the result."
)
EXACT = 1e-11  # an exact formula in float64 leaves less than this


def judge(
    exercise: Task,
    questions: Sequence[Question],
    answers: Sequence[Answer],
    trials: Sequence[Trial] | None = None,
) -> Verdict:
    """The verdict on the answers to an exercise's questions.

    Whatever the answers are, a verdict comes back; a question without an answer counts as one that
    the learner's process did not live to answer. `trials`, what is right for these questions, are
    `trials_of` them; whoever judges many answers to the same questions keeps them.
    """
    answers = [*answers, *[Answer(None, "died")] * (len(questions) - len(answers))]
    answers = answers[: len(questions)]
    with np.errstate(all="ignore"):  # of numbers near the largest, differences are infinite
        if isinstance(exercise, Behaviour):
            return judge_behaviour(exercise, questions, answers)
        assert isinstance(exercise, Exercise)
        trials = trials or trials_of(exercise, questions)
        return _judge_numbers(exercise, questions, answers, trials)


def trials_of(exercise: Exercise, questions: Sequence[Question]) -> list[Trial]:
    """What is right for each of the questions."""
    return [Trial(exercise, exercise.fixed or dict(question.args)) for question in questions]


_drawn: dict[tuple[str, int], tuple[Task, Any, list[Trial] | None]] = {}


def drawn(exercise: Any, seed: int) -> tuple[Any, list[Trial] | None]:
    """The questions that a seed draws, and what is right for them where that is numbers.

    They are kept: a class is asked the same in one run, and what is right is computed once.
    """
    known = _drawn.get((exercise.id, seed))
    if known is None or known[0] is not exercise:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        questions = exercise.questions(seed)
        trials = trials_of(exercise, questions) if isinstance(exercise, Exercise) else None
        known = _drawn[exercise.id, seed] = exercise, questions, trials
    return known[1:]


@dataclass
class _Marks:
    """One part, marked: how far off it was in each trial, and what it earns."""

    part: Part
    size: float
    errors: list[float]
    tolerance: float
    points: float = 0.0
    text: str = ""

    @property
    def missed(self) -> list[int]:
        """The trials in which it was wrong."""
        return [t for t, e in enumerate(self.errors) if e > self.tolerance]


def _judge_numbers(
    exercise: Exercise,
    questions: Sequence[Question],
    answers: Sequence[Answer],
    trials: Sequence[Trial],
) -> Verdict:
    readings = [read(exercise, a, t.truth) for a, t in zip(answers, trials, strict=True)]
    size = sizes(exercise, trials)
    marks = [_mark(exercise, part, size[part.name], trials, readings) for part in exercise.parts]
    wrong = [mark.part for mark in marks if mark.missed]
    full = float(exercise.points)
    if not wrong:
        worst = 0.0 if exercise.fixed else max(max(mark.errors) for mark in marks)
        return Verdict(exercise.id, full, full, note=_note(exercise, _precision(worst)))
    diagnosis = diagnose(exercise, trials, [reading.values for reading in readings], wrong)
    _give_credit(exercise, trials, readings, marks, diagnosis)
    findings = [
        Finding(exercise.label(mark.part), mark.points, mark.part.points, mark.text)
        for mark in marks
    ]
    trouble = next((reading.trouble for reading in readings if reading.trouble), "")
    if all(reading.trouble for reading in readings):
        findings = []  # one sentence says it all
    shown = _shown(trials, readings, marks)
    example = "" if exercise.fixed else show(questions[shown], readings[shown])
    hints = _hints(exercise, trials[0], diagnosis, trouble)
    unnamed = all(MISCONCEPTIONS[group.ids[0]].general for group in diagnosis.groups)
    if unnamed and (lines := _nudge(exercise, trials[shown], readings[shown], marks)):
        example = f"{example}\n\n# to see what it should be, nudge and compare\n{lines}".lstrip()
    elif unnamed and exercise.look and not trouble:
        hints.append(exercise.look)
    return Verdict(
        exercise.id,
        round(
            float(min(sum(mark.points for mark in marks), full)), 9
        ),  # 3.6, no digits of rounding
        full,
        [id for group in diagnosis.groups for id in group.ids],
        findings,
        hints,
        example,
        _note(exercise, trouble),
    )


def _give_credit(
    exercise: Exercise,
    trials: Sequence[Trial],
    readings: Sequence[Reading],
    marks: Sequence[_Marks],
    diagnosis: Diagnosis,
) -> None:
    """Give every wrong part what it still earns, and its sentence; take what is right by chance."""
    given = [reading.values for reading in readings]
    credit = Credit(exercise, trials, given, diagnosis)
    nothing = know_nothing(exercise, trials, given)
    # beside parts that are missing or no numbers, one number that is right is right
    whole = all(part.name in values for values in given for part in exercise.parts)
    right = [mark.part for mark in marks if not mark.missed]
    kept = right if nothing and worked_out(right, given) else []
    for mark in marks:
        if mark.missed:
            mark.text = _what(mark, trials, readings)
            mark.points, said = (0.0, "") if nothing else credit.of(mark.part)
            mark.text = said if said == FOLLOWS else mark.text + said
        if nothing and whole and mark.part not in kept:
            mark.points, mark.text = 0.0, NOT_WORKED_OUT
    if exercise.fixed and exercise.forward and _by_chance(marks, diagnosis):
        for mark in marks:
            mark.text = CHANCE if mark.points else mark.text
            mark.points = 0.0


def _shown(trials: Sequence[Trial], readings: Sequence[Reading], marks: Sequence[_Marks]) -> int:
    """The trial that is shown: a call that is told of, if there is one, of the fewest numbers."""
    missed = {t for mark in marks for t in mark.missed}
    failed = {t for t in missed if readings[t].trouble or readings[t].complaints}
    return min(failed or missed, key=lambda t: sum(map(np.size, trials[t].inputs.values())))


def _by_chance(marks: Sequence[_Marks], diagnosis: Diagnosis) -> bool:
    """Nothing is right and no idea explains anything; some small numbers only go with others."""
    follow = sum(mark.text == FOLLOWS for mark in marks)
    rooted = any(not mark.missed for mark in marks) or bool(diagnosis.groups)
    return not rooted and 2 * follow < len(marks) - 1


def _note(exercise: Exercise, said: str) -> str:
    return f"{exercise.whose} {said}".strip()


def _mark(
    exercise: Exercise,
    part: Part,
    size: float,
    trials: Sequence[Trial],
    readings: Sequence[Reading],
) -> _Marks:
    errors = [
        error(reading.values[part.name], trial.truth[part.name], size)
        if part.name in reading.values
        else float("inf")
        for trial, reading in zip(trials, readings, strict=True)
    ]
    return _Marks(part, size, errors, exercise.tolerance, part.points, "right.")


def _precision(worst: float) -> str:
    """A word about answers that are right, but less exactly than a formula gives them."""
    if worst <= EXACT:
        return ""
    return (
        f"It agrees to about {-int(np.floor(np.log10(worst))) - 1} digits. A formula in float64 "
        "gives more: did a nudge make these numbers, or float32?"
    )


def _hints(exercise: Exercise, trial: Trial, diagnosis: Diagnosis, trouble: str) -> list[str]:
    found = [hint(exercise, trial, group) for group in diagnosis.groups]
    if not found and ("mismatch" in trouble or "broadcast" in trouble):
        return [MISCONCEPTIONS["operand-transpose"].message]
    if not found and "IndexError" in trouble and any(part.entry for part in exercise.parts):
        return [MISCONCEPTIONS["counting-from-1"].message]
    return found


def _nudge(exercise: Exercise, trial: Trial, reading: Reading, marks: Sequence[_Marks]) -> str:
    """Lines that nudge what the first wrong part is about, where it is furthest off.

    Not one that only follows from others.
    """
    for mark in sorted(marks, key=lambda mark: mark.points > 0):
        part = mark.part
        if mark.missed and mark.text != FOLLOWS and part.name in reading.values:
            off = _off(reading.values[part.name], trial.truth[part.name])
            entry = part.entry or (() if off is None else _furthest(off))
            if off is not None and (lines := nudge(exercise, trial, part, entry)):
                return lines
    return ""


def _off(given: Any, right: Any) -> Any:
    """How far off each entry is; None for another shape."""
    if np.shape(given) != np.shape(right):
        return None
    return np.abs(np.subtract(given, right))


def _furthest(off: Any) -> tuple[int, ...]:
    return tuple(map(int, np.unravel_index(np.argmax(off), np.shape(off))))


def _what(mark: _Marks, trials: Sequence[Trial], readings: Sequence[Reading]) -> str:
    """What is wrong with one part: the plainest fault first."""
    name, missed = mark.part.name, mark.missed
    for t in missed:
        if name in readings[t].complaints:
            return readings[t].complaints[name]
    back = [t for t in missed if name in readings[t].values]
    for t in back:
        has, needs = np.shape(readings[t].values[name]), np.shape(trials[t].truth[name])
        if has != needs:
            return f"{_shape(has)} came back, {_shape(needs)} is expected."
    if not back:
        return "it did not come back on every input."
    often = "" if len(missed) == len(trials) else f", on {len(missed)} of {len(trials)} inputs"
    t = min(back, key=lambda t: sum(map(np.size, trials[t].inputs.values())))
    given, right = readings[t].values[name], trials[t].truth[name]
    entry = _furthest(_off(given, right))
    how = relation(given[entry], right[entry], mark.size) if entry else ""
    # also where it is right: who is wrong for some inputs may write the same number for all of them
    came = [t for t, reading in enumerate(readings) if name in reading.values]
    if (
        len(came) > 2
        and stuck([readings[t].values[name] for t in came])
        and not stuck([trials[t].truth[name] for t in came])
    ):
        return "the same came back, whatever went in; compute it from the arguments."
    if _kept(mark, trials, readings):
        return (
            f"wrong{often}: it is made of what was right for earlier calls. Does something stay "
            "from call to call, as in a dict outside of the function, or in a default argument?"
        )
    if not entry:
        return f"wrong{often}: {relation(given, right, mark.size)}."
    return (
        f"the shape is right, the numbers are not{often}; the entry furthest off is "
        f"{name}{list(entry)}: {how}."
    )


def _kept(mark: _Marks, trials: Sequence[Trial], readings: Sequence[Reading]) -> bool:
    """All that is wrong is the right value of an earlier call, or the sum of all up to it: made
    alone, the call that is shown is answered rightly."""
    name = mark.part.name
    right = [trial.truth[name] for trial in trials]
    if any(stuck(two) for two in combinations(right, 2)):  # it would be so by chance
        return False

    def comes_of_earlier(t: int) -> bool:
        before = [value for value in right[:t] if np.shape(value) == np.shape(right[t])]
        return any(
            error(readings[t].values[name], value, mark.size) <= mark.tolerance
            for value in [*before, sum(before, right[t])]
        )

    return all(name in readings[t].values and comes_of_earlier(t) for t in mark.missed)


def _shape(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "a single number"
