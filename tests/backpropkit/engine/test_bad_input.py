"""What the engine says to bad input: every sentence names the op, the node and the shapes."""

import math

import numpy as np
import pytest

import backpropkit as bp
from backpropkit.engine import rules
from backpropkit.engine.node import TABLE
from backpropkit.terms import numerics as num


def says(*words):
    """An EngineError whose message holds all these words."""
    return pytest.raises(bp.EngineError, match="(?s)" + "".join(f"(?=.*{w})" for w in words))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("x", ["var", "'x'", "str"]),
        (None, ["var", "NoneType"]),
        (1j, ["var", "complex"]),
        (True, ["var", "bool"]),
        ([[1, 2], [3]], ["var", "list"]),
        (np.array(["a"]), ["var", "ndarray"]),
    ],
)
def test_var_of_something_else(given, words):
    with says(*words):
        bp.var(given)


def test_var_of_a_node():
    with says("leaf 'a'", "node already"):
        bp.var(bp.var(1.0, name="a"))


def test_integers_and_lists_become_floats():
    assert bp.var(3).value == 3.0 and type(bp.var(3).value) is float
    assert bp.var(np.array([1, 2])).value.dtype == np.float64
    assert bp.var([1, 2]).value.tolist() == [1.0, 2.0]


def test_matmul_of_wrong_shapes_names_both():
    W, X = bp.var(np.ones((2, 3)), name="W"), bp.var(np.ones((4, 5)), name="X")
    with says("matmul", "'W'", r"\(2, 3\)", "'X'", r"\(4, 5\)"):
        W @ X


def test_add_of_wrong_shapes_names_both():
    with says("add", "'b'", r"\(3,\)", "'Z'", r"\(2, 4\)"):
        bp.var(np.ones((2, 4)), name="Z") + bp.var(np.ones(3), name="b")


@pytest.mark.parametrize("f", [bp.logdet, bp.inv])
def test_singular_and_non_square_matrices_are_named(f):
    with says("'K'", r"\(2, 2\)", "[sS]ingular"):
        f(bp.var([[1.0, 2.0], [2.0, 4.0]], name="K"))
    with says("'K'", r"\(2, 3\)", "square"):
        f(bp.var(np.ones((2, 3)), name="K"))


def test_a_matrix_singular_but_for_rounding_is_named():
    m = bp.var(np.random.default_rng(0).normal(size=(2, 3)), name="m")
    K = (m.T @ m).named("K")  # of rank 2
    with says("'K'", "[sS]ingular"):
        bp.backward(bp.logdet(K))
    with says("'K'", "[sS]ingular"):
        bp.inv(K)


def test_solve_of_a_singular_matrix_is_named():
    with says("solve", "'K'", "[sS]ingular", "diagonal"):
        bp.solve(bp.var(np.zeros((2, 2)), name="K"), np.ones(2))


def test_a_failure_that_numpy_only_marks_by_nan_is_an_error_too(monkeypatch):
    """In a browser nothing raises: inv, solve and cholesky return nan, as these here do."""

    def quiet(f):
        def marked(*args):
            try:
                return f(*args)
            except np.linalg.LinAlgError:
                return np.full_like(args[-1], np.nan)

        return marked

    for name in ("inv", "solve", "cholesky"):
        monkeypatch.setattr(np.linalg, name, quiet(getattr(np.linalg, name)))
    K = bp.var([[1.0, 2.0], [2.0, 4.0]], name="K")
    with says("inv", "'K'", "Singular"):
        bp.inv(K)
    with says("solve", "'K'", "Singular"):
        bp.solve(K, np.ones(2))
    for f in (bp.logdet, bp.inv):
        with says("'S'", "promised positive definite"):
            f(bp.var([[1.0, 2.0], [2.0, 1.0]], name="S"), spd=True)
    with pytest.raises(np.linalg.LinAlgError):
        bp.inv(np.zeros((2, 2)))
    assert bp.inv(bp.var(np.diag([2.0, 4.0]))).value.tolist() == [[0.5, 0.0], [0.0, 0.25]]
    with np.errstate(all="ignore"):  # nan that was given, as before
        assert np.isnan(bp.inv(np.full((2, 2), np.nan))).all()


def test_a_name_used_twice():
    with says("two nodes are called 'a'", "2", "mul"):
        bp.Graph((bp.var(2.0, name="a") * 3.0).named("a"))


def test_a_graph_of_something_else():
    with says("Graph", "3.0"):
        bp.Graph(3.0)


def test_division_by_zero_names_the_node():
    with says("div", "'d'"):
        1.0 / bp.var(0.0, name="d")


