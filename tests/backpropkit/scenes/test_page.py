"""What the page computes and writes, held to the engine: made here, run in Node."""

import json
import os
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backpropkit as bp
from backpropkit.engine.node import TABLE, Node
from backpropkit.engine.sweep import gradients
from backpropkit.explore import page
from backpropkit.graphs.program import Program, plain
from backpropkit.scenes.words import Num, Pick, When, said

HERE = Path(__file__).parent
pytest.importorskip("autograd", reason="autograd is not installed, which the random graphs need")
RANDOM = runpy.run_path(str(HERE.parent / "engine" / "test_random_graphs.py"))


def random_program(rng: np.random.Generator) -> dict[str, Any]:
    """A random graph over all ops with all its gradients, and what the engine makes of it."""
    shapes = [RANDOM["SHAPES"][k] for k in rng.integers(0, 6, rng.integers(1, 4))]
    kinds = rng.choice(["binary", "unary", "matrix"], rng.integers(1, 8))
    steps = [(str(kind), *map(int, rng.integers(0, 100, 3))) for kind in kinds]
    leaves = [bp.var(_value(rng, shape), f"x{k}") for k, shape in enumerate(shapes)]
    result = RANDOM["run"](bp, (0, shapes, steps), *leaves)
    grads = gradients(result, Node(1.0, "const"), nodes=True)
    outputs = [result, *(grads[leaf] for leaf in leaves)]
    program = Program(outputs, {leaf.name: leaf for leaf in leaves})
    given = {leaf.name: _value(rng, leaf.shape) for leaf in leaves if rng.random() < 0.7}
    fresh = [bp.var(given.get(leaf.name, leaf.value), leaf.name) for leaf in leaves]
    again = RANDOM["run"](bp, (0, shapes, steps), *fresh)
    again.backward()  # the engine's own sweep on a fresh graph, not the program's replay
    register = program.register
    second = [again.value, *(leaf.grad for leaf in fresh)]
    return {
        "code": program.code(),
        "inputs": {name: register[node] for name, node in program.inputs.items()},
        "registers": [register[node] for node in outputs],
        "first": [plain(node.value) for node in outputs],
        "given": {name: plain(value) for name, value in given.items()},
        "second": [plain(value) for value in second],
    }


EXTREMES = (1e-300, 1e-170, 1e-8, 40.0, 745.0, 1e8, 1e17, 1e170, 1e300)


def extreme_programs(sizes: tuple[float, ...] = EXTREMES) -> list[dict[str, Any]]:
    """Every op of one argument, and its gradient, at numbers whose squares or powers are none;
    each next to what the engine says: wherever it says a number, so must the page."""
    told = []
    for name in TABLE:
        op: Any = getattr(bp, name, None)
        for at in [s * x for x in sizes for s in (1.0, -1.0)]:
            scaled = np.diag([at, 1.0 / at])  # a matrix that is no worse for it
            for given in (at, np.array([at, 0.5 * at]), np.array([at, 1.0]), scaled):
                try:
                    x = bp.var(given, "x")
                    result = bp.sum(op(x))
                    result.backward()
                    again = bp.var(given, "x")
                    graph = bp.sum(op(again))
                    slope = gradients(graph, Node(1.0, "const"), nodes=True)[again]
                except (bp.EngineError, TypeError, KeyError):
                    continue
                program = Program([graph, slope], {"x": again})
                told.append({
                    "code": program.code(), "inputs": {"x": program.register[again]},
                    "registers": [program.register[n] for n in (graph, slope)],
                    "first": [plain(graph.value), plain(slope.value)], "given": {"x": plain(given)},
                    "second": [plain(result.value), plain(x.grad)], "op": name,
                })  # fmt: skip
    return told


