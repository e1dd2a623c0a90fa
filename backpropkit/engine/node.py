"""Node: one value of a computation and how it was made; leaves, `apply`.

A Node holds a value (a Python float, or a read-only float64 array), the name of the op that made
it and the nodes it was made from. That is the whole graph: there is no tape and no closure, so a
graph nobody holds any more is freed at once.
"""

from __future__ import annotations

import itertools
import math
import operator
import sys
from _thread import RLock  # threading's own, without what else that loads
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Number
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..terms import EngineError as EngineError
from ..terms.numerics import run
from ..terms.readonly import ReadOnly
from .recording import asked, blocks, recording

Value: TypeAlias = float | NDArray[np.float64]

ndarray, FLOAT64 = np.ndarray, np.dtype(np.float64)
new = object.__new__
clock = itertools.count()  # every node is stamped at birth; see `Node.birth`
fresh: set[int] = set()  # births of nodes nothing old lies below; see `check_fresh`
NO_PARAMS: dict[str, Any] = {}
CUT = {"by": "no_grad"}  # what a constant keeps that would have been computed from a variable
LEAVES = {"var", "const"}
LARGEST = int(sys.float_info.max)


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
    symbol: str = ""  # what a picture writes in the node's corner
    source: str = ""  # how generated code writes it: "{0} + {1}"; empty: a call by name
    binds: int = 9  # how tightly that text binds, to place brackets: + 1, * 2, - (sign) 3, ** 4


TABLE: dict[str, Op] = {}  # filled by rules.py


def settle(value: Any) -> Any:
    """A float for a single number, a read-only float64 array for anything larger."""
    if value.__class__ is float:
        return value
    if isinstance(value, ndarray) and value.ndim:
        if value.dtype is not FLOAT64:
            if value.dtype.kind == "c":
                raise TypeError("the result is complex, and the engine knows real numbers only")
            value = value.astype(FLOAT64)
        value.setflags(False)
        return value
    return float(value)


def read_value(given: Any, what: str) -> Any:
    """What a caller handed in, copied into a value; EngineError for anything but real numbers."""
    if given.__class__ is float or (given.__class__ is int and -LARGEST <= given <= LARGEST):
        return float(given)
    if given.__class__ is ndarray and given.dtype is FLOAT64 and given.ndim:
        given = given.copy()
        given.setflags(False)
        return given
    if isinstance(given, Node):
        remedy = "a node already, use it as it is" if what in LEAVES else "node.value is its number"
        raise EngineError(f"{what} was given {describe(given)}: {remedy}")
    listed = given.flat if isinstance(given, ndarray) and given.dtype.kind == "O" else given
    rows = listed if isinstance(listed, (list, tuple, np.flatiter)) else ()
    if any(isinstance(x, Node) for r in rows for x in (r if isinstance(r, (list, tuple)) else [r])):
        raise EngineError(f"{what} was given a list with nodes in it: bp.stack makes one of them")
    try:
        array = np.array(given)
        if array.dtype == object and all(isinstance(x, Number) for x in array.flat):
            array = array.astype(float)  # a Fraction, a Decimal, large whole numbers
        numeric = array.dtype.kind in ("fiu" if what == "var" and not array.ndim else "fiub")
        masked = sys.modules.get("numpy.ma")  # nobody has a masked array before it is loaded
        numeric = numeric and not (masked and masked.is_masked(given))
        numeric = numeric and not isinstance(given, np.matrix)  # whose * and ** are other products
    except (OverflowError, TypeError, ValueError):  # rows of different lengths
        array, numeric = np.array(None), False
    if not numeric:
        root = ", which is complex: was a root taken of a negative number on the way?"
        raise EngineError(
            f"{what} takes a number or an array of real numbers, and was given "
            f"{given!r:.60} (a {type(given).__name__}){root if array.dtype.kind == 'c' else ''}"
        )
    return settle(array.astype(np.float64, copy=False))


