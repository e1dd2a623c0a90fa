"""`autograder export`: final scores as the gradebook has them, in the form a platform takes back.

A platform's own file is filled in place: of all its bytes only the cells of one column change, so
that it is taken back as what it was. Followed are Canvas's gradebook export and Moodle's offline
grading worksheet as their help pages describe them; no server of either was at hand to try it on.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.api import MissingEntry

from autograder.classroom.collect import STAMP, read_origins
from autograder.classroom.kept import gradebook_at
from autograder.classroom.roster import Roster


class CannotExport(ValueError):
    """The scores cannot be brought out so; the text says what stands against it."""


@dataclass(frozen=True)
class Score:
    """What one student has in a set: the sum, what lateness took, and each graded cell's points."""

    student: str
    names: tuple[str, str, str]  # first name, last name, address
    score: float  # after the penalty
    penalty: float
    maximum: float
    unread: bool  # somebody has to mark it by hand first
    time: datetime | None
    cells: dict[str, float | None]
    handed_in: bool = True


def scores(db_url: str, assignment: str) -> list[Score]:
    """Everybody's scores, in the order of the ids; manual marks and penalties as nbgrader counts.

    Raises:
        CannotExport: the gradebook does not know the assignment.
    """
    with gradebook_at(db_url) as book:
        try:
            found = book.find_assignment(assignment)
        except MissingEntry:
            raise CannotExport(
                f"The gradebook knows no {assignment}; first: autograder grade {assignment}"
            ) from None
        names = [cell.name for notebook in found.notebooks for cell in notebook.grade_cells]
        submissions = {one.student_id: one for one in found.submissions}
        people = {
            s.id: (s.first_name or "", s.last_name or "", s.email or "") for s in book.students
        }
        return [
            _score(student, people[student], submissions.get(student), found.max_score, names)
            for student in sorted(people)
        ]


def _score(
    student: str, names: tuple[str, str, str], one: Any, maximum: float, cells: Sequence[str]
) -> Score:
    if one is None:
        nothing: dict[str, float | None] = dict.fromkeys(cells)
        return Score(student, names, 0.0, 0.0, maximum, False, None, nothing, False)
    grades = {g.name: g.score for notebook in one.notebooks for g in notebook.grades}
    penalty = float(one.late_submission_penalty or 0.0)
    return Score(
        student,
        names,
        max(0.0, float(one.score) - penalty),
        penalty,
        maximum,
        bool(one.needs_manual_grade),
        one.timestamp,
        {name: grades.get(name) for name in cells},
    )


def as_csv(found: Sequence[Score]) -> str:
    """A line a student, a column an exercise.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    cells = list(found[0].cells) if found else []
    writer.writerow(["student", "first_name", "last_name", "email", "score", "max_score",
                     "late_penalty", "needs_manual_grade", "submitted", *cells])  # fmt: skip
    for one in found:
        words = [_harmless(text) for text in (one.student, *one.names)]
        time = one.time.strftime(STAMP) if one.time else ""
        points = ["" if p is None else number(p) for p in one.cells.values()]
        writer.writerow([*words, number(one.score), number(one.maximum), number(one.penalty),
                         "yes" if one.unread else "no", time, *points])  # fmt: skip
    return out.getvalue()


def number(value: float, comma: bool = False) -> str:
    """A score with at most four decimals, and no more than it needs.

    >>> number(3.0), number(2 / 3), number(2.5, comma=True)
    ('3', '0.6667', '2,5')
    """
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


# --- a platform's own file -----------------------------------------------------------------------


@dataclass
class Sheet:
    """A CSV file as it stands, cell by cell, quotes and line ends included."""

    rows: list[list[str]]
    ends: list[str]
    comma: str
    mark: str  # the byte order mark, where there is one

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Take a file apart; `str(sheet)` is the same text again.

        Raises:
            CannotExport: there is no such file, or it is not CSV in UTF-8.
        """
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CannotExport(f"{path} cannot be read as a table: {error}") from None
        mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
        comma = max(",;\t", key=text.partition("\n")[0].count)
        cell = re.compile(rf'((?:"(?:[^"]|"")*"|[^"{comma}\r\n])*)({comma}|\r\n|\n|\r|\Z)')
        rows: list[list[str]] = []
        ends: list[str] = []
        row: list[str] = []
        place = 0
        while place < len(text):
            match = cell.match(text, place)
            if match is None:
                line = text.count("\n", 0, place) + 1
                raise CannotExport(f"{path}, line {line}: a quotation mark is open or out of place")
            row.append(match[1])
            place = match.end()
            if match[2] != comma:
                rows.append(row)
                ends.append(match[2])
                row = []
        if row:  # the file ends in a comma
            rows.append([*row, ""])
            ends.append("")
        if not rows:
            raise CannotExport(f"{path} is empty.")
        return cls(rows, ends, comma, mark)

    def __str__(self) -> str:
        lines = (self.comma.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))
        return self.mark + "".join(lines)

    def value(self, row: list[str], column: int) -> str:
        """What a cell says."""
        raw = row[column].strip() if column < len(row) else ""
        return raw[1:-1].replace('""', '"').strip() if raw[:1] == '"' else raw

    def put(self, row: list[str], column: int, text: str) -> None:
        """Write a cell, in quotation marks if it has been so or has to be."""
        row += [""] * (column + 1 - len(row))
        quoted = row[column].strip()[:1] == '"' or set(text) & {self.comma, '"', "\n", "\r"}
        row[column] = '"' + text.replace('"', '""') + '"' if quoted else text


