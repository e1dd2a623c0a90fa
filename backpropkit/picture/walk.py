"""The backward sweep told step by step, beside what a wrong idea makes of it: text, no drawing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from ..engine.node import Node
from ..graphs.graph import Graph, Step
from ..graphs.source import Listing
from .facts import Facts, read
from .numbers import counted, length, whole

MANY = 4  # wrong gradients that a sentence names; more are counted


@dataclass(frozen=True)
class WrongSweep:
    """A wrong idea about the sweep: `changes` are options of `Graph.steps`."""

    name: str
    message: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """The numbers of one step as the chain rule has them, or as a wrong idea does."""

    incoming: str
    contribution: str
    brief: str  # the contribution in few characters: for an array its length
    before: str  # what the parent had been handed earlier; "" if nothing
    total: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One step: what node hands back to its argument number `slot`, the parent."""

    node: int
    parent: int
    slot: int
    local: str  # "" where it is neither a number nor entry by entry
    right: Said
    idea: Said
    parts: bool  # the idea hands back something else
    strays: bool  # the idea makes another gradient of it, so far
    met: int  # contributions the parent has now
    of: int  # contributions it will get


@dataclass(frozen=True)
class Walk:
    """A graph and every step of its backward sweep; `idea` is believed beside it, if any."""

    facts: Facts
    turns: tuple[Turn, ...]
    idea: WrongSweep | None
    wrong: tuple[tuple[int, str], ...]  # (leaf, what the idea makes of its gradient)
    marks: tuple[tuple[int, str], ...]  # (line of the source, what to say of it) for every step
    source: str
    lost: tuple[str, Any] | None  # the first gradient that is no finite number, if any, and it

    @cached_property
    def parting(self) -> int | None:
        """The first step, counted from 1, at which the idea parts from the chain rule."""
        return next((k for k, t in enumerate(self.turns, 1) if t.parts or t.strays), None)

    def buckets(self, k: int) -> dict[int, Turn]:
        """For every node the last contribution it was handed in the first k steps."""
        return {turn.parent: turn for turn in self.turns[:k]}


def walk(graph: Graph, idea: WrongSweep | None = None) -> Walk:
    """Read all steps of a graph's backward sweep.

    Raises EngineError where a wrong idea does not even fit the shapes.

    >>> from backpropkit import var
    >>> s = var(2.0, "s")
    >>> sentence(walk(Graph((s * s).named("L"))), 2)[:54]
    'Step 2 of 2, back through L = s × s to s: local deriva'
    """
    facts, place = read(graph), {node: i for i, node in enumerate(graph.nodes)}
    right = [step for step in graph.steps() if step.parent.op != "const"]
    believed = right
    if idea:
        believed = [s for s in graph.steps(**idea.changes) if s.parent.op != "const"]
    expected = Counter(step.parent for step in right)
    met: Counter[Node] = Counter()
    last: dict[Node, tuple[Step, Step]] = {}
    turns = []
    for step, other in zip(right, believed, strict=True):
        met[step.parent] += 1
        before, before_other = last.get(step.parent, (None, None))
        turns.append(
            Turn(
                node=place[step.node],
                parent=place[step.parent],
                slot=step.position,
                local="" if step.local is None else whole(step.local),
                right=_said(step, before),
                idea=_said(other, before_other),
                parts=not same(step.contribution, other.contribution),
                strays=not same(step.total, other.total),
                met=met[step.parent],
                of=expected[step.parent],
            )
        )
        last[step.parent] = step, other
    listing = graph.listing()
    line = marks(listing, facts, graph.nodes)
    return Walk(
        facts=facts,
        turns=tuple(turns),
        idea=idea,
        wrong=tuple(
            (place[node], apart(step.total, other.total))
            for node, (step, other) in sorted(last.items(), key=lambda item: place[item[0]])
            if node.op == "var" and not same(step.total, other.total)
        ),
        marks=tuple(line[step.parent] for step in right),
        source=listing.text,
        lost=next(
            (
                (f"∂{facts.result}/∂{facts.nodes[place[step.parent]].name}", number)
                for step in believed
                for number in (step.contribution, step.total)
                if not np.all(np.isfinite(number))
            ),
            None,
        ),
    )


