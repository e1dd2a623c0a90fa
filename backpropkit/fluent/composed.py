"""Composed: functions of NumPy's that need no row of their own, being made of rows."""

from __future__ import annotations

import math
import operator
from collections import namedtuple
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..engine.node import EngineError, Node, apply, const, describe
from ..engine.rules import (
    NUMPY,
    abs,
    answers,
    axes_of,
    broadcast_to,
    count,
    logdet,
    matmul,
    max,
    maximum,
    mean,
    minimum,
    mul,
    norm2,
    outer,
    reshape,
    softplus,
    sqrt,
    sum,
    trace,
    transpose,
    where,
)  # fmt: skip
from ..terms.calls import worded

SlogdetResult = namedtuple("SlogdetResult", ["sign", "logabsdet"])


def along(a: Any, axis: Any) -> tuple[int, ...]:
    """Axes of a, counted from the front; EngineError where it has no such."""
    try:
        return np.lib.array_utils.normalize_axis_tuple(axis, np.ndim(a))
    except (OverflowError, TypeError, ValueError):
        raise EngineError(f"shape {np.shape(a)} has no axis {axis!r:.60}") from None


def method(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operator as NumPy calls it, which may have the Node on the right."""
    return lambda a, b: operation(a if isinstance(a, Node) else const(a), b)


NUMPY |= {np.power: method(operator.pow), np.float_power: method(operator.pow)}
NUMPY |= {np.less: method(operator.lt), np.less_equal: method(operator.le)}
NUMPY |= {np.positive: operator.pos, np.copy: operator.pos}
NUMPY |= {np.ndim: lambda a: a.ndim, np.shape: lambda a: a.shape}
NUMPY |= {np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis]}
NUMPY |= {np.amax: NUMPY[np.max], np.amin: NUMPY[np.min], np.matrix_transpose: lambda a: a.mT}
NUMPY |= {np.linalg.matrix_transpose: lambda a: a.mT}
NUMPY |= {np.linalg.matmul: matmul, np.linalg.outer: outer, np.linalg.trace: trace}


def some(xs: Iterable[Any], op: str, axis: Any) -> list[Any]:
    alone = isinstance(axis, Node) or (isinstance(xs, Node) and not xs.shape)
    if alone or np.ndim(axis) or not isinstance(xs, Iterable):
        raise EngineError(f"{op} takes one list, as in bp.{op}([a, b]), not {xs!r:.60}")
    found = list(xs)
    if not found:
        raise EngineError(f"{op} takes a list of one or more arrays or nodes; this one is empty")
    return found


@worded
@answers("stack")
def stack(xs: Iterable[Any], axis: int = 0) -> Any:
    """Several of one shape side by side along a new axis.

    >>> stack([1.0, 2.0])
    array([1., 2.])
    """
    return apply("stack", *some(xs, "stack", axis), axis=axis)


@worded
@answers("concatenate")
def concatenate(xs: Iterable[Any], axis: int | None = 0) -> Any:
    """Several arrays end to end along an axis; their entries in a row if it is None.

    >>> concatenate([np.ones(1), np.zeros(2)])
    array([1., 0., 0.])
    """
    if axis is None:
        xs, axis = [reshape(x, (-1,)) for x in xs], 0
    return apply("concatenate", *some(xs, "concatenate", axis), axis=axis)


@worded
@answers("square")
def square(a: Any) -> Any:
    """x², entry by entry.

    >>> square(3.0)
    9.0
    """
    return mul(a, a)


@answers("reciprocal")
def reciprocal(a: Any) -> Any:
    return 1.0 / a


@worded
def clip(a: Any, low: Any = None, high: Any = None) -> Any:
    """a kept between low and high, entry by entry; at a bound half of the gradient passes.

    >>> clip(np.array([-2.0, 0.5, 2.0]), 0.0, 1.0)
    array([0. , 0.5, 1. ])
    """
    a = a if low is None else maximum(a, low)
    return a if high is None else minimum(a, high)


@answers("clip")
def clipped(
    a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    """The same, as NumPy calls the bounds."""
    return clip(a, min if a_min is None else a_min, max if a_max is None else a_max)


@answers("var")
def variance(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """Mean squared distance from the mean (np.var; bp.var makes a leaf)."""
    a = mul(a, 1.0)
    away = a - mean(a, axis=axis, keepdims=True)
    if not ddof < count(a, axis):
        raise EngineError(f"a variance of {count(a, axis)} entries needs a ddof below, not {ddof}")
    return sum(away * away, axis=axis, keepdims=keepdims) / (count(a, axis) - ddof)


@worded
@answers("std")
def std(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """Standard deviation, over all entries, one axis or several; without slope where it is 0.

    >>> std(np.array([1.0, 3.0]))
    1.0
    """
    return sqrt(variance(a, axis, ddof, keepdims))


@worded
@answers("prod")
def prod(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Product of all entries, or over one axis or several; zeros among them have a slope too.

    >>> prod(np.array([2.0, 3.0, 4.0]))
    24.0
    """
    gone = axes_of(a, axis) if axis is None or not np.ndim(a) else along(a, axis)
    kept = [i for i in range(np.ndim(a)) if i not in gone]
    shape = np.shape(a)
    rest = tuple(shape[i] for i in kept)
    n = math.prod(shape[i] for i in gone)
    flat = reshape(transpose(a, (*gone, *kept)), (n, *rest)) if shape else reshape(a, (1,))
    n = n if shape else 1
    while n > 1:  # pair by pair, so no entry is divided out again
        pairs = flat[: n // 2] * flat[n // 2 : n // 2 * 2]
        flat = concatenate([pairs, flat[n - 1 :]]) if n % 2 else pairs
        n = (n + 1) // 2
    made = reshape(flat, rest) if n else broadcast_to(1.0 + 0.0 * sum(flat), rest)
    if operator.index(keepdims):  # a dtype, NumPy's third argument, is true as well
        return reshape(made, tuple(1 if i in gone else m for i, m in enumerate(shape)))
    return made


@answers("ravel")
def ravel(a: Any) -> Any:
    return reshape(a, (-1,))


def reshaping(name: str) -> None:
    """Let a function of NumPy's that only gives another shape answer on Nodes."""
    function = getattr(np, name)

    def reshaped(a: Any, *how: Any, **named: Any) -> Any:
        if any(isinstance(x, Node) for x in how):
            raise EngineError(f"{name} takes one node, and was given {1 + len(how)} arguments")
        return reshape(a, function(np.broadcast_to(0.0, np.shape(a)), *how, **named).shape)

    NUMPY[function] = reshaped


def transposing(name: str) -> None:
    """Let a function of NumPy's that only puts axes in another order answer on Nodes."""
    function = getattr(np, name)

    def transposed(a: Any, *how: Any, **named: Any) -> Any:
        lengths = range(np.ndim(a))  # each axis is known by its own
        return transpose(a, function(np.broadcast_to(0.0, lengths), *how, **named).shape)

    NUMPY[function] = transposed


for _name in ("squeeze", "expand_dims", "atleast_1d", "atleast_2d", "atleast_3d"):
    reshaping(_name)
for _name in ("swapaxes", "moveaxis", "rollaxis"):
    transposing(_name)


@answers("vstack")
def vstack(xs: Any) -> Any:
    return concatenate([reshape(x, (1, -1)) if np.ndim(x) < 2 else x for x in xs])


@answers("hstack")
def hstack(xs: Any) -> Any:
    xs = [reshape(x, (1,)) if np.ndim(x) == 0 else x for x in xs]
    return concatenate(xs, axis=0 if np.ndim(xs[0]) == 1 else 1)


@answers("column_stack")
def column_stack(xs: Any) -> Any:
    return concatenate([reshape(x, (-1, 1)) if np.ndim(x) < 2 else x for x in xs], axis=1)


@answers("take")
def take(a: Any, indices: Any, axis: Any = None) -> Any:
    # an index would read truths as a mask, a tuple as several of them and None as a new axis
    places = np.array(indices)
    if places.size and places.dtype.kind not in "biu":
        raise EngineError(f"take: positions are whole numbers, and were given as {indices!r:.60}")
    a, axis = (ravel(a), 0) if axis is None else (a, operator.index(axis))
    return a[(*[slice(None)] * along(a, axis)[0], places.astype(int))]


@answers("diff")
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    if n < 0:
        raise EngineError(f"diff: n is how often, and was given {n}")
    before = [slice(None)] * along(a, axis)[0]
    for _ in range(n):
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]
    return a


@answers("tril")
def tril(a: Any, k: int = 0) -> Any:
    return where(np.tril(np.ones(np.shape(a)), k), a, 0.0)


@answers("triu")
def triu(a: Any, k: int = 0) -> Any:
    return where(np.triu(np.ones(np.shape(a)), k), a, 0.0)


@answers("dot")
def dot(a: Any, b: Any) -> Any:
    """a @ b; a product where one is a number. Of a stack b NumPy's dot makes something else."""
    if np.ndim(b) > 2:
        raise EngineError("dot: for stacks of matrices write a @ b")
    return a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else matmul(a, b)


@answers("inner")
def inner(a: Any, b: Any) -> Any:
    if np.ndim(b) > 2:
        raise EngineError("inner: for stacks of matrices write a @ b.mT")
    return dot(a, transpose(b) if np.ndim(b) == 2 and np.ndim(a) else b)


@answers("vdot")
def vdot(a: Any, b: Any) -> Any:
    return matmul(ravel(a), ravel(b))


@answers("linalg.norm")
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The Euclidean length; of vectors also ord=1, the sum of sizes, and inf, the largest."""
    if isinstance(ord, Node):
        raise EngineError(f"norm: ord is a fixed number, and was given {describe(ord)}")
    vector = np.ndim(x) == 1 or isinstance(axis, (int, np.integer))
    if ord is None or (ord == "fro" and not vector) or (ord == 2 and vector):
        return norm2(x, axis=axis, keepdims=keepdims)
    if vector and ord == 1:
        return sum(abs(x), axis=axis, keepdims=keepdims)
    if vector and ord == math.inf:
        return max(abs(x), axis=axis, keepdims=keepdims)
    raise EngineError(f"norm: there is no ord={ord!r} for shape {np.shape(x)}; None is Euclidean")


@answers("linalg.slogdet")
def slogdet(a: Any) -> Any:
    """(the determinant's sign, a bare number; log |det a|, as logdet has it)."""
    size = logdet(a)  # says so of what is no square matrix
    return SlogdetResult(float(np.linalg.slogdet(getattr(a, "value", a))[0]), size)


@answers("average")
def average(a: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return mean(a, axis=axis)
    if axis is not None and np.ndim(weights) == 1 < np.ndim(a):  # one for each along the axis
        weights = reshape(weights, (-1, *[1] * (np.ndim(a) - 1 - axis % np.ndim(a))))
    elif np.shape(weights) != np.shape(a):
        raise EngineError(
            f"average: weights of shape {np.shape(weights)} do not fit {np.shape(a)}; one for each "
            "entry along an axis needs axis=, too"
        )
    return sum(a * weights, axis=axis) / sum(broadcast_to(weights, np.shape(a)), axis=axis)


@answers("logaddexp")
def logaddexp(a: Any, b: Any) -> Any:
    """The larger, and what the smaller adds to it: nothing where that is infinite."""
    more, less = where(a >= b, a, b), where(a >= b, b, a)
    far = abs(more) == math.inf
    return more + softplus(where(far, -math.inf, less) - where(far, 0.0, more))


@worded
@answers("einsum")
def einsum(subscripts: str, *operands: Any, optimize: Any = None) -> Any:
    """Sums of products by NumPy's subscripts, letters only ("ij,jk->ik"); nothing to optimize.

    >>> einsum("ij,j->i", np.eye(2), np.array([1.0, 2.0]))
    array([1., 2.])
    """
    if not isinstance(subscripts, str):
        raise EngineError(f"einsum: subscripts are text, as in 'ij,jk->ik', not {subscripts!r:.60}")
    left, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    letters = sorted({*left} - {","})
    if not arrow:
        out = "".join(c for c in letters if left.count(c) == 1)
    if not all(c.isascii() and c.isalpha() for c in letters) or "->" in out:
        raise EngineError(f"einsum: {subscripts!r} has to be letters, as in 'ij,jk->ik'")
    if not {*out} <= {*letters} or len({*out}) < len(out):
        raise EngineError(
            f"einsum: the result of {subscripts!r} has letters of its operands, each once"
        )
    lengths = [{*zip(t, np.shape(x), strict=False)} for t, x in zip(terms, operands, strict=False)]
    fits = [len(t) for t in terms] == [np.ndim(x) for x in operands]
    if not fits or any(len(s) > len({*t}) for s, t in zip(lengths, terms, strict=True)):
        shapes = ", ".join(str(np.shape(x)) for x in operands)
        raise EngineError(f"einsum: {subscripts!r} does not fit shapes {shapes}")
    order = [*out, *(c for c in letters if c not in out)]
    product: Any = 1.0
    for term, x in zip(terms, operands, strict=True):
        for c in {*term}:
            while term.count(c) > 1:  # a letter twice is the diagonal
                i, j = term.index(c), term.rindex(c)
                k = np.arange(np.shape(x)[i])
                rest = [n for n in range(np.ndim(x)) if n not in (i, j)]
                x = transpose(x, (i, j, *rest))[k, k]
                term = c + "".join(term[n] for n in rest)
        have = [c for c in order if c in term]
        x = transpose(x, tuple(term.index(c) for c in have)) if len(have) > 1 else x
        sizes = dict(zip(have, np.shape(x), strict=True))
        product = product * reshape(x, tuple(sizes.get(c, 1) for c in order))
    return sum(product, axis=tuple(range(len(out), len(order))))
