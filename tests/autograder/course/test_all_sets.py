"""Every problem set through nbgrader: the teacher's notebook, and one that nobody touched."""

import nbformat
import pytest

from autograder import catalog

SETS = sorted({exercise.set for exercise in catalog.values()})


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_the_teachers_notebook_earns_everything_and_an_untouched_one_nothing(make_course, name):
    course = make_course(name)
    taught = nbformat.read(course.root / f"source/{name}/{name}.ipynb", as_version=4)
    solved = course.solved({})
    answers = {cell.id: cell.source for cell in taught.cells}
    for cell in solved.cells:
        cell.source = answers[cell.id]
    course.submit("teacher", solved)
    course.submit("untouched", course.release)
    course.nbgrader("autograde", name)
    full = {exercise.answer: float(exercise.points) for exercise in catalog.set(name)}
    assert course.points("teacher") == full
    assert course.points("untouched") == dict.fromkeys(full, 0.0)
    right = course.nbgrader("validate", f"submitted/teacher/{name}/{name}.ipynb")
    assert "Success! Your notebook passes all the tests." in right
    nothing = course.nbgrader("validate", f"submitted/untouched/{name}/{name}.ipynb")
    assert f"VALIDATION FAILED ON {len(full) + 1} CELL(S)" in nothing
