"""Seven kinds of submission, through nbgrader's own commands, read back from its own gradebook."""

import pytest

ZEROS = {
    "matmul_backward": "def matmul_backward(W, X, G):\n    return 0 * W, 0 * X",
    "dD_dW": "def dD_dW(W, h):\n    return np.zeros((len(W), *W.shape))",
    "linear_backward": "def linear_backward(X, W, b, T):\n    return 0 * X, 0 * W, 0 * b",
    "quad_grad": "def quad_grad(A, x):\n    return 0 * x, 0 * A",
}
# set -> (exercise, a wrong idea, the points it still earns, words of the sentence about it)
IDEA = {
    "ps6": (
        "quad_grad",
        "def quad_grad(A, x):\n    return 2 * A @ x, np.outer(x, x)",
        2.0,  # dA, and half of dx for the one slip
        "x appears on both sides of A",
    ),
}
PATCHES = """
import builtins, sys
import numpy.testing
import autograder
for module in (numpy, numpy.testing):
    for name in ("assert_allclose", "allclose", "isclose", "array_equal"):
        setattr(module, name, lambda *args, **options: True)
autograder.check = autograder.evaluate = lambda *args, **options: print("full marks") or 99.0
check = builtins.check = autograder.check
get_ipython().ast_node_interactivity = "all"
display(99.0)
99.0
"""


@pytest.fixture(scope="module", params=["ps6"])
def graded(request, make_course):
    """The seven submissions of one set and an honest last one, graded and with feedback."""
    name = request.param
    course = make_course(name)
    right = course.right
    first = next(iter(right))
    idea, wrong_idea, _, _ = IDEA[name]
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write('c.RunAndJudge.limits = {"cell_seconds": 1.0, "answer_seconds": 1.0}\n')
    patched = course.solved(ZEROS)
    patched.cells.insert(0, dict(cell_type="code", source=PATCHES, metadata={}, outputs=[]))
    raises = f"def {first}(*args):\n    raise ValueError('<script>alert(1)</script>')"
    for student, notebook in {
        "1-right": course.solved(right),
        "2-wrong": course.solved(ZEROS),
        "3-idea": course.solved(right | {idea: wrong_idea}),
        "4-raises": course.solved(right | {first: raises}),
        "5-loops": course.solved(right | {first: f"def {first}(*args):\n    while True: pass"}),
        "5-loops-at-once": course.solved(right | {first: "while True: pass"}),
        "6-patches": patched,
        "7-not-json": b"a = 1",
        "8-right": course.solved(right),
    }.items():
        course.submit(student, notebook)
    course.nbgrader("autograde", name)
    course.nbgrader("generate_feedback", name)
    return course


def test_the_gradebook_holds_the_right_points(graded):
    full = graded.full
    nothing = dict.fromkeys(full, 0.0)
    first = next(iter(graded.right))
    idea, _, points, _ = IDEA[graded.name]
    assert {
        path.name: graded.points(path.name) for path in (graded.root / "submitted").iterdir()
    } == {
        "1-right": full,
        "2-wrong": nothing,
        "3-idea": full | {idea: points},
        "4-raises": full | {first: 0.0},
        "5-loops": full | {first: 0.0},
        "5-loops-at-once": full | {first: 0.0},
        "6-patches": nothing,
        "7-not-json": nothing,
        "8-right": full,
    }


def test_the_feedback_names_the_idea_and_the_partial_credit_together(graded):
    idea, _, points, words = IDEA[graded.name]
    page = graded.words("3-idea")
    assert words in page
    assert f"Score: {points} / {graded.full[idea]}" in page
    assert words not in graded.words("1-right")


def test_the_feedback_gives_the_reason(graded):
    assert "ValueError: <script>alert(1)</script>" in graded.words("4-raises")
    assert "<script>alert(1)" not in graded.feedback("4-raises")
    assert "longer than 1 second" in graded.words("5-loops")
    assert "this cell ran too long and was stopped" in graded.words("5-loops-at-once")
    assert f"{graded.name}.ipynb is not a notebook" in graded.words("7-not-json")


def test_the_feedback_shows_no_test_source(graded):
    for student in ("1-right", "2-wrong", "3-idea", "4-raises"):
        page = graded.words(student)
        for secret in ("nonsym", "forward=", "seed", "Question(", "autograder.catalog"):
            assert secret not in page


def test_no_graded_cell_holds_anything_of_the_learners(graded):
    for _, check in graded.exercises(graded.autograded("6-patches")).values():
        assert "full marks" not in str(check.outputs)
        assert check.outputs[-1].data == {"text/plain": "0.0"}
        assert [output.output_type for output in check.outputs] == [
            "display_data",
            "execute_result",
        ]
