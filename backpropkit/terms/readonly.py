"""ReadOnly: an array as a node shows it, which nobody changes entry by entry."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from . import EngineError

FIXED = (
    "the value of a node, and its gradient, cannot be changed entry by entry: change a copy (new = "
    "W.value.copy()), then give it back (W.value = new); backward() starts fresh, and nothing has "
    "to be zeroed"
)


def bare(given: Any) -> Any:
    """The array itself; anything else as it is."""
    return np.asarray(given) if isinstance(given, ReadOnly) else given


class ReadOnly(np.ndarray):
    """An array as a node shows it: read-only, so what was computed from it stays true.

    `W.value -= step` makes a new array and gives it to W, as it does for numbers.
    """

    def __array_wrap__(self, made: Any, context: Any = None, scalar: bool = False) -> Any:
        return made[()] if scalar else np.asarray(made)  # what is computed from it is an array

    def __array_ufunc__(self, ufunc: Any, method: str, *given: Any, **options: Any) -> Any:
        out = options.get("out", ())
        for array in given[:1] if method == "at" else out:  # ufunc.at would not ask whether it may
            if isinstance(array, ReadOnly):
                array.check()
        if out:
            options["out"] = tuple(map(bare, out))
        return getattr(ufunc, method)(*map(bare, given), **options)

    def __array_function__(self, function: Any, *given: Any) -> Any:
        try:
            return super().__array_function__(function, *given)
        except ValueError as error:  # np.copyto, np.fill_diagonal, which do not ask
            if "read-only" in str(error):
                raise EngineError(FIXED) from error
            raise

    def check(self) -> None:
        """Raise EngineError if nobody may write here."""
        if not self.flags.writeable:
            raise EngineError(FIXED)

    def zero_(self) -> None:
        """What PyTorch calls on a gradient."""
        self.fill(0.0)

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __str__(self) -> str:
        return str(np.asarray(self))


def writing(name: str) -> Callable[..., Any]:
    change = getattr(np.ndarray, name)
    return lambda self, *given, **options: (self.check(), change(self, *given, **options))[1]


def in_place(name: str) -> Callable[[Any, Any], Any]:
    make, change = getattr(operator, name), getattr(operator, f"i{name}")

    def method(self: ReadOnly, other: Any) -> Any:
        if not self.flags.writeable:
            return make(self, other)
        change(np.asarray(self), other)
        return self

    return method


for _name in ("__setitem__", "fill", "partition", "put", "sort"):
    setattr(ReadOnly, _name, writing(_name))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(ReadOnly, f"__i{_name}__", in_place(_name))
