"""A formula as text: run on the engine's functions, and written as mathematics with its shapes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import backpropkit as bp

_FUNCTIONS = (
    *("exp", "exp2", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu", "softplus", "maximum"),
    *("abs", "sum", "mean", "trace", "inv", "logdet", "quadratic_form", "softmax", "norm2"),
)
_NAMES = {name: getattr(bp, name) for name in _FUNCTIONS}


def function(text: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """The formula as a function of its arguments. The text is this kit's or a course's own.

    >>> float(function("a * b + 1", ("a", "b"))(2.0, 3.0))
    7.0
    """
    code = f"lambda {', '.join(arguments)}: {text}"
    made: Callable[..., Any] = eval(code, {"__builtins__": {}, **_NAMES})
    return made


# how functions are written; {0} is the argument, {again} the first one a second time
_WRITTEN = {
    "exp": "e^{{{0}}}",
    "exp2": "2^{{{0}}}",
    "log": r"\ln\left({0}\right)",
    "sqrt": r"\sqrt{{{0}}}",
    "sin": r"\sin\left({0}\right)",
    "cos": r"\cos\left({0}\right)",
    "tanh": r"\tanh\left({0}\right)",
    "sigmoid": r"\sigma\left({0}\right)",
    "relu": r"\mathrm{{relu}}\left({0}\right)",
    "softplus": r"\ln\left(1 + e^{{{0}}}\right)",
    "maximum": r"\max\left({0},\; {1}\right)",
    "sum": r"\textstyle\sum\left({0}\right)",
    "mean": r"\mathrm{{mean}}\left({0}\right)",
    "trace": r"\mathrm{{tr}}\left({0}\right)",
    "inv": r"\left({0}\right)^{{-1}}",
    "logdet": r"\ln\left|\det {0}\right|",
    "quadratic_form": r"{0}^\top {1}\;\; {again}",
    "softmax": r"\mathrm{{softmax}}\left({0}\right)",
    "norm2": r"\left\|{0}\right\|",
    "abs": r"\left|{0}\right|",
}


# what a reader may not know, by how it is written
_MEANS = {
    r"\sigma": r"$\sigma(x) = 1/(1 + e^{-x})$",
    r" \odot ": r"$\odot$ multiplies entry by entry",
    r"^{\odot": r"$(\cdot)^{\odot 2}$ squares entry by entry",
    r"\sum": r"$\sum$ adds all entries",
    r"\mathrm{mean}": "mean is the average of all entries",
    r"\mathrm{tr}": "tr adds the diagonal",
    r"\mathrm{softmax}": r"$\mathrm{softmax}(x)_i = e^{x_i} / \sum_j e^{x_j}$",
    r"\mathrm{relu}": r"$\mathrm{relu}(x) = \max(x, 0)$",
}


_ONE_NUMBER = ("sum", "mean", "trace", "logdet", "quadratic_form", "norm2")  # of arrays
_OF_A_WHOLE = (*_ONE_NUMBER, "inv", "softmax")  # the others are taken of each entry


def means(text: str, inputs: Mapping[str, Any]) -> str:
    """A sentence about the signs in a formula as it is written; "" if there are none.

    >>> means("sigmoid(a)", {"a": 1.0})
    'Here $\\\\sigma(x) = 1/(1 + e^{-x})$.'
    >>> means("tanh(A) @ x", {"A": np.ones((2, 3)), "x": np.ones(3)})
    'Here a function of an array is taken of each entry.'
    """
    writer = _Writer(inputs)
    written = writer.write(ast.parse(text, mode="eval").body)
    found = [told for sign, told in _MEANS.items() if sign in written]
    found += ["a function of an array is taken of each entry"] * writer.each
    return f"Here {', '.join(found)}." if found else ""


def latex(text: str, inputs: Mapping[str, Any]) -> str:
    """The formula as LaTeX, with the shape under every vector and matrix where it first appears.

    >>> latex("(a + b)**2 / 3", {"a": 1.0, "b": 2.0})
    '\\\\frac{\\\\left(a + b\\\\right)^{2}}{3}'
    >>> latex("A @ x", {"A": np.ones((2, 3)), "x": np.ones(3)})
    '\\\\underset{2 \\\\times 3}{A}\\\\;\\\\; \\\\underset{3}{x}'
    """
    return _Writer(inputs).write(ast.parse(text, mode="eval").body)


_LEVEL = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.MatMult: 2, ast.Div: 4, ast.Pow: 3}


class _Writer:
    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self.inputs, self.shown = inputs, set[str]()
        self.each = False  # whether a function is taken of each entry of an array

    def write(self, node: ast.expr, above: int = 0) -> str:
        """A part of the formula, in brackets where what stands above it binds more tightly."""
        match node:
            case ast.Constant(value=int() | float() as value):
                text = f"{value:g}"
                return rf"\left({text}\right)" if value < 0 and above else text
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.bracket(f"-{self.write(operand, 2)}", 1, above)
            case ast.Attribute(value=value, attr="T"):
                return f"{self.write(value, 4)}^\\top"
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(left, op, right, above)
            case ast.Call(func=ast.Name(id=name), args=args):
                tight = 4 if name in ("quadratic_form", "logdet") else 0
                parts = [self.write(argument, tight) for argument in args]
                again = self.write(args[0], tight)  # its shapes were shown
                each = name not in _OF_A_WHOLE and self.array(args[0])
                self.each |= each
                written = r"\exp\left({0}\right)" if each and name == "exp" else _WRITTEN[name]
                return written.format(*parts, again=again)
        raise ValueError(f"no way to write {ast.unparse(node)!r}")

    def name(self, name: str) -> str:
        shape = np.shape(self.inputs.get(name, 0.0))
        written = name if len(name) == 1 else rf"\mathrm{{{name}}}"
        if not shape or name in self.shown:
            return written
        self.shown.add(name)
        sizes = r" \times ".join(map(str, shape))
        return rf"\underset{{{sizes}}}{{{written}}}"

    def binary(self, left: ast.expr, op: ast.operator, right: ast.expr, above: int) -> str:
        level = _LEVEL[type(op)]
        if isinstance(op, ast.Div):
            return rf"\frac{{{self.write(left)}}}{{{self.write(right)}}}"
        if isinstance(op, ast.Pow):
            times = r"\odot " * self.array(left)  # not the power of a matrix
            return f"{self.write(left, 4)}^{{{times}{self.write(right)}}}"
        a = self.factor(left, op, level)
        b = self.factor(right, op, level + isinstance(op, (ast.Sub, ast.MatMult)))
        if isinstance(op, ast.MatMult):
            text = rf"{a}\;\; {b}"
        elif isinstance(op, ast.Mult):
            arrays = self.array(left) and self.array(right)
            text = rf"{a} \odot {b}" if arrays else rf"{a} \cdot {b}"
        else:
            text = f"{a} {'+' if isinstance(op, ast.Add) else '-'} {b}"
        return self.bracket(text, level, above)

    def factor(self, node: ast.expr, op: ast.operator, level: int) -> str:
        """One side of an operator. Beside an entry-by-entry product AB stands in brackets."""
        mixed = (
            isinstance(op, ast.Mult)
            and isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.MatMult)
        )
        return self.write(node, 4 if mixed else level)

    def array(self, node: ast.AST) -> bool:
        """Whether a part of the formula is an array, by what stands in it."""
        match node:
            case ast.Name(id=name):
                return np.ndim(self.inputs.get(name, 0.0)) > 0
            case ast.Call(func=ast.Name(id=name)) if name in _ONE_NUMBER:
                return False
        return any(map(self.array, ast.iter_child_nodes(node)))

    @staticmethod
    def bracket(text: str, level: int, above: int) -> str:
        return rf"\left({text}\right)" if level < above else text
