"""Terms: expressions, shared, folded and rewritten as they are made; PATTERNS is the algebra.

Equal terms are one object, so what appears twice is computed once; constants are folded; what no
output needs is never reached. Nothing here knows of gradients: the engine's source.py brings its
nodes as terms, and prints what is left of them.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from .numerics import run

# Left becomes right where both have the same shape. x, y: anything; X, Y: arrays; M, N: no stacks;
# S: a matrix that is symmetric by the way it is made; I: a multiple c·I of the identity; c, k:
# constant numbers; s: a single number. Functions are ops by name. No number is moved out of a
# product of matrices, which without it may be too large, or 0.
PATTERNS = """
    x + 0 = x;  0 + x = x;  x - 0 = x;  0 - x = -x;  x * 1 = x;  1 * x = x;  x / 1 = x;  x ** 1 = x
    -1 * x = -x;  x * -1 = -x;  --x = x;  -(x - y) = y - x
    (c * X) @ Y + (c * X) @ Y = ((2 * c) * X) @ Y;  x + x = 2 * x
    x + -y = x - y;  -x + y = y - x;  x - -y = x + y
    -x * y = -(x * y);  x * -y = -(x * y);  -x / y = -(x / y);  x / -y = -(x / y)
    -x @ y = -(x @ y);  x @ -y = -(x @ y);  (-X).T = -(X.T)
    X * s = s * X;  x * c = c * x;  c * (k * x) = (c * k) * x
    I @ X = c * X;  X @ I = c * X
    X @ M + Y @ M = (X + Y) @ M;  X @ M - Y @ M = (X - Y) @ M
    S.T = S;  X.T.T = X;  (s * X).T = s * X.T
    (X.T @ Y).T = Y.T @ X;  (X @ Y.T).T = Y @ X.T;  (S @ Y).T = Y.T @ S;  (X @ S).T = S @ X.T
    trace(M @ N) = sum(M * N.T)
    broadcast_to(x) + Y = x + Y;  X + broadcast_to(y) = X + y
    broadcast_to(x) - Y = x - Y;  X - broadcast_to(y) = X - y
    broadcast_to(x) * Y = x * Y;  X * broadcast_to(y) = X * y
    broadcast_to(x) / Y = x / Y;  X / broadcast_to(y) = X / y
    broadcast_to(x) = x;  reshape(x) = x
