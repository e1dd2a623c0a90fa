"""The one writer: brings gradebook and ``autograded/`` to where nbgrader's own command brings them.

Everything is done by nbgrader's converter with the course's own settings, except that what it
would run and judge is already there.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.apps.autogradeapp import AutogradeApp
from sqlalchemy.exc import OperationalError
from tornado.log import app_log
from traitlets.utils.importstring import import_item

from autograder.classroom.work import Work
from autograder.course import RunAndJudge, SubmissionAutograde
from autograder.course.submission import digest, try_read

Record = dict[str, Any]


class CannotWrite(RuntimeError):
    """The course folder or the gradebook takes nothing more; the text says why."""


def open_course(
    root: Path, db_url: str | None = None, trust_submissions: bool = False
) -> AutogradeApp:
    """nbgrader's application with the settings of the course in the folder `root`.

    `db_url` and `trust_submissions`, where given, go before the course's own settings.
    """
    app = AutogradeApp(log_level="ERROR")
    app.load_cwd_config = False
    app.initialize([f"--course-dir={root.resolve()}"])
    app.log_level = "ERROR"
    app_log.setLevel("CRITICAL")  # nbgrader's gradebook; what the database says is said by us
    if db_url:
        app.coursedir.db_url = db_url
    if trust_submissions:
        app.config.RunAndJudge.trust_submissions = True
    return app


class Writer(SubmissionAutograde):
    """Knows what there is to judge, and writes what was judged.

    `run` gives the gradebook and the release to a function that does both.
    """

    def __init__(self, app: AutogradeApp, assignment: str) -> None:
        app.coursedir.assignment_id = assignment
        super().__init__(coursedir=app.coursedir, parent=app)
        self._settings = RunAndJudge(parent=self)
        self._limits = self._settings.read_limits()
        self.failed: dict[str, str] = {}  # student -> why nothing could be written

    def prepare(self) -> None:
        """Nothing stands against it: the workers isolate the submissions, not this process."""

    def run(self, grade: Callable[[], None]) -> None:
        """Call `grade` when all is ready for `works` and `write`."""
        self._grade = grade
        self.start()

    def convert_notebooks(self) -> None:
        """What nbgrader calls when the course is open."""
        self.exporter._preprocessors = []
        for name in self.autograde_preprocessors:
            preprocessor = import_item(name) if isinstance(name, str) else name
            if preprocessor is not RunAndJudge:  # its work is done
                self.exporter.register_preprocessor(preprocessor, enabled=True)
        self._grade()

    @cached_property
    def students(self) -> dict[str, str]:
        """{student: folder of the submission}, in the order of their names."""
        excluded = self.coursedir.student_id_exclude.split(",")
        found = {
            self.init_single_notebook_resources(paths[0])["nbgrader"]["student"]: folder
            for folder, paths in self.assignments.items()
        }
        return {student: found[student] for student in sorted(found) if student not in excluded}

    def works(self) -> Iterator[Work]:
        """What there is to judge; each is read when its turn comes."""
        releases = {path.stem: path.read_bytes() for path in self.releases()}
        judged_by = {name: self.judged_by(name) for name in releases}
        for student, folder in self.students.items():
            found = {name: try_read(Path(folder, f"{name}.ipynb")) for name in releases}
            about = {
                "submission": {name: digest(data) for name, data in found.items()},
                "judged_by": judged_by,
                "limits": asdict(self._limits),
            }
            yield Work(
                student=student,
                assignment=self.coursedir.assignment_id,
                key=hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:20],
                releases=releases,
                found=found,
                judged_by=judged_by,
                limits=self._limits,
                trust_submissions=self._settings.trust_submissions,
            )

    def wants(self, student: str, fresh: bool = False) -> bool:
        """Whether this submission has to be written; what stands in its place is removed then."""
        self.notebooks = self.assignments[self.students[student]]
        self.force = fresh
        return self.init_destination(self.coursedir.assignment_id, student)

    def write(self, records: Sequence[Record]) -> None:
        """Write what was judged, in one transaction; raise `CannotWrite` where that cannot be."""
        try:
            self._write(records)
        except Exception as error:
            if hindrance := _hindrance(error):
                raise CannotWrite(hindrance) from error
            self.book.forget()
            if len(records) == 1:  # one that fails is not to take the others along
                self.failed[records[0]["student"]] = f"{type(error).__name__}: {error}"
                return
            for record in records:
                self.wants(record["student"], fresh=True)
                self.write([record])

    def _write(self, records: Sequence[Record]) -> None:
        self.book.forget()
        done = []
        for record in records:
            self._choose(record["student"])
            self.run_pre_convert_hook()
            self.init_assignment(record["assignment"], record["student"])
            done.append((record, [self._converted(path, record) for path in self.notebooks]))
        self.book.commit()
        for record, outputs in done:
            self._choose(record["student"])
            for output, resources in outputs:
                self.write_single_notebook(output, resources)
            self.set_permissions(record["assignment"], record["student"])
            self.run_post_convert_hook()

    def _choose(self, student: str) -> None:
        self.notebooks = sorted(self.assignments[self.students[student]])

    def _converted(self, path: str, record: Record) -> tuple[str, Any]:
        """One notebook as it is to be written; the gradebook gets its points on the way."""
        resources = self.init_single_notebook_resources(path)
        name = resources["nbgrader"]["notebook"]
        notebook = nbformat.from_dict(record["notebooks"][name]["notebook"])
        converted: tuple[str, Any] = self.exporter.from_own_node(notebook, resources)
        return converted


def _hindrance(error: BaseException | None) -> str:
    """What the disk or the database said, where that is at the bottom of it; "" otherwise.

    nbgrader raises errors of its own in the place of SQLAlchemy's.
    """
    while error is not None:
        if isinstance(error, (OSError, OperationalError)):
            return str(getattr(error, "orig", error))
        error = error.__cause__ or error.__context__
    return ""
