"""The backward explorer without a browser: its buttons, its slider, its wrong ideas, its still."""

import asyncio
import re

import pytest

import backpropkit as bp
from backpropkit import EngineError, Graph, Node, explore, var
from backpropkit.explore.ideas import ideas


def product() -> Node:
    a, b, c, f = (var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}.items())
    return (((a * b).named("e") + c).named("d") * f).named("L")


def on_page(explorer: explore.BackwardExplorer, name: str) -> str:
    """What the picture carries; the wide and the narrow one have to agree."""
    found = re.findall(f' data-{name}="([^"]+)"', explorer.picture.value)
    assert len(found) == 2 and found[0] == found[1]
    return str(found[0])


def test_buttons_and_slider_take_the_same_steps() -> None:
    explorer = explore.backward(product())
    assert on_page(explorer, "step") == "0"
    for k, press in enumerate([explorer.forward] * 6, 1):
        press.click()
        assert explorer.step.value == k and on_page(explorer, "step") == str(k)
    explorer.forward.click()
    assert explorer.step.value == 6
    explorer.back.click()
    assert on_page(explorer, "step") == "5" and on_page(explorer, "total") == "6"
    explorer.first.click()
    explorer.back.click()
    assert on_page(explorer, "step") == "0"
    explorer.end.click()
    assert "Every gradient is known" in explorer.live.value


def test_the_steps_are_the_engines() -> None:
    result = product()
    explorer = explore.backward(result)
    for k, step in enumerate(Graph(result).steps(), 1):
        explorer.step.value = k
        assert float(on_page(explorer, "contribution").replace("−", "-")) == step.contribution


def test_playing_goes_to_the_end_and_stops_and_any_button_stops_it() -> None:
    async def play() -> None:
        explorer = explore.backward(product())
        explorer.pace = 0.0
        assert not explorer.play.value and explorer.step.value == 0  # never by itself
        explorer.play.value = True
        while explorer.play.value:
            await asyncio.sleep(0)
        assert explorer.step.value == 6
        explorer.play.value = True  # again, from the start
        assert explorer.step.value == 1
        explorer.back.click()
        await asyncio.sleep(0.01)
        assert explorer.step.value == 0 and not explorer.play.value

    asyncio.run(play())


def test_without_a_clock_play_takes_one_step() -> None:
    explorer = explore.backward(product())
    explorer.play.value = True
    assert explorer.step.value == 1 and not explorer.play.value


def test_the_source_of_the_step_is_marked() -> None:
    explorer = explore.backward(product())
    explorer.step.value = 5
    assert explorer.source.value == ""  # not before a learner asks for it
    explorer.as_source.value = True
    [line] = re.findall(r'aria-current="step">(.*?)<i>', explorer.source.value)
    assert line.endswith("da = f * b")
    explorer.as_source.value = False
    assert explorer.source.value == ""


def test_a_wrong_idea_runs_beside_the_chain_rule() -> None:
    explorer = explore.backward(lambda x, y, z: (x + y) * z, x=-2.0, y=5.0, z=-4.0)
    assert explorer.part.layout.display == "none"
    explorer.idea.value = "Add gate splits the gradient"
    assert explorer.part.layout.display == ""
    explorer.part.click()
    assert explorer.step.value == 3
    assert (on_page(explorer, "contribution"), on_page(explorer, "idea")) == ("−4", "−2")
    explorer.idea.value = explorer.idea.options[0]
    assert "data-idea=" not in explorer.picture.value


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


def test_only_ideas_about_gates_that_are_there_are_offered() -> None:
    names = explore.backward(lambda a, b: a + b, a=1.0, b=2.0).idea.options
    assert "Add gate splits the gradient" in names
    assert not any("max" in name.lower() or "sigmoid" in name or "'='" in name for name in names)
    assert len(names) == len(set(names))


def test_an_idea_that_does_not_fit_the_shapes_is_told_and_the_chain_rule_stays() -> None:
    W, x = var([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "W"), var([1.0, 2.0, 3.0], "x")
    explorer = explore.backward(bp.sum((W @ x).named("u")).named("L"))
    explorer.idea.value = "Operand not transposed, or in the wrong order"
    assert "cannot even be carried out here" in explorer.live.value
    explorer.end.click()
    assert explorer.walk.idea is None


def test_the_table_is_there_when_asked() -> None:
    explorer = explore.backward(product())
    explorer.end.click()
    assert explorer.numbers.value == ""
    explorer.as_table.value = True
    assert explorer.numbers.value.count("<tr>") == 7


def test_the_learners_own_nodes_never_change() -> None:
    result = product()
    before = [(n.value, n.grad) for n in Graph(result).nodes]
    explorer = explore.backward(result)
    for name in explorer.idea.options:
        explorer.idea.value = name
        explorer.end.click()
    assert [(n.value, n.grad) for n in Graph(result).nodes] == before


def test_too_many_nodes_are_declined_in_words_and_bad_input_in_a_sentence() -> None:
    x = var(1.0, "x")
    for _ in range(60):
        x = bp.tanh(x)
    assert "61 nodes" in explore.backward(x).value
    with pytest.raises(TypeError, match=r"explore\.backward takes the Node"):
        explore.backward(3.0)
    with pytest.raises(EngineError, match="single number"):
        explore.backward(var([1.0, 2.0], "w") * 2.0)


def test_the_still_picture_shows_the_end_and_does_not_pretend_to_be_live() -> None:
    html = explore.backward(product())._repr_mimebundle_()["text/html"]
    assert 'data-step="6"' in html and "<table" in html and "run the notebook to step" in html
    assert "<button" not in html and "<input" not in html and "<script" not in html
