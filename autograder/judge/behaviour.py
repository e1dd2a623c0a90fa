"""Exercises judged by behaviour: a class, a training loop, or a function of functions.

A script of questions runs the learner's code; some of its steps count for a check. What is right
and what somebody with a wrong idea would answer stands beside the questions, never in them: the
questions travel to where the learner's code runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograder.asking.ask import Answer, Question
from autograder.asking.wire import describe
from autograder.judge.exercise import NOTHING, Rng, Task
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.reading import assignments, number, text, trouble
from autograder.judge.sentences import relation
from autograder.judge.verdict import Finding, Verdict

TOLERANCE = 1e-6
TRIALS = 3
ALONE = "right, but it counts only beside something else that is."
Expected = Any  # a value, or a function of the value that says whether it is meant


@dataclass(frozen=True)
class Raises:
    """Expected of a step that has to raise, or else to come back with what is expected here."""

    otherwise: Expected = field(default=lambda value: False)


RAISES = Raises()


@dataclass(frozen=True)
class Told:
    """Expected is what `holds`; of anything else, `says` says what is off, never what is right."""

    holds: Callable[[Any], bool]
    says: Callable[[Any], str]

    def __call__(self, given: Any) -> bool:
        return self.holds(given)


def anything(given: Any) -> bool:
    """Expected is only that it ran: what a method hands back is nobody's question."""
    return True


@dataclass(frozen=True)
class Ask:
    """One question of a script, what is right, and what wrong ideas answer.

    Attributes:
        code, args, keep: the question.
        counts: {check: what is right}; a value, a function of the value, or RAISES.
        ideas: {misconception: what it answers}; likewise. Where an idea may or may not show, the
            function takes the right answer too; `anything` where nobody can say what comes of it.
        scene: steps of one scene belong together; a report shows the scene up to a wrong step.
            None: part of every scene.
        half: {check: what is half right where it is not right}.
        parts: what the numbers that come back are called; those of a list of names are called so.
    """

    code: str
    args: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    keep: str | None = None
    counts: Mapping[str, Expected] = field(default_factory=lambda: NOTHING)
    ideas: Mapping[str, Expected] = field(default_factory=lambda: NOTHING)
    scene: int | None = 0
    half: Mapping[str, Expected] = field(default_factory=lambda: NOTHING)
    parts: tuple[str, ...] = ()


class Scripted(list[Question]):
    """The questions of a script; its steps stay with the judge."""

    def __init__(self, steps: Iterable[Ask]) -> None:
        self.steps = list(steps)
        super().__init__(Question(s.code, dict(s.args), s.keep) for s in self.steps)


@dataclass(frozen=True, kw_only=True)
class Behaviour(Task):
    """An exercise with named checks.

    Attributes:
        checks: {check: points}; the name says what is looked at.
        script: rng -> the steps of one run.
        beside: checks that can be passed without knowing anything; they earn nothing alone.
    """

    checks: Mapping[str, float]
    script: Callable[[Rng], Iterable[Ask]]
    beside: tuple[str, ...] = ()

    def questions(self, seed: int) -> Scripted:
        """The questions of one check; keep the list as it is, the judge needs its steps."""
        return Scripted(self.script(np.random.default_rng(seed)))


def agrees(answer: Answer, expected: Expected) -> bool:
    """Whether an answer is what is expected."""
    if isinstance(expected, Raises):
        return answer.trouble == "raised" or agrees(answer, expected.otherwise)
    if answer.trouble:
        return False
    if callable(expected):
        try:
            return bool(expected(answer.value))
        except Exception:  # the value is not even of the form the question is about
            return False
    return same(answer.value, expected)


def same(value: Any, expected: Any) -> bool:
    """Equal numbers in the same places, whether in lists, tuples or arrays; equal keys of dicts."""
    if isinstance(expected, dict):
        fits = isinstance(value, dict) and value.keys() == expected.keys()
        return fits and all(same(value[key], expected[key]) for key in expected)
    if expected is None or isinstance(expected, (bool, str)):
        return type(value) is type(expected) and value == expected
    found, complaint = number(value)
    if complaint or np.shape(found) != np.shape(expected):
        return False
    right = np.asarray(expected, dtype=float)
    return bool(np.all(np.abs(found - right) <= TOLERANCE * (np.max(np.abs(right)) or 1.0)))


@dataclass(frozen=True)
class AnyOf:
    """Expected is any of several values, or functions of one; the first is the plainest."""

    values: tuple[Any, ...]

    def __call__(self, given: Any) -> bool:
        return any(value(given) if callable(value) else same(given, value) for value in self.values)


def any_of(*wanted: Any) -> AnyOf:
    """Expected is any of several values."""
    return AnyOf(wanted)


@dataclass(frozen=True)
class OneWay(AnyOf):
    """An idea that can be had in several ways, by somebody who has it in one of them throughout.

    The k-th value is what the k-th way comes to, at every step the idea speaks about.
    """


def one_way(*wanted: Any) -> OneWay:
    """Expected is what one way to have an idea comes to, the same way at every step."""
    return OneWay(wanted)


