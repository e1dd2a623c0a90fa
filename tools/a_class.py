"""Makes a course with a class in it: N plausible submissions of ps6, and the marks each should get.

    python -m tools.a_class FOLDER N [SEED]     make it
    python -m tools.a_class --compare FOLDER    compare the gradebook with what is expected

What is right, what is wrong and what each earns is written here by hand; neither the judge nor the
catalog is asked. ``expected.csv`` in the folder says it for every student.
"""

import csv
import json
import os
import random
import shutil
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

# nbgrader starts `alembic` by name; it stands beside this Python, activated or not.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

EXERCISES = Path(__file__).parents[1] / "exercises"
SET = "ps6"
DUE = datetime(2027, 3, 1, 12)
POINTS = {"matmul_backward": 3.0, "dD_dW": 3.0, "linear_backward": 4.0, "quad_grad": 3.0}

RIGHT = {
    "matmul_backward": (
        "def matmul_backward(W, X, G):\n    return G @ X.T, W.T @ G",
        "def matmul_backward(W, X, G):\n"
        "    dW = np.einsum('ac,bc->ab', G, X)\n"
        "    dX = np.einsum('ab,ac->bc', W, G)\n"
        "    return dW, dX",
        "def matmul_backward(W, X, G):\n"
        "    # D_ac = sum_b W_ab X_bc: a nudge of W_ab moves row a\n"
        "    dW = np.zeros_like(W)\n"
        "    dX = np.zeros_like(X)\n"
        "    for a in range(W.shape[0]):\n"
        "        for b in range(W.shape[1]):\n"
        "            for c in range(X.shape[1]):\n"
        "                dW[a, b] += G[a, c] * X[b, c]\n"
        "                dX[b, c] += W[a, b] * G[a, c]\n"
        "    return dW, dX",
    ),
    "dD_dW": (
        "def dD_dW(W, h):\n"
        "    m, n = W.shape\n"
        "    T = np.zeros((m, m, n))\n"
        "    for i in range(m):\n"
        "        T[i, i] = h\n"
        "    return T",
        "def dD_dW(W, h):\n    return np.eye(len(W))[:, :, None] * h",
    ),
    "linear_backward": (
        "def linear_backward(X, W, b, T):\n"
        "    R = 2 * (X @ W + b - T) / len(X)\n"
        "    return R @ W.T, X.T @ R, R.sum(axis=0)",
        "def linear_backward(X, W, b, T):\n"
        "    N = X.shape[0]\n"
        "    y = np.dot(X, W) + b\n"
        "    dy = 2.0 / N * (y - T)\n"
        "    db = np.ones(N) @ dy\n"
        "    return np.dot(dy, W.T), np.dot(X.T, dy), db",
    ),
    "quad_grad": (
        "def quad_grad(A, x):\n    return (A + A.T) @ x, np.outer(x, x)",
        "def quad_grad(A, x):\n    left, right = A @ x, A.T @ x\n"
        "    return left + right, x[:, None] * x[None, :]",
    ),
}
# exercise -> (the idea behind it, points that are left, code)
IDEAS = {
    "matmul_backward": [
        ("mul-not-switched", 1.5, "def matmul_backward(W, X, G):\n    return G @ W.T, X.T @ G"),
        ("hadamard", 1.5, "def matmul_backward(W, X, G):\n    return G * X, W * G"),
        ("no-upstream", 1.5, "def matmul_backward(W, X, G):\n    return X.T, W.T"),
        ("transpose", 1.5, "def matmul_backward(W, X, G):\n    return X @ G.T, G.T @ W"),
        ("operand-transpose", 0.75, "def matmul_backward(W, X, G):\n    return X.T @ G, W.T @ G"),
    ],
    "dD_dW": [
        (
            "index-order",
            1.5,
            "def dD_dW(W, h):\n"
            "    m, n = W.shape\n"
            "    T = np.zeros((m, n, m))\n"
            "    for i in range(m):\n"
            "        T[i, :, i] = h\n"
            "    return T",
        ),
        (
            "hadamard",
            1.5,
            "def dD_dW(W, h):\n"
            "    m, n = W.shape\n"
            "    T = np.zeros((m, m, n))\n"
            "    for i in range(min(m, n)):\n"
            "        T[i, i, i] = h[i]\n"
            "    return T",
        ),
    ],
    "linear_backward": [
        (
            "broadcast-sum",
            3.25,
            "def linear_backward(X, W, b, T):\n"
            "    R = 2 * (X @ W + b - T) / len(X)\n"
            "    return R @ W.T, X.T @ R, R",
        ),
        (
            "mean-vs-sum",
            2.0,
            "def linear_backward(X, W, b, T):\n"
            "    R = 2 * (X @ W + b - T)\n"
            "    return R @ W.T, X.T @ R, R.sum(axis=0)",
        ),
        (
            "scale",
            2.0,
            "def linear_backward(X, W, b, T):\n"
            "    R = (X @ W + b - T) / len(X)\n"
            "    return R @ W.T, X.T @ R, R.sum(axis=0)",
        ),
    ],
    "quad_grad": [
        ("quad-2Ax", 2.0, "def quad_grad(A, x):\n    return 2 * A @ x, np.outer(x, x)"),
        ("quad-2Ax", 2.0, "def quad_grad(A, x):\n    return 2 * A.dot(x), np.outer(x, x)"),
        ("one-path", 2.0, "def quad_grad(A, x):\n    return A @ x, np.outer(x, x)"),
        ("hadamard", 2.0, "def quad_grad(A, x):\n    return 2 * np.diag(A) * x, np.outer(x, x)"),
    ],
}
# what fails, as people write it; {f} is the name of the answer
CRASHES = (
    "def {f}(*args):\n    return dW, dX",
    "def {f}(*args):\n    return args[0] @ np.ones(17)",
    "def {f}(A):\n    return A",
    "def {f}(*args)\n    return args",
    "def {f}(*args):\n    return {f}(*args)",
    "def {f}(*args):\n    print('TODO')",
)
HOSTILE = (
    "import os\ndef {f}(*args):\n    os._exit(0)",
    "class Forged(np.ndarray):\n    __array_priority__ = 1e9\n"
    "    def __sub__(self, other): return np.zeros(np.shape(other))\n"
    "def {f}(*args):\n    return [np.zeros(1).view(Forged)] * 2",
    "import autograder\nautograder.check = check = lambda *args: 99.0\n"
    "get_ipython().ast_node_interactivity = 'all'\n99.0\ndef {f}(*args):\n    return 99.0",
    "import ctypes\ndef {f}(*args):\n    ctypes.string_at(0)",
    "from pathlib import Path\ndef {f}(*args):\n"
    "    Path('gradebook.db').write_text('')\n    return float(Path('expected.csv').read_text())",
    "import signal\ndef {f}(*args):\n    signal.alarm(0)\n    return 'full marks ' * 1000",
    "def {f}(*args):\n    while True: pass",
)
WORDS = (
    "At 0 and at 2, where both are the same. A was symmetric.",
    "only at x=0 and x=2; for symmetric A. One should take random inputs",
)
KINDS = {"right": 45, "idea": 32, "unfinished": 9, "crash": 6, "unreadable": 3, "hostile": 5}


