"""What people write who know NumPy, math, PyTorch: right, or an error that says what to write."""

import copy
import math
import operator
import pickle
import statistics
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, grad, var
from backpropkit.engine.node import TABLE, describe


def says(*words):
    """An EngineError whose message holds all these words."""
    return pytest.raises(EngineError, match="(?s)" + "".join(f"(?=.*{w})" for w in words))


# 1: leaving the graph


@pytest.mark.parametrize(
    "leave",
    [
        math.exp,
        lambda x: x * math.exp(x),
        lambda x: math.hypot(x, 1.0),
        lambda x: math.pow(x, 2),
        lambda x: math.fsum([x, x]),
        lambda x: math.dist([x], [0.0]),
        float,
        int,
        complex,
        round,
        lambda x: round(x, 2),
        math.floor,
        math.ceil,
        math.trunc,
        np.float64,
        np.float32,
        lambda x: x // 2.0,
        lambda x: 7.0 // x,
        lambda x: divmod(x, 2.0)[1],
        lambda x: [1.0, 2.0, 3.0][x],
        lambda x: bp.sum(np.array([x, x])),
        lambda x: bp.sum(np.full(3, x)),
        lambda x: np.linspace(0.0, x, 3)[1],
        lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0]),
        lambda x: bp.sum(np.asarray(x)),
        lambda x: statistics.fmean([x, x]),
        lambda x: x.item() * 2.0,
        lambda x: x.detach(),
        lambda x: operator.mod("%.3f", x),
    ],
)
def test_what_would_take_a_node_out_of_the_graph_says_so(leave):
    with pytest.raises((EngineError, AttributeError), match=r"node\.value"):
        grad(leave)(1.0)


def test_math_names_the_function_to_write():
    with says(r"bp\.exp", "'x'", r"node\.value"):
        math.exp(var(1.0, "x"))


def assigned(x):
    a = np.zeros(2)
    a[0] = x
    return bp.sum(a)


def test_a_node_cannot_become_an_entry_of_an_array():
    with pytest.raises(ValueError, match="setting an array element") as raised:  # NumPy's words
        grad(assigned)(1.0)
    assert "node.value" in str(raised.value.__cause__)  # and why
    x = var([1.0, 2.0], "x")
    with says("'x'", "entry by entry", "bp.stack"):
        x[0] = 5.0
    with says("in place", "a = a . node"):
        np.zeros(2).__iadd__(x)
    with says("entry by entry", "copy"):
        x.value[0] = 1.0


def test_comparisons_and_pythons_own_functions_keep_working():
    assert grad(lambda x: x * x if x > 0 else -x)(3.0) == 6.0
    assert grad(lambda x: max(x, 2.0 * x))(3.0) == 2.0
    assert grad(lambda x: sum([x, x * x]))(3.0) == 7.0
    assert grad(lambda x: math.prod([x, x, x]))(3.0) == 27.0
    assert grad(abs)(-3.0) == -1.0 and grad(lambda x: +x)(2.0) == 1.0
    assert grad(lambda x: pow(x, 3))(2.0) == 12.0
    assert grad(lambda x: x % 2.0)(7.5) == 1.0 and (var(7.5) % 2.0).value == 1.5
    assert grad(lambda b: 7.5 % b)(2.0) == -3.0
    with pytest.raises(EngineError, match="no single truth value"):
        bool(var([1.0, 2.0]) > 0)


# 2: gradients inside gradients

NESTED = {
    "another argument": (lambda x: grad(lambda x, y: x * y, 1)(x, 3.0), 2.0, 1.0),
    "closure": (lambda x: grad(lambda y: x * y)(3.0), 2.0, 1.0),
    "closure, squared": (lambda x: grad(lambda y: x * x * y * y)(3.0), 2.0, 24.0),
    "hvp's vector": (lambda v: bp.hvp(lambda x: x**3)(2.0, v), 1.0, 12.0),
    "hvp's point": (lambda x: bp.hvp(lambda z: z**3)(x, 1.0), 2.0, 6.0),
    "hessian of a node": (lambda x: bp.hessian(lambda z: z**4)(x), 0.5, 12.0),
    "hessian by closure": (lambda a: bp.hessian(lambda x: a * x**3)(1.0), 2.0, 6.0),
    "penalty": (lambda w: w * w + grad(lambda x: w * x * x)(1.0) ** 2, 2.0, 20.0),
    "value and gradient": (lambda a: sum(bp.value_and_grad(lambda x: a * x**2)(3.0)), 1.0, 15.0),
    "perturbations apart": (lambda x: x * grad(lambda y: x + y)(1.0), 5.0, 1.0),
    "the same point": (lambda x: x * grad(lambda y: x + y)(x), 5.0, 1.0),
    "three deep": (lambda x: grad(lambda y: grad(lambda z: x * y * z)(1.0))(1.0) * x, 3.0, 6.0),
    "two arguments": (lambda a: sum(grad(lambda x, y: a * x * y, (0, 1))(2.0, 3.0)), 1.0, 5.0),
}


