"""A disk that is full, a course that cannot be written: said clearly, and nothing is lost."""

import contextlib
import os
import shutil
import subprocess

import pytest
from graded_class import Classroom

pytestmark = pytest.mark.slow


def mount(*words):
    return subprocess.run(["mount", *words], capture_output=True, text=True)


@pytest.fixture
def place(tmp_path):
    """Mount a file system of a size; it is gone afterwards."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def of_size(size):
        if os.getuid() != 0:
            pytest.skip("only root can mount a small disk")
        done = mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
        if done.returncode:
            pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
        return folder

    yield of_size
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True)


def on_disk(folder):
    """Bytes that a folder takes up, in whole pages."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*"))


# How much fits into a room depends on how far the writer has come: not yet the same on every run.
@pytest.mark.skipif("FULL_DISK" not in os.environ, reason="by hand: FULL_DISK=1")
@pytest.mark.parametrize("room", [300_000, 900_000])  # for part of the ledger, or all of it
def test_a_full_disk_is_said_and_nothing_is_lost(place, handed_in, once, room):
    disk = place(str(on_disk(handed_in) + room))
    course = Classroom(shutil.copytree(handed_in, disk / "course"))
    said = course.grade("--workers", "2", status=2)
    assert "Nothing can be written any more" in said
    assert "o space left on device" in said or "disk is full" in said
    assert "run the same command again" in said
    assert "Traceback" not in said
    kept = course.records()
    assert all(path.suffix == ".json" for paths in kept.values() for path in paths)
    assert any(kept.values())
    assert mount("-o", "remount,size=50m", str(disk)).returncode == 0
    assert f"{sum(map(bool, kept.values()))} unchanged" in course.grade("--workers", "2")
    assert course.state() == once.state()
    assert course.notebooks() == once.notebooks()


def test_a_read_only_course_is_said_and_nothing_is_lost(place, handed_in, once):
    disk = place("50m")
    course = Classroom(shutil.copytree(handed_in, disk / "course"))
    assert mount("-o", "remount,ro", str(disk)).returncode == 0
    said = course.grade("--workers", "2", status=2)
    assert "Read-only file system" in said and "Traceback" not in said
    assert mount("-o", "remount,rw", str(disk)).returncode == 0
    course.grade("--workers", "2")
    assert course.state() == once.state()
