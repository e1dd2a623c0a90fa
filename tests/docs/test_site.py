"""The site: built without a warning, every link leads on, pictures instead of dead sliders."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pages import ROOT

from backpropkit.lab import material

pytest.importorskip("myst_nb", reason="the site is not built: pip install '.[docs]'")
pytestmark = pytest.mark.slow

FETCHING = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src")}


class Page(HTMLParser):
    """The ids of a page, what it links to, and what it fetches to be shown."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.html = path.read_text(encoding="utf-8")
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.fetched.append(given["href"])
        self.fetched += [given[name] for name in given if (tag, name) in FETCHING]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does it; a warning is an error."""
    folder = tmp_path_factory.mktemp("build") / "site"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (options,) = re.findall(r"-m sphinx (.*) build/site$", makefile, re.M)
    command = [sys.executable, "-m", "sphinx", *options.split(), str(folder)]
    assert "-W" in command
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_notebook_and_every_page_of_docs_is_on_it(site: Path) -> None:
    wanted = [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("lessons/*.ipynb"),
        *ROOT.glob("exercises/release/*/*.ipynb"),
    ]
    assert len(wanted) > 20
    for path in wanted:
        assert (site / path.relative_to(ROOT)).with_suffix(".html").exists(), path


def test_every_link_within_the_site_leads_to_a_page_and_a_place_on_it(
    site: Path, pages: dict[Path, Page]
) -> None:
    followed = 0
    for page in pages.values():
        for link in page.links:
            to = urlsplit(link)
            if to.scheme or to.netloc:
                assert to.scheme in ("http", "https", "mailto"), f"{page.path}: {link}"
                continue
            target = (page.path.parent / unquote(to.path)).resolve() if to.path else page.path
            if target == site / "lab" / "lab" / "index.html":  # built by itself
                assert to.query.removeprefix("path=") in material(), f"{page.path}: {link}"
                continue
            assert target.exists(), f"{page.path}: {link}"
            if to.fragment and target in pages:
                assert unquote(to.fragment) in pages[target].ids, f"{page.path}: {link}"
            followed += 1
    assert followed > 1000


def test_open_in_the_browser_stands_on_every_notebook_s_page(site: Path) -> None:
    doors = {
        path.relative_to(site).with_suffix("").as_posix(): re.findall(
            r'<a href="([^"]*)">Open in the browser</a>', path.read_text(encoding="utf-8")
        )
        for path in site.rglob("*.html")
    }
    assert doors["docs/index"] == ["../lab/lab/index.html?path=lessons/welcome.ipynb"]
    for name in material():
        page = name.removesuffix(".ipynb").replace("exercises/", "exercises/release/")
        up = "../" * page.count("/")
        assert doors[page] == [f"{up}lab/lab/index.html?path={name}"]


def test_a_page_is_shown_without_asking_another_server(pages: dict[Path, Page]) -> None:
    for page in pages.values():
        for address in page.fetched:
            assert not urlsplit(address).netloc, f"{page.path}: {address}"


def test_a_lesson_shows_the_pictures_of_its_explorers_and_no_slider(site: Path) -> None:
    for path in sorted(site.glob("lessons/[0-9]*.html")):
        html = path.read_text(encoding="utf-8")
        assert ("bp-here" in html or "A picture of the explorer" in html) and "<svg" in html, path
        for dead in ("widget-view", "widget-state", 'type="range"', "Explorer("):
            assert dead not in html, f"{path}: {dead}"


def test_formulas_are_there_for_mathjax_and_mathjax_is_there(site: Path) -> None:
    html = (site / "lessons" / "02_graphs.html").read_text(encoding="utf-8")
    assert r"\frac{\partial J}{\partial b}" in html
    (script,) = re.findall(r'src="\.\./(_static/mathjax/[^"?]+)', html)
    assert (site / script).exists()


def test_the_reference_has_every_public_name(site: Path) -> None:
    import backpropkit

    engine = (site / "docs" / "reference" / "1_engine.html").read_text(encoding="utf-8")
    for name in {*backpropkit.__all__} - {"Nudge", "Path", "Step"}:
        assert re.search(rf'descname"><span class="pre">{name}<', engine), name
