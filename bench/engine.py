"""The engine beside hand-written NumPy, micrograd, autograd, torch, jax: time of value + gradient.

Every peer's result is compared with the hand-written one before anything is timed. Rounds are
interleaved, and what is reported is the median over rounds of (peer's time ÷ hand's time in the
same round): machines are noisy, ratios less so. `python -m bench.engine [--write]`
"""

from __future__ import annotations

import os

for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"

import argparse
import gc
import importlib.util
import math
import statistics
import timeit
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import backpropkit as bp

HAS = {
    name: bool(importlib.util.find_spec(name))
    for name in ("micrograd", "autograd", "torch", "jax", "scipy")
}
if HAS["torch"]:
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
if HAS["jax"]:
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
if HAS["autograd"]:
    import autograd
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp
if HAS["micrograd"]:
    from micrograd.engine import Value

Peer = Callable[[], tuple[Any, list[Any]]]
rng = np.random.default_rng(7)


def eager(f: Callable[..., Any], inputs: list[Any]) -> Peer:
    def run() -> tuple[Any, list[Any]]:
        leaves = [bp.var(v) for v in inputs]
        result = f(bp, *leaves)
        bp.backward(result)
        return result.value, [leaf.grad for leaf in leaves]

    return run


def compiled(f: Callable[..., Any], inputs: list[Any]) -> Peer:
    leaves = [bp.var(v, name=f"x{i}") for i, v in enumerate(inputs)]
    run = bp.Graph(f(bp, *leaves)).compile(leaves)
    if len(inputs) == 3:
        a, b, c = inputs
        return lambda: run(a, b, c)
    return lambda: run(*inputs)


def with_micrograd(f: Callable[..., Any], inputs: list[Any]) -> Peer:
    def run() -> tuple[Any, list[Any]]:
        leaves = [Value(v) for v in inputs]
        result = f(None, *leaves)
        result.backward()
        return result.data, [leaf.grad for leaf in leaves]

    return run


def with_autograd(f: Callable[..., Any], inputs: list[Any]) -> Peer:
    run = autograd.value_and_grad(lambda xs: f(AUTOGRAD, *xs))
    return lambda: run(tuple(inputs))


def with_torch(f: Callable[..., Any], inputs: list[Any]) -> Peer:
    def run() -> tuple[Any, list[Any]]:
        leaves = [torch.tensor(v, requires_grad=True) for v in inputs]
        result = f(TORCH, *leaves)
        result.backward()
        return result.detach(), [leaf.grad for leaf in leaves]

    return run


def with_jax(f: Callable[..., Any], inputs: list[Any]) -> Peer:
    run = jax.jit(jax.value_and_grad(lambda xs: f(JAX, *xs)))
    arrays = tuple(jnp.asarray(v) for v in inputs)

    def timed() -> Any:
        value, grads = run(arrays)
        jax.block_until_ready(grads)
        return value, grads

    return timed


class AUTOGRAD:
    """The few functions the cases use, by backpropkit's names."""

    if HAS["autograd"]:
        sum, trace, relu = anp.sum, anp.trace, staticmethod(lambda x: anp.maximum(x, 0.0))
        logdet = staticmethod(lambda a: anp.linalg.slogdet(a)[1])
        inv = anp.linalg.inv
        cross_entropy = staticmethod(
            lambda s, t: -anp.sum(t * (s - logsumexp(s, 1, keepdims=True))) / len(t)
        )
        array = staticmethod(lambda x: x)


class TORCH:
    if HAS["torch"]:
        sum, trace, relu = torch.sum, torch.trace, torch.relu
        logdet = staticmethod(lambda a: torch.linalg.slogdet(a)[1])
        inv = torch.linalg.inv
        cross_entropy = staticmethod(torch.nn.functional.cross_entropy)
        array = staticmethod(torch.as_tensor)


class JAX:
    if HAS["jax"]:
        sum, trace, relu = jnp.sum, jnp.trace, jax.nn.relu
        logdet = staticmethod(lambda a: jnp.linalg.slogdet(a)[1])
        inv = jnp.linalg.inv
        cross_entropy = staticmethod(lambda s, t: -jnp.sum(t * jax.nn.log_softmax(s)) / len(t))
        array = staticmethod(jnp.asarray)


bp.array = lambda x: x  # type: ignore[attr-defined]  # data needs no wrapping on the engine


# The cases: (function for every library, inputs, hand-written value + gradient, peers).


def small(_: Any, a: Any, b: Any, c: Any) -> Any:
    return 3.0 * (a + b * c)


def small_by_hand(a: float, b: float, c: float) -> Any:
    u = b * c
    v = a + u
    return 3.0 * v, (3.0, 3.0 * c, 3.0 * b)


CHAIN = [float(k) for k in rng.uniform(0.99, 1.01, 300)]


def chain900(_: Any, x: Any) -> Any:
    y = x
    for k in CHAIN:
        y = (y * k + 0.01) * x
    return y


