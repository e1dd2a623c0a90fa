"""A course as a folder: its settings, what it released, and what was handed in."""

import datetime
import os
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

from dateutil import parser, tz
from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.utils import parse_utc
from tornado.log import app_log

from autograder.asking.shown import Shown, shown
from autograder.catalog.own import CatalogError, name_of, read_folder, use, without_cells
from autograder.classroom.beforehand import faults, used
from autograder.classroom.kept import CourseError as CourseError
from autograder.classroom.kept import open_gradebook, settings_as_said
from autograder.classroom.ledger import Ledger
from autograder.classroom.work import Release, Work, read_notebook
from autograder.course.fingerprint import fingerprint
from autograder.course.found import look_up
from autograder.course.run_and_judge import RunAndJudge
from autograder.course.submission import Unreadable, read_file

SETTINGS = "nbgrader_config.py"
TIMESTAMP = "timestamp.txt"
AGAIN = "grade again"
SECRET = "submission_secret.txt"  # of nbgrader's exchange: by it a student finds the feedback again
_SECRET = re.compile(rb"[0-9a-fA-F]{1,256}")
MISNAMED = (
    "the folder's name is not UTF-8, or has characters that nobody can see: rename the folder in "
    f"submitted/, and {AGAIN}"
)
HIDDEN = f"a folder of this name is hidden and nobody's: rename or remove it, and {AGAIN}"
_UNSAID = (datetime.datetime(2000, 1, 1), datetime.datetime(2001, 2, 2))


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
        with settings_as_said():
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
        # or a mistake there would be logged, and the class graded with nobody's settings
        app.raise_config_file_errors = True
        try:
            app.initialize([f"--course-dir={root.resolve()}"])
        except Exception as error:
            raise CourseError(_unread(error)) from None
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

    def sets(self) -> list[str]:
        """The sets whose notebooks are there, released or to be released: ps9 before ps10."""
        steps = [self.folder(step, "any").parent for step in ("source", "release")]
        found = {path.parent.name for folder in steps for path in folder.glob("*/*.ipynb")}
        return sorted(found, key=lambda name: (len(name), name))

    def no_set(self, assignment: str) -> str:
        """That there is no such set, and which there are."""
        there = ", ".join(self.sets()) or "none"
        return f"There is no set {assignment} in source/ or release/; there are: {there}."

    def release(self, assignment: str) -> Release:
        """What was released, and what judges it; raise `CourseError` where there is none of it."""
        folder = self.folder("release", assignment)
        notebooks = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))}
        if not notebooks and assignment not in self.sets():
            raise CourseError(self.no_set(assignment))
        if not notebooks:
            raise CourseError(
                f"There is no release of {assignment} to put submissions into: "
                f"run `nbgrader generate_assignment {assignment}` first."
            )
        for name, data in notebooks.items():
            as_notebook(folder / f"{name}.ipynb", data)
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
            raise cannot_be_graded(assignment, found)
        return release

    def handed_in(self, assignment: str, student: str = "*") -> dict[str, Path]:
        """{student: folder} of those who handed in, in the order of their names."""
        found = self._places(assignment, student)
        there = {student: place for student, place in found.items() if os.path.isdir(place)}
        return {student: place for student, place in there.items() if not _amiss(student, place)}

    def misplaced(self, assignment: str, student: str = "*") -> dict[str, str]:
        """{what the name looks like: why there is no verdict} of what lies in ``submitted/`` and
        is nobody's folder for this assignment, but was meant as one."""
        found = self._places(assignment, student)
        why = {shown(student): _amiss(student, place) for student, place in found.items()}
        return {student: reason for student, reason in why.items() if reason}

    def _places(self, assignment: str, student: str) -> dict[str, Path]:
        """{student: where the folder of this assignment is, or would be}, the names in order."""
        directory = self.directory
        step = directory.submitted_directory
        form = directory.format_path(step, "(?P<student>[^/]*)", assignment, escape=True)
        named = re.compile(form, re.DOTALL)
        excluded = directory.student_id_exclude.split(",")
        pattern = Path(directory.format_path(step, student, assignment)).relative_to(self.root)
        deep = next((n for n, part in enumerate(pattern.parts) if part == student), None)
        found = {}
        upper = pattern if deep is None else _upper(pattern, deep)
        named_so = student != "*" and os.path.lexists(self.root / upper)  # brackets and all
        stars = re.sub(r"\*\*+", "*", str(upper))  # many are no more than one
        for place in [self.root / upper] if named_so else self.root.glob(stars):
            place = place if deep is None else place.joinpath(*pattern.parts[deep + 1 :])
            match = named.fullmatch(str(place))
            if match and match["student"] not in excluded:
                found[match["student"]] = place
        return {student: found[student] for student in sorted(found)}

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
        return handed_in_at(folder)


