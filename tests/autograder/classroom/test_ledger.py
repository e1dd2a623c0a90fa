"""The ledger keeps records whole, and knows which are there."""

import json
import os

import pytest

from autograder.classroom.ledger import Busy, Ledger


def record(student="ada", key="k1", **more):
    return {"student": student, "key": key, "assignment": "ps6", "notebooks": {}} | more


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path, "ps6")


def test_what_was_written_is_read(ledger):
    ledger.write(record(seconds=0.5))
    assert ledger.read("ada", "k1")["seconds"] == 0.5
    assert ledger.read("ada", "k2") is None
    assert ledger.read("grace", "k1") is None


def test_each_student_has_a_folder_and_each_verdict_a_file(ledger):
    for student, key in (("ada", "k1"), ("ada", "k2"), ("grace", "k1")):
        ledger.write(record(student, key))
    assert ledger.students() == ["ada", "grace"]
    assert sorted(path.name for path in (ledger.folder / "ada").iterdir()) == ["k1.json", "k2.json"]


def test_the_newest_record_is_the_latest(ledger):
    for number, key in enumerate(("k2", "k1")):
        ledger.write(record(key=key))
        os.utime(ledger.folder / "ada" / f"{key}.json", (number, number))
    assert ledger.latest("ada")["key"] == "k1"
    assert ledger.latest("grace") is None


@pytest.mark.parametrize("data", ["", "{", "[]", '{"form": 0}', '{"form": 99, "student": "ada"}'])
def test_what_cannot_be_read_counts_as_missing(ledger, data):
    ledger.write(record())
    (ledger.folder / "ada" / "k1.json").write_text(data)
    assert ledger.read("ada", "k1") is None
    assert ledger.latest("ada") is None


def test_a_record_that_cannot_be_written_leaves_nothing(ledger):
    ledger.write(record())
    with pytest.raises(TypeError):
        ledger.write(record(key="k2", notebooks=object()))
    assert [path.name for path in (ledger.folder / "ada").iterdir()] == ["k1.json"]
    assert json.loads((ledger.folder / "ada" / "k1.json").read_text())["student"] == "ada"


def test_only_one_is_alone(ledger):
    busy = pytest.raises(Busy, match="Another process grades here")
    with ledger.alone(), busy, ledger.alone():
        pass
    with ledger.alone():
        pass
