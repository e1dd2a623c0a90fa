"""One connection to the gradebook for a whole class.

nbgrader opens its gradebook seven times a submission, and each time inspects every table and
compiles every statement anew: most of what its database work costs.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import Gradebook, InvalidEntry
from nbgrader.converters import autograde
from nbgrader.preprocessors import latesubmissions, overwritecells, saveautogrades, savecells
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from traitlets import TraitError

from autograder.classroom.rows import INDEXES

_USERS = (autograde, saveautogrades, savecells, overwritecells, latesubmissions)  # nbgrader's own


class CourseError(RuntimeError):
    """Something about the course stands against grading it; the text says what, and what to do."""


class KeptGradebook(Gradebook):  # type: ignore[misc]
    """A gradebook that stays open, and writes what belongs together in one transaction.

    nbgrader's ``db.commit()`` only sends what it has to the database: until `commit`, nobody else
    sees it, and nothing of it is there after a crash.
    """

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
        for index in INDEXES:
            index.create(self.engine, checkfirst=True)
        self.db.commit = self._pass_on
        self._courses = {course_id}

    def enter(self, course_id: str) -> "KeptGradebook":
        """What opening it again does."""
        if course_id not in self._courses:
            self.check_course(course_id)
            self._courses.add(course_id)
        return self

    def add_submission(self, assignment: str, student: str, **kwargs: Any) -> Any:
        """As nbgrader does it, without SQLAlchemy's warnings of what is half put together."""
        with self.db.no_autoflush:
            return super().add_submission(assignment, student, **kwargs)

    def _pass_on(self) -> None:
        if self.db.new or self.db.dirty or self.db.deleted:
            self.db.flush()
            self.db.expire_all()  # sums of scores are to be read again, as after a true commit

    def close(self) -> None:
        """Stay open: nbgrader closes it after each use."""

    def commit(self) -> None:
        """Write what was done, all of it or nothing; and see from now on what others do."""
        self.db().commit()
        self.db.remove()

    def forget(self) -> None:
        """Undo what was done since the last `commit`."""
        self.db.remove()
        self._courses.clear()

    def end(self) -> None:
        """Close it for good."""
        super().close()


def open_gradebook(db_url: str, course_id: str) -> KeptGradebook:
    """The gradebook; raise `CourseError` where it cannot be opened."""
    with database_as_said(db_url):
        return KeptGradebook(db_url, course_id)


@contextmanager
def gradebook_at(db_url: str, course_id: str = "default_course") -> Iterator[Gradebook]:
    """nbgrader's own gradebook for a moment; raise `CourseError` where it cannot be used."""
    with database_as_said(db_url), Gradebook(db_url, course_id) as book:
        yield book


@contextmanager
def database_as_said(db_url: str) -> Iterator[None]:
    """Raise `CourseError` with what a database says, in a sentence."""
    try:
        yield
    except InvalidEntry as error:  # nbgrader's, of whatever the database said
        raise _refused(db_url, error.__context__ or error) from error
    except (SQLAlchemyError, ImportError) as error:
        raise _refused(db_url, error) from error


def _refused(db_url: str, error: BaseException) -> Exception:
    """What a database's error means, in a sentence; a full disk stays an error of the disk."""
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    if "full" in reason:
        return OSError(reason)
    try:
        shown = make_url(db_url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        shown = db_url
    if "locked" in reason:
        reason += ". Another program writes to it (somebody grades, or copies it): try again later"
    return CourseError(f"The gradebook {shown} cannot be opened: {reason}")


@contextmanager
def settings_as_said() -> Iterator[None]:
    """Raise `CourseError` where a setting of the course is none that there is."""
    try:
        yield
    except TraitError as error:
        raise CourseError(f"nbgrader_config.py: {error}") from None


@contextmanager
def one_gradebook(db_url: str, course_id: str) -> Iterator[KeptGradebook]:
    """Let nbgrader's converters use one gradebook; the block has to `commit` what it wants kept."""
    book = open_gradebook(db_url, course_id)

    def kept(url: str, course_id: str = "default_course", *authenticator: Any) -> Gradebook:
        return book.enter(course_id) if url == db_url else Gradebook(url, course_id, *authenticator)

    for module in _USERS:
        module.Gradebook = kept
    try:
        book.commit()
        yield book
    finally:
        for module in _USERS:
            module.Gradebook = Gradebook
        book.end()


_EVERYWHERE = {  # what stands against every file, and not against one of them
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENODEV),
}


def in_one_place(error: BaseException | None) -> bool:
    """Whether an error is one file's or folder's alone, as of a leftover that is in the way."""
    while error is not None:
        if isinstance(error, OSError):
            return error.errno not in _EVERYWHERE
        error = error.__cause__ or error.__context__
    return False


def hindrance(error: BaseException | None) -> str:
    """What the disk or the database said, where that is at the bottom of it; "" otherwise.

    nbgrader raises errors of its own in the place of SQLAlchemy's.
    """
    while error is not None:
        if isinstance(error, (OSError, OperationalError)):
            return str(getattr(error, "orig", error))
        error = error.__cause__ or error.__context__
    return ""
