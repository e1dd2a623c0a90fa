"""The descent scene: runs on a surface, J after each step, the step size against its edge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import functions as f
from ..descent import RULES, Surface, Trajectory, descend, stability_edge
from ..engine.node import EngineError, Node, var
from ..engine.recording import truths
from ..engine.sweep import gradients, reachable
from ..graphs.program import Program
from ..picture.ground import HEIGHT, WIDTH, frame, ground
from ..picture.marks import path, text
from ..picture.numbers import number, place
from ..picture.panel import CROSS, SHAPES, STAR, Panel, dots, power, ticks
from .scene import Control, Scene, Script, Spec, table
from .words import Num, Pick, When, Words, said

MOST, LONGEST = len(SHAPES), 200  # runs, steps of a run
FLOOR = 1e-10  # losses nearer to the lowest are rounding
SIGN = "sign of J"
GOALS = {"descent": "Minimise", "ascent": "Maximise", SIGN: "By the sign of J"}
RULED = {
    "descent": "minimise: w − η ∂J/∂w",
    "ascent": "maximise: w + η ∂J/∂w",
    SIGN: "by the sign of J: against the gradient if J > 0, else with it",
}
assert set(RULED) == set(RULES) == set(GOALS)
MANTISSAS = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.1, 2.2, 2.5, 2.8, 3, 3.5, 4, 5, 6, 7, 8, 9)
RATES = tuple(float(f"{m}e{k}") for k in range(-4, 1) for m in MANTISSAS if m * 10.0**k <= 3)
HEAVY = [round(0.05 * k, 2) for k in range(20)]
LAND = 44.0, 34.0, 296.0, 230.0  # left, top, width, height of the ground, px
LOSS = 52.0, 34.0, 288.0, 150.0
RULER = 268.0  # px from the top
SIZE = 356.0, 318.0
TICKS, DECADES = 7, range(-10, 31)
FAR = 100.0  # frames away, as in descent/trajectory.py


# --- states --------------------------------------------------------------------------------------


def start(surface: Surface) -> dict[str, Any]:
    """The state a descent explorer begins in; another surface brings this with it."""
    here = np.atleast_1d(surface.start).tolist()
    return {
        "surface": surface.name,
        "rule": "descent",
        "rate": suited(surface),
        "momentum": 0.0,
        "steps": 40.0,
        "starts": [[*here, 0.0][:2]] * MOST,
        "count": 1.0,
        "start": "1",
    }


@cache
def suited(surface: Surface) -> float:
    """A step size to begin with: well below the smallest stability edge, as the slider has it.

    >>> from backpropkit.descent import bowl
    >>> suited(bowl)
    0.08
    """
    most = 0.4 * min(edges(surface), default=0.025)
    return max((rate for rate in RATES if rate <= most * (1 + 1e-9)), default=RATES[0])


@cache
def edges(surface: Surface) -> list[float]:
    """The stability edge at every minimum that has one, the narrowest first; without momentum."""
    found = (stability_edge(surface, minimum) for minimum in surface.minima)
    return sorted(filter(math.isfinite, found))


def runs(surface: Surface, state: Mapping[str, Any]) -> tuple[Trajectory, ...]:
    """The runs a state asks for, as the engine takes them."""
    size, found = len(surface.frame), []
    for at in state["starts"][: round(state["count"])]:
        begin = tuple(map(float, at[:2])) if size == 2 else float(at[0])
        steps, momentum = round(state["steps"]), state["momentum"]
        found.append(descend(surface, state["rate"], steps, begin, state["rule"], momentum))
    return tuple(found)


def words(known: Mapping[str, Surface]) -> dict[str, list[str]]:
    """What a state may say."""
    starts = [str(k + 1) for k in range(MOST)]
    return {"surface": list(known), "rule": list(RULES), "start": starts}


# --- one step, as a program ----------------------------------------------------------------------


@cache
def step(surface: Surface) -> dict[str, Any]:
    """One step of every rule as a program: what is kept of a point, and what the next begins with.

    >>> from backpropkit.descent import parabola
    >>> sorted(step(parabola))
    ['code', 'feed', 'flat', 'inputs', 'keep', 'until']
    """
    flat = len(surface.frame) == 1
    begin = float(np.ravel(surface.start)[0]) if flat else np.array(surface.start, float)
    w, last = var(begin, "w"), var(0.0 * begin, "last")
    rate: Any
    rate, momentum, rule = var(0.1, "rate"), var(0.0, "momentum"), var(0.0, "rule")
    with np.errstate(all="ignore"):
        J, g = slope(surface, w)
        own: Any = w
        for k, update in enumerate(RULES.values()):
            own = f.where(rule == float(k), update(w, J, g, rate), own)
        pushed = momentum * last + (own - w)
        low, high = np.transpose(surface.frame)
        off = abs(w - (low + high) / 2) / (FAR * (high - low) / 2)
        far = f.max(off) > 1.0
        places = [w, Node(0.0, "const")] if flat else [w[0], w[1]]
        outputs = [*places, J, w + pushed, pushed, far]
    given = {"w": w, "last": last, "rate": rate, "momentum": momentum, "rule": rule}
    program = Program(outputs, given)
    *keep, following, heavy, until = (program.register[node] for node in outputs)
    return {
        "code": program.code(),
        "inputs": {name: program.register[node] for name, node in given.items()},
        "keep": keep,
        "feed": {"w": following, "last": heavy},
        "until": until,
        "flat": flat,
    }


def slope(surface: Surface, w: Node) -> tuple[Any, Any]:
    """J and its gradient on Nodes. A function with an `if` is recorded once a branch that its frame
    knows; where it would take another, J is nan."""
    if surface.straight:
        J = surface.function(w)
        return J, gradients(J, Node(1.0, "const"), nodes=True)[w]
    J, g = Node(math.nan, "const"), w * math.nan
    for point in branches(surface).values():
        leaf = var(point, "w")
        with truths() as asked:
            one = surface.function(leaf)
        if not isinstance(one, Node):
            raise EngineError(f"{surface.name} returned {one!r:.60}, not something made of w")
        slopes = gradients(one, Node(1.0, "const"), nodes=True)
        moved = onto({leaf: w}, [one, slopes.get(leaf, 0.0 * leaf), *asked])
        here: Any = 1.0
        for node, was in zip(moved[2:], asked, strict=True):
            here = here * ((node != 0.0) if was.value else (node == 0.0))
        J, g = f.where(here, moved[0], J), f.where(here, moved[1], g)
    return J, g


def branches(surface: Surface) -> dict[tuple[bool, ...], Any]:
    """A point for each way the function answers its own questions, of many in the frame."""
    sides = [np.linspace(low, high, 81 if len(surface.frame) == 1 else 17)
             for low, high in surface.frame]  # fmt: skip
    found: dict[tuple[bool, ...], Any] = {}
    for point in np.array(np.meshgrid(*sides)).reshape(len(sides), -1).T:
        at = point if len(sides) == 2 else float(point[0])
        try:
            with truths() as asked:
                surface.function(var(at, "w"))
        except (ArithmeticError, ValueError):
            continue
        found.setdefault(tuple(bool(node.value) for node in asked), at)
    return found


def onto(put: dict[Node, Node], outputs: Sequence[Any]) -> list[Any]:
    """The same computations on other leaves, for a program: their values are not made anew."""
    new = dict(put)
    for node in reachable(Node(0.0, "all", tuple(outputs)))[:-1]:
        if node not in new:
            args = tuple(new[arg] for arg in node.args)
            moved = any(new[arg] is not arg for arg in node.args)
            new[node] = Node(node.value, node.op, args, node.inputs, node.params) if moved else node
    return [new[node] for node in outputs]


# --- what is known of the runs -------------------------------------------------------------------


@dataclass
class Walks:
    """Runs on Nodes: arrays [run, step] of coordinates and J, and all that follows from them."""

    known: Mapping[str, Surface]
    script: Script
    taken: NDArray[np.float64]
    walked: Mapping[str, NDArray[np.float64]]

    def __post_init__(self) -> None:
        node, surfaces = self.script.node, list(self.known.values())
        self.surfaces = surfaces
        self.is_surface = [node("surface") == float(k) for k in range(len(surfaces))]
        self.one = node("surface") == np.arange(float(len(surfaces)))
        self.rate, self.momentum, self.steps = node("rate"), node("momentum"), node("steps")
        self.count, self.chosen = node("count"), node("start")
        self.is_rule = {rule: node("rule") == float(k) for k, rule in enumerate(RULES)}
        self.w1, self.w2, self.J = (
            self.script.fed(name, self.walked[name]) for name in ("w1", "w2", "J")
        )
        self.made = self.script.fed("taken", self.taken)
        self.flat = self.per([len(s.frame) == 1 for s in surfaces])
        panels = [frame(s) for s in surfaces]
        self.across = tuple(self.per([p.across[k] for p in panels]) for k in (0, 1))
        self.up = tuple(self.per([p.up[k] for p in panels]) for k in (0, 1))
        self.k = np.tile(np.arange(LONGEST + 1.0), (MOST, 1))
        self._ends()

    def per(self, values: Sequence[Any]) -> Any:
        """A number that each surface has one of."""
        return f.sum(self.one * np.array(values, float))

    def _ends(self) -> None:
        """Which points lie inside of the frame, and where a run leaves it for good."""
        (left, right), (low, high) = self.across, self.up
        self.there = self.made[:, None] > self.k
        inside = (self.w1 >= left) * (self.w1 <= right)
        inside = inside * f.maximum(self.flat, (self.w2 >= low) * (self.w2 <= high))
        last = f.max(f.where(inside * self.there, self.k, -1.0), axis=1)
        self.left: Any = last + 1.0
        self.gone: Any = self.left < self.made
        self.until: Any = f.where(self.gone, self.left, self.made)
        x, y, width, height = LAND
        up = f.where(self.flat, self.J, self.w2)
        self.px = x + (self.w1 - left) * (width / (right - left))
        self.py = y + height - (up - low) * (height / (high - low))

    @cached_property
    def grid(self) -> tuple[Any, Any]:
        """The steps of sliders over the two sides of the frame: round numbers."""
        found = [[round(float(np.diff(ticks(*side, 100)[:2])[0]), 12) for side in s.frame]
                 for s in self.surfaces]  # fmt: skip
        across, up = (self.per([g[min(k, len(g) - 1)] for g in found]) for k in (0, 1))
        return across, up

    def shown(self, nth: int) -> Any:
        return self.count > float(nth)

    @cached_property
    def cross(self) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """Where each run is before it leaves the frame, and where it leaves it, px."""
        x, y, width, height = LAND

        def at(values: Any, step: Any) -> Any:
            return f.sum(f.where(step[:, None] == self.k, values, 0.0), axis=1)

        before = f.maximum(self.left - 1.0, 0.0)
        after = f.minimum(self.left, float(LONGEST))
        far, near = [], []
        share: Any = 1.0
        for p, low, high in ((self.px, x, x + width), (self.py, y, y + height)):
            here, there = at(p, before), at(p, after)
            go = there - here
            wall = f.where(go > 0.0, high, low)
            part = (wall - here) / f.where(abs(go) > 1e-9, go, 1.0)
            share = f.minimum(share, f.where(abs(go) > 1e-9, f.maximum(part, 0.0), 1.0))
            near.append(here)
            far.append(go)
        cx, cy = (here + share * go for here, go in zip(near, far, strict=True))
        return (near[0], near[1]), (cx, cy)

    # --- in words --------------------------------------------------------------------------------

    def start_of(self, nth: int) -> Words:
        return self.point(self.w1, self.w2, nth * (LONGEST + 1), 4)

    def point(self, w1: Any, w2: Any, entry: int, digits: int, name: str = "") -> Words:
        alone: Words = (name, Num(w1, f"n{max(digits, 4)}", entry))
        how = f"n{digits}"
        return (When(self.flat, alone, ("(", Num(w1, how, entry), ", ", Num(w2, how, entry), ")")),)

    def ending(self, nth: int) -> Words:
        """How a run ends."""
        near = [f.where(abs(w[:, LONGEST]) < 5e-4, 0.0, w[:, LONGEST]) for w in (self.w1, self.w2)]
        J = self.J[nth, LONGEST]
        high = f.maximum(abs(J) >= FLOOR, J == 0.0)
        where: Words = ("ends at ", self.point(near[0], near[1], nth, 3, "w = "), ", ")
        height = When(high, ("J = ", Num(J, "n3")), "J < 1e−10")
        away: Words = (When(self.is_rule["ascent"], "climbs away", "diverges"),
                ": leaves the frame at step ", Num(self.left, "n4", nth))  # fmt: skip
        return (When(self.gone[nth], away, (where, height)),)

    @cached_property
    def edges(self) -> tuple[Any, Any]:
        """The narrowest and the widest stability edge; 1 where there is none."""
        found = [edges(s) or [1.0] for s in self.surfaces]
        heavy = 1.0 + self.momentum
        return tuple(self.per([e[k] for e in found]) * heavy for k in (0, -1))

    @cached_property
    def ruled(self) -> Any:
        """Whether there is an edge to speak of."""
        return self.per([bool(edges(s)) for s in self.surfaces]) * self.is_rule["descent"]

    @cached_property
    def edge(self) -> tuple[Words, ...]:
        """The stability edge; at the narrowest and the widest minimum where they differ."""
        found = [[number(e, 3) for e in edges(s)] or [""] for s in self.surfaces]
        differ = self.per([e[0] != e[-1] for e in found])
        first, last = self.edges
        formula = When(self.momentum > 0.0, "2(1 + β)/λmax", "2/λmax")
        return (formula, " = ", Num(first, "n3"), When(differ, (" to ", Num(last, "n3"))))

    @property
    def edge_words(self) -> Words:
        return ("stability edge ", *self.edge)

    @cached_property
    def remark(self) -> Words:
        """What to think of this rule and this step size."""
        gone = f.max(self.gone * f.minimum(1.0, f.maximum(0.0, self.count - np.arange(MOST * 1.0))))
        first, last = self.edges
        eta: tuple[Words, ...] = ("η = ", Num(self.rate))
        ratio: Words = (
            *eta,
            " is ",
            Num(self.rate / first, "n2"),
            " of the ",
            self.edge_words,
            ".",
        )
        steep = " That edge holds near a minimum; where a run left, the surface is steeper."
        inside: Words = (ratio, When(gone, steep))
        beyond = (*eta, " lies beyond the ", self.edge_words)
        overshoot = ": near a minimum, steps overshoot more and more."
        narrow = " of the narrower of the minima."
        edge = When(
            self.rate > last,
            (*beyond, overshoot),
            (When(self.rate > first, (*beyond, narrow), inside),),
        )
        sign = (
            "This rule looks at the sign of J, which says nothing about where J falls: "
            "it heads for J = 0, not for a minimum."
        )
        uphill = When(gone, "Uphill, nothing stops a run but a summit; here it found none.")
        other = When(self.is_rule["ascent"], (uphill,), (When(self.ruled, (edge,)),))
        return (When(self.is_rule[SIGN], sign, (other,)),)

    @cached_property
    def sentence(self) -> Words:
        """What the runs did: the caption, and what a screen reader announces."""
        goal = Pick(self.script.node("rule"), tuple(GOALS[rule] for rule in RULES))
        heavy = When(self.momentum > 0.0, (", momentum ", Num(self.momentum)))
        plural = When(self.steps > 1.0, "s")
        told = (goal, ", ", Num(self.steps), " step", plural, ", η = ", Num(self.rate), heavy, ": ")
        each: list[Words] = [
            When(self.shown(k), (("; " if k else "") + f"run {k + 1} from ", self.start_of(k), " ",
                                 self.ending(k)))
            for k in range(MOST)
        ]  # fmt: skip
        alone: Words = ("the run from ", self.start_of(0), " ", self.ending(0))
        return (*told, When(self.count > 1.0, tuple(each), alone), ". ", self.remark)

    @cached_property
    def described(self) -> Words:
        kind = {True: ", convex", False: ", not convex", None: ""}
        told: list[str] = []
        for s in self.surfaces:
            minima = ", ".join(place(np.array(m), 3) for m in s.minima)
            where = f" Minima at {minima}." if minima else ""
            told.append(f"{s.name}{kind[s.convex]}, {s.formula}.{where}")
        chosen = Pick(self.script.node("surface"), tuple(told))
        return ("Runs on a surface: ", chosen, " ", self.sentence)


# --- the scene -----------------------------------------------------------------------------------


def scene(
    known: Mapping[str, Surface], first: Surface, state: Mapping[str, Any] | None = None
) -> Scene:
    """Runs on one of several surfaces.

    >>> from backpropkit.descent import SURFACES, bowl
    >>> scene(SURFACES, bowl, {"rate": 0.21}).sentence[:70]
    'Minimise, 40 steps, η = 0.21: the run from (−4, 1.5) diverges: leaves '
    """
    state = {**start(first), **(state or {})}
    script = Script(state, words(known))
    w = Walks(known, script, *walked(runs(known[state["surface"]], state)))
    script.watch(f.where(w.there, w.J, 0.0), "J")
    html = (
        script.tag("p", css="bp bp-caption", words=w.sentence)
        + f'<div class="bp-evidence">{land(w)}{losses(w)}</div>{legend(w)}'
        + '<details class="bp-fold"><summary>The same as a table</summary>'
        + f"{facts(w)}</details>"
    )
    walks = {
        "programs": [step(surface) for surface in known.values()],
        "kept": ["w1", "w2", "J"],
        "most": MOST,
        "longest": LONGEST,
    }
    return script.scene(
        "Descent explorer",
        said(w.sentence),
        html,
        controls(w, known),
        walks=walks,
    )


def walked(found: Sequence[Trajectory]) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Runs as arrays [run, step], the last point again where there are no more."""
    taken, kept = np.ones(MOST), {n: np.zeros((MOST, LONGEST + 1)) for n in ("w1", "w2", "J")}
    for k, run in enumerate(found):
        taken[k] = len(run.points)
        points = np.atleast_2d(run.points.T)
        rows = [points[0], points[1] if len(points) == 2 else 0.0 * points[0], run.losses]
        for name, row in zip(kept, rows, strict=True):
            kept[name][k] = np.concatenate([row, np.full(LONGEST + 1 - len(row), row[-1])])
    return taken, kept


