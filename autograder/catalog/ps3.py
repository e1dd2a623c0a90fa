"""Problem set 3, write the gates and an engine: caches, memory, order, accumulation."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import chain, combinations, product
from types import CodeType
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.judge.behaviour import (
    RAISES,
    TOLERANCE,
    Ask,
    Behaviour,
    Raises,
    Told,
    any_of,
    anything,
    one_way,
    same,
)
from autograder.judge.exercise import Rng, away, uniform
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.reading import number
from backpropkit.engine.sweep import Rule, gradients
from backpropkit.ideas import RIGHT, Change, Sweeps

Pair = tuple[Any, Any]

# Gates: what backward returns for (x, y, dz), by those who know and by those who do not.
Backward = Callable[[Any, Any, Any], Any]


def gate_rounds(
    r: Rng, gate: str, right: Backward, wrong: Mapping[str, Backward], counts: Mapping[str, str]
) -> Iterator[Ask]:
    """Rounds of forward and backward; `counts` says which check each kind of round counts for."""

    def back(check: str, name: str, x: Any, y: Any, dz: Any, scene: int, **shared: Any) -> Ask:
        ideas = {id: believed(x, y, dz) for id, believed in wrong.items()}
        ideas |= {id.replace("_", "-"): answer for id, answer in shared.items()}
        wanted = right(x, y, dz)
        if check == "incoming":  # of a new gate, whatever is wrong with its memory
            ideas |= dict.fromkeys(("stale-cache", "shared-cache", "double-backward"), wanted)
        return Ask(
            f"{name}.backward(dz)", {"dz": dz}, None, {counts[check]: wanted}, ideas, scene,
            {counts[check]: one_of(wanted)}, ("dx", "dy"),
        )  # fmt: skip

    def forward(name: str, x: Any, y: Any, scene: int) -> Ask:
        right = {counts["value"]: FORWARD[gate](x, y)}
        return Ask(f"{name}.forward(x, y)", {"x": x, "y": y}, None, right, {}, scene)

    for scene, (one, other) in zip(range(0, 50, 10), PAIRS, strict=True):
        (x, y), (u, v) = apart(r, one), apart(r, other)
        # of both signs, whichever side is larger: who looks at the sign of dz does not get away
        sign = 1 if scene < 30 else -1
        dz, two = sign * uniform(r, 0.3, 3), -sign * uniform(r, 0.3, 3)
        yield Ask(f"{gate}()", {}, "gate", {}, {}, scene)
        yield forward("gate", x, y, scene)
        yield back("incoming", "gate", x, y, dz, scene)
        added = right(x, y, 3 * dz)  # to what the call before found
        again: dict[str, Any] = {"double_backward": added}
        if "name-overwritten" in wrong:
            again["name_overwritten"] = written_over_again(x, y, dz, 2 * dz)
        yield back("linear", "gate", x, y, 2 * dz, scene, **again)
        yield forward("gate", u, v, scene)
        yield back("latest", "gate", u, v, two, scene, stale_cache=right(x, y, two))
        yield Ask(f"{gate}()", {}, "first", {}, {}, scene + 1)
        yield Ask(f"{gate}()", {}, "second", {}, {}, scene + 1)
        yield forward("first", x, y, scene + 1)
        yield forward("second", u, v, scene + 1)
        mixed = right(u, v, dz)
        yield back("two", "first", x, y, dz, scene + 1, shared_cache=mixed)
        yield back("two", "second", u, v, two, scene + 1)
    if "arrays" in counts:
        for scene in range(62, 65):
            xs, ys, dzs = (away(r, 0.5, 3, 3) for _ in range(3))
            yield Ask(f"{gate}()", {}, "gate", {}, {}, scene)
            yield forward("gate", xs, ys, scene)
            changed = one_way(right(xs * ys, ys, dzs), right(xs, xs * ys, dzs))
            yield back("arrays", "gate", xs, ys, dzs, scene, input_changed=changed)
        yield Ask(f"{gate}()", {}, "gate", {}, {}, 61)
        zero, y, dz = 0.0, away(r, 0.5, 3), away(r, 0.3, 3)  # who divides by an input learns of it
        yield forward("gate", zero, y, 61)
        yield back("incoming", "gate", zero, y, dz, 61)


def one_of(wanted: Sequence[Any]) -> Any:
    """One of two gradients is right, where it is not 0, and the other one is a number, too."""
    return lambda given: (
        len(given) == 2
        and any(
            np.any(right) and same(one, right) and not number(other)[1]
            for one, other, right in zip(given, reversed(given), wanted, strict=True)
        )
    )


# The signs of two pairs of numbers, and which is larger: all there are, so that none is left to the
# draw. The two pairs have their larger number on different sides, but for the last.
PAIRS = (("-<+", "+>+"), ("+>-", "-<-"), ("-<-", "->-"), ("->-", "+<+"), ("-<+", "-<-"))


def apart(r: Rng, form: str) -> Pair:
    """Two numbers clearly apart: "+>-" is a positive one and a negative one.

    Rounded, or cut to whole numbers, two positive ones tie.

    >>> apart(np.random.default_rng(0), "-<-")
    (-2.25, -1.42)
    """
    sizes, gap = ((1.01, 1.08), (0.4, 0.41)) if form[::2] == "++" else ((0.4, 2), (0.4, 2))
    near = uniform(r, *sizes)
    far = round(near + uniform(r, *gap), 2)
    large, small = {"++": (far, near), "--": (-near, -far)}.get(form[::2], (far, -near))
    return (large, small) if form[1] == ">" else (small, large)


FORWARD: dict[str, Callable[[Any, Any], Any]] = {
    "MultiplyGate": lambda x, y: x * y,
    "AddGate": lambda x, y: x + y,
    "MaxGate": lambda x, y: max(x, y),
}

EACH = {
    "value": "forward(x, y)",
    "incoming": "backward(dz), dz not 1",
    "linear": "backward twice as large for twice the dz",
    "latest": "after two forwards, the latest counts",
    "two": "two gates, each its own memory",
    "arrays": "arrays, entry by entry",
}


def written_over(x: Any, y: Any, dz: Any) -> list[list[Any]]:
    """dx and dy of those who write one of them, or their product, over what the other needs."""
    return [
        [y * dz, x * y * dz],
        [x * y * dz, x * dz],
        [y * dz, y * dz * dz],
        [x * dz * dz, x * dz],
    ]


def written_over_again(x: Any, y: Any, dz: Any, more: Any) -> Any:
    """Those of a second call, of those who wrote over a name, and of those who did so in the gate:
    they start from what the first call made."""
    kept = enumerate(written_over(x, y, dz))
    return one_way(
        *written_over(x, y, more), *(written_over(dx, dy, more)[k] for k, (dx, dy) in kept)
    )


MultiplyGate = Behaviour(
    id="ps3.MultiplyGate",
    points=3,
    signature="class MultiplyGate: forward(x, y) -> z; backward(dz) -> [dx, dy]",
    task="A gate that multiplies, and remembers what it needs to go back.",
    checks=dict.fromkeys(EACH.values(), 0.5),
    beside=(EACH["value"],),
    script=lambda r: gate_rounds(
        r,
        "MultiplyGate",
        lambda x, y, dz: [y * dz, x * dz],
        {
            "no-upstream": lambda x, y, dz: [y, x],
            "mul-not-switched": lambda x, y, dz: [x * dz, y * dz],
            "upstream-only": lambda x, y, dz: [dz, dz],
            "value-for-derivative": lambda x, y, dz: [x * y * dz, x * y * dz],
            "sign": lambda x, y, dz: [-y * dz, -x * dz],
            "scale": lambda x, y, dz: one_way([2 * y * dz, 2 * x * dz], [y * dz / 2, x * dz / 2]),
            "chain-added": lambda x, y, dz: [y + dz, x + dz],
            "name-overwritten": lambda x, y, dz: one_way(*2 * written_over(x, y, dz)),
        },
        EACH,
    ),
    ideas=("no-upstream", "mul-not-switched", "shared-cache"),
)


def in_proportion(x: Any, y: Any, dz: Any) -> Any:
    """Shared as the summands are; where they cancel, nobody can say how."""
    total = np.where(np.add(x, y) == 0.0, 1.0, np.add(x, y))
    return [dz * x / total, dz * y / total]


def to_one_only(dz: Any) -> Any:
    """All of it to one of the two, and 0, in any form, to the other."""
    return lambda given: (
        len(given) == 2
        and any(same(a, dz) and not np.any(b) for a, b in (tuple(given), tuple(given)[::-1]))
    )


TWO = dict.fromkeys(EACH, "backward(dz), for every dz and every pair of gates") | {
    "value": "forward(x, y)"
}

AddGate = Behaviour(
    id="ps3.AddGate",
    points=1,
    signature="class AddGate: forward(x, y) -> z; backward(dz) -> [dx, dy]",
    task="A gate that adds.",
    checks=dict.fromkeys(TWO.values(), 0.5),
    beside=(TWO["value"],),
    script=lambda r: gate_rounds(
        r,
        "AddGate",
        lambda x, y, dz: [dz, dz],
        {
            "add-splits": lambda x, y, dz: one_way(
                [dz / 2, dz / 2], in_proportion(x, y, dz), to_one_only(dz)
            ),
            "chain-added": lambda x, y, dz: one_way(
                [1 + dz, 1 + dz], [x + dz, y + dz], [y + dz, x + dz]
            ),
            "no-upstream": lambda x, y, dz: [1.0, 1.0],
            "value-for-derivative": lambda x, y, dz: one_way(
                [x * dz, y * dz], [(x + y) * dz, (x + y) * dz]
            ),
            "add-as-mul": lambda x, y, dz: [y * dz, x * dz],
            "sign": lambda x, y, dz: one_way([dz, -dz], [-dz, dz], [-dz, -dz]),
            "scale": lambda x, y, dz: [2 * dz, 2 * dz],
        },
        TWO,
    ),
    ideas=("add-splits", "no-upstream"),
    inseparable={"shared-cache": "an add gate needs no cache"},
)


def to_the_larger(x: Any, y: Any, dz: Any) -> Any:
    return [dz * (x > y), dz * (y > x)]


def max_ideas(x: Any, y: Any, dz: Any) -> Any:
    """To both, half to both, to the loser, to what is positive, larger or not, always to the same
    one, or times the value; or the loser gets it with a minus."""
    return one_way(
        [dz, dz],
        [dz / 2, dz / 2],
        to_the_larger(y, x, dz),
        [x * dz, y * dz],
        to_the_larger(x, y, dz * max(x, y)),
        to_the_larger(abs(x), abs(y), dz),
        [dz * (x > 0), dz * (y > 0)],
        [dz * (x > y and x > 0), dz * (y > x and y > 0)],
        [dz * np.sign(x - y), dz * np.sign(y - x)],
        [dz, 0.0],
        [0.0, dz],
    )


MaxGate = Behaviour(
    id="ps3.MaxGate",
    points=1,
    signature="class MaxGate: forward(x, y) -> z; backward(dz) -> [dx, dy]",
    task="A gate for numbers that lets the larger one through; x and y never tie.",
    checks=dict.fromkeys(TWO.values(), 0.5),
    beside=(TWO["value"],),
    script=lambda r: gate_rounds(
        r,
        "MaxGate",
        to_the_larger,
        {
            "max-routes-both": max_ideas,
            "no-upstream": lambda x, y, dz: to_the_larger(x, y, 1.0),
            "chain-added": lambda x, y, dz: one_way(
                [(x > y) + dz, (y > x) + dz], to_the_larger(x, y, 1.0 + dz)
            ),
            "sign": lambda x, y, dz: to_the_larger(x, y, -dz),
            "scale": lambda x, y, dz: one_way(
                to_the_larger(x, y, 2 * dz), to_the_larger(x, y, dz / 2)
            ),
        },
        {round: check for round, check in TWO.items() if round != "arrays"},
    ),
    ideas=("max-routes-both", "shared-cache", "no-upstream"),
)

# A gate with a switch for its cache.

# Whoever works from the output does not mind losing the input: every number the gate keeps that is
# the input, or plainly made of it, is spoilt between two calls of backward. A list of calls that
# compute exponentials would never be complete (`from math import exp`, `math.e **`, tanh, ...).
SPOIL_INPUT = '''
def with_input_lost(gate, x, df):
    """backward(df) as it is, and again after the gate has lost x."""
    spoilt = {k * x for k in (1, -1, 2, -2, 0.5, -0.5)}
    def is_spoilt(kept):
        try:
            return float(kept) in spoilt
        except (TypeError, ValueError):
            return False
    def lose(kept, depth):
        if is_spoilt(kept):
            return float("nan")
        if depth:
            if isinstance(kept, (list, tuple)):
                return type(kept)(lose(item, depth - 1) for item in kept)
            if isinstance(kept, dict):
                return {key: lose(item, depth - 1) for key, item in kept.items()}
            for cell in getattr(kept, "__closure__", None) or ():
                cell.cell_contents = lose(cell.cell_contents, depth - 1)
            if type(kept).__module__ == type(gate).__module__ and hasattr(kept, "__dict__"):
                for name, item in list(vars(kept).items()):
                    object.__setattr__(kept, name, lose(item, depth - 1))
        return kept
    first = gate.backward(df)
    lose(gate, 4)
    return [first, gate.backward(df)]
'''

HOLDS = '''
def holds(kept, numbers, depth=4):
    """One of the numbers is in what a gate keeps, whether it gives it out or not."""
    try:
        return kept not in (True, False) and any(abs(float(kept) - x) < 1e-9 for x in numbers)
    except (TypeError, ValueError):
        pass
    inside = [cell.cell_contents for cell in getattr(kept, "__closure__", None) or ()]
    if isinstance(kept, (list, tuple, set)):
        inside += kept
    elif isinstance(kept, dict):
        inside += kept.values()
    elif type(kept).__module__ == SigmoidGate.__module__:
        inside += getattr(kept, "__dict__", {}).values()
        slots = getattr(kept, "__slots__", ())
        inside += [getattr(kept, name, None) for name in slots if isinstance(slots, (list, tuple))]
    return depth > 0 and any(holds(item, numbers, depth - 1) for item in inside)
'''

FAIL_INSIDE = """
came_out = False
try:
    with no_grad():
        raise ValueError("on purpose")
