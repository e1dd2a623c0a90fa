"""The paths scene: every path from a node to the result on a switch, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from .. import functions as f
from ..engine.node import Node
from ..picture.frame import MARGIN
from ..picture.layout import Layout, Sizes, Wire, layout
from ..picture.marks import rect, text
from .boxes import PHONE, framed, pair
from .routes import Routes
from .scene import Control, Scene, Script, table
from .words import Num, Pick, When, Words, said

SIZES = Sizes(box=(112.0, 48.0), gaps=(92.0, 74.0))
ROW = 24.0
WORDS = 250.0  # room for a label and its number, left of the bars
WIDTH = 640.0  # of a picture across, at least


def on(name: str) -> str:
    """What the state calls the switches of the paths from a node."""
    return f"on.{name}"


def start(seen: Mapping[str, Routes], first: str) -> dict[str, Any]:
    """The state a paths explorer begins in: every path is switched on."""
    deepest = max(np.ndim(routes.gradient) for routes in seen.values())
    switches = {on(name): [1.0] * len(routes.switches) for name, routes in seen.items()}
    return {"leaf": first, "entry": [0.0] * max(1, deepest), **switches}


@dataclass
class Traced:
    """The paths from one node, and what those that are switched on add, traced on the state."""

    script: Script
    seen: Routes

    def __post_init__(self) -> None:
        self.on = self.script.node(on(self.seen.start))
        self.shape = np.shape(self.seen.gradient)
        self.name = (self.seen.start, self._entry)

    @property
    def _entry(self) -> Words:
        """ "[0, 1]" after the name of an array."""
        told: list[Words] = []
        for k in range(len(self.shape)):
            told += [", " if k else "[", Num(self.script.node("entry"), "n4", k)]
        return (*told, "]") if told else ""

    @cached_property
    def here(self) -> Any:
        """1 at the chosen entry of an array, flat."""
        one: Any = 1.0
        for axis, size in enumerate(self.shape):
            along = np.arange(float(size)).reshape([-1] + [1] * (len(self.shape) - axis - 1))
            one = one * (self.script.node("entry")[axis] == along)
        return f.reshape(one, (prod(self.shape),))

    def at_entry(self, values: Any) -> Any:
        """Of values each shaped like the node, what stands at the chosen entry."""
        if not self.shape:
            return Node(np.asarray(values, float), "const")
        return np.reshape(values, (-1, prod(self.shape))) @ self.here

    @cached_property
    def products(self) -> Any:
        return self.at_entry([product for _, product in self.seen.switches])

    @cached_property
    def gradient(self) -> Any:
        return self.at_entry([self.seen.gradient])[0]

    @cached_property
    def added(self) -> Any:
        return self.on * self.products

    @cached_property
    def begins(self) -> Any:
        """Where the bar of each path begins: where the last one that is on ended."""
        n = len(self.seen.switches)
        return np.tri(n, n, -1) @ self.added

    @cached_property
    def total(self) -> Any:
        return f.sum(self.added)

    @cached_property
    def spans(self) -> tuple[Any, Any]:
        """The lowest and the highest that any choice of paths can add up to: the bars' scale."""
        return f.sum(f.minimum(self.products, 0.0)), f.sum(f.maximum(self.products, 0.0))

    def lit(self, wire: tuple[int, int]) -> Any:
        """Whether a path that is on runs along a wire."""
        key = tuple(float(wire in uses) for uses in self.seen.uses)
        if self.seen.rest is not None:
            key = (*key, 1.0)
        return self._lit.setdefault(key, f.sum(self.on * np.array(key)) > 0.0)

    @cached_property
    def _lit(self) -> dict[tuple[float, ...], Any]:
        return {}

    # --- in words --------------------------------------------------------------------------------

    @cached_property
    def sentence(self) -> Words:
        """What the paths that are switched on add up to."""
        seen, L, n = self.seen, self.seen.result, len(self.seen.switches)
        told: list[Words] = ["1 path leads" if seen.total == 1 else f"{seen.total} paths lead"]
        told += [" from ", self.name, f" to {L}"]
        if seen.rest is not None:
            which = f"{len(seen.labels)} largest" if seen.ranked else f"first {len(seen.labels)}"
            told += [f"; the {which} are listed"]
        truth: Words = (f"∂{L}/∂", self.name, " = ", Num(self.gradient))
        whole = "Their sum is" if n > 1 else "Its product is"
        every = (f". {whole} the gradient, ", truth, ".")
        none = (
            f". All are switched off: nothing comes back, and ∂{L}/∂", self.name, " is ",
            Num(self.gradient), ".",
        )  # fmt: skip
        gap, size = abs(self.total - self.gradient), f.sum(abs(self.products))
        differs = When(
            gap > 1e-3 * size,
            (Num(self.total), " ≠ ", Num(self.gradient)),
            (Num(self.total, "n9"), " ≠ ", Num(self.gradient, "n9")),
        )
        some = When(
            gap > 1e-12 * size,
            (". What is left on adds up to ", differs, f" = ∂{L}/∂", self.name, "."),
            (". What is left on adds up to ", truth, " all the same."),
        )
        count = f.sum(self.on)
        return (*told, When(count >= float(n), every, When(count > 0.0, some, none)))

    def switch(self, k: int, *words: Words) -> Words:
        """Words where a path is on, others where it is off."""
        return When(self.on[k] > 0.0, *words)

    @cached_property
    def description(self) -> Words:
        """The whole picture in words, for who cannot see it."""
        nodes = ", ".join(f"{spot.name} = {spot.value}" for spot in self.seen.spots)
        told: list[Words] = ["Paths from ", self.name, f" to {self.seen.result}, through {nodes}. "]
        for k, (label, _) in enumerate(self.seen.switches):
            told += ["; " * (k > 0), f"{label}: ", Num(self.products[k])]
            told += [self.switch(k, "", ", off")]
        return (*told, ". ", self.sentence)


