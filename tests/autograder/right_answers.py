"""Right solutions of the exercises: closed forms of their own, each in several styles.

Neither the engine nor the catalog is used here: this is the outside truth the judge is held to.
"""

import numpy as np
from numpy.linalg import inv


def single(f):
    """The same formula, computed in float32 on the way."""

    def in_float32(*args):
        found = f(*(np.asarray(a, dtype=np.float32) for a in args))
        return tuple(found) if isinstance(found, tuple) else found

    return in_float32


# problem set 6


def product(W, X, G):
    return G @ X.T, W.T @ G


def product_by_loops(W, X, G):
    (m, n), k = W.shape, X.shape[1]
    dW, dX = np.zeros((m, n)), np.zeros((n, k))
    for a in range(m):
        for b in range(n):
            for c in range(k):
                dW[a, b] += G[a, c] * X[b, c]
                dX[b, c] += W[a, b] * G[a, c]
    return dW, dX


def product_by_einsum(W, X, G):
    return [np.einsum("ac,bc->ab", G, X), np.einsum("ab,ac->bc", W, G)]


def tensor(W, h):
    return np.einsum("ik,l->ikl", np.eye(len(W)), h)


def tensor_by_lists(W, h):
    m, n = W.shape
    return [[[float(h[l]) * (i == k) for l in range(n)] for k in range(m)] for i in range(m)]


def batch(X, W, b, T):
    R = X @ W + b - T
    return 2 / len(X) * R @ W.T, 2 / len(X) * X.T @ R, 2 * R.mean(axis=0)


def batch_by_rows(X, W, b, T):
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros_like(b)
    for row in range(len(X)):
        r = 2 * (X[row] @ W + b - T[row]) / len(X)
        dX[row] = W @ r
        dW += np.outer(X[row], r)
        db += r
    return dX, dW, db


def quadratic(A, x):
    return (A + A.T) @ x, np.outer(x, x)


def quadratic_by_loops(A, x):
    n = len(x)
    dx, dA = [0.0] * n, [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            dx[i] += float(A[i, j] * x[j])
            dx[j] += float(A[i, j] * x[i])
            dA[i][j] = float(x[i] * x[j])
    return dx, dA


# problem set 7


def logdet(X):
    return inv(X).T


def logdet_by_cofactors(X):
    n = len(X)
    cofactors = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(X, i, 0), j, 1)
            cofactors[i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    return cofactors / np.linalg.det(X)


def trace_inverse(X, C):
    return -(inv(X) @ C @ inv(X)).T, inv(X).T


def trace_inverse_by_solve(X, C):
    Y = np.linalg.solve(X.T, np.eye(len(X)))
    return np.linalg.solve(X.T, -C.T @ Y), Y


RIGHT = {
    "ps6.matmul_backward": [product, product_by_loops, product_by_einsum, single(product)],
    "ps6.dD_dW": [tensor, tensor_by_lists, single(tensor)],
    "ps6.linear_backward": [batch, batch_by_rows, single(batch)],
    "ps6.quad_grad": [quadratic, quadratic_by_loops, single(quadratic)],
    "ps7.logdet_grad": [logdet, logdet_by_cofactors, single(logdet)],
    "ps7.trinv_grad": [trace_inverse, trace_inverse_by_solve, single(trace_inverse)],
}
