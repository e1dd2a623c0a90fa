"""For all tests: hypothesis profiles, seeds, and last lines that say what was skipped."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import zlib
from collections import defaultdict
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from shared import made_once

import autograder.classroom.quick  # noqa: F401 (each process of the tests begins a second sooner)

# CI gives the same answer for the same commit; elsewhere every run tries something new.
IN_CI = os.environ.get("CI") == "true"
SEED = int(os.environ.get("SEED", 0 if IN_CI else secrets.randbits(32)))
os.environ["SEED"] = str(SEED)  # the processes that tests are shared out to draw the same

ROOT = Path(__file__).parents[1]
SLOW = ("browser", "hostile", "autograder/classroom", "autograder/course", "autograder/sandbox")
# what takes longest begins first, so that no process is left alone with it at the end; what waits
# (for limits, kernels, browsers) beside what computes
FIRST = (
    "hostile/test_hostile.py",
    "browser/test_lab_site.py",
    "backpropkit/engine/test_learner_programs.py",
    "browser/test_lessons.py",
    "autograder/classroom/test_killed.py",
    "docs/test_site.py",
    "autograder/classroom/test_own_course.py",
    "autograder/course/test_all_sets.py",
    "autograder/test_mutants.py",
    "autograder/classroom/test_what_comes_in.py",
    "hostile/test_kill.py",
    "autograder/classroom/test_two_roads.py",
    "autograder/course/test_odd_submissions.py",
    "browser/test_elsewhere.py",
    "docs/test_blocks.py",
    "autograder/classroom/test_grade.py",
    "docs/test_walk_of_ones_own.py",
    "autograder/classroom/test_no_room.py",
    "browser/test_access.py",
    "autograder/classroom/test_cluster.py",
    "autograder/test_containers.py",
    "backpropkit/engine/test_random_graphs.py",
    "lessons/test_every_lesson.py",
    "docs/test_teach.py",
    "autograder/test_credit.py",
    "browser/test_solve_by_hand.py",
    "autograder/classroom/test_own_catalog.py",
    "autograder/classroom/test_drill_cells.py",
)

hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("here", deadline=None, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "here")


def pytest_report_header() -> str:
    return f"random inputs: SEED={SEED}"


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random numbers of this test's own; pytest shows the line printed here when the test fails."""
    print(f"random inputs: run again with SEED={SEED}")
    return np.random.default_rng([SEED, zlib.crc32(request.node.nodeid.encode())])


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive and installed by itself, with NumPy beside it."""
    return made_once(tmp_path_factory, "wheel", build_and_install) / "site"


def build_and_install(folder: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run([*build, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    (archive,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(archive, folder)
    source = folder / archive.name.removesuffix(".tar.gz")
    subprocess.run([*build, "-t", "wheel"], cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "-t", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    packages = Path(np.__file__).parents[1]
    for path in packages.glob("numpy*"):
        (site / path.name).symlink_to(path)


@pytest.fixture(scope="session")
def wheel(installed: Path) -> Path:
    """The wheel itself."""
    (found,) = installed.parent.glob("*.whl")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the folders that start browsers, sandboxes, nbgrader: `make check` leaves them out.

    Files that take longest come first, then those that are slow, then all others.
    """
    here = Path(__file__).parent
    for item in items:
        if any(item.path.is_relative_to(here / folder) for folder in SLOW):
            item.add_marker("slow")
        # JupyterLab and Chromium beside the tests on two cores can miss a deadline; what is wrong
        # fails three times, and pytest's last line counts what had to run again
        if item.path.is_relative_to(here / "browser"):
            item.add_marker(pytest.mark.flaky(reruns=2))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    first = [here / name for name in FIRST]
    items.sort(key=lambda i: first.index(i.path) if i.path in first else 99 - (i.path in slow))


def pytest_unconfigure(config: pytest.Config) -> None:
    """After pytest's own summary, so that these are the last lines a person sees."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or not reporter.stats.get("passed"):
        return
    skipped = defaultdict(list)
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        skipped[str(reason).removeprefix("Skipped: ")].append(report.nodeid)
    if not skipped:
        reporter.write_line("No test was skipped.")
    for reason, tests in skipped.items():
        reporter.write_line(f"SKIPPED, {reason}: {', '.join(tests)}")
