"""A real JupyterLab and a real browser, for tests that move what a learner moves."""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")

import harness
from harness import Lab, Notebook
from shown import Page

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Nobody knows what a test that failed has left in its page."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


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
        notebook.close(again=FAILED not in request.node.stash)


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """opened(explorer, width=1000) -> Page; afterwards nothing but the file was asked for."""
    pages = []

    def open_it(explorer: Any, width: int = 1000, **options: Any) -> Page:
        file = explorer.save(tmp_path / f"page{len(pages)}.html")
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        context.set_offline(True)
        page = Page(context.new_page())
        page.page.goto(file.as_uri())
        page.page.locator(".bp-alive").wait_for()
        pages.append((page, context))
        return page

    yield open_it
    for page, context in pages:
        assert page.problems == [] and len(page.asked) == 1, (page.problems, page.asked)
        context.close()
