"""The sweep step by step, right and wrong, and the line of the source each gradient stands on."""

import re

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, var
from backpropkit.engine.sweep import MEET


def staged():
    x, y = var(3.0, "x"), var(-4.0, "y")
    return (x + bp.sigmoid(y)) / (bp.sigmoid(x) + (x + y) ** 2)


SPLIT = {"add": lambda g, y, a, b: (g / 2, g / 2)}


@pytest.mark.parametrize("meet", MEET)
@pytest.mark.parametrize("rules", [None, SPLIT], ids=["right rules", "add splits"])
def test_the_last_total_of_a_node_is_what_backward_leaves_there(meet, rules):
    result = staged()
    steps = Graph(result).steps(rules=rules, meet=MEET[meet])
    totals = {step.parent: step.total for step in steps}
    bp.backward(result, rules=rules, meet=meet)
    for node, total in totals.items():
        assert total == node.grad


def test_a_rule_may_be_given_to_one_node_only():
    a, b = var(2.0, "a"), var(3.0, "b")
    inner = a + b
    outer = inner + a
    for rules, slopes in (
        ({inner: SPLIT["add"]}, (1.5, 0.5)),
        ({outer: SPLIT["add"]}, (1.0, 0.5)),
        (SPLIT | {outer: lambda g, y, a, b: (g, g)}, (1.5, 0.5)),  # the node before its op
    ):
        bp.backward(outer, rules=rules)
        assert (a.grad, b.grad) == slopes
        last = {step.parent: step.total for step in Graph(outer).steps(rules=rules)}
        assert (last[a], last[b]) == slopes


@pytest.mark.parametrize("parts", [1.0, (1.0,), (1.0, 2.0, 3.0)])
def test_a_rule_that_returns_too_little_or_too_much_is_told_by_its_node(parts):
    a, b = var(2.0, "a"), var(3.0, "b")
    with pytest.raises(EngineError, match="rule of node 'e' = add"):
        bp.backward((a + b).named("e"), rules={"add": lambda g, y, a, b: parts})


def test_a_rule_may_return_integers():
    a, b = var(2.0, "a"), var(np.ones(2), "b")
    bp.backward(bp.sum(a + b), rules={"add": lambda g, y, a, b: (1, None)})
    assert a.grad == 1.0 and b.grad.tolist() == [0.0, 0.0]


def test_a_step_is_local_times_incoming():
    for step in Graph(staged()).steps():
        assert step.contribution == pytest.approx(step.local * step.incoming, rel=1e-12)


def test_the_seed_is_where_the_sweep_starts():
    a = var(2.0, "a")
    [step] = Graph((3.0 * a).named("L")).steps(seed=5.0)[1:]
    assert (step.incoming, step.contribution) == (5.0, 15.0)


def test_a_wrong_rule_that_does_not_fit_is_told_by_its_node():
    W, x = var([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "W"), var([1.0, 2.0, 3.0], "x")
    graph = Graph(bp.sum((W @ x).named("u")))
    with pytest.raises(EngineError, match="rule of node 'u' = matmul"):
        graph.steps(rules={"matmul": lambda g, y, a, b: (g @ b, a @ g)})


def test_every_line_of_a_gradient_computes_that_gradient():
    a, b, c = (var(v, n) for v, n in ((2.0, "a"), (-3.0, "b"), (10.0, "c")))
    graph = Graph((((a * b).named("e") + c).named("d") ** 2).named("L"))
    listing = graph.listing()
    lines = listing.text.splitlines()
    assert listing.text == graph.source()
    found = {node.name: lines[line].strip() for node, line in listing.gradients.items()}
    assert found["a"].startswith("da = ") and found["b"].startswith("db = ")
    d = graph.result.args[0]
    assert listing.written[c] == listing.written[d]  # ∂L/∂c is ∂L/∂d: one line serves both
    assert lines[listing.gradients[d]].strip() == f"{listing.written[d]} = 2.0 * d"
    values = {node.name: lines[line].strip() for node, line in listing.values.items()}
    assert values["e"] == "e = a * b" and values["L"] == "L = d ** 2"


def test_an_inlined_gradient_stands_on_the_line_that_contains_it():
    graph = Graph(staged())
    listing = graph.listing()
    lines = listing.text.splitlines()
    for node, line in listing.gradients.items():
        if node in listing.written and re.fullmatch(r"\w+", listing.written[node]) and line:
            assert lines[line].strip().startswith(f"{listing.written[node]} =")
        elif line:
            assert listing.written[node] in lines[line]


def test_a_gradient_without_a_name_is_found_inside_a_line():
    x, y = var(0.5, "x"), var(2.0, "y")
    inner = bp.sin(x)
    listing = Graph(bp.exp(inner * y)).listing()
    line = listing.text.splitlines()[listing.gradients[inner]]
    assert line.strip().startswith("dx = ") and listing.written[inner] in line
