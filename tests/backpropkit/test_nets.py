"""The small networks against the worked cases: losses, gradients, and single paths."""

import json
from pathlib import Path

import pytest

from backpropkit import EngineError, Graph, nets

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parent / "engine" / "data" / "worked_cases.json").read_text()
    )
}
NETS = {
    "002-pathsum-sigmoid": {},
    "002-pathsum-softmax": {"output": "softmax"},
    "002-pathsum-deep": {"weights": (nets.W1, nets.W2, nets.W3)},
}


@pytest.mark.parametrize("name", NETS)
def test_every_weight_has_the_gradient_of_the_worked_case(name):
    case, net = CASES[name], nets.network(**NETS[name])
    assert net.loss.value == pytest.approx(case["outputs"]["L"], rel=1e-12)
    grads = Graph(net.loss).grads
    for layer, matrix in ((k, case["gradients"].get(f"W{k}", [])) for k in (1, 2, 3)):
        for to, row in enumerate(matrix, 1):
            for start, expected in enumerate(row, 1):
                found = grads[net[f"w{layer}{to}{start}"]]
                assert found == pytest.approx(expected, rel=1e-10), (layer, to, start)


def test_w131_has_the_paths_of_the_notes():
    expected = {
        "002-pathsum-sigmoid": [0.014331900435295634, -0.017831758028052206],
        "002-pathsum-softmax": CASES["002-pathsum-softmax"]["extra"]["w131_four_paths"].values(),
        "002-pathsum-deep": CASES["002-pathsum-deep"]["extra"]["w131_paths"].values(),
    }
    for name, products in expected.items():
        net = nets.network(**NETS[name])
        found = [path.product for path in Graph(net.loss).paths(net["w131"])]
        assert sorted(found) == pytest.approx(sorted(products), rel=1e-12)


def test_a_picture_can_hold_every_network():
    assert all(len(Graph(nets.network(**given).loss).nodes) <= 60 for given in NETS.values())


@pytest.mark.parametrize(
    ("net", "name", "of"),
    [
        (nets.neuron(), "004-reg-univariate", {"w": "w", "b": "b", "x": "x"}),
        (nets.two_neurons(), "002-two-neuron-nll", {"w1": "w1", "w2": "w2", "h1": "h1"}),
    ],
    ids=["neuron", "two neurons"],
)
def test_the_neurons_are_those_of_the_notes(net, name, of):
    case = CASES[name]
    assert net.loss.value == pytest.approx(case["outputs"][case["final"]], rel=1e-12)
    grads = Graph(net.loss).grads
    for ours, theirs in of.items():
        assert grads[net[ours]] == pytest.approx(case["gradients"][theirs], rel=1e-12)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"output": "relu"}, "'relu' is not one of 'sigmoid', 'softmax'"),
        ({"x": (1.0, 2.0, 3.0)}, r"layer 1 gets 3 numbers .* of shape \(3, 2\)"),
        ({"t": (1.0,)}, "2 outputs need 2 targets, and 1 were given"),
        ({"weights": (nets.W1,), "output": "softmax", "t": (1, 0, 0)}, "two outputs here, not for"),
    ],
)
def test_sizes_that_do_not_fit_are_named(given, says):
    with pytest.raises(EngineError, match=says):
        nets.network(**given)


def test_a_node_that_is_not_there_is_named():
    with pytest.raises(KeyError, match=r"no node 'w141'; it has .*w131"):
        nets.network()["w141"]
