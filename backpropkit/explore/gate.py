"""The gate explorer: one gate at a time, its inputs and the incoming gradient on sliders."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets as w

from ..engine.node import EngineError, Node
from ..engine.rules import exp, maximum, sigmoid
from ..picture.circuit import CIRCUIT_STYLE
from ..picture.gates import GATE_STYLE, Gate, Span, draw, sentence, table
from ..picture.gates import gate as run
from .widgets import Explorer, both, caption, row, span


@dataclass(frozen=True)
class Offer:
    """A row of the menu: a gate, where its inputs start and how far they go, and its pattern."""

    name: str
    f: Callable[..., Node]
    inputs: dict[str, tuple[float, Span]]
    pattern: str = ""


WIDE = (-6.0, 6.0)
TWO = {"x": (-2.0, WIDE), "y": (5.0, WIDE)}
OFFERS = [
    Offer(
        "add",
        lambda x, y: x + y,
        TWO,
        "Add copies: whatever its inputs are, each is handed the whole incoming gradient.",
    ),
    Offer(
        "multiply",
        lambda x, y: x * y,
        TWO,
        "Multiply switches: each input is handed the incoming gradient times the other's value.",
    ),
    Offer(
        "max",
        lambda x, y: maximum(x, y),
        TWO,
        "Max routes: the larger input is handed all of the incoming gradient, the smaller none; "
        "at a tie each gets half.",
    ),
    Offer(
        "exp",
        lambda x: exp(x),
        {"x": (0.5, (-2.0, 2.0))},
        "The slope of exp is its own output.",
    ),
    Offer(
        "1/x",
        lambda x: x**-1,
        {"x": (0.8, (0.3, 4.0))},
        "1/x falls as x grows: its slope is −1/x², never positive.",
    ),
    Offer(
        "sigmoid",
        lambda x: sigmoid(x),
        {"x": (1.0, WIDE)},
        "The slope of the sigmoid z is z(1 − z): a quarter at most, almost nothing at both ends.",
    ),
]
INCOMING = (1.0, (-3.0, 3.0))


def gate(given: Any = None, /, **values: float) -> w.Widget:
    """Watch one gate hand back its incoming gradient: local derivative (slope) × incoming.

    Args:
        given: nothing, for the menu of gates; the name of the gate to begin with ("multiply"); or
            a function of one or two numbers, which is then treated as a gate of its own.
        values: for a function, where its inputs start.

    Raises:
        TypeError: a name that is not on the menu, a function of more than two numbers, or one
            without values for its arguments.

    >>> explorer = gate("multiply")
    >>> explorer.incoming.value = 2.0
    >>> [one.grad for one in explorer.gate.inputs]
    [10.0, -4.0]
    """
    offers = {offer.name: offer for offer in OFFERS}
    first = OFFERS[0].name
    if callable(given):
        own = _own(given, values)
        offers, first = {own.name: own, **offers}, own.name
    elif given is not None:
        if given not in offers or values:
            raise TypeError(
                f"explore.gate takes nothing, the name of a gate ({', '.join(offers)}), or a "
                f"function with a number for each of its arguments; it was given {given!r:.60}"
            )
        first = given
    return GateExplorer(offers, first)


def _own(f: Callable[..., Any], values: dict[str, float]) -> Offer:
    """A learner's function as a gate."""
    names = list(inspect.signature(f).parameters)
    called = getattr(f, "__name__", "f")
    called = "f" if called == "<lambda>" else called
    if not 1 <= len(names) <= 2:
        raise TypeError(
            f"explore.gate takes a function of one or two numbers; {called} has {len(names)} "
            "arguments: explore.backward steps through it instead"
        )
    if set(names) != set(values):
        example = ", ".join(f"{name}=1.0" for name in names)
        raise TypeError(
            f"{called} needs a number for each of its arguments, and no others: "
            f"explore.gate({called}, {example})"
        )
    spans = {name: span(float(values[name]))[:2] for name in names}
    return Offer(called, f, {name: (float(values[name]), spans[name]) for name in names})


