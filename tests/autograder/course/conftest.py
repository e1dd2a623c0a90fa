"""A course in a folder of its own, driven by nbgrader's own commands, its gradebook read back."""

import json
import os
import shutil
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade, is_solution

from autograder.course.run_and_judge import checked_exercise

EXERCISES = Path(__file__).parents[3] / "exercises"


@dataclass
class Course:
    """An nbgrader course with one assignment."""

    root: Path
    name: str

    def nbgrader(self, *command: str, status: int = 0) -> str:
        """Run one of nbgrader's commands as an instructor would; return what it printed."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # nbgrader starts `alembic`
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=self.root,
            env=os.environ | {"PATH": path, "JUPYTER_CONFIG_DIR": str(self.root / "no-config")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        assert run.returncode == status, run.stdout
        return run.stdout

    @property
    def release(self) -> Any:
        """The released notebook, as a learner gets it."""
        return nbformat.read(self.root / f"release/{self.name}/{self.name}.ipynb", 4)

    def solved(self, answers: dict[str, str]) -> Any:
        """The released notebook with these texts in its solution cells, by the answer's name."""
        notebook = self.release
        for answer, cells in self.exercises(notebook).items():
            if answer in answers:
                cells[0].source = answers[answer]
        return notebook

    @staticmethod
    def exercises(notebook: Any) -> dict[str, tuple[Any, Any]]:
        """{answer's name: (solution cell, check cell)} of a notebook."""
        found, solution = {}, None
        for cell in notebook.cells:
            if is_solution(cell):
                solution = cell
            elif is_grade(cell):
                found[checked_exercise(cell.source).split(".")[1]] = solution, cell
        return found

    def submit(self, student: str, notebook: Any) -> Path:
        """Hand in a notebook (or, for what is none, its bytes); return its path."""
        folder = self.root / "submitted" / student / self.name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.ipynb"
        data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        path.write_bytes(data)
        return path

    def points(self, student: str) -> dict[str, float]:
        """{answer's name: points} as the gradebook holds them."""
        names = {
            cells[1].metadata.nbgrader.grade_id: answer
            for answer, cells in self.exercises(self.release).items()
        }
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as book:
            notebook = book.find_submission_notebook(self.name, self.name, student)
            assert not notebook.needs_manual_grade
            return {names[grade.name]: grade.score for grade in notebook.grades}

    def autograded(self, student: str) -> Any:
        """The notebook that grading left behind."""
        return nbformat.read(self.root / f"autograded/{student}/{self.name}/{self.name}.ipynb", 4)

    def feedback(self, student: str) -> str:
        """The page that a learner gets."""
        return (self.root / f"feedback/{student}/{self.name}/{self.name}.html").read_text()


@pytest.fixture(scope="session")
def make_course(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Make courses with one of the project's problem sets, released with stock nbgrader."""
    made: dict[str, Path] = {}

    def make(name: str) -> Course:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(f"released-{name}")
            shutil.copy(EXERCISES / "nbgrader_config.py", made[name])
            shutil.copytree(EXERCISES / "source" / name, made[name] / "source" / name)
            Course(made[name], name).nbgrader("generate_assignment", name)
        root = tmp_path_factory.mktemp(f"course-{name}")
        shutil.copytree(made[name], root, dirs_exist_ok=True)
        return Course(root, name)

    return make


def copy_of(cell: Any) -> Any:
    """The cell as copying it in JupyterLab makes it: same metadata, an id of its own."""
    other = deepcopy(cell)
    other["id"] = f"{cell['id']}-copy"
    return other
