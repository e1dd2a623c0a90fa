"""Which role of nbgrader's a cell has. nbgrader says it too, and imports a server to do so: for a
second, in every process that judges.
"""

from typing import Any


def is_grade(cell: Any) -> bool:
    """Whether a cell is graded.

    >>> from nbformat.v4 import new_code_cell
    >>> is_grade(new_code_cell("", metadata={"nbgrader": {"grade": True}}))
    True
    """
    return bool(cell.metadata.get("nbgrader", {}).get("grade", False))


def is_solution(cell: Any) -> bool:
    """Whether a cell is the learner's to answer in.

    >>> from nbformat.v4 import new_markdown_cell
    >>> is_solution(new_markdown_cell(""))
    False
    """
    return bool(cell.metadata.get("nbgrader", {}).get("solution", False))
