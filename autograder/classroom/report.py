"""What a class knows and what it is missing, from the ledger: a table, a page, a spreadsheet."""

import csv
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from shutil import get_terminal_size
from statistics import mean, median
from textwrap import wrap
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.asking.counted import counted, plain_number, s
from autograder.classroom.course import Course, CourseError
from autograder.classroom.gradebook import written_from
from autograder.classroom.record import Record
from autograder.course.judge_apart import NOT_JUDGED
from autograder.course.judging import SELF_REPORTED, Judged
from autograder.drills.choosing import drilled
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.reading import UNFINISHED
from autograder.judge.verdict import Verdict

BARS = 40  # of a histogram, at most
EXAMPLES = 2  # submissions named as examples of an idea
MEANING = "what cells of the course's own said while they ran beside the learner's code"
WITHHELD = "(left out: it may name somebody)"
TROUBLES = {  # as in `autograder.asking.ask.Answer`
    "raised": "raised an error",
    "stopped": "ran too long",
    "died": "ended the process",
    "not plain": "returned what is no number",
    "missing": "was not defined",
    "unfinished": "is still to be written",
    "not judged": "could not be judged",
}


@dataclass(frozen=True)
class Result:
    """One student's verdict on one exercise, and the trouble its first answer had, if any.

    `right` says whether it was right, whatever points it is worth; `self_reported` that the
    verdict is what a cell said of itself (`autograder.course.judging.Judged`).
    """

    student: str
    verdict: Verdict
    trouble: str | None
    right: bool | None = None
    self_reported: bool = False

    @property
    def passed(self) -> bool:
        return self.verdict.passed if self.right is None else self.right


@dataclass(frozen=True)
class Student:
    """One submission as the ledger has it."""

    id: str
    judged: list[Result]
    unreadable: str
    seconds: float
    rung: str
    foreign: str = ""  # that it holds nothing of this set

    @property
    def points(self) -> float:
        return sum(one.verdict.points for one in self.judged)


@dataclass(frozen=True)
class Row:
    """How one exercise went: shares of the submissions that could be read."""

    exercise: str
    max_points: float
    right: int
    partly: int
    wrong: int
    mean: float
    self_reported: bool = False

    @property
    def name(self) -> str:
        """The exercise, and that nothing vouches for its points, if so."""
        return f"{self.exercise} ({SELF_REPORTED})" if self.self_reported else self.exercise

    @property
    def count(self) -> int:
        return self.right + self.partly + self.wrong


@dataclass(frozen=True)
class HeldIdea:
    """A misconception on one exercise, and who holds it."""

    exercise: str
    id: str
    name: str
    message: str
    students: list[str]


@dataclass(frozen=True)
class Failure:
    """What went wrong on one exercise in the same way for some, in the words of the first."""

    exercise: str
    what: str
    words: str
    students: list[str]