@pytest.mark.parametrize("case", NESTED)
@pytest.mark.parametrize("recorded", [True, False])
def test_a_gradient_inside_a_gradient_follows_whatever_it_depends_on(case, recorded):
    f, at, expected = NESTED[case]
    if recorded:
        assert grad(f)(at) == pytest.approx(expected, rel=1e-12)
        bp.check_grad(f, at)
        leaf = var(at)
        f(leaf).backward()
        assert leaf.grad == pytest.approx(expected, rel=1e-12)
    else:
        with bp.no_grad():
            assert grad(f)(at) == pytest.approx(expected, rel=1e-12)
            inner = f(var(at))
        assert not isinstance(inner, bp.Node) or inner.args == ()


def test_two_inner_gradients_may_call_their_argument_alike():
    w = bp.var(2.0, "w")
    first = grad(lambda z: z**2 * w)(3.0)  # 6w; the next is 6·6w
    graph = bp.Graph(grad(lambda z: z**2 * first)(3.0))
    assert graph.compile()(5.0) == (180.0, {"w": 36.0})
    assert "z" not in graph.source()


def test_a_leaf_reached_by_closure_keeps_its_share():
    w = var(2.0, "w")
    p = grad(lambda x: w * x * x)(1.0)
    (w * w + p**2).backward()
    assert w.grad == 20.0
    W, b = var(np.eye(2), "W"), np.ones(2)
    g = grad(lambda x: bp.sum((W @ x) ** 2))(b)
    bp.sum(g * g).backward()
    assert W.grad.shape == (2, 2)
    assert isinstance(grad(lambda x: bp.const(3.0) * x)(2.0), float)


def lines_run(work):
    """How many lines of the kit are executed: time that no machine's mood changes."""
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        count += event == "line"
        return trace if "backpropkit" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


IN_A_LOOP = {
    "grad": lambda y, w: grad(lambda x: x * x)(y),
    "value_and_grad": lambda y, w: sum(bp.value_and_grad(lambda x: x * x)(y)),
    "by closure": lambda y, w: grad(lambda x: x * y)(1.0),
    "two arguments": lambda y, w: grad(lambda x, z: x * z, 1)(w, y),
    "hvp": lambda y, w: bp.hvp(lambda x: x**3)(y, 1.0),
    "hvp's vector": lambda y, w: bp.hvp(lambda x: x**3)(1.0, y),
    "hessian": lambda y, w: bp.hessian(lambda x: x**3)(y),
    "check_grad": lambda y, w: bp.check_grad(lambda x: x * y, 2.0) or y,
}


@pytest.mark.parametrize("step", IN_A_LOOP)
def test_a_gradient_in_a_long_history_looks_no_further_than_its_arguments(step):
    def turns(n):
        y = w
        for _ in range(n):
            y = y * 0.999 + 1e-9 * IN_A_LOOP[step](y, w)
        return y

    w = var(1.0)
    few, many = lines_run(lambda: turns(6)), lines_run(lambda: turns(24))
    assert many < 4.2 * few  # were all of the history walked in each turn, many more
    turns(6).backward()
    assert w.grad is not None


def test_what_is_old_is_seen_again_after_it_was_in_order():
    a = var(2.0, "a")
    h = (a * a).named("h")
    assert grad(lambda x: x * h)(1.0).value == 4.0
    a.value = 4.0
    for _ in range(2):
        with says("'a'", "new value", "'h'"):
            grad(lambda x: x * h)(1.0)


# 3: a cell run again


@pytest.mark.parametrize(
    "ask",
    [
        lambda g, a: g.nudge(a, 0.1),
        lambda g, a: g.grads,
        lambda g, a: g.steps(),
        lambda g, a: list(g.paths(a)),
        lambda g, a: g.count_paths(a),
        lambda g, a: g.replay({}),
        lambda g, a: g.at({}),
        lambda g, a: g.source(),
        lambda g, a: g.listing(),
        lambda g, a: g.compile(),
        lambda g, a: g.result.backward(),
        lambda g, a: pickle.loads(pickle.dumps(g.result)).backward(),
        lambda g, a: copy.deepcopy(g.result).backward(),
    ],
)
def test_a_graph_whose_leaf_has_a_new_value_refuses(ask):
    a = var(2.0, "a")
    graph = Graph((a * a * 3.0).named("J"))
    assert graph.grads[a] == 12.0
    a.value = 5.0
    with says("leaf 'a'", "new value", "forward pass"):
        ask(graph, a)


def test_a_computed_node_takes_no_value():
    a = var(2.0, "a")
    h = (a * a).named("h")
    with says("'h'", "computed", "Graph.replay"):
        h.value = 10.0
    assert Graph(h * 3.0).replay({h: 10.0})[h] == 10.0


def test_a_graph_finds_its_nodes_as_themselves():
    a, b = var(2.0, "a"), var(2.0, "b")
    graph = Graph(a * b)
    assert graph.nodes.index(b) == 1 and var(2.0) not in graph.nodes and b in graph.leaves
    with says("'x'"):
        graph.replay({"x": 1.0})


# 6: no_grad


