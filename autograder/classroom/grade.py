"""Grades an assignment: judge what is new, keep it in the ledger, write it."""

import gc
import signal
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from sqlalchemy.exc import OperationalError

from autograder.classroom.course import Course, CourseError
from autograder.classroom.gradebook import CannotWrite, Gradebook
from autograder.classroom.kept import hindrance, in_one_place
from autograder.classroom.ledger import Ledger
from autograder.classroom.progress import Bar
from autograder.classroom.record import Record
from autograder.classroom.whom import nothing_of
from autograder.classroom.work import ENDS, TRIES, Work, judge_work
from autograder.classroom.workers import Workers

AHEAD = 64  # submissions that are with the workers at a time: more would only cost memory
BATCH = 32  # submissions that are written in one transaction
SELDOM = 1.0  # seconds that what is in the ledger may wait for others to be written with
BREAKS = 5  # times that workers may die with nothing judged in between


class GradingError(RuntimeError):
    """Grading cannot go on; the text says why and what to do. Nothing that was judged is lost."""


@dataclass
class Outcome:
    """What a run of `grade` did.

    Attributes:
        judged, unchanged: how many submissions were judged now, and how many before.
        unreadable: how many of them hold nothing that can be run, which is a verdict too.
        failed: {student: why there is no verdict, or why it was not written}.
        seconds: how long it took.
        stopped: whether Ctrl-C ended it early.
    """

    judged: int = 0
    unchanged: int = 0
    unreadable: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    stopped: bool = False


def grade(
    course: Course,
    assignment: str,
    workers: Workers,
    student: str = "*",
    again: bool = False,
) -> Outcome:
    """Grade `assignment` of a course; what is unchanged is left alone, if not to be done `again`.

    Raises `GradingError`, and `CourseError` where there is nothing to grade.
    """
    start = time.monotonic()
    ledger = course.ledger(assignment)
    release = course.prepare(assignment)
    students = course.handed_in(assignment, student)
    misplaced = course.misplaced(assignment, student)
    if not students and not misplaced:
        raise CourseError(_nobody(course, assignment, student))
    try:
        with ledger.alone(), Gradebook.opened(course, release) as book:
            works = course.submissions(book.release, student)
            run = _Run(ledger, book, workers, again)
            gc.freeze()  # what was imported stays: nobody has to look through it again
            with _interrupts(run), Bar(len(students), assignment) as run.progress:
                run.all(works)
            run.outcome.failed |= misplaced
    except (CannotWrite, OSError, OperationalError) as error:
        raise GradingError(
            f"Nothing can be written any more: {hindrance(error)}. What was judged is kept in "
            f"{ledger.folder}; make room or give access, and run the same command again."
        ) from error
    run.outcome.seconds = time.monotonic() - start
    return run.outcome


def _nobody(course: Course, assignment: str, student: str) -> str:
    folder = course.folder("submitted", assignment, student)
    said = f"No notebooks were matched by '{folder}'."
    if set("*?[") & set(student):  # a pattern, and nobody's name
        return said
    return f"{said} {nothing_of(course, student, assignment)}"