except ValueError:
    came_out = True
"""
passed_on = Told(
    lambda came_out: came_out is True,
    lambda came_out: "the block was left by an exception, and whoever wrote it never hears of it",
)


def slope_of_sigmoid(x: float) -> float:
    f = float(bp.sigmoid(x))
    return f * (1 - f)


# losing the input changes nothing
the_same_twice = Told(
    lambda pair: len(pair) == 2 and bool(pair[0]) and same(pair[0], pair[1]),
    lambda pair: (
        "once the gate had lost x, another number came back than before. Which one number "
        "does it need to keep?"
    ),
)


nothing_held = Told(
    lambda held: held is False,
    lambda held: (
        "the gate still holds a number that forward met. Memory is not saved by not handing it out"
    ),
)


def sigmoid_script(r: Rng) -> Iterator[Ask]:
    yield Ask(SPOIL_INPUT, scene=10)
    for scene in range(4):
        x, other = of_other_slopes(r)
        x, other = (x, other) if scene % 2 else (-x, -other)
        dz = away(r, 0.3, 3)
        f, g = bp.sigmoid(x), bp.sigmoid(other)
        ideas = slope_ideas(x, dz)
        yield Ask("SigmoidGate()", {}, "gate", {}, {}, scene)
        yield Ask("gate.forward(x)", {"x": x}, None, {"its gradient": f}, mirrored(x), scene)
        yield Ask(
            "gate.backward(dz)", {"dz": dz}, None, {"its gradient": f * (1 - f) * dz}, ideas, scene
        )
        yield Ask("SigmoidGate()", {}, "second", {}, {}, scene)
        yield Ask(
            "second.forward(x)", {"x": other}, None, {"its gradient": g}, mirrored(other), scene
        )
        yield Ask(
            "gate.backward(dz)", {"dz": dz}, None, {"its gradient": f * (1 - f) * dz},
            ideas | {"shared-cache": g * (1 - g) * dz}, scene,
        )  # fmt: skip
        yield Ask(
            "gate.forward(x)", {"x": other}, None, {"its gradient": g}, mirrored(other), scene
        )
        yield Ask(
            "gate.backward(dz)", {"dz": dz}, None, {"its gradient": g * (1 - g) * dz},
            slope_ideas(other, dz) | {"stale-cache": f * (1 - f) * dz}, scene,
        )  # fmt: skip
    for scene in (10, 11):
        x = uniform(r, 1.05, 1.3) * (1 if scene % 2 else -1)  # no multiple of x is σ(x) or e⁻ˣ
        yield Ask("SigmoidGate()", {}, "gate", {}, {}, scene)
        yield Ask("gate.forward(x)", {"x": x}, None, {}, {}, scene)
        yield Ask(
            "with_input_lost(gate, x, df)", {"x": x, "df": away(r, 0.3, 3)}, None,
            {"backward works from what forward kept": the_same_twice}, {}, scene,
        )  # fmt: skip
    yield from forgetful(r)


def forgetful(r: Rng) -> Iterator[Ask]:
    """Gates that are told to keep nothing, and those before, beside and after them that keep."""
    check = "nothing is kept under no_grad"

    def keeps(name: str, x: float, scene: int) -> Iterator[Ask]:
        yield Ask(f"{name}.forward(x)", {"x": x}, None, {}, {}, scene)
        yield Ask(
            f"{name}.backward(1.0)", {}, None, {check: slope_of_sigmoid(x)},
            slope_ideas(x, 1.0, "no-upstream"), scene,
        )  # fmt: skip

    kept = {"kept-anyway": Raises(some_number)}
    for scene in (20, 30, 40):
        x, y = of_other_slopes(r)
        f = bp.sigmoid(x)
        yield Ask("SigmoidGate()", {}, "silent", {}, {}, scene)
        told = "with no_grad():\n    silent.forward(x)"
        yield Ask(told, {"x": x}, None, {check: None}, {}, scene)
        yield Ask("silent.backward(1.0)", {}, None, {check: RAISES}, kept, scene)
        yield Ask("SigmoidGate()", {}, "awake", {}, {}, scene)  # the block is over
        yield from keeps("awake", y, scene)
        yield from keeps("silent", y, scene)
        yield Ask("SigmoidGate(grad=False)", {}, "off", {}, {}, scene + 1)
        yield Ask("off.forward(x)", {"x": x}, None, {check: f}, mirrored(x), scene + 1)
        yield Ask("off.backward(1.0)", {}, None, {check: RAISES}, kept, scene + 1)
    yield Ask(HOLDS, scene=50)  # a gate may keep, and refuse to give it out
    for z, (gate, run) in product(
        (x, y),
        (
            ("SigmoidGate()", "with no_grad():\n    silent.forward(x)"),
            ("SigmoidGate(grad=False)", "silent.forward(x)"),
        ),
    ):
        met = [z, bp.sigmoid(z), slope_of_sigmoid(z), math.exp(-z)]
        yield Ask(gate, {}, "silent", {}, {}, 50)
        yield Ask(run, {"x": z}, None, {}, {}, 50)
        yield Ask(
            "holds(silent, numbers)", {"numbers": met}, None, {check: nothing_held},
            {"kept-anyway": lambda held: held in (True, False)}, 50,
        )  # fmt: skip
    yield Ask("SigmoidGate()", {}, "used", {}, {}, 22)  # a gate that has kept something already
    yield from keeps("used", y, 22)
    yield Ask("with no_grad():\n    f = used.forward(x)", {"x": x}, None, {check: None}, {}, 22)
    yield Ask("f", {}, None, {check: f}, mirrored(x), 22)
    old = Raises(any_of(slope_of_sigmoid(y), *believed_slopes(y)))
    yield Ask("used.backward(1.0)", {}, None, {check: old}, {}, 22)
    yield Ask("with no_grad():\n    born = SigmoidGate()", {}, None, {check: None}, {}, 23)
    yield from keeps("born", x, 23)  # what counts is where forward anything
    yield Ask("SigmoidGate()", {}, "mine", {}, {}, 26)  # the switch of one gate is its own
    yield Ask("SigmoidGate(grad=False).forward(x)", {"x": x}, None, {check: f}, mirrored(x), 26)
    yield from keeps("mine", y, 26)
    yield Ask("SigmoidGate()", {}, "older", {}, {}, 26)
    told = "with no_grad():\n    SigmoidGate(grad=True)\n    older.forward(x)"
    yield Ask(told, {"x": x}, None, {check: None}, {}, 26)
    yield Ask("older.backward(1.0)", {}, None, {check: RAISES}, kept, 26)
    yield Ask("SigmoidGate(grad=True)", {}, "on", {}, {}, 24)
    yield from keeps("on", y, 24)
    yield Ask(FAIL_INSIDE, {}, None, {check: None}, {}, 25)
    yield Ask("came_out", {}, None, {check: passed_on}, {}, 25)
    yield Ask("SigmoidGate()", {}, "after", {}, {}, 25)
    yield from keeps("after", x, 25)


def of_other_slopes(r: Rng) -> Pair:
    """A number below 0 and one above, at which the sigmoid is not equally steep: it is the same on
    both sides of 0. Neither is a whole number, which a gate might keep of its own."""
    x = uniform(r, 0.4, 0.99) if r.random() < 0.4 else uniform(r, 1.01, 1.99)
    y = uniform(r, 2.2, 2.99) if x > 1.2 else uniform(r, 1.4, 1.99)
    return (-x, y) if r.random() < 0.5 else (-y, x)


def some_number(given: Any) -> bool:
    """Something was worked out; a 0 or a None only stands in for it."""
    return not number(given)[1] and given != 0


def believed_slopes(x: float) -> list[float]:
    """What a gate with a wrong slope that keeps rightly would hand back: the check of what is
    kept is not about the slope."""
    f = float(bp.sigmoid(x))
    return [f, 1 - f, 1 - f * f, slope_of_sigmoid(f), x * (1 - x), -slope_of_sigmoid(x)]


def mirrored(x: float) -> dict[str, float]:
    """{idea: what it makes of the way forward}: 1 / (1 + e^x)."""
    return {"exp-minus": 1 - float(bp.sigmoid(x))}


def slope_ideas(x: float, dz: float, *but: str) -> dict[str, Any]:
    """{idea: what it makes of the way back through a sigmoid}."""
    own, rest, squared, *mixed, turned = (slope * dz for slope in believed_slopes(x))
    ideas = {
        "sigmoid-prime": one_way(own, rest, squared),
        "chain-added": slope_of_sigmoid(x) + dz,
        "output-for-input": one_way(*mixed),
        "sign": turned,
        "no-upstream": slope_of_sigmoid(x),
        "exp-minus": any_of(slope_of_sigmoid(x) * dz, turned),
    }
    return {id: answer for id, answer in ideas.items() if id not in but}


SigmoidGate = Behaviour(
    id="ps3.SigmoidGate",
    points=3,
    signature="class SigmoidGate(grad=True): forward(x) -> f; backward(df) -> dx; and no_grad()",
    task="A sigmoid gate that keeps its output for the way back, unless it is told not to.",
    checks={
        "its gradient": 1,
        "backward works from what forward kept": 1,
        "nothing is kept under no_grad": 1,
    },
    beside=("backward works from what forward kept", "nothing is kept under no_grad"),
    script=sigmoid_script,
    needs=("no_grad",),
    ideas=("output-for-input", "sigmoid-prime", "shared-cache", "no-upstream", "sign"),
)

# Order.

GRAPH = '''
class N:
    """A node: its name, and the nodes it was computed from."""
    def __init__(self, name, args):
        self.name, self.args = name, args

def build(edges):
    nodes = []
    for name, args in enumerate(edges):
        nodes.append(N(name, tuple(nodes[i] for i in args)))
    return nodes[-1]
'''


def random_graph(r: Rng, n: int) -> list[list[int]]:
    """For every node the places of its arguments; an inner one is used again much later."""
    edges: list[list[int]] = [[], [], []]
    for i in range(3, n):
        edges.append([i - 1, int(r.integers(max(0, i - 4), i))])
    edges.append([int(r.integers(3, n - 2)), n - 1])  # one short way down and one long
    return edges


def in_order_of_birth(edges: list[list[int]]) -> list[int]:
    """The nodes that the last one depends on, itself included."""
    needed = {len(edges) - 1}
    for i in reversed(range(len(edges))):
        if i in needed:
            needed |= set(edges[i])
    return sorted(needed)


def in_order(edges: list[list[int]]) -> Any:
    """Every node once, arguments before those who use them."""
    needed = in_order_of_birth(edges)
    inside = set(needed)

    def holds(names: Any) -> bool:
        place = {name: at for at, name in enumerate(names)}
        return sorted(names) == needed and all(
            place[a] < place[i] for i in needed for a in edges[i]
        )

    def says(names: Any) -> str:
        times = Counter(names)
        last = max(needed)
        for n in (last, *needed):
            if n not in times:
                what = "the node itself" if n == last else "a node" if edges[n] else "a leaf"
                return f"{what}, {n}, is not in it"
        for n in times:
            if n not in inside:
                return f"node {n} does not belong to it"
            if times[n] > 1:
                return f"node {n} stands in it {times[n]} times"
        place = {name: at for at, name in enumerate(names)}
        early = next(n for n in names if any(place[a] > place[n] for a in edges[n]))
        return f"node {early} stands before one of its arguments"

    return Told(holds, says)


def only_the_order_is_wrong(edges: list[list[int]]) -> Any:
    """In order or not, all nodes of the graph are there, once."""
    needed = in_order_of_birth(edges)
    return lambda names: sorted(names) == needed


def some_are_left_out(edges: list[list[int]]) -> Any:
    """At least half of the nodes are there, each once and after those of its arguments that are."""
    needed = in_order_of_birth(edges)

    def holds(names: Any) -> bool:
        place = {name: at for at, name in enumerate(names)}
        return (
            len(place) == len(names)
            and set(names) <= set(needed)
            and 2 * len(names) >= len(needed)
            and all(place[a] < place[i] for i in names for a in edges[i] if a in place)
        )

    return holds


def some_are_there_twice(edges: list[list[int]]) -> Any:
    """In order or not, all nodes of the graph are there, and some of them again."""
    right = in_order(edges)
    needed = in_order_of_birth(edges)
    return lambda names: right(names) or (sorted(set(names)) == needed and len(names) > len(needed))


def wrong_orders(edges: list[list[int]]) -> dict[str, Any]:
    return {
        "not-topological": only_the_order_is_wrong(edges),
        "visited-twice": some_are_there_twice(edges),
    }


def topo_script(r: Rng) -> Iterator[Ask]:
    check = "each node once, after its arguments"
    yield Ask(GRAPH, scene=None)
    small: list[list[list[int]]] = [
        [[]], [[], [0, 0]], [[], [0], [1, 0]],
        [[], [0], [0], [0, 1, 2]], [[], [0], [0], [2, 1, 0, 1], [3, 2, 1]],  # and more than two
    ]  # fmt: skip
    for scene, edges in enumerate([*(random_graph(r, 9) for _ in range(6)), *small], start=1):
        yield Ask("build(edges)", {"edges": edges}, "node", {}, {}, scene)
        ideas = wrong_orders(edges) if len(edges) > 1 else {}
        # of the one that is nothing but itself, nothing is left
        half = {check: some_are_left_out(edges) if len(edges) > 1 else anything}
        code = "[node.name for node in topo(node)]"
        # what was seen before may be taken for new nodes that stand where old ones stood
        some = set(in_order_of_birth(edges))
        right = in_order(edges)
        first = {"shared-cache": lambda names, some=some: set(names) <= some}
        first = first if scene > 1 else {"shared-cache": right}
        again = {"shared-cache": lambda names: set(names) <= {9}}  # nothing, or only itself
        yield Ask(code, {}, None, {check: right}, ideas | first, scene, half)
        if len(edges) == 10:  # and what one call has seen is new to the next
            yield Ask(code, {}, None, {check: right}, ideas | again, scene, half)
    check = "a chain of 5,000 nodes"
    chain: list[list[int]] = [[], *([i] for i in range(5000))]
    yield Ask("build([[]] + [[i] for i in range(5000)])", {}, "node", {}, {}, 20)
    yield Ask(
        "[node.name for node in topo(node)]", {}, None, {check: in_order(chain)}, {}, 20,
        {check: lambda names: only_the_order_is_wrong(chain)(names)
            or some_are_left_out(chain)(names)},
    )  # fmt: skip


topo = Behaviour(
    id="ps3.topo",
    points=3,
    signature="topo(node) -> list of nodes",
    task="Every node that `node` depends on, itself included, once, each after its own .args.",
    checks={"each node once, after its arguments": 2, "a chain of 5,000 nodes": 1},
    script=topo_script,
    ideas=("not-topological", "visited-twice"),
)

# An engine. Expressions are the text the learner's class runs; the kit's engine runs the same text.

ONE_GATE = re.compile(
    r"L = [ax]( \+ | \* |\*\*)-?[\w.]+|L = a\.\w+\(\)"
)  # others may be made of several
OF_TWO = re.compile(r"L = a [-/] b")
METHOD = re.compile(r"(\w+)\.(exp|log|relu)\(\)")


def by_the_engine(
    lines: str, leaves: Mapping[str, float], change: Change = RIGHT, of: Sequence[str] = ()
) -> list[float]:
    """Gradients of L by the leaves, or by the names in `of`, in order, with a changed sweep."""
    names = on_the_engine(lines, leaves)
    asked = [names[name] for name in of or leaves]
    found = gradients(names["L"], 1.0, rules=dict(change.rows), meet=change.meet, fit=change.fit)
    return [float(found.get(node, 0.0)) for node in asked]


class Composed:
    """A Node whose minus and quotient are made of + * and **, as many write them."""

    def __init__(self, node: Any) -> None:
        self.node = node

    def __add__(self, other: Any) -> Composed:
        return Composed(self.node + getattr(other, "node", other))

    def __mul__(self, other: Any) -> Composed:
        return Composed(self.node * getattr(other, "node", other))

    def __pow__(self, n: float) -> Composed:
        return Composed(self.node**n)

    def __sub__(self, other: Any) -> Composed:
        return self.__add__(other * -1.0)

    def __truediv__(self, other: Any) -> Composed:
        return self.__mul__(other**-1)

    def __rsub__(self, other: float) -> Composed:
        return self.__mul__(-1.0).__add__(other)

    def __rtruediv__(self, other: float) -> Composed:
        return self.__pow__(-1).__mul__(other)

    __radd__, __rmul__ = __add__, __mul__


def on_the_engine(
    lines: str, leaves: Mapping[str, float], wrap: Callable[[Any], Any] = lambda node: node
) -> dict[str, Any]:
    """Every name that the lines make, as a Node of the kit's engine."""
    names: dict[str, Any] = {name: wrap(bp.var(value, name)) for name, value in leaves.items()}
    functions = {
        f.__name__: lambda x, f=f: wrap(f(getattr(x, "node", x))) for f in (bp.exp, bp.log, bp.relu)
    }
    exec(_compiled(lines), functions, names)
    return {name: getattr(value, "node", value) for name, value in names.items()}


