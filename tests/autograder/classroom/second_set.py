"""A second set for the class of the generator: ps7, in which some keep an idea they had in ps6."""

import csv
import json
import shutil
from pathlib import Path

from tools.a_class import EXERCISES

RIGHT = {
    "logdet_grad": "def logdet_grad(X):\n    return np.linalg.inv(X).T",
    "trinv_grad": "def trinv_grad(X, C):\n    Y = np.linalg.inv(X)\n    return -(Y @ C @ Y).T, Y.T",
    "ae_grad": "def ae_grad(W, x):\n"
    "    r = W.T @ (W @ x) - x\n"
    "    first = np.outer(W @ x, 2 * r)\n"
    "    second = np.outer(2 * W @ r, x)\n"
    "    return first, second, first + second, W.T @ (W @ (2 * r)) - 2 * r",
}
# what somebody answers who has the same idea again
AGAIN = {
    "one-path": RIGHT["ae_grad"].replace("first + second", "second"),
    "scale": RIGHT["ae_grad"].replace("- x\n", "- x\n    r = r / 2\n"),
}
SIGN = RIGHT["trinv_grad"].replace("-(Y", "(Y")
# worked out together: no idea that has a name, the same slip, other names and a remark
TOGETHER = (
    "def logdet_grad(X):\n    K = np.linalg.inv(X)\n    return K.T * X + 0.5 * K",
    "def logdet_grad(X):\n    # by the rule of the lecture\n"
    "    inverse = np.linalg.inv(X)\n\n    return (inverse.T * X) + 0.5 * inverse",
)


def hand_in(root: Path) -> dict[str, dict[str, str]]:
    """Put ps7 into a course with the generator's class; {student: answers}."""
    shutil.copytree(EXERCISES / "release" / "ps7", root / "release" / "ps7")
    release = json.loads((root / "release/ps7/ps7.ipynb").read_text())
    with open(root / "expected.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] != "hostile"]
    said: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows):
        answers = dict(RIGHT)
        for idea, answer in AGAIN.items():
            if idea in row["ideas"] or (idea == "one-path" and number % 5 == 0):
                answers["ae_grad"] = answer
        if row["kind"] == "right" and number % 3 == 0:
            answers["trinv_grad"] = SIGN
        said[row["student"]] = answers
    for student, answer in zip(together(said), TOGETHER, strict=True):
        said[student]["logdet_grad"] = answer
    for student, answers in said.items():
        cells = json.loads(json.dumps(release))
        for cell in cells["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = answers.get(name, cell["source"])
        folder = root / "submitted" / student / "ps7"
        folder.mkdir(parents=True)
        (folder / "ps7.ipynb").write_text(json.dumps(cells))
    return said


def together(students: dict[str, dict[str, str]]) -> tuple[str, str]:
    """The two who did not work alone."""
    first, second = sorted(students)[1:3]
    return first, second