def broken_off(right: Sequence[float], least: int = 2) -> Callable[[Any], bool]:
    """A history that is right as far as it goes, and stops before its end."""
    return lambda given: least <= len(given) < len(right) and same(given, right[: len(given)])


def difference(given: Any, right: Expected, names: Sequence[str] = ()) -> str:
    """How what came back differs from what is right, without saying what that is.

    `names` are what the numbers of a list are called.

    >>> difference([1.0, 2.0], [1.0, 2.0, 3.0]), difference([1.0, -3.0], [1.0, 2.0])
    ('2 numbers came, 3 numbers are expected', 'in place 1 its sign is wrong, and it is too large')
    >>> difference([1.0, None], [1.0, 2.0], ["a.grad", "b.grad"])
    'b.grad: it is None: nothing came back for it'
    """
    right = right.values[0] if isinstance(right, AnyOf) else right
    if isinstance(right, Told):
        try:
            return right.says(given)
        except Exception:  # the value is not even of the form the question is about
            return f"something of another kind is expected, not {describe(given)}"
    if right is None or callable(right) or isinstance(right, (bool, str)):
        return "run the lines below, and hold it beside what the task says"
    if isinstance(right, dict):
        if not isinstance(given, dict):
            return f"a dict is expected, not {describe(given)}"
        for words, some in (
            ("lacks", right.keys() - given),
            ("has no use for", given - right.keys()),
        ):
            if some:
                return f"it {words} {', '.join(map(repr, sorted(some)))}"
        wrong = next(name for name in right if not same(given[name], right[name]))
        return f"{wrong!r}: {difference(given[wrong], right[wrong])}"
    found, complaint = number(given)
    if complaint and isinstance(given, (list, tuple)) and len(given) == len(names):
        odd = [(name, number(one)[1]) for name, one in zip(names, given, strict=True)]
        complaint = next((f"{name}: {told}" for name, told in odd if told), complaint)
    if complaint:
        return complaint.rstrip(".")
    wanted = np.asarray(right, dtype=float)
    if np.shape(found) != wanted.shape:
        return f"{_count(np.shape(found))} came, {_count(wanted.shape, False)} expected"
    place = [int(k) for k in np.unravel_index(np.argmax(np.abs(found - wanted)), wanted.shape)]
    told = relation(
        np.asarray(found)[tuple(place)], wanted[tuple(place)], float(np.max(np.abs(wanted)))
    )
    where = f"in place {', '.join(map(str, place))} " if wanted.ndim else ""
    if names:
        where = f"{names[place[0]]}{place[1:] or ''}: "
    return where + (told if told.startswith("it") else f"it is {told}")


def _count(shape: tuple[int, ...], more: bool = True) -> str:
    if len(shape) > 1:
        return f"an array of shape {shape}" + ("" if more else " is")
    one = "a single number" if not shape else "1 number"
    if not shape or shape == (1,):
        return one + ("" if more else " is")
    return f"{shape[0]} numbers" + ("" if more else " are")


def judge_behaviour(
    exercise: Behaviour, questions: Sequence[Question], answers: Sequence[Answer]
) -> Verdict:
    """The verdict on the answers to a script.

    Raises TypeError if `questions` is not what `exercise.questions` returned.
    """
    if not isinstance(questions, Scripted):
        raise TypeError("judge needs the very list that exercise.questions(seed) returned")
    ran = list(zip(questions.steps, answers, strict=True))
    ideas = _ideas(exercise, ran)
    findings = [_finding(exercise, check, ran, ideas) for check in exercise.checks]
    if _know_nothing(exercise, findings):
        findings = [replace(f, points=0.0, text=ALONE if f.points else f.text) for f in findings]
    earned = float(min(sum(finding.points for finding in findings), exercise.points))
    full = float(exercise.points)
    if earned >= full:
        return Verdict(exercise.id, full, full)
    failed = next(k for k, pair in enumerate(ran) if _fails(*pair))
    return Verdict(
        exercise.id,
        earned,
        full,
        ideas,
        findings,
        [MISCONCEPTIONS[id].message for id in ideas[:1]] or [exercise.look] * bool(exercise.look),
        _replay(ran[: failed + 1]),
        _all_in_trouble(exercise, ran),
    )


def _fails(step: Ask, answer: Answer) -> bool:
    """Something is wrong at this step: it does not count as right, or it should just have run."""
    if step.counts:
        return not all(agrees(answer, expected) for expected in step.counts.values())
    return answer.trouble is not None


