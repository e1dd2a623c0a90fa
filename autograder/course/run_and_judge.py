"""Runs the grafted notebook in the sandbox and writes verdicts into its graded cells."""

import ast
import math
import secrets
from dataclasses import fields
from typing import Any

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Dict

from autograder import catalog
from autograder.course.graft import NOTES
from autograder.judge import judge
from autograder.sandbox import RUNGS, Limits, Sandbox, best_rung
from autograder.verdict import Verdict


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
    trust_submissions = Bool(
        False,
        help="Run submissions with all your own rights where this machine cannot isolate them",
    ).tag(config=True)

    def prepare(self) -> tuple[Limits, str]:
        """The limits, and the rung that submissions will run on.

        Raises `SandboxError` where nothing isolates and submissions are not trusted, and
        ``ValueError`` for limits that there are none of.
        """
        names = [field.name for field in fields(Limits)]
        if unknown := set(self.limits) - set(names):
            raise ValueError(
                f"RunAndJudge.limits has no {', '.join(sorted(unknown))}; "
                f"what can be limited: {', '.join(names)}."
            )
        rung = best_rung(self.trust_submissions)
        if rung == RUNGS[-1]:
            self.log.warning("Nothing isolates the submissions: they can do whatever you can.")
        return Limits(**self.limits), rung

    def preprocess(self, notebook: Any, resources: Any) -> Any:
        """Give every code cell of `notebook` its outputs."""
        notes = notebook.metadata.setdefault(NOTES, {})
        unreadable = notes.get("unreadable")
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        with Sandbox(*self.prepare()) as box:
            for count, cell in enumerate(code, start=1):
                cell.execution_count = count
                if is_grade(cell) and not is_solution(cell):
                    cell.outputs = self._judge(cell, box, unreadable)
                elif not unreadable:
                    cell.outputs = _note(cell) + [new_output(**out) for out in box.run(cell.source)]
        notes["graded"] = True
        return notebook, resources

    def _judge(self, cell: Any, box: Sandbox, unreadable: str | None) -> list[Any]:
        """Return the outputs of a graded cell: the report, and the points as its value."""
        name = checked_exercise(cell.source)
        if name not in catalog.ids():
            grade_id = cell.metadata.nbgrader.grade_id
            self.log.error("The graded cell %s checks no exercise of the catalog", grade_id)
            text = "This cell checks no exercise of the catalog, so nobody can judge it."
            return [new_output("display_data", {"text/plain": text}), _points(0.0)]
        exercise, seed = catalog[name], secrets.randbits(32)
        if unreadable:
            verdict = Verdict(name, 0.0, float(exercise.points), note=unreadable)
        else:
            questions = exercise.questions(seed)
            verdict = judge(exercise, questions, box.ask(questions))
        cell.metadata[NOTES] = {
            "exercise": name,
            "seed": seed,
            "rung": box.rung,
            "verdict": verdict.to_dict(),
        }
        report = {"text/plain": verdict.message, "text/html": verdict.html()}
        most = float(cell.metadata.nbgrader.points)  # what the course gives for it
        earned = verdict.points / verdict.max_points * most
        return [new_output("display_data", report), _points(min(earned, most))]


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


def _points(points: float) -> Any:
    """The value of a graded cell, in the one form that nbgrader reads as partial credit.

    A float between 0 and the maximum counts as itself, and nearly everything else as full marks.
    """
    if not (math.isfinite(points) and points >= 0):
        raise ValueError(f"{points} points")
    return new_output("execute_result", {"text/plain": repr(float(points))})


def _note(cell: Any) -> list[Any]:
    note = cell.metadata.get(NOTES, {}).get("note")
    return [new_output("stream", name="stdout", text=f"[{note}]\n")] if note else []
