"""Problem set 2, gates and forks: distributor, switcher, router, and gradients that meet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.judge.exercise import Exercise, Inputs, Rng, Values, away, turned, turns, uniform


def f_of(x: Any, y: Any, z: Any) -> Any:
    q = (x + y).named("q")
    return (q * z).named("f")


GATES = ("f", "q", "z", "x", "y")

gate_gradients = Exercise(
    id="ps2.gate_gradients",
    points=2,
    signature="gate_gradients = {'f': df/df, 'q': df/dq, 'z': df/dz, 'x': df/dx, 'y': df/dy}",
    task="q = x + y, f = qz at x = −2, y = 5, z = −4: all gradients, by hand.",
    fixed={"x": -2.0, "y": 5.0, "z": -4.0},
    forward=f_of,
    wrt=GATES,
    returns=GATES,
    form="dict",
    wrong={"input-forgotten": lambda x, y, z: [{"z": x}, {"z": y}]},
    ideas=("add-splits", "mul-not-switched", "upstream-only"),
)


def neuron_gates(w0: Any, x0: Any, w1: Any, x1: Any, w2: Any) -> Any:
    m0, m1 = (w0 * x0).named("m0"), (w1 * x1).named("m1")
    s = (m0 + m1).named("s")
    dot = (s + w2).named("dot")
    neg = (-dot).named("neg")
    ex = bp.exp(neg).named("ex")
    den = (1.0 + ex).named("den")
    return 1.0 / den


TABLE = ("den", "ex", "neg", "dot", "s", "m0", "m1", "w0", "x0", "w1", "x1", "w2")


def fused(slope: Any) -> Any:
    """The table of somebody who takes slope(f) for the sigmoid's slope, from dot on."""

    def answers(w0: float, x0: float, w1: float, x1: float, w2: float) -> list[Values]:
        ex = math.exp(-(w0 * x0 + w1 * x1 + w2))
        f = 1 / (1 + ex)
        g = slope(f)
        on = {"den": -f * f, "ex": -f * f, "neg": -f * f * ex}
        here = {"dot": g, "s": g, "m0": g, "m1": g, "w2": g}
        return [on | here | {"w0": g * x0, "x0": g * w0, "w1": g * x1, "x1": g * w1}]

    return answers


def sigmoid_slopes(**inputs: float) -> list[Values]:
    return [*fused(lambda f: f)(**inputs), *fused(lambda f: 1 - f)(**inputs)]


sigmoid_table = Exercise(
    id="ps2.sigmoid_table",
    points=4,
    signature="sigmoid_table = {'den': df/dden, 'ex': df/dex, …, 'w2': df/dw2}",
    task="f = σ(w0 x0 + w1 x1 + w2), gate by gate, at w = [2, −3, −3], x = [−1, −2].",
    fixed={"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0},
    forward=neuron_gates,
    wrt=TABLE,
    returns=TABLE,
    form="dict",
    tolerance=0.006,
    wrong={"sigmoid-prime": sigmoid_slopes},
    ideas=("exp-minus", "recip-minus", "output-for-input", "sigmoid-prime"),
)


def without_the_bias(w: Any, x: Any) -> list[Values]:
    f = bp.sigmoid(w[0] * x[0] + w[1] * x[1])
    slope = f * (1 - f)
    return [{"dw": slope * np.array([*x, 1.0]), "dx": slope * w[:2]}]


grad_neuron = Exercise(
    id="ps2.grad_neuron",
    points=3,
    signature="grad_neuron(w: (3,), x: (2,)) -> (dw: (3,), dx: (2,))",
    task="f = σ(w0 x0 + w1 x1 + w2), as one gate. Return its gradients.",
    inputs=lambda r, trial: {"w": away(r, 0.3, 0.99, 3), "x": away(r, 0.3, 0.99, 2)},
    forward=lambda w, x: bp.sigmoid(w[0] * x[0] + w[1] * x[1] + w[2]),
    wrt=("w", "x"),
    wrong={"input-forgotten": without_the_bias},
    ideas=("sigmoid-prime", "output-for-input", "mul-not-switched", "no-upstream"),
)


def circuit_inputs(r: Rng, trial: int) -> Inputs:
    """z and w are of one sign: where both are negative, the larger one is the smaller in size.

    They are in three of six trials, and in each half of them either is the larger. xy is larger
    than both in three trials, and smaller in the others: who compares with it is found out. So is
    who rounds or cuts them before: either is the larger in a trial where they tie then.
    """
    x, y = turns(trial, 1) * uniform(r, 2.6, 4), uniform(r, 2.6, 4)
    y *= 1 if (x > 0) == (trial in (0, 3, 4)) else -1
    z, gap = turns(trial) * uniform(r, 2.1, 4), uniform(r, 0.3, 2)
    if trial < 2:  # both between 2 and 2.5
        z, gap = (uniform(r, 2.41, 2.48), 0.4) if trial == 0 else (uniform(r, 2.02, 2.09), 0.4)
    return {"x": x, "y": y, "z": z, "w": round(z + (gap if trial % 2 else -gap), 2)}


grad_circuit = Exercise(
    id="ps2.grad_circuit",
    points=3,
    signature="grad_circuit(x: float, y: float, z: float, w: float)"
    " -> (dx: float, dy: float, dz: float, dw: float)",
    task="f = 2(xy + max(z, w)); z and w never tie. Return its gradients.",
    inputs=circuit_inputs,
    forward=lambda x, y, z, w: 2.0 * (x * y + bp.maximum(z, w)),
    wrt=("x", "y", "z", "w"),
    ideas=("max-routes-both", "scale-node-skipped", "mul-not-switched"),
    inseparable={
        "no-upstream": "forgetting the 2 and sending back nothing but slopes give one number",
        "add-splits": "forgetting the 2 and splitting it in half give one number",
    },
)


def two_branches(s: Any) -> Any:
    via_x, via_y = (1.0 * s).named("via_x"), (1.0 * s).named("via_y")
    x, y = (via_x**2).named("x"), (3.0 * via_y).named("y")
    return x * y


branches = Exercise(
    id="ps2.branches",
    points=3,
    signature="branches(s: float) -> (via_x: float, via_y: float, total: float)",
    task="x = s², y = 3s, z = xy. Return the product along each path, and dz/ds.",
    inputs=lambda r, trial: turned(r, trial, 1.1, 2.5, "s"),
    forward=two_branches,
    wrt=("via_x", "via_y", "s"),
    returns=("via_x", "via_y", "total"),
    # the difference of 6s² and 3s² is one of the two: both ideas are told
    wrong={"paths-combined-wrong": lambda s: [{"total": 3 * s * s}, {"total": -3 * s * s}]},
    ideas=("overwrite", "one-path", "paths-combined-wrong"),
)


def staged(x: Any, y: Any) -> Any:
    sx, sy = bp.sigmoid(x), bp.sigmoid(y)
    return (x + sy) / (sx + (x + y) ** 2)


grad_staged = Exercise(
    id="ps2.grad_staged",
    points=4,
    signature="grad_staged(x: float, y: float) -> (dx: float, dy: float)",
    task="f = (x + σ(y)) / (σ(x) + (x + y)²). Return its gradients, stage by stage.",
    inputs=lambda r, trial: turned(r, trial, 1, 3, "x", "y"),
    forward=staged,
    wrt=("x", "y"),
    ideas=("overwrite", "recip-minus", "one-path", "sigmoid-prime"),
)

EXERCISES = (
    gate_gradients, sigmoid_table, grad_neuron, grad_circuit, branches, grad_staged,
)  # fmt: skip
