"""The families of drills: rows of formulas to draw from, and what their numbers are drawn as.

A row is a formula in the letters of the family; variables, constants and shapes change from drill
to drill, so that no surface comes twice soon. An instructor adds a family as one more row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.drills.formula import function, latex, means
from autograder.judge.exercise import Exercise, Inputs, Rng, Values, away, nonsym, normal, uniform

SCALARS = tuple("abcpqrstuvz")  # no d: its gradient would be dd
VECTORS = tuple("xyuvwzpqrs")
MATRICES = tuple("ABCFHKMPQRSUVWXYZ")
FUNCTIONS = ("exp", "tanh", "sigmoid", "sin")


EXAMPLE = 1  # draws the inputs whose shapes a task shows


@dataclass(frozen=True)
class Family:
    """One kind of drill.

    Attributes:
        id: "products".
        level: 1 (numbers by hand) to 4 (determinants and softmax).
        title: what it practises.
        rows: formulas; a capital letter in braces is drawn, {K} a constant, {F} a function.
        roles: {letter in the formula: how its values are drawn}.
        ideas: the wrong ideas that it is set for; a test holds that it tells each of them apart.
        by_hand: the numbers are small and given, and the answer is a dict of values.
        upstream: the letter that is an incoming gradient, if there is one.
        make: for what is no gradient of a formula: of what the answer is called, the exercise,
            its surface, its task.
    """

    id: str
    level: int
    title: str
    rows: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    ideas: tuple[str, ...] = ()
    by_hand: bool = False
    batch: str = ""
    data: str = ""  # letters that are given and not differentiated
    note: str = ""  # a sentence more in the task, with the letters in braces
    make: Callable[[Rng, str], tuple[Exercise, str, str]] | None = None
    survey: bool = False  # asked first, of somebody nothing is known of


@dataclass(frozen=True)
class Problem:
    """One problem drawn: the exercise it is judged as, and its task as Markdown with LaTeX."""

    family: Family
    exercise: Exercise
    task: str
    surface: str  # what makes it look as it does: the formula without its numbers

    @property
    def shape(self) -> str:
        """The surface whatever its letters and constants: two of one shape are the same work.

        >>> draw(BY_ID["survey_scalars"], np.random.default_rng(0)).shape
        'maximum(a * b, c) * (exp2(a) + sigmoid(-b) / d)'
        """
        letters = dict.fromkeys(re.findall(r"\b[A-Za-z]\b", self.surface))
        names = dict(zip(letters, "abcdefghijklm", strict=False))
        return re.sub(r"\b[A-Za-z2-5]\b", lambda one: names.get(one[0], "K"), self.surface)


def draw(family: Family, r: Rng) -> Problem:
    """Another problem of a family."""
    if family.make is not None:
        exercise, surface, task = family.make(r, family.id)
        return Problem(family, exercise, task, surface)
    text = str(r.choice(np.array(family.rows, dtype=object)))
    text = re.sub(r"\{K\}", lambda _: str(r.choice([2, 3, 4, 5])), text)
    text = re.sub(r"\{F\}", lambda _: str(r.choice(np.array(FUNCTIONS))), text)
    text, roles = _renamed(text, family, r)
    given = tuple(roles[letter] for letter in family.data if letter in roles)
    drawn = {roles[letter]: family.roles[letter] for letter in roles}
    note = family.note.format(**roles)
    return _by_hand(family, text, drawn, r) if family.by_hand else _general(
        family, text, drawn, given, roles.get(family.batch, ""), note
    )  # fmt: skip


def _renamed(text: str, family: Family, r: Rng) -> tuple[str, dict[str, str]]:
    """The formula in other letters, and {letter of the family: letter here}."""
    used = [letter for letter in family.roles if re.search(rf"\b{letter}\b", text)]
    taken: set[str] = set()
    names: dict[str, str] = {}
    for letter in used:
        kind = family.roles[letter].split()[0]
        pool = {"scalar": SCALARS, "vector": VECTORS, "target": VECTORS}.get(kind, MATRICES)
        free = [name for name in pool if name.lower() not in taken]
        names[letter] = str(r.choice(np.array(free)))
        taken.add(names[letter].lower())  # x beside X would be read as the same
    pattern = rf"\b({'|'.join(used)})\b"
    return re.sub(pattern, lambda match: names[match[1]], text), names


# --- numbers -------------------------------------------------------------------------------------


def _value(how: str, r: Rng, trial: int, lengths: Mapping[str, int]) -> Any:
    """A value drawn as a role says: "scalar", "vector n", "matrix m n", "nonsym n", "target n"."""
    kind, *letters = how.split()
    shape = [lengths[letter] for letter in letters]
    if kind == "nonsym":
        return nonsym(r, shape[0])
    if kind == "target":
        return np.eye(shape[0])[int(r.integers(shape[0]))]
    if kind == "positive":
        return uniform(r, 0.5, 2, *shape)
    return away(r, 0.4, 2, *shape) if kind in ("scalar", "vector") else normal(r, *shape)


def _inputs(drawn: Mapping[str, str]) -> Callable[[Rng, int], Inputs]:
    letters = sorted({letter for how in drawn.values() for letter in how.split()[1:]})

    def inputs(r: Rng, trial: int) -> Inputs:
        # square in even trials, where a wrong order of factors still runs; all different in odd
        sizes = (
            [3] * len(letters) if trial % 2 == 0 else list(map(int, r.permutation([2, 3, 4, 5])))
        )
        lengths = dict(zip(letters, sizes, strict=False))
        return {name: _value(how, r, trial, lengths) for name, how in drawn.items()}

    return inputs


def _shape(how: str) -> str:
    letters = how.split()[1:] * (2 if how.startswith("nonsym") else 1)
    return f": ({', '.join(letters)}{',' * (len(letters) == 1)})" if letters else ""


def _general(
    family: Family,
    text: str,
    drawn: Mapping[str, str],
    data: tuple[str, ...],
    batch: str,
    note: str,
) -> Problem:
    """A gradient as a function of inputs that are fresh at every check."""
    wrt = tuple(name for name in drawn if name not in data)
    inputs = _inputs(drawn)
    shapes = {name: f"{name}{_shape(how)}" for name, how in drawn.items()}
    returns = ", ".join(f"d{name}{_shape(drawn[name])}" for name in wrt)
    form = "tuple" if len(wrt) > 1 else "alone"
    gradients = "the gradients" if len(wrt) > 1 else "the gradient"
    exercise = Exercise(
        id=f"practice.{family.id}",
        points=len(wrt),
        signature=f"{family.id}({', '.join(shapes.values())}) -> ({returns})",
        task=f"L = {text}. Return {gradients} of L with respect to {', '.join(wrt)}.",
        inputs=inputs,
        forward=function(text, tuple(drawn)),
        wrt=wrt,
        form=form,
        batch=batch,
        ideas=family.ideas,
    )
    example = inputs(np.random.default_rng(EXAMPLE), 1)
    several = [f"${name}$" for name in wrt]
    what = " and ".join([", ".join(several[:-1]), several[-1]] if len(wrt) > 1 else several)
    task = (
        f"$$L = {latex(text, example)}$$\n\nWrite `{family.id}({', '.join(drawn)})`, which returns "
        f"{gradients} of $L$ with respect to {what}{', in this order' if len(wrt) > 1 else ''}."
    )
    if any(np.ndim(value) for value in example.values()):
        task += " Under each array stands its shape in one example; other shapes are asked, too."
    if data:
        given = " and ".join(f"${name}$" for name in data)
        task += f" {given} {'are' if len(data) > 1 else 'is'} given, not differentiated."
    task = " ".join(filter(None, (task, note, means(text, example))))
    return Problem(family, exercise, task, text)


FRIENDLY = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.5, -0.5, 1.5)


def _by_hand(family: Family, text: str, drawn: Mapping[str, str], r: Rng) -> Problem:
    """All gradients of a graph with given numbers, every intermediate with two decimals at most."""
    forward = function(text, tuple(drawn))
    for _ in range(400):
        numbers = r.choice(np.array(FRIENDLY), len(drawn), replace=False)
        values = dict(zip(drawn, map(float, numbers), strict=True))
        if friendly(forward, values):
            break
    else:
        raise ValueError(f"no friendly numbers for {text}")
    keys = ", ".join(f'"d{name}": …' for name in drawn)
    exercise = Exercise(
        id=f"practice.{family.id}",
        points=len(drawn),
        signature=f"{{{keys}}}",
        task=f"L = {text} at {', '.join(f'{n} = {v:g}' for n, v in values.items())}.",
        fixed=values,
        forward=forward,
        wrt=tuple(drawn),
        form="dict",
        tolerance=0.006,
        ideas=family.ideas,
    )
    at = ",\\; ".join(f"{name} = {value:g}" for name, value in values.items())
    task = (
        f"$$L = {latex(text, values)} \\qquad \\text{{at}}\\quad {at}$$\n\nBy hand: what are the "
        f"gradients of $L$ at these numbers? Answer with `{{{keys}}}`."
        f" {means(text, values)}"
    ).rstrip()
    return Problem(family, exercise, task, text)


CORNERS, ZERO = ("maximum", "relu"), bp.const(0.0)


def friendly(forward: Callable[..., Any], values: Inputs) -> bool:
    """Whether a graph can be worked by hand: all values and gradients have two decimals at most
    and are below 200, and nothing stands at a corner, where several slopes are defensible."""
    leaves = {name: bp.var(value, name) for name, value in values.items()}
    try:
        graph = bp.Graph(forward(**leaves))
    except (ArithmeticError, ValueError):
        return False
    if any(n.op in CORNERS and n.args[0].value == (*n.args, ZERO)[1].value for n in graph.nodes):
        return False
    numbers = [n.value for n in graph.nodes] + [graph.grads[n] for n in graph.nodes]
    clear = graph.result.value != 0.0 and 2 * sum(
        abs(graph.grads[n]) > 1e-9 for n in graph.leaves
    ) > len(graph.leaves)
    return clear and all(abs(x) < 200 and abs(100 * x - round(100 * x)) < 1e-6 for x in numbers)


# --- updates -------------------------------------------------------------------------------------

LOSSES = (
    "(w * x - t)**2",
    "w**2 * x - t * w",
    "(w + x)**2 - t",
    "x * w**2 + t * w - 3",
    "(x - w)**2 * t",
    "(w * x + t)**2 - 3",
    "(w - x) * (w + t)",
    "w * t - (w - x)**2",
    "w * (x - t * w)",
)


def _descent(r: Rng, name: str) -> tuple[Exercise, str, str]:
    """One step downhill, on losses of either sign."""
    text = str(r.choice(np.array(LOSSES, dtype=object)))
    names = dict(zip("wxt", map(str, r.choice(np.array(SCALARS), 3, replace=False)), strict=True))
    text = re.sub(r"\b[wxt]\b", lambda match: names[match[0]], text)
    order = tuple(names.values())
    loss = function(text, order)
    w = names["w"]

    def slope(values: Mapping[str, Any]) -> tuple[float, float]:
        numbers = [values[name] for name in order]
        value, gradient = bp.value_and_grad(loss)(*numbers)
        return float(value), float(gradient)

    def step(rule: Callable[[float, float, float, float], float]) -> Callable[..., Values]:
        def stepped(**values: Any) -> Values:
            value, gradient = slope(values)
            return {w: rule(values[w], value, gradient, values["lr"])}

        return stepped

    def wrong(*several: Callable[[float, float, float, float], float]) -> Callable[..., Any]:
        return lambda **values: [step(rule)(**values) for rule in several]

    exercise = Exercise(
        id=f"practice.{name}",
        points=1,
        signature=f"{name}({', '.join(order)}, lr) -> {w} after one step",
        task=f"L = {text}. Return {w} after one step of gradient descent on L.",
        inputs=lambda r, trial: {name: away(r, 0.4, 2) for name in order} | {"lr": uniform(r,
            0.05, 0.4)},
        truth=step(lambda w, value, g, lr: w - lr * g),
        returns=(w,),
        form="alone",
        trials=12,
        ideas=("ascent", "sign-of-loss", "abs-grad", "lr-forgotten", "update-for-value"),
        wrong={
            "ascent": wrong(lambda w, value, g, lr: w + lr * g),
            "sign-of-loss": wrong(lambda w, value, g, lr: w - lr * g * (1 if value > 0 else -1),
                                  lambda w, value, g, lr: w + lr * g * (1 if value > 0 else -1)),
            "lr-forgotten": wrong(lambda w, value, g, lr: w - g),
            "update-for-value": wrong(lambda w, value, g, lr: -lr * g,
                                      lambda w, value, g, lr: lr * g),
            "abs-grad": wrong(lambda w, value, g, lr: w - lr * abs(g),
                              lambda w, value, g, lr: w + lr * abs(g)),
        },
    )  # fmt: skip
    task = (
        f"$$L = {latex(text, {})}$$\n\nWrite `{name}({', '.join(order)}, lr)`, which returns "
        f"${w}$ after one step of gradient descent on $L$ with the learning rate `lr`. Only ${w}$ "
        f"moves; ${order[1]}$ and ${order[2]}$ are given."
    )
    return exercise, text, task


# --- the table -----------------------------------------------------------------------------------

S = {name: "scalar" for name in "abcd"}

FAMILIES: tuple[Family, ...] = (
    Family(
        "scalars", 1, "gradients of a small graph, by hand",
        ("(a * b + c)**2", "(a + b) * (c - d)", "a * b + b * c", "(a * b - c) * d",
         "a * (b + c)**2",
         "(a - b)**2 + a * c", "{K} * (a + b * c)", "(a + b)**2 * c", "a * b * c + a",
         "(a * b + c) * (a - d)",
         "{K} * a * b - (a + c)**2", "a**2 * b + b * c", "(a + b)**2 * (c - d)",
         "(a * b - c)**2 * d", "a * b**2 + c * d", "(a * b + c * d)**2", "{K} * (a - b * c)**2",
         "(a + b) * c**2 - d * a"),
        S,
        ("mul-not-switched", "add-splits", "upstream-only", "no-upstream", "value-for-gradient"),
        by_hand=True,
    ),
    Family(
        "gates", 1, "max, relu and a sum, by hand",
        ("maximum(a, b) * c", "maximum(a * b, c) + d * a", "relu(a * b + c) * d",
         "maximum(a, b) * (a + c)",
         "relu(a - b) * c + b * d", "(maximum(a, b) + c)**2", "{K} * relu(a + b) * c",
         "maximum(a * b, c) * d + a", "maximum(a + b, c) * d + b * c",
         "(maximum(a * b, c) + a) * d", "d * maximum(a - b, c) + a * b",
         "(relu(a * b) + a)**2 * c", "relu(a - b) * c + a * b * c", "relu(a + b) * c + (a - c)**2",
         "(relu(a * b) + c)**2 + a * c", "relu(a * b + c) * d + a * c * d",
         "relu(a - b) * b + {K} * a * c", "maximum(a, b * c) * {K} + a * b",
         "(maximum(a, b) - c)**2 * d", "(relu(a * b - c) + b) * (b - d)"),
        S, ("relu-mask", "max-routes-both", "add-splits", "mul-not-switched"),
        by_hand=True,
    ),
    Family(
        "survey_scalars", 1, "everything that happens on the way through a scalar graph",
        ("maximum(a * b, c) * (exp2(a) + sigmoid(-b) / d)",),
        {"a": "scalar", "b": "scalar", "c": "scalar", "d": "scalar"},
        ("one-path", "max-routes-both", "mul-not-switched", "add-splits", "ln2-lost",
         "sigmoid-prime", "exp-minus", "recip-minus", "paths-combined-wrong", "output-for-input",
         "power-rule-exp", "recip-square", "upstream-only", "elasticity", "value-for-gradient"),
        survey=True,
    ),
    Family(
        "functions", 2, "the chain rule, as a function",
        ("{F}(a * b + c)", "{F}(a) * {F}(b)", "a * {F}(b * c)", "{F}(a + {F}(b))",
         "({F}(a) + b)**2",
         "{F}(a * b) + a", "exp2(a) * {F}(b)", "exp2(a * b) + c", "sigmoid(a * b) * c",
         "-exp(-a) * b", "exp(-(a * b))", "sigmoid(a + b) * exp2(c)",
         "exp(-(a * b)) + a", "a * exp(-b) + b", "exp(-a) * b + {F}(c)", "(exp(-a) + b)**2 * c",
         "(a + {F}(b))**2 + c", "{F}(a) * b**2", "exp2(a + b) * c", "(exp2(a) + b)**2",
         "{F}(a) - b * exp2(c)", "exp(-a) * b**2", "{F}(b) * exp(-(a + c))", "b * c - exp(-a) * c",
         "b / exp(-a) + c"),
        {"a": "scalar", "b": "scalar", "c": "scalar"},
        ("sigmoid-prime", "ln2-lost", "power-rule-exp", "output-for-input", "value-for-derivative",
         "exp-minus", "chain-added", "no-upstream", "sign", "exponent-lost"),
    ),
    Family(
        "quotients", 2, "one over something",
        ("a / b", "{K} / (a * b + 9)", "a / (b + 7)", "(a + b) / (c * c)", "log(b * b + 1) / a",
         "1 / (a * b)", "a * b / c", "exp(a) / b"),
        {"a": "scalar", "b": "scalar", "c": "scalar"},
        ("recip-minus", "recip-square", "output-for-input", "scale"),
    ),
    Family(
        "paths", 2, "several ways to the result",
        ("a * (a + b)", "(a * b) * (a + c)", "{F}(a) + a * b", "(a + b) * (a - b) * c",
         "a * b + {F}(a * c)",
         "(a * a + b) * (a + c)", "{F}(a * b) * (a + b)"),
        {"a": "scalar", "b": "scalar", "c": "scalar"},
        ("one-path", "paths-combined-wrong", "elasticity"),
    ),
    Family(
        "products", 3, "products of matrices",
        ("sum(G * (A @ B))", "sum((A @ B)**2)", "sum((A @ B - G)**2) / {K}", "sum(G * {F}(A @ B))",
         "{K} * sum(G * (A @ B))", "sum(G * (A @ B) * (A @ B))",
         "sum(({K} * (A @ B) - G)**2)", "sum({F}({K} * (A @ B)) * G)",
         "sum(G * ({F}(A) @ B))", "sum(G * (A @ {F}(B)))", "sum(({F}(A) @ B - G)**2)",
         "{K} * sum(G * (A @ relu(B)))", "sum({K} * (relu(A) @ B) * G)",
         "sum(({K} * (A @ B) + G)**2) / {K}", "sum(G * {F}(A @ ({K} * B)))"),
        {"A": "matrix m n", "B": "matrix n k", "G": "matrix m k"},
        ("mul-not-switched", "operand-transpose", "transpose", "no-upstream", "scale-node-skipped",
         "preactivation"),
        data="G",
    ),
    Family(
        "batches", 3, "a bias shared by a batch",
        ("sum((A @ B + v - G)**2)", "sum(G * (A @ B + v))", "sum(G * {F}(A @ B + v))",
         "mean((A @ B + v - G)**2)",
         "sum(relu(A @ B + v) * G)"),
        {"A": "matrix N n", "B": "matrix n k", "v": "vector k", "G": "matrix N k"},
        ("broadcast-sum", "one-row", "mean-vs-sum", "mean-over-entries", "operand-transpose",
         "relu-mask"),
        data="G", batch="A", note="${v}$ is added to every row.",
    ),
    Family(
        "quadratics", 3, "quadratic forms",
        ("quadratic_form(x, A)", "{K} * quadratic_form(x, A)", "quadratic_form(x, A) + sum(x * v)",
         "quadratic_form(x, A) / {K}", "{F}(quadratic_form(x, A) / 9)", "quadratic_form(x - v, A)"),
        {"x": "vector n", "A": "nonsym n", "v": "vector n"},
        ("quad-2Ax", "hadamard", "sym-doubling"),
    ),
    Family(
        "inverses", 4, "inverse, log-determinant, trace",
        ("logdet(A)", "{K} * logdet(A)", "logdet(A) + trace(A @ B)", "trace(inv(A) @ B)",
         "{K} * trace(inv(A) @ B)",
         "trace(inv(A) @ B) + logdet(A)", "-logdet(A)", "logdet(A) / {K} + sum(A * B)",
         "sum(B * inv(A)) - {K} * logdet(A)", "(logdet(A) + trace(A @ B))**2", "sum(inv(A) * B)",
         "trace(inv(A) @ B) / {K} - logdet(A)", "logdet(A) * trace(A @ B)",
         "trace(B @ inv(A)) + sum(A * A)", "{K} * logdet(A) - trace(B @ A)",
         "trace(inv(A) @ B) + sum(A * B)"),
        {"A": "nonsym n", "B": "matrix n n"},
        ("inv-transpose", "det-not-logdet", "inverse-commuted", "sym-doubling", "hadamard",
         "recip-minus",
         "transpose"),
    ),
    Family(
        "scores", 4, "softmax and its loss",
        ("sum(softmax(x) * v)", "{K} * sum(softmax(x) * v)", "sum(softmax(A @ x) * y)",
         "log(sum(softmax(x) * (v * v)))", "sum(softmax({K} * x) * v)", "sum(softmax(x)**2 * v)",
         "{F}(sum(softmax(x) * v))", "sum(softmax(x * v) * v)", "sum(v * log(softmax(x)))"),
        {"x": "vector n", "v": "vector n", "A": "matrix m n", "y": "vector m"},
        ("softmax-diagonal", "no-upstream"),
        data="vy",
    ),
    Family(
        "survey_matrices", 3, "products, a batch, and a quadratic form",
        ("sum(G * relu(A @ B + v)) + quadratic_form(v, C)",),
        {"A": "matrix N n", "B": "matrix n k", "v": "vector k", "G": "matrix N k", "C": "nonsym k"},
        ("operand-transpose", "hadamard", "broadcast-sum", "relu-mask", "quad-2Ax",
         "scale-node-skipped", "mean-vs-sum", "value-for-derivative", "transpose", "one-row",
         "mean-over-entries"),
        data="G", batch="A", note="${v}$ is added to every row.", survey=True,
    ),
    Family(
        "survey_determinants", 4, "an inverse, a log-determinant, a softmax",
        ("logdet(A) + trace(inv(B) @ C) + sum(softmax(x) * v) + sum((tanh(B) @ x)**2)",),
        {"A": "nonsym n", "B": "nonsym n", "C": "matrix n n", "x": "vector n", "v": "vector n"},
        ("inv-transpose", "det-not-logdet", "inverse-commuted", "softmax-diagonal", "sym-doubling",
         "exponent-lost", "preactivation"),
        data="Cv", survey=True,
    ),
    Family("descent", 2, "one step downhill", make=_descent, ideas=("ascent", "sign-of-loss",
    "abs-grad", "lr-forgotten", "update-for-value"),
           survey=True),
)  # fmt: skip
BY_ID = {family.id: family for family in FAMILIES}
