"""THE TABLE: every op is one row: its forward, its gradient rule, what that rule reads, how it gates.

A gradient rule gets the incoming gradient g, the result y and the arguments, and returns one
contribution for each argument. It is written once, with operators and the functions of functions.py:
given arrays it computes the gradient, given Nodes it builds the gradient's graph. Shapes that
broadcasting changed are put right after the rule, by `fit`, for all rows alike.

Names follow the Matrix Cookbook (Petersen and Pedersen, 2012) where a formula number is given.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .functions import (
    cos,
    diag,
    exp,
    fit,
    flip,
    inv,
    log,
    log_softmax,
    ndim,
    outer,
    reshape,
    scatter,
    shape_of,
    sigmoid,
    sign,
    sin,
    solve,
    sum,
    transpose,
    where,
)
from .node import FORWARDS, GRADIENTS, TABLE, UFUNCS, Op

LN2 = math.log(2.0)


# How forwards compute what NumPy does not offer as it stands.


def on_floats(number: Callable[[float], float], array: Callable[..., Any]) -> Callable[[Any], Any]:
    """A forward that uses `number` for a float (ten times faster than NumPy) and `array` otherwise."""

    def forward(x: Any) -> Any:
        if x.__class__ is float:
            try:
                return number(x)
            except OverflowError:  # NumPy's answer, on floats too
                return math.inf
        return array(x)

    return forward


def log_of_float(x: float) -> float:
    return math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan)


def sigmoid_of_float(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def sigmoid_of_array(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1.0, small) / (1.0 + small)


def softplus_of_float(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def power_of(x: Any, n: float) -> Any:
    y = x**n
    if y.__class__ is complex:
        raise ValueError(f"a negative number has no real power {n}")
    return y


def square(a: Any) -> Any:
    """a itself, if it is a square matrix; LinAlgError otherwise."""
    if np.ndim(a) != 2 or np.shape(a)[0] != np.shape(a)[1]:
        raise np.linalg.LinAlgError(f"a square matrix is needed, this has shape {np.shape(a)}")
    return a


def logdet_of(a: Any, spd: bool) -> Any:
    sign_of_det, logabs = np.linalg.slogdet(square(a))
    if sign_of_det == 0:
        raise np.linalg.LinAlgError("the matrix is singular, its determinant is 0")
    return logabs


def sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    """x summed over the axes that broadcasting from `shape` added or stretched."""
    x = np.sum(x, axis=tuple(range(np.ndim(x) - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and x.shape[i] != 1)
    return np.sum(x, axis=stretched, keepdims=True) if stretched else x


def scatter_of(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape)
    np.add.at(out, index, g)
    return out


def logsumexp_of(x: Any, axis: Any, keepdims: bool) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    y = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return y if keepdims else np.squeeze(y, axis=axis)


def softmax_of(x: Any, axis: int) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax_of(x: Any, axis: int) -> Any:
    x = x - np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


def cross_entropy_of(scores: Any, target: Any) -> Any:
    if np.shape(scores) != np.shape(target):
        raise ValueError(f"scores {np.shape(scores)} and target {np.shape(target)} differ in shape")
    return -np.sum(target * log_softmax_of(scores, -1)) / rows_of(scores)


def rows_of(scores: Any) -> float:
    """How many rows a cross-entropy averages over."""
    *before, _ = shape_of(scores)
    return float(math.prod(before))


# Pieces of gradient rules, for arrays and Nodes alike.


def spread(g: Any, a: Any, axis: Any) -> Any:
    """g, shaped like a reduction of a, spread back over a."""
    if axis is None:
        return fit(g, shape_of(a))
    gone = {i % ndim(a) for i in (axis if isinstance(axis, tuple) else (axis,))}
    kept = tuple(1 if i in gone else n for i, n in enumerate(shape_of(a)))
    return fit(reshape(g, kept), shape_of(a))


def tied(a: Any, y: Any, axis: Any) -> Any:
    """1/k on the k entries of a that equal the extreme y, 0 elsewhere."""
    at_top = 1.0 * (a >= spread(y, a, axis))
    return at_top / spread(sum(at_top, axis=axis), a, axis)


def matmul_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """D = ab has ∂a = g bᵀ and ∂b = aᵀ g; a vector is a matrix of one row or one column."""
    if ndim(a) == 1 and ndim(b) == 1:
        return g * b, g * a
    if ndim(b) == 1:
        return outer(g, b), flip(a) @ g
    if ndim(a) == 1:
        return b @ g, outer(a, g)
    return g @ flip(b), flip(a) @ g


def solve_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """y = a⁻¹b: ∂b = a⁻ᵀ g and ∂a = −∂b yᵀ (Matrix Cookbook (59), (61))."""
    of_b = solve(a.T, g)
    return -(outer(of_b, y) if ndim(y) == 1 else of_b @ y.T), of_b


def concatenate_gradient(g: Any, y: Any, *parts: Any, axis: int) -> tuple[Any, ...]:
    ends = np.cumsum([0] + [shape_of(p)[axis] for p in parts])
    before = (slice(None),) * (axis % ndim(g))
    return tuple(g[(*before, slice(int(i), int(j)))] for i, j in pairwise(ends))


def op(name: str, forward: Callable[..., Any], gradient: Callable[..., Any], **row: Any) -> None:
    """Enter one row."""
    TABLE[name] = Op(name, forward, gradient, **row)
    FORWARDS[name], GRADIENTS[name] = forward, gradient


NOTHING = "blocks"  # the gate pattern of flat ops

# fmt: off
# arithmetic
op("add", operator.add, lambda g, y, a, b: (g, g),            gate="distributor", symbol="+", source="{0} + {1}", binds=1)
op("sub", operator.sub, lambda g, y, a, b: (g, -g),           gate="distributor", symbol="−", source="{0} - {1}", binds=1)
op("mul", operator.mul, lambda g, y, a, b: (g * b, g * a),    gate="switcher", saves="ab", symbol="×", source="{0} * {1}", binds=2)
op("div", operator.truediv, lambda g, y, a, b: (g / b, -g * y / b), saves="by", symbol="÷", source="{0} / {1}", binds=2)
op("neg", operator.neg,       lambda g, y, a: (-g,),                gate="flips the sign", symbol="× −1", source="-{0}", binds=3)
op("power", lambda a, n: power_of(a, n), lambda g, y, a, n: (g * (n * a ** (n - 1)) if n else g * 0.0,), saves="a", symbol="xⁿ", source="{0} ** {n}", binds=4)
op("pow", lambda a, b: power_of(a, b),
   lambda g, y, a, b: (g * (b * a ** (b - 1.0)), g * (y * log(where(a * a <= 0.0, 1.0, a)))), saves="aby", symbol="xʸ", source="{0} ** {1}", binds=4)

# functions of one variable, entry by entry
op("exp",  on_floats(math.exp, np.exp),     lambda g, y, a: (g * y,),         saves="y", symbol="exp", source="np.exp")
op("exp2", on_floats(lambda a: 2.0**a, np.exp2), lambda g, y, a: (g * (y * LN2),), saves="y", symbol="2ˣ", source="2.0 ** {0}", binds=4)
op("log",  on_floats(log_of_float, np.log), lambda g, y, a: (g / a,),         saves="a", symbol="log", source="np.log")
op("sqrt", on_floats(lambda a: math.sqrt(a) if a >= 0 else math.nan, np.sqrt), lambda g, y, a: (g / (2.0 * y),), saves="y", symbol="√", source="np.sqrt")
op("sin",  on_floats(math.sin, np.sin),     lambda g, y, a: (g * cos(a),),    saves="a", symbol="sin", source="np.sin")
op("cos",  on_floats(math.cos, np.cos),     lambda g, y, a: (-g * sin(a),),   saves="a", symbol="cos", source="np.cos")
op("tanh", on_floats(math.tanh, np.tanh),   lambda g, y, a: (g * (1.0 - y * y),), saves="y", symbol="tanh", source="np.tanh")
op("abs",  abs,                             lambda g, y, a: (g * sign(a),),   saves="a", symbol="|x|", source="np.abs")
op("sign", lambda a: 1.0 * (a > 0) - 1.0 * (a < 0), lambda g, y, a: (None,),  gate=NOTHING, symbol="sign")
op("sigmoid",  on_floats(sigmoid_of_float, sigmoid_of_array), lambda g, y, a: (g * (y * (1.0 - y)),), saves="y", symbol="σ")
op("relu",     on_floats(lambda a: max(a, 0.0), lambda a: np.maximum(a, 0.0)), lambda g, y, a: (g * (a > 0),),   saves="a", gate="router", symbol="relu", source="np.maximum({0}, 0.0)")
op("swish",    lambda a: a * sigmoid(a),    lambda g, y, a: (g * (sigmoid(a) + y * (1.0 - sigmoid(a))),), saves="ay", symbol="swish")
op("softplus", on_floats(softplus_of_float, lambda a: np.logaddexp(0.0, a)), lambda g, y, a: (g * sigmoid(a),), saves="a", symbol="softplus")

# choosing; at a tie each side gets half
op("maximum", lambda a, b: np.maximum(a, b) if np.ndim(a) or np.ndim(b) else max(a, b),
   lambda g, y, a, b: (g * (0.5 * (a > b) + 0.5 * (a >= b)), g * (0.5 * (b > a) + 0.5 * (b >= a))), saves="ab", gate="router", symbol="max", source="np.maximum")
op("minimum", lambda a, b: np.minimum(a, b) if np.ndim(a) or np.ndim(b) else min(a, b),
   lambda g, y, a, b: (g * (0.5 * (a < b) + 0.5 * (a <= b)), g * (0.5 * (b < a) + 0.5 * (b <= a))), saves="ab", gate="router", symbol="min", source="np.minimum")
op("where", lambda c, a, b: np.where(c, a, b), lambda g, y, c, a, b: (None, where(c, g, 0.0), where(c, 0.0, g)), saves="a", gate="router", symbol="where", source="np.where")
op("greater",       lambda a, b: a > b,  lambda g, y, a, b: (None, None), gate=NOTHING, symbol=">", source="{0} > {1}", binds=0)
op("greater_equal", lambda a, b: a >= b, lambda g, y, a, b: (None, None), gate=NOTHING, symbol="≥", source="{0} >= {1}", binds=0)
op("less",          lambda a, b: a < b,  lambda g, y, a, b: (None, None), gate=NOTHING, symbol="<", source="{0} < {1}", binds=0)
op("less_equal",    lambda a, b: a <= b, lambda g, y, a, b: (None, None), gate=NOTHING, symbol="≤", source="{0} <= {1}", binds=0)

ENTRYWISE = frozenset(TABLE)  # every row so far works entry by entry

# reducing
op("sum",  lambda a, axis, keepdims: np.sum(a, axis=axis, keepdims=keepdims),
   lambda g, y, a, axis, keepdims: (spread(g, a, axis),), gate="distributor", symbol="Σ", source="np.sum")
op("mean", lambda a, axis, keepdims: np.mean(a, axis=axis, keepdims=keepdims),
   lambda g, y, a, axis, keepdims: (spread(g / (math.prod(shape_of(a)) / math.prod(shape_of(y))), a, axis),), gate="distributor", symbol="mean", source="np.mean")
op("max",  lambda a, axis, keepdims: np.max(a, axis=axis, keepdims=keepdims),
   lambda g, y, a, axis, keepdims: (spread(g, a, axis) * tied(a, y, axis),), saves="ay", gate="router", symbol="max", source="np.max")
op("logsumexp", logsumexp_of,
   lambda g, y, a, axis, keepdims: (spread(g, a, axis) * exp(a - spread(y, a, axis)),), saves="ay", symbol="log Σ exp")
op("norm2", lambda a: np.sqrt(np.sum(a * a)), lambda g, y, a: (g * a / (y + 1.0 * (y <= 0.0)),), saves="ay", symbol="‖x‖")

# moving entries about
op("reshape",     lambda a, shape: np.reshape(a, shape),       lambda g, y, a, shape: (reshape(g, shape_of(a)),), gate="moves", symbol="reshape", source="np.reshape")
op("transpose",   lambda a, axes: np.transpose(a, axes),       lambda g, y, a, axes: (transpose(g, axes and tuple(np.argsort(axes).tolist())),), gate="moves", symbol="ᵀ", source="{0}.T", binds=5)
op("getitem",     lambda a, index: a[index],                   lambda g, y, a, index: (scatter(g, index, shape_of(a)),), gate="moves", symbol="[ ]", source="{0}[{index}]", binds=5)
op("scatter",     scatter_of,                                  lambda g, y, a, index, shape: (g[index],), gate="moves", symbol="put")
op("stack",       lambda *a, axis: np.stack(a, axis=axis),     lambda g, y, *a, axis: tuple(g[(slice(None),) * (axis % ndim(g)) + (i,)] for i in range(len(a))), gate="moves", symbol="stack", source="np.stack")
op("concatenate", lambda *a, axis: np.concatenate(a, axis=axis), concatenate_gradient, gate="moves", symbol="concat", source="np.concatenate")
op("sum_to",       sum_to,                                     lambda g, y, a, shape: (g,), gate="distributor", symbol="Σ")
op("broadcast_to", lambda a, shape: np.broadcast_to(a, shape), lambda g, y, a, shape: (g,), gate="distributor", symbol="spread", source="np.broadcast_to")

# matrices
op("matmul", operator.matmul, matmul_gradient, saves="ab", gate="switcher", symbol="@", source="{0} @ {1}", binds=2)
op("outer",  lambda a, b: np.outer(a, b),            lambda g, y, a, b: (g @ b, a @ g),                  saves="ab", gate="switcher", symbol="u vᵀ", source="np.outer")
op("trace",  lambda a: np.trace(square(a)),          lambda g, y, a: (g * np.eye(shape_of(a)[0]),),         gate="distributor", symbol="tr", source="np.trace")
op("diag",   lambda a: np.diag(a if np.ndim(a) == 1 else square(a)), lambda g, y, a: (diag(g),),      gate="moves", symbol="diag", source="np.diag")
op("inv",    lambda a, spd: np.linalg.inv(square(a)), lambda g, y, a, spd: (-(y.T @ g @ y.T),),          saves="y", symbol="⁻¹", source="np.linalg.inv({0})")          # (60)
op("solve",  lambda a, b: np.linalg.solve(square(a), b), solve_gradient,                                 saves="ay", symbol="a⁻¹b", source="np.linalg.solve")
op("logdet", logdet_of,                              lambda g, y, a, spd: (g * inv(a, spd).T,),          saves="a", symbol="log|·|", source="np.linalg.slogdet({0})[1]")      # (57)
op("quadratic_form", lambda x, a: x @ a @ x,         lambda g, y, x, a: (g * (a @ x + a.T @ x), g * outer(x, x)), saves="ab", symbol="xᵀAx")  # (81)
op("softmax", softmax_of,  lambda g, y, a, axis: (y * (g - sum(g * y, axis=axis, keepdims=True)),),      saves="y", symbol="softmax")
op("log_softmax", log_softmax_of, lambda g, y, a, axis: (g - exp(y) * sum(g, axis=axis, keepdims=True),), saves="y", symbol="log softmax")
op("cross_entropy", cross_entropy_of,
   lambda g, y, a, t: (g * ((exp(log_softmax(a)) * sum(t, axis=-1, keepdims=True) - t) / rows_of(a)), -g * log_softmax(a) / rows_of(a)), saves="ab", symbol="CE")
# fmt: on

# NumPy's functions of the same name work on Nodes too
for _name in ("exp", "exp2", "log", "sqrt", "sin", "cos", "tanh", "maximum", "minimum", "matmul",
              "greater", "greater_equal", "less", "less_equal"):  # fmt: skip
    UFUNCS[getattr(np, _name)] = _name
UFUNCS.update(
    {
        np.add: "add",
        np.subtract: "sub",
        np.multiply: "mul",
        np.divide: "div",
        np.negative: "neg",
        np.absolute: "abs",
        np.power: "pow",
    }
)
