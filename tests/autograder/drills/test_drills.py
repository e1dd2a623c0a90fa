"""Drills: each tells its idea, by-hand ones are friendly, a learner with an idea is found out."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backpropkit as bp
from autograder import catalog, practice, see
from autograder.asking.ask import Answer
from autograder.catalog.own import use
from autograder.classroom.begin import TEMPLATE
from autograder.drills import choosing
from autograder.drills.choosing import NothingTells, ideas, trials_of
from autograder.drills.families import FAMILIES, Problem, draw, friendly
from autograder.drills.formula import function, latex
from autograder.drills.record import AGAIN, FILE, MOST, LearnerRecord
from autograder.drills.simulated import (
    asked_for,
    drills,
    guessers_let_go,
    held,
    let_go_after,
    sound,
    thinkable,
)
from autograder.judge.credit import NOT_WORKED_OUT
from autograder.judge.judge import judge
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.seeing import NothingToSee

SEED = 20261127


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(SEED)
    monkeypatch.setattr("secrets.randbits", lambda bits: int(draws.integers(2**bits)))


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


def test_a_task_can_be_read_in_one_way_only():
    r = np.random.default_rng(13)
    for family in FAMILIES:
        for _ in range(40):
            problem = draw(family, r)
            letters = set(re.findall(r"\b[A-Za-z]\b", problem.surface))
            assert len({letter.lower() for letter in letters}) == len(letters), problem.surface
            assert "d" not in letters  # its gradient would be dd
            assert ("odot" in problem.task) == ("entry by entry" in problem.task), problem.task
            assert ("right)^{2" not in problem.task) or "sum(" not in problem.exercise.task
            each = re.search(r"(tanh|sin|exp|sigmoid|relu)\([A-Z]", problem.exercise.task)
            assert bool(each) <= ("taken of each entry" in problem.task), problem.task
            rows = re.search(r"@ [A-Z] \+ (\w)", problem.exercise.task)
            assert not rows or f"${rows[1]}$ is added to every row" in problem.task
            bare = re.search(r"odot \\underset\S* \\times \S*\\;\\; ", problem.task)
            assert not bare, problem.task
    inputs = {name: np.ones((2, 2)) for name in "ABG"}
    assert r"G \odot \left(A\;\; B\right)" in re.sub(
        r"\\underset\{[^}]*\}\{(.)\}", r"\1", latex("sum(G * (A @ B))", inputs)
    )


def test_a_drill_by_hand_asks_for_the_commonest_way_to_have_its_idea():
    """A relu that is on shows nobody who lets everything through."""
    for seed in range(8):
        graph = practice("relu-mask", seed=seed).graph
        assert any(node.op == "relu" and node.value == 0 for node in graph.nodes), seed


def test_a_drill_says_how_it_is_handed_in():
    assert "`drill.check({…})`" in practice("mul-not-switched", seed=1)._repr_markdown_()
    shown = practice("one-path", seed=1)._repr_markdown_()
    assert "with respect to" in shown and "`drill.check(paths)`" in shown


def test_letters_and_constants_make_no_other_shape():
    def shape(surface: str) -> str:
        return Problem(FAMILIES[0], catalog["ps2.gate_gradients"], "", surface).shape

    assert shape("2 * relu(q + p) * z") == shape("5 * relu(b + p) * u") == "K * relu(a + b) * c"
    assert shape("exp(a) * b") != shape("tanh(a) * b") != shape("tanh(a) * a")


def test_a_multiple_of_a_matrix_stands_in_brackets_behind_another():
    inputs = {name: np.ones((2, 2)) for name in "AB"}
    assert r"\left(2 \cdot \under" in latex("A @ (2 * B)", inputs)


def test_by_hand_nothing_stands_at_a_corner():
    assert not friendly(lambda a, b: bp.maximum(a, b) * a, {"a": 2.0, "b": 2.0})
    assert not friendly(lambda a, b: bp.relu(a - b) + a * b, {"a": 2.0, "b": 2.0})
    assert friendly(lambda a, b: bp.maximum(a, b) * a * b, {"a": 2.0, "b": 3.0})


def test_every_row_of_every_family_can_be_drawn_and_looks_different():
    r = np.random.default_rng(11)
    for family in FAMILIES:
        if not family.survey:
            several = [draw(family, r) for _ in range(80)]
            surfaces, shapes = ({one.surface for one in several}, {one.shape for one in several})
            assert len(surfaces) > 40 and len(shapes) >= 8, (family.id, surfaces)


def each(*quickly: str) -> list[Any]:
    """All ideas; all but a few are for whoever has the time."""
    slow = [pytest.param(id, marks=pytest.mark.slow) for id in ideas() if id not in quickly]
    return [*quickly, *slow]


@pytest.mark.parametrize("idea", each("mul-not-switched", "inv-transpose"))
def test_who_holds_an_idea_is_asked_for_it_within_five_drills_and_let_go_once_it_is_mended(idea):
    r = np.random.default_rng(SEED)
    asked, count, record = asked_for(idea, r)
    assert asked == idea and count <= 5, (asked, count, record)
    assert let_go_after(idea, r) == 3


@pytest.mark.parametrize("idea", each("ascent"))
def test_who_only_guesses_is_not_let_go(idea):
    """Of 2,000 who answer by chance what any idea makes of a problem, or right, less than one in
    a hundred is let go within twenty drills."""
    answers = min(len(thinkable(drill)) for drill, _ in drills(idea, range(2)))
    assert guessers_let_go(answers, np.random.default_rng(SEED), 2_000) < 20, answers


def test_one_who_guesses_is_followed_through_real_drills():
    assert let_go_after("ascent", np.random.default_rng(SEED), guess=True, most=6) is None


def test_who_answers_now_this_now_that_has_to_be_right_more_often():
    drill = practice("one-path")
    drill.evaluate(held(drill, "one-path"))
    needed = []
    for idea in ("one-path", "elasticity", "one-path", "paths-combined-wrong", *["sign"] * 4):
        drill = practice("one-path")
        answer = held(drill, idea)
        drill.evaluate(answer)
        drill.evaluate(answer)  # the same drill again costs nothing more
        needed.append(LearnerRecord.read(Path(FILE)).ideas["one-path"].needed)
    assert needed == [3, 4, 4, 5, 6, 6, 6, 6]
    for k in range(6):
        assert "one-path" in LearnerRecord.read(Path(FILE)).suspected, k
        drill = practice("one-path")
        drill.evaluate(held(drill, None))
    standing = LearnerRecord.read(Path(FILE)).ideas["one-path"]
    assert standing.due and standing.needed == 3


def test_a_report_says_how_far_an_idea_is_from_gone(capsys):
    drill = practice("ascent")
    drill.check(held(drill, "ascent"))
    assert "ascent: 0 of 3 right in a row. After that" in capsys.readouterr().out
    for said in ("1 of 3 right", "2 of 3 right", "counts as gone. It comes once more"):
        drill = practice("ascent")
        drill.check(held(drill, None))
        assert said in capsys.readouterr().out
    practice("ascent", seed=1).check(None)
    assert "in a row" not in capsys.readouterr().out  # nothing is kept with a seed


@pytest.mark.parametrize("idea", ["inv-transpose", "mul-not-switched", "ascent"])
def test_who_has_mended_it_is_let_go_after_three_different_ones(idea):
    drill = practice(idea)
    drill.evaluate(held(drill, idea))
    assert LearnerRecord.read(Path(FILE)).suspected == [idea]
    surfaces = set()
    for k in range(3):
        assert LearnerRecord.read(Path(FILE)).suspected == [idea], k
        drill = drill.next()
        assert drill.idea == idea
        surfaces.add(drill.shape)
        drill.evaluate(held(drill, None))
    assert LearnerRecord.read(Path(FILE)).suspected == [] and len(surfaces) == 3
    assert drill.next().idea != idea
    record = LearnerRecord.read(Path(FILE))
    record.drills += AGAIN
    record.write()
    assert practice().idea == idea  # older things come again


def test_who_guesses_is_not_let_go():
    drill = practice("mul-not-switched")
    drill.evaluate(held(drill, "mul-not-switched"))
    for k in range(8):
        drill = drill.next()
        assert drill.idea
        right = held(drill, None)
        drill.evaluate(right if k % 3 else dict.fromkeys(right, 1.0))
    assert LearnerRecord.read(Path(FILE)).suspected


def test_a_hint_and_a_second_try_do_not_count():
    drill = practice("recip-minus")
    assert "grow or shrink" in drill.hint()
    drill.evaluate(held(drill, None))
    again = practice("recip-minus")
    again.evaluate(held(again, "recip-minus"))
    again.evaluate(held(again, None))
    standing = LearnerRecord.read(Path(FILE)).ideas["recip-minus"]
    assert standing.right == 0 and standing.open


def test_the_record_is_readable_whole_and_begins_anew_where_it_is_damaged():
    drill = practice("ascent")
    drill.evaluate(held(drill, "ascent"))
    assert json.loads(Path(FILE).read_text())["ideas"]["ascent"]["right"] == 0
    Path(FILE).write_text('{"ideas": ')
    assert "begins" in practice()._repr_markdown_()
    assert Path(f"{FILE}.unreadable").read_text() == '{"ideas": '
    assert not [p for p in Path().iterdir() if p.name.startswith(".")]


def test_with_a_seed_the_same_drill_and_no_record():
    one, two = practice("quad-2Ax", seed=4), practice("quad-2Ax", seed=4)
    assert one.task == two.task and one.signature == two.signature
    one.evaluate(held(one, "quad-2Ax"))
    assert one.verdict.misconceptions == ["quad-2Ax"] and not Path(FILE).exists()


def test_a_drill_shows_its_graph():
    drill = practice("mul-not-switched", seed=2)
    graph = drill.graph
    right = held(drill, None)
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
    named = re.findall(r"ps\d\.\w+", " ".join(choosing.NOWHERE.values()))
    assert named and set(named) <= set(catalog.ids())


def test_a_courses_own_idea_is_practised_without_another_line():
    use({"catalog/example.py": (TEMPLATE / "catalog" / "example.py").read_text("utf-8")})
    try:
        drill = practice("log-of-each")
        drill.evaluate(lambda w, x: (1 / w, 1 / x))
        assert drill.verdict.misconceptions == ["log-of-each"]
    finally:
        use({})


@pytest.mark.parametrize("idea", each("add-splits"))
def test_drills_of_an_idea_tell_it_keep_it_from_its_neighbours_and_are_friendly(idea):
    """Six here; `python -m autograder.drills.simulated` makes 200 of each. Numbers that were worked
    out are never called the same or given, and six in a row are six different pieces of work."""
    drill, shapes = practice(idea, seed=SEED), set()
    for k in range(MOST):
        assert sound(drill), (drill.seed, drill.exercise.task)
        assert k % 3 or idea in drill.tells
        assert drill.evaluate(held(drill, None)).passed, (drill.seed, drill.exercise.task)
        said = drill.evaluate(held(drill, idea)).message
        assert NOT_WORKED_OUT not in said or idea == "value-for-gradient", (
            drill.exercise.task,
            said,
        )
        shapes.add(drill.shape)
        drill = drill.next(SEED + k)
    assert len(shapes) == MOST, shapes


def test_a_result_of_zero_is_judged_like_any_other():
    """x/L of an idea about per cents has no value there."""
    drill = practice("paths-combined-wrong", seed=1)
    forward = function("(a - b) * (a + b)", ("a", "b"))
    flat = replace(drill.exercise, forward=forward, inputs=lambda r, t: {"a": 1.5, "b": 1.5})
    questions = flat.questions(1)
    flat = replace(flat, wrt=("a", "b"), points=2)
    answers = [Answer((4.0, -3.0)) for _ in questions]
    assert not judge(flat, questions, answers).passed


def test_a_family_is_added_as_the_page_says():
    page = (Path(__file__).parents[3] / "docs" / "exercises.md").read_text("utf-8")
    written = page.split("## A new family of drills")[1].split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(written, names)
    family = names["norms"]
    assert len({draw(family, np.random.default_rng(k)).surface for k in range(60)}) > 40
    for idea in family.ideas:
        problem, seed = choosing.choose(family, np.random.default_rng(1), idea)
        assert (
            choosing.tells(problem.exercise, idea, seed) and f"Write `{family.id}(" in problem.task
        )


def test_every_lesson_offers_drills_that_there_are():
    lessons = sorted((Path(__file__).parents[3] / "lessons").glob("[01]*.ipynb"))
    for lesson in lessons:
        offered = re.findall(r'practice\(\\"([a-zA-Z0-9-]+)\\"\)', lesson.read_text("utf-8"))
        assert offered and set(offered) <= set(ideas()), lesson.name


def test_a_failed_check_names_the_practice(capsys):
    from autograder import check

    check("ps6.quad_grad", lambda A, x: (2 * A @ x, x[:, None] * x))
    assert 'practice("quad-2Ax")' in capsys.readouterr().out


@pytest.mark.parametrize("idea", ["mul-not-switched", "inv-transpose", "quad-2Ax", "one-path"])
def test_a_wrong_drill_can_be_seen_on_its_own_inputs_with_the_numbers_marked(idea, capsys):
    drill = practice(idea, seed=3)
    with pytest.raises(NothingToSee, match="answer first"):
        drill.see()
    drill.check(held(drill, idea))
    explorer = drill.see()
    assert explorer.idea.value == MISCONCEPTIONS[idea].name
    said = capsys.readouterr().out
    assert "See it: drill.see()" in said and "it arrives at your d" in said


def test_what_is_asked_for_by_hand_is_seen_at_other_numbers(capsys):
    explorer = see("ps2.gate_gradients", {"f": 1.0, "q": -4.0, "z": 3.0, "x": -2.0, "y": -2.0})
    given = catalog["ps2.gate_gradients"].fixed
    assert {leaf.name: leaf.value for leaf in explorer.graph.leaves}.keys() == given.keys()
    assert all(leaf.value != given[leaf.name] for leaf in explorer.graph.leaves)
    assert "at other numbers" in capsys.readouterr().out
    with pytest.raises(NothingToSee, match="nothing came back"):
        see("ps6.quad_grad", None)
    with pytest.raises(NothingToSee, match="no gradient of a graph"):
        see("ps3.Value", None)


def test_practice_is_a_function_however_it_is_imported():
    code = "import autograder.practice; from autograder import practice; print(practice.__name__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "practice\n"


def test_a_formula_reaches_nothing_but_the_engine():
    with pytest.raises(NameError):
        function("open('x')", ("a",))(1.0)
    assert os.listdir() == []
