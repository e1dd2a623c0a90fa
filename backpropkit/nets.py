"""The small networks of the lessons, number by number, so that every weight is a node to follow.

A weight is called w_{layer, to, from}: w131 leads, in layer 1, to neuron 3 from input 1; it is
entry [2, 0] of W1. What arrives at neuron i of layer l is a_{l i}, what leaves it h_{l i}, and y_i
where it leaves the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .engine.node import EngineError, Node, const, var
from .engine.rules import log, sigmoid
from .graphs.graph import Graph

W1 = ((0.5, -0.4), (-0.3, 0.8), (0.9, 0.2))
W2 = ((0.7, -0.6, 0.4), (-0.2, 0.5, 1.1))
W3 = ((0.6, -0.9), (1.3, 0.3))
X = (1.2, -0.7)
TARGETS = {"sigmoid": (0.0, 1.0), "softmax": (0.3, 0.7)}


@dataclass(frozen=True)
class Net:
    """A network run once: `net["w131"]` is one of its nodes, `net.loss` where it ends."""

    loss: Node

    def __getitem__(self, name: str) -> Node:
        found = [node for node in Graph(self.loss).nodes if node.name == name]
        if not found:
            named = ", ".join(node.name for node in Graph(self.loss).nodes if node.name)
            raise KeyError(f"the network has no node {name!r}; it has {named}")
        return found[0]


def network(
    weights: Sequence[Any] = (W1, W2),
    x: Sequence[float] = X,
    t: Sequence[float] | None = None,
    output: str = "sigmoid",
) -> Net:
    """A network of sigmoid neurons without biases, as a graph of single numbers.

    Args:
        weights: a matrix (to, from) for each layer; as given, a 2-3-2 network.
        x: its inputs.
        t: its targets, one for each output.
        output: "sigmoid" ends in L = ½ Σ (y − t)²; "softmax", for two outputs, in the
            cross-entropy L = −Σ t log y, with y₁ = e^a₁/(e^a₁ + e^a₂) written σ(a₁ − a₂).

    Raises:
        EngineError: sizes that do not fit together, another output, softmax of more than two.

    >>> net = network()
    >>> [round(path.product, 6) for path in Graph(net.loss).paths(net["w131"])]
    [0.014332, -0.017832]
    >>> soft = network(output="softmax")
    >>> Graph(soft.loss).count_paths(soft["w131"])
    4
    """
    if output not in TARGETS:
        raise EngineError(f"output={output!r} is not one of {', '.join(map(repr, TARGETS))}")
    h = [const(value, f"x{i}") for i, value in enumerate(x, 1)]
    a: list[Node] = []
    for layer, given in enumerate(weights, 1):
        matrix = np.asarray(given, dtype=float)
        if matrix.ndim != 2 or matrix.shape[1] != len(h):
            raise EngineError(
                f"layer {layer} gets {len(h)} numbers and needs a matrix of shape (n, {len(h)}); "
                f"it was given one of shape {matrix.shape}"
            )
        a = [_arriving(layer, to, row, h) for to, row in enumerate(matrix, 1)]
        if layer < len(weights):
            h = [sigmoid(node).named(f"h{layer}{i}") for i, node in enumerate(a, 1)]
    goal = TARGETS[output] if t is None else t
    if len(goal) != len(a):
        raise EngineError(f"{len(a)} outputs need {len(a)} targets, and {len(goal)} were given")
    targets = [const(value, f"t{i}") for i, value in enumerate(goal, 1)]
    return Net(ENDS[output](a, targets).named("L"))


def _arriving(layer: int, to: int, row: Any, h: Sequence[Node]) -> Node:
    """What arrives at one neuron: Σ w h."""
    total: Any = None
    for start, (value, source) in enumerate(zip(row, h, strict=True), 1):
        part = var(float(value), f"w{layer}{to}{start}") * source
        total = part if total is None else total + part
    arriving: Node = total.named(f"a{layer}{to}")
    return arriving


def _squared(a: Sequence[Node], t: Sequence[Node]) -> Node:
    total: Any = None
    for i, (node, goal) in enumerate(zip(a, t, strict=True), 1):
        part = (sigmoid(node).named(f"y{i}") - goal) ** 2
        total = part if total is None else total + part
    half: Node = 0.5 * total
    return half


def _cross_entropy(a: Sequence[Node], t: Sequence[Node]) -> Node:
    if len(a) != 2:
        raise EngineError(f"softmax is written out for two outputs here, not for {len(a)}")
    first, second = sigmoid(a[0] - a[1]).named("y1"), sigmoid(a[1] - a[0]).named("y2")
    loss: Node = -(t[0] * log(first) + t[1] * log(second))
    return loss


ENDS = {"sigmoid": _squared, "softmax": _cross_entropy}


def neuron(
    w: float = 0.7, b: float = -0.3, x: float = 2.0, t: float = 1.0, beta: float = 0.1
) -> Net:
    """One sigmoid neuron with a penalty: z = wx + b, y = σ(z), L = ½(y − t)² + β·½w².

    w feeds two boxes, so two paths lead from it to L.

    >>> net = neuron()
    >>> Graph(net.loss).count_paths(net["w"])
    2
    """
    weight = var(w, "w")
    z = (weight * var(x, "x") + var(b, "b")).named("z")
    y = sigmoid(z).named("y")
    error = (0.5 * (y - const(t, "t")) ** 2).named("E")
    penalty = (0.5 * weight**2).named("R")
    return Net((error + const(beta, "beta") * penalty).named("L"))


def two_neurons(w1: float = 0.8, w2: float = -1.2, x: float = 1.5) -> Net:
    """Two sigmoid neurons in a chain: h1 = σ(w1·x), h2 = σ(w2·h1), L = −log h2.

    >>> two_neurons()["h1"].op
    'sigmoid'
    """
    h1 = sigmoid(var(w1, "w1") * const(x, "x")).named("h1")
    h2 = sigmoid(var(w2, "w2") * h1).named("h2")
    return Net((-log(h2)).named("L"))
