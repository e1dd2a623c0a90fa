"""nbgrader's `autograde` for submissions of strangers: every one gets a verdict, once and whole.

nbgrader has no setting for the class that it converts with; `use_in_nbgrader`, called in
``nbgrader_config.py``, puts this one in its place, on the command line and in formgrader.
"""

import datetime
import glob
import json
import os
from pathlib import Path
from typing import Any, NoReturn

import nbformat
from nbgrader.api import MissingEntry
from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import is_grade, is_solution, parse_utc, remove, rmtree

from autograder.course.fingerprint import fingerprint
from autograder.course.gradebook import KeptGradebook, one_gradebook
from autograder.course.graft import NOTES
from autograder.course.run_and_judge import RunAndJudge
from autograder.course.submission import Unreadable, digest, read_file, try_read
from autograder.sandbox import SandboxError

TIMESTAMP = "timestamp.txt"


def use_in_nbgrader() -> None:
    """Let nbgrader's `autograde`, and formgrader's button for it, use `SubmissionAutograde`."""
    api.Autograde = autogradeapp.Autograde = SubmissionAutograde


class _TextOnly(BaseConverter):  # type: ignore[misc]
    """Copies nothing that a learner put beside the notebook.

    nbgrader copies such files from one step to the next, following links, and in the end to the
    learner: a link to somebody's file would come back as that file.
    """

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        source = self._format_source(assignment_id, student_id)
        folder = Path(self._format_dest(assignment_id, student_id))
        folder.mkdir(parents=True, exist_ok=True)
        if self.coursedir.get_existing_timestamp(source) is not None:
            (folder / TIMESTAMP).write_bytes(read_file(Path(source, TIMESTAMP)))


class SubmissionAutograde(Autograde, _TextOnly):  # type: ignore[misc]
    """Visits every submission with every notebook of the release, and skips only finished ones.

    A submission is finished when its grafted notebook is whole, says that it was graded from just
    these bytes by just this judge, and the gradebook holds its points. Anything else that stands
    in ``autograded/`` was left behind by a run that did not come to its end, and is graded again.
    """

    book: KeptGradebook

    def start(self) -> None:
        """Grade; or stop before the first submission, and say why."""
        self.coursedir.get_existing_timestamp = self._timestamp
        try:
            self.prepare()
        except (SandboxError, ValueError) as error:
            self._refuse(str(error))
        with one_gradebook(self.coursedir.db_url, self.coursedir.course_id) as self.book:
            self._enter_release()
            self.book.commit()
            super().start()
            self.book.commit()

    def prepare(self) -> None:
        """Raise what stands against grading here at all."""
        RunAndJudge(parent=self).prepare()

    def _refuse(self, reason: str) -> NoReturn:
        self.log.error(reason)
        raise NbGraderException(reason)

    def releases(self) -> list[Path]:
        """The notebooks of the release."""
        assignment = self.coursedir.assignment_id
        folder = self.coursedir.format_path(self.coursedir.release_directory, ".", assignment)
        found = sorted(Path(folder).glob("*.ipynb"))
        if not found:
            self._refuse(
                f"There is no release of {assignment} to put submissions into: "
                f"run `nbgrader generate_assignment {assignment}` first."
            )
        return found

    def judged_by(self, notebook: str) -> str:
        """What judges this notebook now: `autograder.course.fingerprint`."""
        return next(fingerprint(p.read_bytes()) for p in self.releases() if p.stem == notebook)

    def _enter_release(self) -> None:
        """Enter the release into a gradebook that does not know it, or not all of it."""
        course = self.coursedir
        assignment = course.assignment_id
        for path in self.releases():
            notebook = nbformat.read(path, as_version=4)
            self.book.update_or_create_assignment(assignment)
            if _known_cells(self.book, path.stem, assignment) == _cells(notebook):
                continue
            about = {"notebook": path.stem, "assignment": assignment, "db_url": course.db_url}
            try:
                SaveCells(parent=self).preprocess(notebook, {"nbgrader": about})
            except RuntimeError as error:
                self._refuse(
                    f"The release of {assignment} is not what the gradebook knows: {error}"
                )

    def init_notebooks(self) -> None:
        """List every submission with every notebook of the release.

        nbgrader lists the notebooks that it finds, so a learner whose notebook is missing or has
        another name would get no verdict at all.
        """
        course = self.coursedir
        pattern = self._format_source(course.assignment_id, course.student_id)
        names = [path.name for path in self.releases()]
        wanted = [name for name in names if Path(name).match(f"{course.notebook_id}.ipynb")]
        self.assignments = {
            folder: [os.path.join(folder, name) for name in wanted]
            for folder in filter(os.path.isdir, glob.glob(pattern))
        }
        self.notebooks: list[str] = []
        if not self.assignments or not wanted:
            super().init_notebooks()  # knows what to say

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Whether this submission is to be graded."""
        self.book.forget()  # what a submission that failed has left
        folder = Path(self._format_dest(assignment_id, student_id))
        excluded = student_id in self.coursedir.student_id_exclude.split(",")
        if folder.exists() and not excluded and not self.force:
            for path in map(Path, self.notebooks):
                if not self._finished(path, folder / path.name, student_id):
                    self.log.warning("Grading again what is unfinished or changed: %s", path)
                    if self.coursedir.notebook_id == "*":
                        rmtree(str(folder))
                        break
                    if (folder / path.name).exists():
                        remove(str(folder / path.name))
        return bool(super().init_destination(assignment_id, student_id))

    def _finished(self, submitted: Path, autograded: Path, student: str) -> bool:
        """Whether this submission was graded to the end, from what it holds and as things are."""
        try:
            about = json.loads(autograded.read_bytes())["metadata"][NOTES]
            if not about["graded"] or about["submission"] != digest(try_read(submitted)):
                return False
            if about["judged_by"] != self.judged_by(submitted.stem):
                return False
        except (OSError, ValueError, LookupError, TypeError):
            return False
        course = self.coursedir
        try:
            entry = self.book.find_submission_notebook(
                submitted.stem, course.assignment_id, student
            )
        except MissingEntry:
            return False
        return all(g.auto_score is not None or g.needs_manual_grade for g in entry.grades)

    def write_single_notebook(self, output: str, resources: Any) -> None:
        """Write a notebook after the gradebook has its points: what was written is finished."""
        self.book.commit()
        super().write_single_notebook(output, resources)

    def _timestamp(self, folder: str) -> datetime.datetime | None:
        """When a submission was handed in; a file that does not say it costs nobody a verdict."""
        path = Path(folder, TIMESTAMP)
        if not os.path.lexists(path):
            return None
        try:
            return parse_utc(read_file(path).decode("utf-8").strip())  # type: ignore[no-any-return]
        except (Unreadable, ValueError, OverflowError, TypeError) as error:
            self.log.warning("%s says no time, it counts as missing: %s", path, error)
            return None


def _cells(notebook: Any) -> set[tuple[str, str]]:
    """{(role, grade id)} of the cells of a release that the gradebook has to know."""
    ids = [(cell, cell.metadata.get("nbgrader", {}).get("grade_id")) for cell in notebook.cells]
    return {("grade", i) for cell, i in ids if is_grade(cell)} | {
        ("solution", i) for cell, i in ids if is_solution(cell)
    }


def _known_cells(book: Any, notebook: str, assignment: str) -> set[tuple[str, str]]:
    """The same as the gradebook has it."""
    try:
        entry = book.find_notebook(notebook, assignment)
    except MissingEntry:
        return set()
    return {("grade", cell.name) for cell in entry.grade_cells} | {
        ("solution", cell.name) for cell in entry.solution_cells
    }