@lru_cache(maxsize=256)
def _compiled(lines: str) -> CodeType:
    """The lines, with a.exp() as exp(a)."""
    return compile(METHOD.sub(r"\2(\1)", lines), "<lines>", "exec")


# what somebody can believe of the gates of an engine; each is tried on every expression
GATE_IDEAS = (
    "mul-not-switched", "recip-minus", "recip-square", "output-for-input", "exponent-lost",
    "power-rule-exp", "value-for-derivative", "relu-mask", "add-splits", "exp-minus", "no-upstream",
    "upstream-only", "argument-once", "chain-added",
)  # fmt: skip
# a sum that sends nothing to its second argument; a number there minds nothing
ONE_SIDED = Change(
    rows={"add": lambda g, y, a, b: (g, 0.0 * g), "sub": lambda g, y, a, b: (g, 0.0 * g)}
)
MORE_CHANGES = {"add-splits": (ONE_SIDED,)}


def believed_of(
    lines: str, leaves: Mapping[str, float], of: Sequence[str] = ()
) -> Callable[[str], list[list[float]]]:
    """A function of an idea: the gradients of those who have it of some kinds of gates, or of all.

    The right ones are none of them, though the expression may have no gate of the kind. What it
    works out, when it is asked, it keeps: one class is held beside it many times.
    """

    @cache
    def graphs() -> list[tuple[Sweeps, list[bp.Node]]]:
        ways = [on_the_engine(lines, leaves)]
        if set("-/") & set(lines):
            ways.append(on_the_engine(lines, leaves, Composed))
        return [(Sweeps(names["L"]), [names[name] for name in of or leaves]) for names in ways]

    @cache
    def believed(id: str) -> list[list[float]]:
        return [
            [float(wrong.get(node, 0.0)) for node in asked]
            for sweeps, asked in graphs()
            for change in (*MISCONCEPTIONS[id].changes, *MORE_CHANGES.get(id, ()))
            if not change.forwards  # of these values tell, before any gradient does
            for rules in of_some_kinds(change, sweeps.nodes)
            for wrong in [sweeps.gradients(over=rules)]
        ]

    return believed


