"""The nudge scene: h added to one node, what L does, and what the gradient predicted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import functions as f
from ..engine.node import Node
from ..graphs.graph import Graph
from ..picture.evidence import round_up
from ..picture.facts import KINDS, names
from ..picture.marks import path, text
from . import boxes
from .nudged import Nudged
from .nudged import leaf as leaf
from .plot import DOT, Line, Mark, Plot
from .scene import Control, Scene, Script, suited, table
from .words import Num, Pick, When, Words, said

HOLD, WRITE = "hold", "write"
PAST = 3  # nudges of other nodes that stay beside the present one
STEPS = [float(f"{m}e{k}") for k in range(-8, 0) for m in (1, 2, 5)] + [1.0]
STEPS = [-h for h in reversed(STEPS)] + STEPS
ERRORS = [float(f"{m}e{k}") for k in range(-8, 0) for m in (1, 3)] + [1.0]  # of h, log-log
REACH = 1.2  # of h on the curve
BAR, ROW, WORDS, WIDTH = 14.0, 21.0, 222.0, 362.0


def start(graph: Graph) -> dict[str, Any]:
    """The state a nudge explorer begins in."""
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    movable = [node for node in graph.nodes if node.op != "const"]
    largest = max(float(np.max(np.abs(graph.grads[node]))) for node in movable)
    return {
        "node": called[movable[0]],
        "entry": [0.0] * max(1, *(len(node.shape) for node in movable)),
        "h": 0.1,
        "way": HOLD,
        "scale": round_up(0.11 * largest),  # what happens may be a little more than h · gradient
        "past": [[-1.0, 0.0, 0.0]] * PAST,
        "hide": 0.0,
        "seen": [0.0] * len(graph.nodes),
        **{leaf(called[n]): n.value.tolist() if n.shape else n.value for n in graph.leaves},
    }


def scene(graph: Graph, state: Mapping[str, Any] | None = None) -> Scene:
    """A graph and a nudge of one of its nodes.

    >>> from backpropkit import var
    >>> a, b = var(2.0, "a"), var(-3.0, "b")
    >>> scene(Graph((a * b).named("L"))).sentence
    'a + 0.1. L changes by −0.3; the gradient predicts −3 × 0.1 = −0.3. No error beyond rounding.'
    """
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    movable = [called[node] for node in graph.nodes if node.op != "const"]
    words, begin = {"node": movable, "way": [HOLD, WRITE]}, start(graph)
    state = dict(state or {})
    if len(state.get("seen", graph.nodes)) != len(graph.nodes):  # of another branch
        state.pop("past", None)
    script = Script(suited(begin, state, words), words)
    n = Nudged(graph, script)
    n.watch()
    caption = script.tag("p", css="bp bp-caption", words=n.caption)
    seen, how_error = errors(n)
    folded = "" if seen else ' hidden=""'
    clear = 1.0 - n.hide
    evidence = script.tag("div", f"{bars(n)}{curve(n)}", css="bp-evidence", shown=clear)
    html = f'{caption}<div class="bp-beside">{boxes.both(n)}{evidence}</div>' + script.tag(
        "div",
        f'<details class="bp-fold" data-unless=""{folded}><summary>How the error depends on h'
        f"</summary>{how_error}</details>"
        f'<details class="bp-fold"><summary>The same as a table</summary>{facts(n)}</details>',
        shown=clear,
    )
    return script.scene(
        f"Nudge explorer of {n.L}",
        said(n.caption),
        html,
        controls(n),
        guards=n.guards,
        past={"past": {"on": "node", "values": [n.actual, n.predicted], "rows": PAST}},
    )


def controls(n: Nudged) -> list[list[Control]]:
    movable = [n.called[i] for i in n.movable]
    shapes = [list(n.nodes[i].shape) for i in n.movable]
    first: list[Control] = [
        {
            "kind": "select",
            "name": "node",
            "label": "nudge",
            "values": movable,
            "options": [[name] for name in movable],
        },
        {"kind": "entry", "name": "entry", "of": "node", "shapes": shapes, "words": movable},
        {"kind": "steps", "name": "h", "label": "h", "steps": STEPS},
        {
            "kind": "select",
            "name": "way",
            "label": "how",
            "values": [HOLD, WRITE],
            "options": [("hold ", n.name()), ("write ", n.name(), ", then forward()")],
            "show": n.is_gate,
        },
    ]
    sliders = [
        {
            "kind": "number",
            "name": leaf(name),
            "label": name,
            "shape": list(node.shape),
        }
        for node, name in zip(n.nodes, n.called, strict=True)
        if node.op == "var"
    ]
    largest = f.maximum(abs(n.actual), abs(n.predicted))
    buttons: list[Control] = [
        {"kind": "button", "label": "Fit the bars", "take": {"scale": largest}},
        {
            "kind": "toggle",
            "name": "hide",
            "label": "Hide the numbers",
            "also": {"seen": [0.0] * len(n.nodes)},
        },
        {"kind": "button", "label": "Back to the start"},
    ]
    return [first, sliders, buttons]


# --- below the graph -----------------------------------------------------------------------------


def bars(n: Nudged) -> str:
    """A solid bar for what happened, a dashed one for what was predicted; the last nudges stay."""
    past, height = n.script.node("past"), 2 * ROW + PAST * ROW + 58
    rows = [
        row(n, 0, f"actual Δ{n.L}", n.actual, "bp-actual"),
        row(n, 1, (f"predicted ∂{n.L}/∂", n.name(), " · h"), n.predicted, "bp-predicted"),
    ]
    for k in range(PAST):
        who, actual, predicted = past[k, 0], past[k, 1], past[k, 2]
        name = ("before: ", Pick(who, tuple(n.called[i] for i in n.movable)))
        both = row(n, 2 + k, name, actual, "bp-actual") + bar(n, 2 + k, predicted, "bp-predicted")
        rows.append(n.script.tag("g", both, css="bp-past", shown=who >= 0.0))
    middle, half = WORDS + (WIDTH - WORDS) / 2 - 8, (WIDTH - WORDS) / 2 - 8
    foot = (2 + PAST) * ROW + 6
    axis = f"M{middle:g} 0V{foot:g}M{middle - half:g} {foot:g}h{2 * half:g}"
    rows.append(path(axis, "bp-axis"))
    scale = n.script.node("scale")
    ends: tuple[tuple[float, Words], ...] = (
        (-half, ("−", Num(scale))),
        (0.0, "0"),
        (half, (Num(scale),)),
    )
    rows += [n.script.text(middle + at, foot + 16, words, "bp-tick") for at, words in ends]
    lost = "your write was lost in the forward pass"
    rows.append(n.script.text(0, foot + 38, (When(n.written, lost, n.verdict),), room=WIDTH))
    size = f'viewBox="-4 -4 {WIDTH + 8:g} {height:g}" width="{WIDTH + 8:g}" height="{height:g}"'
    return f'<svg class="bp bp-panel" aria-hidden="true" {size}>{"".join(rows)}</svg>'


def row(n: Nudged, k: int, words: Words, value: Node, css: str) -> str:
    y = k * ROW + 12
    return (
        n.script.text(0, y, words, css, 160)
        + n.script.text(WORDS - 18, y, (Num(value, "n5"),), f"bp-number {css}")
        + bar(n, k, value, css)
    )


def bar(n: Nudged, k: int, value: Node, css: str) -> str:
    """A bar on the scale that stands; one that would be longer ends in an arrow."""
    half = (WIDTH - WORDS) / 2 - 8
    middle, share = WORDS + half, value / n.script.node("scale")
    long = half * f.minimum(abs(share), 1.0)
    x = middle - long * (share < 0.0)
    sizes: dict[str, Any] = {"x": (Num(x, "f1"),), "width": (Num(long, "f1"),), "y": f"{k * ROW:g}"}
    over = When(abs(share) > 1.0, (When(share > 0.0, "▸", "◂"),))
    at = (Num(middle + half * f.minimum(f.maximum(share, -1.0), 1.0) - 4.0, "f1"),)
    return n.script.tag("rect", None, css=f"bp-bar {css}", height=f"{BAR:g}", **sizes) + (
        n.script.tag("text", css="bp-over", x=at, y=f"{k * ROW + 12:g}", words=over)
    )


def curve(n: Nudged) -> str:
    """L against the chosen node: curve, tangent, the point at h, and the gap between them."""
    there, straight, real = n.here + n.h, n.result + n.predicted, n.after[-1]
    if n.guards:  # on another branch L is not what this program says
        real = f.where(n.holds, real, Node(np.nan, "const"))
    handle = f' data-handle="h" data-reach="{REACH:g}"'
    frame = (58.0, 26.0, 300.0, 128.0)
    plot, _ = Plot(
        frame,
        "h",
        [float(h) for h in np.linspace(-REACH, REACH, 41)],
        there,
        [Line(real, "bp-real"), Line(straight, "bp-tangent")],
        [
            Mark(((n.here, n.result),), "bp-start-dot", DOT),
            Mark(((there, straight), (there, n.after[-1])), "bp-gap"),
            Mark(((there, n.after[-1]),), "bp-handle", DOT, handle),
        ],
        now=n.h,
        start=n.here,
    ).draw(n.script)
    title = (f"{n.L} against ", n.name(), n.entry, ": curve, tangent, and their gap at h")
    below = n.script.text(208, 190, (n.name(), n.entry), "bp-tick")
    inside = n.script.text(0, 10, title, room=366) + plot + below
    label = (f"{n.L} against ", n.name(), n.entry, ". ", n.verdict)
    return n.script.tag(
        "svg", inside, css="bp bp-panel bp-plot", role="img", aria_label=label,
        viewBox="-4 -4 376 204", width="376", height="204",
    )  # fmt: skip


def errors(n: Nudged) -> tuple[bool, str]:
    """|error| against h, both on log axes; whether there is more to see than rounding."""
    largest, floor = abs(n.error), n.rounding
    plot, seen = Plot(
        (58.0, 20.0, 300.0, 110.0),
        "h",
        ERRORS,
        abs(n.h),
        [Line(largest, "bp-tangent"), Line(floor, "bp-floor")],
        [Mark(((abs(n.h), largest),), "bp-handle", DOT)],
        log=((-8.0, 0.0), (-18.0, 6.0)),
        above=True,
    ).draw(n.script)
    inside = text(0, 8, "|error| against h, both on log axes; grey: rounding") + plot
    return seen, (
        '<svg class="bp bp-panel" aria-hidden="true" viewBox="-4 -4 376 170" width="376" '
        f'height="170">{inside}</svg>'
    )


def facts(n: Nudged) -> str:
    """The same facts as an HTML table."""
    rows = []
    for i, node in enumerate(n.nodes):
        gate = node.op != "const"
        wires: list[Any] = []
        for slot, j in enumerate(n.args[i]):
            if (i, slot) in n.locals:
                wires += [", "] if wires else []
                wires += [f"∂{n.called[i]}/∂{n.called[j]} = ", Num(n.locals[i, slot], "n3")]
        rows.append(
            {
                "node": n.called[i],
                "made by": n.made[i] or KINDS[node.op],
                "value": n.value(i),
                "change": n.change(i) if gate else "",
                f"∂{n.L}/∂node": (Num(n.grads[i], "w"),) if gate else "",
                "local derivatives": tuple(wires),
            }
        )
    return table(n.script, n.sentence, rows)
