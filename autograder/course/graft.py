"""Puts the text of a submission into the instructor's release notebook.

What the learner wrote runs; everything else (check cells, ids, points, tags) is the instructor's.
"""

import ast
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nbformat import from_dict
from nbformat.v4 import new_code_cell

from autograder.course.magics import without_magics
from autograder.course.roles import is_solution
from autograder.course.submission import Cell, HandedIn, Unreadable, digest, parse
from autograder.course.written import Written, mentions

NOTES = "autograder"  # the key of our own metadata, of cells and notebooks
MAX_PARSED = 20_000  # characters of a cell in which an answer is looked for
MAX_PARSED_IN_ALL = 200_000
MAX_COLOURED = 20_000  # characters of a cell that pages show in colours; finding them takes long
MAX_COLOURED_IN_ALL = 200_000
MAX_WORD = 200  # characters of a word that is compared however its accents are written
_BLANKS = re.compile(r"\s{500}")  # … and longest where there is nothing to see
_MISSING = "This cell was missing from the submission."
_ELSEWHERE = "Nothing was written here. What the learner wrote elsewhere is shown where it stood."


def graft_submission(release: Any, name: str, handed_in: HandedIn, judged_by: str) -> Any:
    """Return `release` with the text of a submission in it, whatever was found in the file `name`.

    Notes in the notebook's metadata say from what it was made, by whom it is judged (see
    `autograder.course.fingerprint`), and why nothing could be read, if so.
    """
    notes: dict[str, Any] = {
        "submission": digest(handed_in),
        "judged_by": judged_by,
        "graded": False,
    }
    cells: list[Cell] = []
    try:
        if isinstance(handed_in.data, Unreadable):
            raise handed_in.data
        cells = parse(name, handed_in.data)
    except Unreadable as reason:
        notes["unreadable"] = str(reason)
    found = _answers(release, cells)
    notebook = _grafted(release, cells, found)
    if "unreadable" not in notes and _weighed(release, found) == (0, 0):
        notes["foreign"] = f"{name} holds nothing of this set: is it another notebook?"
    if handed_in.note:
        notes["taken"] = handed_in.note
    if remarks := [notes[key] for key in ("taken", "foreign") if key in notes]:
        remark = _added([Cell("raw", f"[{text}]") for text in remarks], Written())
        notebook.cells = _number([*remark, *notebook.cells], notebook.nbformat_minor)
    notebook.metadata[NOTES] = notes
    return notebook


def graft(release: Any, submission: Sequence[Cell]) -> Any:
    """Return a copy of the notebook `release` with the learner's text in it.

    A solution cell takes the text of the submitted cells with its grade id: a cell that was split
    or copied stands there more than once, and all parts are run in their order, save copies nobody
    wrote in. Where nothing was written, a cell that the learner added may be the solution: code
    that defines the same names, or text that stands where the answer belongs. All else that the
    learner wrote, code and text, stands after the cell it followed. A note in a cell's metadata
    says what was done.
    """
    return _grafted(release, submission, _answers(release, submission))


def _grafted(release: Any, submission: Sequence[Cell], found: "_Found") -> Any:
    answers, added, moved, _ = found
    stray = any(cell.kind != "code" for cells in added.values() for cell in cells)
    pictures = {name: data for cell in submission for name, data in cell.pictures.items()}
    written = Written(pictures, mentions(cell.source for cell in submission))
    cells = _added(added[-1], written)
    for index, original in enumerate(release.cells):
        cell = from_dict(original)
        if not is_solution(cell):
            cells += [cell, *_added(added[index], written)]
            continue
        more = bool(stray or added[index] or added[index - 1])
        parts, note = _parts(cell, answers[index], index in moved, more)
        if cell.cell_type == "code":
            cell.source = parts[0].source
        elif not _same(parts[0].source, cell.source):
            safe = written.cell(parts[0].source, parts[0].pictures)
            cell.source = safe.source
            cell.update({"attachments": safe.attachments} if "attachments" in safe else {})
        cells.append(cell)
        if note:
            cell.metadata[NOTES] = {"note": note}
            if cell.cell_type != "code":  # it has no output to say it in
                cells += _added([Cell("markdown", f"*[{note}]*")], written)
        cells += _added([*parts[1:], *added[index]], written)
    notebook = from_dict(release | {"cells": []})
    notebook.cells = _number(cells, notebook.nbformat_minor)
    _leave_plain(notebook)
    return notebook


