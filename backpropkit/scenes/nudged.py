"""A nudge traced on Nodes: every value, what h added to the chosen node makes of it, and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .. import functions as f
from ..engine.node import TABLE, Node, record
from ..engine.rules import fit
from ..engine.sweep import gradients
from ..graphs.graph import Graph
from ..picture.facts import ROUNDING, made, names
from ..picture.numbers import counted
from ..picture.numbers import shape as shape_of
from .branches import again, guards, hold
from .scene import Script
from .words import Num, Pick, When, Words


def masked(graph: Graph) -> bool:
    """Whether some constant of a graph is infinite, as masks are."""
    return any(np.isinf(node.value).any() for node in graph.nodes if node.op == "const")


def leaf(name: str) -> str:
    """What the state calls a leaf, so that one named h or node does no harm."""
    return f"leaf.{name}"


@dataclass
class Nudged:
    """A graph with everything a nudge needs, traced on Nodes: values, gradients, what moved.

    The state says which node is nudged, so every node carries what would hold it.
    """

    graph: Graph
    script: Script

    def __post_init__(self) -> None:
        self.called = names(self.graph.nodes)
        self.nodes = self._forward()
        self.place = {node: i for i, node in enumerate(self.nodes)}
        self.args = tuple(tuple(self.place[a] for a in node.args) for node in self.nodes)
        self.result = self.nodes[-1]
        self.L = self.called[-1]
        grads = gradients(self.result, Node(1.0, "const"), nodes=True)
        self.grads = [grads[node] for node in self.nodes]
        self.movable = [i for i, node in enumerate(self.nodes) if node.op != "const"]
        chosen = self.script.node("node")
        self.pick = {i: chosen == float(k) for k, i in enumerate(self.movable)}
        self.h = self.script.node("h")
        self.hide = self.script.node("hide")
        self.is_gate = sum(
            (self.pick[i] for i in self.movable if self.nodes[i].args),
            0.0 * self.script.node("way"),
        )
        self.written = self.script.node("way") * self.is_gate
        self.held = (1.0 - self.script.node("way")) * self.is_gate
        self._after()

    def _forward(self) -> list[Node]:
        """The graph on the leaves of the state."""
        fresh: dict[Node, Node] = {}
        for node, name in zip(self.graph.nodes, self.called, strict=True):
            if node.op == "var":
                fresh[node] = self.script.node(leaf(name)).named(name)
            elif not node.args:
                fresh[node] = node
            else:
                args = tuple(fresh[arg] for arg in node.args)
                fresh[node] = record(node.op, args, node.params).named(node.name)
        called = dict(zip(self.graph.nodes, self.called, strict=True))
        self.guards = guards(self.graph.asked, fresh, called)
        return [fresh[node] for node in self.graph.nodes]

    def _after(self) -> None:
        """Every node with the chosen one held at its value + h; nothing moves where a write is
        lost."""
        push = self.h * (1.0 - self.written)
        self.after: list[Node] = []
        self.delta: dict[int, Node] = {}
        self.moved: dict[int, Node] = {}
        self.marked: dict[int, Node] = {}  # what is drawn as moved
        secret = self.of_chosen({i: self.secret(i) for i in self.movable})
        for i, node in enumerate(self.nodes):
            if node.op == "const":
                self.after.append(node)
                continue
            base = node
            if node.args:
                base = record(node.op, tuple(self.after[j] for j in self.args[i]), node.params)
            self.after.append(f.where(self.pick[i], node + push * self.unit(i), base))
            self.delta[i] = self.after[i] - node
            if node.shape and masked(self.graph):  # −∞ stays −∞
                self.delta[i] = f.where(self.after[i] == node, 0.0, self.delta[i])
            self.moved[i] = f.max(abs(self.delta[i])) > 0.0
            # as long as a gradient is to be predicted, its picture says where a nudge may come,
            # and not that it stops at a gate
            below = sum((self.marked[j] for j in self.args[i] if j in self.marked), self.pick[i])
            reached = (below > 0.0) * (1.0 - self.written)
            self.marked[i] = f.where(secret, reached, self.moved[i])

    def watch(self) -> None:
        """Whatever the picture says has to be a number; entries of masked arrays may be infinite.

        Raises EngineError where it is none now.
        """

        def watch(node: Node, name: str) -> None:
            if node.shape and masked(self.graph):
                node = f.where(abs(node) == np.inf, 0.0, node)
            self.script.watch(node, name)

        for node, name in zip(self.nodes, self.called, strict=True):
            watch(node, name)
        for i in self.movable:
            watch(self.after[i], f"{self.called[i]} after the nudge")
            self.script.watch(self.grads[i], f"∂{self.L}/∂{self.called[i]}")
        for (i, slot), part in self.locals.items():
            self.script.watch(part, f"∂{self.called[i]}/∂{self.called[self.args[i][slot]]}")
        self.script.watch(self.predicted, "what the gradient predicts")
        self.script.watch(self.error, "the error of that")

    @cached_property
    def holds(self) -> Any:
        """Whether every `if` of the function turns out the same after the nudge."""
        known = dict(zip(self.graph.nodes, self.after, strict=True))
        return hold(self.guards, again(self.graph.asked, known))

    def unit(self, i: int) -> Any:
        """1 for a number; for an array zeros with a 1 at the chosen entry."""
        shape = self.nodes[i].shape
        if not shape:
            return 1.0
        entry, one = self.script.node("entry"), Node(1.0, "const")
        for axis, size in enumerate(shape):
            along = np.arange(float(size)).reshape(
                [-1 if k == axis else 1 for k in range(len(shape))]
            )
            one = one * (entry[axis] == along)
        return one

    def of_chosen(self, what: Mapping[int, Any]) -> Any:
        """One number of the chosen node."""
        return sum((f.where(self.pick[i], what[i], 0.0) for i in what), 0.0)

    def at_entry(self, i: int, value: Node) -> Any:
        """A number of a node: its chosen entry, for an array."""
        return f.sum(value * self.unit(i)) if value.shape else value

    @cached_property
    def slope(self) -> Any:
        return self.of_chosen({i: self.at_entry(i, self.grads[i]) for i in self.movable})

    @cached_property
    def here(self) -> Any:
        """The chosen node's value."""
        return self.of_chosen({i: self.at_entry(i, self.nodes[i]) for i in self.movable})

    @cached_property
    def actual(self) -> Any:
        return self.after[-1] - self.result

    @cached_property
    def predicted(self) -> Any:
        return self.slope * self.h

    @cached_property
    def error(self) -> Any:
        return self.actual - self.predicted

    @cached_property
    def rounding(self) -> Any:
        """An error below this is rounding."""
        return 4 * ROUNDING * f.maximum(abs(self.result), abs(self.predicted))

    # --- in words --------------------------------------------------------------------------------

    def name(self, what: Sequence[Words] | None = None) -> Pick:
        """The chosen node's name, or something else about it."""
        return Pick(self.script.node("node"), tuple(what or [self.called[i] for i in self.movable]))

    @cached_property
    def made(self) -> list[str]:
        """How each node was computed: "a × b"; "" for a leaf."""
        return [
            made(node, [self.called[j] for j in args])
            for node, args in zip(self.nodes, self.args, strict=True)
        ]

    @cached_property
    def entry(self) -> Pick:
        """ "[0, 1]" after the name of an array."""
        entry = self.script.node("entry")
        told: list[Words] = []
        for i in self.movable:
            axes = range(len(self.nodes[i].shape))
            inside = [part for k in axes for part in (", ", Num(entry, "n4", k))][1:]
            told.append(("[", *inside, "]") if inside else "")
        return self.name(told)

    @cached_property
    def verdict(self) -> Words:
        """The gap between what happened and what was predicted, and what to think of it."""
        some = abs(self.actual) > ROUNDING * abs(self.predicted)
        times = abs(self.error) / f.where(some, abs(self.actual), 1.0)
        share, many = (Num(100.0 * times, "n2"), " % of"), (Num(times, "n2"), " times")
        part = (", ", When(times < 10.0, share, many), " the change")
        much = When(some, part, ": all of the prediction")
        wrong = ("Error ", Num(abs(self.error), "n3"), much)
        right = "No error beyond rounding"
        small = f"{self.L} has too few digits to tell: nothing was compared"
        who = (self.name(), self.entry)
        lost = (*who, " + h is ", *who, " again to all digits: nothing was compared")
        seen = f.maximum(abs(self.actual), abs(self.predicted))
        alike = When((seen > 0.0) * (seen <= self.rounding), small, right)
        told = When(abs(self.error) > self.rounding, wrong, alike)
        return (When(self.arrived, told, lost),)

    @cached_property
    def arrived(self) -> Any:
        """Whether the chosen node, with h added, is another number; or was written in vain."""
        there = self.of_chosen({i: self.moved[i] for i in self.movable})
        return f.maximum(there, self.written)

    @cached_property
    def caption(self) -> Words:
        """What the nudge did, or that it is to be predicted."""
        who = ("You add ", Num(self.h, "n3"), " to ", self.name(), self.entry, ". What happens?")
        hint = " Predict; then press a ? to see that number, or “Hide the numbers” to see all."
        return (When(self.hide, (who, hint), self.sentence),)

    @cached_property
    def sentence(self) -> Words:
        foreseen = (
            "the gradient predicts ",
            Num(self.slope),
            " × ",
            Num(self.h, "n3"),
            " = ",
            Num(self.predicted),
        )
        who = (self.name(), self.entry, " ", Num(self.h, "c3"))
        lost = (
            "You wrote ", *who, ", then forward() computed ", self.name(), " = ",
            self.name([self.made[i] for i in self.movable]),
            f" again: your write was lost, Δ{self.L} = 0 (", *foreseen, ").",
        )  # fmt: skip
        cut = When(self.held, (", held: the arrows into ", self.name(), " are cut"))
        moved = (*who, cut, f". {self.L} changes by ", Num(self.actual), "; ", *foreseen, ". ")
        told = When(self.written, lost, (*moved, self.verdict, "."))
        asked = " and ".join(dict.fromkeys(reads for _, _, reads in self.guards))
        other = (
            f" Mind that the nudge turns {asked} over: the function itself takes another branch"
            " there, and these numbers are those of the branch it takes now."
        )
        return (told, When(self.holds, "", other)) if self.guards else (told,)

    def value(self, i: int) -> Words:
        return (Num(self.nodes[i], "w"),)

    def change(self, i: int) -> Words:
        """ "+ 0.5"; nothing where nothing moved."""
        if self.nodes[i].shape:
            size = f.norm2(f.reshape(self.delta[i], -1))
            moved: Words = (When(self.moved[i], ("‖Δ‖ ", Num(size, "n3"))),)
        else:
            moved = (When(self.moved[i], (Num(self.delta[i], "c3"),)),)
        shown = When(self.lost(i), (Num(self.h, "c3"),), moved)
        return (When(self.untold(i), "?", shown),)

    def secret(self, i: int) -> Any:
        """Whether the numbers of a node are to be predicted first."""
        return self.hide * (1.0 - self.script.node("seen")[i])

    def grad(self, i: int) -> Words:
        return (When(self.secret(i), "?", (Num(self.grads[i], "w"),)),)

    def untold(self, i: int) -> Any:
        """Whether what a nudge makes of a node is to be predicted first; h itself is not."""
        return self.secret(i) * (1.0 - self.pick[i])

    def lost(self, i: int) -> Any:
        return self.pick[i] * self.written

    @cached_property
    def description(self) -> Words:
        """The whole picture in words, for who cannot see it."""
        told: list[Any] = [f"Computation graph of {self.L}, {counted(len(self.nodes), 'node')}. "]
        for i in self.movable:
            node, how = self.nodes[i], f" = {self.made[i]}" if self.made[i] else ", leaf"
            size = f"{shape_of(node.value)} " if node.shape else ""
            told += [f"{self.called[i]}{how}: {size}", self.value(i), " ", self.change(i)]
            told += [When(self.lost(i), " (lost)"), f", ∂{self.L}/∂{self.called[i]} = "]
            told += [self.grad(i), ". "]
        return (*told, self.caption)

    @cached_property
    def locals(self) -> dict[tuple[int, int], Node]:
        """The local derivative on every wire whose two ends are numbers, constants left out."""
        found = {}
        for i, node in enumerate(self.nodes):
            if not node.args or node.shape:
                continue
            rule = TABLE[node.op].gradient
            parts = rule(Node(1.0, "const"), node, *node.args, **node.params)
            for slot, (part, arg) in enumerate(zip(parts, node.args, strict=True)):
                if arg.op != "const" and not arg.shape:
                    part = Node(0.0, "const") if part is None else part
                    found[i, slot] = fit(part, ())
        return found
