"""The paths explorer: switch single paths on and off, and see what the gradient is made of."""

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as w

from ..engine.graph import Graph
from ..engine.node import Node, describe
from ..picture import GraphTooLarge, names
from ..picture.circuit import CIRCUIT_STYLE
from ..picture.numbers import number
from ..picture.routes import ROUTES_STYLE, Routes, draw, routes, sentence, table
from .given import maker
from .widgets import EntryChooser, Explorer, both, button, caption, row

LOOK = """
.bp-explorer .bp-ways{max-height:22em;overflow-y:auto}
.bp-explorer .bp-ways .widget-checkbox{width:min(34em,100%)}
"""


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
    graph, _ = maker(given, values, "explore.paths")
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


class PathsExplorer(Explorer):
    """What `explore.paths` returns.

    Attributes:
        routes: the paths from the chosen node, and what they add.
        leaf: the menu of nodes; ways: the box of switches, one a path.
        picture: the HTML widget that holds the SVG; said: the text above it.
    """

    look = CIRCUIT_STYLE + ROUTES_STYLE + LOOK
    routes: Routes

    def __init__(self, graph: Graph, offered: dict[str, Node], name: str) -> None:
        super().__init__()
        self.graph = graph
        self._offered = offered
        self._quiet = False
        self.said, self.picture = w.HTML(), w.HTML()
        self.picture.add_class("bp-stage")
        self.numbers = w.HTML(layout=w.Layout(overflow="auto"))
        self.leaf = w.Dropdown(
            description="paths from",
            options=list(offered),
            value=name,
            style={"description_width": "6em"},
            layout=w.Layout(width="220px"),
        )
        self.entry = EntryChooser("", offered[name].shape, self._follow)
        self.ways = w.VBox()
        self.ways.add_class("bp-ways")
        self.all_on = button("All on", lambda: self._switch(True))
        self.all_off = button("All off", lambda: self._switch(False))
        self.as_table = w.ToggleButton(
            description="Show as a table", value=False, layout=w.Layout(width="auto")
        )
        self.leaf.observe(self._choose, "value")
        self.as_table.observe(self.show, "value")
        self.lay_out(
            f"Paths explorer of {names(graph.nodes)[-1]}",
            [
                row(self.leaf, self.entry, self.all_on, self.all_off),
                self.ways,
                self.said,
                self.picture,
                row(self.as_table),
                self.numbers,
            ],
        )
        self._follow()

    @property
    def on(self) -> list[bool]:
        """Which of the switches are on."""
        return [way.value for way in self.ways.children]

    def _choose(self, change: Any) -> None:
        self.entry.reshape("", self._offered[change.new].shape)
        self._follow()

    def _follow(self) -> None:
        """List the paths from the chosen node (or entry), all switched on."""
        self.routes = routes(self.graph, self._offered[self.leaf.value], self.entry.index)
        self.ways.children = [
            w.Checkbox(value=True, indent=False, description=f"{k}  {label}: {number(product)}")
            for k, (label, product) in enumerate(self.routes.switches, 1)
        ]
        for way in self.ways.children:
            way.observe(self.show, "value")
        self.show()

    def _switch(self, on: bool) -> None:
        self._quiet = True
        for way in self.ways.children:
            way.value = on
        self._quiet = False
        self.show()

    def show(self, _: Any = None) -> None:
        """Draw what is switched on."""
        if self._quiet:
            return
        seen, on = self.routes, self.on
        said = sentence(seen, on)
        self.said.value = caption(said)
        self.picture.value = both(lambda down: draw(seen, on, down, style=False))
        self.numbers.value = table(seen, on) if self.as_table.value else ""
        self.live.say(said)

    def still(self) -> str:
        return still(self.routes, self.on)


def still(seen: Routes, on: Sequence[bool]) -> str:
    return (
        f'<p class="bp bp-caption">{escape(sentence(seen, on))}</p>{draw(seen, on, style=False)}'
        f"<details><summary>The same as a table</summary>{table(seen, on)}</details>"
        "<p><small>A picture of the explorer: run the notebook to switch paths.</small></p>"
    )