def of_some_kinds(change: Change, nodes: Iterable[bp.Node]) -> Iterator[dict[bp.Node, Rule]]:
    """The changed rules of one kind of gates, of two, and of all."""
    found = {
        node: (kind_of(node), rule)
        for node in nodes
        if node.args and (rule := change.rule(node, kind_of(node)) or change.rule(node, node.op))
    }
    kinds = sorted({kind for kind, _ in found.values()})
    for some in [c for k in sorted({1, 2, len(kinds)}) for c in combinations(kinds, k)]:
        yield {node: rule for node, (kind, rule) in found.items() if kind in some}


def kind_of(node: Any) -> str:
    """In a class of one's own all gates of an op have one rule, whatever their arguments are."""
    return "reciprocal" if node.op == "power" and node.params["n"] < 0 else str(node.op)


def gate_ideas(lines: str, leaves: Mapping[str, float]) -> dict[str, Any]:
    """{idea: whether these are the gradients of somebody with it}; worked out when asked."""
    right = by_the_engine(lines, leaves)
    believed = believed_of(lines, leaves)

    def had(id: str) -> Any:
        return lambda given: same(given, right) or among(believed(id), given)

    return {id: had(id) for id in GATE_IDEAS}


def one_slip(believed: Callable[[str], list[list[float]]], times: int = 1) -> Any:
    """These are so many times the gradients of somebody with one idea about gates."""
    return lambda given: any(among(believed(id), given, times) for id in GATE_IDEAS)


