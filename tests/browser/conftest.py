"""A real JupyterLab and a real browser, for tests that move what a learner moves."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")

import harness
from harness import Lab, Notebook


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab with files of its own, shared by all browser tests."""
    with harness.running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if harness.CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with harness.running_chromium() as browser:
        yield browser


@pytest.fixture
def open_notebook(
    chromium: Any, lab: Lab, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """open_notebook(code_cells_or_path, width=1280, height=1000) -> Notebook, closed at the end."""
    opened: list[Notebook] = []

    def open_it(given: Sequence[str] | Path, width: int = 1280, height: int = 1000) -> Notebook:
        name = f"{re.sub('[^a-z0-9]+', '-', request.node.name)}-{len(opened)}"
        opened.append(harness.open_notebook(lab, chromium, given, name, width, height))
        return opened[-1]

    yield open_it
    for notebook in opened:
        notebook.close()
