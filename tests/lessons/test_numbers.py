"""Every number a lesson states is computed from the worked cases, then looked for in its prose.

What one lesson states, asks and shows stands in its own file, test_NN_name.py: `stated(worked)`
yields passages of its prose with their numbers computed, `GIVEN` lists the numbers that nothing
computes, `PREDICTIONS` has a row for each question: its cell, the answer, a wrong idea.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from autograder import catalog

HERE = Path(__file__).parent
FILES = {path.stem.removeprefix("test_"): path for path in sorted(HERE.glob("test_[0-9]*.py"))}
OF = {name: runpy.run_path(str(path)) for name, path in FILES.items()}


def passages(name, worked):
    return list(OF[name]["stated"](worked))


@pytest.mark.parametrize("name", OF)
def test_the_prose_says_what_the_worked_cases_say(name, lesson, worked):
    prose = lesson(name).prose
    for passage in passages(name, worked):
        assert passage in prose, passage


@pytest.mark.parametrize("name", OF)
def test_no_other_number_is_stated(name, lesson, worked):
    """Numbers of two digits or with a point stand in a passage above, or are given."""
    number = re.compile(r"\d+\.\d+|\d{2,}")
    known = set(OF[name]["GIVEN"].split())
    for passage in passages(name, worked):
        known.update(number.findall(passage))
    prose = re.sub(r"\]\([^)]*\)", "", lesson(name).prose)
    assert set(number.findall(prose)) - known == set()


@pytest.mark.parametrize("name", ["01_nudging", "02_graphs", "03_gates"])
def test_it_shows_no_graph_of_an_exercise(name, lesson):
    """What an exercise asks at fixed numbers, the lessons before it show at others."""
    fixed = [e.fixed for e in map(catalog.__getitem__, catalog.ids()) if getattr(e, "fixed", None)]
    asked = [{float(value) for value in given.values() if np.ndim(value) == 0} for given in fixed]
    for shown in lesson(name).results.values():
        if graph := getattr(shown, "graph", None):
            assert {leaf.value for leaf in graph.leaves if leaf.op == "var"} not in asked


def test_every_lesson_has_its_numbers_checked(each_lesson):
    assert each_lesson.path.stem in OF


QUESTIONS = [(name, *row) for name, of in OF.items() for row in of["PREDICTIONS"]]


@pytest.mark.parametrize("name, cell, right, wrong", QUESTIONS)
def test_predictions_are_answered(name, cell, right, wrong, lesson):
    asked = lesson(name).results[cell]
    assert asked.said(wrong).startswith("Not ")
    assert asked.said(right).startswith("Yes: ")


@pytest.mark.parametrize("name", OF)
def test_every_prediction_is_in_the_list(name, lesson):
    asked = {c for c, source in lesson(name).code.items() if "explore.predict(" in source}
    assert asked == {cell for cell, *_ in OF[name]["PREDICTIONS"]}
