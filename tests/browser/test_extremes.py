"""Numbers that nobody expects, in every explorer: in Python, in its page, and typed into a box."""

import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from shown import Page

import backpropkit as bp
from backpropkit import EngineError, var
from backpropkit.descent import bowl, double_well

pytestmark = pytest.mark.slow

LEAVES = (1e308, -1e308, 1e-320, 0.0)
STEPS = (1e308, -1e160, 1e-320, 1e-20)
NONE = re.compile(r"nan\b|NaN|Infinity|\binf\b|∞|undefined")
NUMBER = re.compile(r"−?\d+(\.\d+)?(e−?\d+)?")
VOID = {"path", "rect", "circle", "input", "meta", "br", "img"}
K = [[2.0, 0.5, 0.3], [0.5, 1.5, -0.2], [0.3, -0.2, 1.0]]


def net(w: bp.Node, x: bp.Node) -> bp.Node:
    return bp.sum(bp.tanh(w @ x))


def masked(a: bp.Node) -> bp.Node:
    """Softmax of three scores, of which the last is masked: an infinity that is meant."""
    return bp.softmax(a + np.array([0.0, 0.0, -np.inf]))[0]


def layers(depth: int) -> bp.Node:
    h = bp.const(np.ones(20))
    for _ in range(depth):
        h = bp.sigmoid(var(0.5) * h)
    return h.sum()


def fork(w: float) -> bp.Node:
    a = var(w, "w")
    return ((a * 2.0).named("v") * (a - 3.0) + bp.tanh(a)).named("J")


EXPLORERS: dict[str, Callable[[], Any]] = {
    "nudge": lambda: bp.explore.nudge("(a*b + c)**2", a=2, b=-3, c=4),
    "nudge, bounded": lambda: bp.explore.nudge("tanh(a) * b", a=2, b=3),
    "nudge, log": lambda: bp.explore.nudge("log(a)/b", a=2, b=3),
    "nudge, arrays": lambda: bp.explore.nudge(net, w=[[1.0, 2.0], [3.0, 4.0]], x=[0.5, -1.0]),
    "nudge, masked": lambda: bp.explore.nudge(masked, a=[1.0, 2.0, 3.0]),
    "gate": lambda: bp.explore.gate(),
    "descent": lambda: bp.explore.descent(bowl),
    "descent, curve": lambda: bp.explore.descent(double_well),
    "entries": lambda: bp.explore.entries(lambda K: bp.logdet(K), K=K),
    "entries, vector": lambda: bp.explore.entries(lambda v: bp.sum(v * v), v=[1.0, 2.0]),
    "backward, tiny": lambda: bp.explore.backward(fork(1e-320)),
    "backward, large": lambda: bp.explore.backward(fork(-1e153)),
    "paths, tiny": lambda: bp.explore.paths(fork(1e-320)),
    "paths, large": lambda: bp.explore.paths(fork(-1e153)),
    "memory": lambda: bp.explore.memory(layers),
}


