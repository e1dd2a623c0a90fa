"""Judges exercises on gradients: `check` and `practice` in a notebook, `evaluate`, `catalog`."""

# Some of these names are modules too. A module is written over the name it has in its package when
# it is first imported, and never again: it is first imported here.
from autograder.catalog import catalog
from autograder.check import check, evaluate, see
from autograder.drills.cell import drill
from autograder.practice import practice
from autograder.progress import progress

__all__ = ["catalog", "check", "drill", "evaluate", "practice", "progress", "see"]
