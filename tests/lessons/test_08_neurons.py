"""Lesson 8: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

import re

import numpy as np
import pytest

import backpropkit as bp

# Names of weights, and a quarter.
GIVEN = "11 12 13 14 21 22 131 132 212 213 221 223"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-neuron", "0.0118", "-0.0118"),  # up the slope
    ("predict-chain", "0.8586", "-0.7155"),  # as if the product gate did not switch
    ("predict-last-layer", "0.0421", "-0.0473"),  # from 1 to 2
    ("predict-two-paths", "0.00204", "-0.0035"),  # one path only
    ("predict-count", "4", "2"),
    ("predict-many", "1000", "10000"),
]


def minus(value, digits=4):
    return f"{value:.{digits}f}".replace("-", "−")


def stated(worked):
    """What lesson 8 says, sentence by sentence, with its numbers computed."""
    case = worked["004-reg-univariate"]
    at, out, grad, extra = case["inputs"], case["outputs"], case["gradients"], case["extra"]
    yield f"$w = {at['w']}$, $b = {at['b']}$, $x = {at['x']:g}$, $t = {at['t']:g}$ and $\\beta = {at['beta']}$"
    data, penalty = extra["dw_data_path"], extra["dw_penalty_path"]
    y = out["y"]
    assert np.isclose(data, (y - at["t"]) * y * (1 - y) * at["x"])
    yield rf"$(y - t)\cdot y(1 - y)\cdot x = {data:.4f}$, through the penalty $\beta w = {penalty:.2f}$"
    yield f"the sum is ${grad['w']:.4f}$"
    yield r"with $\eta = 0.5$"

    case = worked["002-two-neuron-nll"]
    at, out, grad = case["inputs"], case["outputs"], case["gradients"]
    yield f"$w_1 = {at['w1']}$, $w_2 = {at['w2']}$, $x = {at['x']}$"
    yield rf"h_1 = \sigma(w_1 x) = {out['h1']:.4f}, \\ h_2 = \sigma(w_2 h_1) = {out['h2']:.4f}"
    yield f"$-1/h_2 = {grad['h2']:.4f}$"
    slope = out["h2"] * (1 - out["h2"])
    yield f"$h_2(1 - h_2) = {slope:.4f}$. So ${grad['z2']:.4f}$ arrives"
    yield f"$w_2 = {at['w2']}$, times ${grad['z2']:.4f}$: that is {grad['h1']:.4f}"
    slope = out["h1"] * (1 - out["h1"])
    yield f"$h_1(1-h_1) = {slope:.4f}$ and by $x = {at['x']}$, which gives {grad['w1']:.4f}"
    yield f"Which name has the {grad['h1']:.4f} in it?"

    case = worked["002-pathsum-sigmoid"]
    at, out, grad, extra = case["inputs"], case["outputs"], case["gradients"], case["extra"]
    x, t, h, y = at["x"], at["t"], out["h1"], out["y"]
    yield f"The inputs are {x[0]} and {minus(x[1], 1)}, the targets {t[0]:g} and {t[1]:g}"
    yield f"the hidden values {h[0]:.4f}, {h[1]:.4f} and {h[2]:.4f} and the outputs {y[0]:.4f} and {y[1]:.4f}"
    arriving = grad["a2"]
    yield rf"(y_1 - t_1)\cdot y_1(1 - y_1) = {y[0]:.4f} \cdot {y[0] * (1 - y[0]):.4f} = {arriving[0]:.4f}"
    yield rf"$h_{{12}} = {h[1]:.4f}$ times as far as $w_{{212}}$, and ${h[1]:.4f}\cdot {arriving[0]:.4f} = {extra['w212']:.4f}$"
    from_to = extra["w212_with_indices_read_as_from_to (=W2[1,0] grad)"]
    assert from_to == grad["W2"][1][0]
    yield rf"$\partial L/\partial w_{{221}} = {from_to:.4f}$"
    slope = h[2] * (1 - h[2])
    yield f"$x_1 = {x[0]}$ times as far, and $h_{{13}}$ moves $h_{{13}}(1 - h_{{13}}) = {slope:.4f}$ times"
    W2 = at["W2"]
    yield f"$w_{{213}} = {W2[0][2]}$ and $w_{{223}} = {W2[1][2]}$. The incoming gradients there are {arriving[0]:.4f} and {minus(arriving[1])}"
    for k, through in enumerate(("w131_path_via_y1", "w131_path_via_y2")):
        yield (
            rf"| through $y_{k + 1}$ | ${x[0]} \cdot {slope:.4f} \cdot {W2[k][2]}$ "
            f"| {minus(arriving[k])} | {minus(extra[through])} |"
        )

    case = worked["002-pathsum-softmax"]
    four, t = case["extra"]["w131_four_paths"], case["inputs"]["t"]
    yield f"here {t[0]} and {t[1]}"
    wrong, right = case["extra"]["w131_diagonal_only_wrong"], case["extra"]["w131"]
    yield f"arrives at ${wrong:.4f}$"
    yield f"It is ${right:.4f}$: the page's formula gives almost four times too much"
    assert 3.5 < wrong / right < 4
    for k in (1, 2):
        cells = [f"{four[f'y{k}<-a2{score}']:+.4f}".replace("-", "−") for score in (1, 2)]
        yield f"| through $y_{k}$ | {cells[0]} | {cells[1]} |"
    diagonal = four["y1<-a21"], four["y2<-a22"]
    yield f"${diagonal[0]:.4f} - {-diagonal[1]:.4f} = {wrong:.4f}$"
    y = case["outputs"]["y"]
    np.testing.assert_allclose(case["gradients"]["a2"], np.subtract(y, t))

    case = worked["002-pathsum-deep"]
    extra = case["extra"]
    paths = [minus(value) for value in extra["w131_paths"].values()]
    yield f"once more: {paths[0]}, {paths[1]}, {paths[2]} and {paths[3]}"
    yield rf"$\partial L/\partial w_{{131}} = {extra['w131']:.4f}$, so with $\eta = 0.5$"
    yield f"from {case['inputs']['W1'][2][0]} to {extra['update_w131_eta0.5']:.4f}"


def test_the_network_of_the_kit_is_the_one_worked_out(worked):
    for case, output in (("002-pathsum-sigmoid", "sigmoid"), ("002-pathsum-softmax", "softmax")):
        net = bp.nets.network(output=output)
        bp.backward(net.loss)
        assert net["w131"].grad == pytest.approx(worked[case]["extra"]["w131"], rel=1e-12)


def test_it_prints_the_worked_numbers(lesson, worked):
    shown = lesson("08_neurons")
    grad = worked["002-two-neuron-nll"]["gradients"]
    expected = {name: round(grad[name], 4) for name in ("h2", "w2", "h1", "w1")}
    assert shown.results["backward-chain"] == expected
    extra = worked["002-pathsum-sigmoid"]["extra"]
    via = extra["w131_path_via_y1"], extra["w131_path_via_y2"]
    assert re.findall(r"[+-]\d.*", shown.printed["backward-net"]) == [
        f"{value:+.6f}" for value in (*via, extra["w131"])
    ]
    counts = re.findall(r"(\d+) paths", shown.printed["count-paths"])
    assert counts == ["10", "1000", "100000", "10000000"]
    nodes = [int(n) for n in re.findall(r"(\d+) nodes", shown.printed["count-paths"])]
    assert np.diff(nodes).tolist() == [600] * 3  # "just grown by six hundred nodes"
    slope = worked["002-pathsum-softmax"]["extra"]["w131"]
    assert f"L moves {slope:.4f} times" in shown.printed["see-softmax"]
    assert "dh1 = t" in shown.printed["source-chain"]


def test_the_penalised_weight_rises_and_sinks(lesson):
    penalised, free = (
        line.get_ydata()
        for line in lesson("08_neurons").results["curves-neuron"].axes[0].get_lines()
    )
    assert penalised[1] > penalised[0] > penalised[-1] > 0
    assert np.all(np.diff(free) > 0) and np.all(np.diff(free, 2)[5:] < 0)


def test_ten_sigmoids_leave_little_of_a_gradient(lesson):
    (line,) = lesson("08_neurons").results["depth"].axes[0].get_lines()
    factors = line.get_ydata()[1:] / line.get_ydata()[:-1]
    assert np.all((factors > 3.5) & (factors < 4.5))  # "a factor of about four"
