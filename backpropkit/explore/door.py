"""The page /nudge/, where a formula is typed. python -m backpropkit.explore.door FOLDER"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from ..engine.node import TABLE, Node, var
from ..engine.program import Program
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
    return {op: traced(op) for op in (*OPERATORS, *FUNCTIONS)}


def traced(op: str) -> dict[str, Any]:
    """One rule as a program, with the registers of its parts; null where nothing flows."""
    arity = FUNCTIONS.get(op, 1 if op in ("neg", "power") else 2)
    args = [var(value, f"x{k}") for k, value in enumerate((0.6, 0.7)[:arity])]
    g = var(1.0, "g")
    given = {"g": g, "y": var(0.4, "y"), **{arg.name or "": arg for arg in args}}
    more: dict[str, Any] = {}
    if op == "power":  # of any exponent: it is one more input
        given["n"] = more["n"] = var(2.0, "n")
    parts = TABLE[op].gradient(g, given["y"], *args, **more)
    nodes = [part if isinstance(part, Node) or part is None else Node(part, "const")
             for part in parts]  # fmt: skip
    program = Program([node for node in nodes if node is not None], given)
    register = program.register
    return {
        "code": program.code(),
        "inputs": {name: register[node] for name, node in given.items()},
        "parts": [None if node is None else register[node] for node in nodes],
    }


def html(lessons: str = "../lessons/", site: str = "../docs/index.html") -> str:
    """The page, whole: style, script and rules inside of it."""
    told = {
        "rules": rules(),
        "functions": FUNCTIONS,
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
