"""The catalog is consistent with itself and with the notebooks of the problem sets."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest

from autograder import catalog
from autograder.misconceptions import MISCONCEPTIONS
from autograder.trial import Trial

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


@pytest.mark.parametrize("id", catalog.ids())
class TestExercise:
    def test_its_parts_earn_its_points(self, id):
        assert sum(part.points for part in catalog[id].parts) == pytest.approx(catalog[id].points)

    def test_what_it_names_exists(self, id):
        exercise = catalog[id]
        parts = {part.name for part in exercise.parts}
        assert set(exercise.names) <= set(MISCONCEPTIONS)
        assert set(exercise.wrong) <= set(MISCONCEPTIONS)
        for (part, idea), points in exercise.near.items():
            assert part in parts and idea in MISCONCEPTIONS
            assert 0 < points < next(p.points for p in exercise.parts if p.name == part)

    def test_its_signature_is_its_call(self, id):
        exercise = catalog[id]
        question = exercise.questions(0)[0]
        call, result = exercise.signature.split(" -> ")
        assert re.sub(r": (\([^)]*\)|\w+)", "", call) == question.code
        for part in exercise.parts:
            assert part.name in result

    def test_the_shapes_of_its_signature_are_those_of_its_inputs(self, id):
        exercise = catalog[id]
        for question in exercise.questions(3):
            lengths = {}
            shapes = dict(re.findall(r"(\w+): \(([^)]*)\)", exercise.signature))
            values = dict(question.args) | Trial(exercise, dict(question.args)).truth
            for name, letters in shapes.items():
                letters = [letter.strip() for letter in letters.split(",") if letter.strip()]
                assert len(letters) == np.ndim(values[name]), name
                for letter, length in zip(letters, np.shape(values[name]), strict=True):
                    assert lengths.setdefault(letter, length) == length, (name, letter)


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
def test_the_solutions_in_the_notebook_earn_full_marks(name):
    from autograder import evaluate

    notebook = json.loads((SOURCE / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not "".join(cell["source"]).startswith("check("):
            exec("".join(cell["source"]), names)
    for exercise in catalog.set(name):
        verdict = evaluate(exercise.id, names[exercise.answer])
        assert verdict.passed, verdict.message


def test_the_release_is_what_nbgrader_makes_of_the_source(tmp_path):
    pytest.importorskip("nbgrader", reason="nbgrader is not installed")
    import os
    import shutil
    import subprocess
    import sys

    course = SOURCE.parent
    shutil.copytree(course / "source", tmp_path / "source")
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    scripts = Path(sys.executable).parent  # nbgrader calls alembic by name
    path = os.pathsep.join([str(scripts), os.environ.get("PATH", "")])
    for name in SETS:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "generate_assignment", name],
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        made = (tmp_path / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
        kept = (course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
        assert json.loads(made) == json.loads(kept), (
            f"exercises/release/{name} is out of date: "
            f"run `nbgrader generate_assignment {name} --force` in exercises/"
        )
