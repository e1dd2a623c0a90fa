"""The gate explorer in a saved page, and in JupyterLab: by keyboard, read from the page."""

import math
from collections.abc import Callable

import pytest
from harness import Notebook
from shown import Page, Shown

import backpropkit as bp
from backpropkit import var

pytestmark = pytest.mark.slow


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return opened(bp.explore.gate())


def handed_back(page: Page, f: Callable[..., bp.Node], **at: float) -> None:
    """The page says what the engine hands back for the values the sliders show."""
    leaves = [var(value, name) for name, value in at.items()]
    bp.backward(f(*leaves), seed=float(page.slider("incoming").input_value()))
    for leaf in leaves:
        assert float(page.slider(leaf.name).input_value()) == leaf.value
        assert page.number(f"grad-{leaf.name}") == pytest.approx(leaf.grad, rel=1e-12)


def test_inputs_and_incoming_move_by_keyboard(page: Page) -> None:
    handed_back(page, lambda x, y: x + y, x=-2.0, y=5.0)
    page.button("multiply").press("Enter")
    handed_back(page, lambda x, y: x * y, x=-2.0, y=5.0)
    page.slider("incoming").press("End")
    page.slider("x").focus()
    page.press("Home", *["ArrowRight"] * 20)
    assert page.slider("x").input_value() == "-4"
    handed_back(page, lambda x, y: x * y, x=-4.0, y=5.0)
    page.page.get_by_role("status").filter(has_text="Multiply switches").wait_for(state="attached")


def test_every_gate_is_a_button_and_fits_its_sliders(page: Page) -> None:
    page.button("1/x").click()
    handed_back(page, lambda x: x**-1, x=0.8)
    assert page.slider("y").count() == 0
    page.slider("x").press("End")
    handed_back(page, lambda x: x**-1, x=4.0)
    page.button("max").click()
    handed_back(page, bp.maximum, x=-2.0, y=5.0)  # each gate keeps its own inputs
    assert page.button("max").get_attribute("aria-pressed") == "true"
    page.page.get_by_text("The same as a table").press("Enter")
    head = page.page.get_by_role("rowheader", name="y", exact=True)
    row = page.page.get_by_role("row").filter(has=head)
    assert row.get_by_role("cell").all_inner_texts() == ["5", "1", "1", "1"]


def test_the_point_walks_along_the_curve_and_the_tangent_with_it(page: Page) -> None:
    page.button("sigmoid").click()
    page.slider("x").press("Home")
    curve = page.page.locator(".bp-graph:visible").get_attribute("d")
    words = page.page.locator(".bp-plot:visible").get_attribute("aria-label")
    slope = math.exp(-6) / (1 + math.exp(-6)) ** 2
    assert words == f"z over x, slope ∂z/∂x = {slope:.4g}"
    page.slider("x").press("End")
    assert page.page.locator(".bp-graph:visible").get_attribute("d") == curve
    dot = page.page.locator(".bp-start-dot:visible").bounding_box()
    plot = page.page.locator(".bp-plot:visible").bounding_box()
    assert dot["x"] > plot["x"] + 0.9 * plot["width"]


def test_a_gate_without_a_value_does_not_stop_the_others(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.gate(lambda x: bp.log(x), x=0.5))
    page.slider("x").press("Home")
    caption = page.page.locator(".bp-caption")
    assert "No picture here: z, of f, is not defined there" in caption.inner_text()
    page.button("exp").click()
    handed_back(page, bp.exp, x=0.5)
    page.button("f").click()
    assert "No picture here" in caption.inner_text()
    page.button("Back to the start").click()
    assert page.number("slope-x") == 2.0


@pytest.mark.parametrize("x", ["1e308", "-1.7e308", "123456789"])
def test_the_numbers_of_an_axis_stand_apart_from_all_else(page: Page, x: str) -> None:
    """Also those of eight characters, as −1.5e308 is."""
    for name, typed in (("y", "0"), ("x", x)):
        box = page.page.get_by_role("spinbutton", name=f"{name}, typed").locator("visible=true")
        box.fill(typed)
        box.press("Enter")
    boxes = """svg => [...svg.querySelectorAll("text")]
        .filter(t => t.checkVisibility() && t.textContent)
        .map(t => [t.textContent, t.getBoundingClientRect().toJSON()])"""
    for panel in page.page.locator(".bp-panel:visible").all():
        frame = panel.bounding_box()
        texts = panel.evaluate(boxes)
        assert len(texts) > 5
        for k, (one, a) in enumerate(texts):
            assert a["left"] >= frame["x"] and a["right"] <= frame["x"] + frame["width"], one
            for other, b in texts[:k]:
                across = min(a["right"], b["right"]) - max(a["left"], b["left"])
                down = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
                assert across <= 0 or down <= 4, (one, other)  # boxes hold room for accents


def test_on_a_phone_the_slopes_stand_below_the_gate(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.gate(), 390)
    gate = page.page.locator(".bp-picture:visible").bounding_box()
    slopes = [plot.bounding_box() for plot in page.page.locator(".bp-plot:visible").all()]
    assert [box["y"] > gate["y"] + gate["height"] for box in slopes] == [True, True]
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_in_jupyterlab_python_hears(open_notebook: Callable[..., Notebook]) -> None:
    code = "import backpropkit as bp\nexplorer = bp.explore.gate('multiply')\nexplorer"
    notebook = open_notebook([code])
    notebook.run_all()
    assert notebook.errors() == []
    shown = Shown(notebook)
    slider = shown.control("slider", "x")
    slider.focus()
    shown.page.keyboard.press("ArrowRight")
    shown.settle("grad-y", "-1.9")
    assert shown.focused(slider)
    shown.every_control_has_a_name()
    assert notebook.problems == []
