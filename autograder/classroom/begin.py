"""`autograder init`: the folder of a new course, with an example to change."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from nbformat import NotebookNode, reads, writes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import is_solution

from autograder.classroom.cells import BEGIN, END, IMPORTS, KERNEL, marks
from backpropkit.lab import material

TEMPLATE = Path(__file__).parent / "template"
_PACKAGE = Path(__file__).parents[2]


class NotEmpty(FileExistsError):
    """Something is there already; nothing was written."""


def begin(
    root: Path, empty: bool = False, gradescope: bool = False, github: bool = False
) -> list[str]:
    """Write a course into the folder `root`; what was written, a line each.

    Args:
        empty: leave the kit's seven sets out.
        gradescope: write what Gradescope runs, too.
        github: write what GitHub runs in a repository of its Classroom, too.

    Raises:
        NotEmpty: there is something in the folder.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise NotEmpty(f"{root} is not empty; name a new folder, or an empty one.")
    root.mkdir(parents=True, exist_ok=True)
    settings = _config().read_text(encoding="utf-8")
    named = settings.replace('course_id = "backpropkit"', f'course_id = "{_course_id(root)}"')
    _write(root / "nbgrader_config.py", named)
    shutil.copy(TEMPLATE / "README.md", root)
    shutil.copytree(TEMPLATE / "catalog", root / "catalog", ignore=_NO_CACHE)
    _write(root / "source" / "ps8" / "ps8.ipynb", writes(_example()))
    said = ["nbgrader_config.py", "README.md", "catalog/example.py", "source/ps8/ps8.ipynb"]
    if not empty:
        for name, text in _kits_sets().items():
            _write(root / "source" / name / f"{name}.ipynb", text)
            said.append(f"source/{name}/{name}.ipynb (as released: without solutions)")
    for name, wanted in (("gradescope", gradescope), ("github", github)):
        if wanted:
            shutil.copytree(TEMPLATE / name, root / name, ignore=_NO_CACHE)
            for file in sorted((root / name).iterdir()):
                file.chmod(0o644 if file.suffix == ".yml" else 0o755)
                said.append(f"{name}/{file.name}")
    return said


def _course_id(root: Path) -> str:
    """The folder's name as nbgrader's exchange takes it, so that two courses are two there."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", root.resolve().name).strip("-.") or "course"


_NO_CACHE = shutil.ignore_patterns("__pycache__")


def _config() -> Path:
    """nbgrader's settings: in the wheel, or in a checkout."""
    wheel = _PACKAGE / "backpropkit" / "_lab" / "nbgrader_config.py"
    return wheel if wheel.is_file() else _PACKAGE / "exercises" / "nbgrader_config.py"


def _kits_sets() -> dict[str, str]:
    """The released notebooks as sources: their solutions are not in the wheel, which learners
    install, and the judge needs none."""
    return {
        Path(place).parts[1]: writes(_with_marks(file.read_text(encoding="utf-8")))
        for place, file in material().items()
        if place.startswith("exercises/") and place.endswith(".ipynb")
    }


def _with_marks(released: str) -> NotebookNode:
    """A released notebook in whose answers the place of the solution is marked again: without the
    marks nbgrader releases an empty cell, and what a function is called and gets is lost."""
    notebook: NotebookNode = reads(released, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_solution(cell):
            cell.source = _STUB.sub(rf"\1{BEGIN}\n\g<0>\n\1{END}", cell.source)
    return notebook


_STUB = re.compile(r"^( *)# YOUR CODE HERE\n *raise NotImplementedError\(\)", re.MULTILINE)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


TASK = """# Problem set 8

## 8.1 The log of a score

$w$ and $x$ are vectors of $n$ numbers, and

$$L = \\log \\sum_i w_i x_i.$$

Write `log_score(w, x)`, which returns the gradients of $L$ by $w$ $(n)$ and by $x$ $(n)$, in this
order. Every sum in the checks is positive. (2 points)
"""
SOLUTION = """def log_score(w, x):
    ### BEGIN SOLUTION
    score = np.sum(w * x)
    return x / score, w / score
    ### END SOLUTION"""


def _example() -> NotebookNode:
    """The example's notebook, as nbgrader's toolbar would make it."""
    imports = new_code_cell(IMPORTS, id="imports")
    task = new_markdown_cell(TASK, id="task")
    answer = new_code_cell(SOLUTION, id="answer", metadata=marks("log_score", solution=True))
    checked = new_code_cell(
        'check("ps8.log_score", log_score)',
        id="check",
        metadata=marks("check_log_score", grade=True, locked=True, points=2),
    )
    notebook: NotebookNode = new_notebook(
        cells=[imports, task, answer, checked], metadata={"kernelspec": KERNEL}
    )
    return notebook
