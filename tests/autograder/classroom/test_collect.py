"""Archives as three platforms ship them, with their worst names, brought in by the command."""

import io
import json
import os
import re
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.classroom.archives import NoArchive, read_archive
from autograder.classroom.roster import NoRoster, Roster, read_roster
from autograder.cli import main

NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
ROSTER = """\
id,name,email,Canvas ID,participant
ada,Ada Lovelace,ada@example.org,1001,77
obrien,"O'Brien-Smith, Zoë",zoe@example.org,1002,78
li1,Li Wei,li.one@example.org,1003,79
li2,Li Wei,li.two@example.org,1004,80
"""


def notebook(text: str) -> bytes:
    return json.dumps(NOTEBOOK | {"metadata": {"who": text}}).encode()


def zipped(path: Path, files: dict[str, bytes], time: tuple[int, ...] = (2026, 10, 1, 12, 0, 0)):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, time), data)
    return path


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = tmp_path / "course"
    (root / "release" / "ps6").mkdir(parents=True)
    (root / "release" / "ps6" / "ps6.ipynb").write_bytes(notebook("release"))
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return root


def collect(course: Path, *words: object, roster: bool = True) -> int:
    named = ["--roster", str(course / "roster.csv")] if roster else []
    return main(["collect", "ps6", *map(str, words), "--course", str(course), *named])


def who(course: Path) -> dict[str, str]:
    """{student: what the notebook in submitted/ says of itself}."""
    return {
        path.parts[-3]: json.loads(path.read_bytes())["metadata"]["who"]
        for path in sorted(course.glob("submitted/*/ps6/ps6.ipynb"))
    }


def stamp(course: Path, student: str) -> str:
    return (course / "submitted" / student / "ps6" / "timestamp.txt").read_text()


def test_moodle_folders_with_their_empty_ones(course: Path, tmp_path: Path, capsys):
    archive = zipped(
        tmp_path / "moodle.zip",
        {
            "Ada Lovelace_77_assignsubmission_file_/ps6.ipynb": notebook("ada"),
            "Ada Lovelace_77_assignsubmission_file_/notes.pdf": b"%PDF",
            "Group A-O'Brien-Smith Zoë_78_assignsubmission_file_/ps6 (1).ipynb": notebook("zoe"),
            "Li Wei_80_assignsubmission_file_/ps6.ipynb": notebook("li2"),
            "Li Wei_79_assignsubmission_file_/": b"",
            "Eve Nobody_99_assignsubmission_file_/ps6.ipynb": notebook("eve"),
            "__MACOSX/Ada Lovelace_77_assignsubmission_file_/._ps6.ipynb": b"x",
        },
    )
    assert collect(course, archive) == 1  # somebody found no student
    assert who(course) == {"ada": "ada", "obrien": "zoe", "li2": "li2"}
    said = capsys.readouterr().out
    assert "Eve Nobody_99_assignsubmission_file_: not in the roster" in said
    assert "notes.pdf: not a notebook" in said
    assert "Li Wei_79_assignsubmission_file_: no notebook was handed in" in said
    local = datetime(2026, 10, 1, 12).astimezone(UTC)
    assert stamp(course, "ada") == local.strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def test_moodle_without_folders(course: Path, tmp_path: Path):
    name = "Ada Lovelace_77_assignsubmission_file_ps6.ipynb"
    assert collect(course, zipped(tmp_path / "m.zip", {name: notebook("ada")})) == 0
    assert who(course) == {"ada": "ada"}


def test_canvas_with_late_ones_and_numbered_ones(course: Path, tmp_path: Path, capsys):
    archive = zipped(
        tmp_path / "canvas.zip",
        {
            "lovelaceada_1001_5551_ps6-2.ipynb": notebook("ada"),
            "obriensmithzoe_LATE_1002_5552_ps6-1.ipynb": notebook("zoe"),
            "weili_1004_5553_Copy of ps6.ipynb": notebook("li2"),
        },
    )
    assert collect(course, archive) == 0
    assert who(course) == {"ada": "ada", "obrien": "zoe", "li2": "li2"}
    assert "late as the platform has it" in capsys.readouterr().out
    origins = json.loads((course / "submitted/.collected/ps6.json").read_text())
    assert origins["obrien"]["place"] == "obriensmithzoe_LATE_1002_5552_ps6-1.ipynb"
    assert origins["obrien"]["late"] is True