def controls(w: Walks, known: Mapping[str, Surface]) -> list[list[Control]]:
    kind = {True: " (convex)", False: " (not convex)", None: ""}
    bring = [{k: v for k, v in start(s).items() if k in ("rate", "starts", "count", "start")}
             for s in known.values()]  # fmt: skip
    first: list[Control] = [
        {"kind": "select", "name": "surface", "label": "surface", "values": list(known),
         "options": [[s.name + kind[s.convex]] for s in known.values()], "also": bring},
        {"kind": "select", "name": "rule", "label": "rule", "values": list(RULES),
         "options": [[RULED[rule]] for rule in RULES]},
    ]  # fmt: skip
    second: list[Control] = [
        {"kind": "steps", "name": "rate", "label": "η", "steps": list(RATES),
         "within": [1e-9, 1e3]},
        {"kind": "steps", "name": "momentum", "label": "momentum", "steps": HEAVY,
         "within": [0, 0.999]},
        {"kind": "steps", "name": "steps", "label": "steps", "steps": list(range(1, LONGEST + 1)),
         "within": [1, LONGEST], "whole": True},
    ]  # fmt: skip
    spans = [[*w.across, w.grid[0]], [*w.up, w.grid[1]]]
    plane = 1.0 - w.flat
    third: list[Control] = [
        {"kind": "select", "name": "start", "label": "start",
         "values": [str(k + 1) for k in range(MOST)],
         "options": [[str(k + 1)] for k in range(MOST)], "many": "count"},
        *({"kind": "number", "name": "starts", "label": label, "at": ["start", axis],
           "ends": spans[axis], "show": show}
          for label, axis, show in (("w", 0, w.flat), ("w₁", 0, plane), ("w₂", 1, plane))),
        *added(w),
        {"kind": "button", "label": "Back to the start"},
    ]  # fmt: skip
    return [first, second, third]


