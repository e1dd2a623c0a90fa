"""Recording: whether results are recorded, `no_grad`; and which questions an `if` asked."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from types import FrameType
from typing import Any

from ..terms import EngineError

ENTERS = {"__enter__", "__exit__", "__aenter__", "__aexit__"}
LATER = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
blocks: dict[FrameType, list[bool]] = {}  # where code stands inside no_grad; see `recording`
# the nodes an `if` was decided by; see `truths`
asked: ContextVar[list[Any] | None] = ContextVar("asked", default=None)


class Bare(type):
    """What `with no_grad:` enters, which has no brackets: the class itself."""

    def __enter__(cls) -> None:
        raise EngineError(f"{cls.__name__} lacks its brackets: write `with bp.{cls.__name__}():`")

    __exit__ = __enter__


class no_grad(contextlib.ContextDecorator, metaclass=Bare):
    """Inside, results are computed but not recorded: they are constants and keep nothing alive.

    It holds for what the block itself runs and calls, also a block that a context manager enters:
    not for other threads, and not for whoever goes on with a generator that was left inside one.

    >>> from backpropkit import var
    >>> with no_grad():
    ...     y = var(2.0) * 3.0
    >>> y.args
    ()
    """

    recording = False

    def __init__(self, *given: Any) -> None:
        if given:
            raise EngineError("no_grad was given something: write @bp.no_grad(), with brackets")
        self._frames: list[Any] = []  # of all that are in it: threads and generators may share it

    def __call__(self, function: Any) -> Any:
        code = getattr(function, "__code__", None)
        if code and code.co_flags & LATER:
            raise EngineError(
                f"{function.__name__} runs after no_grad around it has ended, as it yields or "
                "awaits: write `with bp.no_grad():` inside of it"
            )
        return super().__call__(function)

    def __enter__(self) -> None:
        frame = whoever()
        self._frames.append(frame)
        blocks.setdefault(frame, []).append(self.recording)

    def __exit__(self, *error: Any) -> None:
        frame = below = whoever()
        if frame not in self._frames:  # an ExitStack, closed by somebody else
            frame = self._frames[-1]
        self._frames.remove(frame)
        blocks[frame].pop()
        if not blocks[frame]:
            del blocks[frame]
        while below is not None and below is not frame:
            below = below.f_back
        if below is None and not any(error):
            raise EngineError(
                f"no_grad was entered in {frame.f_code.co_name}, and ended when that did: write "
                "`with bp.no_grad():` around what is not to be recorded"
            )


def whoever() -> Any:
    """The frame that enters a block or leaves it. Between may stand contextlib, and somebody's own
    context manager: a class's __enter__, or the generator of a contextlib.contextmanager."""
    frame: Any = sys._getframe(2)
    while helps(frame) or (frame.f_code.co_flags & LATER and helps(frame.f_back)):
        frame = frame.f_back
    return frame


def helps(frame: FrameType | None) -> bool:
    """Whether a frame enters or leaves a block for the one that called it."""
    code = frame and frame.f_code
    return bool(code and (code.co_filename == contextlib.__file__ or code.co_name in ENTERS))


class recorded(no_grad):
    """Inside, results are recorded whatever holds outside: a gradient needs its graph."""

    recording = True


def recording() -> bool:
    """Whether results are recorded: what the innermost block says that is still running."""
    frame: FrameType | None = sys._getframe(1) if blocks else None
    while frame is not None:
        if frame in blocks:
            return blocks[frame][-1]
        frame = frame.f_back
    return True


@contextlib.contextmanager
def truths() -> Iterator[list[Any]]:
    """Inside, the nodes whose truth was asked (by an `if`, say) are collected, in order.

    >>> from backpropkit import var
    >>> x = var(2.0)
    >>> with truths() as asked:
    ...     y = x * 10.0 if x > 0 else -x
    >>> asked[0].op, asked[0].value
    ('greater', 1.0)
    """
    found: list[Any] = []
    before = asked.set(found)
    try:
        yield found
    finally:
        asked.reset(before)
