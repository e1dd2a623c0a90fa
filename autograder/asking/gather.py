"""What a learner's code came back with, as plain data: what is unambiguously numbers is read.

This runs where the learner's code runs, and may run some of it (a property, a `__float__`). The
judge never does: it sees what the wire lets through, which is plain whoever wrote it.
"""

import numbers
from collections.abc import Mapping, Sequence, ValuesView
from decimal import Decimal
from typing import Any

import numpy as np

from autograder.asking.wire import MAX_DEPTH, NotPlain, Odd, Plain, describe, plain

MOST = 50_000  # values of one part; a part that is larger costs no other one its place in a message
_TEXT = (str, bytes, bytearray, memoryview)


def gathered(value: object) -> Plain:
    """`value` as plain data, with an `Odd` in the place of whatever is no number.

    Numbers of every real kind are numbers (fractions, decimals, subclasses of float), every kind of
    array is an array, of list a list, of dict a dict, and an object that has a number or an array
    as its `.data`, like a Value of the learner's own, is that.

    >>> from fractions import Fraction
    >>> gathered((Fraction(1, 2), np.array([1, Fraction(3, 4)]), 1j))
    (0.5, array([1.  , 0.75]), Odd(what='a complex number'))
    """
    return _item(value, MAX_DEPTH, None)


def _item(value: Any, depth: int, left: list[int] | None) -> Plain:
    """One item; `left` counts down the values it may have, and starts anew for every part."""
    try:
        return _read(value, depth, left)
    except NotPlain as error:
        return Odd(str(error))
    except Exception:  # of the learner's: a property that raises, a length that lies
        return Odd(describe(value))


def _read(value: Any, depth: int, left: list[int] | None) -> Plain:
    left = [MOST] if left is None and not isinstance(value, (list, tuple, Mapping)) else left
    if left is not None:
        left[0] -= value.size if isinstance(value, np.ndarray) else 1
        if left[0] < 0:
            raise NotPlain(f"more than {MOST:,} values")
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, str):
        return plain(str.__str__(value))
    if isinstance(value, numbers.Real | Decimal) and not isinstance(value, bool | np.generic):
        return plain(int(value) if isinstance(value, numbers.Integral) else float(value))
    if isinstance(value, np.floating | np.integer):
        return plain(value.item() if isinstance(value, np.integer) else float(value))
    if depth == 0:
        raise NotPlain(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        return {_key(key): _item(value[key], depth - 1, left) for key in list(value)}
    if isinstance(value, Sequence | ValuesView) and not isinstance(value, _TEXT):
        items = [_item(item, depth - 1, left) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    inner = getattr(value, "data", None)
    if isinstance(inner, numbers.Real | np.ndarray) and not isinstance(inner, bool):
        return _read(inner, depth - 1, left)
    return plain(value)


def _array(array: Any) -> Plain:
    if np.ma.is_masked(array):
        raise NotPlain("an array with masked entries")
    base = np.asarray(array)
    if isinstance(array, np.matrix) and 1 in base.shape:
        return plain(base.tolist())  # a vector cannot but be a row or a column there
    if base.dtype.kind != "O":
        return plain(base)
    items = [_read(item, MAX_DEPTH, None) for item in base.flat]
    if not all(type(item) in (int, float) for item in items):
        raise NotPlain(describe(base))
    return np.array(items, dtype=np.float64).reshape(base.shape)


def _key(key: object) -> str:
    """A key as text: what is none cannot be a part's name, and says what it is."""
    return str.__str__(key) if isinstance(key, str) else f"({describe(key)})"