def test_a_negative_number_has_no_real_root():
    with says("power", "'x'", "real"):
        bp.var(-8.0, name="x") ** (1 / 3)


def test_index_out_of_range_names_the_node():
    with says("getitem", "'x'", r"\(2,\)"):
        bp.var([1.0, 2.0], name="x")[5]


def test_backward_from_a_matrix_needs_a_seed_of_its_shape():
    Y = (bp.var(np.ones((2, 2)), name="W") * 2.0).named("Y")
    with says("single number", "'Y'", r"\(2, 2\)", "sum"):
        bp.backward(Y)
    with says(r"\(3,\)", r"\(2, 2\)"):
        bp.backward(Y, seed=np.ones(3))
    bp.backward(Y, seed=np.full((2, 2), 5.0))
    assert Y.args[0].grad.tolist() == [[10.0, 10.0], [10.0, 10.0]]


def test_backward_from_a_number():
    with says("Node", "3.0"):
        bp.backward(3.0)


def test_a_node_of_another_graph():
    g, stranger = bp.Graph(bp.var(1.0, name="a") * 2.0), bp.var(1.0, name="s")
    for ask in (lambda: g.nudge(stranger, 1.0), lambda: g.replay({stranger: 1.0})):
        with says("'s'", "not in the graph"):
            ask()


def test_replay_with_another_shape():
    w = bp.var([1.0, 2.0], name="w")
    with says("'w'", r"\(3,\)"):
        bp.Graph(bp.sum(w)).replay({w: np.ones(3)})


def test_a_nudge_of_a_matrix_result():
    w = bp.var([1.0, 2.0], name="w")
    with says("single number"):
        bp.Graph(w * 2.0).nudge(w, 0.1)


def test_a_leaf_changed_after_the_forward_pass():
    a = bp.var(2.0, name="a")
    L = (a * a).named("L")
    a.value = 5.0
    with says("leaf 'a'", "after", "forward pass"):
        bp.backward(L)
    bp.backward(a * a)
    assert a.grad == 10.0


def test_a_value_of_another_shape_is_refused():
    with says("'w'", r"\(3,\)"):
        bp.var([1.0, 2.0], name="w").value = np.ones(3)


def test_values_cannot_be_changed_in_place_and_inputs_are_copied():
    given = np.ones(2)
    w = bp.var(given, name="w")
    given[0] = 100.0
    assert w.value[0] == 1.0
    with pytest.raises(ValueError, match="entry by entry"):
        w.value[0] = 7.0


def test_the_first_nan_is_named():
    x = bp.var(-1.0, name="x")
    r = bp.log(x).named("r")
    L = (r * 2.0 + 1.0).named("L")
    for ask in (L.backward, lambda: bp.Graph(L)):
        with says("nan", "'r'", "log"):
            ask()


def test_numpy_functions_the_table_does_not_know():
    with says("np.sinc", "nearest.*sin", "node.value"):
        np.sinc(bp.var(1.0, name="x"))


def test_numpy_functions_that_cannot_record():
    with says("np.linalg.pinv", "node.value"):
        np.linalg.pinv(bp.var(np.eye(2), name="K"))
    x = bp.var([1.0, 2.0], name="x")  # those that can, do
    assert (np.sum(x).value, np.mean(x).value, np.exp(x[0] - 1.0).value) == (3.0, 1.5, 1.0)
    assert isinstance(np.float64(2.0) * x[0], bp.Node) and isinstance(np.ones(2) * x, bp.Node)


def test_wrt_out_of_range():
    with says("wrt=2", "1 argument"):
        bp.grad(lambda x: x, wrt=2)(1.0)


def test_a_function_that_does_not_use_its_argument():
    assert bp.value_and_grad(lambda x: 3.0)(2.0) == (3.0, 0.0)
    assert bp.grad(lambda x: bp.var(3.0))(np.ones(2)).tolist() == [0.0, 0.0]
    with says("check_grad", "does it use its arguments"):
        bp.check_grad(lambda x: 3.0, 2.0)


def test_compiling_with_respect_to_a_stranger():
    x = bp.var(2.0, name="x")
    with says("'y'", "not in the graph"):
        bp.Graph((x * x).named("L")).compile(wrt=[bp.var(1.0, name="y")])


def test_a_row_whose_rule_takes_other_arguments_than_its_forward_is_not_entered():
    with pytest.raises(TypeError, match=r"op 'hypot': the forward takes \(x\), the gradient rule"):
        rules.op("hypot", num.on_floats(math.hypot, np.hypot), lambda g, y, a, b: (g, g))
    assert "hypot" not in TABLE
