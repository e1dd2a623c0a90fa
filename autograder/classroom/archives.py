"""What an archive of hand-ins holds: Moodle's, Canvas's, Gradescope's, or folders of students.

What was followed, as help pages and courses' tools that read such archives describe it: Moodle's
"Download all submissions" ("Full name_participant_assignsubmission_file_", a folder each or a
prefix; empty where nothing was handed in), Canvas's "Download Submissions"
("lastfirst_LATE_user_attachment_file", all in one folder), and Gradescope's "Export Submissions"
(a folder each, and ``submission_metadata.yml`` with names and times). A zip file that a student
handed in is looked into. No server of the three was
at hand to try it on.
"""

from __future__ import annotations

import io
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

MAX_BYTES = 20_000_000  # of one notebook; a larger one is no notebook, or a bomb
APART = timedelta(seconds=5)  # more than times that an archive does not tell apart
MOST_PACKED = 200  # files looked at in an archive that a student handed in
_NOISE = re.compile(
    r"(^|/)(__MACOSX|\.ipynb_checkpoints|\.DS_Store|Thumbs\.db|desktop\.ini|\.git|\.github|\._[^/]*)(/|$)"
)
NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.I)  # browsers add an ending


class NoArchive(ValueError):
    """This file or folder cannot be read as an archive; the text says why."""


@dataclass(frozen=True)
class Member:
    """One file of an archive: its path there, when it was written, and how to read it.

    `order` says which of several of one student's is the newer, where `time` does not.
    """

    path: str
    time: datetime
    size: int
    read: Callable[[], bytes]
    order: datetime | None = None

    @property
    def age(self) -> float:
        """What the file's own time is to be, in seconds since 1970."""
        return (self.order or self.time).timestamp()

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class HandIn:
    """What one student handed in.

    Attributes:
        keys: what may be the student's id or address, the surest first.
        names: what the student may be called, the surest first.
        files: the notebooks.
        time: when it was handed in, as far as the archive knows.
        place: what it is called in the archive: what the platform wants to see again.
        late: the platform marked it as late.
    """

    keys: tuple[str, ...]
    names: tuple[str, ...]
    files: tuple[Member, ...]
    time: datetime
    place: str
    late: bool = False


@dataclass(frozen=True)
class Contents:
    """An archive as read: whose it is, what was handed in, and what was left out and why."""

    platform: str
    hand_ins: list[HandIn]
    left_out: list[str] = field(default_factory=list)


def read_archive(path: Path, assignment: str = "") -> Contents:
    """Read a zip file, or a folder that one was unpacked into.

    A folder in which everything lies is looked through; one called like the `assignment` is what
    a student handed in.

    Raises:
        NoArchive: it is neither, it is damaged, or it is protected with a password.
    """
    members = [m for m in _members(path) if not _NOISE.search(m.path)]
    members = _without_top(members, assignment)
    left_out: list[str] = []
    for platform, read in LAYOUTS.items():
        hand_ins = read(members, left_out)
        if hand_ins is not None:
            if not hand_ins and not left_out:
                left_out.append(f"{path.name}: it holds nothing that was handed in")
            return Contents(platform, hand_ins, left_out)
    raise AssertionError("the last layout takes everything")


# --- files -------------------------------------------------------------------------------------


def _members(path: Path) -> list[Member]:
    if path.is_dir():
        return list(_of_folder(path))
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise NoArchive(f"There is no file {path}.") from None
    except _DAMAGED as error:
        raise NoArchive(
            f"{path} is neither a zip file nor a folder ({error}). Download it again, or unpack "
            "it and name the folder."
        ) from None
    return list(_of_zip(archive, path))


_DAMAGED = (  # what zipfile and what it unpacks with raise on bytes that are not as they should be
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(OSError, EOFError, RuntimeError, ValueError, MemoryError),
)


def _of_folder(root: Path) -> Iterator[Member]:
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and not _through_link(path, root):
            time = datetime.fromtimestamp(status.st_mtime, UTC)
            yield Member(_inside(path, root), time, status.st_size, path.read_bytes)
        elif stat.S_ISDIR(status.st_mode) and not any(path.iterdir()):
            time = datetime.fromtimestamp(status.st_mtime, UTC)
            yield Member(f"{_inside(path, root)}/", time, 0, bytes)


