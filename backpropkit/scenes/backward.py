"""The backward scene: the sweep one contribution at a time, beside a wrong idea if one likes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import count
from typing import Any

from ..engine.node import EngineError
from ..graphs.graph import Graph
from ..picture.circuit import LABEL_ROOM, LEGEND, SEGMENT, Spots, sizes, spots
from ..picture.frame import MARGIN
from ..picture.layout import Box, Layout, Wire, layout
from ..picture.marks import WIDE, path, text
from ..picture.numbers import counted
from ..picture.walk import Turn, Walk, WrongSweep, ending, sentence, straying, walk
from .boxes import PHONE, framed, pair
from .scene import Control, Scene, Script, no_number, table
from .words import Pick, When, Words, said

NONE = "none: the chain rule"
PACE = 1600  # ms a step is shown while playing


def start() -> dict[str, Any]:
    """The state a backward explorer begins in."""
    return {"step": 0.0, "idea": NONE}


@dataclass
class Swept:
    """A graph's sweep, and what every wrong idea makes of it, as words over step and idea."""

    graph: Graph
    ideas: Sequence[WrongSweep]
    script: Script

    def __post_init__(self) -> None:
        self.step, self.idea = self.script.node("step"), self.script.node("idea")
        self.walk = walk(self.graph)
        self.failed: dict[int, str] = {}
        self.walks: list[Walk] = [self.walk]
        for k, idea in enumerate(self.ideas, 1):
            try:
                believed = walk(self.graph, idea)
            except EngineError as error:
                self.failed[k] = str(error)
            else:
                if believed.lost:
                    name, number = believed.lost
                    self.failed[k] = no_number(number, name)
            self.walks.append(self.walk if k in self.failed else believed)
        self.facts, self.turns = self.walk.facts, self.walk.turns
        self.n, self.L = len(self.turns), self.facts.result
        self.turn_of = {(t.node, t.slot): k for k, t in enumerate(self.turns, 1)}
        self.of: dict[int, list[int]] = {}  # parent -> the steps that hand it something
        for k, turn in enumerate(self.turns, 1):
            self.of.setdefault(turn.parent, []).append(k)

    def reached(self, k: int) -> Any:
        """Whether step k was taken."""
        return self._reached[k]

    @cached_property
    def _reached(self) -> list[Any]:
        return [self.step >= float(k) for k in range(self.n + 1)]

    @cached_property
    def taken(self) -> Any:
        """The step that was taken last, or while the sweep plays, is being taken."""
        return sum((self.step > float(k) for k in range(self.n)), 0.0 * self.step)

    def now(self, k: int) -> Any:
        """Whether that is step k."""
        return self._now[k]

    @cached_property
    def _now(self) -> list[Any]:
        return [self.taken == float(k) for k in range(self.n + 1)]

    @cached_property
    def believes(self) -> Any:
        """Whether a wrong idea runs beside the chain rule."""
        return self.idea > 0.0

    def any_now(self, steps: Sequence[int]) -> Any:
        return sum((self.now(k) for k in steps), 0.0 * self.step)

    def by_idea(self, words: Callable[[Walk], Words]) -> Words:
        """Words that depend on the idea; nothing for the chain rule."""
        told = ["", *(words(w) for w in self.walks[1:])]
        return Pick(self.idea, tuple(told)) if any(told) else ""

    def of_turns(self, turns: Sequence[Turn], words: Callable[[Turn], str]) -> Words:
        """The same, of one turn of every walk."""
        told = ["", *(words(turn) for turn in turns[1:])]
        return Pick(self.idea, tuple(told)) if any(told) else ""

    def so_far(self, i: int, words: Callable[[Turn, str], str], w: Walk | None = None) -> Words:
        """What stands at node i after the last contribution it was handed; "" before the first."""
        told: Words = ""
        for k in self.of.get(i, []):
            turn = (w or self.walk).turns[k - 1]
            more = " + …" if turn.met < turn.of else ""
            told = When(self.reached(k), words(turn, more), told)
        return told

    @cached_property
    def caption(self) -> Words:
        """What the step did, what the idea makes of it, and at the end what remains to be said."""
        steps = Pick(self.taken, tuple(sentence(self.walk, k) for k in range(self.n + 1)))
        return (steps, self.by_idea(self._believed), Pick(self.idea, tuple(self._ends)))

    def _believed(self, w: Walk) -> Words:
        if w.idea is None:
            return ""
        alike = f"“{w.idea.name}” gets the same here."
        first = f"Wrong idea: “{w.idea.name}”."
        first += "" if w.parting else " At these numbers it never parts from the chain rule."
        told = [first]
        for turn in w.turns:
            told.append(straying(self.L, self.facts.nodes[turn.parent].name, w.idea, turn))
        if all(words == alike for words in told[1:]):
            return (" ", When(self.reached(1), alike, first))
        return (" ", Pick(self.taken, tuple(told)))

    @cached_property
    def _ends(self) -> list[Words]:
        """The end, for every idea; for one that cannot be carried out, that."""
        ends: list[Words] = []
        for k, w in enumerate(self.walks):
            if k in self.failed:
                name = self.ideas[k - 1].name
                ends.append(f" “{name}” cannot even be carried out here: {self.failed[k]}.")
            else:
                ends.append(When(self.reached(self.n), f" {ending(w, self.n)}"))
        return ends

    @cached_property
    def parting(self) -> Any:
        """The step at which the idea parts from the chain rule; 0 if it never does."""
        found = 0.0 * self.idea
        for k, w in enumerate(self.walks):
            if w.idea is not None and w.parting:
                found = found + (self.idea == float(k)) * float(w.parting)
        return found


