"""Starts the process that runs one submission, on the best rung that this machine reaches.

=========  ======================================================================================
nested     a warm process in bubblewrap has imported everything once; each submission is forked
           from it into user, mount, pid, ipc, uts and net namespaces of its own
cold       each submission is a new process in a bubblewrap of its own, which imports everything
trusted    a plain process: whoever wrote the submission can do what the instructor can
=========  ======================================================================================
"""

import atexit
import base64
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from autograder.asking.wire import Plain
from autograder.sandbox.filter import system_call_filter
from autograder.sandbox.frames import FrameError, TooLate, receive, send
from autograder.sandbox.limits import Limits
from autograder.sandbox.view import (
    ENVIRONMENT,
    KIT,
    SandboxError,
    TooBusy,
    base_python,
    bubblewrap,
    package_files,
    python_options,
    spare_uid,
)

RUNGS = ("nested", "cold", "trusted")  # the best first
_LAST_WORDS = 4096  # bytes of a reason that a zygote's child gives
_TRIES = 3  # to fork: a zygote that was killed is replaced

Command = Callable[[int], list[str]]  # the number of a socket -> a command line


class Child:
    """A process that serves one submission, and the socket that leads to it."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def begin(self, limits: Limits, uid: int | None = None) -> None:
        """Let it give everything up, and wait until it is ready for cells."""
        calls = system_call_filter()
        text = None if calls is None else base64.b64encode(calls).decode("ascii")
        order: Plain = {"limits": vars(limits), "system_calls": text, "uid": uid}
        send(self.socket, order, limits.start_seconds)
        receive(self.socket, limits.start_seconds)

    def end(self) -> str:
        """Kill it with everything in it and wait until nothing is left; what it said last."""
        raise NotImplementedError


class ForkedChild(Child):
    """The first process of a pid namespace, which takes all others in it along."""

    def __init__(self, sock: socket.socket, handle: int) -> None:
        super().__init__(sock)
        self.handle = handle  # a pidfd: names this process even after its number is used again

    def end(self) -> str:
        self.socket.close()
        try:
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        except ProcessLookupError:
            pass
        finally:
            select.select([self.handle], [], [], 10)  # readable when it has ended
            os.close(self.handle)
        return ""


class StartedChild(Child):
    """A program that was started for this submission, in a session of its own."""

    def __init__(
        self,
        sock: socket.socket,
        process: "subprocess.Popen[bytes]",
        folder: "tempfile.TemporaryDirectory[str] | None" = None,
    ) -> None:
        super().__init__(sock)
        self.process = process
        self.folder = folder  # where it lives, if it has one of its own

    def end(self) -> str:
        self.socket.close()
        said = _kill(self.process)
        if self.folder:
            self.folder.cleanup()
        return said


class Zygote:
    """The warm process, from this side."""

    def __init__(self, packages: tuple[str, ...] = ()) -> None:
        """Start it; it has to be waited for before it forks."""
        self.packages = packages
        self.shared = False  # with processes that are forked from this one
        self.starter = os.getpid()
        scratch, uid = Limits().scratch, spare_uid()
        self.process, self.control = _start(
            lambda fd: bubblewrap(scratch, "zygote", fd, uid, packages)
        )

    def wait(self, limits: Limits) -> "Zygote":
        """Wait until it is warm; raise `SandboxError`, and end it, where it does not come to be."""
        try:
            receive(self.control, limits.start_seconds)
        except FrameError as error:
            self.control.close()
            said = _kill(self.process)
            if isinstance(error, TooLate):
                raise TooBusy("the warm process did not start in time") from None
            raise SandboxError(f"the warm process did not start: {said or 'it ended'}") from None
        except BaseException:
            self.end()
            raise
        return self

    def fork(self, limits: Limits) -> Child:
        """A new child, ready for cells; raise `SandboxError` with the reason if there is none.

        As root, each child becomes a user that nobody is, and no other child.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self.control, [b"f"], [theirs.fileno()])
            send(ours, {"uid": spare_uid()}, limits.start_seconds)
            ours.settimeout(limits.start_seconds)
            said, handles, _, _ = socket.recv_fds(ours, _LAST_WORDS, 1)
        except TimeoutError:
            ours.close()
            raise TooBusy("the warm process gave no child in time") from None
        except (OSError, FrameError) as error:
            ours.close()
            raise SandboxError(f"the warm process is gone ({error})") from None
        if not handles:
            ours.close()
            reason = said[1:].decode("utf-8", "replace") or "it ended"
            raise SandboxError(f"the warm process cannot give a child namespaces: {reason}")
        return _begin(ForkedChild(ours, handles[0]), limits)

    def end(self) -> None:
        """Have no more to do with it; who started it ends it with all its children."""
        self.control.close()
        if self.starter == os.getpid():
            _kill(self.process)


