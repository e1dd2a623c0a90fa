"""Problem set 3, write the gates and an engine: caches, memory, order, accumulation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.judge.behaviour import RAISES, Behaviour, Step, any_of
from autograder.judge.exercise import Rng, away, uniform
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import RIGHT, Change
from backpropkit.engine.sweep import gradients

Pair = tuple[Any, Any]

# Gates: what backward returns for (x, y, dz), by those who know and by those who do not.
Backward = Callable[[Any, Any, Any], Any]


def gate_rounds(
    r: Rng, gate: str, right: Backward, wrong: Mapping[str, Backward], counts: Mapping[str, str]
) -> Iterator[Step]:
    """Rounds of forward and backward; `counts` says which check each kind of round counts for."""

    def back(check: str, name: str, x: Any, y: Any, dz: Any, scene: int, **shared: Any) -> Step:
        ideas = {id: believed(x, y, dz) for id, believed in wrong.items()} | shared
        return Step(
            f"{name}.backward(dz)", {"dz": dz}, None, {counts[check]: right(x, y, dz)}, ideas, scene
        )

    def forward(name: str, x: Any, y: Any, scene: int) -> Step:
        return Step(f"{name}.forward(x, y)", {"x": x, "y": y}, None, {}, {}, scene)

    for scene in range(0, 40, 10):
        (x, y), (u, v) = apart(r, scene), apart(r, scene + 10)
        dz, two = away(r, 0.3, 3), away(r, 0.3, 3)
        yield Step(f"{gate}()", {}, "gate", {}, {}, scene)
        yield Step(
            "gate.forward(x, y)", {"x": x, "y": y}, None, {counts["value"]: FORWARD[gate](x, y)},
            {}, scene,
        )  # fmt: skip
        yield back("incoming", "gate", x, y, dz, scene)
        yield back("linear", "gate", x, y, 2 * dz, scene)
        yield forward("gate", u, v, scene)
        yield back("latest", "gate", u, v, two, scene)
        yield Step(f"{gate}()", {}, "first", {}, {}, scene + 1)
        yield Step(f"{gate}()", {}, "second", {}, {}, scene + 1)
        yield forward("first", x, y, scene + 1)
        yield forward("second", u, v, scene + 1)
        mixed = right(u, v, dz)
        yield back("two", "first", x, y, dz, scene + 1, **{"shared-cache": mixed})
        yield back("two", "second", u, v, two, scene + 1)
    if "arrays" in counts:
        xs, ys, dzs = (away(r, 0.5, 3, 3) for _ in range(3))
        yield Step(f"{gate}()", {}, "gate", {}, {}, 50)
        yield forward("gate", xs, ys, 50)
        yield back("arrays", "gate", xs, ys, dzs, 50)


def apart(r: Rng, turn: int) -> Pair:
    """Two numbers clearly apart; the larger is the first in every other turn."""
    small = away(r, 0.5, 3)
    large = round(small + uniform(r, 0.4, 2), 2)
    return (large, small) if turn // 10 % 2 else (small, large)


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

MultiplyGate = Behaviour(
    id="ps3.MultiplyGate",
    points=3,
    signature="class MultiplyGate: forward(x, y) -> z; backward(dz) -> [dx, dy]",
    task="A gate that multiplies, and remembers what it needs to go back.",
    checks=dict.fromkeys(EACH.values(), 0.5),
    script=lambda r: gate_rounds(
        r,
        "MultiplyGate",
        lambda x, y, dz: [y * dz, x * dz],
        {
            "no-upstream": lambda x, y, dz: [y, x],
            "mul-not-switched": lambda x, y, dz: [x * dz, y * dz],
        },
        EACH,
    ),
    names=("no-upstream", "mul-not-switched", "shared-cache"),
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
    script=lambda r: gate_rounds(
        r,
        "AddGate",
        lambda x, y, dz: [dz, dz],
        {
            "add-splits": lambda x, y, dz: [dz / 2, dz / 2],
            "no-upstream": lambda x, y, dz: [1.0, 1.0],
        },
        TWO,
    ),
    names=("add-splits", "no-upstream"),
    inseparable={"shared-cache": "an add gate needs no cache"},
)


def to_the_larger(x: Any, y: Any, dz: Any) -> Any:
    return [dz * (x > y), dz * (y > x)]


def max_ideas(x: Any, y: Any, dz: Any) -> Any:
    """To both, half to both, to the loser, or times the value: any of these."""
    return any_of(
        [dz, dz],
        [dz / 2, dz / 2],
        to_the_larger(y, x, dz),
        [x * dz, y * dz],
        to_the_larger(x, y, dz * max(x, y)),
    )


MaxGate = Behaviour(
    id="ps3.MaxGate",
    points=1,
    signature="class MaxGate: forward(x, y) -> z; backward(dz) -> [dx, dy]",
    task="A gate for numbers that lets the larger one through; x and y never tie.",
    checks=dict.fromkeys(TWO.values(), 0.5),
    script=lambda r: gate_rounds(
        r,
        "MaxGate",
        to_the_larger,
        {
            "max-routes-both": max_ideas,
            "no-upstream": lambda x, y, dz: to_the_larger(x, y, 1.0),
        },
        {round: check for round, check in TWO.items() if round != "arrays"},
    ),
    names=("max-routes-both", "shared-cache", "no-upstream"),
)

# A gate with a switch for its cache.

COUNT_EXP = '''
def exp_calls(run):
    """How often run() computes an exponential."""
    import math
    import numpy
    calls, kept = [], (math.exp, numpy.exp)
    def counted(exp):
        return lambda *args: calls.append(1) or exp(*args)
    math.exp, numpy.exp = counted(math.exp), counted(numpy.exp)
    try:
        run()
    finally:
        math.exp, numpy.exp = kept
    return len(calls)
'''

FAIL_INSIDE = """
try:
    with no_grad():
        raise ValueError("on purpose")
