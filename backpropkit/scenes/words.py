"""Words with numbers in them that move: written once, said in Python, said again in a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..engine.node import Node
from ..picture import numbers

# By the letter a format begins with; a digit after it is how many digits are shown.
FORMATS: dict[str, Callable[..., str]] = {
    "n": numbers.number,
    "c": numbers.signed,
    "f": lambda x, digits: f"{x:.{digits}f}",
    "w": numbers.whole,
    "r": repr,
    "j": lambda x: json.dumps(np.asarray(x).tolist()),
    "s": lambda x: f"{x:g}".replace("e-0", "e-"),
}


class Moving:
    """Parts are equal where their fields are, and a node is equal to itself only: == of nodes
    compares their values, which is what a dataclass would ask (from Python 3.13 on, always)."""

    def _key(self) -> tuple[Any, ...]:
        return tuple(id(x) if isinstance(x, Node) else x for x in vars(self).values())

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


@dataclass(frozen=True, eq=False)
class Num(Moving):
    """The value of a node: `how` is a format ("n4": four digits, "c3": with its sign), `entry` a
    place in an array, counted flat."""

    node: Node
    how: str = "n4"
    entry: int | None = None


@dataclass(frozen=True, eq=False)
class When(Moving):
    """Some words where a node is not 0, others where it is."""

    node: Node
    then: Words
    otherwise: Words = ""


@dataclass(frozen=True, eq=False)
class Pick(Moving):
    """One of several, by the value of a node: 0 is the first."""

    node: Node
    of: tuple[Words, ...]


Part: TypeAlias = "str | Num | When | Pick"
Words: TypeAlias = "Part | tuple[Words, ...]"


def parts_of(words: Words) -> tuple[Part, ...]:
    """The parts of words within words, in a row."""
    if not isinstance(words, tuple):
        return (words,)
    return tuple(part for inner in words for part in parts_of(inner))


def said(words: Words) -> str:
    """The words at the values the nodes have now.

    >>> from backpropkit import var
    >>> a = var(-2.0)
    >>> said(("a = ", Num(a), When(a > 0, " is positive", " is not")))
    'a = −2 is not'
    """
    return "".join(map(_part, parts_of(words)))


def _part(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Num):
        value = part.node.value
        if part.entry is not None and np.ndim(value):
            value = float(value.flat[part.entry])
        letter, digits = part.how[0], part.how[1:]
        return FORMATS[letter](value, *([int(digits)] if digits else []))
    if isinstance(part, When):
        return said(part.then if part.node.value else part.otherwise)
    return said(part.of[chosen(part)])


def chosen(part: Pick) -> int:
    return int(min(max(round(part.node.value), 0), len(part.of) - 1))


def nodes_of(words: Words) -> Iterable[Node]:
    """Every node that the words need."""
    for part in parts_of(words):
        if not isinstance(part, str):
            yield part.node
        if isinstance(part, When):
            yield from nodes_of(part.then)
            yield from nodes_of(part.otherwise)
        if isinstance(part, Pick):
            for other in part.of:
                yield from nodes_of(other)


def still(words: Words, moves: Callable[[Node], bool]) -> tuple[Part, ...]:
    """The same with everything said that will never move."""
    found: list[Part] = []
    for part in parts_of(words):
        rest: Sequence[Part]
        if isinstance(part, str):
            rest = [part]
        elif moves(part.node):
            if isinstance(part, When):
                part = When(part.node, still(part.then, moves), still(part.otherwise, moves))
            elif isinstance(part, Pick):
                part = Pick(part.node, tuple(still(other, moves) for other in part.of))
            rest = [part]
        elif isinstance(part, Num):
            rest = [_part(part)]
        else:
            taken = (
                (part.then if part.node.value else part.otherwise)
                if isinstance(part, When)
                else part.of[chosen(part)]
            )
            rest = still(taken, moves)
        for new in rest:
            if isinstance(new, str) and found and isinstance(found[-1], str):
                found[-1] += new
            elif new != "":
                found.append(new)
    return tuple(found)


def as_json(words: Words, register: Callable[[Node], int]) -> list[Any]:
    """What travels: registers in place of nodes."""
    told: list[Any] = []
    for part in parts_of(words):
        if isinstance(part, str):
            told.append(part)
        elif isinstance(part, Num):
            entry = [] if part.entry is None else [part.entry]
            told.append([register(part.node), part.how, *entry])
        elif isinstance(part, When):
            then, other = (as_json(w, register) for w in (part.then, part.otherwise))
            told.append({"when": register(part.node), "then": then, "else": other})
        else:
            of = [as_json(other, register) for other in part.of]
            told.append({"pick": register(part.node), "of": of})
    return told
