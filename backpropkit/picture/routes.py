"""The paths from a node to the result, singly: what each adds to the gradient, and their sum."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np

from ..engine.graph import Graph, contributions, local_derivative
from ..engine.node import Node
from .circuit import CIRCUIT_STYLE
from .colours import THEME
from .draw import STYLE, check_size
from .evidence import round_up
from .facts import names, symbol
from .frame import frame
from .layout import Box, Sizes, Wire, layout
from .marks import WIDE, path, rect, text
from .numbers import number, whole
from .walk import html_table

SHOWN = 12  # paths that can be switched; the others are one switch together
SIMPLE = 10  # nodes up to which every one is drawn; beyond, unnamed ones become part of their wire
SIZES = Sizes(box=(112.0, 48.0), gaps=(92.0, 74.0))
ROW = 24.0
WORDS = 250.0  # room for a label and its number, left of the bars

Link = tuple[tuple[Node, int], ...]  # steps of a path that are drawn as one wire: (node, argument)
Hop = tuple[str, str, Link]  # such a wire, from one named node to another

ROUTES_STYLE = """
.bp .bp-wire.bp-lit{stroke:var(--bp-back);stroke-width:3}
.bp .bp-head.bp-lit{fill:var(--bp-back)}
.bp .bp-wire.bp-off{stroke-dasharray:1.5 5;stroke-linecap:round;stroke-width:2}
.bp .bp-head.bp-off{fill:var(--bp-paper);stroke:var(--bp-line)}
.bp .bp-bar.bp-lit{fill:var(--bp-back)}
.bp .bp-bar.bp-sum{fill:var(--bp-ink)}
.bp .bp-bar.bp-off{fill:none;stroke:var(--bp-line);stroke-dasharray:1.5 3}
.bp .bp-bar.bp-truth{fill:none;stroke:var(--bp-grad);stroke-width:1.8;stroke-dasharray:5 3}
.bp .bp-join{stroke:var(--bp-line);stroke-dasharray:2 3;fill:none}
.bp text.bp-quiet{fill:var(--bp-soft)}
"""


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
    products: tuple[float, ...]
    rest: float | None
    gradient: float
    spots: tuple[Spot, ...]
    args: tuple[tuple[int, ...], ...]
    local: dict[tuple[int, int], str]
    uses: tuple[frozenset[tuple[int, int]], ...]
    ranked: bool  # the largest are listed: between numbers

    @property
    def switches(self) -> list[tuple[str, float]]:
        """(label, what it adds) of everything that can be switched."""
        listed = list(zip(self.labels, self.products, strict=True))
        if self.rest is None:
            return listed
        return [*listed, (f"the other {self.total - len(listed)} together", self.rest)]


def routes(graph: Graph, start: Node, entry: tuple[int, ...] = ()) -> Routes:
    """Read the paths from `start` to the result, and the part of the graph they run through."""
    found = list(islice(ways(graph, start), SHOWN))
    total = graph.count_paths(start)
    gradient = float(np.asarray(graph.grads[start])[entry])
    products = tuple(float(np.asarray(way.product)[entry]) for way in found)
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
        start=called[start] + ("".join(str(list(entry))) if entry else ""),
        total=total,
        labels=labels([_named(way, start, set(kept), called) for way in found]),
        products=products,
        rest=gradient - sum(products) if total > len(found) else None,
        gradient=gradient,
        spots=tuple(Spot(called[n], symbol(n), whole(n.value)) for n in kept),
        args=args,
        local={slots[link]: _local(link) for link in slots},
        uses=tuple(frozenset(slots[link] for link in _cut(way, set(kept))) for way in found),
        ranked=all(
            isinstance(local_derivative(n, k), float) for way in found for n, k in way.steps
        ),
    )


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


def sentence(seen: Routes, on: Sequence[bool]) -> str:
    """What the paths that are switched on add up to."""
    L, w, gradient = seen.result, seen.start, number(seen.gradient)
    paths = "1 path leads" if seen.total == 1 else f"{seen.total} paths lead"
    opening = f"{paths} from {w} to {L}"
    if seen.rest is not None:
        which = f"{len(seen.labels)} largest" if seen.ranked else f"first {len(seen.labels)}"
        opening += f"; the {which} are listed"
    added = [product for (_, product), lit in zip(seen.switches, on, strict=True) if lit]
    if all(on):
        what = "Their sum is" if len(added) > 1 else "Its product is"
        return f"{opening}. {what} the gradient, ∂{L}/∂{w} = {gradient}."
    if not added:
        return f"{opening}. All are switched off: nothing comes back, and ∂{L}/∂{w} is {gradient}."
    total = number(sum(added))
    close = total == gradient
    if close:
        return f"{opening}. What is left on adds up to ∂{L}/∂{w} = {gradient} all the same."
    return f"{opening}. What is left on adds up to {total} ≠ {gradient} = ∂{L}/∂{w}."


def description(seen: Routes, on: Sequence[bool]) -> str:
    """The whole picture in words."""
    listed = "; ".join(
        f"{label}: {number(product)}{'' if lit else ', off'}"
        for (label, product), lit in zip(seen.switches, on, strict=True)
    )
    nodes = ", ".join(f"{spot.name} = {spot.value}" for spot in seen.spots)
    return f"Paths from {seen.start} to {seen.result}, through {nodes}. {listed}. " + sentence(
        seen, on
    )


def table(seen: Routes, on: Sequence[bool]) -> str:
    rows = [
        (str(k), label, number(product), "on" if lit else "off")
        for k, ((label, product), lit) in enumerate(zip(seen.switches, on, strict=True), 1)
    ]
    return html_table(sentence(seen, on), ["path", "runs", "product", "switched"], rows)


def draw(seen: Routes, on: Sequence[bool], down: bool = False, style: bool = True) -> str:
    """The part of the graph the paths run through, and below it their products, end to end.

    Raises:
        GraphTooLarge: more than 60 nodes, even after those without names were left out.
    """
    check_size(seen.result, len(seen.spots))
    plan = layout(seen.args, frozenset(), down, SIZES)
    lit = {wire for wires, is_on in zip(seen.uses, on, strict=False) if is_on for wire in wires}
    if seen.rest is not None and on[-1]:
        lit = set(seen.local)
    parts = [_wire(wire, (wire.target, wire.slot) in lit) for wire in plan.wires]
    parts += [_label(seen, wire) for wire in plan.wires]
    parts += [
        _spot(spot, box, i == 0)
        for i, (spot, box) in enumerate(zip(seen.spots, plan.boxes, strict=True))
    ]
    width = max(plan.width, 360.0 if down else 640.0)
    bars, height = _bars(seen, on, plan.height + 30, min(width, 760.0), down)
    added = sum(p for (_, p), is_on in zip(seen.switches, on, strict=True) if is_on)
    numbers: dict[str, object] = {"sum": repr(added), "gradient": repr(seen.gradient)}
    numbers |= {"paths": seen.total}
    sheet = THEME + STYLE + CIRCUIT_STYLE + ROUTES_STYLE if style else ""
    return frame([*parts, bars], width, height, description(seen, on), numbers, sheet)


def _wire(wire: Wire, lit: bool) -> str:
    look = "bp-lit" if lit else "bp-off"
    return path(wire.path, f"bp-wire {look}") + path(wire.head, f"bp-head {look}")


def _label(seen: Routes, wire: Wire) -> str:
    words = seen.local[wire.target, wire.slot]
    return text(*wire.label, f"×{words}", "bp-middle bp-halo", 70) if words else ""


def _spot(spot: Spot, box: Box, first: bool) -> str:
    edge = rect(box.x, box.y, box.width, box.height, "bp-box", 3 if first else 13)
    name = text(box.x + 10, box.y + 20, spot.name, "bp-name", box.width - 40, 9)
    corner = text(box.x + box.width - 9, box.y + 19, spot.symbol, "bp-small")
    value = text(box.x + 10, box.y + 39, spot.value, "bp-value", box.width - 20)
    return f"<g>{edge}{name}{corner}{value}</g>"


def _bars(
    seen: Routes, on: Sequence[bool], top: float, width: float, down: bool
) -> tuple[str, float]:
    """Each product as a bar that begins where the last ended; below, their sum and the gradient."""
    words = 0.0 if down else WORDS
    row = ROW + 18 * down
    steps, ends, at = seen.switches, [0.0], 0.0
    for (_, product), lit in zip(steps, on, strict=True):
        at += product * lit
        ends += [at, at + product * (not lit)]
    low, high = min(*ends, seen.gradient, 0.0), max(*ends, seen.gradient, 0.0)
    unit = (width - words - 12) / (round_up(high - low) if high > low else 1.0)

    def across(value: float) -> float:
        return words + 6 + (value - low) * unit

    parts, y, at = [], top, 0.0
    zero = across(0.0)
    rows = [
        (f"{k}  {label}", product, "bp-lit" if lit else "bp-off", lit)
        for k, ((label, product), lit) in enumerate(zip(steps, on, strict=True), 1)
    ]
    for label, product, look, lit in rows:
        parts.append(_bar(label, product, across(at), product * unit, look, y, words, down))
        at += product * lit
        if not down:
            parts.append(path(f"M{across(at):.1f} {y + row - 10:.1f}v{row - 8:.1f}", "bp-join"))
        y += row
    L = seen.result
    y += 4
    parts.append(_bar("sum of those on", at, zero, at * unit, "bp-sum", y, words, down))
    y += row
    name = f"gradient ∂{L}/∂{seen.start}"
    parts.append(_bar(name, seen.gradient, zero, seen.gradient * unit, "bp-truth", y, words, down))
    y += row
    parts.insert(0, path(f"M{zero:.1f} {top - 6:.1f}V{y:.1f}", "bp-axis"))
    parts.append(text(zero, y + 14, "0", "bp-tick"))
    return "".join(parts), y + 20


def _bar(
    label: str,
    value: float,
    start: float,
    long: float,
    look: str,
    y: float,
    words: float,
    down: bool,
) -> str:
    """A label, its number, and a bar from `start`, `long` px to the right or to the left."""
    left = min(start, start + long)
    quiet = " bp-quiet" * (look == "bp-off")
    bar = rect(left, y + 18 * down, max(abs(long), 1.2), 14, f"bp-bar {look}")
    if down:
        inside = text(0, y + 12, f"{label}: {number(value)}", f"bp-halo{quiet}", 350)
        return inside + bar
    room = words - 84
    return (
        text(0, y + 12, label, quiet.strip(), room, WIDE)
        + text(words - 16, y + 12, number(value), f"bp-number{quiet}")
        + bar
    )
