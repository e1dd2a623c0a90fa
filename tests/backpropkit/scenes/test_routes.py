"""The paths of a gradient: their order, their products, their names, and their sum."""

import re
from itertools import islice

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import Graph, Node, nets, var
from backpropkit.scenes.routes import SHOWN, routes, ways


def node(graph: Graph, name: str) -> Node:
    return next(n for n in graph.nodes if n.name == name)


def graphs() -> list[Graph]:
    s, w = var(2.0, "s"), var([1.0, -2.0], "w")
    a, b, c = var(2.0, "a"), var(-3.0, "b"), var(4.0, "c")
    given = (a * b + c) ** 2, (s**2) * (3.0 * s) + s, bp.sum(w * w * bp.exp(w)), nets.network().loss
    return [Graph(node) for node in given]


@pytest.mark.parametrize("graph", graphs())
def test_all_paths_come_and_the_largest_first(graph: Graph) -> None:
    for leaf in graph.leaves:
        found = [way.product for way in ways(graph, leaf)]
        assert len(found) == graph.count_paths(leaf)
        if not leaf.shape:
            brute = sorted((path.product for path in graph.paths(leaf)), key=abs, reverse=True)
            assert np.abs(found) == pytest.approx(np.abs(brute), rel=1e-12)
        assert np.sum(found, axis=0) == pytest.approx(graph.grads[leaf], rel=1e-12)


def test_a_path_through_a_zero_is_listed_last() -> None:
    a, b = var(2.0, "a"), var(3.0, "b")
    graph = Graph(bp.maximum(a * 1.0, b) + a * 0.5)
    assert [way.product for way in ways(graph, a)] == [0.5, 0.0]


def test_the_first_of_a_billion_paths_come_at_once() -> None:
    x = var(1.01, "x")
    y = x
    for _ in range(30):
        y = y * 0.5 + y * 0.4
    graph = Graph(y)
    assert graph.count_paths(x) == 2**30
    first = [way.product for way in islice(ways(graph, x), 31)]
    assert first[0] == pytest.approx(0.5**30)
    assert first[1:] == pytest.approx([0.5**29 * 0.4] * 30)  # one step the smaller way, 30 times


def test_the_rest_of_many_paths_is_one_switch() -> None:
    x = var(1.01, "x")
    y = x
    for _ in range(12):
        y = y * 0.5 + y * 0.4
    graph = Graph(y.named("L"))
    seen = routes(graph, x)
    assert seen.total == 4096 and len(seen.labels) == SHOWN
    assert seen.switches[-1][0] == f"the other {4096 - SHOWN} together"
    assert sum(product for _, product in seen.switches) == pytest.approx(0.9**12)


@pytest.mark.parametrize(
    ("given", "through"),
    [
        ({}, ["through y2", "through y1"]),
        (
            {"output": "softmax"},
            ["a22 → y2", "a22 → y1", "a21 → y2", "a21 → y1"],
        ),
        (
            {"weights": (nets.W1, nets.W2, nets.W3)},
            ["h22 → y1", "h21 → y1", "h21 → y2", "h22 → y2"],
        ),
    ],
    ids=["sigmoid", "softmax", "deep"],
)
def test_w131_runs_through_named_nodes_only(given: dict[str, object], through: list[str]) -> None:
    net = nets.network(**given)
    seen = routes(Graph(net.loss), net["w131"])
    assert all(re.fullmatch(r"w131|[ahy]\d+|L", spot.name) for spot in seen.spots)
    assert [label.removeprefix("through ") for label in seen.labels] == [
        label.removeprefix("through ") for label in through
    ]


def test_the_locals_along_a_path_multiply_to_its_product() -> None:
    net = nets.network()
    seen = routes(Graph(net.loss), net["w131"])
    for wires, product in zip(seen.uses, seen.products, strict=True):
        factors = [float(seen.local[wire].replace("−", "-")) for wire in wires]
        assert np.prod(factors) == pytest.approx(product, rel=5e-3)  # they are shown to 3 digits
        assert len(wires) == 5  # w131 → a13 → h13 → a2k → yk → L


def test_two_wires_between_the_same_nodes_are_two_paths() -> None:
    x = var(3.0, "x")
    seen = routes(Graph((x * x).named("L")), x)
    assert seen.products == (3.0, 3.0)
    assert len(set(seen.labels)) == 2 and len(set().union(*seen.uses)) == 2


def test_one_entry_of_a_matrix_is_followed() -> None:
    W = var([[0.5, -0.2, 0.3], [0.1, 0.8, -0.6]], "W")
    x = bp.const([1.0, -2.0, 0.5], "x")
    graph = Graph(bp.norm2((W.T @ (W @ x).named("h")).named("g")).named("L"))
    for entry in ((0, 0), (1, 2)):
        seen = routes(graph, W).at(entry)
        assert seen.total == 2 and seen.start == f"W{list(entry)}"
        h = 1e-6
        push = np.zeros((2, 3))
        push[entry] = h
        slope = (graph.nudge(W, push).actual - graph.nudge(W, -push).actual) / (2 * h)
        assert sum(seen.products) == pytest.approx(slope, rel=1e-6)


def test_a_path_without_a_node_of_its_own_is_called_by_its_wire() -> None:
    s = var(2.0, "s")
    u = (3.0 * s).named("u")
    assert set(routes(Graph((s * u).named("Q")), s).labels) == {"straight from s to Q", "through u"}
    h = (s * 2.0).named("h")
    v = (h**2).named("v")
    labels = routes(Graph((h + v).named("Q")), s).labels
    assert set(labels) == {"straight from h to Q", "through v"}
