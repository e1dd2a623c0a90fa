"""Which wrong ideas explain what came back: predictions of every idea against the wrong parts.

The rules (all of them matter, each was learned from wrong answers that were named falsely):
an idea is named only if its prediction is what came back in every trial where something did, if
there are at least three of those, and if it differs clearly from the truth in at least three. An
idea that explains more of the wrong parts goes first, then one the exercise names, then the more
specific one. A mere sign, factor or mirror is named only where nothing more specific fits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from autograder.judge.drowned import drowned
from autograder.judge.exercise import Exercise, Part, Values
from autograder.judge.misconceptions import MISCONCEPTIONS, Misconception
from autograder.judge.trial import Trial

CLEARLY = 1e-3  # a wrong idea is told from the truth by at least this
TRIALS = 3
NOTHING_LEFT = 1e-9  # of a right value, where two things that should differ cancelled
MOST_PARTS = 5  # of answers whose orders are all tried
SLOPES = [10.0**-k for k in range(2, 8)]  # the steps a finite difference is tried with
WIDE = [1.0, 0.1, *SLOPES]  # and those of somebody for whom h need not be small
# ideas whose numbers come to those of plainer ones now and then, as 1 − ½ comes to −½ turned round
BY_CHANCE = {"chain-added": ("sign", "upstream-only")}
OR = {"paths-combined-wrong": "scale"}  # the average of two ways is half of their sum
# ideas about the way forward: nobody leaves out one input for one part, and another for the next
THROUGHOUT = ("input-forgotten", "name-overwritten", "activation-skipped")
# what fits much: tried only where nothing else explains a part
LAST = ("wrong-operand",)
SURE = ("rounded",)  # told from the truth by little, but only signs come to it, too
SHORT = ((np.float16, 0.03), (np.float32, 1e-4))  # and how far off they leave numbers
NEARLY = 1e-4  # what is wrong by less was computed with a nudge, or with a rounded constant

Gates = tuple[int, ...]  # where an idea was had: nodes by their place, nearest to the result first
Predict = Callable[[Trial], Values]


@dataclass(frozen=True)
class Group:
    """Ideas that explain the same wrong parts equally well, the likeliest first."""

    ids: tuple[str, ...]
    parts: frozenset[str]
    gates: Gates = ()


@dataclass(frozen=True)
class Diagnosis:
    """What was found: groups to report, the best supported first, and every (part, idea) match.

    `slips` are the matches and those that would not do to name an idea: a part is what an idea
    makes of it, but too little else is.
    """

    groups: tuple[Group, ...] = ()
    matches: frozenset[tuple[str, str]] = frozenset()
    slips: frozenset[tuple[str, str]] = frozenset()


def error(given: Any, right: Any, size: float) -> float:
    """How far off, relative to the largest entry of what is right or to `size`; inf for a shape."""
    if given.__class__ is right.__class__ is float:
        return abs(given - right) / (max(size, abs(right)) or 1.0)
    if np.shape(given) != np.shape(right):
        return float("inf")
    size = max(size, float(np.max(np.abs(right), initial=0.0))) or 1.0
    return float(np.max(np.abs(np.subtract(given, right)), initial=0.0)) / size


def sizes(exercise: Exercise, trials: Sequence[Trial]) -> dict[str, float]:
    """How large each part gets; where it happens to be near 0, rounding is judged by that.

    What is worked by hand is rounded to digits, not relative to anything: its size is 1.
    """
    return {
        part.name: float(max(np.max(np.abs(t.truth[part.name]), initial=0.0) for t in trials))
        if not exercise.fixed
        else 1.0
        for part in exercise.parts
    }


def stuck(values: Sequence[Any]) -> bool:
    """All of these are the same."""
    return all(np.array_equal(value, values[0]) for value in values)


def diagnose(
    exercise: Exercise, trials: Sequence[Trial], given: Sequence[Values], wrong: Sequence[Part]
) -> Diagnosis:
    """Explain the `wrong` parts of what was `given` in each trial."""
    return _Search(exercise, trials, given, wrong).diagnosis()


class _Search:
    """The wrong parts of one answer, and every idea tried on them."""

    def __init__(
        self,
        exercise: Exercise,
        trials: Sequence[Trial],
        given: Sequence[Values],
        wrong: Sequence[Part],
    ) -> None:
        self.exercise = exercise
        self.trials = trials
        self.given = given
        self.sizes = sizes(exercise, trials)
        self.by_hand = bool(exercise.fixed)
        self.need = 1 if self.by_hand else TRIALS
        self.wrong = [p for p in wrong if len(self.seen(p)) >= self.need and self.differs(p)]

    def seen(self, part: Part) -> list[int]:
        """The trials in which something came back for a part."""
        return [t for t, values in enumerate(self.given) if part.name in values]

    def differs(self, part: Part) -> bool:
        """A part is wrong where it came back; it may only be missing elsewhere."""
        return any(
            self.off(part, self.given[t][part.name], self.trials[t].truth[part.name])
            > self.exercise.tolerance
            for t in self.seen(part)
        )

    def diagnosis(self) -> Diagnosis:
        if not self.wrong or self.one_number:
            return Diagnosis()
        explained, gates = self.by_sweeps()
        for id in self.of_all():
            explained[id] = {part.name for part in self.wrong}
        for part in self.wrong:
            for id in self.transforms(part):
                explained.setdefault(id, set()).add(part.name)
        for part in self.wrong:
            if not any(part.name in found for found in explained.values()):
                for id in self.families(part):
                    explained.setdefault(id, set()).add(part.name)
        for id, others in BY_CHANCE.items():
            for other in others:
                if explained.get(id, set()) <= explained.get(other, set()):
                    explained.pop(id, None)
        slips = frozenset((part, id) for id, parts in explained.items() for part in parts)
        explained = {
            id: found
            for id, found in explained.items()
            if self.convinces(found) and (not MISCONCEPTIONS[id].whole or self.of_everything(found))
        }
        matches = frozenset((part, id) for id, parts in explained.items() for part in parts)
        if self.by_hand and len(self.wrong) == 1:
            if self.ambiguous(explained):
                return Diagnosis((), matches, slips)
            if "sign" in explained and not explained.keys() & set(self.exercise.ideas):
                explained = {"sign": explained["sign"]}  # the other idea's number is so by chance
        groups = _rank(self.exercise, explained)
        groups = tuple(replace(group, gates=gates.get(group.ids[0], ())) for group in groups)
        return Diagnosis(groups, matches, slips)

    def by_sweeps(self) -> tuple[dict[str, set[str]], dict[str, Gates]]:
        """{idea: the wrong parts it explains}, and {idea: at which gates}, of all sweeps."""
        explained: dict[str, set[str]] = {}
        where: dict[str, list[tuple[set[str], Gates]]] = {}
        for id, parts, places in self.sweeps():  # had at two gates, it is still one idea
            if id in THROUGHOUT and len(parts) <= len(explained.get(id, set())):
                continue
            if id in THROUGHOUT:  # had in one way, for all that is asked
                where[id], explained[id] = [], set()
            known = where.setdefault(id, [])
            at_fewer = [(p, at) for p, at in known if p <= parts and len(places) < len(at)]
            if at_fewer or not parts <= explained.get(id, set()):
                where[id] = [one for one in known if one not in at_fewer] + [(parts, places)]
                explained[id] = parts | explained.get(id, set())
            elif any(p == parts and len(at) == len(places) for p, at in known):
                known.append((parts, places))  # the same numbers come of it there
        gates = {id: tuple(dict.fromkeys(chain(*(at for _, at in w)))) for id, w in where.items()}
        return explained, gates

    def ambiguous(self, explained: Mapping[str, set[str]]) -> bool:
        """A single number worked by hand that comes of several ideas, none of them looked for."""
        if "rounded" in explained and self.all_rounded:
            return False
        several = [id for id in explained if not MISCONCEPTIONS[id].general]
        return len(several) > 1 and not set(several) & set(self.exercise.ideas)

    @property
    def all_rounded(self) -> bool:
        """Not one number that came back has more than one digit behind the point."""
        return all(np.array_equal(value, np.round(value, 1)) for value in self.values())

    def of_everything(self, found: set[str]) -> bool:
        """All parts, or at least no single number, which may be another one's by chance."""
        truth, parts = self.trials[0].truth, self.exercise.parts
        came = len(self.asked) == len(parts)
        return len(found) == len(parts) or (came and all(np.ndim(truth[n]) for n in found))

    @property
    def one_number(self) -> bool:
        """All that came back is one and the same number, or 0 up to rounding: that comes of every
        idea, and of none."""
        all_of_it = np.concatenate(
            [
                np.ravel(value) / (self.sizes.get(name) or 1.0)
                for values in self.given
                for name, value in values.items()
            ]
        )
        same = len(np.unique(np.concatenate([np.ravel(v) for v in self.values()]))) <= 1
        return not self.by_hand and (same or bool(np.all(np.abs(all_of_it) < NOTHING_LEFT)))

    def values(self) -> Iterator[Any]:
        """Everything that came back."""
        for values in self.given:
            yield from values.values()

    def convinces(self, found: set[str]) -> bool:
        """An idea has to explain enough of what is wrong, and not by a single number that fits.

        What is worked by hand is one trial of small numbers: there it has to explain all of it.
        """
        if self.by_hand:
            return len(found) == len(self.wrong)
        if len(found) == len(self.wrong):
            return True
        return 2 * len(found) >= len(self.wrong) and any(self.tells(name) for name in found)

    def tells(self, name: str) -> bool:
        """What came back for a part is more than one number and zeros."""
        values = [np.ravel(values[name]) for values in self.given if name in values]
        sizes = np.abs(np.concatenate(values))
        sizes = sizes[sizes > 0]
        return len(sizes) > 0 and bool(np.ptp(sizes) > CLEARLY * np.max(sizes))

    def of_all(self) -> Iterator[str]:
        """The ideas about all that came back together."""
        if self.exchanged():
            yield "parts-swapped"
        if not self.by_hand and self.wrong and all(self.unmoved(part) for part in self.wrong):
            yield "same-for-every-input"

    def exchanged(self) -> bool:
        """Everything is right, at the place of something else."""
        parts = self.exercise.parts
        if len(self.wrong) < 2 or len(parts) > MOST_PARTS or self.asked != list(parts):
            return False
        names = [part.name for part in parts]
        return any(
            all(
                self.off(part, values[part.name], trial.truth[other]) <= self.exercise.tolerance
                for trial, values in zip(self.trials, self.given, strict=True)
                for part, other in zip(parts, order, strict=True)
            )
            for order in itertools.permutations(names)
        )

    def unmoved(self, part: Part) -> bool:
        """The same numbers, typed by somebody, came back for a part whatever went in.

        Numbers in equal steps are nobody's example, and nobody types more than eight decimals.
        """
        given = [self.given[t][part.name] for t in self.seen(part)]
        right = [self.trials[t].truth[part.name] for t in self.seen(part)]
        numbers = np.ravel(given[0])
        typed = np.allclose(numbers, np.round(numbers, 8), rtol=0.0, atol=1e-12)
        steps = len(numbers) > 2 and np.ptp(np.diff(numbers)) < CLEARLY
        return bool(typed and not steps and stuck(given) and not stuck(right))

    def sweeps(self) -> Iterator[tuple[str, set[str], Gates]]:
        """(idea, the wrong parts it explains, where), for every way to run the sweep with it."""
        counts = [sum(p.name in values for p in self.wrong) for values in self.given]
        probe = counts.index(max(counts))
        for number, (id, predict, gates) in enumerate(ways(self.exercise, self.trials[probe])):
            way = probe, number
            predicted = {probe: _known(self.trials[probe], way, predict)}
            likely = [p for p in self.wrong if self.agrees(p, probe, predicted)]
            if not likely:
                continue
            others = [t for t in range(len(self.trials)) if t != probe]
            predicted |= {t: _known(self.trials[t], way, predict) for t in others}
            telling = {p.name: self.telling(p, predicted) for p in likely}
            enough = len(set().union(*telling.values())) >= self.need
            found = {name for name, told in telling.items() if told and enough}
            if found and all(self.agrees(p, probe, predicted) for p in self.along):
                yield id, found, gates

    @property
    def along(self) -> list[Part]:
        """The parts that a way has to explain beside the wrong ones: by hand, all of them; where
        only one is wrong, what comes before it on the way back."""
        graph = self.trials[0].sweeps
        if not self.by_hand or (len(self.wrong) == 1 and graph is None):
            return []
        if len(self.wrong) > 1:
            return self.asked
        node = self.trials[0].node
        born = node(self.wrong[0]).birth
        return [p for p in self.asked if node(p).args and node(p).birth > born]

    @property
    def asked(self) -> list[Part]:
        """The parts that came back in every trial."""
        return [p for p in self.exercise.parts if len(self.seen(p)) == len(self.trials)]

    def transforms(self, part: Part) -> Iterator[str]:
        """The ideas that make what came back for one part out of its right value."""
        for id in MISCONCEPTIONS:
            if id not in LAST and self.makes(id, part):
                yield id
        if self.by_hand:
            return
        if self.to_digits(part):
            yield "rounded"
        if self.signs_only(part):
            yield "sign"
        elif self.undivided(part):
            yield "undivided"
        elif self.multiple(part, lambda trial: trial.truth[part.name]):
            yield "scale"

    def makes(self, id: str, part: Part) -> bool:
        """An idea makes what came back for a part out of its right value, in one of its ways.

        Not where that is 0 in every trial, which is what those return who know nothing.
        """
        idea = MISCONCEPTIONS[id]
        first, *others = self.seen(part)
        for k, made in enumerate(idea.made(self.trials[first], part)):
            predicted = {first: {part.name: made}}
            if not self.agrees(part, first, predicted):
                continue
            predict = partial(_transformed, idea, part, k)
            predicted |= {t: tried(predict, self.trials[t]) for t in others}
            some = any(np.any(found[part.name]) for found in predicted.values() if found)
            sure = id in SURE and all(self.agrees(part, t, predicted) for t in self.seen(part))
            if (some or self.by_hand) and (sure or self.holds(part, predicted)):
                return id not in SURE or self.more_than_signs(part)
        return False

    def more_than_signs(self, part: Part) -> bool:
        """Of the few numbers that came back for a number, one is neither 0 nor ±1."""
        came = [self.given[t][part.name] for t in self.seen(part)]
        few = not self.by_hand and all(np.ndim(value) == 0 for value in came)
        return not few or any(abs(value) not in (0.0, 1.0) for value in came)

    def families(self, part: Part) -> Iterator[str]:
        """The ideas that fit much, and those with a number in them that only the learner knows: a
        step size, an h."""
        if not self.by_hand and self.short(part):
            yield "short-float"
        elif found := [id for id in LAST if self.makes(id, part)]:
            yield from found
        elif not self.by_hand and self.clipped(part):
            yield "clipped"
        elif self.by_hand or self.exercise.jacobian or not self.trials[0].sweeps:
            return
        elif self.factor_lost(part):
            yield "scale-node-skipped"
        elif self.multiple(part, lambda trial: trial.stale(part) - trial.truth[part.name]):
            yield "stale-weights"
        elif part.node in self.trials[0].inputs and (self.nearly(part) or self.secant(part)):
            yield "finite-difference"
        elif self.drowned(part):
            yield "nudge-too-small"

    def short(self, part: Part) -> bool:
        """Near what is right, and every number is one that a shorter float holds, though not all
        were rounded to quarters, or the like."""
        pairs = self.pairs(part)
        given = np.concatenate([np.ravel(value) for _, value, _ in pairs]) if pairs else np.zeros(1)
        return bool(np.any(given * 64 % 1)) and any(
            np.array_equal(given.astype(kind), given)
            and all(self.off(part, value, right) < most for _, value, right in pairs)
            for kind, most in SHORT
        )

    def to_digits(self, part: Part) -> bool:
        """Every number has so many digits, and is as near to what is right as they allow: which
        way a 5 behind them is rounded hangs on the last bit."""
        pairs = self.pairs(part)
        return (
            any(np.any(given) for _, given, _ in pairs)
            and any(
                all(
                    np.array_equal(given, np.round(given, digits))
                    and np.all(np.abs(given - right) <= 0.5 * 10.0**-digits * (1 + 1e-9))
                    for _, given, right in pairs
                )
                for digits in range(7)
            )
            and self.more_than_signs(part)
        )

    def drowned(self, part: Part) -> bool:
        """Differences over an h so small that rounding is all that is left of them."""
        pairs = self.pairs(part)
        return any(np.any(given) for _, given, _ in pairs) and all(  # at times nothing is left
            not np.any(given) or drowned(given, of=float(np.max(np.abs(trial.sweeps.result.value))))
            for trial, given, _ in pairs
            if trial.sweeps is not None
        )

    def agrees(self, part: Part, t: int, predicted: Mapping[int, Values]) -> bool:
        """Whether what came back for a part in trial t is what was predicted."""
        given, found = self.given[t], predicted[t]
        if part.name not in given or part.name not in found:
            return False
        return self.off(part, given[part.name], found[part.name]) <= self.exercise.tolerance

    def off(self, part: Part, given: Any, right: Any) -> float:
        return error(given, right, self.sizes[part.name])

    def holds(self, part: Part, predicted: Mapping[int, Values]) -> bool:
        """The prediction is what came back in all trials, and clearly not the truth in enough."""
        return len(self.telling(part, predicted)) >= self.need

    def telling(self, part: Part, predicted: Mapping[int, Values]) -> set[int]:
        """The trials in which a prediction that came true in all of them is clearly wrong."""
        seen = self.seen(part)
        if not all(self.agrees(part, t, predicted) for t in seen):
            return set()
        return {t for t in seen if self.clearly(part, predicted[t][part.name], t)}

    def clearly(self, part: Part, predicted: Any, t: int) -> bool:
        """A prediction is not the truth of a trial, by that trial's own size: where another one
        has far larger numbers, these tell no less."""
        right, most = self.trials[t].truth[part.name], self.exercise.tolerance
        if self.by_hand:
            return self.off(part, predicted, right) > most
        return self.off(part, predicted, right) > 2 * most and error(predicted, right, 0) > CLEARLY

    def pairs(self, part: Part) -> list[tuple[Trial, Any, Any]]:
        """(trial, given, truth) wherever a part came back; empty if any shape is wrong."""
        found = [
            (self.trials[t], self.given[t][part.name], self.trials[t].truth[part.name])
            for t in self.seen(part)
        ]
        return found if all(np.shape(given) == np.shape(right) for _, given, right in found) else []

    def undivided(self, part: Part) -> bool:
        """What came back is how far the result moved when the part's input did by a small h, or
        where it arrived."""
        pairs, most = self.pairs(part), self.exercise.tolerance
        return bool(pairs) and any(
            all(
                self.off(part, (given - start) / h, right) <= most * scale
                for given, right, start in those
            )
            for those, scale in self.moves(pairs)
            for h in SLOPES
        )

    def moves(self, pairs: list[tuple[Trial, Any, Any]]) -> Iterator[tuple[Any, float]]:
        """(given, right, from where the result moved), and how much rounding leaves of it."""
        yield [(given, right, 0.0) for _, given, right in pairs], 1.0
        if all(t.sweeps is not None and not t.sweeps.result.shape for t, *_ in pairs):
            starts = [t.sweeps.result.value for t, *_ in pairs if t.sweeps]
            yield [(g, r, x) for (_, g, r), x in zip(pairs, starts, strict=True)], 1e3

    def signs_only(self, part: Part) -> bool:
        """Every number has the right size, and some have the wrong sign."""
        pairs = self.pairs(part)
        return bool(pairs) and all(
            self.off(part, given, np.copysign(right, given)) <= self.exercise.tolerance
            for _, given, right in pairs
        )

    def clipped(self, part: Part) -> bool:
        """What came back is right up to a bound, or two, and stands at it beyond; what the bounds
        are is seen in the part itself or in another one."""
        if self.bounds(part):
            return True
        others = filter(None, (self.bounds(p) for p in self.exercise.parts if p is not part))
        return any(self.cut_at(part, *found) for found in others)

    def cut_at(self, part: Part, low: float, high: float) -> bool:
        """Every number of a part is the right one, held between two bounds."""
        pairs = self.pairs(part)
        return bool(pairs) and all(
            self.off(part, given, np.clip(right, low, high)) <= self.exercise.tolerance
            for _, given, right in pairs
        )

    def bounds(self, part: Part) -> tuple[float, float] | None:
        """The two bounds at which what came back is cut off; one may be infinite.

        Only of arrays: of six numbers those that are wrong may be the largest by chance.
        """
        pairs, most = self.pairs(part), self.exercise.tolerance * self.sizes[part.name]
        if not pairs or any(np.ndim(right) == 0 for _, _, right in pairs):
            return None
        given = np.concatenate([np.ravel(value) for _, value, _ in pairs])
        right = np.concatenate([np.ravel(value) for _, _, value in pairs])
        below, above = given[given < right - most], given[given > right + most]  # cut from above
        kept = given[np.abs(given - right) <= most]
        high = float(below[0]) if len(below) else np.inf
        low = float(above[0]) if len(above) else -np.inf
        cut = bool(
            np.any((low < kept) & (kept < high) & (kept != 0.0))
            and len(kept) <= len(given) - 2
            and np.all(below == high)
            and np.all(above == low)
            and np.all((low <= kept) & (kept <= high))
        )
        return (low, high) if cut else None

    def factor_lost(self, part: Part) -> bool:
        """What came back lacks a factor that is one of the numbers that went in."""
        pairs = self.pairs(part)
        inputs = self.trials[0].inputs.items()
        numbers = [name for name, x in inputs if isinstance(x, float) and name != part.node]
        return bool(pairs) and any(
            all(
                self.off(part, given * trial.inputs[name], right) <= self.exercise.tolerance
                for trial, given, right in pairs
            )
            for name in numbers
        )

    def multiple(self, part: Part, direction: Callable[[Trial], Any]) -> bool:
        """given = truth + k·direction, with one k over all entries and all trials."""
        pairs = self.pairs(part)
        if not pairs:
            return False
        along = [direction(trial) for trial, _, _ in pairs]
        flat = np.concatenate([np.ravel(d) for d in along])
        rest = np.concatenate([np.ravel(given - right) for _, given, right in pairs])
        if not flat @ flat > 0:
            return False
        k = rest @ flat / (flat @ flat)
        # right, nothing, or only its sign; with room for rounding, which else would decide of 1.001
        if min(abs(k), abs(k + 1), abs(k + 2)) < CLEARLY * (1 - 1e-6):
            return False
        return all(
            self.off(part, given, right + k * d) <= self.exercise.tolerance
            for (_, given, right), d in zip(pairs, along, strict=True)
        )

    def nearly(self, part: Part) -> bool:
        """Right, but for what a nudge leaves, or a constant with few digits."""
        pairs = self.pairs(part)
        return bool(pairs) and all(self.off(part, g, right) < NEARLY for _, g, right in pairs)

    def secant(self, part: Part) -> bool:
        """What is left after subtracting the truth is what a nudge of some h leaves."""
        pairs = self.pairs(part)[:TRIALS]
        return bool(pairs) and any(
            all(_between(part, a, b, *pair) for pair in pairs)
            for h in WIDE
            for a, b in ((0.0, h), (-h, 0.0), (-h, h))
        )


