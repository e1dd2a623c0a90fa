"""Ten thousand random answers through the wire and the judge: no error, no point not earned."""

import math
import random

import numpy as np
import pytest

from autograder import catalog
from autograder.asking import wire
from autograder.asking.ask import TROUBLES, Answer, Question, ask
from autograder.judge.judge import judge

EXERCISES = ["ps6.matmul_backward", "ps6.dD_dW", "ps6.linear_backward", "ps6.quad_grad"]
TIMES = 10_000
FLOATS = [0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 5e-324, 1.7e308, 1e-9, math.pi]


class Odd:
    """An object with behaviour of its own."""

    __array__ = __float__ = __iter__ = __len__ = lambda self: 1 / 0


class OddArray(np.ndarray):
    """An array that says it equals everything."""

    def __eq__(self, other):
        return True


def value(chance: random.Random, depth: int = 0) -> object:
    """Anything a learner's function may return."""
    kind = chance.randrange(24 if depth < 5 else 16)
    if kind < 3:
        return chance.choice(FLOATS) if chance.random() < 0.5 else chance.gauss(0, 1e3)
    if kind < 8:
        return array(chance)
    if kind < 16:
        return chance.choice(SCALARS)
    if kind < 22:
        items = [value(chance, depth + 1) for _ in range(chance.randrange(4))]
        return items if kind < 18 else tuple(items)
    keys = ["dA", "dx", "", "0", "é", "points"] if kind == 22 else [1, None, (1,), "a"]
    return {chance.choice(keys): value(chance, depth + 1) for _ in range(chance.randrange(3))}


def array(chance: random.Random) -> np.ndarray:
    shape = [chance.randrange(5) for _ in range(chance.randrange(4))]
    full = np.full(shape, chance.choice(FLOATS))
    if chance.random() < 0.5:
        full = np.random.default_rng(chance.randrange(99)).normal(size=shape)
    with np.errstate(all="ignore"):
        return full.astype(chance.choice("efdgiqb?FDOSU")).T


LOOP: list[object] = []
LOOP.append(LOOP)
SCALARS = [
    *(None, True, False, 0, 1, -1, 2**70, 10**400, -(10**5000), 1j, "", "1.0", b"1", "\ud800"),
    *(np.float32(0.1), np.float64(2), np.int8(3), np.bool_(True), np.complex64(1j), np.str_("x")),
    *(Odd(), Odd, len, range(3), {1, 2}, LOOP, iter([1.0]), np.ma.masked, np.datetime64("NaT")),
    *(
        np.zeros(3).view(OddArray),
        np.zeros((0, 3)),
        np.zeros(2, dtype="f4,i4"),
        np.array([[len, Odd]]),
    ),
    *(NotImplemented, Ellipsis, Exception("x"), (), [], {}, np.array(None), np.longdouble(1)),
]


def crossed(answer: Answer) -> Answer:
    """The answer as it arrives on the other side of the wire."""
    return Answer(wire.loads(wire.dumps(answer.value)), answer.trouble, answer.text)


@pytest.fixture(scope="module")
def scripts():
    """[(exercise, questions)] for a few seeds each."""
    seeds = range(3)
    return [(catalog[id], catalog[id].questions(seed)) for id in EXERCISES for seed in seeds]


def test_random_answers_raise_nothing_and_earn_nothing(scripts, rng):
    chance = random.Random(int(rng.integers(2**32)))
    count = 0
    while count < TIMES:
        exercise, questions = chance.choice(scripts)
        returned = [value(chance) for _ in questions]
        code = [Question("back", {}) for _ in questions]
        answers = [crossed(ask({"back": v}, [q])[0]) for v, q in zip(returned, code, strict=True)]
        verdict = judge(exercise, questions, answers)
        assert verdict.points == 0.0, returned
        assert type(verdict.points) is float and not verdict.passed
        assert verdict.message and verdict.html() and verdict.to_dict()
        count += len(questions)


def test_answers_with_troubles_of_every_kind_earn_nothing(scripts, rng):
    chance = random.Random(int(rng.integers(2**32)))
    for _ in range(300):
        exercise, questions = chance.choice(scripts)
        texts = ["", "x" * 600, "ZeroDivisionError: <b>", " at [1]", "a str at ['dA']", "\x00\x1b"]
        answers = [
            Answer(None, chance.choice(TROUBLES), chance.choice(texts))
            for _ in range(chance.randrange(len(questions) + 1))
        ]
        verdict = judge(exercise, questions, answers)
        assert verdict.points == 0.0 and verdict.message
        assert "Error: <b>" not in verdict.html()


def test_random_bytes_are_no_message_or_plain_data(rng):
    chance = random.Random(int(rng.integers(2**32)))
    good = [wire.dumps({"a": (1.5, np.ones((2, 2)), [None, "é"])}), wire.dumps([math.nan] * 9)]
    for _ in range(TIMES):
        data = bytearray(chance.choice(good))
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            found = wire.loads(bytes(data[: chance.randrange(len(data) + 1)]))
        except wire.WireError:
            continue
        wire.dumps(found)


def test_a_right_answer_among_them_still_earns_everything():
    exercise = catalog["ps6.quad_grad"]
    questions = exercise.questions(5)
    right = {"quad_grad": lambda A, x: ((A + A.T) @ x, np.outer(x, x))}
    verdict = judge(exercise, questions, [crossed(a) for a in ask(right, questions)])
    assert verdict.passed
