"""The nudge explorer as a learner meets it: in JupyterLab, by keyboard, read from the page."""

from collections.abc import Callable
from typing import Any

import pytest
from harness import Notebook
from shown import Shown

import backpropkit as bp
from backpropkit import Graph, Node, Nudge, var

pytestmark = pytest.mark.slow

SCRATCH = """import backpropkit as bp
a, b, c, f = (bp.var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}.items())
e = (a * b).named("e")
d = (e + c).named("d")
L = (d * f).named("L")
bp.explore.nudge(L)"""
READ_BACK = "print(L.value, a.value, a.grad)"


def engine(node: str, h: float, **values: float) -> Nudge:
    """What the engine says of the same graph, built anew in this process."""
    start = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0, **values}
    a, b, c, f = (var(value, name) for name, value in start.items())
    e = (a * b).named("e")
    graph = Graph(((e + c).named("d") * f).named("L"))
    return graph.nudge(next(n for n in graph.nodes if n.name == node), h)


class Page(Shown):
    """The nudge explorer: its sliders by name, its numbers."""

    def slider(self, name: str) -> Any:
        return self.control("slider", name)

    def number(self, name: str) -> float:
        return float(self.data(name))


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    opened = open_notebook([SCRATCH, READ_BACK])
    opened.run_all()
    assert opened.errors() == []
    return opened


def test_moving_a_leaf_by_keyboard_shows_what_the_engine_says(notebook: Notebook) -> None:
    page = Page(notebook)
    page.settle("actual", engine("a", 0.1).actual)
    node = page.root.get_by_role("combobox", name="nudge")
    node.select_option("b")  # ∂L/∂b = a·f: it changes with a
    slider = page.slider("a")
    slider.focus()
    slider.press("Home")
    low = float(slider.get_attribute("aria-valuenow"))
    page.settle("predicted", engine("b", 0.1, a=low).predicted)
    for _ in range(20):  # faster than anything is painted: the last value has to win
        page.page.keyboard.press("ArrowRight")
    value = float(slider.get_attribute("aria-valuetext").replace("−", "-"))
    assert value > low
    page.settle("predicted", engine("b", 0.1, a=value).predicted)
    assert page.number("actual") == engine("b", 0.1, a=value).actual
    assert f"∂L/∂b = {-2 * value:.4g}".replace("-", "−") in page.picture.text_content()
    assert slider.evaluate("handle => handle === document.activeElement")

    node.select_option("a")  # ∂L/∂a = b·f
    page.slider("b").press("End")
    b = float(page.slider("b").get_attribute("aria-valuenow"))
    page.settle("predicted", engine("a", 0.1, a=value, b=b).predicted)
    assert notebook.problems == []


def test_h_is_spoken_as_h(notebook: Notebook) -> None:
    page = Page(notebook)
    slider = page.slider("h")
    slider.focus()
    slider.press("Home")
    page.settle("h", 1e-8)
    slider.press("ArrowRight")
    page.settle("h", 2e-8)
    assert slider.get_attribute("aria-valuetext") == "2e-8"
    assert page.number("actual") == engine("a", 2e-8).actual
    slider.press("End")
    page.settle("h", 1.0)
    assert slider.get_attribute("aria-valuetext") == "1"
    assert notebook.problems == []


def test_an_intermediate_node_is_held_or_its_write_is_lost_and_announced(
    notebook: Notebook,
) -> None:
    page = Page(notebook)
    page.root.get_by_role("combobox", name="nudge").select_option("e")
    held = engine("e", 0.1)
    page.settle("actual", held.actual)
    assert page.root.locator(".bp-wire.bp-cut:visible").count() == 2
    page.announced("the arrows into e are cut")

    write = page.root.get_by_role("button", name="write e, then forward()")
    write.focus()
    write.press("Enter")
    page.settle("actual", 0.0)
    assert page.number("predicted") == held.predicted
    assert write.get_attribute("aria-pressed") == "true"
    page.announced("your write was lost, ΔL = 0")

    page.root.get_by_role("button", name="hold e").press("Space")
    page.settle("actual", held.actual)
    assert notebook.problems == []


def test_every_control_has_a_name_and_the_table_tells_the_same(notebook: Notebook) -> None:
    page = Page(notebook)
    for role in ("slider", "combobox", "button", "textbox"):
        for control in page.root.get_by_role(role).all():
            snapshot = control.aria_snapshot()
            assert '"' in snapshot.splitlines()[0], snapshot
    assert "∂L/∂a = 6" in page.picture.get_attribute("aria-label")
    page.root.get_by_role("button", name="Show as a table").press("Enter")
    row = page.root.get_by_role("row").filter(has=page.page.get_by_role("rowheader", name="a"))
    row.wait_for()
    assert row.get_by_role("cell").all_inner_texts() == ["leaf", "2", "+ 0.1", "6", ""]
    assert notebook.problems == []


def test_the_learners_own_numbers_stay(notebook: Notebook) -> None:
    page = Page(notebook)
    page.slider("a").press("End")
    page.settle("actual", engine("a", 0.1, a=7.0).actual)
    notebook.page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")
    [printed] = notebook.cells()[1]["outputs"]
    assert printed["text"] == "-8.0 2.0 None\n"


def test_a_narrow_page_shows_the_graph_from_top_to_bottom(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook([SCRATCH], width=400)
    notebook.run_all()
    page = Page(notebook)
    box = page.picture.bounding_box()
    assert box["height"] > box["width"] and box["width"] < 400
    page.slider("a").press("End")
    page.settle("actual", engine("a", 0.1, a=7.0).actual)
    assert notebook.problems == []


def test_both_themes_paint_with_their_own_ink(notebook: Notebook) -> None:
    page = Page(notebook)
    ink = "picture => getComputedStyle(picture.querySelector('text')).fill"
    notebook.theme("JupyterLab Light")
    light = page.picture.evaluate(ink)
    notebook.theme("JupyterLab Dark")
    assert page.picture.evaluate(ink) != light


def test_a_function_is_explored_as_well(open_notebook: Callable[..., Notebook]) -> None:
    code = "import backpropkit as bp\nbp.explore.nudge(lambda x: bp.exp(x) / x, x=1.0)"
    notebook = open_notebook([code])
    notebook.run_all()
    page = Page(notebook)
    page.slider("x").press("End")
    x = float(page.slider("x").get_attribute("aria-valuenow"))
    leaf: Node = var(x, "x")
    page.settle("actual", Graph(bp.exp(leaf) / leaf).nudge(leaf, 0.1).actual)
    assert notebook.problems == []
