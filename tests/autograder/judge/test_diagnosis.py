"""Names for wrong ideas: the right one first, on every seed; none for what has no idea in it."""

import re
from pathlib import Path

import numpy as np
import pytest
from right_answers import RIGHT
from seeds import seeds
from wrong_answers import OTHER, WRONG

from autograder import catalog, evaluate
from autograder.judge.behaviour import Behaviour
from autograder.judge.exercise import Exercise
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.table import named, table

SLOW = {"ps7.fit", "ps7.train_autoencoder", "ps3.Value"}  # fewer seeds
BY_HAND = [e.id for e in catalog.values() if isinstance(e, Exercise) and e.fixed]
FUNCTIONS = [id for id in RIGHT if id not in BY_HAND and isinstance(catalog[id], Exercise)]
BEHAVIOURS = [e.id for e in catalog.values() if isinstance(e, Behaviour)]


@pytest.mark.slow
@pytest.mark.parametrize("id", RIGHT)
def test_right_answers_are_right_whatever_their_style_and_never_named(id):
    for solution in RIGHT[id]:
        for seed in [0] if id in BY_HAND else seeds(12, 4) if id in SLOW else seeds(200, 8):
            verdict = evaluate(id, solution, seed=seed)
            assert verdict.passed, f"seed {seed}: {verdict.message}"
            assert verdict.points == catalog[id].points
            assert not verdict.misconceptions


def asked_of(idea):
    """The end of an idea's sentence, behind the last place for an exercise's own name."""
    return re.split(r"\{[^}]*\}", MISCONCEPTIONS[idea].sentence)[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "idea", "solution"),
    [pytest.param(*case, id=f"{case[0]}-{case[1]}-{n}") for n, case in enumerate(WRONG)],
)
def test_a_wrong_idea_is_named_first(id, idea, solution):
    for seed in [0] if id in BY_HAND else seeds(4, 4) if id in SLOW else seeds(20, 10):
        verdict = evaluate(id, solution, seed=seed)
        assert verdict.misconceptions[:1] == [idea], f"seed {seed}: {verdict.message}"
        assert verdict.points < verdict.max_points
        assert asked_of(idea) in verdict.hints[0], verdict.message


# No idea made these, yet what came back for a part is what a slip makes of it, and half is paid.
COINCIDENCES = {
    ("ps1.grad_J", "one more"): {"da": "1 + 3: local derivatives added along the chain"},
    ("ps1.grad_L", "one more"): {"dc": "f + 1: local derivatives added along the chain"},
    ("ps2.grad_circuit", "squared"): {"dz": "2² is 2 · 2", "dw": "2² is 2 · 2"},
    ("ps2.branches", "squared"): {"via_y": "(3s²)² is 3s² times the value of its own way"},
    ("ps7.ae_grad", "a ramp"): {"dW": "the mean of the learner's own two ways, for their sum"},
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", OTHER)
@pytest.mark.parametrize("id", FUNCTIONS)
def test_a_wrong_answer_without_an_idea_gets_no_name_and_points_for_what_is_right_only(id, kind):
    for seed in seeds(3, 3):
        with np.errstate(all="ignore"):
            verdict = evaluate(id, OTHER[kind](RIGHT[id][0]), seed=seed)
        assert verdict.misconceptions == [], f"seed {seed}: {verdict.message}"
        assert not verdict.passed
        coincides = COINCIDENCES.get((id, kind), {})
        for finding in verdict.findings:  # a gradient that is the same everywhere may be right
            earned = finding.points > 0
            right = finding.text.startswith(("right", "it follows"))
            slip = finding.part.split(",")[0] in coincides
            assert earned == (right or slip), verdict.message
            assert not slip or finding.points == pytest.approx(finding.max_points / 2)
        if not kind.startswith("of ") and not coincides:
            assert verdict.points == 0, verdict.message


@pytest.mark.parametrize("id", BY_HAND)
def test_wrong_numbers_worked_by_hand_get_no_name(id, rng):
    names = [part.name for part in catalog[id].parts]
    answers = [dict.fromkeys(names, value) for value in (0, 0.0, 7, -1.5, 100)]
    answers += [
        dict(zip(names, rng.normal(size=len(names)).tolist(), strict=True)) for _ in range(20)
    ]
    answers += [{name: value**2 + 0.7 for name, value in RIGHT[id][0].items()}]
    for answer in answers:
        verdict = evaluate(id, answer)
        assert verdict.misconceptions == [], (answer, verdict.message)
        assert verdict.points < 0.5 * verdict.max_points, (answer, verdict.message)


class Nothing:
    """A class with every method that is asked for, none of which does anything."""

    grad = data = 0.0

    def __init__(self, *args, **options):
        pass

    def __getattr__(self, name):
        return lambda *args: None


@pytest.mark.parametrize(
    "answer",
    [lambda *args: None, lambda *args: 0.0, lambda *args: args[0], lambda *args: [], Nothing, 3.0],
)
@pytest.mark.parametrize("id", BEHAVIOURS)
def test_a_behaviour_of_no_sort_gets_no_name(id, answer):
    verdict = evaluate(id, answer)
    assert verdict.misconceptions == [], verdict.message
    assert verdict.points <= 0.5 * verdict.max_points, verdict.message


def test_an_idea_is_had_in_one_way_throughout():
    """To the loser by turns with half to both: each is a way, and nobody has two at once."""

    class MaxGate:
        def forward(self, x, y):
            self.loser = [float(x < y), float(y < x)]
            return max(x, y)

        def backward(self, dz):
            if self.loser[0]:
                return [dz / 2, dz / 2]
            return [loses * dz for loses in self.loser]

    assert evaluate("ps3.MaxGate", MaxGate).misconceptions == []


def test_every_idea_an_exercise_names_has_a_wrong_answer_here():
    shown = {(id, idea) for id, idea, _ in WRONG}
    named = {(id, idea) for id in RIGHT for idea in catalog[id].ideas}
    assert len(RIGHT) == 41
    assert named - shown == set()


def test_what_cannot_be_told_apart_is_not_named():
    for exercise in catalog.values():
        assert not set(exercise.inseparable) & set(exercise.ideas)


@pytest.mark.slow
@pytest.mark.parametrize("id", [e.id for e in catalog.values() if isinstance(e.of(""), Exercise)])
def test_what_is_looked_for_can_be_shown_to_a_teacher(id):
    """`autograder try` calls it a fault where an idea that is looked for leads to no answer."""
    exercise = catalog[id].of("")
    shown = named(exercise)
    assert [idea for idea in exercise.ideas if shown.get(idea) != idea] == []


@pytest.mark.slow
def test_the_table_in_the_docs_is_what_the_command_prints():
    kept = Path(__file__).parents[3] / "docs" / "misconceptions.md"
    assert kept.read_text(encoding="utf-8") == table(), (
        "docs/misconceptions.md is out of date: "
        "run `python -m autograder.table > docs/misconceptions.md`"
    )
