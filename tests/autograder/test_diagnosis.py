"""Names for wrong ideas: the right one first, on every seed; none for what has no idea in it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from autograder import catalog, evaluate
from autograder.misconceptions import MISCONCEPTIONS

sys.path.insert(0, str(Path(__file__).parent))
from right_answers import RIGHT
from wrong_answers import NOT_SEPARABLE, OTHER, WRONG

SEEDS = range(30)


@pytest.mark.parametrize("id", catalog.ids())
def test_right_answers_are_right_whatever_their_style_and_never_named(id):
    for solution in RIGHT[id]:
        for seed in range(200):
            verdict = evaluate(id, solution, seed=seed)
            assert verdict.passed, f"seed {seed}: {verdict.message}"
            assert verdict.points == catalog[id].points
            assert not verdict.misconceptions


@pytest.mark.parametrize(
    ("id", "idea", "solution"),
    [pytest.param(*case, id=f"{case[0]}-{case[2].__name__}") for case in WRONG],
)
def test_a_wrong_idea_is_named_first(id, idea, solution):
    for seed in SEEDS:
        verdict = evaluate(id, solution, seed=seed)
        assert verdict.misconceptions[:1] == [idea], f"seed {seed}: {verdict.message}"
        assert verdict.points < verdict.max_points
        assert MISCONCEPTIONS[idea].message in verdict.message


@pytest.mark.parametrize("kind", OTHER)
@pytest.mark.parametrize("id", catalog.ids())
def test_a_wrong_answer_without_an_idea_gets_no_points_and_no_name(id, kind):
    for seed in range(5):
        with np.errstate(all="ignore"):
            verdict = evaluate(id, OTHER[kind](RIGHT[id][0]), seed=seed)
        assert verdict.misconceptions == [], f"seed {seed}: {verdict.message}"
        assert verdict.points == 0


def test_every_pair_an_exercise_names_has_a_wrong_answer_or_a_reason():
    shown = {(id, idea) for id, idea, _ in WRONG}
    named = {(e.id, idea) for e in catalog.values() for idea in e.names}
    assert named - shown - set(NOT_SEPARABLE) == set()
    assert not shown & set(NOT_SEPARABLE)