def scene(seen: Mapping[str, Routes], state: Mapping[str, Any]) -> Scene:
    """The paths to the result from each of some nodes, of which one is chosen."""
    names = list(seen)
    script = Script(state, {"leaf": names})
    leaf = script.node("leaf")
    traced = [Traced(script, routes) for routes in seen.values()]
    picks = [leaf == float(k) for k in range(len(names))]
    sentence = Pick(leaf, tuple(one.sentence for one in traced))
    html = script.tag("p", css="bp bp-caption", words=sentence)
    for one, pick in zip(traced, picks, strict=True):
        folded = "<summary>The same as a table</summary>"
        page = pair(draw(one, False), draw(one, True))
        page += f'<details class="bp-fold">{folded}{facts(one)}</details>'
        html += script.tag("div", page, css="bp-one", shown=pick)
    title = f"Paths explorer of {traced[0].seen.result}"
    return script.scene(title, said(sentence), html, controls(traced, names, picks))


def controls(traced: list[Traced], names: list[str], picks: list[Any]) -> list[list[Control]]:
    menu: list[Control] = [
        {
            "kind": "select", "name": "leaf", "label": "paths from", "values": names,
            "options": [[name] for name in names],
        },
        {
            "kind": "entry", "name": "entry", "of": "leaf", "words": names,
            "shapes": [list(one.shape) for one in traced],
        },
    ]  # fmt: skip
    switches: list[Control] = [
        {
            "kind": "checks", "name": on(name), "label": f"paths from {name}", "show": pick,
            "options": [
                (f"{k + 1}  {label}: ", Num(one.products[k]))
                for k, (label, _) in enumerate(one.seen.switches)
            ],
        }
        for one, name, pick in zip(traced, names, picks, strict=True)
    ]  # fmt: skip
    return [menu, switches]


def facts(one: Traced) -> str:
    rows: list[dict[str, Words]] = [
        {
            "path": str(k + 1),
            "runs": label,
            "product": (Num(one.products[k]),),
            "switched": (one.switch(k, "on", "off"),),
        }
        for k, (label, _) in enumerate(one.seen.switches)
    ]
    return table(one.script, one.sentence, rows)


# --- the picture ---------------------------------------------------------------------------------


