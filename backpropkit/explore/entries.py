"""The entries explorer: a matrix, its gradient by the rule, by nudging every entry, their gap."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as w
import numpy as np

from ..engine.graph import Graph
from ..engine.node import EngineError, Node, describe
from ..picture import names
from ..picture.heat import (
    HEAT_STYLE,
    LARGEST_SIDE,
    Entries,
    at,
    draw_entries,
    measure,
    pushed,
    sentence,
    shape_words,
    table,
)
from .given import MakeGraph, maker
from .widgets import CLICK, EntryChooser, Explorer, Pointer, log_slider, number_slider

FREE, TOGETHER = "free entries", "symmetric: both move"


def entries(given: Any, W: Node | str | None = None, /, **values: Any) -> w.Widget:
    """Nudge a matrix entry by entry, and compare with the gradient that the rule gives.

    For a square matrix a switch lets W[i, j] and W[j, i] move together, as those of a symmetric
    matrix do: the slope is then the sum of two entries of the gradient.

    Args:
        given: the Node a computation ends in (a single number), or a function.
        W: the matrix (or vector) in it: a node, or its name; may be left out if there is only one.
        values: for a function, a number or an array for each of its arguments.

    A matrix of more than ten rows or columns is answered with a sentence instead.

    Raises:
        TypeError: neither a Node nor a function, or a function without values for its arguments.
        EngineError: no single number, W is not in the graph, is a number, or has three axes.

    >>> import backpropkit as bp
    >>> explorer = entries(lambda K: bp.logdet(K), K=[[2.0, 0.5], [0.5, 1.0]])
    >>> explorer.entry.children[1].value = 1  # its column
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


class EntriesExplorer(Explorer):
    """What `explore.entries` returns.

    Attributes:
        seen: what is shown: value, gradient, and the slopes found by nudging.
        entry, h, way, value: the controls; `value` is None where W is not a leaf.
        picture: the HTML widget that holds the SVG.
    """

    look = HEAT_STYLE
    seen: Entries

    def __init__(self, graph: Graph, make: MakeGraph, name: str) -> None:
        super().__init__()
        self._make, self._name = make, name
        node = self._node(graph)
        self._start = self._matrix = node.value
        self._leaf = node.op == "var"
        self._quiet = False
        self._controls(node.shape)
        self.picture = w.HTML()
        self.picture.add_class("bp-stage")
        self.numbers = w.HTML(layout=w.Layout(overflow="auto"))
        flow = w.Layout(flex_flow="row wrap", grid_gap="2px 14px")
        square = len(node.shape) == 2 and node.shape[0] == node.shape[1]
        moving = [self.value, self.back] if self._leaf else []
        self.lay_out(
            f"Entries explorer of {name}",
            [
                w.HBox([self.entry, *moving], layout=flow),
                w.HBox([self.h, self.way] if square else [self.h], layout=flow),
                self.picture,
                self.as_table,
                self.numbers,
                Pointer(self._pointed),
            ],
        )
        self._redraw()

    def _node(self, graph: Graph) -> Node:
        return graph.nodes[names(graph.nodes).index(self._name)]

    def _controls(self, shape: tuple[int, ...]) -> None:
        """Make every control and have it redraw the picture."""
        self.entry = EntryChooser(self._name, shape, self._turn)
        self.value = number_slider(*self._entry())
        self.h = log_slider("h", 0.001, -8, 0)
        self.way = w.ToggleButtons(options=[FREE, TOGETHER], style={"button_width": "auto"})
        self.back = w.Button(description="Back to the start", layout=w.Layout(width="auto"))
        self.as_table = w.ToggleButton(description="Show as a table", value=False)
        self.value.observe(self._move, "value")
        for control in (self.h, self.way, self.as_table):
            control.observe(self._redraw, "value")
        self.back.on_click(self._reset)

    def _entry(self) -> tuple[str, float]:
        """Name and value of the picked entry."""
        return at(self._name, self.entry.index), float(self._matrix[self.entry.index])

    def _turn(self) -> None:
        """Another entry was picked: let the slider show it; nothing moves."""
        if self._quiet:
            return
        fresh = number_slider(*self._entry())
        self._quiet = True
        slider = self.value  # all at once, or the browser's slider corrects what is on its way
        with slider.hold_sync(), slider.hold_trait_notifications():
            slider.min, slider.max, slider.step = fresh.min, fresh.max, fresh.step
            slider.value, slider.description = fresh.value, fresh.description
        self._quiet = False
        self._redraw()

    def _move(self, change: Mapping[str, Any]) -> None:
        if self._quiet:
            return
        moved = pushed(self._start.shape, self.entry.index, self.way.value == TOGETHER) > 0
        self._matrix = np.where(moved, round(change["new"], 12), self._matrix)
        self._redraw()

    def _reset(self, _: Any) -> None:
        self._matrix = self._start
        self._turn()

    def _pointed(self, right: float, down: float) -> None:
        """A click on a map picks the entry there."""
        shares = (down, right)[: len(self.entry.children)]
        self._quiet = True
        for field, share in zip(self.entry.children, shares, strict=True):
            field.value = min(int(share * (field.max + 1)), field.max)
        self._quiet = False
        self._turn()

    def _redraw(self, _: Any = None) -> None:
        if self._quiet:
            return
        try:
            with np.errstate(all="ignore"):
                graph = self._make({self._name: self._matrix} if self._leaf else {})
                together = self.way.value == TOGETHER
                self.seen = measure(
                    graph, self._node(graph), self.h.value, self.entry.index, together
                )
        except (ArithmeticError, ValueError) as error:
            self._stop(error)
            return
        said = sentence(self.seen)
        wide, narrow = (draw_entries(self.seen, down, CLICK) for down in (False, True))
        self.picture.value = (
            f'<p class="bp bp-caption" aria-hidden="true">{escape(said)}</p>'
            f'<div class="bp-wide">{wide}</div><div class="bp-narrow">{narrow}</div>'
        )
        self.numbers.value = table(self.seen) if self.as_table.value else ""
        self.live.say(said)

    def _stop(self, error: Exception) -> None:
        """No numbers at these values: say why, and leave the last picture, faded."""
        said = f"No picture here: {error}. Move back."
        self.picture.value = (
            f'<p class="bp bp-caption" aria-hidden="true">{escape(said)}</p>'
            f'<div class="bp-stopped">{draw_entries(self.seen)}</div>'
        )
        self.live.say(said)

    def still(self) -> str:
        return (
            f'<p class="bp bp-caption">{escape(shape_words(self.seen))} '
            f"{escape(sentence(self.seen))}</p>{draw_entries(self.seen)}"
            f"<details><summary>The same as a table</summary>{table(self.seen)}</details>"
            "<p><small>A picture of the explorer: run the notebook to move it.</small></p>"
        )
