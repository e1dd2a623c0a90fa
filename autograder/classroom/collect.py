"""`autograder collect`: brings what a class handed in on a platform into ``submitted/``.

Everything is looked up before anything is written; nothing is overwritten but by what is newer.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.classroom.archives import NOTEBOOK, Contents, HandIn, read_archive
from autograder.classroom.course import SECRET, CourseError
from autograder.classroom.kept import gradebook_at
from autograder.classroom.roster import LONGEST, Roster, read_roster, safe_id

STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"  # as nbgrader writes ``timestamp.txt``


@dataclass(frozen=True)
class Plan:
    """What is to be done with one hand-in: whose it is, and what becomes of it."""

    student: str
    hand_in: HandIn
    platform: str
    archive: str
    what: str

    @property
    def writes(self) -> bool:
        return self.what in (NEW, NEWER)


@dataclass(frozen=True)
class Plans:
    """All of it, and what nobody could be found for."""

    plans: list[Plan]
    unknown: list[str]
    left_out: list[str]

    @property
    def blocked(self) -> bool:
        return any(one.what == IN_THE_WAY for one in self.plans)


NEW, NEWER = "new", "newer: replaces what is there"
SAME, OLDER = "there already", "left: what is there is as new or newer"
IN_THE_WAY = "left: a file or a link is in its place; remove that, and collect again"
_NUMBERED = ("Moodle", "Canvas")  # people have numbers of the platform's own, and a place each


def plan(
    submitted: Path,
    assignment: str,
    notebooks: Sequence[str],
    archives: Sequence[Path],
    roster: Roster | None,
) -> Plans:
    """Look up whose everything in the archives is, and what is to be done with it.

    Args:
        submitted: the course's folder of submissions.
        notebooks: the names of the set's notebooks, without ending.
        roster: who is who; without one, folders' names are taken for ids.

    Raises:
        NoArchive: one of the archives cannot be read.
    """
    newest: dict[str, Plan] = {}
    twice: set[str] = set()  # whom a platform has as two people, so that neither is sure
    unknown, left_out = [], []
    for path in archives:
        contents = read_archive(path, assignment)
        left_out += contents.left_out
        for hand_in in contents.hand_ins:
            try:
                student = _student(hand_in, contents, roster)
            except LookupError as doubt:
                unknown.append(f"{hand_in.place}: {doubt}")
                continue
            there = submitted / student / assignment
            what = _what(there, hand_in, notebooks)
            found = Plan(student, hand_in, contents.platform, path.name, what)
            other = newest.get(student)
            if (
                other is not None
                and (other.archive, other.platform) == (path.name, contents.platform)
                and contents.platform in _NUMBERED
                and other.hand_in.keys != hand_in.keys
            ):
                unknown.append(f"{hand_in.place}: {other.hand_in.place} is {student}, too")
                twice.add(student)
                continue
            if other is None or other.hand_in.time < hand_in.time:
                newest[student] = found
            if other is not None:
                older = min(found, other, key=lambda one: one.hand_in.time)
                left_out.append(f"{older.hand_in.place}: {student} has a newer one in what came in")
    for student in sorted(twice):
        unknown.append(f"{newest[student].hand_in.place}: it is not the only one of {student}")
    plans = [newest[student] for student in sorted(newest.keys() - twice)]
    return Plans(plans, unknown, left_out)


def _student(hand_in: HandIn, contents: Contents, roster: Roster | None) -> str:
    ids = contents.platform not in _NUMBERED
    student = roster.find(hand_in.keys, hand_in.names, ids) if roster else None
    if student is None and roster is None and contents.platform == "folders":
        student = unicodedata.normalize("NFC", hand_in.keys[0])  # some machines write ë as two
    if student is None:
        raise LookupError("not in the roster" if roster else "no roster says who this is")
    if not safe_id(student):
        raise LookupError(f"{student!r} cannot be the name of a student's folder")
    return student


def _what(there: Path, hand_in: HandIn, notebooks: Sequence[str]) -> str:
    for place in (there, there.parent):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return IN_THE_WAY
    if not there.exists():
        return NEW
    files = dict(_files(hand_in, notebooks))
    others = [path for path in there.glob("*.ipynb") if path.name not in files]
    if not others and all(_bytes(there / name) == read for name, read in files.items()):
        return SAME
    return NEWER if handed_in(there) < hand_in.time else OLDER


def handed_in(folder: Path) -> datetime:
    """When what stands in a submission's folder was handed in: its stamp, or the files' time."""
    try:
        time: datetime = parse_utc((folder / "timestamp.txt").read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        times = [path.stat().st_mtime for path in folder.iterdir() if path.is_file()]
        return datetime.fromtimestamp(max(times, default=0.0), UTC)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _files(hand_in: HandIn, notebooks: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """(name in the submission's folder, what it holds).

    The only notebook of a set of one gets its name, whatever the platform made of it; where there
    are several, who grades chooses, and says which.
    """
    rename = len(notebooks) == len(hand_in.files) == 1
    taken: set[str] = set()
    for member in hand_in.files:
        name = f"{notebooks[0]}.ipynb" if rename else _short(member.name)
        count = 1
        while name in taken:  # of another folder
            count += 1
            name = f"{count}-{_short(member.name)}"
        taken.add(name)
        yield name, member.read()


def _short(name: str) -> str:
    """A file's name that every disk takes, and every terminal shows."""
    stem = "".join(c if c.isprintable() else "_" for c in NOTEBOOK.sub("", name))
    return stem.encode()[:LONGEST].decode("utf-8", "ignore") + ".ipynb"


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def write(plans: Plans, submitted: Path, assignment: str, notebooks: Sequence[str]) -> None:
    """Write what is new; each submission is there wholly or not at all."""
    origins = read_origins(submitted, assignment)
    for one in plans.plans:
        if one.writes:
            _write(one, submitted / one.student / assignment, notebooks)
    origins |= {
        one.student: {
            "platform": one.platform,
            "archive": one.archive,
            "place": one.hand_in.place,
            "late": one.hand_in.late,
        }
        for one in plans.plans
        if one.writes or one.what == SAME
    }
    kept = _origins(submitted, assignment)
    kept.parent.mkdir(parents=True, exist_ok=True)
    _replace(kept, json.dumps(origins, indent=1, sort_keys=True, ensure_ascii=False))


def _write(one: Plan, there: Path, notebooks: Sequence[str]) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".collecting-", dir=there.parent))
    try:
        files = zip(one.hand_in.files, _files(one.hand_in, notebooks), strict=True)
        for member, (name, data) in files:
            (fresh / name).write_bytes(data)
            os.utime(fresh / name, (member.age, member.age))  # which of several is the newest
        (fresh / "timestamp.txt").write_text(one.hand_in.time.strftime(STAMP), encoding="utf-8")
        # nbgrader's release_feedback ends where one student of the class has none
        (fresh / SECRET).write_text(secrets.token_hex(64), encoding="utf-8")
        fresh.chmod(0o755)
        if there.exists():
            before = there.with_name(f".replaced-{there.name}-{fresh.name[-8:]}")
            there.rename(before)
            fresh.rename(there)
            shutil.rmtree(before)
        else:
            fresh.rename(there)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _origins(submitted: Path, assignment: str) -> Path:
    return submitted / ".collected" / f"{assignment}.json"


