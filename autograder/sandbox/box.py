"""The sandbox as the grader sees it: cells in, outputs out; questions in, answers out."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.ask import MAX_TEXT, TROUBLES, Answer, Question
from autograder.sandbox.frames import FrameError, TooLate, receive, send
from autograder.sandbox.limits import Limits
from autograder.sandbox.outputs import DIED, NO_TIME, STOPPED, Output, clean
from autograder.sandbox.start import Child, start_child


class Sandbox:
    """Runs one learner's cells and answers questions about what they defined.

    A child process does the work. When it dies or has to be killed, what killed it is left out,
    and the next cell or question gets a new child in which the earlier cells are run again: so a
    fault costs only the exercise that it stands in. Nothing here raises for what a learner's code
    does; `SandboxError` says that this machine cannot start a child.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._end = time.monotonic() + self.limits.notebook_seconds
        self._child: Child | None = None
        self._cells: list[str] = []  # those that a new child has to run again

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self._drop_child()

    def run(self, cell: str) -> list[Output]:
        """Run `cell` after those before it; its outputs, errors included."""
        child = self._ready_child()
        if child is None:
            return [NO_TIME]
        try:
            outputs = self._run(child, cell)
        except FrameError as fault:
            self._drop_child()
            return [STOPPED if isinstance(fault, TooLate) else DIED]
        if STOPPED not in outputs:
            self._cells.append(cell)
        return outputs

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Put `questions` to what the cells have defined; one answer each.

        Where the process ends, or has to be ended, the answers from there on say so.
        """
        child = self._ready_child()
        if child is None:
            return [Answer(None, "stopped", "no time was left for it")] * len(questions)
        answers: list[Answer] = []
        try:
            for answer in self._ask(child, questions):
                answers.append(answer)
        except FrameError as fault:
            self._drop_child()
            seconds = f"{self.limits.answer_seconds:g} seconds"
            missing = Answer(None, "died", "the process ended")
            if isinstance(fault, TooLate):
                missing = Answer(None, "stopped", f"it ran longer than {seconds}")
            answers += [missing] * (len(questions) - len(answers))
        return answers

    def _ready_child(self) -> Child | None:
        """A child in which the earlier cells have run; ``None`` where no time is left for one."""
        while self._child is None and self._seconds(1) > 0:
            child = self._child = start_child(self.limits)
            waiting, self._cells = self._cells, []
            while waiting:
                cell = waiting.pop(0)
                try:
                    if STOPPED not in self._run(child, cell):
                        self._cells.append(cell)
                except FrameError:  # this cell is left out, and a newer child tried
                    self._cells += waiting
                    self._drop_child()
                    break
        return self._child if self._seconds(1) > 0 else None

    def _run(self, child: Child, cell: str) -> list[Output]:
        seconds = self._seconds(self.limits.cell_seconds + self.limits.grace)
        send(child.socket, {"run": cell}, seconds)
        return clean(receive(child.socket, seconds), self.limits.output)

    def _ask(self, child: Child, questions: Sequence[Question]) -> Iterator[Answer]:
        seconds = self.limits.answer_seconds + self.limits.grace
        order: Any = {"ask": [vars(question) for question in questions]}
        send(child.socket, order, self._seconds(seconds))
        for _ in questions:
            yield _answer(receive(child.socket, self._seconds(seconds)))

    def _seconds(self, most: float) -> float:
        """`most`, or what is left for the notebook if that is less."""
        return max(0.0, min(most, self._end - time.monotonic()))

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


def _answer(reply: Any) -> Answer:
    """Make an `Answer` of a reply, or raise `FrameError` where it is none."""
    match reply:
        case {"value": value, "trouble": None, "text": ""}:
            return Answer(value)
        case {"value": None, "trouble": str(trouble), "text": str(text)} if trouble in TROUBLES:
            return Answer(None, trouble, text[: 2 * MAX_TEXT])
    raise FrameError("a reply that is no answer")