def read_like(given: Any, what: str, shape: tuple[int, ...], remedy: str = "") -> Any:
    """The same, of one shape only."""
    value = read_value(given, what)
    if np.shape(value) != shape:
        raise EngineError(
            f"{what} has shape {shape}, and was given a value of shape {np.shape(value)}{remedy}"
        )
    return value


def both_sides(op: str) -> tuple[Callable[[Any, Any], Node], Callable[[Any, Any], Node]]:
    """The methods for node ∘ other and other ∘ node: `record` where every nanosecond shows."""

    def method(a: Any, b: Any) -> Node:
        if a.__class__ is not Node:
            a = Node(a, "const") if a.__class__ is float else const(a)
        elif b.__class__ is not Node:
            b = Node(b, "const") if b.__class__ is float else const(b)
        x, y = a._value, b._value
        try:
            forward = TABLE[op].forward
            value = forward(x, y)
            if value.__class__ is not float:
                value = settle(value)
        except (ArithmeticError, RuntimeWarning, TypeError, ValueError):
            value = compute(op, (a, b), (x, y))
        if blocks and not recording():
            return unrecorded(value, (a, b))
        node = new(Node)  # as __init__ does, without the price of a call
        node._value = value
        node.op = op
        node.args = (a, b)
        node.inputs = (x, y)
        node.params = NO_PARAMS
        node.name = ""
        node._grad = None
        node.birth = next(clock)
        return node

    def reflected(b: Any, a: Any) -> Node:
        return method(a, b)

    return method, reflected


def equality(op: str) -> Callable[[Any, Any], Any]:
    """The method for == or !=, entry by entry; what is no number is never equal to a node."""

    def method(self: Node, other: Any) -> Any:
        if other.__class__ is not Node:
            try:
                other = const(other)
            except EngineError:
                return NotImplemented
        return record(op, (self, other))

    return method


class Sweeps:
    """What all sweeps share, which go through the gradients of the nodes: one at a time."""

    def __init__(self) -> None:
        self.alone = RLock()
        self.begun = self.ended = 0  # that took those gradients, and gave them back
        self.underway = False
        self.fresh = 0  # how many times a backward started fresh


sweeps = Sweeps()


class Earlier:
    """A leaf's gradient at a value it no longer has: itself until the next `backward()`, then 0."""

    def __init__(self, g: Any) -> None:
        self.g, self.then = g, sweeps.fresh

    def shown(self) -> Any:
        return self.g if self.then >= sweeps.fresh else settle(np.zeros(np.shape(self.g)))

    def __add__(self, other: Any) -> Any:
        return self.shown() + other


