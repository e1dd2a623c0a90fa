"""A drill in a problem set: everybody's own, shown, checked and graded by both roads."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from test_own_catalog import Commands

import autograder
from autograder import catalog, check, drill, evaluate
from autograder.catalog.own import CatalogError, use
from autograder.check import HUB, Whose
from autograder.drills.cell import DrillCell
from autograder.drills.choosing import ideas, wrong
from autograder.judge.judge import trials_of

HEAD = "from autograder.drills.cell import DrillCell\nEXERCISES = ("
IDEA = "mul-not-switched"
BY_HAND = f'DrillCell(id="ps8.by_hand", points=3, idea="{IDEA}", level=1),'
PATHS = 'DrillCell(id="ps8.my_paths", points=2, idea="paths-combined-wrong"),'
TEXT = f"{HEAD}{BY_HAND}{PATHS})\n"
CLASS = [f"student{k}" for k in range(20)]


@pytest.fixture(autouse=True)
def a_course_with_drills(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(HUB, raising=False)
    use({"catalog/drills.py": TEXT})
    yield
    use({})


def right(id: str, student: str) -> str:
    """The right answer of a student: numbers, or a function of differences of the task's formula,
    which uses nothing of the kit."""
    exercise = catalog[id].of(student)
    if exercise.fixed:
        (trial,) = trials_of(exercise, exercise.questions(1))
        return f"{exercise.answer} = {trial.truth!r}"
    names = ", ".join(exercise.questions(1)[0].args)
    written = exercise.task.removeprefix("L = ").split(". Return")[0]
    return f"""from math import exp, sin, tanh
def sigmoid(x):
    return 1 / (1 + exp(-x))
def L({names}):
    return {written}
def {exercise.answer}(*at):
    return tuple(slope(at, n) for n in range(len(at)))
def slope(at, n, h=1e-3):
    f = lambda k: L(*at[:n], at[n] + k * h, *at[n + 1 :])
    return (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h)