def test_gradescope_by_its_own_times_and_for_a_whole_group(course: Path, tmp_path: Path):
    about = """\
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: ada
    :email: ada@example.org
  - :name: Somebody
    :sid: ''
    :email: ZOE@example.org
  :created_at: 2026-10-02 09:30:00.123456000 Z
  :score: 0.0
submission_2:
  :submitters:
  - :name: Li Wei
    :email: li.one@example.org
  :created_at: '2026-10-02T11:30:00+02:00'
"""
    archive = zipped(
        tmp_path / "gradescope.zip",
        {
            "assignment_42_export/submission_metadata.yml": about.encode(),
            "assignment_42_export/submission_1/ps6.ipynb": notebook("pair"),
            "assignment_42_export/submission_2/deep/er/ps6.ipynb": notebook("li1"),
        },
    )
    assert collect(course, archive) == 0
    assert who(course) == {"ada": "pair", "obrien": "pair", "li1": "li1"}
    assert stamp(course, "ada") == "2026-10-02 09:30:00.123456 UTC"
    assert stamp(course, "li1") == "2026-10-02 09:30:00.000000 UTC"


def test_folders_are_taken_by_their_names(course: Path, tmp_path: Path):
    root = tmp_path / "plain"
    for student in ("ada", "bob"):
        (root / student).mkdir(parents=True)
        (root / student / "anything.ipynb").write_bytes(notebook(student))
    assert collect(course, root, roster=False) == 0
    assert who(course) == {"ada": "ada", "bob": "bob"}


def test_several_notebooks_of_one_keep_their_names(course: Path, tmp_path: Path):
    files = {"ada/ps6.ipynb": notebook("one"), "ada/ps6-Copy1.ipynb": notebook("two")}
    assert collect(course, zipped(tmp_path / "p.zip", files)) == 0
    found = sorted(p.name for p in (course / "submitted/ada/ps6").glob("*.ipynb"))
    assert found == ["ps6-Copy1.ipynb", "ps6.ipynb"]


def test_only_what_is_newer_replaces(course: Path, tmp_path: Path, capsys):
    name = "Ada Lovelace_77_assignsubmission_file_/ps6.ipynb"
    for text, hour, expected in [("1", 12, "1"), ("2", 11, "1"), ("3", 13, "3"), ("3", 13, "3")]:
        time = (2026, 10, 1, hour, 0, 0)
        assert collect(course, zipped(tmp_path / "m.zip", {name: notebook(text)}, time)) == 0
        assert who(course) == {"ada": expected}
    said = capsys.readouterr().out
    assert "left: what is there is as new or newer" in said and "there already" in said
    assert not list(course.glob("submitted/ada/.*"))  # nothing is left behind


def test_a_dry_run_writes_nothing(course: Path, tmp_path: Path, capsys):
    files = {"lovelaceada_1001_5551_ps6.ipynb": notebook("ada")}
    assert collect(course, zipped(tmp_path / "c.zip", files), "--dry-run") == 0
    assert not (course / "submitted").exists()
    assert re.search(r"ada +2026-10-01", capsys.readouterr().out)


def test_two_of_one_name_are_asked_about(course: Path, tmp_path: Path, capsys):
    files = {"weili_9999_5551_ps6.ipynb": notebook("?")}
    assert collect(course, zipped(tmp_path / "c.zip", files)) == 1
    assert "li1 and li2 have the same name" in capsys.readouterr().out
    assert who(course) == {}


@pytest.mark.parametrize("evil", ["../../evil/ps6.ipynb", "/etc/evil/ps6.ipynb", "..\\evil.ipynb"])
def test_paths_that_lead_out_lead_nowhere(course: Path, tmp_path: Path, evil: str):
    files = {evil: notebook("evil"), "ada/ps6.ipynb": notebook("ada")}
    collect(course, zipped(tmp_path / "evil.zip", files), roster=False)
    assert not list(tmp_path.rglob("evil*/ps6.ipynb"))
    assert set(who(course)) <= {"ada", "evil"}
    assert not [p for p in tmp_path.iterdir() if p.name not in ("course", "evil.zip")]


