"""What a wrong idea changes about the sweep, and a graph on which it can be believed.

A wrong idea is the same sweep with something changed (`Change`), so what somebody who believes it
would hand in can be computed for any expression (`Sweeps`).
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from ..engine.node import TABLE, Node
from ..engine.rules import fit
from ..engine.sweep import Rule, brought, one_for_each, reachable

MOVES = {"getitem", "reshape", "transpose", "stack", "concatenate", "broadcast_to"}
NOTHING: Mapping[Any, Any] = MappingProxyType({})
Places = frozenset[int] | None  # nodes by their place in birth order; None: all of them
Parts = list[tuple[Node, Any]]  # what a node hands to its arguments, as far as they vary


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
        own: makes another rule of a single node's right one; None leaves it.
        meet: what happens where two contributions meet, instead of adding.
        fit: what happens to the shape of a contribution.
        seed: what the incoming gradient of the result becomes.
        forwards: {op: another forward} of the gates that have another rule: from there on the
            values are other ones, too.
        anywhere: whether the idea can also be had at some gates only.
    """

    rows: Mapping[str, Rule] = field(default_factory=lambda: NOTHING)
    every: Callable[[Rule], Rule] | None = None
    own: Callable[[Node, Rule], Rule | None] | None = None
    meet: Callable[[Any, Any], Any] = operator.add
    fit: Callable[[Any, tuple[int, ...]], Any] = fit_if_possible
    seed: Callable[[Any], Any] = lambda seed: seed
    anywhere: bool = True
    forwards: Mapping[str, Callable[..., Any]] = field(default_factory=lambda: NOTHING)

    @property
    def gates(self) -> bool:
        """Whether rules of gates are changed, and not only what happens between them."""
        return bool(self.rows or self.every or self.own)

    @property
    def only_gates(self) -> bool:
        """Whether what happens between gates, and before the first, is right."""
        return (self.meet, self.fit, self.seed) == (RIGHT.meet, RIGHT.fit, RIGHT.seed)

    def rule(self, node: Node, kind: str) -> Rule | None:
        """The changed rule of a node; None if it stays right.

        What only moves entries has no slope to mistake.
        """
        right = TABLE[node.op].gradient
        if kind in self.rows:
            return self.rows[kind]
        if self.own:
            return self.own(node, right)
        return self.every(right) if self.every and kind not in MOVES else None


RIGHT = Change()


