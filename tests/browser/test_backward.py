"""The backward explorer in a saved page: by keyboard and by mouse, and played."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from shown import Page

import backpropkit as bp
from backpropkit import Graph, Node, var
from backpropkit.scenes.backward import PACE

pytestmark = pytest.mark.slow


def gates() -> Node:
    x, y, z = var(-2.0, "x"), var(5.0, "y"), var(-4.0, "z")
    return ((x + y).named("q") * z).named("f")


def contributions() -> list[str]:
    """What the engine says, as the page writes it."""
    return [f"{step.contribution:g}".replace("-", "−") for step in Graph(gates()).steps()]


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    shown = opened(bp.explore.backward(gates()))
    assert shown.data("step") == "0"
    return shown


def test_on_a_phone_no_wire_runs_through_a_number(opened: Callable[..., Page]) -> None:
    """Between its digits, either: 1.5 is read as 1:5 then."""
    x, w = var(1.5, "x"), var(2.25, "w")
    page = opened(bp.explore.backward(((x * w + x) ** 2).named("L")), width=390)
    page.button("To the end").click()
    page.page.add_style_tag(content=".bp text{fill:transparent!important}")
    nodes = page.page.locator(".bp-picture:visible g[class^=bp-]:not(.bp-token)")
    texts = [text for text in nodes.locator(".bp-value,.bp-back").all() if text.text_content()]
    assert len(texts) >= 8
    for text in texts:
        with Image.open(BytesIO(text.screenshot())) as shown:
            inner = shown.convert("L").crop((6, 11, shown.width - 6, shown.height - 11))
            assert min(inner.tobytes()) > 160, text.text_content()


def stopped(page: Page) -> None:
    """Stop the page's time; it passes when a test says so, however busy the machine is."""
    page.page.clock.install(time=0)
    page.page.clock.pause_at(1000)


def steps_pass(page: Page, count: float) -> None:
    """Let as much time pass as a play takes for so many steps, at usual speed."""
    page.page.clock.run_for(round(count * PACE))


def caption(page: Page) -> Any:
    return page.page.locator(".bp-caption").first


def test_every_step_by_keyboard_shows_what_the_engine_says(page: Page) -> None:
    forward = page.button("Forward")
    forward.focus()
    for k, contribution in enumerate(contributions(), 1):
        page.press("Enter")
        assert page.data("step") == str(k)
        assert page.data("contribution") == contribution
    assert "Every gradient is known" in caption(page).inner_text()
    page.press("Enter")  # at the end it stays
    page.button("Back").press("Space")
    assert page.data("step") == "3"
    page.slider("step").focus()
    page.press("Home", "ArrowRight", "ArrowRight")
    assert page.data("step") == "2" and page.slider("step").input_value() == "2"


def test_it_plays_only_when_asked_and_stops_at_the_end(page: Page) -> None:
    stopped(page)
    steps_pass(page, 2)
    assert page.data("step") == "0"
    page.page.get_by_role("combobox", name="speed").select_option("fast")
    page.button("Play").press("Enter")
    steps_pass(page, 0.7)
    assert page.page.locator(".bp-token:visible").count() and page.data("step") == "2"
    page.button("Pause").press("Enter")
    assert page.data("step") == "2"
    steps_pass(page, 2)
    assert page.data("step") == "2" and not page.page.locator(".bp-token:visible").count()
    page.button("Play").press("Enter")
    assert page.button("Pause").is_visible()
    steps_pass(page, 2)
    assert page.button("Play").is_visible() and page.data("step") == "4"


def test_the_token_travels_backward_and_is_multiplied_on_its_way(page: Page) -> None:
    stopped(page)
    page.button("Forward").click()  # f -> q: 1 × −4 next
    page.button("Play").click()
    token = page.page.locator(".bp-token:visible")
    seen = []
    for _ in range(9):
        steps_pass(page, 0.1)
        assert page.data("step") == "2"
        seen.append((token.bounding_box()["x"], token.locator("text").first.text_content()))
    assert sorted(seen, reverse=True) == seen  # the result stands on the right
    assert [seen[0][1], seen[-1][1]] == ["1", "3"]  # ∂f/∂z = q = 3


def test_forward_while_it_plays_goes_forward(page: Page) -> None:
    stopped(page)
    page.button("Play").click()
    steps_pass(page, 0.5)
    assert page.page.locator(".bp-token:visible").count()
    page.button("Forward").click()
    assert page.data("step") == "1"
    page.button("Forward").click()
    assert page.data("step") == "2"


def test_it_plays_though_its_first_frame_is_older_than_the_press(page: Page) -> None:
    """As on a busy machine: a frame's time is when it was due, not when it came."""
    page.page.evaluate("""() => {
      const due = window.requestAnimationFrame.bind(window);
      let late = 60;
      window.requestAnimationFrame = (draw) => due((now) => (draw(now - late), (late = 0)));
    }""")
    page.page.get_by_role("combobox", name="speed").select_option("fast")
    page.button("Play").click()
    page.button("Play").wait_for()  # it says Pause meanwhile
    assert page.data("step") == "4"


def test_a_wrong_idea_runs_along_and_the_play_stops_where_they_part(page: Page) -> None:
    menu = page.page.get_by_role("combobox", name="wrong idea")
    menu.select_option("Add gate splits the gradient")
    stopped(page)
    page.button("Play").press("Enter")
    steps_pass(page, 2.5)
    assert page.page.locator(".bp-token-wrong:visible").count() and page.data("idea") == "−2"
    steps_pass(page, 1)
    assert page.button("Play").is_visible()
    assert (page.data("step"), page.data("contribution")) == ("3", "−4")
    assert "hands back −2 ≠ −4" in caption(page).inner_text()
    page.button("To the start").click()
    page.button("To where they part").press("Enter")
    assert page.data("step") == "3"
    menu.select_option("none: the chain rule")
    assert page.data("idea") == "" and not page.button("To where they part").is_visible()


def test_who_wants_no_motion_sees_steps(opened: Callable[..., Page]) -> None:
    page = opened(bp.explore.backward(gates()), reduced_motion="reduce")
    stopped(page)
    page.button("Play").press("Enter")
    steps_pass(page, 0.1)
    for quarter in range(1, 9):
        steps_pass(page, 0.25)
        assert not page.page.locator(".bp-token:visible").count()
        assert page.data("step") == str(quarter // 4)


def test_the_line_of_the_source_follows(page: Page) -> None:
    page.page.get_by_text("The source").click()
    page.button("To the end").click()
    line = page.page.locator("[aria-current=step]")
    assert line.inner_text().startswith("▶")
    page.button("To the start").click()
    assert line.count() == 0


@pytest.mark.parametrize("width", [1366, 390])
def test_a_long_circuit_fits_the_page(opened: Callable[..., Page], width: int) -> None:
    def neuron(w0: Any, x0: Any, w1: Any, x1: Any, w2: Any) -> Any:
        return (1 / (1 + bp.exp(-(w0 * x0 + w1 * x1 + w2)))).named("f")

    values = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    page = opened(bp.explore.backward(neuron, **values), width)
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width
    text = page.page.locator(".bp-picture:visible .bp-value").first
    size = "t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a"
    assert text.evaluate(size) >= 9.0
