"""Grading a class: stock nbgrader, nbgrader with our preprocessors, and `autograder grade`.

    python -m bench.classroom [N] [LARGE]

All three grade the same N submissions, in turn, gradebook and autograded notebooks written. There
is a gradebook before, with the problem set and no students. Stock nbgrader runs the notebooks with
its own preprocessors in a kernel each; submissions that loop for ever are left out, for it would
wait 30 s for each. With LARGE, so many more are graded once: how long each thousand of them takes,
the most memory on the way, and how long the report on them takes.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

from tools.a_class import EXERCISES, SET, make_course

KINDS = {"right": 55, "idea": 33, "unfinished": 12}  # what stock nbgrader can grade, too
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "backpropkit"
c.ExecutePreprocessor.timeout = 60
"""
OURS = ("-m", "autograder.cli", "grade", "ps6", "--workers", "2")
REPORT = ("-m", "autograder.cli", "report", "ps6")
THOUSAND = 1_000


@dataclass
class Run:
    """One command: seconds of the clock, seconds of the processors, and the most memory."""

    seconds: float
    cpu: float
    memory: float


def run(root: Path, *words: str) -> Run:
    """Run a command in a course; memory is what the processes have for themselves (USS)."""
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    most = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, most))
    watcher.start()
    status = process.wait()
    seconds = time.perf_counter() - start
    watcher.join()
    after = os.times()
    assert status == 0, f"{words} ended with {status}"
    cpu = after.children_user + after.children_system
    return Run(seconds, cpu - before.children_user - before.children_system, most[0])


def _watch(process: subprocess.Popen[bytes], most: list[float]) -> None:
    while process.poll() is None:
        total = 0
        try:
            for one in [me := psutil.Process(process.pid), *me.children(recursive=True)]:
                try:
                    total += one.memory_full_info().uss
                except psutil.Error:
                    continue  # it has ended
        except psutil.Error:
            return
        most[0] = max(most[0], total / 1e6)
        time.sleep(0.5)


def course(folder: Path, count: int, settings: str | None = None) -> Path:
    make_course(folder, count, kinds=KINDS)
    if settings is not None:
        (folder / "nbgrader_config.py").write_text(settings)
        shutil.copytree(EXERCISES / "source" / SET, folder / "source" / SET)
        run(folder, "-m", "nbgrader", "generate_assignment", SET, "--force")
    return folder


def line(name: str, count: int, done: Run, stock: float) -> str:
    each = done.seconds / count
    return (
        f"| {name} | {count} | {done.seconds:.1f} | {1000 * each:.0f} | {count / done.seconds:.1f} "
        f"| {stock / each:.1f}× | {1000 * done.cpu / count:.0f} | {done.memory:.0f} |"
    )


def startup(root: Path, *words: str) -> float:
    """What a command costs with nothing left to grade."""
    return run(root, *words).seconds


def thousands(root: Path) -> list[float]:
    """Seconds from the first record of each thousand in the ledger to the first of the next."""
    times = sorted(path.stat().st_mtime for path in (root / "ledger" / SET).glob("*/*.json"))
    marks = [*times[::THOUSAND], times[-1]]
    return [end - begin for begin, end in pairwise(marks)]


def print_large(root: Path, large: int, each: float) -> None:
    many = run(root, *OURS)
    print(f"\n{line('autograder grade, 2 workers', large, many, each)}\n", flush=True)
    seconds = thousands(root)[: large // THOUSAND]  # whole ones
    if seconds:
        print("| thousand | s |\n|---|---|")
        for number, one in enumerate(seconds, start=1):
            print(f"| {number} | {one:.1f} |")
        print(
            f"\nThe last thousand took {seconds[-1] / seconds[0]:.2f} times as long as the first."
        )
    report = run(root, *REPORT)
    print(f"\nA report on {large}: {report.seconds:.1f} s, {report.memory:.0f} MB.")


def main(count: int = 200, large: int = 0) -> None:
    for package in ("backpropkit", "autograder"):  # as pip does it with what it installs
        compileall.compile_dir(Path(__file__).parents[1] / package, quiet=1)
    print(
        "| ps6, 2 cores | submissions | s | ms each | a second | to stock | CPU ms each "
        "| memory MB |\n|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        stock = run(course(folder / "stock", count, STOCK), "-m", "nbgrader", "autograde", "ps6")
        each = stock.seconds / count
        print(line("stock nbgrader autograde", count, stock, each), flush=True)
        plain = run(course(folder / "plain", count), "-m", "nbgrader", "autograde", "ps6")
        print(line("nbgrader autograde, our preprocessors", count, plain, each), flush=True)
        ours = run(course(folder / "ours", count), *OURS)
        print(line("autograder grade, 2 workers", count, ours, each), flush=True)
        idle = startup(folder / "ours", *OURS)
        print(f"\nThe same command again, nothing changed: {idle:.1f} s.")
        if large:
            print_large(course(folder / "large", large), large, each)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
