"""Renders the lessons, run, and the exercises, unsolved, as web pages: python docs/render.py FOLDER

A page is for reading: where a notebook has an explorer to move, the page has its picture.
"""

import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

from backpropkit.explore import STILL_FIRST
from backpropkit.lab import material

SECONDS = 300  # that one cell may take


def page(notebook: Path, run: bool) -> str:
    """A notebook as HTML, with links to notebooks leading to their pages."""
    book = nbformat.read(notebook, as_version=4)
    if run:
        # without the widgets' state nbconvert has nothing to make a slider of
        client = NotebookClient(
            book, timeout=SECONDS, kernel_name="python3", store_widget_state=False
        )
        with tempfile.TemporaryDirectory() as empty:
            client.execute(cwd=empty)
    exporter = HTMLExporter(config=Config(NbConvertBase={"display_data_priority": STILL_FIRST}))
    title = "".join(book.cells[0].source).partition("\n")[0].lstrip("# ")
    html, _ = exporter.from_notebook_node(book, {"metadata": {"name": title}})
    return re.sub(r'(href="[^":]+)\.ipynb(?=["#])', r"\1.html", html)


def render(folder: Path) -> None:
    """Writes a page for every notebook a learner gets, laid out as they get it."""
    for name, notebook in material().items():
        if notebook.suffix == ".ipynb":
            target = (folder / name).with_suffix(".html")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page(notebook, run=name.startswith("lessons/")), encoding="utf-8")
            print(target, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    render(Path(sys.argv[1]))
