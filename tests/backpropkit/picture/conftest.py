"""The graphs of the lessons, which every picture has to draw well."""

from collections.abc import Callable

import pytest

import backpropkit as bp
from backpropkit import Graph, Node, var


def leaves(**values: float) -> list[Node]:
    return [var(value, name) for name, value in values.items()]


def product() -> Node:
    a, b, c, f = leaves(a=2.0, b=-3.0, c=10.0, f=-2.0)
    return (((a * b).named("e") + c).named("d") * f).named("L")


def swapped() -> Node:
    a, b, c, f = leaves(a=2.0, b=-3.0, c=10.0, f=-2.0)
    return (f * (c + (b * a).named("e")).named("d")).named("L")


def linear() -> Node:
    a, b, c = leaves(a=5.0, b=3.0, c=2.0)
    return (3.0 * (a + (b * c).named("u")).named("v")).named("J")


def square() -> Node:
    a, b, c = leaves(a=2.0, b=-3.0, c=4.0)
    d = ((a * b).named("e") + c).named("d")
    return (d * d).named("L")


def sum_times() -> Node:
    x, y, z = leaves(x=-2.0, y=5.0, z=-4.0)
    return ((x + y).named("q") * z).named("f")


def sigmoid_circuit() -> Node:
    w0, x0, w1, x1, w2 = leaves(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    return (1.0 / (1.0 + bp.exp(-1.0 * (w0 * x0 + w1 * x1 + w2)))).named("f")


def staged() -> Node:
    x, y = leaves(x=3.0, y=-4.0)
    return (x + bp.sigmoid(y)) / (bp.sigmoid(x) + (x + y) ** 2)


def autoencoder() -> Node:
    W = var([[0.5, -0.2, 0.3], [0.1, 0.8, -0.6]], "W")
    x = var([1.0, -2.0, 0.5], "x")
    return bp.sum((W.T @ (W @ x) - x) ** 2)


PLANAR = (product, swapped, linear, square, sum_times, sigmoid_circuit)
ALL = (*PLANAR, staged, autoencoder)


@pytest.fixture(params=PLANAR, ids=lambda make: make.__name__)
def planar(request: pytest.FixtureRequest) -> Graph:
    """A graph that can be drawn without crossing wires."""
    return Graph(request.param())


@pytest.fixture(params=ALL, ids=lambda make: make.__name__)
def graph(request: pytest.FixtureRequest) -> Graph:
    return Graph(request.param())


@pytest.fixture
def make() -> Callable[[str], Graph]:
    """make("product"): one of the graphs by name."""
    return lambda name: Graph(next(f for f in ALL if f.__name__ == name)())
