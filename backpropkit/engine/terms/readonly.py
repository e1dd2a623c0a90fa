"""ReadOnly: an array as a node shows it, which nobody changes entry by entry."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from . import EngineError


class ReadOnly(np.ndarray):
    """An array as a node shows it: read-only, so what was computed from it stays true.

    `W.value -= step` makes a new array and gives it to W, as it does for numbers.
    """

    def __array_wrap__(self, made: Any, context: Any = None, scalar: bool = False) -> Any:
        return made[()] if scalar else np.asarray(made)  # what is computed from it is an array

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise EngineError(
                "the value of a node cannot be changed entry by entry, since others were computed "
                "from it: change a copy (new = W.value.copy()), then give it back (W.value = new)"
            )
        super().__setitem__(index, value)

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __str__(self) -> str:
        return str(np.asarray(self))


def in_place(name: str) -> Callable[[Any, Any], Any]:
    make, change = getattr(operator, name), getattr(operator, f"i{name}")

    def method(self: ReadOnly, other: Any) -> Any:
        if not self.flags.writeable:
            return make(self, other)
        change(np.asarray(self), other)
        return self

    return method


for _name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
    setattr(ReadOnly, f"__i{_name}__", in_place(_name))
