"""nbgrader's `generate_feedback`, which leaves a page alone once it is there, however old, and its
`release_feedback`, which ends at the first student who did not hand in through the exchange.
"""

import hashlib
import json
import os
import re
from glob import escape, glob
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import remove
from traitlets.config import Config

from autograder.classroom.course import SECRET, TIMESTAMP
from autograder.classroom.feedback_page import PAGES, TEMPLATE, FeedbackExporter
from autograder.classroom.kept import gradebook_at

_MARK = "<!-- made of {} -->"


class FreshFeedback(GenerateFeedback):  # type: ignore[misc]
    """Makes a page anew where it is not of the notebook, points and comments that there are now.

    What a page was made of stands in its last line. It looks as `feedback_page` says, unless the
    course has a template of its own (``c.HTMLExporter.template_name``).
    """

    def __init__(self, coursedir: Any = None, **more: Any) -> None:
        parent = more.get("parent")
        given = more.get("config") or (parent.config if parent else Config())
        super().__init__(coursedir=coursedir, **more)
        if "template_name" not in given.HTMLExporter:
            page = Config()
            page.HTMLExporter.template_name = TEMPLATE
            known = self.config.HTMLExporter
            bases = list(known.extra_template_basedirs)
            page.HTMLExporter.extra_template_basedirs = [str(PAGES), *bases]
            # our page extends nbgrader's by its name
            page.HTMLExporter.extra_template_paths = [*known.extra_template_paths, *bases]
            self.update_config(page)

    def _exporter_class_default(self) -> Any:
        return FeedbackExporter

    def init_notebooks(self) -> None:
        """nbgrader's, which finds nothing of a student whose name has brackets or stars in it."""
        course = self.coursedir
        wanted = self._format_source(course.assignment_id, course.student_id)
        one = course.student_id != "*" and os.path.isdir(wanted)
        self.notebooks: list[str] = []
        self.assignments = {
            folder: found
            for folder in ([wanted] if one else glob(wanted))
            if (found := glob(os.path.join(escape(folder), f"{course.notebook_id}.ipynb")))
        }
        if not self.assignments:
            super().init_notebooks()  # knows what to say

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Whether there is a page to be made; pages that are out of date are removed."""
        folder = Path(self._format_dest(assignment_id, student_id))
        stale = False
        for path in map(Path, self.notebooks):
            page = folder / f"{path.stem}.html"
            if page.exists() and self._mark(path, student_id) not in _last_line(page):
                self.log.warning("%s is of before, and is made anew", page)
                remove(str(page))
                stale = True
        excluded = student_id in self.coursedir.student_id_exclude.split(",")
        return bool(super().init_destination(assignment_id, student_id)) or (stale and not excluded)

    def write_single_notebook(self, output: str, resources: Any) -> None:
        """Write a page, and what it was made of."""
        about = resources["nbgrader"]
        folder = self._format_source(about["assignment"], about["student"])
        mark = self._mark(Path(folder, f"{about['notebook']}.ipynb"), about["student"])
        super().write_single_notebook(f"{output.rstrip()}\n{mark}\n", resources)

    def _mark(self, path: Path, student: str) -> str:
        return _mark(path, student, self.coursedir, self.coursedir.assignment_id)


def _mark(path: Path, student: str, course: Any, assignment: str) -> str:
    """Names an autograded notebook and all that the gradebook says of it."""
    made_of = hashlib.sha256(path.read_bytes())
    with gradebook_at(course.db_url, course.course_id) as book:
        try:
            of = book.find_submission_notebook(path.stem, assignment, student)
        except MissingEntry:
            return _MARK.format("nothing")
        grades = sorted((g.name, g.score, g.max_score) for g in of.grades)
        comments = sorted((c.name, c.comment) for c in of.comments)
        said = json.dumps([grades, comments, of.late_submission_penalty])
    made_of.update(said.encode())
    return _MARK.format(made_of.hexdigest()[:20])


def is_of_before(page: Path, student: str, course: Any, assignment: str) -> bool:
    """Whether a page was made of another notebook, points or comments than there are now.

    Of a page that does not say what it was made of, nobody knows.
    """
    last, begin = _last_line(page), _MARK.partition("{")[0]
    folder = course.format_path(course.autograded_directory, student, assignment)
    notebook = Path(folder, f"{page.stem}.ipynb")
    if begin not in last or not notebook.is_file():
        return False
    return _mark(notebook, student, course, assignment) not in last


_copy_files = ExchangeReleaseFeedback.copy_files


def copy_what_can_be_fetched(self: Any) -> None:
    """nbgrader's ``copy_files``, for those who handed in through the exchange; others are named.

    A student finds their page in the exchange by the secret that came with their submission.
    """
    form = self.coursedir.format_path
    step, assignment = self.coursedir.feedback_directory, self.coursedir.assignment_id
    student = self.coursedir.student_id or "*"
    folders = {path.parent for path in map(Path, glob(f"{form(step, student, assignment)}/*.html"))}
    named = re.compile(form(step, "(?P<student>[^/]*)", assignment, escape=True))
    lacking = sorted(
        match["student"]
        for folder in folders
        if (match := named.fullmatch(str(folder)))
        and not all((folder / name).is_file() for name in (TIMESTAMP, SECRET))
    )
    if lacking:
        self.log.warning(
            "Not released, as they did not hand in through the exchange: %s. Their pages are in "
            "feedback/; `autograder export %s --feedback FILE` packs what `collect` brought in.",
            ", ".join(lacking),
            assignment,
        )
    before = self.coursedir.student_id_exclude
    self.coursedir.student_id_exclude = ",".join([*filter(None, [before]), *lacking])
    try:
        _copy_files(self)
    finally:
        self.coursedir.student_id_exclude = before


def _last_line(page: Path) -> str:
    with open(page, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 200))
        return file.read().decode("utf-8", "replace")
