"""What a learner has practised: one small readable file in their folder, theirs, never sent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from backpropkit.progress import home, set_aside, write

FILE = "practice.json"
GONE = 3  # right in a row on different shapes, without hints, and an idea counts as gone
MOST = 6  # each answer that is wrong in yet another way asks for one more, up to so many
AGAIN = 12  # drills until an idea that is gone is asked for once more; twice as many each time


@dataclass
class Standing:
    """How one idea stands.

    Attributes:
        right: how many drills for it were right in a row.
        needed: how many have to be: more of somebody whose answers are now this, now that.
        surfaces: the shapes of those: another of the same does not count.
        gone: how often it has gone.
        due: at which drill it is asked for again, once it is gone.
    """

    right: int = 0
    needed: int = GONE
    surfaces: list[str] = field(default_factory=list)
    gone: int = 0
    due: int = 0

    @property
    def open(self) -> bool:
        """Whether it is suspected: it showed, and has not gone since."""
        return not self.due


@dataclass
class LearnerRecord:
    """Everything: how many drills there were, how ideas stand, which surveys are done."""

    path: Path | None = None
    drills: int = 0
    ideas: dict[str, Standing] = field(default_factory=dict)
    surveyed: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # the last shapes, whatever they asked
    note: str = ""

    @classmethod
    def read(cls, path: Path) -> LearnerRecord:
        """The record in a file; an empty one where there is none, or none that can be read."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            ideas = {str(id): Standing(**one) for id, one in found["ideas"].items()}
            return cls(
                path,
                int(found["drills"]),
                ideas,
                list(map(str, found["surveyed"])),
                list(map(str, found["seen"])),
            )
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls(path, note=_set_aside(path))

    @classmethod
    def here(cls) -> LearnerRecord:
        """The learner's own: in the folder that `backpropkit lab` made, or else in this one."""
        return cls.read((home() or Path()) / FILE)

    def write(self) -> None:
        """Write all of it, or leave the file as it was."""
        if self.path is None:
            return
        known = {id: asdict(one) for id, one in self.ideas.items()}
        about = {
            "drills": self.drills,
            "ideas": known,
            "surveyed": self.surveyed,
            "seen": self.seen[-40:],
        }
        write(self.path, about)

    def suspect(self, idea: str, more: bool = False) -> None:
        """An idea has shown: it is to be practised, from the beginning; with `more`, a little
        longer than before."""
        before = self.ideas.pop(idea, Standing())
        needed = min(before.needed + more, MOST)
        self.ideas[idea] = Standing(0, needed, gone=before.gone)  # at the end: the latest

    def wrong(self, idea: str, shown: str, first: bool = True) -> None:
        """A drill for an idea was wrong, and showed an idea, this one or another, or "", none.

        Who holds an idea answers as it has it, each time. Who answers now this, now that, guesses,
        and some guesses are right: to be sure takes one more in a row for each such `first` try.
        """
        known = idea in self.ideas
        if idea and (known or not shown):
            self.suspect(idea, more=known and first and shown != idea)
        if shown and (shown != idea or not known):
            self.suspect(shown)

    def right(self, idea: str, shape: str) -> None:
        """A drill for an idea was right, without a hint."""
        standing = self.ideas.setdefault(idea, Standing())
        if shape in standing.surfaces:
            return
        standing.right += 1
        standing.surfaces = [*standing.surfaces, shape][-MOST:]
        if standing.right >= standing.needed or standing.due:  # once more, later: one is enough
            standing.gone, standing.needed = standing.gone + 1, GONE
            standing.due = self.drills + AGAIN * 2 ** (standing.gone - 1)

    @property
    def suspected(self) -> list[str]:
        """The ideas that showed and have not gone, the latest first."""
        return [id for id, one in reversed(self.ideas.items()) if one.open]

    @property
    def due(self) -> list[str]:
        """The ideas that are gone, and are asked for again by now."""
        return [id for id, one in self.ideas.items() if one.due and one.due <= self.drills]


def _set_aside(path: Path) -> str:
    """Keep a record that cannot be read under another name; the sentence that says so."""
    try:
        aside = set_aside(path)
    except OSError as error:
        return f"{path} cannot be read ({error}); practice begins anew and keeps no record."
    return f"{path} could not be read; it is kept as {aside.name}, and a new record begins."
