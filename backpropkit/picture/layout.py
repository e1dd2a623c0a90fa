"""Where the nodes of a graph stand: layers, order inside a layer, coordinates, wires.

Layers by longest path and order by barycentres are Sugiyama's (Sugiyama, Tagawa and Toda 1981);
coordinates are least squares under "keep your order and your distance" (pool adjacent violators).
Numbers in, numbers out: nothing here knows a Node, so the same layout serves every picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

Point = tuple[float, float]
Args = tuple[tuple[int, ...], ...]  # for each node, in birth order, the indices of its arguments

PILL = (52.0, 28.0)  # of a constant
BETWEEN = 18.0  # between neighbours in a layer
HEAD = 8.0  # of an arrow head, along the wire


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a picture needs room for, px; each a width and a height."""

    box: tuple[float, float] = (138.0, 66.0)  # a node
    gaps: tuple[float, float] = (94.0, 62.0)  # between layers, across and down: a wire, its label
    label: tuple[float, float] = (50.0, 16.0)  # on a wire


USUAL = Sizes()


@dataclass(frozen=True, slots=True)
class Box:
    """A node's rectangle, from its top left corner, px."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Wire:
    """The way from node `source` to argument number `slot` of node `target`."""

    source: int
    target: int
    slot: int
    path: str  # SVG path data, without the arrow head
    head: str  # SVG path data of the arrow head
    label: Point  # centre of the room for its label


@dataclass(frozen=True, slots=True)
class Layout:
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    width: float
    height: float


@lru_cache(maxsize=256)
def layout(
    args: Args,
    pills: frozenset[int] = frozenset(),
    down: bool = False,
    sizes: Sizes = USUAL,
    grown: tuple[tuple[int, float, float], ...] = (),
    room: float = 0.0,
) -> Layout:
    """Place a graph: from left to right, or with `down` from top to bottom.

    `args[i]` are the indices of node i's arguments, all smaller than i; the last node is the
    result. `pills` are the nodes drawn small (constants), `grown` those with another width and
    height than most. Where a layer would be wider than `room`, px, it is parted.

    >>> plan = layout(((), (), (0, 1)))          # L = a * b
    >>> [(box.x, box.y) for box in plan.boxes]   # a above b, L between them
    [(0.0, 0.0), (0.0, 84.0), (232.0, 42.0)]
    """
    boxes = [PILL if i in pills else sizes.box for i in range(len(args))]
    for i, width, height in grown:
        boxes[i] = width, height
    beside = 0 if down else 1  # which of (width, height) lies along a layer
    wide = [box[beside] for box in boxes]
    layer = layers(args)
    if room:
        layer = parted(args, layer, wide, room)
    rows, before = stretch(args, layer)
    after = _reversed(before)
    rows = order(rows, before, after)
    wide += [0.0] * (len(before) - len(args))
    middle = settle(rows, before, after, wide)
    if room:
        middle = drawn_in(rows, middle, wide, room)
    return _draw(_Plan(args, layer, before, middle, boxes, sizes, down))


def layers(args: Args) -> list[int]:
    """The longest path from any leaf; a leaf stands just before its first use.

    >>> layers(((), (), (0, 1), (), (2, 3)))     # e = a * b; d = e + c: c stands beside e
    [0, 0, 1, 1, 2]
    """
    layer: list[int] = []
    for mine in args:
        layer.append(1 + max((layer[i] for i in mine), default=-1))
    for leaf, mine in enumerate(args):
        uses = [layer[user] for user, theirs in enumerate(args) if leaf in theirs]
        if not mine and uses:
            layer[leaf] = min(uses) - 1
    return layer


def parted(args: Args, layer: list[int], wide: Sequence[float], room: float) -> list[int]:
    """Layers of which none is wider than `room`: from the result back, each node goes as near to
    what uses it as there is room (Coffman and Graham 1972); unchanged where all fit.

    >>> args = ((), (), (), (0, 1), (3, 2))
    >>> parted(args, layers(args), [100.0] * 5, 240.0), parted(args, layers(args), [100.0] * 5, 150)
    ([0, 0, 1, 1, 2], [0, 1, 2, 3, 4])
    """
    total: dict[int, float] = {}
    for i, k in enumerate(layer):
        total[k] = total.get(k, -BETWEEN) + wide[i] + BETWEEN
    if max(total.values()) <= room:
        return layer
    up, taken = [0] * len(args), dict[int, float]()
    for i in reversed(range(len(args))):
        users = [up[user] for user, theirs in enumerate(args) if i in theirs]
        at = 1 + max(users, default=-1)
        while taken.get(at, 0.0) + wide[i] > room and at in taken:
            at += 1
        up[i] = at
        taken[at] = taken.get(at, 0.0) + wide[i] + BETWEEN
    return [max(up) - k for k in up]


def stretch(args: Args, layer: Sequence[int]) -> tuple[list[list[int]], list[list[int]]]:
    """Give each wire that passes a layer a place there, shared by all wires of its source.

    Returns the vertices of every layer, and for every vertex the vertices of the layer before it
    that it is joined to; vertices beyond the nodes are those places.
    """
    before: list[list[int]] = [[] for _ in args]
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    passing: dict[tuple[int, int], int] = {}
    for i in _depth_first(args):
        rows[layer[i]].append(i)
        for j in args[i]:
            last = j
            for k in range(layer[j] + 1, layer[i]):
                if (j, k) not in passing:
                    passing[j, k] = len(before)
                    before.append([last])
                    rows[k].append(passing[j, k])
                last = passing[j, k]
            before[i].append(last)
    return rows, before


def _depth_first(args: Args) -> list[int]:
    """Nodes as met from the result along the arguments: already planar for a tree."""
    met: dict[int, None] = {}
    stack = [len(args) - 1]
    while stack:
        node = stack.pop()
        if node not in met:
            met[node] = None
            stack += reversed(args[node])
    return list(met)


def _reversed(before: Sequence[Sequence[int]]) -> list[list[int]]:
    after: list[list[int]] = [[] for _ in before]
    for vertex, joined in enumerate(before):
        for other in joined:
            after[other].append(vertex)
    return after


def order(
    rows: list[list[int]], before: list[list[int]], after: list[list[int]]
) -> list[list[int]]:
    """Sort every layer by the mean place of its neighbours, to and fro; keep the best seen."""
    best, fewest = rows, crossings(rows, before)
    for sweep in range(8):
        if fewest == 0:
            break
        rows = [list(row) for row in rows]
        to = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        for k in to:
            near, other = (before, rows[k - 1]) if sweep % 2 == 0 else (after, rows[k + 1])
            place = {vertex: at for at, vertex in enumerate(other)}
            own = {vertex: at for at, vertex in enumerate(rows[k])}
            rows[k].sort(key=lambda v: _mean([place[u] for u in near[v]], own[v]))
        if (count := crossings(rows, before)) < fewest:
            best, fewest = rows, count
    return best


def crossings(rows: Sequence[Sequence[int]], before: Sequence[Sequence[int]]) -> int:
    """How many pairs of wires cross (those into one node never do: ports follow the wires)."""
    count = 0
    for k in range(1, len(rows)):
        place = {vertex: at for at, vertex in enumerate(rows[k - 1])}
        ends = [(place[u], at) for at, vertex in enumerate(rows[k]) for u in before[vertex]]
        count += sum(
            (a[0] - b[0]) * (a[1] - b[1]) < 0 for i, a in enumerate(ends) for b in ends[:i]
        )
    return count


def settle(
    rows: list[list[int]],
    before: list[list[int]],
    after: list[list[int]],
    room: Sequence[float],
) -> list[float]:
    """The middle of every vertex along its layer: near its neighbours, never overlapping.

    A gate stands behind the gates it is computed from rather than behind their leaves, so that the
    main line of a computation runs straight.
    """
    leaves = [not joined for joined in before]
    trunk = [[u for u in joined if not leaves[u]] or joined for joined in before]
    users = [joined if leaf else [] for joined, leaf in zip(after, leaves, strict=True)]
    weight = [1.0 if leaf else 1e6 for leaf in leaves]
    middle = [0.0] * len(before)
    there, back = range(len(rows)), range(len(rows) - 1, -1, -1)
    sweeps = ((there, trunk), (back, after)) * 4 + ((there, trunk), (back, users))
    for path, near in ((there, [[] for _ in before]), *sweeps):
        for row in (rows[k] for k in path):
            wish = [_mean([middle[u] for u in near[v]], middle[v]) for v in row]
            for vertex, at in zip(row, keep_apart(wish, row, room, weight), strict=True):
                middle[vertex] = at
    top = min(middle[v] - room[v] / 2 for v in range(len(middle)))
    return [at - top for at in middle]


def drawn_in(
    rows: list[list[int]], middle: list[float], wide: Sequence[float], room: float
) -> list[float]:
    """The same places nearer to the middle of the page, where they reach further than `room`."""
    ends = [(at - w / 2, at + w / 2) for at, w in zip(middle, wide, strict=True)]
    low, high = min(a for a, _ in ends), max(b for _, b in ends)
    if high - low <= room:
        return middle
    far = max(abs(at - (low + high) / 2) for at in middle)
    share = (room - max(wide)) / 2 / far
    near = [(at - (low + high) / 2) * share for at in middle]
    for row in rows:
        apart = keep_apart([near[v] for v in row], row, wide, [1.0] * len(near))
        for vertex, at in zip(row, apart, strict=True):
            near[vertex] = at
    start = min(at - w / 2 for at, w in zip(near, wide, strict=True))
    return [at - start for at in near]


def keep_apart(
    wish: Sequence[float], row: Sequence[int], room: Sequence[float], weight: Sequence[float]
) -> list[float]:
    """The places nearest to the wishes (weighted least squares) in which nobody overlaps.

    >>> keep_apart([5.0, 5.0, 90.0], [0, 1, 2], [10.0, 10.0, 10.0], [1.0, 1.0, 1.0])
    [-9.0, 19.0, 90.0]
    """
    reach, offsets = 0.0, []
    blocks: list[tuple[float, float, int]] = []  # those that touch: sum of wishes, weight, how many
    for i, vertex in enumerate(row):
        reach += (room[row[i - 1]] + room[vertex]) / 2 + BETWEEN if i else 0.0
        offsets.append(reach)
        total, heavy, count = (wish[i] - reach) * weight[vertex], weight[vertex], 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / heavy:
            more, weighing, many = blocks.pop()
            total, heavy, count = total + more, heavy + weighing, count + many
        blocks.append((total, heavy, count))
    starts = [total / heavy for total, heavy, count in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


@dataclass(frozen=True)
class _Plan:
    """What is settled before anything has coordinates."""

    args: Args
    layer: Sequence[int]  # of each node
    before: Sequence[Sequence[int]]  # see `stretch`
    middle: Sequence[float]  # of each vertex, inside its layer
    own: Sequence[tuple[float, float]]  # width and height of each node
    sizes: Sizes
    down: bool

    def far(self, node: int) -> float:
        """Where a node's layer ends: wires leave there."""
        return self.ends[self.layer[node]]

    @cached_property
    def deep(self) -> list[float]:
        """How deep each layer is: as its deepest node, or as most nodes are."""
        deep = [self.sizes.box[self.along]] * (max(self.layer) + 1)
        for layer, own in zip(self.layer, self.own, strict=True):
            deep[layer] = max(deep[layer], own[self.along])
        return deep

    @cached_property
    def ends(self) -> list[float]:
        gap = self.sizes.gaps[self.down]
        return [end + gap * k for k, end in enumerate(accumulate(self.deep))]

    @property
    def along(self) -> int:
        """Which of (width, height) runs through the layers; the other one runs inside them."""
        return int(self.down)


