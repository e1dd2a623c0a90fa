"""`practice`: a drill for a wrong idea, or for whatever the learner's record says is due."""

from __future__ import annotations

import secrets
from html import escape
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.asking.ask import ask
from autograder.catalog.own import use_all_beside
from autograder.check import LIMIT, display, show
from autograder.drills.choosing import NothingTells, choose, families_for, surveys, told
from autograder.drills.families import EXAMPLE, FAMILIES, Family, Problem
from autograder.drills.record import LearnerRecord
from autograder.judge.judge import judge
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.verdict import Verdict
from autograder.seeing import NothingToSee, seen

TURN = "With `drill = practice(…)`: hand in by `drill.check({})`, then `drill = drill.next()`."


class Drill:
    """One drill.

    Attributes:
        task: what is asked, as Markdown with LaTeX; under each array stands its shape.
        signature: the call and what it returns, with every shape.
        inputs: the numbers given, or one example of them.
        idea: the wrong idea it is set for, "" where it looks for any.
        verdict: of the last `check`.
        exercise: what it is judged as; `seed` draws its questions.
        family, surface, shape: the kind of drill, what this one looks like, and the same whatever
            its letters and constants.
        record: what the learner has practised.
    """

    def __init__(
        self, problem: Problem, idea: str, level: int | None, record: LearnerRecord, seed: int
    ) -> None:
        self._problem, self._level = problem, level
        self.record, self.seed, self.idea = record, seed, idea
        self.exercise = exercise = problem.exercise
        self.family, self.surface, self.shape = problem.family.id, problem.surface, problem.shape
        self.task, self.signature = problem.task, exercise.signature
        example = exercise.fixed or exercise.inputs(np.random.default_rng(EXAMPLE), 1)
        self.inputs: dict[str, Any] = dict(example)
        self.verdict: Verdict | None = None
        self._hinted = self._counted = False
        self._asked: tuple[Any, Any] | None = None

    @property
    def graph(self) -> bp.Graph:
        """The graph to look at, at `inputs`; `bp.explore.nudge(drill.graph.result)` moves it.

        Raises ValueError where the drill asks for no gradient of a graph.
        """
        exercise = self.exercise
        if exercise.forward is None:
            raise ValueError("this drill asks for an update, not for the gradient of a graph")
        wrt = {part.node for part in exercise.parts}
        leaves = {n: (bp.var if n in wrt else bp.const)(v, n) for n, v in self.inputs.items()}
        return bp.Graph(exercise.forward(**leaves))

    def evaluate(self, answer: Any, seed: int | None = None) -> Verdict:
        """The verdict on an answer, kept in the record, without showing it."""
        exercise = self.exercise
        questions = exercise.questions(self.seed if seed is None else seed)
        answers = ask({exercise.answer: answer}, questions, LIMIT)
        verdict = judge(exercise, questions, answers)
        self._asked = questions, answers
        self.verdict = verdict
        self._keep(verdict)
        return verdict

    def check(self, answer: Any) -> float:
        """Show how an answer does, and return its points.

        >>> drill = practice("mul-not-switched", seed=1)
        >>> drill.check(None)  # doctest: +ELLIPSIS
        ✗ practice...
        0.0
        """
        verdict = self.evaluate(answer)
        show(verdict, "" if self.exercise.forward is None else "See it: drill.see()")
        if self.idea and self.record.path:
            display(f"<p>{escape(self._stands)}</p>", f"  {self._stands}")
        return verdict.points

    @property
    def _stands(self) -> str:
        """How far the idea is from being gone."""
        one = self.record.ideas.get(self.idea)
        if one is None:
            return f"{self.idea} has not shown."
        if one.due:
            return f"{self.idea} counts as gone. It comes once more, later."
        so_far = f"{one.right} of {one.needed} right in a row"
        return f"{self.idea}: {so_far}. After that it counts as gone."

    def see(self) -> Any:
        """The backward explorer on the inputs of the last wrong answer, beside what it shows.

        Raises:
            NothingToSee: nothing was answered, or the drill asks for no gradient of a graph.
        """
        if self._asked is None:
            raise NothingToSee("answer first: drill.check(answer)")
        explorer, sentence = seen(self.exercise, *self._asked)
        display(f"<p>{escape(sentence, quote=False)}</p>", sentence)
        return explorer

    def hint(self) -> str:
        """What to ask oneself; a drill with a hint is not counted towards the idea's end."""
        self._hinted = True
        if self.idea:
            return MISCONCEPTIONS[self.idea].message
        return "Write the graph down, gate by gate, and walk back from L: what does each gate do?"

    @property
    def tells(self) -> list[str]:
        """The ideas that this drill tells apart: each answers otherwise here than the others."""
        return told(self.exercise, self.seed)

    def next(self, seed: int | None = None) -> Drill:
        """Another that looks different: for the same idea until it is gone, then what is due."""
        idea = self.idea if self.idea in self.record.suspected else None
        if idea is None and self.idea and not self.record.suspected:
            idea = self.idea if not self._counted else None
        return _drill(idea, self._level, seed, self.record)

    def _keep(self, verdict: Verdict) -> None:
        record = self.record
        if not self._counted:
            record.drills += 1
            record.seen.append(self.shape)
        if self._problem.family.survey and self._problem.family.id not in record.surveyed:
            record.surveyed.append(self._problem.family.id)
        if not verdict.passed:
            shown = "".join(verdict.misconceptions[:1])
            record.wrong(self.idea, shown, first=not self._counted)
        elif self.idea and not self._hinted and not self._counted:
            record.right(self.idea, self.shape)
        self._counted = True  # a second try of the same drill counts no more
        record.write()

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        answer = "{…}" if self.exercise.fixed else self.exercise.answer
        note = f"\n\n*{self.record.note}*" if self.record.note else ""
        return f"{self.task}\n\n{TURN.format(answer)}{note}"

    def __repr__(self) -> str:
        return f"{self.signature}\n{self.exercise.task}"