"""
NO_PARAMS: dict[str, Any] = {}
INFIX = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul"}
TOTAL = {"axis": None, "keepdims": False}
DEFAULTS: dict[str, dict[str, Any]] = {"sum": TOTAL, "transpose": {"axes": None}}


@dataclass(eq=False, slots=True)
class Term:
    """An op on terms; `number` is its value if it is constant."""

    op: str
    args: tuple[Term, ...]
    params: Mapping[str, Any]
    shape: tuple[int, ...]
    number: Any = None
    symmetric: bool = False

    def __post_init__(self) -> None:
        self.symmetric = len(self.shape) == 2 and symmetric(self)


def parse(tree: ast.expr) -> Any:
    """A side of a pattern: a number, the name of a variable, or (op, *sides)."""
    match tree:
        case ast.Constant(value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(name):
            return name
        case ast.UnaryOp(ast.USub(), ast.Constant(value)):
            return -float(value)  # type: ignore[arg-type]
        case ast.UnaryOp(ast.USub(), operand):
            return "neg", parse(operand)
        case ast.BinOp(base, ast.Pow(), ast.Constant()):
            return "power", parse(base)
        case ast.BinOp(left, how, right):
            return INFIX[type(how)], parse(left), parse(right)
        case ast.Attribute(value, "T"):
            return "transpose", parse(value)
        case ast.Call(ast.Name(name), args):
            return name, *map(parse, args)
    raise SyntaxError(f"a pattern cannot hold {ast.dump(tree)}")


@cache
def patterns() -> dict[str, list[tuple[Any, Any]]]:
    """The table, read: for every op the (left, right) of its patterns."""
    table: dict[str, list[tuple[Any, Any]]] = {}
    for pattern in PATTERNS.strip().replace("\n", ";").split(";"):
        left, right = (parse(ast.parse(s.strip(), mode="eval").body) for s in pattern.split(" = "))
        table.setdefault(left[0], []).append((left, right))
    return table


def matches(side: Any, term: Term, found: dict[str, Term]) -> bool:
    """Whether a term has the form of a side; what its variables stand for goes into `found`."""
    if isinstance(side, float):
        return term.number.__class__ is float and term.number == side
    if isinstance(side, str):
        return fits(side, term) and found.setdefault(side, term) is term
    if side[0] != term.op or (term.op == "transpose" and len(term.shape) != 2):
        return False
    if term.op == "power" and not np.array_equal(term.params["n"], 1):
        return False
    return all(map(matches, side[1:], term.args, [found] * len(term.args)))


def fits(variable: str, term: Term) -> bool:
    if variable in "ck":  # of a size that their product has a value, and is not 0
        return term.number.__class__ is float and 1e-150 < abs(term.number) < 1e150
    if variable in "MN":
        return len(term.shape) in (1, 2)
    if variable == "s":
        return not term.shape
    if variable == "S":
        return term.symmetric
    if variable == "I":
        return multiple_of_identity(term.number) is not None
    return bool(term.shape) or variable.islower()


def multiple_of_identity(number: Any) -> float | None:
    """c, if a constant is the matrix c·I."""
    if np.ndim(number) != 2 or number.shape[0] != number.shape[1] or not number.size:
        return None
    c = float(number[0, 0])
    return c if np.array_equal(number, c * np.eye(len(number))) else None


def symmetric(term: Term) -> bool:
    """Whether a matrix equals its transpose by the way it is made."""
    match term:
        case Term("const"):
            return np.array_equal(term.number, term.number.T)
        case Term("inverse_of_factor"):
            return True
        case Term("matmul", (left, Term("transpose", (right,)))) if left is right:
            return True
        case Term("matmul", (Term("transpose", (left,)), right)) if left is right:
            return True
        case Term("matmul", (Term("matmul", (left, middle)), right)) if left is right:
            return right.symmetric and middle.symmetric
        case Term("add" | "sub" | "mul" | "div" | "neg" | "inv", args):
            return all(a.symmetric or not a.shape for a in args)
    return False


@dataclass
class Terms:
    """The terms made so far, by what they are; making one twice gives the same object.

    `forward` gives what computes an op on values: constants are folded with it.
    """

    forward: Callable[[str], Callable[..., Any]]
    made: dict[Any, Term] = field(default_factory=dict)

    def constant(self, value: Any) -> Term:
        """A constant; an array of equal entries is one number, spread."""
        value = np.asarray(value, dtype=float) if np.ndim(value) else float(value)
        digits = np.asarray(value).tobytes()  # −0.0 equals 0.0, and is another number
        if value.__class__ is not float and value.size > 1 and digits == digits[:8] * value.size:
            one = self.constant(float(value.flat[0]))
            return self.make("broadcast_to", (one,), {"shape": value.shape}, value.shape)
        key = np.shape(value), digits
        term = Term("const", (), NO_PARAMS, np.shape(value), value)
        return self.made.setdefault(("const", key), term)

    def make(
        self, op: str, args: tuple[Term, ...], params: Mapping[str, Any], shape: tuple[int, ...]
    ) -> Term:
        """The term, tidied: folded if its arguments are constant, rewritten if a pattern fits."""
        # (1, 0) is what None is, and (0, 1) nothing
        if op == "transpose" and params["axes"] is not None:
            axes = tuple(i % len(shape) for i in params["axes"])
            params = {"axes": None if axes == tuple(range(len(shape)))[::-1] else axes}
            if axes == tuple(range(len(shape))):
                return args[0]
        if op != "broadcast_to" and all(a.op == "const" for a in args):
            return self.constant(run(self.forward(op), [a.number for a in args], params))
        key = (op, *map(id, args), *map(hashable, params.items()))
        if key not in self.made:
            self.made[key] = self.rewritten(Term(op, args, params, shape))
        return self.made[key]

    def rewritten(self, term: Term) -> Term:
        if term.op in IN_OTHER_WORDS:
            return IN_OTHER_WORDS[term.op](self, term) or term
        for left, right in patterns().get(term.op, ()):
            found: dict[str, Term] = {}
            if matches(left, term, found):
                if "I" in found:
                    found["c"] = self.constant(multiple_of_identity(found["I"].number))
                better = self.build(right, found)
                if better.shape == term.shape:
                    return better
        return term

    def build(self, side: Any, found: Mapping[str, Term]) -> Term:
        if isinstance(side, float):
            return self.constant(side)
        if isinstance(side, str):
            return found[side]
        op, *sides = side
        args = tuple(self.build(s, found) for s in sides)
        shapes = [a.shape for a in args]
        if op == "matmul":
            shape = shape_of_product(*shapes)
        elif op == "transpose":
            shape = shapes[0][::-1]
        else:
            shape = () if op == "sum" else np.broadcast_shapes(*shapes)
        return self.make(op, args, DEFAULTS.get(op, NO_PARAMS), shape)


def shape_of_product(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Of a @ b: a row for every one of a (if a is no vector), a column for every one of b."""
    rows, columns = a[-2:-1], b[-1:] if len(b) > 1 else ()
    return (*np.broadcast_shapes(a[:-2], b[:-2]), *rows, *columns)


