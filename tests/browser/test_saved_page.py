"""Explorers in a saved page, from the disk: no kernel, no network; real keys, a real mouse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shown import Page

import backpropkit as bp
from backpropkit import Graph, Node, Nudge, var

pytestmark = pytest.mark.slow

START = {"a": 2.0, "b": -3.0, "c": 4.0}


def engine(node: str, h: float, **values: float) -> Nudge:
    """What the engine says of L = (ab + c)², built anew."""
    a, b, c = (var(value, name) for name, value in {**START, **values}.items())
    graph = Graph((((a * b).named("e") + c).named("d") ** 2).named("L"))
    return graph.nudge(next(n for n in graph.nodes if n.name == node), h)


def square() -> Node:
    a, b, c = (var(value, name) for name, value in START.items())
    return (((a * b).named("e") + c).named("d") ** 2).named("L")


def test_keys_move_leaves_h_and_the_chosen_node(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(square()))
    page.shows(engine("a", 0.1))
    page.slider("a").focus()
    page.press("ArrowRight", "ArrowRight", "ArrowRight")
    assert page.slider("a").input_value() == "2.3"
    page.shows(engine("a", 0.1, a=2.3))
    page.slider("h").focus()
    page.press("End")
    page.shows(engine("a", 1.0, a=2.3))
    assert page.slider("h").get_attribute("aria-valuetext") == "1"
    page.press("Home")
    page.shows(engine("a", -1.0, a=2.3))
    chosen = page.page.get_by_role("combobox", name="nudge")
    chosen.focus()
    page.press("ArrowDown")
    assert chosen.input_value() == "b"
    page.shows(engine("b", -1.0, a=2.3))
    page.page.set_viewport_size({"width": 390, "height": 800})  # the picture that was not shown
    page.shows(engine("b", -1.0, a=2.3))
    page.slider("a").press("ArrowRight")
    page.page.set_viewport_size({"width": 1000, "height": 800})
    page.shows(engine("b", -1.0, a=2.4))


def test_a_node_of_the_picture_is_clicked_or_reached_by_arrow_keys(
    opened: Callable[..., Page],
) -> None:
    page = opened(bp.explore.nudge(square()))
    page.page.get_by_role("button", name="nudge c").click(position={"x": 60, "y": 12})
    page.shows(engine("c", 0.1))
    assert page.page.get_by_role("button", name="nudge c").get_attribute("aria-pressed") == "true"
    page.press("ArrowRight")
    page.shows(engine("e", 0.1))
    assert "the arrows into e are cut" in page.page.locator(".bp-caption").first.inner_text()
    page.page.get_by_role("combobox", name="how").select_option("write")
    assert page.number("actual") == 0.0
    assert "your write was lost, ΔL = 0" in page.page.locator(".bp-caption").first.inner_text()


def test_a_leafs_number_is_dragged_sideways_and_moved_by_keys(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(square()))
    number = page.page.locator("[data-drag='leaf.b']:visible")
    box = number.bounding_box()
    page.page.mouse.move(box["x"] + 4, box["y"] + 5)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 54, box["y"] + 5, steps=5)
    page.page.mouse.up()
    page.shows(engine("a", 0.1, b=-2.0))
    page.press("ArrowLeft")
    page.shows(engine("a", 0.1, b=-2.1))


def test_the_point_on_the_curve_is_a_handle_of_h(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(square()))
    handle = page.page.locator("[data-handle]")
    box = handle.bounding_box()
    page.page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] - 120, box["y"] + 5, steps=8)
    page.page.mouse.up()
    assert page.number("h") < -0.5
    page.shows(engine("a", page.number("h")))
    before = page.number("h")
    page.press("ArrowRight")
    assert page.number("h") == pytest.approx(before + 0.05, abs=0.006)


def test_a_number_out_of_range_widens_the_range(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(square()))
    typed = page.page.get_by_role("spinbutton", name="a, typed")
    typed.fill("123.5")
    typed.press("Enter")
    page.shows(engine("a", 0.1, a=123.5))
    assert page.slider("a").input_value() == "123.5"
    assert float(page.slider("a").get_attribute("max")) > 123.5


def test_back_to_the_start_resets_everything(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(square()))
    picture = page.page.locator(".bp-explorer")
    first = picture.inner_html()
    page.slider("a").focus()
    page.press("End")
    page.slider("h").focus()
    page.press("Home")
    page.page.get_by_role("combobox", name="nudge").select_option("d")
    page.page.get_by_role("combobox", name="how").select_option("write")
    page.page.get_by_role("button", name="Fit the bars").press("Enter")
    page.page.get_by_role("button", name="Back to the start").press("Enter")
    page.shows(engine("a", 0.1))
    page.page.wait_for_timeout(600)  # the live sentence
    assert page.page.locator(".bp-stage").inner_html() in first
    assert page.page.get_by_role("combobox", name="nudge").input_value() == "a"


def test_the_bars_keep_their_scale_and_the_last_nudges_stay(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(square()))

    def widths() -> list[float]:
        bars = page.page.locator(".bp-bar.bp-actual:visible").all()
        return [float(bar.get_attribute("width")) for bar in bars]

    [of_a] = widths()
    page.page.get_by_role("combobox", name="nudge").select_option("c")
    of_c, before = widths()
    assert before == of_a
    assert of_c / of_a == pytest.approx(
        engine("c", 0.1).actual / engine("a", 0.1).actual * -1, 0.01
    )


def test_where_the_function_is_not_defined_it_says_so_and_recovers(
    opened: Callable[..., Page],
) -> None:
    page = opened(bp.explore.nudge(lambda x, y: bp.log(x) * y, x=0.5, y=1.0))
    page.slider("x").focus()
    page.press("Home")
    caption = page.page.locator(".bp-caption").first
    assert "No picture here" in caption.inner_text() and "Move back" in caption.inner_text()
    page.slider("y").focus()
    page.press("End")  # what is given meanwhile is not forgotten
    page.slider("x").focus()
    page.press("End")
    x, y = (float(page.slider(name).input_value()) for name in "xy")
    wanted = y * (bp.log(x + 0.1) - bp.log(x))
    assert page.number("actual") == pytest.approx(wanted, rel=1e-9)


def test_where_an_if_would_take_the_other_branch_it_says_so(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(lambda a: a * a if a > 1 else 3.0 * a, a=1.2))
    assert page.number("predicted") == pytest.approx(0.24)
    page.slider("a").focus()
    page.press("ArrowLeft", "ArrowLeft")
    caption = page.page.locator(".bp-caption").first
    said = "No picture here: “a > 1” turned out the other way, and this picture was made for"
    assert said in caption.inner_text()
    assert page.page.locator(".bp-explorer.bp-stopped").count() == 1
    said = page.page.get_by_role("status").filter(has_text="turned out the other way")
    said.wait_for(state="attached")
    page.press("ArrowRight", "ArrowRight")
    assert page.number("predicted") == pytest.approx(0.24) and "No" not in caption.inner_text()[:3]
    page.slider("h").focus()
    page.press("Home")
    assert "Mind that the nudge turns “a > 1” over" in caption.inner_text()


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_lies_off_the_screen(opened: Callable[..., Page], width: int) -> None:
    page = opened(bp.explore.nudge(square()), width)
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.slider("a").focus()
    page.press("ArrowRight")
    page.shows(engine("a", 0.1, a=2.1))


@pytest.mark.parametrize(("wide", "beside"), [(390, False), (752, True), (1350, True)])
def test_what_L_does_is_seen_beside_the_picture_where_there_is_room(
    opened: Callable[..., Page], wide: int, beside: bool
) -> None:
    """A hand on a slider, and both in sight: on the site's pages, too, which are 736 px wide."""
    page = opened(bp.explore.nudge(square())).page
    page.set_viewport_size({"width": wide, "height": 768})
    picture = page.locator(".bp-picture:visible").bounding_box()
    bars = page.locator(".bp-evidence").bounding_box()
    assert (bars["x"] >= picture["x"] + picture["width"]) is beside
    assert (bars["y"] + bars["height"] <= 768) is beside
    assert page.evaluate("document.documentElement.scrollWidth") <= wide


