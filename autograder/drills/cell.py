"""A drill in a problem set: everybody has their own, drawn from the name they hand in under."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np

from autograder.asking.shown import shown
from autograder.catalog import catalog
from autograder.catalog.own import use_beside
from autograder.check import Whose, whose
from autograder.drills.choosing import NothingTells, choose, families_for
from autograder.drills.families import Problem
from autograder.drills.prose import Prose
from autograder.judge.exercise import Exercise, Personal


@dataclass(frozen=True, kw_only=True)
class DrillCell(Personal):
    """An exercise of a course's `catalog/` that is a drill of each student's own.

    What it asks depends on the exercise's id, on `term`, and on the student's id, which grading
    takes from the folder of the submission: nobody chooses it, and everybody can see their own.

    Attributes:
        idea: the misconception that it is set for.
        level: 1 (numbers by hand) to 4; left out, the easiest there is for the idea.
        term: any text; another one, and everybody has another drill: "2027".

    >>> paths = DrillCell(id="ps9.paths", points=3, idea="one-path")
    >>> paths.of("ada").task == paths.of("ada").task != paths.of("ben").task
    True
    """

    idea: str
    level: int | None = None
    term: str = ""
    signature: str = "as your own drill says"
    task: str = "A drill of your own: run the cell below, and answer in the one after it."
    _known: dict[str, Problem] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ideas", tuple(dict.fromkeys((self.idea, *self.ideas))))

    def of(self, student: str) -> Exercise:
        """The drill of a student; with "", that of nobody, as an example."""
        return self.problem(student).exercise

    def problem(self, student: str) -> Problem:
        """The same with its text, as the student reads it.

        Raises:
            NothingTells: no family of drills shows the idea.
        """
        name = student.strip().casefold()
        if name not in self._known:
            self._known[name] = _drawn(self, name)
        return self._known[name]


def _drawn(cell: DrillCell, student: str) -> Problem:
    text = "\0".join((cell.id, cell.term, student))
    r = np.random.default_rng(list(hashlib.sha256(text.encode()).digest()))
    reason = NothingTells(f"no family of drills shows {cell.idea!r}")
    for family in families_for(cell.idea, cell.level):
        try:
            found, _ = choose(replace(family, id=cell.answer), r, cell.idea)
        except NothingTells as error:
            reason = error
            continue
        if found.exercise.answer == cell.answer:  # one of the catalog's own goes by its own name
            whose = f"The drill of {shown(student) or 'nobody'}: {found.exercise.task}"
            exercise = replace(found.exercise, id=cell.id, points=cell.points, whose=whose)
            return replace(found, exercise=exercise)
    raise reason


def drill(id: str, name: str = "") -> Prose:
    """One's own drill in a problem set, to be read; or what to write so that it can be.

    Args:
        id: of the exercise, "ps9.paths".
        name: under which one hands in; on a JupyterHub it is known.

    Raises:
        NoSuchExercise: there is no exercise of that id.
        TypeError: the exercise is the same for everybody.
    """
    use_beside(id)
    cell = catalog[id]
    if not isinstance(cell, DrillCell):
        raise TypeError(f"{id} is the same for everybody; its task stands in the notebook")
    try:
        student = whose(cell, name)
    except Whose as what_to_write:
        return Prose(f"⚠ {what_to_write}.")
    return Prose(f"**The drill of {shown(student)}.**\n\n{cell.problem(student).task}")