def scene(
    graph: Graph, ideas: Sequence[WrongSweep] = (), state: Mapping[str, Any] | None = None
) -> Scene:
    """A graph's backward sweep, and what wrong ideas make of it.

    >>> from backpropkit import var
    >>> s = var(2.0, "s")
    >>> scene(Graph((s * s).named("L")), state={"step": 2.0}).sentence[:54]
    'Step 2 of 2, back through L = s × s to s: local deriva'
    """
    names = [NONE, *(idea.name for idea in ideas)]
    s = Swept(graph, ideas, Script({**start(), **(state or {})}, {"idea": names}))
    html = (
        f"{s.script.tag('p', css='bp bp-caption bp-tall', words=s.caption)}"
        f"{pair(*(draw(s, down) for down in (False, True)))}"
        f'<details class="bp-fold"><summary>The source</summary>{source(s)}</details>'
        f'<details class="bp-fold"><summary>The same as a table</summary>{steps(s)}</details>'
    )
    return s.script.scene(f"Backward explorer of {s.L}", said(s.caption), html, controls(s, names))


def controls(s: Swept, names: Sequence[str]) -> list[list[Control]]:
    play: Control = {
        "kind": "play", "name": "step", "label": "step", "max": s.n, "pace": PACE,
        "stop": s.parting,
    }  # fmt: skip
    idea: Control = {
        "kind": "select", "name": "idea", "label": "wrong idea", "values": list(names),
        "options": [[name] for name in names],
    }  # fmt: skip
    part: Control = {
        "kind": "button", "label": "To where they part", "take": {"step": s.parting},
        "exact": True, "show": s.parting,
    }  # fmt: skip
    return [[play], [idea, part]]


# --- the picture ---------------------------------------------------------------------------------