def read_origins(submitted: Path, assignment: str) -> dict[str, dict[str, object]]:
    """{student: what the platform called the hand-in}, to give feedback back under its names."""
    path = _origins(submitted, assignment)
    if not path.is_file():
        return {}
    try:
        found: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
        if not all({"platform", "place"} <= origin.keys() for origin in found.values()):
            raise ValueError("somebody's place is missing")
    except (ValueError, AttributeError) as error:
        raise CourseError(
            f"{path} is damaged ({error}): remove it, and collect the same archives again."
        ) from None
    return found


def who_is_who(roster: Path | None, db_url: str) -> Roster | None:
    """The roster given, or the gradebook's students; none where neither knows anybody."""
    with gradebook_at(db_url) as book:
        students = [
            (s.id, [k for k in (s.lms_user_id, s.email, *_both(s.first_name, s.last_name)) if k])
            for s in book.students
        ]
    if roster is not None:
        return read_roster(roster, {id for id, _ in students})
    return Roster.of(students) if students else None


def _both(first: str | None, last: str | None) -> tuple[str, ...]:
    return (f"{first} {last}", f"{last} {first}") if first and last else ()


def as_table(plans: Plans) -> str:
    """What goes where, a line each.

    Control characters of strangers' names are shown, not sent to the terminal.
    """
    rows = [
        (
            one.student,
            f"{one.hand_in.time:%Y-%m-%d %H:%M:%S} UTC",
            one.what + ", late as the platform has it" * one.hand_in.late,
            f"{one.platform}: {one.hand_in.place}",
        )
        for one in plans.plans
    ]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    lines = [
        "  ".join((*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]))
        for row in rows
    ]
    for title, texts in (("Whose is it?", plans.unknown), ("Left out", plans.left_out)):
        if texts:
            lines += ["", f"{title}:", *(f"  {text}" for text in texts)]
    return "\n".join(_shown(line) for line in lines)


def _shown(line: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
