"""One trial of an exercise: its graph on the engine, the right answer, and the sweep run wrongly.

A wrong idea is the same sweep with something changed (`Change`), so what somebody who believes it
would hand in can be computed for any expression.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from autograder.judge.exercise import NOTHING, Exercise, Inputs, Part, Values
from backpropkit.engine.node import TABLE, Node, const, no_grad, var
from backpropkit.engine.rules import fit
from backpropkit.engine.sweep import Rule, gradients, reachable

MOVES = {"getitem", "reshape", "transpose", "stack", "concatenate", "broadcast_to"}


def fit_if_possible(part: Any, shape: tuple[int, ...]) -> Any:
    """The engine's `fit`; a contribution of a shape it cannot mend stays as it is, as on paper."""
    try:
        return fit(part, shape)
    except ValueError:
        return part


@dataclass(frozen=True)
class Change:
    """What a wrong idea changes about the sweep.

    Attributes:
        rows: {kind of gate: another gradient rule}, in the form of the engine's table.
        every: makes another rule of every right one.
        meet: what happens where two contributions meet, instead of adding.
        fit: what happens to the shape of a contribution.
        seed: what the incoming gradient of the result becomes.
        anywhere: whether the idea can also be had at some gates only.
    """

    rows: Mapping[str, Rule] = field(default_factory=lambda: NOTHING)
    every: Callable[[Rule], Rule] | None = None
    meet: Callable[[Any, Any], Any] = operator.add
    fit: Callable[[Any, tuple[int, ...]], Any] = fit_if_possible
    seed: Callable[[Any], Any] = lambda seed: seed
    anywhere: bool = True

    def concerns(self, kind: str) -> bool:
        """Whether a kind of gate is changed; what only moves entries has no slope to mistake."""
        return kind in self.rows or (self.every is not None and kind not in MOVES)

    def rule(self, kind: str, right: Rule) -> Rule | None:
        """The changed rule of one kind of gate; None if it stays right."""
        if kind in self.rows or not self.concerns(kind):
            return self.rows.get(kind)
        return self.every(right) if self.every else None


RIGHT = Change()


