"""Puts the text of a submission into the instructor's release notebook.

What the learner wrote runs; everything else (check cells, ids, points, tags) is the instructor's.
"""

import ast
from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from nbformat.v4 import new_code_cell
from nbgrader.utils import is_solution

from autograder.course.submission import Cell, Unreadable, digest, parse

NOTES = "autograder"  # the key of our own metadata, of cells and notebooks
_MISSING = "# This cell was missing from the submission."


def graft_submission(release: Any, name: str, found: bytes | Unreadable, judged_by: str) -> Any:
    """Return `release` with the text of a submission in it, whatever was found in the file `name`.

    Notes in the notebook's metadata say from what it was made, by whom it is judged (see
    `autograder.course.fingerprint`), and why nothing could be read, if so.
    """
    notes: dict[str, Any] = {
        "submission": digest(found),
        "judged_by": judged_by,
        "graded": False,
    }
    cells: list[Cell] = []
    try:
        if isinstance(found, Unreadable):
            raise found
        cells = parse(name, found)
    except Unreadable as reason:
        notes["unreadable"] = str(reason)
    notebook = graft(release, cells)
    notebook.metadata[NOTES] = notes
    return notebook


def graft(release: Any, submission: Sequence[Cell]) -> Any:
    """Return a copy of the notebook `release` with the learner's text in it.

    A solution cell takes the text of the submitted cells with its grade id: a cell that was split
    or copied stands there more than once, and all parts are run in their order, save copies nobody
    wrote in. Where nothing was written, a cell that the learner added may be the solution: one
    that defines the same names. Other code cells that the learner added stand after the cell they
    followed. A note in a cell's metadata says what was done.
    """
    answers, added, moved = _sort(release, submission)
    for index, original in enumerate(release.cells):
        if not is_solution(original) or _written(original.source, answers[index]):
            continue
        if (found := _find(original.source, added)) is not None:
            answers[index] = [found]
            moved.add(index)
    cells = _added(added[-1])
    for index, original in enumerate(release.cells):
        cell = deepcopy(original)
        cells.append(cell)
        if is_solution(cell):
            parts, note = _parts(cell.source, answers[index])
            if index in moved and not note:
                note = "this cell stood in another place in the submission"
            cell.source = parts[0] if cell.cell_type == "code" else _inert(parts[0])
            if note:
                cell.metadata[NOTES] = {"note": note}
            cells += _added(parts[1:])
        cells += _added(added[index])
    notebook = deepcopy(release)
    notebook.cells = _number(cells, notebook.nbformat_minor)
    return notebook


def _parts(stub: str, texts: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return the texts that stand for one solution cell, at least one, and a note if need be."""
    if not texts:
        return [_MISSING], "this cell was missing from the submission"
    written = _written(stub, texts)
    if len(texts) == 1 or not written:
        return texts[:1], ""
    return written, f"this cell stood in the submission {len(texts)} times"


def _written(stub: str, texts: Sequence[str]) -> list[str]:
    """Those of `texts` in which somebody wrote something."""
    return [text for text in texts if text.strip() not in ("", stub.strip())]


def _find(stub: str, added: dict[int, list[str]]) -> str | None:
    """Take the last cell out of `added` that defines every name that `stub` defines."""
    wanted = _defined(stub)
    for place in sorted(added, reverse=True):
        for number in reversed(range(len(added[place]))):
            if wanted and wanted <= _defined(added[place][number]):
                return added[place].pop(number)
    return None


def _defined(source: str) -> set[str]:
    """The functions, classes and variables that a cell defines; none where it is no Python."""
    names: set[str] = set()
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return names
    for statement in statements:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _inert(text: str) -> str:
    """Return written text without markup: it is shown where the reader can change grades.

    >>> _inert("a<b, <b onclick=…>")
    'a&lt;b, &lt;b onclick=…>'
    """
    return text.replace("<", "&lt;")


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
) -> tuple[dict[int, list[str]], dict[int, list[str]], set[int]]:
    """Return the texts for each cell of `release`, the added code that follows each, and the
    cells that stood after one that they precede."""
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
    moved: set[int] = set()
    here = -1  # the cell of the release that the submission was last seen at
    for cell in submission:
        text = cell.source.strip()
        if cell.grade_id in marked:
            if marked[cell.grade_id] < here:
                moved.add(marked[cell.grade_id])
            here = marked[cell.grade_id]
            answers[here].append(cell.source)
        elif (cell.kind, text) in unmarked:
            here = unmarked[cell.kind, text]
        elif cell.kind == "code" and text:
            added[here].append(cell.source)
    return answers, added, moved
