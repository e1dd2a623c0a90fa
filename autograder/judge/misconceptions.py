"""What the judge knows of wrong ideas: the kit's table, and rows about what only an exercise has.

Ideas about the sweep stand in `backpropkit/ideas/table.py`. Here are those about batches,
subscripts, steps, training and classes: told from behaviour, written down for one exercise in the
catalog, or predicted from a trial of the exercise (`answers`). A sentence asks; it never states the
right formula. Names may.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from autograder.judge.exercise import Part
from autograder.judge.trial import Trial
from backpropkit.engine.node import TABLE, Node
from backpropkit.ideas import IDEAS, Idea, Sweeps

# gates whose slope depends on what goes in
WITH_INPUTS = ("mul", "matmul", "exp", "exp2", "log", "sigmoid", "tanh", "power", "sqrt")
Answers = Callable[[Trial, Part], Iterable[Any]]


@dataclass(frozen=True)
class Misconception(Idea):
    """One wrong idea, as the judge has it.

    Attributes:
        answers: (trial, part) -> what this idea makes of a part's right value.
    """

    answers: Answers | None = None

    def made(self, trial: Trial, part: Part) -> Iterator[Any]:
        """What this idea makes of a part's right value, without going through the graph."""
        yield from trial.transformed(self, part)
        if self.answers:
            yield from self.answers(trial, part)


MISCONCEPTIONS: dict[str, Misconception] = {}


def of_the_kit(idea: Idea) -> Misconception:
    """A row of the kit's table, as the judge has it."""
    same = {field.name: getattr(idea, field.name) for field in fields(idea) if field.init}
    return Misconception(**same | {"message": idea.sentence})


def row(id: str, name: str, message: str, answers: Answers | None = None) -> None:
    """Enter one row."""
    MISCONCEPTIONS[id] = Misconception(id, name, message, answers=answers)


def other_indices(trial: Trial, part: Part) -> Iterator[Any]:
    """Subscripts read in another order, or another entry: of one, or of an array with three."""
    g = trial.truth[part.name]
    if part.entry is not None:
        whole = trial.whole(part)
        turned = part.entry[::-1]
        # where there is no such entry, the last one has to do
        yield float(whole[tuple(map(min, turned, (n - 1 for n in whole.shape)))])
        others = {part.entry, *further(part.entry)}  # those are another idea's
        for entry in np.ndindex(whole.shape):
            if entry not in others:
                yield float(whole[entry])
    if np.ndim(g) == 3:
        yield from (np.transpose(g, axes) for axes in itertools.permutations(range(3)))


