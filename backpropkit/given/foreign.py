"""A graph of somebody else's engine, micrograd's or a learner's own, read into ours and checked.

What is needed of a node: a number, the nodes it was computed from, and a label that says by what.
Each is looked for under the names that small engines use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..engine.node import TABLE, EngineError, Node, const, read_value, record, var
from ..terms.calls import named

VALUES = ("data", "value", "val")
CHILDREN = ("_prev", "prev", "_children", "children", "args", "_args", "parents", "_parents")
LABELS = ("_op", "op", "operation")
NAMES = ("label", "name")
# Labels that are no op's name in the table, by how many nodes they are computed from.
CALLED: Mapping[int, Mapping[str, str]] = {
    1: {
        **dict.fromkeys(("-", "−", "negate", "usub"), "neg"),
        **dict.fromkeys(("σ", "logistic", "sigm"), "sigmoid"),
        "ln": "log", "silu": "swish", "atan": "arctan", "|x|": "abs",
    },
    2: {
        **dict.fromkeys(("+", "plus"), "add"),
        **dict.fromkeys(("-", "−", "minus", "subtract"), "sub"),
        **dict.fromkeys(("*", "×", "·", "times", "multiply"), "mul"),
        **dict.fromkeys(("/", "÷", "divide", "truediv"), "div"),
        **dict.fromkeys(("**", "^", "power"), "pow"),
        "@": "matmul", "max": "maximum", "min": "minimum",
    },
}  # fmt: skip
POWERS = {"square": 2.0, "reciprocal": -1.0, "recip": -1.0}  # a label that holds its exponent …
POWER = re.compile(r"(?:\*\*|\^|pow(?:er)?)\s*\(?\s*([-+−]?[\d.]+(?:e[-+]?\d+)?)\s*\)?")  # "**-1"
SYMMETRIC = {"add", "mul", "maximum", "minimum"}
NEAR = 1e-6  # of a value computed again: another formula for tanh may differ so much
NEAR_SINGLE = 1e-4  # of one that is no double


def is_foreign(given: Any) -> bool:
    """Whether this is a node of another engine: it has a number, and nodes it was computed from."""
    if isinstance(given, (type, Node)):
        return False
    return look(given, VALUES) is not None and children_of(given) is not None


def look(node: Any, names: tuple[str, ...]) -> Any:
    """The first of these attributes that is there and not None."""
    found = (getattr(node, name, None) for name in names)
    return next((one for one in found if one is not None), None)


def children_of(node: Any) -> Any:
    """The nodes a node was computed from; None where it has no such attribute."""
    found = (getattr(node, name, None) for name in CHILDREN)
    return next((one for one in found if isinstance(one, (list, tuple, set, frozenset))), None)


def label_of(node: Any) -> str:
    """What made a node, as its engine says it: a text, or a function or class by its name."""
    label = look(node, LABELS)
    return str(getattr(label, "__name__", label if label is not None else "")).strip()


def describe_foreign(node: Any) -> str:
    """How messages speak of a node of another engine."""
    name, made = look(node, NAMES), label_of(node)
    called = f" {name!r}" if isinstance(name, str) and name else ""
    value = look(node, VALUES)
    size = f"value {value:.6g}" if isinstance(value, (int, float)) else f"value {value!r:.40}"
    return f"the node{called}{f' made by {made!r}' if made else ''} ({size})"


def read_foreign(result: Any) -> tuple[Node, dict[Node, Any]]:
    """The same graph as Nodes, and {node: the gradient the other engine has there}.

    Every value is computed again, by the op of the table that a node's label names, from what its
    children hold: so a label that says something else, a child that is missing or an old value is
    found. Gradients that were never filled (None, or 0 everywhere) are left out.

    Raises EngineError, naming the node: no label, or one without a row; a value that disagrees; an
    order of children that a set has lost; a node that is computed from itself.

    >>> class Value:
    ...     def __init__(self, data, children=(), op=""):
    ...         self.data, self.children, self.op, self.grad = data, children, op, 0.0
    >>> a = Value(3.0)
    >>> read_foreign(Value(9.0, (a, a), "*"))[0]
    <node: 9, mul>
    """
    made: dict[int, Node] = {}
    theirs: dict[Node, Any] = {}
    for node in arguments_first(result):
        children = children_of(node)
        ours = gate(node, children, made) if children else leaf(node)
        name = look(node, NAMES)
        made[id(node)] = ours.named(name) if isinstance(name, str) else ours
        if (grad := gradient_of(node, ours)) is not None:
            theirs[ours] = grad
    filled = any(np.any(grad) for grad in theirs.values())
    return made[id(result)], theirs if filled else {}


def arguments_first(result: Any) -> Iterator[Any]:
    """Every node once, after those it was computed from; no recursion, so any depth."""
    done: set[int] = set()
    underway: set[int] = set()
    waiting = [(result, False)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            underway.discard(id(node))
            done.add(id(node))
            yield node
            continue
        if id(node) in done or not is_foreign(node):  # a plain number among the children
            continue
        if id(node) in underway:
            raise EngineError(
                f"{describe_foreign(node)} is computed from itself: a node may only have nodes "
                "among its children that were there before it"
            )
        underway.add(id(node))
        waiting.append((node, True))
        waiting += [(child, False) for child in reversed(in_order(children_of(node)))]


def in_order(children: Any) -> list[Any]:
    """The children as they stand; those of a set by name, so that a picture is the same twice."""
    if isinstance(children, (list, tuple)):
        return list(children)
    return sorted(
        children, key=lambda child: (str(look(child, NAMES) or "~"), str(look(child, VALUES)))
    )


def leaf(node: Any) -> Node:
    value = look(node, VALUES)
    make = const if getattr(node, "requires_grad", None) is False else var
    try:
        return make(value)
    except EngineError as error:
        raise EngineError(f"{describe_foreign(node)}: {error}") from None


def gate(node: Any, children: Any, made: Mapping[int, Node]) -> Node:
    """A node computed again by the op its label names; EngineError if that gives another value."""
    if not label_of(node):
        raise EngineError(
            f"{describe_foreign(node)} was computed from {len(children)} others and does not say "
            "how: give it an attribute op with a label, op='*'"
        )
    wanted = read_value(look(node, VALUES), describe_foreign(node))
    found, known = [], 0
    for order in orders(node, children):
        if row := row_of(label_of(node), len(order)):
            known += 1
            held = [number(child) for child in order]
            if agrees(computed(node, row, held), wanted, held, look(node, VALUES)):
                found.append((row, order))
    if not known:
        raise no_row(node, children)
    if not found:
        raise disagreement(node, children)
    (op, params), order = found[0]
    if len(found) > 1 and op not in SYMMETRIC:
        raise EngineError(
            f"{describe_foreign(node)} keeps its children in a set, and a set forgets which came "
            "first: keep them in a tuple, (self, other)"
        )
    args = [made[id(child)] if id(child) in made else const(child) for child in order]
    return record(op, tuple(args), params)


def orders(node: Any, children: Any) -> list[tuple[Any, ...]]:
    """How the children may have stood: a set has lost their order, and that one came twice."""
    if isinstance(children, (list, tuple)):
        return [tuple(children)]
    if len(children) > 2:
        raise EngineError(
            f"{describe_foreign(node)} keeps {len(children)} children in a set, and a set forgets "
            "their order: keep them in a tuple"
        )
    one, *rest = in_order(children)
    return [(one, *rest), (*rest, one)] if rest else [(one,), (one, one)]


def row_of(label: str, count: int) -> tuple[str, dict[str, Any]] | None:
    """The op a label names for so many arguments, and its parameters; None if there is no row.

    >>> row_of("ReLU", 1), row_of("**-1", 1), row_of("__mul__", 2), row_of("-", 1)
    (('relu', {}), ('power', {'n': -1.0}), ('mul', {}), ('neg', {}))
    """
    plain = label.strip("_ ").lower()
    if count == 1:
        if plain in POWERS:
            return "power", {"n": POWERS[plain]}
        if exponent := POWER.fullmatch(plain):
            return "power", {"n": float(exponent[1].replace("−", "-"))}
    op = CALLED.get(count, {}).get(plain, plain)
    if op not in TABLE:
        return None
    args, params = named(TABLE[op].forward)
    complete = all(isinstance(value, (type(None), int, float, str)) for value in params.values())
    return (op, dict(params)) if len(args) == count and complete else None


def number(child: Any) -> Any:
    return read_value(look(child, VALUES) if is_foreign(child) else child, "a child of a node")


def computed(node: Any, row: tuple[str, dict[str, Any]], held: list[Any]) -> Any:
    op, params = row
    try:
        return record(op, tuple(const(value) for value in held), params).value
    except EngineError as error:
        raise EngineError(f"{describe_foreign(node)}: {error}") from None


def agrees(ours: Any, theirs: Any, held: list[Any], given: Any) -> bool:
    """Whether a value is the other engine's, as nearly as another way to compute it allows."""
    if np.shape(ours) != np.shape(theirs):
        return False
    single = getattr(given, "dtype", np.dtype(float)) != np.dtype(float)
    near = NEAR_SINGLE if single else NEAR
    largest = max(float(np.max(np.nan_to_num(np.abs(x)), initial=0.0)) for x in held)
    floor = 1e-8 * near * (1.0 + largest)  # theirs may have gone by way of 1, or of an argument
    return bool(np.allclose(ours, theirs, rtol=near, atol=floor, equal_nan=True))