class Node:
    """A value in a computation graph.

    Attributes:
        value: a float, or a read-only float64 array. A leaf may be given a new value; what was
            computed from the old one does not follow by itself (see `Graph.replay`).
        grad: the gradient of the last `backward()` that reached the node, shaped like value; None
            before. Once a leaf was given a new value, it is 0 after a backward() that does not
            reach it: what an older one found is no gradient of this result, nor of this value.
            It may be set, to None, to a value of its shape or to one number for every entry.
        op: the name of its row in the table; "var" or "const" for a leaf.
        args: the nodes it was computed from, in order; inputs: the values they had then, which is
            what a gate caches for its gradient rule.
        name: what pictures and generated source call it; "" if unnamed.
        birth: a counter. Arguments are born before results, so sorting by birth is a topological
            order. A node that is given a new value is born again: that is how a stale result shows.

    What else Python and NumPy call on it, or is refused, is in backpropkit/fluent/.

    >>> a = var(2.0, name="a")
    >>> e = (a * -3.0).named("e")
    >>> e.value, e.op, e.args[0].name
    (-6.0, 'mul', 'a')
    """

    __slots__ = ("_grad", "_value", "args", "birth", "inputs", "name", "op", "params")

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
        self._grad: Any = None
        self.birth = next(clock)

    @property
    def value(self) -> Any:
        value = self._value
        return value.view(ReadOnly) if value.__class__ is ndarray else value

    @value.setter
    def value(self, new: Any) -> None:
        if self.args:
            raise EngineError(
                f"{describe(self)} is computed, and cannot be given a value: give its leaves new "
                "ones and run the forward pass again, or hold it with Graph.replay"
            )
        self._value = read_like(new, describe(self), self.shape)
        self.birth = next(clock)
        fresh.clear()
        if self._grad is not None:
            self._grad = Earlier(self.grad)

    @property
    def grad(self) -> Any:
        before, g = sweeps.ended, self._grad
        if sweeps.begun != before:  # another thread's sweep may be underway
            with sweeps.alone:
                g = self._grad
        if g.__class__ is float:
            return g
        if g.__class__ is Earlier:
            g = g.shown()
        if g.__class__ is ndarray:
            g = g.view(ReadOnly)
            g.setflags(write=False)
        return g

    @grad.setter
    def grad(self, new: Any) -> None:
        if new is not None:
            what = f"the gradient of {describe(self)}"
            new = read_value(new, what)
            if self.shape and new.__class__ is float:  # W.grad = 0
                new = settle(np.full(self.shape, new))
            new = read_like(new, what, self.shape)
        self._grad = new

    def named(self, name: str) -> Node:
        """The same node, called `name` in pictures and sources."""
        self.name = name
        return self

    backward: Callable[..., None]  # fills `.grad` on every node below; sweep.py puts it here
    reduced: Callable[..., Any]  # how it is pickled and copied; fluent/copies.py puts it here

    __copy__: Callable[..., Any]

    def __reduce__(self) -> Any:
        return self.reduced()

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
    __mod__, __rmod__ = both_sides("remainder")
    __gt__, __lt__ = both_sides("greater")
    __ge__, __le__ = both_sides("greater_equal")
    __eq__ = equality("equal")
    __ne__ = equality("not_equal")
    __hash__ = object.__hash__  # by identity: two nodes of one value are two keys

    def __pow__(self, other: Any, modulus: Any = None) -> Node:
        if modulus is not None:
            raise EngineError(
                "pow(node, n, modulus) is of whole numbers: write node ** n % modulus"
            )
        if isinstance(other, Node):
            return record("pow", (self, other))
        # a fixed exponent has a rule of its own: no log needed
        if not isinstance(other, (int, float)) or isinstance(other, np.generic):
            whole = isinstance(other, np.integer)
            other = int(other) if whole else read_value(other, "power")
        return record("power", (self,), {"n": other})

    def __rpow__(self, other: Any) -> Node:
        return record("pow", (other, self))

    def __neg__(self) -> Node:
        return record("neg", (self,))

    def __pos__(self) -> Node:
        return self * 1.0

    def __abs__(self) -> Node:
        return record("abs", (self,))

    def __getitem__(self, index: Any) -> Node:
        return record("getitem", (self,), {"index": frozen(index)})

    @property
    def T(self) -> Node:
        return record("transpose", (self,), {"axes": None})

    @property
    def mT(self) -> Node:
        before = tuple(range(self.ndim - 2))
        axes = (*before, self.ndim - 1, self.ndim - 2) if before else None
        return record("transpose", (self,), {"axes": axes})

    def __bool__(self) -> bool:
        if self.shape:
            raise EngineError(
                f"{describe(self)} has no single truth value: ask np.all(node.value) or "
                "np.any(node.value), or choose entry by entry with bp.where"
                + ("; any(a is b for b in nodes) asks if a is among them" * (self.op == "equal"))
            )
        if (whose := asked.get()) is not None:
            whose.append(self)
        return bool(self._value)

    def __repr__(self) -> str:
        text = f"{self._value:.6g}" if self._value.__class__ is float else f"shape {self.shape}"
        return f"<{self.name or 'node'}: {text}, {self.op}>"


