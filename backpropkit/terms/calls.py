"""Calls: what a function takes, and what is said where it is given something else."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def agree(name: str, takes: tuple[str, ...], arity: int, gradient: Callable[..., Any]) -> None:
    """Raise TypeError where a rule does not take g, y, and then what the forward takes."""
    code = getattr(gradient, "__code__", None)
    if not arity or code is None or code.co_flags & inspect.CO_VARARGS:  # of as many as there are
        return
    if not arity + 2 <= code.co_argcount <= len(takes) + 2:
        raise TypeError(
            f"op {name!r}: the forward takes ({', '.join(takes)}), the gradient rule "
            f"({', '.join(code.co_varnames[: code.co_argcount])}); a rule takes g, y, and then "
            "what the forward takes"
        )


def named(forward: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of a forward's arguments, and its parameters with their defaults; many times
    quicker than inspect.signature, which would be half of what an import takes."""
    code = getattr(forward, "__code__", None)
    if code is None and getattr(forward, "__module__", "") == operator.neg.__module__:
        return ("a",) if forward in (operator.neg, operator.abs) else ("a", "b"), {}
    if code is None:  # a ufunc; a function of math, a partial
        taken = [f"x{i + 1}" for i in range(getattr(forward, "nin", 0))]
        known = {} if taken else inspect.signature(forward).parameters
        in_order = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
        needed = [x for x, p in known.items() if p.kind in in_order and p.default is p.empty]
        return (*taken, *needed), {}
    n, m = code.co_argcount, code.co_kwonlyargcount
    defaults = forward.__kwdefaults__ or {}
    empty = inspect.Parameter.empty
    return code.co_varnames[:n], {x: defaults.get(x, empty) for x in code.co_varnames[n : n + m]}


def fitted(
    name: str, signature: inspect.Signature, args: tuple[Any, ...], options: Mapping[str, Any]
) -> inspect.BoundArguments:
    """The arguments of a call in their places; TypeError that says which of them does not fit."""
    try:
        return signature.bind(*args, **options)
    except TypeError as error:
        said = str(error)
    strange = [repr(o) for o in options if o not in signature.parameters]
    if strange and "keyword" in said:
        wrong = f"has no {', '.join(strange)}"
    elif "multiple values" in said:
        wrong = f"was given {said.rpartition(' ')[2]} twice, in order and by name"
    elif "missing" in said:
        wrong = f"was called without {said.rpartition(': ')[2]}"
    else:
        wrong = f"was called with too many arguments: {len(args)}"
    shown = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    raise TypeError(f"{name}{inspect.Signature(shown)} {wrong}")


def worded(function: F) -> F:
    """The same function: what does not fit a call of it is said as the ops say it."""

    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except TypeError as error:
            if not (error.__traceback__ and error.__traceback__.tb_next):  # nothing of it has run
                fitted(f"bp.{function.__name__}", inspect.signature(function), args, options)
            raise

    return cast(F, called)
