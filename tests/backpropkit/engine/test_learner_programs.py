"""Programs as learners write them: right by an independent library, or one of our errors."""

from __future__ import annotations

import copy
import os
import pickle
import re
import subprocess
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import learner_programs as lp
import numpy as np
import pytest
from conftest import SEED

import backpropkit as bp
from backpropkit.engine import rules
from backpropkit.engine.node import TABLE

THOUSANDS = int(os.environ.get("THOUSANDS", "5"))  # of programs; fewer say less
NO_DIGITS = "as far as its digits tell"  # of a matrix nobody can invert
LARGE = 1e6  # what a program may come to; beyond, rounding is all there is to compare
NAMED = re.compile(
    r"(?:node|leaf|constant) '|the node \w+\(|unnamed leaf|a constant \(|\bbp\.\w|backpropkit"
    r"|\bNode\b|^\w+\(.*\) was given"
)
# how Python and NumPy speak of themselves; none of it helps somebody who wrote `x.max()`
BARE = re.compile(
    r"<lambda>\(\)|<locals>\.\w+\(\)|\(34,|object has no attribute|object is not"
    r"|unsupported operand|setting an array element|\w\(\) (?:got|takes|missing)|read-only"
    r"|not supported between|loop of ufunc|ufunc '|remapped"
)


def ours(error: BaseException | None) -> bool:
    """Whether an error is one of the kit's: it names the op or the node, and says what to do."""
    while error is not None:  # NumPy puts words of its own above what it was told
        known = isinstance(error, (TypeError, AttributeError, IndexError)) and NAMED.search(
            str(error)
        )
        if (isinstance(error, bp.EngineError) or known) and not BARE.search(str(error)):
            return True
        error = error.__cause__
    return False


def near(found: Any, expected: Any, rtol: float) -> bool:
    """Whether answers agree: lists of numbers and arrays, nan only where nan is expected."""
    for a, b in zip(found, expected, strict=True):
        if np.shape(a) != np.shape(b):
            return False
        a, b = np.asarray(a, float), np.asarray(b, float)
        solid = b[np.isfinite(b)]
        room = rtol * max(1.0, np.max(np.abs(solid), initial=0.0))
        if not np.allclose(a, b, rtol=0.0, atol=room, equal_nan=True):
            return False
    return True


def asked(world: dict[str, Any], p: lp.Program) -> Any:
    """(f, answer) of a program in a world, or the error it ended in."""
    with warnings.catch_warnings():
        warnings.simplefilter("error" if world is lp.ON_NODES else "ignore")
        try:
            return lp.run(world, p)
        except RuntimeWarning as error:
            if in_the_engine(error):
                return error
        except Exception as error:
            return error
        warnings.simplefilter("ignore")  # NumPy's own, of the program's plain arrays
        try:
            return lp.run(world, p)
        except Exception as error:
            return error


