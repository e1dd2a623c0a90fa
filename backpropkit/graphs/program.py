"""A graph as a program that a page can run: instructions over registers, traced from the table.

Whatever is computed with Nodes can be traced: a graph's values, the gradients its rules build when
they are given Nodes, and what a scene makes of both. Only the *forwards* of the table appear in a
program, so whoever runs it needs no gradient rule.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.node import EngineError, Node, compute, read_like
from ..engine.sweep import reachable


class Program:
    """Instructions in birth order; the place of an instruction is the register of its result.

    Attributes:
        nodes: what is computed, arguments first; everything no input reaches is a constant.
        inputs: the nodes whose values are given at every run, by name.
        register: {node: its place in `nodes`}; nodes that are computed alike share one.

    >>> from ..engine.node import var
    >>> a, b = var(2.0), var(-3.0)
    >>> program = Program([a * b + 1.0], {"a": a})
    >>> program.code()
    [2.0, -3.0, ['mul', [0, 1]], 1.0, ['add', [2, 3]]]
    >>> program.run({"a": 5.0})[-1]
    -14.0
    """

    def __init__(self, outputs: Iterable[Node], inputs: Mapping[str, Node]) -> None:
        self.inputs = dict(inputs)
        given = set(self.inputs.values())
        found = reachable(Node(0.0, "all", (*given, *outputs)))[:-1]
        self._moving: dict[Node, bool] = {}
        for node in found:
            self._moving[node] = node in given or any(self._moving[arg] for arg in node.args)
        # the arguments of a constant are not needed, its value is
        needed = {arg for node in found if self.moves(node) for arg in node.args}
        wanted = {*given, *outputs, *needed}
        self.nodes: list[Node] = []
        self.register: dict[Node, int] = {}
        same: dict[Any, int] = {}  # what is computed twice is computed once
        for node in found:
            if not self._moving[node] and node not in wanted:
                continue
            key = node if node in given else self._key(node)
            if key not in same:
                same[key] = len(self.nodes)
                self.nodes.append(node)
            self.register[node] = same[key]

    def _key(self, node: Node) -> Any:
        """The same for two nodes that are computed alike from the same registers."""
        if not self.moves(node):
            return "const", json.dumps(plain(node.value))
        args = tuple(self.register[arg] for arg in node.args)
        return node.op, args, json.dumps(parameters(node)) if node.params else ""

    def moves(self, node: Node) -> bool:
        """Whether some input reaches this node."""
        return self._moving[node]

    def code(self) -> list[Any]:
        """Every instruction as JSON: [op, registers, parameters], or the value of a constant."""
        given = set(self.inputs.values())
        lines = []
        for node in self.nodes:
            if not self.moves(node) or node in given:
                lines.append(plain(node.value))
                continue
            line: list[Any] = [node.op, [self.register[arg] for arg in node.args]]
            if node.params:
                line.append(parameters(node))
            lines.append(line)
        return lines

    def run(self, given: Mapping[str, Any]) -> list[Any]:
        """The value of every register when some inputs have other values.

        Raises EngineError for an unknown input, a value of another shape, or what has no value.
        """
        held: dict[Node, Any] = {}
        for name, value in given.items():
            if name not in self.inputs:
                known = ", ".join(self.inputs)
                raise EngineError(f"the program has no input {name!r}; it has {known}")
            node = self.inputs[name]
            held[node] = read_like(value, f"the input {name!r}", node.shape)
        values: list[Any] = []
        changed = {self.register[node] for node in held}
        for node in self.nodes:
            if node in held:
                values.append(held[node])
                continue
            args = [self.register[arg] for arg in node.args] if self.moves(node) else []
            if changed.isdisjoint(args):
                values.append(node.value)
            else:
                changed.add(len(values))
                inputs = [values[arg] for arg in args]
                values.append(compute(node.op, node.args, inputs, node.params))
        return values

    def sample(self, name: str, at: Sequence[float], outputs: Sequence[Node]) -> list[list[Any]]:
        """For each output its values while one input runs through `at`; nan where there is none."""
        found: list[list[Any]] = [[] for _ in outputs]
        with np.errstate(all="ignore"):
            for value in at:
                try:
                    run = self.run({name: value})
                    values = [run[self.register[output]] for output in outputs]
                except EngineError:
                    values = [math.nan] * len(outputs)
                for row, new in zip(found, values, strict=True):
                    row.append(new)
        return found


def parameters(node: Node) -> dict[str, Any]:
    """An op's parameters as JSON; an index as the places it takes and the shape it leaves."""
    params = {name: plain(value) for name, value in node.params.items() if name != "index"}
    if "index" in node.params:
        shape = node.params.get("shape", node.args[0].shape)  # of the array that is indexed
        taken = np.arange(math.prod(shape)).reshape(shape)[node.params["index"]]
        params |= {"places": np.ravel(taken).tolist(), "leaves": list(np.shape(taken))}
    return params


def plain(value: Any) -> Any:
    """A value or a parameter as JSON: an array as {s: shape, d: entries}.

    JSON has no nan and no infinity: they travel as words.

    >>> plain(np.array([[1.0, np.inf]])), plain(2.0), plain((0, -1))
    ({'s': [1, 2], 'd': [1.0, 'inf']}, 2.0, [0, -1])
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return {"s": list(value.shape), "d": [plain(float(x)) for x in value.flat]}
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    return value
