"""Derivatives of functions: grad, hvp, hessian; and check_grad, which holds them to account."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .engine.node import EngineError, Node, Value, no_grad, read_value, recorded, recording
from .engine.rules import fit, reshape, stack, sum
from .engine.sweep import check_fresh, check_gradients, check_numbers, gates, gradients, read_seed

H = 1e-5  # central differences: truncation h² and rounding 1e-16/h are both near 1e-10 here


def grad(f: Callable[..., Any], wrt: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The gradient of f as a function of the same arguments.

    Args:
        f: takes numbers, arrays and Nodes; returns a single number.
        wrt: which argument, or which several (then a tuple comes back).

    The gradient of a gradient works: the inner one is recorded. Where f depends on nodes from
    outside (by a closure), so does its gradient, and it is a node as well.

    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    """
    both = value_and_grad(f, wrt)
    return lambda *args, **options: both(*args, **options)[1]


def value_and_grad(f: Callable[..., Any], wrt: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """(f's value, its gradient) as a function of the same arguments; see `grad`.

    >>> value_and_grad(lambda x, y: x * y, wrt=(0, 1))(2.0, 5.0)
    (10.0, (5.0, 2.0))
    """
    which = (wrt,) if isinstance(wrt, int) else tuple(wrt)
    if not callable(f) or not which or not all(isinstance(i, int) for i in which):
        raise EngineError(
            f"a gradient is of a function, with respect to arguments counted from 0; f={f!r:.60} "
            f"and wrt={wrt!r} were given (from a Node, go back with node.backward())"
        )

    def value_and_gradient(*args: Any, **options: Any) -> tuple[Any, Any]:
        if not all(-len(args) <= i < len(args) for i in which):
            raise EngineError(f"wrt={wrt} asks for more than the {len(args)} arguments given")
        keep = recording()
        with recorded():
            inputs = list(args)
            called = names(f)
            for i in which:  # a node of its own: what comes by other ways is not this gradient
                name = called[i] if 0 <= i < len(called) else ""
                inputs[i] = (
                    args[i] * 1.0
                    if isinstance(args[i], Node)
                    else Node(read_value(args[i], f"grad of {name or 'f'}"), "var", name=name)
                )
            wanted = [inputs[i] for i in which]
            result = f(*inputs, **options)
            if not isinstance(result, Node):  # f does not depend on its arguments
                result = Node(read_value(result, "the value of f"), "const")
            seed = read_seed(result, None)
            check_numbers(result)
            since = min(node.birth for node in wanted)
            outer = any(isinstance(args[i], Node) for i in which) or from_outside(result, since)
            if outer:
                check_fresh(result)
            start = Node(seed, "const") if outer else seed
            grads = gradients(result, start, since, nodes=outer)
            check_gradients(result, grads.get, wanted, since)
            found = [grads.get(node, fit(0.0, node.shape)) for node in wanted]
            for i in which:  # in what follows, a number that was given is a number
                if inputs[i].op == "var":
                    inputs[i].op = "const"
        if not outer:
            result = result._value
        elif not keep:
            result, *found = (
                Node(x._value if isinstance(x, Node) else x, "const") for x in (result, *found)
            )
        return result, found[0] if isinstance(wrt, int) else tuple(found)

    return value_and_gradient


def names(f: Callable[..., Any]) -> tuple[str, ...]:
    """What a function calls its arguments, for messages; nothing where it does not say."""
    code = getattr(f, "__code__", None)
    return code.co_varnames[inspect.ismethod(f) : code.co_argcount] if code else ()


def from_outside(result: Node, since: int) -> bool:
    """Whether `result` depends on what was there before: by a closure, say.

    Its gradient then depends on that too, and has to be a node.
    """
    arguments = (arg for node in gates(result, since=since) for arg in node.args)
    older = (node for node in (result, *arguments) if node.birth < since)
    return any(node.args or node.op == "var" for node in older)


def hvp(f: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """(x, v) to H v, the Hessian of f at x times v, without forming the Hessian.

    >>> hvp(lambda x: x**3)(2.0, 1.0)
    12.0
    """
    return lambda x, v: grad(lambda x: sum(grad(f)(x) * v))(x)


def hessian(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The Hessian of f: shape x.shape + x.shape, one product with a unit vector for each column.

    >>> hessian(lambda x: x[0] * x[1])(np.array([2.0, 3.0]))
    array([[0., 1.],
           [1., 0.]])
    """

    def at(x: Any) -> Any:
        x = x if isinstance(x, Node) else read_value(x, "hessian")
        if np.ndim(x) == 0:
            return hvp(f)(x, 1.0)
        units = np.eye(np.size(x)).reshape((np.size(x), *np.shape(x)))
        return reshape(stack([hvp(f)(x, unit) for unit in units]), np.shape(x) * 2)

    return at


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
    with recorded():
        result = f(*leaves)
    if not isinstance(result, Node):
        raise EngineError("check_grad: f returned no Node; does it use its arguments?")
    upstream = np.random.default_rng(seed).uniform(0.5, 2.0, result.shape)
    check_fresh(result)
    since = min((leaf.birth for leaf in leaves), default=-1)
    found = gradients(result, read_value(upstream, "upstream"), since)

    def weighted(*inputs: Any) -> float:
        with no_grad():
            nodes = [Node(read_value(v, "x"), "var") for v in inputs]
            return float(sum(upstream * f(*nodes)).value)

    for i, leaf in enumerate(leaves):
        given = np.asarray(found.get(leaf, np.zeros(leaf.shape)), dtype=float)
        right, left = slopes(weighted, values, i)
        expected = (right + left) / 2
        scale = np.max(np.abs(expected), initial=1e-3)
        kinks = np.abs(right - left) > 1e-2 * scale
        wrong = ~(np.abs(given - expected) <= tolerance * scale)  # so nan is wrong
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
