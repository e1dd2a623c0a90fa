"""`progress`: where a learner was, how far in lessons and checks, and which ideas are due."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from autograder.asking.counted import counted
from autograder.catalog import KIT
from autograder.drills.prose import Prose
from autograder.drills.record import FILE as PRACTISED
from autograder.drills.record import LearnerRecord
from backpropkit.progress import FILE, Done, done, home, in_browser

NOWHERE = (
    "Nothing is noted here: how far you are is kept beside the lessons, in the folder that "
    "`backpropkit lab` makes, and this notebook does not lie in it. Open the lessons from there: "
    "`backpropkit lab`, typed in a terminal, makes the folder where there is none."
)
NO_FILES = (
    "Nothing is noted here: this page has no files in which it could be. That takes an address "
    "that begins with https (or with http://localhost), and a browser that lets a page keep "
    "something. "
    "Checks and drills work all the same. To be noted, open such a page, or work on your own "
    "computer, with `backpropkit lab`."
)


def progress() -> Prose:
    """How far you are: lessons, checks, what is due, and where you were last.

    It is read from progress.json and practice.json in the folder that `backpropkit lab` made; on a
    site, where Python runs in the page, in the folder that the browser keeps.
    """
    from backpropkit.questions import QUESTIONS  # nothing that judges: it has no say in a verdict

    folder = home()
    if folder is None:
        return Prose(NOWHERE if not in_browser() else NO_FILES)
    known = done()
    pages = {name: _page(folder, name, True) for name in _by_page(QUESTIONS)}
    checks = _by_page([*KIT, *(id for id in known if id not in QUESTIONS)])
    pages |= {name: _page(folder, name, False) for name in checks}
    rows = ["| | |", "|:--|:--|"]
    rows += _rows(pages, _by_page(QUESTIONS), known, "question", "reached")
    rows += _rows(pages, checks, known, "check", "right")
    foot = (
        f"*This stands in `{FILE}` and `{PRACTISED}` in your folder: yours, never sent. Delete "
        "them to begin afresh.*"
    )
    return Prose("\n\n".join([_last(pages, known), "\n".join(rows), _due(), foot]))


def _by_page(ids: Iterable[str]) -> dict[str, list[str]]:
    """The ids of each lesson or set, by its name, once."""
    found: dict[str, list[str]] = {}
    for id in dict.fromkeys(ids):
        found.setdefault(id.partition(".")[0], []).append(id)
    return found


def _page(folder: Path, name: str, lesson: bool) -> str:
    """A link to the notebook of a lesson or a set, where there is one."""
    number = name.lstrip("abcdefghijklmnopqrstuvwxyz")
    words = f"lesson {number}" if lesson else f"problem set {number or name}"
    place = f"lessons/{int(number):02d}_*.ipynb" if lesson else f"exercises/{name}/*.ipynb"
    for found in sorted(folder.glob(place)):
        return f"[{words}]({Path(os.path.relpath(found)).as_posix()})"
    return words


def _rows(
    pages: dict[str, str], asked: dict[str, list[str]], known: Done, what: str, how: str
) -> Iterator[str]:
    for name, ids in asked.items():
        count = sum(id in known and known[id]["done"] for id in ids)
        sign = "✓ " * (count == len(ids))
        yield f"| {pages[name]} | {sign}{count} of {counted(len(ids), what)} {how} |"


def _last(pages: dict[str, str], known: Done) -> str:
    if not known:
        return "**Nothing is done yet.** Here will stand what you reach, and what is right."
    id, about = list(known.items())[-1]
    day = date.fromisoformat(about["on"])
    return f"**You were last in {pages[id.partition('.')[0]]}**, on {day.day} {day:%B %Y}."


def _due() -> str:
    record = LearnerRecord.here()
    waiting = [*record.suspected, *record.due]
    if waiting:
        return f"**To practise:** {', '.join(waiting)}. `practice()` asks for it."
    return "**To practise:** nothing is due."
