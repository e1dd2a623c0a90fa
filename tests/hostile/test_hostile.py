"""No submission gets out, gets points it did not earn, or costs anybody else anything."""

import json
import os
from pathlib import Path

import attacks
import pytest

pytestmark = pytest.mark.slow


def test_the_offender_gets_what_the_honest_part_of_its_work_earns(graded):
    found = {student: graded.course.points(student) for student in graded.expected}
    wrong = {s: found[s] for s in found if found[s] != graded.expected[s]}
    assert not wrong


def test_every_attack_stands_between_honest_neighbours_with_full_marks(graded):
    students = sorted(graded.expected)
    honest = [s for s in students if s.endswith("honest")]
    offenders = [s for s in students if not s.endswith("honest")]
    tables = (attacks.CHEATS, attacks.THIEVES, attacks.DAMAGE, attacks.HARMLESS)
    assert len(offenders) == sum(map(len, (*tables, attacks.CHANGED, attacks.FOLDERS))) + 1
    assert students[::2] == honest and students[1::2] == offenders
    assert all(graded.course.points(s) == graded.course.full for s in honest)


def test_the_command_ends_in_time(graded):
    most = 20.0  # seconds a notebook may take, and an honest one takes hardly any
    assert graded.seconds < most * len(graded.expected) / 2


def test_nothing_is_left_running(graded):
    assert graded.left == []


def test_nothing_was_written_outside(graded):
    assert graded.seen() == graded.before
    root = graded.course.root
    assert {path.name for path in root.iterdir()} <= {
        *("source", "release", "submitted", "autograded", "feedback", "gradebook.db", "ledger"),
        *("nbgrader_config.py", ".local", ".cache", ".config", ".ipython", ".jupyter"),
        *(path.name for path in root.glob("*.log")),
    }
    for place in (Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), root, root.parent):
        assert not [name for name in os.listdir(place) if graded.stamp in name]


def test_nothing_but_notebooks_and_times_comes_back(explained):
    for step, kinds in (("autograded", {".ipynb", ".txt"}), ("feedback", {".html", ".txt"})):
        folders = list((explained.course.root / step).iterdir())
        assert len(folders) > len(explained.expected) / 2 - 1
        for folder in folders:
            for path in (folder / "ps6").iterdir():
                assert not path.is_symlink() and path.is_file()
                assert path.suffix in kinds and path.stem in ("ps6", "timestamp"), path


def test_no_graded_cell_holds_anything_of_a_learners(graded):
    for student in graded.expected:
        for _, check in graded.course.exercises(graded.course.autograded(student)).values():
            report, points = check.outputs
            assert report.output_type == "display_data" and points.output_type == "execute_result"
            assert set(points.data) == {"text/plain"}
            assert graded.stamp not in json.dumps(check.outputs)


def test_each_verdict_says_on_which_rung_it_was_made(graded):
    rungs = {
        check.metadata.autograder.rung
        for student in graded.expected
        for _, check in graded.course.exercises(graded.course.autograded(student)).values()
    }
    assert rungs <= {"nested", "cold"} and len(rungs) == 1


def test_no_markup_of_a_learners_is_active_in_the_feedback(explained):
    page = explained.course.feedback("harmless-markup")
    assert f"&lt;script&gt;{explained.stamp}" in page  # it can be read
    assert f"<script>{explained.stamp}" not in page and "<svg onload" not in page


def test_nothing_of_this_machine_was_seen(graded):
    for student in graded.expected:
        cells = graded.course.autograded(student).cells
        shown = json.dumps([cell.outputs for cell in cells if cell.cell_type == "code"])
        for word in ("root:x:0:0", "imported", "connected", "environ"):
            assert f"{graded.stamp} {word}" not in shown and "root:x:0:0" not in shown


def test_too_much_output_is_cut_and_said(graded):
    for student in ("harmless-prints-200-MB", "harmless-draws-much"):
        path = graded.course.root / f"autograded/{student}/ps6/ps6.ipynb"
        assert path.stat().st_size < 3_000_000
        assert "output cut" in path.read_text()


@pytest.mark.parametrize(
    ("student", "words"),
    {
        "folder-notebook-of-200-MB": "200 MB where 20 are allowed",
        "folder-notebook-is-a-link": "cannot be read",
        "folder-format-99": "notebook format 99",
        "folder-deep-json": "nested too deeply",
        "changed-many-cells": "100,000 cells where 2,000 are allowed",
        "changed-look-alike-ids": "another place",
        "damage-endless-loop": "was stopped",
        "damage-exit": "ended before it answered",
        "harmless-shell": "left out while grading: !touch /tmp/x",
        "thief-special-floats": "nan (not a number)",
        "thief-partial-credit": "a bool",
        "zz-missing": "There is no file ps6.ipynb",
    }.items(),
)
def test_the_feedback_says_what_happened(explained, student, words):
    assert words in explained.course.words(student)