def _ideas(exercise: Behaviour, ran: Sequence[tuple[Ask, Answer]]) -> list[str]:
    """The ideas borne out by every answer they speak about, of which at least three are wrong.

    Where several explain the same wrong answers, it is the first that is told.
    """
    found: dict[str, set[int]] = {}
    failed = {k for k, pair in enumerate(ran) if _fails(*pair)}
    troubled = {
        step.scene
        for step, answer in ran
        if answer.trouble and not any(isinstance(e, Raises) for e in step.counts.values())
    } - {None}
    for id in dict.fromkeys(id for step, _ in ran for id in step.ideas):
        about = [
            (k, step, answer)
            for k, (step, answer) in enumerate(ran)
            # not of a name that is not defined yet, nor of what comes of trouble
            if id in step.ideas and answer.trouble != "missing" and step.scene not in troubled
        ]
        about.sort(key=lambda one: one[0] not in failed)  # these tell soonest
        wrong = {k for k, _, _ in about} & failed
        telling = [k for k, step, _ in about if k in failed and step.ideas[id] is not anything]
        if len(telling) >= TRIALS and _in_one_way([(s.ideas[id], a) for _, s, a in about]):
            found[id] = wrong
    order = [*exercise.ideas, *MISCONCEPTIONS]
    told: list[str] = []
    explained: set[int] = set()
    for id in sorted(found, key=order.index):
        if not found[id] <= explained:
            told.append(id)
            explained |= found[id]
    return told


def _in_one_way(about: Sequence[tuple[Expected, Answer]]) -> bool:
    """One way to have an idea explains every answer that it speaks about."""
    ways = max(len(e.values) if isinstance(e, OneWay) else 1 for e, _ in about)
    return any(all(agrees(answer, _way(e, k)) for e, answer in about) for k in range(ways))


def _way(expected: Expected, k: int) -> Expected:
    return expected.values[k] if isinstance(expected, OneWay) else expected


def _finding(
    exercise: Behaviour, check: str, ran: Sequence[tuple[Ask, Answer]], ideas: Sequence[str]
) -> Finding:
    points = exercise.checks[check]
    about = [(step, answer) for step, answer in ran if check in step.counts]
    wrong = [(s, answer) for s, answer in about if not agrees(answer, s.counts[check])]
    if not wrong:
        return Finding(check, points, points, "right.")
    half = all(_half_right(check, ideas, *pair) for pair in wrong)
    told = _first_trouble(ran, wrong[0][0]) or wrong[0]
    return Finding(check, points / 2 if half else 0.0, points, _sentence(exercise, check, *told))


def _first_trouble(ran: Sequence[tuple[Ask, Answer]], last: Ask) -> tuple[Ask, Answer] | None:
    """What was in trouble earlier in the scene of a step: what is wrong there comes of it."""
    for step, answer in ran:
        if step is last:
            return None
        expected = any(isinstance(right, Raises) for right in step.counts.values())
        if step.scene in (None, last.scene) and answer.trouble and not expected:
            return step, answer
    return None


def _half_right(check: str, ideas: Sequence[str], step: Ask, answer: Answer) -> bool:
    """A step that is not right is one slip away from it: an idea's, or one the exercise knows.

    The ideas that were found are those that are borne out by every answer they speak about.
    """
    if answer.trouble != "missing" and any(id in step.ideas for id in ideas):
        return True
    return check in step.half and agrees(answer, step.half[check])


def _know_nothing(exercise: Behaviour, findings: Sequence[Finding]) -> bool:
    """Whatever is earned could be had without knowing anything."""
    return all(finding.part in exercise.beside for finding in findings if finding.points)


def _sentence(exercise: Behaviour, check: str, step: Ask, answer: Answer) -> str:
    """What came of a step that is not right."""
    if answer.trouble:
        return trouble(exercise, answer, _one_line(step.code))
    if any(isinstance(expected, Raises) for expected in step.counts.values()):
        return f"{_one_line(step.code)} should raise an error, and did not."
    listed = re.fullmatch(r"\[([\w., ]+)\]", step.code)  # [u.grad, a.grad]
    names = step.parts or (listed[1].split(", ") if listed else ())
    given, wrong = text(answer.value), difference(answer.value, step.counts.get(check), names)
    wrong += "" if wrong.endswith("?") else "."
    if len(given) > 60 or "\n" in given:
        return f"what {_one_line(step.code)} came back with is not right: {wrong}"
    return f"{_one_line(step.code)} came back with {given}, which is not right: {wrong}"


def _one_line(code: str) -> str:
    """Code as it is named in a sentence."""
    line, *more = code.strip().splitlines()
    if more:
        return "one of the lines below"
    return line if len(line) <= 80 else line[:80] + " …"


def _replay(ran: Sequence[tuple[Ask, Answer]]) -> str:
    """The scene of the last step, to be typed again, and what came of it."""
    last, answer = ran[-1]
    lines: list[str] = []
    for step, _ in ran:
        if step.scene in (None, last.scene):
            lines += assignments(step.args)
            if step.keep != step.code:
                lines.append(f"{step.keep} = {step.code}" if step.keep else step.code)
    if not answer.trouble and answer.value is not None:
        lines += ["", "came back with", text(answer.value)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _all_in_trouble(exercise: Behaviour, ran: Sequence[tuple[Ask, Answer]]) -> str:
    """The sentence for an answer that never came to run at all."""
    answer = ran[0][1]
    if answer.trouble in ("missing", "died", "stopped") and all(a.trouble for _, a in ran):
        return trouble(exercise, answer)
    return ""
