"""The backward explorer without a browser: its steps, its wrong ideas, its still."""

import re
from typing import Any

import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, Node, explore, var
from backpropkit.explore.ideas import ideas


def product() -> Node:
    a, b, c, f = (var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}.items())
    return (((a * b).named("e") + c).named("d") * f).named("L")


def on_page(explorer: explore.BackwardExplorer, name: str) -> str:
    """What the still carries; the wide and the narrow picture have to agree."""
    found = re.findall(f' data-{name}="([^"]*)"', explorer.still())
    assert len(found) == 2 and found[0] == found[1]
    return str(found[0])


def test_the_steps_are_the_engines() -> None:
    result = product()
    explorer = explore.backward(result)
    for k, step in enumerate(Graph(result).steps(), 1):
        explorer.step.value = k
        assert on_page(explorer, "step") == str(k)
        assert float(on_page(explorer, "contribution").replace("−", "-")) == step.contribution
    assert "Every gradient is known" in explorer.now.sentence


def test_a_wrong_idea_runs_beside_the_chain_rule() -> None:
    explorer = explore.backward(lambda x, y, z: (x + y) * z, x=-2.0, y=5.0, z=-4.0)
    explorer.idea.value = "Add gate splits the gradient"
    explorer.step.value = explorer.walk.parting
    assert explorer.step.value == 3
    assert (on_page(explorer, "contribution"), on_page(explorer, "idea")) == ("−4", "−2")
    assert "“Add gate splits the gradient” hands back −2 ≠ −4" in explorer.now.sentence


def test_every_idea_ends_with_what_backward_finds_with_its_rules() -> None:
    result = (
        bp.exp(-bp.maximum(var(0.7, "x") * var(-1.3, "y"), var(0.4, "z")))
        + bp.sigmoid(var(0.3, "w")) ** 2 / var(2.5, "v")
    ).named("L")
    graph = Graph(result)
    found = list(ideas(graph))
    assert len(found) >= 10
    for idea in found:
        totals = {step.parent: step.total for step in graph.steps(**idea.changes)}
        if idea.changes["meet"] is bp.engine.sweep.operator.add:
            bp.backward(result, seed=idea.changes["seed"], rules=idea.changes["rules"])
            assert all(node.grad == total for node, total in totals.items()), idea.name
        assert idea.message


def offered(explorer: explore.BackwardExplorer) -> list[str]:
    names: list[str] = explorer.scene["words"]["idea"]
    return names


def test_only_ideas_about_gates_that_are_there_are_offered() -> None:
    names = offered(explore.backward(lambda a, b: a + b, a=1.0, b=2.0))
    assert "Add gate splits the gradient" in names
    assert not any("max" in name.lower() or "sigmoid" in name or "'='" in name for name in names)
    assert len(names) == len(set(names))


def test_an_idea_that_does_not_fit_the_shapes_is_told_and_the_chain_rule_stays() -> None:
    W, x = var([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "W"), var([1.0, 2.0, 3.0], "x")
    explorer = explore.backward(bp.sum((W @ x).named("u")).named("L"))
    explorer.idea.value = "Operand not transposed, or in the wrong order"
    assert "cannot even be carried out here" in explorer.now.sentence
    assert "hands back" not in explorer.now.sentence


def test_an_idea_is_carried_out_where_its_numbers_are_finite_and_only_there() -> None:
    """Looked at are the numbers, and not what is written of them: a length may go beyond all."""
    x, y = var([1.5e308, 1.6e308, 1.0], "x"), var([1e-308, 1e-308, 1e-309], "y")
    explorer = explore.backward(bp.sum(x * y).named("L"))
    explorer.idea.value = "Forgot the incoming gradient"
    assert "cannot even be carried out" not in explorer.now.sentence
    explorer = explore.backward((bp.exp(var(700.0, "x")) * var(1e-3, "y")).named("L"))
    explorer.idea.value = "Value written for derivative"
    assert explorer.now.sentence.endswith(
        "“Value written for derivative” cannot even be carried out here: ∂L/∂x goes beyond "
        "±1.8e308, where the numbers of computers end."
    )


def test_the_learners_own_nodes_never_change() -> None:
    result = product()
    before = [(n.value, n.grad) for n in Graph(result).nodes]
    explorer = explore.backward(result)
    for name in offered(explorer):
        explorer.idea.value = name
        explorer.step.value = 6
        explorer.still()
    assert [(n.value, n.grad) for n in Graph(result).nodes] == before


def test_too_many_nodes_are_declined_in_words_and_bad_input_in_a_sentence() -> None:
    x: Any = var(1.0, "x")
    for _ in range(60):
        x = bp.tanh(x)
    assert "61 nodes" in explore.backward(x).value
    with pytest.raises(TypeError, match=r"explore\.backward takes the Node"):
        explore.backward(3.0)
    with pytest.raises(EngineError, match="single number"):
        explore.backward(var([1.0, 2.0], "w") * 2.0)


def test_the_still_shows_the_end_where_nothing_was_stepped() -> None:
    html = explore.backward(product()).html()
    assert 'data-step="6"' in html and "<table" in html
    assert "<button" not in html and "<input" not in html  # the script makes them
