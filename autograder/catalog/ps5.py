"""Problem set 5, neurons and sums over paths; weights are called w_{layer, to, from}."""

from __future__ import annotations

from typing import Any

import numpy as np

import backpropkit as bp
from autograder.judge.exercise import Exercise, Inputs, Rng, Values, away, turned, turns, uniform

Array = Any


def penalised(w: Any, b: Any, x: Any, t: Any, beta: Any) -> Any:
    y = bp.sigmoid(w * x + b)
    return 0.5 * (y - t) ** 2 + beta * (0.5 * w**2)


def penalty_astray(w: float, b: float, x: float, t: float, beta: float) -> list[Values]:
    """The penalty alone, doubled, halved, or handed to b."""
    y = bp.sigmoid(w * x + b)
    g = (y - t) * y * (1 - y)
    data, penalty = g * x, beta * w
    by_w = [data, penalty, data + 2 * penalty, data + penalty / 2, data + beta]
    by_b = [{"dw": data, "db": g + beta * b}, {"dw": data, "db": g + penalty}]
    by_b += [{"dw": (g * (x + penalty))}, {"dx": g * w + penalty}, {"dx": g * w + beta * x}]
    by_b += [{"dw": (g + penalty) * x, "db": g + penalty, "dx": (g + penalty) * w}]
    return [*({"dw": dw} for dw in by_w), *by_b, {"db": g + beta * b}, {"db": g + penalty}]


grad_reg = Exercise(
    id="ps5.grad_reg",
    points=4,
    signature="grad_reg(w: float, b: float, x: float, t: float, beta: float)"
    " -> (dw: float, db: float, dx: float)",
    task="z = wx + b, y = σ(z), L = ½(y − t)² + β·½w². Return its gradients.",
    inputs=lambda r, trial: {
        "w": turns(trial) * uniform(r, 0.5, 1.5),
        "b": turns(trial, 1) * uniform(r, 0.2, 0.5),
        "x": turns(trial, 2) * uniform(r, 0.7, 2),
        "t": float(trial % 2),
        "beta": uniform(r, 0.2, 0.6),
    },
    forward=penalised,
    wrt=("w", "b", "x"),
    credit=(2, 1, 1),
    wrong={"reg-path": penalty_astray},
    ideas=("reg-path", "sigmoid-prime", "sign", "scale"),
)


def two_neurons(w1: Any, w2: Any, x: Any) -> Any:
    h1 = bp.sigmoid(w1 * x)
    h2 = bp.sigmoid(w2 * h1)
    return -bp.log(h2)


grad_two = Exercise(
    id="ps5.grad_two",
    points=3,
    signature="grad_two(w1: float, w2: float, x: float) -> (dw1: float, dw2: float)",
    task="h1 = σ(w1 x), h2 = σ(w2 h1), L = −log h2. Return its gradients.",
    inputs=lambda r, trial: turned(r, trial, 0.4, 1.5, "w1", "w2", "x"),
    forward=two_neurons,
    wrt=("w1", "w2"),
    ideas=("recip-minus", "sigmoid-prime", "no-upstream"),
)


def net_inputs(r: Rng, trial: int) -> Inputs:
    """A net whose outputs are not close to their targets: a difference of nearly equal numbers
    would tell more about rounding than about gradients.

    Of three hidden units two go up, or down, by turns: who lets through only those that are
    positive has most of the numbers in some trials and few in others, on every seed. So do those
    who let through only what pulls one way.
    """
    while True:
        d = {
            "W1": away(r, 0.3, 0.99, 3, 2),
            "W2": away(r, 0.3, 0.99, 2, 3),
            "x": away(r, 0.5, 1.5, 2),
            "t": uniform(r, 0.2, 0.8, 2),
        }
        z = d["W1"] @ d["x"]
        y = bp.sigmoid(d["W2"] @ bp.sigmoid(z))
        pulls = d["W2"].T @ ((y - d["t"]) * y * (1 - y))
        by_turns = most_are(turns(trial), z) and most_are(turns(trial, 1), pulls)
        if by_turns and np.abs(y - d["t"]).min() > 0.05:
            return d


def most_are(sign: int, numbers: Array) -> bool:
    """More of the numbers are of this sign than of the other."""
    return bool(sign * np.sum(np.sign(numbers)) > 0)


def net(W1: Any, W2: Any, x: Any, t: Any) -> Any:
    h = bp.sigmoid(W1 @ x).named("h")
    y = bp.sigmoid(W2 @ h).named("y")
    return 0.5 * bp.sum((y - t) ** 2)


NET = "W1: (3, 2), W2: (2, 3), x: (2,), t: (2,)"

dw212 = Exercise(
    id="ps5.dw212",
    points=2,
    signature=f"dw212({NET}) -> dw212: float",
    task="h = σ(W1 x), y = σ(W2 h), L = ½Σ(y − t)². Return ∂L/∂w_{2,1,2}: layer 2, to 1, from 2.",
    inputs=net_inputs,
    forward=net,
    wrt=(("W2", 0, 1),),
    returns=("dw212",),
    form="alone",
    ideas=("index-order", "scale-node-skipped", "no-upstream", "sigmoid-prime"),
)


def net_by_outputs(W1: Any, W2: Any, x: Any, t: Any) -> Any:
    """The same net with a copy of W1 for each output: one path of w_{1,3,1} runs through each."""
    to_y1, to_y2 = (1.0 * W1).named("to_y1"), (1.0 * W1).named("to_y2")
    y1 = bp.sigmoid(W2[0] @ bp.sigmoid(to_y1 @ x).named("h")).named("y1")
    y2 = bp.sigmoid(W2[1] @ bp.sigmoid(to_y2 @ x).named("h")).named("y2")
    return 0.5 * (y1 - t[0]) ** 2 + 0.5 * (y2 - t[1]) ** 2