def added(w: Walks) -> list[Control]:
    """Buttons that add a start, the last one turned round the middle, or take one away."""
    starts, rows = w.script.node("starts"), np.arange(float(MOST))[:, None]
    middle = [(low + high) / 2.0 for low, high in (w.across, w.up)]
    half = [(high - low) / 2.0 for low, high in (w.across, w.up)]
    one = w.count - 1.0 == rows
    share = [(f.sum(one[:, 0] * starts[:, k]) - middle[k]) / half[k] for k in (0, 1)]
    turned = [
        middle[0] + half[0] * f.where(w.flat, -0.8 * share[0], -share[1]),
        f.where(w.flat, 0.0, middle[1] + half[1] * share[0]),
    ]
    more = f.where(w.count == rows, f.stack(turned), starts)
    shifted = f.concatenate([starts[1:], starts[MOST - 1 :]])
    fewer = f.where(rows >= w.chosen, shifted, starts)
    return [
        {"kind": "button", "label": "Add a start", "exact": True, "show": w.count < float(MOST),
         "take": {"starts": more, "count": w.count + 1.0, "start": w.count}},
        {"kind": "button", "label": "Remove it", "exact": True, "show": w.count > 1.0,
         "take": {"starts": fewer, "count": w.count - 1.0, "start": w.count - 2.0}},
    ]  # fmt: skip


