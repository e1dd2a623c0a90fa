"""Quietly wrong once, or in no sentence: one of each kind, found by writing as strangers do."""

import asyncio
import contextlib
import functools
import inspect
import math
import operator
import pickle
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, var
from backpropkit.engine.node import TABLE
from backpropkit.engine.rules import op
from backpropkit.fluent.suggest import AT_THE_DOOR, HINTS, missing

M = np.array([[2.0, 1.0, -1.0], [0.5, 3.0, 4.0]])


def says(*words):
    """An EngineError whose message holds all these words."""
    return pytest.raises(EngineError, match="(?s)" + "".join(f"(?=.*{w})" for w in words))


@pytest.mark.parametrize(
    "index, axis",
    [([True, False], 0), ([True, False, True], 1), (True, None), ((1,), None), ((0, 2), None),
     ([], 1), ([[0, 1], [1, 0]], 0), (np.uint8(1), -1), (range(2), 1)],
)  # fmt: skip
def test_what_is_taken_is_taken_by_position(index, axis):
    """NumPy's take reads truths as 1 and 0, and a tuple as a list: no mask, no index of several."""
    x = var(M, "x")
    found = np.take(x, index, axis)
    expected = np.take(M, np.array(index, int), axis)
    np.testing.assert_array_equal(found.value, expected)
    assert found.shape == expected.shape
    bp.check_grad(lambda x: np.take(x, index, axis), M)


@pytest.mark.parametrize("index", [None, 1.0, [0.0], slice(0, 1), ..., "0"])
def test_what_is_no_position_is_refused(index):
    with says("take", "whole numbers"):
        np.take(var(M, "x"), index)


@pytest.mark.parametrize("x", [np.nan, np.array([np.nan, 1.0])])
def test_the_sign_of_nan_is_nan(x):
    """It was 0, and the nan below was never named."""
    assert np.isnan(bp.sum(bp.sign(x)))
    with says("nan", "'x'"):
        (bp.sum(bp.sign(var(x, "x"))) * 2.0).backward()
    with says("result is nan"):
        bp.Graph(bp.sum(bp.sign(var(np.zeros(np.shape(x)), "x")))).compile()(x)


def of_rank(n, rank, seed):
    """A matrix that is singular, but for rounding."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_no_system_is_solved_that_is_singular_but_for_rounding(n):
    """NumPy's solve gives numbers near 1e16 there, of which no digit is right."""
    for seed in range(30):
        K, b = of_rank(n, n - 1, seed), np.ones((n, 2))
        for right in (b, b[:, 0]):
            with says("solve", "'K'", "[sS]ingular", "diagonal"):
                bp.solve(var(K, "K"), right)
        regular = K + np.eye(n)
        np.testing.assert_array_equal(bp.solve(regular, b), np.linalg.solve(regular, b))
    scaled = np.diag(10.0 ** np.linspace(-150, 150, n))  # whose digits are all there
    np.testing.assert_allclose(bp.solve(var(scaled), np.diag(scaled)).value, np.ones(n), rtol=1e-15)
    rows = (np.eye(n) + 0.1) * 10.0 ** np.linspace(-9, 9, n)[:, None]
    np.testing.assert_allclose(bp.solve(rows, np.sum(rows, axis=1)), np.ones(n), rtol=1e-12)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_no_second_derivative_of_a_determinant_is_made_of_rounding(n):
    """det m mᵀ is 0 for every m of fewer columns than rows, and so are all its derivatives."""
    for seed in range(30):
        m, v = np.random.default_rng(seed).normal(size=(2, n, n - 1))
        with says("det", "singular"):
            bp.hvp(lambda m: bp.det(m @ m.T))(m, v)


@pytest.mark.parametrize(
    "f", [lambda k: bp.sum(bp.inv(k)), lambda k: bp.sum(bp.solve(k, np.ones(3)))]
)
def test_compiled_code_refuses_what_the_engine_refuses(f):
    """It called NumPy's own inv and solve, and the slopes it gave were noise."""
    run = bp.Graph(f(var(np.eye(3) + 0.1, "K"))).compile()
    for seed in range(30):
        with says("'K'", "Singular"):
            run(of_rank(3, 2, seed))
    K = np.array([[2.0, 1.0, 0.5], [0.0, 3.0, 1.0], [1.0, 0.0, 4.0]])
    np.testing.assert_allclose(run(K)[1]["K"], bp.grad(f)(K), rtol=1e-12)


