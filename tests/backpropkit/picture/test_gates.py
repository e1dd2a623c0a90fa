"""One gate at a time: slopes and what is handed back, against closed forms."""

import math
import re

import pytest

import backpropkit as bp
from backpropkit import EngineError
from backpropkit.picture.gates import description, draw, gate, sentence, table

SPAN = (-6.0, 6.0)
CASES = [  # z, its inputs, the slope of each
    (lambda x, y: x + y, {"x": -2.0, "y": 5.0}, [1.0, 1.0]),
    (lambda x, y: x * y, {"x": -2.0, "y": 5.0}, [5.0, -2.0]),
    (bp.maximum, {"x": -2.0, "y": 5.0}, [0.0, 1.0]),
    (bp.maximum, {"x": 3.0, "y": 3.0}, [0.5, 0.5]),
    (lambda x: bp.exp(x), {"x": 0.5}, [math.exp(0.5)]),
    (lambda x: x**-1, {"x": 0.8}, [-1 / 0.64]),
    (lambda x: bp.sigmoid(x), {"x": 1.0}, [math.exp(-1) / (1 + math.exp(-1)) ** 2]),
]


@pytest.mark.parametrize(("f", "inputs", "slopes"), CASES)
@pytest.mark.parametrize("incoming", [1.0, -2.5, 0.0])
def test_each_input_is_handed_its_slope_times_what_came_in(f, inputs, slopes, incoming):
    seen = gate("g", f, {name: (value, SPAN) for name, value in inputs.items()}, incoming)
    assert [one.slope for one in seen.inputs] == pytest.approx(slopes, rel=1e-12)
    assert [one.grad for one in seen.inputs] == pytest.approx([s * incoming for s in slopes])
    svg = draw(seen)
    for name, slope in zip(inputs, slopes, strict=True):
        [written] = re.findall(f'data-grad-{name}="([^"]+)"', svg)
        assert float(written) == pytest.approx(slope * incoming)


def points(way):
    return [tuple(map(float, pair.split())) for pair in re.findall(r"-?[\d.]+ -?[\d.]+", way)]


def test_the_tangent_touches_the_curve_where_the_input_stands():
    seen = gate("exp", lambda x: bp.exp(x), {"x": (0.5, (-2.0, 2.0))}, 1.0)
    svg = draw(seen)
    [tangent] = re.findall(r'class="bp-tangent" d="([^"]+)"', svg)
    [curve] = re.findall(r'class="bp-graph" d="([^"]+)"', svg)
    [(x, y)] = re.findall(r'class="bp-point" cx="([\d.]+)" cy="([\d.]+)"', svg)
    x, y = float(x), float(y)
    (a, b), (c, d) = points(tangent)
    assert b + (d - b) * (x - a) / (c - a) == pytest.approx(y, abs=0.3)
    # e^x lies above each of its tangents: on the screen, with y downwards, never below it
    assert all(v <= b + (d - b) * (u - a) / (c - a) + 0.3 for u, v in points(curve))


def test_the_scale_stays_while_an_input_moves():
    def at(y):
        svg = draw(gate("×", lambda x, y: x * y, {"x": (1.0, SPAN), "y": (y, SPAN)}, 1.0))
        [first, _] = re.findall(r'class="bp-tangent" d="([^"]+)"', svg)
        (a, b), (c, d) = points(first)
        return (b - d) / (c - a)

    assert at(4.0) == pytest.approx(2 * at(2.0), rel=0.02)  # twice as steep, and drawn so


def test_description_and_table_say_the_same():
    seen = gate("×", lambda x, y: x * y, {"x": (-2.0, SPAN), "y": (5.0, SPAN)}, -2.0, "Switches.")
    assert "x gets slope 5 × incoming −2 = −10; y gets slope −2 × incoming −2 = 4." in sentence(
        seen
    )
    assert sentence(seen) in description(seen)
    assert "<td>5</td><td>−2</td><td>−10</td>" in table(seen)


def test_where_a_gate_has_no_value_it_says_so():
    with pytest.raises((EngineError, ArithmeticError)):
        gate("1/x", lambda x: x**-1, {"x": (0.0, SPAN)}, 1.0)