@dataclass
class Submission:
    """What somebody hands in, and what it should earn.

    Attributes:
        kind: one of `KINDS`.
        answers: {exercise: code}; one that is missing was left untouched.
        points: {exercise: what it should earn}.
        ideas: (exercise, misconception) that should be found.
        late: whether it comes after the due date.
    """

    kind: str
    answers: dict[str, str] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)
    ideas: list[tuple[str, str]] = field(default_factory=list)
    late: bool = False

    def change(self, exercise: str, code: str, points: float = 0.0) -> None:
        self.answers[exercise] = code.replace("{f}", exercise)
        self.points[exercise] = points


def submissions(count: int, seed: int = 0, kinds: dict[str, int] = KINDS) -> Iterator[Submission]:
    """`count` submissions, at least one of each kind; the same for the same seed."""
    rng = random.Random(seed)
    drawn = [*kinds, *rng.choices(list(kinds), list(kinds.values()), k=count)][:count]
    rng.shuffle(drawn)
    for number, kind in enumerate(drawn):
        answers = {name: rng.choice(codes) for name, codes in RIGHT.items()}
        one = Submission(kind, answers, dict(POINTS), late=rng.random() < 0.08)
        some = rng.sample(list(POINTS), rng.choice([1, 1, 1, 2, 3]))
        for exercise in some:
            if kind == "idea":
                idea, points, code = rng.choice(IDEAS[exercise])
                one.change(exercise, code, points)
                one.ideas.append((exercise, idea))
            elif kind == "unfinished":
                del one.answers[exercise]
                one.points[exercise] = 0.0
        if kind == "crash":
            one.change(some[0], rng.choice(CRASHES))
        if kind == "hostile":
            one.change(some[0], HOSTILE[number % len(HOSTILE)])
        if kind == "unreadable":
            one.points = dict.fromkeys(POINTS, 0.0)
        yield one