def in_the_engine(error: Exception) -> bool:
    """Whether a warning came of what the engine computed; of plain arrays it is NumPy's own."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    callers = [file for file in files if "numpy" not in Path(file).parts]
    return "engine" in Path(callers[-1]).parts


def finite_in(made: Any) -> bool:
    return not isinstance(made, Exception) and all(np.all(np.isfinite(x)) for x in made[1])


def overflows(p: lp.Program) -> bool:
    """Whether f is beyond numbers at the other values, which a way may ask for first."""
    space = {**lp.BY_DIFFERENCES}
    exec(p.function(1), space)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return not np.all(np.isfinite(space["f"](*copy.deepcopy(p.moved))))
        except Exception:
            return True


@dataclass
class Judged:
    """What a program came to: agrees, refuses, beyond numbers, no truth; or what is wrong."""

    program: lp.Program
    outcome: str = ""
    complaint: str = ""
    autograd_differs: bool = False
    text: str = ""  # the source of its gradient, for a fresh interpreter
    given: list[Any] = field(default_factory=list)
    expected: list[Any] = field(default_factory=list)

    def wrong(self, complaint: str) -> Judged:
        self.outcome = "wrong"
        self.complaint += complaint.strip() + "\n"
        return self


def judge(p: lp.Program) -> Judged:
    judged = Judged(p)
    truth, exact = asked(lp.BY_AUTOGRAD, p), 1e-8
    if isinstance(truth, Exception):
        truth, exact = asked(lp.BY_DIFFERENCES, p), 1e-5  # two steps need not agree better
    found = asked(lp.ON_NODES, p)
    finite = finite_in(truth)
    if isinstance(found, Exception):
        no_digits = NO_DIGITS in str(found)  # the library goes on with noise
        # and takes 0 for the slope of a standard deviation that is 0
        steep = " is nan: what " in str(found) and "sqrt(" in str(found)
        by_zero = "division by zero" in str(found)  # an error for numbers, also where none asks
        free = p.doubtful or not finite or no_digits or steep or by_zero or overflows(p)
        if free and ours(found):
            judged.outcome = "refuses"
            return judged
        if type(found) is type(truth) and not in_the_engine(found):  # of plain arrays, as in NumPy
            judged.outcome = "refuses"
            return judged
        return judged.wrong(f"it ends in {type(found).__name__}: {found}")
    if isinstance(truth, lp.Undecided):  # and autograd cannot
        judged.outcome = "no truth"
        return judged
    if isinstance(truth, Exception):
        return judged.wrong(f"it answers {found[1]}, where the library says {truth!r}")
    if finite and max(np.max(np.abs(x), initial=0.0) for x in truth[1]) > LARGE:
        judged.outcome = "too large"
        return judged
    if not near(found[1], truth[1], exact):
        slopes = asked(lp.BY_DIFFERENCES, p)  # autograd has faults, too
        judged.autograd_differs = True
        if not finite and (isinstance(slopes, lp.Undecided) or not finite_in(found)):
            judged.outcome = "beyond numbers"
            return judged
        if isinstance(slopes, lp.Undecided):  # digits lost on the way: nobody can say
            judged.outcome = "no truth"
            return judged
        if isinstance(slopes, Exception) or not near(found[1], slopes[1], 1e-5):
            by = f"by autograd {truth[1]}, by differences {slopes}"
            return judged.wrong(f"the answer is {found[1]}, {by}")
    if not finite:
        judged.outcome = "beyond numbers"
        return judged
    for x in found[1]:
        if not (type(x) is float or (isinstance(x, np.ndarray) and x.dtype == np.float64)):
            return judged.wrong(f"{x!r} is a {type(x).__name__}, not a float or a float64 array")
    judged.outcome = "agrees"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            examine(judged, found[0])
        except Exception as error:
            words = NO_DIGITS, " is nan: what ", "division by zero"  # a slope is infinite
            beyond = any(w in str(error) for w in words)
            if (p.doubtful or beyond or overflows(p)) and ours(
                error
            ):  # the answer did not ask for all of it
                return judged
            return judged.wrong(f"its graph ends in {type(error).__name__}: {error}")
    return judged


def examine(judged: Judged, f: Any) -> None:
    """Hold the graph of f against its backward pass in every other way there is."""
    p = judged.program
    leaves = [bp.var(v, n) for v, n in zip(p.args, p.names, strict=True)]
    L = f(*leaves)
    if not isinstance(L, bp.Node):
        return
    bp.backward(L)
    graph = bp.Graph(L)
    gradients = [leaf.grad for leaf in graph.leaves]
    judged.given = [plain(leaf.value) for leaf in graph.leaves]
    judged.expected = [L.value, *gradients]
    judged.text = graph.source()
    function = graph.compile()
    given = judged.given
    answer = numbers(function(*given))
    if not near(answer, judged.expected, 1e-9):
        judged.wrong(f"compiled gives {answer}, backward {judged.expected}\n{judged.text}")
    elsewhere = dict(zip(leaves, p.moved, strict=True))
    moved = [elsewhere[leaf] for leaf in graph.leaves]
    again = [bp.var(v, n) for v, n in zip(p.moved, p.names, strict=True)]
    M = f(*again)
    if recipe(M) == recipe(L):  # no branch, no bare number of the first pass
        bp.backward(M)
        answer, expected = (
            numbers(function(*moved)),
            [M.value, *[x.grad for x in again if x.grad is not None]],
        )
        if not near(answer, expected, 1e-9):
            judged.wrong(f"compiled gives {answer} at moved, backward {expected}\n{judged.text}")
        replayed = graph.replay(dict(zip(graph.leaves, moved, strict=True)))
        if not near([replayed[L]], [M.value], 1e-12):
            judged.wrong(f"replay gives {replayed[L]} at moved, a fresh pass {M.value}")
    for position, leaf in enumerate(graph.leaves):
        refuses_another_shape(judged, function, position, leaf)
    at_rest = graph.replay({})
    if not all(np.array_equal(at_rest[n], n.value, equal_nan=True) for n in graph.nodes):
        judged.wrong("replaying nothing changes something")
    steps = graph.steps()
    last = {step.parent: step.total for step in steps}
    added: dict[bp.Node, Any] = {}
    for step in steps:
        added[step.parent] = added.get(step.parent, 0.0) + step.contribution
    if not near([last[n] for n in last], [graph.grads[n] for n in last], 1e-10):
        judged.wrong("the totals of the steps are not the gradients")
    if not near([added[n] for n in added], [graph.grads[n] for n in added], 1e-10):
        judged.wrong("the contributions of the steps do not add up to the gradients")
    for leaf in graph.leaves:
        nudged = graph.nudge(leaf, 1e-7)
        slope = float(np.sum(graph.grads[leaf]))
        if not near([nudged.predicted], [slope * 1e-7], 1e-12):
            judged.wrong(f"a nudge of {leaf} predicts {nudged.predicted}")
        if graph.count_paths(leaf) <= 40:
            ways = [path.product for path in graph.paths(leaf)]
            total = sum(ways) + np.zeros(leaf.shape)
            most = max(np.max(np.abs(way), initial=1.0) for way in ways)
            if len(ways) != graph.count_paths(leaf) or not near([total], [leaf.grad], 1e-9 * most):
                judged.wrong(f"the paths of {leaf} add up to {total}, its gradient is {leaf.grad}")


def plain(value: Any) -> Any:
    return np.array(value) if np.ndim(value) else float(value)


def numbers(made: Any) -> list[Any]:
    value, gradients = made
    return [value, *gradients.values()]


def recipe(result: Any) -> list[Any]:
    """What a graph computes, whatever its leaves hold."""
    order = bp.Graph(result).nodes
    at = {node: i for i, node in enumerate(order)}
    return [
        (n.op, [at[a] for a in n.args], repr(dict(n.params)), n.op == "const" and repr(n.value))
        for n in order
    ]


def refuses_another_shape(judged: Judged, function: Any, position: int, leaf: bp.Node) -> None:
    other = list(judged.given)
    other[position] = np.ones((*leaf.shape, 2))
    try:
        function(*other)
    except Exception as error:
        words = (str(leaf.shape), str(np.shape(other[position])))
        if isinstance(error, (bp.EngineError, TypeError)) and all(w in str(error) for w in words):
            return
        judged.wrong(f"given {words[1]} where {words[0]} was: {type(error).__name__}: {error}")
    else:
        judged.wrong(f"compiled took {np.shape(other[position])} where {leaf.shape} was, unasked")


FRESH = """
import pickle, sys
import numpy as np
answers = []
for text, given in pickle.load(sys.stdin.buffer):
    try:
        space = {}
        exec(text, space)
        value, gradients = space["forward_backward"](*given)
        answers.append([value, *gradients.values()])
    except Exception as error:
        answers.append(f"{type(error).__name__}: {error}")
