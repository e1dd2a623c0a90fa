"""A course with a class in it: commands to grade it, and what they left behind."""

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warm
from nbgrader.api import Gradebook

from tools.a_class import POINTS


@dataclass
class Classroom:
    """A course with a class in it."""

    root: Path
    said: str = ""  # what grading it printed

    def command(self, *words: str, **more: Any) -> "subprocess.Popen[str]":
        """Start one of the commands as an instructor would."""
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=self.root,
            env=os.environ | warm.nobodys(self.root),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **more,
        )

    def run(self, *words: str, status: int | None = 0) -> str:
        """Run a command to its end; what it printed."""
        return warm.run(*words, cwd=self.root, status=status)

    def grade(self, *options: str, status: int = 0) -> str:
        """Grade the class with one worker, if not told: each takes two seconds of CPU to begin."""
        few = () if {"--workers", "--scheduler"} & {*options} else ("--workers", "1")
        return self.run("autograder.cli", "grade", "ps6", *options, *few, status=status)

    @property
    def db_url(self) -> str:
        return f"sqlite:///{self.root}/gradebook.db"

    @property
    def expected(self) -> dict[str, dict[str, float]]:
        """{student: {exercise: points}} as the generator says."""
        return {row["student"]: {name: float(row[name]) for name in POINTS} for row in self.rows}

    @property
    def rows(self) -> list[dict[str, str]]:
        with open(self.root / "expected.csv", newline="") as file:
            return list(csv.DictReader(file))

    def marks(self, db_url: str = "") -> dict[str, dict[str, float]]:
        """The same from the gradebook."""
        return {
            student: {
                grade[0].removeprefix("check_"): grade[1]
                for grade in state["grades"]
                if grade[0].startswith("check_")
            }
            for student, state in self.state(db_url).items()
        }

    def state(self, db_url: str = "") -> dict[str, dict[str, Any]]:
        """All that the gradebook says of each submission, without its own random numbers."""
        with Gradebook(db_url or self.db_url, "backpropkit") as book:
            assignment = book.find_assignment("ps6")
            found = {}
            for submission in assignment.submissions:
                (notebook,) = submission.notebooks
                assert submission.student.id not in found, "twice in the gradebook"
                found[submission.student.id] = {
                    "timestamp": submission.timestamp,
                    "late": submission.total_seconds_late,
                    "penalty": notebook.late_submission_penalty,
                    "score": notebook.score,
                    "grades": sorted(
                        (g.name, g.auto_score, g.manual_score, g.needs_manual_grade)
                        for g in notebook.grades
                    ),
                    "comments": sorted((c.name, c.auto_comment) for c in notebook.comments),
                }
            return found

    def notebooks(self) -> dict[str, Any]:
        """{student: autograded notebook}, with what is drawn at random left out."""
        return {
            path.parts[-3]: _settled(path) for path in self.root.glob("autograded/*/ps6/*.ipynb")
        }

    def other_files(self) -> dict[str, int]:
        """{file: permissions} of all that grading left in ``autograded/``."""
        folder = self.root / "autograded"
        return {
            str(path.relative_to(folder)): path.stat().st_mode
            for path in folder.rglob("*")
            if path.is_file()
        }

    def records(self) -> dict[str, list[Path]]:
        """{student: files in the ledger}"""
        return {
            folder.name: sorted(folder.glob("*"))
            for folder in (self.root / "ledger/ps6").glob("*/")
        }


def _settled(path: Path) -> Any:
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        about = cell["metadata"].get("autograder", {})
        if "seed" in about:
            verdict = about["verdict"]
            about.update(seed=0, verdict=(verdict["points"], verdict["misconceptions"]))
            cell["outputs"] = cell["outputs"][-1:]
    return notebook


def end(process: "subprocess.Popen[str]") -> None:
    """Kill a command with all it started, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
