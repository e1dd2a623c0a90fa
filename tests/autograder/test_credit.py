"""The policy of part credit, held to by every exercise; slips are made from the table of ideas."""

import numpy as np
import pytest
from right_answers import (
    RIGHT,
    AddGate,
    MaxGate,
    MultiplyGate,
    SigmoidGate,
    Value,
    autoencoder,
    no_grad,
    reconstruction,
    topo,
)
from seeds import seeds

from autograder import catalog, evaluate
from autograder.asking.ask import Answer
from autograder.judge.behaviour import Behaviour
from autograder.judge.credit import NO_SLIPS, know_nothing
from autograder.judge.diagnosis import tried, ways
from autograder.judge.exercise import Exercise
from autograder.judge.judge import judge
from autograder.judge.trial import Trial

assert no_grad  # the check of a gate asks for it, where the gate's class stands

NUMBERS = [e.id for e in catalog.values() if isinstance(e, Exercise)]
BEHAVIOURS = [e.id for e in catalog.values() if isinstance(e, Behaviour)]


def asked(id, seed):
    exercise = catalog[id]
    questions = exercise.questions(seed)
    trials = [Trial(exercise, exercise.fixed or dict(question.args)) for question in questions]
    return exercise, questions, trials


def answer(exercise, values):
    """What somebody hands in who has these values for the parts."""
    if exercise.form == "alone":
        return Answer(next(iter(values.values())))
    return Answer(values if exercise.form == "dict" else tuple(values.values()))


def judged(exercise, questions, given):
    ordered = [{part.name: values[part.name] for part in exercise.parts} for values in given]
    return judge(exercise, questions, [answer(exercise, values) for values in ordered])


def points_for(id, seed, part, slip):
    """The points of a right answer with one part changed, and what the part is worth."""
    exercise, questions, trials = asked(id, seed)
    given = [trial.truth | {part.name: slip(trial.truth[part.name])} for trial in trials]
    return judged(exercise, questions, given)


SLIPS = {
    "a sign": lambda g: np.multiply(g, -1.0),
    "a factor 2": lambda g: np.multiply(g, 2.0),
    "a half": lambda g: np.multiply(g, 0.5),
    "a transpose": lambda g: np.transpose(g),
    "one entry's sign": lambda g: changed(g, -1.0),
    "one entry lost": lambda g: changed(g, 0.0),
    "another shape": lambda g: np.reshape(g, (1, *np.shape(g))),
}


def changed(g, factor):
    """The entry that is largest, changed."""
    g = np.array(g, dtype=float)
    g.flat[np.argmax(np.abs(g))] *= factor
    return g


def symmetric(value):
    return value.shape[0] == value.shape[1] and np.allclose(value, value.T)


WHOLE_ARRAYS = ("one entry's sign", "one entry lost", "another shape")
UNDIVIDED = {"ps1.nudges"}  # values, no gradients: their signs and factors are no slips


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("id", [id for id in NUMBERS if id not in UNDIVIDED])
def test_one_slip_costs_at_most_half_of_its_part_and_nothing_of_another(id, slip):
    for part in catalog[id].parts:
        exercise, _, trials = asked(id, 2)
        value = trials[0].truth[part.name]
        if slip == "a transpose" and (np.ndim(value) != 2 or symmetric(value)):
            continue
        if not np.any(value) or (np.ndim(value) == 0 and slip in WHOLE_ARRAYS):
            continue
        verdict = points_for(id, 2, part, SLIPS[slip])
        lost = verdict.max_points - verdict.points
        if exercise.truth is not None and (slip == "a sign" or id == "ps4.goal_steps"):
            continue  # a place or a step size, no gradient: another sign is another place
        assert 0 < lost <= 0.5 * part.points + 1e-9, (part.name, verdict.message)


SOME_ENTRIES = {  # how many they are is chance
    "sizes alone": np.abs,
    "nothing below 0": lambda g: np.maximum(g, 0.0),
    "nothing above 0": lambda g: np.minimum(g, 0.0),
    "twice where it is negative": lambda g: np.where(g < 0, 2 * g, g),
    "the first one's sign lost": lambda g: first(g, np.abs),
    "the last one's sign lost": lambda g: first(g[..., ::-1], np.abs)[..., ::-1],
    "the first one twice": lambda g: first(g, lambda x: 2 * x),
}


def first(g, change):
    g = np.array(g)
    g.flat[0] = change(g.flat[0])
    return g


