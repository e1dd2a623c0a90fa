"""THE TABLE of wrong ideas: id, name for teachers, sentence for learners, and what it changes.

What an idea changes is one of two: rules of the engine's table or a step of the sweep (`changes`),
or the right gradient itself (`transforms`). From that the wrong answer is predicted for any graph.
A sentence asks; it never states the right formula. Names may. No exercise is known here: ideas
about classes, training or batches are the judge's.
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..engine.node import TABLE, Node
from ..engine.rules import fit, outer, sigmoid
from ..engine.sweep import Rule
from .change import MOVES, Change, Sweeps, apart, fit_if_possible

LN2 = math.log(2.0)
PLACE = re.compile(r"\{(\w+)\|([^}]*)\}")  # in a sentence: a name, and what is said without
# gates of one variable whose slope is not their own value
ONE_VARIABLE = (
    "power",
    "reciprocal",
    "relu",
    "log",
    "minus log",
    "sqrt",
    "sin",
    "cos",
    "tanh",
    "swish",
    "softplus",
    "abs",
)

ACTIVATIONS = ("sigmoid", "relu", "tanh", "swish", "softplus")


@dataclass(frozen=True)
class Right:
    """One right gradient, and the node and graph it belongs to, where there is a graph."""

    gradient: Any
    node: Node | None = None
    sweeps: Sweeps | None = None


@dataclass(frozen=True)
class Idea:
    """One wrong idea.

    Attributes:
        id: as in the catalog and the reports, "recip-minus".
        name: what teachers call it.
        message: the sentence for the learner. It may be given with places for an exercise's own
            names, {gate|1/h}: gate, arg and other (its arguments), args (all of them), variable,
            part; behind the bar stands what is said where none is known.
        changes: the ways to run the sweep with this idea; a learner can watch them run.
        transforms: what this idea makes of a right gradient.
        whole: had of everything that is asked for, or not at all.
        general: a mere transform (sign, factor, mirror); named only where nothing more specific is.
    """

    id: str
    name: str
    message: str
    changes: tuple[Change, ...] = ()
    transforms: Callable[[Right], Iterable[Any]] | None = None
    general: bool = False
    whole: bool = False

    sentence: str = field(init=False, repr=False, default="")  # the message with its places

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", self.message)
        object.__setattr__(self, "message", self.told({}))

    def told(self, names: Mapping[str, str]) -> str:
        """The sentence with an exercise's own names in it.

        >>> IDEAS["recip-minus"].told({"arg": "h2", "gate": "1/h2"})
        'If h2 grows, does 1/h2 grow or shrink? Compare with your sign.'
        """
        return PLACE.sub(lambda found: names.get(found[1]) or found[2], self.sentence)

    @property
    def watched(self) -> Sequence[Change]:
        """The changes a learner can watch run, one contribution after the other.

        Not those of how shapes are made to fit, which is no step of its own, nor those that begin
        on the way forward.
        """
        usual = [c for c in self.changes if c.fit is fit_if_possible and not c.forwards]
        return [] if self.general else usual

    def wrong(self, sweeps: Sweeps) -> Iterator[dict[Node, Any]]:
        """{node: wrong gradient} for every way this idea can be had on a graph.

        >>> from backpropkit import var
        >>> a, b = var(2.0, "a"), var(-3.0, "b")
        >>> [found[a] for found in IDEAS["add-splits"].wrong(Sweeps(a + b))]
        [0.5]
        """
        for change in self.changes:
            for places in sweeps.places(change):
                with suppress(ArithmeticError, TypeError, ValueError):  # it does not fit the shapes
                    yield sweeps.gradients(change, places)
        if self.transforms:
            several = [
                list(self.transforms(Right(g, node, sweeps))) for node, g in sweeps.right.items()
            ]
            for k in range(max(map(len, several))):
                yield {
                    node: made[k] if k < len(made) else g
                    for (node, g), made in zip(sweeps.right.items(), several, strict=True)
                }


IDEAS: dict[str, Idea] = {}


def row(id: str, name: str, message: str, *changes: Change, **more: Any) -> None:
    """Enter one row."""
    IDEAS[id] = Idea(id, name, message, changes, **more)


def rules(**rows: Rule) -> Change:
    """A change of rows of the table."""
    return Change(rows=rows)


def through(g: Any, y: Any, *arguments: Any, **params: Any) -> tuple[Any, ...]:
    """Hand the incoming gradient on as it is."""
    return (g,) * len(arguments)


def times_value(g: Any, y: Any, *arguments: Any, **params: Any) -> tuple[Any, ...]:
    """The gate's value where its slope belongs."""
    return (g * y,) * len(arguments)


