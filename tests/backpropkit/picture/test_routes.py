"""The paths of a gradient: their order, their products, their sum, and the picture of them."""

import re
from itertools import islice

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import Graph, Node, nets, var
from backpropkit.picture.routes import SHOWN, description, draw, routes, sentence, table, ways


def node(graph: Graph, name: str) -> Node:
    return next(n for n in graph.nodes if n.name == name)


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
    assert "4096 paths lead from x to L; the 12 largest are listed" in sentence(seen, [True] * 13)


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


def test_what_is_switched_off_is_dotted_and_missing_in_the_sum() -> None:
    net = nets.network()
    seen = routes(Graph(net.loss), net["w131"])
    every, one = draw(seen, [True, True]), draw(seen, [False, True])
    assert "bp-wire bp-off" not in every and every.count('class="bp-wire bp-lit"') == 8
    assert one.count('class="bp-wire bp-off"') == 3  # h13 → a22 → y2 → L
    [total] = re.findall('data-sum="([^"]+)"', one)
    assert float(total) == pytest.approx(0.014331900435295634, rel=1e-12)
    [gradient] = re.findall('data-gradient="([^"]+)"', one)
    assert float(gradient) == pytest.approx(-0.0034998575927565707, rel=1e-12)
    assert "What is left on adds up to 0.01433 ≠ −0.0035 = ∂L/∂w131" in sentence(
        seen, [False, True]
    )
    assert "through y2: −0.01783, off" in description(seen, [False, True])
    assert "<td>through y2</td><td>−0.01783</td><td>off</td>" in table(seen, [False, True])


def test_all_off_is_said() -> None:
    net = nets.neuron()
    seen = routes(Graph(net.loss), net["w"])
    assert "All are switched off" in sentence(seen, [False, False])


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
        seen = routes(graph, W, entry)
        assert seen.total == 2 and seen.start == f"W{list(entry)}"
        h = 1e-6
        push = np.zeros((2, 3))
        push[entry] = h
        slope = (graph.nudge(W, push).actual - graph.nudge(W, -push).actual) / (2 * h)
        assert sum(seen.products) == pytest.approx(slope, rel=1e-6)


def bars(svg: str) -> list[tuple[str, float, float]]:
    """(kind, left end, length) of every bar, from top to bottom."""
    found = re.findall(
        r'<rect x="([-\d.]+)" y="[^"]+" width="([\d.]+)"[^>]*class="bp-bar (\S+)"', svg
    )
    return [(kind, float(left), float(long)) for left, long, kind in found]


@pytest.mark.parametrize("on", [[True] * 4, [True, False, True, False], [False, True, True, True]])
def test_a_bar_begins_where_the_last_one_that_is_on_ended(on: list[bool]) -> None:
    net = nets.network(output="softmax")
    seen = routes(Graph(net.loss), net["w131"])
    drawn = bars(draw(seen, on))
    assert [kind for kind, _, _ in drawn] == [
        *("bp-lit" if lit else "bp-off" for lit in on),
        "bp-sum",
        "bp-truth",
    ]
    unit = drawn[0][2] / abs(seen.products[0])
    zero = drawn[0][1] + drawn[0][2]  # the first product is negative: its bar ends at 0
    at = 0.0
    for (_, left, long), product, lit in zip(drawn, seen.products, on, strict=False):
        assert long == pytest.approx(abs(product) * unit, abs=0.2)
        assert left == pytest.approx(zero + (at + min(product, 0.0)) * unit, abs=0.2)
        at += product * lit
    for (_, left, long), whole in zip(drawn[4:], (at, seen.gradient), strict=True):
        assert (left, long) == pytest.approx(
            (zero + min(whole, 0.0) * unit, abs(whole) * unit), abs=0.2
        )


def test_a_path_without_a_node_of_its_own_is_called_by_its_wire() -> None:
    s = var(2.0, "s")
    u = (3.0 * s).named("u")
    assert set(routes(Graph((s * u).named("Q")), s).labels) == {"straight from s to Q", "through u"}
    h = (s * 2.0).named("h")
    v = (h**2).named("v")
    labels = routes(Graph((h + v).named("Q")), s).labels
    assert set(labels) == {"straight from h to Q", "through v"}