class _Run:
    """One run: works go out to the workers, records come back, and are kept and written."""

    progress: Bar

    def __init__(self, ledger: Ledger, book: Gradebook, workers: Workers, again: bool) -> None:
        self.ledger, self.book, self.workers = ledger, book, workers
        self.outcome = Outcome()
        self.stop = False
        self._judge_again = again
        self._tries: dict[str, int] = {}  # student -> how often judging failed
        self._again: deque[Work] = deque()
        self._ready: list[Record] = []  # in the ledger, and not yet written
        self._breaks = 0
        self._suspects = 0  # how many of the next works were there when a worker died
        self._ended: list[str] = []  # who ended their workers, with nobody else judged since
        self._written = time.monotonic()  # when something was

    def all(self, works: Iterator[Work]) -> None:
        """Do everything there is to do, with new workers where the old ones died."""
        while self._breaks < BREAKS:
            try:
                with self.workers() as executor:
                    self._drive(executor, works)
                return
            except BrokenExecutor:
                self._breaks += 1
                self.progress.say("A worker died; its submissions are judged again.")
        raise GradingError(
            f"Workers died {BREAKS} times without judging anything: is there enough memory? "
            "What was judged before is kept; run the same command again."
        )

    def _drive(self, executor: Executor, works: Iterator[Work]) -> None:
        pending: dict[Future[Record], Work] = {}
        try:
            while True:
                self._hand_out(executor, works, pending)
                if not (self._ready or pending):
                    return
                left = self._written + SELDOM - time.monotonic() if self._ready else None
                if pending and len(self._ready) < BATCH and (left is None or left > 0):
                    done = wait(pending, left, FIRST_COMPLETED).done
                    for future in list(done)[: BATCH - len(self._ready)]:
                        self._take(future, pending[future])
                        del pending[future]
                    continue
                self._write()
        except BrokenExecutor:
            self._broken(list(pending.values()))
            raise

    def _broken(self, pending: list[Work]) -> None:
        """Take back what was with the workers when one died. From now on each of these goes alone,
        so that whatever ends its worker is known; twice, and it is judged as what cannot be."""
        if len(pending) == 1:
            work = pending[0]
            tries = self._tries[work.student] = self._tries.get(work.student, 0) + 1
            if tries == TRIES:
                self._ended.append(work.student)
                if len(self._ended) > BREAKS:
                    raise GradingError(
                        f"Judging ends the process that judges, for {', '.join(self._ended)}: is "
                        "there enough memory? What was judged is kept; run the same command again."
                    )
                self._breaks = 0
                self.progress.say(f"{work.student}: {ENDS}")
                pending = [work.ending]
        self._again.extendleft(reversed(pending))
        self._suspects = max(self._suspects, len(pending))

    def _hand_out(
        self, executor: Executor, works: Iterator[Work], pending: dict[Future[Record], Work]
    ) -> None:
        """Give the workers enough to do; what was judged before is ready."""
        if self.stop:
            self.outcome.stopped = True
            for future in [future for future in pending if future.cancel()]:
                del pending[future]
            return
        most = 1 if self._suspects else AHEAD
        while len(pending) < most and len(self._ready) < BATCH and not self.stop:
            work = self._again.popleft() if self._again else next(works, None)
            if work is None:
                return
            record = self._known(work)
            if record is None:
                self._again.appendleft(work)  # it stays here if there is nobody to take it
                future = executor.submit(judge_work, work)
                pending[future] = self._again.popleft()
            elif self.book.holds(work):
                self._count(record)
            else:
                self._ready.append(record)

    def _known(self, work: Work) -> Record | None:
        """What the ledger has for it."""
        if self._judge_again:
            return None
        record = self.ledger.read(work.student, work.key)
        self.outcome.unchanged += record is not None
        return record

    def _take(self, future: Future[Record], work: Work) -> None:
        """Keep what a worker brought from now on."""
        try:
            record = future.result()
        except BrokenExecutor:
            raise
        except (Exception, CancelledError) as error:
            self._suspects = max(0, self._suspects - 1)
            self._failed(work, error)
            return
        self._breaks = 0
        self._suspects = max(0, self._suspects - 1)
        if work.student not in self._ended:
            self._ended.clear()
        try:
            self.ledger.write(record)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and not in_one_place(error):
                raise
            self._failed(work, error)
            return
        self.outcome.judged += 1
        self._ready.append(record)

    def _failed(self, work: Work, error: BaseException) -> None:
        tries = self._tries[work.student] = self._tries.get(work.student, 0) + 1
        if tries < TRIES:
            self._again.append(work)
            return
        self.outcome.failed[work.student] = f"{type(error).__name__}: {error}"
        self.progress.step("failed")
        if not self.outcome.judged and len(self.outcome.failed) == BREAKS:
            raise GradingError(f"Nothing can be judged: {error}")

    def _write(self) -> None:
        if self._ready:
            self.outcome.failed |= self.book.write(self._ready)
        for record in self._ready:
            self._count(record)
        self._ready.clear()
        self._written = time.monotonic()

    def _count(self, record: Record) -> None:
        self.outcome.unreadable += bool(record.unreadable)
        failed = record.student in self.outcome.failed
        self.progress.step("failed" if failed else "unreadable" if record.unreadable else "")


@contextmanager
def _interrupts(run: _Run) -> Iterator[None]:
    """The first Ctrl-C lets what is being judged come to its end; the second one does not."""

    def answer(number: int, frame: FrameType | None) -> None:
        if run.stop:
            raise KeyboardInterrupt
        run.stop = True
        run.progress.say("Finishing what is being judged. Press Ctrl-C again to leave at once.")

    before = signal.signal(signal.SIGINT, answer)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