def test_a_gradient_is_the_same_inside_no_grad():
    with bp.no_grad():
        assert grad(lambda x: x**3)(3.0) == 27.0
        assert bp.hvp(lambda x: x**3)(2.0, 1.0) == 12.0
        bp.check_grad(lambda x: x * x, 3.0)
    bp.check_grad(lambda x: grad(lambda y: y**3)(x) * x, 2.0)


def test_no_grad_ends_where_its_block_does():
    inside, outside = threading.Event(), threading.Event()

    def elsewhere():
        with bp.no_grad():
            inside.set()
            outside.wait(10)

    other = threading.Thread(target=elsewhere)
    other.start()
    inside.wait(10)
    assert (var(2.0) * 3.0).args  # another thread is in such a block, this one is not
    outside.set()
    other.join()

    inside.clear()
    outside.clear()

    @bp.no_grad()
    def decorated(meanwhile):
        meanwhile()
        return var(2.0) * 3.0

    def first():
        inside.set()
        outside.wait(10)

    def last():  # both are in it, and whoever came first leaves first
        outside.set()
        other.join()

    other = threading.Thread(target=decorated, args=(first,))
    other.start()
    inside.wait(10)
    assert decorated(last).args == () and (var(2.0) * 3.0).args

    def batches():
        with bp.no_grad():
            for k in range(2):
                yield var(2.0) * k

    w = var(3.0)
    for x in batches():
        assert x.args == () and (w * x).args
    paused = batches()
    next(paused)
    assert (w * 2.0).args
    del paused
    with ExitStack() as stack:
        stack.enter_context(bp.no_grad())
        assert (w * 2.0).args == ()

    @bp.no_grad()
    def quiet(x):
        return x * 2.0

    assert quiet(w).args == () and (w * 2.0).args
    block = bp.no_grad()
    with block, block:
        assert (w * 2.0).args == ()
    assert (w * 2.0).args


# 7: arguments


def two_of_them(x: float, y):
    return x * y


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bp.log(100.0, 10), r"bp.log\(\w\).*too many"),
        (lambda: bp.maximum(1, 2, 3), "maximum.*too many"),
        (lambda: bp.maximum(var(1.0)), "bp.maximum.*'b'"),
        (lambda: bp.reshape(np.ones(4), 4, 1), "bp.reshape.*shape.*too many"),
        (lambda: bp.exp(), "bp.exp.*without"),
        (lambda: bp.exp(var(1.0), base=2), "exp.*base"),
        (lambda: bp.max(var([1.0]), dim=0), "max.*axis.*dim"),
        (lambda: bp.where(var([1.0]) > 0), "bp.where.*without"),
        (lambda: bp.solve(np.eye(2)), "bp.solve.*without"),
        (lambda: np.sum(var([1.0]), initial=1.0), "np.sum of a node.*axis"),
        (lambda: bp.softmax(np.ones(2), 0, 1), "softmax.*too many"),
        (
            lambda: bp.sum(np.ones(2), 0, axis=0),
            "sum.*given 'axis' twice",
        ),
        (lambda: grad(lambda x: x * x)(1.0, 2.0), r"^f\(x\) .*too many arguments: 2"),
        (lambda: grad(lambda x: x * x)(1.0, y=2.0), r"^f\(x\) has no 'y'"),
        (lambda: bp.value_and_grad(two_of_them)(1.0), r"^two_of_them\(x, y\) .*without 'y'"),
        (lambda: bp.check_grad(two_of_them, 1.0), r"^two_of_them\(x, y\) .*without 'y'"),
        (lambda: bp.hessian(two_of_them)(1.0), r"^two_of_them\(x, y\) .*without 'y'"),
        (lambda: bp.hessian(two_of_them)(), r"^hessian\(f\)\(x\) .*without 'x'"),
        (lambda: bp.hessian(two_of_them)(1.0, 2.0), r"^hessian\(f\)\(x\) .*too many.*2"),
        (lambda: bp.hvp(two_of_them)(1.0), r"^hvp\(f\)\(x, v\) .*without 'v'"),
        (lambda: bp.hvp(two_of_them)(1.0, y=1.0), r"^hvp\(f\)\(x, v\) .*'(v|y)'"),
        (lambda: grad(lambda x: two_of_them(x))(1.0), r"two_of_them\(\) missing"),  # f's own
        (lambda: Graph(two_of_them, 1.0, 2.0).compile()(1.0), r"compiled \w+\(x, y\).*'y'"),
        (lambda: Graph(two_of_them, 1.0, 2.0).compile()(1, 2, 3), r"\w\(x, y\).*2 .* 3 were"),
        (lambda: Graph(two_of_them, 1.0, 2.0).compile()(1.0, z=2), r"\w\(x, y\).*'z'"),
    ],
)
def test_too_many_or_wrong_arguments_are_a_typeerror_that_names_the_op(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_a_gradient_asked_for_by_a_place_that_was_not_given_says_so():
    for call in (lambda: grad(two_of_them, 2)(1.0, 2.0), lambda: grad(two_of_them)(x=1.0, y=2.0)):
        with says("wrt=", "two_of_them", "in order, not by name"):
            call()


def test_parameters_may_be_given_by_place():
    x = np.arange(6.0).reshape(2, 3)
    assert bp.sum(x, 0).tolist() == [3.0, 5.0, 7.0] and bp.sum(x, 1, True).shape == (2, 1)
    assert bp.reshape(var(x), (3, 2)).shape == (3, 2) and bp.softmax(var(x), 0).shape == (2, 3)
    assert grad(lambda x, y=1.0: x * y)(2.0, y=3.0) == 3.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: x.sum(dim=0), "np.sum of a node.*axis"),
        (lambda x: x.mean(dtype=float), "np.mean of a node.*axis"),
        (lambda x: np.diff(x, append=0.0), "np.diff of a node.*axis"),
        (lambda x: x.exp(), r"bp\.exp"),
        (lambda x: x.norm(), r"bp\.norm2"),
        (lambda x: x.tolist(), r"node\.value"),
        (lambda x: x.argmax(), r"np\.argmax\(node\.value\)"),
        (lambda x: x.astype(int), r"node\.value"),
        (lambda x: bp.exp("a"), "exp.*'a'"),
        (lambda x: bp.stack([]), "stack.*empty"),
        (lambda x: np.exp(x, where=[True, False]), "np.exp of a node"),
        (lambda x: np.add.reduce(x), "np.add.reduce"),
        (lambda x: np.sort(x), "np.sort.*node.value"),
    ],
)
def test_what_is_not_there_is_named_and_something_proposed(call, words):
    with pytest.raises((EngineError, TypeError, AttributeError), match=words):
        call(var([1.0, 2.0], "x"))


