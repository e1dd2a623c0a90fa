"""Derivatives of functions: grad, hvp, hessian; and check_grad, which holds them to account."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .engine.node import (
    EngineError,
    Node,
    Value,
    check_recorded,
    describe,
    read_value,
    settle,
)
from .engine.recording import no_grad, recorded, recording
from .engine.rules import fit, reshape, spread, sum, where
from .engine.sweep import check_fresh, check_gradients, check_numbers, gates, gradients, read_seed
from .fluent.composed import stack
from .given import called
from .terms.calls import fitted, worded

H = 1e-5  # central differences: near 1, truncation h² and rounding 1e-16/h are near 1e-10 here


@worded
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


@worded
def value_and_grad(f: Callable[..., Any], wrt: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """(f's value, its gradient) as a function of the same arguments; see `grad`.

    >>> value_and_grad(lambda x, y: x * y, wrt=(0, 1))(2.0, 5.0)
    (10.0, (5.0, 2.0))
    """
    which: tuple[int, ...] = tuple(wrt) if isinstance(wrt, (tuple, list, range)) else (wrt,)
    if not callable(f) or not which or not all(isinstance(i, (int, np.integer)) for i in which):
        raise EngineError(
            f"a gradient is of a function, with respect to arguments counted from 0; f={f!r:.60} "
            f"and wrt={wrt!r:.60} were given (write bp.grad(f)(x) for the gradient at x; from a "
            "Node, go back with node.backward())"
        )

    def value_and_gradient(*args: Any, **options: Any) -> tuple[Any, Any]:
        if not all(-len(args) <= i < len(args) for i in which):
            raise EngineError(
                f"wrt={wrt} asks for more than what {called(f)} was given in order, not by name: "
                f"{len(args)} argument{'s' * (len(args) != 1)}"
            )
        keep = recording()
        with recorded():
            inputs = list(args)
            named = names(f)
            for i in which:  # a node of its own: what comes by other ways is not this gradient
                name = named[i] if 0 <= i < len(named) else ""
                inputs[i] = (
                    args[i] * 1.0
                    if isinstance(args[i], Node)
                    else Node(one_argument(args[i], name), "var", name=name)
                )
            wanted = [inputs[i] for i in which]
            result = applied(f, tuple(inputs), options)
            if isinstance(result, (tuple, list)):
                raise EngineError(
                    f"{called(f)} returns {len(result)} things, and a gradient is of one number: "
                    "return the loss alone"
                )
            if not isinstance(result, Node):  # f does not depend on its arguments
                result = Node(read_value(result, "the value of f"), "const")
            check_recorded(result, called(f))
            seed = read_seed(result, None)
            check_numbers(result)
            since = min(node.birth for node in wanted)
            outer = any(isinstance(args[i], Node) for i in which) or from_outside(result, since)
            if outer:
                check_fresh(result)
            start = Node(seed, "const") if outer else seed
            rules = {n: steep for n in gates(result, since=since) if at_a_tip(n)} if outer else {}
            grads = gradients(result, start, since, nodes=outer, rules=rules)
            check_gradients(result, grads.get, wanted, since)
            check_copies(grads, wanted, called(f))
            if grads.keys().isdisjoint(wanted):
                check_constant(f, tuple(inputs), which, options, result)
            found = [grads.get(node, fit(0.0, node.shape)) for node in wanted]
            for node in wanted:  # in what follows, a number that was given is a number
                if node.op == "var":
                    node.op, node.name = "const", ""
        if not outer:
            result, *found = map(own, (result._value, *found))
        elif not keep:
            result, *found = (
                Node(x._value if isinstance(x, Node) else x, "const") for x in (result, *found)
            )
        return result, found[0] if isinstance(wrt, (int, np.integer)) else tuple(found)

    return value_and_gradient


def at_a_tip(node: Node) -> bool:
    """Whether it is the length of a vector that is 0: there the slope is taken as 0."""
    return bool(node.op == "norm2" and node.args[0].shape and not np.all(node._value))


def steep(g: Any, y: Any, a: Any, *, axis: Any, keepdims: bool) -> tuple[Any]:
    """norm2's rule where a slope's slope is asked: it is infinite at a tip, of which the table's
    rule, that avoids 0/0, would make 0."""
    long = spread(y, a, axis)
    with np.errstate(invalid="ignore"):
        return (spread(g, a, axis) * where(long > 0.0, a / long, 0.0),)


def one_argument(given: Any, name: str) -> Any:
    """The value of an argument; EngineError for several things in one, with what to do then."""
    try:
        return read_value(given, f"grad of {name or 'f'}")
    except EngineError as error:
        if isinstance(given, (Mapping, list, tuple)) or hasattr(given, "__dataclass_fields__"):
            raise EngineError(
                f"{error}; what is to be trained are arguments of their own: def f(W, b), and "
                "bp.grad(f, wrt=(0, 1))(W, b)"
            ) from error
        raise


def check_copies(below: Iterable[Node], wanted: list[Node], whose: str) -> None:
    """EngineError if a function copied an argument: a copy is a leaf of its own, born as that."""
    births = {node.birth: node for node in wanted}
    for node in below:
        if births.get(node.birth, node) is not node:
            raise EngineError(
                f"{whose} computes with a copy of {describe(node)} (copy, deepcopy or pickle make "
                "one), and that part of the gradient would be lost: write x * 1.0 for it"
            )


def check_constant(
    f: Callable[..., Any],
    inputs: tuple[Any, ...],
    which: tuple[int, ...],
    options: Mapping[str, Any],
    result: Node,
) -> None:
    """EngineError if f, whose result no argument was recorded to reach, gives another one to both
    sides of here: it went on with the bare numbers, and a gradient of 0 would be a lost one. To one
    side only, it is a branch or a jump, whose slope here is 0."""

    def another(step: float) -> bool | None:
        """Whether f is another number that far from here; None where it has no value."""
        beside = list(inputs)
        for i in which:
            value = inputs[i]._value
            moved = value + step * (1.0 + abs(value)) if step else value  # 0 times inf is nan
            beside[i] = Node(settle(moved), "var")
        try:
            again = f(*beside, **options)
            again = again if isinstance(again, Node) else Node(read_value(again, "again"), "const")
        except Exception:  # nothing is known of f there
            return None
        return not np.array_equal(again._value, result._value, equal_nan=True)

    x = describe(inputs[which[0]])
    if another(0.0):
        raise EngineError(
            f"{called(f)} returns another number each time it is called, and none that was "
            f"computed from {x} as a node, so that its gradient would be lost: draw what is random "
            "before, and return a node"
        )
    sides = {another(1e-6), another(-1e-6)}
    if True in sides and False not in sides:
        raise EngineError(
            f"what {called(f)} returns depends on {x}, but not as a node, and its gradient would "
            "be lost: go on with the node and return it, not its value or its grad"
        )


def applied(f: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """f of these arguments; TypeError in a sentence where it does not take them."""
    try:
        return f(*args, **options)
    except TypeError as error:
        if not (error.__traceback__ and error.__traceback__.tb_next):  # nothing of f has run
            with contextlib.suppress(ValueError):  # f may be one of Python's, and not say
                fitted(called(f), inspect.signature(f), args, options)
        raise


def own(value: Value) -> Value:
    """A value of a graph as its caller's own: an array that may be changed in place."""
    return value if isinstance(value, float) or value.flags.writeable else value.copy()


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


@worded
def hvp(f: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """(x, v) to H v, the Hessian of f at x times v, without forming the Hessian.

    >>> hvp(lambda x: x**3)(2.0, 1.0)
    12.0
    """

    def product(x: Any, v: Any) -> Any:
        x, v = (p if isinstance(p, Node) else read_value(p, "hvp") for p in (x, v))
        if np.shape(x) != np.shape(v):
            raise EngineError(f"hvp: x has shape {np.shape(x)}, and v {np.shape(v)}")
        return grad(lambda x: sum(grad(f)(x) * v))(x)

    product.__name__ = "hvp(f)"
    return lambda *args, **options: applied(product, args, options)


@worded
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
        if not np.size(x):
            return np.zeros(np.shape(x) * 2)
        units = np.eye(np.size(x)).reshape((np.size(x), *np.shape(x)))
        return reshape(stack([hvp(f)(x, unit) for unit in units]), np.shape(x) * 2)

    at.__name__ = "hessian(f)"
    return lambda *args, **options: applied(at, args, options)


class GradientMismatch(AssertionError):
    """A gradient that disagrees with central differences: the worst entry and a likely cause."""


@worded
def check_grad(f: Callable[..., Any], *args: Any, seed: int = 0, tolerance: float = 1e-6) -> None:
    """Compare the gradient of f with central differences, for every argument and every entry.

    The incoming gradient of f's result is random, so a rule that forgets it is caught, and so is
    one that is right only for ones.

    Args:
        f: a function of numbers or arrays on the engine; its result may have any shape.
        args: where to compare.
        seed: of the random incoming gradient (printed in the message).
        tolerance: relative to the largest entry of the gradient. Where the two differ by more,
            steps of other lengths are tried, and what rounding leaves in doubt is no mismatch.

    Raises:
        GradientMismatch: the worst entry, both values and what they suggest; or a kink, where the
            slopes to the left and to the right differ.

    >>> check_grad(lambda w, x: w @ x, np.ones((2, 3)), np.arange(3.0))
    """
    if not callable(f):
        raise EngineError(f"check_grad: f is a function, and was given as {f!r:.60}")
    values = [read_value(arg, f"argument {i} of check_grad") for i, arg in enumerate(args)]
    leaves = [Node(v, "var", name=f"argument {i}") for i, v in enumerate(values)]
    with recorded():
        result = applied(f, tuple(leaves), {})
    if not isinstance(result, Node):
        raise EngineError(
            f"check_grad: f returned {result!r:.60} (a {type(result).__name__}), no Node; does it "
            "use its arguments?"
        )
    check_recorded(result, called(f))
    check_numbers(result)
    if not np.all(np.isfinite(result.value)):
        raise EngineError(f"check_grad: {describe(result)} is infinite, and so are differences")
    upstream = np.random.default_rng(seed).uniform(0.5, 2.0, result.shape)
    check_fresh(result)
    since = min((leaf.birth for leaf in leaves), default=-1)
    found = gradients(result, read_value(upstream, "upstream"), since)

    def weighted(*inputs: Any) -> float:
        with no_grad():
            nodes = [Node(read_value(v, "x"), "var") for v in inputs]
            value = f(*nodes)  # no node where it is a branch's number
            return float(np.sum(upstream * (value.value if isinstance(value, Node) else value)))

    here = float(np.sum(upstream * result.value))
    if not np.allclose([weighted(*values) for _ in range(2)], here, rtol=1e-9, atol=0.0):
        raise EngineError(
            f"check_grad: {called(f)} returns another number each time it is called, and nothing "
            "can be compared: draw what is random before"
        )
    for i, leaf in enumerate(leaves):
        given = np.asarray(found.get(leaf, np.zeros(leaf.shape)), dtype=float)
        right, left = slopes(weighted, values, i)
        expected = np.asarray((right + left) / 2)
        scale = np.max(np.abs(expected), where=np.isfinite(expected), initial=1e-3)
        away = np.asarray(np.nan_to_num(np.abs(given - expected), nan=np.inf))  # nan is wrong
        doubtful = map(tuple, np.argwhere(away > tolerance * scale).tolist())
        for worst in sorted(doubtful, key=away.__getitem__, reverse=True):
            right[worst], left[worst], doubt = looked_closer(weighted, values, i, worst)
            expected[worst] = (right[worst] + left[worst]) / 2
            scale = max(scale, abs(np.nan_to_num(expected[worst])))
            if abs(given[worst] - expected[worst]) <= tolerance * scale + min(doubt, 1e-3 * scale):
                continue
            entry = f"argument {i}" + (str([int(k) for k in worst]) if worst else "")
            if abs(right[worst] - left[worst]) > 1e-2 * scale:
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
        steps = [added(np.array(values[i])[index], h) for h in (H, -H)]
        right[index], left[index] = ((beside(f, values, i, index, h) - here) / h for h in steps)
    return right, left


def added(x: Any, h: float) -> float:
    """h as it is once it was added to x, whose digits may be coarser."""
    return float((x + h) - x) or h


def beside(
    f: Callable[..., float], values: list[Value], i: int, index: tuple[int, ...], h: float
) -> float:
    """f where one entry of argument i is h larger; nan if it has no value there."""
    moved = np.array(values[i])
    moved[index] += h
    try:
        return f(*values[:i], moved, *values[i + 1 :])
    except EngineError:
        return np.nan


def looked_closer(
    f: Callable[..., float], values: list[Value], i: int, index: tuple[int, ...]
) -> tuple[float, float, float]:
    """The slopes of f in one entry, to the right and to the left, by the step that tells most, and
    how far their mean may be from the truth: by how f bends (seen in the next larger step) and by
    how it is rounded. Far from 1 no fixed step serves: log bends at 0.001, x² is rounded at 1e8.
    """
    x = float(np.array(values[i])[index])
    here, size = f(*values), max(1.0, abs(x))
    best, before = (np.nan, np.nan, np.inf), np.nan
    for h in H * size * 10.0 ** np.arange(2, -8, -1):
        h = added(x, h)
        ends = [beside(f, values, i, index, s) for s in (h, -h)]
        right, left = (ends[0] - here) / h, (here - ends[1]) / h
        rounded = 4.0 * np.finfo(float).eps * max(abs(here), *map(abs, ends)) / h
        doubt = abs((right + left) / 2 - before) + rounded
        before = (right + left) / 2
        if doubt < best[2]:
            best = right, left, doubt
    return best


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
