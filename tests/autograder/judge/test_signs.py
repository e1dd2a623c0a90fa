"""Numbers come with either sign, and any two of them in all four ways, whatever the seed.

A slope that is wrong only where x < 0 once passed on one seed of forty.
"""

import itertools

import pytest
from seeds import seeds

from autograder import catalog
from autograder.judge.exercise import Exercise

DRAWN = [e for e in (catalog[id] for id in catalog.ids()) if isinstance(e, Exercise) and e.inputs]
POSITIVE = {"alpha", "beta", "gamma", "lr", "t"}  # scales, rates, and a target of 0 or 1


def signs(exercise, seed):
    """{number: whether it is negative, in each trial}."""
    asked = [question.args for question in exercise.questions(seed)]
    numbers = [name for name, value in asked[0].items() if isinstance(value, float)]
    return {name: [args[name] < 0 for args in asked] for name in numbers if name not in POSITIVE}


@pytest.mark.parametrize("exercise", DRAWN, ids=lambda exercise: exercise.id)
def test_every_number_is_negative_in_some_trials_and_so_are_any_two(exercise):
    for seed in seeds(24, 4):
        found = signs(exercise, seed)
        for name, negative in found.items():
            assert set(negative) == {True, False}, (seed, name)
        for a, b in itertools.combinations(found, 2):
            both = set(zip(found[a], found[b], strict=True))
            # z and w of the circuit are of one sign: the larger one is the smaller in size
            assert len(both) == 4 or {a, b} == {"z", "w"}, (seed, a, b)


def test_the_exercises_of_single_numbers_are_among_them():
    several = {exercise.id for exercise in DRAWN if signs(exercise, 1)}
    assert several >= {"ps1.grad_L", "ps1.chain", "ps2.grad_circuit", "ps2.branches"}
    assert several >= {"ps2.grad_staged", "ps4.goal_steps", "ps5.grad_reg", "ps5.grad_two"}
