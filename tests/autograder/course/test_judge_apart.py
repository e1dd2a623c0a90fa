"""Whatever the judge makes of an answer, there is a verdict, and the others have theirs."""

import json
import os
import time
from typing import Any

import nbformat
import psutil
import pytest
from nbgrader_course import EXERCISES, POINTS, RIGHT

from autograder import catalog
from autograder.asking.ask import Answer
from autograder.course import judge_apart
from autograder.course.graft import graft_submission
from autograder.course.judging import Judging, run_and_judge
from autograder.course.submission import HandedIn

NAME = "ps6.quad_grad"
real = judge_apart.judge


@pytest.fixture(autouse=True)
def anew():
    """A judging process that knows what was put in the judge's place, and none afterwards."""
    judge_apart._apart._end()
    yield
    judge_apart._apart._end()


def judged(value: Any = 1.0) -> Any:
    questions = catalog[NAME].questions(1)
    return judge_apart.judge_apart(NAME, "", 1, questions, [Answer(value)] * len(questions))


def sleeps(*about: Any) -> Any:
    time.sleep(60)


def fails(*about: Any) -> Any:
    raise OverflowError("int too large \x1b[2J")


def fills_memory(*about: Any) -> Any:
    return [bytes(1 << 20) for _ in range(4_000)]


def ends(*about: Any) -> Any:
    os._exit(1)


FAULTS = {
    sleeps: "it took more than 0.5 seconds",
    fails: r"OverflowError: int too large \x1b[2J",
    fills_memory: "it needs more than 1024 MiB",
    ends: "its process ended, twice",
}


@pytest.mark.parametrize(("fault", "words"), FAULTS.items())
def test_a_judge_that_fails_gives_nothing_and_says_why(monkeypatch, fault, words):
    if fault is sleeps:
        monkeypatch.setattr(judge_apart, "SECONDS", 0.5)
    monkeypatch.setattr(judge_apart, "judge", fault)
    verdict = judged()
    assert (verdict.points, verdict.max_points) == (0.0, 3.0)
    assert words in verdict.note and verdict.note.startswith(judge_apart.NOT_JUDGED)


def test_it_judges_as_the_judge_does():
    for value in (1.0, "x", None, (1.0, 2.0)):
        questions = catalog[NAME].questions(1)
        answers = [Answer(value)] * len(questions)
        assert judged(value) == real(catalog[NAME], questions, answers)


def test_one_process_serves_all_and_ends_with_its_parent():
    before = set(psutil.Process().children())
    judged()
    (process,) = set(psutil.Process().children()) - before
    judged()
    assert set(psutil.Process().children()) - before == {process}
    assert all(one.fd > 2 or one.path == "/dev/null" for one in process.open_files())
    assert len(os.listdir(f"/proc/{process.pid}/fd")) <= 4  # and none of ours
    process.kill()  # as a machine without memory would
    assert judged() == real(
        catalog[NAME], catalog[NAME].questions(1), [Answer(1.0)] * len(catalog[NAME].questions(1))
    )


@pytest.mark.slow
def test_a_fault_of_the_judge_costs_that_exercise_only(machine, monkeypatch):
    def sometimes(task: Any, *about: Any) -> Any:
        return ends() if task.id == NAME else real(task, *about)

    monkeypatch.setattr(judge_apart, "judge", sometimes)
    release = nbformat.read(EXERCISES / "release/ps6/ps6.ipynb", as_version=4)
    solved = json.loads(json.dumps(release))
    for cell in solved["cells"]:
        cell["source"] = RIGHT["ps6"].get(cell["id"], cell["source"])
    notebook = graft_submission(release, "ps6", HandedIn(json.dumps(solved).encode()), "")
    points = {one.exercise: one.verdict.points for one in run_and_judge(notebook, Judging())}
    full = {f"ps6.{name}": most for name, most in POINTS["ps6"].items()}
    assert points == full | {NAME: 0.0}
