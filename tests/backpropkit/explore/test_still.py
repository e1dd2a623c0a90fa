"""An exported page moves by itself, and where scripts do not run it shows the picture."""

import json
import re

import nbformat
import pytest

from backpropkit import explore
from backpropkit.engine.node import TABLE, EngineError
from backpropkit.engine.rules import op
from backpropkit.explore import page

nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    """A notebook as it is saved after an explorer was shown in it."""
    data = explore.nudge(lambda a, b: a * b, a=2.0, b=-3.0)._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("explore.nudge(…)", outputs=[output])
    return nbformat.v4.new_notebook(cells=[cell])


def test_what_is_saved_is_html_and_no_widget_that_would_not_be_found(
    notebook: nbformat.NotebookNode,
) -> None:
    [output] = notebook.cells[0].outputs
    assert set(output.data) == {"text/html", "text/plain"}
    assert output.data["text/plain"].startswith("a + 0.1. L changes by")


def test_a_static_export_has_the_picture_and_what_moves_it(notebook: nbformat.NotebookNode) -> None:
    exported, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    body = exported[exported.index("<body") :]
    assert re.search(r'<svg[^>]*role="img"', body) and "∂L/∂a = −3" in body and "<table" in body
    [carried] = re.findall(r'class="bp-scene"[^>]*>(.*?)</script>', body)
    assert json.loads(carried)["state"]["leaf.a"] == 2.0
    assert "widget-view" not in body and "<input" not in body  # the script makes the controls


def test_a_name_cannot_end_the_script(notebook: nbformat.NotebookNode) -> None:
    from backpropkit import var

    html = explore.nudge((var(2.0, "</script><b>x") * 2.0).named("<i>L")).html()
    assert "<b>x" not in html and "<i>L" not in html


def test_an_op_that_a_page_cannot_compute_is_named_with_the_remedy() -> None:
    twice = op("twice", lambda a: 2.0 * a, lambda g, y, a: (2.0 * g,), numpy=None)
    try:
        with pytest.raises(
            EngineError, match=r"cannot compute twice: enter the forward in FORWARDS"
        ):
            explore.nudge(lambda a: twice(a) + 1.0, a=2.0)
    finally:
        del TABLE["twice"]
    assert set(TABLE) <= page.forwards()
