"""The report counts what the generator put in, and shows it to everybody."""

import csv
import io
import shlex
import subprocess
import sys
from collections import Counter

import pytest

from autograder.classroom.report import (
    Report,
    Result,
    Student,
    as_csv,
    as_html,
    as_text,
    read_report,
)
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.verdict import Verdict


def student(id, points=3.0, ideas=(), trouble=None, unreadable="", **more):
    verdict = Verdict("ps6.quad_grad", points, 3.0, list(ideas), **more)
    return Student(id, [Result(id, verdict, trouble)], unreadable, 0.1, "nested")


SMALL = Report(
    "ps6",
    [
        student("a"),
        student("b", 1.0, ["quad-2Ax"]),
        student("c", 1.0, ["quad-2Ax"]),
        student("d", 1.0, ["quad-2Ax"]),
        student("e", 0.0, trouble="raised", note="NameError: <b>x</b> (line 1 of quad_grad)"),
        student("f", 0.0, unreadable="ps6.ipynb is empty. Submit it again."),
    ],
    absent=["g"],
    ungraded=["h"],
)


def test_shares_are_of_what_could_be_read():
    (row,) = SMALL.exercises
    assert (row.right, row.partly, row.wrong) == (1, 3, 1)
    assert row.mean == pytest.approx((3 + 1 + 1 + 1 + 0) / 5)


def test_scores_are_of_all():
    assert SMALL.distribution == [(0, 2), (1, 3), (2, 0), (3, 1)]
    assert SMALL.mean == 1.0 and SMALL.median == 1.0


def test_ideas_come_with_counts_and_holders():
    (idea,) = SMALL.ideas
    assert (idea.exercise, idea.id, idea.students) == ("ps6.quad_grad", "quad-2Ax", ["b", "c", "d"])


@pytest.mark.parametrize("write", [as_text, as_html])
def test_everything_is_said(write):
    said = write(SMALL)
    for words in ("ps6.quad_grad", "2Ax for", "raised an error", "ps6.ipynb is empty", "nested"):
        assert words in said
    for id in "bcefgh":
        assert id in said


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_a_terminal_reads_all_words_in_lines_that_fit_it(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout", Terminal())
    words = "quad_grad raised ValueError: matmul: Input operand 1 has a mismatch in its core "
    words += (
        "dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?) (size 3 is different from 4)"
    )
    some = [f"student-{k:05}" for k in range(9)]
    idea = ["index-order", "quad-2Ax"]
    students = [student(id, 1.0, idea) for id in some]
    students += [student(f"{id}x", 0.0, trouble="raised", note=words) for id in some]
    said = as_text(Report("ps6", students, absent=[f"{id}y" for id in some]))
    assert max(map(len, said.splitlines())) <= columns
    assert words in " ".join(said.split())
    assert MISCONCEPTIONS["index-order"].name.split()[-1] in said
    assert all(f"{id}y" in said for id in some)
    monkeypatch.setattr("sys.stdout", io.StringIO())  # a file, or grep: one line each
    lines = as_text(Report("ps6", students)).splitlines()
    assert any(MISCONCEPTIONS["index-order"].name in line for line in lines)
    assert f"    {words}" in lines


def test_a_page_needs_nothing_else_and_trusts_nobody():
    page = as_html(SMALL)
    assert "<b>x</b>" not in page and "&lt;b&gt;x" in page
    for outside in ("http://", "https://", "<script", "src=", "@import", "url("):
        assert outside not in page


def test_what_is_wider_than_a_phone_scrolls_by_itself_and_by_keyboard():
    """The bars, too: their numbers would be too small to read."""
    page = as_html(SMALL)
    assert ".scores svg { min-width: 36rem; }" in page and 'class="wide scores"' in page
    wide = [line for line in page.splitlines() if 'class="wide' in line]
    assert len(wide) == 4
    assert all('tabindex="0" role="region" aria-labelledby=' in line for line in wide)


def test_it_says_which_drills_to_set_and_for_how_many():
    assert SMALL.drills == [("quad-2Ax", len(SMALL.ideas[0].students))]
    assert 'practice("quad-2Ax")' in as_text(SMALL)
    assert '<code>practice("quad-2Ax")</code>' in as_html(SMALL)


def test_a_class_without_ideas_or_faults():
    report = Report("ps6", [student("a")])
    assert "No answer shows one of the wrong ideas" in as_html(report)
    assert "Everything ran." in as_html(report)
    assert "what the class believes" not in as_text(report)


def test_a_class_without_submissions():
    assert "Nothing is graded yet" in as_html(Report("ps6", []))
    assert "nothing is graded yet" in as_text(Report("ps6", []))


def test_a_spreadsheet_has_a_line_for_everybody():
    rows = list(csv.DictReader(io.StringIO(as_csv(SMALL))))
    assert [row["student"] for row in rows] == list("abcdefgh")
    assert rows[1]["ps6.quad_grad"] == "1.0" and rows[1]["ideas"] == "ps6.quad_grad:quad-2Ax"
    assert rows[6]["state"] == "nothing submitted" and rows[7]["state"] == "not graded"


def test_a_spreadsheet_runs_nothing():
    assert "'=cmd()" in as_csv(Report("ps6", [student("=cmd()")]))


@pytest.mark.slow
def test_a_graded_class_is_counted_right(once):
    report = read_report(once.root, "ps6")
    expected = once.expected
    assert {s.id: s.points for s in report.students} == {
        student: sum(points.values()) for student, points in expected.items()
    }
    readable = [row["student"] for row in once.rows if row["kind"] != "unreadable"]
    assert sorted(s.id for s in report.readable) == sorted(readable)
    for row in report.exercises:
        full = [expected[s][row.exercise.split(".")[1]] == row.max_points for s in readable]
        assert row.right == sum(full)
    put_in = Counter(idea for row in once.rows for idea in row["ideas"].split())
    found = {f"{i.exercise.split('.')[1]}:{i.id}": len(i.students) for i in report.ideas}
    assert put_in.items() <= found.items()
    assert report.absent == ["absent-00000"] and report.ungraded == []


@pytest.mark.slow
def test_what_is_handed_in_later_is_not_graded(graded):
    new = graded.root / "submitted/zoe/ps6"
    new.mkdir(parents=True)
    (new / "ps6.ipynb").write_bytes(b"")
    assert read_report(graded.root, "ps6").ungraded == ["zoe"]


@pytest.mark.slow
def test_the_command_writes_page_and_spreadsheet(graded):
    said = graded.run(
        "autograder.cli", "report", "ps6", "--html", "report.html", "--csv", "report.csv"
    )
    assert "16 submissions" in said
    assert "</html>" in (graded.root / "report.html").read_text()
    assert len((graded.root / "report.csv").read_text().splitlines()) == 1 + 16 + 1


def test_whoever_reads_may_stop_and_the_files_are_there(once, tmp_path):
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    report = [sys.executable, "-m", "autograder.cli", "report", "ps6", "--course", str(once.root)]
    pipe = shlex.join([*report, "--html", str(page), "--csv", str(table)]) + " | true"
    done = subprocess.run(pipe, shell=True, capture_output=True, text=True)
    assert done.stderr == ""
    assert "</html>" in page.read_text() and "student-00015" in table.read_text()


def test_scores_that_stock_nbgrader_or_the_first_version_gave_are_not_called_ungraded():
    said = as_text(Report("ps6", [], ungraded=["a", "b"], elsewhere=["a"]))
    assert "ps6: 1 submission graded before" in said and "Run: autograder grade ps6" in said
    assert "nothing is graded yet" in as_text(Report("ps6", [], ungraded=["a", "b"]))
