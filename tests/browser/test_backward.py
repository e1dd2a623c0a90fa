"""The backward explorer as a learner meets it: in JupyterLab, by keyboard and by mouse."""

from collections.abc import Callable

import pytest
from harness import Notebook
from shown import Shown

from backpropkit import Graph, var

pytestmark = pytest.mark.slow

GATES = """import backpropkit as bp
x, y, z = bp.var(-2.0, "x"), bp.var(5.0, "y"), bp.var(-4.0, "z")
q = (x + y).named("q")
f = (q * z).named("f")
bp.explore.backward(f)"""
READ_BACK = "print(f.value, x.value, x.grad)"
SIGMOID = """import backpropkit as bp
def neuron(w0, x0, w1, x1, w2):
    return (1 / (1 + bp.exp(-(w0 * x0 + w1 * x1 + w2)))).named("f")
bp.explore.backward(neuron, w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)"""


def contributions() -> list[str]:
    """What the engine says of the same graph, as the page writes it."""
    x, y, z = var(-2.0, "x"), var(5.0, "y"), var(-4.0, "z")
    steps = Graph(((x + y).named("q") * z).named("f")).steps()
    return [f"{step.contribution:g}".replace("-", "−") for step in steps]


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    opened = open_notebook([GATES, READ_BACK])
    opened.run_all()
    assert opened.errors() == []
    return opened


def test_every_step_by_keyboard_shows_what_the_engine_says(notebook: Notebook) -> None:
    shown = Shown(notebook)
    shown.settle("step", 0)
    forward = shown.control("button", "Forward")
    forward.focus()
    for k, contribution in enumerate(contributions(), 1):
        shown.page.keyboard.press("Enter")
        shown.settle("step", k)
        assert shown.data("contribution") == contribution
    assert shown.focused(forward)
    shown.announced("Every gradient is known")
    shown.page.keyboard.press("Enter")  # at the end it stays
    shown.control("button", "Back").press("Enter")
    shown.settle("step", 3)
    assert notebook.problems == []


def test_the_slider_keeps_its_focus_and_the_last_value_wins(notebook: Notebook) -> None:
    shown = Shown(notebook)
    slider = shown.control("slider", "step")
    slider.focus()
    for key in ("End", "Home", "ArrowRight", "ArrowRight", "ArrowRight"):
        shown.page.keyboard.press(key)
    shown.settle("step", 3)
    shown.page.wait_for_timeout(300)
    assert shown.data("step") == "3" and shown.focused(slider)
    assert notebook.problems == []


def test_by_mouse_to_the_end_and_back_and_the_source_line_follows(notebook: Notebook) -> None:
    shown = Shown(notebook)
    shown.control("button", "To the end").click()
    shown.settle("step", 4)
    shown.control("button", "Show the source").click()
    line = shown.root.locator(".bp-here")
    assert line.inner_text().startswith("▶") and line.get_attribute("aria-current") == "step"
    shown.control("button", "To the start").click()
    shown.settle("step", 0)
    assert shown.root.locator(".bp-here").count() == 0
    assert notebook.problems == []


def test_it_plays_only_when_asked_and_stops_at_the_end(notebook: Notebook) -> None:
    shown = Shown(notebook)
    shown.page.wait_for_timeout(2000)
    assert shown.data("step") == "0"
    play = shown.control("button", "Play")
    play.press("Enter")
    shown.settle("step", 2)
    assert play.get_attribute("aria-pressed") == "true"
    play.press("Enter")
    shown.page.wait_for_timeout(2000)
    assert shown.data("step") == "2"
    play.press("Enter")
    shown.settle("step", 4)
    shown.page.wait_for_function(
        "play => play.getAttribute('aria-pressed') === 'false'", arg=play.element_handle()
    )
    assert notebook.problems == []


def test_a_wrong_idea_shows_both_numbers_where_they_part(notebook: Notebook) -> None:
    shown = Shown(notebook)
    menu = shown.control("combobox", "wrong idea")
    menu.select_option("Add gate splits the gradient")
    shown.control("button", "To where they part").press("Enter")
    shown.settle("idea", "−2")
    assert (shown.data("step"), shown.data("contribution")) == ("3", "−4")
    assert "≠ −2" in shown.picture.text_content()
    shown.announced("“Add gate splits the gradient” hands back −2 ≠ −4")
    assert notebook.problems == []


def test_every_control_has_a_name_and_the_table_tells_the_same(notebook: Notebook) -> None:
    shown = Shown(notebook)
    shown.control("button", "To the end").press("Enter")
    shown.settle("step", 4)
    shown.every_control_has_a_name()
    assert "x: −2, ∂f/∂x = −4" in shown.picture.get_attribute("aria-label")
    shown.control("button", "Show as a table").press("Enter")
    last = shown.root.get_by_role("row").last
    last.get_by_role("rowheader", name="4").wait_for()
    assert last.get_by_role("cell").all_inner_texts() == ["q", "y", "1", "−4", "−4", "−4"]
    assert notebook.problems == []


def test_the_learners_own_gradients_stay(notebook: Notebook) -> None:
    shown = Shown(notebook)
    shown.control("button", "To the end").click()
    shown.settle("step", 4)
    notebook.page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")
    [printed] = notebook.cells()[1]["outputs"]
    assert printed["text"] == "-12.0 -2.0 None\n"


@pytest.mark.parametrize("width", [1000, 400])
def test_what_happens_now_is_scrolled_into_view(
    open_notebook: Callable[..., Notebook], width: int
) -> None:
    notebook = open_notebook([SIGMOID], width=width)
    notebook.run_all()
    shown = Shown(notebook)
    inside = """() => {
      const now = [...document.querySelectorAll(".bp-follow")].find((e) => e.checkVisibility());
      const part = now.getBoundingClientRect();
      const room = now.closest(".bp-stage").getBoundingClientRect();
      return part.left >= room.left - 1 && part.right <= room.right + 1;
    }"""
    shown.page.wait_for_function(inside, timeout=10_000)
    steps = int(shown.data("steps"))
    for k in (1, steps // 2, steps):
        while int(shown.data("step")) < k:
            at = int(shown.data("step"))
            shown.control("button", "Forward").press("Enter")
            shown.settle("step", at + 1)
        shown.page.wait_for_function(inside, timeout=10_000)
    assert notebook.problems == []


def test_both_themes_paint_with_their_own_ink(notebook: Notebook) -> None:
    shown = Shown(notebook)
    ink = "picture => getComputedStyle(picture.querySelector('.bp-value')).fill"
    notebook.theme("JupyterLab Light")
    light = shown.picture.evaluate(ink)
    notebook.theme("JupyterLab Dark")
    assert shown.picture.evaluate(ink) != light
