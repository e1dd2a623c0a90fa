"""Right answers, each broken in one place: what the judge has to see.

A mutant is a right solution of right_answers.py with one change in one of the functions it uses:
a sign, a term or factor dropped, a transpose gone, += made =, a constant, operands swapped, a
comparison turned, a result in another order, a statement gone, a method emptied.
"""

import ast
import inspect
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import right_answers

from autograder import catalog

SOURCE = inspect.getsource(right_answers)
TREE = ast.parse(SOURCE)
DEFINED = {n.name: n for n in TREE.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
OPPOSITE = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
TURNED = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.Eq: ast.NotEq, ast.NotIn: ast.In}


@dataclass(frozen=True)
class Mutant:
    """One change: of which answer, what was done where, and a module with it and all it needs."""

    id: str
    name: str
    what: str
    tree: ast.Module

    def solution(self) -> Any:
        """The answer with the change in it, from a module of its own."""
        module: dict[str, Any] = {"__name__": "mutant"}
        exec(compile(ast.fix_missing_locations(self.tree), "<mutant>", "exec"), module)
        return module[self.name]


def unbroken(id: str, name: str) -> Any:
    """The right solution itself, made as mutants are."""
    return Mutant(id, name, "nothing", ast.Module(list(_needed(id, name)), [])).solution()


def mutants(id: str, name: str) -> Iterator[Mutant]:
    """Every mutant of one right solution."""
    needed = list(_needed(id, name))
    for used in _used(name):
        node = DEFINED[used]
        places, kept = list(ast.walk(node)), pickle.dumps(node)
        for k, place in enumerate(places):
            for kind, change in _changes(place):
                broken = pickle.loads(kept)
                change(list(ast.walk(broken))[k])
                body = [broken if n is node else n for n in needed]
                line = getattr(place, "lineno", node.lineno)
                said = ast.unparse(place).splitlines()[0][:60]
                yield Mutant(id, name, f"{used}: {kind} in `{said}`, line {line}",
                             ast.Module(body, []))  # fmt: skip


def _used(name: str) -> list[str]:
    """The definitions that a solution consists of, itself and all it calls."""
    found, todo = [], [name]
    while todo:
        here = todo.pop()
        if here in found:
            continue
        found.append(here)
        names = {n.id for n in ast.walk(DEFINED[here]) if isinstance(n, ast.Name)}
        names -= {n.arg for n in ast.walk(DEFINED[here]) if isinstance(n, ast.arg)}
        todo += sorted(names & DEFINED.keys())
    return found


def _needed(id: str, name: str) -> Iterator[ast.stmt]:
    """What of the module a solution needs: imports, what it uses, what its exercise asks for."""
    beside = [other for other in catalog[id].needs if other in DEFINED]
    used = [*_used(name), *(one for other in beside for one in _used(other))]
    names = {n.id for u in used for n in ast.walk(DEFINED[u]) if isinstance(n, ast.Name)}
    for statement in TREE.body:
        if isinstance(statement, ast.Assign):
            needed = any(isinstance(t, ast.Name) and t.id in names for t in statement.targets)
        else:
            needed = isinstance(statement, ast.Import | ast.ImportFrom)
            needed |= getattr(statement, "name", "") in used
        if needed:
            yield statement


def _changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """What can be broken at one place of the code: (how, a function that does it to a copy)."""
    if isinstance(node, ast.BinOp):
        if type(node.op) in OPPOSITE:
            yield "another operation", lambda n: setattr(n, "op", OPPOSITE[type(n.op)]())
        if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
            yield "operands swapped", _swap
        yield "the right operand dropped", lambda n: _become(n, n.left)
        if not isinstance(node.op, ast.Pow):
            yield "the left operand dropped", lambda n: _become(n, n.right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "a minus dropped", lambda n: _become(n, n.operand)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "a transpose dropped", lambda n: _become(n, n.value)
    if isinstance(node, ast.AugAssign):
        yield "= for +=", _assign
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "a constant, one more", lambda n: setattr(n, "value", n.value + 1)
        yield "a constant, with a minus", lambda n: setattr(n, "value", -n.value or -1)
        yield "a constant halved", lambda n: setattr(n, "value", n.value / 2 or 0.5)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield "True for False", lambda n: setattr(n, "value", not n.value)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in TURNED:
        yield "a comparison turned", lambda n: n.ops.__setitem__(0, TURNED[type(n.ops[0])]())
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        for k in range(len(node.elts) - 1):
            yield f"values {k + 1} and {k + 2} swapped", partial(_exchange, k=k)
    if isinstance(node, ast.Call) and len(node.args) == 2:
        yield "two arguments swapped", lambda n: n.args.reverse()
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "reversed":
        yield "not reversed", lambda n: _become(n, n.args[0])
    if isinstance(node, ast.FunctionDef):
        yield "emptied", lambda n: setattr(n, "body", [ast.Pass()])
        for k, statement in enumerate(node.body[: -1 or None]):
            if not isinstance(getattr(statement, "value", None), ast.Constant):  # a docstring
                yield f"statement {k + 1} dropped", lambda n, k=k: n.body.pop(k)
    if isinstance(node, ast.For | ast.While) and len(node.body) > 1:
        for k, _ in enumerate(node.body):
            yield f"statement {k + 1} of the loop dropped", lambda n, k=k: n.body.pop(k)


def _become(node: Any, other: ast.AST) -> None:
    """Make a node another one, in its place."""
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)


def _swap(node: Any) -> None:
    node.left, node.right = node.right, node.left


def _exchange(node: Any, k: int) -> None:
    node.elts[k : k + 2] = reversed(node.elts[k : k + 2])


def _assign(node: Any) -> None:
    _become(node, ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno))
