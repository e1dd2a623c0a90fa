"""For the office hour: one verdict with its inputs and reasons, one set, or a learner over all."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from autograder import catalog
from autograder.asking.ask import Answer, Question
from autograder.asking.counted import counted, plain_number
from autograder.asking.wire import loads
from autograder.classroom.course import Course
from autograder.classroom.gradebook import written, written_from
from autograder.classroom.record import JudgedNotebook, Record
from autograder.classroom.whom import nobody, nothing_of, some
from autograder.course.judging import Judged, scaled
from autograder.drills.choosing import drilled
from autograder.judge.behaviour import Scripted
from autograder.judge.exercise import Exercise
from autograder.judge.judge import judge
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.reading import assignments, text
from autograder.judge.trial import Trial


class NotJudged(LookupError):
    """There is no such verdict; the text says what there is."""


def explain(
    root: Path, assignment: str, student: str, exercise: str, db_url: str | None = None
) -> str:
    """Everything that is known about one verdict, made again from its seed and recorded answers.

    `exercise` may be given without its problem set. Raises `NotJudged`.
    """
    record = _record(Course.at(root, db_url), assignment, student)
    names = (exercise, f"{assignment}.{exercise}")
    for about in record.notebooks.values():
        for one in about.judged:
            if one.exercise in names:
                return _explained(record, about, one)
    found = [one.exercise for one in record.judged]
    raise NotJudged(f"{assignment} has no exercise {exercise}; it has {', '.join(found)}")


def explain_set(root: Path, assignment: str, student: str, db_url: str | None = None) -> str:
    """What a learner reads of every exercise of one set. Raises `NotJudged`."""
    record = _record(Course.at(root, db_url), assignment, student)
    messages = [part for one in record.judged for part in (one.verdict.message, "")]
    return "\n".join([f"{student}, {assignment}: {_sum(record.judged)}", "", *messages]).rstrip()


def explain_student(root: Path, student: str, db_url: str | None = None) -> str:
    """One learner over all sets: what each exercise earned, and which ideas came again.

    Raises `NotJudged`.
    """
    course = Course.at(root, db_url)
    everything = written(course)
    keys = {each: who[student] for each, who in everything.items() if student in who}
    found = {each: course.ledger(each).read(student, key) for each, key in keys.items()}
    records = {each: record for each, record in found.items() if record}
    lost = [course.ledger(each).lost(student, keys[each]) for each in found if each not in records]
    if lost and not records:
        raise NotJudged("\n".join(f"{one}." for one in lost))
    sets = list(dict.fromkeys([*everything, *course.sets()]))
    if not records:
        why = (f"  {nothing_of(course, student, each)}" for each in sets)
        raise NotJudged(
            nobody(course, student)
            or "\n".join([f"There is no verdict on {student} in any set.", *why])
        )
    lines = [f"{student}: {len(records)} of {counted(len(everything), 'graded set')}"]
    ideas: dict[str, list[str]] = {}
    for each, record in records.items():
        lines += ["", f"{each}: {_sum(record.judged)}"]
        lines += [f"  {line}" for line in (record.unreadable, record.foreign) if line]
        for one in record.judged:
            lines.append(f"  {one.verdict.message.splitlines()[0]}")
            for id in one.verdict.misconceptions:
                ideas.setdefault(id, []).append(one.exercise)
                lines.append(f"      {_idea(id)}")
    for each in everything:
        lines += [] if each in found else ["", nothing_of(course, student, each)]
    lines += [line for one in lost for line in ("", f"{one}.")]
    if ideas:
        lines += ["", "Ideas, those that came again first:"]
    for id, where in sorted(ideas.items(), key=lambda item: -len(_sets(item[1]))):
        again = f", in {len(_sets(where))} sets" if len(_sets(where)) > 1 else ""
        drill = f'; practice("{id}")' if drilled(id) else ""
        lines.append(f"  {_idea(id)}{again}: {', '.join(where)}{drill}")
    lines += ["", f"More of one set: autograder explain {student} {next(iter(records))}"]
    return "\n".join(lines)


def _record(course: Course, assignment: str, student: str) -> Record:
    """What the gradebook was written from."""
    key = written_from(course, assignment).get(student)
    ledger = course.ledger(assignment)
    record = ledger.read(student, key) if key else None
    if key and record is None:
        raise NotJudged(f"{ledger.lost(student, key)}.")
    if record is None:
        raise NotJudged(nothing_of(course, student, assignment))
    return record


def _sum(judged: Sequence[Judged]) -> str:
    points, most = (
        sum(getattr(one.verdict, name) for one in judged) for name in ("points", "max_points")
    )
    return f"{plain_number(points)} of {counted(most, 'point')}"


def _idea(id: str) -> str:
    return f"{MISCONCEPTIONS[id].name} ({id})" if id in MISCONCEPTIONS else id


def _sets(exercises: Sequence[str]) -> set[str]:
    return {name.split(".")[0] for name in exercises}


def in_order(
    root: Path, words: Sequence[str | None], db_url: str | None = None
) -> tuple[str, str | None, str | None]:
    """(student, set, exercise) of what was typed: ``ada ps6 quad_grad``, or the set first.

    The set went first once, and still may, where no student is called like it.
    """
    first, second, third = words
    course = Course.at(root, db_url)
    found = written(course)
    students = {student for who in found.values() for student in who}
    if first in {*found, *course.sets()} and first not in students:
        if second is None:
            raise NotJudged(f"Whose? autograder explain STUDENT {first}. {some(students)}")
        first, second = second, first
    assert first is not None
    return first, second, third


def _explained(record: Record, about: JudgedNotebook, one: Judged) -> str:
    verdict = one.verdict
    lines = [
        f"{record.student}, {one.exercise}",
        f"Seed {one.seed}, isolation {one.rung}, record {record.key}",
        "",
        *_headed("Handed in", "\n".join(about.sources(one.exercise)).splitlines()),
    ]
    if about.unreadable or one.exercise not in catalog.ids():
        return "\n".join([*lines, *_headed("The verdict", verdict.message.splitlines())])
    task = catalog[one.exercise].of(record.student)
    questions = task.questions(one.seed)
    if one.answers is None:
        lines += ["The answers were too long to be kept.", ""]
        return "\n".join([*lines, *_headed("The verdict", verdict.message.splitlines())])
    given = cast(list[dict[str, Any]], loads(json.dumps(one.answers).encode()))
    answers = [Answer(**answer) for answer in given]
    if len(questions) != len(answers):
        lines += ["The exercise has changed since, and asks something else now.", ""]
        return "\n".join([*lines, *_headed("The verdict", verdict.message.splitlines())])
    for number, (question, answer) in enumerate(zip(questions, answers, strict=True), start=1):
        lines += _headed(
            f"Question {number} of {len(questions)}",
            [*_asked(question), *_came_back(answer), *_right(task, questions, number - 1)],
        )
    again = scaled(judge(task, questions, answers), verdict.max_points)
    lines += _headed("The verdict", verdict.message.splitlines())
    if again.to_dict() == verdict.to_dict():
        lines.append("Judged again now from the same answers: the same verdict.")
    else:
        lines += ["The judge has changed since. Judged now from the same answers:", again.message]
    return "\n".join(lines)


def _headed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"── {title}", *[f"   {line}".rstrip() for line in lines], ""]


def _asked(question: Question) -> list[str]:
    return "\n".join([*assignments(dict(question.args)), question.code]).splitlines()


def _came_back(answer: Answer) -> list[str]:
    if answer.trouble:
        return [f"came back: {answer.trouble}: {answer.text}"]
    return f"came back: {text(answer.value, len('   came back: '))}".splitlines()


def _right(task: Any, questions: Sequence[Question], number: int) -> list[str]:
    """What is right for one question, where that is numbers."""
    if isinstance(questions, Scripted):
        right = {**questions.steps[number].counts}
        return [
            f"right ({check}): {text(value)}" for check, value in right.items() if _shown(value)
        ]
    assert isinstance(task, Exercise)
    truth = Trial(task, task.fixed or dict(questions[number].args)).truth
    return "\n".join(["right:", *assignments(truth)]).splitlines()


def _shown(value: object) -> bool:
    return not callable(value)
