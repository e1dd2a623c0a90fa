"""Reads a submitted notebook as what it is: text from a stranger.

Of a submission only the sources of its cells count, and which nbgrader cell each says it is.
Outputs, tags, attachments, other metadata and side files are never looked at.
"""

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 20_000_000  # of a notebook file
MAX_SOURCE = 2_000_000  # characters in all its cells
MAX_CELLS = 2_000
AGAIN = "Open the notebook in JupyterLab, save it, and submit it again."


class Unreadable(ValueError):
    """The submission cannot be read as a notebook; the text tells the learner why."""


@dataclass(frozen=True)
class Cell:
    """One cell of a submission; `grade_id` is what it claims to be, and may be anyone's."""

    kind: str  # code, markdown or raw
    source: str
    grade_id: str | None = None


def read_submission(path: Path) -> list[Cell]:
    """Return the cells of the notebook at `path`; raise `Unreadable` where there are none."""
    return parse(path.name, read_file(path))


def try_read(path: Path) -> bytes | Unreadable:
    """Return what stands in a learner's file, or the reason why nothing can be read there."""
    try:
        return read_file(path)
    except Unreadable as reason:
        return reason


def digest(found: bytes | Unreadable) -> str:
    """What stands for a submission: a hash of its bytes, or of the reason why it has none."""
    data = found if isinstance(found, bytes) else str(found).encode()
    return hashlib.sha256(data).hexdigest()


def parse(name: str, data: bytes) -> list[Cell]:
    """Return the cells of a notebook called `name`; raise `Unreadable` where there are none."""
    text = _text(name, data)
    try:
        notebook = json.loads(text)
    except RecursionError:
        raise Unreadable(f"{name} is nested too deeply for a notebook. {AGAIN}") from None
    except ValueError as error:
        raise Unreadable(
            f"{name} is not a notebook: it is not JSON, or it was cut off ({error}). {AGAIN}"
        ) from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise Unreadable(f"{name} is JSON, but not a notebook. {AGAIN}")
    if notebook["nbformat"] != 4:
        version = str(notebook["nbformat"])[:20]
        raise Unreadable(f"{name} is in notebook format {version}, not 4. {AGAIN}")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise Unreadable(f"{name} has no list of cells. {AGAIN}")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"{name} has {len(cells):,} cells where {MAX_CELLS:,} are allowed.")
    found = [cell for cell in map(_cell, cells) if cell is not None]
    length = sum(len(cell.source) for cell in found)
    if length > MAX_SOURCE:
        raise Unreadable(f"{name} has {length:,} characters where {MAX_SOURCE:,} are allowed.")
    return found


def read_file(path: Path) -> bytes:
    """Return what stands in a learner's file, without following links or waiting for a pipe.

    Raises `Unreadable` where it is no file, or one of more than `MAX_BYTES`.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise Unreadable(f"There is no file {path.name} in the submission.") from None
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from None
    try:
        return _bytes(fd, path.name)
    finally:
        os.close(fd)


def _text(name: str, data: bytes) -> str:
    if not data.strip():
        raise Unreadable(f"{name} is empty. {AGAIN}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
        raise Unreadable(f"{name} is not text in UTF-8 ({place}). {AGAIN}") from None


def _bytes(fd: int, name: str) -> bytes:
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"{name} is not a file.")
    if status.st_size > MAX_BYTES:
        size = f"{status.st_size / 1e6:.0f} MB where {MAX_BYTES / 1e6:.0f} are allowed"
        raise Unreadable(f"{name} has {size}. Clear its outputs, save it, and submit it again.")
    with open(fd, "rb", closefd=False) as file:
        return file.read(MAX_BYTES)


def _cell(cell: Any) -> Cell | None:
    """Make a `Cell` of what JSON says, or ``None`` where it is not one."""
    match cell:
        case {"cell_type": str(kind), "source": str(source)}:
            pass
        case {"cell_type": str(kind), "source": [*lines]} if all(type(x) is str for x in lines):
            source = "".join(lines)
        case _:
            return None
    grade_id = None
    match cell.get("metadata"):
        case {"nbgrader": {"grade_id": str(name)}}:
            grade_id = name
    # lone surrogates could not be written to a file again
    return Cell(kind, source.encode("utf-8", "replace").decode("utf-8"), grade_id)
