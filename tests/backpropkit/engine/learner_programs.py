"""Programs as learners write them, drawn from tables, and two independent worlds to run them in.

A program is the text of a function `f` and a way to ask for its gradient, drawn from the tables of
data/learner_programs.toml. A row there is what somebody might write, with holes for what may stand
in it: `$v` is any expression of three entries, `$m` a 2×3 matrix and so on (SHAPES); `$a` is of the
shape the whole row has, `$l` of one that broadcasts to it; other letters are literals. Rows are
parted by semicolons, statements by blank lines; where the independent library wants other words,
they follow a ≙, with holes of the same letters in the same order.

The same text means the same in three worlds: backpropkit on NumPy, the library autograd, and bare
NumPy, whose central differences decide where autograd has no answer.
"""

from __future__ import annotations

import copy
import math
import pickle
import random
import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from autograd.numpy.numpy_boxes import ArrayBox

import backpropkit as bp

Texts = tuple[str, str]  # what a learner writes, and what the library is given

SHAPES = {
    "s": (), "v": (3,), "u": (2,), "m": (2, 3), "c": (2, 1), "q": (3, 3), "b": (2, 2, 3),
    "e": (0, 3),
}  # fmt: skip
SMALLER = {
    "s": "s", "v": "sv", "u": "su", "m": "smvc", "c": "sc", "q": "sqv", "b": "sbmv", "e": "sv",
}  # fmt: skip


def pair(row: str) -> Texts:
    learner, _, library = row.strip().partition("≙")
    return learner.strip(), library.strip() or learner.strip()


def rows(text: str) -> list[Texts]:
    return [pair(row) for row in text.split(";")]


TABLES = tomllib.loads((Path(__file__).parent / "data/learner_programs.toml").read_text("utf-8"))
LITERALS = {k: [row.strip() for row in text.split(";")] for k, text in TABLES["literals"].items()}
EXPRESSIONS = {kind: rows(text) for kind, text in TABLES["expressions"].items()}
DOUBTFUL = {kind: rows(text) for kind, text in TABLES["doubtful"].items()}
RESULTS = {kind: rows(text) for kind, text in TABLES["results"].items()}
STATEMENTS = {
    sort: [pair(row) for row in text.strip().split("\n\n")]
    for sort, text in TABLES["statements"].items()
}
WAYS = {
    sort: {name: pair(text) for name, text in ways.items()} for sort, ways in TABLES["ways"].items()
}
NAMES = TABLES["names"]


@dataclass(frozen=True)
class Program:
    """A function as text, where it is asked, and how: for the learner and for the library."""

    seed: Any
    parameters: tuple[str, ...]
    names: tuple[str, ...]  # what the leaves are called in pictures and sources
    args: list[Any]
    moved: list[Any]  # other values of the same shapes
    body: Texts
    way: Texts
    doubtful: bool  # one of our errors will do

    def function(self, world: int) -> str:
        lines = self.body[world].replace("\n", "\n    ")
        return f"def f({', '.join(self.parameters)}):\n    {lines}\n"

    def __str__(self) -> str:
        values = f"from numpy import array, float64\nargs = {self.args}\nmoved = {self.moved}"
        shown = f"names = {list(self.names)}"
        return f"# program {self.seed}\n{values}\n{shown}\n{self.function(0)}\n{self.way[0]}\n"


