"""The gate explorer as a learner meets it: in JupyterLab, by keyboard, read from the page."""

from collections.abc import Callable

import pytest
from harness import Notebook
from shown import Shown

import backpropkit as bp
from backpropkit import var

pytestmark = pytest.mark.slow

GATE = "import backpropkit as bp\nbp.explore.gate()"


@pytest.fixture
def shown(open_notebook: Callable[..., Notebook]) -> Shown:
    notebook = open_notebook([GATE])
    notebook.run_all()
    assert notebook.errors() == []
    return Shown(notebook)


def handed_back(shown: Shown, f: Callable[..., bp.Node], **at: float) -> None:
    """The page says what the engine hands back for the values the sliders show."""
    incoming = float(shown.control("slider", "incoming").get_attribute("aria-valuenow"))
    leaves = [var(value, name) for name, value in at.items()]
    bp.backward(f(*leaves), seed=incoming)
    for leaf in leaves:
        shown.settle(f"grad-{leaf.name}", repr(leaf.grad))


def value(shown: Shown, name: str) -> float:
    return float(shown.control("slider", name).get_attribute("aria-valuenow"))


def test_inputs_and_incoming_move_by_keyboard(shown: Shown) -> None:
    handed_back(shown, lambda x, y: x + y, x=-2.0, y=5.0)
    shown.control("button", "multiply").press("Enter")
    handed_back(shown, lambda x, y: x * y, x=-2.0, y=5.0)
    incoming = shown.control("slider", "incoming")
    incoming.press("End")
    slider = shown.control("slider", "x")
    slider.focus()
    slider.press("Home")
    for _ in range(20):
        shown.page.keyboard.press("ArrowRight")
    handed_back(shown, lambda x, y: x * y, x=value(shown, "x"), y=5.0)
    assert shown.focused(slider)
    shown.announced("Multiply switches")
    assert shown.notebook.problems == []


def test_every_gate_is_a_button_and_fits_its_sliders(shown: Shown) -> None:
    shown.control("button", "1/x").click()
    handed_back(shown, lambda x: x**-1, x=0.8)
    assert not shown.control("slider", "y").is_visible()
    shown.control("button", "max").click()
    handed_back(shown, bp.maximum, x=-2.0, y=5.0)
    assert shown.control("slider", "y").is_visible()
    assert shown.control("button", "max").get_attribute("aria-pressed") == "true"
    shown.every_control_has_a_name()
    shown.control("button", "Show as a table").press("Enter")
    row = shown.root.get_by_role("row").filter(
        has=shown.page.get_by_role("rowheader", name="y", exact=True)
    )
    row.wait_for()
    assert row.get_by_role("cell").all_inner_texts() == ["5", "1", "1", "1"]
    assert shown.notebook.problems == []


def test_on_a_phone_the_slopes_stand_below_the_gate(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook([GATE], width=400)
    notebook.run_all()
    shown = Shown(notebook)
    box = shown.picture.bounding_box()
    assert box["height"] > box["width"] and box["width"] < 400
    assert notebook.problems == []
