"""The gate explorer without a browser: every gate against closed forms, and what it says."""

import math
import re

import pytest

import backpropkit as bp
from backpropkit import explore
from backpropkit.explore.gate import OFFERS

CASES = [  # z, its inputs, the slope of each
    (lambda x, y: x + y, {"x": -2.0, "y": 5.0}, [1.0, 1.0]),
    (lambda x, y: x * y, {"x": -2.0, "y": 5.0}, [5.0, -2.0]),
    (lambda x, y: bp.maximum(x, y), {"x": -2.0, "y": 5.0}, [0.0, 1.0]),
    (lambda x, y: bp.maximum(x, y), {"x": 3.0, "y": 3.0}, [0.5, 0.5]),
    (lambda x: bp.exp(x), {"x": 0.5}, [math.exp(0.5)]),
    (lambda x: x**-1, {"x": 0.8}, [-1 / 0.64]),
    (lambda x: bp.sigmoid(x), {"x": 1.0}, [math.exp(-1) / (1 + math.exp(-1)) ** 2]),
]


def shown(explorer: explore.GateExplorer) -> str:
    """The gate that is seen, of those in the still."""
    [page] = re.findall(
        r'<div class="bp-one"[^>]*>(?!<table)(.*?</svg></div>)', hidden_out(explorer)
    )
    return str(page)


def hidden_out(explorer: explore.GateExplorer) -> str:
    return re.sub(r'<div class="bp-one" hidden="".*?</div></div>', "", explorer.still())


def on_page(explorer: explore.GateExplorer, name: str) -> float:
    [found] = re.findall(f' data-{name}="([^"]+)"', shown(explorer))
    return float(found)


@pytest.mark.parametrize(("f", "inputs", "slopes"), CASES)
@pytest.mark.parametrize("incoming", [1.0, -2.5, 0.0])
def test_each_input_is_handed_its_slope_times_what_came_in(f, inputs, slopes, incoming):
    explorer = explore.gate(f, **inputs)
    explorer.incoming.value = incoming
    gate = explorer.gate
    assert [one.slope for one in gate.inputs] == pytest.approx(slopes, rel=1e-12)
    assert [one.grad for one in gate.inputs] == pytest.approx([s * incoming for s in slopes])
    for name, slope in zip(inputs, slopes, strict=True):
        assert on_page(explorer, f"slope-{name}") == pytest.approx(slope, rel=1e-12)
        assert on_page(explorer, f"grad-{name}") == pytest.approx(slope * incoming)


def test_the_six_gates_of_the_notes_are_on_the_menu() -> None:
    explorer = explore.gate()
    [menu] = explorer.scene["controls"][0]
    assert menu["values"] == ["add", "multiply", "max", "exp", "1/x", "sigmoid"]
    for offer in OFFERS:
        explorer.kind.value = offer.name
        assert offer.pattern in explorer.now.sentence
        for one in explorer.gate.inputs:
            assert on_page(explorer, f"grad-{one.name}") == one.slope * explorer.incoming.value


def test_add_copies_multiply_switches_max_routes() -> None:
    explorer = explore.gate("add")
    explorer.incoming.value = 2.5
    for kind, handed in {"add": [2.5, 2.5], "multiply": [-2.5, 10.0], "max": [2.5, 0.0]}.items():
        explorer.kind.value = kind
        x, y = explorer.inputs
        x.value, y.value = 4.0, -1.0
        assert [one.grad for one in explorer.gate.inputs] == handed
    y.value = 4.5
    assert [one.grad for one in explorer.gate.inputs] == [0.0, 2.5]


def test_a_gate_of_one_input_shows_one_slider_with_a_span_that_suits_it() -> None:
    explorer = explore.gate("1/x")
    [x] = explorer.inputs
    x.value = 2.0
    assert on_page(explorer, "slope-x") == -0.25
    [slider] = [c for c in explorer.scene["controls"][1] if c["name"] == "1/x.x"]
    assert slider["span"][:2] == [0.3, 4.0]


def test_a_learners_own_function_is_a_gate_of_its_own() -> None:
    def wave(t: bp.Node) -> bp.Node:
        return bp.sin(t) * t

    explorer = explore.gate(wave, t=2.0)
    assert explorer.kind.value == "wave"
    assert on_page(explorer, "slope-t") == pytest.approx(2 * math.cos(2) + math.sin(2))


def points(way: str) -> list[tuple[float, float]]:
    pairs = re.findall(r"(-?[\d.]+) (-?[\d.]+)", way)
    return [(float(x), float(y)) for x, y in pairs]


def ways(explorer: explore.GateExplorer, css: str) -> list[list[tuple[float, float]]]:
    return [points(d) for d in re.findall(f'class="{css}"[^>]* d="([^"]+)"', shown(explorer))]


def test_the_tangent_touches_the_curve_where_the_input_stands() -> None:
    explorer = explore.gate("exp")
    [[(a, b), (c, d)]], [curve] = ways(explorer, "bp-tangent"), ways(explorer, "bp-graph")
    [(x, y)] = re.findall(r'start-dot"[^>]*translate\(([\d.]+) ([\d.]+)\)', shown(explorer))
    assert b + (d - b) * (float(x) - a) / (c - a) == pytest.approx(float(y), abs=0.3)
    # e^x lies above each of its tangents: on the screen, with y downwards, never below it
    assert all(v <= b + (d - b) * (u - a) / (c - a) + 0.3 for u, v in curve)


def test_the_scale_stays_while_an_input_moves() -> None:
    def steep(y: float) -> float:
        explorer = explore.gate("multiply")
        explorer.inputs[1].value = y
        (a, b), (c, d) = ways(explorer, "bp-tangent")[0]
        return (b - d) / (c - a)

    assert steep(4.0) == pytest.approx(2 * steep(2.0), rel=0.02)  # twice as steep, and drawn so


def test_where_it_is_not_defined_it_says_so_and_recovers() -> None:
    explorer = explore.gate(lambda x: bp.log(x), x=0.5)
    [x] = explorer.inputs
    x.value = -0.2
    assert "No picture here" in explorer.now.sentence and "<svg" not in explorer.still()
    assert "<svg" in explorer.html()  # the page can be moved back
    x.value = 0.4
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


def test_a_gate_with_an_if_shows_the_branch_it_takes_and_no_other() -> None:
    explorer = explore.gate(lambda x: x * x if x > 1.0 else 3.0 * x, x=2.0)
    [[_, held, reads]] = explorer.scene["guards"]
    assert held and reads == "in f, “x > 1”"
    [curve] = ways(explorer, "bp-graph")
    [(a, _), (b, _)] = ways(explorer, "bp-tangent")[0]
    assert min(x for x, _ in curve) > a + (b - a) * 0.35  # not where x < 1
    explorer.inputs[0].value = 0.5
    assert [one.slope for one in explorer.gate.inputs] == [3.0]
    assert explorer.scene["guards"][0][1] is False


def test_a_function_that_leaves_the_nodes_is_refused_by_name() -> None:
    with pytest.raises(bp.EngineError, match=r"f returned 3.0 \(a float\), not a Node"):
        explore.gate(lambda t: 3.0, t=1.0)


def test_sentence_picture_and_table_say_the_same() -> None:
    explorer = explore.gate("multiply")
    explorer.incoming.value = -2.0
    said = "x gets slope 5 × incoming −2 = −10; y gets slope −2 × incoming −2 = 4."
    assert said in explorer.now.sentence
    seen = hidden_out(explorer)
    assert "<td>5</td><td>−2</td><td>−10</td>" in re.sub(r' data-bp="[^"]*"', "", seen)
