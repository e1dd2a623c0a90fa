"""docs/notes.md: every statement has a lesson and an exercise, and what it names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.replace(r"\|", "¦").strip("| ").split(" | ")]
    for line in (ROOT / "docs" / "notes.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| statement")
]


def test_every_statement_has_a_lesson_and_an_exercise():
    for statement, lessons, exercises in ROWS:
        assert re.fullmatch(r"\d+(, \d+)*", lessons) and "`ps" in exercises, statement


def test_every_exercise_named_is_in_the_catalog():
    catalog = pytest.importorskip("autograder").catalog
    named = set(re.findall(r"`(ps\d\.\w+)`", "".join(row[2] for row in ROWS)))
    assert named and named <= set(catalog.ids())


def test_the_misconceptions_named_are_looked_for_in_an_exercise_beside_them():
    catalog = pytest.importorskip("autograder").catalog
    for statement, _, exercises in ROWS:
        looked_for = {
            idea
            for exercise in re.findall(r"`(ps\d\.\w+)`", exercises)
            for idea in catalog[exercise].ideas
        }
        named = set(re.findall(r"`([a-z0-9-]+)`", exercises.partition("(")[2]))
        assert named <= looked_for, (statement, named - looked_for)
