"""The catalog is consistent with itself and with the notebooks of the problem sets."""

import ast
import contextlib
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
import warm

from autograder import catalog, evaluate
from autograder.asking import wire
from autograder.asking.ask import ask
from autograder.judge.behaviour import Behaviour
from autograder.judge.exercise import Exercise
from autograder.judge.judge import judge
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import Trial

SOURCE = Path(__file__).parents[2] / "exercises" / "source"
SETS = sorted({exercise.set for exercise in catalog.values()})


def cells(name):
    """Marked cells of a source notebook: [(metadata, source)]."""
    notebook = json.loads((SOURCE / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [
        (cell["metadata"]["nbgrader"], "".join(cell["source"]))
        for cell in notebook["cells"]
        if "nbgrader" in cell["metadata"]
    ]


NUMBERS = [e.id for e in catalog.values() if isinstance(e, Exercise)]
BEHAVIOURS = [e.id for e in catalog.values() if isinstance(e, Behaviour)]


def test_the_page_about_writing_an_exercise_is_true():
    page = (SOURCE.parents[1] / "docs" / "exercises.md").read_text(encoding="utf-8")
    names = {"np": np}
    made = []
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    for code in (block for block in blocks if ">>>" not in block):
        exec(code, names)
        made.append(names.get("least_squares"))
    exercise, right, wrong = made[:3]  # the object, the solution, and a learner's
    questions = exercise.questions(2)
    assert judge(exercise, questions, ask({"least_squares": right}, questions)).passed
    verdict = judge(exercise, questions, ask({"least_squares": wrong}, questions))
    assert verdict.misconceptions == ["scale"] and "constant multiple" in verdict.message


@pytest.mark.parametrize("id", catalog.ids())
def test_it_names_misconceptions_that_exist(id):
    exercise = catalog[id]
    assert set(exercise.ideas) <= set(MISCONCEPTIONS)
    assert len(set(exercise.ideas)) == len(exercise.ideas)


@pytest.mark.parametrize("id", catalog.ids())
def test_questions_are_plain_and_hold_nothing_that_only_the_judge_knows(id):
    for question in catalog[id].questions(1):
        sent = wire.loads(wire.dumps(vars(question)))
        assert sent.keys() == {"code", "args", "keep"}


@pytest.mark.parametrize("id", NUMBERS)
class TestExercise:
    def test_its_parts_earn_its_points(self, id):
        assert sum(part.points for part in catalog[id].parts) == pytest.approx(catalog[id].points)

    def test_its_partly_right_answers_are_of_its_parts_and_worth_less(self, id):
        exercise = catalog[id]
        worth = {part.name: part.points for part in exercise.parts}
        assert set(exercise.wrong) <= set(MISCONCEPTIONS)
        inputs = exercise.fixed or dict(exercise.questions(1)[0].args)
        for part, _, points in exercise.partly(**inputs):
            assert 0 < points < worth[part]

    def test_its_signature_is_its_call(self, id):
        exercise = catalog[id]
        code = exercise.questions(0)[0].code
        call = exercise.signature.split(" -> ")[0].split(" = ")[0]
        assert re.sub(r": (\([^)]*\)|\w+)", "", call) == code
        if not exercise.fixed:
            for part in exercise.parts:
                assert part.name in exercise.signature.split(" -> ")[1]

    def test_the_shapes_of_its_signature_are_those_of_its_inputs(self, id):
        exercise = catalog[id]
        for question in exercise.questions(3):
            lengths = {}
            shapes = dict(re.findall(r"(\w+)'?: \(([^)]*)\)", exercise.signature))
            inputs = exercise.fixed or dict(question.args)
            values = inputs | Trial(exercise, inputs).truth
            for name, letters in shapes.items():
                letters = [letter.strip() for letter in letters.split(",") if letter.strip()]
                assert len(letters) == np.ndim(values[name]), name
                for letter, length in zip(letters, np.shape(values[name]), strict=True):
                    known = int(letter) if letter.isdigit() else lengths.setdefault(letter, length)
                    assert length == known, (name, letter)


@pytest.mark.parametrize("id", [id for id in NUMBERS if not catalog[id].fixed])
def test_inputs_tell_the_parts_from_one_another(id):
    for seed in range(5):
        trials = [Trial(catalog[id], dict(q.args)) for q in catalog[id].questions(seed)]
        for one, other in itertools.combinations(catalog[id].parts, 2):
            same = [np.array_equal(t.truth[one.name], t.truth[other.name]) for t in trials]
            assert not all(same)


@pytest.mark.parametrize("id", BEHAVIOURS)
class TestBehaviour:
    def test_its_checks_earn_its_points_and_each_is_asked(self, id):
        exercise = catalog[id]
        steps = exercise.questions(1).steps
        assert sum(exercise.checks.values()) == pytest.approx(exercise.points)
        assert {check for step in steps for check in step.counts} == set(exercise.checks)

    def test_an_idea_it_names_has_three_steps_to_show(self, id):
        exercise = catalog[id]
        steps = exercise.questions(1).steps
        for idea in exercise.ideas:
            assert sum(idea in step.ideas for step in steps) >= 3, idea


@pytest.mark.parametrize("name", SETS)
def test_the_notebook_of_a_set_asks_its_exercises_for_their_points(name):
    checks = {}
    for marks, source in cells(name):
        if marks["grade"] and not marks["solution"]:
            call = ast.parse(source).body[-1].value
            assert call.func.id == "check"
            checks[call.args[0].value] = (call.args[1].id, marks["points"])
    asked = {exercise.id: (exercise.answer, exercise.points) for exercise in catalog.set(name)}
    assert checks == asked, (
        f"exercises/source/{name}/{name}.ipynb and autograder/catalog/{name}.py disagree: "
        "each exercise needs one check cell with its id, its name and its points"
    )


@pytest.mark.parametrize("name", SETS)
def test_each_set_has_one_question_that_a_person_reads(name):
    written = [marks for marks, _ in cells(name) if marks["grade"] and marks["solution"]]
    assert [marks["points"] for marks in written] == [2]


@pytest.mark.parametrize("name", SETS)
def test_the_cells_of_a_notebook_have_ids_of_their_own_and_no_outputs(name):
    for kind in ("source", "release"):
        path = SOURCE.parent / kind / name / f"{name}.ipynb"
        found = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert len({cell["id"] for cell in found}) == len(found)
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in found)


@pytest.mark.parametrize("name", SETS)
def test_the_untouched_release_earns_nothing(name):
    path = SOURCE.parent / "release" / name / f"{name}.ipynb"
    names = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and not source.startswith("check("):
            with contextlib.suppress(NotImplementedError):
                exec(source, names)
    for exercise in catalog.set(name):
        verdict = evaluate(exercise.id, names[exercise.answer])
        assert verdict.points == 0 and not verdict.misconceptions, verdict.message


@pytest.mark.parametrize("name", SETS)
def test_the_solutions_in_the_notebook_earn_full_marks(name):
    notebook = json.loads((SOURCE / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not "".join(cell["source"]).startswith("check("):
            exec("".join(cell["source"]), names)
    for exercise in catalog.set(name):
        verdict = evaluate(exercise.id, names[exercise.answer])
        assert verdict.passed, verdict.message


@pytest.mark.slow
def test_the_release_is_what_nbgrader_makes_of_the_source(tmp_path):
    pytest.importorskip("nbgrader", reason="nbgrader is not installed")
    import shutil

    course = SOURCE.parent
    shutil.copytree(course / "source", tmp_path / "source")
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    for name in SETS:
        warm.run("nbgrader", "generate_assignment", name, cwd=tmp_path)
        made = (tmp_path / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
        kept = (course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
        assert json.loads(made) == json.loads(kept), (
            f"exercises/release/{name} is out of date: "
            f"run `nbgrader generate_assignment {name} --force` in exercises/"
        )