def _said(step: Step, before: Step | None) -> Said:
    return Said(
        incoming=whole(step.incoming),
        contribution=whole(step.contribution),
        brief=length(step.contribution),
        before=whole(before.total) if before else "",
        total=whole(step.total),
    )


def same(right: Any, other: Any) -> bool:
    return np.shape(right) == np.shape(other) and np.allclose(right, other, rtol=1e-9, atol=1e-14)


def apart(right: Any, other: Any) -> str:
    """The other number; where it reads like the right one, what is different."""
    text = whole(other)
    return text if text != whole(right) else f"{text}, other entries"


def marks(listing: Listing, facts: Facts, nodes: Sequence[Node]) -> dict[Node, tuple[int, str]]:
    """For the gradient of every node the line of the source that belongs to it, and a word on it.

    A gradient that the algebra of the source folded away belongs to the first line that a gradient
    before it stands on.
    """
    lines = listing.text.splitlines()
    last, forward = len(lines) - 1, set(listing.values.values())
    found: dict[Node, tuple[int, str]] = {}
    for node, seen in zip(nodes, facts.nodes, strict=True):
        name = f"∂{facts.result}/∂{seen.name}"
        line, written = listing.gradients.get(node, 0), listing.written.get(node, "")
        if line and line not in forward:
            own = lines[line].lstrip().startswith(f"{written} =")
            same_name = "" if written == f"d{seen.name}" else f"{name} is {written}"
            found[node] = line, same_name if own else f"{name} is in it"
        elif written:
            found[node] = last, f"{name} is {written}: no line of its own is needed"
        else:
            below = [found[arg][0] for arg in node.args if arg.op != "const"]
            found[node] = min(below, default=last), f"{name} was folded into this line"
    return found


def sentence(walked: Walk, k: int) -> str:
    """What step k did, in words; k = 0 is the beginning."""
    facts, n = walked.facts, len(walked.turns)
    L = facts.result
    if k == 0:
        start = f"Backward begins at the end: ∂{L}/∂{L} = 1. {n} contributions follow."
        return f"{start} Wrong idea: “{walked.idea.name}”." if walked.idea else start
    turn = walked.turns[k - 1]
    node, parent = facts.nodes[turn.node], facts.nodes[turn.parent]
    words = [f"Step {k} of {n}, back through {node.name} = {node.made} to {parent.name}:"]
    words.append(f"{product(walked, turn)}.")
    words.append(f"{gathered(L, parent.name, turn)}.")
    if walked.idea:
        words.append(straying(L, parent.name, walked.idea, turn))
    return " ".join(words)


def product(walked: Walk, turn: Turn) -> str:
    """local × incoming = contribution, in words."""
    node = walked.facts.nodes[turn.node]
    said = turn.right
    if not turn.local:
        return f"the rule of {node.symbol} turns incoming {said.incoming} into {said.contribution}"
    local = f"local derivative {turn.local}"
    args = walked.facts.args[turn.node]
    if node.symbol == "×" and args[0] != args[1]:  # a product switches: say whose value that is
        other = walked.facts.nodes[args[1 - turn.slot]]
        if other.kind != "constant":
            local += f" (the value of {other.name})"
    return f"{local} × incoming {said.incoming} = {said.contribution}"


def gathered(L: str, name: str, turn: Turn) -> str:
    """What the parent has now."""
    said = turn.right
    if turn.of == 1:
        return f"So ∂{L}/∂{name} = {said.total}"
    if turn.met == 1:
        return f"It is the first of {turn.of} contributions: ∂{L}/∂{name} = {said.total} so far"
    more = f"{said.before} {plus(said.contribution)} = {said.total}"
    rest = "all are in" if turn.met == turn.of else f"{turn.met} of {turn.of} are in"
    return f"Contributions add where they meet: ∂{L}/∂{name} = {more}, {rest}"


