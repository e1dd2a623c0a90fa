"""The paths explorer without a browser: switches, nodes, entries, very many paths."""

import re

import pytest

import backpropkit as bp
from backpropkit import Graph, explore, nets, var


def page(explorer: explore.PathsExplorer) -> str:
    """What is seen of the still: the paths from the chosen node."""
    pages = re.split(r'(?=<div class="bp-one")', explorer.still())
    [seen] = [page for page in pages[1:] if 'class="bp-one" hidden' not in page]
    return re.sub(r' data-bp="[^"]*"', "", seen)


def on_page(explorer: explore.PathsExplorer, name: str) -> float:
    found = re.findall(f' data-{name}="([^"]+)"', page(explorer))
    assert len(found) == 2 and found[0] == found[1]
    return float(found[0])


@pytest.fixture
def two() -> explore.PathsExplorer:
    net = nets.network()
    return explore.paths(net.loss, net["w131"])


def test_the_two_paths_of_w131_add_up_and_one_alone_does_not(two) -> None:
    net = nets.network()
    gradient = Graph(net.loss).grads[net["w131"]]
    assert on_page(two, "gradient") == gradient
    assert on_page(two, "sum") == pytest.approx(gradient, rel=1e-12)
    two.on = [False, True]
    assert on_page(two, "sum") == pytest.approx(0.014331900435295634, rel=1e-12)
    assert "What is left on adds up to 0.01433 ≠ −0.0035 = ∂L/∂w131" in two.now.sentence
    two.on = [False, False]
    assert on_page(two, "sum") == 0.0 and "All are switched off" in two.now.sentence
    two.on = [True, True]
    assert "Their sum is the gradient, ∂L/∂w131 = −0.0035." in two.now.sentence


def test_what_is_switched_off_is_dotted_and_said(two) -> None:
    every = page(two)
    assert "bp-wire bp-off" not in every and every.count('class="bp-wire bp-lit"') == 16
    two.on = [False, True]
    one = page(two)
    assert one.count('class="bp-wire bp-off"') == 2 * 3  # h13 → a22 → y2 → L, in both layouts
    assert "through y2: −0.01783, off" in one
    assert "<td>through y2</td><td>−0.01783</td><td>off</td>" in one


def test_a_path_that_adds_nothing_is_not_missed() -> None:
    a, b = var(2.0, "a"), var(3.0, "b")
    explorer = explore.paths((bp.maximum(a * 1.0, b) + a * 0.5).named("L"), a)
    explorer.on = [True, False]
    assert "What is left on adds up to ∂L/∂a = 0.5 all the same" in explorer.now.sentence


def test_a_difference_below_the_digits_shown_is_shown() -> None:
    a = var(1.0, "a")
    explorer = explore.paths((a * 1000.0 + a * 0.001).named("L"), a)
    explorer.on = [True, False]
    assert "adds up to 1000 ≠ 1000.001 = ∂L/∂a" in explorer.now.sentence


def bars(svg: str) -> list[tuple[str, float, float]]:
    """(kind, left end, length) of every bar, from top to bottom."""
    look = r'class="bp-bar +(\S+)" x="([-\d.]+)" width="([\d.]+)"'
    return [(kind, float(x), float(long)) for kind, x, long in re.findall(look, svg)]


@pytest.mark.parametrize("on", [[True] * 4, [True, False, True, False], [False, True, True, True]])
def test_a_bar_begins_where_the_last_one_that_is_on_ended(on: list[bool]) -> None:
    net = nets.network(output="softmax")
    explorer = explore.paths(net.loss, net["w131"])
    scale = bars(page(explorer))[0][2]
    explorer.on = on
    seen, drawn = explorer.routes, bars(page(explorer))[:6]
    lit = ["bp-lit" if is_on else "bp-off" for is_on in on]
    assert [kind for kind, _, _ in drawn] == [*lit, "bp-sum", "bp-truth"]
    assert drawn[0][2] == scale  # which stands, whatever is switched
    unit = scale / abs(seen.products[0])
    zero = drawn[0][1] + drawn[0][2]  # the first product is negative: its bar ends at 0
    at = 0.0
    for (_, left, long), product, is_on in zip(drawn, seen.products, on, strict=False):
        assert long == pytest.approx(abs(product) * unit, abs=0.2)
        assert left == pytest.approx(zero + (at + min(product, 0.0)) * unit, abs=0.2)
        at += product * is_on
    for (_, left, long), whole in zip(drawn[4:], (at, seen.gradient), strict=True):
        assert left == pytest.approx(zero + min(whole, 0.0) * unit, abs=0.2)
        assert long == pytest.approx(abs(whole) * unit, abs=0.2)


def test_without_a_node_the_leaf_with_most_paths_is_followed() -> None:
    assert explore.paths(lambda a, s: a * s**2 * (3.0 * s), a=1.0, s=2.0).leaf.value == "s"


def test_a_node_is_given_itself_or_by_name_and_changed_on_the_menu(two) -> None:
    net = nets.network()
    assert explore.paths(net.loss, net["h13"]).leaf.value == "h13"
    two.leaf.value = "w212"
    assert two.on == [True] and two.routes.labels == ("the only path",)
    assert on_page(two, "gradient") == pytest.approx(0.04212131171481333, rel=1e-10)


def test_a_graph_too_large_to_draw_is_still_taken_apart() -> None:
    x, w = var(0.5, "x"), var(2.0, "w")
    y = x
    for _ in range(80):
        y = bp.tanh(y * 1.1)
    explorer = explore.paths((y * w * w).named("L"), w)
    assert len(explorer.graph.nodes) > 60 and explorer.on == [True, True]


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
    for i in (0, 1):
        for j in (0, 1):
            explorer.entry.value = [float(i), float(j)]
            assert on_page(explorer, "gradient") == gradient[i, j]
            assert on_page(explorer, "sum") == pytest.approx(gradient[i, j])
            assert f"from A[{i}, {j}] to f" in explorer.now.sentence
            assert len(explorer.on) == 2
            assert sum(explorer.routes.products) == pytest.approx(gradient[i, j])


def test_very_many_paths_are_counted_and_the_rest_is_one_switch() -> None:
    x = var(1.01, "x")
    y = x
    for _ in range(14):
        y = y * 0.5 + y * 0.4
    explorer = explore.paths(y.named("L"), "x")
    assert "16384 paths lead from x to L; the 12 largest are listed" in explorer.now.sentence
    assert explorer.routes.switches[-1][0] == "the other 16372 together"
    explorer.on = [True] * 12 + [False]
    assert on_page(explorer, "sum") == pytest.approx(sum(explorer.routes.products))


@pytest.mark.parametrize("leaf", ["w", 3.0, var(1.0, "stranger")])
def test_a_node_that_does_not_lead_there_is_refused_with_those_that_do(leaf: object) -> None:
    with pytest.raises(ValueError, match=r"leads to the result: a, b, v1; .* is none of them"):
        explore.paths(bp.exp(var(1.0, "a") * var(2.0, "b")), leaf)
