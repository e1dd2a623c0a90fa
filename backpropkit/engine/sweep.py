"""The sweep: gradients from the result back to every node, once each, in reverse order of birth."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..terms.numerics import run
from .node import (
    FLOAT64,
    TABLE,
    EngineError,
    Node,
    describe,
    fresh,
    ndarray,
    read_like,
    read_value,
    settle,
    sweeps,
)  # fmt: skip
from .rules import fit

# What to do where two contributions meet. Only the first is the chain rule; the others are mistakes
# worth watching.
MEET: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "overwrite": lambda old, new: new,  # = where += belongs
    "one path": lambda old, new: old,  # whoever comes later is not heard
}
Meet = str | Callable[[Any, Any], Any]
Rule = Callable[..., tuple[Any, ...]]
Rules = Mapping[Any, Rule]  # {op name, or one node: the rule it has instead of the table's}
birth = operator.attrgetter("birth")
MOST_KNOWN = 100_000  # nodes whose freshness is remembered


def reachable(result: Node) -> list[Node]:
    """Every node `result` depends on, itself included, in birth order: arguments before results.

    Raises EngineError if a node was given a new value after others were computed from the old one.
    """
    order = gates(result)
    leaves = {arg for node in order for arg in node.args if not arg.args}
    return sorted({*leaves, *order, result}, key=birth)


def gates(result: Node, zero: bool = False, since: int = -1) -> list[Node]:
    """Every node below `result`, itself included, that was computed from others, latest first.

    `zero` empties the gradient of every node on the way; nodes born before `since` are left out.
    """
    if not result.args or result.birth < since:
        return []
    found = [result]
    oldest, seen = result.birth, None
    for node in found:
        born = node.birth
        for arg in node.args:
            age = arg.birth
            if age > born:
                raise outdated(node, arg)
            if zero:
                arg._grad = None
            if not arg.args or age < since:
                continue
            if age < oldest:  # than all found so far, so it is new; in a chain it always is
                oldest = age
            else:
                seen = seen or {*found}
                if arg in seen:
                    continue
            found.append(arg)
            if seen:
                seen.add(arg)
    if seen:
        found.sort(key=birth, reverse=True)
    return found


def outdated(node: Node, arg: Node) -> EngineError:
    return EngineError(
        f"{describe(arg)} was given a new value after {describe(node)} had been computed from the "
        "old one: run the forward pass again (or use Graph.replay), then go backward; of what an "
        "earlier turn made, carry on the number, h = bp.const(h.value)"
    )


def check_fresh(result: Node) -> None:
    """Raise EngineError if a node below `result` was given a new value after it had been used.

    What was found in order is not looked at again before some leaf is given a value: a loop that
    asks for a gradient in every turn would else walk all its history each time. That is kept for
    all graphs together, as they share nodes; on the nodes it would outlive the leaf's old value.
    """
    if len(fresh) > MOST_KNOWN:
        fresh.clear()
    waiting = [result]
    for node in waiting:
        for arg in node.args:
            if arg.birth > node.birth:
                fresh.clear()
                raise outdated(node, arg)
            if arg.args and arg.birth not in fresh:
                fresh.add(arg.birth)
                waiting.append(arg)


def sweep(
    result: Node,
    seed: Any,
    nodes: bool = False,
    rules: Rules | None = None,
    meet: Callable[[Any, Any], Any] = operator.add,
    fit: Callable[[Any, tuple[int, ...]], Any] = fit,
    zero: bool = True,
    watch: Callable[[Node, Any], None] | None = None,
    since: int = -1,
) -> Iterable[Node]:
    """Put the gradient of `result` into `.grad` of every node below it. The one sweep of the kit.

    Returns the leaves to train whose gradient may hold nan: none if all are numbers and no nan.

    With `nodes=True` the rules are given Nodes instead of their values, and so build the graph of
    the gradient. `since` ends the sweep at nodes born earlier. The other options exist to watch
    wrong ideas run: `rules` replaces rows of the table, or the rule of single nodes, `meet` says
    what happens where two contributions meet (they are added), `fit` what happens to the shape of a
    contribution, and `zero=False` leaves in the buckets what is there. `watch` is told what every
    node hands back, just before it does.
    """
    order = gates(result, zero, since)
    rule_of = chosen(order, rules or {}, watch) if rules or watch else None
    added = meet is operator.add
    result._grad, table, lost = seed, TABLE, False
    silence: Any = None  # of NumPy's warnings; entered with the first array, numbers need none
    try:
        for node in order:
            rule = rule_of[node] if rule_of else table[node.op].gradient
            args = node.args
            pair = len(args) == 2 and not (nodes or node.params)  # as most are
            try:
                if pair:
                    x, y = node.inputs
                    parts = rule(node._grad, node._value, x, y)  # a star takes twice as long
                elif nodes:
                    parts = rule(node._grad, node, *args, **node.params)
                else:
                    parts = rule(node._grad, node._value, *node.inputs, **node.params)
            except (FloatingPointError, RuntimeWarning):
                given = (node, *args) if nodes else (node._value, *node.inputs)
                parts = run(rule, (node._grad, *given), node.params)
            if parts.__class__ is not tuple or len(parts) != len(args):
                parts = one_for_each(parts, node)
            if pair and added:  # what follows, without a loop, for two numbers
                p, q = parts
                if p.__class__ is q.__class__ is x.__class__ is y.__class__ is float:
                    a, b = args
                    a._grad = p = p if a._grad is None else a._grad + p
                    b._grad = q = q if b._grad is None else b._grad + q
                    if p != p or q != q:  # nan, of inf − inf too
                        lost = True
                    continue
            for arg, part in zip(args, parts, strict=True):
                value = arg._value
                if nodes or part.__class__ is not float or value.__class__ is not float:
                    if silence is None:
                        silence = np.errstate(all="ignore")
                        silence.__enter__()
                    shape = () if value.__class__ is float else value.shape  # quicker than .shape
                    whole = part.__class__ is ndarray and part.shape == shape != ()
                    if whole and part.dtype is FLOAT64 and not nodes:
                        part.setflags(False)  # what `brought` does, without a call
                    else:
                        part = brought(part, shape, fit, nodes)
                if arg._grad is not None:
                    part = meet(arg._grad, part)
                arg._grad = part
                if silence is None and part != part:  # nan
                    lost = True
    except (ArithmeticError, TypeError, ValueError) as error:
        raise EngineError(f"the gradient rule of {describe(node)} failed: {error}") from error
    finally:
        if silence:
            silence.__exit__(None, None, None)
    if not (lost or silence):
        return ()
    return {arg: None for node in order for arg in node.args if arg.op == "var"}


def meeting(meet: Meet) -> Callable[[Any, Any], Any]:
    """What happens where two contributions meet, by its name or as a function."""
    found = MEET.get(meet) if isinstance(meet, str) else meet
    if not callable(found):
        raise EngineError(f"meet={meet!r} is not one of {', '.join(map(repr, MEET))}")
    if isinstance(meet, str):
        return found
    return lambda old, new: read_like(found(old, new), "what meet returns", np.shape(old))


def one_for_each(parts: Any, node: Node) -> tuple[Any, ...]:
    """What a rule returned as a tuple; ValueError unless it has a contribution per argument."""
    if not isinstance(parts, (tuple, list)):
        raise ValueError(f"it returned {parts!r:.60}, not a tuple of one for each argument")
    if len(parts) != len(node.args):
        raise ValueError(f"it returned {len(parts)} contributions for {len(node.args)} arguments")
    return tuple(parts)


def check_rules(rules: Any) -> None:
    """Raise EngineError for a rule of no op of the table: nobody would ever ask for it."""
    if not isinstance(rules, Mapping):
        raise EngineError(f"rules is {{op name or node: rule}}, and was given {rules!r:.60}")
    for what, rule in rules.items():
        if not callable(rule):
            raise EngineError(f"the rule for {what!r:.60} is no function: {rule!r:.60}")
        if what.__class__ is not Node and what not in TABLE:
            raise EngineError(
                f"rules names {what!r:.60}, which is no op of the table: node.op says what a "
                "node's is called"
            )


def chosen(
    order: Iterable[Node], rules: Rules, watch: Callable[[Node, Any], None] | None
) -> dict[Node, Rule]:
    """The rule of every node where rules are given, or somebody watches what they hand back."""
    members = set(order)
    for what in rules:
        if what.__class__ is Node and what not in members:
            raise EngineError(f"rules names {describe(what)}: no gradient passes through it here")

    def rule_of(node: Node) -> Rule:
        rule = rules.get(node) or rules.get(node.op) or TABLE[node.op].gradient

        def watched(*given: Any, **params: Any) -> Any:
            parts = one_for_each(rule(*given, **params), node)
            if watch:
                watch(node, parts)
            return parts

        return watched

    return {node: rule_of(node) for node in order}


def brought(part: Any, shape: tuple[int, ...], fit: Callable[..., Any], nodes: bool) -> Any:
    """A contribution as the sweep passes it on: in its argument's shape, a Node if others are."""
    if nodes and part.__class__ is not Node:
        part = Node(0.0 if part is None else read_value(part, "a contribution"), "const")
    part = 0.0 if part is None else part
    if (part.shape if part.__class__ is Node else np.shape(part)) != shape:
        part = fit(part, shape)
    return part if nodes else settle(part)


