"""Finds what somebody handed in, under whatever name, and never outside their own folder."""

import os
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.asking.shown import shown
from autograder.course.graft import weigh
from autograder.course.submission import HandedIn, Unreadable, parse, try_read

MOST_NOTEBOOKS = 20  # of one submission that are looked into, the newest
MOST_DEEP = 3  # folders within the folder
MOST_ENTRIES = 1_000  # files and folders that are looked at
ITSELF = "Nothing is read through links: hand in the folder itself."
SAME_TIME = 2.0  # seconds within which an archive tells no times apart

# Browsers, editors and downloads that were cut off add an ending, and some take it away.
_NOTEBOOK = re.compile(r".*ipynb.*|.*\.(json|txt)|[^.]+", re.IGNORECASE | re.DOTALL)
_BESIDE = {"timestamp.txt", "submission_secret.txt"}
_NOT_HANDED_IN = {"__MACOSX", "__pycache__"}


def look_up(folder: Path, roots: Set[Path], name: str, release: Any, others: set[str]) -> HandedIn:
    """Return the notebook called `name` that was handed in within `folder`.

    That is ``name.ipynb``, or where that is missing, cannot be read or holds no answer, the one
    notebook that carries this release's cells; of several the newest in which somebody answered.
    What programs keep for themselves, such as a checkpoint, is looked at last.
    A note says what was taken and why. `others` are names of the assignment's other notebooks.
    Of the folders below one of `roots`, none may be a link: it could lead into somebody else's.
    """
    for part in (folder, *folder.parents):
        if part in roots:
            break
        if part.is_symlink():
            return HandedIn(
                Unreadable(f"The folder {part.name} is a link to another place. {ITSELF}")
            )
    try:
        os.scandir(folder).close()
    except OSError as error:
        return HandedIn(Unreadable(f"The folder {folder.name} cannot be read: {error.strerror}."))
    exact = f"{name}.ipynb"
    there = _what_is_there(folder, exact)
    first = HandedIn(_read(folder / exact, there))
    for hidden in (False, True):  # what programs keep for themselves, where nobody answered else
        paths = {str(path.relative_to(folder)): path for path in _notebooks(folder, hidden)}
        if os.path.lexists(folder / exact):
            paths[exact] = folder / exact
        paths = {where: path for where, path in paths.items() if where not in others - {exact}}
        if set(paths) - {exact}:
            weighed = [_weighed(*one, release) for one in paths.items()]
            if hidden and any(one.where == exact and one.answers for one in weighed):
                break
            found = _choose(exact, weighed, there)
            if not isinstance(found.data, Unreadable):
                return found
    return first


@dataclass(frozen=True)
class _Candidate:
    where: str  # its path in the folder
    data: bytes | Unreadable
    time: float
    carries: int = 0  # how many of the release's own cells
    answers: int = 0


def _choose(exact: str, found: list[_Candidate], there: str) -> HandedIn:
    found = [one for one in found if one.where == exact or not isinstance(one.data, Unreadable)]
    found.sort(key=lambda one: (one.where != exact, len(one.where), one.where))
    named = next((one for one in found if one.where == exact), None)
    pool = [one for one in found if one.carries or one.answers]
    answered = [one for one in pool if one.answers]
    different = {one.data: one for one in reversed(answered)}  # of copies the first
    answered = [one for one in answered if different[one.data] is one]
    pool = answered or ([named] if named in pool else pool)
    if not pool:
        return HandedIn(named.data if named else Unreadable(f"There is no file {exact} {there}"))
    newest = max(one.time for one in pool)
    taken = max(
        (one for one in pool if one.time >= newest - SAME_TIME),
        key=lambda one: one.answers,  # the first of the best
    )
    if len(pool) == 1 and taken is named:
        return HandedIn(taken.data)
    return HandedIn(
        taken.data, shown(f'Taken from "{taken.where}": {_why(taken, named, pool, exact)}.')
    )


def _why(taken: _Candidate, named: _Candidate | None, pool: list[_Candidate], exact: str) -> str:
    if len(pool) > 1:
        names = ", ".join(f'"{one.where}"' for one in pool)
        what = "with answers" if taken.answers else "of this set"
        tied = [one for one in pool if abs(one.time - taken.time) <= SAME_TIME]
        how = "one of the newest" if len(tied) > 1 else "the newest"
        return f"{how} of {len(pool)} notebooks {what} ({names})"
    if named is None:
        return f"there is no {exact}"
    if isinstance(named.data, Unreadable):
        return f"{exact} cannot be read"
    return f"nobody answered in {exact}" if named.carries else f"{exact} is another notebook"


def _weighed(where: str, path: Path, release: Any) -> _Candidate:
    data = _read(path)
    time = _time(path)
    try:
        if isinstance(data, Unreadable):
            raise data
        return _Candidate(where, data, time, *weigh(release, parse(where, data)))
    except Unreadable as reason:
        return _Candidate(where, reason, time)


def _read(path: Path, there: str = "in the submission.") -> bytes | Unreadable:
    if not os.path.lexists(path):
        return Unreadable(f"There is no file {path.name} {there}")
    return try_read(path).data


def _what_is_there(folder: Path, exact: str) -> str:
    names = sorted(str(path.relative_to(folder)) for path in _files(folder))
    names = [name for name in names if name not in {exact, *_BESIDE}]
    if not names:
        return "in the submission."
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return (
        f"in the submission, and no notebook with its cells; there is {', '.join(names[:5])}{more}."
    )


def _notebooks(folder: Path, hidden: bool) -> list[Path]:
    """What may be notebooks, the newest if there are many."""
    found = [path for path in _files(folder, hidden) if _NOTEBOOK.fullmatch(path.name)]
    found = [path for path in found if path.name not in _BESIDE]
    return sorted(found, key=_time, reverse=True)[:MOST_NOTEBOOKS]


def _time(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0


def _files(folder: Path, hidden: bool = False) -> Iterator[Path]:
    """The files in a folder and those within it; links are nobody's files."""
    waiting, seen = [(folder, 0)], 0
    while waiting:
        place, depth = waiting.pop(0)
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > MOST_ENTRIES:
                return
            if (entry.name.startswith(".") and not hidden) or entry.name in _NOT_HANDED_IN:
                continue
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
            elif entry.is_dir(follow_symlinks=False) and depth < MOST_DEEP:
                waiting.append((Path(entry.path), depth + 1))