# --- the picture ---------------------------------------------------------------------------------


def land(w: Walks) -> str:
    """The ground with every step, rings at the starts, crosses where a run leaves the frame."""
    tag, (x, y, width, height) = w.script.tag, LAND
    drawn = "".join(tag("g", grounds(s), shown=is_it)
                    for s, is_it in zip(w.surfaces, w.is_surface, strict=True))  # fmt: skip
    size: dict[str, Any] = {
        "x": f"{x:g}",
        "y": f"{y:g}",
        "width": f"{width:g}",
        "height": f"{height:g}",
    }
    aim = {"name": "starts", "at": ["start"], "frame": list(LAND), "across": list(w.across),
           "up": list(w.up), "steps": list(w.grid), "flat": w.flat}  # fmt: skip
    drawn += tag("rect", None, css="bp-land", data_aim="", marks=[w.script.bind("aim", Spec(aim))],
                 **size)  # fmt: skip
    inside, beyond = "", ""
    said_before: list[tuple[int, Any]] = []
    cx, cy = w.cross[1]
    for nth in range(MOST):
        first = nth * (LONGEST + 1)
        way = w.script.bind("way", w.px, w.py, nth, w.until, "")
        marks = w.script.bind("way", w.px, w.py, nth, w.until, SHAPES[nth])
        ring: dict[str, Any] = {
            "cx": (Num(w.px, "f1", first),),
            "cy": (Num(w.py, "f1", first),),
            "r": "8",
        }
        mine = {"bp-mine": w.chosen == float(nth)}
        drawn_run = (
            tag("path", None, css="bp-way", d=f"M{x:g} {y:g}", marks=[way])
            + tag("path", None, css="bp-steps", d=f"M{x:g} {y:g}", marks=[marks])
            + tag("circle", None, css="bp-begin", classes=mine, **ring)
        )
        inside += tag("g", drawn_run, css=f"bp-run{nth}", shown=w.shown(nth))
        out = w.shown(nth) * w.gone[nth] * (w.left[nth] > 0.0)
        clear: Any = Node(1.0, "const")
        for other, also in said_before:
            close = (abs(cx[nth] - cx[other]) < 90.0) * (abs(cy[nth] - cy[other]) < 20.0)
            clear = clear * (1.0 - close * also)
        said_before.append((nth, out))
        beyond += leaving(w, nth, out, clear)
    key = text(x + width, y - 10, "ring: start", "bp-tick bp-end")
    room = f'x="{x - 6:g}" y="{y - 6:g}" width="{width + 12:g}" height="{height + 12:g}"'
    box = f"{x - 6:g} {y - 6:g} {width + 12:g} {height + 12:g}"
    ways = f'<svg {room} viewBox="{box}">{inside}</svg>'
    ends: list[Words] = ["["]
    for nth in range(MOST):
        last = nth * (LONGEST + 1) + LONGEST
        at = (Num(w.w1, "r", last), When(w.flat, "", (", ", Num(w.w2, "r", last))))
        one = (", [" if nth else "[", *at, ", ", Num(w.J, "r", last), "]")
        ends.append(When(w.shown(nth), one))
    told = {"data_rate": (Num(w.rate, "r"),), "data_ends": (*ends, "]")}
    return framed(w, drawn + key + ways + beyond, "bp-picture", role="img",
                  aria_label=w.described, **told)  # fmt: skip


