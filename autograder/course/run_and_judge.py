"""Where nbgrader would execute a submission: run it in the sandbox, and judge it."""

from dataclasses import fields
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict

from autograder import catalog
from autograder.course.judging import run_and_judge
from autograder.sandbox import RUNGS, Limits, best_rung


class RunAndJudge(NbGraderPreprocessor):  # type: ignore[misc]
    """Named in ``c.Autograde.autograde_preprocessors``, in the place of nbgrader's ``Execute``.

    Nothing that a learner's code prints, returns or raises ever stands in a graded cell: it holds
    the judge's report, and the points as the cell's value.
    """

    limits = Dict(
        help="What a submission may use up, as {'cell_seconds': 20}; see autograder.sandbox.Limits"
    ).tag(config=True)
    trust_submissions = Bool(
        False,
        help="Run submissions with all your own rights where this machine cannot isolate them",
    ).tag(config=True)

    def prepare(self) -> tuple[Limits, str]:
        """The limits, and the rung that submissions will run on.

        Raises `SandboxError` where nothing isolates and submissions are not trusted, and
        ``ValueError`` for limits that there are none of.
        """
        limits = self.read_limits()
        rung = best_rung(self.trust_submissions)
        if rung == RUNGS[-1]:
            self.log.warning("Nothing isolates the submissions: they can do whatever you can.")
        return limits, rung

    def read_limits(self) -> Limits:
        """The limits; raise ``ValueError`` for those that there are none of."""
        names = [field.name for field in fields(Limits)]
        if unknown := set(self.limits) - set(names):
            raise ValueError(
                f"RunAndJudge.limits has no {', '.join(sorted(unknown))}; "
                f"what can be limited: {', '.join(names)}."
            )
        return Limits(**self.limits)

    def preprocess(self, notebook: Any, resources: Any) -> Any:
        """Give every code cell of `notebook` its outputs."""
        for judged in run_and_judge(notebook, *self.prepare()):
            if judged["exercise"] not in catalog.ids():
                self.log.error("A graded cell checks no exercise: %s", judged["exercise"])
        return notebook, resources
