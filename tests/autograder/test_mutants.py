"""No right answer that is broken in one place earns full marks, unless it changes no value.

Each mutant is judged on one seed here, another for each of them; with MUTANT_SEEDS=30 on so many.
"""

import os
from functools import cache
from zlib import crc32

import numpy as np
import pytest
import right_answers
from mutants import mutants, unbroken
from right_answers import RIGHT

from autograder import catalog
from autograder.asking.ask import Answer, answers, ask
from autograder.check import _beside
from autograder.judge import behaviour, judge

SEEDS = int(os.environ.get("MUTANT_SEEDS", "1"))
LIMIT = 0.5  # seconds a mutant may take for one question: some never end
NAMED = {
    id: [f.__name__ for f in found if getattr(right_answers, getattr(f, "__name__", ""), 0) is f]
    for id, found in RIGHT.items()
}
# mutants of classes whose values are the same all the same: part of what is said -> why
EQUIVALENT = {
    "values 1 and 2 swapped in `[dz, dz]`": "both are the same",
    "values 1 and 2 swapped in `(g, g)`": "both are the same",
    "values 1 and 2 swapped in `(self, other)`": "a sum does not mind the order",
    "two arguments swapped in `max(x, y)`": "they never tie",
    "two arguments swapped in `zip": "a pair the other way round is used the same way",
    "a constant, with a minus in `0`": "1 / (1 + e^-x) and counts start from the same",
    "another operation in `self * -1.0`": "dividing by -1 is multiplying by it",
    "True for False in `True`": "strict= only says so when lengths differ",
    "= for += in `node.grad += incoming[node]`": "the other backward is the one that runs",
    "users[a] = 0": "counted from anywhere, compared with the same",
}


class Wrong(Exception):
    """The answer has a part that is not right; what is wrong with it is not looked for."""


def refuse(*args):
    raise Wrong


@pytest.fixture(autouse=True)
def only_whether_it_is_right(monkeypatch):
    monkeypatch.setattr(judge, "diagnose", refuse)
    monkeypatch.setattr(behaviour, "_ideas", lambda *args: [])
    monkeypatch.setattr(behaviour, "_half_right", refuse)


def passes(exercise, solution, seed, limit=LIMIT):
    questions = asked_on(exercise.id, seed)
    names = _beside(solution, exercise.needs) | {exercise.answer: solution}
    try:
        with np.errstate(all="ignore"):
            return judge.judge(exercise, questions, asked(names, questions, limit)).passed
    except Wrong:
        return False


@cache
def asked_on(id, seed):
    """The questions of a seed, which all the mutants it is drawn for are asked."""
    return catalog[id].questions(seed)


def asked(names, questions, limit):
    """What `ask` returns, but that whoever was stopped once has no time left."""
    found = []
    for answer in answers(names, questions, limit):
        found.append(answer)
        if answer.trouble == "stopped":
            break
    late = Answer(None, "stopped", "no time was left for it")
    return found + [late] * (len(questions) - len(found))


def changes_no_value(exercise, mutant, right, seeds=range(1000, 1010)):
    """On inputs that the judge never saw, the mutant returns what the right answer returns."""
    if isinstance(right, type):
        return False
    for seed in seeds:
        questions = exercise.questions(seed)
        pairs = [
            ask(_beside(f, exercise.needs) | {exercise.answer: f}, questions, 60.0)
            for f in (mutant, right)  # it passed, so it ends: a busy machine is no difference
        ]
        for one, other in zip(*pairs, strict=True):
            if one.trouble != other.trouble or not alike(one.value, other.value):
                return False
    return True


def alike(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if one is None or other is None:
        return one is other
    return np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-5, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("id", [id for id in RIGHT if NAMED[id]])
def test_no_mutant_earns_full_marks(id):
    exercise = catalog[id]
    tried = 0
    for name in NAMED[id]:
        right = getattr(right_answers, name)
        for mutant in mutants(id, name):
            tried += 1
            if any(words in mutant.what for words in EQUIVALENT):
                continue
            try:
                solution = mutant.solution()
            except Exception:  # it does not even come to be defined
                continue
            first = crc32(mutant.what.encode()) % 30
            for seed in range(first, first + SEEDS):
                if passes(exercise, solution, seed % 30):
                    said = f"{mutant.what}, seed {seed % 30}"
                    assert changes_no_value(exercise, solution, right), said
                    break
    assert tried >= 3


@pytest.mark.slow
@pytest.mark.parametrize("id", [id for id in RIGHT if NAMED[id]])
def test_what_nothing_is_broken_in_earns_full_marks(id):
    for name in NAMED[id]:
        assert passes(catalog[id], unbroken(id, name), 0, 60.0), name  # on a busy machine, too


def test_mutants_are_of_ten_kinds_and_more():
    kinds = {
        mutant.what.split(": ", 1)[1].split(" in `")[0]
        for id, names in NAMED.items()
        for name in names
        for mutant in mutants(id, name)
    }
    assert len(kinds) >= 10, kinds
