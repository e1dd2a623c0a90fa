"""`autograder judge`: one notebook judged, with or without a course; printed, or for Gradescope."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat

from autograder import catalog
from autograder.asking.counted import counted, plain_number
from autograder.classroom.beforehand import used
from autograder.classroom.course import Course, CourseError
from autograder.classroom.record import Record
from autograder.classroom.work import Release, Work, judge_work
from autograder.course.fingerprint import fingerprint
from autograder.course.submission import Unreadable, try_read
from autograder.judge.exercise import Personal
from backpropkit.lab import material

_CHECK = re.compile(rb'check\(\s*\\?["\']([A-Za-z_][\w-]*)\.')


def judge_notebook(
    path: Path,
    course: Path | None = None,
    assignment: str = "",
    trust_submissions: bool = False,
    student: str = "",
) -> Record:
    """What comes of one notebook, which belongs to a set of the course's, or else of the kit's.

    Args:
        path: the notebook.
        course: the folder of a course; the kit's own released sets without one.
        assignment: the set; what the notebook checks most, if left out.
        student: whose it is, where an exercise is another one for everybody.

    Raises:
        CourseError: there is no such set, or it cannot be told which it is, or whose it is.
        SandboxError: nothing here isolates it.
    """
    found = try_read(path)
    if isinstance(found.data, Unreadable) and not assignment:
        raise CourseError(str(found.data))
    name = assignment or _set(found.data if isinstance(found.data, bytes) else b"", path)
    release = (
        Course.at(course, trust_submissions=trust_submissions).prepare(name)
        if course
        else _kits(name, trust_submissions)
    )
    if len(release.notebooks) != 1:
        raise CourseError(f"{name} has {len(release.notebooks)} notebooks; judge takes sets of one")
    own = [id for id in used(release.notebooks) if isinstance(catalog[id], Personal)]
    if own and not student:
        raise CourseError(f"{own[0]} is another drill for everybody; say whose: --student ID")
    return judge_work(Work(student, release, {next(iter(release.notebooks)): found}))


def _set(data: bytes, path: Path) -> str:
    """The set whose exercises a notebook checks."""
    names = [match.decode() for match in _CHECK.findall(data)]
    if not names:
        raise CourseError(
            f"{path} checks no exercise, so it cannot be told which set it is of; say it: --set ps6"
        )
    return str(max(names, key=names.count))


def _kits(name: str, trust_submissions: bool) -> Release:
    """A set that comes with the kit."""
    found = {
        Path(place).parts[1]: file
        for place, file in material().items()
        if place.startswith("exercises/") and place.endswith(".ipynb")
    }
    if name not in found:
        raise CourseError(f"There is no set {name!r}; the kit has {', '.join(sorted(found))}")
    data = found[name].read_bytes()
    return Release(
        name, {name: data}, {name: fingerprint(data)}, trust_submissions=trust_submissions
    )


def as_text(record: Record) -> str:
    """The reports, one after the other, and the sum."""
    lines = []
    for one in record.judged:
        lines += [f"{one.exercise}", f"{one.verdict.message}", ""]
    earned, most = _sum(record)
    return "\n".join(
        [*lines, f"{plain_number(earned)} of {counted(most, 'point')}, isolation: {record.rung}."]
    )


def _sum(record: Record) -> tuple[float, float]:
    verdicts = [one.verdict for one in record.judged]
    return sum(v.points for v in verdicts), sum(v.max_points for v in verdicts)


def for_gradescope(record: Record) -> str:
    """What Gradescope reads as ``results.json``, as its page "Autograder Specifications" has it."""
    earned, _ = _sum(record)
    tests = [
        {
            "name": one.exercise,
            "score": one.verdict.points,
            "max_score": one.verdict.max_points,
            "output": one.verdict.message,
            "output_format": "text",
            "visibility": "visible",
        }
        for one in record.judged
    ]
    output = f"Judged outside the submission's process; isolation: {record.rung}."
    if written := _written(record):
        unread = counted(written, "written answer")
        output += f" Not in these points: {unread}, which a person reads."
    results: dict[str, Any] = {
        "score": earned,
        "execution_time": record.seconds,
        "output": output,
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return json.dumps(results, indent=1, ensure_ascii=False) + "\n"


def _written(record: Record) -> int:
    cells = [
        cell
        for about in record.notebooks.values()
        for cell in nbformat.from_dict(about.notebook).cells
    ]
    return sum(
        cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade", False)
        for cell in cells
    )
