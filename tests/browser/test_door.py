"""The page /nudge/ as a visitor meets it: typed into by real keys, wide and on a phone, offline."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backpropkit.explore import door

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """visit(address="", width=1100) -> page; nothing but the file was asked for, nothing failed."""
    file, opened = door.write(tmp_path / "nudge"), []

    def open_it(address: str = "", width: int = 1100) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 800})
        context.set_offline(True)
        page, asked, problems = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        page.goto(f"{file.as_uri()}{address}")
        page.locator(".bp-drawn").wait_for()
        opened.append((context, asked, problems))
        return page

    yield open_it
    for context, asked, problems in opened:
        assert problems == [] and len(asked) == 1, (problems, asked)
        context.close()


def told(page: Any) -> str:
    return str(page.locator("#told").inner_text())


@pytest.mark.parametrize("width", [1366, 390])
def test_a_formula_is_typed_and_its_graph_nudged(visit: Callable[..., Any], width: int) -> None:
    page = visit(width=width)
    assert told(page).startswith("a + 0.1. L changes by 1.29; the gradient predicts 12 × 0.1 = 1.2")
    field = page.get_by_role("textbox", name="Type a formula")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("sin(x)*y + x**3")
    assert "x + 0.1" in told(page) and field.get_attribute("aria-invalid") is None
    page.get_by_role("slider", name="x", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("combobox", name="nudge").select_option("y")
    page.get_by_role("slider", name="step h").focus()
    page.keyboard.press("End")
    # sin(2.1) = 0.8632; twice that by a step of 2
    assert told(page).startswith("y + 2. L changes by 1.726; the gradient predicts 0.8632 × 2")
    assert "No error beyond rounding" in told(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.url.endswith("#sin(x)*y+x**3;x=2.1;y=-3;nudge=y;h=2")
    status = page.get_by_role("status").filter(has_text="y + 2. L changes by 1.726")
    status.wait_for(state="attached")


def test_a_bad_formula_gets_a_sentence_and_a_caret_and_the_picture_stays(
    visit: Callable[..., Any],
) -> None:
    page = visit()
    before = page.locator(".bp-drawn").inner_html()
    page.get_by_role("textbox").fill("(a*b + c)**2 +")
    alert = page.get_by_role("alert")
    assert "here the formula breaks off" in alert.inner_text().lower()
    assert alert.locator("pre").inner_text().splitlines()[1] == " " * 14 + "^"
    assert page.locator(".bp-drawn").inner_html() == before
    assert page.get_by_role("textbox").get_attribute("aria-invalid") == "true"
    page.keyboard.press("End")
    page.keyboard.type("1")
    assert alert.inner_text() == "" and "L changes by 1.29" in told(page)


def test_no_label_crosses_out_a_straight_arrow(visit: Callable[..., Any]) -> None:
    """A label's halo is as wide as a stroke of 11 px goes: half of that around its letters."""
    page = visit("", width=1366)
    above = """() => [...document.querySelectorAll(".bp-wire")].flatMap((wire) => {
      const way = wire.getBBox();
      if (way.height > 1) return [];
      return [...document.querySelectorAll(".bp-local")].flatMap((label) => {
        const {x, width} = label.getBBox(), over = way.y - label.y.baseVal[0].value;
        return x < way.x + way.width && x + width > way.x && Math.abs(over) < 20 ? [over] : [];
      });
    })"""
    found = page.evaluate(above)
    assert len(found) == 2 and min(found) > 5.5 + 1.5  # half a stroke of the arrow's own


def test_an_address_restores_everything(visit: Callable[..., Any]) -> None:
    page = visit("#(a*b+c)**2;a=2;b=-3;c=4;nudge=a;h=1")
    assert told(page).startswith("a + 1. L changes by 21; the gradient predicts 12 × 1 = 12")
    page.locator("[data-choose=v1]").click()
    assert "held: the arrows into v1 are cut" in told(page)
    again = visit(page.url[page.url.index("#") :])
    assert told(again) == told(page)


