"""What a wrong part still earns. The policy stands in docs/exercises.md:

One slip, one place: a part that one wrong idea explains earns half. What follows from the learner's
own earlier parts earns all, wherever the graph says what follows from what. Who shows that nothing
is known (one number everywhere, the inputs handed back) earns nothing, whatever is right by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice, product
from typing import Any

import numpy as np

from autograder.judge.diagnosis import NEARLY, Diagnosis, error, stuck, tried
from autograder.judge.exercise import Exercise, Part, Values
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import Trial
from backpropkit.ideas import RIGHT, Change, Places

HALF = 0.5
# a nudge's numbers are a good check, but no derivation; what never changes, or was given, is none
NO_SLIPS = {"finite-difference", "nudge-too-small", "same-for-every-input", "value-for-gradient"}
FREE = {"scale", "stale-weights"}  # ideas with a number of the learner's own: it fits any number
FACTORS = (-1.0, 2.0, 0.5, -2.0, -0.5)  # slips that need no row: a sign, a two
ROUGHLY = 0.3  # of a number worked by hand: what rounding may take of a small one
ONE_USE = [change for change in MISCONCEPTIONS["one-path"].changes if not change.gates]
MOST_SLIPS = 250  # sweeps that look for a slip in one verdict

FOLLOWS = "it follows from your other answers, and that is what counts here."
SLIP = " It is one slip from right, and half of it counts."
PARTLY = " It is not what is asked for, but some of it counts."
NOT_WORKED_OUT = "numbers that are the same whatever is asked, or what was given, earn nothing."


def know_nothing(exercise: Exercise, trials: Sequence[Trial], given: Sequence[Values]) -> bool:
    """All that came back is one number, or what was given as it was given, in every question."""
    everything = [np.ravel(value) for values in given for value in values.values()]
    if not everything:
        return False
    if len(np.unique(np.abs(np.concatenate(everything)))) <= 1:
        return True
    return all(
        _handed_back([values.get(part.name) for part in exercise.parts], [*trial.inputs.values()])
        for trial, values in zip(trials, given, strict=True)
    )


def _handed_back(values: Sequence[Any], inputs: Sequence[Any]) -> bool:
    """Every value is an input, and they stand as the arguments do, or one stands in two places.

    Each once, in another order, they may be slopes: those of a b + c f are b, a, f and c.
    """
    places = [[k for k, x in enumerate(inputs) if _same(value, x)][:1] for value in values]
    in_order = places == sorted(places) or len({*map(tuple, places)}) < len(places)
    return all(places) and in_order


def worked_out(right: Sequence[Part], given: Sequence[Values]) -> bool:
    """The one number that came back everywhere was worked out for the one part it is right for.

    0, 1 and −1 are what anybody writes who knows nothing, and a number that is right in several
    places has been spread over all of them.
    """
    everything = [np.ravel(value) for values in given for value in values.values()]
    sizes = np.unique(np.abs(np.concatenate(everything)))
    return len(right) == 1 and len(sizes) == 1 and sizes[0] not in (0.0, 1.0)


def _same(value: Any, given: Any) -> bool:
    return isinstance(given, (float, np.ndarray)) and np.array_equal(value, given)


class Credit:
    """The credit of one answer's wrong parts, as far as numbers came back for them everywhere."""

    def __init__(
        self,
        exercise: Exercise,
        trials: Sequence[Trial],
        given: Sequence[Values],
        diagnosis: Diagnosis,
    ) -> None:
        self.exercise, self.trials, self.given = exercise, trials, given
        self.diagnosis = diagnosis
        self.order = _order(exercise, trials[0])
        self.left = MOST_SLIPS

    def of(self, part: Part) -> tuple[float, str]:
        """(points, what is said of them) of a wrong part."""
        if not all(part.name in values for values in self.given):
            # where it did not even run, shapes did not fit
            half = HALF * part.points
            return (half, SLIP) if self.explained(part) else (0.0, "")
        follows = self.follows(part)
        if self.comes_of_others(part, follows):
            return part.points, FOLLOWS
        known = zip(*[self.exercise.partly(**t.inputs) for t in self.trials], strict=True)
        earned = [
            rows[0][2]
            for rows in known
            if rows[0][0] == part.name and self.is_it(part, [value for _, value, _ in rows])
        ]
        said = PARTLY if earned else ""
        if self.one_slip(part, follows):
            earned.append(HALF * part.points)
            said = SLIP
        return max(earned, default=0.0), said

    def comes_of_others(self, part: Part, follows: Sequence[Any]) -> bool:
        """A part is what follows from the learner's own others, or that with one use taken twice.

        Not where it is rounded: it would be so on some draws, as the digits of the others fall.
        """
        rounded = not self.exercise.fixed and (part.name, "rounded") in self.diagnosis.slips
        return (
            not rounded
            and self.tells(part)
            and (
                (bool(follows) and self.is_it(part, follows, slack=self.slack(part, follows)))
                or any(self.is_it(part, doubled) for doubled in self.doubled(part))
            )
        )

    def one_slip(self, part: Part, follows: Sequence[Any]) -> bool:
        """An idea explains the part, from the start or from the learner's own other parts."""
        if self.explained(part):
            return True
        right = [trial.truth[part.name] for trial in self.trials]
        unmoved = stuck([values[part.name] for values in self.given]) and not stuck(right)
        if not self.tells(part) or unmoved:
            return False
        for base in (follows, right):
            if base and (
                self.mostly(part, base) or self.sized(part, base) or self.reshaped(part, base)
            ):
                return True
            for wrong in _transformed(base):
                if self.is_it(part, wrong):
                    return True
        return bool(follows) and self.one_gate(part)

    def mostly(self, part: Part, base: Sequence[Any]) -> bool:
        """Of an array's entries that are not 0, at least half are right in every trial; or just
        those of one sign."""
        found = self.entries(part, base)
        half = all(
            np.sum(there) >= 2 and 2 * np.sum(there & right) >= np.sum(there)
            for there, right in found
        )
        return bool(found) and (half or self.for_one_sign(base, found))

    def for_one_sign(self, base: Sequence[Any], found: Sequence[tuple[Any, Any]]) -> bool:
        """Just those entries are right that should be positive, or negative; or where an input of
        their shape is so. How many those are is chance."""
        if not any(np.any(there & right) for there, right in found):
            return False
        inputs = [[trial.inputs[name] for trial in self.trials] for name in self.trials[0].inputs]
        like = [x for x in inputs if list(map(np.shape, x)) == list(map(np.shape, base))]
        return any(
            all(
                np.array_equal(right[there], (np.sign(x) == sign)[there])
                for x, (there, right) in zip(several, found, strict=True)
            )
            for several, sign in product([base, *like], (1, -1))
        )

    def entries(self, part: Part, base: Sequence[Any]) -> list[tuple[Any, Any]]:
        """(which are not 0, which are right) of an array's entries in every trial.

        None where all of them nearly are right: that some stay below the tolerance is chance.
        """
        given = [values[part.name] for values in self.given]
        if any(
            not np.ndim(b) or np.shape(g) != np.shape(b) for g, b in zip(given, base, strict=True)
        ):
            return []
        if all(error(g, b, 0.0) < NEARLY for g, b in zip(given, base, strict=True)):
            return []
        most = [self.exercise.tolerance * np.max(np.abs(b), initial=0.0) for b in base]
        return [
            (np.abs(b) > least, np.abs(g - b) <= least)
            for g, b, least in zip(given, base, most, strict=True)
        ]

    def sized(self, part: Part, base: Sequence[Any]) -> bool:
        """Only signs are wrong, of some entries or in some trials."""
        given = [values[part.name] for values in self.given]
        if any(np.shape(g) != np.shape(b) for g, b in zip(given, base, strict=True)):
            return False
        return self.is_it(part, [np.copysign(b, g) for g, b in zip(given, base, strict=True)])

    def reshaped(self, part: Part, base: Sequence[Any]) -> bool:
        """The numbers of an array are right, and only their shape is not."""
        given = [values[part.name] for values in self.given]
        if np.ndim(base[0]) == 0 or any(
            np.size(g) != np.size(b) for g, b in zip(given, base, strict=True)
        ):
            return False
        return all(
            self.close(np.reshape(g, np.shape(b)), b) for g, b in zip(given, base, strict=True)
        )

    def explained(self, part: Part) -> bool:
        """An idea makes the part what it is; a free factor alone shows only in several numbers."""
        ideas = {id for name, id in self.diagnosis.slips if name == part.name} - NO_SLIPS
        return bool(ideas - FREE) or (bool(ideas) and self.tells(part, 2))

    def one_gate(self, part: Part) -> bool:
        """One gate went wrong on the way from the learner's own other parts to this one."""
        held = [self.held(part, t) for t in range(len(self.trials))]
        for change, place in islice(_gates(self.trials[0], part, held[0]), self.left):
            self.left -= 1

            def wrong(t: int, change: Change = change, place: Places = place) -> Any:
                predict = partial(Trial.sweep, change=change, places=place, held=held[t])
                return tried(predict, self.trials[t]).get(part.name)

            if self.is_it(part, [wrong(0)], [0]) and self.is_it(
                part, [wrong(t) for t in range(len(self.trials))]
            ):
                return True
        return False

    def follows(self, part: Part) -> list[Any]:
        """What the part is in every trial if the learner's own earlier parts were right."""
        if self.trials[0].sweeps is None or self.exercise.jacobian:
            return []
        return self.swept(part, [self.held(part, t) for t in range(len(self.trials))])

    def swept(self, part: Part, held: Sequence[Values], change: Change = RIGHT) -> list[Any]:
        """The part in every trial, with other parts held; none if a wrong shape came in the way."""
        found = [
            tried(partial(Trial.sweep, change=change, held=values), trial).get(part.name)
            for trial, values in zip(self.trials, held, strict=True)
        ]
        return found if all(value is not None for value in found) else []

    def slack(self, part: Part, follows: Sequence[Any]) -> float:
        """How far what follows may move because what it follows from was rounded by hand."""
        if not self.exercise.fixed:
            return 0.0
        off = {name: x + self.exercise.tolerance for name, x in self.held(part, 0).items()}
        moved = self.swept(part, [off])
        return float(np.max(np.abs(np.subtract(moved, follows)))) if moved else 0.0

    def doubled(self, part: Part) -> Iterator[list[Any]]:
        """What follows where two uses rightly bring the same, and one of them is taken twice.

        From a gradient that is wrong they may bring different things; who has learnt that they are
        the same cannot see that.
        """
        if self.trials[0].sweeps is None or self.exercise.jacobian:
            return
        own = [self.held(part, t) for t in range(len(self.trials))]
        right = [{name: t.truth[name] for name in h} for t, h in zip(self.trials, own, strict=True)]
        for change in ONE_USE if own[0] else ():
            of_right = zip(self.swept(part, right, change), self.trials, strict=False)
            if all(self.same(2 * one, trial.truth[part.name]) for one, trial in of_right):
                yield [2 * one for one in self.swept(part, own, change)]

    def held(self, part: Part, t: int) -> Values:
        """The learner's own values of what comes before a part on the way back.

        Nothing follows from what comes later: or two wrong parts could each follow from the other.
        """
        before = self.order[: self.order.index(part.name)]
        values, truth = self.given[t], self.trials[t].truth
        return {
            name: values[name]
            for name in before
            if name in values and np.shape(values[name]) == np.shape(truth[name])
        }

    def tells(self, part: Part, numbers: int = 1) -> bool:
        """So many different numbers came back, not counting 0 and signs."""
        came = [np.ravel(values[part.name]) for values in self.given if part.name in values]
        return len(np.unique(np.abs(np.concatenate(came))).nonzero()[0]) >= numbers

    def is_it(
        self, part: Part, wrong: Sequence[Any], which: Sequence[int] = (), slack: float = 0.0
    ) -> bool:
        """What came back is this, relative to its own size, in every trial."""
        which = which or range(len(self.given))
        return len(wrong) == len(which) and all(
            value is not None and self.close(self.given[t][part.name], value, slack)
            for t, value in zip(which, wrong, strict=True)
        )

    def close(self, given: Any, wrong: Any, slack: float = 0.0) -> bool:
        if not self.exercise.fixed:
            return self.same(given, wrong)
        if np.shape(given) != np.shape(wrong):
            return False
        off = np.max(np.abs(np.subtract(given, wrong)))
        size = max(np.max(np.abs(given)), np.max(np.abs(wrong)))
        return bool(off <= self.exercise.tolerance + slack and off <= ROUGHLY * size)

    def same(self, given: Any, wrong: Any) -> bool:
        """Relative to the larger of both: what is next to nothing is not what comes to 0."""
        size = float(np.max(np.abs(given), initial=0.0))
        return error(given, wrong, size) <= self.exercise.tolerance


