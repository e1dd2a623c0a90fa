"""One gate: its inputs, its slopes, and what it hands back; text and numbers in, SVG text out."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from ..engine.node import EngineError, Node, var
from .circuit import CIRCUIT_STYLE
from .colours import THEME
from .draw import STYLE
from .facts import symbol
from .frame import frame
from .marks import path, rect, text
from .numbers import number
from .walk import html_table

Span = tuple[float, float]
SAMPLES = 96
GRID = 24
PANEL = (290.0, 190.0)  # width, height of the drawing of one slope
SCHEME = (350.0, 190.0)  # of the gate itself

GATE_STYLE = """
.bp .bp-big{font-size:17px}
.bp .bp-sign{font-size:30px;text-anchor:middle}
.bp .bp-graph{fill:none;stroke:var(--bp-value);stroke-width:2}
.bp .bp-tangent{fill:none;stroke:var(--bp-back);stroke-width:2;stroke-dasharray:7 4}
.bp .bp-word{font-size:21px}
.bp .bp-point{fill:var(--bp-paper);stroke:var(--bp-ink);stroke-width:2}
.bp .bp-faint{fill:none;stroke:var(--bp-line);stroke-width:.7;stroke-dasharray:2 3}
"""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a gate: where it stands, how steep the gate is there, what it is handed back."""

    name: str
    value: float
    slope: float
    grad: float
    span: Span
    curve: tuple[tuple[float, float], ...]  # (input, output), the others held


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate at work."""

    name: str
    sign: str
    pattern: str  # what it does with gradients, in a sentence
    inputs: tuple[Input, ...]
    value: float
    incoming: float
    heights: Span  # of z over all inputs in their spans: one scale, so that slopes can be compared


def gate(
    name: str,
    f: Callable[..., Node],
    inputs: Mapping[str, tuple[float, Span]],
    incoming: float,
    pattern: str = "",
) -> Gate:
    """Run a gate forward and backward on the engine.

    Args:
        f: takes the inputs as Nodes and returns a Node, all of them single numbers.
        inputs: (value, the span to draw it over) of each input.
        incoming: the gradient that arrives from above.

    Raises:
        EngineError: f is not defined there.

    >>> seen = gate("multiply", lambda x, y: x * y, {"x": (3.0, (0, 5)), "y": (-4.0, (-5, 5))}, 2.0)
    >>> [(one.slope, one.grad) for one in seen.inputs]
    [(-4.0, -8.0), (3.0, 6.0)]
    """
    leaves = [var(value, key) for key, (value, _) in inputs.items()]
    out = f(*leaves)
    if not math.isfinite(out.value):
        raise EngineError(f"{name} has no value at {', '.join(map(repr, leaves))}")
    out.backward()
    slopes = [0.0 if leaf.grad is None else leaf.grad for leaf in leaves]
    out.backward(seed=incoming)
    return Gate(
        name=name,
        sign=symbol(out) if set(out.args) <= set(leaves) else "f",
        pattern=pattern,
        inputs=tuple(
            Input(
                name=leaf.name,
                value=leaf.value,
                slope=slope,
                grad=0.0 if leaf.grad is None else leaf.grad,
                span=inputs[leaf.name][1],
                curve=_curve(f, leaves, i, inputs[leaf.name][1]),
            )
            for i, (leaf, slope) in enumerate(zip(leaves, slopes, strict=True))
        ),
        value=out.value,
        incoming=incoming,
        heights=_heights(f, tuple(reach for _, reach in inputs.values())),
    )


@lru_cache(maxsize=64)
def _heights(f: Callable[..., Node], spans: tuple[Span, ...]) -> Span:
    """The lowest and the highest z on a grid over all spans, and 0."""
    grid = [[low + (high - low) * k / GRID for k in range(GRID + 1)] for low, high in spans]
    found = [0.0]
    for values in product(*grid):
        try:
            found.append(f(*map(var, values)).value)
        except (ArithmeticError, ValueError):
            continue
    found = [z for z in found if math.isfinite(z)]
    return (min(found), max(found)) if max(found) > min(found) else (-1.0, 1.0)


def _curve(
    f: Callable[..., Node], leaves: Sequence[Node], which: int, span: Span
) -> tuple[tuple[float, float], ...]:
    """The output over one input; points where it is not defined are left out."""
    found = []
    values = [leaf.value for leaf in leaves]
    for k in range(SAMPLES + 1):
        values[which] = span[0] + (span[1] - span[0]) * k / SAMPLES
        try:
            out = f(*map(var, values)).value
        except (ArithmeticError, ValueError):
            continue
        if math.isfinite(out):
            found.append((values[which], out))
    return tuple(found)


def sentence(seen: Gate) -> str:
    """What the gate does with the gradient that comes in, in words."""
    handed = "; ".join(
        f"{one.name} gets slope {number(one.slope)} × incoming {number(seen.incoming)} = "
        f"{number(one.grad)}"
        for one in seen.inputs
    )
    return f"{seen.pattern} Here {handed}.".lstrip()


def description(seen: Gate) -> str:
    """The whole picture in words."""
    inputs = ", ".join(f"{one.name} = {number(one.value)}" for one in seen.inputs)
    shown = "; ".join(
        f"z over {one.name} with its tangent, slope {number(one.slope)}, at {number(one.value)}"
        for one in seen.inputs
    )
    return (
        f"The {seen.name} gate: {inputs}, z = {number(seen.value)}, incoming gradient ∂L/∂z = "
        f"{number(seen.incoming)}. Drawn: {shown}. {sentence(seen)}"
    )


def table(seen: Gate) -> str:
    rows = [
        (
            one.name,
            number(one.value),
            number(one.slope),
            number(seen.incoming),
            number(one.grad),
        )
        for one in seen.inputs
    ]
    head = ["input", "value", "slope ∂z/∂input", "incoming ∂L/∂z", "handed back ∂L/∂input"]
    return html_table(f"The {seen.name} gate, z = {number(seen.value)}.", head, rows)


def draw(seen: Gate, down: bool = False, style: bool = True) -> str:
    """The gate, and beside it (with `down` below it) z over each input with its tangent."""
    parts, x, y = [_scheme(seen)], 0.0, 0.0
    for one in seen.inputs:
        x, y = (0.0, y + PANEL[1] + 26) if down else (x + PANEL[0] + 16, 0.0)
        left = x if down else x + SCHEME[0] - PANEL[0]
        parts.append(_panel(seen, one, left, y))
    width = SCHEME[0] if down else x + SCHEME[0]
    numbers: dict[str, object] = {"value": repr(seen.value), "incoming": repr(seen.incoming)}
    numbers |= {f"grad-{one.name.lower()}": repr(one.grad) for one in seen.inputs}
    numbers |= {f"slope-{one.name.lower()}": repr(one.slope) for one in seen.inputs}
    sheet = THEME + STYLE + CIRCUIT_STYLE + GATE_STYLE if style else ""
    return frame(parts, width, y + PANEL[1], description(seen), numbers, sheet)


def _scheme(seen: Gate) -> str:
    """Values above the wires, gradients below, as in a circuit drawn by hand."""
    middle, n = 88.0, len(seen.inputs)
    sign = "bp-sign" + " bp-word" * (len(seen.sign) > 2)
    inside = rect(150, middle - 34, 68, 68, "bp-box", 22)
    inside += text(184, middle + 10, seen.sign, sign, 58, 13)
    for i, one in enumerate(seen.inputs):
        y = middle + (i - (n - 1) / 2) * 92
        end = middle + (i - (n - 1) / 2) * 28
        inside += path(f"M0 {y:g}H100C125 {y:g} 125 {end:g} 150 {end:g}", "bp-stub")
        inside += text(4, y - 8, f"{one.name} = {number(one.value)}", "bp-value bp-big", 112, 10)
        inside += text(4, y + 21, f"← {number(one.grad)}", "bp-back bp-big", 112, 10)
    inside += path(f"M218 {middle:g}H330", "bp-stub")
    inside += text(226, middle - 8, f"z = {number(seen.value)}", "bp-value bp-big", 104, 10)
    inside += text(226, middle + 21, f"← {number(seen.incoming)}", "bp-back bp-big", 104, 10)
    inside += text(0, 184, "value above the wire", "bp-value")
    return inside + text(136, 184, "← gradient ∂L/∂· below it", "bp-back")


def _panel(seen: Gate, one: Input, x: float, y: float) -> str:
    """z over one input, and its tangent where the input stands."""
    left, right, top, foot = x + 44, x + PANEL[0] - 8, y + 26, y + PANEL[1] - 22
    low, high = seen.heights
    low, high = min(low, seen.value), max(high, seen.value)

    def across(at: float) -> float:
        return left + (at - one.span[0]) / (one.span[1] - one.span[0]) * (right - left)

    def up(z: float) -> float:
        return foot - (z - low) / (high - low) * (foot - top)

    px, py = across(one.value), up(seen.value)
    parts = [
        text(x + 6, y + 13, f"slope ∂z/∂{one.name} = {number(one.slope)}", "bp-back"),
        path(f"M{left:g} {top:g}V{foot:g}H{right:g}", "bp-axis"),
        path(f"M{px:.1f} {foot:g}V{py:.1f}H{left:g}", "bp-faint"),
        text(left - 5, top + 4, number(high, 3), "bp-tick bp-end"),
        text(left - 5, foot + 2, number(low, 3), "bp-tick bp-end"),
        text(left, foot + 15, number(one.span[0], 3), "bp-tick"),
        text(right, foot + 15, number(one.span[1], 3), "bp-tick bp-end"),
        text((left + right) / 2, foot + 15, one.name, "bp-tick"),
        text(left - 5, (top + foot) / 2, "z", "bp-tick bp-end"),
    ]
    points = [(across(a), up(min(max(z, low), high))) for a, z in one.curve if low <= z <= high]
    parts.append(path("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points), "bp-graph"))
    ends = _clip(one, seen.value, low, high)
    line = "L".join(f"{across(a):.1f} {up(z):.1f}" for a, z in ends)
    parts.append(path(f"M{line}", "bp-tangent"))
    parts.append(f'<circle class="bp-point" cx="{px:.1f}" cy="{py:.1f}" r="5"/>')
    return "".join(parts)


def _clip(one: Input, value: float, low: float, high: float) -> list[tuple[float, float]]:
    """The two ends of the tangent inside its panel."""
    reach = [one.span[0] - one.value, one.span[1] - one.value]
    if one.slope:
        steps = sorted(((low - value) / one.slope, (high - value) / one.slope))
        reach = [max(reach[0], steps[0]), min(reach[1], steps[1])]
    return [(one.value + step, value + one.slope * step) for step in reach]
