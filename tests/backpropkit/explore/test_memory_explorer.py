"""The memory explorer without a browser: what it counts is what the engine keeps."""

import re

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, Node, cached_bytes, explore, no_grad, var
from backpropkit.explore import MemoryExplorer
from backpropkit.scenes.memory import keepers, kinds


def layers(depth: int) -> Node:
    h = bp.const(np.ones(100))
    for _ in range(depth):
        h = bp.sigmoid(var(0.5) * h)
    return h.sum()


@pytest.fixture
def explorer() -> MemoryExplorer:
    return explore.memory(layers)


def on_page(explorer: MemoryExplorer) -> int:
    found = re.findall('data-bytes="([^"]+)"', explorer.still())
    assert len(found) == 2 and found[0] == found[1]
    return int(found[0])


def test_every_depth_shows_what_the_engine_keeps(explorer: MemoryExplorer) -> None:
    for depth in (1, 2, 7, 20):
        explorer.depth.value = depth
        # by hand: the first input, then for every layer its weight and its output
        assert on_page(explorer) == cached_bytes(layers(depth)) == 8 * (100 + 101 * depth)


def test_inside_no_grad_nothing_is_kept(explorer: MemoryExplorer) -> None:
    explorer.way.value = "inside no_grad()"
    with no_grad():
        assert on_page(explorer) == cached_bytes(layers(10)) == 0
    assert "nothing is kept, instead of 1110 numbers (8880 bytes)" in explorer.now.sentence
    explorer.way.value = "recording"
    assert on_page(explorer) == 8880


def test_kinds_say_which_gate_keeps_what() -> None:
    found = kinds(keepers(Graph(layers(3))))
    assert (found["σ"].gates, found["σ"].keeps, found["σ"].numbers) == (3, "its result", 300)
    assert (found["×"].gates, found["×"].keeps, found["×"].numbers) == (3, "both inputs", 103)
    assert (found["Σ"].keeps, found["Σ"].numbers) == ("nothing", 0)


def test_a_graph_is_counted_gate_by_gate() -> None:
    a, b, c, f = (var(v) for v in (2.0, -3.0, 10.0, -2.0))
    explorer = explore.memory((a * b + c) * f)
    assert on_page(explorer) == 8 * 4  # a, b, and a·b + c, f
    explorer.depth.value = 2
    assert on_page(explorer) == 8 * 2  # the sum keeps nothing
    assert "After 2 gates" in explorer.now.sentence and "0 of them for the last step" in (
        explorer.now.sentence
    )


def test_on_any_graph_the_parts_make_the_whole(rng: np.random.Generator) -> None:
    for _ in range(20):
        nodes = [var(rng.uniform(0.5, 1.5, 3)) for _ in range(3)]
        for _ in range(12):
            x, y = (nodes[k] for k in rng.integers(len(nodes), size=2))
            made = (x * y, x + y, bp.exp(-x), x / y, bp.tanh(x), bp.maximum(x, y))
            nodes.append(made[rng.integers(len(made))])
        result = bp.sum(nodes[-1])
        assert 8 * sum(keepers(Graph(result)).values()) == cached_bytes(result)


def test_the_table_tells_the_same(explorer: MemoryExplorer) -> None:
    seen = re.sub(r' data-bp="[^"]*"', "", explorer.still())
    assert "<td>10</td><td>its result</td><td>1000</td>" in seen
    assert '<th scope="row">20</th><td>2120</td><td>0</td>' in seen


def test_of_very_many_gates_some_are_looked_at_and_the_last_one_is() -> None:
    x = var(1.5, "x")
    for _ in range(1001):
        x = bp.sin(x)
    explorer = explore.memory(x)
    assert on_page(explorer) == 8 * 1001
    assert len(explorer.still()) < 60_000
    with pytest.raises(ValueError, match="the nearest is 497; given was 500"):
        explorer.depth.value = 500  # counted are 5, 11, … 497, 503, … 1001
    explorer.depth.value = 497
    assert explorer.seen.depth == 497 and on_page(explorer) == 8 * 497


def test_what_it_cannot_take_it_answers_in_words() -> None:
    with pytest.raises(
        TypeError, match="takes the Node a computation ends in or a function of a depth"
    ):
        explore.memory(3.0)
    with pytest.raises(EngineError, match=r"asked for depth 1 and was given 1.0 \(a float\)"):
        explore.memory(lambda depth: 1.0)
    with pytest.raises(EngineError, match="was given an unnamed leaf"):
        explore.memory(var(1.0))
