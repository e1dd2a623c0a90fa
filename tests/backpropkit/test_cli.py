"""`backpropkit lab` keeps a learner's work and opens JupyterLab; `doctor` is content."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from backpropkit import cli
from backpropkit.lab import RECORD, Handed, hand_out, material

LESSON = "lessons/01.ipynb"
NEWER = "lessons/01.new.ipynb"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """The project's version of one lesson."""
    file = tmp_path / "project" / "01.ipynb"
    file.parent.mkdir()
    file.write_text("first version")
    return file


@pytest.fixture
def learn(tmp_path: Path) -> Path:
    return tmp_path / "new" / "learn"


@pytest.mark.parametrize("option", [["--port", "8888"], ["--no-browser"]])
def test_what_is_not_opened_has_no_port_and_no_browser(
    option: list[str], learn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["lab", str(learn), "--copy-only", *option]) != 0
    assert "about JupyterLab, which --copy-only does not open" in capsys.readouterr().err
    assert not learn.exists()


def test_an_empty_folder_gets_everything_there_is(learn: Path) -> None:
    files = material()
    assert {one.what for one in hand_out(learn, files)} == {"copied"}
    for name, source in files.items():
        assert (learn / name).read_bytes() == source.read_bytes()


def test_lessons_and_released_exercises_are_handed_out_and_no_solutions() -> None:
    names = material()
    assert cli.FIRST_PAGE in names
    assert "exercises/ps6/ps6.ipynb" in names
    assert not any("source" in name or name.startswith("exercises/release") for name in names)


def test_the_welcome_page_leads_to_every_lesson_and_every_problem_set() -> None:
    page = material()[cli.FIRST_PAGE].read_text(encoding="utf-8")
    linked = {(Path("/lessons") / link).resolve() for link in re.findall(r"\]\(([^)]+)\)", page)}
    rest = {Path("/") / name for name in material() if name != cli.FIRST_PAGE}
    assert {path for path in rest if path.suffix == ".ipynb"} == linked


def test_a_second_time_changes_nothing(learn: Path, ours: Path) -> None:
    hand_out(learn, {LESSON: ours})
    assert hand_out(learn, {LESSON: ours}) == [Handed("same", LESSON)]
    assert sorted(path.name for path in learn.rglob("*")) == [RECORD, "01.ipynb", "lessons"]


def test_an_untouched_file_is_brought_up_to_date(learn: Path, ours: Path) -> None:
    hand_out(learn, {LESSON: ours})
    ours.write_text("second version")
    assert hand_out(learn, {LESSON: ours}) == [Handed("updated", LESSON)]
    assert (learn / LESSON).read_text() == "second version"


def test_a_changed_file_is_left_alone(learn: Path, ours: Path) -> None:
    hand_out(learn, {LESSON: ours})
    (learn / LESSON).write_text("my work")
    assert hand_out(learn, {LESSON: ours}) == [Handed("kept", LESSON)]
    assert (learn / LESSON).read_text() == "my work"
    assert not (learn / NEWER).exists()


def test_a_newer_version_stands_beside_changed_work_once(learn: Path, ours: Path) -> None:
    hand_out(learn, {LESSON: ours})
    (learn / LESSON).write_text("my work")
    ours.write_text("second version")
    assert hand_out(learn, {LESSON: ours}) == [Handed("beside", NEWER)]
    assert hand_out(learn, {LESSON: ours}) == [Handed("kept", LESSON)]
    assert (learn / LESSON).read_text() == "my work"
    assert (learn / NEWER).read_text() == "second version"


def test_the_newest_version_replaces_an_untouched_one_beside(learn: Path, ours: Path) -> None:
    hand_out(learn, {LESSON: ours})
    (learn / LESSON).write_text("my work")
    for version in ("second version", "third version"):
        ours.write_text(version)
        assert hand_out(learn, {LESSON: ours}) == [Handed("beside", NEWER)]
    assert (learn / NEWER).read_text() == "third version"


def test_work_done_in_the_version_beside_is_kept_too(learn: Path, ours: Path) -> None:
    hand_out(learn, {LESSON: ours})
    (learn / LESSON).write_text("my work")
    ours.write_text("second version")
    hand_out(learn, {LESSON: ours})
    (learn / NEWER).write_text("my work on the second")
    ours.write_text("third version")
    assert hand_out(learn, {LESSON: ours}) == [Handed("beside", "lessons/01.new2.ipynb")]
    assert (learn / LESSON).read_text() == "my work"
    assert (learn / NEWER).read_text() == "my work on the second"


@pytest.mark.parametrize("record", [None, "not JSON", "[]"])
def test_without_a_record_every_difference_is_the_learners(
    learn: Path, ours: Path, record: str | None
) -> None:
    hand_out(learn, {LESSON: ours})
    (learn / LESSON).write_text("my work")
    (learn / RECORD).unlink() if record is None else (learn / RECORD).write_text(record)
    assert hand_out(learn, {LESSON: ours}) == [Handed("beside", NEWER)]
    assert (learn / LESSON).read_text() == "my work"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course's folder with one released set."""
    root = tmp_path / "nets-2027"
    (root / "release" / "ps9" / ".ipynb_checkpoints").mkdir(parents=True)
    (root / "release" / "ps9" / "ps9.ipynb").write_text("{}")
    (root / "release" / "ps9" / "ps9_exercises.py").write_text('"""Forward only."""')
    (root / "nbgrader_config.py").write_text('c.CourseDirectory.course_id = "nets"\n')
    return root