def draw(s: Swept, down: bool) -> tuple[str, float]:
    """The circuit, and how wide it is: values above the wires and gradients below them."""
    nodes = s.facts.nodes
    pills = frozenset(i for i, node in enumerate(nodes) if node.kind == "constant")
    room = PHONE * down
    plan = layout(s.facts.args, pills, down, sizes(s.walk, down), room=room)
    parts = [wire(s, w, plan.boxes[w.source], down) for w in plan.wires]
    parts += [contribution(s, w, down) for w in plan.wires]
    parts += [node(s, i, box, down) for i, box in enumerate(plan.boxes)]
    parts += [legend(s, plan.height + LEGEND, down), token(s)]
    height = plan.height + LEGEND * (3 if down else 1) + 8
    width = max(plan.width, 250.0 if down else 560.0)
    whole = Layout(plan.boxes, plan.wires, width, height)
    told = {
        "data_step": (Pick(s.taken, tuple(str(k) for k in range(s.n + 1))),),
        "data_steps": str(s.n),
        "data_contribution": last(s, lambda turn: turn.right.contribution),
        "data_total": last(s, lambda turn: turn.right.total),
        "data_idea": (
            s.by_idea(lambda w: Pick(s.taken, ("", *(t.idea.contribution for t in w.turns)))),
        ),
        "aria_label": description(s),
    }
    return framed(s.script, parts, whole, told), width + 2 * MARGIN


def last(s: Swept, words: Callable[[Turn], str], w: Walk | None = None) -> Words:
    """Something about the step that was taken last."""
    return (Pick(s.taken, ("", *(words(turn) for turn in (w or s.walk).turns))),)


def wire(s: Swept, w: Wire, box: Box, down: bool) -> str:
    """A wire: grey until something came back along it; thick, its arrow turned, while it does."""
    k = s.turn_of.get((w.target, w.slot))
    if k is None:
        return path(w.path, "bp-wire") + path(w.head, "bp-head")
    look = {"bp-done": s.reached(k), "bp-turn": s.now(k)}
    x, y = (box.x + box.width / 2, box.y + box.height) if down else (0.0, 0.0)
    if not down:
        x, y = box.x + box.width, box.y + box.height / 2
    back = f"M{x:.1f} {y:.1f}" + ("l-7 11h14z" if down else "l11 -7v14z")
    name = f"{w.target}.{w.slot}"
    tag = s.script.tag
    return (
        tag("path", None, css="bp-wire", classes=look, d=w.path, data_wire=name)
        + tag("path", None, css="bp-head", classes=look, shown=1.0 - s.now(k), d=w.head)
        + tag("path", None, css="bp-head bp-turn", shown=s.now(k), d=back)
    )


def contribution(s: Swept, w: Wire, down: bool) -> str:
    """While it comes the local derivative above the wire; what came, where it is one of several."""
    k = s.turn_of.get((w.target, w.slot))
    if k is None:
        return ""
    turn, (x, y) = s.turns[k - 1], w.label
    twin = _twin(s.facts.args, w)
    x, y = (x + 34 * twin, y) if down else (x, y + 12 * twin)
    css, drawn = "bp-middle bp-halo", ""
    if turn.local:
        words = (When(s.now(k), f"× {turn.local}"),)
        drawn += s.script.text(x, y - 4, words, f"bp-grad {css}", LABEL_ROOM)
    if turn.of > 1:  # where it is 1, the contribution is the gradient, which stands at the node
        words = (When(s.reached(k), f"← {turn.right.brief}"),)
        drawn += s.script.text(x, y + 12, words, f"bp-back {css}", LABEL_ROOM)
        wrong = s.by_idea(lambda w: f"≠ {w.turns[k - 1].idea.brief}" * w.turns[k - 1].parts)
        if wrong:
            words = (When(s.reached(k), wrong),)
            drawn += s.script.text(x, y + 28, words, f"bp-wrong {css}", LABEL_ROOM)
    return drawn


def _twin(args: Sequence[Sequence[int]], w: Wire) -> float:
    """−1, 0 or 1: the side of its wire on which a label stands, where two lead to one gate."""
    same = [slot for slot, j in enumerate(args[w.target]) if j == w.source]
    return float(len(same) > 1) * (1 if w.slot == same[-1] else -1)


