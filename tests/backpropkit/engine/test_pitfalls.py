"""What went wrong in other engines, one test each: kinks, shapes, depth, memory, extremes."""

import gc
import math

import numpy as np
import pytest

import backpropkit as bp
from backpropkit.engine.node import TABLE
from backpropkit.terms.numerics import inverses


def gradient(f, *at):
    leaves = [bp.var(v) for v in at]
    bp.backward(f(*leaves))
    return [leaf.grad for leaf in leaves]


def differences(f, x, h=1e-6):
    """Central differences of f in every entry of x."""
    out = np.zeros(np.shape(x))
    for i in np.ndindex(np.shape(x)):
        e = np.zeros(np.shape(x))
        e[i] = h
        out[i] = (f(x + e) - f(x - e)) / (2 * h)
    return out


def test_kinks_have_the_stated_slopes():
    assert gradient(bp.relu, 0.0) == [0.0]
    assert gradient(abs, 0.0) == [0.0]
    assert gradient(bp.maximum, 3.0, 3.0) == [0.5, 0.5]
    assert gradient(bp.minimum, 3.0, 3.0) == [0.5, 0.5]
    (g,) = gradient(bp.max, np.array([1.0, 4.0, 4.0, 2.0]))
    assert g.tolist() == [0.0, 0.5, 0.5, 0.0]
    (g,) = gradient(lambda x: bp.sum(bp.max(x, axis=1)), np.array([[2.0, 2.0], [0.0, 1.0]]))
    assert g.tolist() == [[0.5, 0.5], [0.0, 1.0]]


def test_logdet_of_a_negative_determinant_is_still_the_inverse_transposed():
    K = np.array([[0.0, 2.0], [1.0, 3.0]])
    assert np.linalg.det(K) < 0
    (g,) = gradient(bp.logdet, K)
    np.testing.assert_allclose(g, np.array([[-1.5, 0.5], [1.0, 0.0]]), atol=1e-15)


def test_matrices_need_not_be_symmetric():
    K = np.array([[2.0, -1.0, 0.5], [0.3, 1.5, -0.7], [-0.4, 0.6, 1.1]])
    x = np.array([1.0, -2.0, 0.5])
    assert np.allclose(gradient(bp.quadratic_form, x, K)[0], (K + K.T) @ x)
    (g,) = gradient(bp.logdet, K)
    np.testing.assert_allclose(
        g, differences(lambda k: math.log(abs(np.linalg.det(k))), K), atol=1e-8
    )
    (g,) = gradient(lambda k: bp.sum(bp.solve(k, x)), K)
    np.testing.assert_allclose(
        g, differences(lambda k: np.sum(np.linalg.solve(k, x)), K), atol=1e-8
    )


@pytest.mark.parametrize("has_scipy", [True, False])
def test_a_promise_of_positive_definite_changes_the_price_not_the_answer(has_scipy, monkeypatch):
    if not has_scipy:
        monkeypatch.setattr("backpropkit.terms.numerics.lapack", lambda: None)
    A = np.random.default_rng(0).normal(size=(5, 2))
    K = A @ A.T + np.eye(5)
    f = lambda k, **promise: bp.logdet(k, **promise) + bp.sum(bp.inv(k, **promise) * C)  # noqa: E731
    C = np.arange(25.0).reshape(5, 5)
    leaf = bp.var(K, name="K")
    L = f(leaf, spd=True)
    bp.backward(L)
    V = np.linalg.inv(K)
    expected = V.T - V.T @ C @ V.T
    np.testing.assert_allclose(leaf.grad, expected, rtol=1e-11)
    value, gradients = bp.Graph(L).compile()(K)
    np.testing.assert_allclose(gradients["K"], expected, rtol=1e-11)
    assert math.isclose(value, float(f(K)), rel_tol=1e-12)
    assert bp.Graph(L).source().count("= factor(") == 1  # one factorisation for both
    for broken, word in ((K + np.triu(np.ones((5, 5)), 1), "symmetric"), (-K, "positive definite")):
        with pytest.raises(bp.EngineError, match=f"'K'.*promised {word}"):
            bp.inv(bp.var(broken, name="K"), spd=True)


@pytest.mark.parametrize("shape", [(3, 1), (1, 4), (), (4,), (1,), (3, 4), (2, 1, 4)])
def test_a_gradient_has_its_values_shape_whatever_was_broadcast(shape):
    x = np.full(shape, 0.5) if shape else 0.5
    other = np.arange(24.0).reshape(2, 3, 4)
    (g,) = gradient(lambda x: bp.sum(x * other), x)
    assert np.shape(g) == shape
    expected = differences(lambda x: np.sum(x * other), np.asarray(x))
    np.testing.assert_allclose(g, expected, rtol=1e-7)


