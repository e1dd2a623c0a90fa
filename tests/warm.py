"""Commands that begin warm: forked from a process that has imported what commands import.

Starting nbgrader takes some seconds of imports, and the tests run its commands, and this kit's,
hundreds of times. What runs is the same as with ``python -m``: the same module and words, in the
same folder and environment, a new process in a session of its own. How commands begin cold is
tried with the wheel's programs (`wheel_house`), and where a test kills what it started; ``COLD=1``
has all of them begin so.

    subprocess.run([*warm.python(), "nbgrader", "autograde", "ps6"], cwd=course, env=environment)
"""

import os
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

PROGRAM = str(Path(__file__).with_name("warm_process.py"))
PROGRAMS = {"autograder": "autograder.cli", "nbgrader": "nbgrader", "alembic": "alembic"}
_kept = []  # a warm process ends when nobody holds the other end of its standard input


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
    folder.mkdir()
    for name, module in PROGRAMS.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.join([*python(), module])} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


@cache
def _place() -> str:
    """The socket of the warm process, which is started first."""
    place = str(Path(tempfile.mkdtemp(prefix="warm-"), "socket"))
    process = subprocess.Popen(
        [sys.executable, PROGRAM, place],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # what is forked has no threads
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    _kept.append(process)
    assert process.stdout is not None and process.stdout.readline() == b"warm\n"
    return place
