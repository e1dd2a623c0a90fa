"""The walk of docs/exercises.md, from an empty folder and the wheel to a student's page."""

from __future__ import annotations

import html
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from pages import ROOT, blocks
from wheel_house import House

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed"),
]


@pytest.fixture
def house(wheel: Path) -> Iterator[House]:
    house = House(Path(tempfile.mkdtemp(prefix="walk-")))
    try:
        yield house.build(wheel)
    finally:
        house.leave()


def write_answer(path: Path, code: str, solution: bool) -> None:
    """Put code where the page says: between the marks of the source, or into a learner's cell."""
    notebook = nbformat.read(path, 4)
    (cell,) = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    function = code[code.index("def ") :].rstrip()
    head, _, body = function.partition("\n")
    if solution:
        assert cell.source.startswith(f"{head}\n    ### BEGIN SOLUTION\n    ...\n")
        cell.source = cell.source.replace("    ...", body)
    else:
        assert cell.source.startswith(head) and "NotImplementedError" in cell.source
        cell.source = function
    nbformat.write(notebook, path)


def test_the_page_on_exercises_leads_to_a_students_page(house: House) -> None:
    folder = house.root / "empty"
    folder.mkdir()
    said = house.run("", folder, "python -c 'import autograder; print(autograder.__file__)'")
    assert said.startswith(str(house.root / "kit")), "what runs is not the wheel"
    answers = [("source/ps9/ps9.ipynb", True), ("submitted/ada/ps9/ps9.ipynb", False)]
    printed: dict[str, str] = {}
    for block in blocks(ROOT / "docs" / "exercises.md"):
        if block.new:
            (folder / block.new).write_text(block.text, encoding="utf-8")
        elif ">>>" in block.text:
            continue  # an example, and run as such
        elif block.language == "python":
            if answers:  # what comes after both is no answer
                place, solution = answers.pop(0)
                write_answer(folder / place, block.text, solution)
        else:
            for line in block.text.splitlines():
                if line.startswith("cd "):
                    folder /= line.removeprefix("cd ")
                else:
                    printed[line] = house.run("", folder, line)
    assert not answers
    tried = printed["autograder try ps9"]
    assert "Nothing to mend" in tried and "'operand-transpose' is told apart" in tried
    assert "1 judged" in printed["autograder grade ps9"]
    page = (folder / "feedback" / "ada" / "ps9" / "ps9.html").read_text(encoding="utf-8")
    words = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert "constant multiple" in words
