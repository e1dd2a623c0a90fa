"""What a worker does: it gets a submission as bytes, and returns what was judged as plain data.

A worker needs this package and bubblewrap, and neither the course nor its gradebook.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

import nbformat

from autograder.catalog.own import use
from autograder.classroom.record import JudgedNotebook, Record
from autograder.course.graft import graft_submission
from autograder.course.judging import Judging, run_and_judge
from autograder.course.submission import HandedIn, Unreadable, digest
from autograder.sandbox import Limits, best_rung

TRIES = 2  # of a submission that could not be judged
ENDS = (
    "Judging it ended the process that judges, twice, with nothing else in it: there may be too "
    "little memory for it. The next run tries again."
)


@dataclass(frozen=True)
class Release:
    """What an assignment's submissions are put into, and all that judges them.

    Attributes:
        notebooks: {name: the released notebook's bytes}.
        judged_by: {name: what judges it, `autograder.course.fingerprint`}.
        tests: {name: {cell: its text}} of graded cells whose hidden tests are not in the release.
        limits, packages: what a submission may use up, and import.
        catalog: the course's own exercises and misconceptions, as text.
        seed: what this run's questions are drawn from.
    """

    assignment: str
    notebooks: Mapping[str, bytes] = field(repr=False)
    judged_by: Mapping[str, str] = field(repr=False)
    tests: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    limits: Limits = field(default_factory=Limits)
    packages: tuple[str, ...] = ()
    catalog: Mapping[str, str] = field(default_factory=dict, repr=False)
    trust_submissions: bool = False
    seed: int = field(default_factory=lambda: secrets.randbits(32), repr=False)

    @property
    def blanks(self) -> dict[str, Any]:
        """{name: the released notebook, which nobody is to change}."""
        return {name: read_notebook(data) for name, data in self.notebooks.items()}

    def judging(self, notebook: str, rung: str, student: str) -> Judging:
        """How one of its notebooks, of one student, is run and judged."""
        tests = self.tests.get(notebook, {})
        return Judging(self.limits, rung, self.packages, tests, self.seed, student)


@dataclass(frozen=True)
class Work:
    """One submission to judge: whose it is, and {notebook: its bytes, or why there are none}."""

    student: str
    release: Release
    found: Mapping[str, HandedIn] = field(repr=False)

    @property
    def key(self) -> str:
        """Names the submission and all that judges it; the same key, the same verdict."""
        release = self.release
        about = {
            "submission": {name: digest(data) for name, data in self.found.items()},
            "judged_by": {name: release.judged_by[name] for name in self.found},
            "tests": {name: dict(release.tests.get(name, {})) for name in self.found},
            "limits": asdict(release.limits),
            "packages": release.packages,
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:20]

    @property
    def ending(self) -> "Work":
        """The same as one that ends whoever judges it: nothing in it can be read."""
        return replace(self, found={name: HandedIn(Unreadable(ENDS)) for name in self.found})

    def record(self, rung: str, seconds: float, notebooks: Mapping[str, JudgedNotebook]) -> Record:
        """The record of what came of it."""
        assignment = self.release.assignment
        return Record(self.student, assignment, self.key, rung, round(seconds, 4), notebooks)


def judge_work(work: Work) -> Record:
    """Judge one submission; raise `SandboxError` where this machine isolates nothing."""
    start = time.perf_counter()
    use(work.release.catalog)
    rung = best_rung(work.release.trust_submissions)
    notebooks = {name: _judge_notebook(name, work, rung) for name in work.found}
    return work.record(rung, time.perf_counter() - start, notebooks)


def _judge_notebook(name: str, work: Work, rung: str) -> JudgedNotebook:
    release, found = work.release, work.found[name]
    blank = release.blanks[name]
    notebook = graft_submission(blank, f"{name}.ipynb", found, release.judged_by[name])
    judged = run_and_judge(notebook, release.judging(name, rung, work.student))
    return JudgedNotebook.made(digest(found), judged, notebook)


@lru_cache(maxsize=4)
def read_notebook(data: bytes) -> Any:
    """An instructor's notebook, which nobody is to change."""
    return nbformat.reads(data, as_version=4)