def chain900_by_hand(x: float) -> Any:
    y, before = x, []
    for k in CHAIN:
        z = y * k + 0.01
        before.append(z)
        y = z * x
    g, dx = 1.0, 0.0
    for k, z in zip(reversed(CHAIN), reversed(before), strict=True):
        dx += g * z
        g = g * x * k
    return y, (dx + g,)


def chain1000(m: Any, x: Any) -> Any:
    y = x
    for k in CHAIN[:250]:
        y = (y * k + 0.01) * x * 0.99
    return m.sum(y)


def chain1000_by_hand(x: Any) -> Any:
    y, before = x, []
    for k in CHAIN[:250]:
        z = y * k + 0.01
        before.append(z)
        y = z * x * 0.99
    g, dx = np.ones(1), np.zeros(1)
    for k, z in zip(reversed(CHAIN[:250]), reversed(before), strict=True):
        h = g * 0.99
        dx = dx + h * z
        g = h * x * k
    return np.sum(y), (dx + g,)


D, ALPHA, BETA = 4.0, 0.8, 2.0


def logdet_case(
    n: int, spd: bool = False
) -> tuple[Callable[..., Any], list[Any], Callable[..., Any]]:
    B = rng.normal(size=(n, 4))
    M, eye = B @ B.T, np.eye(n) / BETA

    def f(m: Any, A: Any) -> Any:
        K = ALPHA * (A @ A.T) + m.array(eye)
        promise = {"spd": True} if spd and m is bp else {}
        value = -(D / 2) * m.logdet(K, **promise)
        return value - 0.5 * m.trace(m.inv(K, **promise) @ m.array(M))

    def hand(A: Any) -> Any:
        K = ALPHA * (A @ A.T) + eye
        V = np.linalg.inv(K)
        value = -(D / 2) * np.linalg.slogdet(K)[1] - 0.5 * np.sum(V * M)
        dK = -(D / 2) * V + 0.5 * (V @ M @ V)
        return value, (2 * ALPHA * (dK @ A),)

    return f, [rng.normal(size=(n, 3))], hand


