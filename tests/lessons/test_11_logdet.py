"""Lesson 11: its numbers from the worked cases, its predictions, what its cells show."""

from __future__ import annotations

import re

import numpy as np

# What the text counts: points, measurements, minutes; indices; one half.
GIVEN = "11 12 60 40 2005"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-b", "-0.2", "-0.1"),
    ("predict-one", "-1.5", "1.5"),
    ("predict-width", "9", "3"),
    ("predict-path", "-1.7671", "-0.8835"),
    ("predict-sum", "-1.4087", "-1.7671"),
    ("predict-turn", "0", "1"),
    ("predict-alpha", "1", "2"),
]


def tex(matrix):
    rows = np.asarray(matrix).tolist()
    return " \\\\ ".join(" & ".join(f"{value:g}" for value in row) for row in rows)


def stated(worked):
    """What lesson 11 says, sentence by sentence, with its numbers computed."""
    X = np.array([[3.0, 1.0], [2.0, 4.0]])
    a, b, c, d = X.ravel()
    det = a * d - b * c
    yield f"$a = {a:g}$, $b = {b:g}$, $c = {c:g}$, $d = {d:g}$"
    yield rf"\begin{{pmatrix}} {tex(X)} \end{{pmatrix}}, \qquad \det X = ad - bc = {det:g}"
    inverse = np.array([[d, -b], [-c, a]]) / det
    np.testing.assert_allclose(X @ inverse, np.eye(2), atol=1e-15)
    yield rf"= \begin{{pmatrix}} {tex(inverse)} \end{{pmatrix}} ."
    yield f"$1/(ad - bc) = {1 / det:g}$"
    yield f"which makes {d / det:g}; on the path to $d$ it meets $a$, which makes {a / det:g}"
    yield f"so it is ${-c / det:g}$, and for $c$ it is ${-b / det:g}$"
    yield rf"\partial X}}}} = \begin{{pmatrix}} {tex(inverse.T)} \end{{pmatrix}}"
    yield f"${-c / det:g} - {b / det:g} = {-(b + c) / det:g}$, and that sum"
    yield rf"$-c/x^2 = {-6 / 2**2:g}$"

    one, two, both = (worked[f"004-gplvm-{name}"] for name in ("L1", "L2", "L"))
    path = one["extra"]["one_path_only"][0][0]
    yield f"Its first entry is ${path:.4f}$ here"
    yield f"Twice as much, ${one['gradients']['A'][0][0]:.4f}$"
    by_L2 = two["gradients"]["A"][0][0]
    yield rf"$\partial L_2/\partial A$ is {by_L2:.4f}"
    assert np.isclose(one["gradients"]["A"][0][0] + by_L2, both["gradients"]["A"][0][0])
    yield rf"$B$ has the shape $60\times {8}$"
    yield f"It knew {60 * 8} numbers"


def printed(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d*", text)]


def test_it_prints_the_worked_numbers(lesson, worked):
    shown = lesson("11_logdet")
    both = np.ravel([worked["004-trinv-general"]["gradients"]["X"]] * 2)
    np.testing.assert_allclose(printed(shown.printed["check-trace"]), both, atol=1e-8)
    both = np.ravel([worked["004-gplvm-L"]["gradients"]["A"]] * 2)
    np.testing.assert_allclose(printed(shown.printed["by-hand"]), both, atol=1e-8)
    nudge = shown.results["move-likelihood"]
    assert np.isclose(nudge.graph.result.value, worked["004-gplvm-L"]["outputs"]["L"])


def test_the_climb_rises_all_the_way(lesson):
    (line,) = lesson("11_logdet").results["heights"].axes[0].get_lines()
    up = line.get_ydata()
    assert np.all(np.diff(up) > 0) and up[0] < 0 and round(up[-1]) == 122


def test_the_map_is_the_hidden_spiral_turned_and_stretched(lesson):
    panels = lesson("11_logdet").results["latent-plane"].axes
    maps = [axes.get_lines()[0].get_xydata() for axes in panels]
    *drawn, spiral = maps

    def misfit(places):
        """How far the best turned, stretched and moved copy of a map lies from the spiral."""
        table = np.column_stack([places, np.ones(len(places))])
        return np.sqrt(np.mean((table @ np.linalg.lstsq(table, spiral)[0] - spiral) ** 2))

    off = [misfit(places) for places in drawn]
    assert off[0] > 0.5 and off[-1] < 0.05 and off == sorted(off, reverse=True)


def test_the_source_inverts_once(lesson):
    assert lesson("11_logdet").printed["source-likelihood"].count("np.linalg.inv(") == 1


def test_alpha_is_best_where_the_map_was_drawn(lesson):
    one, two, total = (
        line.get_ydata()
        for line in lesson("11_logdet").results["against-alpha"].axes[0].get_lines()
    )
    assert np.argmax(total) == 20  # α = 1
    assert np.all(np.diff(one) < 0) and np.all(np.diff(two) > 0)
