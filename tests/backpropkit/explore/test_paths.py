"""The paths explorer without a browser: switches, nodes, entries, very many paths."""

import re

import pytest

import backpropkit as bp
from backpropkit import Graph, explore, nets, var


def on_page(explorer: explore.PathsExplorer, name: str) -> float:
    found = re.findall(f' data-{name}="([^"]+)"', explorer.picture.value)
    assert len(found) == 2 and found[0] == found[1]
    return float(found[0])


def test_the_two_paths_of_w131_add_up_and_one_alone_does_not() -> None:
    net = nets.network()
    explorer = explore.paths(net.loss, net["w131"])
    gradient = Graph(net.loss).grads[net["w131"]]
    assert on_page(explorer, "gradient") == gradient
    assert on_page(explorer, "sum") == pytest.approx(gradient, rel=1e-12)
    first, second = explorer.ways.children
    first.value = False
    assert on_page(explorer, "sum") == pytest.approx(0.014331900435295634, rel=1e-12)
    assert "≠" in explorer.live.value
    second.value = False
    assert on_page(explorer, "sum") == 0.0 and "All are switched off" in explorer.live.value
    explorer.all_on.click()
    assert explorer.on == [True, True]
    assert on_page(explorer, "sum") == pytest.approx(gradient, rel=1e-12)
    explorer.all_off.click()
    assert explorer.on == [False, False]


def test_without_a_node_the_leaf_with_most_paths_is_followed() -> None:
    assert explore.paths(lambda a, s: a * s**2 * (3.0 * s), a=1.0, s=2.0).leaf.value == "s"


def test_a_node_is_given_itself_or_by_name_and_changed_on_the_menu() -> None:
    net = nets.network()
    assert explore.paths(net.loss, net["h13"]).leaf.value == "h13"
    explorer = explore.paths(net.loss, "w131")
    explorer.leaf.value = "w212"
    assert len(explorer.ways.children) == 1 and explorer.routes.labels == ("the only path",)
    assert on_page(explorer, "gradient") == pytest.approx(0.04212131171481333, rel=1e-10)


def test_a_graph_too_large_to_draw_is_still_taken_apart() -> None:
    x, w = var(0.5, "x"), var(2.0, "w")
    y = x
    for _ in range(80):
        y = bp.tanh(y * 1.1)
    explorer = explore.paths((y * w * w).named("L"), w)
    assert len(explorer.graph.nodes) > 60 and len(explorer.ways.children) == 2


def test_where_even_the_part_is_too_large_it_says_so() -> None:
    x = var(0.5, "x")
    for k in range(70):
        x = bp.tanh(x).named(f"h{k}")
    assert "71 nodes" in explore.paths(x).value


def test_one_entry_of_an_array_at_a_time() -> None:
    A = var([[2.0, -1.0], [3.0, 1.0]], "A")
    x = bp.const([1.0, -2.0])
    explorer = explore.paths((bp.sum((A @ A) @ x)).named("f"), A)
    gradient = Graph(explorer.graph.result).grads[explorer.graph.leaves[0]]
    row, column = explorer.entry.children
    for i in (0, 1):
        for j in (0, 1):
            row.value, column.value = i, j
            assert on_page(explorer, "gradient") == gradient[i, j]
            assert on_page(explorer, "sum") == pytest.approx(gradient[i, j])
            assert len(explorer.ways.children) == 2


def test_very_many_paths_are_counted_and_the_rest_is_one_switch() -> None:
    x = var(1.01, "x")
    y = x
    for _ in range(14):
        y = y * 0.5 + y * 0.4
    explorer = explore.paths(y.named("L"), "x")
    assert "16384 paths lead from x to L; the 12 largest are listed" in explorer.live.value
    rest = explorer.ways.children[-1]
    assert rest.description.startswith("13  the other 16372 together")
    rest.value = False
    assert on_page(explorer, "sum") == pytest.approx(sum(explorer.routes.products))


@pytest.mark.parametrize("leaf", ["w", 3.0, var(1.0, "stranger")])
def test_a_node_that_does_not_lead_there_is_refused_with_those_that_do(leaf: object) -> None:
    with pytest.raises(ValueError, match=r"leads to the result: a, b, v1; .* is none of them"):
        explore.paths(bp.exp(var(1.0, "a") * var(2.0, "b")), leaf)


def test_the_table_follows_and_the_still_picture_stands_still() -> None:
    explorer = explore.paths(lambda s: s**2 * (3.0 * s), s=2.0)
    explorer.as_table.value = True
    assert explorer.numbers.value.count("<td>on</td>") == 2
    explorer.ways.children[0].value = False
    assert explorer.numbers.value.count("<td>on</td>") == 1
    html = explorer._repr_mimebundle_()["text/html"]
    assert "<svg" in html and "run the notebook" in html and "<input" not in html
