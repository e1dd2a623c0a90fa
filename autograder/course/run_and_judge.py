"""Runs the grafted notebook in the sandbox and writes verdicts into its graded cells."""

import ast
import math
import secrets
from typing import Any

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Dict

from autograder import catalog
from autograder.course.graft import NOTES
from autograder.judge import judge
from autograder.sandbox import Limits, Sandbox


class RunAndJudge(NbGraderPreprocessor):  # type: ignore[misc]
    """Stands where nbgrader would execute: ``c.Autograde.autograde_preprocessors``.

    Cells run in order in one sandbox. At a graded cell ``check("ps6.quad_grad", quad_grad)`` its
    questions are put to what the cells above have defined, and the judge's verdict becomes the
    cell's output: the report, and the points as the cell's value. Nothing that a learner's code
    prints, returns or raises ever stands in a graded cell.
    """

    limits = Dict(
        help="What a submission may use up, as {'cell_seconds': 20}; see autograder.sandbox.Limits"
    ).tag(config=True)

    def preprocess(self, notebook: Any, resources: Any) -> Any:
        """Give every code cell of `notebook` its outputs."""
        reason = notebook.metadata.get(NOTES, {}).get("unreadable")
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        with Sandbox(Limits(**self.limits)) as box:
            for count, cell in enumerate(code, start=1):
                graded = is_grade(cell) and not is_solution(cell)
                cell.execution_count = count if reason is None else None
                if graded and reason is not None:
                    cell.outputs = _verdict_outputs(0.0, reason)
                elif graded:
                    cell.outputs = self._judge(cell, box)
                elif reason is None:
                    cell.outputs = _note(cell) + [new_output(**out) for out in box.run(cell.source)]
        return notebook, resources

    def _judge(self, cell: Any, box: Sandbox) -> list[Any]:
        """Return the outputs of a graded cell."""
        name = checked_exercise(cell.source)
        if name not in catalog.ids():
            grade_id = cell.metadata.nbgrader.grade_id
            self.log.error("The graded cell %s checks no exercise of the catalog", grade_id)
            return _verdict_outputs(0.0, "This cell checks no exercise, so it cannot be judged.")
        exercise, seed = catalog[name], secrets.randbits(32)
        questions = exercise.questions(seed)
        verdict = judge(exercise, questions, box.ask(questions))
        cell.metadata[NOTES] = {"exercise": name, "seed": seed, "verdict": verdict.to_dict()}
        most = float(cell.metadata.nbgrader.points)
        points = verdict.points / verdict.max_points * most
        return _verdict_outputs(min(points, most), verdict.message, verdict.html())


def checked_exercise(source: str) -> str | None:
    """Return the id in the cell's ``check("…", …)``.

    >>> checked_exercise('check("ps6.quad_grad", quad_grad)')
    'ps6.quad_grad'
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name("check"), args=[ast.Constant(str(name)), *_]):
                return name
    return None


def _verdict_outputs(points: float, text: str, html: str | None = None) -> list[Any]:
    """The report, and the points in the one form that nbgrader reads as partial credit.

    nbgrader takes the first value of a graded cell as its points if it is a float between 0 and
    the maximum, and nearly everything else as full marks.
    """
    if not (math.isfinite(points) and points >= 0):
        raise ValueError(f"{points} points")
    report = {"text/plain": text} | ({"text/html": html} if html else {})
    value = {"text/plain": repr(float(points))}
    return [new_output("display_data", report), new_output("execute_result", value)]


def _note(cell: Any) -> list[Any]:
    note = cell.metadata.get(NOTES, {}).get("note")
    return [new_output("stream", name="stdout", text=f"[{note}]\n")] if note else []