def as_it_is(a: Any) -> Any:
    return a


def ones(like: Any) -> Any:
    return np.ones(np.shape(like)) if np.ndim(like) else 1.0


def forget(right: Rule) -> Rule:
    """The local derivative alone."""
    return lambda g, y, *arguments, **params: right(ones(y), y, *arguments, **params)


def add_local(right: Rule) -> Rule:
    """The local derivative added to what came in."""
    return lambda g, y, *arguments, **params: tuple(
        part if part is None else g + part for part in right(ones(y), y, *arguments, **params)
    )


def added_inside(node: Node, right: Rule) -> Rule | None:
    """The same at some gates only: neither where the slope is 1, nor where what came in is.

    There it would be one more than what is right, and that comes of anything.
    """
    copied = node.op == "mul" and node.args[0].op == "const" and np.all(node.args[0].value == 1.0)
    if copied or node.op in (*MOVES, "add", "sub", "neg", "sum", "mean", "trace"):
        return None

    def changed(g: Any, y: Any, *arguments: Any, **params: Any) -> tuple[Any, ...]:
        rule = right if np.all(np.equal(g, 1.0)) else add_local(right)
        return rule(g, y, *arguments, **params)

    return changed


def flip(right: Rule) -> Rule:
    """A minus too many, or one too few."""
    return lambda g, y, *arguments, **params: tuple(
        part if part is None else -part for part in right(g, y, *arguments, **params)
    )


def last(old: Any, new: Any) -> Any:
    """'=' where contributions meet."""
    return new


def first(old: Any, new: Any) -> Any:
    """Only the first contribution counts."""
    return old


def several_ways(right: Right) -> list[Any]:
    """The contributions that meet at a node, if they are two to four."""
    if right.sweeps is None or right.node is None:
        return []
    parts = right.sweeps.arriving(right.node)
    meet = not all(apart(one, other) for one, other in itertools.combinations(parts, 2))
    return parts if 2 <= len(parts) <= 4 and meet else []


def some_paths(right: Right) -> Iterator[Any]:
    """The sums over some, not all, of the contributions that meet at a node."""
    parts = several_ways(right)
    for k in range(1, len(parts)):
        for some in itertools.combinations(parts, k):
            yield sum(some[1:], some[0])


def local_alone(right: Right) -> Iterator[Any]:
    """What comes back to a leaf from the only gate that uses it, if nothing came to that gate."""
    node, sweeps = right.node, right.sweeps
    if node is None or sweeps is None or node.args:
        return
    uses = [(user, k) for user in sweeps.nodes for k, arg in enumerate(user.args) if arg is node]
    if len(uses) == 1:
        user, k = uses[0]
        rule = TABLE[user.op].gradient
        alone = rule(ones(user.value), user.value, *(arg.value for arg in user.args), **user.params)
        if np.shape(alone[k]) == node.shape:
            yield alone[k]


def shared(step: Callable[[Any, tuple[int, ...]], Any]) -> Change:
    """Do `step` where a gradient should be summed over the copies broadcasting made."""

    def changed(part: Any, shape: tuple[int, ...]) -> Any:
        return step(part, shape) if np.ndim(part) > len(shape) else fit_if_possible(part, shape)

    return Change(fit=changed)


def a_path_twice(right: Right) -> Iterator[Any]:
    """One of the contributions that meet counted twice, beside the others or in their place."""
    parts = several_ways(right)
    for part in parts:
        yield from (right.gradient + part, len(parts) * part)


def mirrored(right: Right) -> Iterator[Any]:
    if np.ndim(right.gradient) == 2:
        yield right.gradient.T


