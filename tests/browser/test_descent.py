"""The descent explorer as a learner meets it: in JupyterLab, by keyboard and by mouse."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import Notebook
from PIL import Image
from shown import Shown

from backpropkit.descent import bowl, descend, double_well
from backpropkit.explore.descent import RATES

pytestmark = pytest.mark.slow
LESSON = Path(__file__).parents[2] / "lessons" / "07_descent.ipynb"

SCRATCH = "import backpropkit as bp\nbp.explore.descent(bp.descent.bowl)"


def choose(page: Shown, name: str, label: str) -> None:
    page.root.get_by_role("combobox", name=name).select_option(label=label)


def ends(*runs: Any) -> list[list[float]]:
    """Where runs end, as the engine says: coordinates and J."""
    found = []
    for run in runs:
        point = run.points[-1].tolist()
        point = point if isinstance(point, list) else [point]
        found.append([*point, float(run.losses[-1])])
    return found


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    opened = open_notebook([SCRATCH])
    opened.run_all()
    assert opened.errors() == []
    return opened


def test_step_size_and_momentum_move_the_run_by_keyboard(notebook: Notebook) -> None:
    page = Shown(notebook)
    page.settle("ends", ends(descend(bowl, 0.08)))
    eta = page.control("slider", "η")
    eta.focus()
    for _ in range(14):  # faster than anything is painted: the last value has to win
        page.page.keyboard.press("ArrowRight")
    rate = RATES[RATES.index(0.08) + 14]
    assert float(eta.get_attribute("aria-valuetext")) == rate > 0.2
    page.settle("ends", ends(descend(bowl, rate)))
    assert eta.evaluate("handle => handle === document.activeElement")
    assert "diverges: leaves the frame" in page.picture.text_content()
    said = page.root.get_by_role("status").filter(has_text="lies beyond the stability edge")
    said.wait_for(state="attached")
    heavy = page.control("slider", "momentum")
    heavy.focus()
    heavy.press("End")
    page.settle("ends", ends(descend(bowl, rate, momentum=0.95)))
    heavy.press("Home")
    steps = page.control("slider", "steps")
    steps.focus()
    steps.press("Home")
    page.settle("ends", ends(descend(bowl, rate, 1)))
    assert notebook.problems == []


def test_starts_are_added_moved_by_slider_and_by_mouse_and_removed(notebook: Notebook) -> None:
    page = Shown(notebook)
    page.root.get_by_role("button", name="Add a start").press("Enter")
    page.settle("ends", ends(*(descend(bowl, 0.08, start=s) for s in ((-4.0, 1.5), (-3.0, -2.0)))))
    slider = page.control("slider", "w₁")
    slider.focus()
    slider.press("End")
    page.settle("ends", ends(*(descend(bowl, 0.08, start=s) for s in ((-4.0, 1.5), (4.6, -2.0)))))
    box = page.root.locator(".bp-land:visible").bounding_box()
    page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    page.settle("ends", ends(*(descend(bowl, 0.08, start=s) for s in ((-4.0, 1.5), (0.0, 1.15)))))
    assert page.control("slider", "w₂").get_attribute("aria-valuetext") == "1.15"
    page.root.get_by_role("button", name="Remove it").press("Enter")
    page.settle("ends", ends(descend(bowl, 0.08)))
    assert notebook.problems == []


def test_surfaces_and_rules_are_chosen_and_the_table_tells_the_same(notebook: Notebook) -> None:
    page = Shown(notebook)
    choose(page, "surface", "Double well (not convex)")
    page.settle("ends", ends(descend(double_well, 0.05)))
    choose(page, "rule", "maximise: w + η ∂J/∂w")
    page.settle("ends", ends(descend(double_well, 0.05, rule="ascent")))
    choose(page, "rule", "by the sign of J: against the gradient if J > 0, else with it")
    run = descend(double_well, 0.05, rule="sign of J")
    page.settle("ends", ends(run))
    page.root.get_by_role("button", name="Show as a table").press("Enter")
    row = page.root.get_by_role("row").filter(has=page.page.get_by_role("rowheader", name="1"))
    row.wait_for()
    shown = [float(text.replace("−", "-")) for text in row.get_by_role("cell").all_inner_texts()]
    expected = [0.1, run.losses[0], run.points[-1], run.losses[-1], run.losses.min()]
    assert shown == pytest.approx(expected, rel=1e-5)
    assert notebook.problems == []


def test_the_ground_is_painted_in_both_themes(notebook: Notebook) -> None:
    notebook.theme("JupyterLab Light")  # shared: another test may leave it dark
    page = Shown(notebook)

    def brightness() -> tuple[float, ...]:
        """Of the deepest place and of the highest, a corner."""
        notebook.page.wait_for_timeout(500)
        box = page.root.locator(".bp-land:visible").bounding_box()
        seen = np.array(Image.open(BytesIO(notebook.page.screenshot())).convert("L"), dtype=float)
        x, y = round(box["x"]), round(box["y"])
        right, down = box["width"], box["height"]
        places = [(x + 0.53 * right, y + 0.53 * down), (x + 0.97 * right, y + 0.03 * down)]
        patches = [
            seen[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4] for x, y in places
        ]
        return tuple(float(np.median(patch)) for patch in patches)

    deep, high = brightness()
    assert deep > 235 and 150 < high < deep - 20
    notebook.theme("JupyterLab Dark")
    deep, high = brightness()
    assert deep < 40 and deep + 20 < high < 100


def test_the_ground_keeps_its_paint_where_a_long_page_was_scrolled(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(LESSON)
    notebook.theme("JupyterLab Light")
    notebook.run_all()
    notebook.page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
    page = Shown(notebook)
    notebook.page.wait_for_timeout(500)
    land = page.root.locator(".bp-land:visible").bounding_box()
    seen = np.array(Image.open(BytesIO(notebook.page.screenshot(clip=land))).convert("L"))
    assert np.mean(seen < 128) < 0.1  # lines, not areas


def test_a_phone_shows_one_panel_below_the_other(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook([SCRATCH], width=400)
    notebook.run_all()
    page = Shown(notebook)
    box = page.picture.bounding_box()
    assert box["height"] > box["width"] and box["width"] < 400
    page.control("slider", "η").press("End")
    page.settle("ends", ends(descend(bowl, RATES[-1])))
    assert notebook.problems == []
