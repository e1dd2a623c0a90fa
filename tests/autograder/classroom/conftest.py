"""A class of the generator, graded once; and copies of it to grade otherwise."""

import shutil
from pathlib import Path

import pytest
import second_set
import warm
from graded_class import Classroom

from tools.a_class import make_course

STUDENTS = 16


@pytest.fixture(autouse=True)
def alembic_begins_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader runs it for every new gradebook, in the tests' own process, too."""
    monkeypatch.setenv("PATH", warm.path())


@pytest.fixture(scope="session")
def handed_in(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that is not graded yet."""
    root = tmp_path_factory.mktemp("handed-in") / "course"
    with pytest.MonkeyPatch.context() as here:
        here.setenv("PATH", warm.path())
        make_course(root, STUDENTS, seed=8)
    return root


@pytest.fixture
def classroom(handed_in: Path, tmp_path: Path) -> Classroom:
    """A copy of the class, to grade."""
    return Classroom(shutil.copytree(handed_in, tmp_path / "course"))


@pytest.fixture(scope="session")
def once(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The class, graded with two workers; only to be read."""
    root = tmp_path_factory.mktemp("graded") / "course"
    graded = Classroom(shutil.copytree(handed_in, root))
    graded.said = graded.grade("--workers", "2")
    return graded


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
