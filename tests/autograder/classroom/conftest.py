"""A class of the generator, graded once; and copies of it to grade otherwise."""

import shutil
from pathlib import Path

import pytest
import second_set
import warm
from graded_class import Classroom
from shared import made_once

from tools.a_class import make_course

STUDENTS = 16


@pytest.fixture(autouse=True)
def alembic_begins_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader runs it for every new gradebook, in the tests' own process, too."""
    monkeypatch.setenv("PATH", warm.path())


@pytest.fixture(scope="session")
def handed_in(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that is not graded yet; only to be read."""

    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as here:
            here.setenv("PATH", warm.path())
            make_course(folder / "course", STUDENTS, seed=8)

    return made_once(tmp_path_factory, "handed-in", make) / "course"


@pytest.fixture
def classroom(handed_in: Path, tmp_path: Path) -> Classroom:
    """A copy of the class, to grade."""
    return Classroom(shutil.copytree(handed_in, tmp_path / "course"))


@pytest.fixture(scope="session")
def once(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The class, graded with two workers; only to be read."""

    def make(folder: Path) -> None:
        graded = Classroom(shutil.copytree(handed_in, folder / "course"))
        (folder / "said").write_text(graded.grade("--workers", "2"))

    folder = made_once(tmp_path_factory, "graded", make)
    return Classroom(folder / "course", (folder / "said").read_text())


@pytest.fixture
def graded(once: Classroom, tmp_path: Path) -> Classroom:
    """A copy of the graded class, to change."""
    return Classroom(shutil.copytree(once.root, tmp_path / "graded"))


@pytest.fixture(scope="session")
def two_sets(once: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The graded class with a second set, graded too; only to be read."""
    root = tmp_path_factory.mktemp("two-sets") / "course"
    found = Classroom(shutil.copytree(once.root, root))
    second_set.hand_in(root)
    found.run("autograder.cli", "grade", "ps7", "--workers", "2")
    return found
