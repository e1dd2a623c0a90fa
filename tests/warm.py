"""Commands that begin warm: forked from a process that has imported what commands import.

Starting nbgrader takes some seconds of imports, and the tests run its commands, and this kit's,
hundreds of times. What runs is the same as with ``python -m``: the same module and words, in the
same folder and environment, a new process in a session of its own. How commands begin cold is
tried with the wheel's programs, each the first time (`wheel_house`), and where a test kills what
it started; ``COLD=1`` has all of them begin so.

    warm.run("nbgrader", "autograde", "ps6", cwd=course)
"""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

PROGRAM = str(Path(__file__).with_name("warm_process.py"))
PROGRAMS = {"autograder": "autograder.cli", "nbgrader": "nbgrader", "alembic": "alembic"}
_kept = []  # a warm process ends when nobody holds the other end of its standard input


def run(*words: str, cwd: Path, status: int | None = 0, cold: Sequence[str] = ()) -> str:
    """Run a command to its end; what it printed. `cold` is what it begins with, if not warm."""
    about = nobodys(cwd) | ({"PATH": os.environ["PATH"]} if cold else {})
    done = subprocess.run(
        [*(cold or python()), *words],
        cwd=cwd,
        env=os.environ | about,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert status is None or done.returncode == status, done.stdout
    return done.stdout


def nobodys(home: Path) -> dict[str, str]:
    """The environment of nobody who happens to run the tests."""
    return {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "none"), "PATH": path()}


def python() -> list[str]:
    """What stands for ``python -m`` in a command line."""
    if os.environ.get("COLD"):
        return [sys.executable, "-m"]
    return [sys.executable, "-I", "-S", PROGRAM, _place()]


def path() -> str:
    """The PATH with warm programs before it; nbgrader runs alembic for every new gradebook."""
    first = Path(sys.executable).parent if os.environ.get("COLD") else _programs()
    return f"{first}{os.pathsep}{os.environ.get('PATH', '')}"


@cache
def _programs() -> Path:
    folder = Path(_place()).with_name("bin")
    write_programs(folder, python())
    return folder


def write_programs(folder: Path, begin: Sequence[str]) -> None:
    """Programs of the names that people type, which begin so."""
    folder.mkdir()
    for name, module in PROGRAMS.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.join([*begin, module])} "$@"\n')
        (folder / name).chmod(0o755)


@cache
def _place() -> str:
    """The socket of the warm process, which is started first."""
    place = str(Path(tempfile.mkdtemp(prefix="warm-"), "socket"))
    _kept.append(started([sys.executable, PROGRAM, place], os.environ))
    return place


def started(line: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A warm process, which has imported everything; it ends when its standard input does."""
    process = subprocess.Popen(
        line,
        cwd="/",
        env={**environment, "OPENBLAS_NUM_THREADS": "1"},  # what is forked has no threads
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdout.readline() == b"warm\n"
    return process
