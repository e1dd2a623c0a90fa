"""Reads a submitted notebook as what it is: text from a stranger.

Of a submission only the sources of its cells count, the pictures pasted into text, and which
nbgrader cell each says it is. Outputs, tags, other metadata and side files are never looked at.
"""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.asking.shown import shown

MAX_BYTES = 20_000_000  # of a notebook file
MAX_SOURCE = 2_000_000  # characters in all its cells
MAX_CELLS = 2_000
MAX_PARTS = 1_000_000  # lists and dictionaries in the file
AGAIN = "Open the notebook in JupyterLab, save it, and submit it again."
CLEAR = "Clear its outputs, save it, and submit it again."


class Unreadable(ValueError):
    """The submission cannot be read as a notebook; the text tells the learner why."""

    def __init__(self, reason: str) -> None:
        super().__init__(shown(reason))  # it may quote what stands in a stranger's file


@dataclass(frozen=True)
class HandedIn:
    """What was handed in as one notebook: its bytes, or why there are none; `note` says from where,
    if that is not where it belongs."""

    data: bytes | Unreadable
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a submission; `grade_id` is what it claims to be, and may be anyone's.

    Pictures are {name: base64 as the notebook has it}; nobody has looked at them yet.
    """

    kind: str  # code, markdown or raw
    source: str
    grade_id: str | None = None
    pictures: Mapping[str, str] = field(default_factory=dict)


def read_submission(path: Path) -> list[Cell]:
    """Return the cells of the notebook at `path`; raise `Unreadable` where there are none."""
    return parse(path.name, read_file(path))


def try_read(path: Path) -> HandedIn:
    """Return what stands in a learner's file, or the reason why nothing can be read there."""
    try:
        return HandedIn(read_file(path))
    except Unreadable as reason:
        return HandedIn(reason)


def digest(found: HandedIn) -> str:
    """What stands for a submission: a hash of its bytes, or of the reason why it has none."""
    data = found.data if isinstance(found.data, bytes) else str(found.data).encode()
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
    version = str(notebook["nbformat"])[:20]
    if version.removesuffix(".0") not in ("3", "4"):
        raise Unreadable(f"{name} is in notebook format {version}, not 3 or 4. {AGAIN}")
    cells = _cells(notebook)
    if cells is None:
        raise Unreadable(f"{name} has no list of cells. {AGAIN}")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"{name} has {len(cells):,} cells where {MAX_CELLS:,} are allowed.")
    read = [_cell(number, cell) for number, cell in enumerate(cells, start=1)]
    found = [cell for cell in read if cell is not None]
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
        link = error.errno == errno.ELOOP
        why = "it is a link, and nothing is read through links" if link else error.strerror
        raise Unreadable(f"{path.name} cannot be read: {why}.") from None
    try:
        return _bytes(fd, path.name)
    finally:
        os.close(fd)


_OTHER_FILES = {  # how what is no notebook begins, and what it is
    b"pk\x03\x04": "a zip archive: unpack it, and submit the notebook in it",
    b"\x1f\x8b": "an archive (gzip): unpack it, and submit the notebook in it",
    b"%pdf": "a PDF",
    b"<!": "a web page, such as an export, or what is shown before one signs in",
    b"<html": "a web page, such as an export, or what is shown before one signs in",
}


def _text(name: str, data: bytes) -> str:
    if not data.strip(b" \t\r\n\0"):
        raise Unreadable(f"{name} is empty. {AGAIN}")
    start = data[:1000].lstrip().lower()
    for beginning, kind in _OTHER_FILES.items():
        if start.startswith(beginning):
            raise Unreadable(f"{name} is not a notebook, but {kind}. {AGAIN}")
    parts = data.count(b"[") + data.count(b"{")  # each costs much more memory than text
    if parts > MAX_PARTS:
        raise Unreadable(f"{name} has {parts:,} parts where {MAX_PARTS:,} are allowed. {CLEAR}")
    try:
        text = data.decode(json.detect_encoding(data))
        return text.rstrip("\0")  # as a disk leaves them that was full, or switched off
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
        raise Unreadable(f"{name} is not text in UTF-8 ({place}). {AGAIN}") from None


