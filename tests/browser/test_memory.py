"""The memory explorer in a saved page: by keyboard, read from the page."""

from collections.abc import Callable

import numpy as np
import pytest
from shown import Page

import backpropkit as bp

pytestmark = pytest.mark.slow


def layers(depth: int) -> bp.Node:
    h = bp.const(np.ones(100))
    for _ in range(depth):
        h = bp.sigmoid(bp.var(0.5) * h)
    return h.sum()


@pytest.mark.parametrize("width", [1280, 390])
def test_depth_and_no_grad_are_chosen_by_keyboard(opened: Callable[..., Page], width: int) -> None:
    page = opened(bp.explore.memory(layers), width)
    assert page.number("bytes") == bp.cached_bytes(layers(10)) == 8 * 1110
    page.slider("depth").focus()
    page.press(*["ArrowRight"] * 3)
    assert page.slider("depth").get_attribute("aria-valuetext") == "13"
    assert page.number("bytes") == bp.cached_bytes(layers(13)) == 8 * (100 + 101 * 13)
    page.button("inside no_grad()").press("Enter")
    assert page.number("bytes") == 0
    said = page.page.get_by_role("status").filter(has_text="There is no way back")
    said.wait_for(state="attached")
    page.page.get_by_text("The same as a table").press("Enter")
    head = page.page.get_by_role("rowheader", name="13", exact=True)
    row = page.page.get_by_role("row").filter(has=head)
    assert row.get_by_role("cell").all_inner_texts() == ["1413", "0"]
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_depth_that_was_not_counted_becomes_the_nearest(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.memory(layers))
    typed = page.page.get_by_role("spinbutton", name="depth, typed")
    typed.fill("300")
    typed.press("Enter")
    assert page.number("bytes") == bp.cached_bytes(layers(20))
    assert typed.input_value() == "20"
