"""Lesson 2: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import math

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "20 30 10 0.001 0.05 0.5 1000 231"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-percent", "15/33", "3"),
    ("predict-a", "0.6", "-0.6"),
    ("predict-write", "0", "−1"),
    ("predict-z", "3", "-4"),
    ("predict-x", "-4", "-2"),  # as if the sum gate split
    ("predict-square", "21", "12"),
]


def minus(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def stated(worked):
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


def test_it_prints_the_worked_numbers(lesson, worked):
    graphs = lesson("02_graphs")
    assert graphs.results["backward-j"] == worked["001-J"]["gradients"]
    assert "by 0.15, that is 0.4545 percent" in graphs.printed["see-percent"]
    assert graphs.printed["hold-and-write"].split() == ["hold:", "-1.0", "write:", "0.0"]
    errors = [line.rpartition(" ")[2] for line in graphs.printed["shrink-h"].splitlines()]
    assert errors == ["9e+00", "9e-02", "9e-06", "9e-12"]


def test_it_shows_an_explorer_of_every_graph(lesson):
    shown = lesson("02_graphs").results
    results = [shown[cell].graph.result.value for cell in ("move-j", "move-l", "move-f")]
    assert results == [33.0, -8.0, -12.0]
    square = shown["move-square"]
    square.h.value = 1.0
    assert (square.nudge.actual, square.nudge.predicted) == (21.0, 12.0)
