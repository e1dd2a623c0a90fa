"""One verdict, explained: the inputs come from the seed, the answers from the ledger."""

import json
import shutil
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
        ("nobody", "quad_grad", "Nobody is called nobody here. There are absent-00000, "),
        ("studnt-00003", "quad_grad", "called studnt-00003 here. Did you mean student-00003"),
        ("STUDENT-00003", "quad_grad", "Did you mean student-00003"),
        ("absent-00000", "quad_grad", "^absent-00000 has handed in nothing for ps6: there is no"),
        ("student-00000", "nothing", "ps6 has no exercise nothing; it has ps6.matmul_backward"),
    ],
)
def test_who_and_what_there_is_not(once, student, exercise, words):
    with pytest.raises(NotJudged, match=words):
        explain(once.root, "ps6", student, exercise)


def test_why_there_is_no_verdict_is_said_by_whatever_command_is_asked(graded):
    """Of a set, of all sets, and of what there is not."""
    hand_in = graded.root / "submitted/newcomer/ps6"
    shutil.copytree(graded.root / "submitted/student-00001/ps6", hand_in)
    nothing = "absent-00000 has handed in nothing for ps6: there is no submitted/absent-00000/ps6."
    waits = "newcomer handed in ps6, and there is no verdict yet. Run: autograder grade ps6"
    no_set = "There is no set ps66 in source/ or release/; there are: ps6."
    meant = "Nobody is called absent-0000 here. Did you mean absent-00000"
    for words, said in {
        ("explain", "absent-00000"): f"no verdict on absent-00000 in any set.\n  {nothing}",
        ("explain", "absent-00000", "ps6"): nothing,
        ("explain", "ps6", "absent-00000"): nothing,
        ("grade", "ps6", "--student", "absent-00000"): nothing,
        ("explain", "newcomer"): f"no verdict on newcomer in any set.\n  {waits}",
        ("explain", "newcomer", "ps6"): waits,
        ("explain", "absent-0000"): meant,
        ("extend", "ps6", "absent-0000", "--days", "2"): meant,
        ("forget", "absent-0000"): meant,
        ("grade", "ps6", "--student", "absent-0000"): meant,
        **{(command, "ps66"): no_set for command in ("grade", "report", "alike", "try")},
        ("explain", "student-00001", "ps66"): no_set,
        ("extend", "ps66", "student-00001", "--days", "2"): no_set,
        ("collect", "ps66", "class.zip"): no_set,
    }.items():
        assert said in graded.run("autograder.cli", *words, status=2), words


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