def test_links_in_archives_and_folders_are_not_followed(course: Path, tmp_path: Path):
    link = zipfile.ZipInfo("eve/ps6.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "f" / "eve").mkdir(parents=True)
    os.symlink("/etc/passwd", tmp_path / "f" / "eve" / "ps6.ipynb")
    assert collect(course, tmp_path / "l.zip", tmp_path / "f", roster=False) == 0
    assert who(course) == {}


def test_damaged_bombs_and_packed_ones_are_left_out_one_by_one(
    course: Path, tmp_path: Path, capsys
):
    path = tmp_path / "m.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada/ps6.ipynb", notebook("ada"))
        archive.writestr("bomb/ps6.ipynb", b" " * 50_000_000)
        archive.writestr("liar/ps6.ipynb", b" " * 50_000_000)
        archive.writestr("bad/ps6.ipynb", notebook("a damaged one" * 50))
        archive.writestr("zip/ps6.zip", b"PK")
    raw = bytearray(path.read_bytes())
    central = raw.rindex(b"liar/ps6.ipynb") - 46
    raw[central + 24 : central + 28] = (100).to_bytes(4, "little")  # "it has a hundred bytes"
    at = raw.index(b"bad/ps6.ipynb") + 20
    raw[at : at + 20] = bytes(20)
    path.write_bytes(raw)
    collect(course, path, roster=False)
    assert who(course) == {"ada": "ada"}
    said = capsys.readouterr().out
    assert "bomb/ps6.ipynb: 50 MB, more than a notebook has" in said
    for name in ("liar", "bad"):
        assert f"{name}/ps6.ipynb: it is damaged, or cannot be read" in said
    assert "zip/ps6.zip: an archive that cannot be looked into" in said


def test_of_two_entries_of_one_path_the_last_counts(course: Path, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("ada/ps6.ipynb", notebook("first"))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ada/ps6.ipynb", notebook("last"))
    assert collect(course, tmp_path / "a.zip", roster=False) == 0
    assert who(course) == {"ada": "last"}


def test_files_of_one_name_in_two_folders_are_both_kept(course: Path, tmp_path: Path):
    files = {"ada/one/ps6.ipynb": notebook("one"), "ada/two/ps6.ipynb": notebook("two")}
    files["bob/ps6.ipynb"] = notebook("bob")
    assert collect(course, zipped(tmp_path / "a.zip", files), roster=False) == 0
    found = {p.name: p.read_bytes() for p in (course / "submitted/ada/ps6").glob("*.ipynb")}
    assert found == {"ps6.ipynb": notebook("one"), "2-ps6.ipynb": notebook("two")}


def test_long_and_unseen_names_are_written_short(course: Path, tmp_path: Path, capsys):
    files = {
        "ada/" + "ü" * 300 + ".IPYNB": notebook("long"),
        "ada/a\nb\x1b[2J.ipynb": notebook("odd"),
        "x" * 300 + "/ps6.ipynb": notebook("x"),
        "eve\x07/ps6.ipynb": notebook("bell"),
    }
    assert collect(course, zipped(tmp_path / "a.zip", files), roster=False) == 1
    found = sorted(p.name for p in (course / "submitted/ada/ps6").glob("*.ipynb"))
    assert found == ["a_b_[2J.ipynb", "ü" * 100 + ".ipynb"]
    said = capsys.readouterr().out
    assert said.count("cannot be the name of a student's folder") == 2
    assert "\x1b" not in said and "\x07" not in said


def test_a_name_written_in_two_ways_is_one_student(course: Path, tmp_path: Path, capsys):
    first, second = "Zo\u00eb/ps6.ipynb", "Zoe\u0308/ps6.ipynb"
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo(first, (2026, 10, 1, 12, 0, 0)), notebook("old"))
        archive.writestr(zipfile.ZipInfo(second, (2026, 10, 1, 13, 0, 0)), notebook("new"))
    assert collect(course, path, roster=False) == 0
    assert who(course) == {"Zo\u00eb": "new"}
    assert "has a newer one in what came in" in capsys.readouterr().out


def test_a_student_cannot_make_the_archive_look_like_another_platforms(
    course: Path, tmp_path: Path
):
    about = b"submission_1:\n  :submitters:\n  - :sid: ada\n"
    files = {
        "Ada Lovelace_77_assignsubmission_file_/ps6.ipynb": notebook("ada"),
        "Li Wei_80_assignsubmission_file_/ps6.ipynb": notebook("li2"),
        "Li Wei_80_assignsubmission_file_/submission_metadata.yml": about,
        "Li Wei_80_assignsubmission_file_/adalovelace_1001_5_ps6.ipynb": notebook("forged"),
    }
    assert collect(course, zipped(tmp_path / "m.zip", files)) == 0
    assert who(course)["ada"] == "ada"
    one = {path: data for path, data in files.items() if path.startswith("Li")}
    before = who(course)
    collect(course, zipped(tmp_path / "one.zip", one))
    assert who(course) == before


