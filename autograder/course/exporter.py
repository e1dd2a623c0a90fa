"""How `nbgrader autograde` reads a submission: its text in the instructor's notebook, always.

nbgrader converts each submission twice, from ``submitted/`` to ``autograded/`` and then there in
place. The first time this exporter takes what was judged, and says that it is not graded yet; the
second time it reads what it wrote.
"""

import os
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from autograder.course.graft import NOTES
from autograder.course.run_and_judge import JUDGED


class SubmissionExporter(NotebookExporter):
    """Named as ``c.Autograde.exporter_class``; its parent is our converter, with its `course`."""

    parent: Any

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Read the notebook at `filename`; a submission is never read as anything but text."""
        about = resources["nbgrader"]
        submitted = self.parent.course.folder("submitted", about["assignment"], about["student"])
        if os.path.dirname(filename) != str(submitted):
            return super().from_filename(filename, resources, **options)
        notebook = nbformat.from_dict(resources[JUDGED])
        notes = notebook.metadata[NOTES]
        notes["graded"] = False
        if reason := notes.get("unreadable"):
            self.log.warning("%s: %s", filename, reason)
        resources["metadata"] = {"name": about["notebook"], "path": os.path.dirname(filename)}
        return self.from_notebook_node(notebook, resources, **options)
