"""A course in a folder of its own, driven by nbgrader's own commands, its gradebook read back."""

import html
import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import warm
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade, is_solution

from autograder.course.judging import checked_exercise
from tools import a_class

EXERCISES = Path(__file__).parents[1] / "exercises"


# What a learner who knows it writes, and what it earns; neither engine nor catalog is asked.
RIGHT = {"ps6": {name: ways[0] for name, ways in a_class.RIGHT.items()}}
POINTS = {"ps6": a_class.POINTS}


@dataclass
class Course:
    """An nbgrader course with one assignment."""

    root: Path
    name: str
    prefix: list[str] = field(default_factory=list)  # of commands: who runs them

    def nbgrader(self, *command: str, status: int | None = 0) -> str:
        """Run one of nbgrader's commands as an instructor would; return what it printed."""
        cold = [*self.prefix, sys.executable, "-m"] if self.prefix else []
        return warm.run("nbgrader", *command, cwd=self.root, status=status, cold=cold)

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
        for cell in notebook.cells:
            if cell.cell_type == "markdown" and is_solution(cell):
                cell.source = "An answer in words of their own, for a person to read."
        return notebook

    @property
    def right(self) -> dict[str, str]:
        """{answer's name: a right answer}."""
        return RIGHT[self.name]

    @property
    def full(self) -> dict[str, float]:
        """{answer's name: full marks}."""
        return POINTS[self.name]

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
            return {
                names[grade.name]: grade.score
                for grade in notebook.grades
                if grade.name in names  # a person reads the written answers
            }

    def autograded(self, student: str) -> Any:
        """The notebook that grading left behind."""
        return nbformat.read(self.root / f"autograded/{student}/{self.name}/{self.name}.ipynb", 4)

    def feedback(self, student: str) -> str:
        """The page that a learner gets."""
        return (self.root / f"feedback/{student}/{self.name}/{self.name}.html").read_text()

    def words(self, student: str) -> str:
        """The words on the page that a learner gets."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.feedback(student))).split())


def release(name: str, root: Path) -> Course:
    """Make a course in the folder `root` with one of the project's problem sets, released."""
    shutil.copy(EXERCISES / "nbgrader_config.py", root)
    shutil.copytree(EXERCISES / "source" / name, root / "source" / name)
    course = Course(root, name)
    course.nbgrader("generate_assignment", name)
    return course
