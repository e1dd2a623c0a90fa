"""An expression at some inputs: recorded as a graph, and swept for the parts asked of it.

What is right follows from it, and so does what wrong ideas make of it. It knows no exercise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from backpropkit.engine.node import Node, const, var
from backpropkit.engine.sweep import Rule
from backpropkit.ideas import RIGHT, Change, Places, Sweeps

Inputs = dict[str, Any]
Values = dict[str, Any]  # part -> value
NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Part:
    """One thing an answer earns points for.

    Attributes:
        name: what the learner calls it, such as "dA".
        points: what it earns.
        node: the input or named node whose gradient it is.
        entry: the one entry of that gradient that is asked for; None for all of it.
    """

    name: str
    points: float
    node: str
    entry: tuple[int, ...] | None = None


def record(
    forward: Callable[..., Any], inputs: Inputs, parts: Sequence[Part], upstream: str = ""
) -> Node:
    """The expression; what it is differentiated by varies, the rest is data.

    >>> record(lambda a, b: a * b, {"a": 2.0, "b": 3.0}, [Part("da", 1, "a")]).value
    6.0
    """
    wrt = {part.node for part in parts}
    leaves = {
        name: (var if name in wrt else const)(value, name)
        if isinstance(value, (float, np.ndarray))
        else value
        for name, value in inputs.items()
        if name != upstream
    }
    result: Node = forward(**leaves)
    return result


class Recorded:
    """What was recorded, ready to be swept.

    Attributes:
        sweeps: the graph, with the incoming gradient of its result.
        named: {name: node}.
    """

    def __init__(self, result: Node, parts: Sequence[Part], seed: Any, jacobian: bool) -> None:
        self._parts, self._jacobian = parts, jacobian
        self.sweeps = Sweeps(result, seed)
        self.named = {node.name: node for node in self.sweeps.nodes if node.name}
        self._each = [self.sweeps]  # of a Jacobian, one sweep for every entry of the result
        if jacobian:
            seeds = np.eye(result.size).reshape(-1, *result.shape)
            self._each = [Sweeps(result, one) for one in seeds]

    def gradients(
        self,
        change: Change = RIGHT,
        places: Places = None,
        over: Mapping[Node, Rule] = NOTHING,
    ) -> Values:
        """{part: value} of one sweep; `over` are the rules that single nodes have instead.

        Raises whatever NumPy raises where a wrong rule does not even fit the shapes.
        """
        found = [one.gradients(change, places, over) for one in self._each]
        return {
            part.name: pick(part, self.named[part.node], found, self._jacobian)
            for part in self._parts
        }


def pick(part: Part, node: Node, found: list[dict[Node, Any]], stacked: bool = False) -> Any:
    """A part's value from the gradients found: one entry, one array, or one for every seed."""
    values = [gradients[node] for gradients in found]
    value = np.stack(values) if stacked else values[0]
    value = value[part.entry] if part.entry is not None else value
    return value if isinstance(value, np.ndarray) and value.ndim else float(value)