def test_numpys_names_and_methods_answer_on_nodes():
    x, m = np.array([0.3, -0.7, 1.2]), np.array([[1.0, 2.0, 0.5], [0.3, -1.0, 0.4]])
    for f in (
        lambda x, m: np.dot(m, x), lambda x, m: m.dot(x), lambda x, m: np.einsum("ij,j", m, x),
        lambda x, m: np.var(m, axis=0), lambda x, m: m.std(axis=1), lambda x, m: x.min() * x.max(),
        lambda x, m: np.clip(x, -0.5, 1.0), lambda x, m: x.prod(), lambda x, m: np.cumsum(m, 1),
        lambda x, m: np.linalg.norm(m) * np.linalg.norm(x, ord=1), lambda x, m: m.T.copy() @ x[:2],
        lambda x, m: m.flatten()[2:] * m.ravel()[0], lambda x, m: np.tan(x) + np.arctan(x) * x,
        lambda x, m: np.linalg.slogdet(m @ m.T)[1], lambda x, m: np.linalg.det(m @ m.T) * x,
        lambda x, m: np.linalg.inv(m @ m.T) @ m, lambda x, m: np.linalg.solve(m @ m.T, m),
        lambda x, m: np.where(x > 0, x, x * x), lambda x, m: np.outer(x, x),
        lambda x, m: np.diag(x),
        lambda x, m: np.stack([x, x]) * np.reshape(m, (2, 3)), lambda x, m: np.trace(m @ m.T),
        lambda x, m: np.concatenate([x, x[:1]]), lambda x, m: np.vstack([m, x]).sum(axis=0),
        lambda x, m: np.square(x) + np.log1p(x * x) * np.expm1(x),
        lambda x, m: np.sinh(x) * np.cosh(x),
        lambda x, m: m.transpose(1, 0) @ m, lambda x, m: np.less(x, 0.5) * x, lambda x, m: x % 0.5,
        lambda x, m: np.linalg.cholesky(m @ m.T),
        lambda x, m: np.average(m, axis=0, weights=[1, 3]),
    ):  # fmt: skip
        assert np.allclose(f(var(x), var(m)).value, f(x, m))
        bp.check_grad(lambda x, m, f=f: f(x, m) * 1.0 + 0.0 * x[0], x, m)
    assert np.shape(var(m)) == (2, 3) and np.size(var(m)) == 6 and np.ndim(var(m)) == 2


# 8: products of stacks


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (2, 3, 4)), ((2, 4, 3), (3,)), ((2, 4, 3), (3, 5)), ((4, 3), (2, 3, 5)), ((3,), (3,)),
     ((5, 2, 4, 3), (2, 3, 2)), ((3,), (5, 2, 3, 4)), ((5, 2, 4, 3), (3,)), ((3,), (3, 4))],
)  # fmt: skip
def test_every_product_numpy_knows_has_its_gradient(a, b):
    rng = np.random.default_rng(1)
    A, B = rng.normal(size=a), rng.normal(size=b)
    bp.check_grad(lambda a, b: a @ b, A, B)
    bp.check_grad(lambda a: grad(lambda b: bp.sum((a @ b) ** 2))(B), A)


# 9: pickle and deepcopy


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_is_a_graph_of_its_own_however_deep(copied):
    x = var(1.0, "x")
    y = x
    for _ in range(100_000):
        y = y + 1e-9
    leaf, result = copied([x, y])
    result.backward()
    assert leaf.grad == 1.0 and x.grad is None and leaf.name == "x"
    e = var(np.ones(2), "w") * 2.0
    other, total = copied((e, bp.sum(e * e)))
    total.backward()
    assert other.grad.tolist() == [4.0, 4.0] and other.args[0].grad.tolist() == [8.0, 8.0]
    assert not other._value.flags.writeable


