"""The judge in a process of its own, with limits: what came back is a stranger's, and may be such
that judging it takes hours, or all memory, or meets a fault of the judge.

The process is forked when it is first needed, serves one exercise after the other, and is replaced
when it has to be ended. Whatever becomes of it, there is a verdict, and the other exercises have
theirs.
"""

import atexit
import ctypes
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, cast

from autograder import catalog
from autograder.asking.ask import Answer
from autograder.asking.shown import shown
from autograder.asking.wire import NotPlain, Plain, WireError
from autograder.catalog.own import in_use
from autograder.judge.judge import drawn, judge
from autograder.judge.verdict import Verdict
from autograder.sandbox.frames import FrameError, TooLate, receive, send

SECONDS = 30.0  # to judge one exercise
MEMORY = 1 << 30  # bytes, beside what the process begins with
NOT_JUDGED = "The judge could not judge this"
_TRIES = 2  # it may have been ended from outside
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def judge_apart(
    name: str, student: str, seed: int, questions: Any, answers: Sequence[Answer]
) -> Verdict:
    """The verdict on the exercise `name`, as `student` has it; one of 0 that says why where it
    cannot be judged."""
    if sys.platform != "linux":  # only where submissions are trusted
        return judge(catalog[name].of(student), questions, answers)
    order = {"exercise": name, "student": student, "seed": seed}
    return _apart.judge(order, answers[: len(questions)])


class _Apart:
    """The one judging process of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._process = 0
        self._tasks: dict[str, Any] = {}  # as they were when it was forked,
        self._catalog = ""  # and the course's own they came with
        atexit.register(self._end)
        os.register_at_fork(after_in_child=self._let_go)

    def judge(self, order: dict[str, Any], answers: Sequence[Answer]) -> Verdict:
        why = "its process ended, twice"
        with self._lock:
            for _ in range(_TRIES):
                try:
                    return self._ask(order, answers)
                except TooLate:
                    self._end()
                    why = f"it took more than {SECONDS:g} seconds"
                    break
                except FrameError:
                    self._end()
                except (NotPlain, WireError) as error:
                    self._end()
                    why = str(error)
                    break
        return _not_judged(order["exercise"], why)

    def _ask(self, order: dict[str, Any], answers: Sequence[Answer]) -> Verdict:
        name = order["exercise"]
        same = self._tasks.get(name) is catalog[name] and self._catalog == in_use()
        if self._socket is None or not same:
            self._end()
            self._begin()
        assert self._socket is not None
        send(self._socket, order | {"answers": len(answers)}, SECONDS)
        for answer in answers:
            send(self._socket, cast(Plain, vars(answer)), SECONDS)
        verdict: Any = receive(self._socket, SECONDS)
        if isinstance(verdict, str):
            return _not_judged(name, verdict)
        return Verdict.from_dict(verdict)

    def _begin(self) -> None:
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        self._tasks, self._catalog = dict(catalog), in_use()
        self._process = os.fork()
        if self._process == 0:
            _serve(theirs, parent)
        theirs.close()
        self._socket = ours

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
        self._socket = None

    def _let_go(self) -> None:
        """After a fork, in the new process: the judging process stays the old one's."""
        self._lock = threading.Lock()
        self._socket = None


def _not_judged(name: str, why: str) -> Verdict:
    why = shown(why)
    note = f"{NOT_JUDGED}: {why}. It counts as no answer; please tell whoever teaches."
    return Verdict(name, 0.0, float(catalog[name].points), note=note)


def _serve(sock: socket.socket, parent: int) -> NoReturn:
    """Judge what comes over `sock`, until it closes; in a new process, which ends here."""
    try:
        _confine(sock, parent)
        while True:
            order: Any = receive(sock)
            given: list[Any] = [receive(sock) for _ in range(order["answers"])]
            try:
                answers = [Answer(**answer) for answer in given]
                task = catalog[order["exercise"]].of(order["student"])
                questions, trials = drawn(task, order["seed"])
                reply: Any = judge(task, questions, answers, trials).to_dict()
            except MemoryError:
                reply = f"it needs more than {MEMORY >> 20} MiB"
            except Exception as error:
                reply = f"{type(error).__name__}: {str(error)[:200]}"
            send(sock, reply)
    finally:
        os._exit(0)


def _confine(sock: socket.socket, parent: int) -> None:
    """Let go of all that is the grader's, and keep within limits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to answer
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    os.closerange(3, sock.fileno())
    os.closerange(sock.fileno() + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for kind, most in ((resource.RLIMIT_AS, has + MEMORY), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))


_apart = _Apart()
