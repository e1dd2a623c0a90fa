"""One trial of an exercise: its graph, the right answer, and what wrong ideas make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from autograder.judge.exercise import NOTHING, Exercise, Inputs, Part, Values
from autograder.judge.recorded import pick
from backpropkit.engine.node import TABLE, Node
from backpropkit.engine.recording import no_grad
from backpropkit.engine.sweep import Rule
from backpropkit.ideas import RIGHT, Change, Idea, Places, Right, Sweeps


class Trial:
    """The inputs of one question, and the exercise's graph for them.

    Attributes:
        inputs: {argument: value}.
        sweeps: the graph, to sweep rightly or wrongly; None where the answer is no gradient.
        truth: {part: the right value}.
        predicted: {way to have an idea: what it predicts}, as far as somebody has asked.
    """

    def __init__(self, exercise: Exercise, inputs: Inputs) -> None:
        self.exercise = exercise
        self.inputs = inputs
        self.sweeps: Sweeps | None = None
        self.predicted: dict[tuple[int, int], Values] = {}
        self._nudged: dict[tuple[Any, ...], float] = {}
        if exercise.truth is not None:  # no gradient: there is no graph to go through wrongly
            self.truth = exercise.truth(**inputs)
            return
        self._recorded = exercise.recorded(inputs)
        self.sweeps, self._named = self._recorded.sweeps, self._recorded.named
        self.truth = self._recorded.gradients()

    def sweep(
        self,
        change: Change = RIGHT,
        places: Places = None,
        held: Mapping[str, Any] = NOTHING,
        moved: Mapping[Node, Any] = NOTHING,
    ) -> Values:
        """{part: value} when `change` is believed everywhere, or at some places only.

        Gradients of the parts in `held` are what is given there: what is asked is what follows.
        Nodes in `moved` have other values by the time the sweep comes by.

        Raises whatever NumPy raises where a wrong rule does not even fit the shapes.
        """
        over = {
            self.where(part): _instead(self.where(part), held[part.name])
            for part in self.exercise.parts
            if part.name in held and self.where(part).args
        }
        for node in self._graph.nodes if moved else ():
            if not moved.keys().isdisjoint(node.args):
                over[node] = _with(node, [moved.get(a, a.value) for a in node.args])
        return self._recorded.gradients(change, places, over)

    @property
    def _graph(self) -> Sweeps:
        assert self.sweeps is not None
        return self.sweeps

    @property
    def leaves(self) -> dict[str, int]:
        """{input: its place among the nodes}, of those that are numbers."""
        places = {node: i for i, node in enumerate(self._graph.nodes)}
        return {
            name: places[node]
            for name, node in self._named.items()
            if name in self.inputs and not node.args
        }

    def without(self, name: str, number: float) -> Values:
        """{part: value} of somebody who takes an input to be 0, or 1, and so leaves it out.

        A gradient that is 0 then says nothing of that: 0 is what those return who know nothing.
        """
        value = self.inputs[name]
        instead = np.full(np.shape(value), number) if np.ndim(value) else number
        found = Trial(self.exercise, self.inputs | {name: instead}).truth
        return {part: value for part, value in found.items() if np.any(value)}

    def whole(self, part: Part) -> Any:
        """All of the gradient of which a part may ask one entry."""
        return self._graph.right[self._named[part.node]]

    def node(self, part: Part) -> Node:
        """The node whose gradient a part is."""
        return self._named[part.node]

    def where(self, part: Part) -> Node:
        """The last node whose gradient is a part's: its own, or that of the sum it is added to.

        A leaf that is used once, in an addition without broadcasting, has the gradient of the sum.
        """
        node = self.node(part)
        if node.args or part.entry is not None:
            return node
        # `==` of nodes compares values, so uses are counted by identity
        users = [user for user in self._graph.nodes for arg in user.args if arg is node]
        once = len(users) == 1 and users[0].op == "add"
        return users[0] if once and users[0].shape == node.shape else node

    def stale(self, part: Part) -> Any:
        """What a part is if every weight has moved by minus its gradient before it is used."""
        moved = {
            self._named[p.node]: self._named[p.node].value - self.truth[p.name]
            for p in self.exercise.parts
            if p.entry is None and p.node in self.inputs and np.ndim(self.truth[p.name]) == 2
        }
        return self.sweep(moved=moved)[part.name]

    def overwritten(self, part: Part) -> Values:
        """The parts after one whose variable has been given its gradient as a new value."""
        node = self._named[part.node]
        after = self.exercise.parts[self.exercise.parts.index(part) + 1 :]
        found = self.sweep(moved={node: self.truth[part.name]})
        return {p.name: found[p.name] for p in after}

    def transformed(self, idea: Idea, part: Part) -> Iterator[Any]:
        """What an idea makes of a part's right value."""
        if idea.transforms is None:
            return
        if self.sweeps is None or self.exercise.jacobian:
            yield from idea.transforms(Right(self.truth[part.name]))
            return
        node = self._named[part.node]
        for wrong in idea.transforms(Right(self.whole(part), node, self.sweeps)):
            with suppress(IndexError):  # mirrored, it has no such entry
                yield pick(part, node, [{node: wrong}])

    def nudged(self, part: Part, entry: tuple[int, ...], h: float) -> float:
        """The result after one entry of a part's input has moved by h, weighted by its seed."""
        key = part.node, entry, h
        if key not in self._nudged:
            moved = np.array(self.inputs[part.node], dtype=float)
            moved[entry] += h
            inputs = self.inputs | {part.node: moved if moved.ndim else float(moved)}
            with no_grad():
                value = self.exercise.result(inputs).value
            self._nudged[key] = float(np.sum(self._graph.seed * value))
        return self._nudged[key]


def _instead(node: Node, g: Any) -> Rule:
    """A node's rule that takes another incoming gradient than the one that comes."""
    rule = TABLE[node.op].gradient
    return lambda _, y, *arguments, **params: rule(g, y, *arguments, **params)


def _with(node: Node, values: list[Any]) -> Rule:
    """A node's rule that sees other arguments than those of the forward pass."""
    rule = TABLE[node.op].gradient
    return lambda g, y, *_, **params: rule(g, y, *values, **params)
