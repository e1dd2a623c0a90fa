"""The names a learner calls: every function takes floats, arrays and Nodes alike.

Each only hands its arguments to `apply`; what it computes and how its gradient flows is one row of
the table in rules.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .node import Node, apply


def exp(x: Any) -> Any:
    """e^x, entry by entry.

    >>> exp(0.0)
    1.0
    """
    return apply("exp", x)


def exp2(x: Any) -> Any:
    """2^x, entry by entry; its slope is 2^x ln 2.

    >>> exp2(3.0)
    8.0
    """
    return apply("exp2", x)


def log(x: Any) -> Any:
    """Natural logarithm, entry by entry; −inf at 0 and nan below.

    >>> log(1.0)
    0.0
    """
    return apply("log", x)


def sqrt(x: Any) -> Any:
    """Square root, entry by entry; its slope at 0 is infinite.

    >>> sqrt(9.0)
    3.0
    """
    return apply("sqrt", x)


def sin(x: Any) -> Any:
    """Sine of an angle in radians.

    >>> sin(0.0)
    0.0
    """
    return apply("sin", x)


def cos(x: Any) -> Any:
    """Cosine of an angle in radians.

    >>> cos(0.0)
    1.0
    """
    return apply("cos", x)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent, entry by entry.

    >>> tanh(0.0)
    0.0
    """
    return apply("tanh", x)


def abs(x: Any) -> Any:
    """|x|, entry by entry; the slope at the corner is taken as 0.

    >>> abs(-2.0)
    2.0
    """
    return apply("abs", x)


def sign(x: Any) -> Any:
    """−1, 0 or 1, entry by entry; flat, so nothing flows back.

    >>> sign(-2.0)
    -1.0
    """
    return apply("sign", x)


def sigmoid(x: Any) -> Any:
    """1/(1 + e^−x), computed without overflow.

    >>> sigmoid(0.0), sigmoid(-1000.0)
    (0.5, 0.0)
    """
    return apply("sigmoid", x)


def relu(x: Any) -> Any:
    """max(x, 0), entry by entry; the slope at the corner is taken as 0.

    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return apply("relu", x)


def swish(x: Any) -> Any:
    """x·sigmoid(x), entry by entry.

    >>> swish(-1000.0) == 0.0
    True
    """
    return apply("swish", x)


def softplus(x: Any) -> Any:
    """log(1 + e^x), computed without overflow.

    >>> softplus(1000.0)
    1000.0
    """
    return apply("softplus", x)


def maximum(x: Any, y: Any) -> Any:
    """The larger of two, entry by entry; at a tie each gets half of the gradient.

    >>> maximum(2.0, -1.0)
    2.0
    """
    return apply("maximum", x, y)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of two, entry by entry; at a tie each gets half of the gradient.

    >>> minimum(2.0, -1.0)
    -1.0
    """
    return apply("minimum", x, y)


