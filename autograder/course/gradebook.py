"""One connection to the gradebook for a whole class.

nbgrader opens its gradebook seven times a submission, and each time inspects every table and
compiles every statement anew: most of what its database work costs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.converters import autograde
from nbgrader.preprocessors import latesubmissions, overwritecells, saveautogrades, savecells

_USERS = (autograde, saveautogrades, savecells, overwritecells, latesubmissions)  # nbgrader's own


class KeptGradebook(Gradebook):  # type: ignore[misc]
    """A gradebook that stays open, and writes what belongs together in one transaction.

    nbgrader's ``db.commit()`` only sends what it has to the database: until `commit`, nobody else
    sees it, and nothing of it is there after a crash.
    """

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
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


@contextmanager
def one_gradebook(db_url: str, course_id: str) -> Iterator[KeptGradebook]:
    """Let nbgrader's converters use one gradebook; the block has to `commit` what it wants kept."""
    book = KeptGradebook(db_url, course_id)

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
        super(KeptGradebook, book).close()
