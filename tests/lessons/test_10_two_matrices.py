"""Lesson 10: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import math
import re

import numpy as np

# What the text counts: rows, steps.
GIVEN = "10 11 14 20 40 400"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-w", "-1.6335", "-1.3755"),
    ("predict-x", "1.1165", "-0.1935"),
    ("predict-power", "3.6081", "4.3448"),
    ("predict-relu", "0", "4.4332"),
    ("predict-off", "6", "2"),
]


def row(values, digits=4):
    """A vector as the lesson writes it in a formula."""
    shown = r",\ ".join(f"{round(value, digits):g}" for value in values)
    return f"({shown})".replace(r",\ -", r",\ {-}")


def cell(values, digits=4):
    """A vector as the lesson writes it in a table."""
    shown = (f"{value:.{digits}f}" if abs(value) > 1e-12 else "0" for value in values)
    return "(" + ", ".join(shown).replace("-", "−") + ")"


def stated(worked):
    """What lesson 10 says, sentence by sentence, with its numbers computed."""
    case = worked["004-autoencoder"]
    out, grad, extra = case["outputs"], case["gradients"], case["extra"]
    yield rf"h = {row(out['h'])}, \qquad g = {row(out['g'])}, \qquad m = {row(out['m'])}, \qquad L = {out['L']:.5f}"
    yield rf"$\partial m = 2m = {row(grad['m'])}$"
    yield rf"\;\underset{{3}}{{2m}} = {row(grad['h'])}"
    via_WT, via_W = extra["path_WT"], extra["path_W"]
    yield rf"$2\cdot {out['h'][0]:g}\cdot({out['m'][0]:g}) = {via_WT[0][0]:g}$ and ${grad['h'][0]:g}\cdot 1 = {via_W[0][0]:g}$"
    middle = via_WT[1][1], via_W[1][1], grad["W"][1][1]
    yield f"{middle[0]:g} + {middle[1]:g} = {middle[2]:g}"
    assert 40 < max(abs(middle[0]), middle[1]) / middle[2] < 45  # "a factor of about forty"
    yield f"whose first entry is ${extra['x_path_encoder'][0]:g}$. The first entry of $-2m$ is {extra['x_path_minus'][0]:g}"
    losses = worked["004-gd-quadratic"]["extra"]["autoencoder_loss_eps0.02"]
    yield rf"$\eta = 0.02$, on this one $x$. After 10 steps $L$ has fallen from {losses[0]:.5f} to {losses[1]:.4f}, after 20 to {losses[2]:.5f}"
    yield "about 0.01, is what sticks out"

    case = worked["004-two-layer"]
    out, grad = case["outputs"], case["gradients"]
    yield rf"\ln 2 = {math.log(2):.4f}"
    y, slope = out["y"][0], out["y"][0] * math.log(2)
    yield rf"$2^{{z_2}} = y = {y:.4f}$, so the two factors are ${y:.4f} \cdot {math.log(2):.4f} = {slope:.4f}$ and $2y = {grad['y'][0]:.4f}$"
    yield f"Added they would give {slope + grad['y'][0]:.4f}"
    yield rf"${slope:.4f} \cdot {grad['y'][0]:.4f} = {grad['z2'][0]:.4f}$"
    yield rf"| $\partial y = 2y$ | 2 | {cell(grad['y'])} |"
    yield rf"\odot \partial y$ | 2 | {cell(grad['z2'])} |"
    assert grad["b2"] == grad["u"] == grad["z2"]
    yield f"| the sum passes it on | 2 | {cell(grad['u'])} |"
    yield rf"\,\partial u$ | 4 | {cell(grad['h1'])} |"
    yield f"$z_1$ was ${row(out['z1'])}$"
    yield f"${round(out['z1'][1], 4):g}$ became 0"
    yield rf"[z_1 > 0]$ | 4 | {cell(grad['z1'])} |"
    yield rf"\,\partial z_1$ | 3 | {cell(grad['x'])} |"


def printed(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d*", text)]


def test_it_prints_the_worked_numbers(lesson, worked):
    shown = lesson("10_two_matrices")
    case = worked["004-autoencoder"]
    four = (case["extra"]["path_WT"], case["extra"]["path_W"], *[case["gradients"]["W"]] * 2)
    np.testing.assert_allclose(printed(shown.printed["by-hand"]), np.ravel(four), atol=1e-8)
    grad = worked["004-two-layer"]["gradients"]
    all_of_them = np.concatenate([np.ravel(grad[name]) for name in ("z1", "b1", "x", "W2", "W1")])
    np.testing.assert_allclose(
        printed(shown.printed["backward-network"].split("#")[0]), all_of_them, atol=6e-5
    )
    assert "-0. " not in shown.printed["backward-network"]
    assert "3.6081 times" in shown.printed["nudge-power"]


def test_one_vector_is_learned_in_twenty_steps(worked):
    case = worked["004-autoencoder"]["inputs"]
    W, x = np.array(case["W"]), np.array(case["x"])
    for _ in range(20):
        m = W.T @ W @ x - x
        W = W - 0.02 * (2 * np.outer(W @ x, m) + 2 * np.outer(W @ m, x))
    loss = np.sum((W.T @ W @ x - x) ** 2)
    assert round(loss, 5) == 0.00012


def test_training_ends_near_the_plane(lesson):
    shown = lesson("10_two_matrices")
    losses = shown.results["losses"].axes[0].get_lines()[0].get_ydata()
    assert losses[0] > 1 and 0.005 < losses[-1] < 0.015 and np.all(np.diff(losses) <= 1e-12)
    _, before, after = shown.results["copies"].axes[0].get_lines()
    off = [np.abs(line.get_ydata() - line.get_xdata()).mean() for line in (before, after)]
    assert off[1] < 0.2 * off[0]


def test_the_sources_hold_the_derived_lines(lesson):
    shown = lesson("10_two_matrices").printed
    for line in ("dg = 2.0 * m", "dWT = np.outer(dg, h)", "dh = W @ dg", "dx = WT @ dh - dg"):
        assert line in shown["source-autoencoder"]
    for line in ("dh1 = W2.T @ du", "dW1 = np.outer(dz1, x)", "dz1 = dh1 * (z1 > 0.0)"):
        assert line in shown["source-network"]


def test_the_rows_of_the_trained_matrix_lie_in_the_plane(lesson):
    _, _, after = lesson("10_two_matrices").results["copies"].axes[0].get_lines()
    X, copies = (values.reshape(40, 3) for values in after.get_xydata().T)
    plane = np.linalg.svd(X)[2][:2]  # what two numbers can keep best
    np.testing.assert_allclose(copies, X @ plane.T @ plane, atol=1e-3)
