"""Lessons as a learner opens them: every cell runs, a slider moves, a prediction is answered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import Notebook
from playwright.sync_api import expect

import backpropkit as bp

pytestmark = pytest.mark.slow
LESSONS = Path(__file__).parents[2] / "lessons"


def run(open_notebook: Callable[..., Notebook], name: str) -> Notebook:
    notebook = open_notebook(LESSONS / name)
    notebook.run_all()
    code = [cell for cell in notebook.cells() if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in code)
    assert notebook.errors() == [] and notebook.problems == []
    return notebook


def its_first_picture_moves(page: Any) -> None:
    page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
    explorer = page.locator(".bp-explorer", has=page.locator(".bp-picture:visible")).first
    picture = explorer.locator(".bp-picture:visible").first
    before = picture.get_attribute("aria-label")
    control = explorer.get_by_role("slider").or_(explorer.get_by_role("checkbox")).first
    kind = control.get_attribute("role") or control.get_attribute("type")
    at, least = (control.get_attribute(name) for name in ("aria-valuenow", "aria-valuemin"))
    first = control.evaluate("c => c.type === 'range' && c.value === c.min") or (at and at == least)
    arrow = "ArrowRight" if first else "ArrowLeft"  # a slider at its beginning goes up only
    control.press(arrow if kind in ("slider", "range") else "Space")
    expect(picture).not_to_have_attribute("aria-label", before or "")


@pytest.mark.parametrize("lesson", sorted(LESSONS.glob("[0-9]*.ipynb")), ids=lambda p: p.stem)
def test_a_lesson_runs_and_its_first_picture_moves(
    open_notebook: Callable[..., Notebook], lesson: Path
) -> None:
    notebook = run(open_notebook, lesson.name)
    MORE.get(lesson.stem, lambda notebook: None)(notebook)
    its_first_picture_moves(notebook.page)


def change_of_J(c: float) -> float:
    """What the engine says of J = 3(a + bc) when b is nudged by 0.1."""
    a, b = bp.var(4.0, "a"), bp.var(2.0, "b")
    return bp.Graph(3.0 * (a + b * bp.var(c, "c"))).nudge(b, 0.1).actual


def moves_by_the_engines_numbers_and_answers_in_words(notebook: Notebook) -> None:
    page = notebook.page
    page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
    explorer = page.locator(".bp-explorer").first
    explorer.get_by_role("button", name="Hide the numbers").click()  # they begin hidden
    explorer.get_by_label("nudge", exact=True).select_option("b")
    slider = explorer.get_by_role("slider", name="c", exact=True)
    slider.press("End")
    picture = explorer.locator(".bp-picture:visible")
    picture.get_by_text("34 + 1.5").wait_for()  # v = 4 + 2 · 15, and 15 · 0.1 of the nudge
    assert slider.get_attribute("aria-valuetext") == "15"
    assert float(picture.get_attribute("data-actual")) == change_of_J(15.0)
    asked = page.get_by_role("group", name="Predict: What is ∂f/∂z?")
    field = asked.get_by_role("textbox", name="Your prediction")
    field.fill("-4")
    field.press("Enter")
    asked.get_by_text("Not −4: the sign is wrong, and that is too much.").first.wait_for()
    field.fill("-7")
    field.press("Enter")
    asked.get_by_text("For a product, nudge one factor").first.wait_for()
    field.fill("2")
    asked.get_by_role("button", name="Check").click()
    asked.get_by_role("status").get_by_text("Yes: 2.").wait_for(state="attached")


def figures_are_shown_once_and_described(notebook: Notebook) -> None:
    shown = [
        output
        for cell in notebook.cells()
        for output in cell.get("outputs", [])
        if "<img" in "".join(output.get("data", {}).get("text/html", ""))
    ]
    assert len(shown) == 2
    notebook.page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
    figure = notebook.page.get_by_role("img", name="Double well, J = w⁴ − 3w² + w: 30 steps").first
    figure.wait_for()
    assert figure.evaluate("img => img.complete && img.naturalWidth") == 1804


MORE = {  # what is asked of one lesson beside what is asked of all
    "02_graphs": moves_by_the_engines_numbers_and_answers_in_words,
    "07_descent": figures_are_shown_once_and_described,
}