class GateExplorer(Explorer):
    """What `explore.gate` returns.

    Attributes:
        gate: the present gate: its inputs, their slopes, what each is handed back.
        kind: the menu; inputs: the sliders of the inputs, two of which one may be hidden;
        incoming: the slider of the incoming gradient.
        picture: the HTML widget that holds the SVG; said: the text above it.
    """

    look = CIRCUIT_STYLE + GATE_STYLE
    gate: Gate

    def __init__(self, offers: dict[str, Offer], first: str) -> None:
        super().__init__()
        self._offers = offers
        self._quiet = False
        self.kind = w.ToggleButtons(options=list(offers), value=first)
        self.kind.style.button_width = "auto"
        self.inputs = [_slider("x"), _slider("y")]
        self.incoming = _slider("incoming", "5em")
        self.said, self.picture = w.HTML(), w.HTML()
        self.picture.add_class("bp-stage")
        self.as_table = w.ToggleButton(
            description="Show as a table", value=False, layout=w.Layout(width="auto")
        )
        self.numbers = w.HTML(layout=w.Layout(overflow="auto"))
        _set(self.incoming, "incoming", *INCOMING)
        self.kind.observe(self._choose, "value")
        for control in (*self.inputs, self.incoming, self.as_table):
            control.observe(self._redraw, "value")
        self.lay_out(
            "Gate explorer",
            [
                self.kind,
                row(*self.inputs, self.incoming),
                self.said,
                self.picture,
                row(self.as_table),
                self.numbers,
            ],
        )
        self._choose()

    def _choose(self, _: Any = None) -> None:
        """Suit the sliders to the gate that was chosen."""
        offer = self._offers[self.kind.value]
        self._quiet = True
        for slider in self.inputs:
            slider.layout.display = "none"
        for slider, (name, (value, reach)) in zip(self.inputs, offer.inputs.items(), strict=False):
            slider.layout.display = ""
            _set(slider, name, value, reach)
        self._quiet = False
        self._redraw()

    def _redraw(self, _: Any = None) -> None:
        if self._quiet:
            return
        offer = self._offers[self.kind.value]
        inputs = {
            name: (slider.value, reach)
            for slider, (name, (_, reach)) in zip(self.inputs, offer.inputs.items(), strict=False)
        }
        try:
            self.gate = run(offer.name, offer.f, inputs, self.incoming.value, offer.pattern)
        except (EngineError, ArithmeticError) as error:
            self._show(f"No picture here: {error}. Move back.", "")
            return
        stage = both(lambda down: draw(self.gate, down, style=False))
        self.numbers.value = table(self.gate) if self.as_table.value else ""
        self._show(sentence(self.gate), stage)

    def _show(self, said: str, stage: str) -> None:
        self.said.value = caption(said)
        self.picture.value = stage
        self.live.say(said)

    def still(self) -> str:
        return (
            f'<p class="bp bp-caption">{escape(sentence(self.gate))}</p>'
            f"{draw(self.gate, style=False)}"
            f"<details><summary>The same as a table</summary>{table(self.gate)}</details>"
            "<p><small>A picture of the explorer: run the notebook to move it.</small></p>"
        )


def _slider(name: str, room: str = "3em") -> w.FloatSlider:
    return w.FloatSlider(
        description=name,
        step=0.1,
        readout_format=".2f",
        style={"description_width": room},
        layout=w.Layout(width="280px"),
    )


def _set(slider: w.FloatSlider, name: str, value: float, reach: Span) -> None:
    """Another name, value and span; never a moment in which the value lies outside."""
    with slider.hold_trait_notifications():
        slider.min, slider.max = reach
        slider.description, slider.value = name, value
        slider.step = 0.05 if reach[1] - reach[0] < 6 else 0.1