def further(entry: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """One further in every direction, or in one of them."""
    yield tuple(i + 1 for i in entry)
    for k, i in enumerate(entry):
        yield (*entry[:k], i + 1, *entry[k + 1 :])


def one_further(trial: Trial, part: Part) -> Iterator[Any]:
    """The entry that those find who take the first to have the number 1; none where there is none:
    one value for every trial's array, whose shapes may differ."""
    if part.entry is not None:
        whole = trial.whole(part)
        for entry in further(part.entry):
            there = all(i < n for i, n in zip(entry, whole.shape, strict=True))
            yield float(whole[entry]) if there else np.nan


def all_entries(trial: Trial, part: Part) -> Iterator[Any]:
    """The whole array where one entry is asked for."""
    if part.entry is not None:
        yield trial.whole(part)


def entries_averaged(trial: Trial, part: Part) -> Iterator[Any]:
    """Divided by all entries, or the columns, of what a batch is summed over, for its rows."""
    if trial.exercise.batch and trial.sweeps:
        batch = trial.inputs[trial.exercise.batch]
        for node in trial.sweeps.nodes:
            if node.op in ("sum", "mean") and node.args[0].size > len(batch):
                summed = node.args[0]
                for count in (summed.size, summed.shape[-1], batch.shape[-1]):
                    yield trial.truth[part.name] * (len(batch) / count)


def cut_short(trial: Trial, part: Part) -> Iterator[Any]:
    """Rounded to few digits, or cut to whole numbers; by hand, 0 is knowing nothing."""
    g = trial.truth[part.name]
    whole = (np.trunc(g), np.floor(g), np.ceil(g))
    for found in (*(np.round(g, digits) for digits in range(7)), *whole):
        value = found if np.any(found) or not trial.exercise.fixed else np.full(np.shape(g), np.nan)
        yield float(value) if np.ndim(g) == 0 else value


def batch_scaled(trial: Trial, part: Part) -> Iterator[Any]:
    if trial.exercise.batch:
        n = len(trial.inputs[trial.exercise.batch])
        g = trial.truth[part.name]
        yield from (g * n, g / n)


def one_off(trial: Trial, part: Part) -> Iterator[Any]:
    if trial.exercise.batch:
        n = len(trial.inputs[trial.exercise.batch])
        yield from (trial.truth[part.name] * n / count for count in (n - 1, n + 1))


def other_inputs(trial: Trial, part: Part) -> Iterator[Any]:
    """What comes back through a gate if another node's value takes the place of one of its inputs.

    One value for every gate, input and node: where it does not fit, nothing that could come back.
    """
    sweeps = trial.sweeps
    if sweeps is None or trial.exercise.jacobian:
        return
    node, whole = trial.node(part), trial.whole(part)
    for user in sweeps.nodes:
        if not any(arg is node for arg in user.args) or user.op not in WITH_INPUTS:
            continue
        values = [arg.value for arg in user.args]
        places = [k for k, arg in enumerate(user.args) if arg is node]
        for k, other in itertools.product(range(len(values)), sweeps.nodes):
            instead = [*values[:k], other.value, *values[k + 1 :]]
            found = np.nan
            with suppress(ArithmeticError, IndexError, TypeError, ValueError):
                found = through_gate(sweeps, user, values, instead, places, whole)
                found = found if part.entry is None else found[part.entry]
            yield float(found) if np.ndim(found) == 0 else found


def through_gate(
    sweeps: Sweeps, user: Node, own: list[Any], other: list[Any], places: list[int], whole: Any
) -> Any:
    """A gradient, with what one gate adds to it worked out from other values."""
    op = TABLE[user.op]
    with np.errstate(all="ignore"):
        y = op.forward(*other, **user.params)
        was = op.gradient(sweeps.right[user], user.value, *own, **user.params)
        now = op.gradient(sweeps.right[user], y, *other, **user.params)
        was_here, now_here = (sum(parts[k] for k in places) for parts in (was, now))
        rest = whole - was_here
    return rest + now_here if np.any(rest) else now_here


# fmt: off
MISCONCEPTIONS |= {id: of_the_kit(idea) for id, idea in IDEAS.items() if not idea.general}

row("input-forgotten", "An input left out of the forward pass, as if it were 0 or 1",
    "Your numbers are what comes out without {gate|one of the inputs}. Change {gate|it} alone: "
    "should they stay as they are?")
row("reg-path", "Penalty path dropped, halved, or put on b",
    "Which parameters stand in the penalty? Each of them feeds two boxes in the graph: did both "
    "report back, each with its own slope?")
row("relu-kink", "Slope at the corner of relu, or at ties of max",
    "At the corner several slopes are defensible; this kit takes 0 for relu and shares equally "
    "at ties. No exercise is marked there.")
row("mean-vs-sum", "Mean over the batch taken for the sum, or the reverse",
    "Which is asked for, a mean or a sum? Think of everything that is summed here standing there "
    "twice: should your gradient change?",
    batch_scaled)
row("mean-over-entries", "Divided by all entries, 1/(N·m), or by the columns, for the rows",
    "Over what is this loss a mean: over the rows of the batch, their columns, or all of their "
    "entries?",
    entries_averaged)
row("one-off", "Divided by N − 1, or N + 1, for N rows",
    "Give your code a batch of two rows, then of three. By how many does it divide each time?",
    one_off)
row("index-order", "Subscripts read in the wrong order: w_{layer, to, from} as from, to",
    "Say the subscripts aloud, one after the other: which one counts outputs, which one inputs?",
    other_indices)
row("counting-from-1", "Subscripts counted from 1 in an array that counts from 0",
    "The first entry of an array has the number 0. Which entry did your numbers pick?",
    one_further)
row("delta-lost", "The same derivative in every row, needed or not",
    "Nudge a single entry of W: which entries of the result move? Yours say that all of them do.")

# answers as a whole
row("parts-swapped", "Results returned in another order",
    "Every number is there, at the place of another. In which order, and by which names, does the "
    "task ask for them?")
row("same-for-every-input", "The example's numbers returned for every input",
    "The same numbers came back, whatever went in. Compute them from the arguments.")
row("name-overwritten", "A name overwritten by its gradient, then used as if it were the old value",
    "One of your lines takes what another line made where it needs what went in. Was a name given "
    "a new value while the old one was still needed below?")
row("brackets-lost", "Brackets forgotten: a − b / 2h, or (a − b) / 2 · h",
    "Read your line as Python does: products and quotients first, from left to right. What is "
    "divided by what, and what is multiplied by what?")
row("rounded", "Rounded, or cut to whole numbers",
    "Your numbers are right as far as they go. How many digits does the task ask for, and where "
    "did the others get lost?",
    cut_short)
row("short-float", "Computed in float16, or float32",
    "Your numbers are right as far as they go, and each of them is one that a shorter float holds: "
    "float16 keeps about 3 digits, float32 about 7. Where does your code leave float64?")
row("clipped", "Cut off at a bound, or at 0",
    "Your numbers are right up to a bound, and beyond it they all are the bound. Which of your "
    "lines holds them there, and does the task ask for it?")
row("input-inverted", "β where 1/β stands",
    "Make beta very large. What becomes of the term it stands in, in the task, and in your code?")
row("input-changed", "The input changed in place, or through a view of it",
    "Your code changed what it was given, and it is still needed. Is a second name for a dict or "
    "an array, or a slice of it, a copy, and what does += do to it?")
row("wrong-operand", "Another quantity where what goes into the gate belongs",
    "Look at the gate that {variable|the variable} goes into: what goes in beside it, or is it "
    "alone? Is it this that stands in your product?",
    other_inputs)
row("more-than-asked", "Returns more than was asked for: what is held fixed, or all there is",
    "Go through what you return, piece by piece: which of it does the task ask for this time?",
    all_entries)

# nudges
row("undivided", "Nudge not divided by h",
    "You reported how far the output moved. Does the task ask for that, for how far per unit of "
    "input, or for where it arrives?")
row("finite-difference", "Finite difference handed in",
    "These numbers are as exact as a nudge of your size, to your sides, can make them. A good "
    "check, but the task asks for more.")
row("nudge-too-small", "h so small that rounding drowns the difference",
    "Print x + h - x for your h, and then f(x + h) - f(x): how many of their digits are still "
    "news?")

# steps and training
row("lr-forgotten", "Learning rate forgotten",
    "Your step is as long as the gradient. What is lr for?")
row("update-for-value", "The update returned in place of the new value",
    "This tells how to go on from a place. Where does one arrive?")
row("history-length", "History one too short or too long",
    "Count the places: the start, and one more after every step.")
row("old-slope", "The gradient, or the place, is not taken anew after a step",
    "Each of your steps starts, or asks for the slope, at a place that was left behind. Where does "
    "one stand when the next step is taken?")
row("other-start", "The first step begins somewhere else",
    "Before you look at the steps: where does the first of them begin, and what does the task say?")
row("ascent", "Ascends instead of descends, or the reverse",
    "Your step leads the wrong way. Which way does the gradient point, and which way is asked for?")
row("step-length", "A step in the right direction, of another length",
    "You go the right way, but not just as far as is asked for. Which numbers is a step the "
    "product of, and how often does each stand there?")
row("sign-of-loss", "Direction chosen by the sign of L",
    "Your step goes the right way for some values of L and the wrong way for others. Does its "
    "value say which way is downhill?")
row("sign-only", "Only the sign of the gradient is used",
    "All your steps are equally long. Does what stands on a steep slope move no further than what "
    "stands on a flat one?")
row("abs-grad", "Two cases on the sign of the gradient",
    "You handled the sign of the gradient twice. What does the product lr·grad already contain?")
row("updates-intermediates", "Intermediate nodes updated",
    "Run the forward pass again: what is left of the value you set?")
row("stale-weights", "Weight updated before it was used in backward",
    "One gradient was computed with a weight that had already moved.")

# the limit of a step
row("no-overshoot", "1/λ: the limit at which no step leaps over the minimum",
    "Below your limit no step leaps over the minimum. Does descent fail as soon as one does?")
row("fastest-step", "The step that converges fastest, 2/(λmin + λmax)",
    "With your step the flattest and the steepest direction shrink equally fast. Is a larger step "
    "one that no longer converges?")
row("other-eigenvalue", "Another eigenvalue than the largest, or a mixture of several",
    "Every eigenvector's direction has a limit of its own. Which of them breaks first when the "
    "step grows?")
row("entries-for-eigenvalues", "Entries of A taken for its eigenvalues",
    "Along an axis A does not only stretch. In which directions does it, and how much?")
row("bound-for-limit", "A bound that is safe taken for the limit",
    "Descent converges below your limit. Does it stop converging right above it?")
row("limit-scaling", "A limit that goes with λ, λ² or √λ, not with 1/λ",
    "Make A twice as steep. By what factor does the limit change, and by what factor does yours?")

# classes and graphs
row("term-lost", "A term of a sum lost on the way back",
    "Nudge the variable, and go through the terms of the sum one by one: which of them move? Does "
    "each of those stand in your slope?")
row("visited-twice", "Node visited once for every user",
    "A node that two others use stands in your list more than once. How does one remember having "
    "been there?")
row("double-backward", "Second backward without zeroing",
    "Your gradients grow each time backward runs. What is still in the buckets from last time, "
    "and in which nodes?")
row("starts-anew", "backward empties the buckets itself, all of them or those in the middle",
    "After a second call some of your gradients are those of one call. The task wants every one of "
    "them added up: whose work is it to empty the buckets?")
row("sides-turned", "k − a computed as a − k, or k / a as a / k",
    "With a number on the left, which side is your Value on? Try 5 − a beside a − 5.")
row("not-topological", "Node processed before all its consumers",
    "A node had its turn before others that come first had theirs. What must a node that is used "
    "near and far wait for?")
row("stale-cache", "Only the first forward is remembered",
    "Let one gate go forward twice, with other numbers, and then back. Of which of the two calls "
    "do the numbers come that it works with?")
row("kept-anyway", "Keeps its numbers although it is told not to",
    "Somebody wanted only the way forward, and your gate kept its number all the same. Which are "
    "the two ways to say so, and which of them does forward ask, each time it runs?")
row("leaves-only", "Only leaves get a gradient",
    "Ask for the gradient of a node in the middle: which nodes are promised one, and which of them "
    "got it?")
row("shared-cache", "Cache on the class, or overwritten by a second call",
    "Two gates, or two calls, seem to share one memory. What stands on the class, or in a default "
    "argument, is there once for all of them.")
# fmt: on

# mere transforms last
MISCONCEPTIONS |= {id: of_the_kit(idea) for id, idea in IDEAS.items() if idea.general}
