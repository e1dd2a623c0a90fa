"""Hands out lessons and released exercises, never over what a learner has changed."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .progress import MARK

SETTINGS = "nbgrader_config.py"
RECORD = MARK  # in the learner's folder: what was handed out, by its SHA-256


@dataclass(frozen=True)
class Handed:
    """What became of one file: ``copied``, ``updated``, ``same``, ``kept`` or ``beside``.

    ``path`` is the file that now holds the project's version; where the learner's own was ``kept``
    and nothing newer exists, it is the learner's.
    """

    what: str
    path: str


def material() -> dict[str, Path]:
    """Every file to hand out, by its place in a learner's folder.

    An installed wheel carries them in ``backpropkit/_lab``; a checkout has them at its top.

    >>> sorted({name.split("/")[0] for name in material()} - {"lessons", "exercises"})
    []
    """
    package = Path(__file__).parent
    wheel = package / "_lab"
    checkout = package.parent
    roots = (
        {"lessons": wheel / "lessons", "exercises": wheel / "exercises"}
        if wheel.is_dir()
        else {"lessons": checkout / "lessons", "exercises": checkout / "exercises" / "release"}
    )
    return {
        f"{name}/{file.relative_to(root).as_posix()}": file
        for name, root in roots.items()
        for file in _files(root)
    }


class NoCourse(ValueError):
    """There are no released sets; the text says where they were looked for."""


def material_of(course: Path) -> dict[str, Path | bytes]:
    """A course's released sets, and what nbgrader needs to hand them in from where they go.

    `course` is the course's folder, or the exchange's folder of it, which every learner can read.

    Raises `NoCourse`.
    """
    places = {kind: course / kind for kind in ("release", "outbound")}
    found = {kind: place for kind, place in places.items() if place.is_dir()}
    if not found:
        looked = " or ".join(str(place) for place in places.values())
        raise NoCourse(f"{course} holds no released sets: {looked} would hold them.")
    kind, place = next(iter(found.items()))
    sets = {f"exercises/{file.relative_to(place).as_posix()}": file for file in _files(place)}
    if not sets:
        raise NoCourse(f"Nothing is released yet in {place}.")
    exchange = course.absolute().parent if kind == "outbound" else None
    settings = _settings(_course_id(course), exchange).encode()
    return {**sets, SETTINGS: settings, f"exercises/{SETTINGS}": settings}


def _course_id(course: Path) -> str:
    """What nbgrader calls the course: as its settings say, or else as its folder is called."""
    try:
        settings = (course / SETTINGS).read_text(encoding="utf-8")
    except OSError:
        settings = ""
    said = re.search(r"^c\.CourseDirectory\.course_id\s*=\s*[\"'](.+?)[\"']", settings, re.M)
    return said[1] if said else course.absolute().name


def _settings(course_id: str, exchange: Path | None) -> str:
    """A learner's settings of nbgrader: its commands work here and in exercises/ alike."""
    lines = [
        "# Written by `backpropkit lab --course`: nbgrader hands in, and fetches, in exercises/.",
        "import os",
        "",
        "here = os.path.dirname(os.path.abspath(__file__))",
        "sets = here if os.path.basename(here) == 'exercises' else os.path.join(here, 'exercises')",
        "c = get_config()",
        f"c.CourseDirectory.course_id = {course_id!r}",
        "c.Exchange.assignment_dir = sets",
    ]
    lines += [f"c.Exchange.root = {str(exchange)!r}"] if exchange else []
    return "\n".join([*lines, ""])


def hand_out(
    folder: Path, files: Mapping[str, Path | bytes], fetched: bool = False
) -> list[Handed]:
    """Copies ``files`` into ``folder`` and reports what became of each.

    A file the learner left as it was is brought up to date. One they changed stays, and when the
    project has a newer version, that is put beside it as ``name.new.ipynb``. A file they deleted
    is handed out again. With `fetched`, a set that stands there and was not handed out by us came
    by nbgrader's exchange: it stays the only copy.

    Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record = _read_record(folder / RECORD)
    handed = []
    for name, file in files.items():
        ours = file if isinstance(file, bytes) else file.read_bytes()
        theirs = fetched and name.startswith("exercises/") and (folder / name).exists()
        if theirs and name not in record:
            record[name] = _digest(ours)
        handed.append(_hand_out(folder, name, ours, record))
    _write(folder / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    return handed


def _hand_out(folder: Path, name: str, ours: bytes, record: dict[str, str]) -> Handed:
    """One file; enters into the record what was handed out."""
    target = folder / name
    theirs = target.read_bytes() if target.exists() else None
    handed_out_before = record.get(name)
    record[name] = _digest(ours)
    if theirs == ours:
        return Handed("same", name)
    if theirs is None or _digest(theirs) == handed_out_before:
        _write(target, ours)
        return Handed("copied" if theirs is None else "updated", name)
    if _digest(ours) == handed_out_before:
        return Handed("kept", name)
    return _put_beside(folder, name, ours, record)


def _put_beside(folder: Path, name: str, ours: bytes, record: dict[str, str]) -> Handed:
    """Writes x.new.ipynb, or x.new2.ipynb where a learner has worked in that one too."""
    for number in itertools.count(1):
        suffix = f".new{number if number > 1 else ''}{Path(name).suffix}"
        beside = Path(name).with_suffix(suffix).as_posix()
        path = folder / beside
        if not path.exists() or _digest(path.read_bytes()) in (_digest(ours), record.get(beside)):
            break
    _write(path, ours)
    record[beside] = _digest(ours)
    return Handed("beside", beside)


def _files(root: Path) -> list[Path]:
    """The files below root, without hidden ones and what tools leave behind."""
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file()
        and not any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts
        )
    )


def _read_record(path: Path) -> dict[str, str]:
    """The record; where it is missing or damaged, every file counts as the learner's own."""
    try:
        record = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write(path: Path, content: bytes) -> None:
    """Writes a whole file or nothing: interrupted, it leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
