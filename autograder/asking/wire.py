"""Plain data and how it becomes bytes: what crosses between a learner's code and the judge.

Plain data is ``None``, ``bool``, ``int``, ``float``, ``str``, float64 arrays, `Odd` (a word that
something was there which is none of these), and lists, tuples and dictionaries (with text keys) of
them. Nothing else crosses: no classes, no code, no pickle.

The form is JSON. What JSON has no word for is an object with one tag::

    (1, 2)            {"tuple": [1, 2]}
    {"a": 1}          {"dict": {"a": 1}}
    float("nan")      {"float": "nan"}
    Odd("a set")      {"odd": "a set"}
    np.zeros((2, 3))  {"array": "<base64 of little-endian float64, C order>", "shape": [2, 3]}
"""

import base64
import json
import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np


@dataclass(frozen=True)
class Odd:
    """Stands where something was that is not plain; `what` says in words what, "a set"."""

    what: str


Plain: TypeAlias = (
    "bool | int | float | str | list[Plain] | tuple[Plain, ...] | dict[str, Plain]"
    " | np.ndarray[Any, np.dtype[np.float64]] | Odd | None"
)

MAX_BYTES = 8 * 1024 * 1024  # of one message
MAX_DEPTH = 32  # lists in lists in lists …
MAX_VALUES = 1_000_000  # in one message; stops lists that hold themselves many times over
MAX_WORDS = 200  # characters of what something odd is

_SCALARS: dict[type, type] = {  # exact NumPy scalar type -> the Python type it becomes
    **{np.dtype(code).type: float for code in "efdg"},
    **{np.dtype(code).type: int for code in "bhilqBHILQ"},
    np.bool_: bool,
}
_REAL = "fiu"  # array kinds that become float64; True/False, complex and object arrays do not
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class NotPlain(TypeError):
    """The value is not plain data; the text says what it is, e.g. ``a Value object``."""


class WireError(ValueError):
    """The bytes are not a message, or the message is too large."""


def plain(value: object) -> Plain:
    """Return a fresh copy of `value` made of plain data only, or raise `NotPlain`.

    Types are exact: a subclass of ``float`` or ``ndarray`` is an object with behaviour of its own.
    NumPy's real scalars become Python numbers, real arrays become float64 arrays of their own.

    >>> plain((np.float32(0.5), [np.int64(2)], np.ones(2, dtype=int)))
    (0.5, [2], array([1., 1.]))
    >>> plain(1j)
    Traceback (most recent call last):
    autograder.asking.wire.NotPlain: a complex number
    """
    return _copy(value, MAX_DEPTH, [MAX_VALUES])


def _copy(value: Any, depth: int, left: list[int]) -> Plain:
    """Copy `value`, going at most `depth` levels down and using up the count in `left`."""
    kind = type(value)
    left[0] -= 1
    if left[0] < 0:
        raise NotPlain(f"more than {MAX_VALUES:,} values")
    if kind in _SCALARS:
        value = _SCALARS[kind](value)
        kind = type(value)
    if value is None or kind is bool or kind is float:
        return value  # type: ignore[no-any-return]
    if kind is int:
        try:
            float(value)
        except OverflowError:
            raise NotPlain("a whole number too large for a float") from None
        return value  # type: ignore[no-any-return]
    if kind is str:
        return _text(value)
    if kind is Odd:
        return Odd(_text(str.__str__(value.what))[:MAX_WORDS])
    if kind is np.ndarray:
        return _copy_array(value, left)
    if kind not in (list, tuple, dict):
        raise NotPlain(describe(value))
    if depth == 0:
        raise NotPlain(f"nested more than {MAX_DEPTH} deep")
    if kind is dict:
        for key in value:
            if type(key) is not str:
                raise NotPlain(f"a dict with {describe(key)} as a key")
        return {_text(key): _copy(item, depth - 1, left) for key, item in value.items()}
    items = [_copy(item, depth - 1, left) for item in value]
    return items if kind is list else tuple(items)


