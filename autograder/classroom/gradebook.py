"""nbgrader's gradebook and ``autograded/``: told what to write, and brought to the state in which
nbgrader's own command leaves them, with the course's own hooks, penalties and preprocessors.
"""

import datetime
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor
from nbconvert.writers.files import FilesWriter
from nbformat.v4.rwbase import split_lines, strip_transient
from nbgrader.api import (
    Assignment,
    Grade,
    MissingEntry,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.api import Gradebook as NbGradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades, SaveCells
from nbgrader.utils import find_all_files, is_grade, is_solution, rmtree
from sqlalchemy import func, select

from autograder.classroom.beforehand import untested
from autograder.classroom.course import Course, CourseError, cannot_be_graded, copy_stamps
from autograder.classroom.kept import (
    KeptGradebook,
    hindrance,
    in_one_place,
    one_gradebook,
    open_gradebook,
    settings_as_said,
)
from autograder.classroom.record import Record
from autograder.classroom.rows import Cells, Rows, WrittenFrom, seconds_late
from autograder.classroom.work import Release, Work
from autograder.course.graft import NOTES
from autograder.course.run_and_judge import RunAndJudge
from autograder.course.submission import digest

_NUMBERS = re.compile(r"(\d+)")
NOT_ISOLATED = (
    "nbgrader_config.py leaves submissions to nbgrader's own Execute, which isolates nothing: in "
    'c.Autograde.autograde_preprocessors, "autograder.course.RunAndJudge" has to stand in its '
    "place, as in the file that autograder init writes."
)
_CLOSE = 1e-9  # points that two sums of the same grades may differ by


class CannotPenalise(RuntimeError):
    """A rule of the course's own says no penalty; the text says which, and why."""


class CannotWrite(RuntimeError):
    """The course folder or the gradebook takes nothing more; the text says why."""


@dataclass
class _Entry:
    """A submission as the gradebook has it; {notebook: (score, penalty)}."""

    key: str | None
    timestamp: Any
    late: float
    notebooks: dict[str, tuple[float, float | None]] = field(default_factory=dict)


@dataclass
class _Draft:
    """A record on its way: the notebooks as the preprocessors leave them, and their resources."""

    record: Record
    notebooks: dict[str, tuple[Any, Any]]


class Gradebook:
    """The gradebook of one assignment, open for as long as `opened` says."""

    def __init__(self, course: Course, release: Release, book: KeptGradebook) -> None:
        self.course, self.book = course, book
        self.release = self._entered(release)
        with settings_as_said():
            self._nbgrader = Autograde(coursedir=course.directory, parent=course.parent)
            config = self._nbgrader.config
            self._nbgrader.writer = FilesWriter(parent=self._nbgrader, config=config)
            exporter = self._nbgrader.exporter_class(parent=self._nbgrader, config=config)
            self._nbgrader.exporter = exporter
            exporter._preprocessors = []
            for name in self._nbgrader.autograde_preprocessors:
                exporter.register_preprocessor(name)
            self._steps = exporter._preprocessors
            late = [step for step in self._steps if isinstance(step, AssignLatePenalties)]
            self._late: AssignLatePenalties | None = late[0] if late else None
            if self._late is not None:
                self._late.init_plugin()
        executes = any(isinstance(step, ExecutePreprocessor) for step in self._steps)
        if executes or not any(type(step) is RunAndJudge for step in self._steps):
            raise CourseError(NOT_ISOLATED)
        self._cells = Cells(book.db, release.assignment)
        self._entries = self._read_entries()
        book.commit()

    @classmethod
    @contextmanager
    def opened(cls, course: Course, release: Release) -> "Iterator[Gradebook]":
        """The gradebook, for a block; raise `CourseError` where it does not know this release."""
        directory = course.directory
        with one_gradebook(directory.db_url, directory.course_id) as book:
            before = os.getcwd()
            os.chdir(course.root)  # where hooks of the course expect to be
            try:
                yield cls(course, release, book)
            finally:
                os.chdir(before)

    def _entered(self, release: Release) -> Release:
        """Enter a release into a gradebook that does not know it, or not all of it; return it with
        the hidden tests that the gradebook has kept."""
        assignment, url = release.assignment, self.course.directory.db_url
        tests, found = {}, list[str]()
        for name, data in release.notebooks.items():
            notebook = nbformat.reads(data, as_version=4)
            self.book.update_or_create_assignment(assignment)
            if _known(self.book, name, assignment) != _cells(notebook):
                about = {"notebook": name, "assignment": assignment, "db_url": url}
                try:
                    SaveCells(parent=self.course.parent).preprocess(notebook, {"nbgrader": about})
                except RuntimeError as error:
                    raise CourseError(
                        f"The release of {assignment} is not what the gradebook knows: {error}"
                    ) from error
            tests[name] = _hidden(self.book, name, assignment, notebook)
            found += untested(name, notebook, tests[name])
        if found:
            raise cannot_be_graded(assignment, found)
        self.book.commit()
        return replace(release, tests=tests)

    # --- what is there ---------------------------------------------------------------------------

    def _read_entries(self) -> dict[str, _Entry]:
        db, cells = self.book.db, self._cells
        ours = SubmittedAssignment.assignment_id == cells.assignment_id
        submissions = (
            select(
                SubmittedAssignment.id,
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.extension,
                WrittenFrom.key,
            )
            .outerjoin(WrittenFrom, WrittenFrom.submission_id == SubmittedAssignment.id)
            .where(ours)
        )
        found, of = {}, {}
        for id, student, time, extension, key in db.execute(submissions):
            late = seconds_late(time, cells.duedate, extension)
            of[id] = found[student] = _Entry(key, time, late)
        names = {id: name for name, id in cells.notebooks.items()}
        notebooks = (
            select(
                SubmittedNotebook.assignment_id,
                SubmittedNotebook.notebook_id,
                SubmittedNotebook.late_submission_penalty,
                func.coalesce(func.sum(Grade.score.expression), 0.0),
            )
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .where(ours)
            .group_by(SubmittedNotebook.id)
        )
        for id, notebook, penalty, score in db.execute(notebooks):
            of[id].notebooks[names[notebook]] = (score, penalty)
        return found

    def holds(self, work: Work) -> bool:
        """Whether this submission was written as it is now, with the rules of now, to the end."""
        entry = self._entries.get(work.student)
        if entry is None or entry.key != work.key:
            return False
        folder = self.course.folder("submitted", self.release.assignment, work.student)
        time = self.course.handed_in_at(folder)
        if time is not None and time != entry.timestamp:
            return False
        for score, penalty in entry.notebooks.values():
            try:
                now = self._penalty(work.student, score, entry.late) or 0.0
            except CannotPenalise:
                return False  # it is said where it is written
            if self._late is not None and abs(now - (penalty or 0.0)) > _CLOSE:
                return False
        folder = self.course.folder("autograded", self.release.assignment, work.student)
        return all(
            _stands(folder / f"{name}.ipynb", digest(found), self.release.judged_by[name])
            for name, found in work.found.items()
        )

    def key(self, student: str) -> str | None:
        """The key of the record that a student's submission was written from."""
        entry = self._entries.get(student)
        return entry.key if entry else None

    def point(self, record: Record) -> None:
        """Enter that nbgrader has written a submission, from this record."""
        submission = self.book.find_submission(record.assignment, record.student)
        self.book.db.merge(WrittenFrom(submission_id=submission.id, key=record.key))
        self.book.commit()

    def _penalty(self, student: str, score: float, late: float) -> float | None:
        """What the course's rules take off a score, as ``AssignLatePenalties`` asks them."""
        if self._late is None or late <= 0:
            return None
        self._late.init_plugin()
        rule = self._late.plugin_inst
        try:
            penalty = rule.late_submission_penalty(student, score, late)
            if penalty is None:
                return None
            checked: float = self._late._check_late_penalty(SimpleNamespace(score=score), penalty)
        except Exception as error:  # whatever a rule of the course's own may raise
            name = f"{type(rule).__module__}.{type(rule).__name__}"
            raise CannotPenalise(
                f"the course's rule for lateness, {name}, ended with {type(error).__name__}: "
                f"{error}; mend it, and grade again"
            ) from error
        return checked

    # --- what is written -------------------------------------------------------------------------

    def write(self, records: Sequence[Record]) -> dict[str, str]:
        """Write what was judged, in one transaction; {student: why it could not be written}.

        Raises `CannotWrite` where nothing can be written at all.
        """
        try:
            self._write(records)
        except Exception as error:
            self.book.forget()
            said = hindrance(error)
            if said and not in_one_place(error):
                raise CannotWrite(said) from error
            if len(records) == 1:  # one that fails is not to take the others along
                return {records[0].student: said or f"{type(error).__name__}: {error}"}
            failed: dict[str, str] = {}
            for record in records:
                failed |= self.write([record])
            if said and len(failed) == len(records):
                raise CannotWrite(said) from error
            return failed
        return {}

    def _write(self, records: Sequence[Record]) -> None:
        self.book.forget()
        drafts = [self._draft(record) for record in records]
        rows = None
        for step in self._steps:
            if type(step) is RunAndJudge:
                continue  # its work is done
            if type(step) in (SaveAutoGrades, AssignLatePenalties):
                rows = rows or self._rows(records)
                for draft in drafts:
                    self._enter(rows, draft, type(step))
                continue
            if not type(step).__module__.startswith(("nbgrader.", "nbconvert.")):
                self._sent(rows)  # what the course has of its own may look at the gradebook
            for draft in drafts:
                draft.notebooks = {
                    name: step(notebook, resources)
                    for name, (notebook, resources) in draft.notebooks.items()
                }
        rows = rows or self._rows(records)
        for record in records:
            rows.point(record.student, record.key)
        self._sent(rows)
        for draft in drafts:
            self._write_files(draft)

    def _draft(self, record: Record) -> _Draft:
        nbgrader = self._nbgrader
        folder = self.course.folder("submitted", record.assignment, record.student)
        paths = [str(folder / f"{name}.ipynb") for name in sorted(record.notebooks)]
        nbgrader.notebooks = paths
        nbgrader.run_pre_convert_hook()
        notebooks = {}
        for path in paths:
            resources = nbgrader.init_single_notebook_resources(path)
            resources = nbgrader.exporter._init_resources(resources)
            name = resources["nbgrader"]["notebook"]
            notebooks[name] = (nbformat.from_dict(record.notebooks[name].notebook), resources)
        return _Draft(record, notebooks)

    def _rows(self, records: Sequence[Record]) -> Rows:
        times = {
            record.student: self.course.handed_in_at(
                self.course.folder("submitted", record.assignment, record.student)
            )
            for record in records
        }
        return Rows(self.book.db, self._cells, times, self._nbgrader.create_student)

    def _enter(self, rows: Rows, draft: _Draft, step: type) -> None:
        student = draft.record.student
        for name, (notebook, _) in draft.notebooks.items():
            if step is SaveAutoGrades:
                rows.save(student, name, notebook)
            else:
                late = rows.seconds_late(student)
                score = rows.score(student, name)
                rows.penalise(student, name, self._penalty(student, score, late))

    def _sent(self, rows: Rows | None) -> None:
        if rows is not None:
            rows.send()
        self.book.commit()

    def _write_files(self, draft: _Draft) -> None:
        """Put everything into ``autograded/``, in the place of what stands there."""
        nbgrader, record = self._nbgrader, draft.record
        folder = self.course.folder("autograded", record.assignment, record.student)
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            rmtree(str(folder))
        folder.mkdir(parents=True)
        submitted = self.course.folder("submitted", record.assignment, record.student)
        copy_stamps(submitted, folder, self.course.parent.log)
        source = self.course.folder("source", record.assignment)
        for path in self._side_files(source):
            place = folder / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
        version = nbgrader.exporter.nbformat_version
        for name, (notebook, resources) in draft.notebooks.items():
            resources["output_suffix"] = ".nbconvert"
            output = _as_text(notebook, version) + "\n"
            nbgrader.write_single_notebook(output, resources | {"unique_key": name})
        nbgrader.set_permissions(record.assignment, record.student)
        nbgrader.notebooks = [str(submitted / f"{name}.ipynb") for name in sorted(draft.notebooks)]
        nbgrader.run_post_convert_hook()

    def _side_files(self, source: Path) -> list[Path]:
        """What the instructor put beside the notebooks, and everybody gets."""
        ignored = [*self.course.directory.ignore, "*.ipynb"]
        kept = self._nbgrader.exclude_overwriting.get(self.release.assignment, [])
        found = {Path(path) for path in find_all_files(str(source), ignored)}
        return sorted(found - {source / name for name in kept})


def written(course: Course) -> dict[str, dict[str, str]]:
    """{assignment: {student: the key of the record}} of all that was written from one.

    Assignments come by their due dates, and without one by their names, ps9 before ps10.
    """
    book = open_gradebook(course.directory.db_url, course.directory.course_id)
    try:
        query = (
            select(
                Assignment.name, Assignment.duedate, SubmittedAssignment.student_id, WrittenFrom.key
            )
            .join(WrittenFrom, WrittenFrom.submission_id == SubmittedAssignment.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .order_by(SubmittedAssignment.student_id)
        )
        rows = book.db.execute(query).all()
    finally:
        book.end()
    found: dict[str, dict[str, str]] = {}
    for name, _, student, key in sorted(rows, key=lambda row: _turn(row[0], row[1])):
        found.setdefault(name, {})[student] = key
    return found


def _turn(name: str, due: datetime.datetime | None) -> tuple[Any, ...]:
    """By what sets are sorted."""
    parts = [
        (int(part or 0), "") if part.isdigit() else (-1, part) for part in _NUMBERS.split(name)
    ]
    return (due or datetime.datetime.max, parts)


def _as_text(notebook: Any, version: int) -> str:
    """What ``nbformat.writes`` makes of a notebook that nobody needs any more: without a copy."""
    notebook = nbformat.convert(notebook, version)
    nbformat.validate(notebook)
    kept = strip_transient(split_lines(notebook))
    return json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))


