"""The entries explorer: a matrix, its gradient by the rule, by nudging every entry, their gap."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as w
import numpy as np

from ..engine.node import EngineError, Node, describe
from ..graphs.graph import Graph
from ..picture import names
from ..picture.heat import LARGEST_SIDE, Entries, measure
from ..scenes import Scene
from ..scenes import entries as scenes
from .given import MakeGraph, maker
from .stage import Handle, Stage


def entries(given: Any, W: Node | str | None = None, /, **values: Any) -> w.Widget:
    """Nudge a matrix entry by entry, and compare with the gradient that the rule gives.

    For a square matrix a switch lets W[i, j] and W[j, i] move together, as those of a symmetric
    matrix do: the slope is then the sum of two entries of the gradient.

    Args:
        given: the Node a computation ends in (a single number), a function, or a formula as text.
        W: the matrix (or vector) in it: a node, or its name; may be left out if there is only one.
        values: for a function or a formula, a number or an array for each of its arguments.

    A matrix of more than ten rows or columns is answered with a sentence instead.

    Raises:
        TypeError: neither of the three, or arguments without values.
        EngineError: no single number, W is not in the graph, is a number, or has three axes.

    >>> import backpropkit as bp
    >>> explorer = entries(lambda K: bp.logdet(K), K=[[2.0, 0.5], [0.5, 1.0]])
    >>> explorer.entry.value = [0, 1]
    >>> explorer.seen.picked, explorer.seen.rule[0, 1].round(4)
    ((0, 1), np.float64(-0.2857))
    """
    graph, make = maker(given, values, "explore.entries")
    name = found(graph, W)
    node = graph.nodes[names(graph.nodes).index(name)]
    if max(node.shape) > LARGEST_SIDE:
        size = " × ".join(map(str, node.shape))
        return w.HTML(
            f"<p>{escape(name)} has {size} entries, and more than {LARGEST_SIDE} rows or columns "
            "cannot be told apart: take a smaller example.</p>"
        )
    return EntriesExplorer(graph, make, name)


def found(graph: Graph, W: Node | str | None) -> str:
    """The name of the matrix that was asked for."""
    called = names(graph.nodes)
    known = dict(zip(called, graph.nodes, strict=True))
    arrays = [name for name, node in known.items() if node.shape and node.op != "const"]
    if W is None:
        leaves = [name for name in arrays if known[name].op == "var"]
        if len(leaves) != 1:
            raise EngineError(
                f"explore.entries has to know which matrix: there are {', '.join(leaves) or 'none'}"
            )
        return leaves[0]
    if isinstance(W, Node):
        place = {node: i for i, node in enumerate(graph.nodes)}
        if W not in place:
            raise EngineError(f"{describe(W)} is not in the graph of {describe(graph.result)}")
        W = called[place[W]]
    if W not in known:
        raise EngineError(f"no node is called {W!r}; there are {', '.join(arrays)}")
    if len(known[W].shape) not in (1, 2):
        raise EngineError(f"explore.entries shows a matrix or a vector, not {describe(known[W])}")
    return W


class EntriesExplorer(Stage):
    """What `explore.entries` returns.

    Attributes:
        seen: what is shown: value, gradient, and the slopes found by nudging.
        entry, h, way, value: what the controls say, to read and to set; `value` is the whole matrix
            as lists, and None where it is not a leaf.
    """

    def __init__(self, graph: Graph, make: MakeGraph, name: str) -> None:
        self._make, self._given, self._name = make, graph, name
        super().__init__(self._scene)
        self.entry, self.h, self.way = (Handle(self, name) for name in ("entry", "h", "way"))
        self.value = Handle(self, "value") if "value" in self.state else None

    def _graph(self, state: Mapping[str, Any]) -> Graph:
        if "value" not in state:
            return self._given
        return self._make({self._name: np.array(state["value"], float)})

    def _scene(self, state: Mapping[str, Any]) -> Scene:
        with np.errstate(all="ignore"):
            return scenes.scene(self._graph(state), self._name, state)

    @property
    def seen(self) -> Entries:
        graph, state = self._graph(self.state), self.state
        picked = tuple(int(k) for k in state["entry"])
        together = state["way"] == scenes.TOGETHER
        with np.errstate(all="ignore"):
            return measure(graph, scenes.named(graph, self._name), state["h"], picked, together)
