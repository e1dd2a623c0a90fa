"""What a learner calls: `check` in a notebook, which shows a report, and `evaluate`, silent."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable
from html import escape
from typing import Any

from autograder.asking.ask import ask
from autograder.catalog import catalog
from autograder.catalog.own import use_beside
from autograder.judge.judge import judge
from autograder.judge.verdict import Verdict

LIMIT = 5.0  # seconds one call may take
MORE = 'More like this, on other graphs: from autograder import practice; practice("{}")'


def evaluate(id: str, answer: Any, seed: int = 1) -> Verdict:
    """The verdict on an answer, without showing anything.

    Args:
        id: of the exercise, "ps6.quad_grad".
        answer: the learner's function, class or value.
        seed: which inputs; the same seed asks the same questions.

    Raises NoSuchExercise for an unknown id; never for what the answer does.

    >>> evaluate("ps6.quad_grad", lambda A, x: (2 * A @ x, x[:, None] * x)).misconceptions
    ['quad-2Ax']
    """
    use_beside(id)
    exercise = catalog[id]
    questions = exercise.questions(seed)
    names = _beside(answer, exercise.needs) | {exercise.answer: answer}
    return judge(exercise, questions, ask(names, questions, LIMIT))


def _beside(answer: Any, needs: Iterable[str]) -> dict[str, Any]:
    """What else the questions use of the learner's, found where the answer was defined.

    Grading finds it among all the names of the notebook; so this looks wherever code of the answer
    may stand: a method can be inherited, and a class can have none of its own.
    """
    kinds = answer.__mro__ if isinstance(answer, type) else (answer,)
    code = [*kinds, *(part for kind in kinds for part in vars_of(kind).values())]
    homes = [getattr(part, "__globals__", {}) for part in code]
    homes += [vars_of(sys.modules.get(str(getattr(kind, "__module__", "")))) for kind in kinds]
    return {name: home[name] for home in reversed(homes) for name in needs if name in home}


def vars_of(thing: object) -> dict[str, Any]:
    """The names a thing has of its own; none where it has no place for them."""
    return dict(getattr(thing, "__dict__", {}))


def check(id: str, answer: Any) -> float:
    """Show how an answer does on inputs drawn anew, and return its points.

    The value of the cell is the points as a plain float, which is how nbgrader gives part credit.
    """
    verdict = evaluate(id, answer, seed=secrets.randbits(32))
    show(verdict)
    return verdict.points


def show(verdict: Verdict) -> None:
    """The report in the notebook, as HTML and as text; on a terminal, as text."""
    ipython = sys.modules.get("IPython")  # a notebook has loaded it long ago
    more = MORE.format(verdict.misconceptions[0]) if verdict.misconceptions else ""
    if ipython is None or ipython.get_ipython() is None:
        print(verdict.message)
        if more:
            print(f"  {more}")
    else:
        html = verdict.html() + (f"<p>{escape(more, quote=False)}</p>" if more else "")
        text = "\n".join([verdict.message, more] if more else [verdict.message])
        ipython.display.display({"text/html": html, "text/plain": text}, raw=True)