class Sweeps:
    """The graph below one result, and its sweep as it is or with a `Change` believed.

    Attributes:
        result: the node the graph ends in.
        nodes: all its nodes, in birth order.
        kinds: of every node that depends on a `var`, by its place among `nodes`: the op's name, or
            a kind of its own where an idea about the op would make no sense (see `_kind`).
        seed: the incoming gradient of the result.

    >>> from backpropkit import var
    >>> from backpropkit.ideas import IDEAS
    >>> a, b = var(2.0, "a"), var(-3.0, "b")
    >>> sweeps = Sweeps(a * b)
    >>> [sweeps.gradients(c)[a] for c in (RIGHT, *IDEAS["mul-not-switched"].changes[:1])]
    [-3.0, 2.0]
    """

    def __init__(self, result: Node, seed: Any = 1.0) -> None:
        self.result, self.seed = result, seed
        self.nodes = reachable(result)
        self._varies = {node for node in self.nodes if node.op == "var"}
        negated = _negated(self.nodes)
        self.kinds: dict[int, str] = {}
        for i, node in enumerate(self.nodes):
            if not self._varies.isdisjoint(node.args):
                self._varies.add(node)
                self.kinds[i] = _kind(node, self._varies, negated)
        # of what does not vary nobody asks a gradient: the sweep spends nothing on it
        self._back = [node for node in reversed(self.nodes) if node in self._varies]

    def rules(self, change: Change, places: Places = None) -> dict[Node, Rule]:
        """{node: changed rule}, at all nodes the change concerns or at some places only."""
        found = {}
        kinds = self._concerned(change) if change.gates else {}
        for i in kinds if places is None else kinds.keys() & places:
            node = self.nodes[i]
            if rule := change.rule(node, kinds[i]):
                found[node] = rule
        return found

    def changed(self, change: Change, places: Places = None) -> tuple[int, ...]:
        """The places of the nodes whose rules are other ones, nearest to the result first."""
        rules = self.rules(change, places)
        kinds = self._concerned(change) if rules else {}
        return tuple(i for i in reversed(kinds) if self.nodes[i] in rules)

    def _concerned(self, change: Change) -> dict[int, str]:
        """The gates an idea can be had about; on the way forward, those of constants, too."""
        return self._all_kinds if change.forwards else self.kinds

    @cached_property
    def _all_kinds(self) -> dict[int, str]:
        return {i: self.kinds.get(i, node.op) for i, node in enumerate(self.nodes) if node.args}

    def gradients(
        self, change: Change = RIGHT, places: Places = None, over: Mapping[Node, Rule] = NOTHING
    ) -> dict[Node, Any]:
        """{node: gradient} of somebody who believes `change`, everywhere or at some places only.

        Of every node that varies. `over` are further rules of single nodes.

        Raises what NumPy or the engine raise where a wrong rule does not even fit the shapes.
        """
        rules = {**self.rules(change, places), **over}
        if change.forwards:
            rules = self._from_other_values(change, rules)
        with np.errstate(all="ignore"):
            if change.only_gates:
                return self._with_other_rules(rules)
            found = {self.result: change.seed(self.seed)}
            for node in self._back:
                for arg, part in self._handed_back(node, found[node], rules, change.fit):
                    if arg in found:
                        meet = operator.add if apart(found[arg], part) else change.meet
                        part = meet(found[arg], part)
                    found[arg] = part
        found[self.result] = self.seed
        return found

    def _from_other_values(self, change: Change, rules: Mapping[Node, Rule]) -> dict[Node, Rule]:
        """The rules as they see the values of another way forward, at every gate it comes by."""
        values: dict[Node, Any] = {}
        found = dict(rules)
        for node in self.nodes:
            other = change.forwards.get(node.op) if node in rules else None
            if other or not values.keys().isdisjoint(node.args):
                inputs = [values.get(arg, arg.value) for arg in node.args]
                with np.errstate(all="ignore"):
                    y = (other or TABLE[node.op].forward)(*inputs, **node.params)
                values[node] = y
                found[node] = _seeing(rules.get(node, TABLE[node.op].gradient), y, inputs)
        return found

    def _with_other_rules(self, rules: Mapping[Node, Rule]) -> dict[Node, Any]:
        """The sweep with some rules changed: only what comes of these is worked out again."""
        gradients, parts = (dict(known) for known in self._right)
        moved: set[Node] = set()
        for node in self._back:
            if node in moved:
                gradients[node] = self._met(node, parts)
            if node in moved or node in rules:
                parts[node] = self._handed_back(node, gradients[node], rules)
                moved.update(arg for arg, _ in parts[node])
        return gradients

    @cached_property
    def _right(self) -> tuple[dict[Node, Any], dict[Node, Parts]]:
        """{node: the right gradient}, and {node: what it rightly hands back}."""
        gradients: dict[Node, Any] = {self.result: self.seed}
        parts: dict[Node, Parts] = {}
        with np.errstate(all="ignore"):
            for node in self._back:
                if node is not self.result:
                    gradients[node] = self._met(node, parts)
                parts[node] = self._handed_back(node, gradients[node])
        return gradients, parts

    @property
    def right(self) -> dict[Node, Any]:
        """{node: the right gradient}."""
        return self._right[0]

    def _handed_back(
        self,
        node: Node,
        g: Any,
        rules: Mapping[Node, Rule] = NOTHING,
        fit: Callable[[Any, tuple[int, ...]], Any] = fit_if_possible,
    ) -> Parts:
        """One step of the sweep, as the engine takes it: what a node hands to which arguments."""
        if not node.args:
            return []
        rule = rules.get(node) or TABLE[node.op].gradient
        parts = rule(g, node._value, *node.inputs, **node.params)
        if parts.__class__ is not tuple or len(parts) != len(node.args):
            parts = one_for_each(parts, node)
        return [
            (arg, _plain(part, arg.shape, fit))
            for arg, part in zip(node.args, parts, strict=True)
            if arg in self._varies
        ]

    def _met(self, node: Node, parts: Mapping[Node, Parts]) -> Any:
        """What comes back to a node: the contributions of its users, in the order of the sweep."""
        came = [part for user in self._users[node] for arg, part in parts[user] if arg is node]
        return functools.reduce(operator.add, came)

    @cached_property
    def _users(self) -> dict[Node, list[Node]]:
        """The nodes that use each one, nearest to the result first."""
        found: dict[Node, list[Node]] = {node: [] for node in self.nodes}
        for user in self._back:
            for arg in dict.fromkeys(user.args):
                found[arg].append(user)
        return found

    @cached_property
    def _layers(self) -> dict[Node, int]:
        """How many nodes lie on the longest way from a leaf to each one."""
        found: dict[Node, int] = {}
        for node in self.nodes:
            found[node] = 1 + max((found[arg] for arg in node.args), default=0)
        return found

    def places(self, change: Change) -> Iterator[Places]:
        """Where an idea can be had: everywhere, at gates of one kind, of one layer, at one gate."""
        everywhere = frozenset(self.changed(change))
        if everywhere or not change.gates:
            yield None
        if not change.anywhere:
            return
        groups: dict[Any, set[int]] = {}
        for i in everywhere:
            kind = self._concerned(change)[i]
            for key in (kind, (kind, self._layers[self.nodes[i]]), i):
                groups.setdefault(key, set()).add(i)
        distinct = {frozenset(group) for group in groups.values()} - {everywhere}
        yield from sorted(distinct, key=lambda group: (-len(group), sorted(group)))

    def above(self, node: Node, stops: Collection[Node] = ()) -> list[int]:
        """The places of the gates on the ways from a node to the result, or to the first stop."""
        found, todo = set(), [node]
        while todo:
            for user in self._users[todo.pop()]:
                if user not in found:
                    found.add(user)
                    todo += [] if user in stops else [user]
        return [i for i in self.kinds if self.nodes[i] in found]

    def arriving(self, node: Node) -> list[Any]:
        """The contributions that meet at a node, one for each use of it."""
        found = []
        for user in reversed(self._users[node]):
            rule = TABLE[user.op].gradient
            pieces = rule(self.right[user], user._value, *user.inputs, **user.params)
            found += [
                fit(piece, node.shape)
                for arg, piece in zip(user.args, pieces, strict=True)
                if arg is node and piece is not None
            ]
        return found


