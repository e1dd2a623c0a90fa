"""The course as nbgrader sees it: stock commands, with our way of reading and judging submissions.

A submission is text. It is put into the release notebook, run in a sandbox, and judged outside.
"""

import os
import sys

from autograder.classroom.autograde import use_in_nbgrader

c = get_config()  # noqa: F821 (nbgrader provides it)

# nbgrader starts `alembic` by name; it stands beside this Python, activated or not.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

c.CourseDirectory.course_id = "backpropkit"

# The release is kept with the source; generating it again replaces it.
c.GenerateAssignment.force = True

use_in_nbgrader()
c.Autograde.exporter_class = "autograder.course.SubmissionExporter"
c.Autograde.sanitize_preprocessors = []  # of the submission's metadata nothing is left to check
c.Autograde.autograde_preprocessors = [
    "autograder.course.RunAndJudge",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]

# What one submission may use up; autograder.sandbox.Limits lists them all.
# c.RunAndJudge.limits = {"cell_seconds": 20.0, "notebook_seconds": 300.0}

# What submissions may import beside NumPy, matplotlib and ipywidgets.
# c.RunAndJudge.packages = ["scipy"]

# Where nothing can isolate submissions, grading refuses. `autograder doctor` says what is missing.
# This runs them all the same, with all your own rights.
# c.RunAndJudge.trust_submissions = True
