"""The nudge explorer without a browser: moving its controls does what the engine says."""

import re

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import Graph, Node, explore, var
from backpropkit.explore import NudgeExplorer


def product() -> Node:
    a, b, c, f = (var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}.items())
    return (((a * b).named("e") + c).named("d") * f).named("L")


@pytest.fixture
def explorer() -> NudgeExplorer:
    return explore.nudge(product())


def on_page(explorer: NudgeExplorer, name: str) -> float:
    """A number the picture carries; the wide and the narrow one have to agree."""
    found = re.findall(f'data-{name}="([^"]+)"', explorer.picture.value)
    assert len(found) == 2 and found[0] == found[1]
    return float(found[0])


def test_a_leaf_moved_by_its_slider_gives_what_a_fresh_graph_gives(
    explorer: NudgeExplorer,
) -> None:
    for a in np.linspace(-3, 7, 21):
        explorer.leaves["a"].value = float(a)
        # L = (ab + c)f at b=−3, c=10, f=−2: ΔL = b·f·h
        before, after = ((x * -3.0 + 10.0) * -2.0 for x in (float(a), float(a) + 0.1))
        assert on_page(explorer, "actual") == after - before
        assert on_page(explorer, "predicted") == pytest.approx(0.6, rel=1e-12)


def test_h_and_the_node_are_chosen(explorer: NudgeExplorer) -> None:
    explorer.h.value = 1e-8
    explorer.node.value = "c"
    assert on_page(explorer, "h") == 1e-8
    assert on_page(explorer, "predicted") == pytest.approx(-2e-8)
    assert explorer.nudge.node.name == "c"


def test_the_learners_own_graph_is_never_changed() -> None:
    L = product()
    L.backward()
    before = [(n.value, n.grad) for n in Graph(L).nodes]
    explorer = explore.nudge(L)
    explorer.leaves["a"].value = 5.0
    explorer.node.value = "e"
    explorer.way.value = "write"
    assert [(n.value, n.grad) for n in Graph(L).nodes] == before


def test_holding_an_intermediate_node_moves_L(explorer: NudgeExplorer) -> None:
    explorer.node.value = "e"
    explorer.h.value = 0.5
    assert explorer.way.layout.display == ""
    assert on_page(explorer, "actual") == -1.0
    assert "the arrows into e are cut" in explorer.live.value


def test_writing_an_intermediate_node_is_lost_and_announced(explorer: NudgeExplorer) -> None:
    explorer.node.value = "e"
    explorer.h.value = 0.5
    explorer.way.value = "write"
    assert on_page(explorer, "actual") == 0.0
    assert on_page(explorer, "predicted") == -1.0
    assert "your write was lost, ΔL = 0" in explorer.live.value
    explorer.way.value = "hold"
    assert on_page(explorer, "actual") == -1.0


def test_a_leaf_can_neither_be_held_nor_lost(explorer: NudgeExplorer) -> None:
    explorer.node.value = "e"
    explorer.way.value = "write"
    explorer.node.value = "a"
    assert explorer.way.layout.display == "none"
    assert on_page(explorer, "actual") == pytest.approx(0.6)


def test_back_to_the_start_brings_every_leaf_back(explorer: NudgeExplorer) -> None:
    first = explorer.picture.value
    explorer.leaves["a"].value = 5.0
    explorer.leaves["c"].value = 20.0
    assert explorer.picture.value != first
    explorer.back.click()
    assert explorer.picture.value == first
    assert (explorer.leaves["a"].value, explorer.leaves["c"].value) == (2.0, 10.0)


def test_the_table_shows_when_asked_and_follows(explorer: NudgeExplorer) -> None:
    assert explorer.numbers.value == ""
    explorer.as_table.value = True
    assert "<table" in explorer.numbers.value and "+ 0.6" in explorer.numbers.value
    explorer.leaves["b"].value = -2.0
    assert "+ 0.4" in explorer.numbers.value


def test_a_matrix_is_moved_and_nudged_entry_by_entry() -> None:
    A = var([[2.0, -1.0], [3.0, 1.0]], "A")
    x = var([1.0, -2.0], "x")
    explorer = explore.nudge(bp.quadratic_form(x, A).named("f"))
    explorer.entry.children[1].value = 1  # A[0, 1]
    assert on_page(explorer, "predicted") == pytest.approx(1.0 * -2.0 * 0.1)  # x₀x₁h
    assert on_page(explorer, "actual") == pytest.approx(-0.2)
    row = explorer._choosers["A"].children[0]
    row.value = 1
    assert explorer.leaves["A"].value == 3.0
    assert explorer.nudge.before == pytest.approx(2 + 2 - 6 + 4)  # choosing moves nothing
    explorer.leaves["A"].value = 4.0
    assert explorer.nudge.before == pytest.approx(2 + 2 - 8 + 4)
    assert A.value[1, 0] == 3.0


def test_where_the_function_is_not_defined_it_says_so_and_recovers() -> None:
    explorer = explore.nudge(lambda x: bp.log(x), x=0.5)
    shown = explorer.nudge
    explorer.leaves["x"].value = -0.2
    assert "No picture here" in explorer.live.value and "Move back" in explorer.live.value
    assert "bp-stopped" in explorer.picture.value and "No picture here" in explorer.said.value
    explorer.leaves["x"].value = 0.5
    assert explorer.nudge.actual == shown.actual and "bp-stopped" not in explorer.picture.value


def test_unnamed_nodes_can_be_chosen_and_constants_cannot() -> None:
    x = var(1.0, "x")
    explorer = explore.nudge(bp.exp(2.0 * x))
    assert explorer.node.options == ("x", "v1", "L")


def test_every_slider_starts_at_the_learners_own_value() -> None:
    for value in (2.0, 0.123, -33.0, 1e-3, 0.0, 1234.5):
        explorer = explore.nudge(lambda x: x * 2.0, x=value)
        slider = explorer.leaves["x"]
        assert slider.value == value and slider.min < value < slider.max
        steps = (value - slider.min) / slider.step
        assert steps == pytest.approx(round(steps), abs=1e-6)


def test_the_sentence_stands_outside_of_what_scrolls() -> None:
    explorer = explore.nudge(lambda x: bp.exp(x), x=0.5)
    assert "x + 0.1" in explorer.said.value and "bp-caption" not in explorer.picture.value
