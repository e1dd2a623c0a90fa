"""Whatever happens to a class, and in whatever order: `nbgrader autograde` and `autograder grade`
end in the same gradebook, the same notebooks and the same report.

`SEQUENCES=20` tries as many; `SEED` begins elsewhere. What was done is printed.
"""

import csv
import io
import json
import os
import random
import shutil
import time
from pathlib import Path

import pytest
from graded_class import Classroom, end
from nbgrader.api import Gradebook, MissingEntry

from autograder.classroom.course import Course
from autograder.classroom.releasing import SafeGenerate
from tools.a_class import IDEAS, RIGHT, make_course

pytestmark = pytest.mark.slow
SEQUENCES = int(os.environ.get("SEQUENCES", 2))
STEPS = 9
STUDENTS = ("ada", "bob", "eve")
RULE = '''"""The course's own rule: a tenth for each day begun, and never more than half."""

from math import ceil

from nbgrader.plugins import LateSubmissionPlugin


class PerDay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return min(score / 2, score * ceil(total_seconds_late / 86400) / 10)
'''
USE_RULE = """
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
c.AssignLatePenalties.plugin_class = "late_rule.PerDay"
"""
LAST = {"nbgrader": ("nbgrader", "autograde", "ps6"), "ours": ("autograder.cli", "grade", "ps6")}


class TwoRoads:
    """The same course twice; everything is done to both, and graded on one road each."""

    def __init__(self, place: Path, chance: random.Random) -> None:
        self.chance, self.clock, self.done = chance, 0, []
        self.history: dict[str, list[bytes]] = {student: [] for student in STUDENTS}
        first = place / "nbgrader"
        make_course(first, 0)
        (first / "late_rule.py").write_text(RULE)
        with open(first / "nbgrader_config.py", "a") as config:
            config.write(USE_RULE)
        shutil.copytree(first, place / "ours")
        self.roads = {name: Classroom(place / name) for name in ("nbgrader", "ours")}
        self.hand_in()

    # --- what may happen -------------------------------------------------------------------------

    def hand_in(self) -> None:
        """Somebody hands in, for the first time or again; some with a time, some late."""
        student = self.chance.choice(STUDENTS)
        notebook = json.loads((self.a_course.root / "release/ps6/ps6.ipynb").read_text())
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in RIGHT and self.chance.random() < 0.8:
                wrong = self.chance.random() < 0.4
                answers = [code for _, _, code in IDEAS[name]] if wrong else RIGHT[name]
                cell["source"] = self.chance.choice(answers)
        data = json.dumps(notebook).encode()
        if self.chance.random() < 0.1:
            data = data[: len(data) // 2]
        self.history[student].append(data)
        self.put(student, data)

    def go_back(self) -> None:
        """Somebody hands in again what they had handed in before."""
        student = self.chance.choice(STUDENTS)
        if self.history[student]:
            self.put(student, self.chance.choice(self.history[student]))

    def put(self, student: str, data: bytes) -> None:
        self.clock += 1
        times = ["", f"2027-{self.chance.choice(('02', '03'))}-{self.clock % 28 + 1:02} 12:00 UTC"]
        when = self.chance.choice([*times, times[1], "yesterday"])
        for road in self.roads.values():
            folder = road.root / "submitted" / student / "ps6"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "ps6.ipynb").write_bytes(data)
            (folder / "timestamp.txt").unlink(missing_ok=True)
            if when:
                (folder / "timestamp.txt").write_text(when)
        self.done.append(f"{student} hands in, {when}")

    def grade(self) -> None:
        for name, road in self.roads.items():
            road.run(*LAST[name])

    def regrade(self) -> None:
        """One student again, by force."""
        student = self.chance.choice(sorted(self.handed_in))
        for name, road in self.roads.items():
            road.run(*LAST[name], "--student", student, "--force")
        self.done.append(student)

    def by_hand(self) -> None:
        """A person gives points in formgrader."""
        student, points = self.chance.choice(STUDENTS), self.chance.choice((0.5, 1.0, None))
        cell = self.chance.choice(("hidden", "check_quad_grad"))
        for road in self.roads.values():
            with Gradebook(road.db_url, "backpropkit") as book:
                try:
                    book.find_grade(cell, "ps6", "ps6", student).manual_score = points
                    book.db.commit()
                except MissingEntry:
                    continue
        self.done.append(f"{student}, {cell}: {points}")

    def points(self) -> None:
        """The instructor changes points in the toolbar, and releases again."""
        points = self.chance.choice((1, 2, 5, 6))
        for road in self.roads.values():
            source = road.root / "source/ps6/ps6.ipynb"
            notebook = json.loads(source.read_text())
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == "check_quad_grad":
                    cell["metadata"]["nbgrader"]["points"] = points
            source.write_text(json.dumps(notebook))
            course = Course.at(road.root)
            course.directory.assignment_id = "ps6"
            SafeGenerate(coursedir=course.directory, parent=course.parent).start()
        self.done.append(f"{points} points")

    def due(self) -> None:
        day = self.chance.choice(("2027-02-05", "2027-03-01", "2027-04-01"))
        for road in self.roads.values():
            with Gradebook(road.db_url, "backpropkit") as book:
                book.update_or_create_assignment("ps6", duedate=f"{day} 12:00:00")
        self.done.append(day)

    def extend(self) -> None:
        """Somebody whose submission the gradebook knows gets more time, or none."""
        student, days = self.chance.choice(STUDENTS), self.chance.choice((0, 2.5, 40))
        for road in self.roads.values():
            words = ("autograder.cli", "extend", "ps6", student, "--days", str(days))
            said = road.run(*words, status=None)
            assert any(words in said for words in (" has until ", "has nothing of", "Nobody is"))
        self.done.append(f"{student}: {days} days more")

    def forget(self) -> None:
        student = self.chance.choice(STUDENTS)
        for road in self.roads.values():
            road.run("autograder.cli", "forget", student, status=None)
        self.done.append(student)

    def kill(self) -> None:
        """kill -9 in the middle, and the same command again."""
        when = self.chance.uniform(1.0, 3.0)
        for name, road in self.roads.items():
            process = road.command(*LAST[name])
            time.sleep(when)
            process.kill()
            end(process)
        self.grade()

    # --- what is there then ----------------------------------------------------------------------

    @property
    def a_course(self) -> Classroom:
        return self.roads["ours"]

    @property
    def handed_in(self) -> set[str]:
        return {path.name for path in (self.a_course.root / "submitted").iterdir()}

    def step(self) -> None:
        kinds = {
            self.hand_in: 5,
            self.go_back: 2,
            self.grade: 4,
            self.regrade: 1,
            self.by_hand: 2,
            self.points: 1,
            self.due: 2,
            self.extend: 2,
            self.forget: 1,
            self.kill: 1,
        }
        (one,) = self.chance.choices(list(kinds), list(kinds.values()))
        self.done.append(one.__name__)
        one()


