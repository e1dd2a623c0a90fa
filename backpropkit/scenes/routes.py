"""The paths from a node to the result, singly: what each adds to the gradient, and their sum."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any

import numpy as np

from ..engine.node import Node
from ..graphs.graph import Graph, contributions, local_derivative
from ..picture.facts import names, symbol
from ..picture.numbers import number, shape, whole

SHOWN = 12  # paths that can be switched; the others are one switch together
SIMPLE = 10  # nodes up to which every one is drawn; beyond, unnamed ones become part of their wire

Link = tuple[tuple[Node, int], ...]  # steps of a path that are drawn as one wire: (node, argument)
Hop = tuple[str, str, Link]  # such a wire, from one named node to another


@dataclass(frozen=True, slots=True)
class Way:
    """One path: its steps from the node on, as (user, which argument of it), and its product."""

    steps: tuple[tuple[Node, int], ...]
    product: Any


def ways(graph: Graph, start: Node) -> Iterator[Way]:
    """Every path from `start` to the result, one at a time; between numbers the largest first.

    Best-first search: what a path has multiplied so far, times the most that can still come, is
    never smaller than what comes of it, so whatever arrives first is the largest that is left.

    >>> from backpropkit import var
    >>> s = var(2.0, "s")
    >>> [way.product for way in ways(Graph(3.0 * s + s**2 * (3.0 * s)), s)]
    [24.0, 12.0, 3.0]
    """
    best = _best(graph, start)
    order = count()
    waiting: list[tuple[float, int, Node, Way]] = [(0.0, 0, graph.result, Way((), 1.0))]
    while waiting:
        _, _, node, way = heapq.heappop(waiting)
        if node is start:
            yield way
            continue
        parts = contributions(node, way.product)
        for position, (arg, part) in enumerate(zip(node.args, parts, strict=True)):
            if arg in best:
                rank = -abs(part) * best[arg] if isinstance(part, float) else 0.0
                further = Way(((node, position), *way.steps), part)
                heapq.heappush(waiting, (rank, -next(order), arg, further))


def _best(graph: Graph, start: Node) -> dict[Node, float]:
    """For every node that `start` leads to, the largest |product| of a path between the two.

    Where a local derivative is not a number the bound is 0 and says nothing: paths come as found.
    """
    best = {start: 1.0}
    for node in graph.nodes:
        for position, arg in enumerate(node.args):
            if arg in best and node is not start:
                local = local_derivative(node, position)
                reach = abs(local) * best[arg] if isinstance(local, float) else 0.0
                best[node] = max(reach, best.get(node, 0.0))
    return best


@dataclass(frozen=True, slots=True)
class Spot:
    """One node of the picture."""

    name: str
    symbol: str
    value: str


@dataclass(frozen=True)
class Routes:
    """The paths from one node to the result, as a picture tells them.

    Of an array what they add, `products`, `rest` and `gradient`, is one too; see `at`.

    Attributes:
        total: how many paths there are; the first of them are in `labels` and `products`.
        rest: what those that are not listed add together; None if all are.
        gradient: of the result with respect to the node (one entry of it, for an array).
        spots, args: the nodes of the picture in birth order, and what each is drawn to come from.
        local: for every wire (node, slot) the product of the local derivatives along it.
        uses: for every listed path the wires it runs along.
    """

    result: str
    start: str
    total: int
    labels: tuple[str, ...]
    products: tuple[Any, ...]
    rest: Any  # None where all are listed
    gradient: Any
    spots: tuple[Spot, ...]
    args: tuple[tuple[int, ...], ...]
    local: dict[tuple[int, int], str]
    uses: tuple[frozenset[tuple[int, int]], ...]
    ranked: bool  # the largest are listed: between numbers

    def at(self, entry: tuple[int, ...]) -> Routes:
        """What the paths add to one entry."""
        if not entry:
            return self
        return replace(
            self,
            start=f"{self.start}{list(entry)}",
            products=tuple(float(product[entry]) for product in self.products),
            rest=None if self.rest is None else float(self.rest[entry]),
            gradient=float(self.gradient[entry]),
        )

    @property
    def switches(self) -> list[tuple[str, Any]]:
        """(label, what it adds) of everything that can be switched."""
        listed = list(zip(self.labels, self.products, strict=True))
        if self.rest is None:
            return listed
        return [*listed, (f"the other {self.total - len(listed)} together", self.rest)]


def routes(graph: Graph, start: Node) -> Routes:
    """Read the paths from `start` to the result, and the part of the graph they run through."""
    found = list(islice(ways(graph, start), SHOWN))
    total = graph.count_paths(start)
    gradient = graph.grads[start]
    products = tuple(way.product for way in found)
    links = _links(graph, start)
    kept = [n for n in graph.nodes if n is start or n in links]
    place = {node: i for i, node in enumerate(kept)}
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    slots = {
        link: (place[node], slot)
        for node, into in links.items()
        for slot, (_, link) in enumerate(into)
    }
    args = tuple(tuple(place[source] for source, _ in links.get(node, ())) for node in kept)
    return Routes(
        result=called[graph.result],
        start=called[start],
        total=total,
        labels=labels([_named(way, start, set(kept), called) for way in found]),
        products=products,
        rest=gradient - np.sum(products, axis=0) if total > len(found) else None,
        gradient=gradient,
        spots=tuple(Spot(called[n], symbol(n), _value(n)) for n in kept),
        args=args,
        local={slots[link]: _local(link) for link in slots},
        uses=tuple(frozenset(slots[link] for link in _cut(way, set(kept))) for way in found),
        ranked=all(
            isinstance(local_derivative(n, k), float) for way in found for n, k in way.steps
        ),
    )


def _value(node: Node) -> str:
    """A number, a short vector, or how many numbers it is."""
    told = whole(node.value)
    return told if told[0] != "‖" else f"{shape(node.value)} numbers"


def _links(graph: Graph, start: Node) -> dict[Node, list[tuple[Node, Link]]]:
    """For every node between `start` and the result the wires into it: (source, steps).

    In a large picture a node without a name that has a single wire in, or a single one out, is
    left out: its wires are joined.
    """
    reached = {start}
    for node in graph.nodes:
        if node is not start and not reached.isdisjoint(node.args):
            reached.add(node)
    links: dict[Node, list[tuple[Node, Link]]] = {}
    for node in graph.nodes:
        if node in reached and node is not start:
            links[node] = [(a, ((node, k),)) for k, a in enumerate(node.args) if a in reached]
    for node in list(links) if len(links) >= SIMPLE else ():
        if not node.name and node is not graph.result:
            _leave_out(node, links)
    return links


def _leave_out(node: Node, links: dict[Node, list[tuple[Node, Link]]]) -> None:
    out = [(user, i) for user, into in links.items() for i, w in enumerate(into) if w[0] is node]
    if len(out) > 1 and len(links[node]) > 1:
        return
    into = links.pop(node)
    for user in {user for user, _ in out}:
        links[user] = [
            joined
            for source, link in links[user]
            for joined in (
                [(first, before + link) for first, before in into]
                if source is node
                else [(source, link)]
            )
        ]


def _cut(way: Way, kept: set[Node]) -> Iterator[Link]:
    """A path as the wires of the picture."""
    link: Link = ()
    for node, position in way.steps:
        link = (*link, (node, position))
        if node in kept:
            yield link
            link = ()


def _local(link: Link) -> str:
    """The product of the local derivatives along a wire; "" where one is not a number."""
    product = 1.0
    for node, position in link:
        local = local_derivative(node, position)
        if not isinstance(local, float):
            return ""
        product *= local
    return number(product, 3)


def _named(way: Way, start: Node, kept: set[Node], called: dict[Node, str]) -> list[str | Hop]:
    """The nodes a path runs through, and the wires between them."""
    links = list(_cut(way, kept))
    met = [called[start], *(called[link[-1][0]] for link in links)]
    return [*met[1:-1], *zip(met, met[1:], links, strict=False)]


def labels(listed: Sequence[Sequence[str | Hop]]) -> tuple[str, ...]:
    """For every path the nodes that tell it from the others; without such, the wire that does.

    >>> labels([["h", "a1", "y1"], ["h", "a2", "y2"]]), labels([["h"]])
    (('through y1', 'through y2'), ('the only path',))
    >>> labels([["u"], [("s", "Q", ())]])
    ('through u', 'straight from s to Q')
    """
    if len(listed) == 1:
        return ("the only path",)
    runs: dict[str | Hop, tuple[bool, ...]] = {
        word: tuple(word in words for words in listed) for words in listed for word in words
    }
    plain = []
    for words in listed:
        own = [word for word in words if not all(runs[word])]
        nodes = [word for word in own if isinstance(word, str)]
        last = {runs[word]: word for word in nodes}  # of those that always come together
        if nodes:
            shown = [word for word in nodes if last[runs[word]] == word]
            plain.append(f"through {' → '.join(shown)}")
        else:
            plain.append(f"straight from {own[0][0]} to {own[0][1]}")
    return tuple(
        text if plain.count(text) == 1 else f"{text} ({plain[: k + 1].count(text)})"
        for k, text in enumerate(plain)
    )
