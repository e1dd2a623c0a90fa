"""Puts the text of a submission into the instructor's release notebook.

What the learner wrote runs; everything else (check cells, ids, points, tags) is the instructor's.
"""

from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from nbformat.v4 import new_code_cell
from nbgrader.utils import is_solution

from autograder.course.submission import Cell

NOTES = "autograder"  # the key of our own metadata, of cells and notebooks
_MISSING = "# This cell was missing from the submission."


def graft(release: Any, submission: Sequence[Cell]) -> Any:
    """Return a copy of the notebook `release` with the learner's text in it.

    A solution cell takes the text of the submitted cells with its grade id: a cell that was split
    or copied stands there more than once, and all parts are run in their order, save copies nobody
    wrote in. Code cells that the learner added stand after the cell they followed. A note in a
    cell's metadata says what was done.
    """
    answers, added = _sort(release, submission)
    cells = _added(added[-1])
    for index, original in enumerate(release.cells):
        cell = deepcopy(original)
        cells.append(cell)
        if is_solution(cell):
            parts, note = _parts(cell.source, answers[index])
            cell.source = parts[0]
            cell.metadata |= note
            cells += _added(parts[1:])
        cells += _added(added[index])
    notebook = deepcopy(release)
    notebook.cells = _number(cells, notebook.nbformat_minor)
    return notebook


def _parts(stub: str, texts: Sequence[str]) -> tuple[Sequence[str], dict[str, Any]]:
    """Return the texts that stand for one solution cell, at least one, and a note if need be."""
    if not texts:
        return [_MISSING], {NOTES: {"note": "this cell was missing from the submission"}}
    written = [text for text in texts if text.strip() != stub.strip()]
    if len(texts) == 1 or not written:
        return texts[:1], {}
    return written, {NOTES: {"note": f"this cell stood in the submission {len(texts)} times"}}


def _added(sources: Sequence[str]) -> list[Any]:
    return [new_code_cell(source, metadata={NOTES: {"added": True}}) for source in sources]


def _number(cells: list[Any], minor: int) -> list[Any]:
    """Give the added cells ids that are the same each time; cells have ids since format 4.5."""
    for count, cell in enumerate(c for c in cells if c.metadata.get(NOTES, {}).get("added")):
        cell.id = f"added-{count}"
        if minor < 5:
            del cell["id"]
    return cells


def _sort(
    release: Any, submission: Sequence[Cell]
) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Return the texts for each cell of `release`, and the added code that follows each."""
    marked: dict[str | None, int] = {}
    unmarked: dict[tuple[str, str], int] = {}
    for index, cell in enumerate(release.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id is None:
            unmarked[cell.cell_type, cell.source.strip()] = index
        else:
            marked[grade_id] = index
    answers: dict[int, list[str]] = defaultdict(list)
    added: dict[int, list[str]] = defaultdict(list)
    here = -1  # the cell of the release that the submission was last seen at
    for cell in submission:
        text = cell.source.strip()
        if cell.grade_id in marked:
            here = marked[cell.grade_id]
            answers[here].append(cell.source)
        elif (cell.kind, text) in unmarked:
            here = unmarked[cell.kind, text]
        elif cell.kind == "code" and text:
            added[here].append(cell.source)
    return answers, added
