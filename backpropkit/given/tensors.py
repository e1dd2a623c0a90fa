"""A function of torch tensors, run once while every op of torch's is recorded into ours.

torch is no dependency: nothing here is imported before somebody hands over a tensor.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from .. import functions as f
from ..engine.node import EngineError, Node, describe, var
from ..engine.rules import broadcast_to
from .foreign import agrees

Placed = Callable[[Callable[..., Any], Mapping[str, Any]], Any]


def axes(dim: Any) -> Any:
    """torch's dim as NumPy's axis; none at all means every one."""
    return tuple(dim) or None if isinstance(dim, (list, tuple)) else dim


def reduced(reduce: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, dim=None, keepdim=False: reduce(a, axis=axes(dim), keepdims=keepdim)


def along(dim: int, index: Any, a: Any) -> Any:
    return a[(*[slice(None)] * (dim % a.ndim), index)]


def swapped(a: Any, first: int, second: int) -> Any:
    order = list(range(a.ndim))
    order[first], order[second] = order[second], order[first]
    return f.transpose(a, axes=tuple(order))


def length(a: Any, ord: float = 2) -> Any:
    if ord != 2:
        raise TypeError(f"a norm of order {ord}")
    return f.sqrt(f.sum(a * a))


def same(a: Any, **_: Any) -> Any:
    return a


# torch's name of an op -> what it is here; an argument that no row has is refused by the call.
# Where torch returns several results, so does the row: None for those that have no slope.
ROWS: dict[str, Callable[..., Any]] = {
    **{name: getattr(f, name) for name in (
        "exp", "exp2", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "abs", "sign", "sigmoid", "relu", "softplus", "maximum", "minimum", "where", "trace",
    )},
    **dict.fromkeys(("mul", "multiply"), operator.mul),
    **dict.fromkeys(("mm", "mv", "dot", "bmm", "matmul"), operator.matmul),
    **dict.fromkeys(("clone", "alias", "_to_copy", "contiguous"), same),
    "add": lambda a, b, *, alpha=1: a + (b if alpha == 1 else alpha * b),
    "sub": lambda a, b, *, alpha=1: a - (b if alpha == 1 else alpha * b),
    "rsub": lambda a, b: b - a,
    "div": operator.truediv, "neg": operator.neg, "pow": operator.pow,
    "reciprocal": lambda a: a**-1.0, "rsqrt": lambda a: a**-0.5, "square": lambda a: a**2,
    "silu": f.swish, "atan": f.arctan, "sgn": f.sign,
    "clamp": lambda a, min=None, max=None: f.clip(a, min, max),
    "clamp_min": lambda a, min: f.maximum(a, min), "clamp_max": lambda a, max: f.minimum(a, max),
    "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
    "eq": operator.eq, "ne": operator.ne,
    "sum": reduced(f.sum), "mean": reduced(f.mean), "amax": reduced(f.max),
    "amin": reduced(f.min), "logsumexp": reduced(f.logsumexp),
    "max": lambda a, *dim: (f.max(a, axis=dim[0]), None) if dim else f.max(a),
    "min": lambda a, *dim: (f.min(a, axis=dim[0]), None) if dim else f.min(a),
    "cumsum": lambda a, dim: f.cumsum(a, axis=dim),
    "_softmax": lambda a, dim, half: f.softmax(a, axis=dim),
    "_log_softmax": lambda a, dim, half: f.log_softmax(a, axis=dim),
    "linalg_vector_norm": length,
    "mse_loss": lambda a, b: f.mean((a - b) ** 2),
    "addmm": lambda b, x, w: b + x @ w,
    "t": lambda a: f.transpose(a), "permute": lambda a, dims: f.transpose(a, axes=tuple(dims)),
    "transpose": swapped,
    "select": lambda a, dim, index: along(dim, index, a),
    "slice": lambda a, dim=0, *ends: along(dim, slice(*ends), a),
    "stack": lambda parts, dim=0: f.stack(parts, axis=dim),
    "cat": lambda parts, dim=0: f.concatenate(parts, axis=dim),
    "_linalg_slogdet": lambda a: (None, f.logdet(a), None, None),
    "_linalg_det": lambda a: (f.det(a), None, None),
    "linalg_inv_ex": lambda a: (f.inv(a), None),
    "_linalg_solve_ex": lambda a, b: (f.solve(a, b), None, None, None),
}  # fmt: skip
# Ops that only give another shape: which one, torch's result says.
SHAPES = {
    **dict.fromkeys(
        ("view", "reshape", "_unsafe_view", "unsqueeze", "squeeze", "squeeze_", "unsqueeze_"),
        lambda a, shape: f.reshape(a, shape=shape),
    ),
    "expand": lambda a, shape: broadcast_to(a, shape=shape),
}


def has_tensors(values: Mapping[str, Any]) -> bool:
    return any(map(is_tensor, values.values()))


def is_tensor(value: Any) -> bool:
    return any(kind.__module__ == "torch" and kind.__name__ == "Tensor"
               for kind in type(value).__mro__)  # fmt: skip


def run_on_tensors(
    function: Callable[..., Any],
    filled: Mapping[str, Any],
    start: Mapping[str, Any],
    placed: Placed,
    name: str,
) -> tuple[Node, tuple[Node, ...], dict[Node, Any]]:
    """The graph of a function of tensors, the questions an `if` was decided by, torch's gradients.

    Every value is computed here as well and compared with torch's.

    Raises EngineError, naming it: an op of torch's without a row, a value that disagrees, a number
    taken out of the graph (`item`), a function that is not the same each time.
    """
    torch = import_module("torch")
    kind = next(value.dtype for value in start.values() if is_tensor(value))
    tensors, record = {}, Recorder(torch, name)
    for argument, value in filled.items():
        like = start[argument]
        dtype = like.dtype if is_tensor(like) else kind
        if not dtype.is_floating_point:
            raise EngineError(
                f"argument {argument!r} of {name} is a tensor of {dtype}, which has no gradient: "
                "write 2.0 instead of 2, or take it from outside of the function"
            )
        given = value.detach() if is_tensor(value) else np.array(value)
        tensors[argument] = torch.as_tensor(given, dtype=dtype).clone()
        record.made[id(tensors[argument])] = var(as_array(tensors[argument]), argument)
    leaves = [record.made[id(tensor)] for tensor in tensors.values()]
    mode = import_module("torch.utils._python_dispatch").TorchDispatchMode
    recording = type("Recording", (mode,), {"__torch_dispatch__": record.dispatch})()
    with torch.no_grad(), recording:
        result = placed(function, tensors)
    if id(result) not in record.made:
        raise EngineError(
            f"{name} returned {result!r:.60} (a {type(result).__name__}), which is no tensor "
            "computed from its arguments"
        )
    theirs = gradients(torch, function, tensors, placed, result, name)
    found = {leaf: grad for leaf, grad in zip(leaves, theirs, strict=True) if grad is not None}
    return record.made[id(result)], tuple(record.asked), found


def gradients(
    torch: Any, function: Any, tensors: Mapping[str, Any], placed: Placed, first: Any, name: str
) -> list[Any]:
    """What torch's own backward has at every leaf; None where the result does not depend on it."""
    fresh = {argument: tensor.clone().requires_grad_() for argument, tensor in tensors.items()}
    with torch.enable_grad():
        again = placed(function, fresh)
    if not torch.allclose(again.detach(), first, equal_nan=True):
        raise EngineError(
            f"{name} gives another number each time it is called, {as_array(first)!r:.40} and "
            f"then {as_array(again)!r:.40}: take what is random out of it"
        )
    if again.numel() != 1 or not again.requires_grad:
        return [None] * len(tensors)
    found = torch.autograd.grad(again.sum(), list(fresh.values()), allow_unused=True)
    return [None if grad is None else as_array(grad) for grad in found]