def _copy_array(array: Any, left: list[int]) -> Plain:
    if array.dtype.kind not in _REAL:
        raise NotPlain(describe(array))
    left[0] -= array.size
    if left[0] < 0:
        raise NotPlain(f"more than {MAX_VALUES:,} values")
    with np.errstate(all="ignore"):  # a longdouble may not fit; then it is inf, and said so
        return np.array(array, dtype=np.float64, order="C")


def _text(text: str) -> str:
    """Replace what UTF-8 cannot write (lone surrogates), so every later write succeeds."""
    return text.encode("utf-8", "replace").decode("utf-8")


def describe(value: object) -> str:
    """Say in words what kind of thing `value` is.

    >>> describe("x"), describe(np.array([1j])), describe(len)
    ('a str', 'an array of complex numbers', 'a builtin_function_or_method object')
    """
    kind = type(value)
    if value is None:
        return "None"
    if kind in (int, float, str, bool, list, tuple, dict, set):
        return f"an {kind.__name__}" if kind is int else f"a {kind.__name__}"
    if kind is complex or issubclass(kind, np.complexfloating):
        return "a complex number"
    if kind is np.ndarray:
        contents = {"c": "complex numbers", "b": "True and False", "O": "objects"}
        dtype = value.dtype  # type: ignore[attr-defined]
        return f"an array of {contents.get(dtype.kind, dtype.name)}"
    return f"a {kind.__name__[:80]} object"


def dumps(value: object) -> bytes:
    """Return `value` (plain data) as bytes.

    Raises `NotPlain` where it is not plain data and `WireError` where it exceeds `MAX_BYTES`.

    >>> dumps({"x": (1, math.inf)})
    b'{"dict":{"x":{"tuple":[1,{"float":"inf"}]}}}'
    """
    data = json.dumps(_tag(plain(value)), separators=(",", ":"), allow_nan=False).encode("ascii")
    if len(data) > MAX_BYTES:
        raise WireError(f"{len(data):,} bytes where {MAX_BYTES:,} are allowed")
    return data


def _tag(value: Plain) -> Any:
    """Turn plain data into what JSON can say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, list):
        return [_tag(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [_tag(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": {key: _tag(item) for key, item in value.items()}}
    if isinstance(value, Odd):
        return {"odd": value.what}
    if isinstance(value, np.ndarray):
        data = base64.b64encode(value.astype("<f8").tobytes()).decode("ascii")
        return {"array": data, "shape": list(value.shape)}
    return value


def loads(data: bytes) -> Plain:
    """Return the plain data that `data` stands for, or raise `WireError`.

    Whatever the bytes are, nothing but plain data comes out and nothing but `WireError` is raised.

    >>> loads(b'{"tuple":[1,{"float":"-inf"}]}')
    (1, -inf)
    """
    if len(data) > MAX_BYTES:
        raise WireError(f"{len(data):,} bytes where {MAX_BYTES:,} are allowed")
    try:
        tagged = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
        return plain(_untag(tagged, MAX_DEPTH))
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise WireError(f"not a message: {error}") from None


def _refuse_constant(name: str) -> None:
    raise WireError(f"{name} has a form of its own")


def _untag(value: Any, depth: int) -> Any:
    """Turn what JSON said back into plain data."""
    if depth < 0:
        raise WireError(f"nested more than {MAX_DEPTH} deep")
    match value:
        case list():
            return [_untag(item, depth - 1) for item in value]
        case {"tuple": list(items), **rest} if not rest:
            return tuple(_untag(item, depth - 1) for item in items)
        case {"dict": dict(items), **rest} if not rest:
            return {key: _untag(item, depth - 1) for key, item in items.items()}
        case {"float": str(name), **rest} if not rest and name in _NOT_FINITE:
            return _NOT_FINITE[name]
        case {"odd": str(what), **rest} if not rest:
            return Odd(what)
        case {"array": str(text), "shape": list(shape), **rest} if not rest:
            return _untag_array(text, shape)
        case dict():
            raise WireError("an object without a known tag")
    return value


def _untag_array(text: str, shape: list[Any]) -> Any:
    if not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("a shape is a list of whole numbers")
    data = base64.b64decode(text, validate=True)
    if len(data) != 8 * math.prod(shape):
        raise WireError("an array's bytes do not fill its shape")
    return np.frombuffer(data, dtype="<f8").reshape(shape).astype(np.float64)
