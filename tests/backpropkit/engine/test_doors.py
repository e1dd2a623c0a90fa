"""The engine's less visited doors: Graph, compile, hvp, seeds, rules, values changed in place.

Each case was found by writing what a learner might; the truth is a closed form.
"""

import copy
import math
import statistics
import warnings

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, const, grad, var

V = np.array([3.0, 4.0])
M = np.array([[2.0, 1.0], [0.5, 3.0]])


def square(name="x"):
    x = var(2.0, name)
    return x, Graph(x * x)


@bp.no_grad()
def unrecorded(x):
    return x * x


def square_of(x):
    return x * x


class Empty:
    """A node of somebody's engine whose gradient cannot be asked for before its backward ran."""

    def __init__(self, value, parents=(), op=None):
        self.value, self.parents, self.op = value, tuple(parents), op

    @property
    def grad(self):
        raise RuntimeError("run backward first")


REFUSED = {
    "a nudge of another shape": (
        lambda: Graph(bp.sum(w := var(np.ones((2, 3)), "W"))).nudge(w, V),
        r"nudge h of leaf 'W'.*\(2,\)",
    ),
    "a nudge to a place without value": (
        lambda: Graph(1.0 / (x := var(1.0, "x"))).nudge(x, -1.0),
        r"leaf 'x' \(value 0\)",
    ),
    "a nudge by a node": (lambda: (s := square())[1].nudge(s[0], s[0]), "its number"),
    "a replay of no mapping": (lambda: square()[1].replay(3.0), "{node: value}.*3.0"),
    "at no mapping": (lambda: square()[1].at([1.0]), "{node: value}"),
    "steps by rules of no op": (lambda: square()[1].steps({"mull": None}), "mull"),
    "steps that meet otherwise": (lambda: square()[1].steps(meet="sum"), "'sum'.*'overwrite'"),
    "a rule for a node elsewhere": (
        lambda: square()[1].result.backward(rules={var(1.0, "z"): lambda *_: (1.0, 1.0)}),
        "rules names leaf 'z'",
    ),
    "a rule that returns complex arrays": (
        lambda: bp.sum(var(V, "x") ** 2).backward(rules={"power": lambda *g, n: (g[0] * 1j,)}),
        "complex",
    ),
    "a seed that is nan": (lambda: square()[1].result.backward(math.nan), "seed.*nan"),
    "a seed that makes nan": (lambda: (var(2.0, "x") * 0.0).backward(math.inf), "'x'.*is nan"),
    "a seed that is a node": (lambda: square()[1].result.backward(var(1.0)), "its number"),
    "a value that is a node": (lambda: setattr(var(1.0), "value", var(2.0)), "its number"),
    "a gradient of another shape": (lambda: setattr(var(V, "w"), "grad", [1, 2, 3]), "'w'.*shape"),
    "a gradient that is no number": (lambda: setattr(var(1.0, "w"), "grad", "0"), "'w'.*'0'"),
    "a product with a vector of another shape": (lambda: bp.hvp(bp.sum)(V, 1.0), r"\(2,\).*\(\)"),
    "what no_grad left out": (lambda: grad(unrecorded)(2.0), "unrecorded.*no_grad"),
    "a graph of what no_grad left out": (lambda: Graph(unrecorded, 2.0), "unrecorded.*no_grad"),
    "no function to check": (lambda: bp.check_grad("x*x", 1.0), "check_grad.*'x.x'"),
    "a pair to check": (lambda: bp.check_grad(lambda x: (x, x), 1.0), "a tuple"),
    "a value to check that is none": (lambda: bp.check_grad(bp.log, -1.0), "nan.*log"),
    "a value to check that is infinite": (lambda: bp.check_grad(bp.exp, 1e3), "exp.*is infinite"),
    "a formula of numbers": (lambda: Graph("1 + 1"), "the formula returned 2.*not a Node"),
    "wrt no place": (lambda: grad(lambda x: x, wrt=None), "wrt=None"),
    "wrt half a place": (lambda: grad(lambda x: x, wrt=1.0), "wrt=1.0"),
    "compiled for no node": (lambda: square()[1].compile(wrt=0), "not 0"),
    "compiled, of a text": (lambda: square()[1].compile()("3"), "argument x.*'3'"),
    "compiled, of a node": (lambda: square()[1].compile()(var(3.0)), "its number"),
    "compiled, a slope without value": (
        lambda: Graph(bp.sum(bp.std(var(np.eye(2), "x"), axis=0))).compile()(np.ones((2, 2))),
        "gradient of leaf 'x' .* is nan: what the node sqrt",
    ),
    "compiled, a number's slope without value": (
        lambda: Graph(bp.sqrt(var(1.0, "x")) * 0.0).compile()(0.0),
        "gradient rule of the node sqrt.*value 0.*division by zero",
    ),
    "compiled, a slope that overflows": (
        lambda: Graph(1.0 / square_of(square_of(var(1.0, "x")))).compile()(1e200),
        "gradient of leaf 'x' .*1e.200.* is nan: what the node mul",
    ),
    "compiled, nan": (lambda: Graph(var(1.0, "x") * 2.0).compile()(math.nan), "result is nan"),
    "a gradient of a node elsewhere": (
        lambda: square()[1].grads[var(1.0, "z")],
        "leaf 'z'.*not in the graph",
    ),
    "a gradient of a name": (lambda: square()[1].grads["x"], "'x', no node"),
    "a second derivative where the determinant is 0": (
        lambda: bp.hessian(bp.det)(np.ones((2, 2))),
        "det.*singular.*Its gradient is there",
    ),
    "the larger of two by max": (lambda: bp.max(var(2.0, "x"), 0), "'x'.*bp.maximum"),
    "the larger of two arrays": (lambda: np.max(var(V), 0.5), "bp.maximum"),
    "an axis that is not there": (lambda: np.swapaxes(var(np.eye(2)), 0, 2), "swapaxes.*axis 2"),
    "a new axis too far": (lambda: np.expand_dims(var(V), 5), "expand_dims.*axis 5"),
    "the norm of no such order": (lambda: np.linalg.norm(var(V), "fro"), "ord='fro'"),
    "a value in place": (lambda: np.add.at(var(V).value, [0], 1.0), "entry by entry"),
    "a value as out": (lambda: np.exp(V, out=var(V).value), "entry by entry"),
    "bytes of a number": (lambda: bp.cached_bytes(3.0), "cached_bytes.*3.0"),
    "a power as it is written elsewhere": (lambda: var(2.0, "x") ^ 2, r"'x'.*node \*\* n"),
    "an entry that is masked": (lambda: var(np.ma.masked), "MaskedConstant"),
    "a power modulo another": (lambda: pow(var(2.0), 3, 5), "modulus.*whole numbers"),
    "a mean of Python's": (lambda: statistics.mean([var(2.0), var(3.0)]), "bp.mean"),
    "a reduction by its operator": (lambda: np.add.reduce(var(V)), r"add.reduce.*bp.sum\(node"),
    "a table of an operator": (lambda: np.multiply.outer(var(V), V), r"bp.outer\(a, b\)"),
    "the real part": (lambda: np.real(var(V)), "all values are real"),
    "a gradient zeroed in place": (lambda: zeroed(), "its gradient.*backward.. starts"),
    "a value sorted in place": (lambda: var(V).value.sort(), "entry by entry"),
    "a diagonal of no square": (lambda: np.einsum("ii->i", var(np.ones((2, 3)))), r"fit.*\(2, 3\)"),
    "a stack of right sides": (
        lambda: bp.solve(var(np.eye(2), "a"), np.ones((2, 2, 2))),
        r"vector or a matrix.*\(2, 2, 2\)",
    ),
    "a sign of a stack": (lambda: np.linalg.slogdet(var(np.ones((2, 2, 2)))), "square"),
    "weights of another shape": (
        lambda: np.average(var(np.ones((3, 2))), weights=V),
        r"\(2,\).*\(3, 2\).*axis=",
    ),
    "differences fewer than none": (lambda: np.diff(var(V), -1), "diff.*-1"),
    "two at once": (lambda: np.atleast_1d(var(1.0), var(2.0)), "atleast_1d.*2 arguments"),
    "a sum over a generator": (lambda: bp.sum(x for x in V), "sum takes a number.*generator"),
    "a sum of nothing": (lambda: bp.sum(None), "sum takes a number.*None"),
    "an entry masked in a class of one's own": (
        lambda: var(np.ma.array(V, mask=[0, 1]).view(Masked)),
        "Masked",
    ),
    "no_grad around a generator": (lambda: bp.no_grad()(yielding), "yielding.*inside of it"),
    "no_grad without its brackets": (lambda: bp.no_grad(square), r"@bp.no_grad\(\)"),
    "no_grad around a coroutine": (lambda: bp.no_grad()(awaiting), "awaiting.*inside of it"),
    "a product along no axis": (lambda: bp.prod(var(np.eye(3)), axis=3), r"\(3, 3\) has no axis 3"),
    "a product along a word": (lambda: bp.prod(np.eye(3), "rows"), r"\(3, 3\) has no axis 'rows'"),
    "differences along no axis": (lambda: np.diff(var(np.eye(3)), axis=5), "no axis 5"),
    "differences of a number": (lambda: np.diff(var(2.0)), r"shape \(\) has no axis"),
    "entries along no axis": (lambda: np.take(var(np.eye(2)), [0], axis=3), "no axis 3"),
    "a variance of less than nothing": (lambda: np.var(var(V), ddof=3), "2 entries.*ddof.*3"),
    "a matrix that multiplies otherwise": (
        lambda: np.matrix(np.eye(2)) * var(np.eye(2)),
        "a matrix",
    ),
    "such a matrix without a node": (lambda: bp.matmul(np.matrix(np.eye(2)), V), "a matrix"),
    "a product along half an axis": (lambda: bp.prod(var(V), axis=0.5), r"no axis 0\.5$"),
    "a power that is a date": (
        lambda: var(V) ** np.datetime64("2020"),
        "power takes a number.*2020",
    ),
    "words side by side": (lambda: bp.stack(["a", 1]), "stack takes a number.*'a'"),
    "rows of different lengths": (lambda: bp.sum([[1, 2], [3]]), "sum takes a number.*a list"),
    "a masked entry without a node": (
        lambda: bp.sum(np.ma.array([1.0, 2.0], mask=[0, 1])),
        "(?s)sum takes a number.*MaskedArray",
    ),
    "an axis that is none, without a node": (lambda: bp.sum(V, axis="0"), "axis is a.*'0'"),
    "an argument copied": (lambda: grad(lambda x: copy.copy(x) * x)(2.0), "f .*copy of leaf 'x'"),
    "an argument copied deep": (
        lambda: grad(lambda x: copy.deepcopy(x * x) * x)(2.0),
        "f .*copy of leaf 'x'.*lost",
    ),
    "an argument that is a node, copied": (
        lambda: grad(lambda x: copy.deepcopy(x) * x)(var(2.0)),
        "f .*copy of",
    ),
    "a gradient in place": (lambda: entry_of_a_gradient(), "its gradient.*entry by entry"),
}
if hasattr(np, "matvec"):  # from NumPy 2.2 on
    REFUSED["a product by another name"] = (lambda: np.matvec(np.eye(2), var(V)), "write a @ b")


