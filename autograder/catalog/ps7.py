"""Problem set 7, two matrix networks, log det, the trace of an inverse, and training with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.asking.counted import counted
from autograder.asking.wire import describe
from autograder.judge.behaviour import (
    TOLERANCE,
    Ask,
    Behaviour,
    OneWay,
    Told,
    any_of,
    anything,
    broken_off,
    one_way,
    same,
)
from autograder.judge.exercise import (
    Exercise,
    Inputs,
    Rng,
    Values,
    away,
    nonsym,
    normal,
    turns,
    uniform,
)
from autograder.judge.reading import number
from autograder.judge.sentences import relation

Array = Any


def autoencoder(W: Any, x: Any) -> Any:
    via_WT, via_W = (1.0 * W).named("via_WT"), (1.0 * W).named("via_W")
    return bp.sum((via_WT.T @ (via_W @ x) - x) ** 2)


ae_grad = Exercise(
    id="ps7.ae_grad",
    points=5,
    signature="ae_grad(W: (m, n), x: (n,))"
    " -> (via_WT: (m, n), via_W: (m, n), dW: (m, n), dx: (n,))",
    task="L = ‖WᵀWx − x‖². Return what reaches W by either use, their sum, and ∂L/∂x.",
    inputs=lambda r, trial: {"W": normal(r, 2 + trial % 2, 4), "x": away(r, 0.5, 2, 4)},
    forward=autoencoder,
    wrt=("via_WT", "via_W", "W", "x"),
    returns=("via_WT", "via_W", "dW", "dx"),
    credit=(1, 1, 1.5, 1.5),
    ideas=("overwrite", "one-path", "paths-combined-wrong", "scale", "sign", "transpose"),
)


OFF = ((0,), (1,), (2, 3), (2,), (0, 1), (3,))  # the units that are off, in each of six trials


def two_layer_inputs(r: Rng, trial: int) -> Inputs:
    """Units that are on and off, none near 0, and gradients of both signs on units that are on.

    Each unit would be the other way without any of the numbers that come to it, save one that pulls
    against the others: who forgets the bias, or the sign of a number, is found out in every
    gradient. What is on, what pulls against, and whose gradient is negative is by turns, so that
    every number decides in a trial where it is negative and in one where it is positive, and every
    gradient is of either sign where its unit is on.
    """
    x = uniform(r, 0.5, 1.5, 3) * [turns(trial, k) for k in range(3)]
    to, unit = np.array([*x, 1.0]), np.arange(4)
    on = ~np.isin(unit, OFF[trial % 6])
    side, against = np.where(on, 1, -1), (trial + unit) % 4
    W = uniform(r, 0.3, 0.9, 4, 4) * side[:, None] * np.sign(to)
    W[unit, against] = 0.0
    least = np.min(np.abs(W * to), axis=1, initial=np.inf, where=W != 0)
    left = side * uniform(r, 0.3, 0.8, 4) * least
    W[unit, against] = np.round((left - W @ to) / to[against], 2)
    W1, b1 = W[:, :-1], W[:, -1]
    rises = np.array([turns(trial + 3 * k, 4) for k in range(4)])
    while True:
        W2, b2 = away(r, 0.1, 1, 2, 4), away(r, 0.3, 1.5, 2)
        db2 = 2 * LN2 * 4.0 ** (W2 @ np.maximum(W @ to, 0) + b2)
        if np.all((W2.T @ db2 * rises)[on] > 0) and np.max(db2) > 6:
            return {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "x": x}


def reaching(W1: Array, b1: Array, W2: Array, b2: Array, x: Array) -> Values:
    """The weights of units that are on: no gradient but theirs minds the sign of another one."""
    return {"W2": W2 * (W1 @ x + b1 > 0)}


def exp2_net(W1: Any, b1: Any, W2: Any, b2: Any, x: Any) -> Any:
    h = bp.relu(W1 @ x + b1)
    return bp.sum(bp.exp2(W2 @ h + b2) ** 2)


LN2 = float(np.log(2.0))


def exp2_slope(z: Any, y: Any) -> Any:
    return y * LN2


def another_net(
    W1: Any,
    b1: Any,
    W2: Any,
    b2: Any,
    x: Any,
    y: Any = np.exp2,
    slope: Any = exp2_slope,
    bias_in_mask: float = 1.0,
) -> Values:
    """The gradients of somebody whose last layer is y(z2), with a slope(z2, y) of their own, or
    who asks W1 x alone which units are on."""
    z1 = W1 @ x + b1
    h = np.maximum(z1, 0)
    z2 = W2 @ h + b2
    dz2 = 2 * y(z2) * slope(z2, y(z2))
    dz1 = W2.T @ dz2 * (W1 @ x + bias_in_mask * b1 > 0)
    return {
        "dW1": np.outer(dz1, x),
        "db1": dz1,
        "dW2": np.outer(dz2, h),
        "db2": dz2,
        "dx": W1.T @ dz1,
    }


def powers(*pairs: Any) -> Any:
    return lambda **inputs: [another_net(**inputs, y=y, slope=slope) for y, slope in pairs]


two_layer = Exercise(
    id="ps7.two_layer",
    points=6,
    signature="two_layer(W1: (m, n), b1: (m,), W2: (k, m), b2: (k,), x: (n,))"
    " -> {'dW1': (m, n), 'db1': (m,), 'dW2': (k, m), 'db2': (k,), 'dx': (n,)}",
    task="z1 = W1 x + b1, h = relu(z1), z2 = W2 h + b2, y = 2^z2, L = ‖y‖². Return all gradients.",
    inputs=two_layer_inputs,
    either=reaching,
    forward=exp2_net,
    wrt=("W1", "b1", "W2", "b2", "x"),
    form="dict",
    wrong={
        "exponent-lost": powers(
            (lambda z: 2 * z, lambda z, y: y * LN2),
            (lambda z: 2 * z, lambda z, y: np.full_like(z, 2.0)),
            (lambda z: 2 * z, lambda z, y: y),
        ),
        "power-rule-exp": powers(
            (lambda z: z**2, lambda z, y: 2 * z),
            (lambda z: z**2, lambda z, y: y * LN2),
        ),
        "ln2-lost": powers(
            (np.exp, lambda z, y: y),
            (np.exp, lambda z, y: y * LN2),
        ),
        "relu-mask": lambda **inputs: [another_net(**inputs, bias_in_mask=0.0)],
    },
    ideas=(
        "ln2-lost",
        "power-rule-exp",
        "relu-mask",
        "no-upstream",
        "stale-weights",
        "scale",
    ),
)


def by_size_of_det(X: Array) -> list[Values]:
    """The inverse, times |det X| or divided by it."""
    return [{"dX": np.linalg.inv(X).T * abs(np.linalg.det(X)) ** k} for k in (1, -1)]


logdet_grad = Exercise(
    id="ps7.logdet_grad",
    points=3,
    signature="logdet_grad(X: (n, n)) -> dX: (n, n)",
    task="f = log |det X|, and X is not symmetric. Return ∂f/∂X.",
    inputs=lambda r, trial: {"X": nonsym(r, 2 + trial % 2, turns(trial))},
    forward=lambda X: bp.logdet(X),
    wrt=("X",),
    form="alone",
    wrong={"det-not-logdet": by_size_of_det},
    ideas=("inv-transpose", "det-not-logdet", "hadamard", "sym-doubling"),
)

trinv_grad = Exercise(
    id="ps7.trinv_grad",
    points=4,
    signature="trinv_grad(X: (n, n), C: (n, n)) -> (dX: (n, n), dC: (n, n))",
    task="f = tr(X⁻¹C), and neither X nor C is symmetric. Return both gradients of f.",
    inputs=lambda r, trial: {"X": nonsym(r, 3, turns(trial)), "C": nonsym(r, 3)},
    forward=lambda X, C: bp.trace(bp.inv(X) @ C),
    wrt=("X", "C"),
    credit=(3, 1),
    ideas=("recip-minus", "inverse-commuted", "transpose"),
)


def gplvm_inputs(r: Rng, *names: str) -> Inputs:
    d: Inputs = {
        "A": normal(r, 4, 2),
        "B": normal(r, 4, 3),
        "alpha": uniform(r, 0.5, 1.5),
        "beta": uniform(r, 1.3, 3),
        "gamma": uniform(r, 2.3, 4),
    }
    return {name: d[name] for name in names}


def kernel(A: Any, alpha: Any, beta: Any) -> Any:
    return alpha * (A @ A.T) + np.eye(A.shape[0]) / beta


def L1(A: Any, alpha: Any, beta: Any, gamma: Any) -> Any:
    K = kernel(A, alpha, beta)
    return -(gamma / 2.0) * bp.logdet(K)


def L2(A: Any, B: Any, alpha: Any, beta: Any) -> Any:
    P = kernel(A, alpha, beta).named("P")
    return -0.5 * bp.trace(bp.inv(P) @ (B @ B.T))


def beta_for_its_inverse(A: Any, alpha: float, beta: float, gamma: float) -> list[Values]:
    """K = αAAᵀ + βI, with the slope by beta that belongs to it, or the one that belongs to 1/β."""
    n = len(A)
    dK = -gamma / 2 * np.linalg.inv(alpha * (A @ A.T) + beta * np.eye(n))
    both = {"dA": 2 * alpha * dK @ A, "dalpha": float(np.sum(dK * (A @ A.T)))}
    return [both | {"dbeta": float(np.trace(dK)) * by} for by in (1.0, -1 / beta**2)]


def beta_for_its_inverse_in_P(A: Any, B: Any, alpha: float, beta: float) -> list[Values]:
    S = np.linalg.solve(alpha * (A @ A.T) + beta * np.eye(len(A)), B)
    return [{"dP": S @ S.T / 2, "dA": alpha * S @ (S.T @ A), "dB": -S}]


L1_grad = Exercise(
    id="ps7.L1_grad",
    points=5,
    signature="L1_grad(A: (n, q), alpha: float, beta: float, gamma: float)"
    " -> (dA: (n, q), dalpha: float, dbeta: float)",
    task="K = αAAᵀ + I/β, L1 = −(γ/2) log |K|. Return its gradients.",
    inputs=lambda r, trial: gplvm_inputs(r, "A", "alpha", "beta", "gamma"),
    forward=L1,
    wrt=("A", "alpha", "beta"),
    credit=(3, 1, 1),
    tolerance=5e-6,  # an inverse makes more of what float32 leaves
    wrong={"input-inverted": beta_for_its_inverse},
    ideas=("one-path", "scale-node-skipped", "recip-minus", "sign", "scale"),
)

L2_grad = Exercise(
    id="ps7.L2_grad",
    points=6,
    signature="L2_grad(A: (n, q), B: (n, p), alpha: float, beta: float)"
    " -> (dP: (n, n), dA: (n, q), dB: (n, p))",
    task="P = αAAᵀ + I/β, L2 = −½ tr(P⁻¹BBᵀ). Return ∂L2/∂P, ∂L2/∂A and ∂L2/∂B.",
    inputs=lambda r, trial: gplvm_inputs(r, "A", "B", "alpha", "beta"),
    forward=L2,
    wrt=("P", "A", "B"),
    credit=(2, 3, 1),
    tolerance=5e-6,
    wrong={
        "not-inverted": lambda A, B, alpha, beta: [{"dB": -kernel(A, alpha, beta) @ B}],
        "input-inverted": beta_for_its_inverse_in_P,
    },
    ideas=("recip-minus", "one-path", "scale-node-skipped", "inverse-commuted"),
)

# Training. A run is judged against the engine's run with the same start, step and number of steps.

Run = tuple[Array, list[float]]
Direction = Callable[[Array, float, Array], Array]  # (W, f, gradient) -> where to go


def run(f: Callable[[Any], Any], W: Array, lr: float, n: int, step: Direction) -> Run:
    """n steps along step(W, f, gradient) from a start: where it ends, and f at every place."""
    history = []
    for _ in range(n):
        value, gradient = bp.value_and_grad(f)(W)
        history.append(value)
        W = W + lr * step(W, value, gradient)
    return W, [*history, value_at(f, W)]


def value_at(f: Callable[[Any], Any], W: Array) -> float:
    return float(f(bp.const(W)).value)


def up(W: Array, value: float, gradient: Array) -> Array:
    return gradient


def down(W: Array, value: float, gradient: Array) -> Array:
    return -gradient


def by_sign(W: Array, value: float, gradient: Array) -> Array:
    return -np.sign(value) * gradient


def twice(W: Array, value: float, gradient: Array) -> Array:
    return 2 * gradient


def half(W: Array, value: float, gradient: Array) -> Array:
    return gradient / 2


def walk(f: Callable[[Any], Any], W: Array, lr: float, step: Direction) -> Iterator[float]:
    """f at the start, and after every step along step(W, f, gradient)."""
    while True:
        at = bp.var(W)
        L = f(at)
        yield L.value  # most walks end here, and need no gradient
        L.backward()
        W = W + lr * step(W, L.value, at.grad)


def walked(n: int, *walks: Callable[[], Iterator[float]]) -> OneWay:
    """(W, history) with the start and n steps of one of these; each stops where it differs."""

    def way(walk: Callable[[], Iterator[float]]) -> Callable[[Any], bool]:
        def holds(answer: Any) -> bool:
            given = [float(x) for x in answer[1]]
            size = max(map(abs, given))
            return len(given) == n + 1 and all(
                abs(x - value) <= TOLERANCE * size for x, value in zip(given, walk(), strict=False)
            )

        return holds

    return one_way(*map(way, walks))


def history_is(*runs: Callable[[], Run]) -> Any:
    """(W, history) with the history of one of these runs; they run only if it comes to that."""
    return lambda answer: any(same(answer[1], run()[1]) for run in runs)


def summed_or(history: list[float], N: int, otherwise: Any) -> Any:
    """(W, history) with the right history summed over N rows, or another one, summed or not."""
    return lambda answer: (
        same(answer[1], N * np.array(history))
        or otherwise(answer)
        or otherwise((answer[0], [float(x) / N for x in answer[1]]))
    )


def another_length(history: list[float]) -> Any:
    """(W, history) with the first or the last number left out, or with one more at either end."""

    def holds(answer: Any) -> bool:
        given = [float(x) for x in answer[1]]
        found = (history[1:], history[:-1])
        more = (given[1:], given[:-1]) if len(given) == len(history) + 1 else ()
        return any(same(given, some) for some in found) or any(same(m, history) for m in more)

    return holds


def frozen(f: Callable[[Any], Any], W: Array, lr: float, way: float) -> Iterator[float]:
    """f along a walk that keeps the gradient of the start."""
    gradient = bp.grad(f)(W)
    while True:
        yield value_at(f, W)
        W = W + way * lr * gradient


def again(f: Callable[[Any], Any], W: Array, lr: float, way: float) -> Iterator[float]:
    """f along steps that all begin at the start."""
    start = W
    while True:
        at = bp.var(W)
        L = f(at)
        yield L.value
        L.backward()
        W = start + way * lr * at.grad


def piled_up(f: Callable[[Any], Any], W: Array, lr: float, way: float) -> Iterator[float]:
    """f along steps whose gradient is the sum of all so far."""
    total = np.zeros_like(W)
    while True:
        value, gradient = bp.value_and_grad(f)(W)
        yield value
        total += gradient
        W = W + way * lr * total


def halves(answer: Any) -> tuple[Array, Array] | None:
    """The two of (matrix, history) as arrays; None where one is not made of numbers."""
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        return None
    found = [number(half) for half in answer]
    if any(complaint for _, complaint in found):
        return None
    return np.asarray(found[0][0]), np.asarray(found[1][0])


def off_the_run(name: str, right: Run, rises: bool, answer: Any) -> str:
    """How (matrix, history) differs from the right run: its form first, then where it leaves it."""
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        return f"a pair is expected, ({name}, history), not {describe(answer)}"
    for half, what in zip(answer, (name, "the history"), strict=True):
        if complaint := number(half)[1]:  # None and nan are below, and above, no number
            return f"{what}: {complaint.rstrip('.')}"
    W, history = (np.asarray(number(half)[0]) for half in answer)
    if W.shape == np.shape(right[1]) and history.shape == right[0].shape:
        return f"the history stands in the place of {name}"
    if W.shape != right[0].shape:
        return f"{name} has shape {W.shape}, {right[0].shape} is expected"
    if history.shape != np.shape(right[1]):
        has = counted(len(history), "number") if history.ndim == 1 else f"shape {history.shape}"
        return (
            f"the history has {has}; {len(right[1])} numbers are expected: one at the start, "
            "and one after every step"
        )
    if rises and np.any(np.diff(history) < 0):
        return f"the history falls after place {int(np.argmax(np.diff(history) < 0))}"
    if rises and same(history[0], right[1][0]):
        return f"the history does not fall, but {name} is not where the gradient leads"
    if rises:
        return "the history does not fall, but its first number is not the value at the start"
    there = np.max(np.abs(W - right[0])) <= TOLERANCE * np.max(np.abs(right[0]))
    first = f"{name} is what it should be, the history is not: " if there else ""
    size = float(np.max(np.abs(right[1])))
    for k, (given, value) in enumerate(zip(history, right[1], strict=True)):
        if abs(given - value) > TOLERANCE * size:
            it = "it" if there else "the history"
            start = f"{it} is right up to place {k - 1}, and then" if k else "at the start"
            told = relation(given, value, size)
            return f"{first}{start} {told if told.startswith('it') else f'it is {told}'}"
    return f"the history is right, but {name} is not where it ends"


def likelihood(B: Array, alpha: float, beta: float, gamma: float) -> Callable[[Any], Any]:
    return lambda A: L1(A, alpha, beta, gamma) + L2(A, B, alpha, beta)


def climbs(f: Callable[[Any], Any], right: Run, start: Array, answer: Any) -> bool:
    """A history of the right length that rises and never falls, on a way that goes uphill.

    Numbers that only look like it do not count: the A at the end lies where the gradient leads,
    and the history begins with the f of the start. Whether another function's history rises, too,
    would hang on the draw.
    """
    found, end = halves(answer), right[0]
    if found is None or list(map(np.shape, found)) != list(map(np.shape, right)):
        return False
    A, history = found
    along = np.sum((A - start) * (end - start))
    far = np.linalg.norm(end - start)
    uphill = along > 0 and np.linalg.norm(A - end) < 1.5 * far  # and not from somewhere else
    rises = np.all(np.diff(history) >= 0) and history[-1] > history[0]
    begins = same(history[0], right[1][0])
    return bool(uphill and rises and begins and value_at(f, A) > right[1][0])


def ends_as_high(f: Callable[[Any], Any], right: Run, answer: Any) -> bool:
    """The history ends where the right one does, and it is the f of the A that came back."""
    found = halves(answer)
    if found is None or list(map(np.shape, found)) != list(map(np.shape, right)):
        return False
    A, history = found
    climbed = right[1][-1] - right[1][0]
    honest = same(history[-1], value_at(f, A))
    return honest and bool(abs(history[-1] - right[1][-1]) <= 1e-3 * climbed)


# How somebody's own gradient of L1 + L2 may go wrong: what remains of α, β and γ on the way back
# (as an exponent), how often L1 and L2 count, and which inverse stands in the slope of L1, and left
# and right in that of L2: the one of now, of the start, or none.
NOW, START, NONE = range(3)
ALL_RIGHT = (1, 1, 1, 1, 1, NOW, NOW, NOW)
STALE = (
    (1, 1, 1, 1, 1, START, START, START),
    (1, 1, 1, 1, 1, START, NOW, NOW),
    (1, 1, 1, 1, 1, NOW, START, START),
)
ONE_SIDED = ((1, 1, 1, 1, 1, NOW, NONE, NOW), (1, 1, 1, 1, 1, NOW, NOW, NONE))
BETA_INVERTED = (1, -1, 1, 1, 1, NOW, NOW, NOW)
CLIMB = (  # others, as a forgotten α or half of either slope, do so on every draw
    (1, 1, 1, 1, 0, NOW, NOW, NOW),
    (1, 0, 1, 1, 1, NOW, NOW, NOW),
    (1, 1, 0, 1, 1, NOW, NOW, NOW),
    (1, 1, 1, 2, 1, NOW, NOW, NOW),
    *STALE,
    ONE_SIDED[0],
    BETA_INVERTED,
)
FALL = {1: (1, 1, 1, 0, 1, NOW, NOW, NOW), -1: ONE_SIDED[1]}  # where L1 + L2 has that sign


Slips = Sequence[tuple[float, ...]]


def height(K: Array, S: Array, gamma: float) -> Any:
    """L1 + L2 where K is αAAᵀ + I/β and S is BBᵀ, without a graph; of a stack of K, too."""
    trace = np.trace(np.linalg.solve(K, S), axis1=-2, axis2=-1)
    return -gamma / 2 * np.linalg.slogdet(K)[1] - trace / 2


def slope_at(A: Array, B: Array, alpha: float, beta: float, gamma: float) -> Array:
    """The gradient of L1 + L2, without a graph."""
    inverse = np.linalg.inv(kernel(A, alpha, beta))
    return alpha * (inverse @ B @ B.T @ inverse - gamma * inverse) @ A


def slipped(args: Mapping[str, Any], slips: Slips) -> Iterator[Run]:
    """What a run becomes with each of these slips on the way back: all of them at once."""
    B, q, alpha, beta, gamma, lr, n = args.values()
    a, b, c, one, two = np.array(slips).T[:5, :, None, None]
    which, each = np.array(slips).T[5:].astype(int), np.arange(len(slips))
    A, S, eye = np.repeat(B[None, :, :q], len(slips), axis=0), B @ B.T, np.eye(len(B))

    def K(alpha: Any, beta: Any) -> Array:
        return np.asarray(alpha * A @ A.swapaxes(1, 2) + eye / beta)

    start, history = np.linalg.inv(K(alpha, beta)), []
    for step in range(n + 1):
        history.append(height(K(alpha, beta), S, gamma))
        if step < n:
            inverses = np.stack([np.linalg.inv(K(alpha**a, beta**b)), start, 0 * start + eye])
            of_L1, left, right = inverses[which, each]
            way = alpha**a * (two * left @ S @ right @ A - one * gamma**c * of_L1 @ A)
            A = A + lr * way
    return zip(A, np.transpose(history).tolist(), strict=True)


def with_slips(args: Mapping[str, Any], slips: Slips) -> Iterator[Callable[[], Iterator[float]]]:
    """The histories of those runs, for `walked`."""

    def history(slip: tuple[float, ...]) -> Iterator[float]:
        return iter(next(slipped(args, [slip]))[1])

    return (partial(history, slip) for slip in slips)


def apart(args: Mapping[str, Any], history: Array) -> bool:
    """Steps by turns end clearly elsewhere; where a step is small, they hardly do."""
    ends = [next(islice(one_by_one(args, first), args["n"], None)) for first in (0, 1)]
    return all(abs(end - history[-1]) > 2e-3 * (history[-1] - history[0]) for end in ends)


def fit_inputs(r: Rng, sign: int, q: int, row: int) -> tuple[dict[str, Any], Run]:
    """Data whose L1 + L2 has a sign, all constants drawn anew, and a step at which it never falls.

    None of the constants is 1, and the way is long enough that a wrong one leads elsewhere. Nor is
    it luck what a wrong gradient is worth: with some slips the history climbs all the same, with
    another it does not; nor with the sign of one row turned, which is the steepest. And it does not
    end where it should where a step is cut off at .01, or, on steeper ways, a slope at 5.
    """
    while True:
        rows, columns = int(r.integers(4, 7)), int(r.integers(3, 5))
        args = {
            "B": np.round((0.3 if sign > 0 else 1.2) * normal(r, rows, columns), 2) + 0.0,  # no -0
            "q": q,
            "alpha": uniform(r, 0.4, 0.8) if r.random() < 0.5 else uniform(r, 1.3, 2),
            "beta": uniform(r, 3, 5),
            "gamma": uniform(r, 3, 5),
            "lr": round(r.uniform(0.002, 0.006) if sign > 0 else r.uniform(3e-4, 1e-3), 5),
            "n": int(r.integers(6, 9)),
        }
        B, _, *constants, lr, _ = args.values()
        slope = slope_at(B[:, :q], B, *constants)
        squares = np.sum(slope**2, axis=1)
        most = 0.01 / lr if sign > 0 else 5.0
        if np.max(squares) < 0.55 * np.sum(squares) or np.max(np.abs(slope)) < 1.2 * most:
            continue
        steepest = int(np.argmax(squares))
        B[[row, steepest]] = B[[steepest, row]]
        f, start = likelihood(B, *constants), B[:, :q]
        if np.sign(value_at(f, start)) != sign:
            continue
        right, fall, *climb = slipped(args, (ALL_RIGHT, FALL[sign], *CLIMB))
        history = np.array(right[1])
        if not (np.all(np.diff(history) > 0) and np.all(history * sign > 0)):
            continue
        if history[-1] - history[0] < 0.05 or (sign > 0 and not apart(args, history)):
            continue
        rises = partial(climbs, f, right, start)
        if all(map(rises, climb)) and not rises(fall):
            return args, run(f, start, args["lr"], args["n"], up)


def fit_script(r: Rng) -> Iterator[Ask]:
    for scene in range(5):  # L1 + L2 is positive in three, and negative in the others
        sign = -1 if scene % 2 else 1
        row = (0, -1, 1, 2, -2)[scene]  # of at most six, all but one have their turn
        args, right = fit_inputs(r, sign, 1 + scene // 2 % 2, row)
        f = likelihood(*(args[name] for name in ("B", "alpha", "beta", "gamma")))
        start = args["B"][:, : args["q"]]
        n, by = args["n"], partial(walk, f, start, args["lr"])
        counts = {
            "the history never falls": Told(
                partial(climbs, f, right, start), partial(off_the_run, "A", right, True)
            ),
            "it ends where the engine's run ends": Told(
                partial(ends_as_high, f, right), partial(off_the_run, "A", right, False)
            ),
        }
        L1_of, L2_of, with_det = terms(args)
        against_L2 = partial(along_difference, bp.grad(L1_of), bp.grad(L2_of))
        ideas = {
            "ascent": walked(n, partial(by, down)),
            "sign-of-loss": walked(n, partial(by, by_sign)),
            "one-path": walked(
                n,
                partial(by, half),
                *one_term(args, start),
                partial(watched, L1_of, f, start, args["lr"], up),
                partial(watched, L2_of, f, start, args["lr"], up),
            ),
            "det-not-logdet": walked(n, partial(watched, with_det, f, start, args["lr"], up)),
            "recip-minus": walked(n, partial(by, against_L2)),
            "other-start": walked(
                n, *(partial(walk, f, other, args["lr"], up) for other in other_starts(args))
            ),
            "lr-forgotten": walked(n, partial(walk, f, start, 1.0, up)),
            "history-length": another_length(right[1]),
            "sign": lambda answer, history=right[1]: same(answer[1], np.negative(history)),
            "scale": walked(n, partial(by, twice)),
            "stale-weights": walked(n, *(partial(one_by_one, args, first) for first in (0, 1))),
            "double-backward": walked(n, partial(piled_up, f, start, args["lr"], 1.0)),
            "old-slope": walked(
                n,
                partial(frozen, f, start, args["lr"], 1.0),
                partial(again, f, start, args["lr"], 1.0),
                *with_slips(args, STALE),
            ),
            "inverse-commuted": walked(n, *with_slips(args, ONE_SIDED)),
            "input-inverted": walked(n, *with_slips(args, (BETA_INVERTED,))),
            "input-forgotten": walked(n, *without_one(args, start)),
            "parts-swapped": lambda answer, history=right[1]: same(answer[0], history),
            "input-changed": walked(n, partial(through_a_view, args)),
            "scale-node-skipped": walked(
                n, partial(walk, f, start, args["lr"] / args["alpha"], up)
            ),
        }
        stops = stops_early(right)
        in_part = {
            "it ends where the engine's run ends": any_of(where_it_ends(right), stops),
            "the history never falls": any_of(history_is(partial(tuple, right)), stops),
        }
        call = "fit(B, q, alpha, beta, gamma, lr, n)"
        yield Ask(call, args, None, counts, ideas, scene, in_part)
    yield at_rest(call, dict.fromkeys(counts, 0), args | {"B": np.zeros_like(args["B"])}, scene + 1)


def stops_early(right: Run) -> Callable[[Any], bool]:
    """(W, history) of somebody who leaves the loop before its end."""
    stops = broken_off(right[1])
    return lambda answer: stops(answer[1])


def at_rest(call: str, checks: Mapping[str, int], args: Mapping[str, Any], scene: int) -> Ask:
    """A start where no step leads anywhere: who stops there has too few places.

    `checks` say by how many places a history may be off, where another check looks at that.
    """
    length = args["n"] + 1

    said = (
        f"{length} numbers are expected: one at the start, and one after every step, also where a "
        "step leads nowhere"
    )

    def near(by: int) -> Told:
        return Told(lambda given: abs(given - length) <= by, lambda given: said)

    counts = {check: near(by) for check, by in checks.items()}
    half = dict.fromkeys(counts, anything)
    return Ask(f"len({call}[1])", args, None, counts, {}, scene, half)


def where_it_ends(right: Run) -> Any:
    """(W, history) with the right W, whatever the history."""
    return lambda answer: same(answer[0], right[0])


def through_a_view(args: Mapping[str, Any]) -> Iterator[float]:
    """A walk in which A is a part of B, and B moves along."""
    B = args["B"].copy()
    A = B[:, : args["q"]]
    while True:
        f = likelihood(B, args["alpha"], args["beta"], args["gamma"])
        value, gradient = bp.value_and_grad(f)(A.copy())
        yield value
        A += args["lr"] * gradient


def without_one(args: Mapping[str, Any], start: Array) -> Iterator[Callable[[], Iterator[float]]]:
    """Walks of those who leave out one of the constants, or take γ to be the columns of B."""
    columns = float(args["B"].shape[1])
    for name, value in ("alpha", 1.0), ("beta", 1.0), ("gamma", 1.0), ("gamma", columns):
        given = {**args, name: value}
        f = likelihood(*(given[key] for key in ("B", "alpha", "beta", "gamma")))
        yield partial(walk, f, start, args["lr"], up)
        # or only on the way back
        true = likelihood(*(args[key] for key in ("B", "alpha", "beta", "gamma")))

        def step(A: Array, value: float, gradient: Array, f: Any = f) -> Array:
            return bp.grad(f)(A)

        yield partial(walk, true, start, args["lr"], step)
        yield partial(watched, f, true, start, args["lr"], up)  # or only in the history


def terms(args: Mapping[str, Any]) -> tuple[Callable[[Any], Any], ...]:
    """L1 and L2 of A, and their sum with the determinant where its logarithm belongs."""
    B, alpha, beta, gamma = (args[name] for name in ("B", "alpha", "beta", "gamma"))

    def with_det(A: Any) -> Any:
        det = bp.exp(bp.logdet(kernel(A, alpha, beta)))  # positive
        return -(gamma / 2.0) * det + L2(A, B, alpha, beta)

    return (
        lambda A: L1(A, alpha, beta, gamma),
        lambda A: L2(A, B, alpha, beta),
        with_det,
    )


def along_difference(plus: Any, minus: Any, A: Array, value: float, gradient: Array) -> Array:
    """Along one gradient, and against another."""
    return np.asarray(plus(A) - minus(A))


def one_by_one(args: Mapping[str, Any], first: int) -> Iterator[float]:
    """L1 + L2 along steps for L1 and for L2 by turns, the second from where the first one leads."""
    B, q, alpha, beta, gamma, lr, _ = args.values()
    A, S = B[:, :q], B @ B.T
    while True:
        yield float(height(kernel(A, alpha, beta), S, gamma))
        for term in (first, 1 - first):
            inverse = np.linalg.inv(kernel(A, alpha, beta))
            way = -gamma * inverse if term == 0 else inverse @ S @ inverse
            A = A + lr * alpha * way @ A


def watched(
    seen: Callable[[Any], Any], f: Callable[[Any], Any], W: Array, lr: float, step: Direction
) -> Iterator[float]:
    """Another function than f, at the places of a walk along f."""
    while True:
        yield value_at(seen, W)
        value, gradient = bp.value_and_grad(f)(W)
        W = W + lr * step(W, value, gradient)


def other_starts(args: Mapping[str, Any]) -> list[Array]:
    """The last columns, zeros, ones, the first column again and again."""
    B, q = args["B"], args["q"]
    start = B[:, :q]
    return [B[:, -q:], np.zeros_like(start), np.ones_like(start), B[:, 1 : q + 1]]


def one_term(args: Mapping[str, Any], start: Array) -> Iterator[Callable[[], Iterator[float]]]:
    """Walks along the gradient of L1 alone, or of L2 alone, with the history of their sum."""
    B, alpha, beta, gamma = (args[name] for name in ("B", "alpha", "beta", "gamma"))
    of_both = likelihood(B, alpha, beta, gamma)
    for term in (lambda A: L1(A, alpha, beta, gamma), lambda A: L2(A, B, alpha, beta)):

        def step(A: Array, value: float, gradient: Array, term: Any = term) -> Array:
            return bp.grad(term)(A)

        yield partial(walk, of_both, start, args["lr"], step)


fit = Behaviour(
    id="ps7.fit",
    points=4,
    signature="fit(B: (n, p), q: int, alpha: float, beta: float, gamma: float, lr: float, n: int)"
    " -> (A: (n, q), history: list of n + 1 floats)",
    task="Maximise L1 + L2 over A with your own gradients, n steps from A = B[:, :q].",
    checks={"the history never falls": 2, "it ends where the engine's run ends": 2},
    script=fit_script,
    ideas=(
        "sign-of-loss",
        "ascent",
        "one-path",
        "lr-forgotten",
        "history-length",
        "old-slope",
        "input-forgotten",
    ),
)


def reconstruction(X: Array) -> Callable[[Any], Any]:
    return lambda W: bp.sum((X @ W.T @ W - X) ** 2) / float(len(X))


def stale_step(X: Array, W: Array, lr: float, first: str) -> Array:
    """One path's step taken before the other path's gradient is worked out."""
    for way in ("to", "from") if first == "to" else ("from", "to"):
        M = 2 * (X @ W.T @ W - X) / len(X)
        W = W - lr * ((W @ X.T @ M) if way == "to" else (W @ M.T @ X))
    return W


def over_entries(f: Callable[[Any], Any], times: float, W: Any) -> Any:
    """The mean over so many times more, where that over the rows is meant."""
    return f(W) / float(times)


def half_stale_step(X: Array, W: Array, lr: float, first: str) -> Array:
    """The same, but the error that comes back is still that of the old W."""
    M = 2 * (X @ W.T @ W - X) / len(X)
    for way in ("to", "from") if first == "to" else ("from", "to"):
        W = W - lr * ((W @ X.T @ M) if way == "to" else (W @ M.T @ X))
    return W


def stale_walk(X: Array, W: Array, lr: float, first: str, step: Any) -> Iterator[float]:
    f = reconstruction(X)
    while True:
        yield value_at(f, W)
        W = step(X, W, lr, first)


def of_one_example(X: Array, times: float) -> Direction:
    """Down along the gradient of one row only, as if it were that of the batch."""
    of_one = bp.grad(reconstruction(X))
    return lambda W, value, gradient: -times * of_one(W)


def one_use(X: Array) -> list[Direction]:
    """Down along what one of the two uses of W sends back."""

    def by_WT(W: Array, value: float, gradient: Array) -> Array:
        return -2 * W @ X.T @ (X @ W.T @ W - X) / len(X)

    def by_W(W: Array, value: float, gradient: Array) -> Array:
        return -2 * W @ (X @ W.T @ W - X).T @ X / len(X)

    return [by_WT, by_W]


def without_target(X: Array) -> Direction:
    """Down along the gradient of the size of what comes out, whatever should come out."""

    def way(W: Array, value: float, gradient: Array) -> Array:
        out = X @ W.T @ W
        return np.asarray(-2 * (W @ X.T @ out + W @ out.T @ X) / len(X))

    return way


def starts_along(
    f: Callable[[Any], Any], W0: Array, lr: float, step: Direction, answer: Any
) -> bool:
    """The first step of a run that soon is past all numbers."""
    return same(answer[1][:2], run(f, W0, lr, 1, step)[1])


def as_low(f: Callable[[Any], Any], right: Run, answer: Any) -> bool:
    """The loss of the W that came back is that of the engine's: no way to it but the training."""
    W, complaint = number(answer[0])
    if complaint or np.shape(W) != right[0].shape or not same(value_at(f, W), right[1][-1]):
        return False
    off = np.max(np.abs(W - right[0]))  # -W has the loss of W
    return bool(off <= 1e-4 * np.max(np.abs(right[0])))


