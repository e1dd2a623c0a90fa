"""What `autograder` is inside the sandbox: names that do nothing, so cells that check still run.

The verdict is made outside. This file stands at ``autograder/__init__.py`` in the sandbox.
"""


def check(exercise: str, answer: object, **options: object) -> None:
    """Do nothing."""


def drill(exercise: str, *name: str) -> None:
    """Do nothing."""


def evaluate(exercise: str, answer: object, **options: object) -> None:
    """Do nothing."""


def practice(*idea: object, **options: object) -> None:
    """Do nothing."""


def progress() -> None:
    """Do nothing."""


catalog: dict[str, object] = {}