def _inside(path: Path, root: Path) -> str:
    """The path in a folder; names that are not UTF-8 are shown as well as they can be."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "replace")


def _through_link(path: Path, root: Path) -> bool:
    return any(p.is_symlink() for p in path.parents if p != root and root in p.parents)


def _of_zip(archive: zipfile.ZipFile, path: Path) -> Iterator[Member]:
    # of two entries of one path the last counts, as for whoever unpacks it
    for name, info in {_name(info): info for info in archive.infolist()}.items():
        if info.flag_bits & 1:
            raise NoArchive(f"{path} is protected with a password. Unpack it and name the folder.")
        if stat.S_ISLNK(info.external_attr >> 16):
            continue  # a link leads nowhere in an archive

        def read(info: zipfile.ZipInfo = info) -> bytes:
            with archive.open(info) as file:  # what the directory says of its size may be a lie
                return file.read(MAX_BYTES + 1)

        yield Member(name, _time(info), info.file_size, read)


def _name(info: zipfile.ZipInfo) -> str:
    """The path; names in UTF-8 that the archive does not mark as such are read as what they are."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _time(info: zipfile.ZipInfo) -> datetime:
    """When a file was written: the exact time where the archive holds it, else its local time."""
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        body, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == 0x5455 and len(body) >= 5 and body[0] & 1:
            return datetime.fromtimestamp(struct.unpack("<i", body[1:5])[0], UTC)
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime(1980, 1, 1, tzinfo=UTC)


def _without_top(members: Sequence[Member], assignment: str) -> list[Member]:
    """The same, without folders in which everything lies, unless they are a student's."""
    tops = {m.path.split("/", 1)[0] for m in members}
    top = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    inner = [m for m in members if m.path != top]  # the folder may be an entry of its own
    if not top or _MOODLE.match(top) or any(not m.path.startswith(top) for m in inner):
        return list(members)
    deeper = [Member(m.path.removeprefix(top), m.time, m.size, m.read) for m in inner]
    if (
        assignment
        and all(m.path.split("/")[0] == assignment for m in deeper)
        and any(m.path.count("/") == 1 and NOTEBOOK.search(m.path) for m in deeper)
    ):
        return list(members)  # STUDENT/ps6/ps6.ipynb, of one student
    if any("/" in m.path or _CANVAS.match(m.path) or _MOODLE.match(m.path) for m in deeper):
        return _without_top(deeper, assignment)
    return list(members)


def _unpacked(member: Member) -> Iterator[Member]:
    """A file; of a zip file that a student handed in, the files in it, as of its own time.

    Archives within that one stay packed.
    """
    try:
        if not member.name.lower().endswith(".zip") or member.size > MAX_BYTES:
            raise zipfile.BadZipFile
        archive = zipfile.ZipFile(io.BytesIO(member.read()))
        inside = [m for m in _of_zip(archive, Path(member.name)) if not _NOISE.search(m.path)]
    except _DAMAGED:  # `NoArchive` among them
        yield member
        return
    if len(inside) > MOST_PACKED:
        yield member
        return
    for one in inside:
        yield Member(f"{member.path}/{one.path}", member.time, one.size, one.read, one.time)


def _notebooks(members: Iterable[Member], left_out: list[str]) -> tuple[Member, ...]:
    found = []
    for member in (one for packed in members for one in _unpacked(packed)):
        if member.path.endswith("/"):
            continue
        if trouble := _trouble(member):
            left_out.append(f"{member.path}: {trouble}")
        else:
            found.append(member)
    return tuple(found)


def _trouble(member: Member) -> str:
    """Why a file is not taken for a notebook; "" where it is one. One damaged file is one file."""
    ending = PurePosixPath(member.name).suffix.lower()
    if ending in _PACKED:
        return "an archive that cannot be looked into; unpack it, and collect the folder"
    if not NOTEBOOK.search(member.name):
        return "not a notebook"
    try:
        size = member.size if member.size > MAX_BYTES else len(member.read())
    except _DAMAGED as error:
        return f"it is damaged, or cannot be read ({error})"
    return f"{size / 1e6:.0f} MB, more than a notebook has" if size > MAX_BYTES else ""


_PACKED = {".zip", ".tar", ".gz", ".tgz", ".7z", ".rar"}


# --- layouts: (members, what is left out) -> hand-ins, or None where it is not laid out so --------

Layout = Callable[[Sequence[Member], list[str]], list[HandIn] | None]
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)")
_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>[^/]+)$", re.I
)


def _moodle(members: Sequence[Member], left_out: list[str]) -> list[HandIn] | None:
    places: dict[str, list[Member]] = {}
    others: list[Member] = []
    for member in members:
        top, _, rest = member.path.partition("/")
        match = _MOODLE.match(top)
        if match is None:
            others.append(member)
            continue
        # with a folder each, that is the place; without, what stands before the file's own name
        place = top if rest or member.path.endswith("/") else top[: match.start("file")]
        places.setdefault(place, []).append(member)
    if not places:
        return None
    found = []
    left_out += [
        f"{m.path}: not named as Moodle names what was handed in"
        for m in others
        if not m.path.endswith("/")
    ]
    for place, files in places.items():
        match = _MOODLE.match(place)
        assert match is not None
        name, participant = match["name"], match["id"]
        # a group's name may stand before, and names have hyphens of their own
        parts = name.split("-")
        names = tuple("-".join(parts[i:]) for i in range(len(parts)))
        notebooks = _notebooks(files, left_out)
        if notebooks:
            keys = (f"Participant {participant}", participant)
            found.append(HandIn(keys, names, notebooks, max(m.time for m in notebooks), place))
        else:
            left_out.append(f"{place}: no notebook was handed in")
    return found


