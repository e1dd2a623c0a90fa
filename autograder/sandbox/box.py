"""The sandbox as the grader sees it: cells in, outputs out; questions in, answers out."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.asking.ask import BUSY, MAX_TEXT, TROUBLES, Answer, Question
from autograder.asking.counted import counted
from autograder.asking.wire import WireError, dumps
from autograder.sandbox.frames import FrameError, TooLate, receive, send, send_text
from autograder.sandbox.limits import Limits
from autograder.sandbox.outputs import DIED, NO_TIME, STOPPED, Output, clean, too_long, weight
from autograder.sandbox.start import Child, best_rung, start_child

_MOST_TEXTS = 32
_TRIES = 2  # of a cell or a script of questions whose process ended


@dataclass
class _Cell:
    """A cell that a new child has to run again, and how often a process ended while it ran.

    With `lost` it is not run again: that is what it ended with, for the names it did not define.
    """

    source: str
    deaths: int = 0
    lost: str = ""


class Sandbox:
    """Runs one learner's cells and answers questions about what they defined.

    A child process does the work, on the best rung that isolates unless `rung` names one (see
    `autograder.sandbox.start`); it may import `packages` beside what notebooks need. When it dies
    or has to be killed, what killed it is left out, and the next cell or question gets a new child
    in which the earlier cells are run again: so a fault costs only the exercise that it stands in.
    What a child died of is tried once more before it is
    blamed, for children can be killed from outside too. Nothing here raises for what a learner's
    code does; `SandboxError` says that this machine cannot start a child.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        rung: str | None = None,
        packages: tuple[str, ...] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.rung = rung or best_rung()
        self.packages = packages
        self._end = time.monotonic() + self.limits.notebook_seconds
        self._child: Child | None = None
        self._cells: list[_Cell] = []
        self._output = self.limits.notebook_output  # what is left of it

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self._drop_child()

    def run(self, source: str) -> list[Output]:
        """Run a cell after those before it; its outputs, errors included."""
        cell = _Cell(source)
        while child := self._ready_child():
            outputs = self._try(child, cell, min(self.limits.output, self._output))
            if outputs is not None:
                self._output = max(0, self._output - sum(map(weight, outputs)))
                cell.lost = _fatal(outputs)
                self._cells.append(cell)
                return outputs
        return [NO_TIME]

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Put `questions` to what the cells have defined; one answer each.

        Where the process ends, or has to be ended, the answers from there on say so.
        """
        missing = Answer(None, "stopped", "no time was left for it")
        answers: list[Answer] = []
        for _ in range(_TRIES):
            child = self._ready_child()
            if child is None:
                break
            answers = []
            try:
                for answer in self._ask(child, questions):
                    answers.append(answer)
                return answers
            except TooLate:
                self._drop_child()
                seconds = counted(self.limits.answer_seconds, "second")
                missing = Answer(None, "stopped", f"it ran longer than {seconds}")
                break
            except FrameError:
                self._drop_child()
                missing = Answer(None, "died", "the process ended")
        return answers + [missing] * (len(questions) - len(answers))

    def _ready_child(self) -> Child | None:
        """A child in which the earlier cells have run; ``None`` where no time is left for one."""
        while self._child is None and self._seconds(1) > 0:
            child = self._child = start_child(self.limits, self.rung, self.packages)
            for cell in list(self._cells):
                outputs = self._try(child, cell, most=0)
                if outputs and (ended := _fatal(outputs)):
                    if cell.lost:  # its text alone is too much
                        self._cells.remove(cell)
                    cell.lost = ended
                if self._child is None:
                    break
        return self._child if self._seconds(1) > 0 else None

    def _try(self, child: Child, cell: _Cell, most: int) -> list[Output] | None:
        """The outputs of a cell; ``None`` where its process ended, and it can be tried again."""
        try:
            return self._run(child, cell, most)
        except TooLate:
            self._drop_child()
            return [STOPPED]
        except FrameError:
            self._drop_child()
            cell.deaths += 1
            return [DIED] if cell.deaths >= _TRIES else None

    def _run(self, child: Child, cell: _Cell, most: int) -> list[Output]:
        seconds = self._seconds(BUSY * self.limits.cell_seconds + self.limits.grace)
        order: Any = {"run": cell.source, "output": most}
        if cell.lost:
            order = {"lost": cell.source, "with": cell.lost}
        try:
            send(child.socket, order, seconds)
        except WireError as reason:
            return [too_long(str(reason))]
        return clean(receive(child.socket, seconds), most)

    def _ask(self, child: Child, questions: Sequence[Question]) -> Iterator[Answer]:
        seconds = BUSY * self.limits.answer_seconds + self.limits.grace
        send_text(child.socket, _asked(questions), self._seconds(seconds))
        for _ in questions:
            yield _answer(receive(child.socket, self._seconds(seconds)))

    def _seconds(self, most: float) -> float:
        """`most`, or what is left for the notebook if that is less."""
        return max(0.0, min(most, self._end - time.monotonic()))

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


_texts: dict[int, tuple[Sequence[Question], bytes]] = {}  # of questions that a class is asked


def _asked(questions: Sequence[Question]) -> bytes:
    """The order to answer these questions; the last few are remembered."""
    known = _texts.get(id(questions))
    if known is None or known[0] is not questions:
        if len(_texts) >= _MOST_TEXTS:
            _texts.clear()
        order: Any = {"ask": [vars(question) for question in questions]}
        known = _texts[id(questions)] = questions, dumps(order)
    return known[1]


def _answer(reply: Any) -> Answer:
    """Make an `Answer` of a reply, or raise `FrameError` where it is none."""
    match reply:
        case {"value": value, "trouble": None, "text": ""}:
            return Answer(value)
        case {"value": None, "trouble": str(trouble), "text": str(text)} if trouble in TROUBLES:
            return Answer(None, trouble, text[: 2 * MAX_TEXT])
    raise FrameError("a reply that is no answer")


def _fatal(outputs: list[Output]) -> str:
    """With what a cell ended that is not to be run again in another child; "" for all others."""
    ends = [end for end in (STOPPED, DIED) if end in outputs]
    return "".join(f"{end['ename']}: {end['evalue']}" for end in ends[:1])
