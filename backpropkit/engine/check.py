"""check_grad: a gradient rule against central differences, entry by entry, saying what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .node import EngineError, Node, Value, no_grad, read_value
from .rules import sum
from .sweep import gradients

H = 1e-5  # central differences: truncation h² and rounding 1e-16/h are both near 1e-10 here


class GradientMismatch(AssertionError):
    """A gradient that disagrees with central differences: the worst entry and a likely cause."""


def check_grad(f: Callable[..., Any], *args: Any, seed: int = 0, tolerance: float = 1e-6) -> None:
    """Compare the gradient of f with central differences, for every argument and every entry.

    The incoming gradient of f's result is random, so a rule that forgets it is caught, and so is
    one that is right only for ones.

    Args:
        f: a function of numbers or arrays on the engine; its result may have any shape.
        args: where to compare.
        seed: of the random incoming gradient (printed in the message).
        tolerance: relative to the largest entry of the gradient.

    Raises:
        GradientMismatch: the worst entry, both values and what they suggest; or a kink, where the
            slopes to the left and to the right differ.

    >>> check_grad(lambda w, x: w @ x, np.ones((2, 3)), np.arange(3.0))
    """
    values = [read_value(arg, f"argument {i} of check_grad") for i, arg in enumerate(args)]
    leaves = [Node(v, "var", name=f"argument {i}") for i, v in enumerate(values)]
    result = f(*leaves)
    if not isinstance(result, Node):
        raise EngineError("check_grad: f returned no Node; does it use its arguments?")
    upstream = np.random.default_rng(seed).uniform(0.5, 2.0, result.shape)
    found = gradients(result, read_value(upstream, "upstream"))

    def weighted(*inputs: Any) -> float:
        with no_grad():
            return float(sum(upstream * f(*[Node(read_value(v, "x"), "var") for v in inputs])))

    for i, leaf in enumerate(leaves):
        given = np.asarray(found.get(leaf, np.zeros(leaf.shape)), dtype=float)
        right, left = slopes(weighted, values, i)
        expected = (right + left) / 2
        scale = np.max(np.abs(expected), initial=1e-3)
        kinks = np.abs(right - left) > 1e-2 * scale
        wrong = np.abs(given - expected) > tolerance * scale
        if wrong.any():
            worst = np.unravel_index(np.argmax(np.abs(given - expected)), given.shape)
            entry = f"argument {i}" + (str([int(k) for k in worst]) if worst else "")
            if kinks[worst]:
                slope = f"{left[worst] + 0.0:.6g} left of it, {right[worst]:.6g} right"
                cause = f"a kink: the slope is {slope}"
            else:
                cause = likely_cause(given, expected, upstream)
            raise GradientMismatch(
                f"{entry}: the rule gives {given[worst]:.10g}, central differences give "
                f"{expected[worst]:.10g} ({cause}; seed={seed})"
            )


def slopes(
    f: Callable[..., float], values: list[Value], i: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One-sided slopes of f in every entry of argument i, to the right and to the left."""
    right, left = np.zeros(np.shape(values[i])), np.zeros(np.shape(values[i]))
    here = f(*values)
    for index in np.ndindex(np.shape(values[i])):
        for out, h in ((right, H), (left, -H)):
            moved = np.array(values[i])
            moved[index] += h
            out[index] = (f(*values[:i], moved, *values[i + 1 :]) - here) / h
    return right, left


def likely_cause(given: Any, expected: Any, upstream: Any) -> str:
    """What kind of mistake turns `expected` into `given`, in words."""

    def close(a: Any, b: Any) -> bool:
        return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-6)

    if close(given, -expected):
        return "the sign is flipped"
    if given.ndim == 2 and close(given, expected.T):
        return "the result is transposed"
    if close(given * np.mean(upstream), expected) or (
        np.shape(upstream) == given.shape and close(given * upstream, expected)
    ):
        return "the incoming gradient was forgotten"
    solid = np.abs(expected) > 1e-6 * np.max(np.abs(expected))
    ratios = given[solid] / expected[solid]
    if ratios.size and np.ptp(ratios) < 1e-3 * abs(ratios.flat[0]):
        return f"off by the constant factor {ratios.flat[0]:.6g}"
    return "no simple cause found"
