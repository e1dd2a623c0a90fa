"""What crosses the wire comes back the same, and nothing else crosses."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.asking import wire

ARRAYS = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**1023), 2**1023)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | ARRAYS
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(wire.Odd)
)
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


def same(a: object, b: object) -> bool:
    """Exactly the same types, shapes, values and bits (a NaN is a NaN)."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, float):
        return a.hex() == b.hex()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@given(PLAIN)
def test_everything_plain_comes_back_the_same(value):
    data = wire.dumps(value)
    json.loads(data, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert same(wire.loads(data), value)


@given(st.binary(max_size=200) | st.text(alphabet='[]{}":,tuple0123456789e.-').map(str.encode))
def test_any_other_bytes_raise_a_wire_error_or_are_plain(data):
    try:
        value = wire.loads(data)
    except wire.WireError:
        return
    assert same(wire.plain(value), value)


class Float(float):
    pass


class Array(np.ndarray):
    pass


class Int64(np.int64):
    pass


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1j, "a complex number"),
        (np.complex64(1j), "a complex number"),
        (np.array([1j]), "an array of complex numbers"),
        (np.array([True]), "an array of True and False"),
        (np.array([[], 1], dtype=object), "an array of objects"),
        (np.array(["a"]), "an array of str32"),
        (Float(1), "a Float object"),
        (Int64(1), "a Int64 object"),
        (np.ones(3).view(Array), "a Array object"),
        (np.ma.masked_array([1.0]), "a MaskedArray object"),
        ({1.0}, "a set"),
        (lambda: 1, "a function object"),
        ({1: 2}, "a dict with an int as a key"),
        ({Text("a"): 2}, "a dict with a Text object as a key"),
        (2**1024, "a whole number too large for a float"),
        ([object()], "a object object"),
        (np.zeros(wire.MAX_VALUES + 1), "more than 1,000,000 values"),
    ],
)
def test_what_is_not_plain_is_refused_in_words(value, words):
    for refuse in (wire.plain, wire.dumps):
        with pytest.raises(wire.NotPlain) as caught:
            refuse(value)
        assert str(caught.value) == words


def test_numpy_numbers_become_python_numbers():
    values = [np.float32(0.5), np.longdouble(2), np.uint8(7), np.int64(-1), np.bool_(True)]
    assert [(type(v), v) for v in wire.plain(values)] == [
        (float, 0.5), (float, 2.0), (int, 7), (int, -1), (bool, True)
    ]  # fmt: skip


def test_arrays_are_copies_in_float64():
    mine = np.arange(6).reshape(2, 3).T
    copy = wire.plain(mine)
    mine[0, 0] = 99
    assert copy.dtype == np.float64 and copy.tolist() == [[0, 3], [1, 4], [2, 5]]
    arrived = wire.loads(wire.dumps(copy))
    arrived[0, 0] = 5.0  # writable, and nobody else's
    assert copy[0, 0] == 0


def test_a_list_that_holds_itself_ends():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(wire.NotPlain, match="nested more than 32 deep"):
        wire.plain(loop)


def test_a_list_that_doubles_itself_ends():
    bomb: list[object] = [0]
    for _ in range(30):
        bomb = [bomb, bomb]
    with pytest.raises(wire.NotPlain, match="more than 1,000,000 values"):
        wire.plain(bomb)


def test_lone_surrogates_become_question_marks():
    assert wire.plain("a\ud800b") == "a?b"
    assert wire.loads(b'{"dict":{"\\ud800":"\\udfff"}}') == {"?": "?"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"NaN",
        b"Infinity",
        b"1 2",
        b'{"a":1}',
        b'{"tuple":[1],"more":2}',
        b'{"tuple":{"dict":{}}}',
        b'{"float":"1.0"}',
        b'{"array":"AAAA","shape":[1]}',
        b'{"array":"!!!!","shape":[0]}',
        b'{"array":"","shape":[-1]}',
        b'{"array":"","shape":[true]}',
        b'{"array":"","shape":[0,1e3]}',
        b'{"array":"","shape":[0,4611686018427387904,4611686018427387904]}',
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000,
        b"9" * 10_000,
        b"9" * 400,
        b"[" + b"0," * 1_000_001 + b"0]",
        b" " * (wire.MAX_BYTES + 1),
    ],
    ids=lambda data: data[:40].decode("latin-1"),
)
def test_forged_bytes_raise_a_wire_error(data):
    with pytest.raises(wire.WireError):
        wire.loads(data)


def test_a_float_with_a_million_digits_is_a_float():
    assert wire.loads(b"0." + b"3" * 1_000_000) == pytest.approx(1 / 3)
    assert wire.loads(b"1e999") == math.inf


def test_a_message_that_is_too_large_is_refused():
    with pytest.raises(wire.WireError, match="bytes where 8,388,608 are allowed"):
        wire.dumps("x" * wire.MAX_BYTES)
