"""The sweep: gradients from the result back to every node, once each, in reverse order of birth."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .node import GRADIENTS, TABLE, EngineError, Node, describe, read_value, settle
from .rules import fit, shape_of

# What to do where two contributions meet. Only the first is the chain rule; the others are mistakes
# worth watching.
MEET: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "overwrite": lambda old, new: new,  # = where += belongs
    "one path": lambda old, new: old,  # whoever comes later is not heard
}
Rule = Callable[..., tuple[Any, ...]]
birth = operator.attrgetter("birth")


def reachable(result: Node) -> list[Node]:
    """Every node `result` depends on, itself included, in birth order: arguments before results.

    Raises EngineError if a node was given a new value after others were computed from the old one.

    >>> from backpropkit import var
    >>> a = var(2.0, name="a"); u = (a * a).named("u")
    >>> [node.name for node in reachable(u)]
    ['a', 'u']
    """
    order = gates(result)
    leaves = {arg for node in order for arg in node.args if not arg.args}
    return sorted({*leaves, *order, result}, key=birth)


def gates(result: Node, zero: bool = False) -> list[Node]:
    """Every node below `result`, itself included, that was computed from others, in birth order.

    `zero` empties the gradient of every node on the way.
    """
    if not result.args:
        return []
    found = [result]
    seen = {result}
    for node in found:
        for arg in node.args:
            if arg.birth > node.birth:
                raise stale(arg, node)
            if zero:
                arg.grad = None
            if arg.args and arg not in seen:
                seen.add(arg)
                found.append(arg)
    found.sort(key=birth)
    return found


def stale(arg: Node, node: Node) -> EngineError:
    return EngineError(
        f"{describe(arg)} was given a new value after {describe(node)} had been computed from the "
        "old one: run the forward pass again (or use Graph.replay), then go backward"
    )


def sweep(
    result: Node,
    seed: Any,
    nodes: bool = False,
    rules: Mapping[str, Rule] | None = None,
    meet: Callable[[Any, Any], Any] = operator.add,
    fit: Callable[[Any, tuple[int, ...]], Any] = fit,
    zero: bool = True,
) -> None:
    """Put the gradient of `result` into `.grad` of every node below it. The one sweep of the kit.

    With `nodes=True` the rules are given Nodes instead of their values, and so build the graph of
    the gradient. The other options exist to watch wrong ideas run: `rules` replaces rows of the
    table, `meet` says what happens where two contributions meet (they are added), `fit` what
    happens to the shape of a contribution, and `zero=False` leaves in the buckets what is there.
    """
    table = {**GRADIENTS, **rules} if rules else GRADIENTS
    order = gates(result, zero)
    result.grad = seed
    for node in reversed(order):
        y, inputs = (node, node.args) if nodes else (node._value, node.inputs)
        try:
            if node.params:
                parts = table[node.op](node.grad, y, *inputs, **node.params)
            else:
                parts = table[node.op](node.grad, y, *inputs)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise EngineError(f"the gradient rule of {describe(node)} failed: {error}") from error
        for arg, part in zip(node.args, parts):  # noqa: B905
            if part.__class__ is not float or arg._value.__class__ is not float:
                if part is None:
                    part = Node(0.0, "const") if nodes else 0.0
                if part.__class__ is float or part.shape != arg.shape:
                    part = fit(part, arg.shape)
                if not nodes:
                    part = settle(part)
            arg.grad = part if arg.grad is None else meet(arg.grad, part)


def gradients(result: Node, seed: Any, **options: Any) -> dict[Node, Any]:
    """{node: gradient of `result`} by the same sweep, leaving every `.grad` as it was."""
    below = reachable(result)
    before = [node.grad for node in below]
    try:
        sweep(result, seed, **options)
        return {node: node.grad for node in below}
    finally:
        for node, g in zip(below, before, strict=True):
            node.grad = g


def read_seed(result: Node, seed: Any) -> Any:
    """The gradient the sweep starts from: 1 for a single number, or what the caller gave."""
    if not isinstance(result, Node):
        raise EngineError(f"backward starts from a Node, not from {result!r:.60}")
    if seed is None:
        if result.shape:
            raise EngineError(
                f"backward starts from a single number, and {describe(result)} is not one: "
                "reduce it first (sum, mean), or pass seed= of its shape"
            )
        return 1.0
    seed = read_value(seed, "seed")
    if np.shape(seed) != result.shape:
        raise EngineError(
            f"the seed has shape {np.shape(seed)}, and {describe(result)} needs {result.shape}"
        )
    return seed


def check_numbers(result: Node) -> None:
    """Raise EngineError naming the first node, in birth order, at which nan appeared."""
    value = result._value
    if value == value if value.__class__ is float else not np.isnan(value).any():
        return
    first = next(n for n in reachable(result) if np.isnan(n._value).any())
    raise EngineError(f"the result is nan; the first nan appears at {describe(first)}")


def backward(
    result: Node,
    seed: Any = None,
    *,
    accumulate: bool = False,
    rules: Mapping[str, Rule] | None = None,
    meet: str = "add",
    zero: bool = True,
) -> None:
    """Fill `.grad` on every node below `result` with the gradient of `result`.

    Args:
        seed: the incoming gradient of `result` itself, of its shape; 1 for a single number.
        accumulate: add to the gradients of the last call instead of starting fresh.
        rules: other gradient rules for some ops, {op name: rule}; see rules.py for their form.
        meet: what happens where contributions meet: "add", or to watch it fail, "overwrite" or
            "one path".
        zero: False leaves the last call's gradients in every node while this call runs, which is
            what happens to those who forget to zero: the deeper the node, the larger the error.

    Raises:
        EngineError: `result` is not a single number and no seed is given, the seed has another
            shape, a node was changed after the forward pass, or nan appeared (naming where).

    >>> from backpropkit import var
    >>> a, b = var(5.0), var(3.0)
    >>> (a * b + a).backward()
    >>> a.grad, b.grad
    (4.0, 5.0)
    """
    if meet not in MEET:
        raise EngineError(f"meet={meet!r} is not one of {', '.join(map(repr, MEET))}")
    seed = read_seed(result, seed)
    check_numbers(result)
    if accumulate:
        for node, g in gradients(result, seed, rules=rules, meet=MEET[meet]).items():
            node.grad = g if node.grad is None else node.grad + g
    else:
        sweep(result, seed, False, rules, MEET[meet], fit, zero)


def cached_bytes(result: Node) -> int:
    """Bytes of the values a recorded graph keeps for its backward pass, by what each row saves.

    A number counts 8 bytes; a value several rules read is kept, and counted, once.

    >>> from backpropkit import no_grad, var
    >>> x = var(np.ones(1000))
    >>> cached_bytes((x * x).sum()), cached_bytes((x + x).sum())
    (8000, 0)
    >>> with no_grad():
    ...     print(cached_bytes((x * x).sum()))
    0
    """
    kept: set[Node] = set()
    for node in gates(result):
        values = dict(zip("abc", node.args, strict=False), y=node)
        kept.update(values[letter] for letter in TABLE[node.op].saves)
    return 8 * sum(node.size for node in kept)


def grad(f: Callable[..., Any], wrt: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The gradient of f as a function of the same arguments.

    Args:
        f: takes numbers, arrays and Nodes; returns a single number.
        wrt: which argument, or which several (then a tuple comes back).

    The gradient of a gradient works: the inner one is recorded.

    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    """
    both = value_and_grad(f, wrt)
    return lambda *args: both(*args)[1]


