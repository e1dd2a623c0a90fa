"""What is unambiguously numbers is read, in whatever it comes; what is odd costs nothing else."""

import math
from collections import Counter, OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from autograder.asking.gather import MOST, gathered
from autograder.asking.wire import Odd, dumps, loads


class Value:
    def __init__(self, data):
        self.data = data


class Real(float):
    pass


class Text(str):
    pass


class Array(np.ndarray):
    pass


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (Real(2), 2.0),
        (np.float32(0.5), 0.5),
        (Value(3.0), 3.0),
        (Value(np.float64(3.0)), 3.0),
        (Value(Fraction(1, 2)), 0.5),
        (SimpleNamespace(data=4), 4),
        (Pair(1.0, Fraction(1, 2)), (1.0, 0.5)),
        (deque([1.0, 2.0]), [1.0, 2.0]),
        (UserList([1.0]), [1.0]),
        (range(3), [0, 1, 2]),
        ({"a": 1.0}.values(), [1.0]),
        (OrderedDict(a=1.0), {"a": 1.0}),
        (defaultdict(float, a=1.0), {"a": 1.0}),
        (Counter(a=2), {"a": 2}),
        (UserDict(a=1.0), {"a": 1.0}),
        (MappingProxyType({"a": 1.0}), {"a": 1.0}),
        ({np.str_("a"): 1.0, Text("b"): 2.0}, {"a": 1.0, "b": 2.0}),
        ({1: 2.0}, {"(an int)": 2.0}),
        ([[Value(1.0)], [2]], [[1.0], [2]]),
    ],
)
def test_numbers_are_read_whatever_holds_them(value, read):
    found = gathered(value)
    assert found == read and type(found) is type(read)
    assert loads(dumps(found)) == read


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    "value",
    [
        np.array([[1, 2], [3, 4]]).view(np.matrix),
        np.array([[1, 2], [3, 4.0]], dtype=object),
        np.array([[Fraction(1), 2], [Value(3), Decimal(4)]], dtype=object),
        np.array([[1, 2], [3, 4]], dtype=np.float16).view(Array),
        np.ma.masked_array([[1, 2], [3, 4]]),
    ],
)
def test_arrays_of_every_kind_are_arrays(value):
    found = gathered(value)
    assert type(found) is np.ndarray and found.dtype == np.float64
    assert found.tolist() == [[1, 2], [3, 4]]


class Sly:
    @property
    def data(self):
        raise RuntimeError("no")


class Liar(list):
    def __iter__(self):
        raise ValueError


ODD = {
    "a complex number": 1j,
    "a object object": object(),
    "a whole number too large for a float": 2**1024 - 1,
    "a Sly object": Sly(),
    "a Liar object": Liar(),
    "a set": {1.0},
    "an array of complex numbers": np.array([1j]),
    "an array of objects": np.array([1.0, None], dtype=object),
    "an array with masked entries": np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    f"more than {MOST:,} values": np.zeros(MOST + 1),
    "a memoryview object": memoryview(b"ab"),
    "a bytes object": b"ab",
    "a type object": Value,
    "a Value object": Value("text"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_odd_is_said_and_stands_alone(what):
    found = gathered({"good": 1.5, "odd": ODD[what], "other": [1.0, 2.0]})
    assert found == {"good": 1.5, "odd": Odd(what), "other": [1.0, 2.0]}
    assert loads(dumps(found)) == found


def test_long_lists_and_loops_end_and_stand_alone():
    loop = [1.0]
    loop.append(loop)
    found = gathered((2.0, loop, [0.0] * (MOST + 1), np.zeros((10**9, 0))))
    assert found[0] == 2.0
    assert math.prod(found[3].shape) == 0
    assert dumps(found)