def test_a_shallow_copy_is_made_of_the_same_arguments():
    x = var(2.0, "x")
    L = (x * x).named("L")
    other = copy.copy(L)
    other.backward()
    assert x.grad == 4.0 and L.grad is None and other is not L and other.args == L.args


def test_a_pickled_leaf_is_not_stale_in_a_new_process():
    made = "import backpropkit as bp, pickle, sys\nfor _ in range(1000): bp.var(1.0)\n"
    made += "sys.stdout.buffer.write(pickle.dumps(bp.var(3.0, 'x')))"
    pickled = subprocess.run([sys.executable, "-c", made], stdout=subprocess.PIPE, check=True)
    used = "import backpropkit as bp, pickle, sys\nx = pickle.loads(sys.stdin.buffer.read())\n"
    used += "(x * x).backward(); print(x.grad)"
    found = subprocess.run(
        [sys.executable, "-c", used], input=pickled.stdout, stdout=subprocess.PIPE, check=True
    )
    assert found.stdout.strip() == b"6.0"


# 10: extremes


@pytest.mark.parametrize("s", [0.0, 1e3, 1e12, 1e17, -1e17, 1e300])
def test_the_gradient_of_logsumexp_sums_to_one(s):
    x = np.array([s, s, s - 1.0])
    g = grad(bp.logsumexp)(x)
    assert np.sum(g) == pytest.approx(1.0, abs=1e-15)
    columns = np.stack([x, x], axis=1)
    g = grad(lambda x: bp.sum(bp.logsumexp(x, axis=0)))(columns)
    np.testing.assert_allclose(np.sum(g, axis=0), 1.0, atol=1e-15)


def test_infinity_in_logsumexp():
    assert bp.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf
    assert bp.logsumexp(np.array([-np.inf, 0.0])) == 0.0
    assert grad(bp.logsumexp)(np.array([-np.inf, 0.0])).tolist() == [0.0, 1.0]


# 11, 14: nan, zeros, nothing


@pytest.mark.parametrize("column", [3.0, np.full(3, 2.0), np.full((3, 2), 2.0)])
def test_the_slope_of_a_standard_deviation_of_nothing_is_no_number(column):
    with says("sqrt", "(nan|division by zero)"), np.errstate(all="ignore"):
        bp.sum(bp.std(var(column, "x"), axis=0 if np.ndim(column) else None)).backward()


def test_two_infinite_contributions_that_meet_make_no_quiet_nan():
    a, b = bp.var(np.inf, "a"), bp.var(-2.0, "b")
    with says("leaf 'b'", "nan"):  # ∂b of a·b·(a + b) is a² + 2ab: inf − inf
        (a * b * (a + b)).backward()


def test_a_nan_gradient_names_where_it_began():
    x = var(np.array([0.0, 1.0]), "x")
    r = bp.sqrt(x * x).named("r")
    with says("nan", "'x'", "'r'"), np.errstate(all="ignore"):
        bp.sum(r).backward()
    with says("nan", "'r'"), np.errstate(all="ignore"):
        Graph(bp.sum(r)).grads  # noqa: B018
    with says("nan"), np.errstate(all="ignore"):
        grad(lambda x: bp.sum(bp.where(x > 0.5, bp.log(x), x * bp.sqrt(x * 0.0))))(x.value)


@pytest.mark.parametrize("more", [lambda x: 0.0, lambda x: x, lambda x: x * x])
@pytest.mark.parametrize("value", [3.0, [3.0, 4.0]])
def test_a_nan_gradient_is_blamed_on_no_other_use_of_the_leaf(value, more):
    x = var(value, "x")
    steep = ((x * 0.0) ** 0.5).named("steep")
    with says("gradient of leaf 'x'", "is nan", "what node 'steep'"):
        bp.sum(steep + more(x)).backward()


def test_powers_at_zero_and_far_out():
    with np.errstate(all="raise"):
        assert grad(lambda y: 0.0**y)(0.5) == 0.0
        x = np.array([-2.0, 3.0])
        assert grad(lambda x: bp.sum(x ** np.array([2, 3])))(x).tolist() == [-4.0, 27.0]
        assert grad(lambda x: bp.sum(x ** np.arange(3)))(np.zeros(3)).tolist() == [0.0, 1.0, 0.0]
        for k in (range(3), np.arange(3), np.arange(3.0)):
            f = lambda x, k=k: sum(x**n for n in k)  # noqa: E731
            assert (grad(f)(0.0), grad(f)(np.zeros(())), grad(grad(f))(0.0)) == (1.0, 1.0, 2.0)
    w = var(1e200)
    assert (w**2).value == math.inf and (w**3).value == math.inf and (-(w**3)).value == -math.inf
    with says("nan"):
        (w**2 - w**2).backward()


