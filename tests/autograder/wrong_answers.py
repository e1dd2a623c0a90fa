"""Wrong solutions, each written the way a learner who has the idea writes it.

No rule of the catalog is used: every formula is worked out from the misconception's description.
WRONG holds (exercise, misconception to be named first, solution). NOT_SEPARABLE says which pairs of
the curriculum cannot be told apart from another, and why. OTHER holds wrong answers without any of
the ideas: they earn nothing and must not be given a name.
"""

import numpy as np
from numpy.linalg import det, inv

WRONG = []


def wrong(exercise, misconception):
    def keep(solution):
        WRONG.append((exercise, misconception, solution))
        return solution

    return keep


# 6.1 a product of two matrices


@wrong("ps6.matmul_backward", "transpose")
def mirrored(W, X, G):
    return (G @ X.T).T, (W.T @ G).T


@wrong("ps6.matmul_backward", "operand-transpose")
def no_transpose(W, X, G):
    return G @ X, W @ G


@wrong("ps6.matmul_backward", "operand-transpose")
def one_in_the_wrong_order(W, X, G):
    return X.T @ G, W.T @ G


@wrong("ps6.matmul_backward", "hadamard")
def entry_by_entry(W, X, G):
    return G * X, W * G


@wrong("ps6.matmul_backward", "no-upstream")
def nobody_asked_what_comes_in(W, X, G):
    incoming = np.ones_like(G)
    return incoming @ X.T, W.T @ incoming


@wrong("ps6.matmul_backward", "no-upstream")
def only_the_other_factor(W, X, G):
    return X.T, W.T


@wrong("ps6.matmul_backward", "mul-not-switched")
def each_its_own_value(W, X, G):
    return G @ W.T, X.T @ G


@wrong("ps6.matmul_backward", "mul-not-switched")
def handed_back_the_wrong_way_round(W, X, G):
    return W.T @ G, G @ X.T


# 6.2 the tensor


@wrong("ps6.dD_dW", "index-order")
def output_counted_last(W, h):
    m, n = W.shape
    T = np.zeros((m, n, m))
    for i in range(m):
        T[i, :, i] = h
    return T


@wrong("ps6.dD_dW", "hadamard")
def same_place_only(W, h):
    m, n = W.shape
    T = np.zeros((m, m, n))
    for i in range(min(m, n)):
        T[i, i, i] = h[i]
    return T


# 6.3 a batch


