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

from autograder.catalog.own import CatalogError, name_of, read_folder, use, without_cells
from autograder.classroom.beforehand import faults, used
from autograder.classroom.kept import CourseError as CourseError
from autograder.classroom.kept import open_gradebook
from autograder.classroom.ledger import Ledger
from autograder.classroom.work import Release, Work
from autograder.course.fingerprint import fingerprint
from autograder.course.run_and_judge import RunAndJudge
from autograder.course.submission import Unreadable, read_file, try_read

TIMESTAMP = "timestamp.txt"


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
        directory = self.directory
        step = directory.submitted_directory
        named = re.compile(directory.format_path(step, "(?P<student>.*)", assignment, escape=True))
        excluded = directory.student_id_exclude.split(",")
        pattern = Path(directory.format_path(step, student, assignment))
        found = {}
        for folder in self.root.glob(str(pattern.relative_to(self.root))):
            match = named.fullmatch(str(folder))
            if match and match["student"] not in excluded and folder.is_dir():
                found[match["student"]] = folder
        return {student: found[student] for student in sorted(found)}

    def submissions(self, release: Release, student: str = "*") -> Iterator[Work]:
        """What there is to judge; each is read when its turn comes."""
        for one in self.handed_in(release.assignment, student):
            yield self.submission(release, one)

    def submission(self, release: Release, student: str) -> Work:
        """One student's, with every notebook of the release, found or not."""
        folder = self.folder("submitted", release.assignment, student)
        found = {name: try_read(Path(folder, f"{name}.ipynb")) for name in release.notebooks}
        return Work(student, release, found)

    def handed_in_at(self, folder: Path) -> datetime.datetime | None:
        """When the submission in `folder` was handed in, if it says so."""
        return handed_in_at(folder, self.parent.log)


def handed_in_at(folder: Path, log: Any) -> datetime.datetime | None:
    """When; a file that does not say it costs nobody a verdict, and counts as missing."""
    path = folder / TIMESTAMP
    if not os.path.lexists(path):
        return None
    try:
        return parse_utc(read_file(path).decode("utf-8").strip())  # type: ignore[no-any-return]
    except (Unreadable, ValueError, OverflowError, TypeError) as error:
        log.warning("%s says no time, it counts as missing: %s", path, error)
        return None