def _draw(plan: _Plan) -> Layout:
    """Coordinates of all that is settled."""
    down, along = plan.down, plan.along
    boxes = []
    for i, size in enumerate(plan.own):
        far = plan.far(i) - size[along]
        near = plan.middle[i] - size[1 - along] / 2
        boxes.append(Box(near, far, *size) if down else Box(far, near, *size))

    ways = _ways(plan)
    labels = _labels([stops for _, _, stops in ways], plan.sizes.label, down)
    wires = []
    for (i, slot, stops), label in zip(ways, labels, strict=True):
        head = _head(*stops[-1], down)
        wires.append(Wire(plan.args[i][slot], i, slot, _curve(stops, down), head, label))
    return Layout(
        boxes=tuple(boxes),
        wires=tuple(wires),
        width=max(box.x + box.width for box in boxes),
        height=max(box.y + box.height for box in boxes),
    )


def _ways(plan: _Plan) -> list[tuple[int, int, list[Point]]]:
    """(node, argument number, points where the wire's curves and lines meet) of every wire."""
    before, middle = plan.before, plan.middle
    gap, ways = plan.sizes.gaps[plan.down], []
    for i, mine in enumerate(plan.args):
        spread = min(26.0, (plan.own[i][1 - plan.along] - 16) / max(len(mine) - 1, 1))
        entry = plan.far(i) - plan.own[i][plan.along]
        for slot, step in _ports(before[i], middle):
            source, port = mine[slot], middle[i] + step * spread
            twin = step * spread if mine.count(source) > 1 else 0.0  # x·x: two wires, side by side
            end = plan.far(source)
            stops = [(end, middle[source] + twin)]
            passing = _passing(before, before[i][slot], len(plan.args))
            for layer, place in enumerate(passing, plan.layer[source] + 1):
                start, end = end + gap, end + gap + plan.deep[layer]
                stops += [(start, middle[place] + twin), (end, middle[place] + twin)]
            ways.append((i, slot, [*stops, (entry, port)]))
    return ways


