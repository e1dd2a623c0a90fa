"""Every explorer in Notebook 7 and in Voila: it shows, says no error, and moves by keyboard."""

import importlib.util
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import harness
import pytest
from shown import Shown

from backpropkit import Graph, var

pytestmark = pytest.mark.slow

GALLERY = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "gallery.py"))
CODE = [GALLERY["SETUP"], *GALLERY["EXPLORERS"].values()]


def needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")


def all_are_there_and_the_first_moves(page: Any) -> None:
    """Every explorer has a name and a picture; the first one's numbers are the engine's."""
    page.locator(".bp-explorer").nth(len(CODE) - 2).wait_for()
    for nth, name in enumerate(GALLERY["EXPLORERS"]):
        shown = Shown(SimpleNamespace(page=page), nth)
        shown.root.and_(page.locator("[aria-label]")).wait_for()
        title = shown.root.get_attribute("aria-label").lower()
        assert title.startswith(name.partition("-")[0])
        room, picture = shown.root.bounding_box(), shown.picture.bounding_box()
        assert picture["x"] >= room["x"] and picture["width"] <= room["width"]
    shown = Shown(SimpleNamespace(page=page))
    slider = shown.control("slider", "a")
    slider.focus()
    page.keyboard.press("ArrowRight")  # a real key, which hosts may take away
    a, b, c = var(2.1, "a"), var(-3.0, "b"), var(4.0, "c")
    moved = Graph((a * b + c) ** 2).nudge(a, 0.1)
    look = """([root, wanted]) => {
      const all = [...root.querySelectorAll(".bp-picture")];
      const told = all.find((picture) => picture.checkVisibility())?.dataset.actual;
      return Math.abs(told - wanted) < 1e-9;
    }"""
    page.wait_for_function(look, arg=[shown.root.element_handle(), moved.actual])
    assert shown.focused(slider)


def source_is_set_in_one_width(page: Any) -> None:
    """The style sheets of other explorers on the page do not reach the source."""
    backward = Shown(SimpleNamespace(page=page), 1)
    backward.root.get_by_text("The source", exact=True).click()
    lines = backward.root.locator(".bp-source span")
    lines.first.wait_for()
    font = "line => getComputedStyle(line).fontFamily"
    assert "mono" in lines.first.evaluate(font)
    assert lines.first.bounding_box()["height"] < 24


def test_in_notebook_7(chromium: Any, tmp_path: Path) -> None:
    needs("notebook")
    with harness.running_lab(tmp_path, "notebook") as notebook_7:
        notebook = harness.open_notebook(notebook_7, chromium, CODE, "all", 1100, 7000)
        notebook.run_all()
        all_are_there_and_the_first_moves(notebook.page)
        source_is_set_in_one_width(notebook.page)
        assert notebook.errors() == [] and notebook.problems == []
        notebook.close()


def test_in_voila(chromium: Any, tmp_path: Path) -> None:
    needs("voila")
    with harness.running_voila(tmp_path, CODE) as address:
        page = chromium.new_page(viewport={"width": 1100, "height": 2000})
        page.set_default_timeout(harness.RUN_MS)
        page.goto(address)
        all_are_there_and_the_first_moves(page)
        source_is_set_in_one_width(page)
        page.close()