def framed(w: Walks, inside: str, css: str, **more: Any) -> str:
    wide, high = SIZE
    return w.script.tag("svg", inside, css=f"bp {css} bp-half", viewBox=f"0 0 {wide:g} {high:g}",
                        width=f"{wide:g}", height=f"{high:g}", **more)  # fmt: skip


@cache
def grounds(surface: Surface) -> str:
    """The ground of a surface with its axes and its minima."""
    x, y, width, height = LAND
    own = frame(surface)
    plane = Panel(x, y, width, height, own.across, own.up)
    flat, minima = len(surface.frame) == 1, surface.minima
    places = [(m, surface.height(m)) for m in minima] if flat else minima
    stars = path(dots(plane.at(*np.transpose(places)), STAR), "bp-star") if minima else ""
    scale = f"scale({width / WIDTH:.4f} {height / HEIGHT:.4f})"
    key = text(x + width - 62, y - 10, "star: minimum,", "bp-tick bp-end") if minima else ""
    return (
        f'<g transform="translate({x:g} {y:g}) {scale}">{ground(surface)}</g>'
        + plane.axes("w" if flat else "w₁", "J" if flat else "w₂")
        + f"{key}{stars}"
    )


def leaving(w: Walks, nth: int, out: Any, clear: Any) -> str:
    """The cross on the frame where a run leaves it, and the word beside, towards the middle."""
    x, y, width, height = LAND
    (before, below), (cx, cy) = ((across[nth], down[nth]) for across, down in w.cross)
    right, above = cx < x + width / 2, cy < y + height / 2
    line: Words = ("M", Num(before, "f1"), " ", Num(below, "f1"), "L", Num(cx, "f1"), " ",
                   Num(cy, "f1"))  # fmt: skip
    at: Words = ("translate(", Num(cx, "f1"), " ", Num(cy, "f1"), ")")
    word = When(clear, (When(w.is_rule["ascent"], "leaves", "diverges"),))
    tag = w.script.tag
    drawn = (
        tag("path", None, css="bp-way", d=line)
        + tag("path", None, css="bp-gone", d=f"M0 0{CROSS}", transform=at)
        + tag(
            "text",
            css="bp-halo",
            classes={"bp-end": 1.0 - right},
            words=(word,),
            x=(Num(cx + 24.0 * right - 12.0, "f1"),),
            y=(Num(cy + 24.0 * above - 8.0, "f1"),),
        )
    )
    return tag("g", drawn, css=f"bp-run{nth}", shown=out)


