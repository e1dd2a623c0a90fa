"""The page /nudge/, held to the engine: random formulas are made here and computed in Node."""

import gzip
import json
import math
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backpropkit.engine.node import TABLE, EngineError
from backpropkit.engine.sweep import gradients
from backpropkit.explore import door
from backpropkit.explore.given import maker
from backpropkit.explore.ideas import ideas
from backpropkit.graphs.graph import Graph
from backpropkit.picture import names

HERE = Path(__file__).parent
LEAVES = "abcd"


def formula(rng: np.random.Generator, deep: int) -> str:
    """A random formula as somebody might type it."""
    if deep == 0 or rng.random() < 0.15:
        number = f"{rng.uniform(0.1, 4):.{rng.integers(0, 4)}f}"
        return str(rng.choice(list(LEAVES))) if rng.random() < 0.75 else number
    one = formula(rng, deep - 1)
    match rng.integers(0, 10):
        case 0 | 1 | 2 | 3:
            sign = rng.choice(["+", "-", "*", "/", " + ", " * "])
            other = formula(rng, deep - 1)
            return f"({one}{sign}{other})" if rng.random() < 0.6 else f"{one}{sign}{other}"
        case 4:
            return f"-{one}" if rng.random() < 0.5 else f"({one})**{rng.integers(-2, 4)}"
        case 5:
            return f"({one})**{rng.choice(['2', '3', '0.5', '-1', '(1/2)', 'b', '-c'])}"
        case 6:
            return f"{rng.choice(known(2))}({one}, {formula(rng, deep - 1)})"
        case _:
            return f"{rng.choice(known(1))}({one})"


def known(arity: int) -> list[str]:
    return [name for name, takes in door.FUNCTIONS.items() if takes == arity]


OFFERED = {idea["name"] for idea in door.ideas()}  # some need more than a rule for a kind of gate


def told(rng: np.random.Generator) -> dict[str, Any] | None:
    """A formula and all that the engine says of it; None where it has no value there."""
    text = formula(rng, int(rng.integers(2, 5)))
    used = [name for name in LEAVES if name in _names(text)]
    given = {name: round(float(rng.uniform(0.2, 2.5)), 3) for name in used}
    h = float(rng.choice([0.1, -0.01, 1e-4]))
    if not used or len(text) > 200:
        return None
    try:
        with np.errstate(all="ignore"):
            graph, _ = maker(text, given, "told")
            nodes = [node for node in graph.nodes if node.op != "const"]
            nudges = [graph.nudge(node, h).actual for node in nodes]
            grads = [graph.grads[node] for node in nodes]
    except (EngineError, ArithmeticError, TypeError):
        return None
    values = [node.value for node in nodes]
    if len(graph.nodes) > 60 or not all(map(_fine, [*values, *grads, *nudges])):
        return None
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    return {
        "text": text, "given": given, "names": [called[n] for n in nodes], "h": h,
        "values": values, "grads": grads, "nudges": nudges,
        "ideas": {
            idea.name: believed(graph, idea.changes)
            for idea in ideas(graph)
            if idea.name in OFFERED
        },
    }  # fmt: skip


def believed(graph: Graph, changes: Mapping[str, Any]) -> list[float] | None:
    """What a wrong idea makes of every gradient; None where that is no number."""
    options = dict(changes)
    try:
        with np.errstate(all="ignore"):
            found = gradients(graph.result, options.pop("seed"), **options)
    except (EngineError, ArithmeticError):
        return None
    wrong = [found[node] for node in graph.nodes if node.op != "const"]
    return wrong if all(map(_fine, wrong)) else None


NASTY = (0.0, -0.0, -1.0, -2.5, 1e-320, 1e200, -1e308, 700.0, 0.5, 2.0)


def at_the_edge(rng: np.random.Generator) -> dict[str, Any] | None:
    """A formula where it may have no value; whether the engine has finite numbers there."""
    text = formula(rng, int(rng.integers(1, 4)))
    used = [name for name in LEAVES if name in _names(text)]
    if not used or len(text) > 200:
        return None
    given, h = {name: float(rng.choice(NASTY)) for name in used}, float(rng.choice([0.1, -1.0]))
    told: dict[str, Any] = {"text": text, "given": given, "h": h, "values": None}
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph, _ = maker(text, given, "told")
            nodes = [node for node in graph.nodes if node.op != "const"]
            numbers = [*(node.value for node in nodes), *(graph.grads[node] for node in nodes)]
            numbers += [graph.nudge(nodes[0], h).after, *graph.nudge(nodes[0], h).moved.values()]
    except (EngineError, ArithmeticError, TypeError):
        return told
    if len(graph.nodes) > 60:
        return None
    fine = all(map(math.isfinite, numbers))
    return {**told, "values": [node.value for node in nodes] if fine else None}


def _names(text: str) -> set[str]:
    return set(re.findall(r"[a-z]\w*", text))


def _fine(x: float) -> bool:
    return math.isfinite(x) and abs(x) < 1e6


def test_500_random_formulas_are_the_engines(rng: np.random.Generator, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, which runs the page's modules here")
    found: list[dict[str, Any]] = []
    while len(found) < 500:
        one = told(rng)
        found += [one] if one else []
    used = {name for one in found for name in _names(one["text"])}
    assert set(door.FUNCTIONS) <= used
    offered = {idea["name"] for idea in door.ideas()}
    assert offered == {name for one in found for name in one["ideas"]}
    edge: list[dict[str, Any]] = []
    while len(edge) < 500:
        nasty = at_the_edge(rng)
        edge += [nasty] if nasty else []
    assert 50 < sum(one["values"] is None for one in edge) < 450
    file = tmp_path / "told.json"
    told_all = {"rules": door.rules(), "functions": door.FUNCTIONS, "ideas": door.ideas()}
    file.write_text(json.dumps({**told_all, "formulas": found, "edge": edge}))
    done = subprocess.run(
        [node, "--test", str(HERE / "door.test.mjs")],
        env={**os.environ, "BACKPROPKIT_TOLD": str(file)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "500 random formulas" in done.stdout


def test_the_page_is_small_whole_and_asks_nobody() -> None:
    html = door.html()
    assert len(gzip.compress(html.encode())) < 80_000
    for word in (
        "eval(",
        "new Function",
        "import(",
        "\nimport",
        "fetch(",
        "src=",
        " onclick=",
        "{{",
    ):
        assert word not in html, word
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_every_scalar_function_of_the_table_can_be_typed() -> None:
    """A row that takes one number and gives one is a function of the page."""
    from backpropkit import functions as f

    for op in TABLE:
        if op in door.OPERATORS or op in door.FUNCTIONS or not hasattr(f, op):
            continue
        assert op in SHAPED, f"{op}: enter it in door.FUNCTIONS, or here as one for arrays"


SHAPED = {
    "broadcast_to", "cholesky", "concatenate", "cross_entropy", "cumsum", "det", "diag", "inv",
    "log_softmax", "logdet", "logsumexp", "matmul", "max", "mean", "min", "norm2", "outer",
    "quadratic_form", "remainder", "reshape", "softmax", "solve", "stack", "sum", "trace",
    "transpose", "where",
}  # fmt: skip