class Pen:
    """Writes a program: fills the holes of rows, with values that are there or further rows."""

    HOLE = re.compile(r"\$(=?)(\w)")

    def __init__(self, seed: Any, more: int) -> None:
        self.seed, self.draw = seed, random.Random(f"program {seed}")
        self.kinds = ["v", "m", "s", *self.draw.sample("qbeu", more)]
        self.parameters = [self.draw.choice(NAMES[kind].split()) for kind in self.kinds]
        self.shown = self.draw.sample(NAMES["shown"], 20)
        self.names = [self.shown.pop() for _ in self.kinds]
        self.there = {k: [name] for k, name in zip(self.kinds, self.parameters, strict=True)}
        self.fresh = iter(
            f"{name}{k or ''}" for k in range(9) for name in NAMES["variables"].split()
        )
        self.lines: list[Texts] = []

    def write(self, row: Texts, kind: str = "", depth: int = 1) -> None:
        """A statement; or an expression of this shape, under a name."""
        texts = self.fill(row, kind, depth)
        if kind:
            self.keep(kind, name := next(self.fresh))
            texts = f"{name} = {texts[0]}", f"{name} = {texts[1]}"
        self.lines.append(texts)

    def keep(self, kind: str, name: str) -> None:
        self.there.setdefault(kind, []).append(name)
        self.latest = kind, name

    def fill(self, row: Texts, kind: str = "", depth: int = 1) -> Texts:
        """A row of the tables, written out in both texts; both get the same in their holes."""
        row = row[0].replace("$a", f"${kind}"), row[1].replace("$a", f"${kind}")
        made: dict[str, str] = {}
        filled: list[Texts] = []
        for new, letter in self.HOLE.findall(row[0]):
            if new:
                made.setdefault(letter, made.get(letter) or next(self.fresh))
                filled.append((made[letter], made[letter]))
            elif letter in LITERALS:
                literal = bracketed(self.draw.choice(LITERALS[letter]))
                filled.append((literal, literal))
            else:
                at = self.draw.choice(SMALLER[kind]) if letter == "l" else letter
                learner, library = self.expression(at, depth - 1)
                filled.append((bracketed(learner), bracketed(library)))
        for letter, name in made.items():
            self.keep(letter, name)
        learners, librarys = iter([a for a, _ in filled]), iter([b for _, b in filled])
        return (
            self.HOLE.sub(lambda _: next(learners), row[0]),
            self.HOLE.sub(lambda _: next(librarys), row[1]),
        )

    def expression(self, kind: str, depth: int) -> Texts:
        names = self.there.get(kind)
        if names and (depth < 0 or self.draw.random() < 0.6):
            name = self.draw.choice(names[-2:] if self.draw.random() < 0.7 else names)
            return name, name
        if depth < 0:
            return self.fill(EXPRESSIONS[kind][0], kind, depth)
        return self.fill(self.draw.choice(self.rows(kind)), kind, depth)

    def rows(self, kind: str) -> list[Texts]:
        return EXPRESSIONS["a" if self.draw.random() < 0.45 else kind]

    def program(self, way: Texts, doubtful: bool) -> Program:
        kind, name = self.latest
        result = self.draw.choice(RESULTS.get(kind, RESULTS["a"]))[0].replace("$a", name)
        learner, library = (
            "\n".join([*texts, f"return {result}"]) for texts in zip(*self.lines, strict=True)
        )
        rng = np.random.default_rng(self.draw.randrange(2**32))
        args, moved = ([number(rng, SHAPES[kind]) for kind in self.kinds] for _ in range(2))
        return Program(
            self.seed,
            tuple(self.parameters),
            tuple(self.names),
            args,
            moved,
            (learner, library),
            way,
            doubtful,
        )


def bracketed(text: str) -> str:
    plain = r"[\w.]+(\([^()]*\)|\[[^\[\]]*\])?|\[[^\[\]]*\]"
    return text if re.fullmatch(plain, text) else f"({text})"


def program(seed: int) -> Program:
    """The program of this number. One in five holds something doubtful, or asks doubtfully."""
    draw = random.Random(f"plan of {seed}")
    pen = Pen(seed, draw.choice([0, 0, 1, 2]))
    doubt = draw.choices(["", "way", "statement", "expression"], [80, 5, 4, 11])[0]
    way = draw.choice(list(WAYS["doubtful" if doubt == "way" else "sure"].values()))
    for _ in range(draw.randint(1, 4)):
        if draw.random() < 0.3:
            pen.write(draw.choice(STATEMENTS["sure"]))
            continue
        kind = draw.choice("sssvvvvummmmcqqbbe")
        table = pen.rows(kind)
        pen.write(draw.choice(table), kind)
        # these rows always make a node, if all arguments are nodes
        if table is EXPRESSIONS["a"] and "make(" in way[0] and draw.random() < 0.3:
            (learner, library), name = pen.lines.pop(), pen.latest[1]
            learner = learner.removeprefix(f"{name} = ")
            pen.lines.append((f"{name} = ({learner}).named({pen.shown.pop()!r})", library))
    if doubt == "statement":
        pen.write(draw.choice(STATEMENTS["doubtful"]))
    elif doubt == "expression":
        kind = draw.choice("sssvm")
        pen.write(draw.choice(DOUBTFUL[kind]), kind)
    written = "\n".join(learner for learner, _ in pen.lines)
    about_nodes = doubt or re.search(r"\.value|\+=|[<>]", written)
    if about_nodes and not re.search(r"make\(|len\(args", way[0]):  # some arguments stay arrays
        way = WAYS["sure"]["backward"]
    return pen.program(way, bool(doubt))


