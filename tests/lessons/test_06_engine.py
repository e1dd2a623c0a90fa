"""Lesson 6: its numbers from the worked cases, its predictions, what its engine computes."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import ast
import math

import pytest

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "30 40 1000 5000"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-e", "-2", "4"),
    ("predict-visits", "2047", "11"),
    ("predict-order", "-12", "6"),
    ("predict-twice", "9", "6"),
    ("predict-deeper", "24", "12"),
]


def stated(worked):
    """What lesson 6 says, sentence by sentence, with its numbers computed."""
    a, b, c = 2, -3, 10
    e = a * b
    d = e + c
    L = e * d
    from_L, from_d = d, e  # what e gets from the product, and from the sum
    de = from_L + from_d
    yield f"at $a = {a}$, $b = {b}$, $c = {c}$"
    yield f"hands the value of $d$, which is {d}, to $e$. **Is {d} the gradient of $e$?**"
    yield f"a second contribution, ${from_d}$, and only then the sum in $e$ is what it should be, ${from_L} - 6 = {de}$"
    assert L == -24 and from_d == -6
    yield rf"$\partial L/\partial e = {de}$, so $a$ has ${de} \cdot b = {de * b}$ and $b$ has ${de} \cdot a = {de * a}$"
    yield rf"$1 + 2 + 4 + \dots + {2**10} = {sum(2**k for k in range(11))}$"
    yield rf"$a$ gets ${from_L}\cdot({b}) = {from_L * b}$"

    grad = worked["001-J"]["gradients"]
    at = worked["001-J"]["inputs"]
    twice = {"v": 2 * grad["v"]}  # v keeps 3, gets 3, hands on 6
    twice["a"], twice["u"] = (grad[leaf] + twice["v"] for leaf in "au")
    twice["b"], twice["c"] = (grad[x] + twice["u"] * at[y] for x, y in ("bc", "cb"))
    yield ", ".join(f"${leaf} = {at[leaf]:g}$" for leaf in "abc")
    yield f"with the gradients {grad['a']:g}, {grad['b']:g} and {grad['c']:g}, and go"
    yield f"3, 6, 9 turn into {twice['a']:g}, {twice['b']:g}, {twice['c']:g}"
    yield f"For $a$ that makes ${grad['a']:g} + {twice['v']:g} = {twice['a']:g}$"
    yield f"hands on {twice['u']:g} times {at['c']:g} to $b$: ${grad['b']:g} + 18 = {twice['b']:g}$"
    assert twice["u"] * at["c"] == 18

    f = 1 / (1 + math.exp(-2))
    yield f"The value {f:.6f} and the {f * (1 - f):.6f} are those of lesson 3"


def listed(printed: str) -> list[float]:
    return ast.literal_eval(printed[printed.index("[") :])


def test_by_paths_and_by_birth_it_finds_the_gradients_and_in_a_bad_order_not(lesson):
    engine = lesson("06_engine").printed
    right = [6, -4, -6, -2, -6, 1]
    assert listed(engine["along-paths"]) == listed(engine["backward"]) == right
    assert engine["see-order"] == "e: -2.0  a: -12.0  b: 8.0\n"


def test_its_engine_does_the_neuron_as_the_kits_does(lesson):
    engine = lesson("06_engine").printed
    f = 1 / (1 + math.exp(-2))
    expected = [f * (1 - f) * other for other in (2, -1, 1.5, 2, 1)]
    assert listed(engine["neuron"]) == pytest.approx(expected, abs=1e-6)
    assert listed(engine["check-engine"]) == listed(engine["neuron"])


def test_recursion_gives_up_where_birth_does_not(lesson):
    said = lesson("06_engine").printed["deep-chain"]
    assert "maximum recursion depth exceeded" in said and "by birth: 5001.0" in said


def test_twice_without_emptying_and_with_accumulation(lesson):
    engine = lesson("06_engine").printed
    assert listed(engine["see-twice"]) == [9, 24, 36]
    assert listed(engine["accumulate"]) == [6, 12, 18]


def test_rules_that_hold_their_node_wait_for_the_collector(lesson):
    yours, ours = (
        line.split()[-1] for line in lesson("06_engine").printed["see-left"].splitlines()
    )
    assert int(yours) >= 1000 > 100 > int(ours)


def test_the_fork_is_one_line_of_the_source(lesson):
    assert "    de = d + e\n" in lesson("06_engine").printed["see-source"]


def test_the_learner_s_own_engine_is_drawn_and_where_it_parts_is_said(lesson):
    ran = lesson("06_engine").results
    neuron, parted = ran["see-drawn"], ran["see-parted"]
    f = 1 / (1 + math.exp(-2))
    assert neuron.graph.result.value == pytest.approx(f)
    assert "agree: the same gradient at all 15 nodes" in neuron.still()
    assert neuron.graph.parting is None
    assert parted.graph.parting.name in "ab" and parted.graph.parts_at(parted.graph.nodes[0])
    assert "What uses it, e, still agrees." in parted.still()