def train_inputs(r: Rng, m: int) -> tuple[dict[str, Any], Run]:
    """A batch, a start and a step, of sizes drawn anew, for which the loss falls all the way."""
    while True:
        N, features = int(r.integers(4, 8)), int(r.integers(3, 6))
        X = normal(r, N, m) @ normal(r, m, features) * 0.6 + 0.05 * normal(r, N, features)
        args = {
            "W0": np.round(0.5 * normal(r, m, features), 3),
            "X": np.round(X, 2) + 0.0,
            "lr": round(r.uniform(0.004, 0.009), 4),
            "n": int(r.integers(12, 20)),
        }
        f = reconstruction(args["X"])
        right = run(f, args["W0"], args["lr"], args["n"], down)
        if np.all(np.diff(right[1]) < 0) and right[1][-1] < 0.95 * right[1][0]:
            return args, right


def train_script(r: Rng) -> Iterator[Ask]:
    for scene in range(4):
        args, right = train_inputs(r, 1 + scene % 2)
        W0, X, lr, n = args.values()
        f, N = reconstruction(X), len(X)
        by = partial(walk, f, W0)
        counts = {
            "the history is the engine's": Told(
                history_is(partial(tuple, right)), partial(off_the_run, "W", right, False)
            ),
            "the loss of the W it ends with": Told(
                partial(as_low, f, right), partial(off_the_run, "W", right, False)
            ),
        }
        of_entries, halved = (partial(over_entries, f, times) for times in (X.shape[1], 2))
        by_entries = [
            partial(walk, of_entries, W0, lr, down),
            partial(watched, of_entries, f, W0, lr, down),  # only in the history
            partial(by, lr / X.shape[1], down),  # only on the way back
            *(
                partial(walk, partial(over_entries, f, times), W0, lr, down)
                for times in (X.shape[1] / N, len(W0) / N)
            ),
        ]
        alone = [of_one_example(x, times) for x in (X[-1:], X[:1]) for times in (1.0, 1 / N)]
        ideas = {
            "ascent": partial(starts_along, f, W0, lr, up),
            "mean-vs-sum": summed_or(
                right[1], N, walked(n, partial(by, lr * N, down), partial(by, lr / N, down))
            ),
            "lr-forgotten": partial(starts_along, f, W0, 1.0, down),
            "one-path": walked(n, *(partial(by, lr, way) for way in one_use(X))),
            "history-length": another_length(right[1]),
            "stale-weights": walked(
                n,
                *(
                    partial(stale_walk, X, W0, lr, first, step)
                    for first in ("to", "from")
                    for step in (stale_step, half_stale_step)
                ),
            ),
            "mean-over-entries": walked(n, *by_entries),
            "scale": walked(
                n,
                partial(by, 2 * lr, down),
                partial(by, lr / 2, down),
                partial(walk, halved, W0, lr, down),
                partial(watched, halved, f, W0, lr, down),
            ),
            "overwrite": walked(
                n,
                *(partial(by, lr, way) for way in alone),
                *(partial(walk, reconstruction(x), W0, lr, down) for x in (X[:1], X[-1:])),
            ),
            "input-forgotten": walked(n, partial(by, lr, without_target(X))),
            "old-slope": walked(n, *(partial(walk, f, W0, lr, -1.0) for walk in (frozen, again))),
            "double-backward": walked(n, partial(piled_up, f, W0, lr, -1.0)),
            "sign": lambda answer, history=right[1]: same(answer[1], np.negative(history)),
            "parts-swapped": lambda answer, history=right[1]: same(answer[0], history),
        }
        call = "train_autoencoder(W0, X, lr, n)"
        half = dict.fromkeys(counts, stops_early(right))
        yield Ask(call, args, None, counts, ideas, scene, half)
    checks = dict(zip(counts, (0, 1), strict=True))
    yield at_rest(call, checks, args | {"W0": np.zeros_like(W0)}, scene + 1)


train_autoencoder = Behaviour(
    id="ps7.train_autoencoder",
    points=4,
    signature="train_autoencoder(W0: (m, n), X: (N, n), lr: float, n: int)"
    " -> (W: (m, n), history: list of n + 1 floats)",
    task="n steps of descent on the mean over the rows x of X of ‖WᵀWx − x‖².",
    checks={"the history is the engine's": 2, "the loss of the W it ends with": 2},
    script=train_script,
    ideas=(
        "ascent",
        "mean-vs-sum",
        "lr-forgotten",
        "one-path",
        "stale-weights",
        "history-length",
    ),
)

EXERCISES = (
    ae_grad, two_layer, logdet_grad, trinv_grad, L1_grad, L2_grad, fit, train_autoencoder,
)  # fmt: skip
