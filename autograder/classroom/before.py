"""What workers here are forked from imports: all that they need, while a sandbox gets warm."""

from autograder.classroom import quick  # noqa: F401 (before all that is slow)
from autograder.sandbox import shared

with shared():
    import autograder.classroom.work  # noqa: F401
