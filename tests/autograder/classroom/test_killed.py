"""Whatever is killed, and whenever: the same command brings the same gradebook.

`KILLS=50` kills as often as that, at other moments each time.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import time
from collections import defaultdict
from concurrent.futures import BrokenExecutor

import psutil
import pytest
from graded_class import end

from autograder.classroom.course import Course
from autograder.classroom.grade import GradingError, grade
from autograder.classroom.work import ENDS
from autograder.classroom.workers import local
from tools.a_class import POINTS

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("KILLS", 2))


def wait_for(condition, process, seconds=120.0):
    """Wait until something is so; what is being waited for must be alive."""
    stop = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < stop
        time.sleep(0.01)


def workers(process):
    """The processes that judge, and the one that they and their sandboxes are forked from.

    One look at all there are: on a busy machine several take longer than a sandbox lasts.
    """
    below = defaultdict(list)
    for one in psutil.process_iter(["ppid", "name"]):
        below[one.info["ppid"]].append(one)

    def sandboxed(pid):
        for child in below[pid]:
            judged = [c for c in below[child.pid] if c.info["name"] == "bwrap"]
            if judged and child.info["name"] != "bwrap":
                yield child
                yield from (c for c in below[child.pid] if c not in judged)
            yield from sandboxed(child.pid)

    return list(sandboxed(process.pid))


def gone(pids):
    return not any(psutil.pid_exists(pid) for pid in pids)


def whole(classroom):
    """Every file in the ledger can be read, and there is one for each submission."""
    for student, paths in classroom.records().items():
        assert len(paths) == 1, (student, paths)
        assert json.loads(paths[0].read_text())["student"] == student
    assert set(classroom.records()) == set(classroom.expected)


@pytest.mark.parametrize("number", range(KILLS))
def test_the_grader_is_killed(classroom, once, number):
    moment = random.Random(f"{os.environ.get('SEED', number)} {number}")
    wanted = moment.randrange(len(once.expected))  # records in the ledger when it is killed
    process = classroom.command("autograder.cli", "grade", "ps6", "--workers", "2")
    wait_for(lambda: len(classroom.records()) >= wanted, process)
    time.sleep(moment.uniform(0, 0.1))
    started = [p.pid for p in psutil.Process(process.pid).children(recursive=True)]
    process.kill()
    process.wait()
    stop = time.monotonic() + 30
    while not gone(started) and time.monotonic() < stop:
        time.sleep(0.05)
    assert gone(started), "workers and sandboxes end with the grader"
    end(process)
    classroom.grade()
    assert classroom.state() == once.state()
    assert classroom.notebooks() == once.notebooks()
    whole(classroom)


@pytest.mark.parametrize("number", range(KILLS))
def test_a_worker_is_killed(classroom, once, number):
    moment = random.Random(f"{os.environ.get('SEED', number)} worker {number}")
    wanted = moment.randrange(1, len(once.expected) // 2)
    process = classroom.command("autograder.cli", "grade", "ps6", "--workers", "2")
    wait_for(lambda: len(classroom.records()) >= wanted, process)
    victims = []  # at this moment there may be no sandbox
    wait_for(lambda: victims or victims.extend(workers(process)), process)
    moment.choice(victims).kill()
    said = process.communicate(timeout=300)[0]
    assert process.returncode == 0, said
    assert "A worker died" in said
    assert classroom.state() == once.state()
    whole(classroom)


class _Gone:
    """Workers, real ones, that are found dead when this student's turn comes for the first time."""

    def __init__(self, pool, students):
        self.pool, self.students = pool, students

    def submit(self, function, work):
        if work.student in self.students:
            self.students.remove(work.student)
            raise BrokenExecutor
        return self.pool.submit(function, work)


def test_who_is_handed_to_workers_that_are_dead_already_is_not_lost(classroom, once):
    """Whether they are known to be dead by then is a matter of moments: once in many runs."""
    gone = sorted(once.expected)[3:9:2]

    @contextlib.contextmanager
    def workers():
        with local(1)() as pool:
            yield _Gone(pool, gone)

    outcome = grade(Course.at(classroom.root), "ps6", workers)
    assert not gone and outcome.failed == {} and outcome.judged == len(once.expected)
    assert classroom.state() == once.state()