def one_of_each() -> Iterator[Program]:
    """Every row of the tables in a program of its own: nothing is left to chance."""
    sure = [(kind, row, False) for kind, table in EXPRESSIONS.items() for row in table]
    doubtful = [(kind, row, True) for kind, table in DOUBTFUL.items() for row in table]
    lines = [("", row, sort == "doubtful") for sort, table in STATEMENTS.items() for row in table]
    for kind, row, doubt in chain(sure, doubtful, lines):
        for shape in SHAPES if kind == "a" else [kind]:
            pen = Pen(f"{shape}: {row[0]}", 0 if shape in "vms" else 4)
            pen.write(row, shape, 0)
            yield pen.program(WAYS["sure"]["backward"], doubt)
    for sort, ways in WAYS.items():
        for name, way in ways.items():
            pen = Pen(f"way: {name}", 0)
            pen.write(EXPRESSIONS["s"][0], "s", 0)
            yield pen.program(way, sort == "doubtful")


def number(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    drawn = np.round(rng.uniform(-1.5, 1.5, shape), 4)
    return drawn if shape else float(drawn)


# --- the worlds ---


def value(x: Any) -> Any:
    """The bare number or array inside autograd's boxes."""
    while hasattr(x, "_value"):
        x = x._value
    return x


def same_functions(m: Any) -> SimpleNamespace:
    """What the kit calls by names of its own, on another system's NumPy `m`."""

    def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        top = np.max(value(x), axis=axis, keepdims=True)
        y = top + m.log(m.sum(m.exp(x - top), axis=axis, keepdims=True))
        return y if keepdims else m.sum(y, axis=axis)

    def log_softmax(x: Any, axis: int = -1) -> Any:
        return x - logsumexp(x, axis=axis, keepdims=True)

    def sigmoid(x: Any) -> Any:
        return 0.5 + 0.5 * m.tanh(0.5 * x)

    def cross_entropy(x: Any, t: Any) -> Any:
        return -m.sum(t * log_softmax(x)) / math.prod(np.shape(x)[:-1])

    return SimpleNamespace(
        **{name: getattr(m, name) for name in NAMES["as_in_numpy"].split()},
        exp2=lambda x: 2.0**x, sigmoid=sigmoid, relu=lambda x: x * (x > 0),
        swish=lambda x: x * sigmoid(x), softplus=lambda x: m.logaddexp(0.0, x),
        where=m.where, norm2=lambda x: m.sqrt(m.sum(x * x)),
        logsumexp=logsumexp, log_softmax=log_softmax, cross_entropy=cross_entropy,
        softmax=lambda x, axis=-1: m.exp(log_softmax(x, axis)), inv=m.linalg.inv,
        solve=m.linalg.solve, logdet=lambda a: m.linalg.slogdet(a)[1],
        quadratic_form=lambda x, a: x @ a @ x, const=np.asarray,
    )  # fmt: skip


def put(args: Any, wrt: Any, xs: Any) -> list[Any]:
    full = list(args)
    for i, x in zip(wrt, xs, strict=True):
        full[i] = x
    return full


def derivatives_by(grads: Any) -> dict[str, Any]:
    """grad, value_and_grad and hvp as the kit has them, of `grads(f, *args)`: one per argument."""

    def grad(f: Any, wrt: Any = 0) -> Any:
        which = (wrt,) if isinstance(wrt, int) else wrt

        def at(*args: Any) -> Any:
            found = grads(lambda *xs: f(*put(args, which, xs)), *[args[i] for i in which])
            return found[0] if isinstance(wrt, int) else found

        return at

    return {
        "grad": grad,
        "value_and_grad": lambda f, wrt=0: lambda *args: (f(*args), grad(f, wrt)(*args)),
        "hvp": lambda f: lambda x, v: grad(lambda x: anp.sum(grad(f)(x) * v))(x),
    }


def by_autograd(f: Any, *args: Any) -> tuple[Any, ...]:
    return autograd.grad(lambda xs: f(*xs))(tuple(args))


class Undecided(Exception):
    """A corner lies where central differences look, or a program keeps a value from its graph."""


def by_differences(f: Any, *args: Any) -> tuple[Any, ...]:
    """Central differences in every entry of every argument; Undecided if two steps disagree."""
    coarse, fine = slopes(f, args, 1e-3), slopes(f, args, 1e-4)
    if not all(np.allclose(a, b, rtol=1e-5, atol=1e-5) for a, b in zip(coarse, fine, strict=True)):
        raise Undecided(coarse, fine)
    return coarse


def slopes(f: Any, args: Any, h: float) -> tuple[Any, ...]:
    """Differences of fourth order, with steps h and 2h."""
    args = [np.float64(x) if isinstance(x, float) else x for x in args]
    found = []
    for i, x in enumerate(args):
        out = np.zeros(np.shape(x))
        for at in np.ndindex(np.shape(x)):
            step = np.zeros(np.shape(x))
            step[at] = h
            ends = [float(f(*put(args, (i,), (x + k * step,)))) for k in (-2, -1, 1, 2)]
            out[at] = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * h)
        found.append(out if out.ndim else float(out))
    return tuple(found)