def test_compiled_code_has_the_slope_of_a_determinant_that_is_0():
    """Its text divides by the determinant; the engine multiplies what is left of it."""
    run = bp.Graph(bp.det(var(np.eye(3) + 0.1, "K"))).compile()
    for seed in range(30):
        K = of_rank(3, 2, seed)
        minors = [[np.delete(np.delete(K, i, 0), j, 1) for j in range(3)] for i in range(3)]
        cofactors = [[(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in range(3)]
                     for i in range(3)]  # fmt: skip
        np.testing.assert_allclose(run(K)[1]["K"], cofactors, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("two", [np.int64(2), np.uint8(2), np.array(2), 2, np.float32(2.0)])
def test_compiled_code_takes_numpys_whole_numbers(two):
    """Which have no negative powers of their own, and where −2 may be 254."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bp.Graph(1.0 / var(3.0, "x") ** 3).compile()(two) == (0.125, {"x": -0.1875})
        assert bp.Graph(var(3.0, "x") ** -2).compile()(two) == (0.25, {"x": -0.25})
        assert bp.Graph(-var(3.0, "x") * 1.0).compile()(two) == (-2.0, {"x": -1.0})


@pytest.mark.parametrize("raising", ["warn", "raise"])
def test_compiled_code_goes_through_infinity_as_the_engine_does(raising):
    """Where warnings are errors, it raised them bare."""
    x = np.array([800.0, 1.0])
    for f in (lambda x: bp.sum(bp.exp(x)), lambda x: bp.sum(1.0 / (x - 1.0))):
        run = bp.Graph(f(var(np.ones(2), "x"))).compile()
        with warnings.catch_warnings(), np.errstate(all=raising):
            warnings.simplefilter("error")
            value, found = run(x)
            np.testing.assert_array_equal(found["x"], bp.grad(f)(x))
            assert value == f(var(x)).value
            with says("nan"):
                run(np.array([np.nan, 1.0]))


@pytest.mark.parametrize("sweep", [bp.backward, lambda L, **wrong: bp.Graph(L).steps(**wrong)])
def test_no_backward_in_the_midst_of_another(sweep):
    """As a signal's handler may call it; the gradients underway were counted twice."""
    w = var(2.0, "w")
    h = w * w
    L = (h * 3.0 + h).named("L")
    inner = {"backward": L.backward, "grads": lambda: bp.Graph(L).grads, "grad": bp.grad(bp.sin)}

    def interrupted(by):
        def rule(g, y, a, b):
            inner[by](*[0.0] * (by == "grad"))
            return g * b, g * a

        return {"mul": rule}

    with says("'L'", "midst", "bp.grad"):
        sweep(L, rules=interrupted("backward"))
    for by in ("grads", "grad"):
        sweep(L, rules=interrupted(by))
    L.backward()
    assert w.grad == 16.0


@pytest.mark.parametrize(
    "entry, uses",
    [
        (lambda y: y[()], 1),
        (lambda y: y[...], 1),
        (lambda y: y[None][0], 1),
        (lambda y: y[True], 1),
        (lambda y: y[False], 0),
        (lambda y: y[None, None][0, [0, 0]], 2),
    ],
)
def test_a_number_that_was_indexed_has_a_second_derivative(entry, uses):
    """Its gradient was a bare float to the rule of the first, which took an entry of it."""

    def f(x):
        return bp.sum(entry(x * x) ** 2)

    assert bp.grad(bp.grad(f))(3.0) == uses * 108.0
    assert bp.hvp(f)(3.0, 2.0) == uses * 216.0


def test_axes_may_be_one_number_where_there_is_one_axis():
    """The forward took it, and the backward did not."""
    for f in (lambda x: bp.transpose(x, 0), lambda x: np.transpose(x, axes=-1)):
        bp.check_grad(f, M[0])
        bp.Graph(bp.sum(f(var(M[0], "x")) * M[1])).compile()(M[0])
    assert bp.reshape(var(M), 6).shape == np.reshape(M, 6).shape == (6,)


@pytest.mark.parametrize("made", [None, "3", (1.0,), [1.0, 2.0, 3.0], 1j])
@pytest.mark.parametrize("x", [2.0, np.ones(2)])
def test_what_meet_returns_is_looked_at(made, x):
    """One that forgot its return left the gradient None."""
    a = var(x, "a")
    for ask in (
        lambda L, meet: L.backward(meet=meet),
        lambda L, meet: bp.Graph(L).steps(meet=meet),
    ):
        with says("meet returns"):
            ask(bp.sum(a * 5.0 + a * 6.0), lambda old, new: made)
        ask(bp.sum(a * 5.0 + a * 6.0), lambda old, new: np.maximum(old, new))
    bp.backward(bp.sum(a * 5.0 + a * 6.0), meet=np.maximum)
    assert np.all(a.grad == 6.0)


@pytest.mark.parametrize("half", [Fraction(1, 2), Decimal("0.5")])
def test_a_fraction_is_a_number(half):
    """It was refused as none, and equal to nothing."""
    x = var(0.5, "x")
    assert x == half and bool(x != half) is False and x >= half and var(half).value == 0.5
    for f in (lambda x: half * x, lambda x: x / half, lambda x: half - x, lambda x: x**half):
        assert bp.grad(f)(0.5) == bp.grad(lambda x, f=f: f(x) * 1.0)(0.5)
    assert bp.grad(lambda x: x**half)(4.0) == 0.25 and bp.exp(half) == bp.exp(0.5)
    with says("takes a number", "Fraction"):
        x * Fraction(10**400)
    with says("takes a number", "2020"):
        x * date(2020, 1, 1)


@pytest.mark.parametrize("x", [[200, 3], (200, 3), np.array([200, 3], np.uint8), [[200.0, 3.0]]])
def test_what_is_composed_takes_lists_and_whole_numbers_as_rows_do(x):
    """The square of 200 among bytes was 64, and of a list there was none."""
    assert bp.square(x).ravel().tolist() == [40000.0, 9.0]
    assert bp.std(x) == pytest.approx(98.5, rel=1e-15)
    assert bp.prod(x) == 600.0 and bp.clip(x, 0, 100).ravel().tolist() == [100.0, 3.0]
    assert bp.square(3).__class__ is float


SAID = {
    "np.sum by NumPy's places": (
        lambda v, m: np.sum(m, 0, None),
        "keepdims is True or False.*None",
    ),
    "a dtype by its place": (lambda v, m: np.max(m, 0, float), "keepdims is True or False.*float"),
    "axes in a list": (
        lambda v, m: np.mean(m, axis=[0, 1]),
        r"axis is .*a tuple of them.*\[0, 1\]",
    ),
    "an axis in words": (lambda v, m: bp.norm2(m, axis="0"), "axis is a whole number"),
    "a letter twice in a result": (lambda v, m: np.einsum("i->ii", v), "'i->ii'.*each once"),
    "a letter of no operand": (lambda v, m: np.einsum("ij->ik", m), "'ij->ik'.*each once"),
    "an array of nodes": (lambda v, m: bp.sum(objects(v)), "sum was given.*bp.stack makes one"),
    "an array of nodes beside one": (
        lambda v, m: v * objects(v),
        "const was given.*bp.stack makes",
    ),
    "a quotient and a rest": (lambda v, m: divmod(7.0, v[0]), "write node % b"),
    "a shift": (lambda v, m: v << 2, r"a shift.*a \* 2.0 \*\* n"),
    "a shift by a node": (lambda v, m: 2 >> v, r"a shift.*a \* 2.0 \*\* n"),
    "a formula of many signs": (
        lambda v, m: bp.Graph("-" * 499 + "a", a=1.0),
        "cannot be computed",
    ),
    "PyTorch's seed": (lambda v, m: bp.sum(v).backward(gradient=1.0), "no gradient.*seed="),
    "PyTorch's second order": (lambda v, m: bp.sum(v).backward(create_graph=True), "bp.hessian"),
    "a gradient zeroed as in PyTorch": (lambda v, m: graded(v).zero_(), "nothing has to be zeroed"),
    "a value written to": (lambda v, m: np.copyto(v.value, 1.0), "entry by entry"),
    "a value's diagonal": (lambda v, m: np.fill_diagonal(m.value, 0), "entry by entry"),
    "a node sought among others": (lambda v, m: v in [m, v], "a is b for b in nodes"),
    "a ufunc of one's own": (
        lambda v, m: np.frompyfunc(lambda t: t, 1, 1)(v),
        r"^ufunc\.<lambda> .* node.value",
    ),
    "a column of pandas": (lambda v, m: np.asarray(v), r"column\.to_numpy\(\)"),
}


def objects(v):
    made = np.empty(2, dtype=object)
    made[0], made[1] = v[0], v[1]
    return made


def graded(v):
    bp.sum(v * v).backward()
    return v.grad


@pytest.mark.parametrize("case", SAID)
def test_what_is_refused_names_what_to_write(case):
    call, words = SAID[case]
    with pytest.raises(EngineError, match=f"(?s){words}"):
        call(var(M[0], "v"), var(M, "m"))


def test_a_copy_of_a_value_is_zeroed_as_in_pytorch():
    g = graded(var(M[0])).copy()
    g.zero_()
    np.copyto(g[:1], 5.0)
    assert g.tolist() == [5.0, 0.0, 0.0] and bp.sum(bp.stack(objects(var(M[0])))).value == 3.0


@pytest.mark.parametrize("name", sorted({*HINTS, *TABLE, *bp.functions.__all__}))
def test_what_a_message_says_to_write_is_there(name):
    """It said bp.add and bp.neg, of which there are none."""
    said = missing(name, "a Node", bp.functions.__all__).partition(": ")[2]
    for of, there in re.findall(r"\b(bp|np)\.([\w.]*\w)", said):
        assert operator.attrgetter(there)(bp if of == "bp" else np)
    for attribute in re.findall(r"\bnode\.(\w+)", said):
        assert hasattr(var(np.eye(2)), attribute)


def centred(a):
    return a - bp.mean(a, axis=1, keepdims=True)


@pytest.mark.parametrize(
    "name, proposed",
    [
        ("ptp", lambda a: bp.max(a) - bp.min(a)),
        ("nansum", lambda a: bp.sum(a[~np.isnan(a.value)])),
        ("nanmax", lambda a: bp.max(a[~np.isnan(a.value)])),
        ("nanmean", lambda a: bp.mean(a[~np.isnan(a.value)])),
        ("cov", lambda a: centred(a) @ centred(a).T / 2),
        (
            "corrcoef",
            lambda a: (lambda c: c @ c.T)(centred(a) / bp.norm2(centred(a), axis=1, keepdims=True)),
        ),
    ],
)
def test_what_is_proposed_of_a_matrix_is_that(name, proposed):
    with says(f"np.{name}", "(write|take)"):
        getattr(np, name)(var(M, "a"))
    np.testing.assert_allclose(proposed(var(M)).value, getattr(np, name)(M), rtol=1e-14)


@pytest.mark.parametrize(
    "name, said",
    [
        ("requires_grad", "bp.var makes a leaf"),
        ("label", "node.named"),
        ("data", "node.value"),
        ("grad_fn", "node.args"),
    ],
)
def test_an_attribute_from_elsewhere_is_set_as_it_is_read(name, said):
    for ask in (lambda: getattr(var(1.0), name), lambda: setattr(var(1.0), name, "x")):
        with pytest.raises(AttributeError, match=f"a Node has no {name}: .*{said}"):
            ask()


def test_infinite_slopes_that_meet_are_named():
    """Of two numbers what they hand back was looked at, and not their sum: inf − inf."""
    for at, f in ((1e-320, lambda x: x / x), (1e-200, lambda x: 1.0 / x - 1.0 / x)):
        x = var(at, "x")
        L = f(x)
        with says("gradient of leaf 'x'", "is nan"):
            L.backward()
        with says("gradient of leaf 'x'", "is nan"):
            bp.backward(L, accumulate=True)
    (1.0 / var(1e-200) + var(1.0)).backward()  # an infinite one alone is a slope like others


def test_compiled_code_compares_no_complex_numbers():
    """Python's root of a negative number is complex; a comparison made it a 0 like others."""
    x, y = var(4.0, "x"), var(9.0, "y")
    run = bp.Graph((x == y**0.5) * x).compile()
    assert run(3.0, 9.0) == (3.0, {"x": 1.0, "y": 0.0})
    with says("real power"):
        run(3.0, -9.0)
    with says("'y'", "real"):
        bp.Graph((x == y**0.5) * x).at({y: -9.0})


def test_nothing_waits_for_the_slope_of_an_infinite_determinant(monkeypatch):
    """NumPy's svd of some such matrices never ends."""
    svd = np.linalg.svd
    monkeypatch.setattr(np.linalg, "svd", lambda a: svd(a) if np.isfinite(a).all() else 1 / 0)
    for a in (np.diag([np.inf, 1.0, 2.0]), np.array([[1.0, 2.0], [-np.inf, 3.0]])):
        with says("det", "entry is infinite"):
            bp.grad(bp.det)(a)


@pytest.mark.parametrize(
    "name, said",
    [
        ("dot", "'dot': write np.dot"),
        ("vstack", "write np.vstack"),
        ("log10", r"'log10': write bp.log\(node\) / np.log\(10\)"),
        ("argmax", r"np.argmax\(node.value\)"),
        ("pi", "np.pi is NumPy's"),
        ("zero_grad", "starts fresh"),
        ("gelu", "'gelu'$"),
    ],
)
def test_a_name_the_kit_has_not_is_found_where_it_is(name, said):
    with pytest.raises(
        AttributeError, match=f"backpropkit has no {said}|has no '{name}': .*{said}"
    ):
        getattr(bp, name)
    assert not hasattr(bp, name)


@pytest.mark.parametrize(
    "f, x",
    [(bp.sin, 198109.23679792185), (bp.cos, 322293.12343964406), (bp.tan, 8452756.752426196)],
)
def test_no_right_gradient_is_accused_of_a_steps_rounding(f, x):
    """Far out a small step is another one once it was added: x has fewer digits there."""
    bp.check_grad(f, x)
    bp.check_grad(lambda x: f(x) * np.array([1.0, 2.0]), np.array([x, 0.5]))
    with pytest.raises(bp.GradientMismatch, match=r"constant factor 1\.0001"):
        bp.check_grad(lambda y: f(y) + 1e-4 * (f(y) - f(y.value if y.op == "var" else y)), x)


def by_backward(x):
    L = bp.sum(x * x)
    L.backward()
    return bp.sum(x.grad) if x.shape else x.grad


BARE = {
    "the value of a result": lambda x: bp.sum(x * x).value,
    "what is computed of a value": lambda x: float(np.sum(np.exp(x.value))),
    "a leaf made of a value": lambda x: bp.sum(var(x.value) ** 2),
    "a constant made of a value": lambda x: bp.sum(bp.const(x.value) * 2.0),
    "a gradient that was filled": by_backward,
}


@pytest.mark.parametrize("case", BARE)
@pytest.mark.parametrize("x", [2.0, np.array([2.0, -1.0])])
def test_no_gradient_is_0_because_the_function_went_on_with_bare_numbers(case, x):
    with says("depends on", "'x'", "return it"):
        bp.grad(BARE[case])(x)
    with says("depends on"):
        bp.grad(lambda y, x: BARE[case](x), (0, 1))(3.0, x)
    bp.grad(lambda x, y: y * BARE[case](x), (0, 1))(x, 3.0)  # one may be held fixed
    assert np.all(bp.grad(lambda x: 3.0)(x) == 0.0)
    assert np.all(bp.grad(lambda x: np.sign(np.sum(x.value)))(x) == 0.0)
    assert np.all(bp.grad(lambda x: bp.sum(var(np.ones(2))))(x) == 0.0)


def test_a_function_of_scipy_is_not_called_numpys():
    special = pytest.importorskip("scipy.special")
    with says(r"ufunc\.expit", r"bp.sigmoid\(node\)"):
        special.expit(var(1.0, "x"))
    assert bp.sigmoid(0.3) == pytest.approx(special.expit(0.3), rel=1e-15)
    assert bp.log(0.3 / (1 - 0.3)) == pytest.approx(special.logit(0.3), rel=1e-14)
    assert 2.0 * bp.log(0.3) == pytest.approx(special.xlogy(2.0, 0.3), rel=1e-15)


def test_an_array_without_axes_that_a_rule_returns_is_the_number_it_is():
    x = var(2.0)
    (x * bp.sum(var([1.0, 2.0]))).backward(rules={"mul": lambda g, y, a, b: (np.array(b), 0.0)})
    assert type(x.grad) is float and x.grad == 3.0


@pytest.mark.parametrize("f", [bp.inv, bp.log_softmax, lambda a: bp.logdet(a @ a.T)])
def test_nothing_is_remembered_of_an_array_that_is_the_callers(f):
    """It cannot be changed now, and can again: the inverse of what it was is not that of it."""
    a, run = M[:, :2].copy(), bp.Graph(bp.sum(f(var(np.eye(2), "a")) ** 2)).compile()
    for entry in (2.0, 5.0):
        a.setflags(write=True)
        a[0, 0] = entry
        a.setflags(write=False)
        np.testing.assert_array_equal(f(a), f(a.copy()))
        value, found = run(a)
        expected, slopes = run(a.copy())
        assert value == expected and found["a"].tolist() == slopes["a"].tolist()


@contextlib.contextmanager
def evaluating():
    with bp.no_grad():
        yield


@contextlib.contextmanager
def around():
    with evaluating():
        yield


@contextlib.asynccontextmanager
async def later():
    with bp.no_grad():
        await asyncio.sleep(0)
        yield


class Held:
    def __enter__(self):
        self.block = bp.no_grad()
        self.block.__enter__()

    def __exit__(self, *error):
        self.block.__exit__(*error)


@pytest.mark.parametrize("block", [bp.no_grad, evaluating, around, Held])
def test_no_grad_holds_in_a_context_manager_of_ones_own(block):
    """Its generator is not what runs inside: the target of a loss was recorded, and trained."""
    w = var(3.0, "w")
    with block():
        target = w * 2.0
    ((w * w - target) ** 2).backward()
    assert w.grad == 2.0 * (9.0 - 6.0) * 6.0
    with contextlib.suppress(KeyError), block():
        raise KeyError
    with contextlib.ExitStack() as stack:
        stack.enter_context(block())
        assert (w * 2.0).args == ()
    assert (w * 2.0).args

    async def waits():
        async with later():
            await asyncio.sleep(0)
            inside = w * 2.0
        return inside.args == () and (w * 2.0).args != ()

    with ThreadPoolExecutor(1) as apart:  # other tests may hold this thread's event loop
        assert apart.submit(asyncio.run, waits()).result()


def entered():
    stack = contextlib.ExitStack()
    stack.enter_context(bp.no_grad())
    return stack


def test_no_grad_that_ended_with_the_function_that_entered_it_says_so():
    stack = entered()
    assert (var(3.0) * 2.0).args  # recorded, as whoever entered is not here
    with says("entered in entered", "with bp.no_grad"):
        stack.close()
    with contextlib.ExitStack() as other:
        other.enter_context(bp.no_grad())
        (lambda: other.close())()
    with pytest.raises(KeyError), entered():
        raise KeyError
    assert (var(3.0) * 2.0).args


def test_numbers_are_numbers_in_a_list_too():
    """One fraction was taken, two in a list refused, and so was what pandas calls objects."""
    assert var([Fraction(1, 2), Decimal("0.25"), 10**30]).value.tolist() == [0.5, 0.25, 1e30]
    assert bp.grad(lambda x: bp.sum(np.array([2, 3.5], object) * x))(1.0) == 5.5
    for none in ([1, None], [1, "a"], [1j, 10**30], [10**400, 1], [Decimal("sNaN"), 1]):
        with says("takes a number or an array of real numbers"):
            var(np.array(none, object))


def test_a_node_is_counted_and_sought_as_itself_among_others():
    """What was not there ended in an empty StopIteration, and equal values counted as one."""
    x, y = var(2.0, "x"), var(2.0, "y")
    nodes = bp.Graph(x * y).nodes
    assert nodes.index(y) == 1 and nodes.count(y) == 1 and nodes.count(var(2.0)) == 0
    for other, said in ((var(2.0, "z"), "'z'"), ("x", "'x', no node,")):
        with says(said, "not among these 3 nodes"):
            nodes.index(other)


@pytest.mark.parametrize("f", [bp.stack, bp.concatenate])
def test_two_numbers_beside_each_other_are_no_list(f):
    """It said that the first has no length."""
    for given in ((var(1.0), var(2.0)), (var(np.ones(2)), var(2.0)), (var(1.0),)):
        with says(r"takes one list, as in bp\.\w+\(\[a, b\]\)"):
            f(*given)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: bp.stack([1.0], dim=0), r"bp\.stack\(xs, axis=0\) has no 'dim'"),
        (
            lambda: bp.std(np.ones(2), unbiased=False),
            r"bp\.std\(a, axis=None, ddof=0, .*'unbiased'",
        ),
        (lambda: bp.clip(1.0, min=0.0), r"bp\.clip\(a, low=None, high=None\) has no 'min'"),
        (lambda: bp.prod(), r"bp\.prod\(.*without 'a'"),
        (lambda: bp.square(1.0, 2.0), r"bp\.square\(a\) .*too many arguments: 2"),
        (lambda: bp.grad(bp.sum, argnums=0), r"bp\.grad\(f, wrt=0\) has no 'argnums'"),
        (lambda: bp.value_and_grad(bp.sum, has_aux=True), r"bp\.value_and_grad\(f, wrt=0\)"),
        (lambda: bp.hessian(bp.sum, M), r"bp\.hessian\(f\) .*too many arguments: 2"),
        (lambda: bp.hvp(bp.sum, M, M), r"bp\.hvp\(f\) .*too many arguments: 3"),
        (lambda: bp.check_grad(bp.sum, M, eps=1e-6), r"bp\.check_grad\(f, .*tolerance.* no 'eps'"),
        (lambda: bp.grad(lambda x: bp.stack([x], 0, 1))(1.0), r"bp\.stack\(.*too many"),
    ],
)
def test_what_is_composed_says_of_a_wrong_call_what_ops_say(call, said):
    with pytest.raises(TypeError, match=said):
        call()


