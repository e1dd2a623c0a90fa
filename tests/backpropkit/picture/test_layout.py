"""A layout is judged by geometry alone: what overlaps, what crosses, where wires end."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from backpropkit import Graph
from backpropkit.picture.layout import USUAL, Box, Layout, Wire, layers, layout

Point = tuple[float, float]
LABEL = USUAL.label


def args_of(graph: Graph) -> tuple[tuple[int, ...], ...]:
    place = {node: i for i, node in enumerate(graph.nodes)}
    return tuple(tuple(place[arg] for arg in node.args) for node in graph.nodes)


def random_args(rng: np.random.Generator, nodes: int) -> tuple[tuple[int, ...], ...]:
    """A random graph in which every node but the last is used."""
    args: list[tuple[int, ...]] = [(), ()]
    unused = {0, 1}
    while len(args) < nodes or len(unused) > 1:
        count = 0 if len(args) < nodes and rng.random() < 0.3 else int(rng.integers(1, 4))
        pool = sorted(unused) if len(args) >= nodes else list(range(len(args)))
        mine = tuple(int(i) for i in rng.choice(pool, size=min(count, len(pool))))
        unused -= set(mine)
        unused.add(len(args))
        args.append(mine)
    return tuple(args)


def overlap(a: Box, b: Box) -> bool:
    return (
        a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    )


def label_box(wire: Wire, width: float = LABEL[0]) -> Box:
    x, y = wire.label
    return Box(x - width / 2, y - LABEL[1] / 2, width, LABEL[1])


def trace(path: str) -> list[Point]:
    """Points along SVG path data of M, C and L, by de Casteljau's construction."""
    points: list[Point] = []
    for command, rest in re.findall(r"([MCL])([^MCL]+)", path):
        numbers = [float(n) for n in rest.split()]
        ends = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command != "C":
            points += ends
            continue
        control = [points[-1], *ends]
        for t in np.linspace(0, 1, 24)[1:]:  # no sample half way, where twins may meet
            row = [np.array(p) for p in control]
            while len(row) > 1:
                row = [(1 - t) * p + t * q for p, q in pairwise(row)]
            points.append((float(row[0][0]), float(row[0][1])))
    return points


def cross(first: list[Point], second: list[Point]) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return any(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for a, b in pairwise(first)
        for c, d in pairwise(second)
    )


def crossings(plan: Layout) -> int:
    ways = [trace(wire.path) for wire in plan.wires]
    return sum(cross(a, b) for a, b in combinations(ways, 2))


@pytest.mark.parametrize("down", [False, True], ids=["across", "down"])
class TestEveryLayout:
    def test_no_wires_cross_where_none_need_to(self, planar: Graph, down: bool) -> None:
        assert crossings(layout(args_of(planar), down=down)) == 0

    def test_nodes_never_overlap(self, graph: Graph, down: bool) -> None:
        boxes = layout(args_of(graph), down=down).boxes
        assert not [(a, b) for a, b in combinations(boxes, 2) if overlap(a, b)]

    def test_labels_cover_neither_nodes_nor_each_other(self, graph: Graph, down: bool) -> None:
        plan = layout(args_of(graph), down=down)
        labels = [label_box(wire) for wire in plan.wires]
        assert not [(a, b) for a, b in combinations(labels, 2) if overlap(a, b)]
        assert not [(a, b) for a in labels for b in plan.boxes if overlap(a, b)]

    def test_every_argument_has_a_wire_from_its_node_to_its_user(
        self, graph: Graph, down: bool
    ) -> None:
        args = args_of(graph)
        plan = layout(args, down=down)
        wanted = [(j, i, slot) for i, mine in enumerate(args) for slot, j in enumerate(mine)]
        assert sorted((w.source, w.target, w.slot) for w in plan.wires) == sorted(wanted)
        for wire in plan.wires:
            start, end = trace(wire.path)[0], trace(wire.path)[-1]
            leaving, entering = plan.boxes[wire.source], plan.boxes[wire.target]
            if down:
                assert start[1] == pytest.approx(leaving.y + leaving.height, abs=0.1)
                assert entering.x < end[0] < entering.x + entering.width
                assert entering.y - 10 < end[1] < entering.y
            else:
                assert start[0] == pytest.approx(leaving.x + leaving.width, abs=0.1)
                assert entering.y < end[1] < entering.y + entering.height
                assert entering.x - 10 < end[0] < entering.x

    def test_random_graphs_stay_legible(self, rng: np.random.Generator, down: bool) -> None:
        for _ in range(20):
            args = random_args(rng, int(rng.integers(3, 50)))
            pills = frozenset(i for i, mine in enumerate(args) if not mine and rng.random() < 0.3)
            plan = layout(args, pills, down)
            assert not [p for p in combinations(plan.boxes, 2) if overlap(*p)]
            ends = [(box.x + box.width, box.y + box.height) for box in plan.boxes]
            assert min(min(box.x, box.y) for box in plan.boxes) >= -1e-9
            assert max(x for x, _ in ends) == plan.width
            assert max(y for _, y in ends) == plan.height


def test_arguments_stand_in_earlier_layers_and_the_result_last(rng: np.random.Generator) -> None:
    for _ in range(50):
        args = random_args(rng, 30)
        layer = layers(args)
        assert all(layer[j] < layer[i] for i, mine in enumerate(args) for j in mine)
        assert max(layer) == layer[-1]


def test_a_leaf_stands_just_before_its_first_use() -> None:
    # e = a·b, d = e + c, L = d·f: c beside e and f beside d, not both at the far left
    args = ((), (), (0, 1), (), (2, 3), (), (4, 5))
    assert layers(args) == [0, 0, 1, 1, 2, 2, 3]


def test_the_main_line_runs_straight() -> None:
    args = ((), (), (0, 1), (), (2, 3), (), (4, 5))
    e, d, L = (layout(args).boxes[i].y for i in (2, 4, 6))
    assert e == pytest.approx(d, abs=0.01) and d == pytest.approx(L, abs=0.01)


def test_a_node_used_twice_by_one_gate_has_two_wires_side_by_side() -> None:
    first, second = layout(((), (0, 0))).wires
    assert not cross(trace(first.path), trace(second.path))
    assert abs(first.label[1] - second.label[1]) >= LABEL[1]


def test_ports_follow_the_wires_not_the_order_of_the_operands() -> None:
    # s = a + b and t = b·a have to cross once (K₂,₂), but not again before t
    assert crossings(layout(((), (), (0, 1), (1, 0), (2, 3)))) == 1


def test_the_geometry_used_here_sees_a_crossing() -> None:
    assert cross([(0, 0), (1, 1)], [(0, 1), (1, 0)])
    assert not cross([(0, 0), (1, 0)], [(0, 1), (1, 1)])
    assert crossings(layout(((), (), (0, 1), (0, 1), (2, 3)))) > 0  # K₂,₂ cannot do without
