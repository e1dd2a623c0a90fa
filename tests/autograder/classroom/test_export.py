"""Scores out of a real gradebook, into the files of two platforms, byte for byte."""

import csv
import io
import json
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.classroom.export import CannotExport, Sheet
from autograder.cli import main


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A course of one's own with that gradebook."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook by hand: ada 3 + 2 by hand − 1 for lateness, bob unread, eve nothing."""
    root = tmp_path_factory.mktemp("graded")
    (root / "release" / "ps6").mkdir(parents=True)
    (root / "release" / "ps6" / "ps6.ipynb").write_text("{}")
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        book.add_assignment("ps6", duedate="2026-10-01 12:00:00 UTC")
        book.add_notebook("ps6", "ps6")
        book.add_grade_cell("quad", "ps6", "ps6", max_score=3, cell_type="code")
        book.add_grade_cell("words", "ps6", "ps6", max_score=2, cell_type="markdown")
        book.add_student("ada", first_name="Ada", last_name="Lovelace", email="ada@example.org")
        book.add_student("bob", first_name="=HYPER()", last_name='B"o, b', lms_user_id="1002")
        book.add_student("eve", first_name="Eve", last_name="Zoë")
        for student in ("ada", "bob"):
            book.add_submission("ps6", student, timestamp=datetime(2026, 10, 1, 13))
            quad = book.find_grade("quad", "ps6", "ps6", student)
            quad.auto_score, quad.needs_manual_grade = 3.0, False
            words = book.find_grade("words", "ps6", "ps6", student)
            words.needs_manual_grade = student == "bob"
            words.manual_score = 2.0 if student == "ada" else None
        book.find_submission("ps6", "ada").notebooks[0].late_submission_penalty = 1.0
        book.db.commit()
    return root


def export(course: Path, *words: object) -> int:
    return main(["export", "ps6", *map(str, words), "--course", str(course)])


def test_csv_has_manual_marks_and_penalty(course: Path, capsys):
    assert export(course, "--csv") == 0
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert rows["ada"]["score"] == "4" and rows["ada"]["late_penalty"] == "1"
    assert rows["ada"]["quad"] == "3" and rows["ada"]["words"] == "2"
    assert rows["bob"]["needs_manual_grade"] == "yes" and rows["bob"]["score"] == "3"
    assert rows["bob"]["first_name"] == "'=HYPER()"  # no spreadsheet runs it
    assert rows["eve"]["score"] == "0" and rows["eve"]["quad"] == rows["eve"]["submitted"] == ""
    assert rows["ada"]["submitted"].startswith("2026-10-01 13:00:00")


CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,ps5 (41),ps6 (42),Final Score\r\n"
    '"    Points Possible",,,,,10,5,(read only)\r\n'
    '"Lovelace, Ada",1001,s1,ada,"One, two",7.50,,81.0\r\n'
    '"B""o, b",1002,s2,,One,,"",\r\n'
    '"Zoë, Eve",1003,s3,eve,One,1.00,2.00,\r\n'
    '"Student, Test",,,,One,,,'
)


def test_canvas_may_call_the_set_by_another_name(course: Path, tmp_path: Path, capsys):
    path = tmp_path / "grades.csv"
    for heading, called in (("Problem set 6 (42)", "problem set 6"), ("6 (a) (42)", "6 (a) (42)")):
        path.write_bytes(CANVAS.replace("ps6 (42)", heading).encode())
        assert export(course, "--canvas", path) == 2
        assert '--column "Problem set 6"' in capsys.readouterr().err
        assert export(course, "--canvas", path, "--column", called) == 0
        assert '"Lovelace, Ada",1001,s1,ada,"One, two",7.50,4,81.0' in path.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--csv", "--column", "X"), "--column says what Canvas calls the set, and no file"),
        (("--moodle", "sheet.csv", "--column", "X"), "add --canvas FILE, or leave it out"),
        (("--csv", "--roster", "who.csv"), "--roster says who is who in a platform's file, and"),
        (("--feedback", "f.zip", "--roster", "who.csv"), "add --canvas FILE or --moodle FILE"),
    ],
)
def test_what_would_say_nothing_is_refused(course: Path, capsys, words, said):
    assert export(course, *words) == 2
    out, err = capsys.readouterr()
    assert said in err and out == ""


