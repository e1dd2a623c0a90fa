"""An explorer set from Python: what there is no picture of is refused where it is set."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import explore, var
from backpropkit.descent import bowl


def product() -> bp.Node:
    return bp.sum((var([[1.0, 2.0], [3.0, 4.0]], "W") @ var([1.0, -1.0], "x")) ** 2).named("L")


MAKERS: dict[str, Callable[[], Any]] = {
    "descent": lambda: explore.descent(bowl),
    "nudge": lambda: explore.nudge(product()),
    "backward": lambda: explore.backward(product()),
    "gate": lambda: explore.gate("multiply"),
    "entries": lambda: explore.entries(product(), "W"),
}


@pytest.mark.parametrize(
    ("kind", "name", "new", "said"),
    [
        ("descent", "rate", -1, "rate goes from 1e−9 to 1000; given was -1"),
        ("descent", "momentum", 1.0, "momentum goes from 0 to 0.999; given was 1.0"),
        ("descent", "steps", 500, "steps goes from 1 to 200; given was 500"),
        ("descent", "steps", 2.5, "steps is a whole number; given was 2.5"),
        ("descent", "rate", "abc", "rate is a single number; given was 'abc'"),
        ("descent", "starts", [[1.0]], "starts is an array of shape (4, 2); given was [[1.0]]"),
        ("descent", "rule", "up", "rule is one of 'descent', 'ascent', 'sign of J'; given was"),
        ("nudge", "node", "zz", "node is one of 'W', 'x', "),
        ("nudge", "h", float("nan"), "h is finite: "),
        ("entries", "entry", [0, 2], "entry goes from 0 to 1; given was [0, 2]"),
        ("backward", "step", 99, "step goes from 0 to 4; given was 99"),
        ("gate", "kind", 2, "kind is one of 'add', 'multiply', "),
    ],
)
def test_what_there_is_no_picture_of_is_refused(kind: str, name: str, new: Any, said: str) -> None:
    explorer = MAKERS[kind]()
    before = dict(explorer.state)
    with pytest.raises(ValueError) as refused:
        getattr(explorer, name).value = new
    assert str(refused.value).startswith(said)
    assert explorer.state == before and explorer.now.sentence


def test_numbers_of_numpy_are_kept_as_plain_ones() -> None:
    explorer = explore.nudge(product())
    explorer.leaves["W"].value = np.eye(2)
    explorer.h.value = np.float32(0.5)
    assert explorer.state["leaf.W"] == [[1.0, 0.0], [0.0, 1.0]]
    assert type(explorer.state["h"]) is float and "+ 0.5" in explorer.now.sentence
