"""The ledger keeps records whole, and knows which are there."""

import json

import pytest

from autograder.classroom.ledger import Busy, Ledger
from autograder.classroom.record import JudgedNotebook, Record
from autograder.course.judging import Judged
from autograder.judge.verdict import Finding, Verdict


def record(student="ada", key="k1", seconds=0.5, notebook=None):
    verdict = Verdict("ps6.f", 1.0, 2.0, ["sign"], [Finding("dx", 1.0, 2.0, "wrong.")])
    judged = [Judged("ps6.f", verdict, False, 7, "nested", [{"dict": {"value": 1.0}}])]
    made = {"metadata": {}, "cells": []} | (notebook or {})
    notebooks = {"ps6": JudgedNotebook.made("hash", judged, made)}
    return Record(student, "ps6", key, "nested", seconds, notebooks)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path, "ps6")


def test_what_was_written_is_read(ledger):
    ledger.write(record())
    assert ledger.read("ada", "k1") == record()
    assert ledger.read("ada", "k2") is None
    assert ledger.read("grace", "k1") is None


def test_each_student_has_a_folder_and_each_verdict_a_file(ledger):
    for student, key in (("ada", "k1"), ("ada", "k2"), ("grace", "k1")):
        ledger.write(record(student, key))
    assert ledger.students() == ["ada", "grace"]
    assert sorted(path.name for path in (ledger.folder / "ada").iterdir()) == ["k1.json", "k2.json"]


def test_a_student_is_forgotten(ledger):
    ledger.write(record())
    assert ledger.forget("ada") and not ledger.forget("ada")
    assert ledger.students() == [] and ledger.read("ada", "k1") is None


def test_a_group_of_graders_can_write(tmp_path):
    ledger = Ledger(tmp_path, "ps6", shared=True)
    with ledger.alone():
        ledger.write(record())
    for path in (ledger.folder.parent, ledger.folder, ledger.folder / "ada"):
        assert path.stat().st_mode & 0o2770 == 0o2770
    for path in (ledger.folder / ".lock", ledger.folder / "ada/k1.json"):
        assert path.stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize(
    "data", ["", "{", "[]", '{"form": 0}', '{"form": 99, "student": "ada"}', '{"form": 3}']
)
def test_what_cannot_be_read_counts_as_missing(ledger, data):
    ledger.write(record())
    (ledger.folder / "ada" / "k1.json").write_text(data)
    assert ledger.read("ada", "k1") is None


def test_a_record_that_is_not_whole_counts_as_missing_wherever_it_breaks_off(ledger):
    """After a full disk; and where only the line of a notebook was cut, which no verdict needs."""
    ledger.write(record(notebook={"cells": [{"cell_type": "code", "source": "x = 1"}]}))
    path = ledger.folder / "ada" / "k1.json"
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert ledger.read("ada", "k1") is None, end
    first, line, last = whole.split(b"\n")
    for end in range(len(line)):
        path.write_bytes(b"\n".join([first, line[:end], last]))
        assert ledger.read("ada", "k1") is None, end
    said = ledger.lost("ada", "k1")
    assert said == f"{path} cannot be read: autograder grade ps6 judges that submission again"
    path.unlink()
    assert " is not there: autograder grade ps6" in ledger.lost("ada", "k1")


def test_a_record_that_cannot_be_written_leaves_nothing(ledger):
    ledger.write(record())
    with pytest.raises(TypeError):
        ledger.write(record(key="k2", notebook={"cells": object()}))
    assert [path.name for path in (ledger.folder / "ada").iterdir()] == ["k1.json"]
    assert json.loads((ledger.folder / "ada" / "k1.json").read_text())["student"] == "ada"


def test_only_one_is_alone(ledger):
    busy = pytest.raises(Busy, match="Another process grades here")
    with ledger.alone(), busy, ledger.alone():
        pass
    with ledger.alone():
        pass
