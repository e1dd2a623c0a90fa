"""What a wrong gradient of one's own is worth in `fit`, or a wrong step, is no matter of the draw.

Two points are for a history that never falls. With the inverse kept from the start it fell on two
seeds of three; with L1's slope twice too large on one of three: two students, one file, two marks.
"""

import math

import numpy as np
import pytest
from right_answers import (
    RIGHT,
    MaxGate,
    SigmoidGate,
    gp_first,
    gp_second,
    layers,
    no_grad,
    objective,
    s,
)
from seeds import seeds

from autograder import evaluate

assert no_grad  # the check of a gate asks for it, where the gate's class stands


def inverse(A, alpha, beta):
    return np.linalg.inv(alpha * A @ A.T + np.eye(len(A)) / beta)


def climber(direction):
    """A fit that steps along direction(A, its inverse, the start's, BBᵀ, alpha, beta, gamma)."""

    def fit(B, q, alpha, beta, gamma, lr, n):
        A, S = B[:, :q].copy(), B @ B.T
        first, history = inverse(A, alpha, beta), [objective(A, B, alpha, beta, gamma)]
        for _ in range(n):
            now = inverse(A, alpha, beta)
            A = A + lr * direction(A, now, first, S, alpha, beta, gamma)
            history.append(objective(A, B, alpha, beta, gamma))
        return A, history

    return fit


# the right one is a * (K @ S @ K - c * K) @ A with K the inverse of now
CLIMB = {
    "right": (4, lambda A, K, K0, S, a, b, c: a * (K @ S @ K - c * K) @ A),
    "the inverse of the start": (3, lambda A, K, K0, S, a, b, c: a * (K0 @ S @ K0 - c * K0) @ A),
    "of the start in L1": (3, lambda A, K, K0, S, a, b, c: a * (K @ S @ K - c * K0) @ A),
    "of the start in L2": (3, lambda A, K, K0, S, a, b, c: a * (K0 @ S @ K0 - c * K) @ A),
    "alpha forgotten": (3, lambda A, K, K0, S, a, b, c: (K @ S @ K - c * K) @ A),
    "gamma forgotten": (3, lambda A, K, K0, S, a, b, c: a * (K @ S @ K - K) @ A),
    "gamma / 2": (2, lambda A, K, K0, S, a, b, c: a * (K @ S @ K - c / 2 * K) @ A),
    "L1 twice": (2, lambda A, K, K0, S, a, b, c: a * (K @ S @ K - 2 * c * K) @ A),
    "L2 halved": (2, lambda A, K, K0, S, a, b, c: a * (K @ S @ K / 2 - c * K) @ A),
    "L2 twice": (2, lambda A, K, K0, S, a, b, c: a * (2 * K @ S @ K - c * K) @ A),
    "L1 alone": (3, lambda A, K, K0, S, a, b, c: -a * c * K @ A),
    "L2 alone": (2, lambda A, K, K0, S, a, b, c: a * K @ S @ K @ A),
    "one inverse only, left": (2, lambda A, K, K0, S, a, b, c: a * (K @ S - c * K) @ A),
    "one inverse only, right": (3, lambda A, K, K0, S, a, b, c: a * (S @ K - c * K) @ A),
    "another way to the top": (2, lambda A, K, K0, S, a, b, c: np.sign((K @ S @ K - c * K) @ A)),
    "down": (2, lambda A, K, K0, S, a, b, c: -a * (K @ S @ K - c * K) @ A),
}


@pytest.mark.parametrize("slip", CLIMB)
def test_a_climb_is_worth_the_same_on_every_seed(slip):
    points, direction = CLIMB[slip]
    given = {
        seed: evaluate("ps7.fit", climber(direction), seed=seed).points for seed in seeds(24, 6)
    }
    assert set(given.values()) == {points}, given


def in_rows(which, factor):
    """A slope of which some rows are left out, or turned."""

    def change(slope, lr):
        slope[which] *= factor
        return slope

    return change


CHANGED = {
    "the first row left behind": (2, in_rows(0, 0.0)),
    "the last row left behind": (2, in_rows(-1, 0.0)),
    "every other row left behind": (2, in_rows(slice(None, None, 2), 0.0)),
    "the others left behind": (2, in_rows(slice(1, None, 2), 0.0)),
    "the first half left behind": (2, in_rows(slice(2), 0.0)),
    "the last half left behind": (2, in_rows(slice(2, None), 0.0)),
    "the first row turned": (0, in_rows(0, -1.0)),
    "the second row turned": (0, in_rows(1, -1.0)),
    "the last row turned": (0, in_rows(-1, -1.0)),
    "a step of at most .01": (2, lambda slope, lr: np.clip(slope, -0.01 / lr, 0.01 / lr)),
    "a slope of at most 1": (2, lambda slope, lr: np.clip(slope, -1, 1)),
    "a slope of at most 5": (2, lambda slope, lr: np.clip(slope, -5, 5)),
    "a slope of norm at most 5": (2, lambda slope, lr: slope * min(1, 5 / np.linalg.norm(slope))),
}