def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, y elsewhere; the condition gets no gradient.

    >>> where(np.array([True, False]), 1.0, 2.0)
    array([1., 2.])
    """
    return apply("where", condition, x, y)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum over all entries, or over one axis or several.

    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    array([4., 6.])
    """
    return apply("sum", x, axis=axis, keepdims=keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Mean over all entries, or over one axis or several.

    >>> mean(np.array([1.0, 3.0]))
    2.0
    """
    return apply("mean", x, axis=axis, keepdims=keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Largest entry, over all or along an axis; tied entries share the gradient equally.

    >>> max(np.array([1.0, 3.0]))
    3.0
    """
    return apply("max", x, axis=axis, keepdims=keepdims)


def reshape(x: Any, shape: int | Sequence[int]) -> Any:
    """The same entries in another shape (one −1 is worked out).

    >>> reshape(np.arange(4.0), (2, 2))
    array([[0., 1.],
           [2., 3.]])
    """
    return apply("reshape", x, shape=shape)


def transpose(x: Any, axes: tuple[int, ...] | None = None) -> Any:
    """Axes reversed, or in the order given.

    >>> transpose(np.ones((2, 3))).shape
    (3, 2)
    """
    return apply("transpose", x, axes=axes)


def stack(xs: Sequence[Any], axis: int = 0) -> Any:
    """Several of one shape side by side along a new axis.

    >>> stack([1.0, 2.0])
    array([1., 2.])
    """
    return apply("stack", *xs, axis=axis)


def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """Several arrays end to end along an axis.

    >>> concatenate([np.ones(1), np.zeros(2)])
    array([1., 0., 0.])
    """
    return apply("concatenate", *xs, axis=axis)


def matmul(a: Any, b: Any) -> Any:
    """a @ b: matrices, vectors, or stacks of matrices.

    >>> matmul(np.eye(2), np.array([1.0, 2.0]))
    array([1., 2.])
    """
    return apply("matmul", a, b)


def outer(u: Any, v: Any) -> Any:
    """u vᵀ of two vectors: shape (m,), (n,) to (m, n).

    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    return apply("outer", u, v)


def trace(a: Any) -> Any:
    """Sum of the diagonal of an (n, n) matrix.

    >>> trace(np.eye(3))
    3.0
    """
    return apply("trace", a)


def diag(x: Any) -> Any:
    """The diagonal of an (n, n) matrix, or the diagonal matrix of an (n,) vector.

    >>> diag(np.array([1.0, 2.0]))
    array([[1., 0.],
           [0., 2.]])
    """
    return apply("diag", x)


def inv(a: Any, spd: bool = False) -> Any:
    """Inverse of an (n, n) matrix. `spd=True` promises it symmetric positive definite.

    >>> inv(np.diag([2.0, 4.0]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return apply("inv", a, spd=spd)


def solve(a: Any, b: Any) -> Any:
    """x with a x = b, for a of shape (n, n) and b of shape (n,) or (n, m).

    >>> solve(np.diag([2.0, 4.0]), np.array([2.0, 2.0]))
    array([1. , 0.5])
    """
    return apply("solve", a, b)


def logdet(a: Any, spd: bool = False) -> Any:
    """log |det a| of an (n, n) matrix; its gradient is a⁻ᵀ (Matrix Cookbook (57)).

    `spd=True` promises a symmetric positive definite. Raises EngineError (LinAlgError on a bare
    array) where a is singular or not square.

    >>> round(logdet(np.diag([2.0, 4.0])), 6)
    2.079442
    """
    return apply("logdet", a, spd=spd)


def quadratic_form(x: Any, a: Any) -> Any:
    """xᵀ a x for x of shape (n,) and a of shape (n, n); a need not be symmetric.

    >>> quadratic_form(np.array([1.0, 2.0]), np.eye(2))
    5.0
    """
    return apply("quadratic_form", x, a)


def norm2(x: Any) -> Any:
    """The Euclidean length √Σx²; its gradient at 0 is taken as 0.

    >>> norm2(np.array([3.0, 4.0]))
    5.0
    """
    return apply("norm2", x)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log Σ e^x, computed without overflow.

    >>> round(logsumexp(np.array([1000.0, 1000.0])), 6)
    1000.693147
    """
    return apply("logsumexp", x, axis=axis, keepdims=keepdims)


def softmax(x: Any, axis: int = -1) -> Any:
    """e^x / Σ e^x along an axis.

    >>> softmax(np.zeros(2))
    array([0.5, 0.5])
    """
    return apply("softmax", x, axis=axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """log of softmax along an axis, computed without overflow.

    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    return apply("log_softmax", x, axis=axis)


def cross_entropy(scores: Any, target: Any) -> Any:
    """−Σ t log softmax(scores) over the last axis, averaged over the rows before it.

    `target` holds probabilities of the same shape as `scores`: (k,) or (n, k).

    >>> round(cross_entropy(np.zeros(2), np.array([1.0, 0.0])), 6)
    0.693147
    """
    return apply("cross_entropy", scores, target)


# What the gradient rules need beyond what a learner calls.


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a float, an array or a Node."""
    return x.shape if isinstance(x, Node) else np.shape(x)


def ndim(x: Any) -> int:
    """How many axes a float, an array or a Node has."""
    return len(shape_of(x))


def flip(a: Any) -> Any:
    """The transpose of a matrix, or of every matrix in a stack."""
    n = ndim(a)
    return transpose(a, None if n <= 2 else (*range(n - 2), n - 1, n - 2))


def scatter(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of a shape, with g added at an index (repeated entries add up)."""
    return apply("scatter", g, index=index, shape=shape)


def fit(x: Any, to: tuple[int, ...]) -> Any:
    """x brought to a shape: summed over axes that were broadcast, or spread over those it lacks.

    A gradient always has its value's shape; this is the step that sees to it.

    >>> fit(np.ones((3, 2)), (2,))
    array([3., 3.])
    """
    have = shape_of(x)
    if have == to:
        return x
    grew = len(have) > len(to) or (len(have) == len(to) and np.broadcast_shapes(have, to) == have)
    return apply("sum_to" if grew else "broadcast_to", x, shape=to)
