"""Simulated learners, and how drills serve them: `python -m autograder.drills.simulated`.

One holds an idea: they answer what its changed row computes. One has mended it: they are right. One
guesses: each answer is, by chance, right, or what any idea of the table makes of the problem. The
two tables printed say how drills for each idea came out, and who was asked for what.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

from autograder.drills.choosing import clear, ideas, separates, tells, trials_of, wrong
from autograder.drills.families import friendly
from autograder.drills.record import LearnerRecord
from autograder.judge.exercise import Exercise, Rng, Values
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.practice import Drill, practice

DRILLS, LEARNERS, ASKED, GUESSES, GUESSERS = 200, 5, 5, 20, 10_000


def held(drill: Drill, idea: str | None) -> Any:
    """What somebody answers who has an idea, where it leads anywhere, and is right elsewhere."""
    trials = trials_of(drill.exercise, drill.seed)
    found = next(wrong(drill.exercise, trials, idea), None) if idea else None
    return handed_in(drill.exercise, found or [trial.truth for trial in trials])


def thinkable(drill: Drill) -> list[list[Values]]:
    """The answers that differ: the right one, and those of every idea that leads anywhere."""
    exercise = drill.exercise
    trials = trials_of(exercise, drill.seed)
    found = [[trial.truth for trial in trials]]
    for idea in MISCONCEPTIONS:
        for answer in wrong(exercise, trials, idea):
            found += [answer] * all(clear(exercise, trials, answer, one) for one in found)
    return found


def guessed(drill: Drill, r: Rng) -> Any:
    """What somebody answers who guesses: any of those."""
    several = thinkable(drill)
    return handed_in(drill.exercise, several[int(r.integers(len(several)))])


def guessers_let_go(answers: int, r: Rng, guessers: int = GUESSERS, most: int = GUESSES) -> int:
    """How many who guess among so many answers, one right and one the idea's, are let go."""
    gone = 0
    for _ in range(guessers):
        record = LearnerRecord()
        record.suspect("it")
        for guess in map(int, r.integers(answers, size=most)):
            if guess == 0:
                record.right("it", str(record.drills))
            else:
                record.wrong("it", "it" if guess == 1 else "another")
            record.drills += 1
            if "it" not in record.suspected:
                gone += 1
                break
    return gone


def handed_in(exercise: Exercise, answers: list[Values]) -> Any:
    """Values, one set for each question, in the form that the exercise asks for."""
    if exercise.fixed:
        return dict(answers[0])
    left = iter(answers)

    def answer(*arguments: Any, **named: Any) -> Any:
        values = next(left)
        parts = [values[part.name] for part in exercise.parts]
        return parts[0] if exercise.form == "alone" else tuple(parts)

    return answer


def drills(idea: str, seeds: range) -> Iterator[tuple[Drill, float]]:
    """Drills for an idea, and the seconds each took to make."""
    for seed in seeds:
        begun = time.perf_counter()
        drill = practice(idea, seed=seed)
        yield drill, time.perf_counter() - begun


def sound(drill: Drill) -> bool:
    """Whether a drill tells its idea, keeps it from its neighbours, and has friendly numbers."""
    exercise = drill.exercise
    if exercise.fixed and exercise.forward and not friendly(exercise.forward, exercise.fixed):
        return False
    told = tells(exercise, drill.idea, drill.seed)
    return told and separates(exercise, [drill.idea], drill.seed)


def asked_for(idea: str, r: Rng, most: int = ASKED) -> tuple[str, int, LearnerRecord]:
    """What somebody with an idea is asked to drill first, knowing nothing; after how many drills;
    and the record."""
    drill = practice(seed=int(r.integers(2**32)))
    record = drill.record
    for count in range(1, most + 1):
        if drill.idea:
            return drill.idea, count, record
        drill.evaluate(held(drill, idea))
        drill = drill.next(int(r.integers(2**32)))
    return drill.idea, most, record


def let_go_after(idea: str, r: Rng, guess: bool = False, most: int = GUESSES) -> int | None:
    """After how many drills somebody is let go who showed an idea, and has mended it or guesses."""
    drill = practice(idea, seed=int(r.integers(2**32)))
    drill.evaluate(held(drill, idea))
    for count in range(1, most + 1):
        drill = drill.next(int(r.integers(2**32)))
        drill.evaluate(guessed(drill, r) if guess else held(drill, None))
        if idea not in drill.record.suspected:
            return count
    return None


def separation(count: int = DRILLS) -> Iterator[str]:
    """The lines of the first table."""
    yield f"| idea | families | of {count} drills, separating | different to look at | ms, median |"
    yield "|---|---|---|---|---|"
    for idea in ideas():
        made = list(drills(idea, range(count)))
        families = ", ".join(dict.fromkeys(drill.family for drill, _ in made))
        good = sum(sound(drill) for drill, _ in made)
        looks = len({drill.surface for drill, _ in made})
        took = 1000 * median(seconds for _, seconds in made)
        yield f"| {idea} | {families} | {good} | {looks} | {took:.0f} |"


def confusion(learners: int = LEARNERS) -> Iterator[str]:
    """The lines of the second table."""
    held, guess = f"{learners} hold it: asked to drill", f"of {GUESSERS:,} who guess, let go"
    yield f"| idea | {held} | by drill | mended: let go after | answers | {guess} in {GUESSES} |"
    yield "|---|---|---|---|---|---|"
    for place, idea in enumerate(ideas()):
        r = np.random.default_rng(place)
        found = [asked_for(idea, r) for _ in range(learners)]
        asked = Counter(name or "nothing" for name, _, _ in found)
        names = ", ".join(f"{name} {n}" for name, n in asked.most_common())
        before = max(count for _, count, _ in found)
        mended = Counter(let_go_after(idea, r) for _ in range(learners))
        answers = min(len(thinkable(drill)) for drill, _ in drills(idea, range(learners)))
        went = guessers_let_go(answers, r)
        after = ", ".join(str(count) for count in mended)
        yield f"| {idea} | {names} | {before} | {after} | {answers} | {went} |"


def main(count: str = str(DRILLS), learners: str = str(LEARNERS)) -> None:
    """Print both tables."""
    for lines in (separation(int(count)), confusion(int(learners))):
        for line in lines:
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
