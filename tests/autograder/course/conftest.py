"""Courses to grade, each in a folder of its own."""

import shutil
from typing import Any

import pytest
from nbgrader_course import Course, release


@pytest.fixture(scope="session")
def make_course(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Make courses with one of the project's problem sets, released with stock nbgrader."""
    made: dict[str, Course] = {}

    def make(name: str) -> Course:
        if name not in made:
            made[name] = release(name, tmp_path_factory.mktemp(f"released-{name}"))
        root = tmp_path_factory.mktemp(f"course-{name}")
        shutil.copytree(made[name].root, root, dirs_exist_ok=True)
        return Course(root, name)

    return make