def solved(release: Any, one: Submission, rng: random.Random) -> bytes:
    """The notebook that is handed in."""
    notebook = deepcopy(release)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in one.answers:
            cell["source"] = one.answers[name]
        elif name and cell["cell_type"] == "markdown" and rng.random() < 0.8:
            cell["source"] = rng.choice(WORDS)
    data = json.dumps(notebook, indent=1).encode()
    return data[: len(data) // 2] if one.kind == "unreadable" else data


def make_course(folder: Path, count: int, seed: int = 0, kinds: dict[str, int] = KINDS) -> None:
    """Make the course in `folder`: source, release, settings, due date, submissions, and what is
    to come of it in ``expected.csv``. (Formgrader lists what has a source.)

    A hundredth of the class, at least one, is enrolled and hands in nothing.
    """
    folder.mkdir(parents=True)
    for kind in ("source", "release"):
        shutil.copytree(EXERCISES / kind / SET, folder / kind / SET)
    settings = (EXERCISES / "nbgrader_config.py").read_text() + (
        '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
        'c.RunAndJudge.limits = {"cell_seconds": 2.0, "answer_seconds": 1.0}\n'
    )
    (folder / "nbgrader_config.py").write_text(settings)
    release = json.loads((folder / "release" / SET / f"{SET}.ipynb").read_text())
    rng = random.Random(seed + 1)
    with (
        Gradebook(f"sqlite:///{folder.resolve()}/gradebook.db", "backpropkit") as book,
        open(folder / "expected.csv", "w", newline="") as file,
    ):
        book.update_or_create_assignment(SET, duedate=DUE)
        for number in range(max(1, count // 100)):
            book.update_or_create_student(f"absent-{number:05}")
        table = csv.writer(file)
        table.writerow(["student", "kind", "late", *POINTS, "ideas"])
        for number, one in enumerate(submissions(count, seed, kinds)):
            student = f"student-{number:05}"
            place = folder / "submitted" / student / SET
            place.mkdir(parents=True)
            (place / f"{SET}.ipynb").write_bytes(solved(release, one, rng))
            when = DUE + timedelta(hours=rng.uniform(1, 40) * (1 if one.late else -1))
            (place / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC")
            ideas = " ".join(f"{exercise}:{idea}" for exercise, idea in one.ideas)
            table.writerow([student, one.kind, int(one.late), *one.points.values(), ideas])


def compare(folder: Path) -> int:
    """Print every mark of the gradebook that is not the expected one; how many there are."""
    with Gradebook(f"sqlite:///{folder.resolve()}/gradebook.db", "backpropkit") as book:
        given = {
            (submission.student.id, grade.name.removeprefix("check_")): grade.auto_score
            for submission in book.find_assignment(SET).submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
    count = wrong = 0
    with open(folder / "expected.csv", newline="") as file:
        for row in csv.DictReader(file):
            for exercise in POINTS:
                count += 1
                mark = given.get((row["student"], exercise))
                if mark != float(row[exercise]):
                    wrong += 1
                    print(f"{row['student']} {exercise}: {mark}, expected {row[exercise]}")
    print(f"{count - wrong} of {count} marks are the expected ones.")
    return wrong


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        raise SystemExit(int(compare(Path(sys.argv[2])) > 0))
    make_course(Path(sys.argv[1]), *map(int, sys.argv[2:]))
