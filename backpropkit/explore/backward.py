"""The backward explorer: the sweep one contribution at a time, beside a wrong idea if one likes."""

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as w

from ..graphs.graph import Graph
from ..picture import GraphTooLarge, check_size, names
from ..picture.walk import Walk, WrongSweep, walk
from ..scenes import Scene
from ..scenes import backward as scenes
from .given import beside, finite, maker
from .ideas import ideas
from .stage import Handle, Stage


def backward(given: Any, /, *numbers: Any, **values: Any) -> w.Widget:
    """Step backward through a graph, one contribution at a time, or watch the sweep play.

    Args:
        given: the Node a computation ends in (a single number), a function, a formula as text, or
            the last node of an engine of one's own: whatever `backpropkit.Graph` takes.
        numbers: for a function, a number or an array for each of its arguments, in order.
        values: the same by name, also for a formula.

    Each step is local derivative × incoming gradient = contribution; where a node is used more than
    once the contributions fill its sum. On demand the generated source is shown, and the line that
    belongs to the step marked. A menu offers wrong ideas that run beside the chain rule. The graph
    may have up to 60 nodes; for a larger one a sentence is shown instead. The nodes that were given
    never change.

    Raises:
        TypeError: none of these, or arguments without values.
        EngineError: the result is not a single number, depends on no leaf, or cannot be read.

    >>> explorer = backward(lambda a, b: a * b + a, a=2.0, b=-3.0)
    >>> explorer.step.value = 4
    >>> explorer.walk.turns[-1].right.total
    '2'
    """
    graph, _ = maker(given, values, "explore.backward", numbers)
    try:
        check_size(names(graph.nodes)[-1], len(graph.nodes))
    except GraphTooLarge as too_large:
        return w.HTML(f"<p>{escape(str(too_large))}.</p>")
    return BackwardExplorer(finite(graph, "explore.backward"))


class BackwardExplorer(Stage):
    """What `explore.backward` returns.

    Attributes:
        graph: the graph.
        step, idea: how many contributions were made, and the wrong idea beside them, to read and
            to set; `ideas` are those on offer, by name.
        walk: the steps, and those of the wrong idea.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.ideas: dict[str, WrongSweep] = {idea.name: idea for idea in ideas(graph)}
        super().__init__(beside(self._scene, graph))
        self.step, self.idea = Handle(self, "step"), Handle(self, "idea")

    def _scene(self, state: Mapping[str, Any]) -> Scene:
        return scenes.scene(self.graph, list(self.ideas.values()), state)

    @property
    def walk(self) -> Walk:
        return walk(self.graph, self.ideas.get(self.state["idea"]))

    def still(self) -> str:
        """The sweep at its step; at its end if nothing was stepped."""
        state = {**self.state, "step": self.state["step"] or float(len(self.walk.turns))}
        return self._draw(state).html
