"""The entries explorer without a browser: slopes against closed forms, the symmetric switch."""

import json
import re
from html import unescape
from typing import Any

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, explore, var
from backpropkit.explore import EntriesExplorer
from backpropkit.scenes.entries import TOGETHER

K = np.array([[2.0, 0.5, 0.3], [0.5, 1.5, -0.2], [0.3, -0.2, 1.0]])


@pytest.fixture
def explorer() -> EntriesExplorer:
    return explore.entries(lambda K: bp.logdet(K), K=K)


def on_page(explorer: EntriesExplorer, name: str) -> Any:
    """Numbers the picture carries; the wide and the narrow one have to agree."""
    found = re.findall(f'data-{name}="([^"]+)"', explorer.still())
    assert len(found) == 2 and found[0] == found[1]
    return np.array(json.loads(unescape(found[0])))


def test_the_rule_and_the_nudges_are_the_inverse(explorer: EntriesExplorer) -> None:
    np.testing.assert_allclose(on_page(explorer, "rule"), np.linalg.inv(K).T, rtol=1e-12)
    explorer.h.value = 1e-6
    np.testing.assert_allclose(on_page(explorer, "nudged"), np.linalg.inv(K).T, atol=1e-5)


def test_together_the_slope_is_the_sum(explorer: EntriesExplorer) -> None:
    explorer.entry.value = [0, 1]
    explorer.h.value = 1e-6
    explorer.way.value = TOGETHER
    inverse = np.linalg.inv(K)
    summed = inverse + inverse.T - np.diag(np.diag(inverse))
    np.testing.assert_allclose(on_page(explorer, "rule"), summed, rtol=1e-12)
    np.testing.assert_allclose(on_page(explorer, "nudged"), summed, atol=1e-5)
    assert "K[0, 1] and K[1, 0] move together" in explorer.now.sentence
    assert "The slope is the sum of two entries" in explorer.now.sentence
    explorer.entry.value = [2, 2]
    assert "moves alone, since it lies on the diagonal" in explorer.now.sentence


def test_a_quadratic_form_is_linear_in_its_matrix() -> None:
    A = np.array([[1.0, 2.0], [-1.0, 3.0]])
    explorer = explore.entries(lambda A, x: x @ A @ x, "A", A=A, x=[1.0, -2.0])
    np.testing.assert_allclose(on_page(explorer, "rule"), [[1.0, -2.0], [-2.0, 4.0]])
    explorer.way.value = TOGETHER
    np.testing.assert_allclose(on_page(explorer, "nudged"), [[1.0, -4.0], [-4.0, 4.0]], rtol=1e-9)
    assert "rounding, nothing else" in explorer.now.sentence


def test_the_matrix_moves_and_what_is_seen_is_what_the_engine_measures(
    explorer: EntriesExplorer,
) -> None:
    explorer.entry.value = [0, 1]
    expected = K.copy()
    expected[0, 1] = 0.7
    explorer.value.value = expected.tolist()
    np.testing.assert_array_equal(on_page(explorer, "value"), expected)
    np.testing.assert_allclose(on_page(explorer, "rule"), np.linalg.inv(expected).T, rtol=1e-12)
    np.testing.assert_array_equal(explorer.seen.value, expected)
    np.testing.assert_allclose(on_page(explorer, "nudged"), explorer.seen.nudged, rtol=1e-9)


def test_a_vector_and_a_node_in_the_middle_are_shown_too() -> None:
    x = var([1.0, -2.0, 0.5], "x")
    W = var(np.arange(6.0).reshape(2, 3), "W")
    u = (W @ x).named("u")
    L = bp.sum(u**2).named("L")
    explorer = explore.entries(L, u)
    np.testing.assert_allclose(on_page(explorer, "rule"), 2 * u.value, rtol=1e-12)
    assert explorer.value is None
    assert "same length, 2" in explorer.still()
    np.testing.assert_allclose(
        on_page(explore.entries(L, "W"), "rule"), 2 * np.outer(u.value, x.value), rtol=1e-12
    )


def test_the_table_has_a_row_for_every_entry(explorer: EntriesExplorer) -> None:
    assert explorer.still().count('<th scope="row">') == 9
    explorer.way.value = TOGETHER
    sums = re.findall(r"<tr[^>]*><th[^>]*>K\[0, 1\]</th>(.*?)</tr>", explorer.still())
    cells = re.findall(r">([^<]+)</td>", sums[0])
    assert cells[1:3] == ["−0.226263", "−0.452525"]


def test_ten_by_ten_is_drawn_and_its_page_stays_small() -> None:
    A = np.arange(100.0).reshape(10, 10) / 100
    explorer = explore.entries(lambda A: bp.sum(A**2), A=A)
    np.testing.assert_allclose(on_page(explorer, "rule"), 2 * A, rtol=1e-12)
    import gzip

    assert len(gzip.compress(explorer.html().encode())) < 60_000


def test_what_it_cannot_take_it_answers_in_words() -> None:
    with pytest.raises(EngineError, match="has to know which matrix: there are A, x"):
        explore.entries(lambda A, x: x @ A @ x, A=np.eye(2), x=[1.0, 2.0])
    with pytest.raises(EngineError, match="no node is called 'B'; there are A"):
        explore.entries(lambda A: bp.trace(A), "B", A=np.eye(2))
    with pytest.raises(EngineError, match="shows a matrix or a vector, not leaf 'a'"):
        explore.entries(lambda a, A: a * bp.trace(A), "a", a=1.0, A=np.eye(2))
    large = explore.entries(lambda A: bp.sum(A), A=np.ones((11, 2)))
    assert "11 × 2" in large.value and "smaller example" in large.value


def test_a_branch_the_matrix_decides_is_recorded_anew() -> None:
    def least(K: bp.Node) -> bp.Node:
        return bp.trace(K) if K[0, 1] > 0.0 else bp.sum(K * K)

    explorer = bp.explore.entries(least, K=[[2.0, 0.5], [0.5, 1.0]])
    assert [reads for _, _, reads in explorer.scene["guards"]] == ["“K[0, 1] > 0”"]
    explorer.value.value = [[2.0, -0.5], [0.5, 1.0]]
    assert explorer.scene["guards"][0][1] is False
    assert explorer.seen.rule[0, 1] == -1.0