class Masked(np.ma.MaskedArray):
    pass


def yielding():
    yield var(2.0) * 3.0


async def awaiting():
    return var(2.0) * 3.0


def zeroed():
    x = var(V)
    bp.sum(x * x).backward()
    x.grad.fill(0.0)


def entry_of_a_gradient():
    x = var(V)
    bp.sum(x * x).backward()
    x.grad[:] = 0.0


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_in_a_sentence(case):
    call, words = REFUSED[case]
    with pytest.raises(EngineError, match=words):
        call()


WORKS = {
    "steps that meet by name": (lambda: square()[1].steps(meet="overwrite")[-1].total, 2.0),
    "meeting by a function": (lambda: met(max), 5.0),
    "wrt by a number of NumPy's": (lambda: grad(lambda x, y: x * y, np.int64(1))(3.0, 2.0), 3.0),
    "the Hessian of nothing": (lambda: bp.hessian(bp.sum)(np.zeros(0)), np.zeros((0, 0))),
    "an axis of a number": (lambda: grad(lambda x: np.sum(x, axis=0))(2.0), 1.0),
    "bounds by NumPy's names": (lambda: np.clip(var(V), a_min=0, a_max=3.5).value, [3.0, 3.5]),
    "one bound by name": (lambda: var(V).clip(min=3.5).value, [3.5, 4.0]),
    "einsum as it is copied": (lambda: np.einsum("i,i", var(V), V, optimize=True).value, 25.0),
    "several new axes": (lambda: np.expand_dims(var(V), (0, 2)).shape, (1, 2, 1)),
    "an axis moved": (lambda: np.moveaxis(var(np.ones((2, 3, 0))), 0, -1).shape, (3, 0, 2)),
    "a transpose by its other name": (
        lambda: np.linalg.matrix_transpose(var(np.ones((2, 3)))).shape,
        (3, 2),
    ),
    "the size along an axis": (lambda: np.size(var(np.ones((2, 3))), 1), 3),
    "a number beside a matrix": (lambda: np.inner(var(2.0), M).value, 2.0 * M),
    "an average of infinity": (lambda: np.average(var([1, np.inf]), weights=V).value, math.inf),
    "axes in an array": (lambda: var(np.ones((2, 3))).transpose(np.array([1, 0])).shape, (3, 2)),
    "a slope in the exponent of a tiny number": (
        lambda: grad(lambda a, b: a**b, wrt=1)(1e-200, 0.01),
        1e-200**0.01 * math.log(1e-200),
    ),
    "the inverse of large numbers": (
        lambda: bp.inv(var(1e160 * M)).value,
        np.linalg.inv(1e160 * M),
    ),
    "the inverse of small numbers": (
        lambda: bp.inv(var(1e-160 * M)).value,
        np.linalg.inv(1e-160 * M),
    ),
    "a function of a whole number": (lambda: bp.exp(np.int8(2)), math.exp(2.0)),
    "a function of truths": (lambda: bp.exp(np.array([True, False])), [math.e, 1.0]),
    "a function of a short number": (lambda: bp.log(np.float32(0.1)), math.log(np.float32(0.1))),
    "products of small whole numbers": (lambda: bp.outer(*[np.array([100], np.int8)] * 2), [[1e4]]),
    "an array of one's own": (lambda: changed(bp.reshape([1, 2], (2, 1))), [[7.0], [2.0]]),
    "a shape that is changed later": (lambda: shape_changed_later().value, [[3.0], [4.0]]),
    "axes that are changed later": (lambda: axes_changed_later(), [0.0, 1.0, 2.0]),
    "a gradient of what was copied before": (
        lambda: grad(lambda x: x * copy.copy(w := var(3.0)) * w)(2.0),
        9.0,
    ),
    "a norm along an axis of NumPy's": (
        lambda: np.linalg.norm(var(np.eye(2)), ord=1, axis=np.int64(0)).value,
        [1.0, 1.0],
    ),
    "a shallow copy": (lambda: copy.copy(var(V)[0] * 2.0).value, 6.0),
    "whole remainders in place": (lambda: remainders(), [1.0, 0.0]),
    "settings of a function": (lambda: Graph(setting, 2.0).result.value, 6.0),
    "an engine that has no gradient yet": (
        lambda: Graph(Empty(4.0, [two := Empty(2.0), two], "*")).result.value,
        4.0,
    ),
}