def test_reductions_of_nothing():
    x = var(np.zeros((0, 3)))
    assert bp.mean(x, axis=1).shape == (0,)
    bp.sum(bp.mean(x, axis=1)).backward()
    assert x.grad.shape == (0, 3)
    for f in (bp.mean, bp.std):
        with says("mean", "no entries"):
            f(x)
    assert (bp.prod(x).value, bp.sum(x).value) == (1.0, 0.0)


def test_a_number_has_no_entries_but_takes_new_axes():
    x = var(3.0, "x")
    assert x[None].shape == (1,) and x[..., None].shape == (1,) and x[()].shape == ()
    for index in (None, (), Ellipsis, (None, None), (..., None)):
        assert grad(lambda x, index=index: bp.sum(x[index] * 2.0))(3.0) == 2.0
    with says("'x'", "no entries"):
        x[0]


def test_an_index_cannot_be_changed_afterwards():
    index, x = np.array([0, 1]), var([1.0, 2.0, 3.0])
    y = bp.sum(x[index])
    index[0] = 2
    y.backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0]
    with says("cannot be an index"):
        x[var(1.0)]


@pytest.mark.parametrize("axes", [(0, 2, 1), (-1, 0, 1), (1, -1, 0), None])
def test_transposing_any_axes(axes):
    x = np.arange(24.0).reshape(2, 3, 4)
    weights = np.random.default_rng(0).normal(size=np.transpose(x, axes).shape)
    bp.check_grad(lambda x: bp.transpose(x, axes) * weights, x)


@pytest.mark.parametrize("call", [lambda m: bp.outer(m, m), lambda m: bp.quadratic_form(m, m)])
def test_matrices_where_vectors_belong_are_refused(call):
    with says(r"\(2, 2\)", "vector"):
        call(var(np.ones((2, 2))))


# 12: a training loop


@pytest.mark.parametrize("start", [4.0, np.array([4.0, -2.0]), np.ones((2, 3))])
def test_a_training_loop_reads_the_same_for_numbers_and_arrays(start):
    w = var(start, "w")
    for _ in range(60):
        L = bp.sum((w - 1.0) ** 2)
        L.backward()
        w.grad *= 0.5
        w.value -= 0.4 * w.grad
    np.testing.assert_allclose(w.value, np.ones(np.shape(start)), atol=1e-6)
    kept = w.value
    for change in ("+=", "*=", "/=", "**="):
        exec(f"w.value {change} 2.0")
    np.testing.assert_allclose(kept, 1.0, atol=1e-6)  # who looked before has what was there
    assert type(w.value * 2.0) in (float, np.ndarray)


def test_an_arrays_own_copy_changes_in_place():
    v = var([1.0, 2.0]).value.copy()
    same = v
    v += 1.0
    v[0] = 5.0
    assert same is v and v.tolist() == [5.0, 3.0] and repr(v) == "array([5., 3.])"


def test_nodes_are_formatted_as_numbers_are():
    L = var(2.0, "L") * 1.5
    assert f"{L:.3f}" == "3.000" and f"{L:8.1e}" == " 3.0e+00" and f"{L}" == str(L)
    with says("format node.value"):
        f"{var([1.0, 2.0]):.3f}"


def test_equality_compares_values_and_a_node_is_still_a_key():
    L = var(2.0) * 1.0
    assert L == 2.0 and L != 3.0 and var(3.0) != L and var(2.0) == L
    assert (L == None) is False and (L != "x") is True  # noqa: E711
    x = var([1.0, 2.0, 2.0])
    assert np.mean(x == np.array([1.0, 2.0, 3.0])).value == pytest.approx(2 / 3)
    assert (np.array([1.0, 0.0, 2.0]) == x).value.tolist() == [1.0, 0.0, 1.0]
    assert grad(lambda x: bp.sum(x * ((x == 2.0) + (x != 2.0) * 10.0)))(x.value).tolist() == [
        10.0,
        1.0,
        1.0,
    ]
    a, b = var(1.0), var(1.0)
    assert {a: "a", b: "b"}[b] == "b" and len({a, b}) == 2


# 13: long paths


def test_a_path_costs_what_it_is_long():
    x = var(1.0, "x")
    y = x
    for _ in range(40_000):
        y = y * 1.0
    (path,) = Graph(y).paths(x)
    assert len(path.nodes) == 40_001 and path.nodes[0] is x and path.nodes[-1] is y


# what an earlier backward left


def test_a_leaf_the_result_does_not_reach_is_not_moved_by_an_older_gradient():
    a, b = var(1.0, "a"), var([1.0, 2.0], "b")
    for step in range(4):
        L = a * a if step % 2 == 0 else bp.sum(b * b)
        L.backward()
        for leaf in (a, b):
            if leaf.grad is not None:
                leaf.value -= 0.25 * leaf.grad
    assert a.value == 0.25 and b.value.tolist() == [0.25, 0.5]  # two steps of one half each


