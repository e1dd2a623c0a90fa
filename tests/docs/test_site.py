"""The site: built without a warning, every link leads on, pictures instead of dead sliders."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import harness
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


def test_every_heading_says_its_level(pages: dict[Path, Page]) -> None:
    """Furo's captions beside a page are headings to whoever hears it, and were of no level."""
    for page in pages.values():
        said = re.findall(r'<[^>]*role="heading"[^>]*>', page.html)
        assert bool(said) == ("sidebar-tree" in page.html), page.path
        assert all('aria-level="2"' in tag for tag in said), page.path


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


def test_a_lesson_shows_what_moves_without_a_kernel_and_nothing_that_needs_one(site: Path) -> None:
    for path in sorted(site.glob("lessons/[0-9]*.html")):
        html = path.read_text(encoding="utf-8")
        asked = (ROOT / "lessons" / f"{path.stem}.ipynb").read_text(encoding="utf-8")
        assert html.count('<div class="bp-here"') and "<svg" in html, path
        assert html.count('class="bp-question"') == asked.count("bp.explore.predict("), path
        assert "explorers.js" in html and len(html) < 4_000_000, path
        for dead in ("widget-view", "widget-state", 'type="range"', "Explorer("):
            assert dead not in html, f"{path}: {dead}"


def test_pages_live_offline(site: Path) -> None:
    """A picture moves and a prediction is answered, by keys, and no request leaves the folder."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if harness.CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with ThreadPoolExecutor(1) as apart:  # other tests' browser may hold this thread's event loop
        apart.submit(live_offline, site).result()


def live_offline(site: Path) -> None:
    from playwright import sync_api as playwright

    with harness.running_chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.set_offline(True)
        page, problems, asked = context.new_page(), [], []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / "docs" / "index.html").as_uri())
        beyond = page.locator(".bp-over:visible")  # an arrow, where a bar is longer than its scale
        assert "".join(beyond.all_text_contents()) == ""
        slider = page.get_by_role("slider", name="a", exact=True)
        slider.press("ArrowRight")  # 2.1: L = (−6.3 + 4)², and −3.3 + 4 with a nudge of 1
        page.get_by_text("L changes by 22.8").first.wait_for()
        page.goto((site / "lessons" / "02_graphs.html").as_uri())
        question = page.get_by_role("group", name="Predict: What is ∂f/∂z?")
        field = question.get_by_role("textbox", name="Your prediction")
        field.fill("-7")
        field.press("Enter")
        reply = question.get_by_role("status")
        playwright.expect(reply).to_contain_text("For a product, nudge one factor")
        field.fill("2")
        question.get_by_role("button", name="Check").press("Enter")
        playwright.expect(reply).to_have_text("Yes: 2.")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        page.goto((site / "docs" / "exercises.html").as_uri())
        wide = page.locator("pre").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(o => o.tabIndex)"
        )
        assert wide and set(wide) == {0}  # the keys reach what scrolls by itself
        assert page.locator("aside:not([aria-label])").count() == 0
        page.set_viewport_size({"width": 1366, "height": 900})
        search = page.get_by_role("textbox", name="Search").first
        search.focus()
        assert search.evaluate("field => getComputedStyle(field).outlineStyle") == "solid"
        assert problems == [] and all(url.startswith("file:") for url in asked)


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


def test_the_reference_names_attributes_of_one_description_and_defaults_as_they_are_written(
    site: Path,
) -> None:
    html = (site / "docs" / "reference" / "2_explorers.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", html)
    assert "node,h,way,leaves – what the controls say" in text
    assert "descent(surface=bowl, " in text and "lambda&gt;" not in text
