"""A node as somebody would write it down, with an exercise's names: for sentences and code."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.node import TABLE, Node

LONGEST = 48  # characters of a gate that a sentence still names
CALL = 9  # what binds like a name or a call needs no brackets
# how people write what Python spells otherwise: the text, and how tightly it binds
FRIENDLY = {
    "logdet": ("log|det {0}|", CALL),
    "quadratic_form": ("{0}ᵀ{1}{0}", 5),
    "sigmoid": ("σ({0})", CALL),
    "relu": ("relu({0})", CALL),
    "inv": ("{0}⁻¹", 5),
    "transpose": ("{0}ᵀ", 5),
    "matmul": ("{0} {1}", 2),
    "exp2": ("2^{0}", 4),
}
POWERS = {2: "²", 3: "³", -1: "⁻¹", -2: "⁻²"}


class NoWords(ValueError):
    """The node has no short form in Python."""


def code(node: Node, held: Node | None = None) -> str:
    """A node as Python over the leaves' names, with NumPy as np and this kit as bp.

    The node `held` stands in it by its name, as if it were a leaf.

    Raises NoWords where there is no short way to write it.

    >>> from backpropkit import exp, var
    >>> h1 = (var(2.0, "x") ** 2).named("h1")
    >>> code(1.0 / exp(h1))
    '1 / np.exp(x ** 2)'
    >>> code(1.0 / exp(h1), h1)
    '1 / np.exp(h1)'
    """
    return _write(node, False, held)[0]


def words(node: Node, inside: bool = False) -> str:
    """A gate as a sentence names it, down to what has a name; "" if that would be too long.

    What stands `inside` another gate goes by its own name, if it has one.

    >>> from backpropkit import exp, var
    >>> h1 = (var(2.0, "x") ** 2).named("h1")
    >>> words(h1), words(1.0 / exp(h1))
    ('x²', '1 / exp(h1)')
    """
    try:
        text = _write(node, True, None, top=not inside)[0]
    except NoWords:
        return ""
    text = text.replace("np.linalg.", "").replace("np.", "").replace("bp.", "")
    return text if len(text) <= LONGEST else ""


def _write(node: Node, friendly: bool, held: Node | None, top: bool = True) -> tuple[str, int]:
    """The text of a node, and how tightly it binds."""
    if node is held and node.name:
        return node.name, CALL
    if not node.args:
        return node.name or _constant(node.value), CALL
    if node.op == "mul" and node.args[0].op == "const" and np.all(node.args[0].value == 1.0):
        return _write(node.args[1], friendly, held, top)  # a copy, to tell one way from another
    if friendly and node.name and not top:
        return node.name, CALL
    row, written = TABLE[node.op], [_write(arg, friendly, held, False) for arg in node.args]
    params = {k: v for k, v in node.params.items() if v is not None and v is not False}
    source, binds = FRIENDLY.get(node.op, ("", 0)) if friendly else ("", 0)
    source, binds = source or row.source, binds or row.binds
    if node.op == "power":
        n = params["n"]
        source = f"{{0}}{POWERS[n]}" if friendly and n in POWERS else f"{{0}} ** {n:g}"
    if "{" not in source:
        rest = [f"{k}={v!r}" for k, v in params.items() if (node.op, v) != ("softmax", -1)]
        texts = [text for text, _ in written]
        return f"{source or 'bp.' + node.op}({', '.join([*texts, *rest])})", CALL
    texts = []
    for place, (text, tight) in enumerate(written):
        right = node.op in ("sub", "div", "matmul") if place else node.op == "power"
        texts.append(f"({text})" if binds < CALL and tight < binds + right else text)
    return source.format(*texts, **{k: _index(v) for k, v in params.items() if k != "n"}), binds


def _constant(value: Any) -> str:
    if np.ndim(value) == 0:
        return f"{value:g}"
    if np.ndim(value) == 2 and np.array_equal(value, np.eye(len(value))):
        return f"np.eye({len(value)})"
    raise NoWords("an array without a name")


def _index(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(i, int) for i in value):
        return ", ".join(map(str, value))
    if isinstance(value, int):
        return str(value)
    raise NoWords(f"an index {value!r}")
