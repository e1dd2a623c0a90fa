"""nbgrader's own commands for this course: every submission gets a verdict, once and whole.

nbgrader has no setting for the classes that it converts with; `use_in_nbgrader`, called in
``nbgrader_config.py``, puts these in their place, on the command line and in formgrader.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from nbgrader.apps import api, autogradeapp, generateassignmentapp, generatefeedbackapp
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import remove, rmtree

from autograder.asking.shown import Shown
from autograder.classroom.apart import Apart
from autograder.classroom.course import Course, CourseError, copy_stamps, handed_in_at
from autograder.classroom.feedback import FreshFeedback, copy_what_can_be_fetched
from autograder.classroom.gradebook import Gradebook
from autograder.classroom.ledger import Busy
from autograder.classroom.record import Record
from autograder.classroom.releasing import SafeGenerate
from autograder.classroom.work import Work
from autograder.classroom.workers import own
from autograder.course.run_and_judge import JUDGED
from autograder.sandbox import RUNGS, SandboxError, best_rung, shared


def use_in_nbgrader() -> None:
    """Let nbgrader's commands, and formgrader's buttons for them, use the classes of this house."""
    api.Autograde = autogradeapp.Autograde = SubmissionAutograde
    api.GenerateAssignment = generateassignmentapp.GenerateAssignment = SafeGenerate
    api.GenerateFeedback = generatefeedbackapp.GenerateFeedback = FreshFeedback
    CourseDirectory.get_existing_timestamp = _existing_timestamp
    api.NbGraderAPI.get_submitted_timestamp = _submitted_timestamp
    ExchangeReleaseFeedback.copy_files = copy_what_can_be_fetched


def _existing_timestamp(self: Any, folder: str) -> Any:
    """nbgrader's, which ends in an error where the file says no time."""
    return handed_in_at(Path(folder))


def _submitted_timestamp(self: Any, assignment_id: str, student_id: str) -> Any:
    """The same for formgrader's pages."""
    step = self.coursedir.submitted_directory
    folder = self.coursedir.format_path(step, student_id, assignment_id)
    return handed_in_at(Path(folder))


class _TextOnly(BaseConverter):  # type: ignore[misc]
    """Copies nothing that a learner put beside the notebook.

    nbgrader copies such files from one step to the next, following links, and in the end to the
    learner: a link to somebody's file would come back as that file.
    """

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        source = self._format_source(assignment_id, student_id)
        folder = Path(self._format_dest(assignment_id, student_id))
        folder.mkdir(parents=True, exist_ok=True)
        copy_stamps(Path(source), folder, self.log)


class SubmissionAutograde(Autograde, _TextOnly):  # type: ignore[misc]
    """nbgrader's `autograde`, one submission at a time, through its own preprocessors.

    It visits every submission with every notebook of the release, has it judged in a process of
    its own, keeps the same records in the ledger as `autograder grade`, and skips what the
    gradebook holds as it would be written now.
    """

    book: Gradebook
    work: Work
    record: Record

    def start(self) -> None:
        """Grade; or stop before the first submission, and say why."""
        self.log.addFilter(Shown())
        assignment = self.coursedir.assignment_id
        try:
            self.course = Course(self.coursedir, self)
            self.ledger = self.course.ledger(assignment)
            with shared():
                release = self.course.prepare(assignment)
            if best_rung(release.trust_submissions) == RUNGS[-1]:
                self.log.warning("Nothing isolates the submissions: they can do whatever you can.")
            with (
                self.ledger.alone(),
                Gradebook.opened(self.course, release) as self.book,
                Apart(own()) as self.apart,
            ):
                super().start()
                self.book.book.commit()
            if misplaced := self.course.misplaced(assignment, self.coursedir.student_id):
                self._refuse(
                    "\n".join(f"No verdict on {one}: {why}" for one, why in misplaced.items())
                )
        except (CourseError, SandboxError, Busy) as error:
            self._refuse(str(error))

    def _refuse(self, reason: str) -> NoReturn:
        self.log.error(reason)
        raise NbGraderException(reason)

    def init_notebooks(self) -> None:
        """List every submission with every notebook of the release.

        nbgrader lists the notebooks that it finds, so a learner whose notebook is missing or has
        another name would get no verdict at all.
        """
        course = self.coursedir
        names = [f"{name}.ipynb" for name in self.book.release.notebooks]
        wanted = [name for name in names if Path(name).match(f"{course.notebook_id}.ipynb")]
        self.assignments = {
            str(folder): [os.path.join(folder, name) for name in wanted]
            for folder in self.course.handed_in(course.assignment_id, course.student_id).values()
        }
        self.notebooks: list[str] = []
        if not self.assignments or not wanted:
            super().init_notebooks()  # knows what to say

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Whether this submission is to be graded."""
        self.book.book.forget()  # what a submission that failed has left
        self.work = self.course.submission(self.book.release, student_id)
        folder = Path(self._format_dest(assignment_id, student_id))
        excluded = student_id in self.coursedir.student_id_exclude.split(",")
        if folder.exists() and not excluded and not self.force and not self.book.holds(self.work):
            self.log.warning("Grading again what is unfinished or changed: %s", folder)
            if self.coursedir.notebook_id == "*":
                rmtree(str(folder))
            else:
                for path in map(Path, self.notebooks):
                    if (folder / path.name).exists():
                        remove(str(folder / path.name))
        return bool(super().init_destination(assignment_id, student_id))

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Have the submission judged; nbgrader's preprocessors get what came of it."""
        super().init_assignment(assignment_id, student_id)
        names = [Path(notebook).stem for notebook in self.notebooks]
        work = replace(self.work, found={name: self.work.found[name] for name in names})
        work, self.record = self.apart.judge(work)
        self.work = replace(work, found={**self.work.found, **work.found})

    def init_single_notebook_resources(self, notebook_filename: str) -> Any:
        """nbgrader's, with the notebook as it was judged."""
        resources = super().init_single_notebook_resources(notebook_filename)
        name = resources["nbgrader"]["notebook"]
        resources[JUDGED] = self.record.notebooks[name].notebook
        return resources

    def write_single_notebook(self, output: str, resources: Any) -> None:
        """Write a notebook after the gradebook has its points."""
        self.book.book.commit()
        super().write_single_notebook(output, resources)

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """nbgrader's, at the end of a submission: now it has a record, like any other."""
        super().set_permissions(assignment_id, student_id)
        record = self.record
        if len(record.notebooks) < len(self.work.found):  # some of its notebooks; the others stay
            key = self.book.key(student_id)
            before = self.ledger.read(student_id, key) if key else None
            notebooks = (dict(before.notebooks) if before else {}) | dict(record.notebooks)
            found = {name: self.work.found[name] for name in record.notebooks}
            work = replace(self.work, found=found)
            record = work.record(record.rung, record.seconds, notebooks)
        self.ledger.write(record)
        self.book.point(record)
