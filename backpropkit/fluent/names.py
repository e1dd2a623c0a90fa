"""Names: what NumPy's functions and an array's methods do with a node, and what is refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.node import TABLE, EngineError, Node, describe, record
from ..engine.rules import NUMPY
from ..functions import __all__ as ours
from .suggest import AT_THE_DOOR, HINTS, missing

# What would quietly leave the graph: Python's names for it, what is called, what to write instead.
REFUSED = {
    "__float__ as_integer_ratio": (
        "float() or a function of math",
        "write bp.exp(x) for math.exp(x), bp.mean(bp.stack(xs)) for statistics.mean(xs)",
    ),
    "__complex__": ("complex()", "the engine knows real numbers only"),
    "__int__": ("int()", "it is flat, write int(node.value)"),
    "__index__": (
        "an index",
        "an index or axis has no slope, write int(node.value) (of two, a + b or "
        "bp.maximum(a, b) is written)",
    ),
    "__round__": ("round()", "it is flat, write round(node.value)"),
    "__floor__": ("math.floor", "it is flat, write math.floor(node.value)"),
    "__ceil__": ("math.ceil", "it is flat, write math.ceil(node.value)"),
    "__trunc__": ("math.trunc", "it is flat, write math.trunc(node.value)"),
    "__floordiv__": ("//", "it is flat, write node.value // b"),
    "__rfloordiv__": ("//", "it is flat, write a // node.value"),
    "__divmod__ __rdivmod__": ("divmod", "write node % b for the remainder"),
    "__and__ __rand__": ("&", "write a * b for masks a, b"),
    "__or__ __ror__": ("|", "write bp.maximum(a, b) for masks a, b"),
    "__xor__ __rxor__": ("^", "a power is written node ** n"),
    "__lshift__ __rlshift__ __rshift__ __rrshift__": ("a shift", "write a * 2.0 ** n"),
    "__invert__": ("~", "write 1 - a for a mask a"),
}


def leaves(what: str, instead: str) -> Callable[..., Any]:
    """The method for something that would quietly leave the graph: it says what to write."""

    def method(self: Node, *_: Any) -> Any:
        raise EngineError(
            f"{what} would take {describe(self)} out of the graph, and its gradient would be "
            f"lost: {instead}, or node.value for the bare number"
        )

    return method


def called(function: Any, args: Any, options: Any) -> Any:
    """Ours in place of NumPy's; it may take fewer options."""
    ours = NUMPY[function]
    try:
        return ours(*args, **options)
    except TypeError as error:
        takes = ", ".join(inspect.signature(ours).parameters)
        raise TypeError(
            f"np.{function.__name__} of a node is backpropkit's own, which takes ({takes}); of "
            f"node.value it takes all that NumPy knows"
        ) from error
    except (ValueError, IndexError) as error:  # of a shape or an axis, in NumPy's own words
        if isinstance(error, EngineError):
            raise
        raise EngineError(f"np.{function.__name__} of a node: {error}") from error


def instead(name: str) -> str:
    """What to write for a name that backpropkit has not, and NumPy or others have."""
    function = getattr(np, name, None)
    if function is None or function in NUMPY:
        known = f"write np.{name}, it knows nodes" if function else AT_THE_DOOR.get(name, "")
    else:
        known = AT_THE_DOOR.get(name, f"np.{name} is NumPy's, of no node").replace("{name}", name)
    return known and f": {known}"


