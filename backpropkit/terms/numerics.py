"""What NumPy does not offer as it stands: stable functions, on floats too; checked matrices."""

from __future__ import annotations

import math
import operator
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

NO_PARAMS: dict[str, Any] = {}
EPSILON = float(np.finfo(float).eps)
DOUBTFUL = EPSILON**-2  # a matrix's condition, squared, times its size to the fourth


def run(function: Callable[..., Any], values: Any, params: Mapping[str, Any] = NO_PARAMS) -> Any:
    """function(*values); inf and nan are values like others, whatever NumPy was told to raise."""
    try:
        return function(*values, **params)
    except (FloatingPointError, RuntimeWarning):
        with np.errstate(all="ignore"):
            return function(*values, **params)


def on_floats(number: Callable[[float], float], array: Callable[..., Any]) -> Callable[[Any], Any]:
    """A forward that uses `number` for a float (ten times faster than NumPy), `array` otherwise."""

    def forward(x: Any) -> Any:
        if x.__class__ is not float:
            return array(x)
        try:
            return number(x)
        except (OverflowError, ValueError):  # inf, −inf or nan: NumPy's answer, on floats too
            with np.errstate(all="ignore"):
                return float(array(x))

    return forward


def quiet(array: Callable[..., Any]) -> Callable[..., Any]:
    """No warning of inf and nan, as there is none on floats."""

    def forward(*values: Any) -> Any:
        with np.errstate(all="ignore"):
            return array(*values)

    return forward