def met(how):
    x = var(2.0)
    (x * x + x * 5.0).backward(meet=how)
    return x.grad


def changed(a):
    a[0] = 7.0
    return a


def shape_changed_later():
    shape = [2, 1]
    y = bp.reshape(v := var(V, "v"), shape)
    shape[:] = [1, 2]
    return Graph(y).at({v: V}).result


def axes_changed_later():
    x, W = var(np.zeros((1, 3, 2))), np.arange(6.0).reshape(3, 2, 1)
    for axes, order in (([1, 2, 0], bp.transpose), (np.array([1, 2, 0]), bp.Node.transpose)):
        y = order(x, axes)
        axes[:] = [2, 1, 0]
        (y * W).backward(np.ones(y.shape))
    return x.grad[0, :, 0] / 2.0


def remainders():
    v = var(V).value
    v //= 2.0
    v %= 2.0
    return v


def setting(x, axis=None, sure=False, y=3.0):
    return x * y if axis is None and not sure else x


@pytest.mark.parametrize("case", WORKS)
def test_what_works(case):
    call, expected = WORKS[case]
    np.testing.assert_array_equal(call(), expected)


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1.0, 1e170, 1e300])
def test_a_length_is_right_however_large_or_small(size):
    x = size * V
    for f in (bp.norm2, np.linalg.norm):
        assert f(var(x)).value == pytest.approx(5.0 * size, rel=1e-15)
        np.testing.assert_allclose(grad(f)(x), [0.6, 0.8], rtol=1e-15)
        bent = (np.eye(2) - np.outer(V, V) / 25.0) / 5.0
        np.testing.assert_allclose(bp.hessian(f)(x) * size, bent, rtol=1e-13)
    rows = np.stack([x, np.zeros(2)])
    g = grad(lambda x: bp.sum(bp.norm2(x, axis=1)))(rows)
    np.testing.assert_allclose(g, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-15)
    with pytest.raises(EngineError, match="slope is infinite"):
        bp.hessian(bp.norm2)(np.zeros(2))
    value, found = Graph(bp.norm2(var(V, "x"))).compile()(x)
    np.testing.assert_allclose([value / size, *found["x"]], [5.0, 0.6, 0.8], rtol=1e-15)


