"""Generated code: it runs by itself, agrees with backward, and refuses what it was not made for."""

import math
import subprocess
import sys
from array import array
from fractions import Fraction

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, const, var
from backpropkit.engine.node import TABLE, Op, apply, fresh
from backpropkit.graphs.source import write
from backpropkit.terms.writer import Writer

V = np.array([1.0, 2.0, -3.0])
M = np.array([[2.0, -1.0, 0.5], [0.3, 1.5, -0.7], [-0.4, 0.6, 1.1]])
S = np.arange(24.0).reshape(2, 3, 4) / 10.0

PROGRAMS = {
    "comparisons added": lambda: bp.sum((x := var(V, "x")) * ((x > 0) + (x > 1))),
    "comparisons subtracted": lambda: bp.sum((x := var(V, "x")) * ((x > 0) - (x < 0))),
    "a comparison negated": lambda: bp.sum(-((x := var(V, "x")) > 0) * x),
    "a comparison of comparisons": lambda: bp.sum(((x := var(V, "x")) > 0) * x >= (x > 1)) + x[0],
    "products of comparisons": lambda: bp.sum((x := var(V, "x")) * ((x > 0) * (x < 1.5))),
    "a number's comparisons": lambda: (x := var(2.0, "x")) * (x > 0) * (x > 1) + (x == 2.0) * x,
    "equality": lambda: bp.sum((x := var(V, "x")) * ((x == 2.0) + (x != 1.0))),
    "two masks, one a number's": lambda: bp.sum(((x := var(V, "x")) > 0) * (x[0] > 0)) * x[1],
    "axes": lambda: bp.sum(bp.transpose(var(S, "x"), (1, 2, 0)) * np.ones((3, 4, 2))),
    "axes that stay": lambda: bp.sum(bp.transpose((x := var(M, "x")), (0, 1)) @ x),
    "axes from the end": lambda: bp.sum(bp.transpose(var(S, "x"), (-1, 0, 1)) ** 2),
    "stacks transposed": lambda: bp.sum((x := var(S, "x")).mT @ x),
    "stacks multiplied": lambda: bp.sum((2.0 * var(M, "m")) @ var(S, "s") @ np.ones((2, 4, 1))),
    "a vector and a stack": lambda: bp.sum(var(V, "v") @ var(S, "s")),
    "names of operations": lambda: bp.sum(bp.exp(var(V, "exp")) * bp.softmax(var(V, "softmax"))),
    "names of modules": lambda: bp.sum(bp.sin(var(V, "np")) * const(3.0, "backpropkit")),
    "a node of its op's name": lambda: (bp.sigmoid(var(0.5, "a")).named("sigmoid") + var(1.0, "b")),
    "a mask that is the identity": lambda: bp.sum(var(M, "m")[np.eye(3) > 0] ** 2),
    "names of builtins": lambda: var(2.0, "float") * var(3.0, "error") + bp.sum(var(V, "list")),
    "a gradient by closure": lambda: (s := var(2.0, "s")) * bp.grad(lambda z: z**2 * s)(3.0),
    "words of Python": lambda: var(2.0, "class") * var(3.0, "def") * var(1.0, "forward_backward"),
    "no identifiers": lambda: var(2.0, "x²") * var(3.0, "2") * var(1.0, "a b") * var(1.0, "a_b"),
    "letters that look alike": lambda: var(2.0, "ℓ") * var(3.0, "l") * var(4.0, "∂"),
    "names that are numbers": lambda: var(2.0, 3) * 2.0,
    "no names": lambda: var(2.0) * var(3.0) + var(4.0),
    "constants": lambda: bp.sum(var(V, "x") * const([1.0, math.inf, 2.0]) * const(V, "data")),
    "infinite numbers": lambda: bp.minimum(var(2.0, "x"), math.inf) * -math.inf,
    "nothing": lambda: bp.sum(var(V, "x")) + bp.sum(var(np.zeros((0, 0)), "e") * np.zeros((0, 0))),
    "indices": lambda: bp.sum((x := var(V, "x"))[[0, 0, 2]] * x[x.value > 0][0] + x[..., None][1:]),
    "an axis more on a number": lambda: bp.sum((x := var(3.0, "x"))[None] * x) + x[()],
    "a number of axes": lambda: bp.sum(np.atleast_2d(var(3.0, "x"))) + bp.sum(var(2.0, "y")[None]),
    "a number summed up": lambda: bp.cumsum(var(3.0, "x"))[0],
    "a product of entries": lambda: bp.prod(var(V, "v")),
    "an entry of all axes": lambda: (2.0 * var(V, "v"))[..., 1],
    "an entry beside a float": lambda: bp.stack([(x := var(3.0, "float")), x])[..., 1],
    "a number transposed": lambda: (x := var(3.0, "x")).T * bp.reshape(x, (1,))[0],
    "powers": lambda: bp.sum(var(V, "x") ** np.array([2, 3, 0])) + 2.0 ** var(3.0, "y"),
    "remainders": lambda: bp.sum(var(V, "x") % 1.7) + 7.5 % var(2.0, "y") * 2.0,
    "the table's new rows": lambda: bp.sum(bp.cumsum(bp.arctan(x := var(V, "x"))) * bp.log1p(x * x))
    + bp.det(m := var(M, "m")) + bp.sum(bp.cholesky(m @ m.T)) + bp.std(x) + bp.min(x),
    "an einsum": lambda: bp.einsum("ij,jk,ki->", var(M, "m"), M, M) + bp.einsum("ii", var(M, "n")),
    "shared factors": lambda: bp.logdet(k := (m := var(M, "m")) @ m.T, spd=True)
    + bp.sum(bp.inv(k, spd=True)),
    "an index at the end": lambda: bp.sum(var(S, "s")[-1, ..., ::2]),
    "indices of other kinds": lambda: (x := var(V, "x"))[Second()] * x[np.int8(0)]
    + bp.sum(x[array("b", [0, 2])] * x[range(2)]),
    "tuples as indices": lambda: bp.sum((x := var(S, "s"))[(1, 0), :])
    + bp.sum(x[((0, 1), (2, 2))]),
    "a mask and places of the same bytes": lambda: bp.sum(
        (x := var(V[:2], "x"))[np.array([1, 0], np.int8)] * x
    )
    + bp.sum(x[np.array([True, False])] * 7.0),
    "a row and rows beside matrices": lambda: bp.sum(
        (var(V + 1.0, "v") @ (s := var(S[:, :, :3], "s")) + var(M[:2], "m") @ s) * s[:, :2]
    ),
    "the trace of a stack and a vector": lambda: bp.trace(var(S[:, :2, :3], "s") @ var(V, "v")),
    "sums of products": lambda: bp.sum((x := var(M, "x")) * (w := var(M - 1.0, "w")).T)
    + bp.sum(x * w * x) * bp.sum(V * x) + bp.sum((e := x @ w - M) * e) + bp.mean(e * x),
    "a factor in a product met twice": lambda: bp.logdet(
        0.8 * ((x := var(M, "x")) @ x.T) + np.eye(3)
    ) + bp.sum((y := (0.5 * x) @ M) + y),
    "axes in an array": lambda: bp.sum(
        np.transpose((x := var(S, "s")), np.array([1, 2, 0])) * x.transpose(np.array([1, 2, 0]))
    ),
}  # fmt: skip