def gradients(result: Node, seed: Any, since: int = -1, **options: Any) -> dict[Node, Any]:
    """{node: gradient of `result`} by the same sweep, leaving every `.grad` as it was."""
    with sweeps.alone:
        below = {result, *(arg for node in gates(result, since=since) for arg in node.args)}
        before = [(node, node._grad) for node in sorted(below, key=birth)]
        sweeps.begun += 1
        inside = sweeps.underway
        try:
            sweeps.underway = True
            sweep(result, seed, since=since, **options)
            return {node: node._grad for node, _ in before}
        finally:
            for node, g in before:
                node._grad = g
            sweeps.underway = inside
            sweeps.ended += 1


def read_seed(result: Node, seed: Any) -> Any:
    """The gradient the sweep starts from: 1 for a single number, or what the caller gave."""
    if seed is None and result.__class__ is Node and result._value.__class__ is float:
        return 1.0
    if not isinstance(result, Node):
        raise EngineError(f"backward starts from a Node, not from {result!r:.60}")
    if seed is None:
        raise EngineError(
            f"backward starts from a single number, and {describe(result)} is not one: "
            "reduce it first (sum, mean), or take an entry (backward takes a seed= of its shape)"
        )
    what = f"the seed of {describe(result)}"
    seed = read_like(seed, what, result.shape)
    if is_nan(seed):
        raise EngineError(f"{what} is nan")
    return seed


