"""What a question is: its text, what computes the answer, and what wrong answers come of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.node import Node
from ..graphs.graph import Graph
from ..ideas import IDEAS, Sweeps

Slips = Sequence[tuple[float, str]]  # a wrong number, and what to ask whoever says it


@dataclass(frozen=True)
class Number:
    """A question whose answer a function computes, once somebody has typed a number."""

    text: str
    compute: Callable[[], Any]
    slips: Slips = ()

    def answer(self) -> float:
        return float(self.compute())

    def thoughts(self) -> Iterator[tuple[float, str]]:
        """Wrong numbers, and for each what the learner is asked."""
        yield from self.slips


@dataclass(frozen=True)
class Slope:
    """A question for how far the result of a graph moves when one of its nodes is nudged.

    Attributes:
        build: makes the graph; returns the node it ends in.
        of: the name of the node that is nudged; `entry` one of its entries.
        times: the nudge, where the change is asked for and not its ratio to the nudge.

    >>> from backpropkit import var
    >>> asked = Slope("∂L/∂a?", lambda: var(2.0, "a") + var(5.0, "b"), "a")
    >>> asked.answer(), next(number for number, told in asked.thoughts() if "sum" in told)
    (1.0, 0.5)
    """

    text: str
    build: Callable[[], Any]
    of: str
    entry: tuple[int, ...] = ()
    times: float = 1.0
    slips: Slips = ()

    def node(self, graph: Graph) -> Node:
        (found,) = [node for node in graph.nodes if node.name == self.of]
        return found

    def answer(self) -> float:
        graph = Graph(self.build())
        return self._of(graph.grads[self.node(graph)])

    def thoughts(self) -> Iterator[tuple[float, str]]:
        """The question's own slips, then what each wrong idea's row makes of this graph."""
        yield from self.slips
        sweeps = Sweeps(self.build())
        node = self.node(Graph(sweeps.result))
        for idea in IDEAS.values():
            if not idea.general:
                for wrong in idea.wrong(sweeps):
                    if node in wrong and np.shape(wrong[node]) == node.shape:
                        yield self._of(wrong[node]), idea.message
        yield -self._of(sweeps.right[node]), IDEAS["sign"].message

    def _of(self, gradient: Any) -> float:
        return float(np.asarray(gradient)[self.entry]) * self.times


Question = Number | Slope