@dataclass(frozen=True)
class Platform:
    """How a platform's file says who is who, where the scores go, and what full marks are."""

    name: str
    keys: tuple[str, ...]  # headings of what names a student, the surest first
    called: str  # heading of what a student is called
    column: Callable[[str, str], bool]  # (heading, assignment) -> whether scores go there
    maximum: Callable[[Sheet, list[str], int], str]
    locked: tuple[str, str] = ("", "")  # (heading, what it says where nothing may change)
    remedy: str = ""  # where no column, or more than one, is the set's


def _possible(sheet: Sheet, row: list[str], column: int) -> str:
    """Canvas's row of points possible stands among the first."""
    for first in sheet.rows[1:4]:
        if sheet.value(first, 0).lower() == "points possible":
            return sheet.value(first, column)
    return ""


def _named(heading: str) -> Callable[[Sheet, list[str], int], str]:
    def find(sheet: Sheet, row: list[str], column: int) -> str:
        headings = [sheet.value(sheet.rows[0], i).lower() for i in range(len(sheet.rows[0]))]
        return sheet.value(row, headings.index(heading)) if heading in headings else ""

    return find


CANVAS = Platform(
    "Canvas",
    ("sis login id", "sis user id", "integration id", "id"),
    "student",
    lambda heading, name: (
        name.lower() in (re.sub(r"\s*\(\d+\)$", "", heading).lower(), heading.lower())
    ),
    _possible,
    remedy='. Where Canvas calls the set by another name, say it: --column "Problem set 6"',
)
MOODLE = Platform(
    "Moodle",
    ("id number", "username", "email address", "identifier"),
    "full name",
    lambda heading, name: heading.lower() == "grade",
    _named("maximum grade"),
    ("grade can be changed", "no"),
)


@dataclass
class Filled:
    """A platform's file with the scores in it, and what is to be said of it."""

    text: str
    count: int = 0
    said: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # students whom the file does not know


