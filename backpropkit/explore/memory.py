"""The memory explorer: what a graph keeps for its backward pass, against depth; and no_grad."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import accumulate
from typing import Any

import ipywidgets as w

from ..engine.graph import Graph
from ..engine.node import EngineError, Node
from ..engine.sweep import cached_bytes
from ..picture.memory import (
    BYTES,
    MEMORY_STYLE,
    Memory,
    draw_memory,
    keepers,
    kinds,
    sentence,
    table,
)
from .widgets import Explorer

RECORDING, NO_GRAD = "recording", "inside no_grad()"


def memory(given: Node | Callable[[int], Node], /, *, deepest: int = 20) -> w.Widget:
    """See what a graph keeps for its backward pass as it gets deeper, and that no_grad keeps none.

    Args:
        given: a function of a depth (1, 2, 3 …) that returns the Node a computation ends in; or
            such a Node, whose gates are then counted one after the other.
        deepest: for a function, the largest depth.

    Raises:
        TypeError: neither a Node nor a function.
        EngineError: a function that returns no Node, or a Node computed from nothing.

    >>> import backpropkit as bp
    >>> def chain(depth):
    ...     x = bp.var(0.5, "x")
    ...     for _ in range(depth):
    ...         x = bp.sin(x)
    ...     return x
    >>> explorer = memory(chain)
    >>> explorer.depth.value = 10
    >>> explorer.seen.kept
    10
    """
    if isinstance(given, Node):
        return MemoryExplorer(Gates(given))
    if not callable(given):
        raise TypeError(
            "explore.memory takes the Node a computation ends in or a function of a depth, and "
            f"was given {given!r:.60} (a {type(given).__name__})"
        )
    return MemoryExplorer(Depths(given, deepest))


class Depths:
    """A function of depth: a graph for each."""

    deep = "depth"
    first = 10  # shown before anything was moved

    def __init__(self, make: Callable[[int], Node], deepest: int) -> None:
        self._make = make
        self.curve = tuple((d, cached_bytes(self._node(d)) // BYTES) for d in range(1, deepest + 1))

    def _node(self, depth: int) -> Node:
        made = self._make(depth)
        if not isinstance(made, Node):
            raise EngineError(
                f"explore.memory asked for depth {depth} and was given {made!r:.60} "
                f"(a {type(made).__name__}), not a Node"
            )
        return made

    def look(self, depth: int, recording: bool) -> Memory:
        graph = Graph(self._node(depth))
        return Memory(self.deep, depth, self.curve, kinds(keepers(graph)), recording)


class Gates:
    """One graph, gate by gate."""

    deep = "gates computed"

    def __init__(self, result: Node) -> None:
        self._found = keepers(Graph(result))
        if not self._found:
            raise EngineError("explore.memory was given a leaf: nothing was computed")
        self.curve = tuple(enumerate(accumulate(self._found.values()), 1))
        self.first = len(self.curve)

    def look(self, depth: int, recording: bool) -> Memory:
        done = dict(list(self._found.items())[:depth])
        return Memory(self.deep, depth, self.curve, kinds(done), recording)


class MemoryExplorer(Explorer):
    """What `explore.memory` returns.

    Attributes:
        seen: what is shown.
        depth, way: the controls.
        picture: the HTML widget that holds the SVG.
    """

    look = MEMORY_STYLE
    seen: Memory

    def __init__(self, source: Depths | Gates) -> None:
        super().__init__()
        self._source = source
        last = source.curve[-1][0]
        self.depth = w.IntSlider(
            value=min(source.first, last), min=1, max=last, description=source.deep,
            style={"description_width": "initial"}, layout=w.Layout(width="330px"),
        )  # fmt: skip
        self.way = w.ToggleButtons(options=[RECORDING, NO_GRAD], style={"button_width": "auto"})
        self.as_table = w.ToggleButton(description="Show as a table", value=False)
        self.picture = w.HTML()
        self.picture.add_class("bp-stage")
        self.numbers = w.HTML(layout=w.Layout(overflow="auto"))
        for control in (self.depth, self.way, self.as_table):
            control.observe(self._redraw, "value")
        flow = w.Layout(flex_flow="row wrap", grid_gap="2px 14px")
        controls = w.HBox([self.depth, self.way], layout=flow)
        self.lay_out("Memory explorer", [controls, self.picture, self.as_table, self.numbers])
        self._redraw()

    def _redraw(self, _: Any = None) -> None:
        self.seen = self._source.look(self.depth.value, self.way.value == RECORDING)
        said = sentence(self.seen)
        wide, narrow = (draw_memory(self.seen, down) for down in (False, True))
        self.picture.value = (
            f'<p class="bp bp-caption" aria-hidden="true">{escape(said)}</p>'
            f'<div class="bp-wide">{wide}</div><div class="bp-narrow">{narrow}</div>'
        )
        self.numbers.value = table(self.seen) if self.as_table.value else ""
        self.live.say(said)

    def still(self) -> str:
        return (
            f'<p class="bp bp-caption">{escape(sentence(self.seen))}</p>{draw_memory(self.seen)}'
            f"<details><summary>The same as a table</summary>{table(self.seen)}</details>"
            "<p><small>A picture of the explorer: run the notebook to move it.</small></p>"
        )