@dataclass(frozen=True)
class Report:
    """A problem set, graded.

    Points are what the exercises earned: before late penalties, and without what a person reads.
    """

    assignment: str
    students: list[Student]
    absent: list[str] = field(default_factory=list)  # enrolled, and nothing handed in
    ungraded: list[str] = field(default_factory=list)  # handed in, and no verdict
    elsewhere: list[str] = field(default_factory=list)  # of these, those another grader graded

    @cached_property
    def readable(self) -> list[Student]:
        return [student for student in self.students if not student.unreadable]

    @cached_property
    def unreadable(self) -> list[Failure]:
        """Submissions that could not be read, or are of another set: one group a reason."""
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for student in self.students:
            if student.unreadable:
                groups["could not be read", student.unreadable.split(" (")[0]].append(student.id)
            elif student.foreign:
                groups["another notebook", student.foreign].append(student.id)
        return [Failure("", what, reason, ids) for (what, reason), ids in groups.items()]

    @cached_property
    def exercises(self) -> list[Row]:
        return [_row(name, all_of_it) for name, all_of_it in self._by_exercise.items()]

    @cached_property
    def _by_exercise(self) -> dict[str, list[Result]]:
        found: dict[str, list[Result]] = defaultdict(list)
        for student in self.readable:
            for one in student.judged:
                found[one.verdict.exercise].append(one)
        return found

    @property
    def max_points(self) -> float:
        return sum(row.max_points for row in self.exercises)

    @property
    def mean(self) -> float:
        return mean(student.points for student in self.students) if self.students else 0.0

    @property
    def median(self) -> float:
        return median(student.points for student in self.students) if self.students else 0.0

    @cached_property
    def distribution(self) -> list[tuple[int, int]]:
        """(points, how many students have that many, rounded down) from 0 to the maximum."""
        counts = Counter(int(student.points // self.step) for student in self.students)
        bars = int(self.max_points // self.step) + 1
        return [(bar * self.step, counts[bar]) for bar in range(bars)]

    @cached_property
    def step(self) -> int:
        """What points are rounded down to a multiple of, so that there are `BARS` at most."""
        step = 1
        while self.max_points / step >= BARS:  # 1, 2, 5, 10, 20, 50 …
            step = step * 5 // 2 if str(step).startswith("2") else step * 2
        return step

    @cached_property
    def ideas(self) -> list[HeldIdea]:
        """What the class believes, the most frequent first."""
        holders: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, all_of_it in self._by_exercise.items():
            for one in all_of_it:
                for id in one.verdict.misconceptions:
                    holders[name, id].append(one.student)
        ideas = [
            HeldIdea(name, id, MISCONCEPTIONS[id].name, MISCONCEPTIONS[id].message, ids)
            for (name, id), ids in holders.items()
            if id in MISCONCEPTIONS
        ]
        return sorted(ideas, key=lambda idea: -len(idea.students))

    @cached_property
    def drills(self) -> list[tuple[str, int]]:
        """(idea, how many show it on some exercise), for those that there are drills for."""
        holders: dict[str, set[str]] = defaultdict(set)
        for idea in self.ideas:
            if drilled(idea.id):
                holders[idea.id].update(idea.students)
        counts = [(id, len(students)) for id, students in holders.items()]
        return sorted(counts, key=lambda row: -row[1])

    @cached_property
    def failures(self) -> list[Failure]:
        """Answers that did not run, one group for each exercise and way to fail."""
        groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
        for name, all_of_it in self._by_exercise.items():
            for one in all_of_it:
                if one.trouble and not one.passed:
                    groups[name, one.trouble].append(one)
        failures = [
            Failure(name, TROUBLES[trouble], some[0].verdict.note, [one.student for one in some])
            for (name, trouble), some in groups.items()
        ]
        return sorted(failures, key=lambda failure: (failure.exercise, -len(failure.students)))

    @property
    def seconds(self) -> float:
        return sum(student.seconds for student in self.students)

    @property
    def slowest(self) -> Student:
        return max(self.students, key=lambda student: student.seconds)

    @property
    def rungs(self) -> dict[str, int]:
        """{rung of isolation: how many submissions ran on it}"""
        return dict(Counter(student.rung for student in self.students))


def read_report(root: Path, assignment: str, db_url: str | None = None) -> Report:
    """The report on what the gradebook of the course in the folder `root` was written from.

    Raises `CourseError` where there is no such set.
    """
    course = Course.at(root, db_url)
    written = written_from(course, assignment)
    if not written and assignment not in course.sets():
        raise CourseError(course.no_set(assignment))
    return report_of(course, assignment, written, course.enrolled())


def report_of(
    course: Course, assignment: str, written: Mapping[str, str], enrolled: Set[str]
) -> Report:
    """The report on these records, {student: key}."""
    ledger = course.ledger(assignment)
    students = [  # of each record little is kept: there may be thousands
        _student(record) for pointed in written.items() if (record := ledger.read(*pointed))
    ]
    graded = {student.id for student in students}
    handed_in = set(course.handed_in(assignment))
    ungraded = handed_in - graded
    return Report(
        assignment,
        students,
        sorted(enrolled - handed_in - graded),
        sorted([*ungraded, *course.misplaced(assignment)]),
        sorted(s for s in ungraded if course.folder("autograded", assignment, s).is_dir()),
    )


def anonymous(report: Report, name: Callable[[str], str]) -> Report:
    """The same of people called otherwise, in the order of their new names.

    What learners wrote themselves (errors, names of files) is left out: it may name somebody.
    """
    return Report(
        report.assignment,
        sorted((_renamed(one, name) for one in report.students), key=lambda one: one.id),
        sorted(map(name, report.absent)),
        sorted(map(name, report.ungraded)),
        sorted(map(name, report.elsewhere)),
    )


def _renamed(one: Student, name: Callable[[str], str]) -> Student:
    called = name(one.id)
    judged = [
        replace(each, student=called, verdict=replace(each.verdict, note=WITHHELD))
        for each in one.judged
    ]
    return replace(
        one,
        id=called,
        judged=judged,
        unreadable=WITHHELD if one.unreadable else "",
        foreign=WITHHELD if one.foreign else "",
    )


def _student(record: Record) -> Student:
    judged = [
        Result(record.student, one.verdict, _trouble(one), one.right, one.self_reported)
        for one in record.judged
    ]
    about = (record.unreadable, record.seconds, record.rung, record.foreign)
    return Student(record.student, judged, *about)


def _trouble(one: Judged) -> str | None:
    """The first trouble among recorded answers, as `asking.wire` has it, or the judge's own."""
    if one.verdict.note.startswith(NOT_JUDGED):
        return "not judged"
    found = (answer["dict"] for answer in one.answers or [])
    first = next((answer for answer in found if answer["trouble"]), None)
    if first and first["trouble"] == "raised" and first["text"].startswith(UNFINISHED):
        return "unfinished"
    return first["trouble"] if first else None


def _row(name: str, all_of_it: Sequence[Result]) -> Row:
    verdicts = [one.verdict for one in all_of_it]
    right = sum(one.passed for one in all_of_it)
    wrong = sum(one.verdict.points == 0 and not one.passed for one in all_of_it)
    partly = len(verdicts) - right - wrong
    points = mean(verdict.points for verdict in verdicts)
    reported = any(one.self_reported for one in all_of_it)
    return Row(name, verdicts[0].max_points, right, partly, wrong, points, reported)


def as_text(report: Report) -> str:
    """The report for a terminal."""
    if not report.students:
        name = report.assignment
        if report.elsewhere:
            return (
                f"{name}: {counted(len(report.elsewhere), 'submission')} graded before, by stock "
                "nbgrader or by backpropkit 0.1, neither of which noted what a score follows from. "
                f"Run: autograder grade {name} (a slip now keeps half of its part, so points may "
                "rise)"
            )
        return f"{name}: nothing is graded yet. Run: autograder grade {name}"
    lines = [
        f"{report.assignment}: {counted(len(report.students), 'submission')}, "
        f"mean {plain_number(report.mean)} and median {plain_number(report.median)} "
        f"of {counted(report.max_points, 'point')}",
        "",
        *_histogram(report),
        "",
        *table(
            ("exercise", "right", "partly", "wrong", "mean", "of"),
            [
                (
                    row.name,
                    f"{row.right} ({row.right / row.count:.0%})",
                    row.partly,
                    row.wrong,
                    f"{row.mean:.2f}",
                    plain_number(row.max_points),
                )
                for row in report.exercises
            ],
        ),
    ]
    if any(row.self_reported for row in report.exercises):
        lines += ["", f"{SELF_REPORTED}: {MEANING}"]
    if report.ideas:
        rows: list[Sequence[object]] = [
            (idea.name, idea.exercise, len(idea.students), _some(idea.students))
            for idea in report.ideas
        ]
        head = ("what the class believes", "on", "how many", "for example")
        lines += ["", *table(head, rows)]
    if report.drills:
        rows = [(f'practice("{id}")', count) for id, count in report.drills]
        lines += ["", *table(("drills to set", "for how many"), rows)]
    if report.failures:
        rows = [
            (f"{f.exercise} {f.what}", len(f.students), _some(f.students)) for f in report.failures
        ]
        which = ("did not run", "how many", "for example")
        lines += ["", *table(which, rows, [f.words for f in report.failures])]
    for failure in report.unreadable:
        lines += ["", *prose(f"{failure.what.capitalize()}: {failure.words}")]
        lines += prose(", ".join(failure.students), "  ")
    for title, ids in (("Nothing submitted", report.absent), ("Not graded", report.ungraded)):
        if ids:
            lines += ["", *prose(f"{title}: {', '.join(ids)}")]
    rungs = ", ".join(f"{count} {rung}" for rung, count in report.rungs.items())
    took = f"Judging took {report.seconds:.1f} s of the workers' time."
    return "\n".join([*lines, "", *prose(f"Isolation: {rungs}. {took}")])


def _some(students: Sequence[str]) -> str:
    return ", ".join(students[:EXAMPLES])


def _histogram(report: Report) -> list[str]:
    most = max(count for _, count in report.distribution)
    digits = max(4, len(str(report.distribution[-1][0])))
    width = min(50, terminal() - len(f"{'':{digits}} points  {most}"))
    return [
        f"{points:>{digits}} {f'point{s(points)}':6} {'█' * round(width * count / most)} {count}"
        for points, count in report.distribution
    ]


def table(
    head: Sequence[str], rows: Iterable[Sequence[object]], notes: Sequence[str] = ()
) -> list[str]:
    """Columns as wide as they need to be and the terminal has room for; those of numbers to the
    right. Words are wrapped; below a row stands its note, if there are notes."""
    texts = [[str(cell) for cell in row] for row in rows]
    numbers = [all(map(_is_number, column)) for column in zip(*texts, strict=True)]
    wide = _widths([head, *texts], numbers)
    lines = [*_wrapped(head, wide, numbers), "  ".join("─" * width for width in wide)]
    for row, note in zip_longest(texts, notes, fillvalue=""):
        lines += _wrapped(row, wide, numbers) + prose(note, "    ")
    return lines


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit() and not cell[-1:].isalpha()


def _widths(rows: Sequence[Sequence[str]], numbers: Sequence[bool]) -> list[int]:
    """What each column needs; where that is too much, the widest ones of words give way."""
    columns = list(zip(*rows, strict=True))
    wide = [max(map(len, column)) for column in columns]
    least = [
        most if fixed else max(len(word) for cell in column for word in cell.split() or [""])
        for column, most, fixed in zip(columns, wide, numbers, strict=True)
    ]
    while sum(wide) + 2 * (len(wide) - 1) > terminal() and wide != least:
        widest = max(range(len(wide)), key=lambda k: wide[k] * (wide[k] > least[k]))
        wide[widest] -= 1
    return wide


def _wrapped(cells: Sequence[str], wide: Sequence[int], numbers: Sequence[bool]) -> list[str]:
    """A row, in as many lines as its longest cell takes."""
    blocks = [wrap(c, w, break_on_hyphens=False) for c, w in zip(cells, wide, strict=True)]
    return [
        "  ".join(
            part.rjust(width) if right else part.ljust(width)
            for part, width, right in zip(parts, wide, numbers, strict=True)
        ).rstrip()
        for parts in zip_longest(*blocks, fillvalue="")
    ]


def prose(words: str, indent: str = "") -> list[str]:
    """Sentences in lines that fit the terminal; names in them are not broken."""
    return wrap(
        words,
        terminal(),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def terminal() -> int:
    """How many characters a line has; without end where no terminal reads, but a file or grep."""
    if not sys.stdout.isatty():
        return sys.maxsize
    return max(40, get_terminal_size().columns)


def as_csv(report: Report) -> str:
    """One line a student, for a spreadsheet."""
    names = {row.exercise: row.name for row in report.exercises}
    file = io.StringIO(newline="")
    sheet = csv.writer(file)
    sheet.writerow(["student", "state", "points", *names.values(), "ideas", "seconds", "isolation"])
    for student in report.students:
        points = {one.verdict.exercise: one.verdict.points for one in student.judged}
        ideas = [
            f"{one.verdict.exercise}:{id}"
            for one in student.judged
            for id in one.verdict.misconceptions
        ]
        state = student.unreadable or "graded"
        row = [student.id, state, student.points, *[points.get(name, "") for name in names]]
        sheet.writerow(map(cell, [*row, " ".join(ideas), student.seconds, student.rung]))
    for state, ids in (("nothing submitted", report.absent), ("not graded", report.ungraded)):
        for id in ids:
            sheet.writerow([cell(id), state, *[""] * (len(names) + 4)])
    return file.getvalue()


def cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula.

    >>> cell("=1+1"), cell(2.5)
    ("'=1+1", 2.5)
    """
    return f"'{value}" if str(value).startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_html(report: Report) -> str:
    """One page that needs nothing else, for light and dark screens and for readers of screens."""
    most = max((count for _, count in report.distribution), default=0)
    return page("report.html", report=report, most=max(most, 1), meaning=MEANING)


def page(template: str, **about: Any) -> str:
    """A page of this folder's, filled in."""
    pages = Environment(
        loader=PackageLoader("autograder.classroom", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"number": plain_number, "s": s}
    return pages.get_template(template).render(**about)
