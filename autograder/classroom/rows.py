"""The rows of a batch of submissions in nbgrader's tables: read, changed and sent in a few
statements, where nbgrader asks for each cell of each student anew.
"""

import datetime
from collections.abc import Iterable, Mapping
from math import fsum
from typing import Any
from uuid import uuid4

from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy import Column, ForeignKey, Index, String, bindparam, insert, select, update

Row = dict[str, Any]


class WrittenFrom(Base):  # type: ignore[misc]
    """Which record of the ledger a submission in the gradebook was written from."""

    __tablename__ = "autograder_record"
    submission_id = Column(
        String(32), ForeignKey("submitted_assignment.id", ondelete="CASCADE"), primary_key=True
    )
    key = Column(String(64), nullable=False)


_STUDENTS = Student.__table__
_SUBMISSIONS = SubmittedAssignment.__table__
_NOTEBOOKS = SubmittedNotebook.__table__
_GRADES = Grade.__table__
_COMMENTS = Comment.__table__
_WRITTEN = WrittenFrom.__table__
_CELLS = BaseCell.__table__

# nbgrader's tables have none that finds what belongs to one submission.
INDEXES = [
    Index("ix_autograder_grade", _GRADES.c.notebook_id),
    Index("ix_autograder_comment", _COMMENTS.c.notebook_id),
    Index("ix_autograder_notebook", _NOTEBOOKS.c.assignment_id),
]


class Cells:
    """The notebooks and cells of an assignment, as the gradebook knows them."""

    def __init__(self, db: Any, assignment: str) -> None:
        found = select(Assignment.id, Assignment.duedate).where(Assignment.name == assignment)
        self.assignment_id, self.duedate = db.execute(found).one()
        notebooks = select(Notebook.id, Notebook.name).where(
            Notebook.assignment_id == self.assignment_id
        )
        self.notebooks: dict[str, str] = {name: id for id, name in db.execute(notebooks)}
        self.graded: dict[tuple[str, str], str] = {}  # (notebook's id, cell's name) -> cell's id
        self.commented: dict[tuple[str, str], str] = {}
        cells = select(_CELLS.c.id, _CELLS.c.name, _CELLS.c.notebook_id, _CELLS.c.type).where(
            _CELLS.c.notebook_id.in_(self.notebooks.values())
        )
        for id, name, notebook, kind in db.execute(cells):
            if kind != "SolutionCell":
                self.graded[notebook, name] = id
            if kind != "GradeCell":
                self.commented[notebook, name] = id