def _value(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(-1.0, 1.0, shape) if shape else float(rng.uniform(-1.0, 1.0))


def numbers(rng: np.random.Generator) -> list[tuple[Any, str, str]]:
    """Numbers of all sizes, ties among them, as Python writes them."""
    drawn = [float(rng.normal() * 10.0 ** rng.integers(-12, 13)) for _ in range(400)]
    halves = [float(k) / 2**j for k in rng.integers(-999, 1000, 200) for j in (1, 2, 3)]
    rounded = [round(x, 3) for x in rng.uniform(-30, 30, 200).tolist()]
    edge = [0.0, 1.0, -1.0, 999999.0, 1e6, 123456.5, 1e16, 1e-5, 0.00012345, 2.5e-7, -0.5, 12345.5]
    scalars = [*drawn, *halves, *rounded, *edge, float("inf"), float("nan")]
    told: list[tuple[Any, str, str]] = []
    for x in scalars:
        hows = ["n4", "n3", "n2", "n5", "c3", "r"]
        hows += ["f1"] if abs(x) < 1e15 else []
        hows += ["s"] if x and abs(x) < 1e300 else []
        told += [(plain(x), how, said(Num(bp.const(x), how))) for how in hows]
    arrays = [rng.normal(size=s) for s in ((2,), (3,), (4,), (2, 2))] + [np.array([1.0, -2.0])]
    return told + [(plain(a), "w", said(Num(bp.const(a), "w"))) for a in arrays]


def branches() -> list[dict[str, Any]]:
    """Functions with an `if`, and whether others values take the branch that was recorded."""
    functions: list[tuple[Any, dict[str, float]]] = [
        (lambda a: a * a if a > 1 else 3.0 * a, {"a": 2.0}),
        (lambda a, b: a * b if a * b - 1.0 >= b else a + b, {"a": 2.0, "b": 3.0}),
        (lambda a, b: a - b if not b else a * b, {"a": 2.0, "b": 0.0}),
        (lambda a, b: a * b if a > 0 and b > 0 else a - b, {"a": 1.0, "b": -1.0}),
        (lambda a: bp.exp(a) if a != 2.0 else a, {"a": 1.0}),
    ]
    told = []
    for f, start in functions:
        spec = bp.explore.nudge(f, **start).scene
        cases = []
        movable = [name for name in start if f"leaf.{name}" in spec["state"]]
        for value in (-2.0, 0.0, 0.5, 2.0, 5.0):
            given = dict.fromkeys(movable, value)
            again = bp.explore.nudge(f, **{**start, **given}).scene
            same = [held for _, held, _ in again["guards"]] == [h for _, h, _ in spec["guards"]]
            cases.append([{f"leaf.{name}": value for name, value in given.items()}, same])
        told.append({**{k: spec[k] for k in ("program", "guards")}, "cases": cases})
    return told


def in_node(told: dict[str, Any], folder: Path) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, which runs the page's modules here")
    (folder / "told.json").write_text(json.dumps(told))
    done = subprocess.run(
        [node, "--test", str(HERE / "page.test.mjs")],
        env={**os.environ, "BACKPROPKIT_TOLD": str(folder / "told.json")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("graphs", [60, pytest.param(2000, marks=pytest.mark.slow)])
def test_the_page_computes_and_writes_what_python_does(
    graphs: int, rng: np.random.Generator, tmp_path: Path
) -> None:
    programs = [random_program(rng) for _ in range(graphs)]
    extremes = extreme_programs(EXTREMES if graphs == 2000 else (1e170,))
    assert len({program["op"] for program in extremes}) > 25
    told = {"ops": sorted(TABLE), "programs": programs, "extremes": extremes}
    told |= {"formats": numbers(rng)}
    told["branches"] = branches()
    assert f"{graphs} random programs" in in_node(told, tmp_path)
    if graphs == 2000:
        used = {line[0] for p in programs for line in p["code"] if isinstance(line, list)}
        assert set(TABLE) <= used, f"never reached: {set(TABLE) - used}"


def test_the_bundle_is_what_the_modules_make() -> None:
    if page.BUNDLE.read_text(encoding="utf-8") != page.bundled():
        pytest.fail("bundle.js is old: run python -m backpropkit.explore.page, and commit it")


def test_the_script_is_small_plain_and_asks_nobody() -> None:
    import gzip

    text = page.as_script()
    assert len(gzip.compress(text.encode())) < 40_000
    for word in ("eval(", "new Function", "import(", "fetch(", "http:", "https:", " onclick="):
        assert word not in text


def test_words_with_two_nodes_are_two_though_their_values_agree():
    a, b = bp.var([1.0, 2.0]), bp.var([1.0, 2.0])
    assert Num(a) == Num(a) and Num(a) != Num(b) and Num(a) != Num(a, "c3")
    assert When(a, "x") == When(a, "x") != When(b, "x")
    assert len({Num(a), Num(a), Num(b), Pick(a, ("x",)), Pick(b, ("x",))}) == 4