def test_gradescopes_folder_may_be_an_entry_and_somebody_be_unnamed(
    course: Path, tmp_path: Path, capsys
):
    about = b"submission_1:\n  :submitters:\n  - :sid: ada\nsubmission_2:\n  :submitters: 3\n"
    files = {
        "assignment_42_export/": b"",
        "assignment_42_export/submission_metadata.yml": about,
        "assignment_42_export/submission_1/ps6.ipynb": notebook("ada"),
        "assignment_42_export/submission_2/ps6.ipynb": notebook("?"),
    }
    assert collect(course, zipped(tmp_path / "g.zip", files)) == 0
    assert who(course) == {"ada": "ada"}
    assert "submission_2: it does not say who handed it in" in capsys.readouterr().out


def test_a_password_is_asked_to_be_taken_off(course: Path, tmp_path: Path, capsys):
    raw = bytearray(zipped(tmp_path / "p.zip", {"ada/ps6.ipynb": notebook("a")}).read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "p.zip").write_bytes(raw)
    assert collect(course, tmp_path / "p.zip") == 2
    assert "protected with a password" in capsys.readouterr().err


def test_names_not_marked_as_utf8_are_read_as_it(tmp_path: Path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("Zoë_78_assignsubmission_file_/ps6.ipynb", notebook("zoe"))
    raw = bytearray(data.getvalue())
    for place in (m.start() for m in re.finditer(rb"PK\x03\x04", raw)):
        raw[place + 7] &= ~0x08
    for place in (m.start() for m in re.finditer(rb"PK\x01\x02", raw)):
        raw[place + 9] &= ~0x08
    (tmp_path / "a.zip").write_bytes(raw)
    (hand_in,) = read_archive(tmp_path / "a.zip").hand_ins
    assert hand_in.names == ("Zoë",)


def test_what_is_no_archive_is_said(course: Path, tmp_path: Path, capsys):
    (tmp_path / "x.zip").write_bytes(b"no zip")
    assert collect(course, tmp_path / "x.zip") == 2
    assert "neither a zip file nor a folder" in capsys.readouterr().err
    assert collect(course, tmp_path / "gone.zip") == 2
    with pytest.raises(NoArchive):
        read_archive(tmp_path / "gone.zip")


def test_a_roster_of_canvas_itself(tmp_path: Path):
    path = tmp_path / "grades.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,ps6 (7)\n"
        "    Points Possible,,,,,13\n"
        '"Lovelace, Ada",1001,s-1,ada,One,\n',
        encoding="utf-8-sig",
    )
    roster = read_roster(path)
    assert roster.find(["lovelaceada"]) == roster.find(["1001"]) == "s-1"


def test_of_several_ids_the_one_that_the_gradebook_knows_is_taken(course: Path, tmp_path: Path):
    """Else Canvas's first id made a second person of everybody who stands in the gradebook."""
    (course / "roster.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID\n"
        '"Lovelace, Ada",1001,s-1,ada\n'
        '"Li, Wei",1003,s-3,li1\n'
        '"New, Nell",1009,s-9,nell\n',
        encoding="utf-8",
    )
    db = f"sqlite:///{course / 'gradebook.db'}"
    with Gradebook(db) as book:
        book.add_student("ada")
        book.add_student("li1")
    files = {
        "lovelaceada_1001_5551_ps6.ipynb": notebook("ada"),
        "newnell_1009_5559_ps6.ipynb": notebook("nell"),
    }
    assert collect(course, zipped(tmp_path / "canvas.zip", files)) == 0
    assert who(course) == {"ada": "ada", "nell": "nell"}


def test_a_surer_key_goes_before_a_name_of_two():
    roster = Roster.of([("a", ["Li Wei", "1"]), ("b", ["Li Wei", "2"])])
    assert roster.find(["2", "Li Wei"]) == "b"
    with pytest.raises(LookupError, match="a and b"):
        roster.find(["Li Wei"])


