"""Numbers typed into boxes: a comma is read, and nothing becomes another number in silence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from shown import Page

import backpropkit as bp
from backpropkit.descent import bowl

pytestmark = pytest.mark.slow

READ = {"1,5": "1.5", "−2,25": "-2.25", " 3. ": "3", ",5": "0.5", "1e-3": "0.001", "1.500": "1.5"}
REFUSED = {
    "abc": "“abc” is not a number: type one such as 1.5, −2 or 1e-3.",
    "": "Nothing typed: type one such as 1.5, −2 or 1e-3.",
    "1,5,0": "“1,5,0” is not a number",
    "1.234,5": "“1.234,5” is not a number",
    "1,500": "“1,500” can be read in two ways",
    "0x10": "“0x10” is not a number",
    "١": "“١” is not a number",
    "Infinity": "“Infinity” is not a number",
    "1e400": "“1e400” is beyond ±1.8e308",
    "1e-400": "“1e-400” is closer to 0 than the numbers of computers come",
}


def layers(depth: int) -> bp.Node:
    h = bp.const(np.ones(20))
    for _ in range(depth):
        h = bp.sigmoid(bp.var(0.5) * h)
    return h.sum()


def matrix() -> Any:
    A = bp.var([[2.0, -1.0], [3.0, 1.0]], "A")
    return bp.explore.paths(bp.sum((A @ A) @ bp.const([1.0, -2.0])).named("f"), A)


EXPLORERS: dict[str, Callable[[], Any]] = {
    "nudge": lambda: bp.explore.nudge(lambda a, K: a * bp.sum(K * K), a=2, K=[[1.0, 2.0]]),
    "gate": lambda: bp.explore.gate(),
    "descent": lambda: bp.explore.descent(bowl),
    "entries": lambda: bp.explore.entries(lambda K: bp.sum(K * K), K=[[1.0, 2.0], [3.0, 4.0]]),
    "paths": matrix,
    "memory": lambda: bp.explore.memory(layers),
}


def put(page: Page, box: Any, typed: str) -> str:
    """Type into a box with real keys; what is said beside it."""
    box.focus()
    page.press("Control+a", "Delete")
    page.page.keyboard.type(typed)
    page.press("Enter")
    told = box.get_attribute("aria-describedby")
    return page.page.locator(f"[role=alert][id='{told}']").inner_text() if told else ""


def test_a_comma_is_read_and_what_is_no_number_is_refused(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(lambda a, b: a * b, a=2, b=4))
    box = page.page.get_by_role("spinbutton", name="a, typed")
    for typed, read in READ.items():
        assert put(page, box, typed) == ""
        assert box.input_value() == read == page.slider("a").input_value()
        assert box.get_attribute("aria-valuenow") == read
        assert box.get_attribute("aria-invalid") is None
    for typed, why in REFUSED.items():
        assert put(page, box, typed).startswith(why)
        assert box.input_value() == "1.5" == page.slider("a").input_value()
        assert box.get_attribute("aria-invalid") == "true"
        told = page.page.locator(f"[id='{box.get_attribute('aria-describedby')}']")
        assert told.inner_text().startswith(why)
    page.press("ArrowUp", "ArrowUp", "ArrowDown")
    assert box.input_value() == "1.6" and page.page.get_by_role("alert").count() == 0
    low, high = (float(box.get_attribute(f"aria-value{end}")) for end in ("min", "max"))
    assert low < 1.6 < high and box.get_attribute("aria-valuetext") == "1.6"
    h = page.page.get_by_role("spinbutton", name="h, typed")
    assert put(page, h, "0") == "h is not 0: nothing would move."
    assert put(page, h, "0,25") == "" and page.number("h") == 0.25
    assert page.number("actual") == pytest.approx(1.0)


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_box_of_every_explorer_reads_or_refuses(
    name: str, opened: Callable[..., Page]
) -> None:
    page = opened(EXPLORERS[name]())
    assert page.page.locator("input[type=number]").count() == 0
    boxes = page.page.locator("input[role=spinbutton]:visible")
    assert boxes.count() > 0
    for box in boxes.all():
        before = box.input_value()
        assert "is not a number" in put(page, box, "1,5,")
        assert box.input_value() == before
        said = put(page, box, "1,5")
        assert box.input_value() == "1.5" or said, "what is not taken is refused with a sentence"
        assert "15" not in box.input_value()
        page.press("ArrowUp")
        low, now, high = (
            float(box.get_attribute(f"aria-value{part}")) for part in ("min", "now", "max")
        )
        assert low <= now <= high and box.get_attribute("aria-label")
    assert page.page.locator("input[type=number]").count() == 0


def test_a_place_that_is_not_there_is_refused(opened: Callable[..., Page]) -> None:
    page = opened(matrix())
    row = page.page.get_by_role("spinbutton", name="A: row")
    assert put(page, row, "7") == "row: from 0 to 1." and row.input_value() == "0"
    assert put(page, row, "0,5") == "row: a whole number."
    assert put(page, row, "1") == "" and row.input_value() == "1"
    page.press("ArrowUp")
    assert row.input_value() == "1"


def test_a_place_that_the_array_now_chosen_has_not_is_left(opened: Callable[..., Page]) -> None:
    """L is the sum of Wx with W of four rows and x of two entries; dL/dx[0] = 1 + 3 + 5 + 7."""
    W, x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]], [1.0, 2.0]
    page = opened(bp.explore.nudge(lambda W, x: bp.sum(W @ x), W, x))
    menu = page.page.get_by_label("nudge", exact=True)
    put(page, page.page.get_by_role("spinbutton", name="W: row").first, "3")
    said = page.page.locator(".bp-caption").first
    assert "W[3, 0] + 0.1. " in said.inner_text()
    menu.select_option("x")
    assert "x[0] + 0.1. " in said.inner_text() and "predicts 16 × 0.1" in said.inner_text()
    assert page.page.get_by_role("spinbutton", name="x: entry").first.input_value() == "0"
