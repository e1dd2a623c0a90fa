"""Wrong answers that once earned full marks, each a case of a kind; and the search for inputs."""

import math
from math import exp

import numpy as np
import pytest
from right_answers import (
    RIGHT,
    SigmoidGate,
    Value,
    gp_first,
    gp_second,
    no_grad,
    objective,
    regularised,
    topo,
    which_minimum_by_the_ridge,
)
from seeds import seeds

from autograder import catalog, evaluate
from autograder.judge.separating import NotSeparated, distance, separating

assert no_grad  # the check of a gate asks for it, where the gate's class stands

CASES = []


def case(id, count=50):
    def keep(solution):
        name = getattr(solution, "__name__", "a rule")
        CASES.append(pytest.param(id, solution, count, id=f"{id}-{name}-{len(CASES)}"))
        return solution

    return keep


# ps3.Value: everything the statement promises, in the middle and at the leaves


class StartsFresh(Value):
    """Gradients are right after every call, and never added to those before."""

    def backward(self):
        for node in topo(self):
            node.grad = 0.0
        super().backward()


case("ps3.Value", 8)(StartsFresh)


@case("ps3.Value", 8)
class StartsFreshAndZeroesNothing(StartsFresh):
    def zero_grad(self):
        pass


@case("ps3.Value", 8)
class ZeroesTheMiddleOnly(Value):
    def zero_grad(self):
        for node in topo(self):
            if node.args:
                node.grad = 0.0


@case("ps3.Value", 8)
class ZeroesAllButItself(Value):
    def zero_grad(self):
        for node in topo(self)[:-1]:
            node.grad = 0.0


@case("ps3.Value", 8)
class SendsOnTheOld(Value):
    def backward(self):
        self.grad = 1.0
        for node in reversed(topo(self)):
            for a, part in zip(node.args, node.pull(node.grad), strict=True):
                a.grad += part


def with_relu(value, slope):
    class OtherRelu(Value):
        def relu(self):
            a = self.data
            return type(self)(value(a), (self,), lambda g: (g * slope(a),))

    return OtherRelu


case("ps3.Value", 8)(with_relu(lambda a: -7.0, lambda a: a > 0))
case("ps3.Value", 8)(with_relu(lambda a: a, lambda a: 1.0))
case("ps3.Value", 8)(with_relu(lambda a: max(a, 0.0), lambda a: 1.0))
case("ps3.Value", 8)(with_relu(lambda a: max(a, 0.0), lambda a: a >= 1))
case("ps3.Value", 8)(with_relu(lambda a: max(a, 0.0), lambda a: 0.01 if a <= 0 else 1.0))
case("ps3.Value", 8)(with_relu(abs, lambda a: a > 0))


@case("ps3.Value", 8)
class ReluForLeavesOnly(Value):
    def relu(self):
        on = self.data > 0 or bool(self.args)
        return type(self)(max(self.data, 0.0), (self,), lambda g: (g * on,))


# ps3.SigmoidGate


@case("ps3.SigmoidGate")
class KeepsWhenUsedAgain(SigmoidGate):
    """What was kept is looked at when the gate is made, not when it runs."""

    def forward(self, x):
        f = super().forward(x)
        if hasattr(self, "f"):
            self.f = f
        return f


def recomputed(slope):
    class Recomputes(SigmoidGate):
        def forward(self, x):
            f = super().forward(x)
            if hasattr(self, "f"):
                self.kept = [("x", float(x))]
            return f

        def backward(self, df):
            x = self.kept[0][1]
            return slope(x) * df

    return Recomputes


def by(s):
    return lambda x: s(x) * (1 - s(x))


case("ps3.SigmoidGate")(recomputed(by(lambda x: 1 / (1 + exp(-x)))))
case("ps3.SigmoidGate")(recomputed(by(lambda x: 1 / (1 + math.e**-x))))
case("ps3.SigmoidGate")(recomputed(lambda x: (1 - math.tanh(x / 2) ** 2) / 4))
case("ps3.SigmoidGate")(recomputed(by(lambda x: float(1 / (1 + np.exp(np.array(-x)))))))


@case("ps3.SigmoidGate")
class RecomputesInAFunctionItKept(SigmoidGate):
    def forward(self, x):
        f = super().forward(x)
        if hasattr(self, "f"):
            self.back = lambda df: df * exp(-x) / (1 + exp(-x)) ** 2
        return f

    def backward(self, df):
        return self.back(df)


# ps4


@case("ps4.step")
def always_the_same_four(params, grads, leaves, lr):
    return {name: params[name] - lr * grads[name] for name in ("a", "b", "c", "f")}


@case("ps4.step")
def moved_in_place(params, grads, leaves, lr):
    for name in leaves:
        params[name] -= lr * grads[name]
    return {name: params[name] for name in leaves}


@case("ps4.step")
def gradients_of_at_most_five(params, grads, leaves, lr):
    return {name: params[name] - lr * max(-5.0, min(5.0, grads[name])) for name in leaves}


@case("ps4.step")
def gradients_cleared(params, grads, leaves, lr):
    new = {name: params[name] - lr * grads[name] for name in leaves}
    grads.clear()
    return new


def parted_at(ridge):
    return lambda w0: which_minimum_by_the_ridge(-3.0 if w0 < ridge else 3.0)


for ridge in (-2.5, -0.085, 0.0, 0.1, 0.15, 0.19, 0.25, 0.3, 2.5):
    case("ps4.which_minimum", 100)(parted_at(ridge))
case("ps4.which_minimum", 100)(
    lambda w0: 1.130901 if abs(w0 - 1.130901) < abs(w0 + 1.300840) else -1.300840
)
case("ps4.which_minimum", 100)(lambda w0: 1.130901 if w0 * w0 > 0.1 and w0 > 0 else -1.300840)