@pytest.mark.parametrize("id", NUMBERS)
def test_what_is_wrong_in_some_entries_is_worth_half_on_every_seed(id):
    for part in catalog[id].parts:
        for said, slip in SOME_ENTRIES.items():
            for seed in seeds(12, 6):
                truths = [trial.truth[part.name] for trial in asked(id, seed)[2]]
                if not np.ndim(truths[0]) or all(
                    np.array_equal(slip(g), g) or not np.any(slip(g)) for g in truths
                ):
                    continue  # of one sign by nature
                verdict = points_for(id, seed, part, slip)
                lost = verdict.max_points - verdict.points
                assert lost == pytest.approx(part.points / 2), (part.name, said, seed)


def test_a_gradient_of_the_right_size_is_one_slip_from_right():
    """Of numbers, too; and it is told that signs are turned."""
    for seed in seeds(12, 3):
        verdict = evaluate("ps1.grad_L", lambda *x: np.abs(RIGHT["ps1.grad_L"][0](*x)), seed=seed)
        assert verdict.points == pytest.approx(1.5)
        assert verdict.misconceptions == ["sign"]


@pytest.mark.slow
@pytest.mark.parametrize("id", NUMBERS)
def test_an_idea_of_the_table_earns_at_least_half_wherever_it_is_had(id):
    """Every way every idea can be had, at every gate, and never full marks."""
    for seed in seeds(2, 2):
        exercise, questions, trials = asked(id, seed + 1)
        for idea, predict, *_ in ways(exercise, trials[0]):
            found = [tried(predict, trial) for trial in trials]
            whole = all(v.keys() == t.truth.keys() for v, t in zip(found, trials, strict=True))
            if idea in NO_SLIPS or not whole:
                continue  # the shapes do not fit
            given = [t.truth | values for t, values in zip(trials, found, strict=True)]
            if know_nothing(exercise, trials, given):
                continue
            verdict = judged(exercise, questions, given)
            if all(
                np.allclose(values[name], trial.truth[name], rtol=1e-3, atol=exercise.tolerance)
                for trial, values in zip(trials, given, strict=True)
                for name in trial.truth
                if np.shape(values[name]) == np.shape(trial.truth[name])
            ):
                continue  # here it leads to what is right
            assert verdict.points >= 0.5 * verdict.max_points - 1e-9, (idea, verdict.message)
            assert not verdict.passed, idea


# Who knows nothing


CONSTANTS = (0.0, 1.0, -1.0, 1e-9, 0.001, 7.0)


