"""Lesson 3: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import math
import re

import pytest

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "20 30 0.1 0.9 1.5 231"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-add", "0.2", "0.1"),
    ("predict-multiply", "-8", "6"),
    ("predict-max", "2", "0"),
    ("predict-exp", "-0.105", "0.105"),
    ("predict-steepest", "0.25", "1"),
]


def neuron():
    """The neuron of lesson 3: inputs, values and gradients, gate by gate."""
    at = {"w0": -1, "w1": 2, "w2": 1, "x0": 2, "x1": 1.5}
    m0, m1 = at["w0"] * at["x0"], at["w1"] * at["x1"]
    dot = m0 + m1 + at["w2"]
    ex = math.exp(-dot)
    out = {"m0": m0, "m1": m1, "dot": dot, "neg": -dot, "ex": ex, "den": 1 + ex, "f": 1 / (1 + ex)}
    grad = {"den": -1 / (1 + ex) ** 2, "ex": -1 / (1 + ex) ** 2}
    grad |= {"neg": ex * grad["ex"], "dot": -ex * grad["ex"]}
    for w, x in (("w0", "x0"), ("w1", "x1")):
        grad |= {w: grad["dot"] * at[x], x: grad["dot"] * at[w]}
    return at, out, grad | {"w2": grad["dot"]}


def stated(worked):
    """What lesson 3 says, sentence by sentence, with its numbers computed."""
    case = worked["003-patterns"]
    at, out, grad = case["inputs"], case["outputs"], case["gradients"]
    leaves = ", ".join(f"${leaf} = {at[leaf]:g}$" for leaf in "xyzw")
    yield f"at {leaves} is ${out['f']:g}$"
    assert grad["w"] == 0
    yield f"The maximum of {at['z']:g} and ${at['w']:g}$ is {out['r']:g}"
    yield f"so the gradient of $s$ is {grad['s']:g}"
    yield f"So the gradient of $m$ is {grad['m']:g}, and by the same reasoning so is that of $r$"
    assert grad["r"] == grad["m"]
    yield f"The sum moves by the whole 0.1, and $f$ by {0.1 * grad['m']:g}"
    yield f"so $x$ gets ${at['y']:g} \\times {grad['m']:g} = {grad['x']:g}$. And $y$ gets ${at['x']:g} \\times {grad['m']:g} = {grad['y']:g}$"

    at, out, grad = neuron()
    yield f"$x_0 = {at['x0']:g}$ and $x_1 = {at['x1']:g}$"
    yield f"$w_0 = {at['w0']:g}$ and $w_1 = {at['w1']:g}$. A third weight, $w_2 = {at['w2']:g}$"
    yield rf"$\mathrm{{dot}} = {out['m0']:g} + {out['m1']:g} + 1 = {out['dot']:g}$, then $\mathrm{{neg}} = {out['neg']:g}$"
    yield rf"e^{{-2}} = {out['ex']:.6f}$"
    yield rf"1 + \mathrm{{ex}} = {out['den']:.6f}$, and $f = 1/\mathrm{{den}} = {out['f']:.6f}$"
    yield f"= -1/{out['den']:.6f}^2 = {grad['den']:.6f}$. Times 1, the gradient of den is ${grad['den']:.6f}$"
    yield f"The gradient of ex is ${grad['ex']:.6f}$ too"
    yield rf"${out['ex']:.6f} \cdot ({grad['ex']:.6f}) = {grad['neg']:.6f}$"
    yield f"turns ${grad['neg']:.6f}$ into $+{grad['dot']:.6f}$, the gradient of dot"
    yield f"copies of {grad['dot']:.6f}, and switched values"

    f = out["f"]
    yield rf"${f:.6f} \cdot {1 - f:.6f} = {grad['dot']:.6f}$"


def test_its_pictures_are_of_the_worked_circuit_and_neuron(lesson, worked):
    shown = lesson("03_gates").results
    _, _, slopes = neuron()
    for cell, right in {
        "move-f": worked["003-patterns"]["gradients"],
        "step-neuron": slopes,
    }.items():
        graph = shown[cell].graph
        found = {node.name: graph.grads[node] for node in graph.nodes if node.name}
        assert len(right.keys() & found.keys()) >= 8
        for name in right.keys() & found.keys():
            assert found[name] == pytest.approx(right[name], abs=1e-12)
    assert shown["move-f"].state["hide"]


def test_the_split_is_seen_to_disagree_with_nudges(lesson, worked):
    grad = worked["003-patterns"]["gradients"]
    said = re.findall(r"(\w): split (\S+), nudged (\S+)", lesson("03_gates").printed["watch-split"])
    assert [(leaf, float(nudged)) for leaf, _, nudged in said] == [(n, grad[n]) for n in "mr"]
    assert all(float(split) == grad[leaf] / 2 for leaf, split, _ in said)


def test_a_plus_is_contradicted_by_a_nudge(lesson):
    nudged = float(lesson("03_gates").printed["see-sign"])
    assert nudged == pytest.approx(neuron()[2]["neg"], rel=1e-3)
    assert "ddot = f * (1.0 - f)" in lesson("03_gates").printed["see-source"]


def test_the_neuron_learns_after_some_twenty_steps(lesson):
    first, second = (
        line.get_ydata() for line in lesson("03_gates").results["learned"].axes[0].get_lines()
    )
    assert second[18] > 0.9 and second[35] < 0.1
    assert first[-1] > 0.95 and second[-1] < 0.05