class Second:
    def __index__(self):
        return 1


@pytest.fixture(params=PROGRAMS)
def result(request):
    made = PROGRAMS[request.param]()
    return made if made.shape == () else bp.sum(made)


def same(found, leaves, labels):
    for leaf, label in zip(leaves, labels, strict=True):
        assert isinstance(found[label], np.ndarray if leaf.shape else float)
        assert np.shape(found[label]) == leaf.shape and np.asarray(found[label]).dtype == np.float64
        np.testing.assert_allclose(found[label], leaf.grad, rtol=1e-11, atol=1e-13)


def test_the_text_and_the_compiled_function_agree_with_backward(result):
    graph = Graph(result)
    result.backward()
    values = [leaf.value for leaf in graph.leaves]
    names: dict = {}
    exec(graph.source(), names)
    for made in (names["forward_backward"], graph.compile()):
        value, found = made(*values)
        assert value == pytest.approx(result.value, rel=1e-12)
        assert isinstance(value, float) and len(found) == len(graph.leaves)
        same(found, graph.leaves, list(found))
    assert {type(x) for x in (value, *found.values()) if np.ndim(x) == 0} == {float}
    for leaf, label in zip(graph.leaves, found, strict=True):
        assert not leaf.name or label == str(leaf.name)


def test_every_text_runs_in_a_fresh_interpreter():
    program = []
    for made in PROGRAMS.values():
        graph = Graph(bp.sum(made()))
        values = ", ".join(f"np.array({v.value.tolist()})" if v.shape else repr(v.value)
                           for v in graph.leaves)  # fmt: skip
        values = values.replace("np.array([])", "np.zeros((0, 0))")
        call = f"print(float(names['forward_backward']({values})[0]))"
        program.append(f"names = {{}}\nexec({graph.source()!r}, names)\n{call}")
    text = "import numpy as np\n" + "\n".join(program)
    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    expected = [bp.sum(made()).value for made in PROGRAMS.values()]
    np.testing.assert_allclose([float(line) for line in run.stdout.split()], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([V[:2], 2.0], [r"argument x .* shape \(3,\)", r"\(2,\)"]),
        ([V[:, None], 2.0], [r"argument x .* shape \(3,\)", r"\(3, 1\)"]),
        ([V, V], [r"argument k .* shape \(\)", r"\(3,\)"]),
        ([2.0, 2.0], [r"argument x .* shape \(3,\)", r"\(\)"]),
        ([V, "two"], ["k", "two"]),
        ([V, None], ["k", "None"]),
        ([V, 1j], ["k", "complex"]),
    ],
)
def test_values_of_another_shape_or_kind_are_refused(given, words):
    made = Graph(bp.sum(var(V, "x") * var(2.0, "k"))).compile()
    with pytest.raises(EngineError, match="".join(f"(?=.*{w})" for w in words)):
        made(*given)