def is_nan(value: Any) -> bool:
    """Whether a value or a gradient holds nan."""
    if value.__class__ is float:
        return bool(value != value)
    if value is None or value.__class__ is Node:
        return value is not None and is_nan(value._value)
    total = np.vdot(value, value)  # one quick number, nan if any entry is
    return bool(total != total) and bool(np.isnan(value).any())


def check_numbers(result: Node) -> None:
    """Raise EngineError naming the first node, in birth order, at which nan appeared."""
    if is_nan(result._value):
        first = next(n for n in reachable(result) if is_nan(n._value))
        raise EngineError(f"the result is nan; the first nan appears at {describe(first)}")


def check_gradients(
    result: Node, grad: Callable[[Node], Any], leaves: Iterable[Node], since: int = -1
) -> None:
    """Raise EngineError if the gradient of one of `leaves` is nan, naming where it came about."""
    bad = [leaf for leaf in leaves if is_nan(grad(leaf))]
    if not bad:
        return

    def number(node: Node) -> Any:
        g = grad(node)
        return g._value if isinstance(g, Node) else g

    def finite(node: Node) -> bool:
        return node.op == "const" or bool(np.isfinite(number(node)).all())

    def spoils(node: Node) -> bool:
        """Whether it is this one of an argument's users that hands back what is not finite."""
        given = (number(node), node._value, *node.inputs)
        try:
            with np.errstate(all="ignore"):
                parts = TABLE[node.op].gradient(*given, **node.params)
        except (ArithmeticError, TypeError, ValueError):
            return True
        return not all(np.isfinite(part).all() for part in parts if part is not None)

    order = gates(result, since=since)
    found = [n for n in order if finite(n) and not all(map(finite, n.args))]
    # of a replaced rule, whoever comes first; of an infinite seed, the result
    first = next(filter(spoils, found), (found or [result])[0])
    raise EngineError(
        f"the gradient of {describe(bad[0])} is nan: what {describe(first)} hands back is not "
        "finite, its slope is infinite or has no value there"
    )


