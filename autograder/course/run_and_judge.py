"""Where nbgrader would execute a submission: what running it in the sandbox and judging it made."""

import math
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from nbformat import from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, List, Unicode

from autograder.sandbox import Limits

JUDGED = "autograder"  # the key of the judged notebook, among the resources of a conversion


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
        """The limits; raise ``ValueError`` for those that there are none of, or that are none."""
        names = [field.name for field in fields(Limits)]
        if unknown := set(self.limits) - set(names):
            raise ValueError(
                f"RunAndJudge.limits has no {', '.join(sorted(unknown))}; "
                f"what can be limited: {', '.join(names)}."
            )
        for field in fields(Limits):
            value = self.limits.get(field.name, field.default)
            number = type(value) in ({int} if field.type is int else {int, float})
            if not (number and 0 < value < math.inf):
                kind = "a whole number" if field.type is int else "a number"
                raise ValueError(
                    f"RunAndJudge.limits: {field.name} is {value!r}, not {kind} above 0."
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
        """What was judged, in a process of its own, in the place of `notebook`."""
        return from_dict(resources[JUDGED]), resources
