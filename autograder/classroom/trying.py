"""`autograder try`: what a class will meet in a set, met by its author first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import nbformat
from nbgrader.utils import is_grade, is_solution

from autograder import catalog
from autograder.asking.ask import Answer, ask
from autograder.asking.counted import counted, plain_number
from autograder.asking.wire import plain
from autograder.catalog import own
from autograder.classroom.beforehand import faults
from autograder.classroom.cells import BEGIN, END
from autograder.classroom.course import Course, as_notebook
from autograder.classroom.work import Release, Work, judge_work
from autograder.course.judging import checked_exercise
from autograder.course.magics import without_magics
from autograder.course.submission import HandedIn
from autograder.drills.choosing import drilled
from autograder.judge.behaviour import Behaviour
from autograder.judge.exercise import Exercise, Personal, Values
from autograder.judge.judge import judge
from autograder.judge.trial import Trial
from autograder.table import SEED, believed, differs, named

SEEDS = 200
LIMIT = 5.0  # seconds one call of a solution may take
UNSOLVED = (
    "the source holds no solution, so there is none to try. Write it between ### BEGIN SOLUTION "
    "and ### END SOLUTION; those of the kit's sets are in its repository, in exercises/source/."
)


@dataclass(frozen=True)
class Found:
    """One thing that was tried: whether it is as it should be, and what there is to say."""

    good: bool
    text: str


def attempt(course: Course, assignment: str, seeds: int = SEEDS) -> Iterator[Found]:
    """Try everything about a set that a class could stumble over, one sentence each.

    The solution in the source notebook runs here, with your rights, as it does in JupyterLab; and
    once in the sandbox, as a submission.

    Raises `CourseError` where the set cannot be graded at all, and `SandboxError` where nothing
    here isolates.
    """
    release = course.prepare(assignment)
    yield Found(True, "Every graded cell checks an exercise that the judge can judge.")
    sources = {
        name: (course.folder("source", assignment) / f"{name}.ipynb") for name in release.notebooks
    }
    for name, path in sources.items():
        if not path.is_file():
            yield Found(False, f"There is no source of {name}: {path} is missing.")
            continue
        solution = path.read_bytes()
        as_notebook(path, solution)
        if wrong := faults({name: solution}):
            yield from (Found(False, f"The source: {why}") for why in wrong)
            continue
        yield from _points(solution)
        released = release.notebooks[name]
        solved = _answers(solution) != _answers(released) or all(map(_personal, _checked(solution)))
        if solved:
            yield from _graded(release, name, solution, full=True)
        else:
            yield Found(False, f"{name}: {UNSOLVED}")
        yield from _graded(release, name, released, full=False)
        if solved:
            yield from _seeds(solution, seeds)
        for id in _checked(solution):
            if isinstance(task := catalog[id], Personal):
                yield from _everybodys(task, seeds)
            yield from _ideas(task.of(""))
    yield from without_drill()


def _answers(data: bytes) -> list[list[str]]:
    """The lines of each answer's cell, without nbgrader's marks."""
    return [
        [line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END)]
        for cell in _cells(data)
        if is_solution(cell)
    ]


def _cells(data: bytes) -> list[Any]:
    return [c for c in nbformat.reads(data, as_version=4).cells if c.cell_type == "code"]


def _graded_cells(data: bytes) -> list[tuple[str, Any]]:
    return [
        (id, cell)
        for cell in _cells(data)
        if is_grade(cell) and not is_solution(cell) and (id := checked_exercise(cell.source))
    ]


def _checked(data: bytes) -> list[str]:
    return [id for id, _ in _graded_cells(data)]


def _points(solution: bytes) -> Iterator[Found]:
    for id, cell in _graded_cells(solution):
        if (given := float(cell.metadata.nbgrader.points)) != catalog[id].points:
            yield Found(
                False,
                f"{id}: the cell gives {counted(given, 'point')}, the exercise "
                f"{plain_number(catalog[id].points)}; "
                "what is earned is scaled to the cell's.",
            )


def _graded(release: Release, name: str, data: bytes, full: bool) -> Iterator[Found]:
    """A notebook handed in as it stands: the solution earns everything, the release nothing."""
    who = "the solution" if full else "the released notebook"
    record = judge_work(Work("try", release, {name: HandedIn(data)}))
    good = True
    # no one solution to a drill is everybody's
    tried = [one for one in record.judged if not (full and _personal(one.exercise))]
    for one in tried:
        points, most = one.verdict.points, one.verdict.max_points
        if points != (most if full else 0.0):
            good = False
            yield Found(
                False,
                f"{one.exercise}: {who} earns {plain_number(points)} of "
                f"{counted(most, 'point')}:\n"
                f"{one.verdict.message}",
            )
    if good and tried:
        earned = "full marks" if full else "nothing"
        where = counted(len(tried), "exercise")
        yield Found(True, f"{name}: {who} earns {earned} in {where} ({record.rung}).")


def _seeds(solution: bytes, seeds: int) -> Iterator[Found]:
    """The solution on many fresh inputs: what is right once has to be right always."""
    names: dict[str, Any] = {"__name__": "__main__"}
    tasks = {id: catalog[id].of("") for id in _checked(solution) if not _personal(id)}
    for cell in _cells(solution):
        if not is_grade(cell) or is_solution(cell):
            try:
                with redirect_stdout(StringIO()):
                    exec(compile(without_magics(cell.source)[0], "<solution>", "exec"), names)
            except (Exception, SystemExit) as error:
                first = cell.source.strip().partition("\n")[0]
                yield Found(
                    False,
                    f"The source: a cell ends with {type(error).__name__}: {error}\n{first}",
                )
    for id, task in tasks.items():
        for seed in range(seeds):
            try:
                questions = task.questions(seed)
                verdict = judge(task, questions, ask(names, questions, LIMIT))
            except Exception as error:  # the exercise's own: most seeds went well
                yield Found(
                    False,
                    f"{id}: on seed {seed} it cannot be judged: {type(error).__name__}: {error}",
                )
                break
            if not verdict.passed:
                yield Found(
                    False,
                    f"{id}: on seed {seed} the solution earns {verdict.points:g} of "
                    f"{verdict.max_points:g}:\n{verdict.message}",
                )
                break
        else:
            yield Found(True, f"{id}: the solution earns full marks on {counted(seeds, 'seed')}.")


def _personal(id: str) -> bool:
    return isinstance(catalog.get(id), Personal)


def _everybodys(task: Personal, students: int) -> Iterator[Found]:
    """A drill as many students have it: whoever is right earns everything, nobody gives it away."""
    different = set()
    for student in map(str, range(students)):
        exercise = task.of(student)
        different.add(exercise.task)
        right = [_answer(exercise, trial.truth) for trial in _trials(exercise)]
        verdict = judge(exercise, exercise.questions(SEED), right)
        if not verdict.passed:
            yield Found(False, f"{task.id}: who is right is not: {verdict.message}")
            return
    yield Found(
        True,
        f"{task.id}: {counted(students, 'student')} get{'s' * (students == 1)} "
        f"{counted(len(different), 'different drill')}, and whoever is right earns full marks.",
    )


def _ideas(exercise: Exercise | Behaviour) -> Iterator[Found]:
    """Each misconception that is looked for: told apart, or said why not; and what is read then."""
    if isinstance(exercise, Behaviour):
        return
    first = named(exercise)
    answers = _messages(exercise)
    for id in exercise.ideas:
        if id not in first:
            if id not in exercise.inseparable:
                yield Found(False, f"{exercise.id}: {id!r} is looked for, {_unseen(exercise, id)}")
        elif first[id] != id and id not in exercise.inseparable:
            yield Found(
                False,
                f"{exercise.id}: whoever believes {id!r} is told of {first[id]!r}; choose inputs "
                "on which they differ, or say why not in inseparable={…}",
            )
        elif id in answers:
            yield Found(True, f"{exercise.id}: {id!r} is told apart. It reads:\n{answers[id]}")
        else:
            yield Found(True, f"{exercise.id}: {id!r} is told apart.")
    for id, why in exercise.inseparable.items():
        yield Found(True, f"{exercise.id}: {id!r} cannot be told apart: {why}.")


def without_drill() -> Iterator[Found]:
    """The course's own ideas for which `practice` has nothing to ask, whichever set shows them."""
    for id in own.ideas():
        if not drilled(id):
            yield Found(
                True,
                f"{id!r} has no drill: whoever shows it is told so, but `practice` asks nothing "
                "about it and `report` sets nothing. An exercise that draws its inputs (inputs=) "
                f"and has ideas=({id!r}, …) would be one.",
            )


