"""Runs a learner's cells and calls away from everything; knows no exercise.

::

    with Sandbox() as box:
        outputs = box.run("def f(x): return 2 * x")
        answers = box.ask([Question("f(x)", {"x": 2.0})])
"""

from autograder.sandbox.box import Sandbox as Sandbox
from autograder.sandbox.limits import Limits as Limits
from autograder.sandbox.start import RUNGS as RUNGS
from autograder.sandbox.start import best_rung as best_rung
from autograder.sandbox.start import shared as shared
from autograder.sandbox.view import SandboxError as SandboxError
from autograder.sandbox.view import TooBusy as TooBusy

__all__ = ["RUNGS", "Limits", "Sandbox", "SandboxError", "TooBusy", "best_rung", "shared"]