@pytest.mark.parametrize("slip", CHANGED)
def test_a_climb_along_a_changed_slope_is_worth_the_same_on_every_seed(slip):
    """With half of the rows left behind it earned half on one seed of two, and a step cut off at
    .01 was never cut on one of eight."""
    points, changed = CHANGED[slip]

    def fit(B, q, alpha, beta, gamma, lr, n):
        A, history = B[:, :q].copy(), [objective(B[:, :q], B, alpha, beta, gamma)]
        for _ in range(n):
            way = gp_first(A, alpha, beta, gamma)[0] + gp_second(A, B, alpha, beta)[1]
            A += lr * changed(way, lr)
            history.append(objective(A, B, alpha, beta, gamma))
        return A, history

    given = {seed: evaluate("ps7.fit", fit, seed=seed).points for seed in seeds(24, 6)}
    assert set(given.values()) == {points}, given


def steepness(grad):
    return lambda w: abs(grad(w))


# steps that are right only where the slope is positive, or steep, or falls
STEPS = {
    "the slope's size": lambda w, grad, lr: w - lr * abs(grad(w)),
    "a slope of at most 1": lambda w, grad, lr: w - lr * max(-1.0, min(1.0, grad(w))),
    "a slope of at most 5": lambda w, grad, lr: w - lr * max(-5.0, min(5.0, grad(w))),
    "only to where it is flatter": lambda w, grad, lr: min(
        w - lr * grad(w), w, key=steepness(grad)
    ),
    "never below 0": lambda w, grad, lr: max(w - lr * grad(w), 0.0),
    "only to the right": lambda w, grad, lr: w - lr * min(grad(w), 0.0),
}


@pytest.mark.parametrize("slip", STEPS)
def test_a_wrong_step_is_named_and_worth_the_same_on_every_seed(slip):
    def descend(grad, w0, lr, n):
        w = [w0]
        for _ in range(n):
            w.append(STEPS[slip](w[-1], grad, lr))
        return np.array(w)

    given = {}
    for seed in seeds(48, 3):
        verdict = evaluate("ps4.descend", descend, seed=seed)
        given[seed] = verdict.points, tuple(verdict.misconceptions)
    assert set(given.values()) == {(1.0, ())}, given


def on_one_side(value):
    """A sigmoid gate that goes forward rightly on one side of 0."""

    class OneSided(SigmoidGate):
        def forward(self, x):
            super().forward(x)
            if hasattr(self, "f"):
                self.f = value(x)
            return value(x)

    return OneSided


def remembering():
    known = {}

    def slope(f, x, h):
        return known.setdefault(x, (f(x + h) - f(x - h)) / (2 * h))

    return slope


OTHERS = {
    "a sigmoid of the size": ("ps3.SigmoidGate", lambda: on_one_side(lambda x: s(abs(x)))),
    "a sigmoid of 0 below 0": ("ps3.SigmoidGate", lambda: on_one_side(lambda x: s(x) * (x > 0))),
    "a sigmoid of 1 above 0": ("ps3.SigmoidGate", lambda: on_one_side(lambda x: max(s(x), x > 0))),
    "slopes by their place": ("ps1.slope", remembering),
}


@pytest.mark.parametrize("slip", OTHERS)
def test_what_is_right_in_some_places_is_worth_the_same_on_every_seed(slip):
    id, made = OTHERS[slip]
    given = {seed: evaluate(id, made(), seed=seed).points for seed in seeds(60, 3)}
    assert len(set(given.values())) == 1 and max(given.values()) < 3, given


def larger(cut, tie):
    """Who compares numbers that have been cut; where they tie, the first one is it, or none."""

    class Cuts(MaxGate):
        def forward(self, x, y):
            self.x, self.y = cut(x), cut(y)
            return max(x, y)

        def backward(self, dz):
            first = self.x > self.y or (tie and self.x == self.y)
            return [dz * first, dz * (self.y > self.x)]

    def grad_circuit(x, y, z, w):
        return 2 * y, 2 * x, *np.multiply(2, to_first(cut(z), cut(w), tie))

    return {"ps3.MaxGate": Cuts, "ps2.grad_circuit": grad_circuit}


def to_first(z, w, tie):
    return [z > w or (tie and z == w), w > z]