@pytest.mark.parametrize(
    "f, at",
    [
        (lambda x: x * x, 1e8),
        (bp.log, 1e-3),
        (bp.log, 1e-6),
        (lambda x: 1.0 / x, 1.3e-4),
        (lambda x: 1.0 + 1e-3 * x, 1e-8),
        (lambda x: 1e9 + bp.sin(x), 0.5),
        (lambda x: bp.sum(bp.log(x)), np.array([1e-5, 1.0, 1e5])),
    ],
)
def test_a_right_gradient_is_accused_at_no_scale_and_a_wrong_one_at_all(f, at):
    bp.check_grad(f, at)
    with pytest.raises(bp.GradientMismatch, match=r"constant factor 1\.01"):
        bp.check_grad(lambda x: f(x) + 0.01 * (f(x) - twice_removed(f, x)), at)


def twice_removed(f, x):
    """f's value, whose gradient the engine cannot see."""
    return f(x.value) if x.args or x.op == "var" else f(x)


def test_what_is_handed_out_is_the_callers_own():
    """Weight decay and clipping in place; a gradient may be an argument, or that of two leaves."""
    a, b = var(V, "a"), var(V, "b")
    A, B = V.copy(), V + 1.0
    for L in (a @ b, bp.sum((a + b) ** 2), bp.sum(a * const(V)) + bp.sum(b), bp.sum(a[::-1] * b)):
        run = Graph(L).compile()
        value, found = run(A, B)
        kept = copy.deepcopy(found)
        found["a"] *= 100.0
        assert found["b"].tolist() == kept["b"].tolist()
        found["b"] += 1.0
        assert A.tolist() == V.tolist() and B.tolist() == (V + 1.0).tolist()
        again = run(A, B)
        assert again[0] == value and all(np.array_equal(again[1][k], kept[k]) for k in "ab")
    for f in (bp.sum, lambda x: bp.sum(x * V), lambda x: bp.sum(x * x)):
        g = grad(f)(V)
        g += 1.0
        assert grad(f)(V).tolist() == (g - 1.0).tolist()