def node(s: Swept, i: int, box: Box, down: bool) -> str:
    """A gate (or a leaf, square) and the wire that leaves it, with its value and its gradient."""
    one, tag = s.facts.nodes[i], s.script.tag
    if one.kind == "constant":
        edge = _box(s, box, 13)
        words = text(box.x + box.width / 2, box.y + 18, one.value, "bp-middle bp-value", 44)
        return f'<g class="bp-constant">{edge}{words}</g>'
    at, is_leaf = spots(box, down), one.kind == "leaf"
    shown = one.name if is_leaf else one.symbol
    css = "bp-leafname" if is_leaf else "bp-symbol" + " bp-long" * (len(shown) > 3)
    x, y = at.gate.x + at.gate.width / 2, at.gate.y + at.gate.height / 2 + 5
    wide = 9 if len(shown) <= 3 else 6.6
    sign = text(x, y, shown, css, at.gate.width - 8, wide)
    value = one.value if is_leaf else f"{one.name} = {one.value}"
    halo = " bp-halo"
    inside = path(at.stub, "bp-stub") + _box(s, at.gate, 3 if is_leaf else 16) + sign
    inside += text(*at.value[:2], value, f"bp-value {at.value[2]}{halo}", at.room)
    inside += gradients(s, i, at) + bucket(s, i, at)
    speaks = [k for k, turn in enumerate(s.turns, 1) if turn.node == i]
    look = {"bp-speaks": s.any_now(speaks), "bp-hears": s.any_now(s.of.get(i, []))}
    return tag("g", inside, css=f"bp-{one.kind}", classes=look)


def _box(s: Swept, box: Box, corner: float) -> str:
    sides: dict[str, Any] = {k: f"{getattr(box, k):g}" for k in ("x", "y", "width", "height")}
    return s.script.tag("rect", None, css="bp-box", rx=f"{corner:g}", **sides)


def gradients(s: Swept, i: int, at: Spots) -> str:
    """The gradient so far, and below it what the wrong idea makes of it."""
    right, wrong = at_node(s, i)
    x, y, anchor = at.grad
    drawn = s.script.text(x, y, right, f"bp-back {anchor} bp-halo", at.room)
    if wrong:
        x, y, anchor = at.wrong
        drawn += s.script.text(x, y, wrong, f"bp-wrong {anchor} bp-halo", at.room)
    return drawn


def at_node(s: Swept, i: int) -> tuple[Words, Words]:
    """The gradient of a node so far, as words; and the idea's, where that is another."""
    if i == len(s.facts.nodes) - 1:
        return "← 1", ""
    right = s.so_far(i, lambda turn, more: f"← {turn.right.total}{more}")

    def believed(w: Walk) -> Words:
        told = s.so_far(i, lambda t, more: f"≠ {t.idea.total}{more}" * t.strays, w)
        return told if any(w.turns[k - 1].strays for k in s.of.get(i, [])) else ""

    return right, s.by_idea(believed)


def bucket(s: Swept, i: int, at: Spots) -> str:
    """One segment for each contribution a fork will get, filled as they come."""
    ks = s.of.get(i, [])
    if len(ks) < 2:
        return ""
    x, y, anchor = at.bucket
    if len(ks) > 6:
        told = s.so_far(i, lambda turn, _: f"{turn.met} of {turn.of}")
        return s.script.text(x, y + 8, told, f"bp-tick {anchor} bp-halo")
    x -= (anchor == "bp-middle") * (len(ks) * (SEGMENT + 2) - 2) / 2
    return "".join(
        s.script.tag(
            "rect", None, css="bp-empty", classes={"bp-full": s.reached(k)}, rx="2",
            x=f"{x + j * (SEGMENT + 2):.1f}", y=f"{y:.1f}", width=f"{SEGMENT:g}", height="8",
        )
        for j, k in enumerate(ks)
    )  # fmt: skip


