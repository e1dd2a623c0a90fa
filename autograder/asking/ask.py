"""Questions put to a learner's code, and the plain answers that come back.

A script of questions runs in one namespace, in order. The judge writes the questions and reads
the answers; it does not matter to either whether `ask` ran in the notebook or in the sandbox.
"""

import contextlib
import io
import signal
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

import numpy as np

from autograder.asking.counted import counted
from autograder.asking.gather import gathered
from autograder.asking.kept import remember
from autograder.asking.wire import Odd, Plain, plain

MAX_TEXT = 300  # characters of an error's text
# Where every step is watched, it is steps that are counted: an answer has the same verdict on any
# machine. Of right answers none takes more than 2.4 million: 5 s in a browser, 20 s where it has to
# share a machine with much else. The clock is for slow calls of NumPy.
STEPS = 10_000_000
WATCHED = 12  # times the seconds
# Seconds are the processor's: a machine with much else to do takes no point from anybody. By the
# clock a limit is so many times as long, for what only waits.
BUSY = 3
IN_LINE = "; in the line "  # stands before the line of a question of several lines that raised
# Before the reason why a name was never defined: an import that failed, or another error above it
AFTER_IMPORT, AFTER_ERROR = "; an import failed: ", "; its cell ended with "
# Behind a name that nothing of a hand-in defines; in a notebook its cell can still be run
NOT_HANDED_IN = "; nothing handed in defines it before its check"
TROUBLES = ("raised", "stopped", "died", "not plain", "missing")
_SCRIPT = "<question>"
_NOT_THEIRS = (  # how the file names of code start that the learner did not write
    _SCRIPT,
    str(Path(__file__).parent),
    "<frozen",
    sysconfig.get_path("stdlib"),
    str(Path(np.__file__).parents[1]),
)


@dataclass(frozen=True)
class Question:
    """One thing to find out from a learner's code.

    `code` is an expression over the learner's names, `args` and what earlier questions kept, such
    as ``quad_grad(A, x)``; or statements, such as a class to hand to the learner's code, and then
    the answer's value is ``None``. `args` are bound for this question only, as fresh copies.
    With `keep`, the result stays under that name for later questions (an instance, say) and does
    not come back.
    """

    code: str
    args: Mapping[str, Plain] = field(default_factory=dict)
    keep: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came back: a `value`, or the `trouble` there was and a `text` about it.

    `trouble` is ``None`` or one of ``raised`` (an exception), ``stopped`` (the time limit),
    ``died`` (the process ended), ``not plain`` (no numbers, arrays or lists of them) and
    ``missing`` (the name that the question is about is not defined).
    """

    value: Plain = None
    trouble: str | None = None
    text: str = ""


class Stopped(BaseException):
    """Raised inside a learner's code when its time is over; `except Exception` lets it through."""


def ask(
    namespace: Mapping[str, object], questions: Sequence[Question], limit: float = 5.0
) -> list[Answer]:
    """Put `questions` to the code in `namespace`; one `Answer` each, in order.

    A question may take `limit` seconds of the processor and the script twice that; where every
    step is watched, `STEPS` steps and `WATCHED` times as long; see `deadline` for what can be
    stopped where. What the code prints and warns is dropped; whatever it raises becomes an answer.
    `namespace` itself is not changed, and what the code keeps (a flag, a cache) is put back, so
    that asking again gives the same answers.

    Raises ``SyntaxError`` and `NotPlain` for a question that is itself not well formed.

    >>> def twice(x):
    ...     return 2 * x
    >>> ask({"twice": twice}, [Question("twice(x)", {"x": 4.0}), Question("thrice(1)")])
    [Answer(value=8.0, trouble=None, text=''), Answer(value=None, trouble='missing', text='thrice')]
    """
    return list(answers(namespace, questions, limit))


def answers(
    namespace: Mapping[str, object], questions: Sequence[Question], limit: float
) -> Iterator[Answer]:
    """Yield what `ask` returns, each answer as soon as it is known."""
    script = dict(namespace)
    limit *= 1 if _has_alarm() else WATCHED
    spent = _stopwatch()
    put_back = remember(namespace)
    try:
        for question in questions:
            with warnings.catch_warnings(), _silence():
                warnings.simplefilter("ignore")
                answer = _ask_one(script, question, limit, 2 * limit - spent())
            yield answer
    finally:
        put_back()


