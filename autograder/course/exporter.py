"""How `nbgrader autograde` reads a submission: its text in the instructor's notebook, always.

nbgrader converts each submission twice, from ``submitted/`` to ``autograded/`` and then there in
place. The first time this exporter grafts; the second time it reads what it wrote.
"""

import glob
import os
from pathlib import Path
from typing import Any, NoReturn

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import SaveCells

from autograder.course.graft import NOTES, graft
from autograder.course.submission import Unreadable, read_submission
from autograder.sandbox import SandboxError, best_rung


class SubmissionExporter(NotebookExporter):
    """Named as ``c.Autograde.exporter_class``; its parent is nbgrader's converter."""

    parent: Any

    def __init__(self, config: Any = None, **options: Any) -> None:
        super().__init__(config, **options)
        try:
            best_rung()
        except SandboxError as error:
            self._refuse(str(error))
        self._enter_release()
        self._expect_every_notebook()

    def _refuse(self, reason: str) -> NoReturn:
        """Stop the command before the first submission, and say why."""
        self.log.error(reason)
        raise NbGraderException(reason)

    def _enter_release(self) -> None:
        """Enter the release into a gradebook that does not know it, as in a fresh clone."""
        course = self.parent.coursedir
        assignment = course.assignment_id
        with Gradebook(course.db_url, course.course_id) as book:
            known = book.update_or_create_assignment(assignment).notebooks
            names = [notebook.name for notebook in known]
        for path in self._release_folder(assignment).glob("*.ipynb"):
            if path.stem in names:
                continue
            about = {"notebook": path.stem, "assignment": assignment, "db_url": course.db_url}
            notebook = nbformat.read(path, as_version=4)
            SaveCells(parent=self).preprocess(notebook, {"nbgrader": about})

    def _expect_every_notebook(self) -> None:
        """Let the converter visit every submission with every notebook of the release.

        nbgrader lists the notebooks that it finds, so a learner whose notebook is missing or has
        another name would get no verdict at all.
        """
        course = self.parent.coursedir
        pattern = course.format_path(
            course.submitted_directory, course.student_id, course.assignment_id
        )
        names = [path.name for path in self._release_folder(course.assignment_id).glob("*.ipynb")]
        wanted = sorted(Path(n).name for n in names if Path(n).match(f"{course.notebook_id}.ipynb"))
        for folder in filter(os.path.isdir, glob.glob(pattern)):
            self.parent.assignments[folder] = [os.path.join(folder, name) for name in wanted]

    def _release_folder(self, assignment: str) -> Path:
        course = self.parent.coursedir
        folder = Path(course.format_path(course.release_directory, ".", assignment))
        if not folder.is_dir():
            self._refuse(
                f"There is no release of {assignment} to put submissions into: "
                f"run `nbgrader generate_assignment {assignment}` first."
            )
        return folder

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Read the notebook at `filename`; a submission is never read as anything but text."""
        course, about = self.parent.coursedir, resources["nbgrader"]
        submitted = course.format_path(
            course.submitted_directory, about["student"], about["assignment"]
        )
        if os.path.dirname(filename) != os.path.normpath(submitted):
            return super().from_filename(filename, resources, **options)
        release = self._release_folder(about["assignment"]) / f"{about['notebook']}.ipynb"
        notes = {}
        try:
            cells = read_submission(Path(filename))
        except Unreadable as reason:
            self.log.warning("%s: %s", filename, reason)
            cells, notes = [], {NOTES: {"unreadable": str(reason)}}
        notebook = graft(nbformat.read(release, as_version=4), cells)
        notebook.metadata |= notes
        resources["metadata"] = {"name": about["notebook"], "path": os.path.dirname(filename)}
        return self.from_notebook_node(notebook, resources, **options)