def test_what_says_so_is_found_by_pickle_and_by_its_name():
    for f in (bp.grad, bp.stack, bp.check_grad):
        assert pickle.loads(pickle.dumps(f)) is f and inspect.signature(f).parameters


@pytest.mark.parametrize(
    "name, written, proposed, given",
    [
        ("flipud", "node[::-1]", lambda a: a[::-1], (M,)),
        ("fliplr", "node[:, ::-1]", lambda a: a[:, ::-1], (M,)),
        ("tile", "node[..., np.arange(2 * n) % n]", lambda a: a[..., np.arange(6) % 3], (M, 2)),
        ("repeat", "axis 0 node[np.arange(2 * n) // 2]", lambda a: a[np.arange(4) // 2], (M, 2, 0)),
        ("take_along_axis", "node[np.arange(n)[:, None], index]",
         lambda a: a[np.arange(2)[:, None], [[2], [0]]], (M, np.array([[2], [0]]), 1)),
        ("copysign", "bp.abs(a) * np.sign(b.value)",
         lambda a: bp.abs(a) * np.sign(M[1]), (M[0], M[1])),
    ],
)  # fmt: skip
def test_what_is_proposed_to_move_entries_moves_them_so(name, written, proposed, given):
    """Of fliplr it was node[::-1], which is flipud, and of take_along_axis node[index]."""
    with says(f"np.{name} cannot be recorded", re.escape(written)):
        getattr(np, name)(var(given[0], "a"), *given[1:])
    np.testing.assert_array_equal(proposed(var(given[0])).value, getattr(np, name)(*given))


def test_what_is_proposed_for_qr_and_bincount_and_meshgrid_is_that():
    a, at = np.array([[2.0, 1.0], [0.5, 3.0], [1.0, -1.0]]), np.array([0, 2, 0])
    r = bp.cholesky(a.T @ a).T
    q, expected = a @ bp.inv(r), np.linalg.qr(a)
    np.testing.assert_allclose(q @ r, expected.Q @ expected.R, atol=1e-14)
    np.testing.assert_allclose(q.T @ q, np.eye(2), atol=1e-14)
    weights = M[0]
    np.testing.assert_allclose((np.eye(3)[at].T @ var(weights)).value, np.bincount(at, weights))
    for name, given in (
        ("qr", (a,)),
        ("bincount", (at, weights)),
        ("meshgrid", (weights, weights)),
    ):
        with says(f"{name} cannot be recorded", "write"):
            getattr(np if hasattr(np, name) else np.linalg, name)(*given[:-1], var(given[-1]))


@pytest.mark.parametrize(
    "name, said",
    [
        ("_prev", r"node\.args"),
        ("_backward", r"node\.args"),
        ("eq", "its operator"),
        ("tril", r"write np\.tril\(node\)"),
        ("reciprocal", r"write np\.reciprocal\(node\)"),
        ("vstack", r"write np\.vstack\(node\)"),
        ("topk", r"bp\.max"),
    ],
)
def test_an_attribute_of_micrograd_pytorch_or_numpy_is_said_to_be_absent(name, said):
    with pytest.raises(AttributeError, match=f"a Node has no {name}: .*{said}"):
        getattr(var(M), name)


@pytest.mark.parametrize("name", sorted(AT_THE_DOOR.keys() - HINTS.keys()))
def test_what_others_call_it_is_said_at_the_door(name):
    with pytest.raises(
        AttributeError, match=f"^backpropkit has no '{name}': .*(write|bp.var)"
    ) as e:
        getattr(bp, name)
    for there in re.findall(r"\bbp\.(\w+)", str(e.value)):
        assert hasattr(bp, there)


def test_a_shape_is_kept():
    w = var(M, "w")
    with pytest.raises(AttributeError, match=r"keeps its shape: write node\.reshape\(shape\)"):
        w.shape = (3, 2)
    assert w.shape == (2, 3)


def test_inner_is_called_so():
    """It spoke of dot, and proposed a @ b."""
    a, b = M[0], np.arange(12.0).reshape(2, 2, 3)
    with says("inner:", r"a @ b\.mT"):
        np.inner(var(a), b)
    np.testing.assert_array_equal((a @ var(b).mT).value, np.inner(a, b))


def test_a_sentence_names_a_few_of_many_arguments():
    """A stack of 5,000 numbers of which one did not fit was said in 160,000 letters."""
    many = [var(float(i)) for i in range(500)]
    with says("value 0", "and more: ", "same shape") as caught:
        bp.stack([*many, var(M)])
    assert len(str(caught.value)) < 300
    assert repr(bp.Graph(bp.stack(many))).startswith("<Graph of the node stack(0, 1, 2, 3, …) (")
    assert repr(bp.Graph(bp.stack(many[:4]))).startswith("<Graph of the node stack(0, 1, 2, 3) (")


def test_no_grad_without_brackets_is_told_so():
    with says("no_grad lacks its brackets", r"with bp\.no_grad\(\):"), bp.no_grad:
        pass


@pytest.mark.parametrize("h", [np.nan, np.inf, [1.0, np.nan]])
def test_a_nudge_is_finite(h):
    v = var([1.0, 2.0])
    with says("a nudge is finite", "was given"):
        bp.Graph(bp.sum(v * v)).nudge(v, h)


@pytest.mark.parametrize(
    "f, x",
    [
        (lambda x: x if x > 0 else 0.0, 0.0),
        (lambda x: max(0.0, x), 0.0),
        (lambda x: max(0.0, x), -1e-7),
        (lambda x: x * x if x > 0 else 0.0, 0.0),
        (lambda w: max(0.0, w @ np.ones(3)), np.zeros(3)),
        (lambda x: np.floor(x.value), 1.9999999),
        (lambda x: 1.0 if x > 0 else 0.0, np.inf),
    ],
)
def test_a_branch_that_holds_no_node_is_no_node_lost(f, x):
    """It was accused of going on with x.value; beside the kink it is another number, it is true."""
    np.testing.assert_array_equal(bp.grad(f)(x), np.zeros(np.shape(x)))


@pytest.mark.parametrize("f, x", [(lambda x: x.value**2, 0.5), (lambda x: x.value**0.5, 0.0)])
def test_a_value_gone_on_with_is_still_seen(f, x):
    with says("'x'", "not as a node", "go on with the node"):
        bp.grad(f)(x)


def test_a_random_function_is_told_so():
    rng = np.random.default_rng(0)
    with says("another number each time", "draw what is random before"):
        bp.grad(lambda x: rng.random())(0.5)
    with says("check_grad", "another number each time", "draw what is random before"):
        bp.check_grad(lambda x: bp.sum(x * (rng.random(3) < 0.5)), np.ones(3))


def test_check_grad_reads_the_number_of_a_branch():
    bp.check_grad(lambda x: x if x > 0 else 0.0, 5.0)
    bp.check_grad(lambda x: x if x > 0 else 0.0, 5e-6)  # found by a smaller step
    with pytest.raises(bp.GradientMismatch, match="a kink: the slope is 0 left of it"):
        bp.check_grad(lambda x: max(x, 0.0), 0.0)


W_AND_B = {"W": np.ones((2, 3)), "b": np.ones(3)}
A, C = var(1.0, "a"), var(3.0, "c")


@pytest.mark.parametrize(
    "ask, said",
    [
        (lambda: np.ones((5, 2)).dot(var(M, "W")), "'W'.*array @ node"),
        (lambda: bp.cross_entropy(var(M), np.array([0, 2])), r"np\.eye\(k\)\[labels\]"),
        (lambda: bp.grad(lambda p: bp.sum(p["W"] @ p["b"]))(W_AND_B), r"wrt=\(0, 1\)\)\(W, b\)"),
        (lambda: bp.grad(lambda p: p)([np.ones((2, 3)), np.ones(3)]), r"wrt=\(0, 1\)\)\(W, b\)"),
        (lambda: bp.grad(lambda p: p[0])((A, C)), r"wrt=\(0, 1\)\)\(W, b\)"),
        (lambda: bp.grad(lambda w: (bp.sum(w), bp.mean(w)))(M), "returns 2 .*return the loss"),
        (lambda: bp.grad(lambda x: x * 2)(np.ones(2)), "reduce it.*backward takes a seed="),
        (lambda: np.gradient(var(M[0])), r"\(node\[2:\] - node\[:-2\]\) / 2"),
        (lambda: bp.sum(A, C), r"'c'.*a \+ b"),
        (lambda: np.max(0.0, C), r"bp\.maximum"),
        (lambda: np.ones(3).clip(0, A), r"np\.clip\(array"),
        (lambda: bp.sum([[A, C], [C, A]]), "bp.stack"),
        (lambda: A * [[A, C]], "bp.stack"),
        (lambda: bp.grad(np.linalg.norm, (0, 1))(M[0], 2.0), "norm: ord is a fixed number"),
    ],
)
def test_habits_from_elsewhere_are_told_what_is_written_here(ask, said):
    with pytest.raises(EngineError, match=f"(?s){said}"):
        ask()


def test_what_the_hints_for_a_matrix_say_is_so():
    m, n = M[:, ::-1], 3
    assert "np.arange(n)[:, None], np.argsort(node.value)" in HINTS["sort"]
    sorted_ = m[np.arange(2)[:, None], np.argsort(m)]
    np.testing.assert_array_equal(sorted_, np.sort(m))
    assert "node[..., np.arange(2 * n) % n], n being node.shape[-1]" in HINTS["tile"]
    for x in (m, m[0]):
        np.testing.assert_array_equal(x[..., np.arange(2 * n) % n], np.tile(x, 2))
    inner = m[0, 2:] - m[0, :-2]
    np.testing.assert_allclose(inner / 2, np.gradient(m[0])[1:-1])


@pytest.mark.parametrize(
    "f, at",
    [
        (lambda w: np.linalg.norm(w) ** 2, np.zeros(2)),
        (lambda x: bp.sum(np.linalg.norm(x, axis=1) ** 2), np.array([[0.0, 0.0], [1.0, 2.0]])),
        (lambda x: bp.norm2(x, axis=0, keepdims=True)[0, 0] ** 2, np.zeros((2, 2))),
    ],
)
def test_a_slope_of_a_length_has_no_slope_at_0(f, at):
    """The Hessian of ‖w‖² was 0 there, and is 2."""
    with says("is nan", "its slope is infinite or has no value there"):
        bp.hessian(f)(at)
    assert np.isfinite(bp.grad(f)(at)).all()
    away = at + 1.0
    by_differences = [
        (bp.grad(f)(away + h) - bp.grad(f)(away - h)) / 2e-5
        for h in 1e-5 * np.eye(at.size).reshape(at.size, *at.shape)
    ]
    np.testing.assert_allclose(
        bp.hessian(f)(away).reshape(np.shape(by_differences)), by_differences, atol=1e-8
    )
    outer = var(2.0)  # a gradient that depends on a node is right at the tip, too
    g = bp.grad(lambda x: f(x) + bp.sum(x * outer))(at)
    np.testing.assert_array_equal(g.value, bp.grad(f)(at) + 2.0)


def test_what_a_state_carried_over_lacks_is_said():
    w, h = var(0.5, "w"), bp.const(0.0)
    with says("'w' .* new value", r"h = bp\.const\(h\.value\)"):
        for x in (1.0, 2.0):
            h = bp.tanh(w * h + x)
            h.backward()
            w.value -= 0.1 * w.grad
    for x in (1.0, 2.0):
        h = bp.tanh(w * bp.const(h.value) + x)
        h.backward()
        w.value -= 0.1 * w.grad


def test_a_copied_leaf_forgets_its_gradient_like_others():
    """Another process has counted other sweeps; the gradient of an old value stayed for good."""
    x = var(2.0, "x")
    for _ in range(3):
        (x * x).backward()
    x.value = 3.0
    made = (
        "import pickle, sys; from backpropkit import var; x = pickle.load(sys.stdin.buffer); "
        "before = x.grad; z = var(1.0); (z * z).backward(); print(before, x.grad)"
    )
    done = subprocess.run(
        [sys.executable, "-c", made], input=pickle.dumps(x), capture_output=True, check=True
    )
    assert done.stdout.split() == [b"4.0", b"0.0"]


@pytest.mark.parametrize("forward", [np.arcsinh, math.asinh, functools.partial(np.arcsinh)])
def test_an_op_of_somebody_elses_function_takes_what_that_takes(forward):
    try:
        asinh = op("asinh_here", forward, lambda g, y, a: (g / np.sqrt(1.0 + a * a),))
        np.testing.assert_allclose(bp.grad(asinh)(0.7), 1.0 / np.sqrt(1.49))
    finally:
        TABLE.pop("asinh_here", None)
