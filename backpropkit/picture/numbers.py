"""How pictures write numbers: short, with a real minus sign, and never "33 → 33"."""

import math

import numpy as np

from ..engine.node import Value


def number(value: float, digits: int = 4) -> str:
    """A number in few characters; whole numbers below a million are written out, and what is
    rounded to a hundred or so.

    >>> number(-6.0), number(0.1 + 0.2), number(1.23e-8), number(-1 / 3, 3), number(99.7, 2)
    ('−6', '0.3', '1.23e−8', '−0.333', '100')
    """
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value)).replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    if exponent in ("+01", "+02"):
        mantissa, exponent = f"{float(f'{mantissa}e{exponent}'):.0f}", ""
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−")


def whole(value: Value, digits: int = 4) -> str:
    """A value in half a line: a number, a short vector, or the length of an array.

    >>> whole(2.0), whole(np.array([1.0, -2.0])), whole(np.ones((2, 2)))
    ('2', '[1 −2]', '‖·‖ 2')
    """
    if isinstance(value, float):
        return number(value, digits)
    short = "[" + " ".join(number(entry, 2) for entry in value.flat[:3]) + "]"
    if value.ndim == 1 and value.size <= 3 and len(short) <= 16:
        return short
    return length(value)


def place(point: Value, digits: int = 4) -> str:
    """A point: its number, or its coordinates.

    >>> place(0.5), place(np.array([-4.0, 1.5]))
    ('0.5', '(−4, 1.5)')
    """
    told = [number(x, digits) for x in np.atleast_1d(point).tolist()]
    return told[0] if np.ndim(point) == 0 else f"({', '.join(told)})"


def counted(count: int, word: str) -> str:
    """How many there are, with the word for one or for several.

    >>> counted(1, "node"), counted(3, "node")
    ('1 node', '3 nodes')
    """
    return f"{count} {word}{'s' * (count != 1)}"


def length(value: Value) -> str:
    """A number, or the Euclidean length of an array.

    >>> length(2.0), length(np.array([3.0, -4.0]))
    ('2', '‖·‖ 5')
    """
    if isinstance(value, float):
        return number(value)
    return f"‖·‖ {number(_norm(value), 3)}"


def shape(value: Value) -> str:
    """The shape of an array as people write it; nothing for a number.

    >>> shape(np.ones((2, 3))), shape(1.0)
    ('2×3', '')
    """
    return "×".join(str(n) for n in np.shape(value))


def signed(delta: float, digits: int = 3) -> str:
    """What is added, with its sign.

    >>> signed(-0.5), signed(0.0)
    ('− 0.5', '+ 0')
    """
    return f"{'−' if delta < 0 else '+'} {number(abs(delta), digits)}"


def change(before: Value, after: Value) -> str:
    """What was added, with its sign; for an array its length.

    >>> change(33.0, 33.000012), change(4.0, 3.5), change(5.0, 5.0)
    ('+ 1.2e−5', '− 0.5', '+ 0')
    """
    if isinstance(before, float) and isinstance(after, float):
        return signed(after - before)
    return f"‖Δ‖ {number(_norm(np.subtract(after, before)), 3)}"


def _norm(value: Value) -> float:
    """The Euclidean length, also of numbers whose squares are none."""
    most = float(np.max(np.abs(value), initial=0.0))
    if most == 0.0 or not math.isfinite(most):
        return most
    return most * float(np.linalg.norm(value / most))