def packed(files: dict[str, bytes], locked: bool = False) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    raw = bytearray(data.getvalue())
    if locked:
        raw[6] |= 1
        raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def test_a_zip_file_that_a_student_handed_in_is_looked_into(course: Path, tmp_path: Path, capsys):
    files = {"work\\ps6.ipynb": notebook("ada"), "__MACOSX/._ps6.ipynb": b"x", "a.csv": b"1"}
    again = {"deeper.zip": packed({"ps6.ipynb": notebook("deep")})}
    archives = [
        {
            "Ada Lovelace_77_assignsubmission_file_/ps6.zip": packed(files),
            "Li Wei_80_assignsubmission_file_/ps6.zip": packed(again),
            "Li Wei_79_assignsubmission_file_/ps6.zip": packed(files, locked=True),
        },
        {"obriensmithzoe_1002_5552_ps6.zip": packed({"x/ps6.ipynb": notebook("zoe")})},
        {"li1.zip": packed({"ps6.ipynb": notebook("li1")}), "li2.zip": b"PK not really"},
    ]
    for number, one in enumerate(archives):
        assert collect(course, zipped(tmp_path / f"{number}.zip", one)) == 0
    assert who(course) == {"ada": "ada", "obrien": "zoe", "li1": "li1"}
    said = capsys.readouterr().out
    assert said.count("cannot be looked into") == 3
    assert "Li Wei_80_assignsubmission_file_/ps6.zip/deeper.zip" in said
    origins = json.loads((course / "submitted/.collected/ps6.json").read_text())
    assert origins["obrien"]["place"] == "obriensmithzoe_1002_5552_ps6.zip"


@pytest.mark.parametrize(
    "files",
    [
        {"ada/ps6/ps6.ipynb": notebook("ada")},
        {"export/2027/ada/ps6.ipynb": notebook("ada"), "export/2027/notes.txt": b""},
        {"download/ps6/ada/ps6.ipynb": notebook("ada"), "download/ps6/li1/x.txt": b""},
        {"ada/ps6.ipynb.txt": notebook("ada")},
        {"ada/PS6.IPYNB.json": notebook("ada")},
        {"ps6-ada/ps6.ipynb": notebook("ada"), "ps6-li1/README": b"", "ps6-li1/.git/x": b""},
    ],
    ids=["as nbgrader", "twice wrapped", "in its set", "txt", "json", "GitHub Classroom"],
)
def test_folders_as_people_make_them(course: Path, tmp_path: Path, files, capsys):
    assert collect(course, zipped(tmp_path / "a.zip", files)) == 0
    assert who(course) == {"ada": "ada"}
    assert ".git" not in capsys.readouterr().out


def test_gradescopes_times_and_hashes_may_be_tagged_as_rubys(course: Path, tmp_path: Path):
    about = b"""---
submission_1: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - !ruby/object:Submitter
    :name: Ada Lovelace
    :sid: ada
  :created_at: 2026-10-02 10:30:00.000000000 Z
"""
    files = {"submission_metadata.yml": about, "submission_1/ps6.ipynb": notebook("ada")}
    assert collect(course, zipped(tmp_path / "g.zip", files)) == 0
    assert stamp(course, "ada").startswith("2026-10-02 10:30:00")


@pytest.mark.parametrize("comma", [";", "\t"])
def test_a_roster_of_another_languages_spreadsheet(tmp_path: Path, comma: str):
    path = tmp_path / "roster.csv"
    path.write_text(f"ID{comma}Name\r\nada{comma}Ada Lovelace\r\n", encoding="utf-8-sig")
    assert read_roster(path).find(["Ada Lovelace"]) == "ada"
    path.write_text("id,name\nzoe,Zoë", encoding="utf-16")
    with pytest.raises(NoRoster, match="Save it as CSV in UTF-8"):
        read_roster(path)