"""


def answered(id: str, student: str) -> object:
    names: dict[str, object] = {}
    exec(right(id, student), names)
    return names[id.split(".")[1]]


@pytest.mark.parametrize("id", ["ps8.by_hand", "ps8.my_paths"])
def test_everybody_has_their_own_and_it_is_the_same_each_time(id: str):
    tasks = [catalog[id].of(student).task for student in CLASS]
    assert len(set(tasks)) > 17
    use({})
    use({"catalog/drills.py": TEXT})
    assert [catalog[id].of(student).task for student in CLASS] == tasks
    assert catalog[id].of(" Student3 ").task == tasks[3]
    other = DrillCell(id=id, points=2, idea=catalog[id].idea, level=catalog[id].level, term="2028")
    assert sum(other.of(s).task == t for s, t in zip(CLASS, tasks, strict=True)) < 5


@pytest.mark.parametrize("student", CLASS[:5])
def test_who_is_right_passes_and_somebody_elses_answer_does_not(student: str):
    mine, neighbours = answered("ps8.by_hand", student), answered("ps8.by_hand", f"{student}0")
    assert evaluate("ps8.by_hand", mine, name=student).passed
    wrong = evaluate("ps8.by_hand", neighbours, name=student)
    assert wrong.points < 3 and wrong.note.startswith(f"The drill of {student}: L = ")
    verdict = evaluate("ps8.my_paths", answered("ps8.my_paths", student), name=student)
    assert verdict.passed, verdict.message


def test_without_a_name_it_is_said_what_to_write_and_a_hub_knows(monkeypatch, capsys):
    assert 'between the quotes of me = ""' in repr(drill("ps8.by_hand"))
    with pytest.raises(Whose, match="another drill for everybody"):
        check("ps8.by_hand", {}, " ")
    monkeypatch.setenv(HUB, "ada")
    assert "The drill of ada" in drill("ps8.by_hand")._repr_markdown_()
    assert check("ps8.by_hand", answered("ps8.by_hand", "ada")) == 3.0
    assert check("ps8.by_hand", {}) == 0.0
    assert 'see("ps8.by_hand", by_hand, me)' not in capsys.readouterr().out
    with pytest.raises(TypeError, match="the same for everybody"):
        drill("ps6.quad_grad", "ada")


def test_who_holds_the_idea_is_told_of_it_and_can_see_it(capsys):
    for student in CLASS[:6]:
        exercise = catalog["ps8.by_hand"].of(student)
        (values,) = next(wrong(exercise, trials_of(exercise, exercise.questions(1)), IDEA))
        verdict = evaluate("ps8.by_hand", values, name=student)
        assert verdict.misconceptions == [IDEA]
        autograder.see("ps8.by_hand", values, student)
        assert "at other numbers" in capsys.readouterr().out
        autograder.see("ps8.by_hand", dict.fromkeys(values, 1e4), student)
        assert "at other numbers" in capsys.readouterr().out


def test_an_authors_mistake_is_said():
    with pytest.raises(CatalogError, match=r"line 2: ps8.my_paths: .*'path-combined-wrong'.*did"):
        use({"catalog/drills.py": TEXT.replace("paths-combined-wrong", "path-combined-wrong")})


def test_the_kits_ideas_can_all_stand_in_a_set():
    for idea in ideas():
        exercise = DrillCell(id="ps8.mine", points=2, idea=idea).of("ada")
        assert exercise.answer == "mine" and exercise.points == 2, idea
        assert sum(part.points for part in exercise.parts) == pytest.approx(2)
        assert "mine(" in exercise.signature or exercise.fixed, exercise.signature
        trials = trials_of(exercise, exercise.questions(3))
        assert all(np.all(np.isfinite(v)) for t in trials for v in t.truth.values())


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")
def test_a_class_with_drills_from_catalog_to_report(tmp_path: Path):
    run = Commands(tmp_path)
    run("autograder.cli", "init", "course", "--empty")
    run.root = tmp_path / "course"
    shutil.rmtree(run.root / "source")
    (run.root / "catalog" / "example.py").write_text(TEXT)
    run("autograder.cli", "cells", "ps8")
    run("nbgrader", "generate_assignment", "ps8")
    said = run("autograder.cli", "try", "ps8", "--seeds", "30")
    assert re.search(r"ps8.by_hand: 30 students get \d\d different drills", said), said
    assert "Nothing to mend" in said
    hand_in(run.root, "ada", "ada")
    hand_in(run.root, "ben", "ada")  # everything of Ada's, her name included
    run("autograder.cli", "grade", "ps8")
    scores = run.scores()
    assert scores["ada"] == 5.0 and scores["ben"] < 3.0, scores
    said = run("autograder.cli", "explain", "ps8", "ben", "by_hand")
    assert "The drill of ben: L = " in said and "the same verdict" in said
    shutil.rmtree(run.root / "ledger")
    run("nbgrader", "autograde", "ps8", "--force")
    assert run.scores() == scores
    theirs = "submitted/ada/ps8/ps8.ipynb"
    said = run("autograder.cli", "judge", theirs, "--course", ".", status=2)
    assert "say whose: --student ID" in said
    said = run("autograder.cli", "judge", theirs, "--course", ".", "--student", "ada")
    assert "by_hand: right, 3 of 3 points" in said
    # as the learner meets it: the cells in their order, the exercises' file beside the notebook
    notebook = nbformat.read(run.root / theirs, 4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    shutil.copy(run.root / "release" / "ps8" / "ps8_exercises.py", tmp_path)
    for name, status in (("ada", 0), ("", 1)):
        found = subprocess.run(
            [sys.executable, "-c", code.replace('me = "ada"', f'me = "{name}"')],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == status, found.stderr
        assert ("by_hand: right" in found.stdout) == (not status)
    assert "write the name under which you hand in" in found.stderr


def hand_in(root: Path, student: str, whose: str) -> None:
    notebook = nbformat.read(root / "release/ps8/ps8.ipynb", 4)
    for cell in notebook.cells:
        if cell.source.startswith("from autograder import drill"):
            cell.source = cell.source.replace('me = ""', f'me = "{whose}"')
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = right(f"ps8.{cell.metadata.nbgrader.grade_id}", whose)
    folder = root / "submitted" / student / "ps8"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "ps8.ipynb")
