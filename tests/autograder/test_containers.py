"""The same numbers in another container, another run, another road: the same verdict."""

import contextlib
import io
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import pytest
from right_answers import RIGHT, SigmoidGate, Value, no_grad, topo
from seeds import seeds
from wrong_answers import WRONG

from autograder import catalog, evaluate
from autograder.asking.ask import ask
from autograder.judge.behaviour import Behaviour
from autograder.judge.judge import judge
from autograder.sandbox import Limits, Sandbox, best_rung

SLOW = {"ps7.fit", "ps7.train_autoencoder", "ps4.which_minimum"}
FUNCTIONS = [id for id in RIGHT if not isinstance(catalog[id], Behaviour)]
FUNCTIONS += ["ps4.step", "ps4.descend", "ps4.which_minimum", "ps7.fit", "ps7.train_autoencoder"]
Named = namedtuple("Named", "one two")


class Held:
    """A Value of the learner's own."""

    def __init__(self, data):
        self.data = data


def each_number(make):
    """Every single number made another kind of number; arrays become lists of such."""

    def change(value):
        if isinstance(value, dict):
            return {key: change(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(map(change, value))
        if np.ndim(value):
            return [change(item) for item in np.asarray(value)]
        return make(float(value))

    return change


def each_array(make):
    def change(value):
        if isinstance(value, dict):
            return {key: change(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and np.ndim(value[0]) > 0:
            return type(value)(map(change, value))
        return make(value) if np.ndim(value) else value

    return change


def outermost(make, kind):
    return lambda value: make(value) if isinstance(value, kind) else value


def named(value):
    return namedtuple("Found", [f"n{k}" for k in range(len(value))])(*value)


def column(values):
    return np.reshape(values, (-1, 1)) if not any(map(np.ndim, values)) else values


def objects(value):
    array = np.asarray(value)
    return array.astype(object)


CONTAINERS = {
    "lists": each_array(lambda a: np.asarray(a).tolist()),
    "fractions": each_number(Fraction),
    "values": each_number(Held),
    "numpy numbers": each_number(np.float64),
    "arrays of no dimension": each_number(np.array),
    "a column": outermost(column, tuple),
    "object arrays": each_array(objects),
    "matrices": each_array(lambda a: np.matrix(a) if np.ndim(a) == 2 else a),
    "a named tuple": outermost(named, (tuple, list)),
    "a deque": outermost(deque, (tuple, list)),
    "an ordered dict": outermost(OrderedDict, dict),
    "a defaultdict": outermost(lambda d: defaultdict(float, d), dict),
    "a counter": outermost(Counter, dict),
    "a mapping": outermost(MappingProxyType, dict),
    "keys of numpy": outermost(lambda d: {np.str_(key): value for key, value in d.items()}, dict),
}


def contained(change, solution):
    if not callable(solution):
        return change(solution)

    def in_a_container(*args):
        return change(solution(*args))

    return in_a_container


@pytest.mark.parametrize("container", CONTAINERS)
def test_right_numbers_are_right_in_every_container(container):
    for id in FUNCTIONS:
        for solution in RIGHT[id][:1]:
            verdict = evaluate(id, contained(CONTAINERS[container], solution), seed=2)
            assert verdict.passed, verdict.message


@pytest.mark.slow
@pytest.mark.parametrize("id", FUNCTIONS)
def test_right_numbers_are_right_in_every_container_on_200_seeds(id):
    """Each container in turn; on all 200, every solution meets every one of them several times."""
    changes = list(CONTAINERS.values())
    fixed = getattr(catalog[id], "fixed", {})
    for seed in [0] if fixed else seeds(12, 4) if id in SLOW else seeds(200, 7):
        for k, solution in enumerate(RIGHT[id]):
            change = changes[(seed + k) % len(changes)]
            verdict = evaluate(id, contained(change, solution), seed=seed)
            assert verdict.passed, f"seed {seed}: {verdict.message}"


@pytest.mark.parametrize("change", [lambda dx: np.matrix(dx), lambda dx: np.matrix(dx).T])
def test_a_vector_is_one_in_the_form_that_the_matrix_class_gives_it(change):
    def quad_grad(A, x):
        return change((A + A.T) @ x), np.outer(x, x)

    assert evaluate("ps6.quad_grad", quad_grad).passed


def test_one_number_is_one_with_a_comma_behind_it_in_brackets_and_by_its_name():
    right = RIGHT["ps5.dw212"][0]
    for change in (lambda x: (x,), lambda x: [x], lambda x: [[x]], lambda x: {"dw212": x}):
        assert evaluate("ps5.dw212", lambda *args, f=change: f(right(*args))).passed
    of_J = RIGHT["ps1.grad_J"][0]
    assert evaluate(
        "ps1.grad_J", lambda *a: dict(zip(("da", "db", "dc"), of_J(*a), strict=True))
    ).passed
    verdict = evaluate("ps1.grad_J", lambda *a: dict(zip("abc", of_J(*a), strict=True)))
    assert "3 values, (da, db, dc)" in verdict.message and verdict.points == 0


def test_gradients_of_one_shape_may_stand_in_an_array():
    """It unpacks as a tuple does; an array of another form does not."""
    right = RIGHT["ps7.trinv_grad"][0]
    for seed in range(3):
        assert evaluate("ps7.trinv_grad", lambda *a: np.array(right(*a)), seed=seed).passed
    for change in (lambda g: np.array(g)[:, :2], lambda g: g[0], lambda g: np.array([*g, g[0]])):
        verdict = evaluate("ps7.trinv_grad", lambda *a, f=change: f(right(*a)))
        assert "came back with one array of shape" in verdict.message, verdict.message


def test_one_gradient_needs_no_tuple_around_it():
    exercise = replace(catalog["ps7.logdet_grad"], form="tuple")
    questions = exercise.questions(1)
    for wrap in (lambda g: g, lambda g: (g,), lambda g: {"dX": g}):
        answers = ask({"logdet_grad": lambda X, f=wrap: f(np.linalg.inv(X).T)}, questions)
        assert judge(exercise, questions, answers).passed


def test_what_backward_and_zero_grad_hand_back_is_not_asked():
    class Chained(Value):
        def backward(self):
            super().backward()
            return self

        def zero_grad(self):
            super().zero_grad()
            return self.grad

    assert evaluate("ps3.Value", Chained).passed


# Something odd in one place


ODD = {
    "complex": lambda g: np.asarray(g) + 0j,
    "an object": lambda g: object(),
    "a huge whole number": lambda g: 2**1024 - 1,
    "huge whole numbers": lambda g: [2**1023, 2**1024 - 1],
    "an empty array": lambda g: np.zeros((10**9, 0)),
    "brackets": lambda g: [[[[1.0]]]],
    "many brackets": lambda g: deep(40),
    "a loop": lambda g: looped(),
    "None": lambda g: None,
    "True": lambda g: True,
    "text": lambda g: "dx",
    "nan": lambda g: np.nan * np.asarray(g),
    "the largest": lambda g: np.full(np.shape(g), 1.7e308),
    "ragged": lambda g: [[1.0], [1.0, 2.0]],
    "a large array": lambda g: np.ones((2000, 1)),
    "a larger array": lambda g: np.ones((2000, 2000)),
    "a set": lambda g: {1.0},
    "a dict": lambda g: {"a": 1.0},
    "a function": lambda g: len,
    "a generator": lambda g: (x for x in ()),
    "a type": lambda g: float,
}


def deep(n):
    return [1.0] if n == 0 else [deep(n - 1)]


def looped():
    loop = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize("odd", ODD)
def test_one_odd_part_costs_no_other(odd):
    for id in FUNCTIONS:
        exercise = catalog[id]
        if isinstance(exercise, Behaviour) or exercise.form == "alone":
            continue
        first, *others = exercise.parts

        def solution(*args, id=id, first=first):
            right = RIGHT[id][0](*args) if callable(RIGHT[id][0]) else dict(RIGHT[id][0])
            if isinstance(right, dict):
                return right | {first.name: ODD[odd](right[first.name])}
            return (ODD[odd](right[0]), *right[1:])

        verdict = evaluate(id, solution() if exercise.fixed else solution, seed=2)
        assert verdict.points >= sum(part.points for part in others) - 1e-9, verdict.message
        assert not verdict.passed
        assert verdict.findings[0].points == 0, verdict.message
        assert all(finding.state == "right" for finding in verdict.findings[1:])


@pytest.mark.parametrize("odd", ODD)
def test_nothing_odd_stops_the_judge(odd):
    value = ODD[odd](np.ones(2))

    class Gate:
        grad = data = value

        def __init__(self, *args, **options):
            pass

        def __getattr__(self, name):
            return lambda *args: value

    for id in catalog.ids():
        for answer in (lambda *args: value, lambda *args: (value, value), value, Gate):
            verdict = evaluate(id, answer)
            assert verdict.points == 0, verdict.message
            assert verdict.message and verdict.html()


# The notebook, a second run, and grading


LEAKY = """
import math
from contextlib import contextmanager
keeping, seen = [True], {}

@contextmanager
def no_grad():
    keeping[0] = False
    yield
    keeping[0] = True

class SigmoidGate:
    count = 0
    def __init__(self, grad=True):
        self.grad = grad
    def forward(self, x):
        global last
        last = x
        SigmoidGate.count += 1
        seen[x] = 1 / (1 + math.exp(-x))
        if self.grad and keeping[0]:
            self.f = seen[x]
        return seen[x]
    def backward(self, df):
        return self.f * (1 - self.f) * df
"""

INHERITED = (
    """
import math

class Base:
    def __init__(self, grad=True):
        self.grad = grad
    def forward(self, x):
        f = 1 / (1 + math.exp(-x))
        if self.grad and Base.keeps:
            self.f = f
        return f
    def backward(self, df):
        return self.f * (1 - self.f) * df
    keeps = True
""",
    """
class no_grad:
    def __enter__(self):
        Base.keeps = False
    def __exit__(self, *error):
        Base.keeps = True

class SigmoidGate(Base):
    pass
""",
)


def run(*cells):
    """The names that cells leave behind in a notebook."""
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            exec(cell, names)
    return names


def test_a_check_that_runs_twice_says_the_same():
    names = run(LEAKY)
    verdicts = [evaluate("ps3.SigmoidGate", names["SigmoidGate"], seed=5) for _ in range(3)]
    assert verdicts[0] == verdicts[1] == verdicts[2]
    assert 0 < verdicts[0].points < 3, verdicts[0].message
    assert names["keeping"] == [True] and names["seen"] == {}
    assert names["SigmoidGate"].count == 0 and "last" not in names


def test_methods_from_a_base_class_are_found_with_all_they_need():
    names = run(*INHERITED)
    assert evaluate("ps3.SigmoidGate", names["SigmoidGate"]).passed

    class Renamed(SigmoidGate):
        """Of this module, without a method of its own."""

    assert no_grad and evaluate("ps3.SigmoidGate", Renamed).passed


@pytest.fixture(scope="module")
def box(machine):
    with Sandbox(Limits(), best_rung()) as box:
        yield box


@pytest.mark.slow
@pytest.mark.parametrize("cells", [(LEAKY,), INHERITED], ids=["leaky", "inherited"])
def test_grading_says_what_the_notebook_says(box, cells):
    exercise = catalog["ps3.SigmoidGate"]
    for cell in cells:
        assert box.run(cell) == []
    gate = run(*cells)["SigmoidGate"]
    for seed in range(3):
        graded = judge(exercise, questions := exercise.questions(seed), box.ask(questions))
        assert graded == evaluate(exercise.id, gate, seed=seed)


ODD_PARTS = """
import numpy as np
from collections import OrderedDict
from fractions import Fraction

class Value:
    def __init__(self, data): self.data = data

def quad_grad(A, x):
    return np.matrix((A + A.T) @ x).A1, np.outer(x, x).astype(object)

def chain(x):
    h2 = np.exp(x * x)
    right = OrderedDict(h2=Value(-1 / h2**2), h1=Fraction(float(-1 / h2)), x=1j)
    right[object()] = {1, 2}
    return right

def grad_J(a, b, c):
    return 3, 3 * c + 0j, np.zeros((10**9, 0))
"""


@pytest.mark.slow
def test_grading_reads_what_the_notebook_reads(box):
    assert box.run(ODD_PARTS) == []
    names = run(ODD_PARTS)
    for id, points in (("ps6.quad_grad", 3.0), ("ps1.chain", 2.0), ("ps1.grad_J", 2 / 3)):
        exercise = catalog[id]
        graded = judge(exercise, questions := exercise.questions(1), box.ask(questions))
        assert graded == evaluate(id, names[exercise.answer], seed=1)
        assert graded.points == pytest.approx(points), graded.message


@pytest.mark.slow
def test_an_import_that_fails_is_the_reason_that_is_given(machine):
    with Sandbox(Limits(), best_rung()) as box:
        box.run("import nowhere.linalg as la\n\ndef quad_grad(A, x): return A @ x, A")
        box.run("import numpy as np\ndef logdet_grad(X): return la.inv(X).T")
        box.run("def trinv_grad(X, C):\n    import nowhere\n    return X, C")
        for id, words in (
            ("ps6.quad_grad", ("quad_grad too", "No module named 'nowhere'")),
            ("ps7.logdet_grad", ("'la' is not defined", "No module named 'nowhere'")),
            ("ps7.trinv_grad", ("No module named 'nowhere'",)),
        ):
            exercise = catalog[id]
            verdict = judge(exercise, questions := exercise.questions(1), box.ask(questions))
            for word in words:
                assert word in verdict.message, verdict.message
            assert "There is no" not in verdict.message
            assert verdict.points == 0


@pytest.mark.slow
def test_the_same_file_has_the_same_points_and_first_name_on_any_seed():
    for id, _, solution in WRONG:
        some = seeds(4, 2) if id in SLOW or id == "ps3.Value" else seeds(12, 4)
        verdicts = [evaluate(id, solution, seed=seed) for seed in some]
        assert len({v.points for v in verdicts}) == 1, id
        assert len({tuple(v.misconceptions[:1]) for v in verdicts}) == 1, id


class ValueByNumber(Value):
    """Takes two Values that hold the same number for one."""

    def backward(self):
        seen, order = set(), []
        for node in topo(self):
            order += [node] if node.data not in seen else []
            seen.add(node.data)
        incoming = {node.data: 0.0 for node in order} | {self.data: 1.0}
        for node in reversed(order):
            node.grad += incoming[node.data]
            for a, part in zip(node.args, node.pull(incoming[node.data]), strict=True):
                incoming[a.data] += part


def test_equal_numbers_taken_for_one_node_are_found_on_every_seed_alike():
    verdicts = [evaluate("ps3.Value", ValueByNumber, seed=seed) for seed in seeds(30, 5)]
    assert len({tuple(f.points for f in v.findings) for v in verdicts}) == 1
    assert len({tuple(v.misconceptions) for v in verdicts}) == 1
    assert 0 < verdicts[0].points < 10, verdicts[0].message


def test_asking_changes_nothing_that_the_answer_keeps():
    made = []

    def quad_grad(A, x, cache={}, seen=made):  # noqa: B006
        cache[len(cache)] = x
        seen.append(A)
        return (A + A.T) @ x, np.outer(x, x)

    questions = catalog["ps6.quad_grad"].questions(1)
    for _ in range(2):
        assert len(ask({"quad_grad": quad_grad}, questions)) == len(questions)
        assert made == [] and quad_grad.__defaults__ == ({}, [])