except ValueError:
    pass
"""


def sigmoid_script(r: Rng) -> Iterator[Step]:
    yield Step(COUNT_EXP, scene=-1)
    for scene in range(4):
        x, other, dz = away(r, 0.4, 2), away(r, 0.4, 2), away(r, 0.3, 3)
        f, g = bp.sigmoid(x), bp.sigmoid(other)
        ideas = {
            "sigmoid-prime": any_of(f * dz, (1 - f) * dz),
            "output-for-input": any_of(bp.sigmoid(f) * (1 - bp.sigmoid(f)) * dz, x * (1 - x) * dz),
            "no-upstream": f * (1 - f),
        }
        yield Step("SigmoidGate()", {}, "gate", {}, {}, scene)
        yield Step("gate.forward(x)", {"x": x}, None, {"its gradient": f}, {}, scene)
        yield Step(
            "gate.backward(dz)", {"dz": dz}, None, {"its gradient": f * (1 - f) * dz}, ideas, scene
        )
        yield Step("SigmoidGate()", {}, "second", {}, {}, scene)
        yield Step("second.forward(x)", {"x": other}, None, {}, {}, scene)
        yield Step(
            "gate.backward(dz)", {"dz": dz}, None, {"its gradient": f * (1 - f) * dz},
            ideas | {"shared-cache": g * (1 - g) * dz}, scene,
        )  # fmt: skip
    yield Step("SigmoidGate()", {}, "gate", {}, {}, 10)
    yield Step("gate.forward(0.5)", {}, None, {}, {}, 10)
    yield Step(
        "exp_calls(lambda: gate.backward(1.0))", {}, None,
        {"backward works from what forward kept": 0}, {}, 10,
    )  # fmt: skip
    check = "nothing is kept under no_grad"
    yield Step("SigmoidGate()", {}, "silent", {}, {}, 20)
    yield Step("with no_grad():\n    silent.forward(0.5)", {}, None, {check: None}, {}, 20)
    yield Step("silent.backward(1.0)", {}, None, {check: RAISES}, {}, 20)
    yield Step("SigmoidGate(grad=False)", {}, "off", {}, {}, 21)
    yield Step("off.forward(0.5)", {}, None, {check: bp.sigmoid(0.5)}, {}, 21)
    yield Step("off.backward(1.0)", {}, None, {check: RAISES}, {}, 21)
    yield Step(FAIL_INSIDE, {}, None, {check: None}, {}, 22)
    yield Step("SigmoidGate()", {}, "after", {}, {}, 22)
    yield Step("after.forward(0.0)", {}, None, {}, {}, 22)
    yield Step("after.backward(1.0)", {}, None, {check: 0.25}, ideas_after(), 22)


def ideas_after() -> Mapping[str, Any]:
    """Wrong slopes give other numbers at 0 too, and this check is not about them."""
    return {
        "sigmoid-prime": 0.5,
        "output-for-input": any_of(0.0, bp.sigmoid(0.5) * (1 - bp.sigmoid(0.5))),
    }


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
    script=sigmoid_script,
    needs=("no_grad",),
    names=("output-for-input", "sigmoid-prime", "shared-cache", "no-upstream"),
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

    def holds(names: Any) -> bool:
        place = {name: at for at, name in enumerate(names)}
        return sorted(names) == needed and all(
            place[a] < place[i] for i in needed for a in edges[i]
        )

    return holds


def only_the_order_is_wrong(edges: list[list[int]]) -> Any:
    """In order or not, all nodes of the graph are there."""
    right = in_order(edges)
    needed = len(in_order_of_birth(edges))
    return lambda names: right(names) or len(set(names)) == needed


def topo_script(r: Rng) -> Iterator[Step]:
    yield Step(GRAPH, scene=None)
    for scene in range(1, 7):
        edges = random_graph(r, 9)
        yield Step("build(edges)", {"edges": edges}, "node", {}, {}, scene)
        counts = {"each node once, after its arguments": in_order(edges)}
        ideas = {"not-topological": only_the_order_is_wrong(edges)}
        yield Step("[node.name for node in topo(node)]", {}, None, counts, ideas, scene)
    yield Step("build([[]] + [[i] for i in range(5000)])", {}, "node", {}, {}, 10)
    yield Step("len(topo(node))", {}, None, {"a chain of 5,000 nodes": 5001}, {}, 10)


topo = Behaviour(
    id="ps3.topo",
    points=3,
    signature="topo(node) -> list of nodes",
    task="Every node that `node` depends on, itself included, once, each after its own .args.",
    checks={"each node once, after its arguments": 2, "a chain of 5,000 nodes": 1},
    script=topo_script,
    names=("not-topological",),
)

# An engine. Expressions are the text the learner's class runs; the kit's engine runs the same text.

METHOD = re.compile(r"(\w+)\.(exp|log|relu)\(\)")


def by_the_engine(lines: str, leaves: Mapping[str, float], change: Change = RIGHT) -> list[float]:
    """Gradients of L by the leaves, in order, with something changed about the sweep."""
    names: dict[str, Any] = {name: bp.var(value, name) for name, value in leaves.items()}
    inputs = list(names.values())
    exec(METHOD.sub(r"\2(\1)", lines), {"exp": bp.exp, "log": bp.log, "relu": bp.relu}, names)
    found = gradients(names["L"], 1.0, rules=dict(change.rows), meet=change.meet, fit=change.fit)
    return [float(found.get(leaf, 0.0)) for leaf in inputs]


def believed(id: str, lines: str, leaves: Mapping[str, float]) -> list[list[float]]:
    """The gradients somebody with an idea gets who has it of one kind of gate, or of several.

    The right ones are among them: the expression may have no gate of the kind.
    """
    rows = {op: rule for change in MISCONCEPTIONS[id].changes for op, rule in change.rows.items()}
    some = [kinds for k in range(len(rows) + 1) for kinds in combinations(rows, k)]
    return [by_the_engine(lines, leaves, Change(rows={op: rows[op] for op in s})) for s in some]


def expression(
    check: str, lines: str, leaves: Mapping[str, float], scene: int, **ideas: Any
) -> Iterator[Step]:
    """Make the leaves, run the lines, go back, and ask for the leaves' gradients."""
    right = by_the_engine(lines, leaves)
    asked = f"[{', '.join(f'{name}.grad' for name in leaves)}]"
    yield Step(made(leaves) + lines, {}, None, {}, {}, scene)
    yield Step("L.backward()", {}, None, {check: None}, {}, scene)
    yield Step(asked, {}, None, {check: right}, ideas, scene)


