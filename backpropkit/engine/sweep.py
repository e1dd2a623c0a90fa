"""The sweep: gradients from the result back to every node, once each, in reverse order of birth."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .node import GRADIENTS, TABLE, EngineError, Node, describe, read_value, settle
from .rules import fit

# What to do where two contributions meet. Only the first is the chain rule; the others are mistakes
# worth watching.
MEET: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "overwrite": lambda old, new: new,  # = where += belongs
    "one path": lambda old, new: old,  # whoever comes later is not heard
}
Rule = Callable[..., tuple[Any, ...]]
Rules = Mapping[Any, Rule]  # {op name, or one node: the rule it has instead of the table's}
birth = operator.attrgetter("birth")


def reachable(result: Node) -> list[Node]:
    """Every node `result` depends on, itself included, in birth order: arguments before results.

    Raises EngineError if a node was given a new value after others were computed from the old one.
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
                raise EngineError(
                    f"{describe(arg)} was given a new value after {describe(node)} had been "
                    "computed from the old one: run the forward pass again (or use Graph.replay), "
                    "then go backward"
                )
            if zero:
                arg.grad = None
            if arg.args and arg not in seen:
                seen.add(arg)
                found.append(arg)
    found.sort(key=birth)
    return found


def sweep(
    result: Node,
    seed: Any,
    nodes: bool = False,
    rules: Rules | None = None,
    meet: Callable[[Any, Any], Any] = operator.add,
    fit: Callable[[Any, tuple[int, ...]], Any] = fit,
    zero: bool = True,
    watch: Callable[[Node, int, Any], None] | None = None,
) -> None:
    """Put the gradient of `result` into `.grad` of every node below it. The one sweep of the kit.

    With `nodes=True` the rules are given Nodes instead of their values, and so build the graph of
    the gradient. The other options exist to watch wrong ideas run: `rules` replaces rows of the
    table, or the rule of single nodes, `meet` says what happens where two contributions meet (they
    are added), `fit` what happens to the shape of a contribution, and `zero=False` leaves in the
    buckets what is there. `watch` is told of every contribution once it has arrived: the node it
    comes from, which argument it went to, and what it is.
    """
    order = gates(result, zero)
    table: Rules = GRADIENTS
    if rules:  # {node: rule} for these nodes, {op name: rule} for all others of the op
        table = {n: rules.get(n) or rules.get(n.op) or GRADIENTS[n.op] for n in order}
    result.grad = seed
    for node in reversed(order):
        y, inputs = (node, node.args) if nodes else (node._value, node.inputs)
        try:
            rule = table[node if rules else node.op]
            if node.params:
                parts = rule(node.grad, y, *inputs, **node.params)
            else:
                parts = rule(node.grad, y, *inputs)
            for position, (arg, part) in enumerate(zip(node.args, parts, strict=True)):
                if part.__class__ is not float or arg._value.__class__ is not float:
                    part = brought(part, arg.shape, fit, nodes)
                arg.grad = part if arg.grad is None else meet(arg.grad, part)
                if watch:
                    watch(node, position, part)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise EngineError(f"the gradient rule of {describe(node)} failed: {error}") from error


def brought(part: Any, shape: tuple[int, ...], fit: Callable[..., Any], nodes: bool) -> Any:
    """A contribution as the sweep passes it on: in its argument's shape, a Node if others are."""
    if nodes and part.__class__ is not Node:
        part = Node(0.0 if part is None else read_value(part, "a contribution"), "const")
    part = 0.0 if part is None else part
    if np.shape(part) != shape:
        part = fit(part, shape)
    return part if nodes else settle(part)


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
        needed = f"{describe(result)} needs {result.shape}"
        raise EngineError(f"the seed has shape {np.shape(seed)}, and {needed}")
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
    rules: Rules | None = None,
    meet: str = "add",
    zero: bool = True,
) -> None:
    """Fill `.grad` on every node below `result` with the gradient of `result`.

    Args:
        seed: the incoming gradient of `result` itself, of its shape; 1 for a single number.
        accumulate: add this call's gradients to the last call's, each once.
        rules: other gradient rules, {op name: rule} for every node of an op, {node: rule} for one
            node; see rules.py for their form.
        meet: what happens where contributions meet: "add", or to watch it fail, "overwrite" or
            "one path".
        zero: False adds to what the last call left, node by node: the error grows with depth.

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

    >>> from backpropkit import var
    >>> x = var(np.ones(1000))
    >>> cached_bytes((x * x).sum()), cached_bytes((x + x).sum())
    (8000, 0)
    """
    kept: set[Node] = set()
    for node in gates(result):
        values = dict(zip("abc", node.args, strict=False), y=node)
        kept.update(values[letter] for letter in TABLE[node.op].saves)
    return 8 * sum(node.size for node in kept)