def _ports(joined: Sequence[int], middle: Sequence[float]) -> list[tuple[int, float]]:
    """(argument number, step from the node's middle), in the order the wires arrive."""
    arriving = sorted(range(len(joined)), key=lambda slot: (middle[joined[slot]], slot))
    return [(slot, at - (len(joined) - 1) / 2) for at, slot in enumerate(arriving)]


def _passing(before: Sequence[Sequence[int]], vertex: int, nodes: int) -> list[int]:
    """The places a wire passes on its way, from its source on; `vertex` is the last of them."""
    way: list[int] = []
    while vertex >= nodes:
        way.insert(0, vertex)
        vertex = before[vertex][0]
    return way


def _curve(stops: Sequence[Point], down: bool) -> str:
    """Curves through the gaps between layers, straight lines through the layers."""
    stops = [*stops[:-1], (stops[-1][0] - HEAD, stops[-1][1])]

    def point(a: float, b: float) -> str:
        return f"{b:.1f} {a:.1f}" if down else f"{a:.1f} {b:.1f}"

    path = f"M{point(*stops[0])}"
    for i in range(1, len(stops)):
        (a, b), (c, d) = stops[i - 1], stops[i]
        bend = (a + c) / 2
        path += f"C{point(bend, b)} {point(bend, d)} {point(c, d)}" if i % 2 else f"L{point(c, d)}"
    return path


