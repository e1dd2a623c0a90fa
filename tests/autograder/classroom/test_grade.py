"""A class, graded: the marks are the expected ones and the state is nbgrader's own."""

import itertools
import json
import os
import shutil
from dataclasses import replace

import pytest

from autograder.classroom.record import Record

pytestmark = pytest.mark.slow


def test_the_class_has_every_kind_of_submission(once):
    assert {row["kind"] for row in once.rows} == {
        "right",
        "idea",
        "unfinished",
        "crash",
        "unreadable",
        "hostile",
    }
    assert {row["late"] for row in once.rows} == {"0", "1"}


def test_every_mark_is_the_expected_one(once):
    assert once.marks() == once.expected


def test_who_is_late_gets_the_penalty_of_the_course(once):
    late = {row["student"] for row in once.rows if row["late"] == "1"}
    for student, state in once.state().items():
        assert bool(state["late"]) == (student in late)
        assert (state["penalty"] or 0) == (state["score"] if student in late else 0)


def test_the_ideas_are_found(once):
    for row in once.rows:
        (path,) = once.records()[row["student"]]
        found = {
            (one["exercise"].removeprefix("ps6."), id)
            for one in json.loads(path.read_text())["judged"]["ps6"]["judged"]
            for id in one["verdict"]["misconceptions"]
        }
        assert {tuple(idea.split(":")) for idea in row["ideas"].split()} <= found


def test_nbgrader_leaves_the_same_state(once, classroom):
    classroom.run("nbgrader", "autograde", "ps6")
    assert classroom.state() == once.state()
    assert classroom.notebooks() == once.notebooks()
    assert classroom.other_files() == once.other_files()


def test_nbgrader_goes_on_from_there(graded):
    said = graded.run("nbgrader", "autograde", "ps6")
    assert "Autograding" not in said
    graded.run("nbgrader", "generate_feedback", "ps6", "--student", "student-00001")
    assert (graded.root / "feedback/student-00001/ps6/ps6.html").exists()
    graded.run("nbgrader", "export")
    table = (graded.root / "grades.csv").read_text()
    assert all(student in table for student in graded.expected)


def test_one_worker_says_the_same(once, classroom):
    classroom.grade("--workers", "1")
    assert classroom.state() == once.state()


def test_what_is_unchanged_is_not_judged_again(graded):
    before = graded.records()
    assert "0 judged, 16 unchanged, 0 failed" in graded.grade()
    assert graded.records() == before


def test_a_changed_submission_is(graded):
    right = next(row["student"] for row in graded.rows if row["kind"] == "right")
    notebook = graded.root / f"submitted/{right}/ps6/ps6.ipynb"
    notebook.write_bytes((graded.root / "release/ps6/ps6.ipynb").read_bytes())
    assert "1 judged, 15 unchanged" in graded.grade()
    assert graded.marks() == graded.expected | {right: dict.fromkeys(graded.expected[right], 0.0)}


def test_a_new_time_of_submission_changes_the_penalty_and_judges_nothing(graded):
    row = next(row for row in graded.rows if row["kind"] == "right" and row["late"] == "0")
    time = graded.root / f"submitted/{row['student']}/ps6/timestamp.txt"
    time.write_text("2027-03-09 12:00:00 UTC")
    assert "0 judged, 16 unchanged" in graded.grade()
    assert graded.state()[row["student"]]["penalty"] == 13.0


def test_times_and_notebooks_that_flip_meanwhile_stop_nobody(classroom, once):
    flipped = [row["student"] for row in once.rows if row["kind"] == "right"][:3]
    ways = (
        lambda path: path.write_text("2027-02-01 12:00 UTC"),
        lambda path: path.write_bytes(b"\xff"),
        lambda path: path.mkdir(),
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: os.mkfifo(path),
        lambda path: None,
    )
    process = classroom.command("autograder.cli", "grade", "ps6", "--workers", "1")
    for number in itertools.count():
        for student in flipped:
            path = classroom.root / f"submitted/{student}/ps6/timestamp.txt"
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(True)
            ways[number % len(ways)](path)
        if process.poll() is not None:
            break
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 0 and "Traceback" not in said, said
    assert classroom.marks() == once.expected


