"""What judges a submission is in its fingerprint, what the sandbox needs is in its view, and the
package's three names are what they say, however its modules are imported."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.fingerprint import programs
from autograder.sandbox.view import KIT

ROOT = Path(__file__).parents[2]


def loaded(statement: str, say: str) -> list[str]:
    code = f"import sys; {statement}; {say}"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()


def test_every_module_that_judging_loads_is_in_the_fingerprint() -> None:
    files = loaded(
        "import autograder.course.run_and_judge",
        "print(*(m.__file__ for n, m in sys.modules.items()"
        " if n.split('.')[0] in ('autograder', 'backpropkit')), sep='\\n')",
    )
    assert len(files) > 30
    unseen = set(map(Path, files)) - {path for _, path in programs()}
    assert not unseen, f"course/fingerprint.py does not see {unseen}: old verdicts would be kept"


def test_what_runs_in_the_sandbox_is_in_the_fingerprint_and_brings_what_it_imports() -> None:
    there = {place.removesuffix(".py").removesuffix("/__init__") for place in KIT}
    for place, file in KIT.items():
        assert file in {path for _, path in programs()}, place
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                if name.split(".")[0] in ("autograder", "backpropkit"):
                    assert name.replace(".", "/") in there, f"{place} imports {name}: not in KIT"


@pytest.mark.parametrize(
    "first",
    [
        "import autograder",
        "import autograder.check",
        "import autograder.catalog",
        "import autograder.catalog.ps1, autograder.check, autograder.judge.judge",
        "from autograder.check import check",
        "import importlib; importlib.import_module('autograder.check')",
        "from autograder import check; import autograder.check, autograder.catalog.ps7",
    ],
)
def test_the_names_of_the_package_are_functions_and_the_catalog(first: str) -> None:
    kinds = loaded(
        f"{first}; from autograder import catalog, check, evaluate; import autograder as a",
        "print(*(type(x).__name__ for x in (check, evaluate, catalog, a.check, a.catalog)))",
    )
    assert kinds == ["function", "function", "Catalog", "function", "Catalog"]