def test_whole_numbers_and_lists_are_read_as_leaves_are():
    made = Graph(bp.sum(var(V, "x") ** -2) * var(2.0, "k")).compile()
    value, found = made([1, 2, -3], 2)
    assert value == pytest.approx(2.0 * (1 + 1 / 4 + 1 / 9)) and found["x"][0] == -4.0
    assert made(x=np.array([1, 2, -3]), k=np.float32(2.0))[0] == value


EXTREMES = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, 1e-300, -2.0, 1.0)


def answered(ask):
    """A value and its gradients as one row of numbers; None where they are refused."""
    try:
        value, gradients = ask()
    except EngineError:
        return None
    return np.concatenate([np.ravel(x) for x in (value, *gradients.values())])


@pytest.mark.parametrize("name", PROGRAMS)
def test_far_out_a_compiled_function_says_what_backward_says(name, rng):
    graph = Graph(bp.sum(PROGRAMS[name]()))
    made = graph.compile()

    def swept(values):
        there = graph.at(dict(zip(graph.leaves, values, strict=True)))
        there.result.backward()
        return there.result.value, {leaf: leaf.grad for leaf in there.leaves}

    for _ in range(40):
        values = [rng.choice(EXTREMES, leaf.shape) for leaf in graph.leaves]
        values = [v if np.ndim(v) else float(v) for v in values]
        expected = answered(lambda given=values: swept(given))
        found = answered(lambda given=values: made(*given))
        assert (found is None) == (expected is None), values
        if found is not None:
            np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=str(values))
            assert not np.isnan(found).any()


def test_what_cannot_be_computed_from_other_values_says_so():
    made = Graph(1.0 / var(2.0, "x")).compile()
    with pytest.raises(EngineError, match="division by zero"):
        made(0.0)
    with pytest.raises(EngineError, match=r"'r'|sqrt"), np.errstate(all="ignore"):
        Graph(bp.sum(bp.sqrt(var([0.0, 1.0], "x") * 0.0).named("r"))).compile()


def test_a_function_of_numbers_takes_numbers_of_all_kinds_and_nothing_else():
    a, b = var(2.0, "a"), var(0.5, "b")
    made = Graph(3.0 * (a + b * a) ** b).compile()
    expected = made(2.0, 0.5)
    for given in ((2, np.float64(0.5)), (np.float32(2.0), 0.5), (np.array(2.0), np.array(0.5))):
        assert made(*given) == expected
    for given in ((V, 0.5), (2.0, [1.0, 2.0]), ("2", 0.5), (1j, 0.5), (None, 0.5)):
        with pytest.raises(EngineError):
            made(*given)
    with pytest.raises(EngineError, match=r"node add.*no real power 0\.5"):
        made(-2.0, 0.5)
    value, found = Graph(a * b + 0.5 * var(1.0, "c")).compile()(2, Fraction(3, 2), 1.0)
    assert (value, found) == (3.5, {"a": 1.5, "b": 2.0, "c": 0.5})
    assert {type(x) for x in (value, *found.values())} == {float}
    value, found = Graph((a > 0.5) * b * a + 0.5 * a).compile()(2, 3)
    assert (value, found) == (7.0, {"a": 3.5, "b": 2.0})
    assert {type(x) for x in (value, *found.values())} == {float}