def among(several: list[list[float]], given: Any, times: int = 1) -> bool:
    """What came back is the `same` as one of several, so many times over; all held at once."""
    found, complaint = number(given)
    if complaint or not several or np.shape(found) != np.shape(several[0]):
        return False
    wanted = times * np.array(several)
    sizes = np.max(np.abs(wanted), axis=1)
    off = np.max(np.abs(found - wanted), axis=1)
    return bool(np.any(off <= TOLERANCE * np.where(sizes, sizes, 1.0)))


def expression(
    check: str, lines: str, leaves: Mapping[str, float], scene: int, **ideas: Any
) -> Iterator[Ask]:
    """Make the leaves, run the lines, ask for L, go back, and ask for the leaves' gradients."""
    right = by_the_engine(lines, leaves)
    value = float(on_the_engine(lines, leaves)["L"].value)
    asked = f"[{', '.join(f'{name}.grad' for name in leaves)}]"
    # where "=" stands for "+=", what comes of it depends on the order of the sweep, if it has one
    of_any = {
        "overwrite": anything,
        "not-topological": any_of(right, [0.0] * len(right))
        if ONE_GATE.fullmatch(lines)
        else anything,
        "seed-not-1": value * np.array(right),
        "input-changed": anything,
    }
    turned = sides_turned(lines, leaves)
    of_two = OF_TWO.fullmatch(lines)  # no number has a side there
    of_data: dict[str, Any] = {
        "sides-turned": any_of(value, turned[0]) if turned else value if of_two else anything,
        "input-changed": anything,
    }
    of_grad = {
        "sides-turned": any_of(right, turned[1]) if turned else right if of_two else anything
    }
    yield Ask(made(leaves) + lines, {}, None, {}, {}, scene)
    yield Ask("L.data", {}, None, {check: value}, of_data, scene)
    if check == "constants on the right" or of_two:  # a new Value, and the old ones as they were
        of_leaves = {
            "input-changed": lambda given: not number(given)[1],
            "not-topological": [*leaves.values()],
        }
        code = f"[{', '.join(f'{name}.data' for name in leaves)}]"
        yield Ask(code, {}, None, {check: [*leaves.values()]}, of_leaves, scene)
    yield Ask("L.backward()", {}, None, {check: anything}, {}, scene)
    ideas = gate_ideas(lines, leaves) | of_any | of_grad | ideas
    yield Ask(asked, {}, None, {check: right}, ideas, scene)


