"""Pairs to look at: what few share is shown, what many share or anybody would write is not."""

import json

import pytest
import second_set
from nbformat.v4 import new_code_cell, new_notebook

from autograder.asking.wire import dumps
from autograder.classroom.alike import alike, as_text, normal
from autograder.classroom.record import JudgedNotebook, Record
from autograder.course.judging import Judged
from autograder.judge.verdict import Verdict

STUB = "def quad_grad(A, x):\n    raise NotImplementedError()"
COPY = "def quad_grad(A, x):\n    B = A * 3 - A.T\n    return B @ x + 0.25 * x, np.outer(x, x)"
REWRITTEN = """def quad_grad(A, x):
    # my own idea
    matrix = A * 3 - A.T

    return (matrix @ x) + (0.25 * x), np.outer(x, x)"""
ID = "ps6.quad_grad"


def record(student, source, points=1.0, ideas=(), values=None, seed=7):
    """A record as grading leaves it, of one exercise."""
    about = {"nbgrader": {"solution": True, "grade_id": "quad_grad"}}
    answer = new_code_cell(source, metadata=about)
    check = new_code_cell(f'check("{ID}", quad_grad)', metadata={"autograder": {"exercise": ID}})
    answers = None
    if values:
        given = [{"value": v, "trouble": None, "text": ""} for v in values]
        answers = json.loads(dumps(given))
    verdict = Verdict(ID, points, 3.0, list(ideas))
    judged = [Judged(ID, verdict, points == 3.0, seed, "nested", answers)]
    judged += [
        Judged("ps6.dD_dW", Verdict("ps6.dD_dW", 0.0, 3.0, [idea]), False, seed, "nested")
        for idea in ideas[1:]
    ]
    notebook = new_notebook(cells=[answer, check])
    books = {"ps6": JudgedNotebook.made(f"hash of {student}", judged, notebook)}
    return Record(student, "ps6", "key", "nested", 0.1, books)


RELEASE = {"ps6": new_notebook(cells=[new_code_cell(STUB)])}


def traces(records, **more):
    found = alike("ps6", records, RELEASE, **more)
    return {pair: [t.what.split(",")[0] for t in some] for pair, some in found.pairs.items()}


def test_the_same_text_under_other_names_is_seen():
    records = [record("a", COPY), record("b", REWRITTEN), record("c", COPY.replace("3", "4"))]
    assert traces(records) == {("a", "b"): ["the same text"]}


def test_what_many_share_is_nobodys_own():
    assert traces([record(f"s{n}", COPY) for n in range(3)]) == {}
    many = [record(f"s{n}", COPY) for n in range(3)]
    many += [record(f"t{n}", COPY.replace("3", str(n + 9))) for n in range(57)]
    assert len(traces(many)) == 3, "3 of 60 are few"


@pytest.mark.parametrize("source", [STUB, "def quad_grad(A, x):\n    return A @ x, x", ""])
def test_the_release_and_what_is_short_tell_nothing(source):
    assert traces([record("a", source), record("b", source)]) == {}


def test_right_answers_resemble_each_other():
    right = "def quad_grad(A, x):\n    twice = A + A.T\n    return twice @ x, np.outer(x, x)"
    assert traces([record("a", right, 3.0), record("b", right, 3.0)]) == {}
    long = "def quad_grad(A, x):\n" + "".join(f"    y{n} = A @ x + {n} * x\n" for n in range(9))
    assert traces([record("a", long, 3.0), record("b", long, 3.0)]) == {
        ("a", "b"): ["the same text"]
    }
    other = long.replace("y", "z")
    assert traces([record("a", long, 3.0), record("b", other, 3.0)]) == {}


NUMBERS = [[[1.25, 2.0], 3.0], [[4.0, -5.5], 6.0]]


def test_the_same_wrong_numbers_are_seen_however_they_were_computed():
    near = [[[1.25 + 1e-12, 2.0], 3.0], [[4.0, -5.5], 6.0 - 1e-12]]
    records = [record("a", "x", values=NUMBERS), record("b", "y", values=near)]
    assert traces(records) == {("a", "b"): ["the same wrong numbers on the same inputs"]}
    far = [[[1.26, 2.0], 3.0], [[4.0, -5.5], 6.0]]
    assert traces([records[0], record("b", "y", values=far)]) == {}


@pytest.mark.parametrize(
    ("why", "more"),
    [
        ("drawn from another seed", {"seed": 8}),
        ("right", {"points": 3.0}),
        ("what an idea leads to", {"ideas": ["quad-2Ax"]}),
    ],
)
def test_numbers_that_tell_nothing(why, more):
    mine = more if why != "drawn from another seed" else {}
    records = [
        record("a", "x", values=NUMBERS, **mine),
        record("b", "y", values=NUMBERS, **more),
    ]
    assert traces(records) == {}, why


def test_a_constant_is_nobodys_own():
    zeros = [[[0.0, 0.0], 0.0]] * 2
    assert traces([record(s, s, values=zeros) for s in "ab"]) == {}


def test_two_ideas_together_are_seen_and_one_is_not():
    both = [record(s, s, ideas=["quad-2Ax", "hadamard"]) for s in "ab"]
    one = [record(s, s, ideas=["quad-2Ax"]) for s in "cd"]
    found = alike("ps6", both + one, RELEASE)
    assert list(found.pairs) == [("a", "b")]
    (trace,) = found.pairs["a", "b"]
    assert trace.where == "ps6.dD_dW (hadamard) and ps6.quad_grad (quad-2Ax)"


def test_who_hands_in_together_is_no_pair():
    records = [record("a", COPY), record("b", COPY)]
    assert traces(records, groups={"a": "submission_1", "b": "submission_1"}) == {}
    assert traces(records, groups={"a": "submission_1", "b": "submission_2"}) != {}


@pytest.mark.parametrize("source", ["def f(:", "(" * 3000, "\0", "x = 1\n" * 9000])
def test_what_is_no_python_is_compared_as_it_stands(source):
    assert normal(source, names=False)[0]


def test_nobody_is_accused():
    records = [record("a", COPY), record("b", REWRITTEN)]
    said = as_text(alike("ps6", records, RELEASE))
    assert "1 pair to look at, of 2 submissions" in said and "Look at both" in said
    for word in ("copied", "cheat", "plagiar", "suspect"):
        assert word not in said.lower()
    hidden = as_text(alike("ps6", records, RELEASE), name={"a": "one", "b": "two"}.get)
    assert "one and two" in hidden and "a and b" not in hidden


@pytest.mark.slow
def test_two_who_worked_together_come_first(two_sets):
    said = two_sets.run("autograder.cli", "alike", "ps7")
    first, second = second_set.together({row["student"]: {} for row in two_sets.rows
                                         if row["kind"] != "hostile"})  # fmt: skip
    assert f"\n{first} and {second}\n" in said
    after = said.partition(f"\n{first} and {second}\n")[2].split("\n\n")[0].splitlines()
    assert after == [
        "  ps7.logdet_grad: the same text, not right, names and comments aside",
        "  ps7.logdet_grad: the same wrong numbers on the same inputs",
    ]
    assert said.split("\n\n")[1].startswith(f"{first} and {second}"), "most in common first"
    hidden = two_sets.run("autograder.cli", "alike", "ps7", "--anonymous")
    assert "student-" not in hidden and "learner-" in hidden