def losses(w: Walks) -> str:
    """J at every step, its height above the lowest minimum on a log axis where one is known."""
    x, y, width, height = LOSS
    heights: list[list[float]] = [[float(s.height(m)) for m in s.minima] for s in w.surfaces]
    log = w.per([bool(h) for h in heights])
    lowest = w.per([min(h, default=0.0) for h in heights])
    over = w.J - lowest
    tall = f.where(log, f.log(f.maximum(over, FLOOR)) / math.log(10.0), over)
    shown = f.minimum(1.0, f.maximum(0.0, w.count - np.arange(float(MOST))))
    until = f.where(w.gone * (w.left > 0.0), w.left + 1.0, w.made)
    counted = shown[:, None] * (until[:, None] > w.k)
    least = f.min(f.where(counted, tall, 1e300))
    most = f.max(f.where(counted, tall, -1e300))
    low: Any = f.where(log, floor(least), least)
    high: Any = f.where(log, -floor(-(most + 1e-9)), most)
    same = high <= low
    low, high = f.where(same, low - 1.0, low), f.where(same, high + 1.0, high)
    last = f.maximum(w.steps, 1.0)
    px = w.k * (width / last) + x
    py = y + height - (tall - low) * (height / (high - low))
    inside = ""
    for nth in range(MOST):
        every = f.maximum(floor(until[nth] / 8.0), 1.0)
        way = w.script.bind("way", px, py, nth, until, "")
        marks = w.script.bind("way", px, py, nth, until, SHAPES[nth], every)
        both = w.script.tag("path", None, css="bp-way", d="M0 0", marks=[way])
        both += w.script.tag("path", None, css="bp-steps", d="M0 0", marks=[marks])
        inside += w.script.tag("g", both, css=f"bp-run{nth}", shown=w.shown(nth))
    titles = []
    for h in heights:
        above = f" above its lowest, {number(min(h), 3)}," if h and min(h) != 0.0 else ""
        titles.append(f"J{above} after each step")
    deep = f.max(counted * (over < FLOOR)) * log
    step = ("step", When(deep, "; the lowest line stands for all below 1e−10"))
    box = f"{x - 6:g} {y - 6:g} {width + 12:g} {height + 12:g}"
    size = f'x="{x - 6:g}" y="{y - 6:g}" width="{width + 12:g}" height="{height + 12:g}"'
    drawn = (
        axis_across(w, last, x, y + height, width)
        + axis_up(w, log, low, high, x, y, height)
        + path(f"M{x:g} {y:g}V{y + height:g}h{width:g}", "bp-axis")
        + w.script.text(x + width / 2, y + height + 33, step, "bp-tick")
        + w.script.text(x, y - 10, (Pick(w.script.node("surface"), tuple(titles)),))
        + f'<svg {size} viewBox="{box}">{inside}</svg>'
        + w.script.tag("g", ruler(w), shown=w.ruled)
    )
    return framed(w, drawn, "bp-panel", aria_hidden="true")


