"""The descent explorer as a learner meets it: saved pages and JupyterLab, real keys, a mouse."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from harness import Notebook
from PIL import Image
from shown import Page, Shown

import backpropkit as bp
from backpropkit.descent import SURFACES, Surface, banana, bowl, descend, double_well
from backpropkit.scenes.descent import RATES

pytestmark = pytest.mark.slow

SCRATCH = "import backpropkit as bp\nbp.explore.descent(bp.descent.bowl)"


def ends(page: Any, *runs: Any) -> None:
    """Where the page's runs end is where the engine's do: coordinates and J."""
    wanted = [[*np.atleast_1d(run.points[-1]).tolist(), float(run.losses[-1])] for run in runs]
    np.testing.assert_allclose(json.loads(page.data("ends")), wanted, rtol=1e-9, atol=1e-12)


def choose(page: Page, name: str, word: str) -> None:
    page.page.get_by_role("combobox", name=name, exact=True).select_option(word)


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return opened(bp.explore.descent(bowl))


def test_step_size_momentum_and_steps_move_the_run_by_keyboard(page: Page) -> None:
    ends(page, descend(bowl, 0.08))
    page.slider("η").focus()
    page.press(*["ArrowRight"] * 14)
    rate = RATES[RATES.index(0.08) + 14]
    assert float(page.slider("η").get_attribute("aria-valuetext")) == rate > 0.2
    ends(page, descend(bowl, rate))
    caption = page.page.locator(".bp-caption").first
    assert "diverges: leaves the frame" in caption.inner_text()
    assert "lies beyond the stability edge" in caption.inner_text()
    page.slider("momentum").focus()
    page.press("End")
    ends(page, descend(bowl, rate, momentum=0.95))
    page.press("Home")
    page.slider("steps").focus()
    page.press("Home")
    ends(page, descend(bowl, rate, 1))
    typed = page.page.get_by_role("spinbutton", name="steps, typed")
    for given, steps in (("17", 17), ("1000", 17), ("2.5", 17), ("200", 200)):
        typed.fill(given)
        typed.press("Enter")
        ends(page, descend(bowl, rate, steps))


def test_starts_are_added_moved_by_slider_and_by_mouse_and_removed(page: Page) -> None:
    page.button("Add a start").press("Enter")
    ends(page, *(descend(bowl, 0.08, start=s) for s in ((-4.0, 1.5), (-3.0, -2.0))))
    page.slider("w₁").focus()
    page.press("End")
    ends(page, *(descend(bowl, 0.08, start=s) for s in ((-4.0, 1.5), (4.6, -2.0))))
    box = page.page.locator(".bp-land").bounding_box()
    page.page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4, steps=3)
    page.page.mouse.up()
    ends(page, *(descend(bowl, 0.08, start=s) for s in ((-4.0, 1.5), (0.0, 1.15))))
    assert page.slider("w₂").input_value() == "1.15"
    for _ in range(2):
        page.button("Add a start").click()
    assert not page.button("Add a start").is_visible() and len(json.loads(page.data("ends"))) == 4
    choose(page, "start", "1")
    for _ in range(3):
        page.button("Remove it").click()
    assert not page.button("Remove it").is_visible() and len(json.loads(page.data("ends"))) == 1
    page.button("Back to the start").press("Enter")
    ends(page, descend(bowl, 0.08))


def test_every_surface_and_rule_walks_as_the_engine_does(page: Page) -> None:
    for surface in SURFACES.values():
        choose(page, "surface", surface.name)
        for rule in ("descent", "ascent", "sign of J"):
            choose(page, "rule", rule)
            rate = float(page.slider("η").get_attribute("aria-valuetext"))
            run = descend(surface, rate, rule=rule)
            told = json.loads(page.data("ends"))[0]
            if np.abs(run.losses[-1]) < 1e6:  # thrown out, the last digits are noise
                wanted = [*np.atleast_1d(run.points[-1]), run.losses[-1]]
                np.testing.assert_allclose(told, wanted, rtol=1e-6, atol=1e-9, err_msg=surface.name)
            gone = page.page.locator(".bp-runs li:visible").inner_text()
            assert ("leaves the frame" in gone) == run.diverged, (surface.name, rule)
    page.page.get_by_text("The same as a table").click()
    choose(page, "rule", "descent")
    choose(page, "surface", "Double well")
    run = descend(double_well, 0.05)
    cells = page.page.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
    shown = [float(text.replace("−", "-")) for text in cells]
    wanted = [0.1, run.losses[0], run.points[-1], run.losses[-1], run.losses.min()]
    assert shown == pytest.approx(wanted, rel=1e-5)


def test_ways_and_crosses_lie_where_numbers_say(page: Page) -> None:
    choose(page, "surface", "Banana")
    run = descend(banana, float(page.slider("η").get_attribute("aria-valuetext")))
    way = page.page.locator(".bp-run0 .bp-way").first.get_attribute("d")
    points = np.array([pair.split() for pair in way[1:].split("L")], float)
    wanted = 44 + (run.points[:, 0] + 1.8) / 3.6 * 296, 264 - (run.points[:, 1] + 0.7) / 3 * 230
    np.testing.assert_allclose(points, np.transpose(wanted), atol=0.06)
    choose(page, "surface", "Bowl")
    typed = page.page.get_by_role("spinbutton", name="η, typed")
    typed.fill("0.21")
    typed.press("Enter")
    cross = page.page.locator(".bp-run0 .bp-gone:visible").get_attribute("transform")
    assert cross.endswith(" 264.0)")


def test_a_function_of_ones_own_with_an_if_is_walked_in_the_page(
    opened: Callable[..., Page],
) -> None:
    def hill(w: Any) -> Any:
        return w**2 if w > 0 else -2.0 * w

    page = opened(bp.explore.descent(hill, start=1.0))
    surface = Surface("", "", hill, ((-2.0, 4.0),), start=1.0)
    rate = float(page.slider("η").get_attribute("aria-valuetext"))
    ends(page, descend(surface, rate))
    page.slider("w").focus()
    page.press("Home")  # the other branch
    ends(page, descend(surface, rate, start=-2.0))
    typed = page.page.get_by_role("spinbutton", name="η, typed")
    typed.fill("0.8")
    typed.press("Enter")
    ends(page, descend(surface, 0.8, start=-2.0))


def test_the_ground_is_painted_in_both_themes(opened: Callable[..., Page]) -> None:
    for scheme, deep_enough in (("light", lambda x: x > 235), ("dark", lambda x: x < 40)):
        page = opened(bp.explore.descent(bowl), color_scheme=scheme)
        box = page.page.locator(".bp-land").bounding_box()
        seen = np.array(Image.open(BytesIO(page.page.screenshot(full_page=True))).convert("L"))
        patches = []
        for right, down in ((0.53, 0.55), (0.97, 0.03)):  # the deepest place, and a corner
            x, y = round(box["x"] + right * box["width"]), round(box["y"] + down * box["height"])
            patches.append(float(np.median(seen[y - 3 : y + 4, x - 3 : x + 4])))
        deep, high = patches
        assert deep_enough(deep) and abs(high - deep) > 20, (scheme, deep, high)


@pytest.mark.parametrize("width", [1366, 390])
def test_it_fits_the_screen(opened: Callable[..., Page], width: int) -> None:
    page = opened(bp.explore.descent(bowl), width)
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.slider("η").focus()
    page.press("End")
    ends(page, descend(bowl, RATES[-1]))


def test_in_a_notebook_keys_reach_it(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook([SCRATCH])
    notebook.run_all()
    assert notebook.errors() == []
    page = Shown(notebook)
    page.root.get_by_role("slider", name="η", exact=True).focus()
    for _ in range(3):
        page.page.keyboard.press("ArrowLeft")
    ends(page, descend(bowl, RATES[RATES.index(0.08) - 3]))
    assert notebook.problems == []
