"""Starts one cold child in bubblewrap: what it sees of this machine, and what it does not.

It sees the standard library, the shared libraries of the system, NumPy, matplotlib, ipywidgets
and what they need (not the other packages installed beside them), this kit's wire and two
stand-ins, and empty places to write. There is no network, no course, no gradebook, no home, no
engine, no catalog and no judge, and of /proc only its own processes.
"""

import importlib.metadata
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.sandbox.frames import FrameError, receive, send
from autograder.sandbox.limits import Limits

PACKAGES = ("numpy", "matplotlib", "ipywidgets", "ipython")  # and what they need
_HERE = Path(__file__).parent
_KIT = {  # path in the sandbox -> file here
    "autograder/__init__.py": _HERE / "standin_autograder.py",
    "autograder/wire.py": _HERE.parent / "wire.py",
    "autograder/ask.py": _HERE.parent / "ask.py",
    "autograder/sandbox/frames.py": _HERE / "frames.py",
    "autograder/sandbox/limits.py": _HERE / "limits.py",
    "autograder/sandbox/outputs.py": _HERE / "outputs.py",
    "autograder/sandbox/child.py": _HERE / "child.py",
    "backpropkit/__init__.py": _HERE / "standin_backpropkit.py",
}
_ENVIRONMENT = {
    "HOME": "/home/learner",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OPENBLAS_NUM_THREADS": "1",  # a second core is another learner's
    "OMP_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONPATH": "/kit:/packages",
    "PYTHONDONTWRITEBYTECODE": "1",
    "USER": "learner",
}
_SMALLEST_UID = 2_000_000_000  # nobody's: above what systems and containers hand out
_UIDS = 100_000_000


class SandboxError(RuntimeError):
    """This machine cannot start a sandbox; the text says what is missing."""


@dataclass
class Child:
    """A process in a sandbox of its own, and the socket that leads to it."""

    process: "subprocess.Popen[bytes]"
    socket: socket.socket

    def end(self) -> None:
        """Kill it with everything it started: the first process of a pid namespace takes all."""
        self.socket.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()


def start_child(limits: Limits) -> Child:
    """Start a child and wait until it is ready for cells; raise `SandboxError` if it cannot."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [*_bubblewrap(limits.scratch), *_python(theirs.fileno())]
        process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    child = Child(process, ours)
    uid = _SMALLEST_UID + secrets.randbelow(_UIDS)
    try:
        send(ours, {"limits": vars(limits), "uid": uid}, limits.start_seconds)
        receive(ours, limits.start_seconds)
    except FrameError:
        os.killpg(process.pid, signal.SIGKILL)
        said = process.communicate()[1].decode("utf-8", "replace").strip()
        child.end()
        raise SandboxError(f"no sandbox could be started: {said or 'it said nothing'}") from None
    except BaseException:
        child.end()
        raise
    return child


def require_sandbox(limits: Limits | None = None) -> None:
    """Raise `SandboxError` where this machine cannot start a sandbox."""
    start_child(limits or Limits()).end()


def _python(fd: int) -> list[str]:
    # without `site`, nothing of the installation beside the standard library is on the path
    return [str(_base_python()), "-S", "-B", "-P", "-m", "autograder.sandbox.child", str(fd)]


def _base_python() -> Path:
    """The interpreter below any virtual environment."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()


def _bubblewrap(scratch: int) -> list[str]:
    """The command line of bubblewrap up to the program that it is to run."""
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError(
            "bubblewrap is not installed: the program bwrap, in the package bubblewrap"
        )
    options = [program, "--die-with-parent", "--new-session", "--clearenv", "--chdir", "/tmp"]
    if os.getuid() == 0:
        # Root's own files can be bound only while root; the child steps down itself, and for good.
        options += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        options += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
        options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        options += ["--unshare-all", "--uid", "1000", "--gid", "1000"]
    for name, value in _ENVIRONMENT.items():
        options += ["--setenv", name, value]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += _see()
    for place in ("/tmp", "/home/learner", "/dev/shm"):
        options += ["--perms", "1777", "--size", str(scratch), "--tmpfs", place]
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/", "--"]


@cache
def _see() -> tuple[str, ...]:
    """The options that let the sandbox see the interpreter, its libraries and the kit."""
    python, lib = _base_python(), Path(sys.base_prefix)
    libraries = [Path("/lib"), Path("/lib64"), Path("/usr/lib"), Path("/usr/lib64")]
    libraries += [lib / "lib", lib / "lib64"]
    bound = {path: path for path in dict.fromkeys(libraries) if path.is_dir()}
    bound[python] = python
    bound |= {Path("/kit", name): file for name, file in _KIT.items()}
    bound |= {Path("/packages", path.name): path for path in _package_files(PACKAGES)}
    options: list[str] = []
    for parent in _parents(bound):
        options += ["--perms", "0755", "--dir", str(parent)]
    for place, file in bound.items():
        options += ["--ro-bind", str(file), str(place)]
    for installed in _installed_beside(libraries):
        options += ["--tmpfs", str(installed), "--remount-ro", str(installed)]
    return tuple(options)


def _parents(paths: Iterable[Path]) -> list[Path]:
    """Every folder above `paths`, outermost first; bubblewrap would make them for root only."""
    parents = {parent for path in paths for parent in path.parents}
    return sorted(parents - {Path("/")}, key=lambda path: len(path.parts))


def _installed_beside(libraries: Sequence[Path]) -> list[Path]:
    """The folders of installed packages inside the libraries that the sandbox sees."""
    return [
        packages
        for library in libraries
        for name in ("site-packages", "dist-packages")
        for packages in library.glob(f"python*/{name}")
    ]


def _package_files(names: Sequence[str]) -> list[Path]:
    """The top-level files and folders of these distributions and of all that they require."""
    found: dict[str, importlib.metadata.Distribution] = {}
    wanted = list(names)
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # needed on another system or Python only
        requirements = [Requirement(text) for text in found[name].requires or []]
        wanted += [r.name for r in requirements if not r.marker or r.marker.evaluate({"extra": ""})]
    tops = {
        Path(str(distribution.locate_file(file.parts[0])))
        for distribution in found.values()
        for file in distribution.files or []
        if file.parts[0] not in ("..", "__pycache__")
    }
    return sorted(tops)
