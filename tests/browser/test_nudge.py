"""The nudge explorer in JupyterLab, by keyboard: the page moves it, Python hears, it lives on."""

from collections.abc import Callable
from typing import Any

import pytest
from harness import RUN_MS, Lab, Notebook
from shown import Shown

import backpropkit as bp
from backpropkit import Graph, Node, Nudge, var

pytestmark = pytest.mark.slow

SCRATCH = """import backpropkit as bp
a, b, c, f = (bp.var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}.items())
e = (a * b).named("e")
d = (e + c).named("d")
L = (d * f).named("L")
explorer, heard = bp.explore.nudge(L), []
explorer.observe(lambda change: heard.append(change.new["leaf.a"]), "state")
explorer"""
READ_BACK = "print(L.value, a.value, a.grad, explorer.nudge.actual, heard[-1])"
SET = "explorer.h.value = 0.5"


def engine(node: str, h: float, **values: float) -> Nudge:
    """What the engine says of the same graph, built anew in this process."""
    start = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0, **values}
    a, b, c, f = (var(value, name) for name, value in start.items())
    e = (a * b).named("e")
    graph = Graph(((e + c).named("d") * f).named("L"))
    return graph.nudge(next(n for n in graph.nodes if n.name == node), h)


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    opened = open_notebook([SCRATCH, READ_BACK, SET])
    opened.page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")
    opened.page.locator(".bp-alive").wait_for()
    return opened


def run_cell(notebook: Notebook, place: int) -> list[dict[str, Any]]:
    notebook.page.evaluate(
        """(place) => {
          jupyterapp.shell.currentWidget.content.activeCellIndex = place;
          return jupyterapp.commands.execute('notebook:run-cell');
        }""",
        place,
    )
    return list(notebook.cells()[place]["outputs"])


def test_keys_move_it_python_hears_and_answers(notebook: Notebook) -> None:
    page = Shown(notebook)
    slider = page.control("slider", "a")
    slider.focus()
    for _ in range(3):
        page.page.keyboard.press("ArrowRight")
    assert slider.input_value() == "2.3" and page.focused(slider)
    wanted = engine("a", 0.1, a=2.3).actual
    assert float(page.data("actual")) == wanted
    page.announced("a + 0.1. L changes by 0.6")
    [printed] = run_cell(notebook, 1)
    assert printed["text"] == f"-8.0 2.0 None {wanted} 2.3\n"  # the learner's own numbers stay
    run_cell(notebook, 2)
    page.settle("h", "0.5")
    assert float(page.data("actual")) == pytest.approx(engine("a", 0.5, a=2.3).actual)
    assert notebook.problems == []


def test_every_control_has_a_name(notebook: Notebook) -> None:
    page = Shown(notebook)
    page.every_control_has_a_name()
    assert "∂L/∂a = 6" in str(page.picture.get_attribute("aria-label"))


def test_both_themes_paint_with_their_own_ink(notebook: Notebook) -> None:
    page = Shown(notebook)
    ink = "picture => getComputedStyle(picture.querySelector('text')).fill"
    notebook.theme("JupyterLab Light")
    light = page.picture.evaluate(ink)
    notebook.theme("JupyterLab Dark")
    assert page.picture.evaluate(ink) != light


def test_a_notebook_opened_the_next_day_moves_without_a_kernel(
    notebook: Notebook, lab: Lab, chromium: Any
) -> None:
    notebook.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page = chromium.new_page()
    page.set_default_timeout(RUN_MS)
    page.goto(f"{lab.address}/{lab.opens}/{notebook.path.name}?reset&kernel=none")
    page.locator(".bp-alive").wait_for()
    page.wait_for_timeout(1500)
    none = page.get_by_role("button", name="No Kernel", exact=True)
    if none.is_visible():
        none.click()
    slider = page.get_by_role("slider", name="a", exact=True)
    slider.focus()
    page.keyboard.press("ArrowRight")
    actual = page.locator(".bp-picture:visible").get_attribute("data-actual")
    assert float(actual) == engine("a", 0.1, a=2.1).actual
    assert not page.get_by_text("model not found").first.is_visible()
    page.close()


def test_inside_of_other_widgets_it_is_a_widget(open_notebook: Callable[..., Notebook]) -> None:
    code = """import backpropkit as bp, ipywidgets as w
explorer = bp.explore.nudge(lambda x: bp.exp(x) / x, x=1.0)
w.VBox([w.HTML("inside"), explorer])"""
    notebook = open_notebook([code])
    notebook.run_all()
    page = Shown(notebook)
    page.control("slider", "x").press("End")
    leaf: Node = var(float(page.control("slider", "x").input_value()), "x")
    assert float(page.data("actual")) == pytest.approx(
        Graph(bp.exp(leaf) / leaf).nudge(leaf, 0.1).actual
    )
    assert notebook.problems == []


def test_a_branch_that_turns_is_recorded_anew_by_the_kernel(
    open_notebook: Callable[..., Notebook],
) -> None:
    code = (
        "import backpropkit as bp\nbp.explore.nudge(lambda a: a * a if a > 1 else 3.0 * a, a=1.1)"
    )
    notebook = open_notebook([code])
    notebook.run_all()
    shown = Shown(notebook)
    slider = shown.control("slider", "a")
    slider.focus()
    for _ in range(3):
        shown.page.keyboard.press("ArrowLeft")
    look = """root => {
      const all = [...root.querySelectorAll(".bp-picture")];
      return Math.abs(all.find((p) => p.checkVisibility())?.dataset.predicted - 0.3) < 1e-9;
    }"""
    root = shown.root.element_handle()
    shown.page.wait_for_function(look, arg=root)
    assert float(slider.input_value()) == pytest.approx(0.8) and shown.focused(slider)
    shown.page.keyboard.press("End")
    shown.page.wait_for_function(look.replace("0.3", "2 * 0.1 * 6.1"), arg=root)
    assert notebook.problems == []
