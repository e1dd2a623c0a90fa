"""What grading costs: the first cell, a submission, beside stock nbgrader, and what abuse costs.

Everything runs on ps6, with the same notebooks for both graders, in rounds that alternate; what
is printed is a median. Stock nbgrader gets the same exercises with the usual kind of test cells.
`python -m bench.grading [--students N]`
"""

from __future__ import annotations

import os

for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"

import argparse
import contextlib
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbgrader.utils import is_solution

from autograder import catalog
from autograder.judge.judge import judge
from autograder.sandbox import Limits, Sandbox, best_rung

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from nbgrader_course import RIGHT, Course, release

EXERCISES = [f"ps6.{name}" for name in RIGHT["ps6"]]
STOCK_CONFIG = """
import os, sys
c = get_config()
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
c.CourseDirectory.course_id = "stock"
c.GenerateAssignment.force = True
c.ExecutePreprocessor.timeout = 60
"""
STOCK_CHECK = """
import matplotlib.pyplot
_rng = np.random.default_rng(0)
_n = {"matmul_backward": 3, "dD_dW": 2, "linear_backward": 4, "quad_grad": 2}["%(name)s"]
_inputs = [_rng.normal(size=(4, 4)) for _ in range(_n)]
if "%(name)s" in ("dD_dW", "quad_grad"):
    _inputs[1] = _inputs[1][0]
if "%(name)s" == "linear_backward":
    _inputs[2] = _inputs[2][0]
_back = %(name)s(*_inputs)
_back = _back if isinstance(_back, tuple) else (_back,)
assert all(np.all(np.isfinite(part)) for part in _back)
"""


def median_ms(seconds: list[float]) -> str:
    return f"{1e3 * statistics.median(seconds):.1f} ms"


def timed(job: Callable[[], Any]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def first_cells(times: int) -> list[float]:
    """Seconds from asking for a sandbox to the outputs of its first cell."""

    def job() -> None:
        with Sandbox() as box:
            seconds.append(time.perf_counter() - start)
            assert box.run("import numpy as np\nnp.ones(2).sum()")
            seconds[-1] = time.perf_counter() - start

    seconds: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        job()
    return seconds


def submissions(times: int) -> tuple[list[float], list[float]]:
    """Seconds of the clock, and of a core, for all of ps6: cells, questions, verdicts.

    A core's time is that of this process, the warm one's and the child's, as the system counts it.
    """
    cells = ["import numpy as np\nimport matplotlib.pyplot as plt", *RIGHT["ps6"].values()]
    clock, core = [], []
    for seed in range(times):
        before, start = cpu_seconds(), time.perf_counter()
        with Sandbox() as box:
            for cell in cells:
                box.run(cell)
            for id in EXERCISES:
                questions = catalog[id].questions(seed)
                assert judge(catalog[id], questions, box.ask(questions)).passed
            core.append(cpu_seconds() - before)
        clock.append(time.perf_counter() - start)
    return clock, core


def cpu_seconds() -> float:
    """What cores have worked for this process and those below it that are alive."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def courses(place: Path) -> dict[str, Course]:
    """The same released problem set, once for us and once for stock nbgrader."""
    for name in ("ours", "stock"):
        (place / name).mkdir()
    ours, stock = release("ps6", place / "ours"), Course(place / "stock", "ps6")
    shutil.copytree(place / "ours" / "source", place / "stock" / "source")
    (place / "stock" / "nbgrader_config.py").write_text(STOCK_CONFIG)
    path = place / "stock" / "source" / "ps6" / "ps6.ipynb"
    notebook = nbformat.read(path, 4)
    for name, (_, check) in Course.exercises(notebook).items():
        check.source = STOCK_CHECK % {"name": name}
    nbformat.write(notebook, path)
    stock.nbgrader("generate_assignment", "ps6")
    return {"ours": ours, "stock": stock}


def autograde(course: Course, answers: dict[str, str], students: int) -> float:
    """Seconds that `nbgrader autograde` takes for so many submissions with these answers."""
    for folder in ("submitted", "autograded"):
        shutil.rmtree(course.root / folder, ignore_errors=True)
    notebook = course.release
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    for number in range(students):
        course.submit(f"student-{number:03}", notebook)
    return timed(lambda: course.nbgrader("autograde", "ps6"))


def through_nbgrader(students: int, rounds: int) -> dict[str, float]:
    """Seconds of one more submission through `nbgrader autograde`, ours and stock."""
    found: dict[str, list[float]] = {"ours": [], "stock": []}
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        graders = courses(Path(place))
        solved = graders["ours"].solved(RIGHT["ps6"])
        answers = {c.metadata.nbgrader.grade_id: c.source for c in solved.cells if is_solution(c)}
        for _ in range(rounds):
            for name, course in graders.items():
                one = autograde(course, answers, 1)
                found[name].append((autograde(course, answers, students + 1) - one) / students)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def printing(megabytes: int) -> tuple[float, str]:
    """MiB that this process and the child grow by while that much is printed; what is said."""
    with Sandbox() as box:
        box.run("print('warm')")
        base, most, done = memory(), 0, threading.Event()

        def watch() -> None:
            nonlocal most
            while not done.wait(0.005):
                most = max(most, memory())

        thread = threading.Thread(target=watch)
        thread.start()
        outputs = box.run(f"for _ in range({megabytes}): print('x' * 1_000_000)")
        done.set()
        thread.join()
    return (most - base) / 2**20, outputs[-1]["text"].strip()


def memory() -> int:
    """Bytes that belong to this process and those below it alone."""
    total = 0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().uss
    return total


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--students", type=int, default=12)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    print(f"rung: {best_rung()}\n\n| grading | measured | promised |\n|---|---|---|", flush=True)

    def row(name: str, measured: str, promised: str) -> None:
        print(f"| {name} | {measured} | {promised} |", flush=True)

    row("request to first executed cell", median_ms(first_cells(40)), "≤ 40 ms")
    clock, core = submissions(40)
    # a core's time is counted in steps of 10 ms: the mean says more than the median
    row("ps6 submission, of one core", median_ms([statistics.fmean(core)]), "≤ 60 ms")
    row("ps6 submission, by the clock", median_ms(clock), "")
    loop = timed(lambda: box_run("while True: pass"))
    row("an endless loop in a cell", f"{loop:.2f} s", f"{Limits().cell_seconds:g} s")
    grown, said = printing(200)
    row("printing 200 MB", f"{grown:.0f} MiB, {said}", "< 64 MiB, [output cut]")
    nbgrader = through_nbgrader(chosen.students, chosen.rounds)
    row("ps6 submission through nbgrader autograde", median_ms([nbgrader["ours"]]), "≤ 130 ms")
    row("the same through stock nbgrader", median_ms([nbgrader["stock"]]), "")
    row("stock ÷ ours", f"{nbgrader['stock'] / nbgrader['ours']:.1f}", "≥ 9")


def box_run(source: str) -> None:
    with Sandbox() as box:
        box.run(source)


if __name__ == "__main__":
    main()
