"""The nbgrader side: graft the submission, run it in the sandbox, write the verdict.

``nbgrader_config.py`` names `SubmissionExporter` and `RunAndJudge` and calls `use_in_nbgrader`;
nbgrader does the rest.
"""

from autograder.course.autograde import SubmissionAutograde as SubmissionAutograde
from autograder.course.autograde import use_in_nbgrader as use_in_nbgrader
from autograder.course.exporter import SubmissionExporter as SubmissionExporter
from autograder.course.run_and_judge import RunAndJudge as RunAndJudge

__all__ = ["RunAndJudge", "SubmissionAutograde", "SubmissionExporter", "use_in_nbgrader"]
