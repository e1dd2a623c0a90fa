"""`autograder alike`: pairs of submissions to look at, each with what it shares and few others do.

Nobody is accused: a trace is a reason to read two submissions side by side, and nothing more.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import nbformat
import numpy as np

from autograder import catalog
from autograder.asking.counted import counted
from autograder.asking.wire import loads
from autograder.classroom.collect import read_origins
from autograder.classroom.course import Course
from autograder.classroom.gradebook import written_from
from autograder.classroom.record import Record
from autograder.classroom.report import prose
from autograder.course.judging import Judged
from autograder.course.magics import without_magics
from autograder.judge.exercise import Personal

SHORT = 15  # words and signs that a wrong answer has beyond the stub, so that its text tells
LONG = 60  # the same of a right one: right answers resemble each other, as they should
MOST_READ = 20_000  # characters of one answer
COMMON = (20, 5)  # what more than a 20th of the class shares, or more than 5, is nobody's own
LIMITS = (
    "Look at both before you think anything: two who learn together, or from one book, slip alike. "
    "What {few} or more share is not counted, nor what the release holds, nor short right answers; "
    "numbers are compared within one run of grade (regrade asks all the same again). Whoever "
    "rewrites a copy, or copies what is right and short, is not seen here."
)


@dataclass(frozen=True)
class Trace:
    """Something that few share: what it is, where, and who."""

    what: str
    where: str
    holders: tuple[str, ...]


@dataclass(frozen=True)
class Alike:
    """The pairs of a set, those with most in common first; of whom `lost` says why not compared."""

    assignment: str
    count: int
    pairs: dict[tuple[str, str], list[Trace]]
    lost: Mapping[str, str] = field(default_factory=dict)


def few(count: int) -> int:
    """How many of a class may share something that is still their own.

    >>> few(8), few(60), few(1000)
    (2, 3, 5)
    """
    share, most = COMMON
    return max(2, min(most, count // share))


def read_alike(root: Path, assignment: str, db_url: str | None = None) -> Alike:
    """Compare what the gradebook of the course in the folder `root` was written from."""
    course = Course.at(root, db_url)
    ledger = course.ledger(assignment)
    pointed = written_from(course, assignment)
    found = {student: ledger.read(student, key) for student, key in pointed.items()}
    release = {n: nbformat.reads(d, 4) for n, d in course.release(assignment).notebooks.items()}
    submitted = Path(course.directory.root, course.directory.submitted_directory)
    groups = {who: one["place"] for who, one in read_origins(submitted, assignment).items()}
    compared = alike(assignment, [record for record in found.values() if record], release, groups)
    lost = {who: ledger.lost(who, pointed[who]) for who, record in found.items() if not record}
    return replace(compared, lost=lost)


def alike(
    assignment: str,
    records: Sequence[Record],
    release: Mapping[str, Any],
    groups: Mapping[str, object] = {},
) -> Alike:
    """The pairs; `groups` says for those who hand in together what they handed in."""
    stubs = {_plain("".join(cell.source)) for book in release.values() for cell in book.cells}
    holders: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for record in records:
        for trace in set(_traces(record, stubs)):
            holders[trace].add(record.student)
    pairs: dict[tuple[str, str], list[Trace]] = defaultdict(list)
    for (what, where, _), some in holders.items():
        if len(some) <= few(len(records)):
            for first, second in combinations(sorted(some), 2):
                if not (first in groups and groups[first] == groups.get(second)):
                    pairs[first, second].append(Trace(what, where, tuple(sorted(some))))
    order = sorted(
        pairs.items(), key=lambda pair: (-len(pair[1]), sum(len(t.holders) for t in pair[1]), pair)
    )
    told = {pair: sorted(some, key=lambda t: (t.where, t.what)) for pair, some in order}
    return Alike(assignment, len(records), told)


# --- what may be shared: (what, where, what has to be the same) -----------------------------------


def _traces(record: Record, stubs: set[str]) -> Iterator[tuple[str, str, str]]:
    for name, about in record.notebooks.items():
        answers = {
            one.exercise: [
                text for text in about.sources(one.exercise) if _plain(text) not in stubs
            ]
            for one in about.judged
        }
        if any(answers.values()):
            yield "the same file", f"{name}.ipynb", about.submission
        for one in about.judged:
            yield from _text(one, answers[one.exercise])
            yield from _numbers(one)
    ideas = [(one.exercise, id) for one in record.judged for id in one.verdict.misconceptions[:1]]
    for first, second in combinations(sorted(ideas), 2):
        where = f"{first[0]} ({first[1]}) and {second[0]} ({second[1]})"
        yield "the same two ideas", where, ""


def _plain(text: str) -> str:
    return " ".join(text.split())


def _text(one: Judged, texts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    source = "\n".join(texts)
    if one.right:
        same, words = normal(source, names=True)
        if words >= LONG:
            yield "the same text, right, comments and layout aside", one.exercise, same
    else:
        same, words = normal(source, names=False)
        if words >= SHORT:
            yield "the same text, not right, names and comments aside", one.exercise, same


def normal(source: str, names: bool) -> tuple[str, int]:
    """A text without comments, layout and docstrings, and its words and signs beyond signatures.

    Without `names`, variables are called by the order in which they come.

    >>> normal("def f(a):\\n    # twice\\n    y = (2*a)\\n    return y", names=False)
    ('def f(v0):\\n    v1 = 2 * v0\\n    return v1', 7)
    """
    try:
        tree = ast.parse(without_magics(source[:MOST_READ])[0])
        for node in ast.walk(tree):
            _without_docstring(node)
        if not names:
            _rename(tree)
        text = ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = _plain(source)  # no Python; as it stands
    heads = [line for line in text.splitlines() if line.lstrip().startswith(("def ", "class "))]
    return text, _words(text) - _words("\n".join(heads))


def _words(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def _without_docstring(node: Any) -> None:
    match node:
        case (
            ast.FunctionDef(body=[ast.Expr(ast.Constant(str())), _, *_])
            | ast.ClassDef(body=[ast.Expr(ast.Constant(str())), _, *_])
        ):
            del node.body[0]


def _rename(tree: ast.AST) -> None:
    """Call arguments and what is assigned to by the order in which they come."""
    called: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                called.setdefault(name, f"v{len(called)}")
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name):
                node.arg = called[name]
            case ast.Name(id=name) if name in called:
                node.id = called[name]


def _numbers(one: Judged) -> Iterator[tuple[str, str, str]]:
    """Wrong numbers that no idea explains, on inputs that others got, too."""
    if one.right or one.verdict.misconceptions or one.answers is None:
        return
    given = cast(list[dict[str, Any]], loads(json.dumps(one.answers).encode()))
    if any(answer["trouble"] for answer in given):
        return
    values = [_digits(answer["value"]) for answer in given]
    task = catalog[one.exercise] if one.exercise in catalog.ids() else None
    if isinstance(task, Personal):  # nobody else was asked this
        return
    by_hand = bool(getattr(task, "fixed", None))
    missed = sum(f.points < f.max_points for f in one.verdict.findings)
    tells = missed > 1 if by_hand else len(set(values)) > 1
    if tells:
        drawn = "" if by_hand else f"{one.seed} "
        yield "the same wrong numbers on the same inputs", one.exercise, drawn + " ".join(values)


def _digits(value: Any) -> str:
    """A plain value to seven digits of its largest number: how it was computed does not matter."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{_digits(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_digits, value)) + "]"
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return repr(value)
    scale = float(np.max(np.abs(numbers), initial=0.0)) or 1.0
    digits = np.round(numbers / scale, 7) + 0.0  # no minus before 0
    return f"{scale:.7g}*{digits.tolist()}"


# --- said ----------------------------------------------------------------------------------------


def as_text(found: Alike, name: Any = None, most: int = 40) -> str:
    """The pairs for a terminal; `name` calls students otherwise."""
    called = name or (lambda student: student)
    count = len(found.pairs)
    pairs, all_of_it = counted(count, "pair"), counted(found.count, "submission")
    lines = [f"{found.assignment}: {pairs} to look at, of {all_of_it}."]
    for (first, second), traces in list(found.pairs.items())[:most]:
        lines += ["", " and ".join(sorted((called(first), called(second))))]
        lines += [f"  {trace.where}: {trace.what}{_others(trace)}" for trace in traces]
    if count > most:
        rest = counted(count - most, "more pair")
        lines += ["", f"{rest} with less in common; --most {count} shows all."]
    for student, why in found.lost.items():  # a path names the student
        lines += [
            "",
            f"Not compared: {called(student)}, the record is lost." if name else f"{why}.",
        ]
    return "\n".join([*lines, "", *prose(LIMITS.format(few=few(found.count) + 1))])


def _others(trace: Trace) -> str:
    others = len(trace.holders) - 2
    return f" ({others} more {'has' if others == 1 else 'have'} it)" if others else ""
