"""The paths explorer: switch single paths on and off, and see what the gradient is made of."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from html import escape
from typing import Any

import ipywidgets as w
import numpy as np

from ..engine.node import Node, describe
from ..graphs.graph import Graph
from ..picture import GraphTooLarge, check_size, names
from ..scenes import Scene
from ..scenes import paths as scenes
from ..scenes.routes import Routes, routes
from .given import finite, maker
from .stage import Handle, Stage

MOST = 12  # nodes on the menu, beside unnamed gates: each is a picture of its own


def paths(given: Any, leaf: Node | str | None = None, /, **values: Any) -> w.Widget:
    """Take a gradient apart into the paths from one node to the result.

    Args:
        given: the Node a computation ends in (a single number), or a function.
        leaf: the node to follow, itself or by its name; without it the leaf with most paths.
        values: for a function, a number or an array for each of its arguments.

    The product of the local derivatives along a path is what it adds. Up to 12 paths are listed,
    between numbers the largest; the others are one switch. Only what lies between the two nodes is
    drawn, so the rest of the graph may be of any size.

    Raises:
        TypeError: neither a Node nor a function, or a function without values for its arguments.
        EngineError: the result is not a single number, or depends on no leaf.
        ValueError: there is no such node, or no path leads from it to the result.

    >>> explorer = paths(lambda s: s**2 * (3.0 * s), s=2.0)
    >>> explorer.routes.products
    (24.0, 12.0)
    """
    graph = finite(maker(given, values, "explore.paths")[0], "explore.paths")
    offered = _offered(graph)
    name = _chosen(graph, leaf, offered)
    try:
        return PathsExplorer(graph, offered, name)
    except GraphTooLarge as too_large:
        return w.HTML(f"<p>{escape(str(too_large))}.</p>")


def _offered(graph: Graph) -> dict[str, Node]:
    """Every node with a gradient, leaves first, but the result."""
    called = zip(names(graph.nodes), graph.nodes, strict=True)
    found = [(name, n) for name, n in called if n.op != "const" and n is not graph.result]
    found = [(name, n) for name, n in found if graph.count_paths(n)]
    return dict(sorted(found, key=lambda item: bool(item[1].args)))


def _chosen(graph: Graph, leaf: Node | str | None, offered: dict[str, Node]) -> str:
    if leaf is None:
        return max(
            offered, key=lambda name: graph.count_paths(offered[name]) * (not offered[name].args)
        )
    for name, node in offered.items():
        if leaf is node or leaf == name:
            return name
    asked = (
        repr(leaf) if isinstance(leaf, str) else describe(leaf) if isinstance(leaf, Node) else ""
    )
    raise ValueError(
        f"explore.paths follows a node that leads to the result: {', '.join(offered)}; "
        f"{asked or f'{leaf!r:.60}'} is none of them"
    )


class PathsExplorer(Stage):
    """What `explore.paths` returns.

    Attributes:
        graph: the graph.
        leaf, entry: the node that is followed, by its name, and which entry of an array, to read
            and to set; `on` are the switches of its paths.
        routes: the paths from that node, and what they add.
    """

    def __init__(self, graph: Graph, offered: dict[str, Node], name: str) -> None:
        self.graph = graph
        self._seen = {name: checked(routes(graph, offered[name]))}
        for other, node in offered.items():
            if other != name and len(self._seen) < MOST and (node.name or not node.args):
                with suppress(GraphTooLarge):
                    self._seen[other] = checked(routes(graph, node))
        self._seen = {other: self._seen[other] for other in offered if other in self._seen}
        self._begin = scenes.start(self._seen, name)
        super().__init__(self._scene)
        self.leaf, self.entry = Handle(self, "leaf"), Handle(self, "entry")

    def _scene(self, state: Mapping[str, Any]) -> Scene:
        return scenes.scene(self._seen, {**self._begin, **state})

    @property
    def routes(self) -> Routes:
        seen = self._seen[self.leaf.value]
        return seen.at(tuple(int(k) for k in self.entry.value[: np.ndim(seen.gradient)]))

    @property
    def on(self) -> list[bool]:
        """Which of the switches are on."""
        return [bool(way) for way in self.state[scenes.on(self.leaf.value)]]

    @on.setter
    def on(self, new: Sequence[bool]) -> None:
        Handle(self, scenes.on(self.leaf.value)).value = new


def checked(seen: Routes) -> Routes:
    """The same; GraphTooLarge for more nodes than a picture can show."""
    check_size(seen.result, len(seen.spots))
    return seen
