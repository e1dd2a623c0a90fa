"""Lesson 1: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import math
import re

import numpy as np

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "20 30 10 12 0.1 0.001 0.01 2.001 5.001"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-hair", "10", "5"),
    ("predict-at-two", "4", "0.004"),  # not divided by h
    ("predict-line", "3", "7.5"),
    ("predict-cube", "12", "6"),
    ("predict-log", "0.2", "-0.2"),
    ("predict-recipe", "3.8416", "4.1616"),
    ("predict-two-sided", "0.01", "0.61"),
    ("predict-calls", "1001", "1"),
]
CURVES = {
    "3a": "$3a$ | $3$",
    "a2": "$a^2$ | $2a$",
    "a3": "$a^3$ | $3a^2$",
    "lna": r"$\ln a$ | $1/a$",
}


def show(value: float) -> str:
    """To six decimals, whole numbers as such."""
    return str(round(value, 6)).removesuffix(".0")


def stated(worked):
    """What lesson 1 says, sentence by sentence, with its numbers computed."""
    slopes = {
        (curve, at): worked[f"001-slope-{curve}-at-{at}"] for curve in CURVES for at in (2, 5)
    }
    after = {key: case["extra"]["f(a+0.001)"] for key, case in slopes.items()}
    value = {key: case["outputs"]["f"] for key, case in slopes.items()}
    slope = {key: case["gradients"]["a"] for key, case in slopes.items()}

    assert slope["a2", 5] == 10
    yield f"$f = a^2$ at $a = 5$ is {value['a2', 5]:g}"
    yield f"$f$ goes from {value['a2', 5]:g} to {after['a2', 5]:.8g}"
    yield f"At $a = 5$ this is ${slope['a2', 5]:g} + h$"
    assert (slope["a2", 2], slope["a2", 5]) == (4, 10)
    yield f"From {value['a2', 2]:g} to {after['a2', 2]:.7g}: four times, where it was ten times before"
    yield f"takes it from {value['3a', 2]:g} to {after['3a', 2]:g}"
    yield f"It goes from {value['3a', 5]:g} to {after['3a', 5]:g}, and again the ratio is {slope['3a', 5]:g}"
    yield f"$f = a^3$ at $a = 2$ is {value['a3', 2]:g}"
    yield f"in the digits of {after['a3', 2]:.9f}: twelve thousandths, six millionths, one billionth"
    yield f"$3a^2 = {slope['a3', 2]:g}$"

    for curve, row in CURVES.items():
        two, five = (f"{show(value[curve, at])} → {show(after[curve, at])}" for at in (2, 5))
        yield f"| {row} | {slope[curve, 2]:g} | {two} | {slope[curve, 5]:g} | {five} |"

    yield "At $a = -2$ the slope of $a^2$ is $-4$"
    assert math.isclose((-2 + 0.04) ** 2, 3.8416) and (-2) ** 2 == 4
    yield "from $a = -2$, where $f = 4$"
    last = after["lna", 5]
    yield f"From $a = 5$ to $5.001$ it goes from {value['lna', 5]:.6f} to {last:.6f}"
    v = 14
    yield f"$J = 3v$ with $v = {v}$. A nudge of 0.001 takes $v$ to {v + 0.001} and $J$ from {3 * v} to {3 * v + 0.003}: the slope is 3"
    yield "the first of them is 2, not 2.000001"


def test_it_prints_the_ratios_and_the_worked_cube(lesson, worked):
    printed = lesson("01_nudging").printed
    ratios = re.findall(r"is ([\d.]+) times h", printed["ratios"])
    assert ratios == ["11", "10.1", "10.01", "10.001"]
    assert float(printed["see-cube"]) == round(
        worked["001-slope-a3-at-2"]["extra"]["f(a+0.001)"], 9
    )
    assert printed["see-recipe"] == "f(a − h) = 3.8416\nf(a + h) = 4.1616\n"


def test_errors_fall_as_the_prose_says(lesson):
    lines = lesson("01_nudging").results["errors"].axes[0].get_lines()
    one, both = ([f"{error:.0e}" for error in line.get_ydata()] for line in lines)
    assert one == ["6e-01", "6e-02", "6e-03", "6e-04"]
    assert both == ["1e-02", "1e-04", "1e-06", "1e-08"]


def test_the_lines_through_two_points_of_the_curve_are_drawn_as_named(lesson):
    curve, *lines = lesson("01_nudging").results["tangent"].axes[0].get_lines()
    for line in lines:
        a, f = line.get_data()
        slope = float(line.get_label().rpartition(" ")[2])
        assert np.allclose(np.diff(f) / np.diff(a), slope)
        meets = np.isclose(f, np.interp(a, *curve.get_data()), atol=1e-9)
        assert a[meets][0] == 5 and np.isclose(a[meets][-1], 5 + slope - 10)


def test_nudging_takes_a_run_for_every_number(lesson):
    printed = lesson("01_nudging").printed
    assert printed["count-calls"].startswith("1001 runs, the first slope is 2.00000")
    assert printed["one-call"] == "1 run, the first slope is 2.0\n"


def test_its_pictures_are_of_the_square_and_the_cube(lesson):
    shown = lesson("01_nudging").results
    assert [shown[cell].graph.result.value for cell in ("move-a", "move-cube")] == [25.0, 8.0]
    assert "da = 3.0 * a ** 2" in lesson("01_nudging").printed["see-source"]
