"""The entries explorer as a learner meets it: in JupyterLab, by keyboard and by mouse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from harness import Notebook
from shown import Shown

import backpropkit as bp
from backpropkit import Graph, var
from backpropkit.picture.heat import measure

pytestmark = pytest.mark.slow

START = [[2.0, 0.5, 0.3], [0.5, 1.5, -0.2], [0.3, -0.2, 1.0]]
SCRATCH = f"import backpropkit as bp\nbp.explore.entries(lambda K: bp.logdet(K), K={START})"


def engine(changes: dict[tuple[int, int], float], h: float, together: bool = False) -> Any:
    """Slopes that nudging finds in this process, as the page carries them."""
    values = np.array(START)
    for index, value in changes.items():
        values[index] = value
    K = var(values, "K")
    return measure(Graph(bp.logdet(K)), K, h, (0, 0), together).nudged.tolist()


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    opened = open_notebook([SCRATCH])
    opened.run_all()
    assert opened.errors() == []
    return opened


def test_an_entry_is_picked_and_moved_by_keyboard(notebook: Notebook) -> None:
    page = Shown(notebook)
    page.settle("nudged", engine({}, 1e-3))
    column = page.root.get_by_role("spinbutton", name="K column")
    column.fill("1")
    column.press("Enter")
    slider = page.root.get_by_role("slider", name="K[0, 1]", exact=True)
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    page.settle("nudged", engine({(0, 1): 0.53}, 1e-3))
    assert slider.evaluate("handle => handle === document.activeElement")
    page.root.get_by_role("button", name="symmetric: both move").press("Enter")
    page.settle("nudged", engine({(0, 1): 0.53}, 1e-3, together=True))
    status = page.root.get_by_role("status").filter(has_text="K[0, 1] and K[1, 0] move together")
    status.wait_for(state="attached")
    h = page.root.get_by_role("slider", name="h", exact=True)
    h.focus()
    h.press("Home")
    page.settle("nudged", engine({(0, 1): 0.53}, 1e-8, together=True))
    assert notebook.problems == []


def test_a_click_on_a_map_picks_that_entry(notebook: Notebook) -> None:
    page = Shown(notebook)
    box = page.root.locator(".bp-map:visible").nth(2).bounding_box()
    page.page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.5)
    slider = page.root.get_by_role("slider", name="K[1, 2]", exact=True)
    slider.wait_for()
    slider.press("Home")
    value = float(slider.get_attribute("aria-valuetext").replace("−", "-"))
    page.settle("nudged", engine({(1, 2): value}, 1e-3))
    assert notebook.problems == []


def test_the_table_tells_the_same_and_a_phone_shows_two_by_two(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook([SCRATCH], width=400)
    notebook.run_all()
    page = Shown(notebook)
    box = page.picture.bounding_box()
    assert box["width"] < 400 and box["height"] > 300
    page.root.get_by_role("button", name="Show as a table").press("Enter")
    rows = page.root.get_by_role("row")
    rows.nth(9).wait_for()
    cell = rows.nth(9).get_by_role("cell").nth(1).inner_text()
    assert float(cell) == pytest.approx(np.linalg.inv(START)[2, 2], rel=1e-5)
    assert notebook.problems == []