@pytest.mark.parametrize("name", ["is_integer", "hex", "real", "conjugate"])
def test_what_a_number_has_and_a_node_has_not(name):
    with pytest.raises(AttributeError, match=f"a Node has no {name}: .*node.value"):
        getattr(var(2.0), name)


def test_a_gradient_is_set_as_a_whole():
    w = var(V, "w")
    bp.sum(w * w).backward()
    before = w.grad
    w.grad *= 0.5
    assert before.tolist() == [6.0, 8.0] and w.grad.tolist() == [3.0, 4.0]
    for zero in (0, 0.0, np.zeros(2), [0, 0]):
        w.grad = zero
        bp.sum(w * w).backward(accumulate=True)
        assert w.grad.tolist() == [6.0, 8.0]
    w.grad = None
    assert w.grad is None


@pytest.mark.parametrize("n, rank", [(1, 0), (2, 2), (2, 1), (3, 2), (3, 1), (5, 4), (5, 5)])
def test_a_determinant_has_a_slope_where_it_is_0_too(n, rank):
    """Each entry of the gradient is a cofactor: the minor without its row and column, signed."""
    rng = np.random.default_rng(n * 10 + rank)
    a = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))
    minors = [
        [np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) * (-1) ** (i + j) for j in range(n)]
        for i in range(n)
    ]
    np.testing.assert_allclose(grad(bp.det)(a), minors, atol=1e-12)