def test_a_course_hands_out_its_own_sets_and_none_of_the_kits(learn: Path, course: Path) -> None:
    assert cli.main(["lab", "--copy-only", str(learn), "--course", str(course)]) == 0
    sets = sorted(path.name for path in (learn / "exercises").rglob("*"))
    assert sets == ["nbgrader_config.py", "ps9", "ps9.ipynb", "ps9_exercises.py"]
    assert (learn / cli.FIRST_PAGE).exists()
    assert "course_id = 'nets'" in (learn / "nbgrader_config.py").read_text()


def test_sets_may_come_without_lessons_and_from_the_exchange(learn: Path, course: Path) -> None:
    exchange = (course / "release").rename(course / "outbound").parent
    (course / "nbgrader_config.py").unlink()
    options = ["--no-lessons", "--course", str(exchange)]
    assert cli.main(["lab", "--copy-only", str(learn), *options]) == 0
    assert sorted(path.name for path in learn.iterdir()) == [
        *(RECORD, "exercises", "nbgrader_config.py"),
    ]
    settings = (learn / "nbgrader_config.py").read_text()
    assert "course_id = 'nets-2027'" in settings
    assert f"c.Exchange.root = {str(course.parent)!r}" in settings


@pytest.mark.parametrize(("made", "said"), [("", "holds no released sets"), ("release", "yet")])
def test_a_course_without_sets_says_so(
    tmp_path: Path, learn: Path, made: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    (empty / made).mkdir(parents=True)
    assert cli.main(["lab", "--copy-only", str(learn), "--course", str(empty)]) == 1
    assert said in capsys.readouterr().err
    assert not learn.exists()


def test_what_was_fetched_stays_the_only_copy(learn: Path, ours: Path) -> None:
    place = "exercises/ps9/ps9.ipynb"
    (learn / place).parent.mkdir(parents=True)
    (learn / place).write_text("work")
    assert hand_out(learn, {place: ours}, fetched=True) == [Handed("kept", place)]
    assert hand_out(learn, {place: ours}, fetched=True) == [Handed("kept", place)]
    ours.write_text("second version")
    (one,) = hand_out(learn, {place: ours}, fetched=True)
    assert one.what == "beside", "a set that was released anew is told"


def test_a_deleted_file_is_handed_out_again(learn: Path, ours: Path) -> None:
    hand_out(learn, {LESSON: ours})
    (learn / LESSON).unlink()
    assert hand_out(learn, {LESSON: ours}) == [Handed("copied", LESSON)]


def test_the_command_names_what_it_left_alone(
    learn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["lab", str(learn), "--copy-only"]
    assert cli.main(command) == 0
    assert re.search(r"^  \d+ new$", capsys.readouterr().out, re.M)
    (learn / cli.FIRST_PAGE).write_text("my work")
    assert cli.main(command) == 0
    assert f"left alone, because you changed them: {cli.FIRST_PAGE}" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert cli.main(["lab", str(tmp_path / "file" / "learn"), "--copy-only"]) == 1
    error = capsys.readouterr().err
    assert str(tmp_path / "file") in error
    assert "Name a folder you may write to: backpropkit lab DIR" in error


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_without_permission_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o500)
    assert cli.main(["lab", str(tmp_path / "learn"), "--copy-only"]) == 1
    assert "Permission denied" in capsys.readouterr().err


def fetch(address: str) -> str:
    """The page at an address; JupyterLab prints it a moment before it listens there."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as page:
                return page.read().decode()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.slow
def test_jupyterlab_starts_on_the_welcome_page_and_says_where(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    }
    environment["HOME"] = str(tmp_path)  # nobody's own Jupyter settings
    server = subprocess.Popen(
        [sys.executable, "-m", "backpropkit.cli", "lab", str(tmp_path / "learn"), "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        address = next(
            (found[0] for line in server.stdout if (found := re.search(r"http://\S+", line))), None
        )
        assert address is not None, "JupyterLab ended without saying where it is"
        assert f"/lab/tree/{cli.FIRST_PAGE}?token=" in address
        assert '"@jupyterlab/apputils-extension:announcements"' in fetch(address)  # turned off
        contents = address.replace("/lab/tree/", "/api/contents/")
        assert json.loads(fetch(contents))["type"] == "notebook"
    finally:
        server.terminate()
        server.wait(timeout=30)
        server.stdout.close()


def test_a_port_that_is_taken_is_named(learn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert cli.main(["lab", str(learn), "--no-browser", "--port", str(port)]) == 1
    assert f"Port {port} is taken" in capsys.readouterr().err


@pytest.mark.slow
def test_where_jupyter_cannot_write_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backpropkit.cli", "lab", str(tmp_path / "learn"), "--no-browser"],
        env={**os.environ, "JUPYTER_RUNTIME_DIR": "/dev/null/runtime"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "JUPYTER_RUNTIME_DIR" in done.stderr and "Traceback" not in done.stderr


def test_doctor_sees_notebooks_that_run_on_another_python(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commonest reason for ModuleNotFoundError: an old kernel in the home folder."""
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = ["/opt/another/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert cli.main(["doctor"]) == 1
    assert "notebooks would run on /opt/another/bin/python" in capsys.readouterr().out


def test_doctor_is_content_where_the_tests_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    assert "Everything the lessons need is here." in capsys.readouterr().out
