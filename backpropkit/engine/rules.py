"""THE TABLE: every op is one row: its forward, its gradient rule, what that rule reads, how it gates.

A gradient rule gets the incoming gradient g, the result y and the arguments, and returns one
contribution for each argument (None: nothing flows back). It is written once, with operators and
the functions the rows themselves make: given arrays it computes the gradient, given Nodes it builds
the gradient's graph. Shapes that broadcasting changed are put right after the rule, for all alike.

Numbers in brackets are formulas of the Matrix Cookbook (Petersen and Pedersen, 2012).
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from .node import FORWARDS, GRADIENTS, TABLE, UFUNCS, Op, apply
from .terms import numerics as num

LN2 = math.log(2.0)
Function: TypeAlias = Callable[..., Any]


def op(
    name: str, forward: Callable[..., Any], gradient: Callable[..., Any], doc: str = "", **row: Any
) -> Function:
    """Enter one row, and return the function a learner calls: on floats, arrays and Nodes alike.

    Parameters of the op are keyword-only in `forward`; `doc` may end in an example, call → result.
    """
    TABLE[name] = Op(name, forward, gradient, **row)
    FORWARDS[name], GRADIENTS[name] = forward, gradient
    signature = inspect.signature(forward).parameters.values()
    params = {p.name: p.default for p in signature if p.kind is p.KEYWORD_ONLY}
    arity = len(signature) - len(params)

    def function(*args: Any, **given: Any) -> Any:
        if params:
            given = {**params, **dict(zip(params, args[arity:], strict=False)), **given}
        return apply(name, *args[:arity], **given)

    text, _, example = doc.partition(" >>> ")
    call, _, result = example.partition(" → ")
    function.__name__ = function.__qualname__ = name
    function.__doc__ = text + (f"\n\n>>> {call}\n{result}\n" if example else "")
    shown = [p.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD) for p in signature]
    function.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    return function


def fit(x: Any, to: tuple[int, ...]) -> Any:
    """x brought to a shape: summed over axes that were broadcast, or spread over those it lacks.

    A gradient always has its value's shape; this is the step that sees to it.
    """
    have = np.shape(x)
    if have == to:
        return x
    grew = len(have) > len(to) or (len(have) == len(to) and np.broadcast_shapes(have, to) == have)
    return sum_to(x, to) if grew else broadcast_to(x, to)


# Pieces of gradient rules, for arrays and Nodes alike; np.shape and np.ndim know Nodes too.


def spread(g: Any, a: Any, axis: Any) -> Any:
    """g, shaped like a reduction of a, spread back over a."""
    if axis is None:
        return fit(g, np.shape(a))
    gone = {i % np.ndim(a) for i in (axis if isinstance(axis, tuple) else (axis,))}
    kept = tuple(1 if i in gone else n for i, n in enumerate(np.shape(a)))
    return fit(reshape(g, kept), np.shape(a))


def tied(a: Any, y: Any, axis: Any) -> Any:
    """1/k on the k entries of a that equal the extreme y, 0 elsewhere."""
    at_top = 1.0 * (a >= spread(y, a, axis))
    return at_top / spread(sum(at_top, axis=axis), a, axis)


def matmul_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """D = ab has ∂a = g bᵀ and ∂b = aᵀ g; a vector is a matrix of one row or one column."""
    if a.ndim > 1 and b.ndim > 1:
        return g @ b.mT, a.mT @ g
    if a.ndim > 1:
        return outer(g, b), a.mT @ g
    if b.ndim > 1:
        return b @ g, outer(a, g)
    return g * b, g * a


def solve_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """y = a⁻¹b: ∂b = a⁻ᵀ g and ∂a = −∂b yᵀ (Matrix Cookbook (59), (61))."""
    of_b = solve(a.T, g)
    return -(outer(of_b, y) if np.ndim(y) == 1 else of_b @ y.T), of_b


def cross_entropy_gradient(g: Any, y: Any, a: Any, t: Any) -> tuple[Any, Any]:
    """p − t for scores (p their softmax, where t sums to 1), −log p for the target; mean of rows."""
    logs, share = log_softmax(a), g / float(math.prod(np.shape(a)[:-1]))
    return share * (exp(logs) * sum(t, axis=-1, keepdims=True) - t), -share * logs


def concatenate_gradient(g: Any, y: Any, *parts: Any, axis: int = 0) -> tuple[Any, ...]:
    ends = np.cumsum([0] + [np.shape(p)[axis] for p in parts])
    before = (slice(None),) * (axis % np.ndim(g))
    return tuple(g[(*before, slice(int(i), int(j)))] for i, j in pairwise(ends))


BLOCKS = {"gate": "blocks"}
MOVES = {"gate": "moves entries"}

# fmt: off
# arithmetic
add: Function = op("add", operator.add, lambda g, y, a, b: (g, g), gate="distributor", symbol="+", source="{0} + {1}", binds=1)
sub: Function = op("sub", operator.sub, lambda g, y, a, b: (g, -g), gate="distributor", symbol="−", source="{0} - {1}", binds=1)
mul: Function = op("mul", operator.mul, lambda g, y, a, b: (g * b, g * a), saves="ab", gate="switcher", symbol="×", source="{0} * {1}", binds=2)
div: Function = op("div", operator.truediv, lambda g, y, a, b: (g / b, -g * y / b), saves="by", symbol="÷", source="{0} / {1}", binds=2)
neg: Function = op("neg", operator.neg, lambda g, y, a: (-g,), gate="flips the sign", symbol="× −1", source="-{0}", binds=3)
power: Function = op("power", lambda a, *, n: num.power(a, n), lambda g, y, a, n: (g * (n * a ** (n - 1)) if n else g * 0.0,), saves="a", symbol="xⁿ", source="{0} ** {n}", binds=4)
pow: Function = op("pow", num.power, lambda g, y, a, b: (g * (b * a ** (b - 1.0)), g * (y * log(where(a * a <= 0.0, 1.0, a)))), saves="aby", symbol="xʸ", source="{0} ** {1}", binds=4)

# functions of one variable, entry by entry
exp: Function = op("exp", num.on_floats(math.exp, np.exp), lambda g, y, a: (g * y,), saves="y", symbol="exp", source="np.exp",
    doc="e^x, entry by entry. >>> exp(0.0) → 1.0")
exp2: Function = op("exp2", num.on_floats(lambda a: 2.0**a, np.exp2), lambda g, y, a: (g * (y * LN2),), saves="y", symbol="2ˣ", source="2.0 ** {0}", binds=4,
    doc="2^x, entry by entry; its slope is 2^x ln 2. >>> exp2(3.0) → 8.0")
log: Function = op("log", num.on_floats(num.log_of_float, np.log), lambda g, y, a: (g / a,), saves="a", symbol="log", source="np.log",
    doc="Natural logarithm, entry by entry; −inf at 0, nan below. >>> log(1.0) → 0.0")
sqrt: Function = op("sqrt", num.on_floats(lambda a: math.sqrt(a) if a >= 0 else math.nan, np.sqrt), lambda g, y, a: (g / (2.0 * y),), saves="y", symbol="√", source="np.sqrt",
    doc="Square root, entry by entry; its slope at 0 is infinite. >>> sqrt(9.0) → 3.0")
sin: Function = op("sin", num.on_floats(math.sin, np.sin), lambda g, y, a: (g * cos(a),), saves="a", symbol="sin", source="np.sin",
    doc="Sine of an angle in radians. >>> sin(0.0) → 0.0")
cos: Function = op("cos", num.on_floats(math.cos, np.cos), lambda g, y, a: (-g * sin(a),), saves="a", symbol="cos", source="np.cos",
    doc="Cosine of an angle in radians. >>> cos(0.0) → 1.0")
tanh: Function = op("tanh", num.on_floats(math.tanh, np.tanh), lambda g, y, a: (g * (1.0 - y * y),), saves="y", symbol="tanh", source="np.tanh",
    doc="Hyperbolic tangent, entry by entry. >>> tanh(0.0) → 0.0")
abs: Function = op("abs", operator.abs, lambda g, y, a: (g * sign(a),), saves="a", symbol="|x|", source="np.abs",
    doc="|x|, entry by entry; the slope at the corner is taken as 0. >>> abs(-2.0) → 2.0")
sign: Function = op("sign", lambda a: 1.0 * (a > 0) - 1.0 * (a < 0), lambda g, y, a: (None,), symbol="sign", **BLOCKS,
    doc="−1, 0 or 1, entry by entry; flat, so nothing flows back. >>> sign(-2.0) → -1.0")
sigmoid: Function = op("sigmoid", num.on_floats(num.sigmoid_of_float, num.sigmoid_of_array), lambda g, y, a: (g * (y * (1.0 - y)),), saves="y", symbol="σ",
    doc="1/(1 + e^−x), computed without overflow. >>> sigmoid(0.0), sigmoid(-1000.0) → (0.5, 0.0)")
relu: Function = op("relu", num.on_floats(lambda a: a if a > 0 or a != a else 0.0, lambda a: np.maximum(a, 0.0)), lambda g, y, a: (g * (a > 0),), saves="a", gate="router", symbol="relu", source="np.maximum({0}, 0.0)",
    doc="max(x, 0), entry by entry; the slope at the corner is taken as 0. >>> relu(np.array([-1.0, 2.0])) → array([0., 2.])")
swish: Function = op("swish", lambda a: a * sigmoid(a), lambda g, y, a: (g * (sigmoid(a) + y * (1.0 - sigmoid(a))),), saves="ay", symbol="swish",
    doc="x·sigmoid(x), entry by entry. >>> swish(0.0) → 0.0")
softplus: Function = op("softplus", num.on_floats(num.softplus_of_float, lambda a: np.logaddexp(0.0, a)), lambda g, y, a: (g * sigmoid(a),), saves="a", symbol="softplus",
    doc="log(1 + e^x), computed without overflow. >>> softplus(1000.0) → 1000.0")

# choosing; at a tie each side gets half
maximum: Function = op("maximum", lambda a, b: np.maximum(a, b), lambda g, y, a, b: (g * (0.5 * (a > b) + 0.5 * (a >= b)), g * (0.5 * (b > a) + 0.5 * (b >= a))), saves="ab", gate="router", symbol="max", source="np.maximum",
    doc="The larger of two, entry by entry; at a tie each gets half of the gradient. >>> maximum(2.0, -1.0) → 2.0")
minimum: Function = op("minimum", lambda a, b: np.minimum(a, b), lambda g, y, a, b: (g * (0.5 * (b > a) + 0.5 * (b >= a)), g * (0.5 * (a > b) + 0.5 * (a >= b))), saves="ab", gate="router", symbol="min", source="np.minimum",
    doc="The smaller of two, entry by entry; at a tie each gets half of the gradient. >>> minimum(2.0, -1.0) → -1.0")
where: Function = op("where", lambda c, a, b: np.where(c, a, b), lambda g, y, c, a, b: (None, where(c, g, 0.0), where(c, 0.0, g)), saves="a", gate="router", symbol="where", source="np.where",
    doc="a where the condition c holds, b elsewhere; the condition gets no gradient. >>> where(np.array([True, False]), 1.0, 2.0) → array([1., 2.])")
greater: Function = op("greater", operator.gt, lambda g, y, a, b: (None, None), symbol=">", source="{0} > {1}", binds=0, **BLOCKS)
greater_equal: Function = op("greater_equal", operator.ge, lambda g, y, a, b: (None, None), symbol="≥", source="{0} >= {1}", binds=0, **BLOCKS)

ENTRYWISE = frozenset(TABLE)  # every row so far works entry by entry

# reducing, over all entries, one axis or several
sum: Function = op("sum", lambda a, *, axis=None, keepdims=False: np.sum(a, axis=axis, keepdims=keepdims), lambda g, y, a, axis, keepdims: (spread(g, a, axis),), gate="distributor", symbol="Σ", source="np.sum",
    doc="Sum over all entries, or over one axis or several. >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0) → array([4., 6.])")
mean: Function = op("mean", lambda a, *, axis=None, keepdims=False: np.mean(a, axis=axis, keepdims=keepdims), lambda g, y, a, axis, keepdims: (spread(g / (math.prod(np.shape(a)) / math.prod(np.shape(y))), a, axis),), gate="distributor", symbol="mean", source="np.mean",
    doc="Mean over all entries, or over one axis or several. >>> mean(np.array([1.0, 3.0])) → 2.0")
max: Function = op("max", lambda a, *, axis=None, keepdims=False: np.max(a, axis=axis, keepdims=keepdims), lambda g, y, a, axis, keepdims: (spread(g, a, axis) * tied(a, y, axis),), saves="ay", gate="router", symbol="max", source="np.max",
    doc="Largest entry, over all or along an axis; tied entries share the gradient equally. >>> max(np.array([1.0, 3.0])) → 3.0")
logsumexp: Function = op("logsumexp", num.logsumexp, lambda g, y, a, axis, keepdims: (spread(g, a, axis) * exp(a - spread(y, a, axis)),), saves="ay", symbol="log Σ exp",
    doc="log Σ e^x, computed without overflow. >>> logsumexp(np.array([1000.0, 1000.0])) - 1000.0 < 0.7 → True")
norm2: Function = op("norm2", lambda a: np.sqrt(np.sum(a * a)), lambda g, y, a: (g * a / (y + 1.0 * (y <= 0.0)),), saves="ay", symbol="‖x‖",
    doc="The Euclidean length √Σx² (not its square); its gradient at 0 is taken as 0. >>> norm2(np.array([3.0, 4.0])) → 5.0")

# moving entries about
reshape: Function = op("reshape", lambda a, *, shape: np.reshape(a, shape), lambda g, y, a, shape: (reshape(g, np.shape(a)),), symbol="reshape", source="np.reshape", **MOVES,
    doc="The same entries in another shape (one −1 is worked out). >>> reshape(np.arange(4.0), (2, 2)).tolist() → [[0.0, 1.0], [2.0, 3.0]]")
transpose: Function = op("transpose", lambda a, *, axes=None: np.transpose(a, axes), lambda g, y, a, axes: (transpose(g, axes and tuple(np.argsort(axes).tolist())),), symbol="ᵀ", source="{0}.T", binds=5, **MOVES,
    doc="Axes reversed, or in the order given. >>> transpose(np.ones((2, 3))).shape → (3, 2)")
getitem: Function = op("getitem", lambda a, *, index: a[index], lambda g, y, a, index: (scatter(g, index, np.shape(a)),), symbol="[ ]", source="{0}[{index}]", binds=5, **MOVES)
scatter: Function = op("scatter", num.scatter, lambda g, y, a, index, shape: (g[index],), symbol="put", **MOVES,
    doc="Zeros of a shape, with g added at an index; repeated entries add up.")
op("stack", lambda *a, axis: np.stack(a, axis=axis), lambda g, y, *a, axis: tuple(g[(slice(None),) * (axis % np.ndim(g)) + (i,)] for i in range(len(a))), symbol="stack", source="np.stack", **MOVES)
op("concatenate", lambda *a, axis: np.concatenate(a, axis=axis), concatenate_gradient, symbol="concat", source="np.concatenate", **MOVES)
sum_to: Function = op("sum_to", num.sum_to, lambda g, y, a, shape: (g,), gate="distributor", symbol="Σ")
broadcast_to: Function = op("broadcast_to", lambda a, *, shape: np.broadcast_to(a, shape), lambda g, y, a, shape: (g,), gate="distributor", symbol="spread", source="np.broadcast_to")

# matrices
matmul: Function = op("matmul", operator.matmul, matmul_gradient, saves="ab", gate="switcher", symbol="@", source="{0} @ {1}", binds=2,
    doc="a @ b: matrices, vectors, or stacks of matrices. >>> matmul(np.eye(2), np.array([1.0, 2.0])) → array([1., 2.])")
outer: Function = op("outer", lambda a, b: np.outer(a, b), lambda g, y, a, b: (g @ b, a @ g), saves="ab", gate="switcher", symbol="u vᵀ", source="np.outer",
    doc="a bᵀ of two vectors: shapes (m,), (n,) to (m, n). >>> outer(np.array([1.0, 2.0]), np.array([3.0])).tolist() → [[3.0], [6.0]]")
trace: Function = op("trace", lambda a: np.trace(num.square(a)), lambda g, y, a: (g * np.eye(np.shape(a)[0]),), gate="distributor", symbol="tr", source="np.trace",
    doc="Sum of the diagonal of an (n, n) matrix. >>> trace(np.eye(3)) → 3.0")
diag: Function = op("diag", lambda a: np.diag(a if np.ndim(a) == 1 else num.square(a)), lambda g, y, a: (diag(g),), symbol="diag", source="np.diag", **MOVES,
    doc="The diagonal of an (n, n) matrix, or the diagonal matrix of an (n,) vector. >>> diag(np.array([1.0, 2.0])).tolist() → [[1.0, 0.0], [0.0, 2.0]]")
inv: Function = op("inv", num.inv, lambda g, y, a, spd: (-(y.T @ g @ y.T),), saves="y", symbol="⁻¹", source="np.linalg.inv({0})",
    doc="Inverse of an (n, n) matrix (60). `spd=True` promises it symmetric positive definite. >>> inv(np.diag([2.0, 4.0])).tolist() → [[0.5, 0.0], [0.0, 0.25]]")
solve: Function = op("solve", num.solve, solve_gradient, saves="ay", symbol="a⁻¹b", source="np.linalg.solve",
    doc="x with a x = b, for a of shape (n, n) and b of shape (n,) or (n, m). >>> solve(np.diag([2.0, 4.0]), np.array([2.0, 2.0])) → array([1. , 0.5])")
logdet: Function = op("logdet", num.logdet, lambda g, y, a, spd: (g * inv(a, spd).T,), saves="a", symbol="log|·|", source="np.linalg.slogdet({0})[1]",
    doc="log |det a| of an (n, n) matrix; its gradient is a⁻ᵀ (57), whatever the sign of det a.\n\nRaises EngineError (LinAlgError on a bare array) where a is singular or not square.\n`spd=True` promises a symmetric positive definite. >>> round(logdet(np.diag([2.0, 4.0])), 6) → 2.079442")
quadratic_form: Function = op("quadratic_form", lambda x, a: x @ a @ x, lambda g, y, x, a: (g * (a @ x + a.T @ x), g * outer(x, x)), saves="ab", symbol="xᵀAx",
    doc="xᵀ a x for x of shape (n,) and a of shape (n, n), which need not be symmetric (81). >>> quadratic_form(np.array([1.0, 2.0]), np.eye(2)) → 5.0")
softmax: Function = op("softmax", lambda a, *, axis=-1: np.exp(num.log_softmax(a, axis=axis)), lambda g, y, a, axis: (y * (g - sum(g * y, axis=axis, keepdims=True)),), saves="y", symbol="softmax",
    doc="e^x / Σ e^x along an axis. >>> softmax(np.zeros(2)) → array([0.5, 0.5])")
log_softmax: Function = op("log_softmax", num.log_softmax, lambda g, y, a, axis: (g - exp(y) * sum(g, axis=axis, keepdims=True),), saves="y", symbol="log softmax",
    doc="log of softmax along an axis, computed without overflow. >>> log_softmax(np.array([1000.0, 0.0])) → array([    0., -1000.])")
cross_entropy: Function = op("cross_entropy", num.cross_entropy, cross_entropy_gradient, saves="ab", symbol="CE",
    doc="−Σ t log softmax(scores) over the last axis, averaged over the rows before it; shapes (k,) or (n, k), target t alike. >>> round(cross_entropy(np.zeros(2), np.array([1.0, 0.0])), 6) → 0.693147")
# fmt: on


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


# sources share one factor of a matrix that is promised symmetric positive definite
for _factored in (num.cholesky, num.logdet_of_factor, num.inverse_of_factor):
    FORWARDS[_factored.__name__] = _factored

# NumPy's functions work on Nodes too: np.exp(node), array * node
UFUNCS.update({u: name for name in TABLE if isinstance(u := getattr(np, name, None), np.ufunc)})
UFUNCS.update({np.subtract: "sub", np.multiply: "mul", np.divide: "div"})  # by other names there
UFUNCS.update({np.negative: "neg", np.absolute: "abs", np.power: "pow"})
