"""Problem set 7, two matrix networks, log det and the trace of an inverse."""

from __future__ import annotations

import backpropkit as bp
from autograder.exercise import Exercise, nonsym

logdet_grad = Exercise(
    id="ps7.logdet_grad",
    points=3,
    signature="logdet_grad(X: (n, n)) -> dX: (n, n)",
    task="f = log |det X|, and X is not symmetric. Return ∂f/∂X.",
    inputs=lambda r, trial: {"X": nonsym(r, 2 + trial % 2)},
    forward=lambda X: bp.logdet(X),
    wrt=("X",),
    form="alone",
    near={("dX", "inv-transpose"): 1},
    names=("inv-transpose", "det-not-logdet", "hadamard", "sym-doubling"),
)

trinv_grad = Exercise(
    id="ps7.trinv_grad",
    points=4,
    signature="trinv_grad(X: (n, n), C: (n, n)) -> (dX: (n, n), dC: (n, n))",
    task="f = tr(X⁻¹C), and neither X nor C is symmetric. Return both gradients of f.",
    inputs=lambda r, trial: {"X": nonsym(r, 3), "C": nonsym(r, 3)},
    forward=lambda X, C: bp.trace(bp.inv(X) @ C),
    wrt=("X", "C"),
    credit=(3, 1),
    near={("dX", "recip-minus"): 1.5, ("dX", "sign"): 1.5, ("dX", "transpose"): 1.5},
    names=("recip-minus", "inverse-commuted", "transpose"),
)

EXERCISES = (logdet_grad, trinv_grad)