def value_and_grad(f: Callable[..., Any], wrt: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """(f's value, its gradient) as a function of the same arguments; see `grad`.

    >>> value_and_grad(lambda x, y: x * y, wrt=(0, 1))(2.0, 5.0)
    (10.0, (5.0, 2.0))
    """
    which = (wrt,) if isinstance(wrt, int) else tuple(wrt)

    def value_and_gradient(*args: Any) -> tuple[Any, Any]:
        if max(which) >= len(args):
            raise EngineError(f"wrt={wrt} asks for more than the {len(args)} arguments given")
        outer = any(isinstance(args[i], Node) for i in which)
        inputs = list(args)
        for i in which:
            inputs[i] = (
                args[i] if isinstance(args[i], Node) else Node(read_value(args[i], "grad"), "var")
            )
            if outer:  # a node of its own: what reaches it by other ways is not this gradient
                inputs[i] = inputs[i] * 1.0
        result = f(*inputs)
        if not isinstance(result, Node):  # f does not depend on its arguments
            result = Node(read_value(result, "the value of f"), "const")
        seed = read_seed(result, None)
        check_numbers(result)
        grads = gradients(result, Node(seed, "const") if outer else seed, nodes=outer)
        found = [grads.get(inputs[i], fit(0.0, shape_of(inputs[i]))) for i in which]
        if not outer:
            result, found = result.value, [settle(g) for g in found]
        return result, found[0] if isinstance(wrt, int) else tuple(found)

    return value_and_gradient


def hvp(f: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """(x, v) to H v, the Hessian of f at x times v, without forming the Hessian.

    >>> hvp(lambda x: x**3)(2.0, 1.0)
    12.0
    """
    from .rules import sum

    return lambda x, v: grad(lambda x: sum(grad(f)(x) * v))(x)


def hessian(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The Hessian of f: shape x.shape + x.shape, one product with a unit vector for each column.

    >>> hessian(lambda x: x[0] * x[1])(np.array([2.0, 3.0]))
    array([[0., 1.],
           [1., 0.]])
    """

    def at(x: Any) -> Any:
        x = read_value(x, "hessian")
        units = np.eye(np.size(x)).reshape((np.size(x), *np.shape(x)))
        rows = [hvp(f)(x, unit if np.ndim(x) else 1.0) for unit in units]
        return np.reshape(rows, np.shape(x) * 2) if np.ndim(x) else rows[0]

    return at
