"""A course over its sets: how each went, what its exercises tell, and which ideas stay."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import StatisticsError, correlation, mean, quantiles

from autograder.classroom.course import Course
from autograder.classroom.gradebook import written
from autograder.classroom.report import (
    Report,
    Row,
    anonymous,
    cell,
    page,
    prose,
    report_of,
    table,
)
from autograder.drills.choosing import drilled
from autograder.judge.misconceptions import MISCONCEPTIONS

FEWEST = 10  # submissions from which a correlation says more than chance
LITTLE = 0.2  # a discrimination below which an exercise tells little (Ebel 1965)
CHANCE = 2.0  # standard errors, 1/√n each, that one below 0 has to be away from it
HARD, EASY = 0.3, 0.9  # shares of the points
LEGEND = (
    "Difficulty is the share of its points that an exercise earned: 0 % nobody, 100 % everybody. "
    "Discrimination is the correlation of an exercise's points with those of the rest of its set: "
    "near 0, who knows the rest does no better here; clearly below, worse, so look at the exercise."
)


@dataclass(frozen=True)
class SetTrend:
    """One set: shares of its points, from 0 to 1."""

    assignment: str
    count: int
    absent: int
    shares: list[float]

    @property
    def mean(self) -> float:
        return mean(self.shares) if self.shares else 0.0

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The share below which a quarter, half and three quarters of the class are."""
        if len(self.shares) < 2:
            return (self.mean,) * 3
        low, middle, high = quantiles(self.shares, method="inclusive")
        return low, middle, high


@dataclass(frozen=True)
class Item:
    """One exercise, as tests are analysed: `discrimination` is None where it cannot be said."""

    row: Row
    difficulty: float
    discrimination: float | None
    why: str = ""  # there is none

    @property
    def remark(self) -> str:
        """What an instructor might do about it."""
        found = []
        if self.difficulty < HARD:
            found.append("hard")
        if self.difficulty > EASY:
            found.append("easy")
        if self.discrimination is not None and self.discrimination < LITTLE:
            surely = self.discrimination < -CHANCE / self.row.count**0.5
            found.append("look at it" if surely else "tells little")
        return ", ".join(found)


@dataclass(frozen=True)
class Lasting:
    """A misconception over the sets: {set: who showed it there}."""

    id: str
    name: str
    sets: dict[str, list[str]]

    @cached_property
    def students(self) -> list[str]:
        return sorted({one for some in self.sets.values() for one in some})

    @cached_property
    def again(self) -> list[str]:
        """Who showed it in more than one set."""
        return [s for s in self.students if sum(s in some for some in self.sets.values()) > 1]

    @property
    def drill(self) -> str:
        return f'practice("{self.id}")' if drilled(self.id) else ""


@dataclass(frozen=True)
class Trends:
    """All sets of a course that are graded, in their order."""

    reports: list[Report] = field(default_factory=list)

    @cached_property
    def sets(self) -> list[SetTrend]:
        return [_set(report) for report in self.reports]

    @cached_property
    def items(self) -> list[Item]:
        return [item for report in self.reports for item in _items(report)]

    @cached_property
    def ideas(self) -> list[Lasting]:
        """The ideas that the class showed; those that came again first."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for report in self.reports:
            for idea in report.ideas:
                found[idea.id][report.assignment] |= set(idea.students)
        ideas = [
            Lasting(id, MISCONCEPTIONS[id].name, {s: sorted(who) for s, who in sets.items()})
            for id, sets in found.items()
        ]
        return sorted(ideas, key=lambda idea: (-len(idea.again), -len(idea.students), idea.id))

    @cached_property
    def students(self) -> dict[str, dict[str, tuple[float, float]]]:
        """{student: {set: (points, of how many)}}"""
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for report in self.reports:
            for student in report.students:
                points = (student.points, report.max_points)
                found.setdefault(student.id, {})[report.assignment] = points
        return dict(sorted(found.items()))


def read_trends(
    root: Path, db_url: str | None = None, name: Callable[[str], str] | None = None
) -> Trends:
    """The trends of the course in the folder `root`, its students called by `name` if given."""
    course = Course.at(root, db_url)
    enrolled = course.enrolled()
    reports = [report_of(course, each, who, enrolled) for each, who in written(course).items()]
    return Trends([anonymous(report, name) if name else report for report in reports])


def _set(report: Report) -> SetTrend:
    full = report.max_points
    shares = [student.points / full for student in report.students] if full else []
    return SetTrend(report.assignment, len(report.students), len(report.absent), shares)


def _items(report: Report) -> Iterator[Item]:
    """Each exercise of a set beside the rest of it, over the submissions that could be read."""
    earned = [
        {one.verdict.exercise: one.verdict.points for one in student.judged}
        for student in report.readable
    ]
    for row in report.exercises:
        if not row.max_points:
            continue  # it counts for nothing, so nobody has a share of it
        own = [points.get(row.exercise, 0.0) for points in earned]
        rest = [sum(points.values()) - mine for points, mine in zip(earned, own, strict=True)]
        told, why = None, ""
        if len(own) < FEWEST:
            why = f"fewer than {FEWEST} submissions"
        else:
            try:
                told = correlation(own, rest)
            except StatisticsError:  # one of the two is the same for all
                why = "all have the same points"
        yield Item(row, row.mean / row.max_points, told, why)


def as_text(trends: Trends) -> str:
    """The trends for a terminal."""
    if not trends.reports:
        return "Nothing is graded yet. Run: autograder grade ps1"
    lines = table(
        ("set", "submissions", "absent", "mean", "a quarter below", "half below", "ideas"),
        [
            (
                one.assignment,
                one.count,
                one.absent,
                f"{one.mean:.0%}",
                f"{one.quartiles[0]:.0%}",
                f"{one.quartiles[1]:.0%}",
                sum(one.assignment in idea.sets for idea in trends.ideas),
            )
            for one in trends.sets
        ],
    )
    lines += [
        "",
        *table(
            ("exercise", "difficulty", "discrimination", "remark"),
            [(i.row.name, f"{i.difficulty:.0%}", _told(i), i.remark) for i in trends.items],
        ),
        "",
        *prose(LEGEND),
    ]
    if trends.ideas:
        sets = [one.assignment for one in trends.sets]
        rows: list[Sequence[object]] = [
            (
                idea.name,
                *[len(idea.sets.get(each, ())) or "·" for each in sets],
                len(idea.students),
                len(idea.again),
                idea.drill,
            )
            for idea in trends.ideas
        ]
        head = ("what the class believes", *sets, "students", "again", "drill")
        lines += ["", *table(head, rows), "", "again: in more than one set."]
    return "\n".join(lines)


def _told(item: Item) -> str:
    return f"– ({item.why})" if item.discrimination is None else f"{item.discrimination:+.2f}"


def as_csv(trends: Trends) -> str:
    """A line a student, two columns a set: points, and of how many."""
    sets = [one.assignment for one in trends.sets]
    file = io.StringIO(newline="")
    sheet = csv.writer(file)
    heads = [head for each in sets for head in (each, f"{each} of")]
    sheet.writerow(["student", *heads, "ideas in more than one set"])
    for student, points in trends.students.items():
        again = [idea.id for idea in trends.ideas if student in idea.again]
        row = [value for each in sets for value in points.get(each, ("", ""))]
        sheet.writerow(map(cell, [student, *row, " ".join(again)]))
    return file.getvalue()


def as_html(trends: Trends) -> str:
    """One page that needs nothing else."""
    return page("trends.html", trends=trends, legend=LEGEND)