def lzma(path: Path) -> Path:
    """An archive of two, in which what ada handed in is damaged within."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for student in ("ada", "li1"):
            archive.writestr(f"{student}/ps6.ipynb", notebook(student) * 50)
    data = bytearray(path.read_bytes())
    place = data.index(b"ps6.ipynb") + 18
    data[place : place + 31] = bytes(byte ^ 0x5A for byte in data[place : place + 31])
    path.write_bytes(data)
    return path


def test_what_is_damaged_within_is_one_file(course: Path, tmp_path: Path, capsys):
    assert collect(course, lzma(tmp_path / "damaged.zip")) == 0
    assert (course / "submitted/li1/ps6/ps6.ipynb").is_file()
    assert "ada/ps6.ipynb: it is damaged, or cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize("place, value", [(6, 99), (8, 0xFF)], ids=["version", "name"])
def test_an_archive_that_python_cannot_read_is_said(course, tmp_path, place, value, capsys):
    path = zipped(tmp_path / "odd.zip", {"adé/ps6.ipynb": notebook("ada")})
    data = bytearray(path.read_bytes().replace("é".encode(), b"\xff\xfe"))
    data[data.index(b"PK\x01\x02") + place] = value
    path.write_bytes(data)
    assert collect(course, path) == 2
    assert "is neither a zip file nor a folder" in capsys.readouterr().err


def test_an_archive_of_nothing_is_said(course: Path, tmp_path: Path, capsys):
    assert collect(course, zipped(tmp_path / "empty.zip", {})) == 0
    assert "empty.zip: it holds nothing that was handed in" in capsys.readouterr().out


@pytest.mark.parametrize(
    "time", ["2026-13-45 10:00:00 Z", "0001-01-01 10:00:00 +12:00", "!!float x"]
)
def test_gradescopes_odd_times_and_numbers_stop_nobody(course: Path, tmp_path: Path, time: str):
    about = f"s:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: 0077\n  :created_at: {time}\n"
    (course / "roster.csv").write_text("id,name\n0077,Ada Lovelace\n63,Eve\n")
    files = {"submission_metadata.yml": about.encode(), "s/ps6.ipynb": notebook("ada")}
    assert collect(course, zipped(tmp_path / "g.zip", files)) == 0
    assert who(course) == {"0077": "ada"}  # and not 63, which 0077 is where eight fingers count


@pytest.mark.parametrize(
    "place",
    [
        "Zoë Eve_2042_assignsubmission_file_/ps6.ipynb",
        "eve_2042_5_ps6.ipynb",
    ],
)
def test_a_number_of_the_platforms_is_nobodys_id_if_the_name_is_anothers(
    course: Path, tmp_path: Path, place: str, capsys
):
    (course / "roster.csv").write_text("id,name\n2042,Ada Lovelace\nz,Zoë Eve\ne,Eve\n")
    assert collect(course, zipped(tmp_path / "a.zip", {place: notebook("eve")})) == 1
    assert who(course) == {}
    assert "'2042' is 2042 and " in capsys.readouterr().out


def test_whoever_takes_anothers_name_replaces_nothing(course: Path, tmp_path: Path, capsys):
    (course / "roster.csv").write_text("id,name\nada,Ada Lovelace\n")
    name = "Ada Lovelace_{}_assignsubmission_file_/ps6.ipynb"
    archive = zipped(tmp_path / "m.zip", {name.format(n): notebook(str(n)) for n in (5, 6)})
    assert collect(course, archive) == 1
    assert who(course) == {}
    said = capsys.readouterr().out
    assert said.count("Ada Lovelace_5_") == 2 and "is ada, too" in said


def test_ids_that_differ_by_a_sign_and_names_within_names(course: Path, tmp_path: Path):
    (course / "roster.csv").write_text("id\na.b\nab\nann\nann-lee\n")
    files = {f"{s}/ps6.ipynb": notebook(s) for s in ("a.b", "ab")}
    assert collect(course, zipped(tmp_path / "f.zip", files)) == 0
    files = {f"ps6-{s}/ps6.ipynb": notebook(s) for s in ("ann", "ann-lee")}
    assert collect(course, zipped(tmp_path / "g.zip", files)) == 0
    assert who(course) == {s: s for s in ("a.b", "ab", "ann", "ann-lee")}


def test_a_name_of_another_encoding_does_not_stop_the_end(course: Path, tmp_path: Path):
    folder = os.fsencode(tmp_path / "unpacked") + b"/Zo\xeb_78_assignsubmission_file_"
    os.makedirs(folder)
    with open(folder + b"/ps6.ipynb", "wb") as file:
        file.write(notebook("zoe"))
    assert collect(course, tmp_path / "unpacked") == 0
    assert who(course) == {"obrien": "zoe"}
    assert json.loads((course / "submitted/.collected/ps6.json").read_text())


@pytest.mark.parametrize("what", ["link", "file", "student"])
def test_what_is_in_the_way_is_left_and_the_others_come_in(course, tmp_path, what, capsys):
    place = course / "submitted/ada" / ("ps6" if what != "student" else "")
    place.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere") if what == "link" else place.write_text("here")
    files = {f"{student}/ps6.ipynb": notebook(student) for student in ("ada", "li1")}
    assert collect(course, zipped(tmp_path / "a.zip", files)) == 1
    assert who(course) == {"li1": "li1"} and not list((tmp_path / "elsewhere").iterdir())
    assert "ada  2026" in (said := capsys.readouterr().out)
    assert "a file or a link is in its place; remove that" in said


def test_what_cannot_be_written_is_one_sentence(course: Path, tmp_path: Path, capsys):
    archive = zipped(tmp_path / "a.zip", {"ada/ps6.ipynb": notebook("ada")})
    (course / "submitted").write_text("no folder")
    assert collect(course, archive) == 2
    assert "Nothing can be written any more: " in capsys.readouterr().err
    (course / "submitted").unlink()
    (course / "submitted/.collected").mkdir(parents=True)
    (course / "submitted/.collected/ps6.json").write_text("{")
    assert collect(course, archive) == 2
    assert "ps6.json is damaged" in capsys.readouterr().err
    assert who(course) == {}


def ages(course: Path, student: str) -> list[str]:
    """The files of one submission, the oldest first, as whoever chooses among them sees them."""
    files = (course / "submitted" / student / "ps6").glob("*.ipynb")
    return [path.name for path in sorted(files, key=lambda path: path.stat().st_mtime)]


def of_days(*entries: tuple[str, int]) -> bytes:
    """A zip file of notebooks, each written on its day of October."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, day in entries:
            archive.writestr(zipfile.ZipInfo(name, (2026, 10, day, 9, 0, 0)), notebook(name))
    return data.getvalue()


