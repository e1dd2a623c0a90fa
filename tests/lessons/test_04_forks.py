"""Lesson 4: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import re

import pytest

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "20 30"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-hairs", "36", "288"),
    ("predict-held", "24", "36"),
    ("predict-twice", "10", "5"),
    ("predict-penalty", "0.07", "-0.07"),
    ("predict-paths", "1024", "20"),
    ("predict-sweeps", "1000", "1"),
]


def stated(worked):
    """What lesson 4 says, sentence by sentence, with its numbers computed."""
    case = worked["003-branch-sum"]
    s, out, grad = case["inputs"]["s"], case["outputs"], case["gradients"]
    via_x, via_y = case["extra"]["branches"]
    product, last = case["extra"]["product"], case["extra"]["only_last (= instead of +=)"]
    yield f"At $s = {s:g}$ that is $x = {out['x']:g}$, $y = {out['y']:g}$, $z = {out['z']:g}$"
    yield f"{last}, {via_x}, {grad['s']:g} or {product}?**"
    yield rf"By {grad['s']:g}. Through $x$ come $6\cdot 4 = {via_x}$ hairs, through $y$ come $4 \cdot 3 = {via_y}$"
    assert (grad["x"], grad["y"]) == (6, 4) and via_x + via_y == grad["s"]
    yield f"that is {grad['s']:g} at $s = 2$"
    yield rf"(4 + 4h)(6 + 3h) \\ &= {out['z']:g} + \underbrace{{6\cdot 4h}}_{{\text{{through }} x}} + \underbrace{{4\cdot 3h}}_{{\text{{through }} y}} + {4 * 3}h^2"
    yield f"does $z$ rise by the full {grad['s']:g}"
    yield rf"pays in $3\cdot 4 = {via_y}$, then the gate $x = s^2$ pays in $4 \cdot 6 = {via_x}$"
    yield f"Together that is {5 + 5}, which agrees with $2s$"

    case = worked["004-reg-univariate"]
    at, out, grad = case["inputs"], case["outputs"], case["gradients"]
    yield rf"$w = {at['w']}$, $b = {at['b']}$, $x = {at['x']:g}$, $t = {at['t']:g}$, $\beta = {at['beta']}$"
    yield f"$y = {out['y']:.4f}$, and along the first path $w$ gets ${case['extra']['dw_data_path']:.6f}$"
    yield rf"$\beta w = {case['extra']['dw_penalty_path']:.2g}$, and the sum is ${grad['w']:.6f}$"
    yield f"would be {2**10} products"
    yield f"The backward pass makes {2 * 10} contributions"

    case = worked["003-staged"]
    x, out, grad = case["inputs"]["x"], case["outputs"], case["gradients"]
    ways = (
        grad["num"],
        grad["sigx"] * out["sigx"] * (1 - out["sigx"]),
        grad["xpysqr"] * 2 * out["xpy"],
    )
    assert sum(ways) == pytest.approx(grad["x"]) and x == 3
    yield f"${ways[0]:.6f}$, ${ways[1]:.6f}$ and ${ways[2]:.6f}$, in sum ${grad['x']:.6f}$"


def test_held_nodes_leave_single_paths(lesson, worked):
    said = lesson("04_forks").printed["hold-the-other"].split("\n")[:3]
    held = [float(line.partition(": ")[2]) for line in said]
    branches = worked["003-branch-sum"]["extra"]["branches"]
    assert held == pytest.approx([*branches, sum(branches)], rel=1e-3)


def test_overwriting_keeps_what_came_last(lesson):
    assert lesson("04_forks").printed["overwrite"] == "overwritten: 24.0\nadded: 36.0\n"


def test_ten_forks_make_many_paths_and_few_contributions(lesson):
    said = lesson("04_forks").printed["count-paths"]
    assert said == "11 nodes, 20 contributions, 1024 paths\ngradient of t: 1024.0\n"


def test_the_source_computes_what_both_leaves_share_once(lesson):
    source = lesson("04_forks").printed["see-source"]
    assert source.count("dz = ") == 1 and "'b': dz" in source and source.count("sigmoid(") == 1


def test_forward_mode_agrees_and_its_cost_grows_with_the_leaves(lesson):
    forks = lesson("04_forks").printed
    pairs = re.findall(r"forward ([\d.]+), backward ([\d.]+)", forks["both-ways"])
    assert len(pairs) == 2 and all(there == back for there, back in pairs)
    counts = re.findall(r"(\d+) weights: forward (\d+) .*, backward (\d+)", forks["count-sweeps"])
    (n, forward, backward), (more, further, back) = (map(int, row) for row in counts)
    assert further > (more / n) * forward and back == (more / n) * backward