def as_array(tensor: Any) -> Any:
    """A tensor as a float or a float64 array."""
    array = tensor.detach().cpu().double().numpy().copy()
    return array if array.ndim else float(array)


class Recorder:
    """Hears of every op that torch runs, and runs the row that stands for it on Nodes.

    Attributes:
        made: {id of a tensor: its Node}; `kept` keeps those tensors, so that no id is used twice.
        asked: the nodes an `if` was decided by.
    """

    def __init__(self, torch: Any, name: str) -> None:
        self.torch, self.name = torch, name
        self.made: dict[int, Node] = {}
        self.kept: list[Any] = []
        self.asked: list[Node] = []

    @property
    def dispatch(self) -> Callable[..., Any]:
        """What torch calls for every op."""

        def dispatch(mode: Any, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = op(*args, **(kwargs or {}))
            self.hear(op.overloadpacket.__name__, args, kwargs or {}, result)
            return result

        return dispatch

    def hear(self, op: str, args: Any, kwargs: Mapping[str, Any], result: Any) -> None:
        given = [self.ours(arg) for arg in args]
        nodes = [node for arg in given for node in (arg if isinstance(arg, list) else [arg])
                 if isinstance(node, Node)]  # fmt: skip
        if not nodes:
            return
        if op == "_local_scalar_dense":
            self.ask(nodes[0], isinstance(result, bool))
            return
        if op in SHAPES:
            row: Callable[..., Any] = partial(SHAPES[op], shape=tuple(result.shape))
            given = given[:1]
        elif op in ROWS:
            row = ROWS[op]
        else:
            remedy = "; write x = x + 1 for x.add_(1)" if op.endswith("_") else ""
            raise EngineError(
                f"{self.used(op, nodes)}, and no op of this engine stands for it{remedy}"
            )
        options = {key: self.ours(v) for key, v in kwargs.items() if v is not None}
        try:
            found = row(*given, **(options if row is not same else {}))
        except (EngineError, TypeError, ValueError, IndexError) as error:
            raise EngineError(
                f"{self.used(op, nodes)}, which cannot be done here: {error}"
            ) from None
        several = isinstance(result, (list, tuple))
        for ours, theirs in zip(found if several else [found], result if several else [result],
                                strict=True):  # fmt: skip
            if ours is not None:
                self.keep(op, nodes, ours, theirs)

    def ours(self, given: Any) -> Any:
        """A Node for a tensor that came of the arguments, an array for any other."""
        if isinstance(given, (list, tuple)):
            return [self.ours(one) for one in given]
        if not isinstance(given, self.torch.Tensor):
            return given
        return self.made[id(given)] if id(given) in self.made else as_array(given)

    def keep(self, op: str, nodes: list[Node], ours: Any, theirs: Any) -> None:
        held = [node.value for node in nodes]
        values = as_array(theirs)
        single = np.float64(0) if theirs.dtype == self.torch.float64 else np.float32(0)
        if not isinstance(ours, Node) or not agrees(ours.value, values, held, single):
            raise EngineError(
                f"{self.used(op, nodes)} and gets {values!r:.60}; this engine gets "
                f"{getattr(ours, 'value', ours)!r:.60}: was a tensor changed in place?"
            )
        self.made[id(theirs)] = ours
        self.kept.append(theirs)

    def ask(self, node: Node, is_truth: bool) -> None:
        if not is_truth:
            raise EngineError(
                f"{self.name} takes the number out of {describe(node)}, by item() or float(): from "
                "there on nothing depends on it any more; go on with the tensor"
            )
        self.asked.append(node)

    def used(self, op: str, nodes: list[Node]) -> str:
        return f"{self.name} uses torch's {op!r} on {describe(nodes[0])}"