def apart(one: Any, other: Any) -> bool:
    """Two contributions to different entries of an array: they do not meet.

    >>> apart(np.array([1.0, 0.0]), np.array([0.0, 2.0])), apart(1.0, 2.0)
    (True, False)
    """
    if not np.ndim(one) or np.shape(one) != np.shape(other):
        return False
    return bool(np.any(one) and np.any(other) and not np.any(one * other))


def _seeing(rule: Rule, y: Any, inputs: list[Any]) -> Rule:
    """A rule that sees these values, whatever the gate's own are."""
    return lambda g, _, *own, **params: rule(g, y, *inputs, **params)


def _plain(part: Any, shape: tuple[int, ...], fit: Callable[..., Any]) -> Any:
    """A contribution in its argument's shape; most are numbers, and are so already."""
    return part if part.__class__ is float and not shape else brought(part, shape, fit, False)


def _kind(node: Node, varies: set[Node], negated: set[Node]) -> str:
    """What a gate is to those who have ideas about it.

    "scale": multiplied or divided by what does not vary, or a matrix by a number: "not switching"
    makes sense only where both factors vary. "shift": something that does not vary is added: there
    is nobody to split with. "reciprocal": 1/h written as a power. "minus log": a logarithm of which
    only the negative is used, as in a loss.
    """
    one_stays = len(node.args) == 2 and not varies.issuperset(node.args)
    if node.op == "div" and node.args[1] not in varies:
        return "scale"
    if node.op == "mul" and (one_stays or bool(node.args[0].shape) != bool(node.args[1].shape)):
        return "scale"
    if node.op in ("add", "sub") and one_stays:
        return "shift"
    if node.op == "power" and node.params["n"] < 0:
        return "reciprocal"
    return "minus log" if node.op == "log" and node in negated else node.op


def _negated(nodes: list[Node]) -> set[Node]:
    """The nodes that have a minus on their way, with nothing but factors and sums between."""
    found: set[Node] = set()
    for node in reversed(nodes):
        if node.op == "neg" or (node in found and node.op in ("mul", "sum", "mean")):
            found.update(node.args)
    return found