def symmetric(right: Right) -> Iterator[Any]:
    g = right.gradient
    if np.ndim(g) == 2 and g.shape[0] == g.shape[1]:
        diagonal = np.diag(np.diag(g))
        yield from (2 * g - diagonal, 2 * g.T - diagonal, g + g.T - diagonal, (g + g.T) / 2)


def relative(right: Right) -> Iterator[Any]:
    """x/L · g: by how many percent L changes for one percent of x."""
    if right.sweeps is None or right.node is None:
        return
    L, x = right.sweeps.result, right.node
    if not L.shape and not x.args and L.value != 0.0:  # no percent of nothing
        yield x.value / L.value * right.gradient


def times_the_output(right: Right) -> Iterator[Any]:
    """Everything times the value of a result that is one number; of the result itself, 0, too."""
    if right.sweeps is not None and not right.sweeps.result.shape:
        yield right.sweeps.result.value * right.gradient
        if right.node is right.sweeps.result:
            yield 0.0


def own_value(right: Right) -> Iterator[Any]:
    if right.node is not None and np.shape(right.gradient) == right.node.shape:
        yield right.node.value


def times_own_value(right: Right) -> Iterator[Any]:
    """Everything times the variable's own value, of a variable that is a factor somewhere."""
    node, sweeps = right.node, right.sweeps
    if node is None or sweeps is None or np.shape(right.gradient) != node.shape:
        return
    copied = node.op == "mul" and node.args[0].op == "const" and np.all(node.args[0].value == 1.0)
    users = (n.op for n in sweeps.nodes if any(arg is node for arg in n.args))
    if (copied or not node.args) and any(op in ("mul", "matmul", "quadratic_form") for op in users):
        yield node.value * right.gradient


def before_activation(node: Node, right: Rule) -> Rule | None:
    """A product that is given what went into an activation, where what came out belongs."""
    before = [a.args[0].value if a.op in ACTIVATIONS else a.value for a in node.args]
    if node.op not in ("mul", "matmul") or not any(a.op in ACTIVATIONS for a in node.args):
        return None
    return lambda g, y, *arguments, **params: right(g, y, *before, **params)


def before_inverse(node: Node, right: Rule) -> Rule | None:
    """A product that is given a matrix where its inverse belongs."""
    if node.op != "matmul" or not any(a.op == "inv" for a in node.args):
        return None
    before = [a.args[0].value if a.op == "inv" else a.value for a in node.args]
    return lambda g, y, *arguments, **params: right(g, y, *before, **params)


