"""Branches of a learner's function: what an `if` asked when it was recorded, and if that holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.node import Node, record
from ..engine.sweep import reachable
from ..picture.facts import COMPARED, INFIX, made, symbol
from ..picture.numbers import whole

Guard = tuple[Node, bool, str]  # what was asked, what the answer was, how it reads


def again(asked: Sequence[Node], known: Mapping[Node, Node]) -> list[Node]:
    """The questions asked anew of other nodes: `known` ones are put in the place of theirs."""
    fresh = dict(known)
    for question in asked:
        for node in reachable(question):
            if node not in fresh:
                args = tuple(fresh[arg] for arg in node.args)
                fresh[node] = record(node.op, args, node.params) if args else node
    return [fresh[question] for question in asked]


def guards(
    asked: Sequence[Node], known: Mapping[Node, Node], called: Mapping[Node, str]
) -> list[Guard]:
    """What has to stay as it was for a program to be that of the function.

    >>> from backpropkit import var
    >>> from backpropkit.engine.recording import truths
    >>> a = var(2.0, "a")
    >>> with truths() as asked:
    ...     y = a * a if a * 3.0 > 1.0 else a
    >>> [(held, reads) for _, held, reads in guards(asked, {}, {a: "a"})]
    [(True, '“a × 3 > 1”')]
    """
    now = again(asked, known)
    return [
        (node, bool(question.value), f"“{reads(question, called)}”")
        for node, question in zip(now, asked, strict=True)
    ]


def hold(asked: Sequence[Guard], now: Sequence[Node]) -> Any:
    """1 while all of them turn out as they did, asked of `now`."""
    holds: Any = Node(1.0, "const")
    for (_, held, _), node in zip(asked, now, strict=True):
        holds = holds * (node if held else 1.0 - node)
    return holds


def reads(node: Node, called: Mapping[Node, str]) -> str:
    """How a node was computed, from names and numbers: "a × b > 1"."""
    if node in called or node.name:
        return called.get(node) or node.name
    if not node.args:
        return whole(node.value)
    if node.op == "getitem":
        index = node.params["index"]
        places = index if isinstance(index, tuple) else (index,)
        whole_numbers = all(isinstance(place, int) for place in places)
        told = ", ".join(map(str, places)) if whole_numbers else "…"
        return f"{reads(node.args[0], called)}[{told}]"
    loose = symbol(node) in COMPARED or len(node.args) == 1
    words = []
    for arg in node.args:
        inside = reads(arg, called)
        infix = arg.args and arg not in called and not arg.name and symbol(arg) in INFIX
        words.append(f"({inside})" if infix and not loose else inside)
    return made(node, words)
