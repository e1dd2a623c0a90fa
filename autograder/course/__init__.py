"""The nbgrader side: graft the submission, run it in the sandbox, write the verdict.

`nbgrader_config.py` names `SubmissionExporter` and `RunAndJudge`; nbgrader does the rest.
"""

from autograder.course.exporter import SubmissionExporter as SubmissionExporter
from autograder.course.run_and_judge import RunAndJudge as RunAndJudge

__all__ = ["RunAndJudge", "SubmissionExporter"]
