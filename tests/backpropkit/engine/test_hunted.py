"""Quietly wrong once, or in no sentence: one of each kind, found by writing as strangers do."""

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, var

M = np.array([[2.0, 1.0, -1.0], [0.5, 3.0, 4.0]])


def says(*words):
    """An EngineError whose message holds all these words."""
    return pytest.raises(EngineError, match="(?s)" + "".join(f"(?=.*{w})" for w in words))


@pytest.mark.parametrize(
    "index, axis",
    [([True, False], 0), ([True, False, True], 1), (True, None), ((1,), None), ((0, 2), None),
     ([], 1), ([[0, 1], [1, 0]], 0), (np.uint8(1), -1), (range(2), 1)],
)  # fmt: skip
def test_what_is_taken_is_taken_by_position(index, axis):
    """NumPy's take reads truths as 1 and 0, and a tuple as a list: no mask, no index of several."""
    x = var(M, "x")
    found = np.take(x, index, axis)
    expected = np.take(M, np.array(index, int), axis)
    np.testing.assert_array_equal(found.value, expected)
    assert found.shape == expected.shape
    bp.check_grad(lambda x: np.take(x, index, axis), M)


@pytest.mark.parametrize("index", [None, 1.0, [0.0], slice(0, 1), ..., "0"])
def test_what_is_no_position_is_refused(index):
    with says("take", "whole numbers"):
        np.take(var(M, "x"), index)


@pytest.mark.parametrize("x", [np.nan, np.array([np.nan, 1.0])])
def test_the_sign_of_nan_is_nan(x):
    """It was 0, and the nan below was never named."""
    assert np.isnan(bp.sum(bp.sign(x)))
    with says("nan", "'x'"):
        (bp.sum(bp.sign(var(x, "x"))) * 2.0).backward()
    with says("result is nan"):
        bp.Graph(bp.sum(bp.sign(var(np.zeros(np.shape(x)), "x")))).compile()(x)
