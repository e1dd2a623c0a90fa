"""Courses in which something of the instructor's is broken: a sentence, and nobody is graded."""

import json
import sqlite3
import subprocess
import sys

import pytest
from graded_class import Classroom

pytestmark = pytest.mark.slow
EXECUTE = "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']"
RULE = """from nbgrader.plugins import LateSubmissionPlugin


class PerDay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {"nobody": 1.0}[student_id]
"""
NAMED = """
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
c.AssignLatePenalties.plugin_class = "late_rule.PerDay"
"""


def settle(classroom: Classroom, text: str) -> None:
    path = classroom.root / "nbgrader_config.py"
    path.write_text(f"{path.read_text()}\n{text}\n")


def one_sentence(said: str) -> bool:
    return "Traceback" not in said and said.startswith("autograder: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("c.A = = 1", "nbgrader_config.py, line 4"),
        ("1 / 0", "ZeroDivisionError: division by zero. Without its settings no course"),
        ("c.RunAndJudge.limits = [1]", "expected a dict, not the list [1]"),
        ('c.RunAndJudge.limits = {"cell_seconds": "5"}', "cell_seconds is '5', not a number above"),
        ('c.RunAndJudge.limits = {"cell_seconds": -1}', "cell_seconds is -1, not a number above 0"),
        ('c.RunAndJudge.limits = {"memory": 1e9}', "memory is 1000000000.0, not a whole number"),
        ('c.LateSubmissionPlugin.penalty_method = "half"', "expected any of ['none', 'zero'], not"),
        ('c.AssignLatePenalties.plugin_class = "no.Rule"', "'no.Rule' could not be imported"),
        (EXECUTE, "leaves submissions to nbgrader's own Execute, which isolates nothing"),
        ("c.Autograde.autograde_preprocessors = []", "which isolates nothing"),
    ],
)
def test_settings_that_are_none_grade_nobody(classroom: Classroom, text: str, said: str):
    settle(classroom, text)
    printed = classroom.grade(status=2)
    assert said in printed and one_sentence(printed)
    assert not (classroom.root / "autograded").exists()


def test_nbgraders_own_command_runs_nobody_without_isolation(classroom: Classroom):
    settle(classroom, EXECUTE)
    printed = classroom.run("nbgrader", "autograde", "ps6", status=1)
    assert "isolates nothing" in printed and not (classroom.root / "autograded").exists()


def test_a_rule_that_breaks_is_named_and_costs_nobody_else_anything(graded: Classroom):
    late = [row["student"] for row in graded.rows if row["late"] == "1"]
    before = graded.state()
    assert late
    (graded.root / "late_rule.py").write_text(RULE)
    settle(graded, NAMED)
    said = graded.grade(status=1)
    for student in late:
        assert f"No verdict on {student}: " in said
    assert "late_rule.PerDay, ended with KeyError" in said and "Traceback" not in said
    assert graded.state() == before


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("grade ps6", b'{"cells": ['),
        ("grade ps6", b"[]"),
        ("alike ps6", b""),
        ("judge x.ipynb --set ps6 --course .", b"\xff\xfe"),
    ],
)
def test_a_release_that_is_no_notebook_is_said(graded: Classroom, words: str, data: bytes):
    (graded.root / "x.ipynb").write_bytes(data)
    (graded.root / "release/ps6/ps6.ipynb").write_bytes(data)
    said = graded.run("autograder.cli", *words.split(), status=2)
    assert "release/ps6/ps6.ipynb is no notebook" in said and one_sentence(said)


@pytest.mark.parametrize(("id", "said"), [(None, "it has no id"), ("check_dD_dW", "another one")])
def test_graded_cells_have_an_id_each(classroom: Classroom, id: str | None, said: str):
    path = classroom.root / "release/ps6/ps6.ipynb"
    notebook = json.loads(path.read_text())
    last = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")][-1]
    last["metadata"]["nbgrader"]["grade_id"] = id
    path.write_text(json.dumps(notebook))
    assert said in (printed := classroom.grade(status=2)) and one_sentence(printed)


@pytest.mark.parametrize("words", ["extend ps6 {} --days 1", "forget {}"])
def test_a_gradebook_in_use_is_said_and_left_as_it_is(graded: Classroom, words: str):
    before, student = graded.state(), graded.rows[0]["student"]
    url = f"{graded.db_url}?timeout=0.1"
    with sqlite3.connect(graded.root / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # to be read, and not to be written
        said = graded.run("autograder.cli", *words.format(student).split(), "--db", url, status=2)
        other.execute("ROLLBACK")
    assert "is locked. Another program writes to it" in said and one_sentence(said)
    assert graded.state() == before and graded.records()[student]


@pytest.mark.parametrize("days", ["nan", "inf", "-1", "1e12", "two"])
def test_an_extension_is_some_days(graded: Classroom, days: str):
    words = ("extend", "ps6", graded.rows[0]["student"], f"--days={days}")
    said = graded.run("autograder.cli", *words, status=2)
    assert f"{days}: how many days?" in said and "Traceback" not in said


def test_stars_are_one_star(graded: Classroom):
    assert "0 judged, 16 unchanged" in graded.grade("--student", "student**")
    assert "No notebooks were matched" in graded.grade("--student", "a***", status=2)


def test_a_report_goes_where_it_is_wanted_or_says_why_not(graded: Classroom):
    full, link = graded.root / "full", graded.root / "link.csv"
    full.symlink_to("/dev/full")
    link.symlink_to("real.csv")
    said = graded.run("autograder.cli", "report", "ps6", "--csv", str(full), status=2)
    assert "full cannot be written: No space left on device" in said and one_sentence(said)
    graded.run("autograder.cli", "report", "ps6", "--csv", str(link))
    assert link.is_symlink() and (graded.root / "real.csv").read_text().startswith("student,")


@pytest.mark.parametrize(("where", "status"), [("> /dev/full", 2), (">&-", 0), ("> ps6.txt", 0)])
def test_a_terminal_that_takes_little_gets_what_it_takes(graded, where: str, status: int):
    done = subprocess.run(
        f"PYTHONIOENCODING=latin-1 {sys.executable} -m autograder.cli report ps6 {where}",
        shell=True,
        cwd=graded.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status and "Traceback" not in done.stderr


def test_who_closes_what_errors_go_to_is_graded_all_the_same(classroom):
    command = f"{sys.executable} -m autograder.cli grade ps6 2>&-"
    done = subprocess.run(command, shell=True, cwd=classroom.root, capture_output=True, text=True)
    assert done.returncode == 0 and "judged" in done.stdout, done.stdout