def written_from(course: Course, assignment: str) -> dict[str, str]:
    """{student: the key of the record} of everybody whose submission was written from one."""
    return written(course).get(assignment, {})


def _stands(path: Path, submission: str, judged_by: str) -> bool:
    """Whether a whole autograded notebook stands there that was made of this submission."""
    try:
        about = json.loads(path.read_bytes())["metadata"][NOTES]
        made_of = (about["submission"], about["judged_by"])
        return bool(about["graded"]) and made_of == (submission, judged_by)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _cells(notebook: Any) -> set[tuple[str, str, float]]:
    """{(role, grade id, points)} of the cells of a release that the gradebook has to know."""
    ids = [(cell, cell.metadata.get("nbgrader", {}).get("grade_id")) for cell in notebook.cells]
    graded = {
        ("grade", i, float(cell.metadata.nbgrader.points)) for cell, i in ids if is_grade(cell)
    }
    return graded | {("solution", i, 0.0) for cell, i in ids if is_solution(cell)}


def _known(book: NbGradebook, notebook: str, assignment: str) -> set[tuple[str, str, float]]:
    """The same as the gradebook has it."""
    try:
        entry = book.find_notebook(notebook, assignment)
    except MissingEntry:
        return set()
    graded = {("grade", cell.name, float(cell.max_score)) for cell in entry.grade_cells}
    return graded | {("solution", cell.name, 0.0) for cell in entry.solution_cells}


def _hidden(book: NbGradebook, name: str, assignment: str, notebook: Any) -> dict[str, str]:
    """{graded cell: its text} where the gradebook has more of it than the release shows."""
    id = book.find_notebook(name, assignment).id
    kept = dict(
        book.db.execute(
            select(SourceCell.name, SourceCell.source).where(SourceCell.notebook_id == id)
        ).all()
    )
    graded = [c for c in notebook.cells if is_grade(c) and not is_solution(c)]
    texts = {cell.metadata.nbgrader.grade_id: cell.source for cell in graded}
    return {id: kept[id] for id, text in texts.items() if kept.get(id) not in (None, text)}
