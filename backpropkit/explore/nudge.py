"""The nudge explorer: add h to one node and see what L does, beside what the gradient predicted."""

from collections.abc import Mapping
from html import escape
from typing import Any, Self

import ipywidgets as w
import numpy as np

from ..graphs.graph import Graph, Nudge
from ..picture import GraphTooLarge, check_size, names
from ..scenes import Scene
from ..scenes import nudge as scenes
from .given import MakeGraph, beside, maker
from .stage import Handle, Stage


def nudge(given: Any, /, *numbers: Any, **values: Any) -> w.Widget:
    """Move the leaves of a graph, nudge any node by h, compare ΔL with the gradient's prediction.

    Args:
        given: the Node a computation ends in (a single number), a function, a formula as text, or
            the last node of an engine of one's own: whatever `backpropkit.Graph` takes.
        numbers: for a function, a number or an array for each of its arguments, in order.
        values: the same by name, also for a formula.

    Below a graph of another engine stands what that has for gradients, and where the two part. The
    graph may have up to 60 nodes; for a larger one a sentence is shown instead. The nodes that
    were given are never changed: the explorer works on copies.

    Raises:
        TypeError: none of these, or arguments without values.
        EngineError: the result is not a single number, depends on no leaf, or cannot be read.

    >>> explorer = nudge(lambda a, b, c: (a * b + c) ** 2, 2, -3, 4)
    >>> explorer.h.value = 1.0
    >>> explorer.nudge.actual, explorer.nudge.predicted
    (21.0, 12.0)
    """
    graph, make = maker(given, values, "explore.nudge", numbers)
    try:
        check_size(names(graph.nodes)[-1], len(graph.nodes))
    except GraphTooLarge as too_large:
        return w.HTML(f"<p>{escape(str(too_large))}.</p>")
    return NudgeExplorer(graph, make)


class NudgeExplorer(Stage):
    """What `explore.nudge` returns.

    Attributes:
        graph: the graph at the present values of its leaves.
        nudge: the present Nudge.
        node, h, way, leaves: what the controls say, to read and to set; `leaves` by name.
    """

    def __init__(self, graph: Graph, make: MakeGraph) -> None:
        self._make, self._start = make, graph
        super().__init__(beside(self._scene, graph))
        self.node, self.h, self.way = (Handle(self, name) for name in ("node", "h", "way"))
        called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
        self.leaves = {called[n]: Handle(self, scenes.leaf(called[n])) for n in graph.leaves}

    def hidden(self) -> Self:
        """Itself, beginning with every number hidden: first one predicts, then one looks.

        >>> nudge("a * b", a=2, b=3).hidden().now.sentence.partition("?")[0]
        'You add 0.1 to a. What happens'
        """
        self.scene = {**self.scene, "state": {**self.scene["state"], "hide": 1.0}}
        self.state = {**self.state, "hide": 1.0}
        return self

    def _scene(self, state: Mapping[str, Any]) -> Scene:
        with np.errstate(all="ignore"):
            return scenes.scene(self._graph(state), state)

    def _graph(self, state: Mapping[str, Any]) -> Graph:
        moved = {
            name.removeprefix("leaf."): np.asarray(value, float)
            if isinstance(value, list)
            else value
            for name, value in state.items()
            if name.startswith("leaf.")
        }
        return self._make(moved) if moved else self._start

    @property
    def graph(self) -> Graph:
        return self._graph(self.state)

    @property
    def nudge(self) -> Nudge:
        graph, state = self.graph, self.now.spec["state"]
        node = graph.nodes[names(graph.nodes).index(state["node"])]
        h = state["h"]
        if node.shape:
            h = np.zeros(node.shape)
            h[tuple(int(k) for k in state["entry"][: node.ndim])] = state["h"]
        return graph.nudge(node, h)
