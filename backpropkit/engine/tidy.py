"""Tidying the gradient's graph: terms are shared, folded and rewritten before they are printed.

A Term is a node without its gradient: an op and its arguments. Equal terms are one object, so a
subexpression that appears twice is computed once; constants are folded as terms are made; what no
output needs is never reached. The algebra that follows is one table, REWRITES, an entry an op.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .node import FORWARDS, NO_PARAMS, Node, settle
from .rules import ENTRYWISE, rows_of

Rewrite = Callable[["Terms", "Term"], "Term | None"]


@dataclass(eq=False, slots=True)
class Term:
    """An op on terms; `number` is its value if it is constant, `node` the recorded node it stands
    for, if any (of two that turned out equal, the one with a name)."""

    op: str
    args: tuple[Term, ...]
    params: Mapping[str, Any]
    shape: tuple[int, ...]
    number: Any = None
    node: Node | None = None


@dataclass
class Terms:
    """The terms made so far, by what they are; making one twice gives the same object."""

    made: dict[Any, Term] = field(default_factory=dict)

    def input(self, node: Node) -> Term:
        return self.made.setdefault(node, Term("input", (), NO_PARAMS, node.shape, None, node))

    def constant(self, value: Any) -> Term:
        value = settle(value)
        key = value if value.__class__ is float else (value.shape, value.tobytes())
        return self.made.setdefault(
            ("const", key), Term("const", (), NO_PARAMS, np.shape(value), value)
        )

    def make(
        self, op: str, args: Iterable[Term], params: Mapping[str, Any], shape: tuple[int, ...]
    ) -> Term:
        """The term, tidied: folded if its arguments are constant, rewritten if a rewrite fits."""
        args = tuple(args)
        if all(a.op == "const" for a in args) and op != "broadcast_to":
            return self.constant(FORWARDS[op](*[a.number for a in args], **params))
        key = (op, *map(id, args), *map(hashable, params.items()))
        if key not in self.made:
            term = Term(op, args, params, shape)
            better = next((t for r in REWRITES.get(op, ()) if (t := r(self, term))), None)
            self.made[key] = better or term
        return self.made[key]

    def like(self, op: str, *args: Term, **params: Any) -> Term:
        """A term whose shape follows from broadcasting (or from the product of matrices)."""
        if op == "matmul":
            shape = args[0].shape[:-1] + args[1].shape[1:]
        elif op == "transpose":
            shape = args[0].shape[::-1]
            params = {"axes": None}
        else:
            shape = np.broadcast_shapes(*[a.shape for a in args])
        return self.make(op, args, params, shape)

    def of(self, nodes: Iterable[Node], inputs: set[Node]) -> dict[Node, Term]:
        """A term for every node, given in birth order; those in `inputs` stay symbols."""
        terms: dict[Node, Term] = {}
        for node in nodes:
            if node in inputs:
                terms[node] = self.input(node)
            elif not node.args:
                terms[node] = self.constant(node.value)
            else:
                args = [terms[a] for a in node.args]
                term = terms[node] = self.make(node.op, args, node.params, node.shape)
                if node.name and term.op not in ("const", "input") and term.node is None:
                    term.node = node
        return terms


def hashable(param: Any) -> Any:
    """A parameter as part of a key: an index may hold slices and arrays."""
    if isinstance(param, np.ndarray):
        return param.shape, param.tobytes()
    if isinstance(param, (tuple, list)):
        return tuple(map(hashable, param))
    return repr(param)


def is_number(term: Term, value: float) -> bool:
    return term.number.__class__ is float and term.number == value


def eye_factor(term: Term) -> float | None:
    """c, if the term is the constant matrix c·I."""
    if term.op != "const" or len(term.shape) != 2 or term.shape[0] != term.shape[1]:
        return None
    c = float(term.number[0, 0])
    return c if np.array_equal(term.number, c * np.eye(term.shape[0])) else None


def symmetric(term: Term) -> bool:
    """Whether a matrix equals its transpose by the way it is made."""
    if len(term.shape) < 2:
        return True
    if term.op == "const":
        return np.array_equal(term.number, term.number.T)
    if term.op == "matmul":
        left, right = term.args
        if right.op == "transpose" and right.args[0] is left:
            return True
        if left.op == "transpose" and left.args[0] is right:
            return True
        if left.op == "matmul":  # V M V with both symmetric
            return left.args[0] is right and symmetric(right) and symmetric(left.args[1])
        return False
    if term.op in ("add", "sub", "mul", "div", "neg", "inv"):
        return all(symmetric(a) for a in term.args)
    return False


def drop_unit(t: Terms, term: Term) -> Term | None:
    """x + 0, x · 1, x / 1 and the like are x."""
    a, b = term.args
    unit = 0.0 if term.op in ("add", "sub") else 1.0
    if is_number(b, unit) and a.shape == term.shape:
        return a
    if is_number(a, unit) and b.shape == term.shape:
        if term.op in ("add", "mul"):
            return b
        if term.op == "sub":
            return t.like("neg", b)
    return None


def drop_spread(t: Terms, term: Term) -> Term | None:
    """A spread array, or one of equal entries, is not needed where broadcasting does the same."""
    a, b = term.args
    if b.shape == term.shape and (narrow := narrower(t, a)):
        return t.make(term.op, (narrow, b), term.params, term.shape)
    if a.shape == term.shape and (narrow := narrower(t, b)):
        return t.make(term.op, (a, narrow), term.params, term.shape)
    return None


def narrower(t: Terms, term: Term) -> Term | None:
    if term.op == "broadcast_to":
        return term.args[0]
    if term.op == "const" and term.shape and np.ptp(term.number) == 0:
        return t.constant(float(term.number.flat[0]))
    return None


def move_sign_out(t: Terms, term: Term) -> Term | None:
    """(−x) y is −(x y), so that signs meet and cancel."""
    a, b = term.args
    if a.op == "neg":
        return t.like("neg", t.make(term.op, (a.args[0], b), term.params, term.shape))
    if b.op == "neg":
        return t.like("neg", t.make(term.op, (a, b.args[0]), term.params, term.shape))
    if is_number(a, -1.0) and term.op == "mul" and b.shape == term.shape:
        return t.like("neg", b)
    if is_number(b, -1.0) and a.shape == term.shape:
        return t.like("neg", a)
    return None


def gather_factors(t: Terms, term: Term) -> Term | None:
    """Numbers come first and meet: X · 2 is 2 · X, and 3 (2 x) is 6 x."""
    a, b = term.args
    if b.shape == () and (a.shape or (b.op == "const" and a.op != "const")):
        return t.make("mul", (b, a), term.params, term.shape)
    if a.op == "const" and a.shape == () and b.op == "mul" and b.args[0].op == "const":
        inner = b.args[0]
        if inner.shape == ():
            return t.make("mul", (t.constant(a.number * inner.number), b.args[1]), {}, term.shape)
    return None


def sum_of_signed(t: Terms, term: Term) -> Term | None:
    """x + (−y) is x − y, and x − (−y) is x + y; x + x is 2 x."""
    a, b = term.args
    if b.op == "neg":
        return t.make("sub" if term.op == "add" else "add", (a, b.args[0]), {}, term.shape)
    if a.op == "neg" and term.op == "add":
        return t.make("sub", (b, a.args[0]), {}, term.shape)
    if a is b and term.op == "add":
        return t.make("mul", (t.constant(2.0), a), {}, term.shape)
    return None


def factor_product(t: Terms, term: Term) -> Term | None:
    """G A + H A is (G + H) A: one product fewer."""
    a, b = term.args
    if a.op == b.op == "matmul" and a.args[1] is b.args[1] and a.args[0].shape == b.args[0].shape:
        return t.like("matmul", t.like(term.op, a.args[0], b.args[0]), a.args[1])
    return None


def double_negation(t: Terms, term: Term) -> Term | None:
    (a,) = term.args
    if a.op == "neg":
        return a.args[0]
    if a.op == "sub":
        return t.make("sub", (a.args[1], a.args[0]), {}, term.shape)
    return None


def trivial_power(t: Terms, term: Term) -> Term | None:
    return term.args[0] if term.params["n"] == 1 else None


def plain_transpose(t: Terms, term: Term) -> Term | None:
    """Transposes cancel, pass through sums and factors, and vanish on symmetric matrices."""
    (a,) = term.args
    if len(a.shape) < 2 or (len(a.shape) == 2 and symmetric(a)):
        return a
    if len(a.shape) > 2 or term.params["axes"] not in (None, (1, 0)):
        return None
    if a.op == "transpose":
        return a.args[0]
    if a.op in ("neg", "mul") and all(x.shape in ((), a.shape) for x in a.args):
        return t.like(a.op, *[t.like("transpose", x) if x.shape else x for x in a.args])
    turned = [x for x in a.args if x.op == "transpose" or symmetric(x)]
    if a.op == "matmul" and turned and all(len(x.shape) == 2 for x in a.args):
        return t.like("matmul", *[t.like("transpose", x) for x in reversed(a.args)])
    return None


def plain_matmul(t: Terms, term: Term) -> Term | None:
    """The identity drops out of a product, and numbers step out of it."""
    a, b = term.args
    for this, other in ((a, b), (b, a)):
        if (c := eye_factor(this)) is not None:
            return t.make("mul", (t.constant(c), other), {}, term.shape)
    for this, other in ((a, b), (b, a)):
        if this.op == "mul" and this.args[0].shape == ():
            factor, rest = this.args
            pair = (rest, other) if this is a else (other, rest)
            return t.make("mul", (factor, t.like("matmul", *pair)), {}, term.shape)
    return None


def trace_of_product(t: Terms, term: Term) -> Term | None:
    """tr(A B) is Σ A ∘ Bᵀ: n² multiplications instead of n³."""
    (a,) = term.args
    if a.op != "matmul":
        return None
    left, right = a.args
    entries = t.like("mul", left, t.like("transpose", right))
    return t.make("sum", (entries,), {"axis": None, "keepdims": False}, ())


def no_spread(t: Terms, term: Term) -> Term | None:
    """Spreading, summing or reshaping to the shape that is there already does nothing."""
    return term.args[0] if term.args[0].shape == term.shape else None


def spelled_out(t: Terms, term: Term) -> Term:
    """A cross-entropy, in terms of the log softmax that its gradient needs too."""
    scores, target = term.args
    logs = t.make("log_softmax", (scores,), {"axis": -1}, scores.shape)
    total = t.make("sum", (t.like("mul", target, logs),), {"axis": None, "keepdims": False}, ())
    return t.like("mul", t.constant(-1.0 / rows_of(np.empty(scores.shape))), total)


def sum_over_axes(t: Terms, term: Term) -> Term | None:
    """Summing back a broadcast is an ordinary sum over the axes that were new, or stretched."""
    (a,) = term.args
    new = len(a.shape) - len(term.shape)
    stretched = tuple(i for i in range(len(term.shape)) if a.shape[new + i] != term.shape[i])
    if new and stretched:
        return None
    axes = tuple(range(new)) or stretched
    axis = None if not term.shape else axes[0] if len(axes) == 1 else axes
    return t.make("sum", (a,), {"axis": axis, "keepdims": not new}, term.shape)


REWRITES: dict[str, tuple[Rewrite, ...]] = {
    "add": (drop_unit, drop_spread, sum_of_signed, factor_product),
    "sub": (drop_unit, drop_spread, sum_of_signed, factor_product),
    "mul": (drop_unit, drop_spread, move_sign_out, gather_factors),
    "div": (drop_unit, drop_spread, move_sign_out),
    "matmul": (plain_matmul, move_sign_out),
    "neg": (double_negation,),
    "power": (trivial_power,),
    "transpose": (plain_transpose,),
    "trace": (trace_of_product,),
    "cross_entropy": (spelled_out,),
    "broadcast_to": (no_spread,),
    "sum_to": (no_spread, sum_over_axes),
    "reshape": (no_spread,),
}
assert set(REWRITES) & ENTRYWISE  # the table's names are the ops' names


def needed(outputs: Iterable[Term]) -> list[Term]:
    """The terms the outputs are computed from, arguments before results, without recursion."""
    done: dict[Term, None] = {}
    stack = [*reversed(list(outputs))]
    while stack:
        term = stack.pop()
        waiting = [a for a in term.args if a not in done]
        if term in done:
            continue
        if waiting:
            stack.append(term)
            stack.extend(reversed(waiting))
        else:
            done[term] = None
    return list(done)
