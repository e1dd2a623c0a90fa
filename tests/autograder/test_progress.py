"""The record of how far a learner is: where it lies, what it says, and that nothing breaks it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import check, practice, progress
from backpropkit import progress as kits
from backpropkit.explore import predict
from backpropkit.lab import hand_out, material
from backpropkit.questions import QUESTIONS


@pytest.fixture
def learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder, as `backpropkit lab` makes it; one stands in its lessons."""
    hand_out(tmp_path, material())
    monkeypatch.chdir(tmp_path / "lessons")
    return tmp_path


def noted(learn: Path) -> dict[str, dict[str, object]]:
    return dict(json.loads((learn / kits.FILE).read_text(encoding="utf-8")))


RIGHT: Callable[..., object] = lambda a, b, c, f: (b * f, a * f, f, a * b + c)  # noqa: E731


def test_questions_and_checks_are_noted_in_one_place(learn, monkeypatch, capsys):
    assert "Nothing is done yet" in progress().text
    predict("l3.add")
    monkeypatch.chdir(learn / "exercises" / "ps1")
    check("ps1.grad_L", RIGHT)
    check("ps1.slope", None)
    check("ps1.grad_L", None)  # right once is right
    assert {id: one["done"] for id, one in noted(learn).items()} == {
        "l3.add": True,
        "ps1.slope": False,
        "ps1.grad_L": True,
    }
    monkeypatch.chdir(learn / "lessons")
    text = progress().text
    many = sum(id.startswith("l3.") for id in QUESTIONS)
    assert f"| [lesson 3](03_gates.ipynb) | 1 of {many} questions reached |" in text
    assert "| [problem set 1](../exercises/ps1/ps1.ipynb) | 1 of 6 checks right |" in text
    kits.note("ps8.log_score", False)  # the one exercise of a course's own set
    assert "| problem set 8 | 0 of 1 check right |" in progress().text
    assert "You were last in [problem set 1]" in text and "nothing is due" in text


def test_a_finished_lesson_is_marked_and_ideas_that_are_due_are_named(learn, monkeypatch):
    for id in QUESTIONS:
        if id.startswith("l4."):
            predict(id)
    assert "| [lesson 4](04_forks.ipynb) | ✓ " in progress().text
    monkeypatch.chdir(learn / "exercises" / "ps2")
    drill = practice("mul-not-switched")
    drill.evaluate(None)
    monkeypatch.chdir(learn / "lessons")
    assert "**To practise:** mul-not-switched. `practice()`" in progress().text
    assert (learn / "practice.json").is_file()  # one record, wherever the notebook lies


def test_elsewhere_nothing_is_noted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    predict("l3.add")
    check("ps1.grad_L", RIGHT)
    assert list(tmp_path.iterdir()) == []
    said = progress().text
    assert "Nothing is noted here: how far you are is kept beside the lessons" in said
    assert "`backpropkit lab`, typed in a terminal, makes the folder" in said


def test_in_a_page_the_folder_is_what_the_browser_keeps(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(kits, "in_browser", lambda: True)
    monkeypatch.setattr(sys.modules["autograder.progress"], "in_browser", lambda: True)
    monkeypatch.setattr(kits, "DRIVE", tmp_path)
    here = tmp_path / "exercises" / "ps1"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    check("ps1.grad_L", RIGHT)
    assert noted(tmp_path)["ps1.grad_L"]["done"] is True and not list(here.iterdir())
    assert "| problem set 1 | 1 of 6 checks right |" in progress().text
    monkeypatch.setattr(kits, "DRIVE", tmp_path / "not-mounted")
    assert "this page has no files in which it could be" in progress().text


def test_a_damaged_record_is_kept_aside_and_a_folder_that_cannot_be_written_loses_nothing(
    learn, monkeypatch, capsys
):
    for damaged in ("{", "[]", '{"l3.add": 3}', "null", '{"l3.add": {"done": true}}'):
        (learn / kits.FILE).write_text(damaged)
        predict("l3.add")
        assert (learn / f"{kits.FILE}.unreadable").read_text() == damaged
        assert noted(learn)["l3.add"]["done"] is True

    def refuse(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(kits, "write", refuse)
    predict("l3.add")
    assert check("ps1.grad_L", RIGHT) == 3.0


def test_ended_at_any_time_the_record_is_whole(learn):
    code = "from backpropkit.progress import note\nprint('on', flush=True)\nk = 0\nwhile True:\n"
    code += "    k += 1\n    note(f'l1.{k % 50}', True)\n"
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert run.stdout is not None and run.stdout.readline() == b"on\n"
    while len(kits.done()) < 20:
        assert run.poll() is None
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert len(noted(learn)) >= 20 and not list(learn.glob("*.unreadable"))
