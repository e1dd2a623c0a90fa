"""What a verdict depends on beside the submission, as one short name."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import autograder
import backpropkit

_JUDGES = (  # folder, and what in it has a say in verdicts
    (
        Path(autograder.__path__[0]),
        (
            *("*.py", "asking/*.py", "judge/*.py", "catalog/*.py", "drills/*.py"),
            *("sandbox/*.py", "course/*.py"),
        ),
    ),
    (
        Path(backpropkit.__path__[0]),
        tuple(
            f"{room}*.py"
            for room in ("", "terms/", "engine/", "fluent/", "given/", "graphs/", "ideas/")
        ),
    ),
)
_NO_SAY = {"cli.py", "doctor.py"}


def fingerprint(release: bytes, catalog: str = "") -> str:
    """Name what judges an assignment: its released notebook, the exercises, and the engine.

    `catalog` names the course's own exercises, where it has some: `catalog.own.name_of`.

    Whatever was judged under another name has to be judged again.

    >>> fingerprint(b"a") == fingerprint(b"a") != fingerprint(b"b")
    True
    """
    return hashlib.sha256(_programs() + catalog.encode() + release).hexdigest()[:20]


def programs() -> Iterator[tuple[str, Path]]:
    """Every file of the kit that has a say in verdicts, by its name in its package."""
    for folder, patterns in _JUDGES:
        for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
            if path.name not in _NO_SAY:
                yield path.relative_to(folder).as_posix(), path


@cache
def _programs() -> bytes:
    found = hashlib.sha256()
    for name, path in programs():
        found.update(name.encode() + path.read_bytes())
    return found.digest()
