"""Below the graph: what happened beside what was predicted, and how their gap depends on h."""

import math
from collections.abc import Sequence

from .facts import Facts, error
from .marks import path, rect, text
from .numbers import number

Errors = Sequence[tuple[float, float]]  # (h, |actual − predicted|), h rising

DECADES = (-8, 0)  # of h, on the panel
ROW = 22.0
WORDS = 236.0  # room for label and number, left of the bars
BARS_HEIGHT, PANEL_HEIGHT = 108.0, 144.0


def bars(facts: Facts, x: float, y: float, width: float) -> str:
    """A solid bar for the actual change, a dashed one for the predicted, on one named scale."""
    move, L = facts.move, facts.result
    assert move is not None
    name = facts.nodes[move.node].name
    predicted = f"predicted ∂{L}/∂{name} · h" if len(name + L) < 5 else "predicted"
    scale = round_up(max(abs(move.actual), abs(move.predicted)))
    half = (width - WORDS) / 2 - 8
    middle = x + width - half - 8
    parts = []
    for label, value, css, top in (
        (f"actual Δ{L}", move.actual, "bp-actual", y + 4),
        (predicted, move.predicted, "bp-predicted", y + 4 + ROW),
    ):
        long = min(abs(value) / scale, 1.0) * half if math.isfinite(value) else 0.0
        parts += [
            text(x, top + 12, label, css),
            text(x + WORDS - 18, top + 12, number(value, 5), f"bp-number {css}"),
            rect(middle - long * (value < 0), top, long, 14, f"bp-bar {css}"),
        ]
    foot = y + 4 + 2 * ROW
    ticks = "".join(f"M{middle + at:g} {foot - 3:g}v6" for at in (-half, half))
    parts.append(
        path(
            f"M{middle:g} {y:g}V{foot:g}M{middle - half:g} {foot:g}h{2 * half:g}{ticks}", "bp-axis"
        )
    )
    for at, label in ((-half, f"−{number(scale)}"), (0, "0"), (half, number(scale))):
        parts.append(text(middle + at, foot + 15, label, "bp-tick"))
    verdict = "your write was lost in the forward pass" if move.written else error(move)
    return "".join([*parts, text(x, foot + 38, verdict)])


def round_up(size: float) -> float:
    """The next round number: the end of a scale.

    >>> round_up(21.0), round_up(0.6), round_up(0.0)
    (25.0, 0.6, 1.0)
    """
    if not 0 < size < math.inf:
        return 1.0
    exponent = math.floor(math.log10(size))
    ends = (float(f"{m}e{exponent}") for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15))
    return next(end for end in ends if end >= size)


def panel(errors: Errors, facts: Facts, x: float, y: float, width: float) -> str:
    """|error| against h, both on log axes; the present h is ringed, an error of 0 is hollow."""
    move = facts.move
    assert move is not None and errors
    left, right, top, foot = x + 44, x + width - 58, y + 22, y + PANEL_HEIGHT - 22
    first, last = DECADES
    largest = max(1.0, *(e for _, e in errors))
    low, high = -18.0, 6.0 * math.ceil(math.log10(largest) / 6)

    def across(h: float) -> float:
        share = (math.log10(h) - first) / (last - first)
        return left + min(max(share, 0.0), 1.0) * (right - left)

    def up(e: float) -> float:
        decade = math.log10(e) if e > 0 else low
        return foot - (min(max(decade, low), high) - low) / (high - low) * (foot - top)

    floor = up(move.rounding)
    parts = [
        text(x, y + 10, "error against h, both on log axes"),
        rect(left, floor, right - left, foot - floor, "bp-wash"),
        text(right + 5, (floor + foot) / 2 + 4, "rounding", "bp-tick bp-start"),
        path(f"M{left:g} {top:g}V{foot:g}H{right:g}", "bp-axis"),
        text(right + 16, foot + 15, "h", "bp-tick"),
    ]
    for decade in range(round(low), round(high) + 1, 6):
        parts.append(text(left - 5, up(10.0**decade) + 4, _power(decade), "bp-tick bp-end"))
        parts.append(path(f"M{left - 3:g} {up(10.0**decade):.1f}h3", "bp-axis"))
    for decade in range(first, last + 1, 2):
        parts.append(text(across(10.0**decade), foot + 15, _power(decade), "bp-tick"))
        parts.append(path(f"M{across(10.0**decade):.1f} {foot:g}v3", "bp-axis"))

    pen = "M"
    way = ""
    for h, e in errors:
        dot = "bp-dot" if e > 0 else "bp-dot bp-none"
        parts.append(f'<circle class="{dot}" cx="{across(h):.1f}" cy="{up(e):.1f}" r="2.4"/>')
        way += f"{pen}{across(h):.1f} {up(e):.1f}" if e > 0 else ""
        pen = "L" if e > 0 else "M"
    now = across(abs(move.h))
    parts += [path(way, "bp-curve"), path(f"M{now:.1f} {top:g}V{foot:g}", "bp-now")]
    if math.isfinite(move.error):
        at = up(abs(move.error))
        parts.append(f'<circle class="bp-ring" cx="{now:.1f}" cy="{at:.1f}" r="5.5"/>')
    if power := falls_like(errors, move.rounding):
        parts.append(text(left + 8, top + 12, f"falls like {power}", "bp-predicted"))
    return "".join(parts)


def falls_like(errors: Errors, rounding: float) -> str:
    """The power of h by which the error falls, where small h but not yet rounding decides it.

    >>> falls_like([(1e-3, 9e-6), (1e-2, 9e-4), (1e-1, 9e-2)], rounding=1e-14)
    'h²'
    >>> falls_like([(1e-2, 1e-16), (1e-1, 2e-16)], rounding=1e-15)
    ''
    """
    clear = [(h, e) for h, e in errors if e > 100 * rounding][:4]
    if len(clear) < 2:
        return ""
    (h, e), (k, f) = clear[0], clear[-1]
    power = math.log(f / e) / math.log(k / h)
    known = {1: "h", 2: "h²", 3: "h³"}
    return known.get(round(power), "") if abs(power - round(power)) < 0.1 else ""


def _power(decade: int) -> str:
    return "1" if decade == 0 else number(10.0**decade, 1)