def sigmoid_of_float(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def sigmoid_of_array(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1.0, small) / (1.0 + small)


def softplus_of_float(x: float) -> float:
    return (x if x > 0 else 0.0) + math.log1p(math.exp(-math.fabs(x)))


exp, log = on_floats(math.exp, quiet(np.exp)), on_floats(math.log, quiet(np.log))
exp2 = on_floats(lambda x: 2.0**x, quiet(np.exp2))
expm1, log1p = on_floats(math.expm1, quiet(np.expm1)), on_floats(math.log1p, quiet(np.log1p))
sqrt, sin, cos = (
    on_floats(math.sqrt, quiet(np.sqrt)),
    on_floats(math.sin, np.sin),
    on_floats(math.cos, np.cos),
)
tan, arctan = on_floats(math.tan, np.tan), on_floats(math.atan, np.arctan)
sinh, cosh = on_floats(math.sinh, quiet(np.sinh)), on_floats(math.cosh, quiet(np.cosh))
tanh = on_floats(math.tanh, np.tanh)
sigmoid = on_floats(sigmoid_of_float, sigmoid_of_array)
relu = on_floats(lambda x: x if x > 0 or x != x else 0.0, lambda x: np.maximum(x, 0.0))
softplus = on_floats(softplus_of_float, lambda x: np.logaddexp(0.0, x))


sign = on_floats(lambda x: 1.0 * (x > 0) - 1.0 * (x < 0) if x == x else x, np.sign)  # nan stays


def calm(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operator which does not warn where it makes inf or nan of arrays."""
    of_arrays = quiet(operation)

    def forward(a: Any, b: Any) -> Any:
        return operation(a, b) if a.__class__ is b.__class__ is float else of_arrays(a, b)

    return forward


div, remainder = calm(operator.truediv), calm(operator.mod)


def power(x: Any, n: Any) -> Any:
    """x to the n; of numbers as of arrays, too large a result is inf, and so is 0 to the −1."""
    if np.ndim(x) or np.ndim(n):
        with np.errstate(all="ignore"):
            return x**n
    try:
        y = x**n
    except (OverflowError, ZeroDivisionError):
        with np.errstate(all="ignore"):
            return float(np.power(float(x), float(n)))
    if y.__class__ is complex:
        raise ValueError(f"a negative number has no real power {n}")
    return y


def reducing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A forward that reduces over all entries, one axis or several."""

    def forward(a: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
        try:
            return function(a, axis=axis, keepdims=keepdims)
        except TypeError as error:
            if not isinstance(keepdims, (bool, int)):  # NumPy has a dtype or an out there, by place
                raise TypeError(f"keepdims is True or False, not {keepdims!r:.60}") from error
            raise TypeError(
                f"axis is a whole number or a tuple of them, not {axis!r:.60}"
            ) from error

    return forward


def extreme(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same of the largest or smallest; max(a, 0.0), meant as the larger of two, is refused."""
    reduced = reducing(function)

    def forward(a: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
        if axis is not None and not (np.ndim(a) and isinstance(axis, (int, np.integer, tuple))):
            raise ValueError(
                f"there is no axis {axis!r:.60} (of two, bp.maximum gives the larger, bp.minimum "
                "the smaller)"
            )
        return reduced(a, axis=axis, keepdims=keepdims)

    return forward


sum = reducing(np.add.reduce)  # np.sum's own, without its wrapping
max, min = extreme(np.maximum.reduce), extreme(np.minimum.reduce)


def mean(a: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    total = sum(a, axis=axis, keepdims=keepdims)
    if np.size(a) == 0 and np.size(total):
        raise ValueError("there are no entries to take the mean of")
    return total / (np.size(a) // np.size(total)) if np.size(a) else total


def norm2(a: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """√Σa²; of very large or small entries, whose squares are no numbers, by way of the largest."""
    with np.errstate(all="ignore"):
        y = np.sqrt(sum(a * a, axis=axis, keepdims=keepdims))
        if np.all((y > 1e-140) & (y < 1e140)):
            return y
        top = np.max(np.abs(a), axis=axis, keepdims=True, initial=0.0)
        top = np.where((top > 0.0) & np.isfinite(top), top, 1.0)
        shares = a / top
        y = top * np.sqrt(sum(shares * shares, axis=axis, keepdims=True))
    return y if keepdims else np.squeeze(y, axis=axis)


def cumsum(a: Any, *, axis: Any = None) -> Any:
    return np.cumsum(a, axis=axis)


def getitem(a: Any, *, index: Any) -> Any:
    if a.__class__ is not float:
        return a[index]
    try:
        return np.asarray(a)[index]
    except IndexError as error:
        raise IndexError("a single number has no entries") from error


def matmul(a: Any, b: Any) -> Any:
    try:
        return a @ b
    except (TypeError, ValueError):
        raise ValueError(
            f"shapes {np.shape(a)} and {np.shape(b)} do not fit: matrices or vectors are needed, "
            "with as many columns on the left as rows on the right"
        ) from None


vdot = np.vdot  # Σab of two arrays of one shape; NumPy makes no array of the products


def outer(a: Any, b: Any) -> Any:
    if np.ndim(a) != 1 or np.ndim(b) != 1:
        raise ValueError(f"two vectors are needed, these have shapes {np.shape(a)}, {np.shape(b)}")
    return np.outer(a, b)


def trace(a: Any) -> Any:
    return square(a).trace()


def diag(a: Any) -> Any:
    return np.diag(a if np.ndim(a) == 1 else square(a))


def det(a: Any) -> Any:
    return np.linalg.det(square(a))


def cofactors(a: Any) -> Any:
    """The gradient of the determinant: with a = u·diag(s)·v, it is |u||v| u·diag(others)·v, where
    others are the products of all entries of s but one. Nothing is divided by, so that a may be
    singular: Stewart, On the adjugate matrix, 1998."""
    if not np.all(np.isfinite(a)):  # of which LAPACK may not come back
        raise ValueError("the slope of a determinant has no value where an entry is infinite")
    u, s, v = np.linalg.svd(a)
    others = np.prod(np.where(np.eye(len(s)), 1.0, s), axis=1)
    sign_of_both = np.linalg.slogdet(u)[0] * np.linalg.slogdet(v)[0]
    return sign_of_both * (u * others) @ v


def quadratic_form(x: Any, a: Any) -> Any:
    if np.ndim(x) != 1:
        raise ValueError(f"x has to be a vector, and has shape {np.shape(x)}")
    return x @ square(a) @ x


def square(a: Any) -> Any:
    """a itself, if it is a square matrix; LinAlgError otherwise."""
    if np.ndim(a) != 2 or np.shape(a)[0] != np.shape(a)[1]:
        raise np.linalg.LinAlgError(f"a square matrix is needed, this has shape {np.shape(a)}")
    return a


SINGULAR = (
    "Singular matrix{}: nothing undoes it. Look for rows that depend on each other, or add "
    "a little to its diagonal (a + 1e-6 * np.eye(len(a)))"
)
FAILS = {
    "inv": SINGULAR.format(""),
    "solve": SINGULAR.format(""),
    "cholesky": "the matrix is not positive definite: it has an eigenvalue that is 0 or below",
}


def regular(name: str, *given: Any) -> Any:
    """What a routine of numpy.linalg makes of what is given; LinAlgError where that fails.

    NumPy fills such a result with nan and raises by the processor's "invalid" flag. In a browser
    (WebAssembly) there is no such flag, and the nan would go on quietly.
    """
    try:
        y = getattr(np.linalg, name)(*given)
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(FAILS[name]) from None
    if y.size and math.isnan(y.item(0)) and all(np.all(np.isfinite(x)) for x in given):
        raise np.linalg.LinAlgError(FAILS[name])
    return y


def reliable(a: Any) -> Any:
    """The inverse, if any of its digits means something: looked at where the condition is large."""
    found = regular("inv", a)
    if np.vdot(a, a) * np.vdot(found, found) * len(a) ** 4 > DOUBTFUL:
        check_digits(a, found @ trials(a))
    return found


def solve(a: Any, b: Any) -> Any:
    if np.shape(square(a))[:1] != np.shape(b)[:1] or np.ndim(b) > 2:
        fits = f"b, a vector or a matrix, needs as many rows as a of {np.shape(a)} has"
        raise ValueError(f"{fits}, and has shape {np.shape(b)}")
    tried = trials(a)
    x = regular("solve", a, np.concatenate([np.reshape(b, (len(a), -1)), tried], axis=1))
    k = tried.shape[1]
    check_digits(a, x[:, -k:])
    return np.reshape(x[:, :-k], np.shape(b))


def trials(a: Any) -> Any:
    """Three right sides b that are as good as any, their rows of a's sizes."""
    return row_sizes(a) * np.cos(np.outer(np.arange(1, len(a) + 1), (1, 2, 3)))


def row_sizes(a: Any) -> Any:
    return np.max(np.abs(a), axis=1, initial=0.0)[:, None]


def check_digits(a: Any, x: Any) -> None:
    """LinAlgError where no digit of a⁻¹b means anything: where large products cancel to make one of
    the trials from x. Rows and columns of a may be of different sizes (Skeel, Scaling for
    numerical stability in Gaussian elimination, 1979)."""
    with np.errstate(all="ignore"):
        products = np.abs(a) @ np.abs(x) / row_sizes(a)
    if np.max(products, initial=0.0) * EPSILON * len(a) ** 2 > 1.0:
        raise np.linalg.LinAlgError(SINGULAR.format(", as far as its digits tell"))


def logdet(a: Any, *, spd: bool = False) -> Any:
    if spd:
        return logdet_of_factor(factor(a))
    sign_of_det, logabs = np.linalg.slogdet(square(a))
    if sign_of_det == 0:
        raise np.linalg.LinAlgError("the matrix is singular, its determinant is 0")
    return logabs


def inv(a: Any, *, spd: bool = False) -> Any:
    return inverse_of_factor(factor(a)) if spd else inverse(square(a))


def remembered(function: Callable[[Any], Any], made: dict[int, Any]) -> Callable[[Any], Any]:
    """The same function, which gives back what it made of an array that cannot change, as a node's
    value is: forward and backward both want it. `made` keeps it as long as the array is there, and
    the array's bytes beside it, since somebody's own may have been changed between."""

    def recall(a: Any) -> Any:
        if not isinstance(a, np.ndarray) or a.flags.writeable or not a.flags.owndata:
            return function(a)
        key, now = id(a), a.tobytes()
        if key not in made or made[key][1] != now:
            y = function(a)
            y.setflags(False)
            made[key] = y, now, weakref.ref(a, lambda _: made.pop(key, None))
        return made[key][0]

    return recall


inverses: dict[int, Any] = {}  # id of a matrix -> its inverse, a copy, a reference
inverse = remembered(reliable, inverses)


# A matrix promised to be symmetric positive definite is factorised once, at half the price; with
# SciPy at hand, LAPACK's own routines make its inverse of the factor too.


def lapack() -> Any:
    """SciPy's LAPACK, or None."""
    try:
        from scipy.linalg import lapack as found
    except ImportError:
        return None
    return found


def cholesky(a: Any) -> Any:
    """Lower triangular c with c cᵀ = a; LinAlgError if there is none."""
    if not symmetric(a):
        raise np.linalg.LinAlgError("the matrix is not symmetric: (a + a.T) / 2 is")
    return regular("cholesky", a)


def symmetric(a: Any) -> bool:
    """Whether a square matrix is symmetric, up to rounding."""
    size = np.max(np.abs(a), initial=0.0)
    return not np.max(np.abs(square(a) - a.T), initial=0.0) > 1e-10 * size


def factor(a: Any) -> Any:
    """The same of a matrix that was promised to have one."""
    if not symmetric(a):
        raise np.linalg.LinAlgError("the matrix was promised symmetric (spd=True) and is not")
    try:
        return regular("cholesky", a)
    except np.linalg.LinAlgError as error:
        message = "the matrix was promised positive definite (spd=True) and is not"
        raise np.linalg.LinAlgError(message) from error


def logdet_of_factor(c: Any) -> Any:
    return 2.0 * np.sum(np.log(np.diag(c)))


def inverse_of_factor(c: Any) -> Any:
    if routines := lapack():
        lower, _ = routines.dpotri(c, lower=1)
        return lower + np.tril(lower, -1).T
    half = regular("inv", c)
    return half.T @ half


def sum_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    if not shape:
        return np.add.reduce(x, axis=None)
    new = np.ndim(x) - len(shape)
    stretched = [new + i for i, n in enumerate(shape) if n == 1]
    return np.reshape(np.add.reduce(x, axis=(*range(new), *stretched)), shape)


def scatter(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape)
    np.add.at(out, index, g)
    return out


def log_softmax(x: Any, *, axis: Any = -1) -> Any:
    return log_shares(x) if axis == -1 else log_softmax_along(x, axis)


def log_softmax_along(x: Any, axis: Any) -> Any:
    x = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    return x - np.log(np.add.reduce(np.exp(x), axis=axis, keepdims=True))


log_shares = remembered(lambda x: log_softmax_along(x, -1), {})  # where scores mostly stand


def softmax(x: Any, *, axis: Any = -1) -> Any:
    return np.exp(log_softmax(x, axis=axis))


def logsumexp(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)  # −inf entries only, or inf: as they are
    with np.errstate(divide="ignore"):
        y = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return y if keepdims else np.squeeze(y, axis=axis)


def cross_entropy(scores: Any, target: Any) -> Any:
    if np.shape(scores) != np.shape(target):
        labels = np.shape(target) == np.shape(scores)[:-1]
        remedy = "; for labels, np.eye(k)[labels] is the target" if labels else ""
        raise ValueError(
            f"scores {np.shape(scores)} and target {np.shape(target)} differ in shape{remedy}"
        )
    if not np.size(scores):
        raise ValueError(f"there are no scores in shape {np.shape(scores)}")
    return -np.sum(target * log_softmax(scores)) / math.prod(np.shape(scores)[:-1])