# ps5


@case("ps5.grad_reg")
def target_forgotten(w, b, x, t, beta):
    return regularised(w, b, x, 0.0, beta)


@case("ps5.grad_reg")
def target_always_one(w, b, x, t, beta):
    return regularised(w, b, x, 1.0, beta)


# ps7


@case("ps7.logdet_grad", 200)
def inverse_with_the_sign_of_det(X):
    return np.sign(np.linalg.det(X)) * np.linalg.inv(X).T


@case("ps7.trinv_grad", 200)
def inverse_of_a_positive_det(X, C):
    s = np.sign(np.linalg.det(X))
    return -s * (np.linalg.inv(X) @ C @ np.linalg.inv(X)).T, np.linalg.inv(X).T


def held(most):
    def two_layer(*args):
        right = RIGHT["ps7.two_layer"][0](*args)
        return {name: np.clip(value, -most, most) for name, value in right.items()}

    return two_layer


case("ps7.two_layer", 24)(held(1))
case("ps7.two_layer", 24)(held(5))


def fitted(**constants):
    def fit(B, q, alpha, beta, gamma, lr, n):
        given = {"q": q, "alpha": alpha, "beta": beta, "gamma": gamma, "lr": lr, "n": n}
        q, alpha, beta, gamma, lr, n = (given | constants).values()
        return RIGHT["ps7.fit"][0](B, q, alpha, beta, gamma, lr, n)

    return fit


case("ps7.fit", 12)(fitted(alpha=1.0))
case("ps7.fit", 12)(fitted(gamma=4.0))
case("ps7.fit", 12)(fitted(q=2))
case("ps7.fit", 12)(fitted(lr=0.004))
case("ps7.fit", 12)(fitted(n=20))


@case("ps7.fit", 12)
def alpha_forgotten_in_the_gradient(B, q, alpha, beta, gamma, lr, n):
    A = B[:, :q].copy()
    history = [objective(A, B, alpha, beta, gamma)]
    for _ in range(n):
        g = gp_first(A, alpha, beta, gamma)[0] + gp_second(A, B, alpha, beta)[1]
        A += lr * g / alpha
        history.append(objective(A, B, alpha, beta, gamma))
    return A, history


@case("ps7.train_autoencoder", 12)
def the_start_comes_back(W0, X, lr, n):
    return W0, RIGHT["ps7.train_autoencoder"][0](W0, X, lr, n)[1]


@case("ps7.fit", 12)
def from_the_last_columns(B, q, alpha, beta, gamma, lr, n):
    turned = np.hstack([B[:, -q:], B])
    A, _ = RIGHT["ps7.fit"][0](turned, q, alpha, beta, gamma, lr, n)
    return A, RIGHT["ps7.fit"][0](B, q, alpha, beta, gamma, lr, n)[1]


@pytest.mark.slow
@pytest.mark.parametrize(("id", "solution", "count"), CASES)
def test_a_wrong_answer_is_wrong_on_every_seed(id, solution, count):
    for seed in seeds(count, 6):
        verdict = evaluate(id, solution, seed=seed)
        assert verdict.points < verdict.max_points, f"seed {seed}"


def test_what_once_earned_full_marks_does_not():
    for case in CASES:
        id, solution, _ = case.values
        assert not evaluate(id, solution, seed=3).passed, case.id


def test_constants_of_a_run_vary_with_the_seed_and_within_one():
    for id, fixed in (("ps7.fit", set()), ("ps7.train_autoencoder", set()), ("ps4.step", set())):
        for name in catalog[id].questions(1)[0 if id != "ps4.step" else 1].args:
            seen = {
                repr(question.args[name])
                for seed in range(4)
                for question in catalog[id].questions(seed)
                if name in question.args
            }
            assert len(seen) > 1 or name in fixed, (id, name)


def numbers(value):
    if isinstance(value, (dict, list, tuple)):
        return [
            x
            for one in (value.values() if isinstance(value, dict) else value)
            for x in numbers(one)
        ]
    return np.ravel(value).tolist() if isinstance(value, (float, np.ndarray)) else []


@pytest.mark.parametrize("id", catalog.ids())
def test_no_minus_zero_goes_in(id):
    for seed in range(8):
        given = numbers([dict(question.args) for question in catalog[id].questions(seed)])
        assert not any(x == 0 and math.copysign(1, x) < 0 for x in given)


class TestSeparating:
    def draw(self, rng):
        return lambda: round(float(rng.uniform(-1, 5)), 2)

    def test_every_rival_is_told_as_often_as_is_asked(self, rng):
        rivals = {"always positive": abs, "at most 4": lambda x: min(x, 4.0)}
        for _ in range(50):
            found = separating(self.draw(rng), lambda x: x, rivals, 5, times=2)
            assert len(found) == 5
            for rival in rivals.values():
                assert sum(distance(x, rival(x)) > 1e-2 for x in found) >= 2

    def test_a_rival_that_is_right_wherever_anything_is_drawn_is_named(self, rng):
        with pytest.raises(NotSeparated, match="below 100"):
            separating(self.draw(rng), abs, {"below 100": lambda x: min(abs(x), 100.0)}, 3)

    def test_distance_is_relative_and_knows_shapes_keys_and_what_is_no_number(self):
        assert distance(np.ones(3), np.ones((3, 1))) == np.inf
        assert distance({"a": 1.0}, {"b": 1.0}) == np.inf
        assert distance(1.0, np.nan) == np.inf
        assert distance({"a": [1.0, 4.0]}, {"a": [1.0, 3.0]}) == 0.25
        assert distance(0.0, 0.0) == 0.0
