"""Where nbgrader would execute a submission: run it in the sandbox, and judge it."""

from copy import deepcopy
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, List, Unicode

from autograder.course.judging import Judging, run_and_judge
from autograder.sandbox import Limits

JUDGED = "autograder"  # the key of what was judged, among the resources of a conversion


class RunAndJudge(NbGraderPreprocessor):  # type: ignore[misc]
    """Named in ``c.Autograde.autograde_preprocessors``, in the place of nbgrader's ``Execute``.

    Nothing that a learner's code prints, returns or raises ever stands in a graded cell: it holds
    the judge's report, and the points as the cell's value.
    """

    limits = Dict(
        help="What a submission may use up, as {'cell_seconds': 20}; see autograder.sandbox.Limits"
    ).tag(config=True)
    packages = List(
        Unicode(),
        help="What a submission may import beside NumPy, matplotlib and ipywidgets, as ['scipy']",
    ).tag(config=True)
    trust_submissions = Bool(
        False,
        help="Run submissions with all your own rights where this machine cannot isolate them",
    ).tag(config=True)

    def read_limits(self) -> Limits:
        """The limits; raise ``ValueError`` for those that there are none of."""
        names = [field.name for field in fields(Limits)]
        if unknown := set(self.limits) - set(names):
            raise ValueError(
                f"RunAndJudge.limits has no {', '.join(sorted(unknown))}; "
                f"what can be limited: {', '.join(names)}."
            )
        return Limits(**self.limits)

    def read_packages(self) -> tuple[str, ...]:
        """The packages; raise ``ValueError`` for one that is not installed."""
        for name in self.packages:
            try:
                distribution(name)
            except (PackageNotFoundError, ValueError):
                raise ValueError(
                    f"RunAndJudge.packages names {name!r}, which is not installed here; "
                    f"install it beside backpropkit (pip install {name}), or leave it out."
                ) from None
        return tuple(sorted(set(self.packages)))

    def preprocess(self, notebook: Any, resources: Any) -> Any:
        """Give every code cell of `notebook` its outputs; what was judged is in `resources`."""
        how: Judging = resources[JUDGED]["how"]
        judged = run_and_judge(notebook, how)
        resources[JUDGED] |= {"judged": judged, "notebook": deepcopy(notebook)}
        return notebook, resources
