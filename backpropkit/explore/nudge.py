"""The nudge explorer: add h to one node and see what L does, beside what the gradient predicted."""

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as w
import numpy as np

from ..engine.graph import Graph
from ..engine.node import Node
from ..picture import (
    STEPS,
    GraphTooLarge,
    check_size,
    draw,
    error_curve,
    names,
    read,
    sentence,
    table,
)
from .given import MakeGraph, maker
from .page import EntryChooser, Explorer, both, caption, log_slider, number_slider, row, unit

HOLD, WRITE = "hold", "write"


def nudge(given: Any, /, **values: Any) -> w.Widget:
    """Move the leaves of a graph, nudge any node by h, compare ΔL with the gradient's prediction.

    Args:
        given: the Node a computation ends in (a single number), or a function.
        values: for a function, a number or an array for each of its arguments.

    The graph may have up to 60 nodes; for a larger one a sentence is shown instead. The nodes that
    were given are never changed: the explorer works on copies.

    Raises:
        TypeError: neither a Node nor a function, or a function without values for its arguments.
        EngineError: the result is not a single number, or depends on no leaf.

    >>> explorer = nudge(lambda a, b, c: (a * b + c) ** 2, a=2.0, b=-3.0, c=4.0)
    >>> explorer.h.value = 1.0
    >>> explorer.nudge.actual, explorer.nudge.predicted
    (21.0, 12.0)
    """
    graph, make = maker(given, values, "explore.nudge")
    try:
        check_size(names(graph.nodes)[-1], len(graph.nodes))
    except GraphTooLarge as too_large:
        return w.HTML(f"<p>{escape(str(too_large))}.</p>")
    return NudgeExplorer(graph, make)


