"""What stands against grading is found before the first student, and says where it is."""

import dataclasses
import json
from pathlib import Path

import nbformat
import pytest

from autograder import catalog
from autograder.classroom.beforehand import faults, untested
from autograder.judge.exercise import Exercise
from tools.a_class import EXERCISES

RELEASE = EXERCISES / "release/ps6/ps6.ipynb"


def released(check: str, **marks: object) -> dict[str, bytes]:
    """The released problem set with another text or other marks in one graded cell."""
    notebook = json.loads(RELEASE.read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "check_quad_grad":
            cell["source"] = check
            cell["metadata"]["nbgrader"].update(marks)
    return {"ps6": json.dumps(notebook).encode()}


def author(monkeypatch, **changed) -> Exercise:
    """An exercise of the catalog with something changed in it, in its place."""
    changed = dataclasses.replace(catalog["ps6.quad_grad"], **changed)
    monkeypatch.setitem(catalog._exercises, "ps6.quad_grad", changed)
    return changed


@pytest.mark.parametrize("name", [f"ps{number}" for number in range(1, 8)])
def test_the_kits_own_sets_are_ready(name):
    assert faults({name: (EXERCISES / f"release/{name}/{name}.ipynb").read_bytes()}) == []


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ('check("ps6.quad_gard", quad_grad)', "'ps6.quad_gard'; did you mean 'ps6.quad_grad'?"),
        ('%%time\ncheck("ps6.quad_gard", quad_grad)', "did you mean 'ps6.quad_grad'?"),
        ('check("zzz", quad_grad)', "there is no exercise 'zzz'; there are ps1."),
        ('check(f"ps6.{name}", quad_grad)', "has to stand there in quotes"),
        ('check("ps6.quad_grad", a)\ncheck("ps6.dD_dW", b)', "more than one exercise"),
        ("import autograder as a\na.check(NAME, f)", "holds no check"),
        ("assert (1", "it is no Python"),
        ('check("ps6.quad_grad", quad_grad)\nassert quad_grad', "asserts beside its check would"),
        ('check("ps6.quad_grad", dD_dW)', "ps6.quad_grad asks for quad_grad, and it checks dD_dW"),
    ],
)
def test_a_cell_that_nobody_can_judge_is_named(check, words):
    (said,) = faults(released(check))
    assert said.startswith("ps6.ipynb, graded cell 'check_quad_grad': ") and words in said


@pytest.mark.parametrize(
    "check",
    [
        "assert quad_grad is not None",
        '%%time\ncheck("ps6.quad_grad", quad_grad)',
        'import autograder as a\na.check("ps6.quad_grad", quad_grad)',
        'from autograder import check as c\nc("ps6.quad_grad", quad_grad)',
    ],
)
def test_cells_that_can_be_judged_are_not(check):
    assert faults(released(check)) == []


@pytest.mark.parametrize("points", [-1, None, "3", [], True, float("nan"), 1e308, 10**400])
def test_points_that_are_none_are_named(points):
    (said,) = faults(released('check("ps6.quad_grad", quad_grad)', points=points))
    assert "are no points, from 0 to 1,000,000" in said and len(said) < 150
    assert faults(released('check("ps6.quad_grad", quad_grad)', points=0.25)) == []


CHECK = 'check("ps6.quad_grad", quad_grad)'


@pytest.mark.parametrize(
    ("shown", "hidden", "words"),
    [
        ("# hidden tests are to come", None, "it tests nothing"),
        ("%%bash\nls", None, "it tests nothing"),
        ("", "assert quad_grad", ""),
        (CHECK, f"{CHECK}\nassert quad_grad", "never run, hidden ones too"),
        (CHECK, f"{CHECK}\n# nothing more", ""),
    ],
)
def test_a_cell_that_would_test_nothing_is_named(shown, hidden, words):
    notebook = nbformat.reads(released(shown)["ps6"], as_version=4)
    said = untested("ps6", notebook, {"check_quad_grad": hidden} if hidden else {})
    assert len(said) == bool(words) and all(words in one for one in said)


def test_a_name_error_of_the_authors_has_file_and_line(monkeypatch):
    def forward(A, x):
        return bp.quadratic_form(x, A)  # noqa: F821 (that is the mistake)

    author(monkeypatch, forward=forward)
    (said,) = faults(released('check("ps6.quad_grad", quad_grad)'))
    line = forward.__code__.co_firstlineno + 1
    assert said == (
        "ps6.quad_grad cannot be judged: NameError: name 'bp' is not defined "
        f"({Path(__file__)}, line {line})"
    )


def test_a_misspelt_idea_of_the_authors_has_file_and_line(monkeypatch):
    author(monkeypatch, ideas=("one-path", "quad-2Axx"), inputs=lambda r, trial: {"A": 1, "x": 1})
    said, *_ = faults(released('check("ps6.quad_grad", quad_grad)'))
    assert f"({Path(__file__)}, line " in said
    assert "ps6.quad_grad names 'quad-2Axx', which is no misconception" in said
    assert "did you mean 'quad-2Ax'?" in said