HOSTILE = {
    "#<script>alert(1)</script>": "cannot be read",
    "#%3Cimg%20src=x%20onerror=alert(1)%3E": "cannot be read",
    "#a*b;a=1e400": "no number that can be computed with",
    "#a;a=<script>": "no number that can be computed with",
    "#" + "a" * 1_000_000: "characters long",
    "#" + "(" * 100 + "a" + ")" * 100: "deep",
    "#%E0%A4%A": "broken",
    "#1e400*a": "too large",
    "#log(a);a=-1": "logarithm of −1",
    "#a/(b-b)": "divides by 0",
    "#exp(a);a=1000": "larger than any number",
    "#sqrt(a);a=0": "slope",
    "#log(a);a=0.05;h=-0.1": "once 0.1 is taken from a",
    "#a+1/(1/0)": "divides by 0",
    "#a*b;c=1": "gives “c” a value",
    "#a*b;nudge=<img src=x onerror=alert(1)>": "nudges",
    "#a*b;a=;b=": "no number",
    "#a*b;idea=__proto__": "nobody can have",
    "#lambda*2": "word of Python",
    "#sin": "is a function",
    "#" + "(" * 3000: "may have 500 characters",
}


@pytest.mark.parametrize("address", HOSTILE, ids=lambda address: address[:20])
def test_a_hostile_address_is_answered_with_a_sentence(
    visit: Callable[..., Any], address: str
) -> None:
    page = visit(address)
    assert HOSTILE[address] in page.get_by_role("alert").inner_text()
    assert page.locator("main script, main img").count() == 0
    page.get_by_role("textbox").fill("x*y")
    assert page.get_by_role("alert").inner_text() == "" and told(page)[0] == "x"


def test_where_a_formula_has_no_value_its_leaves_can_be_moved_to_where_it_has(
    visit: Callable[..., Any],
) -> None:
    page = visit("#log(a)*b;a=-1")
    before = page.locator(".bp-drawn").inner_html()
    assert "“v1 = log(a)” would be the logarithm of −1" in page.get_by_role("alert").inner_text()
    page.get_by_role("slider", name="a", exact=True).press("End")
    assert page.get_by_role("alert").inner_text() == ""
    assert page.locator(".bp-drawn").inner_html() != before and told(page).startswith("a + 0.1")
    page.get_by_role("textbox", name="Type a formula").fill("sqrt(u*w)")  # w would begin at −3
    assert told(page).startswith("u + 0.1. L changes by 0.06049;")


def test_a_wrong_idea_runs_beside_the_chain_rule(visit: Callable[..., Any]) -> None:
    page = visit("#(a*b+c)**2;a=2;b=-3;c=4;nudge=a;h=1")
    page.get_by_role("combobox", name="wrong idea").select_option("Add gate splits the gradient")
    said = page.locator("#doubt").inner_text()
    assert said.startswith(
        "“Add gate splits the gradient” parts from the chain rule at v1: −2, where −4"
    )
    assert "It would predict 6 × 1 = 6, and L changes by 21. Nudge just one" in said
    assert page.locator(".bp-drawn .bp-wrong").all_inner_texts() != []
    assert page.locator("[data-choose=a]").inner_html().count("idea: 6") == 1
    again = visit(page.url[page.url.index("#") :])
    assert again.locator("#doubt").inner_text() == said
    play = page.get_by_role("button", name="Play backward")
    play.press("Enter")
    page.get_by_role("button", name="Play on").wait_for()  # stopped where it parts
    assert page.locator("[data-choose=v1]").inner_html().count("idea: −2") == 1
    assert "idea" not in page.locator("[data-choose=a]").inner_html()
    page.get_by_role("combobox", name="wrong idea").select_option("none: the chain rule")
    assert page.locator("#doubt").inner_text() == "" and ";idea=" not in page.url


def test_backward_plays_and_pauses_by_keyboard(visit: Callable[..., Any]) -> None:
    page = visit()
    play = page.get_by_role("button", name="Play backward")
    play.focus()
    page.keyboard.press("Enter")
    picture = page.locator(".bp-drawn")
    assert "∂L/∂L = 1" in picture.inner_html() and "∂L/∂a" not in picture.text_content()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.locator(".bp-drawn", has_text="∂L/∂a = 12").wait_for()


def test_what_is_copied_as_python_is_the_same_explorer(visit: Callable[..., Any]) -> None:
    page = visit("#(a*b+c)**2;a=2;b=-3;c=4;nudge=v1;h=0.5")
    page.context.grant_permissions([])  # copying is refused here: the words are shown
    page.get_by_role("button", name="Copy as Python").click()
    code = page.locator("#copied").inner_text()
    if "Copied" in code:
        code = page.evaluate("() => navigator.clipboard.readText()")
    names: dict[str, Any] = {}
    exec(code.rpartition("explorer")[0], names)
    assert names["explorer"].now.sentence.split(";")[0] == told(page).split(";")[0]