def gradient_of(node: Any, ours: Node) -> Any:
    """The gradient the other engine has on a node; None if it has none of the node's shape."""
    try:
        grad = getattr(node, "grad", None)
    except Exception:  # a property of theirs, before their backward ran
        return None
    grad = look(grad, VALUES) if is_foreign(grad) else grad
    try:
        found = None if grad is None else read_value(grad, "a gradient")
    except EngineError:
        return None
    return found if found is not None and np.shape(found) == ours.shape else None


def no_row(node: Any, children: Any) -> EngineError:
    label = label_of(node)
    counted = "one node" if len(children) == 1 else f"{len(children)} nodes"
    if len(children) == 1 and label in CALLED[2] and label not in CALLED[1]:
        remedy = (
            "a power's label has to hold its exponent, op=f'**{n}'"
            if CALLED[2][label] == "pow"
            else "the other one is missing among its children; a plain number has to be a node, too"
        )
    else:
        ours = sorted({*CALLED[1], *CALLED[2], "exp", "tanh", "relu", "**2"})
        remedy = f"known are the names of the engine's functions, and {' '.join(ours)}"
    return EngineError(
        f"{describe_foreign(node)} is computed from {counted}, and no op of {counted} is called "
        f"{label!r}: {remedy}"
    )


def disagreement(node: Any, children: Any) -> EngineError:
    held = " and ".join(f"{number(child):.6g}" if np.ndim(number(child)) == 0 else "an array"
                        for child in children)  # fmt: skip
    return EngineError(
        f"{describe_foreign(node)} was computed from {held}, and {label_of(node)!r} of those is "
        "not its value: is the label right, are all its children there, was one of them changed "
        "since? Then run the forward pass again"
    )
