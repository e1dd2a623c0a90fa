"""Judges one submission after the other in a process of its own, replaced where one ends it."""

from concurrent.futures import BrokenExecutor, Executor
from contextlib import ExitStack

from autograder.classroom.record import Record
from autograder.classroom.work import TRIES, Work, judge_work
from autograder.classroom.workers import Workers


class Apart:
    """Whoever waits for a record before it goes on, and is not to end with what it judges."""

    def __init__(self, workers: Workers) -> None:
        self._workers, self._open = workers, ExitStack()
        self._executor: Executor | None = None

    def __enter__(self) -> "Apart":
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def judge(self, work: Work) -> tuple[Work, Record]:
        """What was judged, and its record; what ends whoever judges it, twice, has nothing that
        can be read, and says so."""
        for _ in range(TRIES):
            try:
                return work, self._judge(work)
            except BrokenExecutor:
                self._end()
        return work.ending, self._judge(work.ending)

    def _judge(self, work: Work) -> Record:
        if self._executor is None:
            self._executor = self._open.enter_context(self._workers())
        return self._executor.submit(judge_work, work).result()

    def _end(self) -> None:
        self._executor = None
        self._open.close()
