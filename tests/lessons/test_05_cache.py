"""Lesson 5: its numbers from the worked cases, its predictions, what its gates compute."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import math
import re

import pytest

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "30 10 16 20 0.001 0.5"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-square", "16", "1.6"),
    ("predict-chain", "-0.8437", "0.8437"),
    ("predict-divide", "-0.375", "0.375"),
    ("predict-multiply", "2000", "1000"),
    ("predict-depth", "21020", "40020"),
]


def stated(worked):
    """What lesson 5 says, sentence by sentence, with its numbers computed."""
    case = worked["002-chain-recip"]
    x, out, grad = case["inputs"]["x"], case["outputs"], case["gradients"]
    wrong = case["extra"]["wrong"]
    yield rf"The local derivative at ${x}$ is $2 \cdot {x} = {2 * x}$"
    yield f"and $h_1 = x^2$, at $x = {x}$"
    yield f"would return {2 * x}. It would be right"
    assert math.isclose(wrong["missing minus"], -grad["x"])
    yield f"The slope is ${grad['x']:.6f}$: the right size, but the page has lost its sign"
    yield f"with $h_2 = {out['h2']:.6f}$"
    yield rf"\underbrace{{-\frac{{1}}{{h_2^2}}}}_{{{grad['h2']:.6f}}}\cdot\underbrace{{e^{{h_1}}}}_{{{out['h2']:.6f}}}\cdot\underbrace{{2x}}_{{{2 * x}}} \\ &= {grad['x']:.6f}"

    case = worked["002-chain-expexp"]
    y = case["outputs"]["y"]
    yield rf"both places used the later output: ${y:.6f} \cdot {y:.6f} \cdot {2 * x}$"
    yield f"= {-3 / 4**2} ,"


def numbers(printed: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.?\d*", printed)]


def test_the_rule_of_the_notes_has_the_wrong_sign_and_the_mended_one_has_not(lesson, worked):
    cache, case = lesson("05_cache").printed, worked["002-chain-recip"]
    assert numbers(cache["run-chain"])[-1] == pytest.approx(-case["gradients"]["x"])
    mended = [float(line.split()[-1]) for line in cache["way-back"].splitlines()]
    expected = [case["gradients"][node] for node in ("h2", "h1", "x")]
    assert mended == pytest.approx(expected, abs=1e-6)


def test_one_gate_in_two_places_loses_a_cache(lesson, worked):
    case = worked["002-chain-expexp"]
    y, slope = case["outputs"]["y"], case["gradients"]["x"]
    expected = [y, y, slope, y * y * 1.6]
    assert numbers(lesson("05_cache").printed["shared"]) == pytest.approx(expected)


def test_division_agrees_with_nudges(lesson):
    z, dx, dy = numbers(lesson("05_cache").printed["divide"])
    h = 1e-6
    assert z == 3 / 4
    assert dx == pytest.approx(2 * ((3 + h) / 4 - (3 - h) / 4) / (2 * h))
    assert dy == pytest.approx(2 * (3 / (4 + h) - 3 / (4 - h)) / (2 * h))


def test_what_is_kept_grows_with_depth_and_is_nothing_without_recording(lesson):
    cache = lesson("05_cache").printed
    kept = [int(line.split()[-2]) for line in cache["network"].splitlines()]
    assert kept == [1000 + 1001 * depth for depth in (1, 2, 3)]
    assert lesson("05_cache").results["move-memory"].seen.kept == 1000 + 1001 * 10
    assert cache["no-grad"].endswith("keeps 0 numbers\n")
    assert [int(line.split()[-2]) for line in cache["see-kept"].splitlines()] == [0, 2000, 1000]
    assert [line.split()[-1] for line in cache["switched-gate"].splitlines()] == [
        "None",
        str(math.e),
    ]
