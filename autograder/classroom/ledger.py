"""The ledger: each verdict is one file, written whole or not at all, and never changed."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

FORM = 1  # of a record


class Busy(RuntimeError):
    """Somebody else grades this assignment now."""


class Ledger:
    """The records of one assignment, in ``<course>/ledger/<assignment>/<student>/<key>.json``.

    The key names the submission and all that judges it, so that what is there need not be judged
    again, whatever became of the gradebook. Older records of a student stay.
    """

    def __init__(self, course: Path, assignment: str) -> None:
        self.folder = course / "ledger" / assignment

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Raise `Busy` where another process is in such a block; the lock ends with its process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / ".lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(f"Another process grades here: {self.folder} is locked.") from None
            yield

    def read(self, student: str, key: str) -> dict[str, Any] | None:
        """The record; ``None`` where there is none, or none that can be read."""
        return _load(self._path(student, key))

    def write(self, record: dict[str, Any]) -> None:
        """Keep a record for good: it is on the disk, and then it has its name."""
        path = self._path(record["student"], record["key"])
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps(record | {"form": FORM}, ensure_ascii=False, separators=(",", ":"))
        part = path.with_name(f".{path.name}.part")  # what a crash leaves is overwritten
        try:
            with open(part, "w", encoding="utf-8") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise

    def students(self) -> list[str]:
        """Everybody who has a record."""
        return sorted(path.name for path in self.folder.glob("*/") if any(path.glob("*.json")))

    def latest(self, student: str) -> dict[str, Any] | None:
        """A student's newest record."""
        paths = sorted((self.folder / student).glob("*.json"), key=lambda p: p.stat().st_mtime_ns)
        return next(filter(None, map(_load, reversed(paths))), None)

    def _path(self, student: str, key: str) -> Path:
        return self.folder / student / f"{key}.json"


def _load(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_bytes())
        return record if record["form"] == FORM else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
