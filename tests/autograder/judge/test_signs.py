"""Numbers come with either sign, and any two of them in all four ways, whatever the seed.

A slope that is wrong only where x < 0 once passed on one seed of forty, and a maximum that is
wrong where only y < 0, on three of four.
"""

import itertools

import numpy as np
import pytest
from right_answers import RIGHT, AddGate, MaxGate, MultiplyGate, Value
from seeds import seeds

from autograder import catalog, evaluate
from autograder.judge.exercise import Exercise
from autograder.judge.trial import Trial

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


@pytest.mark.parametrize("exercise", [e for e in DRAWN if not e.fixed], ids=lambda e: e.id)
def test_a_right_number_is_negative_in_some_trials_if_it_is_in_any(exercise):
    """Whoever returned the size of ps2.grad_staged's dx was right on one seed of forty."""
    found = {}
    for seed in range(24):
        truths = [Trial(exercise, question.args).truth for question in exercise.questions(seed)]
        for part in exercise.parts:
            values = np.concatenate([np.ravel(truth[part.name]) for truth in truths])
            found.setdefault(part.name, []).append({*np.sign(values)} - {0.0})
    for name, signs in found.items():
        assert all(len(some) == 2 for some in signs) or all(some == signs[0] for some in signs), (
            name
        )


def corners(exercise, seed):
    """{what: whether it is negative, in each trial}, of the first and the last entry of arrays."""
    asked = [question.args for question in exercise.questions(seed)]
    truths = [Trial(exercise, args).truth for args in asked]
    for kind, several in (("input", asked), ("right", truths)):
        for name, value in several[0].items():
            if np.ndim(value):
                for place in (0, -1):
                    yield (
                        f"{kind} {name}[{place}]",
                        {float(np.sign(one[name].flat[place])) for one in several} - {0.0},
                    )


@pytest.mark.parametrize("exercise", [e for e in DRAWN if not e.fixed], ids=lambda e: e.id)
def test_an_entry_is_negative_in_some_trials_if_it_is_in_any(exercise):
    """Whoever lost the sign of one entry was right on one seed of thirty, of some exercises."""
    found = [dict(corners(exercise, seed)) for seed in range(24)]
    for name in found[0]:
        several = [one[name] for one in found]
        by_nature = all(some == several[0] for some in several)
        assert by_nature or all(len(some) == 2 for some in several), name


def test_who_loses_the_sign_of_one_entry_is_never_right():
    for id, entry in (("ps6.linear_backward", -1), ("ps7.logdet_grad", 0), ("ps7.ae_grad", -1)):
        right = RIGHT[id][0]

        def lost(*args, right=right, entry=entry):
            found = right(*args)
            (found[-1] if isinstance(found, tuple) else found).flat[entry] *= np.sign(
                args[0].flat[entry]
            )
            return found

        for seed in seeds(120, 6):
            assert not evaluate(id, lost, seed=seed).passed, (id, seed)


# gates and Values that are right but for numbers of some signs

SIGNS = {
    "x < 0": lambda x, y: x < 0,
    "x > 0": lambda x, y: x > 0,
    "y < 0": lambda x, y: y < 0,
    "y > 0": lambda x, y: y > 0,
    "x < 0 < y": lambda x, y: x < 0 < y,
    "y < 0 < x": lambda x, y: y < 0 < x,
    "both < 0": lambda x, y: x < 0 and y < 0,
    "both > 0": lambda x, y: x > 0 and y > 0,
}


def off_where(base, found, method):
    """The gate, with a sign lost on one of its ways for numbers of some signs."""

    class Gate(base):
        def forward(self, x, y):
            self.off = np.ndim(x) == 0 and found(x, y)
            z = super().forward(x, y)
            return z + 1 if self.off and method == "forward" else z

        def backward(self, dz):
            dx, dy = super().backward(dz)
            return [1 - dx, 1 - dy] if self.off and method == "backward" else [dx, dy]

    return Gate


@pytest.mark.parametrize("method", ["forward", "backward"])
@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize("gate", [MultiplyGate, AddGate, MaxGate], ids=lambda gate: gate.__name__)
def test_a_gate_that_is_wrong_for_some_signs_is_found_out(gate, signs, method):
    for seed in seeds(24, 4):
        found = off_where(gate, SIGNS[signs], method)
        assert not evaluate(f"ps3.{gate.__name__}", found, seed=seed).passed, seed


@pytest.mark.slow
@pytest.mark.parametrize("signs", list(SIGNS)[:4])
@pytest.mark.parametrize("name", ["add", "mul", "pow", "sub", "truediv", "rsub", "rtruediv"])
def test_a_value_that_is_wrong_for_some_sign_is_found_out(name, signs):
    class Wrong(Value):
        pass

    def operation(self, other):
        right = getattr(Value, f"__{name}__")(self, other)
        off = SIGNS[signs](self.data, Value.of(other).data)
        return Wrong(right.data + off, right.args, right.pull)

    setattr(Wrong, f"__{name}__", operation)
    points = {seed: evaluate("ps3.Value", Wrong, seed=seed).points for seed in seeds(24, 8)}
    assert max(points.values()) < 10 and len(set(points.values())) == 1, points


def test_what_is_right_for_a_positive_sum_only_is_never_right():
    """Nor is it right for some shapes on one seed, and for others on another."""
    for seed in seeds(120, 6):
        for id in ("ps6.linear_backward", "ps7.ae_grad", "ps6.matmul_backward"):
            right = RIGHT[id][0]

            def lost(*args, right=right):
                sign = 1 if np.sum(args[0]) > 0 else -1
                return tuple(sign * g for g in right(*args))

            assert not evaluate(id, lost, seed=seed).passed, (id, seed)
        shapes = [
            question.args["X"].shape for question in catalog["ps6.matmul_backward"].questions(seed)
        ]
        assert shapes[1::2] == [(3, 4), (2, 3), (4, 2)]
