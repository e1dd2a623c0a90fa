"""Runs a grafted notebook in the sandbox and judges it: outputs and points, where they belong.

This needs neither the course nor its gradebook, so it can happen on any machine.
"""

import ast
import json
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import from_dict

from autograder import catalog
from autograder.asking.ask import Answer
from autograder.asking.wire import NotPlain, WireError, dumps
from autograder.course.graft import NOTES
from autograder.course.judge_apart import judge_apart
from autograder.course.magics import Magics, without_magics
from autograder.course.pictures import Drawn
from autograder.course.roles import is_grade, is_solution
from autograder.judge.judge import drawn
from autograder.judge.verdict import Verdict
from autograder.sandbox import Limits, Sandbox

MAX_ANSWERS = 200_000  # bytes of answers kept of one exercise
MAX_WORDS = 500  # characters of an error in a self-reported cell
SELF_REPORTED = "self-reported"  # what a learner's own process said of itself
_REPORTS = (
    "Self-reported: this cell ran beside the answer's code, which could have told it anything."
)


@dataclass(frozen=True)
class Judged:
    """What was judged in one graded cell: enough to judge it again.

    Attributes:
        exercise: its id; of a cell that checks none, the cell's own.
        verdict: in the points that the course's notebook gives.
        right: whether nothing is missing, whatever it is worth.
        seed, answers: what the questions were drawn from, and what came back, as
            `asking.wire` has it; no answers where they are too long to keep.
        rung: how the submission was isolated.
        self_reported: whether the verdict is what a cell of the course's own said while it ran in
            the learner's process, which nothing can vouch for.
    """

    exercise: str
    verdict: Verdict
    right: bool
    seed: int
    rung: str
    answers: Any = None
    self_reported: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return vars(self) | {"verdict": self.verdict.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Judged":
        """What `to_dict` wrote."""
        return cls(**{**data, "verdict": Verdict.from_dict(data["verdict"])})


@dataclass(frozen=True)
class Judging:
    """How a submission is run and judged: limits, isolation, what it may import, hidden tests.

    What is drawn from `seed` is kept: a class is asked the same questions in one run, and what the
    judge computes of them, it computes once. The next run draws anew.
    """

    limits: Limits = field(default_factory=Limits)
    rung: str | None = None
    packages: tuple[str, ...] = ()
    tests: Mapping[str, str] = field(default_factory=dict)  # {cell: its text with hidden tests}
    seed: int = field(default_factory=lambda: secrets.randbits(32))
    student: str = ""  # whose it is: some exercises are other ones for everybody


def run_and_judge(notebook: Any, how: Judging) -> list[Judged]:
    """Give every code cell of `notebook` its outputs; return what was judged.

    Cells run in order in one sandbox. At a graded cell ``check("ps6.quad_grad", quad_grad)`` its
    questions are put to what the cells above have defined, and the judge's verdict becomes the
    cell's output. Any other graded cell, of asserts, runs where the learner's code has run.
    """
    notes = notebook.metadata.setdefault(NOTES, {})
    unreadable = notes.get("unreadable")
    judged: list[Judged] = []
    magics, pictures = Magics(), Drawn()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    with Sandbox(how.limits, how.rung, how.packages) as box:
        for count, cell in enumerate(code, start=1):
            cell.execution_count = count
            if is_grade(cell) and not is_solution(cell):
                judged.append(_judge(cell, box, how, unreadable))
            elif not unreadable:
                cell.outputs = _run(cell, box, magics, pictures)
    notes["graded"] = True
    return judged


def _run(cell: Any, box: Sandbox, magics: Magics, pictures: Drawn) -> list[Any]:
    """The outputs of a cell, and before them what the grader has to say about it."""
    source, left_out = magics.left_out(cell.source)
    notes = [cell.metadata.get(NOTES, {}).get("note"), *map(_left_out, left_out)]
    said = [
        {"output_type": "stream", "name": "stdout", "text": f"[{note}]\n"} for note in notes if note
    ]
    outputs: list[Any] = from_dict(said + pictures.bounded(box.run(source)))
    return outputs  # the whole notebook is checked once, when it is written


def _left_out(line: str) -> str:
    return f"left out while grading: {line}"


def _judge(cell: Any, box: Sandbox, how: Judging, unreadable: str | None) -> Judged:
    """Fill a graded cell with the report, and the points as its value; return what was judged."""
    most = float(cell.metadata.nbgrader.points)  # what the course gives for it
    name = checked_exercise(cell.source)
    answers: list[Answer] = []
    grade_id = cell.metadata.nbgrader.grade_id
    if unreadable:
        verdict = Verdict(name or grade_id, 0.0, most, note=unreadable)
    elif name is None:
        verdict = _reported(grade_id, how.tests.get(grade_id, cell.source), most, box)
    else:
        questions, _ = drawn(catalog[name].of(how.student), how.seed)
        answers = box.ask(questions)
        verdict = judge_apart(name, how.student, how.seed, questions, answers)
    right = verdict.passed and not unreadable
    verdict = scaled(verdict, most)
    judged = Judged(
        verdict.exercise, verdict, right, how.seed, box.rung, _recorded(answers), name is None
    )
    about = judged.to_dict()
    del about["answers"]
    cell.metadata[NOTES] = about
    report = {"text/plain": verdict.message, "text/html": verdict.html()}
    shown = {"output_type": "display_data", "data": report, "metadata": {}}
    cell.outputs = from_dict([shown, _points(verdict.points)])
    return judged


def _reported(grade_id: str, source: str, most: float, box: Sandbox) -> Verdict:
    """What a graded cell of the course's own says: nothing if all is well, points, or an error."""
    outputs = box.run(without_magics(source)[0])
    for output in outputs:
        if output["output_type"] == "error":
            words = f"{output['ename']}: {output['evalue']}".strip(": ")[:MAX_WORDS]
            return Verdict(grade_id, 0.0, most, note=f"{words}\n  {_REPORTS}")
    values = [out["data"] for out in outputs if out["output_type"] == "execute_result"]
    earned = _value(values[-1].get("text/plain", "")) if values else None
    points = most if earned is None else min(max(earned, 0.0), most)
    return Verdict(grade_id, points, most, note=_REPORTS)


def _value(text: str) -> float | None:
    """The points that a cell's value says, as nbgrader's partial credit; ``None`` if it is none.

    >>> _value("1.5"), _value("np.float64(0.0)"), _value("False"), _value("'done'")
    (1.5, 0.0, 0.0, None)
    """
    if text == "False":
        return 0.0
    number = re.fullmatch(r"(?:np\.\w+\()?([-+.\deE]+|nan)\)?", text.strip())
    try:
        value = float(number[1]) if number else None
    except ValueError:
        return None
    return 0.0 if value is not None and not math.isfinite(value) else value


def scaled(verdict: Verdict, most: float) -> Verdict:
    """A verdict in the points that the course gives, which may not be the exercise's own.

    >>> scaled(Verdict("ps6.quad_grad", 1.5, 3.0), 6.0).points
    3.0
    """
    if verdict.max_points == most:
        return verdict
    factor = most / verdict.max_points if verdict.max_points else 0.0
    findings = [
        replace(one, points=one.points * factor, max_points=one.max_points * factor)
        for one in verdict.findings
    ]
    points = min(verdict.points * factor, most)
    return replace(verdict, points=points, max_points=most, findings=findings)


def _recorded(answers: list[Answer]) -> Any:
    """The answers in the form of `asking.wire`; ``None`` where they are too long to keep."""
    try:
        data = dumps([vars(answer) for answer in answers])
    except (NotPlain, WireError):
        return None
    return json.loads(data) if len(data) <= MAX_ANSWERS else None


def checked_exercise(source: str) -> str | None:
    """Return the id in the cell's ``check("…", …)``; ``None`` where there is no such call.

    >>> checked_exercise('check("ps6.quad_grad", quad_grad)')
    'ps6.quad_grad'
    """
    for call in checks(source):
        match call.args:
            case [ast.Constant(str(name)), *_]:
                return name
    return None


def checks(source: str) -> list[ast.Call]:
    """The calls of ``check`` in a cell, under whatever name; none where it is no Python."""
    try:
        tree = ast.parse(without_magics(source)[0])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_check(node)]


def _is_check(call: ast.Call) -> bool:
    match call:
        case ast.Call(func=ast.Name("check") | ast.Attribute(ast.Name("autograder"), "check")):
            return True
        case ast.Call(args=[ast.Constant(str(name)), *_]):
            return name in catalog.ids()
    return False


def _points(points: float) -> Any:
    """The value of a graded cell, in the one form that nbgrader reads as partial credit.

    A float between 0 and the maximum counts as itself, and nearly everything else as full marks.
    """
    if not (math.isfinite(points) and points >= 0):
        raise ValueError(f"{points} points")
    return {
        "output_type": "execute_result",
        "data": {"text/plain": repr(float(points))},
        "metadata": {},
        "execution_count": None,
    }
