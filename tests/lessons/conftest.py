"""Lessons as tests see them: their cells, their prose, and what running their cells gives."""

from __future__ import annotations

import ast
import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Lesson:
    """A lesson; `results` and `printed` hold what each code cell gave, by the cell's id."""

    path: Path
    cells: list[dict[str, Any]]
    results: dict[str, Any] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)

    def source(self, cell_id: str) -> str:
        (cell,) = [cell for cell in self.cells if cell["id"] == cell_id]
        return "".join(cell["source"])

    @property
    def prose(self) -> str:
        return "\n".join("".join(c["source"]) for c in self.cells if c["cell_type"] == "markdown")

    @property
    def code(self) -> dict[str, str]:
        return {c["id"]: "".join(c["source"]) for c in self.cells if c["cell_type"] == "code"}

    def run(self) -> None:
        """Run all code cells here, one after the other, in one namespace."""
        names: dict[str, Any] = {"__name__": "__main__"}
        for cell_id, source in self.code.items():
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                self.results[cell_id] = last_value(source, names)
            self.printed[cell_id] = out.getvalue()


def last_value(source: str, names: dict[str, Any]) -> Any:
    """Run source; the value of its last line if that is an expression, as a notebook shows it."""
    lines = ast.parse(source).body
    shown = ast.Expression(lines.pop().value) if isinstance(lines[-1], ast.Expr) else None
    exec(compile(ast.Module(lines, []), "<cell>", "exec"), names)
    return eval(compile(shown, "<cell>", "eval"), names) if shown else None


def read(path: Path) -> Lesson:
    return Lesson(path, json.loads(path.read_text(encoding="utf-8"))["cells"])


@pytest.fixture(params=sorted((ROOT / "lessons").glob("[0-9]*.ipynb")), ids=lambda path: path.stem)
def each_lesson(request: pytest.FixtureRequest) -> Lesson:
    """Every lesson in turn, not run."""
    return read(request.param)


@pytest.fixture(scope="session")
def lesson() -> Callable[[str], Lesson]:
    """lesson("02_graphs"): that lesson, all its cells run."""

    @cache
    def open_it(name: str) -> Lesson:
        found = read(ROOT / "lessons" / f"{name}.ipynb")
        found.run()
        return found

    return open_it


@pytest.fixture(scope="session")
def worked() -> dict[str, dict[str, Any]]:
    """The worked cases of the notes, by id: closed forms, checked outside this project."""
    data = ROOT / "tests" / "backpropkit" / "engine" / "data" / "worked_cases.json"
    return {case["id"]: case for case in json.loads(data.read_text(encoding="utf-8"))}