def other_weights(W1: Array, W2: Array, x: Array, t: Array) -> list[Values]:
    """Another weight of the second layer than that from the third unit to the path's own output."""
    h = bp.sigmoid(W1 @ x)
    y = bp.sigmoid(W2 @ h)
    slope = (y - t) * y * (1 - y) * h[2] * (1 - h[2]) * x[0]
    return [
        {f"via_y{k + 1}": float(slope[k] * W2[entry])}
        for k in (0, 1)
        for entry in np.ndindex(2, 3)
        if entry != (k, 2)
    ]


paths_w131 = Exercise(
    id="ps5.paths_w131",
    points=4,
    signature=f"paths_w131({NET}) -> (via_y1: float, via_y2: float, total: float)",
    task="The same net: what reaches w_{1,3,1} through y1, through y2, and ∂L/∂w_{1,3,1}.",
    inputs=net_inputs,
    forward=net_by_outputs,
    wrt=(("to_y1", 2, 0), ("to_y2", 2, 0), ("W1", 2, 0)),
    returns=("via_y1", "via_y2", "total"),
    credit=(1.5, 1.5, 1),
    wrong={"index-order": other_weights},
    ideas=(
        "overwrite",
        "one-path",
        "path-twice",
        "paths-combined-wrong",
        "output-for-input",
        "index-order",
    ),
)


def softmax_inputs(r: Rng, trial: int) -> Inputs:
    while True:
        d = net_inputs(r, trial)
        d["t"] = np.array([d["t"][0], round(1 - d["t"][0], 2)])
        p = bp.softmax(d["W2"] @ bp.sigmoid(d["W1"] @ d["x"]))
        if np.abs(p - d["t"]).min() > 0.05:
            return d


def softmax_net(W1: Any, W2: Any, x: Any, t: Any) -> Any:
    p = bp.softmax(W2 @ bp.sigmoid(W1 @ x).named("h")).named("p")
    return -bp.sum(t * bp.log(p))


def softmax_paths(W1: Array, W2: Array, x: Array, t: Array) -> list[Values]:
    """Some of the four paths: through one probability j and one score k, or all of one score's."""
    h = bp.sigmoid(W1 @ x)
    p = bp.sigmoid(np.array([1.0, -1.0]) * np.diff(-(W2 @ h)))
    slope = h[2] * (1 - h[2]) * x[0]
    cross = (np.eye(2) - p) * -t[:, None]  # through probability j to score k
    one = [cross[j, k] * W2[k, 2] * slope for j in (0, 1) for k in (0, 1)]
    score = [(p[k] - t[k]) * W2[k, 2] * slope for k in (0, 1)]
    probability = [cross[j] @ W2[:, 2] * slope for j in (0, 1)]
    return [{"dw131": value} for value in (*score, *probability, *one)]


def without_cross_terms(W1: Array, W2: Array, x: Array, t: Array) -> list[Values]:
    """p - t, for a p that only its own score moves, or once more through the own score's slope."""
    h = bp.sigmoid(W1 @ x)
    slope = h[2] * (1 - h[2]) * x[0]
    s = W2 @ h
    p, alone, raw = np.exp(s) / np.exp(s).sum(), bp.sigmoid(s), np.exp(s)
    back = [alone - t, raw - t, (p - t) * p * (1 - p), (alone - t) * alone * (1 - alone)]
    return [{"dw131": float(ds @ W2[:, 2] * slope)} for ds in back]


def other_columns(W1: Array, W2: Array, x: Array, t: Array) -> list[Values]:
    """Other weights of the second layer than those that come from the third unit."""
    h = bp.sigmoid(W1 @ x)
    ds = np.exp(W2 @ h) / np.exp(W2 @ h).sum() - t
    weights = [W2[:, 0], W2[:, 1], W2[0, :2], W2[1, :2], W2[0, 1:], W2[1, 1:]]
    return [{"dw131": float(ds @ w * h[2] * (1 - h[2]) * x[0])} for w in weights]


dw131_softmax = Exercise(
    id="ps5.dw131_softmax",
    points=4,
    signature=f"dw131_softmax({NET}) -> dw131: float",
    task="h = σ(W1 x), p = softmax(W2 h), L = −Σ t log p. Return ∂L/∂w_{1,3,1}.",
    inputs=softmax_inputs,
    forward=softmax_net,
    wrt=(("W1", 2, 0),),
    returns=("dw131",),
    form="alone",
    wrong={
        "one-path": softmax_paths,
        "softmax-diagonal": without_cross_terms,
        "index-order": other_columns,
    },
    ideas=("softmax-diagonal", "one-path", "sign"),
)

grads_net = Exercise(
    id="ps5.grads_net",
    points=4,
    signature=f"grads_net({NET}) -> (dW1: (3, 2), dW2: (2, 3))",
    task="h = σ(W1 x), y = σ(W2 h), L = ½Σ(y − t)². All weights at once, no loops over paths.",
    inputs=net_inputs,
    forward=net,
    wrt=("W1", "W2"),
    ideas=("operand-transpose", "sigmoid-prime", "stale-weights"),
)

EXERCISES = (grad_reg, grad_two, dw212, paths_w131, dw131_softmax, grads_net)
