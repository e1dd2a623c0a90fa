"""Lesson 3: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import re

import pytest

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "20 30 0.1 0.9 231"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-add", "0.2", "0.1"),  # as if the add gate split
    ("predict-multiply", "-8", "6"),  # not switched
    ("predict-exp", "-0.1966", "0.195"),  # the page of notes
    ("predict-steepest", "0.25", "1"),
]


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

    case = worked["003-sigmoid-gates"]
    at, out, grad = case["inputs"], case["outputs"], case["gradients"]
    yield f"$x_0 = {at['x0']:g}$ and $x_1 = {at['x1']:g}$"
    yield f"$w_0 = {at['w0']:g}$ and $w_1 = {at['w1']:g}$. A third weight, $w_2 = {at['w2']:g}$"
    yield rf"$\mathrm{{dot}} = {out['m0']:g} + {out['m1']:g} - 3 = {out['dot']:g}$, then $\mathrm{{neg}} = {out['neg']:g}$"
    yield rf"e^{{-1}} = {out['ex']:.6f}$"
    yield rf"1 + \mathrm{{ex}} = {out['den']:.6f}$, and $f = 1/\mathrm{{den}} = {out['f']:.6f}$"
    yield f"= -1/{out['den']:.6f}^2 = {grad['den']:.6f}$. Times 1, the gradient of den is ${grad['den']:.6f}$"
    yield f"The gradient of ex is ${grad['ex']:.6f}$ too"
    yield rf"A page of notes has $+0.195$ here: $e^{{-1}}\cdot({grad['ex']:.2f}) = +0.195$"
    yield rf"${out['ex']:.6f} \cdot ({grad['ex']:.6f}) = {grad['neg']:.6f}$"
    yield f"turns ${grad['neg']:.6f}$ into $+{grad['dot']:.6f}$, the gradient of dot"
    yield f"copies of {grad['dot']:.6f}, and switched values"

    case = worked["003-sigmoid-fused"]
    f = case["outputs"]["f"]
    yield rf"${f:.6f} \cdot {1 - f:.6f} = {case['gradients']['dot']:.6f}$"


def test_its_pictures_are_of_the_worked_circuit_and_neuron(lesson, worked):
    shown = lesson("03_gates").results
    for cell, case in {"move-f": "003-patterns", "step-neuron": "003-sigmoid-gates"}.items():
        graph = shown[cell].graph
        found = {node.name: graph.grads[node] for node in graph.nodes if node.name}
        for name in worked[case]["gradients"].keys() & found.keys():
            assert found[name] == pytest.approx(worked[case]["gradients"][name], abs=1e-12)
        assert len(found) >= 8


def test_the_split_is_seen_to_disagree_with_nudges(lesson, worked):
    grad = worked["003-patterns"]["gradients"]
    said = re.findall(r"(\w): split (\S+), nudged (\S+)", lesson("03_gates").printed["watch-split"])
    assert [(leaf, float(nudged)) for leaf, _, nudged in said] == [(n, grad[n]) for n in "xyz"]
    assert all(float(split) == grad[leaf] / 2 for leaf, split, _ in said)


def test_the_sign_of_the_notes_is_contradicted_by_a_nudge(lesson, worked):
    nudged = float(lesson("03_gates").printed["see-sign"])
    assert nudged == pytest.approx(worked["003-sigmoid-gates"]["gradients"]["neg"], rel=1e-3)
    assert "ddot = f * (1.0 - f)" in lesson("03_gates").printed["see-source"]
