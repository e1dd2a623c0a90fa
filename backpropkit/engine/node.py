"""Node: one value of a computation and how it was made; leaves, `no_grad`, `apply`.

A Node holds a value (a Python float, or a read-only float64 array), the name of the op that made
it and the nodes it was made from. That is the whole graph: there is no tape and no closure, so a
graph nobody holds any more is freed at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = float | NDArray[np.float64]

clock = itertools.count()  # every node is stamped at birth; see `Node.birth`
NO_PARAMS: dict[str, Any] = {}
LEAVES = {"var", "const"}


class EngineError(ValueError):
    """Something the engine cannot do, in a sentence that names the op, the node and the shapes."""


@dataclass(frozen=True, slots=True)
class Op:
    """One row of the table in rules.py.

    forward(*values, **params) gives the value; gradient(g, y, *arguments, **params) gives one
    contribution for every argument (None: nothing flows back), where g is the incoming gradient
    and y the result.
    `saves` lists what the gradient reads: y, and a, b, c for the first, second, third argument.
    """

    name: str
    forward: Callable[..., Any]
    gradient: Callable[..., tuple[Any, ...]]
    saves: str = ""
    gate: str = "scales by its slope"
    symbol: str = ""  # what a picture writes in the node's corner
    source: str = ""  # how generated code writes it: "{0} + {1}"; empty: a call by name
    binds: int = 9  # how tightly that text binds, to place brackets: + 1, * 2, - (sign) 3, ** 4


TABLE: dict[str, Op] = {}  # filled by rules.py
FORWARDS: dict[str, Callable[..., Any]] = {}  # its columns, for the two hot loops
GRADIENTS: dict[str, Callable[..., tuple[Any, ...]]] = {}
UFUNCS: dict[Any, str] = {}  # NumPy's name for an op
_recording = True


def settle(value: Any) -> Any:
    """A float for a single number, a read-only float64 array for anything larger."""
    if value.__class__ is float:
        return value
    if isinstance(value, np.ndarray) and value.ndim:
        if value.dtype != np.float64:
            value = value.astype(np.float64)
        value.setflags(write=False)
        return value
    return float(value)


def read_value(given: Any, what: str) -> Any:
    """What a caller handed in, copied into a value; EngineError for anything but real numbers."""
    if given.__class__ is float or given.__class__ is int:
        return float(given)
    if isinstance(given, Node):
        raise EngineError(f"{what} was given {describe(given)}: a node already, use it as it is")
    try:
        array = np.array(given)
        numeric = array.dtype.kind in ("fiub" if array.ndim else "fiu")  # masks, yes; True, no
    except ValueError:  # rows of different lengths
        numeric = False
    if not numeric:
        raise EngineError(
            f"{what} takes a number or an array of real numbers, and was given "
            f"{given!r:.60} (a {type(given).__name__})"
        )
    return settle(array.astype(np.float64, copy=False))


def both_sides(op: str) -> tuple[Callable[[Any, Any], Node], Callable[[Any, Any], Node]]:
    """The methods for node ∘ other and other ∘ node: `record` where every nanosecond shows."""

    def method(a: Any, b: Any) -> Node:
        if a.__class__ is not Node:
            a = Node(a, "const") if a.__class__ is float else const(a)
        elif b.__class__ is not Node:
            b = Node(b, "const") if b.__class__ is float else const(b)
        x, y = a._value, b._value
        try:
            value = FORWARDS[op](x, y)
            if value.__class__ is not float:
                value = settle(value)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise blame(op, (a, b), error) from error
        return Node(value, op, (a, b), (x, y)) if _recording else Node(value, "const")

    return method, lambda self, other: method(other, self)


class Node:
    """A value in a computation graph.

    Attributes:
        value: a float, or a read-only float64 array. Giving a node a new value is allowed; what was
            computed from the old one does not follow by itself (see `Graph.replay`).
        grad: the gradient of the last `backward()`, shaped like value; None before.
        op: the name of its row in the table; "var" or "const" for a leaf.
        args: the nodes it was computed from, in order; inputs: the values they had then, which is
            what a gate caches for its gradient rule.
        name: what pictures and generated source call it; "" if unnamed.
        birth: a counter. Arguments are born before results, so sorting by birth is a topological
            order. A node that is given a new value is born again: that is how a stale result shows.

    >>> a = var(2.0, name="a")
    >>> e = (a * -3.0).named("e")
    >>> e.value, e.op, e.args[0].name
    (-6.0, 'mul', 'a')
    """

    __slots__ = ("_value", "args", "birth", "grad", "inputs", "name", "op", "params")

    def __init__(
        self,
        value: Value,
        op: str,
        args: tuple[Node, ...] = (),
        inputs: tuple[Any, ...] = (),
        params: Mapping[str, Any] = NO_PARAMS,
        name: str = "",
    ) -> None:
        self._value: Any = value
        self.op = op
        self.args = args
        self.inputs = inputs
        self.params = params
        self.name = name
        self.grad: Any = None
        self.birth = next(clock)

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, new: Any) -> None:
        new = read_value(new, f"{describe(self)}")
        if np.shape(new) != self.shape:
            raise EngineError(f"{describe(self)} cannot take a value of shape {np.shape(new)}")
        self._value = new
        self.birth = next(clock)

    def named(self, name: str) -> Node:
        """The same node, called `name` in pictures and sources."""
        self.name = name
        return self

    def backward(self, **options: Any) -> None:
        """Fill `.grad` on every node below; see `backpropkit.backward`."""
        from .sweep import backward

        backward(self, **options)

    @property
    def shape(self) -> tuple[int, ...]:
        return () if self._value.__class__ is float else self._value.shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{describe(self)} is a single number and has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self)))

    __add__, __radd__ = both_sides("add")
    __sub__, __rsub__ = both_sides("sub")
    __mul__, __rmul__ = both_sides("mul")
    __truediv__, __rtruediv__ = both_sides("div")
    __matmul__, __rmatmul__ = both_sides("matmul")
    __gt__, __lt__ = both_sides("greater")
    __ge__, __le__ = both_sides("greater_equal")

    def __pow__(self, other: Any) -> Node:
        if isinstance(other, (int, float)):  # a fixed exponent has a rule of its own: no log needed
            return record("power", (self,), {"n": other})
        return record("pow", (self, other))

    def __rpow__(self, other: Any) -> Node:
        return record("pow", (other, self))

    def __neg__(self) -> Node:
        return record("neg", (self,))

    def __abs__(self) -> Node:
        return record("abs", (self,))

    def __getitem__(self, index: Any) -> Node:
        return record("getitem", (self,), {"index": index})

    @property
    def T(self) -> Node:
        return record("transpose", (self,), {"axes": None})

    @property
    def mT(self) -> Node:
        before = tuple(range(self.ndim - 2))
        axes = (*before, self.ndim - 1, self.ndim - 2) if before else None
        return record("transpose", (self,), {"axes": axes})

    def sum(self, axis: Any = None, keepdims: bool = False, out: None = None) -> Node:
        return record("sum", (self,), {"axis": axis, "keepdims": keepdims})

    def mean(
        self, axis: Any = None, keepdims: bool = False, dtype: None = None, out: None = None
    ) -> Node:
        return record("mean", (self,), {"axis": axis, "keepdims": keepdims})

    def reshape(self, *shape: Any) -> Node:
        return record("reshape", (self,), {"shape": shape[0] if len(shape) == 1 else shape})

    def __bool__(self) -> bool:
        return bool(self._value)

    def __float__(self) -> float:
        return float(self._value)

    def __repr__(self) -> str:
        text = f"{self._value:.6g}" if self._value.__class__ is float else f"shape {self.shape}"
        return f"<{self.name or 'node'}: {text}, {self.op}>"

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """np.exp(node), array * node and their like are recorded too."""
        op = UFUNCS.get(ufunc)
        if op is None or method != "__call__" or options:
            raise EngineError(
                f"np.{ufunc.__name__} does not know {describe(self)}: "
                "use the function of backpropkit, or node.value for the bare number"
            )
        return apply(op, *inputs)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise EngineError(
            f"{describe(self)} was given to a function of NumPy that cannot record it: "
            "use the function of backpropkit, or node.value for the bare number"
        )


def describe(node: Node) -> str:
    """How messages speak of a node: what it is, what it is called, how large."""
    size = f"shape {node.shape}" if node.shape else f"value {node._value:.6g}"
    if node.op in LEAVES:
        return f"{'leaf' if node.op == 'var' else 'constant'} {node.name!r} ({size})"
    inputs = ", ".join(
        arg.name or (f"{arg._value:g}" if not arg.shape else arg.op) for arg in node.args
    )
    return f"node {node.name!r} = {node.op}({inputs}) ({size})"


def var(value: Any, name: str = "") -> Node:
    """A leaf to train: a number, a list or an array (copied, as float64).

    Raises EngineError for anything else.

    >>> var([[1, 2], [3, 4]], name="W").value
    array([[1., 2.],
           [3., 4.]])
    """
    if value.__class__ is not float:
        value = read_value(value, "var")
    return Node(value, "var", (), (), NO_PARAMS, name)


def const(value: Any, name: str = "") -> Node:
    """A leaf that is not trained: data, or a fixed number.

    >>> const(3.0) * var(2.0)
    <node: 6, mul>
    """
    return Node(read_value(value, "const"), "const", (), (), NO_PARAMS, name)


@contextmanager
def no_grad() -> Iterator[None]:
    """Inside, results are computed but not recorded: they are constants and keep nothing alive.

    >>> with no_grad():
    ...     y = var(2.0) * 3.0
    >>> y.args
    ()
    """
    global _recording
    before, _recording = _recording, False
    try:
        yield
    finally:
        _recording = before


def apply(op: str, *args: Any, **params: Any) -> Any:
    """Run one row of the table: recorded if an argument is a Node, plain NumPy otherwise."""
    for arg in args:
        if arg.__class__ is Node:
            return record(op, args, params)
    value = TABLE[op].forward(*args, **params)
    return value if np.ndim(value) else float(value)


def record(op: str, args: tuple[Any, ...], params: Mapping[str, Any] = NO_PARAMS) -> Node:
    """The node that `op` makes of `args`; numbers and arrays among them become constants."""
    nodes = tuple([a if a.__class__ is Node else const(a) for a in args])
    inputs = tuple([n._value for n in nodes])
    value = compute(op, nodes, inputs, params)
    return Node(value, op, nodes, inputs, params) if _recording else Node(value, "const")


def compute(op: str, nodes: tuple[Node, ...], inputs: Any, params: Mapping[str, Any]) -> Any:
    """What `op` makes of `inputs`, the values of `nodes`."""
    try:
        return settle(TABLE[op].forward(*inputs, **params))
    except (ArithmeticError, IndexError, TypeError, ValueError) as error:
        raise blame(op, nodes, error) from error


def blame(op: str, nodes: tuple[Node, ...], error: Exception) -> EngineError:
    """The sentence for an op that could not be computed."""
    given = " and ".join(describe(n) for n in nodes)
    return EngineError(f"{op} cannot be computed from {given}: {error}")