def test_a_gradient_can_be_read_after_its_step():
    a = var(3.0)
    (a * a).backward()
    start, g = a.value, a.grad
    for rate in (1.0, 0.5):  # a line search asks for it again and again
        a.value = start - rate * a.grad
        assert a.grad == g
    (a * a).backward(accumulate=True)
    assert a.grad == 6.0  # at 0, where the slope is 0, nothing is added
    a.value = 5.0
    (a * a).backward(zero=False)
    assert a.grad == 16.0
    a.value = 1.0
    pickled = pickle.loads(pickle.dumps(a))
    (var(1.0) * 1.0).backward()
    assert a.grad == 0.0 and pickled.grad in (0.0, 16.0)


# inf, nan: values on the way, never a warning, and nan is no gradient


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("raising", ["warn", "raise"])
def test_nothing_warns_of_infinity_and_nan_is_named(raising):
    x = var([0.0, -1.0, 3.0], "x")
    with np.errstate(all=raising):
        for made in (
            1.0 / x,
            bp.log(x),
            bp.sqrt(x),
            (x * 1e200) ** 3,
            x**0.5,
            bp.log1p(x),
            x % 0.0,
        ):
            assert not np.isfinite(made.value).all()
        assert (x * 1e300 * 1e300).value[2] == np.inf
        assert grad(lambda x: bp.sum(bp.sqrt(x)))(np.array([0.0, 4.0])).tolist() == [np.inf, 0.25]
        with says("nan", "log"):
            bp.sum(bp.log(x)).backward()
        for f in (lambda x: 1.0 / (x * 0.0), lambda x: bp.sqrt(x * 0.0), lambda x: bp.log(x * 0.0)):
            with says("(nan|division by zero)", "(sqrt|div|log)"):
                grad(lambda x, f=f: bp.sum(f(x)))(np.ones(2))
            with says("(nan|division by zero)", "(sqrt|div|log)"):
                grad(f)(1.0)


def test_checking_a_slope_that_is_infinite_finds_no_agreement():
    with pytest.raises(bp.GradientMismatch, match="inf"), np.errstate(all="ignore"):
        bp.check_grad(lambda x: bp.sum(bp.sqrt(x)), np.array([0.0, 1.0]))


# Cholesky


def test_a_matrix_that_is_not_symmetric_has_no_cholesky_factor():
    K = var([[4.0, 1.0], [0.0, 3.0]], "K")
    with says("cholesky", "'K'", "not symmetric"):
        np.linalg.cholesky(K)
    K.value = (K.value + K.value.T) / 2
    L = bp.sum(np.linalg.cholesky(K) * np.array([[1.0, 0.0], [2.0, 3.0]]))
    L.backward()
    assert np.array_equal(K.grad, K.grad.T)  # so a step along it keeps K symmetric
    bp.check_grad(lambda a: bp.cholesky(a @ a.T), np.array([[2.0, 0.3], [0.1, 1.5]]))
    bp.check_grad(
        bp.grad(lambda a: bp.sum(bp.cholesky(a @ a.T) ** 3)), np.array([[2.0, 0.3], [0.1, 1.5]])
    )


# what else was found by trying


def old_by_closure():
    a = var(2.0, "a")
    h = (a * a).named("h")
    a.value = 4.0
    return grad(lambda x: x * h)(1.0)


def inside_no_grad():
    with bp.no_grad():
        L = var(2.0) * 3.0
    L.backward()


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (old_by_closure, ("'a'", "new value", "'h'")),
        (inside_no_grad, ("nothing lies below", "no_grad")),
        (lambda: Graph(var(1.0, "a") * 2.0).compile(wrt="a"), ("node of the graph", "'a'")),
        (lambda: Graph(var(1.0) * 2.0).compile(wrt=[var(3.0, "b")]), ("'b'", "not in the graph")),
        (lambda: (var(1.0) * 2.0).backward(retain_graph=True), ("retain_graph", "is kept")),
        (lambda: var(np.ma.array([1.0, 2.0], mask=[True, False])), ("masked",)),
        (lambda: var(10**400), ("var takes",)),
        (lambda: var(1.0) * 10**400, ("const takes",)),
        (lambda: np.linalg.norm(var([1.0, 2.0]), 3), ("norm", "ord=3")),
        (lambda: np.einsum("...i,...i", var([1.0]), var([1.0])), ("einsum", "letters")),
        (lambda: np.einsum(var([1.0]), [0]), ("einsum", "text")),
        (lambda: np.dot(var(np.eye(2)), np.ones((2, 2, 2))), ("dot", "a @ b")),
    ],
)
def test_more_that_is_refused_in_a_sentence(ask, words):
    with says(*words):
        ask()


def test_more_that_works():
    x = var(np.arange(12.0).reshape(2, 2, 3))
    assert np.dot(x, np.ones((3, 2))).shape == (2, 2, 2)
    assert np.concatenate([x, x[0]], axis=None).shape == (18,)
    L = bp.sum(x * 2.0)
    L.backward(2.0)
    assert x.grad[0, 0, 0] == 4.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: bp.exp(1j),
        lambda: bp.expm1((-3) ** 0.5),
        lambda: bp.sum([1j, 2.0]),
        lambda: bp.sin(np.array([1j])),
        lambda: bp.abs(1j),
        lambda: bp.abs(np.array([1j, 2.0])),
        lambda: bp.maximum((-2) ** 0.5, bp.var(1.0)),
        lambda: bp.stack([1j, bp.var(1.0)]),
    ],
)
def test_a_complex_number_is_refused_with_and_without_nodes(call):
    """A root of a negative number is complex in plain Python: its imaginary part is not dropped."""
    with pytest.raises(bp.EngineError, match="complex"):
        call()


