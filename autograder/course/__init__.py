"""One submission: its text read, grafted into the release, run in the sandbox, and judged.

``nbgrader_config.py`` names `SubmissionExporter` and `RunAndJudge`; nbgrader does the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.course.exporter import SubmissionExporter as SubmissionExporter
    from autograder.course.run_and_judge import RunAndJudge as RunAndJudge

__all__ = ["RunAndJudge", "SubmissionExporter"]

_HOMES = {  # imported when asked for: a process that judges needs neither them nor nbgrader
    "SubmissionExporter": "autograder.course.exporter",
    "RunAndJudge": "autograder.course.run_and_judge",
    "use_in_nbgrader": "autograder.classroom.autograde",  # courses of before name it here
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
