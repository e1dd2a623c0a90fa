"""The paths explorer as a learner meets it: in JupyterLab, by keyboard and by mouse."""

from collections.abc import Callable

import pytest
from harness import Notebook
from shown import Shown

from backpropkit import Graph, nets

pytestmark = pytest.mark.slow

TWO = """import backpropkit as bp
net = bp.nets.network()
bp.explore.paths(net.loss, net["w131"])"""
FOUR = """import backpropkit as bp
net = bp.nets.network(output="softmax")
bp.explore.paths(net.loss, "w131")"""


def open_it(open_notebook: Callable[..., Notebook], code: str, width: int = 1280) -> Shown:
    notebook = open_notebook([code], width=width)
    notebook.run_all()
    assert notebook.errors() == []
    return Shown(notebook)


def products(output: str) -> list[float]:
    """The engine's paths of the same network, the largest first."""
    net = nets.network(output=output)
    found = [path.product for path in Graph(net.loss).paths(net["w131"])]
    return sorted(found, key=abs, reverse=True)


def near(shown: Shown, wanted: float) -> None:
    look = """([wanted]) => {
      const all = [...document.querySelectorAll(".bp-picture")];
      const sum = Number(all.find((p) => p.checkVisibility())?.dataset.sum);
      return Math.abs(sum - wanted) <= 1e-12;
    }"""
    shown.page.wait_for_function(look, arg=[wanted], timeout=10_000)


def test_one_of_two_paths_is_not_the_gradient(open_notebook: Callable[..., Notebook]) -> None:
    shown = open_it(open_notebook, TWO)
    first, second = products("sigmoid")
    near(shown, first + second)
    switches = shown.root.get_by_role("checkbox")
    assert switches.count() == 2
    switches.nth(0).focus()
    shown.page.keyboard.press("Space")
    near(shown, second)
    assert shown.focused(switches.nth(0)) and not switches.nth(0).is_checked()
    shown.announced("What is left on adds up to 0.01433 ≠ −0.0035 = ∂L/∂w131")
    switches.nth(1).click()
    near(shown, 0.0)
    shown.control("button", "All on").press("Enter")
    near(shown, first + second)
    assert switches.nth(0).is_checked() and switches.nth(1).is_checked()
    assert shown.notebook.problems == []


def test_with_softmax_there_are_four(open_notebook: Callable[..., Notebook]) -> None:
    shown = open_it(open_notebook, FOUR)
    expected = products("softmax")
    switches = shown.root.get_by_role("checkbox")
    assert switches.count() == 4
    for k in (1, 2):  # the two that cross: without them the two-path formula is left
        switches.nth(k).click()
    near(shown, expected[0] + expected[3])
    assert expected[0] + expected[3] == pytest.approx(-0.10076785389048645)
    assert shown.root.locator(".bp-wire.bp-off:visible").count() == 2
    assert shown.notebook.problems == []


def test_another_node_is_followed_from_the_menu(open_notebook: Callable[..., Notebook]) -> None:
    shown = open_it(open_notebook, TWO)
    menu = shown.control("combobox", "paths from")
    menu.select_option("w212")
    shown.settle("paths", 1)
    assert float(shown.data("gradient")) == pytest.approx(0.04212131171481333)
    shown.every_control_has_a_name()
    shown.control("button", "Show as a table").press("Enter")
    cells = shown.root.get_by_role("row").last.get_by_role("cell")
    cells.first.wait_for()
    assert cells.all_inner_texts() == ["the only path", "0.04212", "on"]
    assert shown.notebook.problems == []


def test_a_narrow_page_shows_the_paths_from_top_to_bottom(
    open_notebook: Callable[..., Notebook],
) -> None:
    shown = open_it(open_notebook, FOUR, width=400)
    box = shown.picture.bounding_box()
    assert box["height"] > box["width"]
    shown.root.get_by_role("checkbox").first.press("Space")
    near(shown, sum(products("softmax")[1:]))
    assert shown.notebook.problems == []