def test_a_changed_release_is_judged_again(graded):
    path = graded.root / "release/ps6/ps6.ipynb"
    path.write_text(path.read_text().replace("Problem set 6", "The sixth problem set"))
    assert "16 judged, 0 unchanged" in graded.grade()
    assert graded.marks() == graded.expected


def test_a_lost_gradebook_comes_back_from_the_ledger(graded, once):
    (graded.root / "gradebook.db").unlink()
    assert "0 judged, 16 unchanged" in graded.grade()
    assert graded.marks() == once.marks()


def test_one_that_cannot_be_written_takes_nobody_along(graded):
    (graded.root / "gradebook.db").unlink()
    shutil.rmtree(graded.root / "autograded")
    victim = next(row["student"] for row in graded.rows if row["kind"] == "right")
    (path,) = graded.records()[victim]
    record = Record.from_text(path.read_bytes())
    notebook = {**record.notebooks["ps6"].notebook, "cells": [{"cell_type": "code"}]}
    broken = replace(record.notebooks["ps6"], line=json.dumps(notebook))
    path.write_bytes(replace(record, notebooks={"ps6": broken}).text)
    assert f"No verdict on {victim}" in graded.grade(status=1)
    others = {student: marks for student, marks in graded.expected.items() if student != victim}
    assert {s: marks for s, marks in graded.marks().items() if s in others} == others
    assert set(graded.notebooks()) == set(others)
    path.unlink()
    assert "1 judged, 15 unchanged, 0 failed" in graded.grade()
    assert graded.marks() == graded.expected


def test_two_at_a_time_are_one_too_many(graded):
    from autograder.classroom.ledger import Ledger

    with Ledger(graded.root, "ps6").alone():
        assert "Another process grades here" in graded.grade(status=2)


def test_without_submissions_it_says_so(classroom):
    (classroom.root / "submitted").rename(classroom.root / "elsewhere")
    assert "No notebooks were matched" in classroom.grade(status=2)


def test_where_nothing_isolates_only_trusted_submissions_run(classroom, tmp_path, monkeypatch):
    right = next(row["student"] for row in classroom.rows if row["kind"] == "right")
    for folder in (classroom.root / "submitted").iterdir():
        if folder.name != right:  # some of the class are not to be trusted
            shutil.rmtree(folder)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "env").symlink_to(shutil.which("env"))
    monkeypatch.setenv("PATH", str(programs))  # no bubblewrap on it
    said = classroom.grade(status=1)
    assert "bubblewrap is not installed" in said and "--trust-submissions" in said
    assert classroom.records() == {}
    assert "1 judged" in classroom.grade("--trust-submissions")
    assert classroom.marks() == {right: classroom.expected[right]}
    (record,) = classroom.records()[right]
    assert json.loads(record.read_text())["rung"] == "trusted"


def test_what_cannot_be_read_is_counted_apart_from_what_failed(once):
    unreadable = sum(row["kind"] == "unreadable" for row in once.rows)
    assert unreadable
    said = once.said
    assert "Warning" not in said
    assert "0 failed" in said and f"{unreadable} unreadable, which is a verdict of 0" in said


@pytest.mark.parametrize("command", ["grade ps6", "report ps6", "explain ps6 ada quad_grad"])
def test_a_folder_that_is_no_course_is_left_as_it_is(classroom, tmp_path, command):
    empty = tmp_path / "empty"
    empty.mkdir()
    said = classroom.run("autograder.cli", *command.split(), "--course", str(empty), status=2)
    assert f"{empty} is no course: nbgrader_config.py is not in it" in said
    assert list(empty.iterdir()) == []


def test_manual_grades_stay(graded):
    from nbgrader.api import Gradebook

    with Gradebook(graded.db_url, "backpropkit") as book:
        book.find_grade("hidden", "ps6", "ps6", "student-00001").manual_score = 1.5
        book.db.commit()
    path = graded.root / "submitted/student-00001/ps6/ps6.ipynb"
    path.write_bytes(path.read_bytes() + b"\n")
    graded.grade()
    assert ("hidden", None, 1.5, True) in graded.state()["student-00001"]["grades"]
