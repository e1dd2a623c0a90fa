"""Judges exercises on gradients: `check` in a notebook, `evaluate` for scripts, `catalog`."""

# Two of these names are modules too. A module is written over the name it has in its package when
# it is first imported, and never again: it is first imported here.
from autograder.catalog import catalog
from autograder.check import check, evaluate

__all__ = ["catalog", "check", "evaluate"]