def as_notebook(path: Path, data: bytes) -> Any:
    """An instructor's notebook, not to be changed; raise `CourseError` where it is none."""
    try:
        notebook = read_notebook(data)
        iter(notebook.cells)  # JSON that is a list has none
        return notebook
    except Exception as error:  # nbformat's own, and what it stumbles over
        said = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise CourseError(
            f"{path} is no notebook ({said}): mend it in JupyterLab, or fetch it from a copy. What "
            "stands in release/ is written anew by nbgrader generate_assignment."
        ) from None


def _unread(error: Exception) -> str:
    """What is wrong with a course's settings, and in which line."""
    lines = [f.lineno for f in extract_tb(error.__traceback__) if Path(f.filename).name == SETTINGS]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"{SETTINGS}, line {line}" if line else SETTINGS
    said = error.msg if isinstance(error, SyntaxError) else error
    return f"{where}: {type(error).__name__}: {said}. Without its settings no course is graded."


def cannot_be_graded(assignment: str, why: list[str]) -> CourseError:
    """All that stands against it, as one error."""
    return CourseError("\n  ".join([f"{assignment} cannot be graded:", *why]))


def _upper(pattern: Path, deep: int) -> Path:
    return Path(*pattern.parts[: deep + 1])


def _amiss(student: str, place: Path) -> str:
    """What stands against taking `place` for the folder in which `student` handed in.

    Where nothing of this assignment was handed in, that is nothing anybody has to be told.
    """
    if os.path.isdir(place):
        hidden = student.startswith(".") or student == "__MACOSX"
        return HIDDEN if hidden else "" if shown(student) == student else MISNAMED
    if os.path.lexists(place):
        return f"{shown(place.name)} is no folder, or a link that leads nowhere"
    return _near(place)


def _near(place: Path) -> str:
    """What stands beside `place` in its stead, such as ``PS6`` for ``ps6``; "" for nothing."""
    try:
        names = sorted(os.listdir(place.parent))
    except (FileNotFoundError, NotADirectoryError):
        return "a link that leads nowhere" if place.parent.is_symlink() else ""
    except OSError as error:
        return f"its folder cannot be read: {error.strerror}"
    wanted = _plain(place.name)
    for name in names:
        if _plain(name) == wanted:
            return f"there is {shown(name)!r} where {place.name!r} is meant: rename it, and {AGAIN}"
        if _plain(name) == f"{wanted}.ipynb":
            return f"{shown(name)} belongs into a folder {place.name}: move it there, and {AGAIN}"
    return ""


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def handed_in_at(folder: Path) -> datetime.datetime | None:
    """When; a file that does not say it costs nobody a verdict, and counts as missing."""
    return _timestamp(folder)[1]


def copy_stamps(source: Path, folder: Path, log: Any) -> None:
    """Copy what nbgrader keeps beside a submission: when it was handed in, and its secret.

    Both lie where a learner can write: a file that is neither now is not copied, and a time that
    says nothing is logged.
    """
    data, time, trouble = _timestamp(source)
    if trouble:
        log.error("%s says no time, it counts as missing: %s", source / TIMESTAMP, trouble)
    if time is not None:
        (folder / TIMESTAMP).write_bytes(data)
    with suppress(Unreadable, OSError):
        data = read_file(source / SECRET).strip()
        if _SECRET.fullmatch(data):
            (folder / SECRET).write_bytes(data)


def _timestamp(folder: Path) -> tuple[bytes, datetime.datetime | None, str]:
    """What stands in the file, the time that it says, and what stands against that."""
    path, data = folder / TIMESTAMP, b""
    if not os.path.lexists(path):
        return data, None, ""
    try:  # read once: it is a learner's, and may be another one in a moment
        data = read_file(path)
        return data, _time(data.decode("utf-8-sig").strip()), ""
    except (Unreadable, ValueError, OverflowError, TypeError, OSError, RuntimeWarning) as error:
        return data, None, str(error)[:200] or type(error).__name__


@lru_cache(maxsize=256)  # each is read three times
def _time(text: str) -> datetime.datetime:
    """A time as nbgrader reads it, in UTC; raise ``ValueError`` where it takes what is not said.

    nbgrader takes the third word for a zone: "PM" for none, "+0200" for 200 seconds.

    >>> print(_time("2027-03-01 13:00:00 +0200"), _time("2027-03-01 11:00 PM"))
    2027-03-01 11:00:00 2027-03-01 23:00:00
    """
    words = text.split(" ")
    zone = tz.gettz(words[2]) if len(words) == 3 and words[2][:1].isalpha() else None
    if zone is not None:
        text = " ".join([*words[:2], "TZ"])  # dateutil knows no longer names
    with warnings.catch_warnings():
        warnings.simplefilter("error", parser.UnknownTimezoneWarning)
        found, other = (parser.parse(text, tzinfos={"TZ": zone}, default=d) for d in _UNSAID)
    if found != other:
        raise ValueError(f"{text!r} names no whole day")
    time: datetime.datetime = parse_utc(found)
    return time
