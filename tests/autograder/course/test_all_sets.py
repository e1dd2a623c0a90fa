"""Every problem set through nbgrader: the teacher's notebook, and one that nobody touched."""

from copy import deepcopy

import nbformat
import pytest

from autograder import catalog

# Answers of a size on which log |K| would take hours: set -> (exercise, answer)
LARGE = {"ps7": ("fit", "def fit(*args):\n    return np.ones((2000, 1)), [0.0] * 9")}
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
    for answer, source in [LARGE[name]] if name in LARGE else []:
        large = deepcopy(solved)
        course.exercises(large)[answer][0].source = source
        course.submit("large", large)
    course.nbgrader("autograde", name)
    full = {exercise.answer: float(exercise.points) for exercise in catalog.set(name)}
    assert course.points("teacher") == full
    assert course.points("untouched") == dict.fromkeys(full, 0.0)
    for answer, _ in [LARGE[name]] if name in LARGE else []:
        assert course.points("large") == full | {answer: 0.0}
        assert "(2000, 1)" in str(course.exercises(course.autograded("large"))[answer][1].outputs)
    right = course.nbgrader("validate", f"submitted/teacher/{name}/{name}.ipynb")
    assert "Success! Your notebook passes all the tests." in right
    nothing = course.nbgrader("validate", f"submitted/untouched/{name}/{name}.ipynb")
    assert f"VALIDATION FAILED ON {len(full) + 1} CELL(S)" in nothing