def fill(
    path: Path, platform: Platform, assignment: str, found: Sequence[Score], roster: Roster
) -> Filled:
    """Write everybody's score into a platform's file; `assignment` as the platform calls it.

    Where its full marks are others than the set's, scores are scaled to them, and that is said.

    Raises:
        CannotExport: the file cannot be read, or has not one column for the set.
    """
    sheet = Sheet.read(path)
    head = [sheet.value(sheet.rows[0], i) for i in range(len(sheet.rows[0]))]
    columns = [i for i, heading in enumerate(head) if platform.column(heading, assignment)]
    if len(columns) != 1:
        shown = ", ".join(heading for heading in head if heading)
        raise CannotExport(
            f"{path} has {len(columns) or 'no'} columns for {assignment} as {platform.name} calls "
            f"them; it has: {shown}{platform.remedy}"
        )
    column = columns[0]
    lower = [heading.lower() for heading in head]
    keys = [lower.index(key) for key in platform.keys if key in lower]
    called = [lower.index(platform.called)] if platform.called in lower else []
    if not (keys or called):
        raise CannotExport(
            f"{path} names nobody: it has no column {', '.join((*platform.keys, platform.called))}"
        )
    scored = {one.student: one for one in found if one.handed_in}
    filled = Filled("")
    seen: set[str] = set()
    factors: set[float] = set()
    for row in sheet.rows[1:]:
        try:
            ids, names = ([sheet.value(row, i) for i in some] for some in (keys, called))
            student = roster.find(ids, names)
        except LookupError as doubt:
            filled.said.append(f"{sheet.value(row, [*keys, *called][-1])}: {doubt}; left as it is")
            continue
        if student not in scored:
            continue
        if student in seen:
            filled.said.append(f"{student} has more than one line, each with the score")
        seen.add(student)
        if _locked(sheet, row, lower, platform):
            filled.said.append(f"{student}: {platform.name} lets nobody change this grade")
            continue
        maximum = platform.maximum(sheet, row, column)
        comma = "," in maximum and "." not in maximum
        factor = _factor(maximum, scored[student])
        factors.add(factor)
        sheet.put(row, column, number(scored[student].score * factor, comma))
        filled.count += 1
        if scored[student].unread:
            filled.said.append(f"{student}: a written answer is still to be marked by hand")
    for factor in sorted(factors - {1.0}):
        filled.said.append(f"full marks there are {number(factor)} times the set's: scores scaled")
    filled.missing = sorted(scored.keys() - seen)
    filled.text = str(sheet)
    return filled


def _locked(sheet: Sheet, row: list[str], lower: list[str], platform: Platform) -> bool:
    heading, no = platform.locked
    return heading in lower and sheet.value(row, lower.index(heading)).lower() == no


def _factor(maximum: str, one: Score) -> float:
    try:
        full = float(maximum.replace(",", "."))
    except ValueError:
        return 1.0  # "(read only)", or nothing: points are points
    return full / one.maximum if one.maximum and 0 < full < math.inf else 1.0


# --- feedback ------------------------------------------------------------------------------------


def feedback_archive(course: Any, assignment: str) -> tuple[bytes, int, list[str], list[str]]:
    """A zip file of the feedback pages, named as the platform named what was handed in.

    Returns it, of how many students there are pages in it, whose are missing, and whose are left
    out as they are of before: made of another notebook, or other points, than there are now.

    Raises:
        CannotExport: nothing of this set was brought in by ``autograder collect``.
    """
    from autograder.classroom.feedback import is_of_before

    root = Path(course.root)
    feedback = root / course.feedback_directory
    origins = read_origins(root / course.submitted_directory, assignment)
    if not origins:
        raise CannotExport(
            f"How {assignment}'s hand-ins were called on a platform is not known: only what "
            "autograder collect brought in can be given back under its names."
        )
    pages = {student: list(_pages(feedback, student, assignment)) for student in sorted(origins)}
    missing = [student for student, found in pages.items() if not found]
    before = [
        student
        for student, found in pages.items()
        if any(is_of_before(page, student, course, assignment) for page in found)
    ]
    given: dict[str, bytes] = {}
    for student in [student for student in pages if student not in before]:
        origin = origins[student]
        for page in pages[student]:
            name, data = _given_back(origin, page.name), page.read_bytes()
            if given.get(name, data) != data:  # of a group, or another notebook's of the set
                place = PurePosixPath(name)
                name = str(place.with_name(f"{place.stem}-{student}-{page.name}"))
            given[name] = data
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in given.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue(), len(origins) - len(missing) - len(before), missing, before


def _pages(feedback: Path, student: str, assignment: str) -> Iterator[Path]:
    yield from sorted((feedback / student / assignment).glob("*.html"))


def _given_back(origin: Mapping[str, object], page: str) -> str:
    place = str(origin["place"])
    if origin["platform"] == "Canvas":
        return str(PurePosixPath(place).with_suffix(".html"))
    return f"{place}/{page}"