def made(leaves: Mapping[str, float]) -> str:
    """The line that makes Values of the numbers."""
    return f"{', '.join(leaves)} = {', '.join(f'Value({x!r})' for x in leaves.values())}\n"


def leaves(r: Rng, names: str) -> dict[str, float]:
    return {name: away(r, 0.5, 1.8) for name in names}


RANDOM = (  # every one divides, and uses an inner node twice
    "u = a * b + c\nv = u / (c * c + 1.5)\nL = v * u + v.exp()",
    "s = (a - b) * 0.5\nu = s.exp()\nw = u * u + 1.0\nv = u / w\nL = v + w.log() * c",
    "u = a * a + b * b\nv = u.log()\nw = v * c - 2.0 / u\nL = w.relu() + w * 0.1",
    "u = 1.0 - a * b\nv = (u**2 + 0.5) ** -1\nL = v / (c**2 + 1.0) + v * u",
    "s = a * 0.3\nu = s.exp()\nv = u / (u + 1.0)\nL = v * b + v * v * c - b",
)


def value_script(r: Rng) -> Iterator[Step]:
    last = Change(meet=lambda old, new: new)
    for scene, L in enumerate(("a * a", "a * a * a", "(a * a) * b")):
        numbers = leaves(r, "ab")
        overwritten = {"overwrite": by_the_engine(f"L = {L}", numbers, last)}
        yield from expression("a * a", f"L = {L}", numbers, scene, **overwritten)
    yield from expression("x + x", "L = x + x", leaves(r, "x"), 10, overwrite=[1.0])
    yield from expression("x + x", "L = (x + x) * y", leaves(r, "xy"), 11)
    for scene, end in enumerate(("u + v", "v + u", "v * u", "u * v", "u + v * u", "v * u + u")):
        yield from reused(r, f"u = a * b\nv = u * c\nL = {end}", 20 + scene)
    for scene, L in enumerate(("a + 2", "a * 3", "a - 1.5", "a / 4", "a**3")):
        yield from expression("constants on the right", f"L = {L}", leaves(r, "a"), 30 + scene)
    for scene, L in enumerate(("2 + a", "3 * a", "1.5 - a", "4 / a")):
        yield from expression("constants on the left", f"L = {L}", leaves(r, "a"), 40 + scene)
    for scene in range(50, 54):
        yield from twice(r, scene)
    yield Step("x = Value(1.0)\nL = x\nfor _ in range(5000):\n    L = L + 1.0", scene=60)
    yield Step("L.backward()", {}, None, {"a chain of 5,000 nodes": None}, {}, 60)
    yield Step("x.grad", {}, None, {"a chain of 5,000 nodes": 1.0}, {}, 60)
    yield from seven(70)
    for scene, lines in enumerate(RANDOM):
        numbers = leaves(r, "abc")
        ideas = {
            id: lambda given, id=id, lines=lines, numbers=numbers: any_of(
                *believed(id, lines, numbers)
            )(given)
            for id in ("recip-minus", "output-for-input")
        }
        yield from expression("expressions", lines, numbers, 80 + scene, **ideas)