def draw(one: Traced, down: bool) -> tuple[str, float]:
    """The part of the graph the paths run through, and below it their products, end to end; and
    how wide that is."""
    seen = one.seen
    plan = layout(seen.args, frozenset(), down, SIZES, room=PHONE * down)
    parts = [wire(one, w) for w in plan.wires]
    for w in plan.wires:
        if words := seen.local[w.target, w.slot]:
            parts.append(text(*w.label, f"×{words}", "bp-grad bp-middle bp-halo", 70))
    for i, (spot, box) in enumerate(zip(seen.spots, plan.boxes, strict=True)):
        x, y = box.x + 10, box.y
        parts.append(rect(box.x, y, box.width, box.height, "bp-box", 3 if i == 0 else 13))
        parts.append(text(x, y + 20, spot.name, "bp-name", box.width - 40, 9))
        parts.append(text(box.x + box.width - 9, y + 19, spot.symbol, "bp-small"))
        parts.append(text(x, y + 39, spot.value, "bp-value", box.width - 20))
    width = max(plan.width, PHONE - 2 * MARGIN if down else WIDTH)
    below, height = bars(one, plan.height + 30, min(width, 760.0), down)
    told = {
        "data_sum": (Num(one.total, "r"),),
        "data_gradient": (Num(one.gradient, "r"),),
        "data_paths": str(seen.total),
        "aria_label": one.description,
    }
    whole = Layout(plan.boxes, plan.wires, width, height)
    return framed(one.script, [*parts, below], whole, told), width + 2 * MARGIN


def wire(one: Traced, w: Wire) -> str:
    lit = one.lit((w.target, w.slot))
    look = {"bp-lit": lit, "bp-off": 1.0 - lit}
    tag = one.script.tag
    return tag("path", None, css="bp-wire", classes=look, d=w.path) + tag(
        "path", None, css="bp-head", classes=look, d=w.head
    )


def bars(one: Traced, top: float, width: float, down: bool) -> tuple[str, float]:
    """Each product as a bar that begins where the last ended; below, their sum and the gradient."""
    words, row = (0.0, ROW + 18) if down else (WORDS, ROW)
    low, high = one.spans
    unit = (width - words - 12) / (high - low + (high == low))
    zero = words + 6 - low * unit
    drawn: list[str] = []

    def bar(label: str, value: Any, start: Any, css: str, **more: Any) -> None:
        """A label, its number, and a bar from `start`, to the right or to the left."""
        y = top + len(drawn) * row
        long = value * unit
        left, size = start + f.minimum(long, 0.0), f.maximum(abs(long), 1.2)
        off = {"bp-quiet": more["bp-off"]} if more else {}
        if down:
            told: Words = (f"{label}: ", Num(value))
            inside = one.script.text(0, y + 12, told, "bp-halo", width, classes=off)
        else:
            inside = one.script.text(0, y + 12, label, "", words - 84, classes=off)
            at = words - 16
            inside += one.script.text(at, y + 12, (Num(value),), "bp-number", classes=off)
        inside += one.script.tag(
            "rect", None, css=f"bp-bar {css}", classes=more, x=(Num(left, "f1"),),
            width=(Num(size, "f1"),), y=f"{y + 18 * down:.1f}", height="14", rx="0",
        )  # fmt: skip
        drawn.append(inside)

    for k, (label, _) in enumerate(one.seen.switches):
        lit, start = one.on[k], zero + one.begins[k] * unit
        look = {"bp-lit": lit, "bp-off": 1.0 - lit}
        bar(f"{k + 1}  {label}", one.products[k], start, "", **look)
        if not down:
            y = top + k * row + row - 10
            way = ("M", Num(start + one.added[k] * unit, "f1"), f" {y:.1f}v{row - 8:.1f}")
            drawn[-1] += one.script.tag("path", None, css="bp-join", d=way)
    bar("sum of those on", one.total, zero, "bp-sum")
    bar(f"gradient ∂{one.seen.result}/∂{one.seen.start}", one.gradient, zero, "bp-truth")
    foot = top + len(drawn) * row
    axis = ("M", Num(zero, "f1"), f" {top - 6:.1f}V{foot:.1f}")
    drawn.insert(0, one.script.tag("path", None, css="bp-axis", d=axis))
    at = (Num(zero, "f1"),)
    drawn.append(one.script.tag("text", css="bp-tick", x=at, y=f"{foot + 14:.1f}", words="0"))
    return "".join(drawn), foot + 20