class _Deadly:
    """Workers, real ones, that end where they are to judge one of these students."""

    def __init__(self, pool, students):
        self.pool, self.students = pool, students

    def submit(self, function, work):
        there = any(isinstance(one.data, bytes) for one in work.found.values())
        ends = work.student in self.students and there
        return self.pool.submit(os._exit, 1) if ends else self.pool.submit(function, work)


def test_who_ends_every_worker_is_named_and_the_next_is_graded(classroom, once, monkeypatch):
    students = sorted(once.expected)
    deadly = list(students)

    @contextlib.contextmanager
    def workers():
        with local(1)() as pool:
            yield _Deadly(pool, deadly)

    with monkeypatch.context() as fewer:  # where all do, it is this machine's fault
        fewer.setattr("autograder.classroom.grade.BREAKS", 3)
        with pytest.raises(GradingError, match=f"ends the process that judges, for {students[0]}"):
            grade(Course.at(classroom.root), "ps6", workers)
    deadly[:] = [students[0], students[5]]
    outcome = grade(Course.at(classroom.root), "ps6", workers)
    assert outcome.failed == {} and outcome.judged + outcome.unchanged == len(students)
    nothing = dict.fromkeys(POINTS, 0.0)
    expected = {s: nothing if s in deadly else once.expected[s] for s in students}
    assert classroom.marks() == expected
    said = classroom.run("autograder.cli", "report", "ps6")
    assert f"Could not be read: {ENDS.split(':')[0]}" in said and ", ".join(deadly) in said
    assert f"{len(deadly)} judged, {len(students) - len(deadly)} unchanged" in classroom.grade()
    assert classroom.state() == once.state()  # the next run tries again


DEADLY = """
import os
from autograder.classroom import work
judge = work._judge_notebook
work._judge_notebook = lambda name, one, rung: (
    os._exit(1) if isinstance(one.found[name].data, bytes) and one.student in {students}
    else judge(name, one, rung)
)
"""


def test_who_ends_the_judge_of_nbgraders_own_command_is_named_and_the_next_is_graded(
    classroom, once
):
    students = sorted(once.expected)[:5]
    for folder in (classroom.root / "submitted").iterdir():
        if folder.name not in students:
            shutil.rmtree(folder)
    settings = classroom.root / "nbgrader_config.py"
    usual = settings.read_text()
    deadly = [students[0], students[3]]
    settings.write_text(usual + DEADLY.format(students=deadly))
    classroom.run("nbgrader", "autograde", "ps6")
    nothing = dict.fromkeys(POINTS, 0.0)
    expected = {s: nothing if s in deadly else once.expected[s] for s in students}
    assert classroom.marks() == expected
    said = classroom.run("autograder.cli", "report", "ps6")
    assert f"Could not be read: {ENDS.split(':')[0]}" in said and ", ".join(deadly) in said
    settings.write_text(usual)
    classroom.run("nbgrader", "autograde", "ps6")  # tries these again
    assert classroom.marks() == {student: once.expected[student] for student in students}


def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(classroom, once):
    process = classroom.command("autograder.cli", "grade", "ps6", "--workers", "1")
    wait_for(lambda: len(classroom.records()) >= 2, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: everybody gets it
    said = process.communicate(timeout=300)[0]
    assert process.returncode == 1, said
    assert "Press Ctrl-C again to leave at once" in said
    assert "Stopped before the end" in said and "Traceback" not in said
    done = classroom.marks()
    assert 2 <= len(done) < len(once.expected)
    assert done == {student: once.expected[student] for student in done}
    classroom.grade()
    assert classroom.state() == once.state()


def test_ctrl_c_twice_leaves_at_once(classroom, once):
    process = classroom.command("autograder.cli", "grade", "ps6", "--workers", "1")
    wait_for(lambda: len(classroom.records()) >= 2, process)
    os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert process.returncode in (1, 2), said
    assert "Traceback" not in said
    classroom.grade()
    assert classroom.state() == once.state()
