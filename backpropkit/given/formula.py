"""A formula as text, read by Python's own parser and never evaluated as code."""

import ast
import math
import operator
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .. import functions
from ..engine.node import EngineError

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.USub: operator.neg,
    ast.UAdd: lambda a: a,
}
SAME = {"^": "**", "−": "-", "–": "-", "·": "*", "×": "*", "÷": "/"}  # what people write as well
INSTEAD = {"ln": ": write log", "pow": ": write a**b", "power": ": write a**b"}
LONGEST = 500  # characters
LARGEST = sys.float_info.max


def formula(text: str) -> Callable[..., Any]:
    """A function of the names in a formula: operators, numbers, and functions of backpropkit.

    Raises EngineError, naming the piece, for anything else.

    >>> formula("(a*b + c)**2")(a=2.0, b=-3.0, c=4.0)
    4.0
    >>> formula("open('x')")
    Traceback (most recent call last):
        ...
    backpropkit.engine.node.EngineError: the formula "open('x')" calls 'open', which is no \
function of backpropkit
    """
    given = " ".join("".join(SAME.get(sign, sign) for sign in text).split())
    if len(given) > LONGEST:
        raise EngineError(f"a formula may have {LONGEST} characters; this one has {len(given)}")
    try:
        tree = ast.parse(given, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise EngineError(
            f"the formula {text!r} cannot be read: {getattr(error, 'msg', error)}; write 2*a for "
            "2a, a**2 for a², sin(a) for sin a, and only what is to be computed"
        ) from None
    names = check(tree, text)

    def made(**values: Any) -> Any:
        try:
            return value_of(tree, values)
        except (ArithmeticError, RecursionError) as error:
            raise EngineError(f"the formula {text!r} cannot be computed: {error}") from None

    made.__name__ = "the formula"
    made.names = names  # type: ignore[attr-defined]
    return made


def check(tree: ast.AST, text: str) -> list[str]:
    """The names a formula needs, in the order they appear; EngineError for what it may not hold."""
    names: dict[str, None] = {}
    waiting = [tree]
    while waiting:
        piece = waiting.pop(0)
        match piece:
            case ast.Constant(value=bool()) | ast.Constant(value=complex()):
                raise EngineError(f"the formula {text!r} holds {ast.unparse(piece)}: no number")
            case ast.Constant(value=int() | float() as number):
                if not -LARGEST <= number <= LARGEST:
                    raise EngineError(f"the formula {text!r:.60} holds a number beyond 1.8e308")
            case ast.Name(id=name):
                names[name] = None
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                waiting = [left, right, *waiting]
            case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
                waiting.insert(0, operand)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                if name not in functions.__all__:
                    product = f": write {name}*(…) for a product" if len(name) == 1 else ""
                    instead = INSTEAD.get(name, product)
                    raise EngineError(
                        f"the formula {text!r} calls {name!r}, which is no function of backpropkit"
                        f"{instead}"
                    )
                waiting = [*args, *waiting]
            case _:
                raise EngineError(
                    f"the formula {text!r} holds {ast.unparse(piece)!r}: only numbers, names, "
                    "+ - * / ** @, brackets and functions of backpropkit can be read"
                )
    return list(names)


def value_of(piece: ast.AST, values: Mapping[str, Any]) -> Any:
    """What a piece comes to; EngineError where it is a number alone, and no finite one: log(0)."""
    value = computed(piece, values)
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise EngineError(
            f"the formula holds {ast.unparse(piece)!r:.60}, which is no finite number"
        )
    return value


def computed(piece: ast.AST, values: Mapping[str, Any]) -> Any:
    match piece:
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            if isinstance(op, ast.Pow) and isinstance(right, ast.Constant):
                return value_of(left, values) ** right.value
            return OPERATORS[type(op)](value_of(left, values), value_of(right, values))
        case ast.UnaryOp(op=op, operand=operand):
            return OPERATORS[type(op)](value_of(operand, values))
        case ast.Call(func=ast.Name(id=name), args=args):
            return getattr(functions, name)(*(value_of(arg, values) for arg in args))
    raise AssertionError(ast.dump(piece))  # check() saw all of it
