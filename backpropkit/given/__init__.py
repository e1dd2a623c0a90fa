"""What people hand over as a graph: a Node, a function, a formula, another engine's node, tensors.

Each is read into Nodes once, here, or refused in a sentence; the learner's own are never changed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from ..engine.node import EngineError, Node, check_recorded, describe, var
from ..engine.recording import truths


@dataclass(frozen=True)
class Taken:
    """What was handed over, as Nodes.

    Attributes:
        result: the node it ends in.
        asked: the questions an `if` was decided by.
        theirs: {node: the gradient there of the engine it came from}, where that has any.
        whose: that engine, in words.
    """

    result: Node
    asked: tuple[Node, ...] = ()
    theirs: Mapping[Node, Any] = field(default_factory=dict)
    whose: str = "your engine"


class Strange(EngineError, TypeError):
    """Something was handed over that is no graph in any of these ways."""


Again = Callable[[Mapping[str, Any]], Taken]  # other values, by argument


def take(
    given: Any, numbers: tuple[Any, ...], values: Mapping[str, Any], who: str
) -> tuple[Taken, Again | None]:
    """What was given, and a function that runs it again for other values.

    That function is None where nothing can be run again: a graph was given, and it is replayed.

    Raises:
        TypeError: none of what can be taken, or values that do not fit its arguments.
        EngineError: a formula, a node or a result that cannot be read; the message names it.

    >>> taken, again = take(lambda a, b: a * b, (2.0, -3.0), {}, "Graph")
    >>> taken.result.value, again({"a": 5.0}).result.value
    (-6.0, -15.0)
    """
    # loaded when something is first handed over: most imports of the kit come for no graph
    from .foreign import is_foreign, read_foreign
    from .formula import formula
    from .tensors import has_tensors, run_on_tensors

    if isinstance(given, Node) or is_foreign(given):
        if numbers or values:
            told = describe(given) if isinstance(given, Node) else "of another engine's node"
            raise TypeError(
                f"{who}({told}) needs no values: its leaves have theirs already "
                f"(given: {', '.join([*map(str, numbers), *values])})"
            )
        if isinstance(given, Node):
            return Taken(given), None
        result, theirs = read_foreign(given)
        return Taken(result, (), theirs), None
    if isinstance(given, str):
        given = formula(given)
    if not callable(given) or isinstance(given, type):
        raise Strange(
            f"{who} takes the Node a computation ends in, or a function and a number for each of "
            f"its arguments, {who}(f, a=2.0, b=-3.0), or a formula, {who}('a*b + 1', a=2.0, "
            "b=-3.0), or the last node of an engine of your own, whose nodes have data, children "
            f"and op; it was given {given!r:.60} (a {type(given).__name__})"
        )
    start = arguments(given, numbers, values, who)

    def again(changed: Mapping[str, Any]) -> Taken:
        filled = {**start, **changed}
        if has_tensors(start):
            run = run_on_tensors(given, filled, start, placed, called(given))
            return Taken(*run, "torch")
        leaves = {name: leaf(given, name, value) for name, value in filled.items()}
        with truths() as asked:
            result = placed(given, leaves)
        if is_foreign(result):
            raise EngineError(
                f"{called(given)} computes with an engine of its own: call it, and hand over the "
                f"node it returns, {who}({called(given)}(…))"
            )
        if isinstance(result, Node):
            check_recorded(result, called(given))
        else:
            raise EngineError(
                f"{called(given)} returned {result!r:.60} (a {type(result).__name__}), not a "
                "Node: compute it from its arguments with operators and functions of backpropkit"
            )
        return Taken(result, tuple(asked))

    return again({}), again


def parameters(f: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The arguments of a function, or of a formula, that can be given a number."""
    if (names := getattr(f, "names", None)) is not None:
        return {name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names}
    try:
        found = inspect.signature(f).parameters
    except (TypeError, ValueError):
        raise TypeError(
            f"the arguments of {called(f)} cannot be read: write lambda x: {called(f)}(x)"
        ) from None
    known = {n: p for n, p in found.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    if found and not known:
        raise TypeError(
            f"{called(f)} names none of its arguments: write lambda x: {called(f)}(x), with a name "
            "for each"
        )
    return known


def placed(f: Callable[..., Any], leaves: Mapping[str, Any]) -> Any:
    """Call a function with a value for each of its arguments, by place where it wants that."""
    known = parameters(f)
    in_order = [n for n in leaves if known[n].kind == known[n].POSITIONAL_ONLY]
    named = {name: value for name, value in leaves.items() if name not in in_order}
    return f(*(leaves[name] for name in in_order), **named)


def arguments(
    f: Callable[..., Any], numbers: tuple[Any, ...], values: Mapping[str, Any], who: str
) -> dict[str, Any]:
    """A value for every argument of f: given ones, in order or by name, then f's own defaults."""
    known = parameters(f)
    in_order = [name for name, p in known.items() if p.kind != p.KEYWORD_ONLY]
    if numbers and known and not in_order:
        raise TypeError(
            f"the numbers of {called(f)} are given by name: "
            + ", ".join(f"{name}=…" for name in known)
        )
    if len(numbers) > len(in_order):
        raise TypeError(
            f"{called(f)} was given {len(numbers)} number{'s' * (len(numbers) != 1)} and takes "
            f"{', '.join(in_order) or 'none'}"
        )
    if unknown := [name for name in values if name not in known]:
        raise TypeError(
            f"{called(f)} has no argument {unknown[0]!r}; it has {', '.join(known) or 'none'}"
        )
    first = dict(zip(in_order, numbers, strict=False))
    if twice := [name for name in first if name in values]:
        raise TypeError(f"{called(f)} was given {twice[0]} twice, in order and by name")
    filled = {**{n: p.default for n, p in known.items() if to_give(p)}, **first, **values}
    if missing := [name for name, value in filled.items() if value is inspect.Parameter.empty]:
        example = ", ".join(f"{name}=1.0" for name in missing)
        raise TypeError(
            f"{called(f)} needs a number for {', '.join(missing)}: {who}({called(f)}, {example})"
        )
    return filled


def to_give(parameter: inspect.Parameter) -> bool:
    """Whether an argument is a number to give or to move, and no setting such as axis=None."""
    default = parameter.default
    return default is inspect.Parameter.empty or not isinstance(default, (NoneType, bool, str))


def leaf(f: Callable[..., Any], name: str, value: Any) -> Node:
    try:
        return var(value, name)
    except EngineError as error:
        raise EngineError(f"argument {name!r} of {called(f)}: {error}") from None


def called(f: Callable[..., Any]) -> str:
    name = getattr(f, "__name__", "f")
    return "f" if name == "<lambda>" else name
