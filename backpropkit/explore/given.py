"""What a learner hands an explorer, a result or a function with numbers, as a maker of graphs."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..engine.graph import Graph
from ..engine.node import EngineError, Node, describe, truths, var
from ..picture import names
from .formula import formula

MakeGraph = Callable[[Mapping[str, Any]], Graph]  # leaf values, by the leaf's name


def maker(given: Any, values: Mapping[str, Any], who: str) -> tuple[Graph, MakeGraph]:
    """The graph of what was given, and a function that makes it anew for other leaf values.

    `given` is a Node, a function of numbers or arrays whose first `values` are named, or a formula
    as text, which is read and never evaluated as code. A function is run again for other values,
    so an `if` in it takes the branch it should; a Node's graph is replayed along the branch that
    was recorded. The learner's own nodes are never changed.

    Raises:
        TypeError: neither of the three, or values that do not fit its arguments.
        EngineError: a result that is not a single number, or was not computed from Nodes.

    >>> graph, make = maker(lambda a, b: a * b, {"a": 2.0, "b": -3.0}, "nudge")
    >>> graph.result.value, make({"a": 5.0}).result.value
    (-6.0, -15.0)
    """
    if isinstance(given, Node):
        if values:
            raise TypeError(
                f"{who}({describe(given)}) needs no values: its leaves have theirs already "
                f"(given: {', '.join(values)})"
            )
        graph = _single(Graph(given), who)
        leaves = {name: node for name, node in zip(names(graph.nodes), graph.nodes, strict=True)}
        return graph, lambda changed: graph.at({leaves[name]: v for name, v in changed.items()})
    if isinstance(given, str):
        given = formula(given)
    if not callable(given):
        raise TypeError(
            f"{who} takes the Node a computation ends in, or a function and a number for each of "
            f"its arguments, {who}(f, a=2.0, b=-3.0), or a formula, {who}('a*b + 1', a=2.0, "
            f"b=-3.0); it was given {given!r:.60} (a {type(given).__name__})"
        )
    start = _arguments(given, values, who)

    def make(changed: Mapping[str, Any]) -> Graph:
        leaves = {name: _leaf(given, name, v) for name, v in {**start, **changed}.items()}
        with truths() as asked:
            result = given(**leaves)
        if not isinstance(result, Node):
            raise EngineError(
                f"{called(given)} returned {result!r:.60} (a {type(result).__name__}), not a "
                "Node: compute it from its arguments with operators and functions of backpropkit"
            )
        graph = _single(Graph(result), who)
        graph.asked = tuple(asked)
        return graph

    return make({}), make


def _arguments(f: Callable[..., Any], values: Mapping[str, Any], who: str) -> dict[str, Any]:
    """A value for every argument of f: given ones, then f's own defaults."""
    if formed := getattr(f, "names", None):  # a formula's
        named = dict.fromkeys(formed, inspect.Parameter.empty)
    else:
        named = {
            name: p.default
            for name, p in inspect.signature(f).parameters.items()
            if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        }
    if unknown := [name for name in values if name not in named]:
        raise TypeError(
            f"{called(f)} has no argument {unknown[0]!r}; it has {', '.join(named) or 'none'}"
        )
    filled = {**named, **values}
    if missing := [name for name, value in filled.items() if value is inspect.Parameter.empty]:
        example = ", ".join(f"{name}=1.0" for name in missing)
        raise TypeError(
            f"{called(f)} needs a number for {', '.join(missing)}: {who}({called(f)}, {example})"
        )
    return filled


def _leaf(f: Callable[..., Any], name: str, value: Any) -> Node:
    try:
        return var(value, name)
    except EngineError as error:
        raise EngineError(f"argument {name!r} of {called(f)}: {error}") from None


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


def called(f: Callable[..., Any]) -> str:
    name = getattr(f, "__name__", "f")
    return "f" if name == "<lambda>" else name
