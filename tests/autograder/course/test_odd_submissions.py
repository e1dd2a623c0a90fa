"""Submissions that people hand in by accident: each gets a verdict and a reason, and so do the
honest ones that only look odd."""

from copy import deepcopy
from pathlib import Path

import pytest

NOISY = """
import sys, warnings
np.seterr(all="warn")
def quad_grad(A, x):
    print("hello", file=sys.stderr)
    print("0.0")
    warnings.warn("careful")
    np.float64(1) / np.float64(0)
    return (A + A.T) @ x, np.outer(x, x)
quad_grad(np.eye(2), np.ones(2))
warnings.warn("careful")
"""
SCRATCH = """
import backpropkit as bp
x = bp.var(2.0)
"""


def code(source: str, **metadata: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}


@pytest.fixture(scope="module")
def graded(make_course):
    """A class of odd submissions between two honest ones, graded and with feedback."""
    course = make_course("ps6")
    right = course.right
    whole = course.solved(right)

    def changed(change) -> object:
        notebook = deepcopy(whole)
        change(notebook.cells, {name: cells for name, cells in course.exercises(notebook).items()})
        return notebook

    def delete_solution(cells, exercises):
        cells.remove(exercises["quad_grad"][0])

    def delete_helper(cells, exercises):
        exercises["quad_grad"][0].source = "def quad_grad(A, x):\n    return helper(A, x)"

    def delete_checks(cells, exercises):
        for _, check in exercises.values():
            cells.remove(check)

    def double_everything(cells, exercises):
        cells += deepcopy(cells)

    def copy_untouched(cells, exercises):
        cells.append(course.exercises(course.release)["quad_grad"][0])

    def helper_in_a_cell(cells, exercises):
        solution = exercises["quad_grad"][0]
        solution.source = "def quad_grad(A, x):\n    return helper(A) @ x, np.outer(x, x)"
        cells.insert(cells.index(solution), code("def helper(A):\n    return A + A.T"))

    def noisy(cells, exercises):
        exercises["quad_grad"][0].source = NOISY
        cells.insert(0, code(SCRATCH))

    def metadata(cells, exercises):
        for solution, check in exercises.values():
            solution.metadata = {"nbgrader": solution.metadata.nbgrader | {"locked": True}}
            solution.metadata["tags"] = ["skip-execution"]
            check.metadata.nbgrader.points = 1000
            check.source = "1000.0"

    def long(source):
        def change(cells, exercises):
            cells.insert(0, code(source))
            cells.append(code(source))

        return change

    def dies(cells, exercises):
        exercises["quad_grad"][0].source = "import os\ndef quad_grad(A, x):\n    os._exit(0)"

    data = course.submit("a-right", whole).read_bytes()
    for student, notebook in {
        "b-truncated": data[: len(data) // 2],
        "c-empty": b"",
        "d-latin-1": data.replace(b"return", "zurück".encode("latin-1")),
        "e-format-99": whole | {"nbformat": 99},
        "f-no-solution": changed(delete_solution),
        "g-no-checks": changed(delete_checks),
        "h-doubled": changed(double_everything),
        "i-untouched-copy": changed(copy_untouched),
        "j-helper": changed(helper_in_a_cell),
        "k-noisy": changed(noisy),
        "l-metadata": changed(metadata),
        "m-dies": changed(dies),
        "n-untouched": course.release,
        "q-blank-lines": changed(long("quad_grad" + "\n " * 64_000 + "quad_grad")),
        "r-semicolons": changed(long("quad_grad;" * 40_000)),
        "s-magics": changed(long("x = 1\n" * 1_000 + "!a\n" * 20)),
        "t-no-helper": changed(delete_helper),
        "z-right": whole,
    }.items():
        course.submit(student, notebook)
    course.submit("o-missing", b"").unlink()
    path = course.submit("p-other-name", data)
    path.rename(path.with_name("ps6 (1).ipynb"))
    course.nbgrader("autograde", "ps6")
    course.nbgrader("generate_feedback", "ps6")
    return course


HONEST = (
    *("a-right", "g-no-checks", "h-doubled", "i-untouched-copy", "j-helper", "k-noisy"),
    "p-other-name",
)


LONG = ("q-blank-lines", "r-semicolons", "s-magics")  # what takes long to read, if nobody stops


@pytest.mark.parametrize("student", [*HONEST, *LONG, "l-metadata", "z-right"])
def test_honest_work_gets_full_marks(graded, student):
    assert graded.points(student) == graded.full


@pytest.mark.parametrize("student", ["f-no-solution", "m-dies", "t-no-helper"])
def test_a_fault_costs_its_own_exercise_only(graded, student):
    assert graded.points(student) == graded.full | {"quad_grad": 0.0}


UNREADABLE = {
    "b-truncated": "it was cut off",
    "c-empty": "ps6.ipynb is empty",
    "d-latin-1": "not text in UTF-8",
    "e-format-99": "in notebook format 99, not 3 or 4",
    "o-missing": "There is no file ps6.ipynb",
}


@pytest.mark.parametrize("student", UNREADABLE)
def test_what_cannot_be_read_gets_zero_and_a_reason(graded, student):
    assert graded.points(student) == dict.fromkeys(graded.full, 0.0)
    assert UNREADABLE[student] in graded.words(student)


def test_an_untouched_notebook_gets_zero(graded):
    assert graded.points("n-untouched") == dict.fromkeys(graded.full, 0.0)
    assert "No response." in graded.words("n-untouched")


def test_what_was_done_to_the_cells_is_said(graded):
    assert "this cell was missing from the submission" in graded.words("f-no-solution")
    assert "this cell stood in the submission 2 times" in graded.words("h-doubled")
    assert "backpropkit.var is closed while grading" in graded.words("k-noisy")


def test_a_name_that_was_not_handed_in_is_said_to_somebody_who_can_run_no_cell_any_more(graded):
    again = "Grading runs the cells from the top, once: was its cell deleted"
    for student, said in {
        "f-no-solution": "Nothing that was handed in defines quad_grad before its check.",
        "t-no-helper": "NameError: name 'helper' is not defined (line 2 of quad_grad). Nothing "
        "that was handed in defines it above.",
    }.items():
        words = graded.words(student)
        assert f"{said} {again}" in words
        assert "run the cell" not in words


def test_what_is_too_long_to_be_read_is_said(graded):
    for student in ("q-blank-lines", "r-semicolons"):
        assert "this cell is too long to be shown in colours" in graded.words(student)


def test_what_a_learner_printed_can_be_read_but_not_in_a_graded_cell(graded):
    for solution, check in graded.exercises(graded.autograded("k-noisy")).values():
        if "quad_grad" in check.source:
            assert "careful" in str(solution.outputs) and "hello" in str(solution.outputs)
        assert "careful" not in str(check.outputs) and "hello" not in str(check.outputs)


def test_grading_again_grades_nothing_twice_and_with_force_the_same(graded):
    before = {s: graded.points(s) for s in ("a-right", "m-dies")}
    assert "Skipping existing assignment" in graded.nbgrader("autograde", "ps6")
    graded.nbgrader("autograde", "ps6", "--force", "--student", "m-dies")
    assert {s: graded.points(s) for s in before} == before


def test_validate_says_what_grading_says(graded):
    submitted = Path("submitted")
    right = graded.nbgrader("validate", str(submitted / "a-right/ps6/ps6.ipynb"))
    assert "Success! Your notebook passes all the tests." in right
    untouched = graded.nbgrader("validate", str(submitted / "n-untouched/ps6/ps6.ipynb"))
    assert "VALIDATION FAILED ON 5 CELL(S)" in untouched


def test_without_a_release_the_command_says_what_to_do(make_course):
    course = make_course("ps6")
    course.submit("a", course.release)
    (course.root / "release/ps6").rename(course.root / "gone")
    said = course.nbgrader("autograde", "ps6", status=1)
    assert "run `nbgrader generate_assignment ps6` first" in said


def test_a_fresh_clone_grades_without_generating_first(make_course):
    course = make_course("ps6")
    (course.root / "gradebook.db").unlink()
    course.submit("a", course.solved(course.right))
    course.submit("b", b"")
    course.nbgrader("autograde", "ps6")
    assert course.points("a") == course.full
    assert course.points("b") == dict.fromkeys(course.full, 0.0)


def test_generating_again_replaces_the_release(make_course):
    course = make_course("ps6")
    path = course.root / "release/ps6/ps6.ipynb"
    released = path.read_bytes()
    path.write_bytes(b"")
    course.nbgrader("generate_assignment", "ps6")
    assert path.read_bytes() == released