class NudgeExplorer(Explorer):
    """What `explore.nudge` returns.

    Attributes:
        graph: the graph at the present slider values.
        nudge: the present Nudge.
        node, h, way, leaves: the controls; `leaves` maps a leaf's name to its slider.
        picture: the HTML widget that holds the SVG; said: the sentence above it.
    """

    def __init__(self, graph: Graph, make: MakeGraph) -> None:
        super().__init__()
        self._make = make
        self._start = {
            name: node.value
            for name, node in zip(names(graph.nodes), graph.nodes, strict=True)
            if node.op == "var"
        }
        self._values = dict(self._start)
        self._quiet = False
        self._controls(graph)
        self.said, self.picture = w.HTML(), w.HTML()
        self.picture.add_class("bp-stage")
        self.numbers = w.HTML(layout=w.Layout(overflow="auto"))
        self.lay_out(
            f"Nudge explorer of {names(graph.nodes)[-1]}",
            [
                row(self.node, self.entry, self.h, self.way),
                row(*self._sliders, self.back),
                self.said,
                self.picture,
                self.as_table,
                self.numbers,
            ],
        )
        self.show(graph)

    def _controls(self, graph: Graph) -> None:
        """Make every control and have it redraw the picture."""
        self.node = w.Dropdown(description="nudge", layout=w.Layout(width="170px"))
        self.node.style.description_width = "4em"
        self.h = log_slider("h", 0.1, -8, 0)
        self.way = w.ToggleButtons(style={"button_width": "auto"})
        self.as_table = w.ToggleButton(description="Show as a table", value=False)
        self.back = w.Button(description="Back to the start", layout=w.Layout(width="auto"))
        self.entry = EntryChooser("", (), self._redraw)
        self.leaves: dict[str, w.FloatSlider] = {}
        self._choosers: dict[str, EntryChooser] = {}
        self._sliders = [self._leaf(name, value) for name, value in self._start.items()]
        self._offer(graph)
        self.node.observe(self._choose, "value")
        for control in (self.h, self.way, self.as_table):
            control.observe(self._redraw, "value")
        self.back.on_click(self._reset)

    def _leaf(self, name: str, value: Any) -> w.Widget:
        """A slider for a number; for an array a chooser of the entry and a slider for that."""
        shape = np.shape(value)
        chooser = EntryChooser(name, shape, lambda: self._turn_to_entry(name))
        self._choosers[name] = chooser
        slider = number_slider(*_entry(name, value, chooser.index))
        slider.observe(lambda change: self._move(name, change.new), "value")
        self.leaves[name] = slider
        return w.HBox([chooser, slider], layout=w.Layout(flex_flow="wrap")) if shape else slider

    def _turn_to_entry(self, name: str) -> None:
        """Let the slider of an array show the entry that was chosen; nothing moves."""
        fresh = number_slider(*_entry(name, self._values[name], self._choosers[name].index))
        slider, self._quiet = self.leaves[name], True
        with slider.hold_sync(), slider.hold_trait_notifications():
            slider.min, slider.max, slider.step = fresh.min, fresh.max, fresh.step
            slider.value, slider.description = fresh.value, fresh.description
        self._quiet = False

    def _move(self, name: str, value: float) -> None:
        if self._quiet:
            return
        if index := self._choosers[name].index:
            array = self._values[name].copy()
            array[index] = value
            self._values[name] = array
        else:
            self._values[name] = value
        self._redraw()

    def _reset(self, _: Any = None) -> None:
        self._values = dict(self._start)
        self._quiet = True
        for name, value in self._start.items():
            self.leaves[name].value = _entry(name, value, self._choosers[name].index)[1]
        self._quiet = False
        self._redraw()

    def _offer(self, graph: Graph) -> None:
        """Offer the nodes of a graph; keep the present choice if it still exists."""
        called = names(graph.nodes)
        offered = tuple(
            name for name, node in zip(called, graph.nodes, strict=True) if node.op != "const"
        )
        if offered == self.node.options:
            return
        chosen = self.node.value if self.node.value in offered else offered[0]
        self._quiet = True
        self.node.options = offered
        self.node.value = chosen
        self._quiet = False
        self._suit(graph.nodes[called.index(chosen)], chosen)

    def _choose(self, change: Any) -> None:
        if not self._quiet:
            self._suit(self._find(self.graph, change.new), change.new)
            self._redraw()

    def _suit(self, node: Node, name: str) -> None:
        """Show the controls this node needs: which entry, hold or write."""
        self._quiet = True
        self.entry.reshape("", node.shape)
        way = self.way.value or HOLD
        self.way.options = [(f"hold {name}", HOLD), (f"write {name}, then forward()", WRITE)]
        self.way.value = way
        self.way.layout.display = "" if node.args else "none"
        self._quiet = False

    @staticmethod
    def _find(graph: Graph, name: str) -> Node:
        return graph.nodes[names(graph.nodes).index(name)]

    def _redraw(self, _: Mapping[str, Any] | None = None) -> None:
        if self._quiet:
            return
        try:
            with np.errstate(all="ignore"):
                graph = self._make(self._values)
                self._offer(graph)
                self.show(graph)
        except (ArithmeticError, ValueError) as error:
            self._stop(error)

    def show(self, graph: Graph) -> None:
        """Nudge the chosen node of this graph and show what happens."""
        node = self._find(graph, self.node.value)
        written = bool(node.args) and self.way.value == WRITE
        self.graph = graph
        self.nudge = graph.nudge(node, self.h.value * unit(node.shape, self.entry.index))
        self._facts = read(graph, self.nudge, written)
        self._errors = error_curve(graph, self.nudge, STEPS, written)
        self.picture.value = both(lambda down: draw(self._facts, self._errors, down, style=False))
        self.numbers.value = table(self._facts) if self.as_table.value else ""
        self._say(sentence(self._facts))

    def _say(self, said: str) -> None:
        self.said.value = caption(said)
        self.live.say(said)

    def _stop(self, error: Exception) -> None:
        """No picture at these values: say why, and leave the last one, faded."""
        last = both(lambda down: draw(self._facts, self._errors, down, style=False))
        self.picture.value = f'<div class="bp-stopped">{last}</div>'
        self._say(f"No picture here: {error}. Move back.")

    def still(self) -> str:
        return (
            f'<p class="bp bp-caption">{escape(sentence(self._facts))}</p>'
            f"{draw(self._facts, self._errors, style=False)}"
            f"<details><summary>The same as a table</summary>{table(self._facts)}</details>"
            "<p><small>A picture of the explorer: run the notebook to move it.</small></p>"
        )


def _entry(name: str, value: Any, index: tuple[int, ...]) -> tuple[str, float]:
    """Name and value of one entry of a leaf; of the leaf itself if it is a number.

    >>> _entry("W", np.eye(2), (0, 1)), _entry("a", 2.0, ())
    (('W[0, 1]', 0.0), ('a', 2.0))
    """
    return (f"{name}{list(index)}", float(value[index])) if index else (name, value)