def _bytes(fd: int, name: str) -> bytes:
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"{name} is not a file.")
    if status.st_size > MAX_BYTES:
        size = f"{status.st_size / 1e6:.0f} MB where {MAX_BYTES / 1e6:.0f} are allowed"
        raise Unreadable(f"{name} has {size}. {CLEAR}")
    with open(fd, "rb", closefd=False) as file:
        return file.read(MAX_BYTES)


def _cells(notebook: dict[str, Any]) -> list[Any] | None:
    """The list of cells; format 3 keeps them in worksheets."""
    cells = notebook.get("cells")
    match notebook.get("worksheets"):
        case [*sheets] if cells in (None, []) and sheets:
            parts = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
            cells = [cell for part in parts if isinstance(part, list) for cell in part]
    return cells if isinstance(cells, list) else None


_BANNERS = (  # what Colab and Deepnote put into every notebook: nobody's answer
    {"id": "view-in-github"},
    {"created_in_deepnote_cell": True},
)
_MARKER = re.compile(r"#\s?%%[^\n]*\n")  # the first line of a cell, as PyCharm has written it
_EMBEDDED = re.compile(r"data:image/[a-z]+;base64,([A-Za-z0-9+/=]{200,})")


def _cell(number: int, cell: Any) -> Cell | None:
    """Make a `Cell` of what JSON says, ``None`` of a banner; of what is no cell, one that says so,
    to be shown where it stood."""
    source = _source(cell) if isinstance(cell, dict) else None
    if source is None:
        why = "its text is no text" if isinstance(cell, dict) else "it is no cell"
        return Cell("raw", f"[Cell {number} of the submission cannot be read: {why}.]")
    kind = _kind(cell)
    metadata = cell.get("metadata")
    grade_id = None
    match metadata:
        case {"nbgrader": {"grade_id": str(name)}}:
            grade_id = name
    if kind == "code":
        return Cell(kind, source, grade_id)
    if isinstance(metadata, dict) and any(
        banner.items() <= metadata.items() for banner in _BANNERS
    ):
        return None
    pictures = _pictures(cell.get("attachments"))

    def take_out(found: re.Match[str]) -> str:
        """Colab writes a picture into the text itself, where it is longer than any text."""
        name = f"picture-{len(pictures) + 1}"
        pictures[name] = found[1]
        return f"attachment:{name}"

    text = _EMBEDDED.sub(
        take_out, _MARKER.sub("", source, count=1) if source[:1] == "#" else source
    )
    return Cell(kind, text, grade_id, pictures)


def _kind(cell: dict[str, Any]) -> str:
    """Code, raw or markdown; format 3 has headings, too, and only code has outputs."""
    kind = cell.get("cell_type")
    if not isinstance(kind, str):
        return "code" if cell.keys() & {"outputs", "input", "execution_count"} else "raw"
    return kind.lower() if kind.lower() in ("code", "raw") else "markdown"


def _source(cell: dict[str, Any]) -> str | None:
    """The text of a cell: a string, or a list of lines; format 3 calls that of code its input."""
    source = cell.get("source", cell.get("input"))
    if source in ("", []) and "input" in cell:
        source = cell["input"]
    if isinstance(source, list) and all(type(line) is str for line in source):
        # there are tools that leave out the ends of lines
        source = ("" if any("\n" in line for line in source) else "\n").join(source)
    if not isinstance(source, str):
        return None
    return _clean(source).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _clean(text: str) -> str:
    """Without lone surrogates, which could not be written to a file again."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _pictures(attachments: Any) -> dict[str, str]:
    """{name: base64}, or "" where it is no picture that can be shown."""
    found: dict[str, str] = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        data: Any = ""
        if isinstance(bundle, dict) and bundle:
            data = bundle[max(bundle, key=_likely)]
        if isinstance(data, list) and all(type(line) is str for line in data):
            data = "".join(data)
        data = data if isinstance(data, str) else ""
        found[_clean(name)] = _ADDRESS.sub("", data, count=1)
    return found


_ADDRESS = re.compile(r"\Adata:[a-z/+.-]{1,40};base64,", re.IGNORECASE)


def _likely(kind: str) -> tuple[bool, bool]:
    """How likely it is that a page can show what is said to be of this type."""
    return kind.lower().startswith("image/"), "svg" not in kind.lower()