sys.stdout.buffer.write(pickle.dumps(answers))
"""


def judge_sources(judged: list[Judged]) -> None:
    """Run every source in an interpreter that has NumPy and nothing of ours."""
    printed = [j for j in judged if j.text]
    work = pickle.dumps([(j.text, j.given) for j in printed])
    done = subprocess.run(
        [sys.executable, "-c", FRESH], input=work, capture_output=True, check=True
    )
    for j, answer in zip(printed, pickle.loads(done.stdout), strict=True):
        if isinstance(answer, str) or not near(answer, j.expected, 1e-9):
            j.wrong(f"its source gives {answer}, backward {j.expected}\n{j.text}")


def judge_all(programs: Iterable[lp.Program]) -> list[Judged]:
    judged = [judge(p) for p in programs]
    judge_sources(judged)
    return judged


def hold(judged: list[Judged]) -> None:
    """Show every program that is wrong; its number makes it again: learner_programs.program(…)."""
    wrong = [j for j in judged if j.outcome == "wrong"]
    outcomes = Counter(j.outcome for j in judged)
    shown = "\n\n".join(f"{j.program}# {j.complaint}" for j in wrong[:10])
    assert not wrong, f"{dict(outcomes)}, the first of them:\n\n{shown}"
    assert outcomes["agrees"] > 0.7 * len(judged), outcomes
    assert outcomes["no truth"] + sum(j.autograd_differs for j in judged) < 0.02 * len(judged)


@pytest.mark.slow
def test_every_row_of_the_tables_is_right_or_refused():
    hold(judge_all(lp.one_of_each()))


def test_hundreds_of_programs_are_right_or_refused():
    hold(judge_all(map(lp.program, range(200))))


@pytest.mark.slow
@pytest.mark.parametrize("thousand", range(THOUSANDS))
def test_thousands_of_programs_are_right_or_refused(thousand):
    first = 10_000 * SEED + 1000 * thousand
    hold(judge_all(map(lp.program, range(first, first + 1000))))


def deaf(g, y, a, axis, keepdims):
    """Everybody gets the whole gradient."""
    return (rules.spread(g, a, axis),)


@pytest.mark.parametrize(
    ("op", "rule"),
    [
        ("mul", lambda g, y, a, b: (g * a, g * b)),
        ("tanh", lambda g, y, a: (g * (1.0 - y),)),
        ("exp", lambda g, y, a: (y,)),
        ("mean", deaf),
        ("max", deaf),
        ("getitem", lambda g, y, a, index: (rules.scatter(g, index, a.shape) * (a > 0),)),
        ("add", lambda g, y, a, b: (g, 0.5 * g)),
        ("where", lambda g, y, c, a, b: (None, g, g)),
        ("softmax", lambda g, y, a, axis: (y * g,)),
    ],
)
def test_a_wrong_rule_is_found(op, rule, monkeypatch):
    monkeypatch.setitem(TABLE, op, replace(TABLE[op], gradient=rule))
    assert any("the answer is" in judge(lp.program(seed)).complaint for seed in range(200))
