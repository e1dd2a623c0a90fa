"""Sweeps work out only what a wrong idea changes: the engine's whole sweep says the same."""

import numpy as np
import pytest

import backpropkit as bp
from backpropkit.engine.node import EngineError
from backpropkit.engine.sweep import gradients
from backpropkit.ideas import IDEAS, Sweeps


def of_numbers(r):
    a, b, c = (bp.var(r.uniform(0.5, 2.0), name) for name in "abc")
    u = a * b + c
    return bp.relu(u * u - 1.0 / bp.exp(a)) + bp.log(u) * a


def of_matrices(r):
    W, x, b = (
        bp.var(r.normal(size=(3, 2))),
        bp.const(r.normal(size=(4, 3))),
        bp.var(r.normal(size=2)),
    )
    h = bp.sigmoid(x @ W + b)
    return bp.sum(h * h) + bp.sum(W * W) * 0.3


def of_an_inverse(r):
    A = bp.var(r.normal(size=(3, 2)))
    K = 0.7 * (A @ A.T) + bp.const(np.eye(3))
    return bp.trace(bp.inv(K)) - bp.logdet(K)


@pytest.mark.parametrize("build", [of_numbers, of_matrices, of_an_inverse])
def test_what_an_idea_changes_is_what_the_engines_whole_sweep_says(build):
    sweeps = Sweeps(build(np.random.default_rng(3)))
    leaves = [node for node in sweeps.nodes if node.op == "var"]
    right = gradients(sweeps.result, 1.0)
    moved = 0
    for idea in IDEAS.values():
        for change in idea.changes:
            if change.forwards:  # its values are other ones, too: below
                continue
            for places in sweeps.places(change):
                options = {"rules": sweeps.rules(change, places), "meet": change.meet}
                seed = change.seed(1.0)
                try:
                    whole = gradients(sweeps.result, seed, fit=change.fit, **options)
                except EngineError:  # the rule does not fit the shapes
                    with pytest.raises((ArithmeticError, TypeError, ValueError)):
                        sweeps.gradients(change, places)
                    continue
                some = sweeps.gradients(change, places)
                for leaf in leaves:
                    np.testing.assert_allclose(some[leaf], whole[leaf], rtol=1e-12, atol=1e-12)
                moved += any(not np.array_equal(whole[leaf], right[leaf]) for leaf in leaves)
    assert moved > 20


def test_gates_above_a_node_are_those_between_it_and_the_result_or_a_stop():
    a, b = bp.var(2.0, "a"), bp.var(3.0, "b")
    u = a * b
    v = bp.exp(u)
    L = v + u
    sweeps = Sweeps(L)
    at = {node: i for i, node in enumerate(sweeps.nodes)}
    assert sweeps.above(a) == [at[u], at[v], at[L]]
    assert sweeps.above(a, [u]) == [at[u]]
    assert sweeps.above(L) == []


def test_another_way_forward_is_that_graphs_own_sweep():
    def of(r, bent):
        A, B = bp.var(r.normal(size=(3, 2)), "A"), bp.var(r.normal(size=(2, 4)), "B")
        inner = A @ B
        return bp.sum((bp.relu(inner) if bent else inner) ** 2)

    bent, straight = (Sweeps(of(np.random.default_rng(5), bent)) for bent in (True, False))
    found = bent.gradients(IDEAS["activation-skipped"].changes[0])
    for node, other in zip(bent.nodes, straight.nodes, strict=False):
        if node.op == "var":
            np.testing.assert_allclose(found[node], straight.right[other], rtol=1e-12)
            assert not np.allclose(found[node], bent.right[node])
