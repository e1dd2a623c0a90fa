"""The catalog: every exercise by its id, one module a problem set."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from autograder.catalog import ps1, ps2, ps3, ps4, ps5, ps6, ps7
from autograder.judge.behaviour import Behaviour
from autograder.judge.exercise import Exercise, Personal

AnyExercise = Exercise | Behaviour | Personal


class NoSuchExercise(KeyError):
    """There is no exercise of that id; the text says which one may be meant."""

    def __str__(self) -> str:
        return str(self.args[0])


class Catalog(Mapping[str, AnyExercise]):
    """{id: exercise}, in the order of the problem sets.

    >>> catalog["ps6.quad_grad"].points
    3
    >>> catalog["ps6.quadgrad"]
    Traceback (most recent call last):
    autograder.catalog.NoSuchExercise: no such exercise 'ps6.quadgrad'; did you mean ...
    """

    def __init__(self, exercises: Mapping[str, AnyExercise]) -> None:
        self.replace(exercises)
        self.left_out: dict[str, str] = {}  # of the kit's, by a course: id -> where it says so

    def replace(self, exercises: Mapping[str, AnyExercise]) -> None:
        """Hold these from now on."""
        self._exercises = dict(exercises)

    def __getitem__(self, id: str) -> AnyExercise:
        if id in self._exercises:
            return self._exercises[id]
        if id in self.left_out:
            raise NoSuchExercise(f"this course leaves {id!r} out ({self.left_out[id]})") from None
        close = difflib.get_close_matches(str(id), self._exercises, n=1, cutoff=0.5)
        close = close or [full for full in self._exercises if full.split(".")[1] == id]
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(self._exercises)}"
        raise NoSuchExercise(f"no such exercise {id!r}; {hint}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._exercises)

    def __len__(self) -> int:
        return len(self._exercises)

    def ids(self) -> list[str]:
        """All ids."""
        return list(self._exercises)

    def set(self, name: str) -> list[AnyExercise]:
        """The exercises of one problem set, in its order.

        >>> [exercise.answer for exercise in catalog.set("ps6")]
        ['matmul_backward', 'dD_dW', 'linear_backward', 'quad_grad']
        """
        return [exercise for exercise in self._exercises.values() if exercise.set == name]


KIT: dict[str, AnyExercise] = {
    exercise.id: exercise
    for module in (ps1, ps2, ps3, ps4, ps5, ps6, ps7)
    for exercise in module.EXERCISES
}
catalog = Catalog(KIT)  # and a course's own, once they are in use: own.py
