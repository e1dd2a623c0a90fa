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
    """Bytes that the files in a folder take up, in whole pages; folders cost a tmpfs none."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return sum(-(-size // 4096) * 4096 for size in sizes)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])  # of what a graded class takes up
def test_a_full_disk_is_said_and_nothing_is_lost(place, handed_in, once, part):
    before, after = on_disk(handed_in), on_disk(once.root)
    disk = place(str(before + int(part * (after - before))))
    course = Classroom(shutil.copytree(handed_in, disk / "course"))
    said = course.grade("--workers", "2", status=2)
    assert "Nothing can be written any more" in said
    assert "o space left on device" in said or "disk is full" in said
    assert "run the same command again" in said
    assert "Traceback" not in said
    kept = course.records()
    assert all(path.suffix == ".json" for paths in kept.values() for path in paths)
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