def _leave_plain(notebook: Any) -> None:
    """Let what is too long be shown without colours, by the one setting that nbconvert has."""
    left = MAX_COLOURED_IN_ALL
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if len(cell.source) <= min(MAX_COLOURED, left) and not _BLANKS.search(cell.source):
            left -= len(cell.source)
            continue
        about = cell.metadata.setdefault(NOTES, {})
        note = "this cell is too long to be shown in colours"
        about["note"] = f"{about['note']}; {note}" if "note" in about else note
        cell.metadata["magics_language"] = "text"
        language = notebook.metadata.setdefault("language_info", {"name": "python"})
        language["pygments_lexer"] = "ipython3"  # nbconvert's lexer that asks for the setting


def weigh(release: Any, submission: Sequence[Cell]) -> tuple[int, int]:
    """How many cells of `release` stand in a submission, and how many answers somebody wrote.

    What other problem sets have too, such as imports and empty answers, does not count.
    """
    return _weighed(release, _answers(release, submission))


def _weighed(release: Any, found: "_Found") -> tuple[int, int]:
    answers, _, _, seen = found
    own = [
        index
        for index, cell in enumerate(release.cells)
        if index in seen and (cell.cell_type == "code") == ("nbgrader" in cell.metadata)
    ]
    written = [
        index
        for index, cell in enumerate(release.cells)
        if is_solution(cell) and _written(cell.source, answers[index])
    ]
    code = [index for index in written if release.cells[index].cell_type == "code"]
    return len(own), len(written) if own or code else 0


_Found = tuple[dict[int, list[Cell]], dict[int, list[Cell]], set[int], set[int]]


def _answers(release: Any, submission: Sequence[Cell]) -> _Found:
    """What `_sort` returns, with answers found among what the learner added."""
    answers, added, moved, seen = _sort(release, submission)
    names = _Names()
    elsewhere = {
        index: _written(release.cells[index].source, cells) for index, cells in answers.items()
    }
    for index, original in enumerate(release.cells):
        if not is_solution(original):
            continue
        written = _written(original.source, answers[index])
        idle = all(map(names.idle, written))
        if original.cell_type == "code":
            if not idle and names.defined(original.source, written):
                continue
            found = names.find(original.source, added, index) if idle else []
            others = {place: cells for place, cells in elsewhere.items() if place != index}
            found = found or names.copy(original.source, others)
        else:
            found = [] if written else _texts_beside(release, index, added)
        if found:  # what does something in its own place has the last word
            both = [*written, *found] if idle else [*found, *written]
            answers[index] = elsewhere[index] = both
            moved.add(index)
    return answers, added, moved, seen


def _parts(
    original: Any, texts: Sequence[Cell], moved: bool, more: bool
) -> tuple[Sequence[Cell], str]:
    """Return the texts that stand for one solution cell, at least one, and a note if need be.

    `more` says that what the learner wrote elsewhere may be an answer to this one.
    """
    by_hand = original.cell_type != "code"
    written = _written(original.source, texts)
    if written and len(texts) > 1 and not moved:
        return written, f"this cell stood in the submission {len(texts)} times"
    if written:
        return written, "this cell stood in another place in the submission" if moved else ""
    if by_hand and more:  # whoever reads it is to look for it
        return [Cell("markdown", f"*{_ELSEWHERE}*")], ""
    if not texts:
        missing = f"*{_MISSING}*" if by_hand else f"# {_MISSING}"
        return [Cell(original.cell_type, missing)], "this cell was missing from the submission"
    return [Cell("markdown", original.source)] if by_hand else texts[:1], ""