class _Warm:
    """The one warm process of this process, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        atexit.register(self.end)
        os.register_at_fork(after_in_child=self._let_go)

    def fork(self, limits: Limits, packages: tuple[str, ...] = ()) -> Child:
        for _ in range(_TRIES):
            with self._lock:
                if self._zygote is not None and self._zygote.packages != packages:
                    self._zygote.end()
                    self._zygote = None
                if self._zygote is None:
                    self._zygote = Zygote(packages).wait(limits)
                zygote = self._zygote
            try:
                return zygote.fork(limits)
            except SandboxError as error:  # somebody may have killed it: try another one
                reason = error
                with self._lock:
                    if self._zygote is zygote:
                        self._zygote = None
                zygote.end()
        raise reason

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Share one with all that will be forked from this process: it starts now, and gets warm
        while the block runs. Where there can be none, whoever needs one finds out."""
        started = None
        if self._zygote is None:
            with suppress(SandboxError):
                started = Zygote()
        yield
        if started is not None:
            with suppress(SandboxError):
                self._zygote = started.wait(Limits())
        if self._zygote is not None:
            self._zygote.shared = True

    def end(self) -> None:
        with self._lock:
            if self._zygote is not None:
                self._zygote.end()
                self._zygote = None

    def _let_go(self) -> None:
        """After a fork, in the new process: the zygote stays the old one's, if not shared."""
        self._lock = threading.Lock()
        if self._zygote is not None and not self._zygote.shared:
            self._zygote.control.close()
            self._zygote = None


_warm = _Warm()
shared = _warm.shared


def start_child(limits: Limits, rung: str, packages: tuple[str, ...] = ()) -> Child:
    """Start a process that is ready for cells; raise `SandboxError` where it cannot be had."""
    if rung == "nested":
        return _warm.fork(limits, packages)
    if rung == "cold":
        uid = spare_uid()
        process, sock = _start(lambda fd: bubblewrap(limits.scratch, "child", fd, uid, packages))
        return _begin(StartedChild(sock, process), limits, uid)
    folder = tempfile.TemporaryDirectory(prefix="autograder-")
    process, sock = _start(lambda fd: _unprotected(Path(folder.name), fd, packages))
    return _begin(StartedChild(sock, process, folder), limits)


def best_rung(trust_submissions: bool = False) -> str:
    """The best rung that this machine reaches; the last one only where submissions are trusted.

    Raises `SandboxError` with the reasons where there is none, and `TooBusy` where it is not known.
    """
    try:
        return _best_isolating()
    except TooBusy:
        raise
    except SandboxError:
        if trust_submissions:
            return RUNGS[-1]
        raise


@cache
def _best_isolating() -> str:
    reasons = []
    for rung in RUNGS[:-1]:
        try:
            start_child(Limits(), rung).end()
            return rung
        except TooBusy:  # a lower rung would take no less
            raise
        except SandboxError as error:
            reasons.append(f"{rung}: {error}.")
    raise SandboxError(
        f"This machine isolates no submission ({' '.join(reasons)}) `autograder doctor` says what "
        "is missing. Whoever trusts all submissions can say so: "
        "autograder grade --trust-submissions, or c.RunAndJudge.trust_submissions = True in "
        "nbgrader_config.py."
    )


def _begin(child: Child, limits: Limits, uid: int | None = None) -> Child:
    try:
        child.begin(limits, uid)
    except FrameError as error:
        kind = TooBusy if isinstance(error, TooLate) else SandboxError
        raise kind(f"no child could begin: {child.end() or error}") from None
    except BaseException:
        child.end()
        raise
    return child


def _start(command: Command) -> "tuple[subprocess.Popen[bytes], socket.socket]":
    """Start the program that `command` makes of the number of its socket; and our end of it."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            command(theirs.fileno()),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    return process, ours


def _kill(process: "subprocess.Popen[bytes]") -> str:
    """End `process` and what it started; the last line that it said."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    try:
        said = process.communicate(timeout=10)[1].decode("utf-8", "replace").strip()
    except subprocess.TimeoutExpired:
        return "it could not be ended"
    return said.splitlines()[-1] if said else ""


def _unprotected(folder: Path, fd: int, packages: tuple[str, ...] = ()) -> list[str]:
    """The command of the last rung: the same program, sees what it may import and everything."""
    places = {Path("kit", name): file for name, file in KIT.items()}
    places |= {Path("packages", path.name): path for path in package_files(packages)}
    for place, file in places.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).symlink_to(file)
    environment = ENVIRONMENT | {
        "HOME": str(folder),
        "MPLCONFIGDIR": str(folder),
        "PYTHONPATH": f"{folder}/kit:{folder}/packages",
    }
    settings = [f"{name}={value}" for name, value in environment.items()]
    return ["env", "-i", *settings, str(base_python()), *python_options("child", fd)]
