"""Whoever kills the grader at whatever moment, and runs it again, has the same gradebook."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest
import warm
from nbgrader_course import Course, release

from autograder.sandbox import SandboxError, best_rung

pytestmark = pytest.mark.slow
MOMENTS = int(os.environ.get("MOMENTS", 2))  # how often something is killed; 20 say more


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A small class, and its marks from a run that nobody disturbs."""
    try:
        best_rung()
    except SandboxError as error:
        pytest.skip(str(error))
    course = release("ps6", tmp_path_factory.mktemp("class"))
    right = course.right
    half = right | {"quad_grad": "def quad_grad(A, x):\n    return 2 * A @ x, np.outer(x, x)"}
    for number in range(6):
        course.submit(f"right-{number}", course.solved(right))
        course.submit(f"half-{number}", course.solved(half))
    course.submit("cut", b'{"cells": [')
    fresh = course.root.with_name("fresh")
    shutil.copytree(course.root, fresh)
    course.nbgrader("autograde", "ps6")
    return Course(fresh, "ps6"), marks(course)


def marks(course: Course) -> dict[str, dict[str, float]]:
    students = sorted(path.name for path in (course.root / "submitted").iterdir())
    return {student: course.points(student) for student in students}


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_killed_and_run_again_gives_the_same_gradebook(undisturbed, tmp_path, moment):
    fresh, expected = undisturbed
    chance = random.Random()
    done, pause, who = chance.randrange(len(expected)), chance.uniform(0, 0.2), chance.random()
    print(f"killed {pause:.2f} s after {done} had begun, choice {who:.2f}")
    course = Course(tmp_path / "course", "ps6")
    shutil.copytree(fresh.root, course.root)
    kill_one(course, done, pause, who)
    said = course.nbgrader("autograde", "ps6")
    assert marks(course) == expected, said
    folders = {path.name for path in (course.root / "autograded").iterdir()}
    assert folders == set(expected)


def kill_one(course: Course, done: int, pause: float, who: float) -> None:
    """Start grading; when so many have begun, kill the grader or one of the processes below it."""
    with open(course.root.parent / "said", "w") as said:
        grader = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", "ps6"],
            cwd=course.root,
            env=os.environ | warm.nobodys(course.root),
            stdout=said,
            stderr=said,
        )
        while grader.poll() is None and begun(course) < done:
            time.sleep(0.01)
        time.sleep(pause)
        try:
            below = psutil.Process(grader.pid).children(recursive=True)
            processes = [psutil.Process(grader.pid)] * max(1, len(below)) + below
            processes[int(who * len(processes))].send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            pass  # it had ended already
        grader.wait(timeout=300)
    assert psutil.wait_procs(below, timeout=10)[1] == []


def begun(course: Course) -> int:
    return len(list(course.root.glob("autograded/*")))


def test_what_a_killed_run_left_half_written_is_graded_again(undisturbed, tmp_path):
    fresh, expected = undisturbed
    course = Course(tmp_path / "course", "ps6")
    shutil.copytree(fresh.root, course.root)
    course.nbgrader("autograde", "ps6")
    left = {student: course.root / f"autograded/{student}/ps6/ps6.ipynb" for student in expected}
    for path in left.values():
        path.chmod(0o644)
    left["right-0"].write_bytes(left["right-0"].read_bytes()[:5000])
    left["right-1"].unlink()
    left["right-2"].write_bytes(b"")
    course.submit("right-3", course.solved({}))  # handed in again, without a new time
    said = course.nbgrader("autograde", "ps6")
    unfinished = [line for line in said.splitlines() if "unfinished or changed" in line]
    assert len(unfinished) == 4 and all(f"right-{n}/" in "".join(unfinished) for n in range(4))
    assert said.count("Skipping existing assignment") == len(expected) - 4
    nothing = dict.fromkeys(course.full, 0.0)
    assert marks(course) == expected | {"right-3": nothing}


def test_a_gradebook_that_was_lost_is_filled_again(undisturbed, tmp_path):
    fresh, expected = undisturbed
    course = Course(tmp_path / "course", "ps6")
    shutil.copytree(fresh.root, course.root)
    course.nbgrader("autograde", "ps6")
    (course.root / "gradebook.db").unlink()
    course.nbgrader("autograde", "ps6")
    assert marks(course) == expected