def test_every_gradient_is_filed_under_a_name_of_its_own():
    x = var(2.0)
    h, k = x * x, x * 3.0
    found = Graph(h * k).compile(wrt=[h, k, x])(2.0)[1]
    assert sorted(found.values()) == [4.0, 6.0, 36.0]
    assert Graph(h * k).compile(wrt=x)(2.0)[1] == {"x": 36.0}


def test_compiling_is_the_same_inside_no_grad():
    x = var(V, "x")
    graph = Graph(bp.sum(bp.exp(x) * x))
    with bp.no_grad():
        assert graph.compile()(V)[1]["x"].shape == (3,)


def test_a_compiled_function_takes_an_array_without_axes_for_the_number_it_is():
    w = var(1.5, "w")
    for L in (w**2 - 3.0 * w, bp.exp(w) * w):
        made = Graph(L).compile()
        assert made(np.array(2.0)) == made(np.float64(2.0)) == made(2.0)


@pytest.mark.parametrize("far", [1e200, 1e-200])
def test_a_factor_stays_in_its_product_of_matrices_which_may_have_no_value_without(far):
    s, X, Y = const(far, "s"), var(M / far, "X"), var(M / far, "Y")
    for L in (bp.sum((s * X) @ Y), bp.sum((X * s) @ Y), bp.sum(X @ (s * Y)), bp.sum(X @ -(Y * s))):
        L.backward()
        value, found = Graph(L).compile()(X.value, Y.value)
        assert value == pytest.approx(L.value, rel=1e-12, abs=0.0)
        same(found, Graph(L).leaves, found)


def test_a_product_is_summed_without_an_array_of_it():
    x, w, row = var(M, "x"), var(M - 1.0, "w"), var(V, "row")
    assert "np.vdot(x, w)" in Graph(bp.sum(x * w)).source()
    assert "np.vdot" not in Graph(bp.sum(x * row) + bp.sum(x * 2.0)).source()
    assert "np.vdot" not in Graph(bp.sum(bp.sum(x * w, axis=0))).source()
    assert "np.vdot" not in Graph(bp.sum(var(2.0, "a") * var(3.0, "b"))).source()


GIVES = {  # a gradient that is one array turned, cut or spread, or remembered elsewhere
    "diag of a vector": lambda v, m, n: bp.sum(bp.diag(v) * m),
    "diag of a matrix": lambda v, m, n: v @ bp.diag(m),
    "transpose": lambda v, m, n: bp.sum(m * n.T),
    "reshape": lambda v, m, n: bp.sum(bp.reshape(m, (9,)) * bp.reshape(n, (9,))),
    "rows": lambda v, m, n: bp.sum(bp.stack([v, v]) * m[1:]),
    "parts": lambda v, m, n: bp.sum(bp.concatenate([v, v]) * bp.reshape(m[1:], (6,))),
    "spread": lambda v, m, n: bp.sum(np.broadcast_to(v, (3, 3))) + bp.sum(m) + bp.sum(n),
    "log softmax": lambda v, m, n: bp.sum(bp.log_softmax(m) * n) + v @ bp.log_softmax(v),
    "one array twice": lambda v, m, n: bp.sum(m + n) + bp.sum(m * n),
}


@pytest.mark.parametrize("program", GIVES)
def test_a_returned_gradient_is_nobody_elses_and_may_be_changed(program):
    leaves = var(V, "v"), var(np.outer(V, V), "m"), var(np.diag(V) + 1.0, "n")
    graph = Graph(GIVES[program](*leaves))
    names: dict = {}
    exec(graph.source(), names)
    for made in (names["forward_backward"], graph.compile()):
        for frozen in (False, True):
            given = [np.array(leaf.value) for leaf in graph.leaves]
            for given_array in given:
                given_array.setflags(write=not frozen)
            kept = [x.copy() for x in given]
            found = made(*given)[1]
            first = {label: g.copy() for label, g in found.items()}
            for g in found.values():
                g[...] = 777.0
            np.testing.assert_equal(given, kept)
            np.testing.assert_equal(made(*given)[1], first)


