"""Folders as real classes hand them in, and as attackers do: by both roads, with the same end."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import warm
from nbgrader.api import Gradebook
from nbgrader_course import EXERCISES, Course

from autograder.course.found import look_up
from autograder.course.submission import Unreadable

pytestmark = pytest.mark.slow
OTHER_NAMES = (
    *("ps6 (1).ipynb", "ps6-Copy1.ipynb", "Copy of ps6.ipynb", "PS6.ipynb", "sub/ps6.ipynb"),
    *("ps6.ipynb.txt", "ps6.json", "homework.ipynb", "a/b/c/mine.IPYNB", "ps6 – kopi.ipynb"),
    *("ps6.ipynb ", "ps6.ipynb~", "ps6.ipynb.crdownload", "ps6", "ps6.txt", ".ps6.ipynb"),
    ".ipynb_checkpoints/ps6-checkpoint.ipynb",
)
STEER = "\x1b]52;c;ZXZpbA==\x07\x1b[2J"  # writes the clipboard, and clears the screen


def moved(path: Path, name: str) -> Path:
    place = path.parent / name
    place.parent.mkdir(parents=True, exist_ok=True)
    return path.rename(place)


def aged(path: Path, days: float) -> None:
    time = path.stat().st_mtime - days * 86_400
    os.utime(path, (time, time))


@pytest.fixture(scope="module", params=["autograder grade", "nbgrader autograde"])
def graded(request: pytest.FixtureRequest, make_course: Callable[[str], Course]) -> Any:
    """The class, graded; what was printed, and the course."""
    course = make_course("ps6")
    right, blank = course.solved(course.right), course.release
    course.submit("aa-honest", right)
    for number, name in enumerate(OTHER_NAMES):
        moved(course.submit(f"other-{number}", right), name)
    moved(course.submit("beside-untouched", right), "ps6 (1).ipynb")
    aged(course.submit("beside-untouched", blank), -1)  # the newer one
    checkpoint = ".ipynb_checkpoints/ps6-checkpoint.ipynb"
    moved(course.submit("checkpoint-of-untouched", right), checkpoint)
    course.submit("checkpoint-of-untouched", blank)
    aged(moved(course.submit("checkpoint-of-answered", blank), checkpoint), -1)
    course.submit("checkpoint-of-answered", right)
    moved(course.submit("beside-broken", right), "ps6-Copy1.ipynb")
    course.submit("beside-broken", b"{")
    aged(moved(course.submit("newest", blank), "ps6-Copy2.ipynb"), -2)
    aged(moved(course.submit("newest", right), "ps6-Copy1.ipynb"), -1)
    aged(course.submit("newest", course.solved({"quad_grad": course.right["quad_grad"]})), 1)
    moved(course.submit("same-twice", right), "ps6 (1).ipynb")
    course.submit("same-twice", right)
    other = EXERCISES / "release/ps5/ps5.ipynb"
    moved(course.submit("another-set", other.read_bytes()), "ps5.ipynb")
    moved(course.submit("only-notes", b"hello"), "notes.txt")
    submitted = course.root / "submitted"
    (submitted / "eve").mkdir()
    (submitted / "eve/ps6").symlink_to("../aa-honest/ps6")
    (submitted / "mallory").symlink_to("aa-honest")
    (submitted / "linked-sub/ps6").mkdir(parents=True)
    (submitted / "linked-sub/ps6/sub").symlink_to("../../aa-honest/ps6")
    course.submit("surrogate", b'{"nbformat": "\\ud800", "cells": []}')
    course.submit("steers", json.dumps({"nbformat": STEER, "cells": []}).encode())
    moved(course.submit("steers-by-name", right), f"{STEER}.ipynb")
    course.submit("time-is-a-folder", right).with_name("timestamp.txt").mkdir()
    course.submit("time-is-a-link", right).with_name("timestamp.txt").symlink_to("timestamp.txt")
    for name in (b"\xe9ve", b"nobody\n", STEER.encode(), b"\xed\xa0\x80"):
        folder = Path(os.fsdecode(bytes(submitted) + b"/" + name))
        shutil.copytree(submitted / "aa-honest", folder)
    course.submit("zz-honest", right)
    road = ["autograder.cli", "grade"] if request.param[-5:] == "grade" else request.param.split()
    said = warm.run(*road, "ps6", cwd=course.root, status=1)  # some folders are nobody's
    return course, said


def top(course: Course, student: str) -> str:
    """The first words of the notebook that grading left behind."""
    return str(course.autograded(student).cells[0].source)


def test_everybody_whose_name_can_be_read_has_a_verdict(graded):
    course, _ = graded
    folders = {os.fsencode(p.name) for p in (course.root / "submitted").iterdir()}
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        known = {one.student.id.encode() for one in book.assignment_submissions("ps6")}
    assert folders - known == {b"\xe9ve", b"nobody\n", STEER.encode(), b"\xed\xa0\x80"}


def test_a_folder_that_is_nobodys_is_named_and_ends_nothing(graded):
    course, said = graded
    for name in (r"\udce9ve", r"nobody", r"\x1b]52;c;ZXZpbA==\x07\x1b[2J"):
        assert f"No verdict on {name}" in said
    assert "not UTF-8" in said
    assert course.points("aa-honest") == course.points("zz-honest") == course.full


def test_nothing_steers_the_terminal(graded):
    course, said = graded
    assert "\x1b]" not in said and "\x1b[2J" not in said and "\x07" not in said
    for command in (("report", "ps6"), ("explain", "ps6", "steers", "quad_grad")):
        text = warm.run("autograder.cli", *command, cwd=course.root, status=None)
        assert "\x1b" not in text and "\x07" not in text
        assert r"\x1b" in text or "Nothing" in text, text


@pytest.mark.parametrize("number", range(len(OTHER_NAMES)))
def test_the_one_notebook_of_this_set_is_taken_and_noted(graded, number):
    course, _ = graded
    assert course.points(f"other-{number}") == course.full
    assert f'Taken from "{OTHER_NAMES[number]}": there is no ps6.ipynb' in top(
        course, f"other-{number}"
    )


@pytest.mark.parametrize(
    ("student", "words"),
    {
        "beside-untouched": '"ps6 (1).ipynb": nobody answered in ps6.ipynb',
        "checkpoint-of-untouched": '-checkpoint.ipynb": nobody answered in ps6.ipynb',
        "beside-broken": '"ps6-Copy1.ipynb": ps6.ipynb cannot be read',
        "newest": '"ps6-Copy1.ipynb": the newest of 2 notebooks with answers ("ps6.ipynb", ',
    }.items(),
)
def test_of_several_the_newest_answered_is_taken_and_said(graded, student, words):
    course, _ = graded
    assert course.points(student) == course.full
    assert words in top(course, student)


def test_two_copies_are_one(graded):
    course, _ = graded
    assert "Taken" not in top(course, "checkpoint-of-answered"), "nor is an older one another"
    assert course.points("same-twice") == course.full
    assert "Taken" not in top(course, "same-twice")


@pytest.mark.parametrize(
    ("student", "words"),
    {
        "another-set": "no notebook with its cells; there is ps5.ipynb",
        "only-notes": "there is notes.txt",
        "eve": "The folder ps6 is a link to another place",
        "mallory": "The folder mallory is a link to another place",
        "linked-sub": "There is no file ps6.ipynb in the submission.",
        "surrogate": r"notebook format \ud800, not 3 or 4",
        "steers": r"notebook format \x1b]52",
    }.items(),
)
def test_what_is_nobodys_own_work_gets_nothing_and_a_reason(graded, student, words):
    course, _ = graded
    assert course.points(student) == dict.fromkeys(course.full, 0.0)
    assert words in course.autograded(student).metadata.autograder.unreadable


@pytest.mark.parametrize("student", ["steers-by-name", "time-is-a-folder", "time-is-a-link"])
def test_an_odd_name_or_time_costs_nothing(graded, student):
    course, _ = graded
    assert course.points(student) == course.full


def test_many_and_deep_folders_are_searched_so_far_and_no_further(tmp_path):
    release = nbformat.read(EXERCISES / "release/ps6/ps6.ipynb", as_version=4)
    data = (EXERCISES / "release/ps6/ps6.ipynb").read_bytes()
    place = tmp_path / "ada/ps6"
    for _ in range(40):
        place /= "d"
    place.mkdir(parents=True)
    (place / "ps6.ipynb").write_bytes(data)
    for number in range(2_000):
        (tmp_path / f"ada/ps6/{number}.ipynb").write_bytes(b"{}")
    found = look_up(tmp_path / "ada/ps6", {tmp_path}, "ps6", release, set())
    assert isinstance(found.data, Unreadable) and "1995 more" not in str(found.data)
