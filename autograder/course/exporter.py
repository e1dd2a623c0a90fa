"""How `nbgrader autograde` reads a submission: its text in the instructor's notebook, always.

nbgrader converts each submission twice, from ``submitted/`` to ``autograded/`` and then there in
place. The first time this exporter grafts; the second time it reads what it wrote.
"""

import os
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from autograder.course.graft import NOTES, graft_submission


class SubmissionExporter(NotebookExporter):
    """Named as ``c.Autograde.exporter_class``; its parent is our converter, with its `work`."""

    parent: Any

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Read the notebook at `filename`; a submission is never read as anything but text."""
        about = resources["nbgrader"]
        submitted = self.parent.course.folder("submitted", about["assignment"], about["student"])
        if os.path.dirname(filename) != str(submitted):
            return super().from_filename(filename, resources, **options)
        name, work = about["notebook"], self.parent.work
        notebook = graft_submission(
            nbformat.reads(work.release.notebooks[name], as_version=4),
            os.path.basename(filename),
            work.found[name],
            work.release.judged_by[name],
        )
        if reason := notebook.metadata[NOTES].get("unreadable"):
            self.log.warning("%s: %s", filename, reason)
        resources["metadata"] = {"name": name, "path": os.path.dirname(filename)}
        return self.from_notebook_node(notebook, resources, **options)
