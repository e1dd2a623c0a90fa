"""What a learner may hand an explorer, and what they are told when they hand it something else."""

from typing import Any

import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, Node, explore, picture, var
from backpropkit.picture.walk import description, walk


def product(a: Node, b: Node) -> Node:
    return a * b


@pytest.mark.parametrize(
    ("given", "values", "error", "says"),
    [
        (3.0, {}, TypeError, r"takes the Node .* or a function .* given 3\.0 \(a float\)"),
        ("L", {}, TypeError, r"the formula needs a number for L"),
        (product, {"a": 2.0}, TypeError, r"product needs a number for b: .*nudge\(product, b=1\.0"),
        (product, {"a": 2.0, "b": 1.0, "c": 1.0}, TypeError, r"no argument 'c'; it has a, b"),
        (product, {"a": "two", "b": 1.0}, EngineError, r"argument 'a' of product.*'two' \(a str\)"),
        (lambda a: 7.0, {"a": 2.0}, EngineError, r"f returned 7\.0 \(a float\), not a Node"),
        (product, {"a": [1.0, 2.0], "b": 3.0}, EngineError, r"single number.*\(2,\).*bp\.sum"),
    ],
)
def test_bad_input_gets_a_sentence(
    given: object, values: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        explore.nudge(given, **values)


def test_a_result_that_is_not_a_single_number_is_refused_with_a_way_out() -> None:
    with pytest.raises(EngineError, match=r"'w'.*shape \(2,\).*bp\.sum or bp\.mean"):
        explore.nudge(var([1.0, 2.0], "w"))


def test_values_beside_a_node_are_refused() -> None:
    with pytest.raises(TypeError, match="its leaves have theirs already"):
        explore.nudge(var(2.0, "a") * 3.0, a=1.0)


def test_a_graph_without_leaves_is_refused() -> None:
    with pytest.raises(EngineError, match=r"nothing to move.*bp\.var"):
        explore.nudge(bp.const(2.0) * bp.const(3.0))


@pytest.mark.parametrize("show", [explore.backward, explore.paths, explore.memory])
def test_a_leaf_of_which_nothing_was_computed_is_refused(show: Any) -> None:
    said = rf"{show.__name__} was given leaf 'a' \(value 2\): nothing was computed from it"
    with pytest.raises(EngineError, match=said):
        show(var(2.0, "a"))


def test_a_graph_of_one_node_and_a_sweep_of_one_step_are_said_as_one() -> None:
    a = var(2.0, "a")
    assert 'aria-label="Computation graph of a, 1 node. a, leaf' in explore.nudge(a).still()
    assert 'aria-label="Computation graph of a, 1 node.' in picture.svg(Graph(a))
    swept = explore.backward(bp.exp(a)).still()
    assert ">1 step, as far as taken.<" in swept and " 2 nodes. " in swept
    assert "of 1 step." in description(walk(Graph(bp.exp(a))), 1)


def test_a_function_uses_its_own_defaults() -> None:
    def f(a: Node, b: float = 4.0) -> Node:
        return a * b

    assert explore.nudge(f, a=2.0).graph.result.value == 8.0


def test_a_function_takes_the_branch_that_its_if_says() -> None:
    def f(x: Node) -> Node:
        return x * 2.0 if x.value < 3 else x * x

    explorer = explore.nudge(f, x=2.0)
    assert explorer.nudge.before == 4.0
    explorer.leaves["x"].value = 4.0
    assert explorer.nudge.before == 16.0


def test_sixty_one_nodes_are_declined_in_words() -> None:
    x = var(1.0, "x")
    for _ in range(60):
        x = bp.tanh(x)
    answer = explore.nudge(x)
    assert "61 nodes" in answer.value and "draw a part of it" in answer.value