@pytest.mark.parametrize("far", [1e200, 1e-200])
def test_two_factors_are_one_only_where_their_product_has_a_value(far):
    value, found = Graph(far * (far * var(1.0, "x"))).compile()(far**-1.5)
    assert value == pytest.approx(far**0.5, rel=1e-12, abs=0.0) and len(found) == 1


@pytest.mark.parametrize("zeros", [[-0.0, -0.0], [-0.0, 0.0]])
def test_zero_keeps_its_sign(zeros):
    x = var(V[:2], "x")
    result = bp.sum(x * np.zeros(2)) + bp.sum(x * bp.arctan(const(np.ones(2)) / zeros))
    value, found = Graph(result).compile()(V[:2])
    slopes = np.copysign(math.pi / 2, zeros)
    assert value == result.value == pytest.approx(V[:2] @ slopes)
    assert found["x"].tolist() == slopes.tolist()


def test_a_number_to_the_power_of_an_array_is_compiled():
    x = bp.var(0.5, "x")
    value, found = Graph(bp.sum(x ** np.arange(3))).compile()(-0.25)
    assert value == 1.0 - 0.25 + 0.0625 and found == {"x": 0.5}


def test_a_rule_may_hand_back_a_bare_number(monkeypatch):
    """A row of one's own through which nothing flows, or as much whatever comes in."""
    for name, slope in (("held", 0.0), ("passed", 1.0)):
        row = Op(name, lambda a: a * 1.0, lambda g, y, a, slope=slope: (slope,))
        monkeypatch.setitem(TABLE, name, row)
        for start, gradient in ((3.0, slope), (V, np.full(3, slope))):
            x = var(start, "x")
            result = bp.sum(apply(name, x))
            result.backward()
            found = Graph(result).compile()(start)[1]["x"]
            np.testing.assert_equal(x.grad, gradient)
            np.testing.assert_equal(found, gradient)
            again = bp.grad(
                lambda x, name=name: bp.sum(bp.grad(lambda z: bp.sum(apply(name, z)))(x))
            )
            np.testing.assert_equal(again(start), np.zeros(np.shape(start)))


def test_a_label_is_found_where_others_are_called_like_it():
    """It looked for ever: node_2 was not tried, and node_3 was somebody's name."""
    a = var(2.0, "a")
    first = a * a
    second = (first * a).named("node_3")
    third = second + a
    _, found = Graph(third * first).compile([first, second, third, a, a])(2.0)
    assert list(found) == ["node", "node_3", "node_2", "a", "a_2"]
    assert found == {"node": 18.0, "node_3": 4.0, "node_2": 4.0, "a": 92.0, "a_2": 92.0}


def test_writing_names_takes_as_many_looks_as_there_are_names():
    """Eight thousand leaves without a name took half a minute: each tried x_2, x_3 and so on."""

    class Looked(set):
        looks = 0

        def __contains__(self, name):
            self.looks += 1
            return super().__contains__(name)

    writer = Writer(TABLE, taken=Looked())
    assert [writer.fresh("x") for _ in range(500)][-1] == "x_500"
    assert writer.taken.looks <= 1500


def test_what_is_asked_for_is_gone_through_a_few_times_only():
    class Asked(list):
        rounds = 0

        def __iter__(self):
            self.rounds += 1
            return super().__iter__()

    rounds = []
    for n in (3, 30):
        leaves = Asked(var(float(i), f"w{i}") for i in range(n))
        write(Graph(sum(w * w for w in list.__iter__(leaves))), leaves)
        rounds.append(leaves.rounds)
    assert rounds[0] == rounds[1]


def test_a_compiled_function_leaves_no_births_of_nodes_behind():
    """65,000 of them, each an object of its own, made every call half as slow again."""
    x = bp.var(0.5, "x")
    graph = Graph((x * x + 1.0) * x)
    assert graph.grads[x] == 1.75 and fresh
    assert graph.compile()(0.5) == (0.625, {"x": 1.75}) and not fresh