def sides_turned(lines: str, leaves: Mapping[str, float]) -> tuple[float, list[float]] | None:
    """(L, gradients) of somebody for whom k - a is a - k and k / a is a / k; None elsewhere."""
    one = re.fullmatch(r"L = (-?[\d.]+) ([-/]) (\w+)", lines)
    if one is None:
        return None
    turned = f"L = {one[3]} {one[2]} {one[1]}"
    return float(on_the_engine(turned, leaves)["L"].value), by_the_engine(turned, leaves)


def made(leaves: Mapping[str, float]) -> str:
    """The line that makes Values of the numbers."""
    return f"{', '.join(leaves)} = {', '.join(f'Value({x!r})' for x in leaves.values())}\n"


def leaves(
    r: Rng, names: str, lines: str, lo: float = 0.5, hi: float = 1.8, signs: str = ""
) -> dict[str, float]:
    """Numbers for leaves of these lines, no two of them equal, nor by chance anything else.

    With `signs`, such as "+-", of those signs. Without, they are the same on every seed, and so are
    those of all that is computed from them on the way there and back: who is wrong for numbers of
    some sign fares alike everywhere.
    """
    as_first = signs or first_signs(names, lines, lo, hi)
    while True:
        found = drawn(r, names, lo, hi)
        for name, sign in zip(names, as_first, strict=False):
            found[name] = abs(found[name]) if sign == "+" else -abs(found[name])
        sizes = {abs(x) for x in found.values()}
        if len(sizes) < len(found) or coincide(lines, found):
            continue
        if signs or signs_along(lines, found) == as_first:
            return found


def drawn(r: Rng, names: str, lo: float, hi: float) -> dict[str, float]:
    return {name: away(r, lo, hi) for name in names}


@cache
def first_signs(names: str, lines: str, lo: float, hi: float) -> str:
    return signs_along(lines, drawn(np.random.default_rng(0), names, lo, hi))


def signs_along(lines: str, leaves: Mapping[str, float]) -> str:
    """A + or - for every leaf, everything computed from them, and every gradient."""
    named = re.findall(r"^(\w+) =", lines, flags=re.MULTILINE)
    way = [*leaves.values(), *numbers_of(lines, leaves)]
    back = by_the_engine(lines, leaves, of=[*leaves, *named])
    return "".join("-" if x < 0 else "+" for x in chain(way, back))


def coincide(lines: str, leaves: Mapping[str, float]) -> bool:
    """Nodes are equal here that are not with other leaves.

    Whoever takes equal numbers for one node is to fare alike on every seed.
    """
    others = {name: x * (1.0 + 0.0137 * k) for k, (name, x) in enumerate(leaves.items(), 1)}
    return len({*numbers_of(lines, leaves)}) < len({*numbers_of(lines, others)})


def numbers_of(lines: str, leaves: Mapping[str, float]) -> list[float]:
    """Every number that somebody's engine may make of the lines, constants too."""
    seen: list[float] = [0.0, 0.5, 1.0, -1.0, 1.5, 2.0, 3.0, *leaves.values()]
    functions = {"exp": Traced.exp, "log": Traced.log, "relu": Traced.relu}
    exec(_compiled(lines), functions, {name: Traced(x, seen) for name, x in leaves.items()})
    return seen


class Traced:
    """A number that notes what becomes of it, with minus and quotient made of other gates, too."""

    def __init__(self, value: float, seen: list[float]) -> None:
        self.value, self.seen = value, seen
        seen.append(value)

    def _with(self, other: Any, f: Callable[[float, float], float], *more: Any) -> Traced:
        y = float(getattr(other, "value", other))
        self.seen += (y, *(g(self.value, y) for g in more))
        return Traced(f(self.value, y), self.seen)

    def __add__(self, other: Any) -> Traced:
        return self._with(other, lambda x, y: x + y)

    def __mul__(self, other: Any) -> Traced:
        return self._with(other, lambda x, y: x * y)

    def __sub__(self, other: Any) -> Traced:
        return self._with(other, lambda x, y: x - y, lambda x, y: -y)

    def __rsub__(self, other: Any) -> Traced:
        return self._with(other, lambda x, y: y - x, lambda x, y: -x)

    def __truediv__(self, other: Any) -> Traced:
        return self._with(other, lambda x, y: x / y, lambda x, y: 1 / y)

    def __rtruediv__(self, other: Any) -> Traced:
        return self._with(other, lambda x, y: y / x, lambda x, y: 1 / x)

    def __pow__(self, n: float) -> Traced:
        return self._with(n, lambda x, n: x**n)

    __radd__, __rmul__ = __add__, __mul__

    def exp(self) -> Traced:
        return Traced(math.exp(self.value), self.seen)

    def log(self) -> Traced:
        return Traced(math.log(self.value), self.seen)

    def relu(self) -> Traced:
        return Traced(max(self.value, 0.0), self.seen)


