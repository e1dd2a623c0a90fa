"""One verdict, explained: the inputs come from the seed, the answers from the ledger."""

import json
from dataclasses import replace

import numpy as np
import pytest

from autograder.classroom.explain import NotJudged, explain
from autograder.classroom.record import Record

pytestmark = pytest.mark.slow


def test_inputs_answer_and_reasons_are_there(once):
    row = next(row for row in once.rows if row["ideas"])
    exercise = row["ideas"].split(":")[0]
    said = explain(once.root, "ps6", row["student"], exercise)
    assert f"{row['student']}, ps6.{exercise}" in said
    assert f"def {exercise}(" in said
    assert "came back" in said and "right:" in said
    assert "Judged again now from the same answers: the same verdict." in said


def test_the_inputs_are_those_that_were_asked(once):
    from autograder import catalog
    from autograder.asking.wire import loads

    student = next(row["student"] for row in once.rows if row["kind"] == "right")
    (path,) = once.records()[student]
    judged = json.loads(path.read_text())["judged"]["ps6"]["judged"]
    one = next(one for one in judged if one["exercise"] == "ps6.quad_grad")
    questions = catalog["ps6.quad_grad"].questions(one["seed"])
    for question, answer in zip(questions, loads(json.dumps(one["answers"]).encode()), strict=True):
        A, x = question.args["A"], question.args["x"]
        np.testing.assert_allclose(answer["value"][0], (A + A.T) @ x)
        np.testing.assert_allclose(answer["value"][1], np.outer(x, x))


def test_a_judge_that_changed_its_mind_is_said(graded):
    student = next(row["student"] for row in graded.rows if row["kind"] == "right")
    (path,) = graded.records()[student]
    record = Record.from_text(path.read_bytes())
    halved = [
        replace(one, verdict=replace(one.verdict, points=0.5))
        for one in record.notebooks["ps6"].judged
    ]
    changed = replace(record.notebooks["ps6"], judged=halved)
    path.write_bytes(replace(record, notebooks={"ps6": changed}).text)
    assert "The judge has changed since" in explain(graded.root, "ps6", student, "quad_grad")


def test_what_could_not_be_read_is_explained(once):
    student = next(row["student"] for row in once.rows if row["kind"] == "unreadable")
    assert "not a notebook" in explain(once.root, "ps6", student, "ps6.quad_grad")


@pytest.mark.parametrize(
    ("student", "exercise", "words"),
    [
        ("nobody", "quad_grad", "no verdict on nobody in ps6: there are student-00000"),
        ("student-00000", "nothing", "ps6 has no exercise nothing; it has ps6.matmul_backward"),
    ],
)
def test_who_and_what_there_is_not(once, student, exercise, words):
    with pytest.raises(NotJudged, match=words):
        explain(once.root, "ps6", student, exercise)


def test_the_command(once):
    said = once.run("autograder.cli", "explain", "ps6", "student-00003", "dD_dW")
    assert "Question 1 of 6" in said or "unreadable" in said
    once.run("autograder.cli", "explain", "ps6", "nobody", "dD_dW", status=2)


def test_a_record_that_was_cut_is_named_and_the_others_are_compared_and_it_is_judged_again(graded):
    """Inside the line of its notebook, which the verdicts do not need."""
    student = next(row["student"] for row in graded.rows if row["kind"] == "right")
    (path,) = graded.records()[student]
    whole = path.read_bytes()
    lines = whole.split(b"\n")
    path.write_bytes(b"\n".join([lines[0], lines[1][: len(lines[1]) // 2], *lines[2:]]))
    remedy = f"{path} cannot be read: autograder grade ps6 judges that submission again."
    for words in (("ps6", student, "quad_grad"), (student, "ps6"), (student,)):
        assert remedy in graded.run("autograder.cli", "explain", *words, status=2)
    said = graded.run("autograder.cli", "alike", "ps6")
    assert remedy in said and f"of {len(graded.rows) - 1} submissions" in said
    hidden = graded.run("autograder.cli", "alike", "ps6", "--anonymous")
    assert student not in hidden and "the record is lost" in hidden
    assert "1 judged" in graded.grade()
    assert "Seed" in graded.run("autograder.cli", "explain", student, "ps6", "quad_grad")
