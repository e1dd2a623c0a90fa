"""A course of one's own from the wheel alone, its people separate users of one machine."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from wheel_house import House, can_be_others

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not can_be_others(), reason="only root can run an instructor and students as users apart"
    ),
]

CATALOG = '''"""Week 9: a matrix with a penalty, slopes by hand, a gate with a bias."""

import numpy as np

import backpropkit as bp
from autograder.judge.behaviour import Behaviour, Ask
from autograder.judge.exercise import Exercise, away, normal
from autograder.judge.misconceptions import Misconception

norm_for_matrix = Misconception(
    id="norm-for-matrix",
    name="The norm taken for the matrix in the gradient of a penalty",
    message="Nudge one large and one small entry of W: does the penalty grow by the same amount?",
)

penalised = Exercise(
    id="week9.penalised",
    points=3,
    signature="penalised(u: (m,), W: (m, n), v: (n,)) -> (dW: (m, n), dv: (n,))",
    task="L = uᵀWv + ½‖W‖². Return its gradients by W and by v.",
    inputs=lambda r, trial: {
        "u": away(r, 0.5, 2, 2 + trial % 3),
        "W": normal(r, 2 + trial % 3, 3),
        "v": away(r, 0.5, 2, 3),
    },
    forward=lambda u, W, v: u @ W @ v + 0.5 * bp.sum(W * W),
    wrt=("W", "v"),
    credit=(2, 1),
    ideas=("norm-for-matrix", "one-path"),
    wrong={
        "norm-for-matrix": lambda u, W, v: [
            {"dW": np.outer(u, v) + np.linalg.norm(W), "dv": W.T @ u}
        ]
    },
)

slopes = Exercise(
    id="week9.slopes",
    points=2,
    signature="slopes = {'dp': …, 'dq': …}",
    task="L = p(p + q) at p = 3, q = −1. Both gradients, by hand.",
    fixed={"p": 3.0, "q": -1.0},
    forward=lambda p, q: p * (p + q),
    wrt=("p", "q"),
    form="dict",
    tolerance=5e-7,
    inseparable={"one-path": "it makes one value wrong, and one number may be a slip"},
)


def rounds(r):
    for scene in range(4):
        b, x, dz = (away(r, 0.5, 2) for _ in range(3))
        yield Ask("BiasGate(b)", {"b": b}, "gate", scene=scene)
        yield Ask("gate.forward(x)", {"x": x}, None, {"forward": x + b}, {}, scene)
        yield Ask(
            "gate.backward(dz)", {"dz": dz}, None, {"backward": [dz, dz]},
            {"no-upstream": [1.0, 1.0]}, scene,
        )


BiasGate = Behaviour(
    id="week9.BiasGate",
    points=2,
    signature="class BiasGate: __init__(b); forward(x) -> z; backward(dz) -> [dx, db]",
    task="A gate that adds a bias of its own.",
    checks={"forward": 1, "backward": 1},
    beside=("forward",),
    script=rounds,
    ideas=("no-upstream",),
)

EXERCISES = (penalised, slopes, BiasGate)
MISCONCEPTIONS = (norm_for_matrix,)
'''
FULL = {"penalised": 3, "slopes": 2, "BiasGate": 2}
RIGHT = {
    "penalised": "def penalised(u, W, v):\n    return np.outer(u, v) + W, W.T @ u",
    "slopes": 'slopes = {"dp": 5, "dq": 3}',
    "BiasGate": """class BiasGate:
    def __init__(self, b):
        self.b = b

    def forward(self, x):
        return x + self.b

    def backward(self, dz):
        return [dz, dz]""",
}
BEN = RIGHT | {
    "penalised": "def penalised(u, W, v):\n"
    "    return np.outer(u, v) + np.sqrt((W * W).sum()), W.T @ u"
}
CLEO = RIGHT | {
    "slopes": 'slopes = {"dp": 2, "dq": 3}',
    "BiasGate": RIGHT["BiasGate"].replace("[dz, dz]", "[1.0, 1.0]"),
}
STUDENTS = {"ada": RIGHT, "ben": BEN, "cleo": CLEO}
POINTS = {  # a slip that an idea explains earns half of its part
    "ada": {"penalised": 3, "slopes": 2, "BiasGate": 2},
    "ben": {"penalised": 2, "slopes": 2, "BiasGate": 2},
    "cleo": {"penalised": 3, "slopes": 1.5, "BiasGate": 1.5},
}
SENTENCE = "does the penalty grow by the same amount?"
NAME = "The norm taken for the matrix in the gradient of a penalty"


def source() -> str:
    """The set as the instructor writes it, with nbgrader's toolbar."""
    cells = [new_code_cell("import numpy as np\n\nfrom autograder import check", id="imports")]
    for name, points in FULL.items():
        cells.append(new_markdown_cell(f"## {name}\n\nSee the signature.", id=f"t-{name}"))
        body = f"### BEGIN SOLUTION\n{RIGHT[name]}\n### END SOLUTION"
        about = {"solution": True, "grade": False, "locked": False, "task": False}
        about |= {"grade_id": name, "schema_version": 3}
        cells.append(new_code_cell(body, id=f"a-{name}", metadata={"nbgrader": about}))
        about = about | {"solution": False, "grade": True, "locked": True, "points": points}
        about |= {"grade_id": f"check_{name}"}
        text = f'check("week9.{name}", {name})'
        cells.append(new_code_cell(text, id=f"c-{name}", metadata={"nbgrader": about}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.writes(new_notebook(cells=cells, metadata={"kernelspec": kernel}))


@pytest.fixture
def house(wheel: Path) -> Iterator[House]:
    root = Path(tempfile.mkdtemp(prefix="own-course-"))
    settings, exchange = root / "settings", root / "exchange"
    house = House(
        root,
        ("teacher", *STUDENTS, "cluster"),
        {"JUPYTER_CONFIG_PATH": str(settings), "JUPYTER_NO_CONFIG": ""},
    )
    try:
        house.build(wheel)
        exchange.mkdir()
        exchange.chmod(0o777)  # as nbgrader wants it: everybody leaves things there
        settings.mkdir()
        (settings / "nbgrader_config.py").write_text(
            f'c = get_config()\nc.Exchange.root = "{exchange}"\n'
        )
        yield house
    finally:
        house.leave()


@contextlib.contextmanager
def dask(house: House) -> Iterator[str]:
    """A scheduler and a worker of a user who sees neither course nor gradebook; its address."""
    file = house.home("cluster") / "scheduler.json"
    python, started = str(house.root / "kit" / "bin" / "python"), []
    program = [python, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"]
    try:
        local = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        started.append(house.start("cluster", *program, *local))
        program[2] = "distributed.cli.dask_worker"
        started.append(
            house.start("cluster", *program, "--scheduler-file", str(file), "--nthreads", "1")
        )
        stop = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError, ValueError):
                address = json.loads(file.read_text())["address"]
                break
            assert time.monotonic() < stop
            time.sleep(0.05)
        yield address
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def solve(house: House, student: str, folder: Path) -> str:
    """Answer in the notebook that was fetched, press Run All, hand in; all that was shown."""
    path = folder / "week9.ipynb"
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("solution"):
            cell.source = STUDENTS[student][about["grade_id"]]
    house.give(student, path, nbformat.writes(notebook))
    house.run(student, folder, "jupyter nbconvert --to notebook --execute --inplace week9.ipynb")
    return json.dumps(json.loads(path.read_text())["cells"], ensure_ascii=False)


def scores(house: House, course: Path) -> dict[str, dict[str, float]]:
    text = house.run("teacher", course, "autograder export week9 --csv")
    found: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        student: dict[str, Any] = dict(row)
        found[student["student"]] = {
            name: float(student[column])
            for name in FULL
            for column in student
            if column.endswith(name)
        }
    return found


def test_a_course_of_ones_own_as_the_people_of_one_machine(house: House) -> None:
    teacher = house.home("teacher")
    said = house.run("teacher", "/", "python -c 'import backpropkit; print(backpropkit.__file__)'")
    assert said.startswith(str(house.root / "kit")), "what runs is not the wheel"

    # the instructor makes a course and writes a set
    house.run("teacher", teacher, "autograder init nets --empty")
    course = teacher / "nets"
    house.give("teacher", course / "catalog" / "week9.py", CATALOG)
    house.give("teacher", course / "source" / "week9" / "week9.ipynb", source())
    house.run("teacher", course, "nbgrader generate_assignment week9")
    tried = house.run("teacher", course, "autograder try week9")
    assert "Nothing to mend" in tried and "'norm-for-matrix' is told apart" in tried
    house.run("teacher", course, "nbgrader release_assignment week9")

    assert "week9" in house.run("ada", house.home("ada"), "nbgrader list --course nets")

    # three students fetch it, check their answers in the notebook, and hand in
    homes = {student: house.home(student) for student in STUDENTS}
    for student, home in homes.items():
        house.run(student, home, f"ls {course}", status=2)  # nobody reads the solutions
        if student == "cleo":  # as on a hub: handed out with the lessons, by the start script
            exchange = house.root / "exchange" / "nets"
            house.run(student, home, f"backpropkit lab --copy-only learn --course {exchange}")
            homes[student] = home = home / "learn" / "exercises"
            assert sorted(path.name for path in home.iterdir()) == ["nbgrader_config.py", "week9"]
            for place in (home.parent, home):  # the same copy for nbgrader, wherever it is called
                said = house.run(student, place, "nbgrader fetch_assignment week9", status=1)
                assert "already have a copy" in said
                assert not (home.parent / "week9").exists()
            options = ""
        else:
            options = " --course nets"
            house.run(student, home, f"nbgrader fetch_assignment week9{options}")
        shown = solve(house, student, home / "week9")
        assert (SENTENCE in shown) == (student == "ben")
        house.run(student, home, f"nbgrader submit week9{options}")
    # what they have is theirs: handed out again, nothing changes, and nothing is put beside it
    for student in ("cleo", "ada"):
        home = house.home(student)
        folder = "learn" if student == "cleo" else "."
        again = f"backpropkit lab --copy-only --no-lessons {folder} --course {exchange}"
        before = (homes[student] / "week9" / "week9.ipynb").read_bytes()
        if student == "ada":  # she had fetched it into a folder of that name
            house.run(student, home, "mkdir exercises && mv week9 exercises/")
            homes[student] = home / "exercises"
        house.run(student, home, again)
        assert (homes[student] / "week9" / "week9.ipynb").read_bytes() == before
        assert sorted(path.name for path in (homes[student] / "week9").glob("*.ipynb")) == [
            "week9.ipynb"
        ]

    # collected, and graded by each command and on a cluster, every time to the same gradebook
    house.run("teacher", course, "nbgrader collect week9")
    house.run("teacher", course, "nbgrader autograde week9")
    assert scores(house, course) == POINTS
    said = house.run("teacher", course, "autograder grade week9")
    assert "0 judged, 3 unchanged" in said
    said = house.run("teacher", course, "autograder grade week9 --force --workers 1")
    assert "3 judged" in said and scores(house, course) == POINTS
    with dask(house) as address:
        line = f"autograder grade week9 --force --scheduler {address}"
        assert "3 judged" in house.run("teacher", course, line)
    assert scores(house, course) == POINTS

    # reported, explained, and handed back; the course's own idea is named everywhere
    said = house.run("teacher", course, "autograder report week9 --html report.html")
    assert NAME in said and NAME in (course / "report.html").read_text()
    assert SENTENCE in house.run("teacher", course, "autograder explain ben week9 penalised")
    house.run("teacher", course, "nbgrader generate_feedback week9")
    house.run("teacher", course, "nbgrader release_feedback week9")
    for student, home in homes.items():
        house.run(student, home, "nbgrader fetch_feedback week9 --course nets")
        (page,) = (home / "week9" / "feedback").rglob("week9.html")
        assert (SENTENCE in page.read_text()) == (student == "ben")
    # what came by the exchange goes back by it, and no platform has names for it
    said = house.run("teacher", course, "autograder export week9 --feedback p.zip", status=2)
    assert "only what autograder collect brought in" in said