def _order(exercise: Exercise, trial: Trial) -> list[str]:
    """The parts, each after those that may come before it on the way back.

    Nodes in the middle from the result on, then inputs that only an addition uses (their gradient
    is also that of the sum), then the others.
    """
    if trial.sweeps is None:
        return [part.name for part in exercise.parts]

    def key(part: Part) -> tuple[int, int]:
        node, at = trial.node(part), trial.where(part)
        if node.args:
            return 0, -node.birth
        return (1, -at.birth) if at is not node else (2, 0)

    return [part.name for part in sorted(exercise.parts, key=key)]


def _transformed(base: Sequence[Any]) -> Iterator[list[Any]]:
    """A sign, a two, a mirror: of what follows, or of what is right."""
    if not base:
        return
    for factor in FACTORS:
        yield [np.multiply(value, factor) for value in base]
    if np.ndim(base[0]) == 2:
        yield [np.transpose(value) for value in base]


def _gates(trial: Trial, part: Part, held: Values) -> Iterator[tuple[Change, Places]]:
    """(idea's change, one gate) for every gate between a part and what is held above it."""
    assert trial.sweeps is not None
    stops = {trial.where(p) for p in trial.exercise.parts if p.name in held}
    places = trial.sweeps.above(trial.node(part), stops)
    for idea in MISCONCEPTIONS.values():
        for change in idea.changes if idea.id not in NO_SLIPS else ():
            for i in places:
                if trial.sweeps.rules(change, frozenset({i})):
                    yield change, frozenset({i})
