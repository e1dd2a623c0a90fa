"""The ledger: each record is one file, written whole or not at all, and never changed."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.classroom.record import Record

_SHARED_FOLDER, _SHARED_FILE = 0o2770, 0o664  # added to and set, as nbgrader does it


class Busy(RuntimeError):
    """Somebody else grades this assignment now."""


class Ledger:
    """The records of one assignment, in ``<course>/ledger/<assignment>/<student>/<key>.json``.

    The key names the submission and all that judges it, so that what is there need not be judged
    again, whatever became of the gradebook. Older records of a student stay; which one counts is
    what the gradebook was written from. With `shared`, a group of graders can write.
    """

    def __init__(self, course: Path, assignment: str, shared: bool = False) -> None:
        self.folder = course / "ledger" / assignment
        self._shared = shared

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Raise `Busy` where another process is in such a block; the lock ends with its process."""
        self._make(self.folder)
        with open(self.folder / ".lock", "a") as lock:
            self._share(Path(lock.name), _SHARED_FILE)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(f"Another process grades here: {self.folder} is locked.") from None
            yield

    def read(self, student: str, key: str) -> Record | None:
        """The record; ``None`` where there is none, or none that can be read to its end."""
        try:
            record = Record.from_text(self._path(student, key).read_bytes())
            for one in record.notebooks.values():
                one.notebook["cells"]
            return record
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def lost(self, student: str, key: str) -> str:
        """What to say of a record that should be there, where `read` finds none."""
        path = self._path(student, key)
        why = "cannot be read" if path.exists() else "is not there"
        return f"{path} {why}: autograder grade {self.folder.name} judges that submission again"

    def write(self, record: Record) -> None:
        """Keep a record for good: it is on the disk, and then it has its name."""
        path = self._path(record.student, record.key)
        self._make(path.parent)
        text = record.text
        part = path.with_name(f".{path.name}.part")  # what a crash leaves is overwritten
        try:
            with open(part, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self._share(part, _SHARED_FILE)
            os.replace(part, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise

    def students(self) -> list[str]:
        """Everybody who has a record."""
        return sorted(path.name for path in self.folder.glob("*/") if any(path.glob("*.json")))

    def forget(self, student: str) -> bool:
        """Remove all records of a student; whether there were any."""
        folder = self.folder / student
        there = folder.is_dir()
        if there:
            shutil.rmtree(folder)
        return there

    def _path(self, student: str, key: str) -> Path:
        return self.folder / student / f"{key}.json"

    def _make(self, folder: Path) -> None:
        """Make a folder with those above it, in the course."""
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        self._share(folder, folder.stat().st_mode | _SHARED_FOLDER)

    def _share(self, path: Path, mode: int) -> None:
        """Let the group write; what belongs to another grader has been shared by them."""
        if self._shared:
            with suppress(PermissionError):
                path.chmod(mode & 0o7777)