@pytest.mark.parametrize("parts", [("g",), ("g", "g", "g")])
def test_a_row_that_hands_back_too_few_or_too_many_contributions_is_named(monkeypatch, parts):
    """Also where no rules are given: a gradient left out would be a zero that nobody explains."""
    row = replace(TABLE["mul"], gradient=lambda g, y, a, b: tuple(g for _ in parts))
    monkeypatch.setitem(TABLE, "mul", row)
    with says(f"mul.*{len(parts)} contributions for 2 arguments"):
        bp.backward(var(2.0, "a") * var(3.0, "b"))


@pytest.mark.parametrize(
    "rules, said",
    [
        ({"mull": lambda g, y, a, b: (g, g)}, "'mull'.*no op"),
        ({"mul": 3.0}, "'mul'.*no function: 3.0"),
        ([("mul", None)], "rules is"),
        ({"mul": lambda g, y, a, b: 1}, "mul.*returned 1, not a tuple"),
        ({"mul": lambda g, y, a, b: None}, "mul.*returned None, not a tuple"),
    ],
)
def test_a_rule_nobody_would_ask_for_or_that_hands_back_no_tuple_is_named(rules, said):
    """A misspelt op would leave the right gradient standing as what a wrong idea gives."""
    with says(said):
        bp.backward(var(2.0, "a") * var(3.0, "b"), rules=rules)


@pytest.mark.parametrize(
    "name, proposed, same",
    [
        ("log2", lambda x: bp.log(x) / np.log(2), 0.3),
        ("log10", lambda x: bp.log(x) / np.log(10), 0.3),
        ("cbrt", lambda x: x ** (1 / 3), 0.3),
        ("arctanh", lambda x: 0.5 * bp.log((1 + x) / (1 - x)), 0.3),
        ("arcsinh", lambda x: bp.log(x + bp.sqrt(x * x + 1)), 0.3),
        ("arccosh", lambda x: bp.log(x + bp.sqrt(x * x - 1)), 1.3),
        ("arcsin", lambda x: bp.arctan(x / bp.sqrt(1 - x * x)), 0.3),
        ("deg2rad", lambda x: x * (np.pi / 180), 0.3),
        ("degrees", lambda x: x * (180 / np.pi), 0.3),
    ],
)
def test_what_is_proposed_in_place_of_an_absent_function_is_that_function(name, proposed, same):
    x = var(same, "x")
    with says(f"np.{name}", "write", "node.value"):
        getattr(np, name)(x)
    assert proposed(x).value == pytest.approx(getattr(np, name)(same))


def test_shapes_that_do_not_fit_are_said_in_columns_and_rows():
    W = var(np.eye(3), "W")
    for ask in (lambda: W @ np.ones(4), lambda: W @ 2.0, lambda: 2.0 @ W, lambda: np.ones(2) @ W):
        with says("'W'", "columns on the left as rows on the right"):
            ask()
    with says("'W'", "as many rows"):
        bp.solve(W, np.ones(2))
    for join in (bp.stack, bp.concatenate):
        with says("takes one list"):
            join(W, W)
        with says("takes one list"):
            join(1.0)


def test_an_argument_of_a_function_is_called_what_the_function_calls_it():
    with says("leaf 'rate'"):
        grad(lambda w, rate: w * math.exp(rate), 1)(1.0, 2.0)
    with says("grad of rate"):
        grad(lambda w, rate: w * rate, 1)(1.0, "2")

    class Loss:
        def of(self, weight):
            return weight[0]

    with says("leaf 'weight'"):
        grad(Loss().of)(2.0)


def test_a_leaf_is_not_given_a_value_by_another_tools_name():
    x = var(2.0, "x")
    with pytest.raises(AttributeError, match=r"node\.value ="):
        x.data = 3.0


def test_messages_speak_of_nodes_without_a_name_as_one_would():
    x, V = var(2.0, "x"), var([1.0, 2.0])
    assert repr(Graph(x * x)) == "<Graph of the node mul(x, x) (value 4), 2 nodes>"
    assert repr(Graph(x)) == "<Graph of leaf 'x' (value 2), 1 node>"
    for node, said in {
        x: "leaf 'x' (value 2)",
        (x * 3.0).named("y"): "node 'y' = mul(x, 3) (value 6)",
        x * 3.0 * var(4.0): "the node mul(6, 4) (value 24)",
        bp.sum(V * 2.0): "the node sum(mul(…)) (value 6)",
        V * 2.0: "the node mul(array, 2) (shape (2,))",
        V: "an unnamed leaf (shape (2,))",
        bp.const(2.0): "a constant (value 2)",
        bp.const(2.0, "c"): "constant 'c' (value 2)",
    }.items():
        assert describe(node) == said
