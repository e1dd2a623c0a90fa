"""Every number a lesson states: computed from the worked cases, then looked for in its prose."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import math
import re

import pytest

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = {
    "02_graphs": "20 30 10 0.001 0.05 0.5 1000 231",
    "07_descent": "10 11 0.1 0.2 0.05 0.01 0.9 0.18 0.21 0.02 1.05 200",
}


def minus(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def graphs(worked):
    """What lesson 2 says, sentence by sentence, with its numbers computed."""
    case = worked["001-J"]
    at, out, grad = case["inputs"], case["outputs"], case["gradients"]
    u, v, J = out["u"], out["v"], out["J"]
    nudged = [
        after.rpartition(" ")[2].rpartition(">")[2]
        for after in case["extra"]["nudges_h=0.001"].values()
    ]
    moved = {leaf: J + 0.001 * grad[leaf] for leaf in "abc"}
    assert [f"{moved[leaf]:.3f}" for leaf in "abc"] == nudged[1:]
    yield f"$a = {at['a']:g}$, $b = {at['b']:g}$, $c = {at['c']:g}$ the formula $J = 3(a + bc)$ gives {J:g}."
    yield (
        f"from {J:g} to {moved['c']:.3f}. For $b$ you get {moved['b']:.3f}, "
        f"for $a$ only {moved['a']:.3f}: nine, six and three times the nudge"
    )
    yield rf"u &= bc = 3\cdot 2 = {u:g} \\ v &= a + u = 5 + 6 = {v:g} \\ J &= 3v = 3\cdot 11 = {J:g}"
    local = {"v": 3.0, "a": 1.0, "u": 1.0, "b": at["c"], "c": at["b"]}
    incoming = {"v": grad["J"], "a": grad["v"], "u": grad["v"], "b": grad["u"], "c": grad["u"]}
    for node, factor in local.items():
        assert factor * incoming[node] == grad[node]
        stars = "**" if node in "abc" else ""
        yield f"| ${node}$ | {factor:g} × {incoming[node]:g} | {stars}{grad[node]:g}{stars} |"

    elasticity = case["extra"]["elasticity_misread_dJ/da"]
    yield f"Not 3 percent but about {elasticity:.2f}"
    yield f"{0.05 * grad['a']:.2f} of $J$ for 0.05 of $a$"
    yield rf"\frac{{{at['a']:g}}}{{{J:g}}}\cdot 3 = \frac{{15}}{{33}} \approx {elasticity:.4f}"
    assert math.isclose(15 / 33, elasticity)

    case = worked["000-micrograd-L"]
    at, out, grad = case["inputs"], case["outputs"], case["gradients"]
    yield f"$a = {at['a']:g}$, $b = {at['b']:g}$, $c = {at['c']:g}$, $f = {at['f']:g}$"
    yield rf"e &= ab = {out['e']:g} \\ d &= e + c = {out['d']:g} \\ L &= d f = {out['L']:g}"
    yield rf"$(-3)\cdot 1\cdot(-2) = +{grad['a']:g}$, and $6 \cdot 0.1 = {0.1 * grad['a']:g}$"
    yield f"| $d$ | $f \\times 1$ | {minus(grad['d'])} |\n| $f$ | $d \\times 1$ | {grad['f']:g} |"
    for node, other in {"e": "1", "c": "1", "a": "b", "b": "a"}.items():
        yield f"| ${node}$ | ${other} \\times (-2)$ | {minus(grad[node])} |"
    held = (out["e"] + 0.5 + at["c"]) * at["f"] - out["L"]
    yield f"put {minus(out['e'] + 0.5)} where {minus(out['e'])} stood"
    yield rf"exactly the ${grad['e']:g} \cdot 0.5 = {held:g}$ that the gradient predicted"

    case = worked["003-xyz"]
    at, grad = case["inputs"], case["gradients"]
    yield f"at $x = {at['x']:g}$, $y = {at['y']:g}$, $z = {at['z']:g}$"
    yield f"$f$ answers with ${grad['z']:g}h$. Nudge $x$ by $h$, and it answers with ${grad['x']:g}h$"

    a, b, c = 2, -3, 4  # L = (ab + c)²
    d = a * b + c
    actual, predicted = ((a + 1) * b + c) ** 2 - d**2, 2 * d * b
    assert actual - predicted == b**2
    yield rf"e &= ab = {a * b} \\ d &= e + c = {d} \\ L &= d^2 = {d**2}"
    yield rf"$2d = {2 * d}$, so $\partial L/\partial a = b \cdot 1 \cdot 2d = (-3)\cdot 1\cdot(-4) = {predicted}$"
    yield f"we get $d = {3 * b + c}$ and $L = {(3 * b + c) ** 2}$: it rises by {actual}"
    yield rf"\underbrace{{2db\,h}}_{{{predicted}\,h}} \;+\; \underbrace{{b^2h^2}}_{{{b**2}\,h^2}}"
    yield r"At $h = 10^{-3}$ the error is $9\cdot 10^{-6}$, at $10^{-6}$ it is $9\cdot 10^{-12}$"


def descents(worked):
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

    factors = {rate: 1 - 2 * rate for rate in (0.1, 0.9, 1.05)}
    yield rf"With $\eta = 0.1$ the factor is {factors[0.1]:g}"
    yield f"With 0.9 it is ${factors[0.9]:g}$"
    yield f"With 1.05 the factor is ${factors[1.05]:g}$"
    yield r"$\eta < 2/10 = 0.2$"
    step = next(n for n in range(99) if 1.5 * 1.1**n > 2.3)  # |w₂| = 1.5 · |1 − 10 · 0.21|ⁿ
    yield f"it leaves the picture at the {['', '', '', '', 'fourth', 'fifth', 'sixth'][step]} step"


STATED = {"02_graphs": graphs, "07_descent": descents}


@pytest.mark.parametrize("name", STATED)
def test_the_prose_says_what_the_worked_cases_say(name, lesson, worked):
    prose = lesson(name).prose
    for stated in STATED[name](worked):
        assert stated in prose, stated


@pytest.mark.parametrize("name", STATED)
def test_no_other_number_is_stated(name, lesson, worked):
    """Numbers of two digits or with a point stand in a sentence above, or are given."""
    number = re.compile(r"\d+\.\d+|\d{2,}")
    known = set(GIVEN[name].split())
    for stated in STATED[name](worked):
        known.update(number.findall(stated))
    prose = re.sub(r"\]\([^)]*\)", "", lesson(name).prose)
    assert set(number.findall(prose)) - known == set()


def test_every_lesson_has_its_numbers_checked(each_lesson):
    assert each_lesson.path.stem in STATED


# --- what the cells show -----------------------------------------------------------------------

PREDICTIONS = [  # lesson, cell, the answer, a wrong idea
    ("02_graphs", "predict-percent", "15/33", "3"),
    ("02_graphs", "predict-a", "0.6", "-0.6"),
    ("02_graphs", "predict-write", "0", "−1"),
    ("02_graphs", "predict-z", "3", "-4"),
    ("02_graphs", "predict-x", "-4", "-2"),  # as if the sum gate split
    ("02_graphs", "predict-square", "21", "12"),
    ("07_descent", "predict-step", "0.6", "-0.6"),
    ("07_descent", "predict-sign", "2.2", "1.8"),
    ("07_descent", "predict-bounce", "6", "0"),
]


@pytest.mark.parametrize("name, cell, right, wrong", PREDICTIONS)
def test_predictions_are_answered(name, cell, right, wrong, lesson):
    asked = lesson(name).results[cell]
    asked.typed.value = wrong
    assert asked.live.value.startswith("Not ")
    asked.typed.value = right
    assert asked.live.value.startswith("Yes: ")


def test_every_prediction_is_in_the_list(lesson):
    for name in STATED:
        asked = {c for c, source in lesson(name).code.items() if "explore.predict(" in source}
        assert asked == {cell for found, cell, *_ in PREDICTIONS if found == name}


def test_lesson_2_prints_the_worked_numbers(lesson, worked):
    graphs = lesson("02_graphs")
    assert graphs.results["backward-j"] == worked["001-J"]["gradients"]
    assert "by 0.15, that is 0.4545 percent" in graphs.printed["see-percent"]
    assert graphs.printed["hold-and-write"].split() == ["hold:", "-1.0", "write:", "0.0"]
    errors = [line.rpartition(" ")[2] for line in graphs.printed["shrink-h"].splitlines()]
    assert errors == ["9e+00", "9e-02", "9e-06", "9e-12"]


def test_lesson_2_shows_an_explorer_of_every_graph(lesson):
    shown = lesson("02_graphs").results
    results = [shown[cell].graph.result.value for cell in ("move-j", "move-l", "move-f")]
    assert results == [33.0, -8.0, -12.0]
    square = shown["move-square"]
    square.h.value = 1.0
    assert (square.nudge.actual, square.nudge.predicted) == (21.0, 12.0)


def test_lesson_7_prints_the_worked_numbers(lesson, worked):
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
        ("two-hikers", ["0.1: ends at w = −1.301", "0.2: ends at w = 1.131"]),
        ("sign-fails", ["ends at w = 0, J = −5", "ends at w = 2.44, J = 0.955"]),
        ("step-sizes", ["η = 1: ends at w = 0, J = 9", "η = 1.05: diverges"]),
        ("in-the-bowl", ["η = 0.21: diverges, leaves the frame at step 5"]),
        ("four-valleys", ["(3, 2)", "(−2.81, 3.13)", "(−3.78, −3.28)", "(3.58, −1.85)"]),
        ("long-steps", ["η = 0.05: ends at w = 1.131", "η = 0.2: ends at w = −1.176"]),
    ],
)
def test_the_figures_of_lesson_7_show_what_the_prose_says(cell, says, lesson):
    (legend,) = lesson("07_descent").results[cell].legends
    told = " | ".join(text.get_text() for text in legend.get_texts())
    for words in says:
        assert words in told
