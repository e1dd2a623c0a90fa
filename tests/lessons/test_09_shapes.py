"""Lesson 9: its numbers from the worked cases, its predictions, what its cells show."""

from __future__ import annotations

import re

import numpy as np

import backpropkit as bp

# Names of weights and entries, a third, the large layer, and inputs that stand in the code too.
GIVEN = "10 11 12 13 23 30 40 131 132 212 221 231 1000"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-entry", "-0.0473", "0.0421"),  # from 2 to 1
    ("predict-box", "6", "12"),
    ("predict-nudge-x", "0.3", "-0.1"),  # W₁₃, as if the transpose took the nudge
    ("predict-product", "3", "1"),  # the entries in the same place only
    ("predict-bias", "-0.4", "-0.1333"),  # one row only, or the mean
    ("predict-quadratic", "-0.25", "8"),  # 2Ax
]


def tex(matrix):
    """A matrix or a column as the lesson writes it."""
    rows = np.reshape(matrix, (len(matrix), -1)).tolist()
    return " \\\\ ".join(" & ".join(f"{value:g}" for value in row) for row in rows)


def row(values, digits=4):
    shown = r",\ ".join(f"{round(value, digits):g}" for value in values)
    return f"({shown})".replace(r",\ -", r",\ {-}")


def stated(worked):
    """What lesson 9 says, sentence by sentence, with its numbers computed."""
    case = worked["002-pathsum-sigmoid"]
    at, extra = case["inputs"], case["extra"]
    yield rf"\underset{{3\times 2}}{{W_1}} = \begin{{pmatrix}} {tex(at['W1'])} \end{{pmatrix}}"
    yield rf"\underset{{2}}{{x}} = \begin{{pmatrix}} {tex(at['x'])} \end{{pmatrix}}"
    yield f"you meet ${extra['w131']:.4f}$ again"
    yield rf"$\partial L/\partial w_{{212}}$ was {extra['w212']:.4f} and"
    from_to = extra["w212_with_indices_read_as_from_to (=W2[1,0] grad)"]
    yield rf"$\partial L/\partial w_{{221}}$ was ${from_to:.4f}$"

    case = worked["004-matmul-upstream"]
    W, X, G = (np.array(case["inputs"][name]) for name in "WXG")
    yield rf"\underset{{2\times 3}}{{W}} = \begin{{pmatrix}} {tex(W)} \end{{pmatrix}}"
    yield rf"\underset{{3}}{{x}} = \begin{{pmatrix}} {tex(X[:, 0])} \end{{pmatrix}}"
    yield rf"\underset{{2}}{{u}} = \begin{{pmatrix}} {tex(W @ X[:, 0])} \end{{pmatrix}}"
    yield r"$2\times 2\times 3 = 12$ numbers"
    assert 1000**3 * 8 == 8e9  # "8 gigabytes"
    yield f"By {0.1 * W[1, 2]:g}: the nudge was multiplied by $W_{{23}} = {W[1, 2]:g}$"
    yield rf"\underset{{3\times 2}}{{X}} = \begin{{pmatrix}} {tex(X)} \end{{pmatrix}}"
    yield rf"= \frac{{\partial L}}{{\partial D}} = \begin{{pmatrix}} {tex(G)} \end{{pmatrix}}"
    first = case["gradients"]["W"][0][0]
    assert first == G[0] @ X[0]
    yield rf"It is $1\cdot 1 + (-1)\cdot(-2) = {first:g}$"

    case = worked["004-batch-bias"]
    by_Z, by_b = np.array(case["gradients"]["Z"]), case["gradients"]["b"]
    np.testing.assert_allclose(by_Z.sum(axis=0), by_b)
    first = [f"${value:.4g}$" for value in by_Z[:, 0]]
    yield f"{first[0]}, {first[1]} and {first[2]}"
    yield f"${by_b[0]:g}$, and ${by_b[1]:g}$ for $b_2$"

    case = worked["004-quadform"]
    A, x = np.array(case["inputs"]["A"]), np.array(case["inputs"]["x"])
    yield rf"\underset{{3\times 3}}{{A}} = \begin{{pmatrix}} {tex(A)} \end{{pmatrix}}"
    yield rf"\underset{{3}}{{x}} = \begin{{pmatrix}} {tex(x)} \end{{pmatrix}}"
    yield f"$2Ax = {row(case['extra']['2Ax'])}$"
    yield f"$Ax = {row(case['extra']['Ax'])}$"
    yield f"that is ${row(A.T @ x)}$"
    yield rf"\,\underset{{3}}{{x}} \;=\; {row(case['gradients']['x'])} ."
    assert not np.any(np.isclose(np.abs(case["extra"]["2Ax"]), np.abs(case["gradients"]["x"])))


def printed(text):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", text)]


def test_it_prints_the_worked_numbers(lesson, worked):
    shapes = lesson("09_shapes")
    grad = worked["002-pathsum-sigmoid"]["gradients"]
    assert printed(shapes.printed["backward-net"]) == np.ravel(grad["W2"]).round(4).tolist()
    grad = worked["004-matmul-upstream"]["gradients"]
    both = np.concatenate([np.ravel(grad["W"]), np.ravel(grad["X"])])
    assert printed(shapes.printed["backward-product"]) == both.tolist()
    grad = worked["004-batch-bias"]["gradients"]
    three = [np.ravel(grad[name]).round(digits) for name, digits in (("Z", 4), ("b", 4), ("W", 3))]
    assert printed(shapes.printed["backward-bias"]) == np.concatenate(three).tolist()


def test_the_box_and_the_short_way_agree(lesson):
    shapes = lesson("09_shapes")
    assert np.count_nonzero(printed(shapes.printed["build-box"])) == 6
    through, without = np.split(np.array(printed(shapes.printed["contract"])), 2)
    assert through.tolist() == without.tolist() == [1, 0.5, 2, 0.5, 0.25, 1]


def test_the_source_is_the_derived_rule(lesson):
    text = lesson("09_shapes").printed["source-product"]
    assert "dW = G @ X.T" in text and "dX = W.T @ G" in text


def test_the_network_of_matrices_is_that_of_lesson_8(lesson):
    net = bp.nets.network()
    bp.backward(net.loss)
    by_rule = lesson("09_shapes").results["move-net"].seen.rule
    named = [[net[f"w1{to}{start}"].grad for start in (1, 2)] for to in (1, 2, 3)]
    np.testing.assert_allclose(by_rule, named, rtol=1e-12)
