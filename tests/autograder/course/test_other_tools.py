"""Nothing is lost of a notebook that another tool has saved: no code, no words, no picture."""

import base64
import html
import io
from copy import deepcopy
from itertools import cycle
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader_course import EXERCISES, RIGHT
from other_tools import TOOLS, saved_by
from PIL import Image

from autograder.course.graft import graft_submission
from autograder.course.submission import HandedIn

WORDS = "At the places where $x<3$ and b > a.\n\nMore examples, and & <T> too."
SHOWN = ("At the places where $x<3$ and b > a.", "More examples, and & <T> too.")
FORMAT_3 = ("format-3", "converted-from-3")  # has no attachments


def png() -> str:
    file = io.BytesIO()
    Image.effect_noise((40, 40), 60).save(file, "PNG")  # no two pictures are alike
    return base64.b64encode(file.getvalue()).decode("ascii")


def in_place(cells: list[Any], answer: int) -> Any:
    cells[answer].source = WORDS
    return cells[answer]


def in_a_cell_below(cells: list[Any], answer: int) -> Any:
    text = {"cell_type": "markdown", "id": "below", "metadata": {}, "source": WORDS}
    cells.insert(answer + 1, text)
    return text


def at_the_end(cells: list[Any], answer: int) -> Any:
    cells.append({"cell_type": "markdown", "id": "end-of-all", "metadata": {}, "source": WORDS})
    return cells[-1]


def instead(cells: list[Any], answer: int) -> Any:
    del cells[answer]
    return in_a_cell_below(cells, answer - 1)


def in_the_question(cells: list[Any], answer: int) -> Any:
    cells[answer - 1].source += f"\n\n{WORDS}"
    return cells[answer - 1]


PLACES = {f.__name__: f for f in (in_place, in_a_cell_below, at_the_end, instead, in_the_question)}


def answered(release: Any, right: dict[str, str], tool: str, place: str) -> bytes:
    """The released notebook with right answers, saved by `tool`, the written one in `place`."""
    notebook = deepcopy(release)
    cells = {cell.id: cell for cell in notebook.cells}
    for name, source in right.items():
        cells[name].source = source
    cell = PLACES[place](notebook.cells, notebook.cells.index(cells["hidden"]))
    if tool not in FORMAT_3:
        cell["source"] += "\n\n![sketch](attachment:sketch.png)"
        cell["attachments"] = {"sketch.png": {"image/png": png()}}
    return saved_by(tool, notebook)


@pytest.fixture(scope="module")
def release() -> Any:
    return nbformat.read(EXERCISES / "release/ps6/ps6.ipynb", as_version=4)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tool", TOOLS)
def test_all_that_was_written_arrives(release, tool, place):
    right = RIGHT["ps6"]
    data = answered(release, right, tool, place)
    grafted = graft_submission(release, "ps6.ipynb", HandedIn(data), "")
    cells = {cell.id: cell for cell in grafted.cells}
    code = "\n".join(cell.source for cell in grafted.cells if cell.cell_type == "code")
    assert all(source.strip() in code for source in right.values())
    text = "\n".join(cell.source for cell in grafted.cells if cell.cell_type == "markdown")
    assert all(part in html.unescape(text) for part in SHOWN)
    assert cells["hidden"].source != release.cells[-2].source  # so that a person reads it
    assert "sketch.png" in str(grafted.cells) or "data:image/png" in text or tool in FORMAT_3


@pytest.fixture(scope="module")
def graded(make_course):
    """A class in which every tool has saved one way to answer; with feedback."""
    course = make_course("ps6")
    for tool, place in zip(TOOLS, cycle(PLACES), strict=False):
        course.submit(tool, answered(course.release, course.right, tool, place))
    course.nbgrader("autograde", "ps6")
    course.nbgrader("generate_feedback", "ps6")
    return course


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_is_lost_in_any_tool(graded, tool):
    assert graded.points(tool) == graded.full
    words = graded.words(tool)
    assert all(part in words for part in SHOWN)
    assert by_hand(graded, tool) == (None, True)
    assert ("data:image/png;base64," in graded.feedback(tool)) == (tool not in FORMAT_3)
    assert "Created in" not in words


def by_hand(course, student: str) -> tuple[float | None, bool]:
    """(points without a reader, whether it waits for one) of the written answer."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as book:
        grade = book.find_grade("hidden", "ps6", "ps6", student)
        return grade.auto_score, grade.needs_manual_grade


@pytest.mark.slow
def test_an_answer_that_nobody_gave_needs_no_reader(make_course):
    course = make_course("ps6")
    for tool in TOOLS:
        course.submit(tool, saved_by(tool, course.release))
    course.nbgrader("autograde", "ps6")
    for tool in TOOLS:
        assert by_hand(course, tool) == (0.0, False), tool
        assert course.points(tool) == dict.fromkeys(course.full, 0.0)
