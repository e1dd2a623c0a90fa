"""nbgrader's list of assignments and `backpropkit lab --course` mean the same copy of a set."""

import shutil
from pathlib import Path

import pytest
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList

from backpropkit import cli
from tools.a_class import EXERCISES


def test_the_list_shows_what_was_handed_out_and_hands_it_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, learn = tmp_path / "exchange" / "nets", tmp_path / "learn"
    for folder in ("inbound", "feedback"):
        (course / folder).mkdir(parents=True)
        (course / folder).chmod(0o777)
    shutil.copytree(EXERCISES / "release" / "ps6", course / "outbound" / "ps6")
    shutil.copytree(EXERCISES / "release" / "ps7", course / "outbound" / "ps7")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lab", "--copy-only", str(learn), "--course", str(course)]) == 0
    shutil.rmtree(learn / "exercises" / "ps7")  # one that is not there is fetched to its place
    listed = AssignmentList()
    listed.root_dir = str(learn)
    assert listed.fetch_assignment("nets", "ps7")["success"]
    said = listed.list_released_assignments(course_id="nets")
    assert {one["path"]: one["status"] for one in said["value"]} == {
        "exercises/ps6": "fetched",
        "exercises/ps7": "fetched",
    }
    assert listed.submit_assignment("nets", "ps6")["success"]
    (handed_in,) = (course / "inbound").iterdir()
    notebook = (handed_in / "ps6.ipynb").read_bytes()
    assert notebook == (learn / "exercises" / "ps6" / "ps6.ipynb").read_bytes()