def states(begin: Mapping[str, Any], gates: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A state, with one number of it somewhere else."""
    for name, now in begin.items():
        chosen = {"kind": name.partition(".")[0]} if name.partition(".")[0] in gates else {}
        if name.startswith("leaf.") or name in ("incoming", "value", "starts") or chosen:
            for value in LEAVES:
                moved: Any = value
                if isinstance(now, list):
                    array = np.array(now, float)
                    array[(0,) * array.ndim] = value
                    moved = array.tolist()
                yield {**begin, **chosen, name: moved}
                if chosen:  # of a gate that is no longer shown
                    other = next(kind for kind in gates if kind != chosen["kind"])
                    yield {**begin, "kind": other, name: moved}
        of = {"h": STEPS, "rate": (1e-9, 1e3), "momentum": (0.999,), "steps": (1.0, 200.0)}
        for value in of.get(name, ()):
            yield {**begin, name: value}
    if "step" in begin:
        yield {**begin, "step": 3.0}
    yield {**begin}


class Seen(HTMLParser):
    """What of a still is not hidden: attributes and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.told = 0, []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        if not self.hidden and "hidden" not in dict(attributes):
            self.told += [f"{tag} {name}={value}" for name, value in attributes]
        elif tag not in VOID:
            self.hidden += 1

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        if not self.hidden and "hidden" not in dict(attributes):
            self.told += [f"{tag} {name}={value}" for name, value in attributes]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= bool(self.hidden)

    def handle_data(self, data: str) -> None:
        self.told += [] if self.hidden else [data]


LOOK = """async (states) => {
  const [stage] = Object.values(globalThis[Symbol.for("backpropkit")].stages);
  const root = document.querySelector(".bp-explorer");
  root.querySelectorAll("details").forEach((part) => (part.open = true));
  return states.map((state) => {
    stage.hear(state);
    const seen = [];
    for (const part of root.querySelectorAll("*")) {
      if (!part.checkVisibility()) continue;
      for (const { name, value } of part.attributes) seen.push(`${part.tagName} ${name}=${value}`);
      for (const one of part.childNodes) if (one.nodeType === 3) seen.push(one.data);
    }
    return [root.querySelector(".bp-caption").textContent, seen];
  });
}"""


@pytest.mark.parametrize("name", EXPLORERS)
def test_no_number_is_said_to_be_one(name: str, opened: Callable[..., Page]) -> None:
    explorer = EXPLORERS[name]()
    allowed = {"∞"} if "masked" in name else set()
    gates = getattr(explorer, "offers", {})
    given = list(states(dict(explorer.state), gates))
    in_page = opened(explorer, 1366).page.evaluate(LOOK, given)
    for state, (said, seen) in zip(given, in_page, strict=True):
        explorer.state = state
        now = explorer.now
        still = Seen()
        still.feed(now.html)
        where = {key: value for key, value in state.items() if value != given[-1].get(key)}
        for told in (*seen, *still.told, said, now.sentence):
            found = {*NONE.findall(told)} - allowed
            assert not found or told.startswith("No picture here: "), (where, told)
        words = [NUMBER.sub("#", one) for one in (said, now.sentence)]
        stopped = [one.startswith("No picture here: ") for one in words]
        assert stopped[0] == stopped[1], (where, said, now.sentence)
        assert stopped[0] or words[0] == words[1], (where, said, now.sentence)
        if "goes beyond" in now.sentence:
            assert said == now.sentence, where
        for sentence in (said, now.sentence):
            if "No error beyond rounding" in sentence and "h" in where:
                assert abs(where["h"]) > 1e-15, (where, sentence)


@pytest.mark.parametrize("explore", [bp.explore.backward, bp.explore.paths])
def test_what_stands_still_refuses_a_graph_without_numbers(explore: Any) -> None:
    who = f"explore.{explore.__name__} has nothing to show at these values: "
    with pytest.raises(EngineError, match=re.escape(who) + "v goes beyond ±1.8e308"):
        explore(fork(1e308))
    a = var(1e-320, "a")
    with pytest.raises(EngineError, match=re.escape(who) + "∂L/∂a goes beyond ±1.8e308"):
        explore(bp.log(a).named("L"))


def test_assistive_technology_is_told_numbers_without_powers_of_ten(
    opened: Callable[..., Page],
) -> None:
    """Of a number in the picture and of the point on the curve; JavaScript writes 1e-7."""
    explorer = bp.explore.nudge("a*b", a=1e-7, b=3e21)
    explorer.h.value = 1e-7
    page = opened(explorer)
    plain = re.compile(r"-?\d+(\.\d+)?")
    told = {}
    for part in page.page.locator("[aria-valuenow]:visible").all():
        for name in ("now", "min", "max"):
            value = part.get_attribute(f"aria-value{name}")
            if value is not None:
                assert plain.fullmatch(value), (value, part.get_attribute("aria-label"))
        told[part.get_attribute("aria-label")] = part.get_attribute("aria-valuenow")
    assert told["leaf.a"] == "0.0000001" and told["leaf.b"] == "3" + "0" * 21
    assert told["h, on the curve"] == "0.0000001"
