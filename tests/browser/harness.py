"""Starts a real JupyterLab (Notebook, Voila) and a real Chromium, and opens notebooks in them."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PLACES = [
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
]
START_SECONDS = 60.0
RUN_MS = 120_000
# Without it JupyterLab asks which kernel to use, and waits.
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
# Faults of JupyterLab, Notebook and extensions that every empty notebook shows too.
NOT_OURS = (
    "/lsp/",
    "favicon",
    "the server responded with a status of 404",
    "Cannot read properties of undefined (reading 'schema')",
    "Could not restore the debugger state",  # of a notebook that is being closed
    "Cannot read properties of null (reading 'footer')",  # of one that is closed
    "@jupyterlite/server doesn't exist",  # the kernel of /lab/, installed beside JupyterLab
)
NOTEBOOKS = {"jupyterlab": "doc/tree", "notebook": "notebooks"}  # where each opens a notebook


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab or Notebook: its address, the folder it shows, where it opens files.

    `loaded` are pages in which JupyterLab has started and nothing is open: to load it takes longer
    than most of what is tested in it.
    """

    address: str
    folder: Path
    opens: str
    loaded: list[Any] = field(default_factory=list)


@contextmanager
def running_lab(home: Path, app: str = "jupyterlab") -> Iterator[Lab]:
    """JupyterLab (or "notebook") on a free port, all its files in `home`, stopped at the end."""
    folder = home / "notebooks"
    folder.mkdir()
    asks = home / "jupyterlab_settings_dir/@jupyterlab/apputils-extension"
    asks.mkdir(parents=True)
    (asks / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    port = free_port()
    command = (
        f"{sys.executable} -m {app} --no-browser --allow-root --expose-app-in-browser "
        f"--ip=127.0.0.1 --port={port} --ServerApp.port_retries=0 --ServerApp.root_dir={folder} "
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
    ).split()
    address = f"http://127.0.0.1:{port}"
    with _running([*command, "--IdentityProvider.token="], home, f"{address}/api"):
        yield Lab(address, folder, NOTEBOOKS[app])


@contextmanager
def running_voila(home: Path, code: Sequence[str]) -> Iterator[str]:
    """Voila showing a notebook of these code cells; its address."""
    book = written(code)
    nbformat.write(book, home / "shown.ipynb")
    port = free_port()
    command = (
        f"{sys.executable} -m voila {home / 'shown.ipynb'} --no-browser --Voila.ip=127.0.0.1 "
        f"--port={port} --Voila.root_dir={home}"
    ).split()
    address = f"http://127.0.0.1:{port}"
    with _running(command, home, f"{address}/voila/static/voila.js"):
        yield address


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _running(command: Sequence[str], home: Path, answers: str) -> Iterator[None]:
    """A server with its settings in `home`, from its first answer on; stopped at the end."""
    with open(home / "log", "w") as log:
        server = subprocess.Popen(
            command,
            env={**os.environ, **{name: str(home / name.lower()) for name in PLACES}},
            cwd=home,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(answers, server, home / "log")
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"the server did not start:\n{log.read_text()[-2000:]}")


@contextmanager
def running_chromium() -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=RUN_MS)  # as all else waits: on a busy machine nothing is prompt
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


OPEN = """async (path) => {
  await jupyterapp.commands.execute("docmanager:open", {path, factory: "Notebook"});
}"""
CLOSE = """async () => {
  const panel = jupyterapp.shell.currentWidget;
  await panel.sessionContext.shutdown();
  panel.dispose();
}"""
READY = """async (limit) => {
  const ready = async () => {
    await jupyterapp.restored;
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
  };
  const late = new Promise((_, no) => setTimeout(() => no("the kernel is not ready"), limit));
  await Promise.race([ready(), late]);
}"""


@dataclass
class Notebook:
    """A notebook open in JupyterLab; `problems` are the errors its console has shown."""

    lab: Lab
    page: Any
    path: Path
    problems: list[str] = field(default_factory=list)

    def run_all(self) -> None:
        """Run every cell and wait for the model (not the screen) to say that it is done."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")

    def cells(self) -> list[dict[str, Any]]:
        """The notebook as its model has it now."""
        text = "() => JSON.stringify(jupyterapp.shell.currentWidget.context.model.toJSON())"
        return list(json.loads(self.page.evaluate(text))["cells"])

    def errors(self) -> list[str]:
        """The errors of cells that raised."""
        return [
            f"{output['ename']}: {output['evalue']}"
            for cell in self.cells()
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
        ]

    def theme(self, name: str) -> None:
        """Switch to "JupyterLab Dark" or "JupyterLab Light"."""
        change = "(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})"
        self.page.evaluate(change, name)
        light = str(name.endswith("Light")).lower()
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def close(self, again: bool = False) -> None:
        """Stop its kernel, delete its file, close its page or keep it for another notebook."""
        self.page.evaluate(CLOSE)
        self.page.remove_listener("pageerror", self.on_error)
        self.page.remove_listener("console", self.on_message)
        if again:
            self.lab.loaded.append(self.page)
        else:
            self.page.close()
        self.path.unlink()

    def on_error(self, error: Any) -> None:
        _note(str(error), self.problems)

    def on_message(self, message: Any) -> None:
        if message.type == "error":
            _note(f"{message.text} {message.location.get('url', '')}", self.problems)


def open_notebook(
    lab: Lab, chromium: Any, given: Sequence[str] | Path, name: str, width: int, height: int
) -> Notebook:
    """A copy of a notebook file, or one of these code cells; its kernel is ready, nothing ran."""
    book = nbformat.read(given, as_version=4) if isinstance(given, Path) else written(given)
    nbformat.write(book, lab.folder / f"{name}.ipynb")
    again = bool(lab.loaded)
    page = lab.loaded.pop() if again else chromium.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.set_default_timeout(RUN_MS)
    notebook = Notebook(lab, page, lab.folder / f"{name}.ipynb")
    page.on("pageerror", notebook.on_error)
    page.on("console", notebook.on_message)
    if again:
        page.evaluate(OPEN, notebook.path.name)
    else:
        page.goto(f"{lab.address}/{lab.opens}/{name}.ipynb?reset")
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context")
    page.evaluate(READY, RUN_MS)
    return notebook


def written(code: Sequence[str]) -> nbformat.NotebookNode:
    """A notebook of these code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in code]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def _note(problem: str, problems: list[str]) -> None:
    if not any(text in problem for text in NOT_OURS):
        problems.append(problem)
