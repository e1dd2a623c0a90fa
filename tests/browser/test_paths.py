"""The paths explorer in a saved page: by keyboard and by mouse, read from the page."""

from collections.abc import Callable

import pytest
from shown import Page

import backpropkit as bp
from backpropkit import Graph, nets, var

pytestmark = pytest.mark.slow


def network(opened: Callable[..., Page], output: str, width: int = 1280) -> Page:
    net = nets.network(output=output)
    return opened(bp.explore.paths(net.loss, net["w131"]), width)


def products(output: str) -> list[float]:
    """The engine's paths of the same network, the largest first."""
    net = nets.network(output=output)
    found = [path.product for path in Graph(net.loss).paths(net["w131"])]
    return sorted(found, key=abs, reverse=True)


def near(page: Page, wanted: float) -> None:
    assert page.number("sum") == pytest.approx(wanted, abs=1e-12)


def test_one_of_two_paths_is_not_the_gradient(opened: Callable[..., Page]) -> None:
    page = network(opened, "sigmoid")
    first, second = products("sigmoid")
    near(page, first + second)
    switches = page.page.get_by_role("checkbox")
    assert switches.count() == 2
    switches.nth(0).focus()
    page.press("Space")
    near(page, second)
    assert not switches.nth(0).is_checked()
    said = "What is left on adds up to 0.01433 ≠ −0.0035 = ∂L/∂w131"
    page.page.get_by_role("status").filter(has_text=said).wait_for(state="attached")
    switches.nth(1).click()
    near(page, 0.0)
    page.button("All on").press("Enter")
    near(page, first + second)
    assert switches.nth(0).is_checked() and switches.nth(1).is_checked()


def test_with_softmax_there_are_four(opened: Callable[..., Page]) -> None:
    page = network(opened, "softmax")
    expected = products("softmax")
    switches = page.page.get_by_role("checkbox")
    assert switches.count() == 4
    for k in (1, 2):  # the two that cross: without them the two-path formula is left
        switches.nth(k).click()
    near(page, expected[0] + expected[3])
    assert expected[0] + expected[3] == pytest.approx(-0.10076785389048645)
    assert page.page.locator(".bp-wire.bp-off:visible").count() == 2


def test_another_node_is_followed_from_the_menu(opened: Callable[..., Page]) -> None:
    page = network(opened, "sigmoid")
    menu = page.page.get_by_role("combobox", name="paths from")
    menu.select_option("w212")
    assert page.data("paths") == "1"
    assert page.number("gradient") == pytest.approx(0.04212131171481333)
    assert page.page.get_by_role("checkbox").count() == 1
    page.page.get_by_text("The same as a table").and_(page.page.locator(":visible")).press("Enter")
    cells = page.page.get_by_role("row").last.get_by_role("cell")
    assert cells.all_inner_texts() == ["the only path", "0.04212", "on"]
    menu.select_option("w131")
    near(page, sum(products("sigmoid")))


def test_one_entry_of_a_matrix_is_followed(opened: Callable[..., Page]) -> None:
    A, x = var([[2.0, -1.0], [3.0, 1.0]], "A"), bp.const([1.0, -2.0])
    f = bp.sum((A @ A) @ x).named("f")
    page = opened(bp.explore.paths(f, A))
    row = page.page.get_by_role("spinbutton", name="A: row")
    row.focus()
    page.press("ArrowUp")
    gradient = Graph(f).grads[A]
    assert page.number("gradient") == gradient[1, 0]
    near(page, gradient[1, 0])
    assert "from A[1, 0] to f" in page.page.locator(".bp-caption").inner_text()


def test_a_narrow_page_shows_the_paths_from_top_to_bottom(opened: Callable[..., Page]) -> None:
    page = network(opened, "softmax", 390)
    box = page.page.locator(".bp-picture:visible").bounding_box()
    assert box["height"] > box["width"]
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.page.get_by_role("checkbox").first.press("Space")
    near(page, sum(products("softmax")[1:]))