@pytest.mark.parametrize("tie", [False, True])
@pytest.mark.parametrize("cut", [int, round, math.floor, math.ceil], ids=lambda cut: cut.__name__)
def test_who_compares_cut_numbers_is_never_right(cut, tie):
    for id, solution in larger(cut, tie).items():
        for seed in seeds(48, 3):
            assert not evaluate(id, solution, seed=seed).passed, (id, seed)


def with_entry(right, k, entry, change):
    """The right solution, of inputs of which one entry has been changed."""

    def solution(*args):
        args = [np.array(x) if np.ndim(x) else x for x in args]
        args[k][entry] = change(args[k][entry])
        return right(*args)

    return solution


def without_sign(x):
    return abs(x)


def not_below_zero(x):
    return max(x, 0.0)


ENTRIES = {
    "ps7.two_layer": [
        *((0, entry) for entry in np.ndindex(4, 3)),
        *((1, entry) for entry in range(4)),
        *((2, entry) for entry in np.ndindex(2, 4)),
        *((k, entry) for k in (3, 4) for entry in (0, -1)),
    ],
    "ps6.matmul_backward": [(k, (0, -1)) for k in (0, 1, 2)],
    "ps6.linear_backward": [(k, (0, -1)) for k in (0, 1, 3)],
}


@pytest.mark.slow
@pytest.mark.parametrize("change", [without_sign, not_below_zero])
@pytest.mark.parametrize(
    ("id", "k", "entry"), [(id, *one) for id, several in ENTRIES.items() for one in several]
)
def test_the_sign_of_one_entry_is_worth_the_same_on_every_seed(id, k, entry, change):
    """It passed on one seed of four where a unit was off with either sign."""
    lost = with_entry(RIGHT[id][0], k, entry, change)
    given = {seed: evaluate(id, lost, seed=seed) for seed in seeds(24, 3)}
    assert not any(verdict.passed for verdict in given.values())
    assert len({round(verdict.points, 9) for verdict in given.values()}) == 1, given


def lets_through(of_z, of_pull):
    """A net whose hidden units send back only what they should, or only some pulls."""

    def grads_net(W1, W2, x, t):
        h, d2 = layers(W1, W2, x, t)
        d1 = of_pull(W2.T @ d2) * h * (1 - h) * of_z(W1 @ x)
        return np.outer(d1, x), np.outer(d2, h)

    return grads_net


@pytest.mark.parametrize("lets", ["pulls up", "pulls down", "units up", "units down"])
def test_a_delta_let_through_by_its_sign_is_worth_the_same_on_every_seed(lets):
    """It earned half of dW1 where two of three units happened to be of that sign everywhere."""
    sign = 1 if lets.endswith("up") else -1
    by_sign, as_it_is = (lambda z: z * (sign * z > 0)), (lambda z: z)
    if lets.startswith("pulls"):
        solution = lets_through(np.ones_like, by_sign)
    else:
        solution = lets_through(lambda z: sign * z > 0, as_it_is)
    given = {seed: evaluate("ps5.grads_net", solution, seed=seed).points for seed in seeds(48, 3)}
    assert set(given.values()) == {2.0}, given


@pytest.mark.parametrize("factor", [0.999, 1.001, -0.999, -1.001])
def test_a_factor_on_the_bound_is_worth_the_same_on_every_seed(factor):
    """It was half on one seed of three, as rounding had it."""

    def max_lr(A):
        return factor * 2 / np.linalg.eigvalsh(A)[-1]

    given = {
        seed: (verdict.points, *verdict.misconceptions)
        for seed in seeds(48, 8)
        for verdict in [evaluate("ps4.max_lr", max_lr, seed=seed)]
    }
    assert set(given.values()) == {(1.5, "scale")}, given


ROUNDED = [("ps6.quad_grad", 3, 1.5), ("ps6.quad_grad", 2, 1.5), ("ps2.branches", 1, 1.5)]
ROUNDED += [("ps2.branches", 2, 1.5), ("ps5.paths_w131", 3, 2.0), ("ps5.paths_w131", 4, 2.0)]


@pytest.mark.parametrize(("id", "digits", "points"), ROUNDED)
def test_what_is_rounded_is_worth_the_same_on_every_seed(id, digits, points):
    """A last digit 5 is rounded either way, as the last bit has it; and at times, by chance, a
    rounded sum is that of what was rounded."""

    def solution(*args):
        return tuple(np.round(g, digits) for g in RIGHT[id][0](*args))

    given = {
        seed: (verdict.points, *verdict.misconceptions)
        for seed in seeds(24, 3)
        for verdict in [evaluate(id, solution, seed=seed)]
    }
    assert set(given.values()) == {(points, "rounded")}, given