class Rows:
    """A batch of students' rows; what is changed here is sent by `send`, and nothing before."""

    def __init__(self, db: Any, cells: Cells, times: Mapping[str, Any], create: bool) -> None:
        """Read the rows of the students in `times`, {student: when they handed in, or ``None``}.

        Raises ``ValueError`` for a student whom the gradebook does not know, if not to `create`.
        """
        self._db, self._cells = db, cells
        self._new: dict[Any, list[Row]] = {}
        self._old: dict[Any, list[tuple[Row, Row]]] = {}  # as they are to be, and as they were
        known = set(db.scalars(select(_STUDENTS.c.id).where(_STUDENTS.c.id.in_(times))))
        for student in times:
            if student not in known:
                if not create:
                    raise ValueError(f"No student with ID '{student}' exists in the database")
                self._add(_STUDENTS, {"id": student})
        self.submissions = self._submissions(times)
        self._notebooks = self._all(
            _NOTEBOOKS,
            "assignment_id",
            [row["id"] for row in self.submissions.values()],
            "notebook_id",
            {(id, ""): id for id in cells.notebooks.values()},
            {"flagged": False, "late_submission_penalty": None},
        )
        of = {row["id"]: row["notebook_id"] for row in self._notebooks.values()}
        nothing: Row = {"auto_score": None, "manual_score": None, "extra_credit": None}
        nothing["needs_manual_grade"] = True
        self._grades = self._all(
            _GRADES,
            "notebook_id",
            of,
            "cell_id",
            cells.graded,
            nothing,
        )
        words = {"auto_comment": None, "manual_comment": None}
        ids = [row["id"] for row in self.submissions.values()]
        written = self._read(_WRITTEN, select(_WRITTEN).where(_WRITTEN.c.submission_id.in_(ids)))
        self._written = {row["submission_id"]: row for row in written}
        self._comments = self._all(_COMMENTS, "notebook_id", of, "cell_id", cells.commented, words)

    def _submissions(self, times: Mapping[str, Any]) -> dict[str, Row]:
        ours = select(_SUBMISSIONS).where(
            _SUBMISSIONS.c.assignment_id == self._cells.assignment_id,
            _SUBMISSIONS.c.student_id.in_(times),
        )
        found = {row["student_id"]: row for row in self._read(_SUBMISSIONS, ours)}
        for student, time in times.items():
            if student not in found:
                about = {"assignment_id": self._cells.assignment_id, "student_id": student}
                empty = {"timestamp": None, "extension": None}
                found[student] = self._add(_SUBMISSIONS, {"id": uuid4().hex} | about | empty)
            if time is not None:  # as nbgrader does it: a time that is missing changes nothing
                found[student]["timestamp"] = time
        return found

    def _all(
        self,
        table: Any,
        owner: str,
        owners: Iterable[str],
        kind: str,
        wanted: Mapping[tuple[str, str], str],
        empty: Row,
    ) -> dict[tuple[str, str], Row]:
        """{(owner's id, kind's id): row}, with new rows where there are none yet."""
        ours = select(table).where(table.c[owner].in_(owners))
        found = {(row[owner], row[kind]): row for row in self._read(table, ours)}
        for one in owners:
            for (notebook, _), id in wanted.items():
                mine = not isinstance(owners, dict) or owners[one] == notebook
                if mine and (one, id) not in found:
                    row = {"id": uuid4().hex, owner: one, kind: id} | empty
                    found[one, id] = self._add(table, row)
        return found

    def _read(self, table: Any, query: Any) -> list[Row]:
        rows = [dict(row) for row in self._db.execute(query).mappings()]
        self._old.setdefault(table, []).extend((row, dict(row)) for row in rows)
        return rows

    def _add(self, table: Any, row: Row) -> Row:
        self._new.setdefault(table, []).append(row)
        return row

    def save(self, student: str, name: str, notebook: Any) -> None:
        """Enter what the cells of an autograded notebook earned, as ``SaveAutoGrades`` does."""
        kind = self._cells.notebooks[name]
        mine = self._notebooks[self.submissions[student]["id"], kind]["id"]
        for cell in notebook.cells:
            id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if is_grade(cell):
                row = self._grades[mine, self._cells.graded[kind, id]]
                row["auto_score"], _ = determine_grade(cell)
                by_hand = row["manual_score"] is not None or row["auto_score"] is None
                row["needs_manual_grade"] = by_hand
            if is_solution(cell) or is_task(cell):
                row = self._comments[mine, self._cells.commented[kind, id]]
                untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
                row["auto_comment"] = "No response." if untouched and not is_task(cell) else None

    def score(self, student: str, name: str) -> float:
        """What a notebook has earned, before a penalty."""
        row = self._notebooks[self.submissions[student]["id"], self._cells.notebooks[name]]
        return fsum(
            score + (grade["extra_credit"] or 0.0)
            for (notebook, _), grade in self._grades.items()
            if notebook == row["id"]
            for score in [_score(grade)]
            if score is not None
        )

    def penalise(self, student: str, name: str, penalty: float | None) -> None:
        """Enter the penalty on a notebook for being late."""
        row = self._notebooks[self.submissions[student]["id"], self._cells.notebooks[name]]
        row["late_submission_penalty"] = penalty

    def seconds_late(self, student: str) -> float:
        """How late the submission is, extensions granted."""
        row = self.submissions[student]
        return seconds_late(row["timestamp"], self._cells.duedate, row["extension"])

    def point(self, student: str, key: str) -> None:
        """Enter which record all of this was written from."""
        id = self.submissions[student]["id"]
        if id not in self._written:
            self._written[id] = self._add(_WRITTEN, {"submission_id": id})
        self._written[id]["key"] = key

    def send(self) -> None:
        """Send everything that is new or changed to the database."""
        for table in (_STUDENTS, _SUBMISSIONS, _NOTEBOOKS, _GRADES, _COMMENTS, _WRITTEN):
            if rows := self._new.pop(table, []):
                self._db.execute(insert(table), rows)
                self._old.setdefault(table, []).extend((row, dict(row)) for row in rows)
        for table, pairs in self._old.items():
            key = next(iter(table.primary_key)).name
            changed = [now for now, before in pairs if now != before]
            if changed:
                columns = [name for name in changed[0] if name != key]
                statement = update(table).where(table.c[key] == bindparam("this_row"))
                values: Row = {name: bindparam(f"_{name}") for name in columns}
                parameters = [
                    {"this_row": row[key]} | {f"_{name}": row[name] for name in columns}
                    for row in changed
                ]
                self._db.connection().execute(statement.values(values), parameters)
                for now, before in pairs:
                    before.update(now)


def _score(grade: Row) -> Any:
    return grade["auto_score"] if grade["manual_score"] is None else grade["manual_score"]


def seconds_late(
    time: datetime.datetime | None,
    due: datetime.datetime | None,
    extension: datetime.timedelta | None,
) -> float:
    """How late that is, as nbgrader counts it."""
    if time is None or due is None:
        return 0.0
    return max(0.0, (time - due - (extension or datetime.timedelta())).total_seconds())