def test_a_gradient_of_an_earlier_value_is_added_to_as_it_shows():
    x, y = var([0.0, 1.0]), var(1.0)
    bp.sum(bp.sqrt(x)).backward()
    x.value += 1.0
    assert x.grad.tolist() == [math.inf, 0.5]
    (y * y).backward()
    assert x.grad.tolist() == [0.0, 0.0]
    bp.sum(3.0 * x).backward(accumulate=True)
    assert x.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("a", "b", "slopes"),
    [
        (-math.inf, -math.inf, (1.0, 0.0)),  # none is right: all is given to the first
        (-math.inf, 1.0, (0.0, 1.0)),
        (1.0, -math.inf, (1.0, 0.0)),
        (math.inf, 1.0, (1.0, 0.0)),
        (math.inf, math.inf, (1.0, 0.0)),
        (2.0, 2.0, (0.5, 0.5)),
        (1000.0, 1000.0 + math.log(3.0), (0.25, 0.75)),
    ],
)
def test_probabilities_of_0_are_added_as_logarithms(a, b, slopes):
    for first, second in ((a, b), (np.array([a]), np.array([b])), (np.array([a, a]), b)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = np.logaddexp(var(first), second).value
            gradients = grad(lambda x, y: bp.sum(np.logaddexp(x, y)), (0, 1))(first, second)
        assert found == pytest.approx(np.logaddexp(first, second), rel=1e-15)
        for given, slope, g in zip((first, second), slopes, gradients, strict=True):
            uses = np.size(found) // np.size(given)
            np.testing.assert_allclose(g, np.full(np.shape(given), slope * uses), rtol=1e-12)
    if abs(a) < math.inf > abs(b):
        p = slopes[0] * slopes[1]
        bent = bp.hessian(lambda v: np.logaddexp(v[0], v[1]))(np.array([a, b]))
        np.testing.assert_allclose(bent, [[p, -p], [-p, p]], rtol=1e-12)


def test_the_third_argument_of_numpys_product_is_no_shape():
    with pytest.raises(TypeError, match=r"np.prod of a node.*\(a, axis, keepdims\)"):
        np.prod(var(M), 0, np.float64)


def test_infinity_is_a_value_in_compiled_code_too():
    """inf − inf in what looks for nan is no nan."""
    run = Graph(var(1.0, "x") - var(1.0, "y") * const(math.inf)).compile()
    value, found = run(1.0, 1.0)
    assert value == -math.inf and found == {"x": 1.0, "y": -math.inf}
    value, found = Graph(var(1.0, "x") / var(1.0, "y")).compile()(math.inf, 1.0)
    assert value == math.inf and found == {"x": 1.0, "y": -math.inf}


def test_names_that_a_compiled_function_uses_itself():
    names = (
        "__value",
        "__float",
        "__errors",
        "__again",
        "__failed",
        "__checked",
        "__read_x",
        "__class__",
    )
    leaves = [var(2.0, name) for name in names]
    value, found = Graph(math.prod(leaves) + leaves[0] ** leaves[1]).compile()(*[2.0] * 8)
    assert value == 260.0 and list(found) == list(names)
    assert [found[name] for name in names[2:]] == [128.0] * 6


def test_no_grad_may_leave_a_part_out():
    def f(x):
        with bp.no_grad():
            k = x * x
        return k * x

    assert grad(f)(2.0) == 4.0
    assert grad(lambda x: const(3.0) * 2.0)(2.0) == 0.0
    with bp.no_grad():
        assert (const(3.0) * 2.0).value == 6.0