def _canvas(members: Sequence[Member], left_out: list[str]) -> list[HandIn] | None:
    matches = {m: match for m in members if (match := _CANVAS.match(m.path))}
    if not matches:
        return None
    users: dict[str, list[Member]] = {}
    for member in members:
        if member in matches:
            users.setdefault(matches[member]["user"], []).append(member)
        else:
            left_out.append(f"{member.path}: not named as Canvas names what was handed in")
    found = []
    for user, files in users.items():
        notebooks = _notebooks(files, left_out)
        if not notebooks:
            left_out.append(f"{files[0].path}: no notebook was handed in")
            continue
        files.sort(key=lambda m: int(matches[m]["attachment"]))  # numbered as they came
        newest = files[-1]
        # what was in a zip file has its own name already
        called = {m.path: matches[m]["file"] for m in files}
        after = {m.path: m.time + APART * i for i, m in enumerate(files)}
        renamed = tuple(
            Member(called.get(m.path, m.name), m.time, m.size, m.read, after.get(m.path, m.order))
            for m in notebooks
        )
        late = any(matches[m]["late"] for m in files)
        time, names = max(m.time for m in notebooks), (matches[newest]["name"],)
        found.append(HandIn((user,), names, renamed, time, newest.path, late))
    return found


def _gradescope(members: Sequence[Member], left_out: list[str]) -> list[HandIn] | None:
    # at the top only: a student may have handed in a file of that name
    about = [m for m in members if m.path == "submission_metadata.yml"]
    if not about:
        return None
    found = []
    for folder, entry in _metadata(about[0]).items():
        files = [m for m in members if m.path.startswith(f"{folder}/")]
        notebooks = _notebooks(files, left_out)
        if not notebooks:
            left_out.append(f"{folder}: no notebook was handed in")
            continue
        time = _yaml_time(_get(entry, "created_at")) or max(m.time for m in notebooks)
        people = _get(entry, "submitters")
        if not people or not isinstance(people, list):
            left_out.append(f"{folder}: it does not say who handed it in")
            continue
        for person in people:
            keys, names = _values(person, "sid", "email"), _values(person, "name")
            found.append(HandIn(keys, names, notebooks, time, folder))
    return found


def _metadata(member: Member) -> dict[str, Any]:
    try:  # as text, whatever Ruby has tagged: an id keeps its zeros, and a time may be none
        found = yaml.load(member.read().decode("utf-8-sig"), yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, *_DAMAGED) as error:
        raise NoArchive(f"{member.path} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise NoArchive(f"{member.path} does not say which submission is whose.")
    return {str(folder): entry for folder, entry in found.items() if isinstance(entry, dict)}


def _get(entry: Any, key: str) -> Any:
    """A value of Gradescope's, whose keys are Ruby's symbols: ``:sid:``."""
    return entry.get(f":{key}", entry.get(key)) if isinstance(entry, dict) else None


def _values(entry: Any, *keys: str) -> tuple[str, ...]:
    return tuple(v for key in keys if (v := _get(entry, key)) and isinstance(v, str))


def _yaml_time(text: object) -> datetime | None:
    """A time as Ruby writes it into YAML, with a space before its zone.

    >>> print(_yaml_time("2026-10-02 10:30:00.123456789 Z"), _yaml_time("2026-13-45"))
    2026-10-02 10:30:00.123456+00:00 None
    """
    try:
        time = datetime.fromisoformat(re.sub(r"\s+(?=[Z+-])", "", str(text).strip()))
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _plain(members: Sequence[Member], left_out: list[str]) -> list[HandIn]:
    """A folder a student, whatever lies in it; or a file a student."""
    places: dict[str, list[Member]] = {}
    for member in members:
        top = member.path.split("/", 1)[0]
        places.setdefault(top, []).append(member)
    found = []
    same = os.path.commonprefix(list(places))  # noqa: RUF071 (letters, not folders)
    before = same if len(places) > 1 else ""
    for place, files in places.items():
        notebooks = _notebooks(files, left_out)
        if notebooks:
            key = NOTEBOOK.sub("", re.sub(r"\.zip$", "", place, flags=re.I))
            # all may begin alike, as GitHub Classroom's do: "ps6-ada", "ps6-ben"
            ends = [key[match.end() :] for match in re.finditer("-", before)]
            time = max(m.time for m in notebooks)
            found.append(HandIn((key, *ends), (), notebooks, time, place))
    return found


LAYOUTS: dict[str, Layout] = {
    "Gradescope": _gradescope,
    "Moodle": _moodle,
    "Canvas": _canvas,
    "folders": _plain,
}
