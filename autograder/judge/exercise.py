"""What an exercise is: its signature, inputs, expression on the engine, and what each part earns.

An exercise is one object a teacher can read from top to bottom. The reference is not in it: it is
the engine's gradient of the exercise's own `forward`, taken at the inputs that were asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from autograder.asking.ask import Question
from autograder.judge.recorded import NOTHING as NOTHING
from autograder.judge.recorded import Inputs as Inputs
from autograder.judge.recorded import Part as Part
from autograder.judge.recorded import Recorded, record
from autograder.judge.recorded import Values as Values
from autograder.judge.signs import Signs
from backpropkit.engine.node import Node

Rng = np.random.Generator

COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What every exercise says of itself.

    Attributes:
        id: problem set and name of the answer, "ps6.quad_grad".
        points: what all parts together earn.
        signature: call and result with every shape, as the learner reads it.
        task: the task in one or two sentences.
        ideas: the misconceptions to look for first; all general ones are tried anyway.
        inseparable: {misconception: why} for those one would look for here, but whose answers
            cannot be told from others.
        needs: other names of the learner's that the questions use.
        look: where to look, for those whose answer no idea explains and nothing can be nudged.
    """

    id: str
    points: float
    signature: str
    task: str
    ideas: tuple[str, ...] = ()
    inseparable: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    needs: tuple[str, ...] = ()
    look: str = ""

    @property
    def set(self) -> str:
        """The problem set, "ps6"."""
        return self.id.split(".")[0]

    @property
    def answer(self) -> str:
        """The name the learner gives the answer, "quad_grad"."""
        return self.id.split(".")[1]

    def of(self, student: str) -> Any:
        """The task as a student has it: the same for all, but for a `Personal` one."""
        return self


@dataclass(frozen=True, kw_only=True)
class Personal(Task):
    """A task that is another one for everybody: `of` draws it from whose it is, and only that."""