def mlp_case() -> tuple[Callable[..., Any], list[Any], Callable[..., Any]]:
    X = rng.normal(size=(64, 64))
    T = np.eye(10)[rng.integers(10, size=64)]

    def f(m: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        return m.cross_entropy(m.relu(m.array(X) @ W1 + b1) @ W2 + b2, m.array(T))

    def hand(W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        Z = X @ W1 + b1
        H = np.maximum(Z, 0.0)
        S = H @ W2 + b2
        E = np.exp(S - S.max(1, keepdims=True))
        P = E / E.sum(1, keepdims=True)
        value = -np.sum(T * np.log(P)) / 64.0
        dS = (P - T) / 64.0
        dZ = (dS @ W2.T) * (Z > 0)
        return value, (X.T @ dZ, dZ.sum(0), H.T @ dS, dS.sum(0))

    return f, [rng.normal(size=s) * 0.1 for s in ((64, 128), (128,), (128, 10), (10,))], hand


def moons_case() -> tuple[Callable[..., Any], list[Any], Callable[..., Any]]:
    """A scalar network 2-16-16-1 with hinge loss on 100 points, a node for every single product."""
    X = rng.normal(size=(100, 2))
    y = np.where(np.sin(3 * X[:, 0]) > X[:, 1], 1.0, -1.0)
    sizes = [(16, 2), (16,), (16, 16), (16,), (1, 16), (1,)]
    flat = [float(w) for s in sizes for w in rng.uniform(-0.5, 0.5, s).ravel()]

    def f(m: Any, *w: Any) -> Any:
        total: Any = 0.0
        for point, label in zip(X.tolist(), y.tolist(), strict=True):
            layer, at = point, 0
            for n_out, n_in in ((16, 2), (16, 16), (1, 16)):
                rows = []
                for i in range(n_out):
                    z = w[at + n_out * n_in + i]
                    for j in range(n_in):
                        z = z + w[at + i * n_in + j] * layer[j]
                    rows.append(
                        z.relu() if m is None and n_out > 1 else m.relu(z) if n_out > 1 else z
                    )
                layer, at = rows, at + n_out * n_in + n_out
            margin = 1.0 - layer[0] * label
            total = total + (margin.relu() if m is None else m.relu(margin))
        return total * 0.01

    def hand(*w: float) -> Any:
        v = np.array(w)
        W1, b1, W2, b2, W3, b3 = (
            p.reshape(s) for p, s in zip(np.split(v, CUTS), sizes, strict=True)
        )
        Z1 = X @ W1.T + b1
        H1 = np.maximum(Z1, 0.0)
        Z2 = H1 @ W2.T + b2
        H2 = np.maximum(Z2, 0.0)
        margin = 1.0 - (H2 @ W3.T + b3)[:, 0] * y
        dS = (-0.01 * y * (margin > 0))[:, None]
        dZ2 = (dS @ W3) * (Z2 > 0)
        dZ1 = (dZ2 @ W2) * (Z1 > 0)
        grads = dZ1.T @ X, dZ1.sum(0), dZ2.T @ H1, dZ2.sum(0), dS.T @ H2, dS.sum(0)
        return np.sum(np.maximum(margin, 0.0)) * 0.01, np.concatenate([g.ravel() for g in grads])

    CUTS = np.cumsum([math.prod(s) for s in sizes])[:-1]
    return f, flat, hand


PEERS: dict[str, Callable[..., Peer]] = {
    "compiled": compiled,
    "eager": eager,
    "micrograd": with_micrograd,
    "autograd": with_autograd,
    "torch": with_torch,
    "jax jit": with_jax,
}
NEEDS = {"micrograd": "micrograd", "autograd": "autograd", "torch": "torch", "jax jit": "jax"}


def flat(value: Any, grads: Any) -> Any:
    grads = list(grads.values()) if isinstance(grads, dict) else list(grads)
    return np.concatenate([np.ravel(np.asarray(v, dtype=float)) for v in (value, *grads)])


def measure(
    case: tuple[Callable[..., Any], list[Any], Callable[..., Any]], peers: list[str], rounds: int
) -> dict[str, float]:
    """µs of the hand-written code, and every peer's median in-round ratio to it."""
    f, inputs, hand = case
    if len(inputs) == 3:
        a, b, c = inputs
        runs: dict[str, Peer] = {"hand": lambda: hand(a, b, c)}
    else:
        runs = {"hand": lambda: hand(*inputs)}
    for peer in peers:
        if HAS.get(NEEDS.get(peer, ""), True):
            runs[peer] = PEERS[peer](f, inputs)
    truth = flat(*runs["hand"]())
    counts = {}
    for name, run in runs.items():
        np.testing.assert_allclose(flat(*run()), truth, rtol=1e-8, atol=1e-10, err_msg=name)
        once = min(timeit.repeat(run, number=1, repeat=3))
        counts[name] = max(1, int(0.02 / once))
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            gc.collect()
            # a learner's garbage collector is on, so it is on here
            seconds = timeit.timeit(run, setup="import gc; gc.enable()", number=counts[name])
            times[name].append(seconds / counts[name])
    ratios = {
        name: statistics.median(t / h for t, h in zip(times[name], times["hand"], strict=True))
        for name in runs
    }
    return {
        "hand, µs": statistics.median(times["hand"]) * 1e6,
        **{p: ratios[p] for p in runs if p != "hand"},
    }


ARRAYS = ["compiled", "eager", "autograd", "torch", "jax jit"]
SCALARS = ["compiled", "eager", "micrograd", "autograd", "torch", "jax jit"]


def cases() -> dict[str, Any]:
    return {
        "small J=3(a+bc)": ((small, [5.0, 3.0, 2.0], small_by_hand), SCALARS, 15),
        "chain of 900 floats": ((chain900, [0.99], chain900_by_hand), SCALARS, 11),
        "chain of 1000 size-1 arrays": (
            (chain1000, [np.array([0.99])], chain1000_by_hand),
            ARRAYS,
            11,
        ),
        "logdet n=5": (logdet_case(5), ARRAYS, 15),
        "logdet n=50": (logdet_case(50), ARRAYS, 15),
        "logdet n=300": (logdet_case(300), ARRAYS, 11),
        "logdet n=300, K promised positive definite": (
            logdet_case(300, spd=True),
            ["compiled", "eager"],
            11,
        ),
        "MLP 64-128-10, batch 64": (mlp_case(), ARRAYS, 15),
        "moons, 65,000 scalar nodes": (moons_case(), ["compiled", "eager", "micrograd"], 5),
    }


def memory() -> None:
    """A long chain, forward and backward: bytes a node, and what is left when it is dropped."""
    print("\n| chain of additions | forward and backward, s | bytes a node | Nodes left for gc |")
    print("|---|---|---|---|")
    for n in (10_000, 100_000, 1_000_000):
        gc.collect()
        gc.disable()
        tracemalloc.start()
        x = bp.var(1.0)
        y = x
        for _ in range(n):
            y = y + x
        bp.backward(y)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert x.grad == n + 1.0
        y = x
        left = sum(type(o) is bp.Node for o in gc.get_objects()) - 1  # x itself
        gc.enable()
        seconds = timeit.timeit(lambda n=n: chain(n), number=1)
        print(f"| {n:,} | {seconds:.2f} | {size / n:.0f} | {left} |", flush=True)


def chain(n: int) -> None:
    x = bp.var(1.0)
    y = x
    for _ in range(n):
        y = y + x
    bp.backward(y)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="")
    chosen = options.parse_args().only
    peers = list(PEERS)
    print("| value + gradient, time ÷ hand-written | hand, µs | " + " | ".join(peers) + " |")
    print("|---|" + "---|" * (len(peers) + 1))
    for name, (case, who, rounds) in cases().items():
        if chosen in name:
            found = measure(case, who, rounds)
            row = " | ".join(f"{found[p]:.3g}" if p in found else "–" for p in peers)
            print(f"| {name} | {found['hand, µs']:.3g} | {row} |", flush=True)
    if not chosen:
        memory()


if __name__ == "__main__":
    main()
