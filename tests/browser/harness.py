"""Starts a real JupyterLab and a real Chromium, and opens notebooks in them."""

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
# Faults of JupyterLab itself that every empty notebook shows too.
NOT_OURS = ("/lsp/", "favicon", "the server responded with a status of 404")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address and the folder it shows."""

    address: str
    folder: Path


@contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """JupyterLab on a free port, all its files in `home`, stopped at the end."""
    folder = home / "notebooks"
    folder.mkdir()
    asks = home / "jupyterlab_settings_dir/@jupyterlab/apputils-extension"
    asks.mkdir(parents=True)
    (asks / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (
        f"{sys.executable} -m jupyterlab --no-browser --allow-root --expose-app-in-browser "
        f"--ip=127.0.0.1 --port={port} --ServerApp.port_retries=0 --ServerApp.root_dir={folder} "
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
    ).split()
    with open(home / "log", "w") as log:
        server = subprocess.Popen(
            [*command, "--IdentityProvider.token="],
            env={**os.environ, **{name: str(home / name.lower()) for name in PLACES}},
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _await(f"{address}/api", server, home / "log")
        yield Lab(address, folder)
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
    raise TimeoutError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@contextmanager
def running_chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


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

    def close(self) -> None:
        """Stop its kernel, close its page, delete its file."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close()
        self.path.unlink()


def open_notebook(
    lab: Lab, chromium: Any, given: Sequence[str] | Path, name: str, width: int, height: int
) -> Notebook:
    """A copy of a notebook file, or one of these code cells; its kernel is ready, nothing ran."""
    if isinstance(given, Path):
        book = nbformat.read(given, as_version=4)
    else:
        code = [nbformat.v4.new_code_cell(source) for source in given]
        book = nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": KERNEL})
    nbformat.write(book, lab.folder / f"{name}.ipynb")
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(RUN_MS)
    notebook = Notebook(page, lab.folder / f"{name}.ipynb")
    page.on("pageerror", lambda error: notebook.problems.append(str(error)))
    page.on("console", lambda message: _note(message, notebook.problems))
    page.goto(f"{lab.address}/doc/tree/{name}.ipynb?reset")
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context")
    page.evaluate(READY, RUN_MS)
    return notebook


def _note(message: Any, problems: list[str]) -> None:
    where = f"{message.text} {message.location.get('url', '')}"
    if message.type == "error" and not any(text in where for text in NOT_OURS):
        problems.append(where)