def frozen(index: Any) -> Any:
    """An index nobody can change later; EngineError for a node in it."""
    if isinstance(index, tuple):
        return tuple(map(frozen, index))
    if isinstance(index, Node):
        raise EngineError(
            f"{describe(index)} cannot be an index, which has no slope: write int(node.value), or "
            "node.value > 0 for a mask"
        )
    if index is None or index is ... or isinstance(index, (bool, np.bool, slice)):
        return index
    if hasattr(type(index), "__index__") and not isinstance(index, np.ndarray):
        return operator.index(index)
    copied = np.array(index)
    return copied if copied.size or isinstance(index, np.ndarray) else copied.astype(int)


def describe(node: Node, value: Any = None) -> str:
    """How messages speak of a node: what it is, what it is called, how large (or held at what)."""
    value = node._value if value is None else value
    size = f"shape {node.shape}" if node.shape else f"value {value:.6g}"
    if node.op in LEAVES:
        kind, one = ("leaf", "an unnamed") if node.op == "var" else ("constant", "a")
        return f"{kind} {node.name!r} ({size})" if node.name else f"{one} {kind} ({size})"
    made = f"{node.op}({', '.join(map(briefly, node.args[:4]))}{', …' * (len(node.args) > 4)})"
    return f"node {node.name!r} = {made} ({size})" if node.name else f"the node {made} ({size})"


def briefly(arg: Node) -> str:
    """An argument inside of a call: its name, its number, or what kind of array it is."""
    if arg.name or not arg.shape:
        return str(arg.name or f"{arg._value:g}")
    return "array" if arg.op in LEAVES else f"{arg.op}(…)"


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


def apply(op: str, *args: Any, **params: Any) -> Any:
    """Run one row of the table: recorded if an argument is a Node, plain NumPy otherwise."""
    for arg in args:
        if arg.__class__ is Node:
            return record(op, args, params)
    values = [a if real(a) else read_value(a, op) for a in args]
    try:
        value = run(TABLE[op].forward, values, params)
    except TypeError as error:
        raise EngineError(f"{op} cannot be computed from {args!r:.80}: {error}") from error
    if not isinstance(value, ndarray) or not value.ndim:
        return float(value)
    return value if value.flags.writeable else value.copy()  # what was read is nobody else's


def real(x: Any) -> bool:
    """Whether x is a float or an array of floats, at a glance."""
    return isinstance(x, float) or (x.__class__ is ndarray and x.dtype is FLOAT64)


def record(op: str, args: tuple[Any, ...], params: Mapping[str, Any] = NO_PARAMS) -> Node:
    """The node that `op` makes of `args`; numbers and arrays among them become constants."""
    nodes = tuple([a if a.__class__ is Node else const(a) for a in args])
    inputs = tuple([n._value for n in nodes])
    value = compute(op, nodes, inputs, params)
    if blocks and not recording():
        return unrecorded(value, nodes)
    return Node(value, op, nodes, inputs, params)


def unrecorded(value: Any, args: tuple[Node, ...]) -> Node:
    """What an op makes inside no_grad: a constant, which knows if it was no constant outside."""
    cut = any(a.op != "const" or a.params for a in args)
    return Node(value, "const", (), (), CUT if cut else NO_PARAMS)


def check_recorded(result: Node, whose: str) -> None:
    """Raise EngineError if the result of a function depends on more than no_grad let it record."""
    if result.op == "const" and result.params:
        raise EngineError(
            f"what {whose} returns was computed inside no_grad, where nothing is recorded, and its "
            "gradient is lost: leave no_grad out of it"
        )


def compute(
    op: str, nodes: tuple[Node, ...], inputs: Any, params: Mapping[str, Any] = NO_PARAMS
) -> Any:
    """What `op` makes of `inputs`, the values of `nodes`."""
    try:
        try:
            return settle(TABLE[op].forward(*inputs, **params))
        except (FloatingPointError, RuntimeWarning):
            return settle(run(TABLE[op].forward, inputs, params))
    except (ArithmeticError, IndexError, TypeError, ValueError) as error:
        given = " and ".join(map(describe, nodes[:4], inputs)) + " and more" * (len(nodes) > 4)
        raise EngineError(f"{op} cannot be computed from {given}: {error}") from error