def _written(stub: str, texts: Sequence[Cell]) -> list[Cell]:
    """Those of `texts` in which somebody wrote something."""
    return [cell for cell in texts if cell.pictures or not _same(cell.source, stub, "")]


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.FunctionDef(body=body) | ast.ClassDef(body=body):
            return all(map(_does_nothing, body))
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
    return False


def _same(text: str, *others: str) -> bool:
    """Whether `text` is one of `others`, however a tool has laid it out."""
    return _key(text) in map(_key, others)


def _key(text: str) -> str:
    """What is left of a text when tools have taken what they may take.

    >>> _key("## f\\t of x \\r\\n") == _key("f  of x")
    True
    """
    words = text.lstrip("#").split()
    same = " ".join(words)
    if same.isascii() or max(map(len, words)) > MAX_WORD:  # it takes the square of their length
        return same
    return unicodedata.normalize("NFC", same)


class _Names:
    """What the cells that a learner added define; so many characters of them are read, no more."""

    def __init__(self) -> None:
        self._left = MAX_PARSED_IN_ALL
        self._known: dict[int, _Python] = {}

    def find(self, stub: str, added: dict[int, list[Cell]], index: int) -> list[Cell]:
        """Take the last cell out of `added` that defines every name that `stub` defines, and those
        before it, from `index` on, that define what it needs."""
        for place, number in self._places(stub, added):
            found = [added[place].pop(number)]
            needed = set(self._read(found[0]).uses)
            for before in range(place, index - 1, -1):
                for i in reversed(range(number if before == place else len(added[before]))):
                    cell = added[before][i]
                    python = self._read(cell)
                    if cell.kind == "code" and needed & (python.defines | python.imports):
                        needed |= python.uses
                        found.insert(0, added[before].pop(i))
            return found
        return []

    def copy(self, stub: str, answers: dict[int, list[Cell]]) -> list[Cell]:
        """The last cell that defines them among the answers to something else, which stays there:
        it may be an answer to that, too."""
        return [answers[place][number] for place, number in self._places(stub, answers)][:1]

    def defined(self, stub: str, texts: Sequence[Cell]) -> bool:
        """Whether these texts define every name that `stub` defines, or it defines none."""
        wanted = _python(stub).defines
        found: set[str] = set().union(*(self._of(cell, wanted) for cell in texts))
        return wanted <= found

    def idle(self, cell: Cell) -> bool:
        """Whether nothing is done in a cell: it is a comment, or a stub however it is written."""
        return cell.kind == "code" and self._read(cell).idle

    def _places(self, stub: str, cells: dict[int, list[Cell]]) -> Iterator[tuple[int, int]]:
        wanted = _python(stub).defines
        for place in sorted(cells, reverse=True):
            for number in reversed(range(len(cells[place]))):
                if wanted and wanted <= self._of(cells[place][number], wanted):
                    yield place, number

    def _of(self, cell: Cell, wanted: Set[str]) -> Set[str]:
        if id(cell) not in self._known and not all(name in cell.source for name in wanted):
            return set()
        return self._read(cell).defines

    def _read(self, cell: Cell) -> "_Python":
        source = cell.source
        if id(cell) not in self._known:
            if len(source) > min(MAX_PARSED, self._left):
                return _Python()
            self._left -= len(source)
            self._known[id(cell)] = _python(source)
        return self._known[id(cell)]


@dataclass(frozen=True)
class _Python:
    """What is to be known of a cell; nothing where it is no Python."""

    defines: Set[str] = frozenset()  # functions, classes and variables
    imports: Set[str] = frozenset()
    uses: Set[str] = frozenset()
    idle: bool = False


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements that bind names of a cell, those inside of an if or a try too."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With):
            for handler in getattr(statement, "handlers", []):
                yield from _statements(handler.body)
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, part, []))


