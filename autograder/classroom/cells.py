"""`autograder cells`: the three cells of an exercise, written into the notebook of its set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.asking.counted import counted
from autograder.catalog import KIT, AnyExercise, catalog
from autograder.classroom.beforehand import used
from autograder.classroom.course import Course, as_notebook
from autograder.judge.exercise import Exercise, Personal

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
IMPORTS = "import numpy as np\n\nfrom autograder import check"
OWN = """from autograder import drill

me = ""  # between the quotes: the name under which you hand in (on a JupyterHub leave it empty)
drill("{}", me)"""


def add_cells(course: Course, assignment: str) -> tuple[Path, list[str]]:
    """Write the cells of the course's own exercises that no notebook of the set checks yet.

    The answer's cell holds a stub, with nbgrader's marks between which the solution is written.

    Returns:
        the notebook, which is made where there is none, and the ids of what was added.
    """
    folder = course.folder("source", assignment)
    there = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))}
    for stem, data in there.items():
        as_notebook(folder / f"{stem}.ipynb", data)
    checked = used(there)
    wanted = [e for e in catalog.set(assignment) if e.id not in checked and KIT.get(e.id) is not e]
    name = assignment if assignment in there or not there else next(iter(there))
    path = folder / f"{name}.ipynb"
    if not wanted:
        return path, []
    if name in there:
        notebook = nbformat.reads(there[name].decode("utf-8"), as_version=4)
    else:
        notebook = new_notebook(
            cells=[new_code_cell(IMPORTS, id="imports")], metadata={"kernelspec": KERNEL}
        )
    for exercise in wanted:
        notebook.cells += three_cells(exercise)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path, [exercise.id for exercise in wanted]


def three_cells(exercise: AnyExercise) -> list[Any]:
    """The task, the answer's cell and the check, as nbgrader's toolbar would mark them; and of a
    drill of everybody's own a cell that shows it."""
    name, points = exercise.answer, exercise.points
    task = (
        f"## {name}\n\n{exercise.task}\n\n    {exercise.signature}\n\n({counted(points, 'point')})"
    )
    own = isinstance(exercise, Personal)
    shown = [new_code_cell(OWN.format(exercise.id), id=f"own-{name}")] if own else []
    return [
        new_markdown_cell(task, id=f"task-{name}"),
        *shown,
        new_code_cell(stub(exercise), id=f"answer-{name}", metadata=marks(name, solution=True)),
        new_code_cell(
            f'check("{exercise.id}", {name}{", me" if own else ""})',
            id=f"check-{name}",
            metadata=marks(f"check_{name}", grade=True, locked=True, points=points),
        ),
    ]


def stub(exercise: AnyExercise) -> str:
    """What the answer's cell holds before there is a solution."""
    if not isinstance(exercise, Exercise) or exercise.call:
        return f"# {exercise.signature}\n{BEGIN}\n{END}"
    if exercise.fixed:
        return f"{BEGIN}\n{exercise.answer} = …\n{END}"
    arguments = ", ".join(exercise.questions(seed=1)[0].args)
    return f"def {exercise.answer}({arguments}):\n    {BEGIN}\n    ...\n    {END}"


def marks(name: str, points: float | None = None, **what: bool) -> dict[str, object]:
    """nbgrader's metadata of a cell."""
    about = {"grade": False, "locked": False, "solution": False, "task": False} | what
    more = {"points": points} if points is not None else {}
    return {"nbgrader": about | more | {"grade_id": name, "schema_version": 3}}
