"""A matrix and its gradient by the rule, by nudging every entry, and their gap: the numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..engine.node import Node
from ..graphs.graph import Graph
from .facts import names
from .numbers import number

LARGEST_SIDE = 10  # rows or columns; smaller cells cannot be told apart


@dataclass(frozen=True)
class Entries:
    """A matrix W, and what nudging every entry by h says about its gradient.

    All arrays have the shape of W; `gradient` is the gradient of the free entries. With `together`
    W[i, j] and W[j, i] are nudged at once, so `rule` holds the sum of their two gradients.
    """

    result: str
    name: str
    value: NDArray[np.float64]
    gradient: NDArray[np.float64]
    nudged: NDArray[np.float64]
    h: float
    picked: tuple[int, ...]
    rounding: float  # a gap below this is rounding
    together: bool = False

    @property
    def rule(self) -> NDArray[np.float64]:
        g = self.gradient
        return g + g.T - np.diag(np.diag(g)) if self.together else g

    @property
    def gap(self) -> NDArray[np.float64]:
        return self.nudged - self.rule


def measure(
    graph: Graph, node: Node, h: float, picked: tuple[int, ...], together: bool = False
) -> Entries:
    """Nudge every entry of a node by h and put ΔL/h beside the gradient.

    >>> from backpropkit import logdet, var
    >>> K = var([[2.0, 0.5], [0.5, 1.0]], "K")
    >>> graph = Graph(logdet(K).named("L"))
    >>> found = measure(graph, K, 1e-6, (0, 1), together=True)
    >>> found.rule.round(4).tolist(), found.nudged.round(4).tolist()
    ([[0.5714, -0.5714], [-0.5714, 1.1429]], [[0.5714, -0.5714], [-0.5714, 1.1429]])
    """
    nudged = np.zeros(node.shape)
    for index in np.ndindex(node.shape):
        moved = node.value + pushed(node.shape, index, together) * h
        after = graph.replay({node: moved})[graph.result]
        nudged[index] = (after - graph.result.value) / h
    called = names(graph.nodes)
    return Entries(
        called[-1],
        called[graph.nodes.index(node)],
        node.value,
        np.array(graph.grads[node]),
        nudged,
        h,
        picked,
        4.0 * float(np.finfo(float).eps) * max(abs(graph.result.value), 1e-300) / h,
        together,
    )


def pushed(shape: tuple[int, ...], index: tuple[int, ...], together: bool) -> NDArray[np.float64]:
    """Zeros with a 1 at one entry; with `together` also at the entry across the diagonal."""
    one = np.zeros(shape)
    one[index] = 1.0
    if together:
        one[index[::-1]] = 1.0
    return one


# --- words -------------------------------------------------------------------------------------


def at(name: str, index: tuple[int, ...]) -> str:
    """An entry as it is written.

    >>> at("W", (0, 2))
    'W[0, 2]'
    """
    return f"{name}[{', '.join(map(str, index))}]"


def shape_words(seen: Entries) -> str:
    size = " × ".join(map(str, seen.value.shape))
    what = "shape" if seen.value.ndim == 2 else "length"
    return f"{seen.name} and its gradient have the same {what}, {size}."


def maps(seen: Entries) -> list[tuple[str, NDArray[np.float64]]]:
    """Titles and numbers of the four maps."""
    slope = f"∂{seen.result}/∂{seen.name}"
    ruled = f"{slope}, entries added" if seen.together else f"{slope} by the rule"
    return [
        (seen.name, seen.value),
        (ruled, seen.rule),
        ("by nudging: Δ/h", seen.nudged),
        ("nudging − rule", seen.gap),
    ]


def short(value: float, digits: int) -> str:
    """A number for a cell; small ones by their power of ten, which takes less room.

    >>> short(-0.00051, 1), short(0.453, 3)
    ('−5e−4', '0.453')
    """
    if digits > 1 or not 0 < abs(value) < 0.01:
        return number(value, digits)
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")
