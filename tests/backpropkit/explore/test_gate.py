"""The gate explorer without a browser: every gate, its sliders, a learner's own function."""

import math
import re

import pytest

import backpropkit as bp
from backpropkit import explore
from backpropkit.explore.gate import OFFERS


def on_page(explorer: explore.GateExplorer, name: str) -> float:
    found = re.findall(f' data-{name}="([^"]+)"', explorer.picture.value)
    assert len(found) == 2 and found[0] == found[1]
    return float(found[0])


def test_the_six_gates_of_the_notes_are_on_the_menu() -> None:
    explorer = explore.gate()
    assert list(explorer.kind.options) == ["add", "multiply", "max", "exp", "1/x", "sigmoid"]
    for offer in OFFERS:
        explorer.kind.value = offer.name
        assert offer.pattern in explorer.live.value.replace("&#x27;", "'")
        for one in explorer.gate.inputs:
            assert on_page(explorer, f"grad-{one.name}") == one.slope * explorer.incoming.value


def test_add_copies_multiply_switches_max_routes() -> None:
    explorer = explore.gate("add")
    x, y = explorer.inputs
    explorer.incoming.value = 2.5
    x.value, y.value = 4.0, -1.0
    assert [one.grad for one in explorer.gate.inputs] == [2.5, 2.5]
    explorer.kind.value = "multiply"
    x.value, y.value = 4.0, -1.0
    assert [one.grad for one in explorer.gate.inputs] == [-2.5, 10.0]
    explorer.kind.value = "max"
    x.value, y.value = 4.0, -1.0
    assert [one.grad for one in explorer.gate.inputs] == [2.5, 0.0]
    y.value = 4.5
    assert [one.grad for one in explorer.gate.inputs] == [0.0, 2.5]


def test_a_gate_of_one_input_hides_the_second_slider_and_suits_the_first() -> None:
    explorer = explore.gate("1/x")
    x, y = explorer.inputs
    assert x.layout.display == "" and y.layout.display == "none"
    assert (x.min, x.max) == (0.3, 4.0)
    x.value = 2.0
    assert on_page(explorer, "slope-x") == -0.25
    explorer.kind.value = "max"
    assert y.layout.display == ""


def test_a_learners_own_function_is_a_gate_of_its_own() -> None:
    def wave(t: bp.Node) -> bp.Node:
        return bp.sin(t) * t

    explorer = explore.gate(wave, t=2.0)
    assert explorer.kind.options[0] == "wave"
    assert on_page(explorer, "slope-t") == pytest.approx(2 * math.cos(2) + math.sin(2))
    explorer.kind.value = "sigmoid"
    assert explorer.inputs[0].description == "x"


def test_where_it_is_not_defined_it_says_so_and_recovers() -> None:
    explorer = explore.gate(lambda x: bp.log(x), x=0.5)
    explorer.inputs[0].value = -0.2
    assert "No picture here" in explorer.live.value and "<svg" not in explorer.picture.value
    explorer.inputs[0].value = 0.4
    assert on_page(explorer, "slope-x") == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("given", "values", "says"),
    [
        ("minus", {}, r"the name of a gate \(add, multiply, max, exp, 1/x, sigmoid\).*'minus'"),
        (lambda a, b, c: a, {"a": 1.0}, "f has 3 arguments: explore.backward steps through it"),
        (lambda a: a, {}, r"explore\.gate\(f, a=1\.0\)"),
        (lambda a: a, {"b": 1.0}, "a number for each of its arguments, and no others"),
    ],
)
def test_bad_input_gets_a_sentence(given: object, values: dict[str, float], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        explore.gate(given, **values)


def test_table_and_still_picture() -> None:
    explorer = explore.gate("multiply")
    assert explorer.numbers.value == ""
    explorer.as_table.value = True
    assert explorer.numbers.value.count("<tr>") == 3
    html = explorer._repr_mimebundle_()["text/html"]
    assert "<svg" in html and "run the notebook" in html and "<input" not in html