def hashable(param: Any) -> Any:
    """A parameter as part of a key: an index may hold slices and arrays."""
    if isinstance(param, np.ndarray):
        return param.dtype.str, param.shape, param.tobytes()
    return tuple(map(hashable, param)) if isinstance(param, (tuple, list)) else repr(param)


def plain_sum(terms: Terms, term: Term) -> Term | None:
    """Summing back a broadcast is an ordinary sum over the axes that were new, or stretched."""
    (a,) = term.args
    new = len(a.shape) - len(term.shape)
    stretched = tuple(i for i, n in enumerate(term.shape) if a.shape[new + i] != n)
    axes = tuple(range(new)) or stretched
    if not axes or (new and stretched):
        return None if axes else a
    axis = None if not term.shape else axes[0] if len(axes) == 1 else axes
    return terms.make("sum", (a,), {"axis": axis, "keepdims": not new}, term.shape)


def dotted(terms: Terms, term: Term) -> Term | None:
    """The sum of all entries of a product is computed without the product's array."""
    (a,) = term.args
    if term.shape or a.op != "mul" or not a.args[0].shape == a.args[1].shape != ():
        return None
    return terms.make("vdot", a.args, NO_PARAMS, ())


def spelled_out(terms: Terms, term: Term) -> Term:
    """A cross-entropy in terms of the log softmax, which its gradient needs too."""
    scores, target = term.args
    logs = terms.make("log_softmax", (scores,), {"axis": -1}, scores.shape)
    share = terms.constant(-1.0 / math.prod(scores.shape[:-1]))
    return terms.build(
        ("mul", "s", ("sum", ("mul", "t", "l"))), {"s": share, "t": target, "l": logs}
    )


def factored(terms: Terms, term: Term) -> Term | None:
    """log det and inverse of a matrix promised positive definite share its Cholesky factor."""
    if not term.params["spd"]:
        return None
    (a,) = term.args
    found = terms.make("factor", (a,), NO_PARAMS, a.shape)
    name = "logdet_of_factor" if term.op == "logdet" else "inverse_of_factor"
    return terms.make(name, (found,), NO_PARAMS, term.shape)


IN_OTHER_WORDS = {
    "inv": factored,
    "logdet": factored,
    "sum": dotted,
    "sum_to": plain_sum,
    "cross_entropy": spelled_out,
}


def needed(outputs: Iterable[Term]) -> list[Term]:
    """The terms the outputs are computed from, arguments before results, without recursion."""
    done: dict[Term, None] = {}
    stack = [*reversed(list(outputs))]
    while stack:
        term = stack[-1]
        waiting = [a for a in reversed(term.args) if a not in done]
        if waiting:
            stack.extend(waiting)
        else:
            done[stack.pop()] = None
    return list(done)
