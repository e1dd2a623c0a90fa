"""What a worker does: it gets a submission as bytes, and returns what was judged as plain data.

A worker needs this package and bubblewrap, and neither the course nor its gradebook.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import nbformat

from autograder.course.graft import NOTES, graft_submission
from autograder.course.judging import run_and_judge
from autograder.course.submission import Unreadable, digest
from autograder.sandbox import Limits, best_rung


@dataclass(frozen=True)
class Work:
    """One submission to judge.

    Attributes:
        student, assignment: whose, and what for.
        key: names the submission and all that judges it; the same key, the same verdict.
        releases: {notebook: the released notebook's bytes}.
        found: {notebook: the submitted bytes, or the reason why there are none}.
        judged_by: {notebook: what judges it, `autograder.course.fingerprint`}.
        limits, trust_submissions: as the course has them.
    """

    student: str
    assignment: str
    key: str
    releases: Mapping[str, bytes] = field(repr=False)
    found: Mapping[str, bytes | Unreadable] = field(repr=False)
    judged_by: Mapping[str, str] = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    trust_submissions: bool = False


def judge_work(work: Work) -> dict[str, Any]:
    """Judge one submission; return its record, in the form that the ledger keeps.

    A record has ``student``, ``assignment``, ``key``, ``seconds``, ``rung`` and ``notebooks``:
    {name: {``notebook``: with all its outputs, ``judged``: one for each exercise, ``unreadable``:
    why, or ``None``}}. Raises `SandboxError` where this machine isolates nothing.
    """
    start = time.perf_counter()
    rung = best_rung(work.trust_submissions)
    notebooks = {name: _judge_notebook(name, work, rung) for name in work.releases}
    return {
        "student": work.student,
        "assignment": work.assignment,
        "key": work.key,
        "seconds": round(time.perf_counter() - start, 4),
        "rung": rung,
        "notebooks": notebooks,
    }


def _judge_notebook(name: str, work: Work, rung: str) -> dict[str, Any]:
    release = _release(work.releases[name])
    found, judged_by = work.found[name], work.judged_by[name]
    notebook = graft_submission(release, f"{name}.ipynb", found, judged_by)
    judged = run_and_judge(notebook, work.limits, rung)
    unreadable = notebook.metadata[NOTES].get("unreadable")
    return {
        "submission": digest(found),
        "unreadable": unreadable,
        "judged": judged,
        "notebook": notebook,
    }


@lru_cache(maxsize=4)
def _release(data: bytes) -> Any:
    return nbformat.reads(data, as_version=4)