RANDOM = (  # every one divides, and uses an inner node twice
    "u = a * b + c\nv = u / (c * c + 1.5)\nL = v * u + v.exp()",
    "s = (a - b) * 0.5\nu = s.exp()\nw = u * u + 1.0\nv = u / w\nL = v + w.log() * c",
    "u = a * a + b * b\nv = u.log()\nw = v * c - 2.0 / u\nL = w * w + w * 0.1",
    "u = 1.0 - a * b\nv = (u**2 + 0.5) ** -1\nL = v / (c**2 + 1.0) + v * u",
    "s = a * 0.3\nu = s.exp()\nv = u / (u + 1.0)\nL = v * b + v * v * c - b",
)
AGAIN = "backward again, with and without zero_grad"


def value_script(r: Rng) -> Iterator[Ask]:
    last = Change(meet=lambda old, new: new)
    for scene, L in enumerate(("a * a", "a * a * a", "(a * a) * b")):
        numbers = leaves(r, "ab" if "b" in L else "a", f"L = {L}")
        added = by_the_engine(f"L = {L}", numbers)  # by those who overwrite in sums only
        overwritten = any_of(added, by_the_engine(f"L = {L}", numbers, last))
        yield from expression("a * a", f"L = {L}", numbers, scene, overwrite=overwritten)
    for scene, lines in enumerate(("L = x + x", "L = (x + x) * y", "u = x * y\nL = u + u")):
        numbers = leaves(r, "xy" if "y" in lines else "x", lines)
        right = by_the_engine(lines, numbers)  # by those who overwrite in products only
        overwritten = any_of(right, by_the_engine(lines, numbers, last))
        yield from expression("x + x", lines, numbers, 10 + scene, overwrite=overwritten)
    for scene, end in enumerate(("u + v", "v + u", "v * u", "u * v", "u + v * u", "v * u + u")):
        yield from reused(r, f"u = a * b\nv = u * c\nL = {end}", 20 + scene)
    k = uniform(r, 1.2, 4)
    ends = [("+", f"a {op} {-k}") for op in "+*-/"] + [("-", f"a {op} {k}") for op in "+*-/"]
    ends += [("", "a + 2"), ("", "a * 3")]
    ends += [(sign, f"a**{n}") for n in (2, 3, -1, -2) for sign in "+-"] + [("+", "a**0.5")]
    for scene, (sign, L) in enumerate(ends):
        lines = f"L = {L}"
        numbers = leaves(r, "a", lines, signs=sign)
        yield from expression("constants on the right", lines, numbers, 100 + scene)
    # at 0, where n·xⁿ/x is not to be had
    lines = "L = a**2 + b"
    numbers = {"a": 0.0, **leaves(r, "b", "L = b")}
    yield from expression("constants on the right", lines, numbers, 30)
    left = [("+", f"{-k} {op} a") for op in "+*-/"] + [("-", f"{k} {op} a") for op in "+*-/"]
    left += [("+", "2 - a"), ("", "3 / a")]
    for scene, (sign, L) in enumerate(left):
        lines = f"L = {L}"
        numbers = leaves(r, "a", lines, signs=sign)
        yield from expression("constants on the left", lines, numbers, 120 + scene)
    yield from gates_of_one(r, 46)
    for scene in range(60, 64):
        yield from twice(r, scene)
    yield from two_results(r, 64)
    yield Ask("x = Value(1.0)\nL = x\nfor _ in range(5000):\n    L = L + 1.0", scene=70)
    yield Ask("L.backward()", {}, None, {"a chain of 5,000 nodes": anything}, {}, 70)
    yield Ask("[L.data, x.grad]", {}, None, {"a chain of 5,000 nodes": [5001.0, 1.0]}, {}, 70)
    yield from seven(71)
    for scene, (L, signs) in enumerate(product(("a - b", "a / b"), ("++", "+-", "-+", "--"))):
        lines = f"L = {L}"
        numbers = leaves(r, "ab", lines, signs=signs)
        yield from expression("expressions", lines, numbers, 140 + scene)
    for scene, lines in enumerate(RANDOM):
        numbers = leaves(r, "abc", lines)
        yield from expression("expressions", lines, numbers, 82 + scene)


def gates_of_one(r: Rng, scene: int) -> Iterator[Ask]:
    """exp, log and relu of a leaf and of what was computed; relu on both sides of its corner."""
    while True:
        up, down = uniform(r, 0.05, 0.4), -uniform(r, 0.05, 0.4)  # the corner is at 0
        lines = gates_and_leaves(up, down, uniform(r, 0.5, 1.8), uniform(r, 1.3, 3))
        if not any(coincide(text.strip(), numbers) for text, numbers in lines.items()):
            break
    for k, (text, numbers) in enumerate(lines.items()):
        yield from expression("exp, log and relu", text.strip(), numbers, scene)
        scene += k < 12  # the last two belong to one scene


def gates_and_leaves(
    up: float, down: float, other: float, positive: float
) -> dict[str, dict[str, float]]:
    return {
        "L = a.exp()": {"a": down},
        "L = a.exp() ": {"a": up},
        "u = a * b\nL = u.exp() * a": {"a": down, "b": other},
        "L = a.log()": {"a": positive},
        "L = a.log() ": {"a": up},
        "u = a * b\nL = u.log() * b": {"a": positive, "b": other},
        "L = a.relu()": {"a": up},
        "L = a.relu() ": {"a": down},
        "u = a * b\nL = u.relu() * b + a": {"a": up, "b": other},
        "u = a * b\nL = u.relu() * b + a ": {"a": down, "b": other},
        "u = a.relu()\nL = u * u * b": {"a": up, "b": -other},
        "u = a.relu()\nL = u * b + a": {"a": down, "b": -other},
        "u = a + b\nL = u.relu() * b": {"a": up, "b": other},
        "L = a.relu() + a": {"a": down},
    }


