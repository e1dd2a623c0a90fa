"""One submission: its text read, grafted into the release, run in the sandbox, and judged.

``nbgrader_config.py`` names `SubmissionExporter` and `RunAndJudge`; nbgrader does the rest.
"""

from importlib import import_module
from typing import Any

from autograder.course.exporter import SubmissionExporter as SubmissionExporter
from autograder.course.run_and_judge import RunAndJudge as RunAndJudge

__all__ = ["RunAndJudge", "SubmissionExporter"]


def __getattr__(name: str) -> Any:
    """`use_in_nbgrader` lives a floor up, and courses of before name it here."""
    if name == "use_in_nbgrader":
        return import_module("autograder.classroom.autograde").use_in_nbgrader
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
