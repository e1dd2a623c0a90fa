"""What is made once in a run of the tests, by whichever of its processes needs it first."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of this name, which `make` has filled; whoever comes meanwhile waits for it."""
    import fcntl  # not on Windows, where other tests can be run

    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each process has a folder below that of the run
        place = place.parent
    folder, done = place / name, place / f"{name}.done"
    with open(place / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()  # where making it failed before, this says so
            make(folder)
            done.touch()
    return folder
