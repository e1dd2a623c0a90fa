"""Problem set 6, matrices and shapes: the product, its 3-D tensor, a batch, the quadratic form."""

from __future__ import annotations

from typing import Any

import numpy as np

import backpropkit as bp
from autograder.judge.exercise import Exercise, Inputs, Rng, Values, away, nonsym, normal

Array = Any  # an array or a Node


def square_or_not(r: Rng, trial: int, *lengths: int) -> list[int]:
    """Lengths all equal in even trials (where a wrong order still runs), as given in odd ones."""
    return [3] * len(lengths) if trial % 2 == 0 else list(lengths)


def product_inputs(r: Rng, trial: int) -> Inputs:
    m, n, k = square_or_not(r, trial, *map(int, np.roll([2, 3, 4], trial // 2)))
    return {"W": normal(r, m, n), "X": normal(r, n, k), "G": normal(r, m, k)}


matmul_backward = Exercise(
    id="ps6.matmul_backward",
    points=3,
    signature="matmul_backward(W: (m, n), X: (n, k), G: (m, k)) -> (dW: (m, n), dX: (n, k))",
    task="D = WX, and G = ∂L/∂D comes in. Return ∂L/∂W and ∂L/∂X.",
    inputs=product_inputs,
    forward=lambda W, X: W @ X,
    upstream="G",
    wrt=("W", "X"),
    wrong={
        "mean-vs-sum": lambda W, X, G: [
            {"dW": G @ X.T / X.shape[1], "dX": W.T @ G},
            {"dW": G @ X.T, "dX": W.T @ G / len(W)},
            {"dW": G @ X.T / X.shape[1], "dX": W.T @ G / len(W)},
        ]
    },
    ideas=(
        "parts-swapped",
        "mul-not-switched",
        "operand-transpose",
        "hadamard",
        "no-upstream",
        "transpose",
    ),
)


def tensor_inputs(r: Rng, trial: int) -> Inputs:
    m, n = square_or_not(r, trial, *map(int, np.roll([2, 3], trial // 2)))
    return {"W": normal(r, m, n), "h": away(r, 0.4, 2, n)}


def only_same_place(W: Array, h: Array) -> list[Values]:
    """T of somebody who takes u = Wh to multiply entries in the same place only."""
    i, k, l = np.indices((len(W), *W.shape))
    same = (i == k) & (k == l)
    return [{"T": same * h}, {"T": same * W}, {"T": 0.0 * i + W * h}]


def own_row(scale: Any) -> Any:
    """T[i, i, l] = scale(W, h)[i, l], and 0 for the other rows."""
    return lambda W, h: [{"T": np.eye(len(W))[:, :, None] * scale(W, h)}]


dD_dW = Exercise(
    id="ps6.dD_dW",
    points=3,
    signature="dD_dW(W: (m, n), h: (n,)) -> T: (m, m, n)",
    task="u = Wh. Return T with T[i, k, l] = ∂u_i/∂W_kl.",
    inputs=tensor_inputs,
    forward=lambda W, h: W @ h,
    jacobian=True,
    wrt=("W",),
    returns=("T",),
    form="alone",
    ideas=("index-order", "delta-lost", "hadamard"),
    wrong={
        "hadamard": only_same_place,
        "delta-lost": lambda W, h: [{"T": np.zeros((len(W), *W.shape)) + h}],
        "mul-not-switched": own_row(lambda W, h: W),
        "value-for-derivative": own_row(lambda W, h: W * h),
        "upstream-only": own_row(lambda W, h: np.ones(W.shape)),
    },
)


def batch_inputs(r: Rng, trial: int) -> Inputs:
    N, n, m = square_or_not(r, trial, 5, 4, 2)
    return {
        "X": normal(r, N, n),
        "W": normal(r, n, m),
        "b": normal(r, m),
        "T": normal(r, N, m),
    }


def of_one_row(X: Array, W: Array, b: Array, T: Array) -> list[Values]:
    """The weights' and the bias's gradient by the first row, or the last: its share, or as if it
    were the batch."""
    R = 2 * (X @ W + b - T)
    return [{"dW": np.outer(X[k], R[k]) / N, "db": R[k] / N} for k in (0, -1) for N in (len(X), 1)]


linear_backward = Exercise(
    id="ps6.linear_backward",
    points=4,
    signature="linear_backward(X: (N, n), W: (n, m), b: (m,), T: (N, m))"
    " -> (dX: (N, n), dW: (n, m), db: (m,))",
    task="L = Σ(XW + b − T)² / N, over a batch of N rows. Return all three gradients of L.",
    inputs=batch_inputs,
    forward=lambda X, W, b, T: bp.sum((X @ W + b - T) ** 2) / X.shape[0],
    wrt=("X", "W", "b"),
    credit=(1, 1.5, 1.5),
    batch="X",
    wrong={
        "no-upstream": lambda X, W, b, T: [{"db": np.ones(len(b))}],
        "one-row": of_one_row,
    },
    ideas=(
        "parts-swapped",
        "broadcast-sum",
        "mean-vs-sum",
        "one-off",
        "operand-transpose",
        "scale",
    ),
)


def without_squares(A: Any, x: Any) -> list[Values]:
    """xᵢAᵢᵢxᵢ left out of the double sum, or counted once."""
    right, lost = (A + A.T) @ x, np.diag(A) * x
    return [{"dx": right - 2 * lost}, {"dx": right - lost}]


quad_grad = Exercise(
    id="ps6.quad_grad",
    points=3,
    signature="quad_grad(A: (n, n), x: (n,)) -> (dx: (n,), dA: (n, n))",
    task="f = xᵀAx, and A is not symmetric. Return both gradients of f.",
    inputs=lambda r, trial: {"A": nonsym(r, 3), "x": away(r, 0.5, 2, 3)},
    forward=lambda A, x: bp.quadratic_form(x, A),
    wrt=("x", "A"),
    credit=(2, 1),
    wrong={"term-lost": without_squares},
    ideas=("one-path", "quad-2Ax", "hadamard"),
    inseparable={"transpose": "x xᵀ is its own mirror image, and a vector has none"},
)

EXERCISES = (matmul_backward, dD_dW, linear_backward, quad_grad)