def _between(part: Part, a: float, b: float, trial: Trial, given: Any, right: Any) -> bool:
    """What was given, entry by entry, is the slope of the result from one nudge to another.

    The entry furthest off is looked at first: it settles the question soonest.
    """
    off = np.abs(np.subtract(given, right))
    near = 0.01 * np.max(off)
    entries = sorted(np.ndindex(off.shape), key=lambda entry: -off[entry])
    for entry in entries:
        at = part.entry or entry
        slope = (trial.nudged(part, at, b) - trial.nudged(part, at, a)) / (b - a)
        if not abs(np.asarray(given)[entry] - slope) < near:
            return False
    return True


def _rank(exercise: Exercise, explained: dict[str, set[str]]) -> tuple[Group, ...]:
    """Cover the wrong parts with ideas, the best first."""
    rows = list(MISCONCEPTIONS)

    def place(id: str) -> tuple[int, bool, int]:
        named = exercise.ideas.index(id) if id in exercise.ideas else len(exercise.ideas)
        return named, MISCONCEPTIONS[id].general, rows.index(id)

    groups: list[Group] = []
    left = {id: set(parts) for id, parts in explained.items() if parts}
    while left:
        best = min(left, key=lambda id: (-len(left[id]), place(id)))
        parts = frozenset(left[best])
        equal = [
            id
            for id in sorted(left, key=place)
            if left[id] == parts
            and (id == OR.get(best) or (id in exercise.ideas and not MISCONCEPTIONS[id].general))
        ]
        groups.append(Group((best, *(id for id in equal if id != best)), parts))
        left = {id: rest for id, found in left.items() if (rest := found - parts)}
    return tuple(groups)