def test_of_several_notebooks_the_newest_stays_the_newest(course: Path, tmp_path: Path):
    """All got the hand-in's time, and the one that is called as it should be was graded."""
    folder = tmp_path / "in" / "ada"
    folder.mkdir(parents=True)
    for name, seconds in (("ps6.ipynb", 1_790_000_000), ("ps6-final.ipynb", 1_790_090_000)):
        (folder / name).write_bytes(notebook(name))
        os.utime(folder / name, (seconds, seconds))
    assert collect(course, tmp_path / "in") == 0
    assert ages(course, "ada") == ["ps6.ipynb", "ps6-final.ipynb"]
    moodle = "Li Wei_79_assignsubmission_file/"
    (tmp_path / "moodle.zip").write_bytes(
        of_days((f"{moodle}ps6.ipynb", 1), (f"{moodle}better.ipynb", 4))
    )
    assert collect(course, tmp_path / "moodle.zip") == 0
    assert ages(course, "li1") == ["ps6.ipynb", "better.ipynb"]


def test_a_students_own_archive_says_which_is_newer_not_whether_it_is_late(
    course: Path, tmp_path: Path
):
    inner = of_days(("ps6.ipynb", 1), ("better.ipynb", 4))
    zipped(
        tmp_path / "m.zip",
        {"Li Wei_79_assignsubmission_file/work.zip": inner},
        (2026, 10, 9, 8, 0, 0),
    )
    assert collect(course, tmp_path / "m.zip") == 0
    assert ages(course, "li1") == ["ps6.ipynb", "better.ipynb"]
    stamp = course / "submitted" / "li1" / "ps6" / "timestamp.txt"
    assert stamp.read_text().startswith("2026-10-09")


def test_canvas_numbers_what_comes_later_higher(course: Path, tmp_path: Path):
    files = {
        "lovelaceada_1001_5001_better.ipynb": notebook("new"),
        "lovelaceada_1001_900_ps6.ipynb": notebook("old"),
    }
    zipped(tmp_path / "canvas.zip", files)
    assert collect(course, tmp_path / "canvas.zip") == 0
    assert ages(course, "ada") == ["ps6.ipynb", "better.ipynb"]


def test_a_notebook_that_is_handed_in_no_more_goes(course: Path, tmp_path: Path, capsys):
    """It was "there already", and could be what was graded."""
    first = {"ada/ps6.ipynb": notebook("1"), "ada/z.ipynb": notebook("2")}
    zipped(tmp_path / "1.zip", first)
    zipped(tmp_path / "2.zip", {"ada/ps6.ipynb": notebook("1")}, (2026, 10, 2, 12, 0, 0))
    assert collect(course, tmp_path / "1.zip") == 0
    assert collect(course, tmp_path / "2.zip") == 0
    assert ages(course, "ada") == ["ps6.ipynb"]
    assert collect(course, tmp_path / "2.zip") == 0
    assert "there already" in capsys.readouterr().out
