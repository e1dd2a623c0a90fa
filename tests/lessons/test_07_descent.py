"""Lesson 7: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import math
import re

import pytest

from backpropkit import descent

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "10 11 0.1 0.2 0.05 0.01 0.9 0.18 0.21 0.02 1.1 200"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-step", "0.6", "-0.6"),
    ("predict-sign", "2.2", "1.8"),
    ("predict-bounce", "6", "0"),
    ("predict-edge", "0.2", "2"),
    ("predict-momentum", "0.78", "0.48"),
]


def stated(worked):
    """What lesson 7 says, sentence by sentence, with its numbers computed."""
    case = worked["001-nonconvex"]["extra"]
    left, ridge, right = case["stationary_points"]
    yield f"one ends at $w = {left:.3f}$, the other at $w = {right:.3f}$. Between the two starts, at $w = {ridge:.3f}$"
    yield f"the left valley lies at $J = {case['J_there'][0]:.3f}$, the right one only at ${case['J_there'][2]:.3f}$"
    edges = [2 / (12 * w**2 - 6) for w in (left, right)]  # J″ = 12w² − 6
    yield f"the stability edge is {edges[0]:.3f}, against {edges[1]:.3f} on the right"

    slope = worked["001-convex"]["gradients"]["w"]
    yield f"At $w = 0$ that is ${slope:g}$"
    grad = worked["000-micrograd-L"]["gradients"]
    squares = [grad[leaf] ** 2 for leaf in "abcf"]
    yield "$" + ", ".join(f"{grad[leaf]:g}" for leaf in "abcf") + "$. With"
    yield rf"$-0.01\cdot({' + '.join(f'{s:g}' for s in squares)}) = {-0.01 * sum(squares):g}$"

    case = worked["000-sign-rule-counterexample"]
    yield f"whose minimum is ${case['extra']['descend_200_steps_lr0.05'][1]:g}$"
    yield f"where $J = {case['outputs']['J']:g}$ and the slope is {case['gradients']['w']:g}"
    w, J = case["extra"]["seed_rule_200_steps_lr0.05"]
    yield rf"$|w| = \sqrt5 \approx {math.sqrt(5):.3f}$"
    yield f"after 200 steps it is at $w = {w:.2f}$ with $J = {J:.3f}$"

    factors = {rate: 1 - 2 * rate for rate in (0.1, 0.9, 1.1)}
    yield rf"With 0.1 the factor is {factors[0.1]:g}"
    yield f"With 0.9 it is ${factors[0.9]:g}$"
    yield f"With 1.1 the factor is ${factors[1.1]:g}$"
    yield r"$\eta < 2/10 = 0.2$"
    first = 0.1 * 6
    yield f"the first step is {first:g} as before, and then the slope is $2({first:g} - 3) = {2 * (first - 3):g}$"
    yield rf"${-0.1 * 2 * (first - 3):.2f} + 0.5\cdot {first:g} = {0.48 + 0.3:g}$"


def test_it_prints_the_worked_numbers(lesson, worked):
    descent = lesson("07_descent")
    steps = re.findall(r"w = ([\d.]+)", descent.printed["by-hand"])
    expected = worked["001-convex"]["extra"]["iterates_lr0.1"][1:6]
    assert steps == [f"{w:.4f}" for w in expected]
    after = worked["000-one-step"]["extra"]["L_after"]
    down, up = after["descend p-lr*g (minimise L)"], after["ascend p+lr*g (lecture demo)"]
    assert descent.printed["down-and-up"] == f"L is -8.000000, down {down:.6f}, up {up:.6f}\n"


@pytest.mark.parametrize(
    "cell, says",
    [
        ("sign-fails", ["ends at w = 0, J = −5", "ends at w = 2.44, J = 0.955"]),
        ("long-steps", ["η = 0.05: ends at w = 1.131", "η = 0.2: ends at w = −1.176"]),
    ],
)
def test_the_figures_show_what_the_prose_says(cell, says, lesson):
    (legend,) = lesson("07_descent").results[cell].legends
    told = " | ".join(text.get_text() for text in legend.get_texts())
    for words in says:
        assert words in told


def test_what_is_said_of_the_explorers_can_be_seen_in_them(lesson):
    shown = lesson("07_descent").results
    assert [
        shown[cell].surface.value for cell in ("step-sizes", "in-the-bowl", "four-valleys")
    ] == [surface.name for surface in (descent.parabola, descent.bowl, descent.four_valleys)]
    ends = {rate: descent.descend(descent.bowl, rate) for rate in (0.02, 0.18, 0.21)}
    far = {rate: abs(walk.points[-1]).max() for rate, walk in ends.items()}
    assert far[0.18] < far[0.02] < far[0.21]
    run = descent.descend(descent.bowl, 0.02, momentum=0.8)
    assert abs(run.points[-1][0]) < far[0.02]
