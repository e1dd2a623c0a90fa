"""The gate scene: one gate at a time, its slopes, and what it hands back of what came in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from ..engine.node import EngineError, Node, var
from ..engine.recording import truths
from ..engine.sweep import gradients
from ..functions import where
from ..picture.facts import symbol
from ..picture.marks import path, rect, text
from ..picture.numbers import whole
from .branches import Guard, guards, hold
from .plot import DOT, Line, Mark, Plot
from .scene import Control, Scene, Script, table
from .words import Num, Pick, When, Words, said

Span = tuple[float, float]
GRID = 24  # points along each input, to find how high a gate reaches
SAMPLES = 73  # of a curve


@dataclass(frozen=True)
class Offer:
    """A row of the menu: a gate, where its inputs start and how far they go, and its pattern."""

    name: str
    f: Callable[..., Node]
    inputs: Mapping[str, tuple[float, Span]]
    pattern: str = ""  # what it does with gradients, in a sentence

    def key(self, name: str) -> str:
        """What the state calls one of its inputs."""
        return f"{self.name}.{name}"


@dataclass(frozen=True)
class Input:
    """One input of a gate: where it stands, how steep the gate is there, what it is handed back."""

    name: str
    span: Span
    value: Any  # Nodes where traced, numbers where read
    slope: Any
    grad: Any


@dataclass(frozen=True)
class Gate:
    """A gate at work; its value is called z."""

    offer: Offer
    sign: str
    inputs: tuple[Input, ...]
    value: Any
    incoming: Any
    guards: tuple[Guard, ...] = ()

    def read(self) -> Gate:
        """The same with numbers in place of Nodes."""
        inputs = tuple(
            replace(one, value=one.value.value, slope=one.slope.value, grad=one.grad.value)
            for one in self.inputs
        )
        return replace(self, inputs=inputs, value=self.value.value, incoming=self.incoming.value)


def start(offers: Sequence[Offer], first: str) -> dict[str, Any]:
    """The state a gate explorer begins in."""
    inputs = {o.key(name): value for o in offers for name, (value, _) in o.inputs.items()}
    return {"kind": first, "incoming": 1.0, **inputs}


def scene(offers: Sequence[Offer], state: Mapping[str, Any]) -> Scene:
    """The gates on offer, one of them shown."""
    state = elsewhere(offers, state)
    script = Script(state, {"kind": [offer.name for offer in offers]})
    kind = script.node("kind")
    gates = [trace(offer, script) for offer in offers]
    picks = [kind == float(k) for k in range(len(gates))]
    for gate, pick in zip(gates, picks, strict=True):  # only the shown one has to have a value
        script.watch(where(pick, gate.value, 0.0), f"z, of {gate.offer.name},")
        for one in gate.inputs:
            script.watch(where(pick, one.slope, 0.0), f"∂z/∂{one.name}")
            script.watch(where(pick, one.grad, 0.0), f"∂L/∂{one.name}")
    sentences = Pick(kind, tuple(sentence(gate) for gate in gates))

    def shown(draw: Callable[[Script, Gate], str]) -> str:
        """Of every gate, of which the chosen one is seen."""
        each = zip(gates, picks, strict=True)
        return "".join(script.tag("div", draw(script, g), css="bp-one", shown=p) for g, p in each)

    html = (
        f"{script.tag('p', css='bp bp-caption', words=sentences)}{shown(draw)}"
        f'<details class="bp-fold"><summary>The same as a table</summary>{shown(facts)}</details>'
    )
    asked = [
        (where(pick, node, float(held)), held, f"in {gate.offer.name}, {reads}")
        for gate, pick in zip(gates, picks, strict=True)
        for node, held, reads in gate.guards
    ]
    rows = controls(offers, picks)
    return script.scene("Gate explorer", said(sentences), html, rows, guards=asked)


def elsewhere(offers: Sequence[Offer], state: Mapping[str, Any]) -> dict[str, Any]:
    """The state, but for inputs of gates that are not shown and have no value at them."""
    kept = dict(state)
    for offer in offers:
        if offer.name == state["kind"]:
            continue
        try:
            z = trace(offer, Script({name: x for name, x in state.items() if name != "kind"})).value
            known = math.isfinite(z.value)
        except (EngineError, ArithmeticError):
            known = False
        if not known:
            kept |= {offer.key(name): value for name, (value, _) in offer.inputs.items()}
    return kept


def trace(offer: Offer, script: Script) -> Gate:
    """Run a gate forward and backward on the nodes of the state.

    Raises EngineError where it is not defined, or what it returns is no Node.
    """
    leaves = [script.node(offer.key(name)) for name in offer.inputs]
    with truths() as asked:
        z = offer.f(*leaves)
    if not isinstance(z, Node):
        raise EngineError(f"{offer.name} returned {z!r:.60} (a {type(z).__name__}), not a Node")
    if z.shape:
        raise EngineError(f"{offer.name} has no single number as its value, but {whole(z.value)}")
    grads = gradients(z, Node(1.0, "const"), nodes=True)
    slopes = [grads.get(leaf, Node(0.0, "const")) for leaf in leaves]
    incoming = script.node("incoming")
    inputs = tuple(
        Input(name, span, leaf, slope, slope * incoming)
        for (name, (_, span)), leaf, slope in zip(offer.inputs.items(), leaves, slopes, strict=True)
    )
    sign = symbol(z) if set(z.args) <= set(leaves) else "f"
    called = dict(zip(leaves, offer.inputs, strict=True))
    return Gate(offer, sign, inputs, z, incoming, tuple(guards(asked, {}, called)))


@lru_cache(maxsize=64)
def heights(f: Callable[..., Node], spans: tuple[Span, ...]) -> Span:
    """The lowest and the highest z on a grid over all spans, and 0: one scale, so that slopes can
    be compared."""
    found = [0.0]
    for values in product(*(np.linspace(*span, GRID + 1).tolist() for span in spans)):
        try:
            found.append(f(*map(var, values)).value)
        except (ArithmeticError, ValueError):
            continue
    found = [z for z in found if math.isfinite(z)]
    return (min(found), max(found)) if max(found) > min(found) else (-1.0, 1.0)


def controls(offers: Sequence[Offer], picks: Sequence[Node]) -> list[list[Control]]:
    names = [offer.name for offer in offers]
    menu: Control = {"kind": "buttons", "name": "kind", "label": "gate", "values": names}
    sliders: list[Control] = [
        {
            "kind": "number", "name": offer.key(name), "label": name, "show": pick,
            "span": [*span, 0.05 if span[1] - span[0] < 6 else 0.1],
        }
        for offer, pick in zip(offers, picks, strict=True)
        for name, (_, span) in offer.inputs.items()
    ]  # fmt: skip
    incoming: Control = {
        "kind": "number", "name": "incoming", "label": "incoming", "span": [-3.0, 3.0, 0.1],
    }  # fmt: skip
    return [[menu], [*sliders, incoming], [{"kind": "button", "label": "Back to the start"}]]


# --- in words ------------------------------------------------------------------------------------


def sentence(gate: Gate) -> Words:
    """What the gate does with the gradient that comes in."""
    told: list[Words] = [f"{gate.offer.pattern} Here ".lstrip()]
    for k, one in enumerate(gate.inputs):
        told += ["; " * (k > 0), f"{one.name} gets slope ", Num(one.slope), " × incoming "]
        told += [Num(gate.incoming), " = ", Num(one.grad)]
    return (*told, ".")


def description(gate: Gate) -> Words:
    """The picture in words, for who cannot see it."""
    told: list[Words] = [f"The {gate.offer.name} gate: "]
    for one in gate.inputs:
        told += [f"{one.name} = ", Num(one.value), ", "]
    return (*told, "z = ", Num(gate.value), ", incoming gradient ∂L/∂z = ", Num(gate.incoming), ".")


def facts(script: Script, gate: Gate) -> str:
    rows: list[dict[str, Words]] = [
        {
            "input": one.name,
            "value": (Num(one.value),),
            "slope ∂z/∂input": (Num(one.slope),),
            "incoming ∂L/∂z": (Num(gate.incoming),),
            "handed back ∂L/∂input": (Num(one.grad),),
        }
        for one in gate.inputs
    ]
    return table(script, (f"The {gate.offer.name} gate, z = ", Num(gate.value), "."), rows)


# --- the picture ---------------------------------------------------------------------------------


def draw(script: Script, gate: Gate) -> str:
    """The gate, and beside or below it z over each input, with its tangent."""
    panels = "".join(panel(script, gate, one) for one in gate.inputs)
    return f'<div class="bp-evidence">{scheme(script, gate)}{panels}</div>'


def scheme(script: Script, gate: Gate) -> str:
    """Values above the wires, gradients below, as in a circuit drawn by hand."""
    middle, n = 88.0, len(gate.inputs)
    word = len(gate.sign) > 2
    inside = rect(150, middle - 34, 68, 68, "bp-box", 22)
    inside += text(184, middle + 10, gate.sign, "bp-sign" + " bp-word" * word, 58, 13)

    def wire(x: float, y: float, name: str, value: Node, grad: Node, room: float) -> str:
        """What stands above and below a wire."""
        above, below = (f"{name} = ", Num(value)), ("← ", Num(grad))
        return script.text(x, y - 8, above, "bp-value bp-big", room) + script.text(
            x, y + 21, below, "bp-back bp-big", room
        )

    for i, one in enumerate(gate.inputs):
        y = middle + (i - (n - 1) / 2) * 92
        end = middle + (i - (n - 1) / 2) * 28
        inside += path(f"M0 {y:g}H100C125 {y:g} 125 {end:g} 150 {end:g}", "bp-stub")
        inside += wire(4, y, one.name, one.value, one.grad, 112)
    inside += path(f"M218 {middle:g}H330", "bp-stub")
    inside += wire(226, middle, "z", gate.value, gate.incoming, 104)
    inside += text(0, 184, "value above the wire", "bp-value")
    inside += text(136, 184, "← gradient ∂L/∂· below it", "bp-back")
    told: dict[str, Any] = {"data_value": (Num(gate.value, "r"),)}
    told["data_incoming"] = (Num(gate.incoming, "r"),)
    for one in gate.inputs:
        told[f"data_grad_{one.name.lower()}"] = (Num(one.grad, "r"),)
        told[f"data_slope_{one.name.lower()}"] = (Num(one.slope, "r"),)
    return script.tag(
        "svg", inside, css="bp bp-picture", role="img", viewBox="-6 -6 346 200", width="346",
        height="200", aria_label=description(gate), **told,
    )  # fmt: skip


def panel(script: Script, gate: Gate, one: Input) -> str:
    """z over one input, and its tangent where the input stands."""
    spans = tuple(other.span for other in gate.inputs)
    left, right = (Node(end, "const") for end in one.span)
    low = Node(heights(gate.offer.f, spans)[0], "const")
    ends = tuple((end, gate.value + one.slope * (end - one.value)) for end in (left, right))
    holds = hold(gate.guards, [node for node, _, _ in gate.guards])
    curve = where(holds, gate.value, Node(math.nan, "const")) if gate.guards else gate.value
    plot, _ = Plot(
        (44.0, 24.0, 238.0, 140.0),
        gate.offer.key(one.name),
        np.linspace(*one.span, SAMPLES).round(6).tolist(),
        one.value,
        [Line(curve, "bp-graph")],
        [
            Mark(((one.value, low), (one.value, gate.value), (left, gate.value)), "bp-faint"),
            Mark(ends, "bp-tangent"),
            Mark(((one.value, gate.value),), "bp-start-dot", DOT),
        ],
        now=one.value,
        keep=heights(gate.offer.f, spans),
    ).draw(script)
    words = (f"slope ∂z/∂{one.name} = ", Num(one.slope))
    flat = When(one.slope == 0.0, " (flat)")
    inside = script.text(4, 6, words, "bp-back") + plot
    inside += text(163, 192, one.name, "bp-tick") + text(44, 18, "z", "bp-tick")
    return script.tag(
        "svg", inside, css="bp bp-panel bp-plot", role="img", viewBox="-4 -6 294 204", width="294",
        height="204", aria_label=(f"z over {one.name}, ", *words, flat),
    )  # fmt: skip
