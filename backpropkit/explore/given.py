"""What a learner hands an explorer, as a maker of graphs; beside it what their own engine says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np

from ..engine.node import EngineError, describe
from ..given import called as called
from ..given import take
from ..graphs.graph import Graph
from ..picture import names
from ..picture.facts import made
from ..picture.numbers import whole
from ..scenes import Scene
from ..scenes.nudged import masked
from ..scenes.scene import no_number

MakeGraph = Callable[[Mapping[str, Any]], Graph]  # leaf values, by the leaf's name
Draw = Callable[[Mapping[str, Any]], Scene]


def maker(
    given: Any, values: Mapping[str, Any], who: str, numbers: tuple[Any, ...] = ()
) -> tuple[Graph, MakeGraph]:
    """The graph of what was given, and a function that makes it anew for other leaf values.

    `given` is whatever `Graph` takes. A function is run again for other values, so an `if` in it
    takes the branch it should; a graph is replayed along the branch that was recorded. The
    learner's own nodes are never changed.

    Raises:
        TypeError: nothing that can be taken, or values that do not fit its arguments.
        EngineError: a result that is not a single number, or depends on no leaf.

    >>> graph, make = maker(lambda a, b: a * b, {"a": 2.0, "b": -3.0}, "nudge")
    >>> graph.result.value, make({"a": 5.0}).result.value
    (-6.0, -15.0)
    """
    taken, again = take(given, numbers, values, who)
    graph = _single(Graph(taken), who)
    if again is not None:
        return graph, lambda changed: _single(Graph(again(changed)), who)
    leaves = dict(zip(names(graph.nodes), graph.nodes, strict=True))
    return graph, lambda changed: graph.at({leaves[name]: v for name, v in changed.items()})


def _single(graph: Graph, who: str) -> Graph:
    if graph.result.shape:
        raise EngineError(
            f"{who} watches a single number, and {describe(graph.result)} is not one: reduce it "
            "first, with bp.sum or bp.mean"
        )
    if not graph.leaves:
        raise EngineError(
            f"{who} has nothing to move: {describe(graph.result)} depends on no leaf made by bp.var"
        )
    return graph


def finite(graph: Graph, who: str) -> Graph:
    """The graph; raise EngineError where nothing was computed, or some value or gradient of it is
    no finite number.

    Arrays may have infinite entries where a constant has, which then is a mask.
    """
    if not graph.result.args:
        raise EngineError(f"{who} was given {describe(graph.result)}: nothing was computed from it")
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    told = [(node.value, called[node]) for node in graph.nodes]
    told += [(graph.grads[n], f"∂{called[graph.result]}/∂{called[n]}") for n in graph.nodes]
    for value, name in told:
        if masked(graph) and np.ndim(value):
            value = np.where(np.isinf(value), 0.0, value)
        if lost := no_number(value, name):
            raise EngineError(f"{who} has nothing to show at these values: {lost}")
    return graph


def beside(draw: Draw, graph: Graph) -> Draw:
    """The same scenes, and below each what the learner's own engine has for gradients."""
    told = compared(graph)
    if not told:
        return draw

    def both(state: Mapping[str, Any]) -> Scene:
        scene = draw(state)
        return replace(scene, html=scene.html + told)

    return both


def compared(graph: Graph) -> str:
    """Where the learner's engine and this one part, as HTML; "" where there is no other engine."""
    if not graph.theirs:
        return ""
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    rows = ""
    for node in reversed(graph.nodes):
        if node in graph.theirs:
            wrong = graph.parts_at(node)
            cells = [made(node, [called[arg] for arg in node.args]) or "leaf", whole(node.value),
                     whole(graph.theirs[node]), whole(graph.grads[node]),
                     "differs" if wrong else ""]  # fmt: skip
            rows += f'<tr><th scope="row">{escape(called[node])}</th>' + "".join(
                f"<td>{escape(cell)}</td>" for cell in cells
            )
    head = ("node", "made by", "value", f"gradient, {graph.whose}", "this one", "")
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    return (
        f'<details class="bp-fold bp-theirs" open><summary>{escape(parting(graph))}</summary>'
        f'<table class="bp bp-table"><caption>At the values that were handed over, from the result '
        f"back</caption><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def parting(graph: Graph) -> str:
    """Where two engines part, in words.

    >>> class Value:
    ...     def __init__(self, data, children=(), op="", grad=0.0):
    ...         self.data, self.children, self.op, self.grad = data, children, op, grad
    >>> a = Value(3.0, grad=3.0)
    >>> parting(Graph(Value(9.0, (a, a), "*", grad=1.0))).partition(". ")[0]
    'Your engine and this one part at v1: the one has 3, the other 6'
    """
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    whose = graph.whose[0].upper() + graph.whose[1:]
    if graph.parting is None:
        return f"{whose} and this one agree: the same gradient at {_count(graph)}."
    first, L = graph.parting, graph.result
    sentence = (
        f"{whose} and this one part at {called[first]}: the one has {whole(graph.theirs[first])}, "
        f"the other {whole(graph.grads[first])}."
    )
    if first is L:
        return f"{sentence} The result's own gradient is 1: is a sweep of before still in it?"
    users = [called[node] for node in graph.nodes if any(arg is first for arg in node.args)]
    agree = "agrees" if len(users) == 1 else "agree"
    return f"{sentence} What uses it, {' and '.join(users)}, still {agree}."


def _count(graph: Graph) -> str:
    return "its one node" if len(graph.theirs) == 1 else f"all {len(graph.theirs)} nodes"