def as_it_came(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """A factor forgotten: what comes back to an array is handed on; to a number, what is right."""
    return (
        g if np.ndim(a) or not np.ndim(b) else g * b,
        g if np.ndim(b) or not np.ndim(a) else g * a,
    )


def plus_for_minus(node: Node, right: Rule) -> Rule | None:
    """What a difference hands back if it was taken for a sum; -a for a."""
    if node.op == "sub":
        return TABLE["add"].gradient
    return through if node.op == "neg" else None


def number_before_matrix(
    collected: Callable[[Any, Any], Any], node: Node, right: Rule
) -> Rule | None:
    """What comes back to a number that stands before a whole matrix, collected in another way."""
    sizes = [np.ndim(arg.value) for arg in node.args]
    if node.op not in ("mul", "div") or sorted(sizes) != [0, 2]:
        return None

    def changed(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
        of_a, of_b = right(g, y, a, b)
        if node.op == "div":
            return of_a, -collected(g, a) / b**2 if np.ndim(a) else of_b
        return (of_a, collected(g, a)) if np.ndim(a) else (collected(g, b), of_b)

    return changed


def argument_once(node: Node, right: Rule) -> Rule | None:
    """What comes back to an argument that stands twice, as if it stood there once."""
    if len(node.args) != 2 or node.args[0] is not node.args[1]:
        return None

    def changed(g: Any, y: Any, *arguments: Any, **params: Any) -> tuple[Any, ...]:
        return right(g, y, *arguments, **params)[0], None

    return changed


def numerator_lost(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """1/b differentiated alone, where it is multiplied by a number a."""
    if np.ndim(a):
        raise ValueError("only a number can be lost without being missed")
    return g / b, -g / b**2


def one_over_det(right: Right) -> list[float]:
    """1/det of every matrix whose log-determinant is taken."""
    if right.sweeps is None:
        return []
    nodes, kinds = right.sweeps.nodes, right.sweeps.kinds
    return [1 / np.linalg.det(nodes[i].args[0].value) for i, k in kinds.items() if k == "logdet"]


def result_reshaped(right: Right) -> list[Any]:
    """The transposed gradient, brought to its shape by a reshape."""
    g = right.gradient
    return [g.T.reshape(g.shape)] if np.ndim(g) == 2 and g.shape[0] != g.shape[1] else []


def of_vectors(rule: Rule) -> Rule:
    """A rule for matrices that takes a vector on the right as one column."""

    def changed(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
        if np.ndim(a) != 2 or np.ndim(b) != 1:
            return rule(g, y, a, b)
        of_a, of_b = rule(g[:, None], y[:, None], a, b[:, None])
        return of_a, of_b[:, 0] if np.ndim(of_b) == 2 and of_b.shape[1] == 1 else of_b

    return changed


def matrices(*found: Callable[[Any, Any, Any], tuple[Any, Any]]) -> tuple[Change, ...]:
    """One change for each wrong (∂a, ∂b) of a product ab, given g, a, b."""
    return tuple(rules(matmul=of_vectors(lambda g, y, a, b, f=f: f(g, a, b))) for f in found)


def one_of_several(a: Any, g: Any, k: int) -> Any:
    """What one row of a product sends back to the factor on its right."""
    if len(g) < 2:
        raise ValueError("there is only one")
    return np.outer(a[k], g[k])


def entrywise_square(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    if not np.shape(g) == np.shape(a) == np.shape(b):
        raise ValueError("only arrays of one shape multiply entry by entry")
    return g * b, g * a


# fmt: off
# specific ideas first, in the order in which they are named where several fit; mere transforms last

# paths
row("one-path", "Only one of several paths",
    "You followed one route from the variable to the output. Cover that route with your hand: "
    "can the variable still change the output?",
    Change(meet=first), Change(meet=last),
    *matrices(lambda g, a, b: (g @ b.T, one_of_several(a, g, 0)),
              lambda g, a, b: (g @ b.T, one_of_several(a, g, -1))),
    rules(quadratic_form=lambda g, y, x, a: (g * (a @ x), g * outer(x, x))),
    rules(quadratic_form=lambda g, y, x, a: (g * (a.T @ x), g * outer(x, x))),
    transforms=some_paths)
row("path-twice", "One path counted twice",
    "Each path counts, and each counts once. Which of those to {variable|the variable} stands "
    "there twice in your sum, and is another one left out for it?",
    transforms=a_path_twice)
row("overwrite", "'=' instead of '+=' at a fork",
    "The variable is used more than once, and only one of its contributions is left. What should "
    "happen to gradients that meet?",
    Change(meet=last))
row("argument-once", "An argument that stands twice in one gate counted once",
    "One gate uses the same variable for both of its inputs, as a·a does. Nudge it: how many of "
    "the two inputs move, and how often did you hand something back?",
    Change(own=argument_once))
row("paths-combined-wrong", "Branches multiplied, averaged or subtracted",
    "Along one path you do one operation, across paths another. Which is which?",
    Change(meet=operator.mul), Change(meet=lambda old, new: (old + new) / 2))

# products
row("mul-not-switched", "Multiply gate not switched, or the two gradients swapped",
    "For {gate|a product}, nudge one factor: what decides how far the product moves?",
    rules(mul=lambda g, y, a, b: (g * a, g * b)),
    *matrices(lambda g, a, b: (g @ a.T, b.T @ g), lambda g, a, b: (a.T @ g, g @ b.T),
              lambda g, a, b: (g * a, a.T @ g)))
row("operand-transpose", "Operand not transposed, or in the wrong order",
    "Write the shapes under each factor, then ask which index must be summed away.",
    *matrices(lambda g, a, b: (g @ b, a @ g), lambda g, a, b: (b.T @ g, g @ a.T),
              lambda g, a, b: (b @ g, g @ a)),
    rules(matmul=lambda g, y, a, b: (np.outer(b, g), a.T @ g)))
row("hadamard", "Elementwise product for matrix product",
    "In {gate|a product of matrices} entries meet that stand in different places. Nudge one of "
    "them: what decides how far the result moves? Yours looks only at what stands in its place.",
    *matrices(entrywise_square),
    rules(quadratic_form=lambda g, y, x, a: (g * 2 * np.diag(a) * x, g * np.diag(x * x))),
    rules(quadratic_form=lambda g, y, x, a: (g * (a * x).sum(0), g * x * x)),
    rules(logdet=lambda g, y, a, spd: (g / a,), inv=lambda g, y, a, spd: (-g / a**2,)),
    rules(logdet=lambda g, y, a, spd: (g / a.T,), inv=lambda g, y, a, spd: (-g.T / a**2,)),
    rules(inv=lambda g, y, a, spd: (-g * y**2,)), rules(inv=lambda g, y, a, spd: (-g * y.T**2,)),
    rules(inv=lambda g, y, a, spd: (-y.T @ (g * y.T),)),
    rules(inv=lambda g, y, a, spd: (-(y.T * g) @ y.T,)))
row("reshaped", "Reshaped where it should be transposed",
    "The shapes fit, but the numbers stand in other places. Print a 2x3 matrix, its transpose, and "
    "the same numbers reshaped to 3x2, side by side.",
    *matrices(lambda g, a, b: (g @ b.reshape(b.shape[::-1]), a.reshape(a.shape[::-1]) @ g),
              lambda g, a, b: (g @ b.reshape(b.shape[::-1]), a.T @ g),
              lambda g, a, b: (g @ b.T, a.reshape(a.shape[::-1]) @ g)),
    transforms=result_reshaped)
row("quad-2Ax", "2Ax for (A + Aᵀ)x",
    "{arg|x} appears on both sides of {other|A}. Nudge it where {other|A} is not symmetric.",
    *(rules(quadratic_form=lambda g, y, x, a, f=f: (g * f(a, x), g * outer(x, x)))
      for f in (lambda a, x: 2 * a @ x, lambda a, x: 2 * a.T @ x,
                lambda a, x: a @ x, lambda a, x: a.T @ x)))
row("scale-node-skipped", "A multiply-by-constant gate skipped",
    "There is a multiply-by-constant gate on the way back to this variable. What does it do to "
    "gradients coming back?",
    rules(scale=as_it_came))

# determinants and inverses
row("inv-transpose", "K⁻¹ for K⁻ᵀ",
    "Correct for symmetric matrices only. Test a 2x2 that is not symmetric, one entry at a time.",
    rules(logdet=lambda g, y, a, spd: (g * np.linalg.inv(a),)),
    *(rules(inv=lambda g, y, a, spd, f=f: (-f(g, y),)) for f in (
        lambda g, k: k @ g @ k, lambda g, k: k.T @ g @ k, lambda g, k: k @ g @ k.T)))
row("det-not-logdet", "Derivative of det, 1/det, or 1 over its size",
    "Take the chain's steps one after the other: the determinant, its size, the log. Which of "
    "their slopes is missing, or has lost its sign?",
    *(rules(logdet=lambda g, y, a, spd, f=f: (g * f(np.linalg.det(a), np.linalg.inv(a)),))
      for f in (lambda d, k: d * k.T, lambda d, k: d * k, lambda d, k: k.T / d, lambda d, k: k / d,
                lambda d, k: abs(d) * k.T, lambda d, k: abs(d) * k,
                lambda d, k: np.sign(d) * k.T, lambda d, k: np.sign(d) * k,
                lambda d, k: np.eye(len(k)) / d, lambda d, k: np.full_like(k, 1 / d))),
    transforms=one_over_det)
row("not-inverted", "K where K⁻¹ belongs",
    "Put a number in the place of the matrix, once 2 and once 4: does the slope of "
    "{gate|the result} grow or shrink? Yours goes with the matrix itself.",
    rules(logdet=lambda g, y, a, spd: (g * a.T,), inv=lambda g, y, a, spd: (-a.T @ g @ a.T,)),
    rules(logdet=lambda g, y, a, spd: (g * a,), inv=lambda g, y, a, spd: (-a @ g @ a,)),
    Change(own=before_inverse))
row("inverse-commuted", "Scalar rule X⁻² for the inverse, or one inverse only",
    "Matrices do not commute, so 'squared' needs care: what comes back to {gate|the inverse} is a "
    "matrix too. On which sides of it do the inverses stand, and how many are there?",
    *(rules(inv=lambda g, y, a, spd, f=f: (-f(g, y.T),)) for f in (
        lambda g, k: g @ k @ k, lambda g, k: k @ k @ g, lambda g, k: k @ g, lambda g, k: g @ k,
        lambda g, k: k.T @ k.T @ g.T, lambda g, k: g.T @ k.T @ k.T)))

# gates of one variable
row("recip-minus", "d(1/h) without its minus",
    "If {arg|h} grows, does {gate|1/h} grow or shrink? Compare with your sign.",
    rules(div=lambda g, y, a, b: (g / b, g * y / b), inv=lambda g, y, a, spd: (y.T @ g @ y.T,),
          reciprocal=lambda g, y, a, n: (-g * n * a ** (n - 1),)),
    Change(rows={"minus log": lambda g, y, a: (-g / a,)}))
row("recip-square", "d(1/h) without the square",
    "Try 2 and 2.01 for {arg|h} and compare the change of {gate|1/h} with your formula.",
    rules(div=lambda g, y, a, b: (g / b, -g * y),
          reciprocal=lambda g, y, a, n: (g * n * a**n,)))
row("sigmoid-prime", "σ' = σ, or 1 − σ",
    "Your sigmoid slope does not go flat at both ends. Sketch the curve and look at its slope "
    "far left and far right.",
    rules(sigmoid=lambda g, y, a: (g * y,)), rules(sigmoid=lambda g, y, a: (g * (1 - y),)),
    rules(sigmoid=lambda g, y, a: (g * y * (1 + y),)),
    rules(sigmoid=lambda g, y, a: (g * (1 - y * y),)))
row("output-for-input", "Output used where the input belongs, or the reverse",
    "Check which cached value your local derivative needs: what went into the gate, or what "
    "came out?",
    rules(sigmoid=lambda g, y, a: (g * sigmoid(y) * (1 - sigmoid(y)),),
          exp=lambda g, y, a: (g * a,), div=lambda g, y, a, b: (g / b, -g * a / (y * y)),
          log=lambda g, y, a: (g / y,), reciprocal=lambda g, y, a, n: (g * n * y ** (n - 1),)),
    rules(sigmoid=lambda g, y, a: (g * a * (1 - a),), exp2=lambda g, y, a: (g * a * LN2,),
          power=lambda g, y, a, n: (g * n * y ** (n - 1),)),
    rules(exp=lambda g, y, a: (g * np.exp(y),), exp2=lambda g, y, a: (g * 2.0**y * LN2,)))
row("exponent-lost", "d(hⁿ) without its n or h, or with hⁿ left as it is; 2 or ln 2 for 2ᶻ",
    "Put 3 and then 3.01 in the place of {arg|h} in {gate|hⁿ or nʰ}: how far does it move? Compare "
    "with your rule.",
    rules(power=lambda g, y, a, n: (g * a ** (n - 1),)),
    rules(power=lambda g, y, a, n: (g * n * ones(a),)),
    rules(power=lambda g, y, a, n: (g * n * y,)),
    rules(power=lambda g, y, a, n: (g * (n * y - 1),)),  # n·xⁿ − 1, its brackets lost
    rules(exp2=lambda g, y, a: (g * 2.0 * LN2,)), rules(exp2=lambda g, y, a: (g * 2.0,)),
    rules(exp2=lambda g, y, a: (g * LN2 * ones(a),)))
row("preactivation", "Pre-activation used for the activation",
    "What does {gate|the next gate} multiply: what went into the nonlinearity, or what came out of "
    "it? Its gradient needs that same value.",
    Change(own=before_activation))
row("activation-skipped", "Activation left out of the forward pass",
    "Follow one number forward, gate by gate, in the task and in your code: where does "
    "{gate|the activation} bend it, and does it in both?",
    *(Change(rows=dict.fromkeys(ACTIVATIONS, rule), forwards=dict.fromkeys(ACTIVATIONS, as_it_is))
      for rule in (through, lambda g, y, a: (g * y * (1 - y),))))
row("ln2-lost", "d(2ᶻ) = 2ᶻ, or divided by ln 2",
    "Only one base has itself as its slope. What happens for this base?",
    rules(exp2=times_value), rules(exp2=lambda g, y, a: (g * y / LN2,)))
row("power-rule-exp", "Power rule on an exponential",
    "Is the variable in the base or in the exponent?",
    rules(exp2=lambda g, y, a: (g * a * 2.0 ** (a - 1),),
          exp=lambda g, y, a: (g * a * np.exp(a - 1),)))
row("value-for-derivative", "Value written for derivative",
    "This factor is the node's value, not its rate of change. Which one does the chain rule "
    "multiply?",
    rules(**dict.fromkeys(ONE_VARIABLE, times_value)),
    rules(add=lambda g, y, a, b: (g * a, g * b)), rules(add=lambda g, y, a, b: (g, g * b)),
    rules(add=lambda g, y, a, b: (g * a, g)),
    rules(**dict.fromkeys(("add", "mul", "scale"), times_value)), rules(shift=times_value),
    transforms=times_own_value)
row("relu-mask", "ReLU mask missing, turned round, or taken from the gradient",
    "Nudge {arg|what goes into the relu} where it is below 0: does the result notice? Which stored "
    "quantity tells you where that was?",
    rules(relu=through), rules(relu=lambda g, y, a: (g * (g > 0),)),
    rules(relu=lambda g, y, a: (g * (a < 0),)), rules(relu=lambda g, y, a: (g * np.sign(a),)),
    rules(relu=lambda g, y, a: (g * np.where(a > 0, 1.0, 0.01),)))
row("max-routes-both", "Max gate to both, to the loser, times the value, by magnitude or by sign",
    "Nudge {args|the two inputs}, one after the other. Which nudge does the maximum follow, and "
    "how far?",
    rules(maximum=through), rules(maximum=lambda g, y, a, b: (g / 2, g / 2)),
    rules(maximum=lambda g, y, a, b: (g * (a < b), g * (b < a))),
    rules(maximum=lambda g, y, a, b: (g * (abs(a) > abs(b)), g * (abs(b) > abs(a)))),
    rules(maximum=lambda g, y, a, b: (g * a, g * b)),
    rules(maximum=lambda g, y, a, b: (g * a * (a > b), g * b * (b > a))),
    rules(maximum=lambda g, y, a, b: (g * np.sign(a - b), g * np.sign(b - a))),
    rules(maximum=lambda g, y, a, b: (g * (a > 0), g * (b > 0))),
    rules(maximum=lambda g, y, a, b: (g * (a > b) * (a > 0), g * (b > a) * (b > 0))))
row("add-splits", "Add gate splits the gradient",
    "Nudge just one of {args|the inputs} by h. How much does the sum move: h or less?",
    rules(add=lambda g, y, a, b: (g / 2, g / 2), sub=lambda g, y, a, b: (g / 2, -g / 2)))
row("add-as-mul", "Add gate treated as a product",
    "Nudge just one of {args|the inputs} by h. Does it matter for the sum how large the other one "
    "is?",
    rules(add=lambda g, y, a, b: (g * b, g * a), sub=lambda g, y, a, b: (g * b, -g * a)))
row("exp-minus", "A minus dropped on the way, as inside exp(−z)",
    "Walk back gate by gate and write the sign at every wire. Which gates turn it, and does yours "
    "turn there, and nowhere else?",
    rules(neg=through, sub=through),
    Change(own=plus_for_minus, forwards={"sub": operator.add, "neg": as_it_is}),
    *(Change(rows={"sigmoid": lambda g, y, a, sign=sign: (sign * g * y * (1 - y),)},
             forwards={"sigmoid": lambda a: sigmoid(-a)}) for sign in (1, -1)))
row("softmax-diagonal", "Softmax cross terms dropped",
    "Raise one score: does only its own probability change?",
    rules(softmax=lambda g, y, a, axis: (g * y * (1 - y),)))

# batches and shapes
row("broadcast-sum", "Broadcast not summed, averaged, or summed over the wrong axis",
    "{variable|The bias} was used in many places: a copy of it for each. How do all the copies "
    "report back to the one {variable|bias}?",
    shared(lambda g, shape: g), shared(lambda g, shape: fit(g, shape) * math.prod(shape) / g.size),
    shared(lambda g, shape: np.sum(g, axis=-1)), shared(lambda g, shape: np.mean(g, axis=-1)),
    shared(lambda g, shape: np.sum(g)), shared(lambda g, shape: np.full(shape, np.sum(g))))
row("one-row", "Bias taken from one row only",
    "{variable|The bias} reaches every row of the batch. Nudge it: does only one row move?",
    shared(lambda g, shape: g[0]), shared(lambda g, shape: g[-1]))
row("entries-collected", "Sum for trace, or the entries of a matrix collected in another way",
    "{variable|The number} stands before a whole matrix. Nudge it: which entries move, how far "
    "does each, and how much does the output care about each of them?",
    *(Change(own=partial(number_before_matrix, f)) for f in (
        lambda g, m: np.sum(g @ m), lambda g, m: np.trace(g) * np.trace(m), lambda g, m: np.sum(g),
        lambda g, m: np.sum(g) * np.sum(m), lambda g, m: np.sum(np.diag(g) * np.diag(m)))))
row("sym-doubling", "Symmetric-matrix convention",
    "You assumed {variable|K}_ij and {variable|K}_ji move together. Here every entry is free.",
    transforms=symmetric)

# chains
row("chain-added", "Local derivatives added along a chain",
    "If a nudge is tripled and then doubled, by how much has it grown? Apply that to your chain.",
    Change(every=add_local, seed=lambda seed: 0.0 * seed, anywhere=False),
    Change(own=added_inside))
row("no-upstream", "Forgot the incoming gradient",
    "This is how the gate reacts on its own. Nobody told it how much the final output cares "
    "about it.",
    Change(every=forget, seed=ones), Change(seed=ones),
    rules(div=numerator_lost),
    rules(add=lambda g, y, a, b: (ones(g), g)), rules(add=lambda g, y, a, b: (g, ones(g))),
    *matrices(lambda g, a, b: (b.T, a.T)),
    transforms=local_alone)
row("upstream-only", "Local derivative taken as 1",
    "You treated this gate like an add gate. Does its output really move one-for-one with this "
    "input?",
    rules(**dict.fromkeys((*ONE_VARIABLE, "mul", "div", "exp", "exp2", "sigmoid", "softmax",
                            "matmul", "inv", "scale"), through)),
    rules(div=lambda g, y, a, b: (g / b, g * a)),
    *matrices(lambda g, a, b: (g @ b.T, ones(a).T @ g), lambda g, a, b: (g @ ones(b).T, a.T @ g)))

row("seed-not-1", "Started with the value of the output where 1 belongs",
    "The way back starts at the output itself. How fast does the output move when it is the output "
    "that is nudged?",
    transforms=times_the_output)

# nudges
row("elasticity", "Relative ('percent') change",
    "The derivative compares changes, not percentages.",
    transforms=relative)

row("value-for-gradient", "Values returned for gradients",
    "{part|What came back} is the value of {variable|the node} itself. The gradient says how fast "
    "the output moves when {variable|it} does.",
    transforms=own_value, whole=True)

# mere transforms of the right answer
row("transpose", "Transposed result",
    "Same numbers, mirrored. Which index belongs to the output and which to the input?",
    transforms=mirrored, general=True)
row("sign", "Sign flipped",
    "A sign is turned, here or on the way. Nudge the variable up a little: does the output go the"
    " way your sign says?",
    Change(every=flip),
    rules(quadratic_form=lambda g, y, x, a: (g * (a @ x - a.T @ x), g * outer(x, x))),
    rules(quadratic_form=lambda g, y, x, a: (g * (a.T @ x - a @ x), g * outer(x, x))),
    transforms=lambda right: [-right.gradient], general=True)
row("scale", "Constant factor lost or added",
    "Your answer is a constant multiple of what is right. Look for a factor that one rule should"
    " have produced or cancelled.",
    general=True)
# fmt: on