def token(s: Swept) -> str:
    """What travels while the sweep plays: the incoming gradient, then, multiplied, what is handed
    back; beside it what the wrong idea hands back."""
    coming = s.taken - 1.0  # of the turns
    halfway = s.step - coming >= 0.5
    right = [When(halfway, t.right.contribution, t.right.incoming) for t in s.turns]

    def believed(w: Walk) -> Words:
        told = [When(halfway, t.idea.contribution, t.idea.incoming) for t in w.turns]
        return Pick(coming, tuple(told))

    ways = [f"{turn.node}.{turn.slot}" for turn in s.turns]
    marks = [s.script.bind("token", s.step, tuple(ways))]
    dot = '<circle r="5" class="bp-token-dot"/>'
    other = '<circle r="5" cx="0" cy="14" class="bp-token-wrong"/>'
    second = s.script.tag(
        "g",
        other + s.script.text(9, 18, s.by_idea(believed), "bp-wrong bp-halo"),
        shown=s.believes,
    )
    inside = dot + s.script.text(9, 4, Pick(coming, tuple(right)), "bp-back bp-halo") + second
    return s.script.tag("g", inside, css="bp-token", marks=marks, hidden="")


def legend(s: Swept, y: float, down: bool) -> str:
    """What stands where, in words."""
    where = ("on", "below") if down else ("above", "below")
    entries: list[tuple[Words, str]] = [
        (f"value {where[0]} the wire", "bp-value"),
        (f"← gradient ∂{s.L}/∂· {where[1]} it", "bp-back"),
        ((When(s.believes, "≠ the wrong idea"),), "bp-wrong"),
    ]
    drawn, x = "", 0.0
    for words, css in entries:
        drawn += s.script.text(x, y, words, f"{css} bp-key")
        x, y = (x, y + 17) if down else (x + len(said(words)) * WIDE + 18, y)
    return drawn


# --- in words ------------------------------------------------------------------------------------


def description(s: Swept) -> Words:
    """The whole picture in words."""
    told: list[Words] = [f"Circuit of {s.L}, {counted(len(s.facts.nodes), 'node')}. "]
    for i, one in enumerate(s.facts.nodes):
        if one.kind != "constant":
            made = f" = {one.made}" if one.made else ""
            right, wrong = at_node(s, i)
            told += [f"{one.name}{made}: {one.value} ", right, " ", wrong, ". "]
    return tuple(told)


def source(s: Swept) -> str:
    """The generated source, the line of the step marked with a sign and a word."""
    lines = []
    for number, line in enumerate(s.walk.source.splitlines()):
        ks = [k for k, (at, _) in enumerate(s.walk.marks, 1) if at == number]
        note = tuple(f"   # {s.walk.marks[k - 1][1]}" * bool(s.walk.marks[k - 1][1]) for k in ks)
        marks: list[Words] = [When(s.now(k), words) for k, words in zip(ks, note, strict=True)]
        here = s.any_now(ks)
        inside = s.script.tag("b", words=(When(here, "▶", " "),)) + f" {escape(line)}"
        inside += s.script.tag("i", words=tuple(marks))
        current = (When(here, "step", "false"),) if ks else "false"
        lines.append(
            s.script.tag("span", inside, classes={"bp-here-now": here}, aria_current=current)
        )
    return f'<pre class="bp bp-source">{"".join(lines)}</pre>'


def steps(s: Swept) -> str:
    """The steps taken as an HTML table."""
    nodes = s.facts.nodes
    rows: list[dict[str, Words]] = []
    for number, turn in zip(count(1), s.turns):
        others = [w.turns[number - 1] for w in s.walks]
        idea = s.of_turns(others, lambda t: f"{'≠ ' * t.parts}{t.idea.contribution}")
        far = s.of_turns(others, lambda t: f"{'≠ ' * t.strays}{t.idea.total}")
        rows.append(
            {
                "step": str(number),
                "gate": nodes[turn.node].name,
                "hands back to": nodes[turn.parent].name,
                "local": turn.local or "no number",
                "incoming": turn.right.incoming,
                "contribution": turn.right.contribution,
                f"∂{s.L}/∂ so far": turn.right.total,
                "wrong idea: contribution": idea,
                "wrong idea: so far": far,
            }
        )
    shown = [s.reached(k) for k in range(1, s.n + 1)]
    return table(s.script, f"{counted(s.n, 'step')}, as far as taken.", rows, shown)