def ways(exercise: Exercise, trial: Trial) -> Iterator[tuple[str, Predict, Gates]]:
    """Every way every idea can be had in this exercise, as a function from a trial to an answer,
    and the gates that it changes."""
    for id, several in exercise.wrong.items():
        for k, _ in enumerate(several(**trial.inputs)):
            yield id, partial(_written, several, k), ()
    if trial.sweeps is None:
        return
    for name in [] if exercise.fixed and len(exercise.parts) > 5 else trial.leaves:
        for number in (0.0, 1.0) if not exercise.fixed else (0.0,):
            yield (
                "input-forgotten",
                partial(Trial.without, name=name, number=number),
                (trial.leaves[name],),
            )
    for part in exercise.parts if not exercise.fixed else ():
        if part.node in trial.leaves and part.entry is None:
            yield "name-overwritten", partial(Trial.overwritten, part=part), ()
    for id, idea in MISCONCEPTIONS.items():
        for change in idea.changes:
            for places in trial.sweeps.places(change):
                yield (
                    id,
                    partial(Trial.sweep, change=change, places=places),
                    trial.sweeps.changed(change, places),
                )


def _known(trial: Trial, way: tuple[int, int], predict: Predict) -> Values:
    """What a way predicts for a trial, computed once for all answers that are judged by it."""
    if way not in trial.predicted:
        trial.predicted[way] = tried(predict, trial)
    return trial.predicted[way]


def _written(several: Callable[..., Iterable[Values]], k: int, trial: Trial) -> Values:
    """The k-th wrong answer that the exercise itself writes down."""
    return list(several(**trial.inputs))[k]


def _transformed(idea: Misconception, part: Part, k: int, trial: Trial) -> Values:
    """The k-th transform of one part's right value."""
    return {part.name: list(idea.made(trial, part))[k]}


def tried(predict: Predict, trial: Trial) -> Values:
    """The predicted parts that are numbers; none where the wrong rule does not fit the shapes."""
    try:
        with np.errstate(all="ignore"):
            found = predict(trial)
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return {}
    return {name: value for name, value in found.items() if _finite(value)}


def _finite(value: Any) -> bool:
    return math.isfinite(value) if value.__class__ is float else bool(np.all(np.isfinite(value)))