def practice(
    idea: str | None = None, *, level: int | None = None, seed: int | None = None
) -> Drill:
    """A drill: a small problem on which a wrong idea, if you have it, shows.

    Args:
        idea: the id of an idea, as a report names it, "inv-transpose"; left out, what your record
            (the file practice.json in your folder) says is due: what showed and is not gone yet,
            then what is to come again, then drills on which any idea shows.
        level: 1 (numbers by hand) to 4 (determinants and softmax).
        seed: the same seed, the same drill; and then no record is kept.

    Raises:
        NothingTells: no drill shows this idea; the text says why.
        ValueError: there is no such level.

    >>> drill = practice("inv-transpose", seed=1)
    >>> drill.signature
    'inverses(...) -> (...)'
    """
    if level is not None and level not in (1, 2, 3, 4):
        raise ValueError(f"level is 1 (by hand) to 4 (determinants and softmax), not {level!r}")
    record = LearnerRecord() if seed is not None else LearnerRecord.here()
    asked_for = [idea] if idea else [*record.suspected, *record.due]
    if any(id not in MISCONCEPTIONS for id in asked_for):
        use_all_beside()  # of a course's own, on a day on which nothing was checked before
    return _drill(idea, level, seed, record)


def _drill(idea: str | None, level: int | None, seed: int | None, record: LearnerRecord) -> Drill:
    seed = secrets.randbits(32) if seed is None else seed
    r = np.random.default_rng(seed)
    wanted, families = (idea, families_for(idea, level)) if idea else _due(record, level, r)
    for family in families:
        try:
            problem, asked = choose(family, r, wanted, record.seen)
            return Drill(problem, wanted or "", level, record, asked)
        except NothingTells:
            if family is families[-1]:
                raise
    raise AssertionError("there is a family for every idea")


def _due(record: LearnerRecord, level: int | None, r: Any) -> tuple[str | None, list[Family]]:
    """What to ask of somebody who asks for nothing: what showed, what comes again, or a survey."""
    for id in [*record.suspected, *record.due]:
        try:
            return id, families_for(id, level)
        except NothingTells:
            continue
    left = [one for one in surveys() if one.id not in record.surveyed]
    if left and level is None:
        return None, left
    some = [one for one in FAMILIES if not one.survey and level in (None, one.level)]
    return None, [some[int(r.integers(len(some)))]]