def _stopwatch() -> Callable[[], float]:
    """Tells the processor's seconds since it was made; of the clock's a share, if that is more."""
    busy, now = time.process_time(), time.monotonic()
    return lambda: max(time.process_time() - busy, (time.monotonic() - now) / BUSY)


def _ask_one(script: dict[str, Any], question: Question, limit: float, left: float) -> Answer:
    code = _compile(question.code)
    seconds = min(limit, left)
    if seconds <= 0:
        return Answer(None, "stopped", "no time was left for it")
    args = {name: plain(value) for name, value in question.args.items()}
    hidden = {name: script[name] for name in args if name in script and name != question.keep}
    script.update(args)
    try:
        with deadline(seconds):
            return _result(script, code, question)
    except Stopped as stopped:
        why = str(stopped) or f"it ran longer than {counted(limit, 'second')}"
        return Answer(None, "stopped", why)
    finally:
        for name in args.keys() - {question.keep}:
            script.pop(name, None)
        script.update(hidden)


@lru_cache(maxsize=64)  # a script asks the same of several inputs
def _compile(code: str) -> CodeType:
    """Compile `code` as an expression where it is one, as statements otherwise."""
    try:
        return compile(code, _SCRIPT, "eval")
    except SyntaxError:
        return compile(code, _SCRIPT, "exec")


def _result(script: dict[str, Any], code: CodeType, question: Question) -> Answer:
    try:
        value = eval(code, script)  # the value of statements is None
        if question.keep is not None:
            script[question.keep] = value
            return Answer()
        found = gathered(value)
        return Answer(None, "not plain", found.what) if isinstance(found, Odd) else Answer(found)
    except Stopped:
        raise
    except BaseException as error:
        name = error.name if isinstance(error, NameError) else None
        if name in code.co_names and name not in script:
            return Answer(None, "missing", name)
        return Answer(None, "raised", _describe_error(error) + _line(error, question.code))


def _line(error: BaseException, code: str) -> str:
    """Which line of a question raised, where it has several."""
    lines = code.splitlines()
    at = [n for frame, n in traceback.walk_tb(error.__traceback__) if _is_question(frame)]
    return f"{IN_LINE}{lines[at[0] - 1].strip()}" if len(lines) > 1 and at else ""


def _is_question(frame: FrameType) -> bool:
    return frame.f_code.co_filename == _SCRIPT and frame.f_code.co_name == "<module>"


def _describe_error(error: BaseException) -> str:
    """Name the error and the innermost line of the learner's own that it came through."""
    try:
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
    except BaseException as second:
        if isinstance(second, Stopped):
            raise
        text = type(error).__name__
    text = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " …"
    return text + _place(error.__traceback__)


def _place(trace: TracebackType | None) -> str:
    for frame, line in reversed(list(traceback.walk_tb(trace))):
        code = frame.f_code
        if not code.co_filename.startswith(_NOT_THEIRS):
            return f" (line {line - code.co_firstlineno + 1} of {code.co_name})"
    return ""


class _Sink(io.TextIOBase):
    """A file that forgets what is written to it."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(_Sink()), contextlib.redirect_stderr(_Sink()):
        yield


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `Stopped` in the block after `seconds` of the processor, or `BUSY` times as many.

    In the main thread of a system with alarms, whatever runs is stopped. Elsewhere (Windows, a
    browser, another thread) every step of the learner's Python is counted: an endless loop is
    stopped after `STEPS`, one call into C that never returns is not.
    """
    with _alarm(seconds) if _has_alarm() else _watch(seconds):
        yield


def _has_alarm() -> bool:
    main = threading.current_thread() is threading.main_thread()
    return main and hasattr(signal, "setitimer")


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    before = {kind: signal.signal(kind, stop) for kind in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, BUSY * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextlib.contextmanager
def _watch(seconds: float) -> Iterator[None]:
    end, steps = time.monotonic() + seconds, count()

    def watch(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename.startswith(_NOT_THEIRS):
            return None  # not looked at; what it calls is
        frame.f_trace_opcodes = True  # `while True: pass` never comes to another line
        if next(steps) > STEPS:
            raise Stopped(f"it took more than {STEPS:,} steps")
        if time.monotonic() > end:
            raise Stopped
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)