def reported(road: Classroom) -> list[list[str]]:
    """The report as a spreadsheet, without how long it took."""
    road.run("autograder.cli", "report", "ps6", "--csv", "report.csv", status=None)
    rows = list(csv.reader(io.StringIO((road.root / "report.csv").read_text())))
    column = rows[0].index("seconds")
    return [row[:column] + row[column + 1 :] for row in rows]


@pytest.mark.parametrize("number", range(SEQUENCES))
def test_both_roads_end_in_the_same_place(machine, tmp_path, number):
    seed = f"{os.environ.get('SEED', '')} {number}"
    both = TwoRoads(tmp_path, random.Random(seed))
    try:
        for _ in range(STEPS):
            both.step()
        both.extend()
        both.grade()
        nbgrader, ours = both.roads.values()
        assert nbgrader.state() == ours.state()
        assert nbgrader.notebooks() == ours.notebooks()
        report = reported(ours)
        assert reported(nbgrader) == report
        graded = [row for row in report[1:] if row[0] in STUDENTS]
        assert {row[0] for row in graded} == both.handed_in
        for row in graded:  # and it says of each what the gradebook does
            marks = ours.marks()[row[0]]
            assert float(row[2]) == pytest.approx(sum(marks.values()))
    finally:
        print(f"seed {seed!r}: {', '.join(both.done)}")