def backward(
    result: Node,
    seed: Any = None,
    *,
    accumulate: bool = False,
    rules: Rules | None = None,
    meet: Meet = "add",
    zero: bool = True,
    **strange: Any,
) -> None:
    """Fill `.grad` on every node below `result` with the gradient of `result`, starting fresh.

    A leaf that is not below `result` keeps what it has, until it is given a new value: then its
    gradient is 0, not that of an earlier call.

    Args:
        seed: the incoming gradient of `result` itself, of its shape; 1 for a single number.
        accumulate: add this call's gradients to the last call's, each once.
        rules: other gradient rules, {op name: rule} for every node of an op, {node: rule} for one
            node; see rules.py for their form.
        meet: what happens where contributions meet: "add", or to watch it fail, "overwrite" or
            "one path", or a function of the old and the new.
        zero: False adds to what the last call left, node by node: the error grows with depth.

    Raises:
        EngineError: `result` is not a single number and no seed is given, the seed has another
            shape, a node was changed after the forward pass, or nan appeared, on the way forward
            or in a leaf's gradient (naming where). inf is a value like others.

    >>> from backpropkit import var
    >>> a, b = var(5.0), var(3.0)
    >>> (a * b + a).backward()
    >>> a.grad, b.grad
    (4.0, 5.0)
    """
    how = operator.add if meet == "add" else meeting(meet)
    if strange:
        raise EngineError(
            f"backward has no {', '.join(strange)}; a graph is kept as long as its result is, and "
            "can be gone through again (seed= is the gradient it starts from; bp.grad of bp.grad, "
            "bp.hvp and bp.hessian are of the second order)"
        )
    value = result._value if seed is None and result.__class__ is Node else None
    seed = 1.0 if value.__class__ is float else read_seed(result, seed)
    if rules is not None:
        check_rules(rules)
    if result.op == "const":
        raise EngineError(
            f"nothing lies below {describe(result)}: it was given, or computed inside no_grad or "
            "from numbers only"
        )
    if value.__class__ is not float or value != value:
        check_numbers(result)
    doubtful: Iterable[Node]
    with sweeps.alone:
        if sweeps.underway:
            raise EngineError(
                f"backward of {describe(result)} was called in the midst of another sweep (by a "
                "rule, or a signal's handler), whose gradients it would write over: bp.grad of a "
                "function, or Graph(node).grads, leaves them alone"
            )
        sweeps.begun += 1
        try:
            sweeps.underway = True
            if accumulate:
                doubtful = gradients(result, seed, rules=rules, meet=how)
                for node, g in doubtful.items():
                    node._grad = g if node._grad is None else settle(node._grad + g)
            else:
                sweeps.fresh += zero
                doubtful = sweep(result, seed, False, rules, how, fit, zero)
        finally:
            sweeps.underway = False
            sweeps.ended += 1
        if doubtful:
            check_gradients(result, lambda n: n._grad, [n for n in doubtful if n.op == "var"])


Node.backward = backward