def unmoving(x: Any) -> Any:
    raise Undecided("differences cannot hold still what a program keeps from its graph")


ArrayBox.mT = property(lambda box: anp.swapaxes(box, -1, -2))  # what it lacks
LIBRARY = SimpleNamespace(**vars(anp))
# its own does not broadcast
LIBRARY.where = lambda c, x, y: np.where(c, 1, 0) * x + np.where(c, 0, 1) * y
ON_NODES = {
    "np": np, "bp": bp, "math": math, "copy": copy, "pickle": pickle,
    "ThreadPoolExecutor": ThreadPoolExecutor,
    "g": lambda leaf: 0 * leaf.value if leaf.grad is None else leaf.grad,
}  # fmt: skip


def other_world(numpy: Any, grads: Any) -> dict[str, Any]:
    kit = same_functions(numpy)
    vars(kit).update(derivatives_by(grads), hessian=autograd.hessian)
    return {"np": numpy, "bp": kit, "math": mathematics(numpy), "value": value, "grads": grads}


def mathematics(numpy: Any) -> SimpleNamespace:
    """Python's math, by the names it has, of what can be differentiated."""
    names = re.findall(r"\w+", "exp sin cos sqrt log tanh cosh fabs hypot prod isnan isclose")
    return SimpleNamespace(
        **{name: getattr(numpy, name) for name in names},
        pow=numpy.power, atan=numpy.arctan, atan2=numpy.arctan2, fsum=sum,
        dist=lambda p, q: numpy.sqrt(sum((a - b) ** 2 for a, b in zip(p, q, strict=True))),
    )  # fmt: skip


BY_AUTOGRAD = other_world(LIBRARY, by_autograd)
BY_DIFFERENCES = other_world(np, by_differences)
BY_DIFFERENCES["value"] = unmoving


def run(world: dict[str, Any], p: Program) -> tuple[Any, Any]:
    """The program's f, and its answer, in one of the worlds."""
    which = 0 if world is ON_NODES else 1
    space = {**world, "names": p.names, **copy.deepcopy({"args": p.args, "moved": p.moved})}
    space["make"] = lambda values: [bp.var(v, n) for v, n in zip(values, p.names, strict=True)]
    exec(compile(p.function(which), f"<program {p.seed}>", "exec"), space)
    exec(compile(p.way[which], f"<the way of program {p.seed}>", "exec"), space)
    return space["f"], list(space["answer"])
