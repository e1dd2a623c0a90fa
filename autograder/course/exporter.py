"""How `nbgrader autograde` reads a submission: its text in the instructor's notebook, always.

nbgrader converts each submission twice, from ``submitted/`` to ``autograded/`` and then there in
place. The first time this exporter grafts; the second time it reads what it wrote.
"""

import os
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from autograder.course.fingerprint import fingerprint
from autograder.course.graft import NOTES, graft_submission
from autograder.course.submission import try_read


class SubmissionExporter(NotebookExporter):
    """Named as ``c.Autograde.exporter_class``; its parent is nbgrader's converter."""

    parent: Any

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Read the notebook at `filename`; a submission is never read as anything but text."""
        course, about = self.parent.coursedir, resources["nbgrader"]
        submitted = course.format_path(
            course.submitted_directory, about["student"], about["assignment"]
        )
        if os.path.dirname(filename) != os.path.normpath(submitted):
            return super().from_filename(filename, resources, **options)
        folder = course.format_path(course.release_directory, ".", about["assignment"])
        release = Path(folder, f"{about['notebook']}.ipynb").read_bytes()
        notebook = graft_submission(
            nbformat.reads(release, as_version=4),
            os.path.basename(filename),
            try_read(Path(filename)),
            fingerprint(release),
        )
        if reason := notebook.metadata[NOTES].get("unreadable"):
            self.log.warning("%s: %s", filename, reason)
        resources["metadata"] = {"name": about["notebook"], "path": os.path.dirname(filename)}
        return self.from_notebook_node(notebook, resources, **options)

    def from_own_node(self, notebook: Any, resources: Any) -> tuple[str, Any]:
        """What ``from_notebook_node`` gives, for a notebook that nobody else holds.

        It is not copied three times and checked after every preprocessor, but once, when written;
        and nothing of it is kept.
        """
        resources = self._init_resources(resources)
        for preprocessor in self._preprocessors:
            notebook, resources = preprocessor(notebook, resources)
        resources["output_suffix"] = ".nbconvert"
        return nbformat.writes(notebook, version=self.nbformat_version) + "\n", resources