def floor(x: Any) -> Any:
    return x - f.remainder(x, 1.0)


def round_step(rough: Any) -> Any:
    """The next of 1, 2, 5, 10 times a power of ten; as `ticks` in picture/panel.py."""
    ten = math.log(10.0)
    unit = f.exp(ten * floor(f.log(f.maximum(rough, 1e-300)) / ten + 1e-9))
    share = 0.8 * rough / unit
    return unit * f.where(share <= 1.0, 1.0, f.where(share <= 2.0, 2.0,
                          f.where(share <= 5.0, 5.0, 10.0)))  # fmt: skip


def axis_across(w: Walks, last: Any, x: float, foot: float, width: float) -> str:
    gap, drawn = f.maximum(round_step(last / 4.0), 1.0), ""
    for k in range(TICKS + 1):
        at = x + gap * (k * width) / last
        mark = path("M0 0v4", "bp-axis") + w.script.text(0, 17, (Num(gap * float(k)),), "bp-tick")
        move: Words = ("translate(", Num(at, "f1"), f" {foot:g})")
        drawn += w.script.tag(
            "g", mark, transform=move, shown=gap * float(k) <= last * (1.0 + 1e-9)
        )
    return drawn


def axis_up(w: Walks, log: Any, low: Any, high: Any, x: float, y: float, height: float) -> str:
    gap = f.where(log, f.maximum(1.0, -floor(-(high - low) / 6.0)), round_step((high - low) / 3.0))
    first, drawn = -floor(-(low / gap - 1e-9)), ""
    powers = tuple(power(k) for k in DECADES)
    for k in range(TICKS):
        tick = (first + float(k)) * gap
        at = y + height - (tick - low) * (height / (high - low))
        label = When(log, (Pick(tick - float(DECADES[0]), powers),), (Num(tick),))
        mark = path("M0 0h-4", "bp-axis") + w.script.text(-7, 4, (label,), "bp-tick bp-end")
        move: Words = (f"translate({x:g} ", Num(at, "f1"), ")")
        drawn += w.script.tag("g", mark, transform=move, shown=tick <= high + 1e-9 * gap)
    return drawn


