"""Who is who: the names and ids that learning platforms use, and nbgrader's id of each student."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# columns of rosters and gradebook files, as platforms call them; the one that holds most of the ids
# which the course has already gives the student's id in it, or else the first that is there
IDS = ("student_id", "nbgrader id", "id number", "sis user id", "sis login id", "username", "sid",
       "student id", "login", "netid", "id")  # fmt: skip
KEYS = (*IDS, "email", "email address", "e-mail", "identifier", "participant", "canvas id",
        "lms_user_id", "user id", "github_username", "name", "full name", "student",
        "student name")  # fmt: skip
FIRST = ("first name", "first_name", "first", "given name")
LAST = ("last name", "last_name", "last", "surname", "family name")
LONGEST = 200  # bytes of an id or a file's name; disks take 255


class NoRoster(ValueError):
    """The roster cannot be read; the text says what it lacks."""


def plain(name: str) -> str:
    """A name as it is compared: letters and digits only, without accents and case.

    >>> plain("O'Brien, Zoë") == plain("obrien zoe")
    True
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in letters if c.isalnum())


def safe_id(student: str) -> bool:
    """Whether an id can be the name of a student's folder.

    >>> safe_id("ada"), safe_id("../ada"), safe_id("")
    (True, False, False)
    """
    return (
        student.isprintable()
        and 0 < len(student.encode("utf-8", "replace")) <= LONGEST
        and not set(student) & set("/\\+")
        and student.strip(" .") == student
    )


@dataclass
class Roster:
    """{what may name a student, as compared: the ids of those it names}."""

    names: dict[str, set[str]]

    @classmethod
    def of(cls, students: Iterable[tuple[str, Iterable[str]]]) -> Roster:
        """A roster of (id, everything that names this student)."""
        names: dict[str, set[str]] = {}
        for student, keys in students:
            for key in (student, *keys):
                if plain(key):
                    names.setdefault(plain(key), set()).add(student)
        return cls(names)

    def find(self, keys: Iterable[str], names: Iterable[str] = (), ids: bool = True) -> str | None:
        """The student whom the first telling one of `keys` names, and none of `names` denies.

        A key that is a student's id letter by letter names that one, unless keys are no `ids`: a
        platform's numbers may be the ids of others, so what somebody is called has a say.

        Raises:
            LookupError: several students are called so; the text names them.
        """
        told, meant = self._first(keys, ids)
        called, alike = self._first(names, ids=False)
        found = told | called
        denied = not told and meant and called and not meant & called.keys()
        if len(found) > 1 or denied:
            said = [f"{key!r} is {student}" for student, key in found.items()]
            said += [f"its number is that of {' or '.join(sorted(meant))}"] if denied else []
            raise LookupError(" and ".join(said))
        if not found and (meant or alike):
            raise LookupError(f"{' and '.join(sorted(meant | alike))} have the same name")
        return next(iter(found), None)

    def _first(self, keys: Iterable[str], ids: bool) -> tuple[dict[str, str], set[str]]:
        """{student: the first key that names one only}, and whom those before may mean."""
        meant: set[str] = set()
        for key in keys:
            found = {key} if ids and key in self._called(key) else self._called(key)
            if len(found) == 1:
                return {next(iter(found)): key}, meant
            meant = meant | found
        return {}, meant

    def _called(self, key: str) -> set[str]:
        return self.names.get(plain(key), set())


def read_roster(path: Path, known: Collection[str] = ()) -> Roster:
    """Read a CSV file with a line a student: any platform's export, or one written by hand.

    Which columns name a student is told by their headings, whatever their case; which of several
    ids is the course's, by those that it has already, the `known`: nobody becomes a second person.

    Raises:
        NoRoster: there is no such file, it is not CSV in UTF-8, or no column holds an id.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        # spreadsheets write what their language has for a comma
        comma = max(",;\t", key=text.partition("\n")[0].count)
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=comma))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoRoster(
            f"{path} cannot be read as a roster: {error}. Save it as CSV in UTF-8."
        ) from None
    if not rows:
        raise NoRoster(f"{path} holds no students: a line of headings, then a line a student.")
    lower = [
        {str(k).strip().lower(): (v or "").strip() for k, v in row.items() if k and
         not isinstance(v, list)} for row in rows
    ]  # fmt: skip
    columns = [name for name in IDS if any(row.get(name) for row in lower)]
    if not columns:
        raise NoRoster(
            f"{path} has no column with the students' ids; one of {', '.join(IDS)} would be read. "
            "Without --roster, the gradebook's students are taken, by name and address."
        )
    column = max(columns, key=lambda name: sum(row.get(name) in known for row in lower))
    return Roster.of((row[column], _keys(row)) for row in lower if row.get(column))


def _keys(row: Mapping[str, str]) -> list[str]:
    keys = [row[name] for name in KEYS if row.get(name)]
    # "Last, First" is compared both ways round, as Canvas's "lastfirst" is
    for name in [row.get("name", ""), row.get("full name", ""), row.get("student", "")]:
        last, comma, first = name.partition(",")
        if comma:
            keys += [f"{first} {last}", f"{last} {first}"]
        elif " " in name:
            first, _, last = name.rpartition(" ")
            keys.append(f"{last} {first}")
            first, _, last = name.partition(" ")
            keys.append(f"{last} {first}")
    first = next((row[name] for name in FIRST if row.get(name)), "")
    last = next((row[name] for name in LAST if row.get(name)), "")
    if first and last:
        keys += [f"{first} {last}", f"{last} {first}"]
    return keys
