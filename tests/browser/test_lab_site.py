"""/lab/ of the site: lessons and problem sets run in the page, and nothing is asked elsewhere.

Two notebooks here; all of them, and the seven solutions, by `make lab-test`.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from site_of_lab import Visit, built, served, shown, visiting

ROOT = Path(__file__).parents[2]
LESSONS = [f"lessons/{path.name}" for path in sorted((ROOT / "lessons").glob("*.ipynb"))]
SETS = [path.stem for path in sorted((ROOT / "exercises" / "source").glob("*/*.ipynb"))]
SETS.sort(key=lambda name: name != "ps6")
EVERY = os.environ.get("EVERY_NOTEBOOK")
if not EVERY:
    LESSONS = ["lessons/02_graphs.ipynb"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder) as at:
        yield at


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Visit]:
    with visiting(chromium, address) as visit:
        yield visit
        assert visit.elsewhere == [] and visit.problems == []


def errors(cells: list[dict[str, Any]]) -> list[str]:
    return [
        f"{cell['id']}: {output['ename']}: {output['evalue']}"
        for cell in cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]


def is_graded(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_unchanged(visit: Visit, lesson: str) -> None:
    visit.open(lesson)
    visit.run("notebook:run-all-cells")
    code = [cell for cell in visit.cells() if cell["cell_type"] == "code"]
    assert errors(code) == []
    assert [cell["execution_count"] for cell in code] == [*range(1, len(code) + 1)]
    kept = json.loads((ROOT / lesson).read_text(encoding="utf-8"))["cells"]
    assert [cell["source"] for cell in visit.cells()] == ["".join(c["source"]) for c in kept]


def earn_full_marks(visit: Visit, name: str) -> None:
    """Open a set, write the teacher's answers into its cells, and run all of it."""
    source = (ROOT / "exercises" / "source" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    answers = {
        cell["id"]: "".join(cell["source"])
        for cell in json.loads(source)["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    visit.open(f"exercises/{name}/{name}.ipynb")
    visit.write(answers)
    visit.run("notebook:run-all-cells")
    cells = visit.cells()
    assert errors(cells) == []
    graded = [c for c in cells if c["cell_type"] == "code" and is_graded(c)]
    assert graded
    for cell in graded:
        assert float(shown(cell)) == cell["metadata"]["nbgrader"]["points"], cell["id"]


if EVERY:  # the first of them is solved below, whatever is tried

    @pytest.mark.parametrize("name", SETS[1:])
    def test_a_set_of_right_answers_earns_full_marks(visit: Visit, name: str) -> None:
        earn_full_marks(visit, name)


def test_a_visitor_who_presses_what_the_page_says(visit: Visit) -> None:
    """The bar says what it loads and that Python is ready; the first picture moves."""
    page = visit.page
    page.goto(f"{visit.address}/lab/lab/index.html?path=lessons/welcome.ipynb")
    bar = page.locator("#bp-loading")
    expect(bar).to_contain_text("Loading Python for this page")
    expect(bar.get_by_role("progressbar")).to_have_count(1)
    visit.wait_until_ready()
    page.keyboard.press("Shift+Enter")  # the text is read; no click was needed
    page.keyboard.press("Shift+Enter")
    explorer = page.locator(".bp-explorer").first
    picture = explorer.locator(".bp-picture:visible").first
    before = picture.get_attribute("aria-label")
    explorer.get_by_role("slider").first.press("ArrowRight")
    expect(picture).not_to_have_attribute("aria-label", before or "")
    expect(bar).to_be_hidden()


def test_the_page_loaded_again_shows_the_notebook_that_was_open(visit: Visit) -> None:
    """JupyterLite itself takes the path out of the address, and an empty page comes back."""
    visit.open("lessons/welcome.ipynb")
    opening = """(path) => {
      jupyterapp.commands.execute("docmanager:open", { path });
    }"""
    visit.page.evaluate(opening, "lessons/02_graphs.ipynb")
    visit.page.wait_for_url("**path=lessons%2F02_graphs.ipynb")
    visit.page.reload()
    shown = "() => window.jupyterapp?.shell?.currentWidget?.context?.path"
    assert visit.page.wait_for_function(shown).json_value() == "lessons/02_graphs.ipynb"


def test_a_phone_is_given_the_lesson_and_a_dark_room_a_dark_page(
    chromium: Any, address: str
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(f"{address}/lab/lab/index.html?path=lessons/welcome.ipynb")
    page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached", timeout=60_000)
    wide = "() => document.querySelector('.jp-Notebook')?.getBoundingClientRect().width > 250"
    page.wait_for_function(wide, timeout=60_000)
    page.close()


def test_what_could_not_be_loaded_is_named_and_stays_named(chromium: Any, address: str) -> None:
    """The other files, which arrive afterwards, once wrote over that."""
    page = chromium.new_page()
    page.route("**/numpy-*", lambda route: route.abort())
    page.goto(f"{address}/lab/lab/index.html?path=lessons/welcome.ipynb")
    said = page.get_by_text("numpy could not be loaded from 127.0.0.1")
    expect(said).to_contain_text("Then load this page again.", timeout=60_000)
    page.wait_for_load_state("networkidle")
    expect(said).to_be_visible()
    page.close()


def test_a_set_is_solved_and_what_never_ends_is_ended_and_costs_no_work(visit: Visit) -> None:
    earn_full_marks(visit, SETS[0])
    visit.add("from autograder import check\nasked = []\ndef f(A, x):\n    asked.append(x)\n"
              "    while len(asked) == 1: pass\n"  # the other questions take no time
              "check('ps6.quad_grad', f)")  # fmt: skip
    visit.run()
    assert visit.value() == "0.0"
    visit.add("from pathlib import Path\nfrom autograder import practice, progress\n"
              "drill = practice('one-path')\nrecord = Path('/drive/practice.json')\n"
              "drill.check(lambda *given: given), record.exists()")  # fmt: skip
    visit.run()
    assert visit.value() == "(0.0, True)"  # drills work there, and their record is kept
    visit.add("progress()")
    visit.run()
    solved = "| [problem set 6](ps6.ipynb) | ✓ 4 of 4 checks right |"
    assert solved in visit.value()
    page = visit.page
    stopped = re.compile("more than 10,000,000 steps|longer than 60 seconds")
    expect(page.get_by_text(stopped).first).to_be_visible()

    visit.add("while True: pass")
    visit.start("notebook:run-cell")
    page.locator(".jp-InputPrompt", has_text="[*]").wait_for()
    visit.start("kernelmenu:restart")
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.locator("#bp-loading", has_text="Starting Python").wait_for(state="attached")
    visit.wait_until_ready()
    visit.add("6 * 7")
    visit.run()
    assert visit.value() == "42"

    visit.add("from autograder import progress\nprogress()")
    visit.run()
    assert solved in visit.value()  # though Python began anew

    visit.run("docmanager:save")
    visit.show("exercises/ps6/ps6.ipynb")
    assert [cell["source"] for cell in visit.cells()[-3:-1]] == ["while True: pass", "6 * 7"]
    with page.expect_download() as download:
        visit.start("docmanager:download")
    taken = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    given = json.loads((ROOT / "exercises/release/ps6/ps6.ipynb").read_text(encoding="utf-8"))
    assert download.value.suggested_filename == "exercises_ps6_ps6.ipynb"  # as the welcome says
    for mine, theirs in zip(taken["cells"], given["cells"], strict=False):
        assert (mine["id"], mine["metadata"].get("nbgrader")) == (
            theirs["id"],
            theirs["metadata"].get("nbgrader"),
        )
    assert "".join(taken["cells"][-2]["source"]) == "6 * 7"


# --- the same Python without a page: what needs no browser is cheaper to try here --------------

NODE = """
const {loadPyodide} = require(process.argv[1] + "/pyodide.js");
const fs = require("fs");
(async () => {
  const python = await loadPyodide({indexURL: process.argv[1], packages: ["backpropkit"]});
  for (const file of process.argv.slice(2))
    python.FS.writeFile(file.split("/").pop(), fs.readFileSync(file));
  await python.runPythonAsync(fs.readFileSync(0, "utf-8"));
})().catch((error) => { console.error(String(error)); process.exit(1); });
"""

IN_NODE = """
import numpy as np
import backpropkit as bp
from autograder import catalog, evaluate
from right_answers import RIGHT

K = bp.var([[1.0, 2.0], [2.0, 4.0]], name="K")
S = bp.var([[1.0, 2.0], [2.0, 1.0]], name="S")
for failing in (
    lambda: bp.inv(K),
    lambda: bp.logdet(K),
    lambda: bp.solve(K, np.ones(2)),
    lambda: bp.inv(K.value),
    lambda: bp.inv(S, spd=True),
    lambda: bp.logdet(S, spd=True),
):
    try:
        print("quiet:", failing())
    except (bp.EngineError, np.linalg.LinAlgError):
        pass

for id, answers in RIGHT.items():
    for answer in answers:
        verdict = evaluate(id, answer)
        if not verdict.passed:
            print(id, verdict.message)
print("tried", sum(map(len, RIGHT.values())))
"""


def test_right_answers_pass_and_singular_matrices_raise_there_too(folder: Path) -> None:
    pyodide = folder / "lab" / "static" / "pyodide"
    beside = [ROOT / "tests" / "autograder" / "right_answers.py"]
    done = subprocess.run(
        ["node", "-e", NODE, str(pyodide), *map(str, beside)],
        input=IN_NODE,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    *wrong, last = done.stdout.strip().splitlines()
    assert wrong == [] and last.startswith("tried ")