def test_a_node_used_twice_adds_up():
    assert gradient(lambda x: x * x, 3.0) == [6.0]
    assert gradient(lambda x: x + x, 3.0) == [2.0]
    A = np.arange(6.0).reshape(2, 3)
    (g,) = gradient(lambda a: bp.sum(a @ a.T), A)
    np.testing.assert_allclose(g, 2 * np.ones((2, 2)) @ A)


def test_repeated_indices_add_up():
    (g,) = gradient(
        lambda x: bp.sum(x[np.array([0, 0, 2])] * np.array([1.0, 10.0, 100.0])), np.ones(3)
    )
    assert g.tolist() == [11.0, 0.0, 100.0]


def test_single_numbers_are_python_floats():
    x = bp.var(np.ones((2, 3)))
    for node in (
        bp.sum(x),
        bp.mean(x),
        bp.max(x),
        x[0, 0],
        bp.norm2(x),
        bp.trace(x @ x.T),
        bp.var(3),
    ):
        assert type(node.value) is float
    L = bp.sum(x * 2.0)
    bp.backward(L)
    assert type(L.grad) is float


def test_gradients_are_never_changed_in_place():
    x, y = bp.var(np.ones(2)), bp.var(np.ones(2))
    u = x + y  # hands the same array to both
    bp.backward(bp.sum(u * 1.0) + bp.sum(x * 3.0))
    assert x.grad.tolist() == [4.0, 4.0] and y.grad.tolist() == [1.0, 1.0] == u.grad.tolist()


def test_zero_and_infinity():
    assert gradient(bp.norm2, np.zeros(3))[0].tolist() == [0.0, 0.0, 0.0]
    assert gradient(lambda x: x**0, 0.0) == [0.0] and (bp.var(0.0) ** 0).value == 1.0
    assert gradient(lambda x: x**2, 0.0) == [0.0]
    assert gradient(lambda y: 0.0**y, 2.0) == [0.0]
    with pytest.raises(bp.EngineError, match=r"sqrt.*division"):
        gradient(bp.sqrt, 0.0)
    with pytest.raises(bp.EngineError, match="nan"):
        gradient(lambda x: x * math.inf, 0.0)


@pytest.mark.parametrize("x", [-1000.0, 1000.0])
@pytest.mark.parametrize("f", [bp.sigmoid, bp.softplus, bp.swish, bp.exp2, bp.tanh, bp.relu])
def test_extreme_inputs_stay_finite(f, x):
    with np.errstate(all="raise", under="ignore"):
        for at in (x, np.array([x, 0.0])):
            (g,) = gradient(lambda x: bp.sum(f(x)), at)
            assert np.all(np.isfinite(g)) and np.all(np.isfinite(f(at)))
    many = np.array([x, -x, 0.0])
    assert np.all(np.isfinite(gradient(bp.logsumexp, many)[0]))
    assert np.isfinite(bp.cross_entropy(many, np.array([1.0, 0.0, 0.0])))


def test_replay_keeps_the_branch_that_was_recorded():
    x = bp.var(2.0, name="x")
    y = x * 10.0 if x > 0 else x * -1.0
    assert bp.Graph(y).replay({x: -3.0})[y] == -30.0


def test_paths_are_counted_without_listing_them():
    x = bp.var(1.0, name="x")
    y = x
    for _ in range(100):
        y = y + y
    graph = bp.Graph(y)
    assert graph.count_paths(x) == 2**100
    assert next(graph.paths(x)).product == 1.0
    assert graph.grads[x] == 2.0**100


def test_a_path_may_be_as_long_as_the_graph_is_deep():
    x = bp.var(1.0, name="x")
    y = x
    for _ in range(3000):
        y = y * 1.001
    (path,) = bp.Graph(y).paths(x)
    assert len(path.nodes) == 3001 and math.isclose(path.product, 1.001**3000, rel_tol=1e-12)


