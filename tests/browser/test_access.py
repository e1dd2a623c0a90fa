"""axe-core looks at a page with every explorer and finds no serious fault, light and dark."""

import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import Notebook

pytestmark = pytest.mark.slow

AXE = "axe-core@4.14.1"
GALLERY = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "gallery.py"))
PREDICT = 'bp.explore.predict("l2.a")'
CODE = [GALLERY["SETUP"], *GALLERY["EXPLORERS"].values(), PREDICT]

LOOK = """async () => {
  const rules = {"page-has-heading-one": {enabled: false}, "region": {enabled: false}};
  const found = await axe.run({include: [".bp-explorer"]}, {rules, resultTypes: ["violations"]});
  return found.violations.map(({id, impact, help, nodes}) =>
    ({id, impact, help, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 200))}));
}"""


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> Path:
    """axe-core's script, fetched once into pytest's cache."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, which fetches axe-core")
    folder = Path(request.config.cache.mkdir(AXE.replace("@", "-")))
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder)]
        done = subprocess.run([*command, AXE], capture_output=True, text=True, timeout=300)
        if done.returncode or not script.exists():
            pytest.skip("npm could not fetch axe-core")
    return script


@pytest.fixture
def everything(open_notebook: Callable[..., Notebook]) -> Notebook:
    """A notebook with every explorer, its table open."""
    notebook = open_notebook(CODE, height=9000)  # all of it on the screen at once
    notebook.run_all()
    assert notebook.errors() == []
    shown = notebook.page.locator(".bp-explorer")
    shown.nth(len(CODE) - 2).wait_for()
    for button in notebook.page.get_by_role("button", name="Show as a table").all():
        button.click()
    notebook.page.wait_for_timeout(2000)
    return notebook


def test_no_explorer_has_a_serious_fault_and_one_that_is_made_is_found(
    everything: Notebook, axe: Path
) -> None:
    everything.page.evaluate(axe.read_text(encoding="utf-8"))
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        everything.theme(theme)
        found: list[dict[str, Any]] = everything.page.evaluate(LOOK)
        serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
        assert serious == [], theme
    # of two layouts one is shown
    nameless = """() => [...document.querySelectorAll('.bp-picture[role=img]')]
        .find(picture => picture.getClientRects().length).removeAttribute('aria-label')"""
    everything.page.evaluate(nameless)
    found = everything.page.evaluate(LOOK)
    assert any(fault["id"] == "svg-img-alt" for fault in found)
    assert everything.problems == []