def reused(r: Rng, lines: str, scene: int) -> Iterator[Ask]:
    """An inner node with two users, one a long way round: its gradient and its arguments'."""
    numbers = leaves(r, "abc", lines)
    of_a, of_b, _ = by_the_engine(lines, numbers)
    of_u = of_a / numbers["b"]
    right = [of_u, of_a, of_b]
    names = on_the_engine(lines, numbers)
    parts = Sweeps(names["L"]).arriving(names["u"])
    some = [sum(few) for k in range(1, len(parts)) for few in combinations(parts, k)]

    def passed_on_too_early(given: Any) -> bool:  # or in time, which depends on the order too
        nothing_yet = same(given[1:], [0.0, 0.0])  # nor ever, to those below
        return bool(np.isclose(given[0], of_u)) or nothing_yet or only(some, given)

    def only(arrived: Sequence[float], given: Any) -> bool:  # and passed on as it is
        found = any(np.isclose(given[0], part) for part in arrived)
        return bool(found and np.isclose(given[0], given[1] / numbers["b"]))

    yield Ask(made(numbers) + lines, {}, None, {}, {}, scene)
    yield Ask("L.backward()", {}, None, {"an inner node used again": anything}, {}, scene)
    ideas = {
        # which one is last depends on the order of the sweep; and who assigns in some gates only
        # is right where theirs come first
        "overwrite": lambda given: same(given, right) or only(parts, given),
        "not-topological": passed_on_too_early,
        "leaves-only": [0.0, *right[1:]],
    }
    yield Ask(
        "[u.grad, a.grad, b.grad]", {}, None, {"an inner node used again": right}, ideas, scene,
        {"an inner node used again": one_slip(believed_of(lines, numbers, "uab"))},
    )  # fmt: skip


def twice(r: Rng, scene: int) -> Iterator[Ask]:
    """Backward, backward, zero_grad, backward.

    Whoever sends on what is still in the buckets gets too much the second time; whoever does not
    empty all of them, the third time.
    """
    lines = "u = a * b\nv = u * c\nL = v * d"
    numbers = leaves(r, "abcd", lines)
    names = ("L", "v", "u", "a", "b", "c", "d")
    once = np.array(by_the_engine(lines, numbers, of=names))
    asked = f"[{', '.join(f'{name}.grad' for name in names)}]"
    zeros = [0.0] * len(names)
    # as if for the first time: every gradient, those in the middle, or L's own
    anew = one_way(once, [*once[:3], *2 * once[3:]], [once[0], *2 * once[1:]])
    yield Ask(made(numbers) + lines, {}, None, {}, {}, scene)
    yield Ask(asked, {}, None, {AGAIN: zeros}, {}, scene)
    yield Ask("L.backward()\nL.backward()", {}, None, {AGAIN: anything}, {}, scene)
    ideas = {
        "double-backward": partial(too_often, once),
        "starts-anew": anew,
        "overwrite": anything,
        "leaves-only": [0.0, 0.0, 0.0, *2 * once[3:]],
    }
    believed = believed_of(lines, numbers, names)
    half = [{AGAIN: one_slip(believed, times)} for times in (2, 1)]
    yield Ask(asked, {}, None, {AGAIN: 2 * once}, ideas, scene, half[0])
    yield Ask("L.zero_grad()", {}, None, {AGAIN: anything}, {}, scene)
    yield Ask(
        asked, {}, None, {AGAIN: zeros}, {"double-backward": anything, "starts-anew": zeros}, scene
    )
    yield Ask("L.backward()", {}, None, {AGAIN: anything}, {}, scene)
    ideas = {
        "double-backward": partial(several_times, once),
        "starts-anew": once,
        "leaves-only": [0.0, 0.0, 0.0, *once[3:]],
    }
    yield Ask(asked, {}, None, {AGAIN: once}, ideas, scene, half[1])


def times_over(once: Any, given: Any) -> Any:
    """How often each gradient is what came back; nan where it is not so many times over."""
    times = np.asarray(given, dtype=float) / once
    whole = np.round(times)
    return np.where((np.abs(times - whole) < 1e-6) & (whole >= 1), whole, np.nan)


def too_often(once: Any, given: Any) -> bool:
    """After two calls: some gradients were sent on again, or all is well so far."""
    times = times_over(once, given)
    return bool(np.all(times > 0) and (np.any(times > 2) or np.all(times == 2)))


def several_times(once: Any, given: Any) -> bool:
    """What was not emptied is there several times over."""
    return bool(np.all(times_over(once, given) > 0))


def two_results(r: Rng, scene: int) -> Iterator[Ask]:
    """Backward from one result, then from another that shares an inner node: the sums."""
    lines = "u = a * b\nv = u * c\nL = v * u"
    numbers = leaves(r, "abc", lines)
    of_L = by_the_engine(lines, numbers, of="uabc")
    of_v = by_the_engine("u = a * b\nL = u * c", numbers, of="uabc")
    yield Ask(made(numbers) + lines, {}, None, {}, {}, scene)
    yield Ask("L.backward()\nv.backward()", {}, None, {AGAIN: anything}, {}, scene)
    ideas = dict.fromkeys(("double-backward", "starts-anew", "overwrite"), anything)
    asked = "[u.grad, a.grad, b.grad, c.grad]"

    by_L = believed_of(lines, numbers, "uabc")
    by_v = believed_of("u = a * b\nL = u * c", numbers, "uabc")

    def slip(given: Any) -> bool:  # the same in both calls
        return any(
            same(given, np.add(one, other))
            for id in GATE_IDEAS
            for one, other in zip(by_L(id), by_v(id), strict=False)
        )

    yield Ask(asked, {}, None, {AGAIN: np.add(of_L, of_v)}, ideas, scene, {AGAIN: slip})


def seven(scene: int) -> Iterator[Ask]:
    numbers = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}
    check = "the seven gradients of (a b + c) f"
    lines = "e = a * b\nd = e + c\nL = d * f"
    yield Ask(made(numbers) + lines, {}, None, {}, {}, scene)
    yield Ask("L.backward()", {}, None, {check: anything}, {}, scene)
    yield Ask("L.data", {}, None, {check: -8.0}, {}, scene)
    yield Ask(
        "[L.grad, d.grad, f.grad, c.grad, e.grad, a.grad, b.grad]", {}, None,
        {check: [1.0, -2.0, 4.0, -2.0, -2.0, 6.0, -4.0]},
        {
            "not-topological": lambda given: same(given[0], 1.0),
            "leaves-only": [0.0, 0.0, 4.0, -2.0, 0.0, 6.0, -4.0],
        }, scene,
        {check: one_slip(believed_of(lines, numbers, "Ldfceab"))},
    )  # fmt: skip


Value = Behaviour(
    id="ps3.Value",
    points=10,
    signature="class Value(data): + - * / **, exp(), log(), relu(), backward(), zero_grad(),"
    " .data, .grad",
    task="A whole engine for numbers.",
    checks={
        "a * a": 1,
        "x + x": 1,
        "an inner node used again": 1,
        "constants on the right": 1,
        "constants on the left": 1,
        "exp, log and relu": 1,
        AGAIN: 1,
        "a chain of 5,000 nodes": 1,
        "the seven gradients of (a b + c) f": 1,
        "expressions": 1,
    },
    script=value_script,
    ideas=("overwrite", "not-topological", "double-backward", "recip-minus", "output-for-input"),
)

EXERCISES = (MultiplyGate, AddGate, MaxGate, SigmoidGate, topo, Value)