def filled(value, number):
    if isinstance(value, dict):
        return {key: filled(item, number) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(filled(item, number) for item in value)
    return np.full(np.shape(value), number) if np.ndim(value) else number


@pytest.mark.parametrize("number", CONSTANTS)
@pytest.mark.parametrize("id", RIGHT)
def test_one_number_everywhere_earns_nothing(id, number):
    right = RIGHT[id][0]
    if isinstance(right, type):
        answers = [lambda *args: number, number]
    elif callable(right):
        answers = [lambda *args: filled(right(*args), number), lambda *args: number]
    else:
        answers = [filled(right, number)]
    for solution in answers:
        verdict = evaluate(id, solution, seed=4)
        assert verdict.points == 0, verdict.message


@pytest.mark.parametrize("id", RIGHT)
def test_the_inputs_handed_back_earn_nothing(id):
    if isinstance(RIGHT[id][0], type) or not callable(RIGHT[id][0]):
        return
    parts = len(getattr(catalog[id], "parts", "12"))
    names = [part.name for part in getattr(catalog[id], "parts", ())]
    for solution in (
        lambda *args: args,
        lambda *args: args[:parts],
        lambda *args: args[-parts:],
        lambda *args: args[0],
        lambda *args: (args[0],) * parts,
        lambda *args: dict(zip(names, args, strict=False)),
        lambda *args: dict.fromkeys(names, args[0]),
    ):
        verdict = evaluate(id, solution, seed=4)
        assert verdict.points == 0, verdict.message


def test_inputs_in_an_order_of_their_own_are_worked_out():
    """The slopes of a b + c f, by somebody who lost the brackets of (a b + c) f."""
    for seed in range(4):
        verdict = evaluate("ps1.grad_L", lambda a, b, c, f: (b, a, f, c), seed=seed)
        assert verdict.findings[2].text == "right.", verdict.message
        assert verdict.points >= verdict.findings[2].max_points


class Silent:
    """Nothing on the way back."""

    def backward(self, *args):
        return None


class Zeros:
    def backward(self, *args):
        return [0.0, 0.0]


class Ones:
    def backward(self, *args):
        return 1e-9


@pytest.mark.parametrize("base", [MultiplyGate, AddGate, MaxGate, SigmoidGate])
@pytest.mark.parametrize("backward", [Silent, Zeros, Ones])
def test_a_gate_that_only_goes_forward_earns_nothing(base, backward):
    class Forward(base):
        backward = None

    Forward.backward = backward.backward
    verdict = evaluate(f"ps3.{base.__name__}", Forward)
    assert verdict.points == 0, verdict.message

    class OnlyForward:
        forward, __init__ = base.forward, base.__init__

    assert evaluate(f"ps3.{base.__name__}", OnlyForward).points == 0


def test_an_engine_that_never_goes_back_earns_nothing():
    class Forward(Value):
        def backward(self):
            pass

    verdict = evaluate("ps3.Value", Forward)
    assert verdict.points == 0, verdict.message


GATES_OF_TABLE = ("den", "ex", "neg", "dot", "s", "m0", "m1", "w0", "x0", "w1", "x1", "w2")


@pytest.mark.parametrize(
    ("id", "solution"),
    [
        ("ps3.topo", lambda node: range(5001)),
        ("ps3.topo", lambda node: [node]),
        ("ps3.topo", lambda node: []),
        ("ps4.step", lambda params, grads, leaves, lr: {n: params[n] for n in leaves}),
        ("ps4.step", lambda params, grads, leaves, lr: dict.fromkeys(leaves, 0.001)),
        ("ps4.step", lambda params, grads, leaves, lr: {n: grads[n] for n in leaves}),
        ("ps4.step", lambda params, grads, leaves, lr: params),
        # numbers in turn: where a gate hands on what came, or turns its sign, some go with others
        ("ps2.sigmoid_table", dict(zip(GATES_OF_TABLE, [0.001, -0.002] * 6, strict=True))),
        ("ps2.sigmoid_table", dict(zip(GATES_OF_TABLE, [0.5, 0.03] * 6, strict=True))),
        # next to nothing is not what comes to 0 by chance
        ("ps5.dw131_softmax", lambda W1, W2, x, t: 1e-17 * float(x[0])),
        ("ps4.which_minimum", lambda w0: 1.130901),
        ("ps4.which_minimum", lambda w0: -1.300840),
        ("ps7.fit", lambda B, q, *rest: (B[:, :q], [0.0] * (rest[-1] + 1))),
        ("ps7.fit", lambda B, q, *rest: (B[:, :q], list(range(rest[-1] + 1)))),
        ("ps7.fit", lambda B, q, *rest: (0 * B[:, :q], list(range(rest[-1] + 1)))),
        ("ps7.fit", lambda B, q, *rest: (np.ones((2000, 1)), list(range(rest[-1] + 1)))),
        ("ps7.train_autoencoder", lambda W0, X, lr, n: (W0, [0.0] * (n + 1))),
        ("ps7.train_autoencoder", lambda W0, X, lr, n: (0 * W0, [0.0] * (n + 1))),
    ],
)
def test_other_answers_that_know_nothing_earn_nothing(id, solution):
    for seed in range(3):
        verdict = evaluate(id, solution, seed=seed)
        assert verdict.points == 0, verdict.message


# What follows


def test_of_two_wrong_parts_only_one_follows_from_the_other():
    verdict = evaluate("ps2.gate_gradients", {"f": 1, "q": -4, "z": 3, "x": 11, "y": 11})
    assert verdict.points == pytest.approx(2 * 4 / 5), verdict.message


@pytest.mark.parametrize(
    ("id", "solution", "points"),
    [
        # the bias holds the gradient of its sum: weights and input follow from it
        (
            "ps5.grad_reg",
            lambda w, b, x, t, beta: (5.5 * x + beta * w, 5.5, 5.5 * w),
            3.0,
        ),
        (
            "ps4.descend",
            lambda grad, w0, lr, n: RIGHT["ps4.descend"][0](grad, w0, lr, n)[1:],
            2.5,
        ),
        (
            "ps7.L2_grad",
            lambda A, B, alpha, beta: minus_in_dP(*RIGHT["ps7.L2_grad"][0](A, B, alpha, beta)),
            5.0,
        ),
    ],
)
def test_what_follows_earns_all(id, solution, points):
    verdict = evaluate(id, solution)
    assert verdict.points == pytest.approx(points), verdict.message


def minus_in_dP(dP, dA, dB):
    return -dP, -dA, dB


class ValueAddsOneWay(Value):
    """A sum that sends nothing to its second argument."""

    def __add__(self, other):
        other = Value.of(other)
        return type(self)(self.data + other.data, (self, other), lambda g: (g, 0.0))

    __radd__ = __add__


class ValueAssignsInSums(Value):
    """= where += belongs, in the gate that adds."""

    def __add__(self, other):
        out = super().__add__(other)
        out.adds = True
        return out

    __radd__ = __add__

    def backward(self):
        order = topo(self)
        incoming = dict.fromkeys(order, 0.0) | {self: 1.0}
        for node in reversed(order):
            node.grad += incoming[node]
            for a, part in zip(node.args, node.pull(incoming[node]), strict=True):
                incoming[a] = part if getattr(node, "adds", False) else incoming[a] + part


class SigmoidOfMinus(SigmoidGate):
    def forward(self, x):
        return super().forward(-x)


class MaxByHalf(MaxGate):
    def backward(self, dz):
        return [g / 2 for g in super().backward(dz)]


class MultiplyOver(MultiplyGate):
    """What the gate keeps is overwritten, and y's gradient is made of it."""

    def backward(self, dz):
        self.x = self.y * dz
        self.y = self.x * dz
        return [self.x, self.y]


class MultiplyOverNames(MultiplyGate):
    """The same, of names in backward alone."""

    def backward(self, dz):
        y = self.x * dz
        return [y * dz, y]


@pytest.mark.parametrize(
    ("solution", "idea", "points"),
    [
        (MaxByHalf, "scale", 0.75),
        (MultiplyOver, "name-overwritten", 1.75),
        (MultiplyOverNames, "name-overwritten", 1.75),
        # it was told that a node had its turn too early: x + x was taken for two gates
        (ValueAddsOneWay, "add-splits", 7.0),
        # unnamed: where its sums come first, what it does is right
        (ValueAssignsInSums, "overwrite", 8.5),
        # named, and paid nothing: only the first forward of four was known to the idea
        (SigmoidOfMinus, "exp-minus", 2.0),
    ],
)
def test_one_slip_in_a_class_is_named_and_costs_half_of_what_it_spoils(solution, idea, points):
    for seed in seeds(12, 4):
        verdict = evaluate(f"ps3.{solution.__mro__[1].__name__}", solution, seed=seed)
        assert verdict.misconceptions == [idea], verdict.message
        assert verdict.points == points, verdict.message


def trained(of_loss, of_slope):
    """A run of descent with a loss, or a slope, of which only a part is there."""

    def train(W, X, lr, n):
        history = [reconstruction(W, X) * of_loss(X)]
        for _ in range(n):
            W = W - lr * of_slope(X) * sum(autoencoder(W, x)[2] for x in X) / len(X)
            history.append(reconstruction(W, X) * of_loss(X))
        return W, history

    return train


def one(X):
    return 1.0


def half(X):
    return 0.5


def over_columns(X):
    return 1 / X.shape[1]


@pytest.mark.parametrize(
    ("of_loss", "of_slope", "idea", "points"),
    [
        (half, half, "scale", 2.0),
        (half, one, "scale", 3.0),
        (one, half, "scale", 2.0),
        (over_columns, over_columns, "mean-over-entries", 2.0),
        (over_columns, one, "mean-over-entries", 3.0),
        (one, over_columns, "mean-over-entries", 2.0),
    ],
)
def test_half_a_loss_and_one_over_all_entries_are_named(of_loss, of_slope, idea, points):
    """In the history and on the way back, or in one of the two."""
    for seed in seeds(6, 3):
        verdict = evaluate("ps7.train_autoencoder", trained(of_loss, of_slope), seed=seed)
        assert verdict.misconceptions == [idea], verdict.message
        assert verdict.points == points, verdict.message


@pytest.mark.parametrize("k", [1, -1])
def test_the_inverse_times_the_size_of_the_determinant_is_named(k):
    def logdet_grad(X):
        return np.linalg.inv(X).T * abs(np.linalg.det(X)) ** k

    for seed in seeds(12, 3):
        verdict = evaluate("ps7.logdet_grad", logdet_grad, seed=seed)
        assert verdict.misconceptions[:1] == ["det-not-logdet"], verdict.message
        assert verdict.points == 1.5


def test_one_number_everywhere_keeps_what_it_was_worked_out_for():
    """Not what anybody writes, nor what stands in several places by right."""
    for id, answer, points in (
        ("ps1.nudges", dict.fromkeys(("Ja", "Jb", "Jc"), 33.003), 2 / 3),
        ("ps1.grad_J", lambda a, b, c: (3, 3, 3), 2 / 3),
        ("ps1.seven_gradients", dict.fromkeys("Ldfceab", 1.0), 0.0),
        ("ps2.sigmoid_table", dict.fromkeys(RIGHT["ps2.sigmoid_table"][0], 0.2), 0.0),
    ):
        assert evaluate(id, answer).points == pytest.approx(points), id