def test_help_says_what_an_option_goes_with(capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "--column NAME with --canvas: what Canvas calls the set" in said
    assert "--roster CSV with --canvas or --moodle: who is who" in said


def test_a_cluster_has_no_workers_of_this_machine(course: Path, capsys):
    words = ("--scheduler", "tcp://127.0.0.1:1", "--workers", "2")
    assert main(["grade", "ps6", *words, "--course", str(course)]) == 2
    assert "leave one of them out" in capsys.readouterr().err


def test_each_platform_is_told_its_own_name_of_the_set(course: Path, tmp_path: Path, capsys):
    grades, sheet = tmp_path / "grades.csv", tmp_path / "sheet.csv"
    grades.write_bytes(CANVAS.replace("ps6 (42)", "Sixth (42)").encode())
    sheet.write_text("Identifier,ID number,Score\nParticipant 1,ada,\n")
    words = ("--canvas", grades, "--column", "Sixth", "--moodle", sheet)
    assert export(course, *words) == 2
    assert "no columns for ps6 as Moodle calls them" in capsys.readouterr().err


def test_canvas_gets_its_file_back_with_one_column_changed(course: Path, tmp_path: Path, capsys):
    path = tmp_path / "grades.csv"
    path.write_bytes(CANVAS.encode())
    assert export(course, "--canvas", path) == 0
    expected = CANVAS.replace("7.50,,81.0", "7.50,4,81.0").replace('One,,"",', 'One,,"3",')
    assert path.read_bytes() == expected.encode()
    assert (tmp_path / "grades.csv.before").read_bytes() == CANVAS.encode()
    assert "bob: a written answer is still to be marked by hand" in capsys.readouterr().out
    assert export(course, "--canvas", path) == 0  # the same once more changes nothing
    assert path.read_bytes() == expected.encode()


def test_full_marks_of_another_size_scale(course: Path, tmp_path: Path, capsys):
    path = tmp_path / "grades.csv"
    path.write_text(CANVAS.replace(",10,5,", ",10,100,"), newline="")
    assert export(course, "--canvas", path) == 0
    assert "7.50,80,81.0" in path.read_text()
    assert "scores scaled" in capsys.readouterr().out


MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Feedback comments"\n'
    '"Participant 77","Ada Lovelace",ada@example.org,"Submitted for grading",-,"5,00",Yes,"x",'
    '"\n y"\n"Participant 78","Eve Zoë",,"No submission",,"5,00",Yes,-,\n'
)


def test_moodle_gets_decimal_commas_where_it_has_them(course: Path, tmp_path: Path, capsys):
    path = tmp_path / "worksheet.csv"
    path.write_text(MOODLE, newline="")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_submission("ps6", "ada").notebooks[0].late_submission_penalty = 0.5
        book.db.commit()
    assert export(course, "--moodle", path) == 1  # bob has a score and no line
    said = capsys.readouterr()
    assert "bob has a score" in said.err
    assert path.read_text() == MOODLE.replace('grading",-,', 'grading","4,5",')


def test_what_moodle_locked_stays(course: Path, tmp_path: Path, capsys):
    path = tmp_path / "worksheet.csv"
    path.write_text(MOODLE.replace("Yes", "No"), newline="")
    export(course, "--moodle", path)
    assert path.read_text() == MOODLE.replace("Yes", "No")
    assert "ada: Moodle lets nobody change this grade" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", 'a,b\n"open,c\n', "a,b\n1,2\n"])
def test_a_file_that_is_another_is_said(course: Path, tmp_path: Path, text: str, capsys):
    path = tmp_path / "x.csv"
    path.write_text(text)
    assert export(course, "--canvas", path) == 2
    assert str(path) in capsys.readouterr().err and path.read_text() == text


def test_an_unknown_set_is_said(tmp_path: Path, course: Path, capsys):
    assert main(["export", "ps9", "--csv", "--course", str(course)]) == 2
    assert "The gradebook knows no ps9" in capsys.readouterr().err


@pytest.mark.parametrize("text", [CANVAS, MOODLE, "a;b\r\n;\r\n", "a\n", "a,", '"a""b",\n\n'])
def test_a_sheet_is_the_same_text_again(tmp_path: Path, text: str):
    (tmp_path / "a.csv").write_bytes(text.encode())
    assert str(Sheet.read(tmp_path / "a.csv")) == text


def test_what_is_no_table_is_said(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CannotExport, match="cannot be read as a table"):
        Sheet.read(tmp_path / "a.csv")


def test_feedback_goes_back_under_the_platforms_names(course: Path, tmp_path: Path, capsys):
    note = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("lovelaceada_1001_51_ps6.ipynb", note)
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("Eve Zoë_78_assignsubmission_file_/ps6.ipynb", note)
    for name in ("c.zip", "m.zip"):
        assert main(["collect", "ps6", str(tmp_path / name), "--course", str(course)]) == 0
    page = course / "feedback" / "ada" / "ps6" / "ps6.html"
    page.parent.mkdir(parents=True)
    page.write_text("well done")
    out = tmp_path / "back.zip"
    assert export(course, "--feedback", out) == 1
    assert "No feedback page of eve" in capsys.readouterr().err
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["lovelaceada_1001_51_ps6.html"]
    other = course / "feedback" / "eve" / "ps6" / "ps6.html"
    other.parent.mkdir(parents=True)
    other.write_text("well done")
    assert export(course, "--feedback", out) == 0
    first = out.read_bytes()
    with zipfile.ZipFile(out) as archive:
        assert "Eve Zoë_78_assignsubmission_file_/ps6.html" in archive.namelist()
    assert export(course, "--feedback", out) == 0 and out.read_bytes() == first


