"""THE TABLE: every op is one row: its forward, its gradient rule, and what that rule reads.

A gradient rule gets the incoming gradient g, the result y and the arguments, and returns one
contribution for each argument (None: nothing flows back). It is written once, with operators and
the functions the rows themselves make: given arrays it computes the gradient, given Nodes it builds
the gradient's graph. Shapes that broadcasting changed are put right after the rule, for all alike.

Numbers in brackets are formulas of the Matrix Cookbook (Petersen and Pedersen, 2012).
"""

from __future__ import annotations

import contextlib
import inspect
import math
import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from ..terms import numerics as num
from ..terms.calls import agree, fitted, named
from .node import TABLE, EngineError, Op, apply

LN2 = math.log(2.0)
Function: TypeAlias = Callable[..., Any]
NUMPY: dict[Any, Function] = {}  # NumPy's functions: ours that answer to their names


def op(
    name: str,
    forward: Callable[..., Any],
    gradient: Callable[..., Any],
    *,
    doc: str = "",
    example: str = "",
    gives: str = "",
    numpy: str | None = "",
    **row: Any,
) -> Function:
    """Enter one row, and return the function a learner calls: on floats, arrays and Nodes alike.

    Parameters of the op are keyword-only in `forward`. `doc` is the learner's help, `example` a
    call in it and `gives` what that shows. `numpy` is NumPy's name for the op, where it has another
    than ours ("linalg.inv"); None if it has none. Raises TypeError where forward and rule do not
    take the same.
    """
    args, params = named(forward)
    agree(name, (*args, *params), len(args), gradient)
    TABLE[name] = Op(name, forward, gradient, **row)
    arity, empty = len(args), inspect.Parameter.empty
    complete, kind = empty not in params.values(), inspect.Parameter.POSITIONAL_OR_KEYWORD
    listed = [n for n in params if n in ("shape", "axes")]
    shown = inspect.Signature(
        [inspect.Parameter(n, kind, default=params.get(n, empty)) for n in (*args, *params)]
    )

    def function(*given: Any, **options: Any) -> Any:
        if not options and arity < len(given) <= arity + len(params):  # parameters by place
            given, options = given[:arity], dict(zip(params, given[arity:], strict=False))
        values = params | options
        named = len(given) == arity and len(values) == len(params)
        if not named or not (complete or len(options) == len(params)):
            given, values = placed(given, options)
        for n in listed:  # nobody can change it later
            x = values[n]
            values[n] = tuple(x) if np.ndim(x) else x if x is None else (x,)
        return apply(name, *given, **values)

    def placed(given: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The arguments and the parameters of a call in any order; TypeError for a wrong one."""
        bound = fitted(f"bp.{name}", shown, given, options)
        bound.apply_defaults()
        return bound.args[:arity], dict(zip(params, bound.args[arity:], strict=True))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc + (f"\n\n>>> {example}\n{gives}\n" if example else "")
    function.__signature__ = shown  # type: ignore[attr-defined]
    return function if numpy is None else answers(numpy or name)(function)


def answers(*names: str) -> Callable[[Function], Function]:
    """Make a function answer to NumPy's names when they are called with a Node."""

    def enter(function: Function) -> Function:
        for name in names:
            with contextlib.suppress(AttributeError):  # NumPy may know nothing of the name
                NUMPY[operator.attrgetter(name)(np)] = function
        return function

    return enter


def fit(x: Any, to: tuple[int, ...]) -> Any:
    """x brought to a shape: summed over axes that were broadcast, or spread over those it lacks.

    A gradient always has its value's shape; this is the step that sees to it.
    """
    have = np.shape(x)
    if have == to:
        return x
    grew = len(have) > len(to) or (len(have) == len(to) and np.broadcast_shapes(have, to) == have)
    return apply("sum_to" if grew else "broadcast_to", x, shape=to)


# Pieces of gradient rules, for arrays and Nodes alike; np.shape and np.ndim know Nodes too.


def axes_of(a: Any, axis: Any) -> tuple[int, ...]:
    """The axes a reduction of a goes over, counted from the front."""
    ndim = np.ndim(a)
    if axis is None or not ndim:
        return tuple(range(ndim))
    return tuple(i % ndim for i in (axis if isinstance(axis, tuple) else (axis,)))


def count(a: Any, axis: Any) -> int:
    """How many entries a reduction of a puts together."""
    return math.prod(np.shape(a)[i] for i in axes_of(a, axis))


def spread(g: Any, a: Any, axis: Any) -> Any:
    """g, shaped like a reduction of a, spread back over a."""
    if axis is None:
        return fit(g, np.shape(a))
    gone = axes_of(a, axis)
    kept = tuple(1 if i in gone else n for i, n in enumerate(np.shape(a)))
    return fit(reshape(g, shape=kept), np.shape(a))


def tied(a: Any, y: Any, axis: Any) -> Any:
    """1/k on the k entries of a that equal the extreme y, 0 elsewhere."""
    at_top = 1.0 * (a == spread(y, a, axis))
    return at_top / spread(sum(at_top, axis=axis), a, axis)


def directions(a: Any, y: Any, axis: Any) -> Any:
    """a divided by its lengths y; 0 where the length is."""
    return a / spread(where(y > 0.0, y, math.inf), a, axis)


def matmul_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """D = ab has ∂a = g bᵀ and ∂b = aᵀ g; a vector is a matrix of one row or one column."""
    if a.ndim > 1 and b.ndim > 1:
        return g @ b.mT, a.mT @ g
    if a.ndim == b.ndim == 1:
        return g * b, g * a
    if a.ndim == 2:
        return outer(g, b), a.mT @ g
    if b.ndim == 2:
        return b @ g, outer(a, g)
    if a.ndim == 1:  # a row beside every matrix of a stack
        return sum(g[..., None, :] * b, axis=-1), a[:, None] * g[..., None, :]
    return g[..., None] * b, sum(a * g[..., None], axis=-2)


def solve_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """y = a⁻¹b: ∂b = a⁻ᵀ g and ∂a = −∂b yᵀ (Matrix Cookbook (59), (61))."""
    of_b = solve(a.T, g)
    return -(outer(of_b, y) if np.ndim(y) == 1 else of_b @ y.T), of_b


def cofactors(y: Any, a: Any) -> Any:
    """det a · a⁻ᵀ, where y is det a; of an array that is singular, too."""
    if isinstance(a, np.ndarray):
        return num.cofactors(a)
    try:
        return solve(a.T, y * np.eye(len(a)))
    except EngineError as error:
        raise ValueError(
            "the matrix is singular. Its gradient is there all the same (backward, bp.grad), but "
            "source and second derivatives are of y·a⁻ᵀ, and there is no a⁻¹"
        ) from error


def pow_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """xʸ: y xʸ⁻¹ and xʸ log x, which is 0 at x = 0."""
    return g * (b * num.power(a, b - 1.0)), g * (y * log(where(a == 0.0, 1.0, a)))


def cross_entropy_gradient(g: Any, y: Any, a: Any, t: Any) -> tuple[Any, Any]:
    """p − t for scores (p their softmax, where t sums to 1), −log p for the target; row mean."""
    logs, share = log_softmax(a), g / float(math.prod(np.shape(a)[:-1]))
    return share * (exp(logs) * sum(t, axis=-1, keepdims=True) - t), -share * logs


def cholesky_gradient(g: Any, y: Any, a: Any) -> tuple[Any]:
    """a = yyᵀ: y⁻ᵀ Φ(yᵀg) y⁻¹, where Φ takes the lower triangle and half of the diagonal (Murray,
    Differentiation of the Cholesky decomposition, 2016); symmetric, as a is."""
    lower = np.tril(np.ones(np.shape(a))) - 0.5 * np.eye(np.shape(a)[0])
    back = inv(y)
    half = back.T @ (lower * (y.T @ g)) @ back
    return (0.5 * (half + half.T),)


def transpose_gradient(g: Any, y: Any, a: Any, axes: Any) -> tuple[Any]:
    """The same axes, put back."""
    if axes is None:
        return (getattr(g, "T", g),)  # a number's is itself
    return (transpose(g, axes=tuple(np.argsort([i % np.ndim(a) for i in axes]).tolist())),)


def cumsum_gradient(g: Any, y: Any, a: Any, axis: Any) -> tuple[Any]:
    """An entry is in all sums from its place on: the sums of g from the end."""
    before = 0 if axis is None or not np.ndim(a) else axis % np.ndim(a)
    back = (*[slice(None)] * before, slice(None, None, -1))
    return (reshape(cumsum(g[back], axis=axis)[back], np.shape(a)),)


def stack_gradient(g: Any, y: Any, *parts: Any, axis: int) -> tuple[Any, ...]:
    before = (slice(None),) * (axis % np.ndim(g))
    return tuple(g[(*before, i)] for i in range(len(parts)))


def concatenate_gradient(g: Any, y: Any, *parts: Any, axis: int = 0) -> tuple[Any, ...]:
    ends = np.cumsum([0] + [np.shape(p)[axis] for p in parts])
    before = (slice(None),) * (axis % np.ndim(g))
    return tuple(g[(*before, slice(int(i), int(j)))] for i, j in pairwise(ends))


def larger(g: Any, a: Any, b: Any) -> Any:
    """g where a is larger than b, half of it at a tie."""
    return g * (0.5 * (a > b) + 0.5 * (a >= b))


def nothing(g: Any, y: Any, *parts: Any) -> tuple[None, ...]:
    """Flat: nothing flows back to any argument."""
    return (None,) * len(parts)


# fmt: off
# arithmetic
add: Function = op("add", operator.add, lambda g, y, a, b: (g, g),
    symbol="+", source="{0} + {1}", binds=1)
sub: Function = op("sub", operator.sub, lambda g, y, a, b: (g, -g),
    symbol="−", source="{0} - {1}", binds=1, numpy="subtract")
mul: Function = op("mul", operator.mul, lambda g, y, a, b: (g * b, g * a), saves="ab",
    symbol="×", source="{0} * {1}", binds=2, numpy="multiply")
div: Function = op("div", num.div, lambda g, y, a, b: (g / b, -g * y / b), saves="by",
    symbol="÷", source="{0} / {1}", binds=2, numpy="divide")
remainder: Function = op("remainder", num.remainder,
    lambda g, y, a, b: (g, g * ((y - a) / b)), saves="aby", symbol="%", source="{0} % {1}",
    binds=2,
    doc="a % b, what is left of a when b goes in as often as it can; b's sign.",
    example="remainder(7.5, 2.0)", gives="1.5")
neg: Function = op("neg", operator.neg, lambda g, y, a: (-g,),
    symbol="× −1", source="-{0}", binds=3, numpy="negative")
power: Function = op("power", lambda a, *, n: num.power(a, n),
    lambda g, y, a, n: (g * (n * num.power(a, n - (n != 0))),), saves="a",
    symbol="xⁿ", source="{0} ** {n}", binds=4, numpy=None)
pow: Function = op("pow", num.power, pow_gradient, saves="aby",
    symbol="xʸ", source="{0} ** {1}", binds=4, numpy=None)

# functions of one variable, entry by entry
exp: Function = op("exp", num.exp, lambda g, y, a: (g * y,), saves="y", source="np.exp",
    doc="e^x, entry by entry.", example="exp(0.0)", gives="1.0")
exp2: Function = op("exp2", num.exp2, lambda g, y, a: (g * (y * LN2),), saves="y",
    symbol="2ˣ", source="2.0 ** {0}", binds=4,
    doc="2^x, entry by entry; its slope is 2^x ln 2.", example="exp2(3.0)", gives="8.0")
expm1: Function = op("expm1", num.expm1, lambda g, y, a: (g * (y + 1.0),), saves="y",
    symbol="eˣ − 1", source="np.expm1",
    doc="e^x − 1, exact for small x.", example="expm1(0.0)", gives="0.0")
log: Function = op("log", num.log, lambda g, y, a: (g / a,), saves="a", source="np.log",
    doc="Natural logarithm, entry by entry; −inf at 0, nan below.",
    example="log(1.0)", gives="0.0")
log1p: Function = op("log1p", num.log1p, lambda g, y, a: (g / (1.0 + a),), saves="a",
    symbol="log(1 + x)", source="np.log1p",
    doc="log(1 + x), exact for small x.", example="log1p(0.0)", gives="0.0")
sqrt: Function = op("sqrt", num.sqrt, lambda g, y, a: (g / (2.0 * y),), saves="y",
    symbol="√", source="np.sqrt",
    doc="Square root, entry by entry; its slope at 0 is infinite.",
    example="sqrt(9.0)", gives="3.0")
sin: Function = op("sin", num.sin, lambda g, y, a: (g * cos(a),), saves="a", source="np.sin",
    doc="Sine of an angle in radians.", example="sin(0.0)", gives="0.0")
cos: Function = op("cos", num.cos, lambda g, y, a: (-g * sin(a),), saves="a", source="np.cos",
    doc="Cosine of an angle in radians.", example="cos(0.0)", gives="1.0")
tan: Function = op("tan", num.tan, lambda g, y, a: (g * (1.0 + y * y),), saves="y", source="np.tan",
    doc="Tangent of an angle in radians.", example="tan(0.0)", gives="0.0")
arctan: Function = op("arctan", num.arctan, lambda g, y, a: (g / (1.0 + a * a),), saves="a",
    source="np.arctan",
    doc="The angle in radians whose tangent is x.", example="arctan(0.0)", gives="0.0")
sinh: Function = op("sinh", num.sinh, lambda g, y, a: (g * cosh(a),), saves="a", source="np.sinh",
    doc="Hyperbolic sine, entry by entry.", example="sinh(0.0)", gives="0.0")
cosh: Function = op("cosh", num.cosh, lambda g, y, a: (g * sinh(a),), saves="a", source="np.cosh",
    doc="Hyperbolic cosine, entry by entry.", example="cosh(0.0)", gives="1.0")
tanh: Function = op("tanh", num.tanh, lambda g, y, a: (g * (1.0 - y * y),), saves="y",
    source="np.tanh",
    doc="Hyperbolic tangent, entry by entry.", example="tanh(0.0)", gives="0.0")
abs: Function = op("abs", operator.abs, lambda g, y, a: (g * sign(a),), saves="a",
    symbol="|x|", source="np.abs", numpy="absolute",
    doc="|x|, entry by entry; the slope at the corner is taken as 0.",
    example="abs(-2.0)", gives="2.0")
sign: Function = op("sign", num.sign, nothing,
    doc="−1, 0 or 1, entry by entry; flat, so nothing flows back.",
    example="sign(-2.0)", gives="-1.0")
sigmoid: Function = op("sigmoid", num.sigmoid, lambda g, y, a: (g * (y * (1.0 - y)),), saves="y",
    symbol="σ",
    doc="1/(1 + e^−x), computed without overflow.",
    example="sigmoid(0.0), sigmoid(-1000.0)", gives="(0.5, 0.0)")
relu: Function = op("relu", num.relu, lambda g, y, a: (g * (a > 0),), saves="a",
    source="np.maximum({0}, 0.0)",
    doc="max(x, 0), entry by entry; the slope at the corner is taken as 0.",
    example="relu(np.array([-1.0, 2.0]))", gives="array([0., 2.])")
swish: Function = op("swish", lambda a: a * sigmoid(a),
    lambda g, y, a: (g * (sigmoid(a) + y * (1.0 - sigmoid(a))),), saves="ay",
    doc="x·sigmoid(x), entry by entry.", example="swish(0.0)", gives="0.0")
softplus: Function = op("softplus", num.softplus, lambda g, y, a: (g * sigmoid(a),), saves="a",
    doc="log(1 + e^x), computed without overflow.", example="softplus(1000.0)", gives="1000.0")

# choosing; at a tie each side gets half
maximum: Function = op("maximum", lambda a, b: np.maximum(a, b),
    lambda g, y, a, b: (larger(g, a, b), larger(g, b, a)), saves="ab",
    symbol="max", source="np.maximum",
    doc="The larger of two, entry by entry; at a tie each gets half of the gradient.",
    example="maximum(2.0, -1.0)", gives="2.0")
minimum: Function = op("minimum", lambda a, b: np.minimum(a, b),
    lambda g, y, a, b: (larger(g, b, a), larger(g, a, b)), saves="ab",
    symbol="min", source="np.minimum",
    doc="The smaller of two, entry by entry; at a tie each gets half of the gradient.",
    example="minimum(2.0, -1.0)", gives="-1.0")
where: Function = op("where", lambda c, a, b: np.where(c, a, b),
    lambda g, y, c, a, b: (None, where(c, g, 0.0), where(c, 0.0, g)), saves="a", source="np.where",
    doc="a where the condition c holds, b elsewhere; the condition gets no gradient.",
    example="where(np.array([True, False]), 1.0, 2.0)", gives="array([1., 2.])")
greater: Function = op("greater", operator.gt, nothing, symbol=">", source="{0} > {1}", binds=0)
greater_equal: Function = op("greater_equal", operator.ge, nothing,
    symbol="≥", source="{0} >= {1}", binds=0)
equal: Function = op("equal", operator.eq, nothing, symbol="=", source="{0} == {1}", binds=0)
not_equal: Function = op("not_equal", operator.ne, nothing,
    symbol="≠", source="{0} != {1}", binds=0)

ENTRYWISE = frozenset(TABLE)  # every row so far works entry by entry

# reducing, over all entries, one axis or several
sum: Function = op("sum", num.sum, lambda g, y, a, axis, keepdims: (spread(g, a, axis),),
    symbol="Σ", source="np.sum",
    doc="Sum over all entries, or over one axis or several.",
    example="sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)", gives="array([4., 6.])")
mean: Function = op("mean", num.mean,
    lambda g, y, a, axis, keepdims: (spread(g / count(a, axis), a, axis),), source="np.mean",
    doc="Mean over all entries, or over one axis or several.",
    example="mean(np.array([1.0, 3.0]))", gives="2.0")
max: Function = op("max", num.max,
    lambda g, y, a, axis, keepdims: (spread(g, a, axis) * tied(a, y, axis),), saves="ay",
    source="np.max",
    doc="Largest entry, over all or along an axis; tied entries share the gradient equally.",
    example="max(np.array([1.0, 3.0]))", gives="3.0")
min: Function = op("min", num.min,
    lambda g, y, a, axis, keepdims: (spread(g, a, axis) * tied(a, y, axis),), saves="ay",
    source="np.min",
    doc="Smallest entry, over all or along an axis; tied entries share the gradient equally.",
    example="min(np.array([1.0, 3.0]))", gives="1.0")
logsumexp: Function = op("logsumexp", num.logsumexp,
    lambda g, y, a, axis, keepdims: (spread(g, a, axis) * softmax(a, axis=axis),), saves="a",
    symbol="log Σ exp",
    doc="log Σ e^x, computed without overflow.",
    example="logsumexp(np.array([1000.0, 1000.0])) - 1000.0 < 0.7", gives="True")
norm2: Function = op("norm2", num.norm2,
    lambda g, y, a, axis, keepdims: (spread(g, a, axis) * directions(a, y, axis),), saves="ay",
    symbol="‖x‖",
    doc="The Euclidean length √Σx² (not its square); its gradient at 0 is taken as 0.",
    example="norm2(np.array([3.0, 4.0]))", gives="5.0")
cumsum: Function = op("cumsum", num.cumsum, cumsum_gradient, symbol="Σ…", source="np.cumsum",
    doc="Sums of all entries up to each, along an axis (without one, of all entries in a row).",
    example="cumsum(np.array([1.0, 2.0, 3.0]))", gives="array([1., 3., 6.])")

# moving entries about
reshape: Function = op("reshape", lambda a, *, shape: np.reshape(a, shape),
    lambda g, y, a, shape: (reshape(g, shape=np.shape(a)),), source="np.reshape",
    doc="The same entries in another shape (one −1 is worked out).",
    example="reshape(np.arange(4.0), (2, 2)).tolist()", gives="[[0.0, 1.0], [2.0, 3.0]]")
transpose: Function = op("transpose", lambda a, *, axes=None: np.transpose(a, axes),
    transpose_gradient, symbol="ᵀ", source="{0}.T", binds=5,
    doc="Axes reversed, or in the order given.",
    example="transpose(np.ones((2, 3))).shape", gives="(3, 2)")
getitem: Function = op("getitem", num.getitem,
    lambda g, y, a, index: (scatter(g, index, np.shape(a)),),
    symbol="[ ]", source="{0}[{index}]", binds=5)
scatter: Function = op("scatter", num.scatter,
    lambda g, y, a, index, shape: (getitem(g, index=index),), symbol="put",
    doc="Zeros of a shape, with g added at an index; repeated entries add up.")
op("stack", lambda *a, axis: np.stack(a, axis=axis), stack_gradient, source="np.stack", numpy=None)
op("concatenate", lambda *a, axis: np.concatenate(a, axis=axis), concatenate_gradient,
    symbol="concat", source="np.concatenate", numpy=None)
sum_to: Function = op("sum_to", num.sum_to, lambda g, y, a, shape: (g,), symbol="Σ")
broadcast_to: Function = op("broadcast_to", lambda a, *, shape: np.broadcast_to(a, shape),
    lambda g, y, a, shape: (g,), symbol="spread", source="np.broadcast_to")

# matrices
matmul: Function = op("matmul", num.matmul, matmul_gradient, saves="ab",
    symbol="@", source="{0} @ {1}", binds=2,
    doc="a @ b: matrices, vectors, or stacks of matrices.",
    example="matmul(np.eye(2), np.array([1.0, 2.0]))", gives="array([1., 2.])")
outer: Function = op("outer", num.outer, lambda g, y, a, b: (g @ b, a @ g), saves="ab",
    symbol="u vᵀ", source="np.outer",
    doc="a bᵀ of two vectors: shapes (m,), (n,) to (m, n).",
    example="outer(np.array([1.0, 2.0]), np.array([3.0])).tolist()", gives="[[3.0], [6.0]]")
trace: Function = op("trace", num.trace, lambda g, y, a: (g * np.eye(np.shape(a)[0]),),
    symbol="tr", source="np.trace",
    doc="Sum of the diagonal of an (n, n) matrix.", example="trace(np.eye(3))", gives="3.0")
diag: Function = op("diag", num.diag, lambda g, y, a: (diag(g),), source="np.diag",
    doc="The diagonal of an (n, n) matrix, or the diagonal matrix of an (n,) vector.",
    example="diag(np.array([1.0, 2.0])).tolist()", gives="[[1.0, 0.0], [0.0, 2.0]]")
inv: Function = op("inv", num.inv, lambda g, y, a, spd: (-(y.T @ g @ y.T),), saves="y",
    symbol="⁻¹", source="np.linalg.inv({0})", numpy="linalg.inv",
    doc="Inverse of an (n, n) matrix (60). `spd=True` promises it symmetric positive definite.",
    example="inv(np.diag([2.0, 4.0])).tolist()", gives="[[0.5, 0.0], [0.0, 0.25]]")
solve: Function = op("solve", num.solve, solve_gradient, saves="ay",
    symbol="a⁻¹b", source="np.linalg.solve", numpy="linalg.solve",
    doc="x with a x = b, for a of shape (n, n) and b of shape (n,) or (n, m).",
    example="solve(np.diag([2.0, 4.0]), np.array([2.0, 2.0]))", gives="array([1. , 0.5])")
logdet: Function = op("logdet", num.logdet,
    lambda g, y, a, spd: (g * inv(a, spd=spd).T,), saves="a",
    symbol="log|·|", source="np.linalg.slogdet({0})[1]",
    doc="log |det a| of an (n, n) matrix; its gradient is a⁻ᵀ (57), whatever the sign of det a.\n\n"
        "Raises EngineError (LinAlgError on a bare array) where a is singular or not square.\n"
        "`spd=True` promises a symmetric positive definite.",
    example="round(logdet(np.diag([2.0, 4.0])), 6)", gives="2.079442")
det: Function = op("det", num.det, lambda g, y, a: (g * cofactors(y, a),), saves="ay",
    source="np.linalg.det", numpy="linalg.det",
    doc="Determinant of an (n, n) matrix; its gradient is det a · a⁻ᵀ (49), the cofactors of a, which\n"
        "are there where a is singular, too (but for a gradient's own gradient).",
    example="round(det(np.diag([2.0, 4.0])), 6)", gives="8.0")
cholesky: Function = op("cholesky", num.cholesky, cholesky_gradient, saves="y",
    symbol="chol", numpy="linalg.cholesky",
    doc="Lower triangular c with c cᵀ = a, for a symmetric positive definite; so is its gradient.",
    example="cholesky(np.diag([4.0, 9.0])).tolist()", gives="[[2.0, 0.0], [0.0, 3.0]]")
quadratic_form: Function = op("quadratic_form", num.quadratic_form,
    lambda g, y, x, a: (g * (a @ x + a.T @ x), g * outer(x, x)), saves="ab", symbol="xᵀAx",
    doc="xᵀ a x for x of shape (n,) and a of shape (n, n), which need not be symmetric (81).",
    example="quadratic_form(np.array([1.0, 2.0]), np.eye(2))", gives="5.0")
softmax: Function = op("softmax", num.softmax,
    lambda g, y, a, axis: (y * (g - sum(g * y, axis=axis, keepdims=True)),), saves="y",
    doc="e^x / Σ e^x along an axis.", example="softmax(np.zeros(2))", gives="array([0.5, 0.5])")
log_softmax: Function = op("log_softmax", num.log_softmax,
    lambda g, y, a, axis: (g - exp(y) * sum(g, axis=axis, keepdims=True),), saves="y",
    symbol="log softmax",
    doc="log of softmax along an axis, computed without overflow.",
    example="log_softmax(np.array([1000.0, 0.0]))", gives="array([    0., -1000.])")
cross_entropy: Function = op("cross_entropy", num.cross_entropy, cross_entropy_gradient, saves="ab",
    symbol="CE",
    doc="−Σ t log softmax(scores) over the last axis, averaged over the rows before it; shapes (k,)"
        "\nor (n, k), target t alike.",
    example="round(cross_entropy(np.zeros(2), np.array([1.0, 0.0])), 6)", gives="0.693147")
# fmt: on