def reused(r: Rng, lines: str, scene: int) -> Iterator[Step]:
    """An inner node with two users, one a long way round: its gradient and its arguments'."""
    numbers = leaves(r, "abc")
    of_a, of_b, _ = by_the_engine(lines, numbers)
    of_u = of_a / numbers["b"]
    right = [of_u, of_a, of_b]

    def passed_on_too_early(given: Any) -> bool:  # or in time, which depends on the order too
        return bool(np.isclose(given[0], of_u))

    def last_one_stays(given: Any) -> bool:  # which one is last depends on the order of the sweep
        return bool(
            not np.isclose(given[0], of_u) and np.isclose(given[0], given[1] / numbers["b"])
        )

    yield Step(made(numbers) + lines, {}, None, {}, {}, scene)
    yield Step("L.backward()", {}, None, {"an inner node used again": None}, {}, scene)
    yield Step(
        "[u.grad, a.grad, b.grad]", {}, None, {"an inner node used again": right},
        {"overwrite": last_one_stays, "not-topological": passed_on_too_early}, scene,
    )  # fmt: skip


def twice(r: Rng, scene: int) -> Iterator[Step]:
    """Backward, zero_grad, backward: buckets that are not emptied give multiples of the truth."""
    numbers = leaves(r, "abcd")
    lines = "u = a * b\nv = u * c\nL = v * d"
    of_a, of_b, of_c, of_d = right = by_the_engine(lines, numbers)
    nothing_zeroed = [4 * of_a, 4 * of_b, 3 * of_c, 2 * of_d]
    leaves_zeroed = [3 * of_a, 3 * of_b, 2 * of_c, of_d]
    only_leaves_kept = [2 * g for g in right]
    believed = (nothing_zeroed, leaves_zeroed, only_leaves_kept)
    check = "backward again after zero_grad"
    yield Step(made(numbers) + lines, {}, None, {}, {}, scene)
    yield Step("L.backward()", {}, None, {}, {}, scene)
    yield Step("L.zero_grad()", {}, None, {check: None}, {}, scene)
    yield Step("L.backward()", {}, None, {check: None}, {}, scene)
    yield Step(
        "[a.grad, b.grad, c.grad, d.grad]", {}, None, {check: right},
        {"double-backward": any_of(*believed)}, scene,
    )  # fmt: skip


def seven(scene: int) -> Iterator[Step]:
    numbers = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}
    check = "the seven gradients of (a b + c) f"
    yield Step(made(numbers) + "e = a * b\nd = e + c\nL = d * f", {}, None, {}, {}, scene)
    yield Step("L.backward()", {}, None, {check: None}, {}, scene)
    yield Step("L.data", {}, None, {check: -8.0}, {}, scene)
    yield Step(
        "[L.grad, d.grad, f.grad, c.grad, e.grad, a.grad, b.grad]", {}, None,
        {check: [1.0, -2.0, 4.0, -2.0, -2.0, 6.0, -4.0]}, {}, scene,
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
        "backward again after zero_grad": 1,
        "a chain of 5,000 nodes": 1,
        "the seven gradients of (a b + c) f": 1,
        "expressions": 2,
    },
    script=value_script,
    names=("overwrite", "not-topological", "double-backward", "recip-minus", "output-for-input"),
)

EXERCISES = (MultiplyGate, AddGate, MaxGate, SigmoidGate, topo, Value)
