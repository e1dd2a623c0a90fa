"""A graph's boxes and wires, bound: what the nudge scene draws, across the page or down it."""

from __future__ import annotations

from math import ceil, prod
from typing import Any

import numpy as np

from .. import functions as f
from ..picture.facts import KINDS, symbol
from ..picture.frame import MARGIN
from ..picture.layout import USUAL, Box, Layout, Wire, layout
from ..picture.marks import WIDE, text
from ..picture.numbers import number, shape
from .nudged import Nudged, leaf
from .scene import Script
from .words import Num, When

ROOM = 120.0  # for the text of a node, px
CELL = 37.0, 17.0  # of a matrix
SMALL = 16  # entries of an array that is shown as its numbers
PHONE = 360.0  # px: how wide a layer of the narrow picture may be
BUCKET = 100  # px: pictures are as wide as one of the steps of the style sheet
READABLE = 0.85  # how far a picture may be shrunk
FOOT = 4


def both(n: Nudged) -> str:
    return pair(draw(n, False), draw(n, True))


def pair(across: tuple[str, float], down: tuple[str, float]) -> str:
    """A picture across the page, and down it for a page that is not wide enough for the first;
    each with its width."""
    (wide, width), (narrow, _) = across, down
    fits = f"bp-from-{min(max(BUCKET * ceil(READABLE * width / BUCKET), 300), 2400)}"
    return (
        f'<div class="bp-stage"><div class="bp-wide {fits}">{wide}</div>'
        f'<div class="bp-narrow {fits}">{narrow}</div></div>'
    )


def draw(n: Nudged, down: bool) -> tuple[str, float]:
    """The picture, and how wide it is."""
    pills = frozenset(i for i, node in enumerate(n.nodes) if node.op == "const" and not node.shape)
    plan = layout(n.args, pills, down, USUAL, grown(n), PHONE * down)
    parts = [wire(n, w) for w in plan.wires] + [local(n, w) for w in plan.wires]
    parts += [node(n, i, plan.boxes[i]) for i in range(len(n.nodes))]
    told = {
        "data_h": (Num(n.h, "r"),),
        "data_actual": (Num(n.actual, "r"),),
        "data_predicted": (Num(n.predicted, "r"),),
        "aria_label": n.description,
    }
    return framed(n.script, parts, plan, told), plan.width + 2 * MARGIN


def framed(script: Script, parts: list[str], plan: Layout, told: dict[str, Any]) -> str:
    """The outer element of a picture: its size, its description, what a page can be asked for."""
    w, h = plan.width + 2 * MARGIN, plan.height + 2 * MARGIN
    return script.tag(
        "svg",
        "".join(parts),
        css="bp bp-picture",
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        viewBox=f"{-MARGIN:g} {-MARGIN:g} {w:g} {h:g}",
        width=f"{w:g}",
        height=f"{h:g}",
        **told,
    )


def small(n: Nudged, i: int) -> bool:
    """Whether a node is shown as its numbers."""
    return bool(n.nodes[i].shape) and prod(n.nodes[i].shape) <= SMALL and len(n.nodes[i].shape) <= 2


def grown(n: Nudged) -> tuple[tuple[int, float, float], ...]:
    """The boxes of nodes that are shown as their numbers: a grid of values, one of gradients."""
    sizes = []
    for i, one in enumerate(n.nodes):
        if small(n, i):
            rows, columns = grid(one.shape)
            grids = 1 if one.op == "const" else 2
            width = max(USUAL.box[0], columns * CELL[0] + 20)
            height = 30 + grids * rows * CELL[1] + (grids - 1) * 20 + FOOT
            sizes.append((i, width, height))
        elif one.shape and one.op == "const":
            sizes.append((i, *USUAL.box))
    return tuple(sizes)


def grid(shape: tuple[int, ...]) -> tuple[int, int]:
    """(rows, columns) of an array on the page; a vector is a row."""
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def wire(n: Nudged, w: Wire) -> str:
    """One wire: thick and tinted where the nudge ran along it, dotted where a hold cut it."""
    classes = {}
    if w.source in n.moved:
        classes["bp-on"] = n.marked[w.source] * n.marked[w.target]
    if w.target in n.pick:
        classes["bp-cut"] = n.held * n.pick[w.target]
    return n.script.tag("path", None, css="bp-wire", classes=classes, d=w.path) + n.script.tag(
        "path", None, css="bp-head", classes=classes, d=w.head
    )


def local(n: Nudged, w: Wire) -> str:
    """The local derivative of a wire, on a plate of its own."""
    if (w.target, w.slot) not in n.locals:
        return ""
    words = ("×", When(n.secret(w.source), "?", (Num(n.locals[w.target, w.slot], "n3"),)))
    return n.script.text(w.label[0], w.label[1] + 4, words, "bp-local bp-halo", 52)