def test_without_scripts_the_still_stays(
    opened: Callable[..., Page], chromium: Any, tmp_path: Path
) -> None:
    file = bp.explore.nudge(square()).save(tmp_path / "still.html")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator(".bp-picture:visible").count() == 1
    assert "L changes by 1.29" in page.locator(".bp-caption").first.inner_text()
    assert page.locator("input").count() == 0
    context.close()


def test_numbers_are_hidden_and_shown_one_by_one(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.nudge(square()))
    picture = page.page.locator(".bp-picture:visible")
    hide = page.button("Hide the numbers")
    hide.press("Enter")
    assert hide.get_attribute("aria-pressed") == "true"
    caption = page.page.locator(".bp-caption").first
    assert "What happens?" in caption.inner_text() and "1.29" not in caption.inner_text()
    for secret in ("12", "1.29"):  # ∂L/∂a, ΔL
        assert secret not in picture.text_content()
        assert secret not in str(picture.get_attribute("aria-label"))
    assert not page.page.locator(".bp-evidence").is_visible()
    page.button("show ∂L/∂a").press("Enter")
    assert "∂L/∂a = 12" in picture.text_content() and "∂L/∂b = ?" in picture.text_content()
    page.button("show ∂L/∂b").click()
    assert "∂L/∂b = −8" in picture.text_content()
    hide.press("Enter")
    assert "1.29" in caption.inner_text() and "?" not in picture.text_content()


def test_on_paper_it_is_dark_on_white_and_no_page_turns_it_round(
    opened: Callable[..., Page],
) -> None:
    page = opened(bp.explore.nudge(square()), color_scheme="dark").page
    page.emulate_media(media="print")  # browsers print no backgrounds
    page.evaluate("document.documentElement.dir = 'rtl'")
    box, name = (page.locator(f".bp-picture .bp-{part}:visible").first for part in ("box", "name"))
    shade = "(part, what) => getComputedStyle(part)[what]"
    assert box.evaluate(shade, "fill") != name.evaluate(shade, "fill") == "rgb(31, 31, 31)"
    left = "part => part.getBoundingClientRect().left"
    assert name.evaluate(left) > box.evaluate(left)