@lru_cache(maxsize=256)
def _python(source: str) -> _Python:
    """What is to be known of a cell, its magics left out."""
    try:
        tree = ast.parse(without_magics(source)[0])
        statements = list(_statements(tree.body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Python()
    names: set[str] = set()
    imports: set[str] = set()
    for statement in statements:
        match statement:
            case ast.Import(names=found) | ast.ImportFrom(names=found):
                imports |= {alias.asname or alias.name.partition(".")[0] for alias in found}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Assign(targets=targets):
                inside = [node for target in targets for node in ast.walk(target)]
                names |= {node.id for node in inside if isinstance(node, ast.Name)}
    uses = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return _Python(names, imports, uses, all(map(_does_nothing, tree.body)))


def _texts_beside(release: Any, index: int, added: dict[int, list[Cell]]) -> list[Cell]:
    """Take out of `added` the texts that stand where the written answer `index` belongs.

    That is after its question, after the cell itself, and at the end of the notebook where no
    other answer comes between.
    """
    cells = release.cells
    places = [index - 1, index]
    if not any("nbgrader" in cell.metadata for cell in cells[index + 1 :]):
        places += range(index + 1, len(cells))
    found = [cell for place in places for cell in added[place] if cell.kind != "code"]
    for place in places:
        added[place] = [cell for cell in added[place] if cell.kind == "code"]
    return found


def _added(found: Sequence[Cell], written: Written) -> list[Any]:
    """What the learner added, code as code and text as text."""
    about = {NOTES: {"added": True}}
    return [
        new_code_cell(cell.source, metadata=deepcopy(about))
        if cell.kind == "code"
        else written.cell(cell.source, cell.pictures, metadata=deepcopy(about))
        for cell in found
    ]


def _number(cells: list[Any], minor: int) -> list[Any]:
    """Give the added cells ids that are the same each time; cells have ids since format 4.5."""
    for count, cell in enumerate(c for c in cells if c.metadata.get(NOTES, {}).get("added")):
        cell.id = f"added-{count}"
        if minor < 5:
            del cell["id"]
    return cells


def _sort(release: Any, submission: Sequence[Cell]) -> _Found:
    """Return the texts for each solution cell of `release`, the added cells that follow each cell,
    the cells that stood after one that they precede, and the cells that were there at all.

    A cell is known by its grade id, or else by its text: many a tool keeps no metadata.
    """
    marked, by_text, questions = _landmarks(release)
    answers: dict[int, list[Cell]] = defaultdict(list)
    added: dict[int, list[Cell]] = defaultdict(list)
    moved: set[int] = set()
    seen: set[int] = set()
    here = -1  # the cell of the release that the submission was last seen at
    for cell in submission:
        key = _key(cell.source)
        places = by_text.get(key, [])
        place = marked.get(cell.grade_id)
        if place is None and places:
            unseen = [p for p in places if p not in seen]
            place = next((p for p in unseen if p > here), unseen[0] if unseen else None)
            if place is None:
                continue  # a copy of what is there
        if place is not None:
            seen.add(place)
            if is_solution(release.cells[place]):
                if place < here:
                    moved.add(place)
                here = place
                answers[here].append(cell)
                continue
            here = place
            if place in places:
                continue  # the instructor's own cell, as it was
            here = place - 1  # what was written into it comes before it
        elif cell.kind != "code":
            here = max([here, *[p for text, p in questions if p > here and text in key]])
        if key or cell.pictures:
            added[here].append(cell)
    return answers, added, moved, seen


def _landmarks(
    release: Any,
) -> tuple[dict[str | None, int], dict[str, list[int]], list[tuple[str, int]]]:
    """By what cells of `release` are known: {grade id: cell}, {text: cells}, and the texts of
    questions, into which an answer may have been written."""
    marked: dict[str | None, int] = {}
    by_text: dict[str, list[int]] = defaultdict(list)
    questions = []
    for index, cell in enumerate(release.cells):
        key = _key(cell.source)
        by_text[key].append(index)
        if (grade_id := cell.metadata.get("nbgrader", {}).get("grade_id")) is not None:
            marked[grade_id] = index
        elif cell.cell_type == "markdown" and key:
            questions.append((key, index))
    return marked, by_text, questions