@wrong("ps6.linear_backward", "broadcast-sum")
def bias_not_summed(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R


@wrong("ps6.linear_backward", "broadcast-sum")
def bias_averaged(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R.mean(axis=0)


@wrong("ps6.linear_backward", "broadcast-sum")
def bias_summed_along_the_row(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R.sum(axis=1)


@wrong("ps6.linear_backward", "mean-vs-sum")
def not_divided_by_n(X, W, b, T):
    R = 2 * (X @ W + b - T)
    return R @ W.T, X.T @ R, R.sum(axis=0)


@wrong("ps6.linear_backward", "operand-transpose")
def weights_as_they_stand(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W, X.T @ R, R.sum(axis=0)


@wrong("ps6.linear_backward", "scale")
def two_forgotten(X, W, b, T):
    R = (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R.sum(axis=0)


# 6.4 the quadratic form


@wrong("ps6.quad_grad", "quad-2Ax")
def as_if_symmetric(A, x):
    return 2 * A @ x, np.outer(x, x)


@wrong("ps6.quad_grad", "one-path")
def only_the_right_x(A, x):
    return A.T @ x, np.outer(x, x)


@wrong("ps6.quad_grad", "one-path")
def only_the_left_x(A, x):
    return A @ x, np.outer(x, x)


@wrong("ps6.quad_grad", "hadamard")
def diagonal_only(A, x):
    return 2 * np.diag(A) * x, np.outer(x, x)


# 7.3 log det


@wrong("ps7.logdet_grad", "inv-transpose")
def inverse(X):
    return inv(X)


@wrong("ps7.logdet_grad", "det-not-logdet")
def derivative_of_det(X):
    return det(X) * inv(X).T


@wrong("ps7.logdet_grad", "det-not-logdet")
def one_over_det(X):
    return 1 / det(X)


@wrong("ps7.logdet_grad", "hadamard")
def one_over_each_entry(X):
    return 1 / X


@wrong("ps7.logdet_grad", "sym-doubling")
def symmetric_convention(X):
    K = inv(X).T
    return 2 * K - np.diag(np.diag(K))


# 7.4 the trace of an inverse


@wrong("ps7.trinv_grad", "recip-minus")
def no_minus(X, C):
    return (inv(X) @ C @ inv(X)).T, inv(X).T


@wrong("ps7.trinv_grad", "inverse-commuted")
def both_on_the_left(X, C):
    return -(inv(X) @ inv(X) @ C).T, inv(X).T


@wrong("ps7.trinv_grad", "inverse-commuted")
def one_inverse_only(X, C):
    return -(inv(X) @ C).T, inv(X).T


@wrong("ps7.trinv_grad", "transpose")
def mirrored_inverse(X, C):
    return -(inv(X) @ C @ inv(X)), inv(X).T


NOT_SEPARABLE = {
    ("ps6.quad_grad", "transpose"): "x xᵀ is its own mirror image, and x has none",
}


# wrong answers without an idea


def like(value, rng):
    """Random numbers of the same shapes."""
    if isinstance(value, tuple):
        return tuple(like(item, rng) for item in value)
    return float(rng.normal()) if np.ndim(value) == 0 else rng.normal(size=np.shape(value))


def mapped(change):
    """A right solution whose every returned array is changed beyond recognition."""

    def other(right):
        def solution(*args):
            found = right(*args)
            return tuple(map(change, found)) if isinstance(found, (tuple, list)) else change(found)

        return solution

    return other


def drawn(seed):
    def other(right):
        def solution(*args):
            return like(right(*args), np.random.default_rng(seed))

        return solution

    return other


def with_inputs(change):
    """The right gradient, of something else."""

    def other(right):
        return lambda *args: right(*map(change, args))

    return other


def first_input(right):
    return lambda *args: tuple(args[0] for _ in np.atleast_1d(right(*args)))


OTHER = {
    **{f"random {seed}": drawn(seed) for seed in range(8)},
    "zeros": mapped(lambda g: np.multiply(g, 0.0)),
    "ones": mapped(lambda g: np.ones(np.shape(g))),
    "sevens": mapped(lambda g: np.full(np.shape(g), 7.0)),
    "a ramp": mapped(lambda g: np.arange(np.size(g), dtype=float).reshape(np.shape(g)) - 3.3),
    "one more": mapped(lambda g: np.add(g, 1.0)),
    "a half less": mapped(lambda g: np.subtract(g, 0.5)),
    "squared": mapped(lambda g: np.multiply(g, g)),
    "cubed": mapped(lambda g: np.power(g, 3.0)),
    "exponential": mapped(lambda g: np.exp(np.clip(g, -9, 9))),
    "sine": mapped(np.sin),
    "cosine": mapped(np.cos),
    "cube root": mapped(np.cbrt),
    "floor": mapped(lambda g: np.floor(g) + 0.25),
    "hyperbolic": mapped(lambda g: np.tanh(np.multiply(g, 0.3))),
    "sorted": mapped(lambda g: np.sort(np.ravel(g), kind="stable").reshape(np.shape(g)) + 0.125),
    "of other inputs": with_inputs(lambda a: a + 0.7),
    "of the inputs tripled and moved": with_inputs(lambda a: 3.1 * a - 0.4),
    "of the inputs, rounded": with_inputs(lambda a: np.round(a) + 0.35),
    "of the sines": with_inputs(lambda a: np.sin(a) + 1.2),
    "of inputs in the order of size": with_inputs(
        lambda a: (
            np.sort(np.ravel(a)).reshape(np.shape(a)) + 0.2 * np.arange(np.shape(a)[-1])
            if np.ndim(a)
            else a + 1.1
        )
    ),
    "of the squares": with_inputs(lambda a: a * a + 0.3),
}
