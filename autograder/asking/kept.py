"""What a learner's code keeps from one call to the next, put back after it was asked.

A check that leaves a flag set, a cache full or a class changed would have another verdict when the
same cell runs again, and grading, which asks once, another than the notebook.
"""

import sys
import sysconfig
import types
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

MOST = 5_000  # things that are looked at
_INSTALLED = (sysconfig.get_path("stdlib"), str(Path(np.__file__).parents[1]))
_OWN = ("autograder", "backpropkit", "IPython", "builtins")
Restore = Callable[[], None]


def remember(namespace: Mapping[str, object]) -> Restore:
    """Note what the things in `namespace`, and those they lead to, hold; return what puts it back.

    Lists, dicts, sets and arrays, attributes of the learner's classes and of their instances,
    globals and enclosed variables that the learner's functions use. Nothing of theirs is run.

    >>> calls = []
    >>> put_back = remember({"f": calls})
    >>> calls.append(1)
    >>> put_back()
    >>> calls
    []
    """
    todo: list[Any] = list(namespace.values())
    seen: dict[int, Any] = {}  # keeps what it has seen alive, so that no number is used twice
    found: list[Restore] = []
    while todo and len(seen) < MOST:
        thing = todo.pop()
        if id(thing) in seen or not _may_change(thing):
            continue
        seen[id(thing)] = thing
        for inner, restore in _kept(thing):
            todo.extend(inner)
            if restore is not None:
                found.append(restore)

    def put_back() -> None:
        for restore in found:
            restore()

    return put_back


def _may_change(thing: Any) -> bool:
    return not isinstance(thing, str | bytes | int | float | complex | types.ModuleType | None)


def _kept(thing: Any) -> Iterator[tuple[list[Any], Restore | None]]:
    """What a thing leads to, and how what it holds is put back."""
    kind = type(thing)
    if kind is list:
        yield list(thing), _later(_refill_list, thing, list(thing))
    elif kind is tuple or kind is frozenset:
        yield list(thing), None
    elif kind in (dict, defaultdict, OrderedDict, Counter):
        yield list(thing.values()), _later(_refill_dict, thing, dict(thing))
    elif kind is set:
        yield [], _later(_refill_set, thing, set(thing))
    elif kind is np.ndarray:
        if thing.flags.writeable and thing.size <= MOST:
            yield [], _later(np.copyto, thing, thing.copy())
    elif kind is types.FunctionType:
        yield from _of_function(thing)
    elif kind is types.MethodType:
        yield [thing.__self__, thing.__func__], None
    elif kind in (staticmethod, classmethod):
        yield [thing.__func__], None
    elif kind is property:
        yield [thing.fget, thing.fset], None
    elif issubclass(kind, type) and _theirs(thing):
        before = dict(type.__dict__["__dict__"].__get__(thing))
        yield [*thing.__mro__, *before.values()], _later(_refill_class, thing, before)
    elif _theirs(kind):
        attributes = getattr(thing, "__dict__", None)
        if type(attributes) is dict:
            yield [kind, attributes], None


def _of_function(function: types.FunctionType) -> Iterator[tuple[list[Any], Restore | None]]:
    home = function.__globals__
    names = _names(function.__code__) if _written_here(home.get("__name__")) else set[str]()
    before = {name: home[name] for name in names if name in home}
    inner = [*before.values(), function.__defaults__, function.__kwdefaults__, function.__dict__]

    def globals_again() -> None:
        for name in names:
            if name in before:
                home[name] = before[name]
            else:
                home.pop(name, None)

    yield inner, globals_again
    for cell in function.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:  # not filled yet
            continue
        yield [content], _later(setattr, cell, "cell_contents", content)


def _names(code: types.CodeType) -> set[str]:
    """The global names that a function's code uses, and that of the functions inside it."""
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _theirs(kind: type) -> bool:
    return _written_here(kind.__module__)


def _written_here(module: object) -> bool:
    """Whether a module is the learner's: a notebook, or a file that is not installed."""
    name = str(module)
    home = getattr(sys.modules.get(name), "__file__", None) or ""
    return name.split(".")[0] not in _OWN and not home.startswith(_INSTALLED)


def _later(function: Callable[..., object], *arguments: Any) -> Restore:
    def restore() -> None:
        function(*arguments)

    return restore


def _refill_list(thing: list[Any], before: list[Any]) -> None:
    thing[:] = before


def _refill_dict(thing: dict[Any, Any], before: dict[Any, Any]) -> None:
    if len(thing) != len(before) or any(thing.get(key, thing) is not before[key] for key in before):
        thing.clear()
        thing.update(before)


def _refill_set(thing: set[Any], before: set[Any]) -> None:
    thing.clear()
    thing.update(before)


def _refill_class(kind: type, before: Mapping[str, Any]) -> None:
    now = dict(type.__dict__["__dict__"].__get__(kind))
    for name in now.keys() - before.keys():
        type.__delattr__(kind, name)
    for name, value in before.items():
        if now.get(name, kind) is not value:
            type.__setattr__(kind, name, value)