def _head(a: float, b: float, down: bool) -> str:
    return f"M{b:.1f} {a:.1f}l-5 -9h10z" if down else f"M{a:.1f} {b:.1f}l-9 -5v10z"


def _along(start: Point, end: Point, t: float) -> Point:
    """A point of the curve between two stops (cubic Bézier, both bends half way along)."""
    (a, b), (c, d), s = start, end, 1 - t
    pull = 1.5 * s * t
    return (
        a * (s**3 + pull) + c * (t**3 + pull),
        b * (s**3 + 3 * s * s * t) + d * (t**3 + 3 * s * t * t),
    )


def _labels(ways: Sequence[Sequence[Point]], label: Point, down: bool) -> list[Point]:
    """For each wire the point of its last curve where a label covers least of all others."""
    room = (label[1], label[0]) if down else label  # along, across the layers
    curves = [(stops[i], stops[i + 1]) for stops in ways for i in range(0, len(stops), 2)]
    traces = {curve: [_along(*curve, k / 16) for k in range(17)] for curve in curves}
    labels: list[Point] = []
    for stops in ways:
        own = (stops[-2], stops[-1])
        others = [
            point
            for curve, trace in traces.items()
            if curve != own and curve[0][0] < own[1][0] and curve[1][0] > own[0][0]
            for point in trace
        ]
        tries = sorted(range(2, 19), key=lambda k: abs(k - 10))  # from the middle outwards
        low, high = own[0][0] + room[0] / 2, own[1][0] - room[0] / 2  # clear of the nodes
        places = [at for k in tries if low <= (at := _along(*own, k / 20))[0] <= high]
        hidden = ((_covered(at, others, labels, room), at) for at in places)
        labels.append(_first_least(hidden))
    return [(b, a) for a, b in labels] if down else labels


def _covered(at: Point, wires: Sequence[Point], labels: Sequence[Point], room: Point) -> int:
    """How much a label at this point would hide: points of other wires, and (worse) labels."""
    (a, b), (long, high) = at, room
    hidden = sum(abs(a - c) < long / 2 and abs(b - d) < high / 2 for c, d in wires)
    return hidden + 50 * sum(abs(a - c) < long and abs(b - d) < high for c, d in labels)


def _first_least(scored: Iterable[tuple[int, Point]]) -> Point:
    """The point with the smallest score; looks no further once one scores 0."""
    best: tuple[int, Point] | None = None
    for score, at in scored:
        if best is None or score < best[0]:
            best = (score, at)
        if score == 0:
            break
    assert best is not None
    return best[1]
