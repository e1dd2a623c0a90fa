"""Wrong answers written from the statements alone: named as meant, and the same on every seed."""

import pytest
from fresh_answers import FRESH

from autograder import catalog, evaluate
from autograder.judge.exercise import Exercise


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "idea", "solution"),
    [pytest.param(id, idea, f, id=f"{id}: {thought}") for id, thought, idea, f in FRESH],
)
def test_a_fresh_wrong_answer_is_named_as_meant_whatever_the_seed(id, idea, solution):
    fixed = isinstance(catalog[id], Exercise) and catalog[id].fixed
    verdicts = [evaluate(id, solution, seed=seed) for seed in range(1 if fixed else 3)]
    for verdict in verdicts:
        assert verdict.misconceptions[:1] == ([idea] if idea else []), verdict.message
        assert not verdict.passed
        assert verdict.points == pytest.approx(verdicts[0].points), verdict.message


def test_there_are_fresh_answers_to_every_exercise_and_most_have_a_name():
    assert {id for id, *_ in FRESH} == set(catalog.ids())
    assert len(FRESH) >= 150
    assert sum(idea is not None for _, _, idea, _ in FRESH) > 0.75 * len(FRESH)