@pytest.mark.slow
def test_a_million_ops_deep_and_back():
    x = bp.var(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + 1e-9
    bp.backward(y)
    assert x.grad == 1.0
    del y  # freed link by link, without overflowing the stack


def nodes_alive():
    return sum(type(thing) is bp.Node for thing in gc.get_objects())


def test_a_dropped_graph_leaves_nothing_for_the_garbage_collector():
    gc.collect()
    before = nodes_alive()  # those of other tests
    gc.disable()
    try:
        x = bp.var(2.0)
        y = bp.exp(x * x) + bp.sigmoid(x)
        bp.backward(y)
        bp.Graph(y).compile()
        bp.grad(bp.grad(lambda v: v**3))(2.0)
        del x, y
        assert nodes_alive() == before
    finally:
        gc.enable()


def test_backward_twice_gives_the_same_and_the_ways_not_to():
    x = bp.var(3.0)
    L = (x * 2.0) * 5.0
    for _ in range(2):
        bp.backward(L)
        assert x.grad == 10.0
    bp.backward(L, accumulate=True)
    assert x.grad == 20.0
    bp.backward(L)
    bp.backward(L, zero=False)  # the inner node's bucket was full too: 2 · (5 + 5) + 10
    assert x.grad == 30.0


def test_wrong_ideas_can_be_watched():
    s = bp.var(2.0, name="s")
    x, y = s * s, 3.0 * s  # dz/ds has the branches 24 (through x, twice 12) and 12 (through y)
    z = x * y
    bp.backward(z)
    assert s.grad == 36.0
    bp.backward(z, meet="one path")
    assert s.grad == 12.0
    bp.backward(z, rules={"mul": lambda g, y, a, b: (g * a, g * b)})  # not switched
    assert x.grad == 4.0 and y.args[1].grad != 36.0
    a = bp.var(1.0)
    bp.backward(a + a * 5.0, meet="overwrite")
    assert a.grad == 5.0  # the sum reports first, the product last
    with pytest.raises(bp.EngineError, match=r"'average'.*'add'"):
        bp.backward(z, meet="average")


def test_nothing_is_kept_without_gradients():
    W = bp.var(np.ones((50, 50)))
    with bp.no_grad():
        y = bp.sum(W @ W)
        assert bp.cached_bytes(y) == 0 and y.args == ()
        with pytest.raises(ZeroDivisionError), bp.no_grad():
            raise ZeroDivisionError
        assert (W * 2.0).args == ()  # the inner block put the flag back where it was
    assert bp.cached_bytes(bp.sum(W @ W)) == 50 * 50 * 8
    assert bp.cached_bytes(bp.sum(bp.exp(W @ W))) == 2 * 50 * 50 * 8


def test_what_a_row_says_it_saves_is_all_its_rule_reads():
    """A rule given nonsense for everything it does not save still gives the same gradient."""
    rng = np.random.default_rng(0)
    square = rng.uniform(1.0, 2.0, (3, 3)) + 3 * np.eye(3)
    params = {"axis": 0, "keepdims": False, "n": 3, "shape": (9,), "axes": None, "spd": False}
    inputs = {
        "quadratic_form": (square[0], square),
        "outer": (square[0], square[1]),
        "where": (square > 4, square, square),
        "cholesky": (square @ square.T,),
        **dict.fromkeys(["greater", "greater_equal", "equal", "not_equal"], (square, square)),
        "sign": (square,),
    }
    for name, row in TABLE.items():
        if name in ("getitem", "scatter", "stack", "concatenate", "sum_to", "broadcast_to"):
            continue  # they save nothing, and their parameters differ
        code = row.gradient.__code__
        names = code.co_varnames[: code.co_argcount]
        given = {n: params[n] for n in names[2:] if n in params}
        arity = code.co_argcount - 2 - len(given)
        args = inputs.get(name, (square,) * arity)
        y = row.forward(*args, **given)
        g = rng.uniform(1.0, 2.0, np.shape(y))
        read = [
            a if letter in row.saves else np.full_like(a, 7.7)
            for letter, a in zip("abc", args, strict=False)
        ]
        blind = row.gradient(g, y if "y" in row.saves else np.full_like(y, 7.7), *read, **given)
        for one, other in zip(row.gradient(g, y, *args, **given), blind, strict=True):
            assert (one is None and other is None) or np.array_equal(one, other), name


def test_an_inverse_is_remembered_for_what_cannot_change_and_no_longer():
    gc.collect()
    before = set(inverses)
    k = np.array([[2.0, -1.0, 0.5], [0.3, 1.5, -0.7], [-0.4, 0.6, 1.1]])
    y = np.linalg.inv(k).T
    K = bp.var(k)
    bp.backward(bp.logdet(K) + bp.sum(bp.inv(K)))
    assert len(inverses) == len(before) + 1
    np.testing.assert_allclose(K.grad, y - y @ np.ones((3, 3)) @ y, atol=1e-14)
    del K
    assert set(inverses) == before
    view = k[:]
    view.setflags(write=False)
    for changing in (k, view):
        bp.inv(changing)
        k[0, 0] += 1.0
        np.testing.assert_allclose(bp.inv(changing), np.linalg.inv(k), atol=1e-14)