@pytest.mark.parametrize("full", ["-5", "nan", "inf", "0"])
def test_full_marks_that_are_none_scale_nothing(course: Path, tmp_path: Path, full: str):
    path = tmp_path / "grades.csv"
    path.write_text(CANVAS.replace(",10,5,", f",10,{full},"), newline="")
    assert export(course, "--canvas", path) == 0
    assert "7.50,4,81.0" in path.read_text()


def test_a_line_for_somebody_else_gets_nothing(course: Path, tmp_path: Path, capsys):
    path = tmp_path / "grades.csv"
    path.write_text('Student,ID,ps6 (1)\n"Zoë, Eve",1002,\n"Ada Lovelace",ada,\n"Ada",ada,\n')
    assert export(course, "--canvas", path) == 1
    assert path.read_text().splitlines()[1:] == [
        '"Zoë, Eve",1002,',  # 1002 is bob's number in the gradebook
        '"Ada Lovelace",ada,4',
        '"Ada",ada,4',
    ]
    said = capsys.readouterr()
    assert "'1002' is bob and 'Zoë, Eve' is eve; left as it is" in said.out
    assert "ada has more than one line" in said.out and "bob has a score" in said.err


def test_a_file_that_names_nobody_is_said(course: Path, tmp_path: Path, capsys):
    path = tmp_path / "grades.csv"
    path.write_text("Name,ps6 (1)\nada,\n")
    assert export(course, "--canvas", path) == 2
    assert "names nobody: it has no column sis login id" in capsys.readouterr().err


def test_a_file_stays_what_it_is(course: Path, tmp_path: Path, capsys):
    (tmp_path / "real.csv").write_text(CANVAS)
    (tmp_path / "real.csv").chmod(0o600)
    (tmp_path / "link.csv").symlink_to("real.csv")
    assert export(course, "--canvas", tmp_path / "link.csv") == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o600
    assert "7.50,4,81.0" in (tmp_path / "real.csv").read_text()
    assert export(course, "--csv", tmp_path) == 2
    assert f"{tmp_path} cannot be written: Is a directory" in capsys.readouterr().err
    assert not list(tmp_path.parent.glob(".*.new"))


def test_nobodys_page_takes_the_place_of_anothers(course: Path, tmp_path: Path):
    group = {"platform": "Gradescope", "place": "submission_1"}
    canvas = {"platform": "Canvas", "place": "eve_3_9_ps6.ipynb"}
    (course / "submitted/.collected").mkdir(parents=True)
    origins = {"ada": group, "bob": group, "eve": canvas}
    (course / "submitted/.collected/ps6.json").write_text(json.dumps(origins))
    for page in ("ada/ps6/ps6", "bob/ps6/ps6", "eve/ps6/one", "eve/ps6/two"):
        place = course / "feedback" / f"{page}.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page)
    assert export(course, "--feedback", tmp_path / "back.zip") == 0
    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        given = {name: archive.read(name).decode() for name in archive.namelist()}
    assert given == {
        "submission_1/ps6.html": "ada/ps6/ps6",
        "submission_1/ps6-bob-ps6.html": "bob/ps6/ps6",
        "eve_3_9_ps6.html": "eve/ps6/one",
        "eve_3_9_ps6-eve-two.html": "eve/ps6/two",
    }


def test_every_file_that_is_written_over_is_kept(course: Path, tmp_path: Path):
    """Of a second download under the same name nothing was left."""
    path = tmp_path / "grades.csv"
    second = CANVAS.replace("7.50,,81.0", "7.50,3.5,81.0")
    for text in (CANVAS, second, second):
        path.write_bytes(text.encode())
        assert export(course, "--canvas", path) == 0
        assert export(course, "--canvas", path) == 0  # of our own nothing is kept
    kept = sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("grades.csv."))
    assert kept == ["grades.csv.before", "grades.csv.before-2"]
    assert (tmp_path / kept[0]).read_bytes() == CANVAS.encode()
    assert (tmp_path / kept[1]).read_bytes() == second.encode()


def test_where_feedback_cannot_be_written_the_file_is_named(course: Path, tmp_path: Path, capsys):
    note = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("lovelaceada_1001_51_ps6.ipynb", note)
    assert main(["collect", "ps6", str(tmp_path / "c.zip"), "--course", str(course)]) == 0
    assert export(course, "--feedback", tmp_path / "nowhere" / "out.zip") == 2
    assert "nowhere/out.zip cannot be written" in capsys.readouterr().err
