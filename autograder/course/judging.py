"""Runs a grafted notebook in the sandbox and judges it: outputs and points, where they belong.

This needs neither the course nor its gradebook, so it can happen on any machine.
"""

import ast
import json
import math
import secrets
from typing import Any

from nbformat.v4 import new_output
from nbgrader.utils import is_grade, is_solution

from autograder import catalog
from autograder.asking.ask import Answer
from autograder.asking.wire import NotPlain, WireError, dumps
from autograder.course.graft import NOTES
from autograder.judge.judge import judge
from autograder.judge.verdict import Verdict
from autograder.sandbox import Limits, Sandbox

MAX_ANSWERS = 200_000  # bytes of answers kept of one exercise
NOBODY_CAN = "This cell checks no exercise of the catalog, so nobody can judge it."


def run_and_judge(notebook: Any, limits: Limits, rung: str) -> list[dict[str, Any]]:
    """Give every code cell of `notebook` its outputs; return what was judged, as JSON has it.

    Cells run in order in one sandbox. At a graded cell ``check("ps6.quad_grad", quad_grad)`` its
    questions are put to what the cells above have defined, and the judge's verdict becomes the
    cell's output. Each item of what is returned has ``exercise``, ``seed``, ``rung``, ``verdict``
    and ``answers``: enough to judge again.
    """
    notes = notebook.metadata.setdefault(NOTES, {})
    unreadable = notes.get("unreadable")
    judged: list[dict[str, Any]] = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    with Sandbox(limits, rung) as box:
        for count, cell in enumerate(code, start=1):
            cell.execution_count = count
            if is_grade(cell) and not is_solution(cell):
                judged.append(_judge(cell, box, unreadable))
            elif not unreadable:
                cell.outputs = _note(cell) + [new_output(**out) for out in box.run(cell.source)]
    notes["graded"] = True
    return judged


def _judge(cell: Any, box: Sandbox, unreadable: str | None) -> dict[str, Any]:
    """Fill a graded cell with the report, and the points as its value; return what was judged."""
    most = float(cell.metadata.nbgrader.points)  # what the course gives for it
    name = checked_exercise(cell.source) or cell.metadata.nbgrader.grade_id
    seed = secrets.randbits(32)
    answers: list[Answer] = []
    if name not in catalog.ids():
        verdict = Verdict(name, 0.0, most, note=NOBODY_CAN)
    elif unreadable:
        verdict = Verdict(name, 0.0, float(catalog[name].points), note=unreadable)
    else:
        questions = catalog[name].questions(seed)
        answers = box.ask(questions)
        verdict = judge(catalog[name], questions, answers)
    about = {"exercise": name, "seed": seed, "rung": box.rung, "verdict": verdict.to_dict()}
    cell.metadata[NOTES] = about
    report = {"text/plain": verdict.message, "text/html": verdict.html()}
    earned = verdict.points / verdict.max_points * most
    cell.outputs = [new_output("display_data", report), _points(min(earned, most))]
    return about | {"answers": _recorded(answers)}


def _recorded(answers: list[Answer]) -> Any:
    """The answers in the form of `asking.wire`; ``None`` where they are too long to keep."""
    try:
        data = dumps([vars(answer) for answer in answers])
    except (NotPlain, WireError):
        return None
    return json.loads(data) if len(data) <= MAX_ANSWERS else None


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