def _unseen(exercise: Exercise, id: str) -> str:
    """Why an idea is never named."""
    trials = _trials(exercise)
    for _, answers in believed(exercise, trials, id):
        if wrong := [p.name for p in exercise.parts if differs(exercise, p, trials, answers)]:
            return (
                f"and makes {', '.join(wrong)} wrong, which is too little to name it by (worked by "
                "hand, two values have to be wrong); leave it out of ideas, or say so in "
                "inseparable={…}"
            )
    return (
        "and leads to no wrong answer that can be predicted; write one down in wrong={…}, or "
        "leave it out of ideas"
    )


def _trials(exercise: Exercise) -> list[Trial]:
    return [Trial(exercise, exercise.fixed or dict(q.args)) for q in exercise.questions(SEED)]


def _messages(exercise: Exercise) -> dict[str, str]:
    """{idea: what somebody who has it reads}, for those that are named."""
    questions = exercise.questions(SEED)
    trials = _trials(exercise)
    found: dict[str, str] = {}
    for id, values in believed(exercise, trials):
        if id in exercise.ideas and id not in found and all(values):
            verdict = judge(exercise, questions, [_answer(exercise, v) for v in values])
            if verdict.misconceptions[:1] == [id]:
                found[id] = verdict.message
    return found


def _answer(exercise: Exercise, values: Values) -> Answer:
    parts = {part.name: plain(values[part.name]) for part in exercise.parts}
    if exercise.form == "dict":
        return Answer(parts)
    several = list(parts.values())
    return Answer(several if exercise.form == "tuple" else several[0])


def as_text(found: Found) -> str:
    """One finding as it is printed.

    >>> as_text(Found(False, "a\\nb"))
    '✗ a\\n    b'
    """
    return ("✓ " if found.good else "✗ ") + found.text.replace("\n", "\n    ")
