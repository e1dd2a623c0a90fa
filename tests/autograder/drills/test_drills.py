"""Drills: each tells its idea, by-hand ones are friendly, a learner with an idea is found out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import practice
from autograder.catalog.own import use
from autograder.classroom.begin import TEMPLATE
from autograder.drills import choosing
from autograder.drills.choosing import NothingTells, ideas, tells, trials_of, wrong
from autograder.drills.families import FAMILIES, draw, friendly
from autograder.drills.formula import function
from autograder.drills.record import AGAIN, FILE, Record
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.practice import Drill

SEED = 20261127


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(SEED)
    monkeypatch.setattr("secrets.randbits", lambda bits: int(draws.integers(2**bits)))


def answers(drill: Drill, idea: str | None) -> Any:
    """What somebody answers who has an idea, where it leads anywhere, and is right elsewhere."""
    exercise = drill._problem.exercise
    trials = trials_of(exercise, drill._seed)
    ways = list(wrong(exercise, trials, idea)) if idea else []
    several = ways[0] if ways else [trial.truth for trial in trials]
    if exercise.fixed:
        return dict(several[0])
    left = iter(several)

    def answer(*arguments: Any, **named: Any) -> Any:
        values = next(left)
        parts = [values[part.name] for part in exercise.parts]
        return parts[0] if exercise.form == "alone" else tuple(parts)

    return answer


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
def test_what_is_drawn_is_right_by_central_differences(family):
    r = np.random.default_rng(7)
    for _ in range(5):
        exercise = draw(family, r).exercise
        if exercise.forward is None:
            continue
        trial = trials_of(exercise)[1 % len(trials_of(exercise))]
        for part in exercise.parts:
            truth = np.asarray(trial.truth[part.name])
            entry = tuple(int(r.integers(n)) for n in truth.shape)
            ends = []
            for h in (1e-6, -1e-6):
                moved = np.array(trial.inputs[part.node], dtype=float)
                moved[entry] += h
                value = moved if moved.ndim else float(moved)
                ends.append(float(exercise.forward(**trial.inputs | {part.node: value})))
            slope = (ends[0] - ends[1]) / 2e-6
            assert truth[entry] == pytest.approx(slope, rel=1e-4, abs=1e-4), exercise.task


@pytest.mark.parametrize("family", [f for f in FAMILIES if f.by_hand], ids=lambda f: f.id)
def test_by_hand_every_number_fits_two_decimals(family):
    r = np.random.default_rng(3)
    for _ in range(60):
        exercise = draw(family, r).exercise
        assert friendly(exercise.forward, exercise.fixed), exercise.task
        for value in trials_of(exercise)[0].truth.values():
            assert round(100 * value) == pytest.approx(100 * value)


def test_every_row_of_every_family_can_be_drawn_and_looks_different():
    r = np.random.default_rng(11)
    for family in FAMILIES:
        if not family.survey:
            surfaces = {draw(family, r).surface for _ in range(80)}
            assert len(surfaces) > 40, (family.id, len(surfaces))


@pytest.mark.parametrize("idea", ideas())
def test_an_idea_is_found_within_five_drills(idea):
    drill = practice()
    for _ in range(5):
        if drill.idea == idea:
            return
        drill.evaluate(answers(drill, idea))
        drill = drill.next()
    pytest.fail(f"{idea} was not asked for: {Record.read(Path(FILE))}")


@pytest.mark.parametrize("idea", ["inv-transpose", "mul-not-switched", "ascent"])
def test_who_has_mended_it_is_let_go_after_three_different_ones(idea):
    drill = practice(idea)
    drill.evaluate(answers(drill, idea))
    assert Record.read(Path(FILE)).suspected == [idea]
    surfaces = set()
    for k in range(3):
        assert Record.read(Path(FILE)).suspected == [idea], k
        drill = drill.next()
        assert drill.idea == idea
        surfaces.add(drill._problem.surface)
        drill.evaluate(answers(drill, None))
    assert Record.read(Path(FILE)).suspected == [] and len(surfaces) == 3
    assert drill.next().idea != idea
    record = Record.read(Path(FILE))
    record.drills += AGAIN
    record.write()
    assert practice().idea == idea  # older things come again


def test_who_guesses_is_not_let_go():
    drill = practice("mul-not-switched")
    drill.evaluate(answers(drill, "mul-not-switched"))
    for k in range(8):
        drill = drill.next()
        assert drill.idea
        right = answers(drill, None)
        drill.evaluate(right if k % 3 else dict.fromkeys(right, 1.0))
    assert Record.read(Path(FILE)).suspected


def test_a_hint_and_a_second_try_do_not_count():
    drill = practice("recip-minus")
    assert "grow or shrink" in drill.hint()
    drill.evaluate(answers(drill, None))
    again = practice("recip-minus")
    again.evaluate(answers(again, "recip-minus"))
    again.evaluate(answers(again, None))
    standing = Record.read(Path(FILE)).ideas["recip-minus"]
    assert standing.right == 0 and standing.open


def test_the_record_is_readable_whole_and_begins_anew_where_it_is_damaged():
    drill = practice("ascent")
    drill.evaluate(answers(drill, "ascent"))
    assert json.loads(Path(FILE).read_text())["ideas"]["ascent"]["right"] == 0
    Path(FILE).write_text('{"ideas": ')
    assert "begins" in practice()._repr_markdown_()
    assert Path(f"{FILE}.unreadable").read_text() == '{"ideas": '
    assert not [p for p in Path().iterdir() if p.name.startswith(".")]


def test_with_a_seed_the_same_drill_and_no_record():
    one, two = practice("quad-2Ax", seed=4), practice("quad-2Ax", seed=4)
    assert one.task == two.task and one.signature == two.signature
    one.evaluate(answers(one, "quad-2Ax"))
    assert one.verdict.misconceptions == ["quad-2Ax"] and not Path(FILE).exists()


def test_a_drill_shows_its_graph():
    drill = practice("mul-not-switched", seed=2)
    graph = drill.graph
    right = answers(drill, None)
    assert {f"d{leaf.name}": graph.grads[leaf] for leaf in graph.leaves} == pytest.approx(right)
    with pytest.raises(ValueError, match="asks for an update"):
        _ = practice("ascent", seed=1).graph


def test_what_no_drill_shows_is_said():
    with pytest.raises(NothingTells, match=r"'overwrite': its numbers are those of 'one-path'"):
        practice("overwrite")
    with pytest.raises(NothingTells, match="there is no such misconception"):
        practice("nonsense")
    with pytest.raises(ValueError, match="level is 1"):
        practice(level=7)


def test_every_idea_of_the_table_has_drills_or_a_reason():
    for idea in MISCONCEPTIONS:
        if idea not in choosing.NOWHERE:
            assert choosing.families_for(idea), idea
    assert choosing.NOWHERE.keys() <= MISCONCEPTIONS.keys()
    assert not choosing.NOWHERE.keys() & set(ideas())


def test_a_courses_own_idea_is_practised_without_another_line():
    use({"catalog/example.py": (TEMPLATE / "catalog" / "example.py").read_text("utf-8")})
    try:
        drill = practice("log-of-each")
        drill.evaluate(lambda w, x: (1 / w, 1 / x))
        assert drill.verdict.misconceptions == ["log-of-each"]
    finally:
        use({})


@pytest.mark.slow
@pytest.mark.parametrize("idea", ideas())
def test_forty_drills_of_an_idea_each_tell_it(idea):
    for seed in range(40):
        drill = practice(idea, seed=seed)
        exercise = drill._problem.exercise
        assert tells(exercise, idea, drill._seed), (seed, exercise.task)
        assert practice(idea, seed=seed).evaluate(answers(drill, None)).passed, (
            seed,
            exercise.task,
        )


def test_a_failed_check_names_the_practice(capsys):
    from autograder import check

    check("ps6.quad_grad", lambda A, x: (2 * A @ x, x[:, None] * x))
    assert 'practice("quad-2Ax")' in capsys.readouterr().out


def test_practice_is_a_function_however_it_is_imported():
    code = "import autograder.practice; from autograder import practice; print(practice.__name__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "practice\n"


def test_a_formula_reaches_nothing_but_the_engine():
    with pytest.raises(NameError):
        function("open('x')", ("a",))(1.0)
    assert os.listdir() == []
