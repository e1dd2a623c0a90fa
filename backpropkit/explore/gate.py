"""The gate explorer: one gate at a time, its inputs and the incoming gradient on sliders."""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

from ..engine.rules import exp, maximum, sigmoid
from ..scenes import Scene, Script
from ..scenes import gate as scenes
from ..scenes.gate import Offer
from .given import called
from .stage import Handle, Stage

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


def gate(given: Any = None, /, **values: float) -> Stage:
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
    names, who = list(inspect.signature(f).parameters), called(f)
    if not 1 <= len(names) <= 2:
        raise TypeError(
            f"explore.gate takes a function of one or two numbers; {who} has {len(names)} "
            "arguments: explore.backward steps through it instead"
        )
    if set(names) != set(values):
        example = ", ".join(f"{name}=1.0" for name in names)
        raise TypeError(
            f"{who} needs a number for each of its arguments, and no others: "
            f"explore.gate({who}, {example})"
        )
    spans = {name: span(float(values[name])) for name in names}
    return Offer(who, f, {name: (float(values[name]), spans[name]) for name in names})


class GateExplorer(Stage):
    """What `explore.gate` returns.

    Attributes:
        kind, incoming: the chosen gate by its name, and the gradient that comes in, to read and
            to set; inputs: those of the chosen gate.
        gate: the chosen gate: its inputs, their slopes, what each is handed back.
    """

    def __init__(self, offers: dict[str, Offer], first: str) -> None:
        self.offers = offers
        self._begin = scenes.start(list(offers.values()), first)
        super().__init__(self._scene)
        self.kind, self.incoming = Handle(self, "kind"), Handle(self, "incoming")

    def _scene(self, state: Mapping[str, Any]) -> Scene:
        return scenes.scene(list(self.offers.values()), {**self._begin, **state})

    @property
    def inputs(self) -> list[Handle]:
        offer = self.offers[self.kind.value]
        return [Handle(self, offer.key(name)) for name in offer.inputs]

    @property
    def gate(self) -> scenes.Gate:
        numbers = {name: value for name, value in self.state.items() if name != "kind"}
        return scenes.trace(self.offers[self.kind.value], Script(numbers)).read()


def span(value: float) -> tuple[float, float]:
    """How far its slider goes around a value: 50 steps of its second digit at least.

    >>> span(2.0), span(-30.0)
    ((-3.0, 7.0), (-90.0, 30.0))
    """
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1
    reach = max(50, math.ceil(2 * abs(value) / step)) * step
    most = 1.7e308
    return max(round(value - reach, 12), -most), min(round(value + reach, 12), most)
