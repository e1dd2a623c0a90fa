"""The entries explorer as a learner meets it: saved pages and JupyterLab, real keys, a mouse."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from harness import Notebook
from shown import Page, Shown

import backpropkit as bp
from backpropkit import Graph, var
from backpropkit.picture.heat import measure

pytestmark = pytest.mark.slow

START = [[2.0, 0.5, 0.3], [0.5, 1.5, -0.2], [0.3, -0.2, 1.0]]
SCRATCH = f"import backpropkit as bp\nbp.explore.entries(lambda K: bp.logdet(K), K={START})"


def engine(changes: dict[tuple[int, int], float], h: float, together: bool = False) -> Any:
    """Slopes that nudging finds in this process."""
    values = np.array(START)
    for index, value in changes.items():
        values[index] = value
    K = var(values, "K")
    return measure(Graph(bp.logdet(K)), K, h, (0, 0), together)


def shows(page: Any, wanted: Any) -> None:
    """The numbers of a page are the engine's; a quotient of differences holds fewer digits."""
    told = {name: np.array(json.loads(page.data(name))) for name in ("value", "rule", "nudged")}
    np.testing.assert_array_equal(told["value"], wanted.value)
    np.testing.assert_allclose(told["rule"], wanted.rule, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(told["nudged"], wanted.nudged, atol=1e-14 / wanted.h)


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return opened(bp.explore.entries(lambda K: bp.logdet(K), K=START))


def test_numbers_are_squeezed_where_they_are_too_long_and_never_stretched(
    opened: Callable[..., Page],
) -> None:
    """Each stands within its cell, with a margin."""
    W = [[0.0291, -0.0169], [-0.0299, 0.0174], [-0.0035, 0.00204]]
    page = opened(bp.explore.entries(lambda W: bp.sum(W**2), W=W))
    measure = """text => {
        const [shown, box] = [text, text.previousSibling].map(part => part.getBoundingClientRect());
        const room = text.getAttribute("textLength");
        text.removeAttribute("textLength");
        const own = text.getComputedTextLength();
        if (room) text.setAttribute("textLength", room);
        return [text.textContent, shown.left - box.left, box.right - shown.right, own, room];
    }"""

    def looked_at() -> list[str]:
        squeezed = []
        for text in page.page.locator(".bp-cell text:visible").all():
            words, left, right, own, room = text.evaluate(measure)
            assert left >= 1.5 and right >= 1.5, words
            assert room is None or float(room) <= own, words
            squeezed += [words] * (room is not None)
        return squeezed

    assert "−0.0169" in looked_at()
    page.slider("W[0, 0]").press("ArrowRight")
    assert "−0.0169" in looked_at()


def test_a_screen_reader_is_told_the_map_and_the_number_of_a_cell(page: Page) -> None:
    cells = page.page.get_by_role("group", name="K", exact=True).get_by_role("button")
    assert cells.nth(1).get_attribute("aria-label") == "K[0, 1]: 0.5"
    column = page.page.get_by_role("spinbutton", name="K: column")
    column.fill("1")
    column.press("Enter")
    page.slider("K[0, 1]").press("ArrowRight")
    assert cells.nth(1).get_attribute("aria-label") == "K[0, 1]: 0.51"
    names = [group.get_attribute("aria-label") for group in page.page.locator(".bp-cells").all()]
    assert len({name for name in names if name}) == 4


def test_an_entry_is_picked_and_moved_by_keyboard(page: Page) -> None:
    shows(page, engine({}, 1e-3))
    column = page.page.get_by_role("spinbutton", name="K: column")
    column.fill("1")
    column.press("Enter")
    page.slider("K[0, 1]").focus()
    page.press("ArrowRight", "ArrowRight", "ArrowRight")
    shows(page, engine({(0, 1): 0.53}, 1e-3))
    page.page.get_by_role("combobox", name="what moves").select_option("symmetric: both move")
    shows(page, engine({(0, 1): 0.53}, 1e-3, together=True))
    status = page.page.get_by_role("status")
    status.filter(has_text="K[0, 1] and K[1, 0] move together").wait_for(state="attached")
    page.slider("K[0, 1]").focus()
    page.press("ArrowRight")
    shows(page, engine({(0, 1): 0.54, (1, 0): 0.54}, 1e-3, together=True))
    page.slider("h").focus()
    page.press("Home")
    shows(page, engine({(0, 1): 0.54, (1, 0): 0.54}, 1e-8, together=True))
    page.button("Back to the start").press("Enter")
    shows(page, engine({}, 1e-3))


def test_a_cell_is_clicked_and_arrow_keys_go_by_rows_and_columns(page: Page) -> None:
    maps = page.page.locator(".bp-cells:visible")
    maps.nth(2).get_by_role("button", name="K[1, 2]").click()
    page.slider("K[1, 2]").wait_for()
    page.press("ArrowDown")
    page.slider("K[2, 2]").wait_for()
    page.press("ArrowLeft", "ArrowUp")
    page.slider("K[1, 1]").wait_for()
    chosen = page.page.locator(".bp-cells:visible [aria-pressed=true]")
    assert chosen.count() == 4
    assert maps.nth(0).get_by_role("button", name="K[1, 1]").get_attribute("tabindex") == "0"


def test_where_it_is_not_defined_it_says_so_and_recovers(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.entries(lambda K: bp.log(bp.trace(K)), K=START))
    typed = page.page.get_by_role("spinbutton", name="K[0, 0], typed")
    typed.fill("-5")
    typed.press("Enter")
    caption = page.page.locator(".bp-caption").first
    assert "No picture here" in caption.inner_text()
    typed.fill("3")
    typed.press("Enter")
    rule = json.loads(page.data("rule"))
    assert rule[1][1] == pytest.approx(1 / 5.5) and rule[0][1] == 0


@pytest.mark.parametrize("width", [1366, 390])
def test_ten_by_ten_fits_the_screen(opened: Callable[..., Page], width: int) -> None:
    A = np.arange(100.0).reshape(10, 10) / 100
    page = opened(bp.explore.entries(lambda A: bp.sum(A**2), A=A), width)
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.page.get_by_role("button", name="A[9, 9]").and_(
        page.page.locator(":visible")
    ).first.click()
    page.slider("A[9, 9]").focus()
    page.press("ArrowRight")
    rule = json.loads(page.data("rule"))
    assert rule[9][9] == pytest.approx(2.0)  # 2 · (0.99 + 0.01)


def test_in_a_notebook_keys_reach_it(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook([SCRATCH])
    notebook.run_all()
    assert notebook.errors() == []
    page = Shown(notebook)
    slider = page.root.get_by_role("slider", name="K[0, 0]", exact=True)
    slider.focus()
    for _ in range(3):
        page.page.keyboard.press("ArrowRight")
    shows(page, engine({(0, 0): 2.3}, 1e-3))
    assert notebook.problems == []