def straying(L: str, name: str, idea: WrongSweep, turn: Turn) -> str:
    """Whether the idea parts from the chain rule at this step."""
    if turn.parts:
        other = apart_text(turn.right.contribution, turn.idea.contribution)
        return f"“{idea.name}” hands back {other} ≠ {turn.right.contribution}."
    if turn.strays:
        other = apart_text(turn.right.total, turn.idea.total)
        return f"“{idea.name}” makes it {other} ≠ {turn.right.total}."
    return f"“{idea.name}” gets the same here."


def apart_text(right: str, other: str) -> str:
    return other if other != right else f"{other} (other entries)"


def ending(walked: Walk, k: int) -> str:
    """What remains to be said at the end."""
    if k < len(walked.turns):
        return ""
    L, nodes = walked.facts.result, walked.facts.nodes
    if walked.idea is None:
        return "Every gradient is known."
    if not walked.wrong:
        return f"At these numbers “{walked.idea.name}” does no harm: every gradient is right."
    named = [f"∂{L}/∂{nodes[i].name} = {text}" for i, text in walked.wrong[:MANY]]
    more = len(walked.wrong) - len(named)
    listed = ", ".join(named) + (f" and {more} more" if more else "")
    return f"It ends with {listed}: wrong. {walked.idea.message}"


def plus(text: str) -> str:
    """A number as it is added on: "+ 3", "− 3".

    >>> plus("−3"), plus("3")
    ('− 3', '+ 3')
    """
    return f"− {text[1:]}" if text.startswith("−") else f"+ {text}"


def description(walked: Walk, k: int) -> str:
    """The whole picture in words."""
    facts = walked.facts
    got = walked.buckets(k)
    size, steps = counted(len(facts.nodes), "node"), counted(len(walked.turns), "step")
    told = [f"Circuit of {facts.result}, {size}, {k} of {steps}."]
    for i, node in enumerate(facts.nodes):
        if node.kind == "constant":
            continue
        made = f" = {node.made}" if node.made else ""
        if i == len(facts.nodes) - 1:
            grad = f", ∂{facts.result}/∂{node.name} = 1"
        elif i in got:
            turn = got[i]
            grad = f", ∂{facts.result}/∂{node.name} = {turn.right.total}"
            grad += f" ({turn.met} of {turn.of} so far)" if turn.met < turn.of else ""
            grad += f", the wrong idea says {turn.idea.total}" if turn.strays else ""
        else:
            grad = ", gradient not known yet"
        told.append(f"{node.name}{made}: {node.value}{grad}.")
    return " ".join([*told, sentence(walked, k), ending(walked, k)]).rstrip()


def table(walked: Walk, k: int) -> str:
    """The first k steps as an HTML table."""
    nodes, L = walked.facts.nodes, walked.facts.result
    head = ["step", "gate", "hands back to", "local", "incoming", "contribution", f"∂{L}/∂ so far"]
    head += ["wrong idea: contribution", "wrong idea: so far"] if walked.idea else []
    rows = []
    for number, turn in enumerate(walked.turns[:k], 1):
        said = turn.right
        cells = [nodes[turn.node].name, nodes[turn.parent].name, turn.local or "no number"]
        cells += [said.incoming, said.contribution, said.total]
        if walked.idea:
            cells.append(f"{'≠ ' * turn.parts}{turn.idea.contribution}")
            cells.append(f"{'≠ ' * turn.strays}{turn.idea.total}")
        rows.append((str(number), *cells))
    return html_table(f"The first {k} steps of {len(walked.turns)}.", head, rows)


def html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as a table; the first cell of a row is its name."""
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    return (
        f'<table class="bp bp-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    )


def listing(walked: Walk, k: int) -> str:
    """The generated source as HTML, the line of step k marked with a sign and a word."""
    at, words = walked.marks[k - 1] if k else (-1, "")
    lines = []
    for number, line in enumerate(walked.source.splitlines()):
        here = number == at
        note = f"   # {words}" if here and words else ""
        inside = f"{'▶' if here else ' '} {escape(line)}<i>{escape(note)}</i>"
        current = ' class="bp-here" aria-current="step"' if here else ""
        lines.append(f"<span{current}>{inside}</span>")
    return f'<pre class="bp bp-source">{"".join(lines)}</pre>'