def ruler(w: Walks) -> str:
    """η on a ruler; what lies beyond the narrowest minimum's edge is grey."""
    x, _, width, _ = LOSS
    first, last = w.edges
    px = width / (1.25 * f.maximum(last, w.rate))
    begin, tag = x + first * px, w.script.tag
    drawn = tag("rect", None, css="bp-beyond", x=(Num(begin, "f1"),), y=f"{RULER:g}",
                width=(Num(x + width - begin, "f1"),), height="14")  # fmt: skip
    for edge in (first, last):
        move: Words = ("M", Num(x + edge * px, "f1"), f" {RULER - 3:g}v20")
        drawn += tag("path", None, css="bp-edge", d=move)
    return (
        drawn
        + path(f"M{x:g} {RULER + 14:g}h{width:g}", "bp-axis")
        + tag("circle", None, css="bp-eta", cx=(Num(x + w.rate * px, "f1"),),
              cy=f"{RULER + 7:g}", r="6")
        + w.script.text(x, RULER - 14, ("step size η = ", Num(w.rate)), "bp-actual")
        + w.script.text(x, RULER + 34, ("grey: more than ", *w.edge), "bp-tick bp-start")
    )  # fmt: skip


def legend(w: Walks) -> str:
    """What each run did, with its mark."""
    rows = ""
    for nth in range(MOST):
        mark = f'<path class="bp-steps" d="M8 8{SHAPES[nth]}"/>'
        key = f'<svg class="bp bp-key" width="16" height="16" aria-hidden="true">{mark}</svg>'
        told: Words = (f"{nth + 1} from ", w.start_of(nth), " ", w.ending(nth))
        rows += w.script.tag("li", key + w.script.tag("span", words=told), css=f"bp-run{nth}",
                             shown=w.shown(nth))  # fmt: skip
    return f'<ul class="bp bp-runs">{rows}</ul>'


def facts(w: Walks) -> str:
    """The same facts as an HTML table, a row for every run."""
    rows, lowest = [], f.min(f.where(w.there, w.J, 1e300), axis=1)
    for nth in range(MOST):
        at = nth * (LONGEST + 1)
        rows.append(
            {
                "run": f"{nth + 1}",
                "start": w.start_of(nth),
                "J at the start": (Num(w.J, "n6", at),),
                "after the last step": w.point(w.w1, w.w2, at + LONGEST, 6),
                "J there": (Num(w.J, "n6", at + LONGEST),),
                "lowest J on the way": (Num(lowest, "n6", nth),),
            }
        )
    return table(w.script, w.sentence, rows, [w.shown(nth) for nth in range(MOST)])
