"""Rendered pages: pictures in place of explorers, never a dead slider, links to other pages."""

import runpy
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbconvert", reason="nbconvert is not installed")
RENDER = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "render.py"))

MOVE = """import backpropkit as bp
a = bp.var(2.0, "a")
bp.explore.nudge((a**2).named("L"))"""
TEXT = """# 2 · A title

[next](03_gates.ipynb), [a place in it](03_gates.ipynb#there), [far](https://example.org/x.ipynb)"""


@pytest.fixture
def notebook(tmp_path):
    cells = [nbformat.v4.new_markdown_cell(TEXT), nbformat.v4.new_code_cell(MOVE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "small.ipynb")
    return tmp_path / "small.ipynb"


@pytest.mark.slow
def test_a_page_shows_the_picture_and_no_slider(notebook, tmp_path):
    html = RENDER["page"](notebook, run=True)
    assert "actual ΔL" in html and "run the notebook to move it" in html
    for dead in ("widget-view", "jupyter-widgets", 'type="range"', "NudgeExplorer("):
        assert dead not in html
    assert list(tmp_path.iterdir()) == [notebook]


def test_links_lead_to_pages_and_the_title_is_the_notebooks(notebook):
    html = RENDER["page"](notebook, run=False)
    assert 'href="03_gates.html"' in html and 'href="03_gates.html#there"' in html
    assert 'href="https://example.org/x.ipynb"' in html
    assert "<title>2 · A title</title>" in html