class Trial:
    """The inputs of one question, and the exercise's graph for them.

    Attributes:
        inputs: {argument: value}.
        kinds: of every node that has arguments, by its place in birth order: the op's name, or
            "scale" for a multiplication or division by what does not vary, or of a matrix by a
            number. "Not switching" a gate makes sense only where both factors vary.
        truth: {part: the right value}.
    """

    def __init__(self, exercise: Exercise, inputs: Inputs) -> None:
        self.exercise = exercise
        self.inputs = inputs
        self.nodes: list[Node] = []
        self.kinds: dict[int, str] = {}
        if exercise.truth is not None:  # no gradient: there is no graph to go through wrongly
            self.truth = exercise.truth(**inputs)
            return
        self.result = _forward(exercise, inputs)
        self.nodes = reachable(self.result)
        self._named = {node.name: node for node in self.nodes if node.name}
        varies = {node for node in self.nodes if node.op == "var"}
        self._right: dict[str, Rule] = {}
        for i, node in enumerate(self.nodes):
            if not varies.isdisjoint(node.args):
                varies.add(node)
                self.kinds[i] = _kind(node, varies)
            if node.args:  # a row for every node: an idea can be had at one gate only
                rule = TABLE[node.op].gradient
                node.op = f"{i} {node.op}"
                self._right[node.op] = rule
        self.truth = self.sweep()

    def sweep(
        self,
        change: Change = RIGHT,
        places: frozenset[int] | None = None,
        held: Mapping[str, Any] = NOTHING,
        moved: Mapping[Node, Any] = NOTHING,
    ) -> Values:
        """{part: value} when `change` is believed everywhere, or at some places only.

        Gradients of the parts in `held` are what is given there: what is asked is what follows.
        Nodes in `moved` have other values by the time the sweep comes by.

        Raises whatever NumPy raises where a wrong rule does not even fit the shapes.
        """
        found = [self._gradients(seed, change, places, held, moved) for seed in self._seeds]
        return {
            part.name: _pick(part, self._named[part.node], found, self.exercise.jacobian)
            for part in self.exercise.parts
        }

    def whole(self, part: Part) -> Any:
        """All of the gradient of which a part may ask one entry."""
        return self._gradients(self._seeds[0])[self._named[part.node]]

    def following(self, part: Part, given: Values) -> Any:
        """What a part is if the other parts are what was given."""
        return self.sweep(held={k: v for k, v in given.items() if k != part.name})[part.name]

    def stale(self, part: Part) -> Any:
        """What a part is if every weight has moved by minus its gradient before it is used."""
        moved = {
            self._named[p.node]: self._named[p.node].value - self.truth[p.name]
            for p in self.exercise.parts
            if p.entry is None and p.node in self.inputs and np.ndim(self.truth[p.name]) == 2
        }
        return self.sweep(moved=moved)[part.name]

    def _gradients(
        self,
        seed: Any,
        change: Change = RIGHT,
        places: frozenset[int] | None = None,
        held: Mapping[str, Any] = NOTHING,
        moved: Mapping[Node, Any] = NOTHING,
    ) -> dict[Node, Any]:
        rules = dict(self._right)
        for i, kind in self.kinds.items():
            if places is None or i in places:
                op = self.nodes[i].op
                rules[op] = change.rule(kind, rules[op]) or rules[op]
        for part in self.exercise.parts:
            op = self._named[part.node].op
            if part.name in held and op in rules:
                rules[op] = _instead(rules[op], held[part.name])
        for node in self.nodes:
            if not moved.keys().isdisjoint(node.args):
                rules[node.op] = _with(rules[node.op], [moved.get(a, a.value) for a in node.args])
        with np.errstate(all="ignore"):
            found = gradients(
                self.result, change.seed(seed), rules=rules, meet=change.meet, fit=change.fit
            )
        found[self.result] = seed
        return found

    @cached_property
    def _seeds(self) -> list[Any]:
        if self.exercise.jacobian:
            shape = self.result.shape
            return list(np.eye(self.result.size).reshape(-1, *shape))
        return [self.inputs[self.exercise.upstream] if self.exercise.upstream else 1.0]

    def places(self, change: Change) -> Iterator[frozenset[int] | None]:
        """Where an idea can be had: everywhere, at gates of one kind, of one layer, at one gate."""
        if not self.nodes:
            return
        layers: dict[Node, int] = {}
        groups: dict[Any, set[int]] = {}
        for i, node in enumerate(self.nodes):
            layers[node] = 1 + max((layers[arg] for arg in node.args), default=0)
            if i in self.kinds and change.concerns(self.kinds[i]):
                kind = self.kinds[i]
                for key in ("everywhere", kind, (kind, layers[node]), i):
                    groups.setdefault(key, set()).add(i)
        everywhere = frozenset(groups.pop("everywhere", ()))
        if everywhere or not (change.rows or change.every):
            yield None
        if not change.anywhere:
            return
        distinct = {frozenset(group) for group in groups.values()} - {everywhere}
        yield from sorted(distinct, key=lambda group: (-len(group), sorted(group)))

    def arriving(self, part: Part) -> list[Any]:
        """The contributions that meet at a part's node, one for each use of it."""
        if self.exercise.jacobian or not self.nodes:
            return []
        node = self._named[part.node]
        grads = self._gradients(self._seeds[0])
        found = []
        for user in self.nodes:
            if node in user.args:
                values = [a.value for a in user.args]
                pieces = self._right[user.op](grads[user], user.value, *values, **user.params)
                found += [
                    _pick(part, node, [{node: fit(piece, node.shape)}])
                    for arg, piece in zip(user.args, pieces, strict=True)
                    if arg is node
                ]
        return found

    def secant(self, part: Part, before: float, after: float) -> Any:
        """The slope of the result between two nudges of a part's input, entry by entry."""
        start = np.asarray(self.inputs[part.node], dtype=float)
        slopes = np.empty(start.shape)
        for entry in [part.entry] if part.entry else np.ndindex(start.shape):
            ends = []
            for h in (before, after):
                moved = start.copy()
                moved[entry] += h
                inputs = self.inputs | {part.node: moved if moved.ndim else float(moved)}
                with no_grad():
                    value = _forward(self.exercise, inputs).value
                ends.append(np.sum(self._seeds[0] * value))
            slopes[entry] = (ends[1] - ends[0]) / (after - before)
        slope = slopes[part.entry] if part.entry else slopes
        return float(slope) if np.ndim(slope) == 0 else slope


def _instead(rule: Rule, g: Any) -> Rule:
    """A rule that takes another incoming gradient than the one that comes."""
    return lambda _, y, *arguments, **params: rule(g, y, *arguments, **params)


def _with(rule: Rule, values: list[Any]) -> Rule:
    """A rule that sees other arguments than those of the forward pass."""
    return lambda g, y, *_, **params: rule(g, y, *values, **params)


def _forward(exercise: Exercise, inputs: Inputs) -> Node:
    """The exercise's expression, recorded; what it differentiates by varies, the rest is data."""
    wrt = {part.node for part in exercise.parts}
    leaves = {
        name: (var if name in wrt else const)(value, name)
        if isinstance(value, (float, np.ndarray))
        else value
        for name, value in inputs.items()
        if name != exercise.upstream
    }
    assert exercise.forward is not None
    result: Node = exercise.forward(**leaves)
    return result


def _kind(node: Node, varies: set[Node]) -> str:
    if node.op == "div" and node.args[1] not in varies:
        return "scale"
    if node.op == "mul":
        a, b = node.args
        if a not in varies or b not in varies or bool(a.shape) != bool(b.shape):
            return "scale"
    return node.op


def _pick(part: Part, node: Node, found: list[dict[Node, Any]], stacked: bool = False) -> Any:
    """A part's value from the gradients found: one entry, one array, or one for every seed."""
    values = [grads.get(node, np.zeros(node.shape)) for grads in found]
    value = np.stack(values) if stacked else values[0]
    value = value[part.entry] if part.entry is not None else value
    return float(value) if np.ndim(value) == 0 else np.asarray(value)