def node(n: Nudged, i: int, box: Box) -> str:
    one, kind = n.nodes[i], KINDS.get(n.nodes[i].op, "gate")
    corner = 3 if kind == "leaf" else 13
    where: dict[str, Any] = {
        name: f"{getattr(box, name):g}" for name in ("x", "y", "width", "height")
    }
    if one.op == "const" and not one.shape:
        middle = box.x + box.width / 2
        inside = n.script.tag("rect", None, css="bp-box", rx="13", **where)
        inside += text(middle, box.y + 18, n.called[i], "bp-middle", box.width - 8)
        return f'<g class="bp-constant">{inside}</g>'
    chosen: dict[str, Any] = (
        {}
        if one.op == "const"
        else {
            "data_choose": f"node={n.called[i]}",
            "aria_label": f"nudge {n.called[i]}",
        }
    )
    edge = n.script.tag("rect", None, css="bp-box", rx=f"{corner}", **where, **chosen)
    inside = (grids if small(n, i) else lines)(n, i, box)
    classes = {}
    if one.op != "const":
        classes = {"bp-moved": n.marked[i], "bp-chosen": n.pick[i], "bp-lost": n.lost(i)}
    return n.script.tag("g", edge + inside, css=f"bp-{kind}", classes=classes)


def heading(n: Nudged, i: int, box: Box) -> str:
    one = n.nodes[i]
    corner = f"{symbol(one) or KINDS[one.op]} {shape(one.value)}".rstrip()
    title = n.called[i] if one.op != "const" or one.name else ""
    return text(
        box.x + 10, box.y + 20, title, "bp-name", box.width - 18 - WIDE * len(corner), 9
    ) + text(box.x + box.width - 9, box.y + 19, corner, "bp-small")


def lines(n: Nudged, i: int, box: Box) -> str:
    """Name and gate, value and change, gradient."""
    x, y, one = box.x + 10, box.y, n.nodes[i]
    drag: dict[str, Any] = (
        {"data_drag": leaf(n.called[i])} if one.op == "var" and not one.shape else {}
    )
    value = n.script.tag("tspan", css="bp-value", words=n.value(i), **drag)
    if one.op == "const":
        return heading(n, i, box) + n.script.text(x, y + 39, n.value(i), "bp-value", ROOM)
    change = n.script.tag(
        "tspan", css="bp-delta", classes={"bp-struck": n.lost(i)}, words=n.change(i)
    )
    said = f"∂{n.L}/∂{n.called[i]} = "
    said = said if len(said) * WIDE < 0.75 * ROOM else f"∂{n.L}/∂· = "
    return (
        heading(n, i, box)
        + f'<text x="{x:.5g}" y="{y + 39:.5g}" data-room="{ROOM:g}">{value} {change}</text>'
        + n.script.text(x, y + 57, (said, n.grad(i)), "bp-grad", ROOM, **reveal(n, i))
    )


def grids(n: Nudged, i: int, box: Box) -> str:
    """A small array as its numbers, what moved marked; below, its gradient."""
    one = n.nodes[i]
    drawn = heading(n, i, box) + cells(n, i, box.x + 10, box.y + 28, "bp-values")
    if one.op == "const":
        return drawn
    rows, _ = grid(one.shape)
    y = box.y + 28 + rows * CELL[1] + 15
    words = (f"∂{n.L}/∂{n.called[i]}", When(n.secret(i), " = ?"))
    drawn += n.script.text(box.x + 10, y, words, "bp-grad", **reveal(n, i))
    return drawn + cells(n, i, box.x + 10, y + 4, "bp-grads")


def reveal(n: Nudged, i: int) -> dict[str, Any]:
    """What makes a hidden number appear when it is pressed."""
    name = f"show ∂{n.L}/∂{n.called[i]}"
    return {"data_put": f"seen.{i}", "data_while": "hide", "data_says": name}


def cells(n: Nudged, i: int, x: float, y: float, css: str) -> str:
    """The entries of a node (or of its gradient) as a grid: digits on a heat, by size and sign."""
    gradient = css == "bp-grads"
    one, delta = (n.grads[i], None) if gradient else (n.nodes[i], n.delta.get(i))
    if delta is not None:
        delta = f.where(n.untold(i), 0.0 * delta, delta)
    rows, columns = grid(one.shape)
    shift = np.zeros(one.shape) if delta is None else delta.value
    shown = np.asarray(one.value + shift).reshape(rows, columns)
    most = max(1e-300, float(np.max(np.abs(shown), where=np.isfinite(shown), initial=0.0)))
    inside = ""
    for r in range(rows):
        for c in range(columns):
            v, at = float(shown[r, c]), (x + c * CELL[0], y + r * CELL[1])
            words, room = number(v, 3), CELL[0] - 5
            tight = len(words) * WIDE > room
            fit = f' textLength="{room:g}" lengthAdjust="spacingAndGlyphs"' * tight
            moved = bool(np.reshape(shift, (rows, columns))[r, c])
            inside += (
                f'<g class="bp-cell{" bp-minus" * (v < 0)}{" bp-moved" * moved}">'
                f'<rect x="{at[0]:g}" y="{at[1]:g}" width="{CELL[0] - 1:g}"'
                f' height="{CELL[1] - 1:g}" fill-opacity="{min(1.0, abs(v) / most):.2f}"/>'
                f'<text x="{at[0] + CELL[0] / 2 - 0.5:g}" y="{at[1] + 12:g}"'
                f' data-room="{room:g}"{fit}>{words}</text></g>'
            )
    moving = n.script.moves(one) or (delta is not None and n.script.moves(delta))
    marks = [n.script.bind("cells", one, delta)] if moving else []
    known = 1.0 - n.secret(i) if gradient else None
    return n.script.tag("g", inside, css=css, marks=marks, shown=known)
