"""One verdict for the office hour: what was asked, what came back, and what the judge said."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from autograder import catalog
from autograder.asking.ask import Answer, Question
from autograder.asking.wire import loads
from autograder.classroom.course import Course
from autograder.classroom.gradebook import written_from
from autograder.classroom.record import JudgedNotebook, Record
from autograder.course.graft import NOTES
from autograder.course.judging import Judged, checked_exercise, scaled
from autograder.judge.behaviour import Script
from autograder.judge.exercise import Exercise
from autograder.judge.judge import judge
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
    course = Course.at(root, db_url)
    written = written_from(course, assignment)
    key = written.get(student)
    record = course.ledger(assignment).read(student, key) if key else None
    if record is None:
        known = list(written)
        there = f"there are {', '.join(known[:3])} …" if known else "nothing is graded yet"
        raise NotJudged(f"There is no verdict on {student} in {assignment}: {there}")
    names = (exercise, f"{assignment}.{exercise}")
    for about in record.notebooks.values():
        for one in about.judged:
            if one.exercise in names:
                return _explained(record, about, one)
    found = [one.exercise for one in record.judged]
    raise NotJudged(f"{assignment} has no exercise {exercise}; it has {', '.join(found)}")


def _explained(record: Record, about: JudgedNotebook, one: Judged) -> str:
    verdict = one.verdict
    lines = [
        f"{record.student}, {one.exercise}",
        f"Seed {one.seed}, isolation {one.rung}, record {record.key}",
        "",
        *_headed("Handed in", _sources(about.notebook, one.exercise)),
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


def _sources(notebook: dict[str, Any], exercise: str) -> list[str]:
    """The learner's code between the check before and the check of this exercise."""
    sources: list[str] = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        if NOTES in cell["metadata"] and "exercise" in cell["metadata"][NOTES]:
            if checked_exercise(source) == exercise:
                return sources
            sources = []
        elif "nbgrader" in cell["metadata"] or NOTES in cell["metadata"]:
            sources += source.splitlines()
    return sources


def _asked(question: Question) -> list[str]:
    return "\n".join([*assignments(dict(question.args)), question.code]).splitlines()


def _came_back(answer: Answer) -> list[str]:
    if answer.trouble:
        return [f"came back: {answer.trouble}: {answer.text}"]
    return f"came back: {text(answer.value, len('   came back: '))}".splitlines()


def _right(task: Any, questions: Sequence[Question], number: int) -> list[str]:
    """What is right for one question, where that is numbers."""
    if isinstance(questions, Script):
        right = {**questions.steps[number].counts}
        return [
            f"right ({check}): {text(value)}" for check, value in right.items() if _shown(value)
        ]
    assert isinstance(task, Exercise)
    truth = Trial(task, task.fixed or dict(questions[number].args)).truth
    return "\n".join(["right:", *assignments(truth)]).splitlines()


def _shown(value: object) -> bool:
    return not callable(value)