@dataclass(frozen=True, kw_only=True)
class Exercise(Task):
    """An exercise whose answer is numbers: a function of fresh inputs, or values worked by hand.

    Attributes:
        inputs: (rng, trial number) -> {argument: value}, in the order of the call. Draws what
            separates right from wrong: non-symmetric matrices, square and rectangular trials.
        either: f(**inputs) -> {name: numbers} that are to come with either sign, beside those
            that go in and those that are right.
        fixed: the inputs of an exercise whose answer is values worked by hand, not a function.
        forward: the expression on the engine: takes the inputs as Nodes and returns the result.
        wrt: the inputs or named nodes whose gradients are returned, in order; an entry of one is
            written ("W1", 2, 0).
        truth: f(**inputs) -> {part: right value}, where the answer is no gradient.
        returns: what the learner calls the parts; by default d + the name in `wrt`.
        form: "tuple", "dict", or "alone" for a single value.
        call: how the answer is called, with {name} for inputs that are text; by default with all.
        credit: points of each part; equal shares if left out.
        partly: f(**inputs) -> (part, value, points) of wrong answers that are part of the way
            there, beside those that the policy of part credit knows.
        wrong: {misconception: f(**inputs) -> several wrong answers}, for what no changed rule,
            sweep or transform of the right answer predicts.
        upstream: the argument that is the incoming gradient of the result, if there is one.
        jacobian: the answer holds the gradients of every entry of the result, stacked.
        batch: the argument whose rows are a batch.
        tolerance: how far off an answer may be, relative to its largest entry; for fixed inputs
            absolute, because people round.
        trials: how many fresh inputs one check asks for.
        whose: a sentence that every report begins with, of an exercise that is somebody's own.
    """

    inputs: Callable[[Rng, int], Inputs] = lambda r, trial: {}
    either: Callable[..., Values] = lambda **inputs: {}
    fixed: Inputs = field(default_factory=dict)
    forward: Callable[..., Any] | None = None
    wrt: tuple[str | tuple[Any, ...], ...] = ()
    truth: Callable[..., Values] | None = None
    returns: tuple[str, ...] = ()
    form: str = "tuple"
    call: str = ""
    credit: tuple[float, ...] = ()
    partly: Callable[..., Iterable[tuple[str, Any, float]]] = lambda **inputs: ()
    wrong: Mapping[str, Callable[..., Iterable[Values]]] = field(default_factory=lambda: NOTHING)
    upstream: str = ""
    jacobian: bool = False
    batch: str = ""
    tolerance: float = 1e-6  # exact formulas in float32 leave up to 1.5e-7
    trials: int = 6
    whose: str = ""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What is returned, in order, with the points for each."""
        wrt = [(w,) if isinstance(w, str) else w for w in self.wrt or self.returns]
        names = self.returns or tuple(f"d{node}" for node, *_ in wrt)
        points = self.credit or (self.points / len(names),) * len(names)
        return tuple(
            Part(name, share, node, tuple(entry) or None)
            for name, share, (node, *entry) in zip(names, points, wrt, strict=True)
        )

    def result(self, inputs: Inputs) -> Node:
        """The expression at some inputs, recorded."""
        assert self.forward is not None
        return record(self.forward, inputs, self.parts, self.upstream)

    def recorded(self, inputs: Inputs) -> Recorded:
        """The same, to be swept for the parts."""
        seed = inputs.get(self.upstream, 1.0)
        return Recorded(self.result(inputs), self.parts, seed, self.jacobian)

    def right(self, inputs: Inputs) -> Values:
        """{part: the right value} at some inputs."""
        return self.truth(**inputs) if self.truth else self.recorded(inputs).gradients()

    def label(self, part: Part) -> str:
        """How a report speaks of a part: "dA, the second of two"; otherwise only its name."""
        if self.form != "tuple" or len(self.parts) == 1:
            return part.name
        return f"{part.name}, the {ORDINALS[self.parts.index(part)]} of {COUNTS[len(self.parts)]}"

    def questions(self, seed: int) -> list[Question]:
        """The questions of one check: the same for the same seed, fresh inputs for another."""
        if self.fixed:
            return [Question(self.answer)]
        try:
            drawn = self._signs.drawn(np.random.default_rng(seed))
        except Exception:  # of whoever wrote the exercise; it is told where answers are judged
            rng = np.random.default_rng(seed)
            drawn = [self.inputs(rng, trial) for trial in range(self.trials)]
        return [self._question(inputs) for inputs in drawn]

    @cached_property
    def _signs(self) -> Signs:
        return Signs(self.inputs, self.right, self.trials, self.either)

    def _question(self, inputs: Inputs) -> Question:
        call = self.call or f"{self.answer}({', '.join(inputs)})"
        return Question(call.format(**inputs), inputs)


# What inputs are drawn from. Two decimals, so that a learner can copy what a report prints.


def away(r: Rng, lo: float, hi: float, *shape: int) -> Any:
    """Numbers of magnitude in [lo, hi] and random sign: never near 0, where mistakes hide.

    >>> bool(np.all(np.abs(away(np.random.default_rng(0), 0.5, 2, 3)) >= 0.5))
    True
    """
    numbers = np.round(r.uniform(lo, hi, shape) * r.choice([-1.0, 1.0], shape), 2)
    return numbers if shape else float(numbers)


def normal(r: Rng, *shape: int) -> Any:
    """Standard normal numbers, but none of them 0.

    >>> normal(np.random.default_rng(0), 2, 3).shape
    (2, 3)
    """
    drawn = r.normal(size=shape)
    numbers = np.copysign(np.maximum(np.round(np.abs(drawn), 2), 0.01), drawn)
    return numbers if shape else float(numbers)


def uniform(r: Rng, lo: float, hi: float, *shape: int) -> Any:
    """Uniform numbers in [lo, hi].

    >>> uniform(np.random.default_rng(0), 1, 2, 2)
    array([1.64, 1.27])
    """
    numbers = np.round(r.uniform(lo, hi, shape), 2)
    return numbers if shape else float(numbers)


def nonsym(r: Rng, n: int, sign: int = 0) -> Any:
    """An (n, n) matrix, well conditioned, clearly not symmetric, of determinant away from ±1.

    The determinant has the given sign, or any: log |det| does not mind, but somebody may who
    forgets the bars.

    >>> A = nonsym(np.random.default_rng(0), 3, sign=-1)
    >>> bool(np.abs(A - A.T).max() > 0.5 and np.linalg.cond(A) < 10 and np.linalg.det(A) < 0)
    True
    """
    while True:
        a = normal(r, n, n)
        det = np.linalg.det(a)
        tells = np.abs(a - a.T).max() > 0.5 and abs(abs(det) - 1) > 0.2
        if tells and det * sign >= 0 and np.linalg.cond(a) < 10:
            return a


# the trials of six in which the first number of an exercise is negative, the second, ...
NEGATIVE = ((2, 3, 5), (1, 2, 4), (1, 3, 4), (2, 4, 5), (1, 2, 3))


def turns(trial: int, number: int = 0) -> int:
    """+1 or −1, three times each in six trials, and both for trials of either parity.

    Any two numbers of an exercise come in all four combinations of their signs.

    >>> [turns(trial) for trial in range(6)]
    [1, 1, -1, -1, 1, -1]
    >>> sorted({(turns(trial, 1), turns(trial, 4)) for trial in range(6)})
    [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    """
    return -1 if trial % 6 in NEGATIVE[number] else 1


def turned(r: Rng, trial: int, lo: float, hi: float, *names: str) -> dict[str, float]:
    """{name: a number of magnitude in [lo, hi]}, whose signs are those of `turns`: who is wrong
    where one of them is negative, or one is and another is not, is found out on every seed.

    >>> turned(np.random.default_rng(0), 1, 1, 2, "a", "b")
    {'a': 1.64, 'b': -1.27}
    """
    return {name: turns(trial, k) * uniform(r, lo, hi) for k, name in enumerate(names)}
