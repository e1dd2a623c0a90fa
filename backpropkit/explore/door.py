"""The page /nudge/, where a formula is typed. python -m backpropkit.explore.door FOLDER"""

from __future__ import annotations

import json
import keyword
import operator
import re
import sys
from pathlib import Path
from typing import Any

from ..engine.node import TABLE, Node, var
from ..engine.sweep import Rule
from ..graphs.program import Program
from ..ideas import IDEAS, Change
from ..ideas.table import (
    ACTIVATIONS,
    added_inside,
    argument_once,
    before_activation,
    before_inverse,
    number_before_matrix,
)
from . import page
from .stage import LOOK

MODULES = ("engine", "format", "bind", "controls", "formula", "door")
# what can be typed: operators by their signs, and the functions of the table that take numbers
OPERATORS = ("add", "sub", "mul", "div", "neg", "power", "pow")
FUNCTIONS = {
    **dict.fromkeys(
        ("exp", "exp2", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "arctan", "sinh",
         "cosh", "tanh", "abs", "sign", "sigmoid", "relu", "swish", "softplus"), 1
    ),
    **dict.fromkeys(("maximum", "minimum"), 2),
}  # fmt: skip
# kinds of gates an idea may speak of that are no op's name, and an op that is one
KINDS = {"scale": "mul", "shift": "add", "reciprocal": "power", "minus log": "log"}
LESSONS = {
    "leaf": ("01_nudging", "Lesson 1: what a nudge does"),
    "gate": ("02_graphs", "Lesson 2: graphs, and nodes in the middle"),
    "fork": ("04_forks", "Lesson 4: a node that is used twice"),
}


def rules() -> dict[str, Any]:
    """Every scalar rule of the table as a program: g, y, the arguments in, a part for each out.

    A rule is run once on Nodes, as everywhere; the page knows no rule of its own.

    >>> rules()["mul"]["code"][-2:], rules()["mul"]["parts"]
    ([['mul', [2, 1]], ['mul', [2, 0]]], [4, 5])
    """
    return {op: traced(op, TABLE[op].gradient) for op in (*OPERATORS, *FUNCTIONS)}


def traced(op: str, rule: Rule) -> dict[str, Any]:
    """One rule of an op as a program, with the registers of its parts; null where nothing flows."""
    arity = FUNCTIONS.get(op, 1 if op in ("neg", "power") else 2)
    args = [var(value, f"x{k}") for k, value in enumerate((0.6, 0.7)[:arity])]
    g = var(1.0, "g")
    given = {"g": g, "y": var(0.4, "y"), **{arg.name or "": arg for arg in args}}
    more: dict[str, Any] = {}
    if op == "power":  # of any exponent: it is one more input
        given["n"] = more["n"] = var(2.0, "n")
    return recorded(rule(g, given["y"], *args, **more), given)


def recorded(parts: tuple[Any, ...], given: dict[str, Node]) -> dict[str, Any]:
    nodes = [part if isinstance(part, Node) or part is None else Node(part, "const")
             for part in parts]  # fmt: skip
    program = Program([node for node in nodes if node is not None], given)
    register = program.register
    return {
        "code": program.code(),
        "inputs": {name: register[node] for name, node in given.items()},
        "parts": [None if node is None else register[node] for node in nodes],
    }


# about matrices, about a gate whose inputs are one node, or about what came in: no rule of a kind
ELSEWHERE = (before_inverse, argument_once, added_inside, number_before_matrix)


def ideas() -> list[dict[str, Any]]:
    """The wrong ideas one can have about numbers: each change as other rules, of kinds of gates.

    >>> [idea["name"] for idea in ideas()][:2]
    ['Only one of several paths', "'=' instead of '+=' at a fork"]
    """
    told = []
    for idea in IDEAS.values():
        changes = [found for change in idea.watched if any((found := changed(change)).values())]
        if changes:
            told.append(
                {"id": idea.id, "name": idea.name, "message": idea.message, "changes": changes}
            )
    return told


def changed(change: Change) -> dict[str, Any]:
    """What a wrong idea changes about the sweep, as the page's sweep takes it."""
    ops = (*OPERATORS, *FUNCTIONS)
    kinds = {**{op: op for op in ops}, **KINDS}
    found: dict[str, Any] = {
        "rules": {kind: traced(op, change.rows[kind]) for kind, op in kinds.items()
                  if kind in change.rows},
    }  # fmt: skip
    if change.every:
        found["every"] = {op: traced(op, change.every(TABLE[op].gradient)) for op in ops}
    if change.own is before_activation:
        found["before"] = ACTIVATIONS
    elif getattr(change.own, "func", change.own) in ELSEWHERE:
        return {}
    elif change.own:
        raise NotImplementedError(f"the page /nudge/ cannot have this idea: {change}")
    if change.meet is not operator.add:
        old, part = var(2.0, "old"), var(3.0, "part")
        found["meet"] = recorded((change.meet(old, part),), {"old": old, "part": part})
    seed = change.seed(1.0)
    return found if seed == 1.0 else {**found, "seed": seed}


def html(lessons: str = "../lessons/", site: str = "../docs/index.html") -> str:
    """The page, whole: style, script and rules inside of it."""
    told = {
        "rules": rules(),
        "functions": FUNCTIONS,
        "ideas": ideas(),
        "words": keyword.kwlist,  # what is copied as Python has to be Python
        "lessons": {k: [f"{lessons}{name}.html", words] for k, (name, words) in LESSONS.items()},
    }
    carried = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    text = (page.HERE / "door.html").read_text(encoding="utf-8")
    put = {"look": LOOK, "site": site, "told": carried, "script": page.bundled(MODULES)}
    return re.sub(r"\{\{(\w+)\}\}", lambda found: put[found[1]], text)


def write(folder: Path) -> Path:
    """Write the page as index.html into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "index.html"
    file.write_text(html(), encoding="utf-8")
    return file


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m backpropkit.explore.door FOLDER")
    print(write(Path(sys.argv[1])))
