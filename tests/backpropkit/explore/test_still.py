"""An exported page shows the picture, never a slider that cannot move."""

import re

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

from backpropkit import explore

nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    """A notebook as it is saved after an explorer was shown in it."""
    explorer = explore.nudge(lambda a, b: a * b, a=2.0, b=-3.0)
    data, _ = DisplayFormatter().format(explorer)
    output = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("explore.nudge(…)", outputs=[output])
    return nbformat.v4.new_notebook(cells=[cell])


def test_the_saved_notebook_has_a_live_view_and_a_picture(
    notebook: nbformat.NotebookNode,
) -> None:
    [output] = notebook.cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in output.data
    assert "<svg" in output.data["text/html"] and "<table" in output.data["text/html"]


def test_a_static_export_shows_the_picture_and_no_dead_slider(
    notebook: nbformat.NotebookNode,
) -> None:
    exporter = nbconvert.HTMLExporter()
    exporter.display_data_priority = explore.STILL_FIRST
    page, _ = exporter.from_notebook_node(notebook)
    body = page[page.index("<body") :]
    assert re.search(r'<svg[^>]*role="img"', body) and "∂L/∂a = −3" in body
    assert "run the notebook to move it" in body
    assert "widget-view" not in body and "<input" not in body
    assert "<script" not in body[body.index("bp-explorer") :].split("</main>")[0]
