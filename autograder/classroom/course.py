"""A course as a folder: its settings, what it released, and what was handed in."""

import datetime
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.utils import parse_utc
from tornado.log import app_log

from autograder.asking.shown import Shown, shown
from autograder.catalog.own import CatalogError, name_of, read_folder, use, without_cells
from autograder.classroom.beforehand import faults, used
from autograder.classroom.kept import CourseError as CourseError
from autograder.classroom.kept import open_gradebook
from autograder.classroom.ledger import Ledger
from autograder.classroom.work import Release, Work
from autograder.course.fingerprint import fingerprint
from autograder.course.found import look_up
from autograder.course.run_and_judge import RunAndJudge
from autograder.course.submission import Unreadable, read_file

TIMESTAMP = "timestamp.txt"
MISNAMED = (
    "the folder's name is not UTF-8, or has characters that nobody can see: rename the folder in "
    "submitted/, and grade again"
)


class Course:
    """The folder of a course, read with nbgrader's own settings.

    Attributes:
        root: the folder.
        directory: nbgrader's ``CourseDirectory``, which knows where things lie.
        parent: what nbgrader's converters get their settings from.
        catalog: its own exercises and misconceptions, as text; they are in use from now on.

    Raises `CourseError` where something is wrong with its catalog.
    """

    def __init__(self, directory: Any, parent: Any) -> None:
        self.root, self.directory, self.parent = Path(directory.root), directory, parent
        self.settings = RunAndJudge(parent=parent)
        try:
            self.catalog = read_folder(self.root)
            use(self.catalog)
        except CatalogError as error:
            raise CourseError(str(error)) from None

    @classmethod
    def at(cls, root: Path, db_url: str | None = None, trust_submissions: bool = False) -> "Course":
        """The course in the folder `root`.

        `db_url` and `trust_submissions`, where given, go before the course's own settings.
        """
        app = AutogradeApp(log_level="ERROR")
        app.load_cwd_config = False
        app.initialize([f"--course-dir={root.resolve()}"])
        app.log_level = "ERROR"
        app.log.addFilter(Shown())
        app_log.setLevel("CRITICAL")  # nbgrader's gradebook; what the database says is said by us
        if db_url:
            app.coursedir.db_url = db_url
        if trust_submissions:
            app.config.RunAndJudge.trust_submissions = True
        return cls(app.coursedir, app)

    def ledger(self, assignment: str) -> Ledger:
        """The records of an assignment."""
        return Ledger(self.root, assignment, self.directory.groupshared)

    def enrolled(self) -> set[str]:
        """Everybody whom the gradebook knows."""
        book = open_gradebook(self.directory.db_url, self.directory.course_id)
        try:
            return {student.id for student in book.students}
        finally:
            book.end()

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """Where things of one `step` lie: "source", "release", "submitted", "autograded" …"""
        name = getattr(self.directory, f"{step}_directory")
        return Path(os.path.normpath(self.directory.format_path(name, student, assignment)))

    def release(self, assignment: str) -> Release:
        """What was released, and what judges it; raise `CourseError` where there is none of it."""
        folder = self.folder("release", assignment)
        notebooks = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))}
        if not notebooks:
            raise CourseError(
                f"There is no release of {assignment} to put submissions into: "
                f"run `nbgrader generate_assignment {assignment}` first."
            )
        try:
            limits, packages = self.settings.read_limits(), self.settings.read_packages()
        except ValueError as error:
            raise CourseError(str(error)) from None
        judges = name_of(self.catalog) if self.catalog else ""
        return Release(
            assignment,
            notebooks,
            {name: fingerprint(data, judges) for name, data in notebooks.items()},
            limits=limits,
            packages=packages,
            catalog=self.catalog,
            trust_submissions=self.settings.trust_submissions,
        )

    def prepare(self, assignment: str) -> Release:
        """The release, if nothing stands against judging it; raise `CourseError` with all that
        does, before the first student."""
        release = self.release(assignment)
        found = faults(dict(release.notebooks))
        found += without_cells(assignment, used(release.notebooks), self.catalog)
        if found:
            raise CourseError("\n  ".join([f"{assignment} cannot be graded:", *found]))
        return release

    def handed_in(self, assignment: str, student: str = "*") -> dict[str, Path]:
        """{student: folder} of those who handed in, in the order of their names."""
        found = self._folders(assignment, student)
        return {student: found[student] for student in sorted(found) if shown(student) == student}

    def misnamed(self, assignment: str, student: str = "*") -> dict[str, str]:
        """{what the name looks like: why it cannot be a student's} of folders that are left out."""
        names = sorted(map(shown, self._folders(assignment, student).keys()))
        legible = self.handed_in(assignment, student)
        return {name: MISNAMED for name in names if name not in legible}

    def _folders(self, assignment: str, student: str) -> dict[str, Path]:
        directory = self.directory
        step = directory.submitted_directory
        form = directory.format_path(step, "(?P<student>.*)", assignment, escape=True)
        named = re.compile(form, re.DOTALL)
        excluded = directory.student_id_exclude.split(",")
        pattern = Path(directory.format_path(step, student, assignment))
        found = {}
        for folder in self.root.glob(str(pattern.relative_to(self.root))):
            match = named.fullmatch(str(folder))
            if match and match["student"] not in excluded and folder.is_dir():
                found[match["student"]] = folder
        return found

    def submissions(self, release: Release, student: str = "*") -> Iterator[Work]:
        """What there is to judge; each is read when its turn comes."""
        for one in self.handed_in(release.assignment, student):
            yield self.submission(release, one)

    def submission(self, release: Release, student: str) -> Work:
        """One student's, with every notebook of the release, found or not."""
        folder = self.folder("submitted", release.assignment, student)
        roots = {self.folder("submitted", "."), self.root.resolve()}
        blanks = release.blanks
        found = {
            name: look_up(folder, roots, name, blank, {f"{other}.ipynb" for other in blanks})
            for name, blank in blanks.items()
        }
        return Work(student, release, found)

    def handed_in_at(self, folder: Path) -> datetime.datetime | None:
        """When the submission in `folder` was handed in, if it says so."""
        return handed_in_at(folder, self.parent.log)


def handed_in_at(folder: Path, log: Any) -> datetime.datetime | None:
    """When; a file that does not say it costs nobody a verdict, and counts as missing."""
    return _timestamp(folder, log)[1]


def copy_timestamp(source: Path, folder: Path, log: Any) -> None:
    """Copy the file that says when a submission was handed in, if it does so now."""
    data, time = _timestamp(source, log)
    if time is not None:
        (folder / TIMESTAMP).write_bytes(data)


def _timestamp(folder: Path, log: Any) -> tuple[bytes, datetime.datetime | None]:
    path, data = folder / TIMESTAMP, b""
    if not os.path.lexists(path):
        return data, None
    try:  # read once: it is a learner's, and may be another one in a moment
        data = read_file(path)
        return data, parse_utc(data.decode("utf-8").strip())
    except (Unreadable, ValueError, OverflowError, TypeError, OSError) as error:
        log.warning("%s says no time, it counts as missing: %s", path, error)
        return data, None
