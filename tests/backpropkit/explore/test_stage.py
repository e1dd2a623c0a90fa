"""An explorer set from Python: what there is no picture of is refused where it is set."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import explore, var
from backpropkit.descent import bowl, double_well


def product() -> bp.Node:
    return bp.sum((var([[1.0, 2.0], [3.0, 4.0]], "W") @ var([1.0, -1.0], "x")) ** 2).named("L")


def sines(depth: int) -> bp.Node:
    x = var(0.5, "x")
    for _ in range(3 * depth):
        x = bp.sin(x)
    return x


MAKERS: dict[str, Callable[[], Any]] = {
    "descent": lambda: explore.descent(bowl),
    "nudge": lambda: explore.nudge(product()),
    "backward": lambda: explore.backward(product()),
    "gate": lambda: explore.gate("multiply"),
    "entries": lambda: explore.entries(product(), "W"),
    "memory": lambda: explore.memory(sines),
    "paths": lambda: explore.paths(product(), "x"),
}
ODD: list[Any] = [
    *("5", b"5", ["1", "2"], np.array("5"), None, {}, [], object()),
    *(1 + 2j, np.complex128(1), 10**400, float("inf"), [[1.0], [1.0, 2.0]], var(1.0)),
]


@pytest.mark.parametrize(
    ("kind", "name", "new", "said"),
    [
        ("descent", "rate", -1, "rate goes from 1e−9 to 1000; given was -1"),
        ("descent", "momentum", 1.0, "momentum goes from 0 to 0.999; given was 1.0"),
        ("descent", "steps", 500, "steps goes from 1 to 200; given was 500"),
        ("descent", "steps", 2.5, "steps is a whole number; given was 2.5"),
        ("descent", "rate", None, "rate is a single number; given was None"),
        ("descent", "rate", "abc", "rate is a single number; given was 'abc'"),
        ("descent", "starts", [[1.0]], "starts is an array of shape (4, 2); given was [[1.0]]"),
        ("descent", "count", 9, "count goes from 1 to 4; given was 9"),
        ("descent", "count", 0, "count goes from 1 to 4; given was 0"),
        ("descent", "count", 1.5, "count is a whole number; given was 1.5"),
        ("descent", "start", "2", "start is one of '1'; given was '2'"),
        ("descent", "rule", "up", "rule is one of 'descent', 'ascent', 'sign of J'; given was"),
        ("nudge", "node", "zz", "node is one of 'W', 'x', "),
        ("nudge", "h", float("nan"), "h is finite: "),
        ("nudge", "h", 0, "h is not 0: nothing would move; given was 0"),
        ("entries", "h", 0.0, "h is not 0: nothing would move; given was 0.0"),
        ("memory", "depth", 25, "depth is one of those that are listed, the nearest is 20; "),
        ("memory", "depth", 2.5, "depth is one of those that are listed, the nearest is 2; "),
        ("paths", "on", [True, False], "on.x is an array of shape (1,); given was [True, False]"),
        ("paths", "on", [2], "on.x goes from 0 to 1; given was [2]"),
        ("paths", "on", None, "on.x is an array of shape (1,); given was None"),
        ("entries", "entry", [0, 2], "entry goes from 0 to 1; given was [0, 2]"),
        ("backward", "step", 99, "step goes from 0 to 4; given was 99"),
        ("gate", "kind", 2, "kind is one of 'add', 'multiply', "),
    ],
)
def test_what_there_is_no_picture_of_is_refused(kind: str, name: str, new: Any, said: str) -> None:
    explorer = MAKERS[kind]()
    before = dict(explorer.state)
    with pytest.raises(ValueError) as refused:
        if name == "on":
            explorer.on = new
        else:
            getattr(explorer, name).value = new
    assert str(refused.value).startswith(said)
    assert explorer.state == before and explorer.now.sentence


@pytest.mark.parametrize("kind", MAKERS)
def test_no_entry_of_any_state_becomes_what_is_none(kind: str) -> None:
    """Set as a whole, which the page does and a learner may."""
    explorer = MAKERS[kind]()
    before = dict(explorer.state)
    for name in before:
        for odd in ODD:
            with pytest.raises(ValueError, match=rf"^{name} (is|goes) "):
                explorer.state = {**before, name: odd}
            assert explorer.state == before
    for state in ({}, {**before, "other": 1.0}):
        with pytest.raises(ValueError, match=r"^a state has "):
            explorer.state = state
    assert explorer.state == before and explorer.now.sentence


def test_a_place_that_another_array_has_not_is_left() -> None:
    for explorer in (explore.nudge(tall()), explore.paths(tall(), "W")):
        explorer.state = {**explorer.state, "entry": [3.0, 1.0]}
        menu = explorer.node if hasattr(explorer, "node") else explorer.leaf
        menu.value = "x"
        assert explorer.state["entry"] == [0.0, 0.0]
        assert "x[0]" in explorer.now.sentence and " 16" in explorer.now.sentence


def tall() -> bp.Node:
    W = var(np.arange(1.0, 9.0).reshape(4, 2), "W")
    return bp.sum(W @ var([1.0, 2.0], "x")).named("L")


def test_another_surface_brings_its_start_and_fewer_starts_leave_one_that_is_walked_from() -> None:
    explorer = explore.descent(bowl)
    explorer.surface.value = "Double well"
    assert explorer.now.sentence == explore.descent(double_well).now.sentence
    explorer.count.value = 3
    explorer.start.value = "3"
    explorer.count.value = 2
    assert explorer.start.value == "2" and len(explorer.runs) == 2


def test_numbers_of_numpy_are_kept_as_plain_ones() -> None:
    explorer = explore.nudge(product())
    explorer.leaves["W"].value = np.eye(2)
    explorer.h.value = Fraction(1, 4)
    assert explorer.state["h"] == 0.25
    explorer.h.value = np.float32(0.5)
    assert explorer.state["leaf.W"] == [[1.0, 0.0], [0.0, 1.0]]
    assert type(explorer.state["h"]) is float and "+ 0.5" in explorer.now.sentence
