"""What stands against grading an assignment, found and said once, before the first student.

A graded cell that nobody can judge, or an exercise with a mistake of its author's in it, would
otherwise give a whole class 0.
"""

import ast
import difflib
import os
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat

import autograder
import backpropkit
from autograder import catalog
from autograder.asking.ask import Answer
from autograder.asking.wire import plain
from autograder.course.judging import checks
from autograder.course.magics import without_magics
from autograder.course.roles import is_grade, is_solution
from autograder.judge.exercise import Exercise
from autograder.judge.judge import judge
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import Trial

MOST_POINTS = 1_000_000  # that a cell can give
_SEED = 1
_NOT_THE_AUTHORS = (  # of the files that an error went through
    *[str(Path(autograder.__path__[0], name)) for name in ("judge", "asking", "classroom")],
    backpropkit.__path__[0],
)


def faults(notebooks: dict[str, bytes]) -> list[str]:
    """A sentence for each thing that stands against judging these released notebooks."""
    found: list[str] = []
    used: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    for name, data in notebooks.items():
        for cell in nbformat.reads(data, as_version=4).cells:
            if not is_grade(cell):
                continue
            id = cell.metadata.nbgrader.get("grade_id")
            where = f"{name}.ipynb, graded cell {id!r}"
            if not id or (name, id) in seen:
                what = "another one has this id" if id else "it has no id"
                found.append(f"{where}: {what}; give it its own in the Create Assignment toolbar.")
                continue
            seen.add((name, id))
            points = cell.metadata.nbgrader.get("points")
            if not (type(points) in (int, float) and 0 <= points <= MOST_POINTS):
                found.append(f"{where}: {points!r:.40} are no points, from 0 to {MOST_POINTS:,}.")
            if cell.cell_type == "code" and not is_solution(cell):
                said, exercise = _cell(cell.source)
                found += [f"{where}: {said}"] if said else []
                used |= {exercise: None} if exercise else {}
    for exercise in used:
        found += list(_exercise(exercise))
    return found


def used(notebooks: Mapping[str, bytes]) -> set[str]:
    """The exercises that the graded cells of these notebooks check."""
    cells = [cell for data in notebooks.values() for cell in nbformat.reads(data, 4).cells]
    graded = [c for c in cells if c.cell_type == "code" and is_grade(c) and not is_solution(c)]
    return {exercise for cell in graded if (exercise := _cell(cell.source)[1])}


def _cell(source: str) -> tuple[str, str]:
    """What is wrong with a graded cell, or "" and the exercise that it checks, if any."""
    code, _ = without_magics(source)
    try:
        ast.parse(code)
    except (SyntaxError, ValueError) as error:
        return f"it is no Python ({error}).", ""
    calls = checks(source)
    if len(calls) > 1:
        return "it checks more than one exercise; give each check a cell of its own.", ""
    if calls and _tests(code):
        return f"{_BESIDE}; give them a cell of their own.", ""
    if not calls:
        if "autograder" in code:
            return 'it uses autograder, and holds no check("…", …) to be judged by.', ""
        return "", ""  # asserts of the course's own
    match calls[0].args:
        case [ast.Constant(str(name)), *answer]:
            if name in catalog.ids():
                wanted = catalog[name].answer
                if answer and isinstance(answer[0], ast.Name) and answer[0].id != wanted:
                    return f"{name} asks for {wanted}, and it checks {answer[0].id}.", name
                return "", name
            if name in catalog.left_out:
                where = catalog.left_out[name]
                return f"the course leaves {name!r} out ({where}); delete its cells here", ""
            close = difflib.get_close_matches(name, catalog.ids(), n=1, cutoff=0.5)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {_listed(catalog.ids())}"
            return f"there is no exercise {name!r}; {hint}", ""
    return 'the id in its check("…", …) has to stand there in quotes.', ""


_BESIDE = "the asserts beside its check would never run"


def _tests(code: str) -> bool:
    return any(isinstance(node, ast.Assert | ast.Raise) for node in ast.walk(ast.parse(code)))


def untested(name: str, notebook: Any, hidden: Mapping[str, str]) -> list[str]:
    """A sentence for each graded cell that would test nothing, or not all that it says.

    `hidden` are the texts of cells whose hidden tests the release does not show.
    """
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
            continue
        id = cell.metadata.nbgrader.grade_id
        try:
            code, _ = without_magics(hidden.get(id, cell.source))
            statements = ast.parse(code).body
        except (SyntaxError, ValueError):
            continue  # it is said elsewhere
        where = f"{name}.ipynb, graded cell {id!r}"
        if not statements and cell.metadata.nbgrader.points:
            found.append(f"{where}: it tests nothing, so everybody would have its points.")
        elif id in hidden and checks(cell.source) and _tests(code):
            found.append(f"{where}: {_BESIDE}, hidden ones too; give them a cell of their own.")
    return found


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(ids)


def _exercise(id: str) -> Iterator[str]:
    """The mistakes of its author's: ideas that there are none of, and what raises when judged."""
    task = catalog[id]
    for idea in _ideas(task):
        if idea not in MISCONCEPTIONS:
            close = difflib.get_close_matches(idea, MISCONCEPTIONS, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            yield f"{id} names {idea!r}, which is no misconception{hint}{_place(task, idea)}"
    try:
        task = task.of("")
        for answers in _answers(task):
            judge(task, task.questions(_SEED), answers)
    except Exception as error:
        yield f"{id} cannot be judged: {type(error).__name__}: {error}{_raised(error)}"


def _ideas(task: Any) -> list[str]:
    near = [idea for _, idea in getattr(task, "near", {})]
    return list(dict.fromkeys([*task.ideas, *task.inseparable, *near, *getattr(task, "wrong", {})]))


def _answers(task: Any) -> Iterator[list[Answer]]:
    """No answers, and wrong ones of the right form, for which everything has to be computed."""
    yield []
    if isinstance(task, Exercise):
        asked = task.questions(_SEED)
        trials = [Trial(task, task.fixed or dict(question.args)) for question in asked]
        yield [_answer(task, {part: 1.7 * v + 0.3 for part, v in t.truth.items()}) for t in trials]


def _answer(task: Exercise, values: dict[str, Any]) -> Answer:
    parts = [plain(values[part.name]) for part in task.parts]
    if task.form == "tuple":
        return Answer(parts)
    if task.form == "dict":
        return Answer(dict(zip([part.name for part in task.parts], parts, strict=True)))
    return Answer(parts[0])


def _raised(error: Exception) -> str:
    """Where in the author's own text an error came from."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        theirs = not frame.filename.startswith(_NOT_THE_AUTHORS)
        if theirs and "site-packages" not in frame.filename and "<" not in frame.filename:
            return f" ({frame.filename}, line {frame.lineno})"
    return ""


def _place(task: Any, words: str) -> str:
    """The file of an exercise, as its functions know it, and the line in which `words` stand."""
    codes = [getattr(value, "__code__", None) for value in vars(task).values()]
    files = {code.co_filename for code in codes if code is not None}
    for file in sorted(files):
        if not file.startswith(_NOT_THE_AUTHORS) and os.path.isfile(file):
            for number, line in enumerate(Path(file).read_text("utf-8").splitlines(), start=1):
                if f'"{words}"' in line or f"'{words}'" in line:
                    return f" ({file}, line {number})"
    return ""