def array_ufunc(self: Node, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """np.exp(node), array * node and their like are recorded too."""
    if "out" in options:
        raise EngineError(
            f"np.{ufunc.__name__} cannot put {describe(self)} into an array in place (a += node, "
            "out=, or an argument too many): write a = a + node"
        )
    if ufunc not in NUMPY or method != "__call__":
        name = ufunc.__name__ + ("" if method == "__call__" else f".{method}")
        if method == "__call__" and name in _known:  # array.clip(low, node)
            raise EngineError(f"an array's own .{name} knows no nodes: write np.{name}(array, …)")
        whose = "np" if getattr(np, ufunc.__name__, None) is ufunc else "ufunc"  # SciPy has others
        raise EngineError(missing(name, whose, (f.__name__ for f in NUMPY)))
    return called(ufunc, inputs, options)


def array_function(_node: Node, function: Any, _: Any, args: Any, options: Any) -> Any:
    """np.sum(node), np.linalg.inv(node): what the table has answers to NumPy's name."""
    if function not in NUMPY:
        module = function.__module__.replace("numpy", "np")
        raise EngineError(missing(function.__name__, module, (f.__name__ for f in NUMPY)))
    return called(function, args, options)


def array(self: Node, *_: Any, **__: Any) -> Any:
    raise EngineError(
        f"{describe(self)} cannot become part of an array: that would take it out of the "
        "graph. Put nodes together with bp.stack or bp.concatenate; array.dot(node) is written "
        "array @ node, array[node] array[int(node.value)], a column of pandas beside a node "
        "column.to_numpy(); node.value is the number"
    )


def reshape(self: Node, *shape: Any, **options: Any) -> Any:
    return called(np.reshape, (self, shape[0] if len(shape) == 1 else shape), options)


def transpose(self: Node, *axes: Any) -> Node:
    order = axes[0] if len(axes) == 1 and (axes[0] is None or np.ndim(axes[0])) else axes
    reverse = order is None or not len(order)
    return record("transpose", (self,), {"axes": None if reverse else tuple(order)})


def write_entry(self: Node, index: Any, new: Any) -> None:
    raise EngineError(
        f"{describe(self)} cannot be changed entry by entry: build it from its entries with "
        "bp.stack, bp.concatenate or bp.where, or give a leaf a new value as a whole"
    )


def formatted(self: Node, spec: str) -> str:
    if spec and self.shape:
        raise EngineError(f"{describe(self)} is not a single number: format node.value")
    return format(self.value, spec) if spec else str(self)


def as_method(name: str) -> Any:
    """What node.name is, where only NumPy's arrays, or others, have such a method: the function if
    there is one, else what to write instead (`__getattr__` would slow every attribute down)."""
    function = vars(np).get({"flatten": "ravel"}.get(name, name))  # quicker than to miss one
    if function in NUMPY and hasattr(np.ndarray, name):
        return lambda self, *args, **options: called(function, (self, *args), options)

    def said() -> str:
        if function in NUMPY and name not in {*HINTS, *ours}:
            return f"a Node has no {name}: write np.{name}(node)"
        return missing(name, "a Node", ours)

    def absent(self: Node) -> None:
        raise AttributeError(said())

    def given(self: Node, _: Any) -> None:
        more = "" if "node.value =" in said() else "; a leaf is given a value by node.value = …"
        raise AttributeError(said() + more)

    return property(absent, given)


def keeps_its_shape(self: Node, _: Any) -> None:
    raise AttributeError("a Node keeps its shape: write node.reshape(shape), which makes another")


_known = {f.__name__ for f in NUMPY}
for _name in {*dir(np.ndarray), *dir(float), *TABLE, *HINTS, *ours, *_known}:
    if (_name in HINTS or not _name.startswith("_")) and not hasattr(Node, _name):
        setattr(Node, _name, as_method(_name))
METHODS: dict[str, Any] = {
    "shape": vars(Node)["shape"].setter(keeps_its_shape),
    "reshape": reshape,
    "transpose": transpose,
    "__setitem__": write_entry,
    "__format__": formatted,
    "__array_ufunc__": array_ufunc,
    "__array_function__": array_function,
    "__array__": array,
}
for _name, _method in METHODS.items():
    setattr(Node, _name, _method)
for _names, (_what, _instead) in REFUSED.items():
    for _name in _names.split():
        setattr(Node, _name, leaves(_what, _instead))
