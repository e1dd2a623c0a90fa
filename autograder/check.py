"""What a learner calls: `check` in a notebook, which shows a report, and `evaluate`, silent."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from html import escape
from types import CodeType, FunctionType, ModuleType
from typing import Any

from autograder.asking.ask import ask
from autograder.catalog import catalog
from autograder.catalog.own import use_beside
from autograder.drills.choosing import drilled
from autograder.judge.exercise import Personal, Task
from autograder.judge.judge import judge
from autograder.judge.verdict import Verdict
from autograder.seeing import seen
from backpropkit.progress import note

LIMIT = 5.0  # seconds one call may take
SEE = 'See it run on your own inputs: from autograder import see; see("{}", {})'
MORE = 'More like this, drawn anew: from autograder import practice; practice("{}")'

HUB = "JUPYTERHUB_USER"  # where a JupyterHub says who somebody is
KITS = ("backpropkit", "autograder")
CLOSED = (
    "⚠ This answer uses {}, which is closed while grading: handed in as it is, it earns nothing. "
    "Derive the gradient yourself, and let the kit check it outside of the answer."
)


class Whose(ValueError):
    """It is not known whose drill is meant; the text says what to write."""


def evaluate(id: str, answer: Any, seed: int = 1, name: str = "") -> Verdict:
    """The verdict on an answer, without showing anything.

    Args:
        id: of the exercise, "ps6.quad_grad".
        answer: the learner's function, class or value.
        seed: which inputs; the same seed asks the same questions.
        name: whose, of an exercise that is another one for everybody.

    Raises NoSuchExercise for an unknown id and `Whose` for want of a name; never for what the
    answer does.

    >>> evaluate("ps6.quad_grad", lambda A, x: (2 * A @ x, x[:, None] * x)).misconceptions
    ['quad-2Ax']
    """
    return judge(*_asked(id, answer, seed, name))


def see(id: str, answer: Any, name: str = "") -> Any:
    """The backward explorer on the inputs of a wrong answer, the idea it shows beside the rule.

    A sentence above it says which of the answer's numbers the idea arrives at. Where the numbers
    are asked for by hand, the graph stands at others.

    Raises:
        NoSuchExercise: there is no exercise of that id.
        NothingToSee: the exercise asks for no gradient of a graph, or nothing came back.

    >>> explorer = see("ps6.quad_grad", lambda A, x: (2 * A @ x, x[:, None] * x))
    “2Ax for (A + Aᵀ)x” runs beside the chain rule here, and it arrives at your dx.
    """
    exercise, questions, answers = _asked(id, answer, secrets.randbits(32), name)
    explorer, sentence = seen(exercise, questions, answers, own=False)
    display(f"<p>{escape(sentence, quote=False)}</p>", sentence)
    return explorer


def _asked(id: str, answer: Any, seed: int, name: str) -> tuple[Any, Any, Any]:
    """The exercise, its questions, and what the answer answers to them."""
    use_beside(id)
    task = catalog[id]
    exercise = task.of(whose(task, name))
    questions = exercise.questions(seed)
    names = _beside(answer, exercise.needs) | {exercise.answer: answer}
    return exercise, questions, ask(names, questions, LIMIT)


def whose(task: Task, name: str) -> str:
    """Who answers: the name that is given, or that a JupyterHub knows."""
    name = name.strip() or os.environ.get(HUB, "").strip()
    if isinstance(task, Personal) and not name:
        raise Whose(
            f"{task.id} is another drill for everybody: write the name under which you hand in "
            'between the quotes of me = "", and run that cell again'
        )
    return name


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


def check(id: str, answer: Any, name: str = "") -> float:
    """Show how an answer does on inputs drawn anew, and return its points.

    The value of the cell is the points as a plain float, which is how nbgrader gives part credit.
    `name` says whose answer it is, where an exercise is another one for everybody.
    """
    exercise, questions, answers = _asked(id, answer, secrets.randbits(32), name)
    verdict = judge(exercise, questions, answers)
    note(id, verdict.passed)
    graph = getattr(exercise, "forward", None) and not getattr(exercise, "jacobian", False)
    call = f"{exercise.answer}, me" if isinstance(catalog[id], Personal) else exercise.answer
    see = SEE.format(id, call) if graph else ""
    show(verdict, see, leans_on(answer))
    return verdict.points


def leans_on(answer: Any) -> str:
    """What of the kit an answer uses, as far as its code names it; "" where it uses none.

    Grading closes the kit to answers: what is right here by `bp.backward` would be worth nothing.

    >>> import backpropkit as bp
    >>> leans_on(lambda x: bp.backward(bp.var(x))), leans_on(lambda x: 2 * x)
    ('bp', '')
    """
    wanted: list[Any] = [*(vars_of(k) for k in getattr(answer, "__mro__", ())), [answer]]
    functions = [f for some in wanted for f in (some.values() if isinstance(some, dict) else some)]
    seen = set[int]()
    while functions:
        function = functions.pop()
        function = getattr(function, "__func__", getattr(function, "fget", function))
        if id(function) in seen or not isinstance(function, FunctionType):
            continue
        seen.add(id(function))
        for name in _names(function.__code__):
            value = function.__globals__.get(name)
            home = getattr(value, "__name__" if isinstance(value, ModuleType) else "__module__", "")
            if name in KITS or str(home).split(".")[0] in KITS:
                return name
            functions.append(value)  # a helper of the learner's own
    return ""


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def show(verdict: Verdict, see: str = "", leans: str = "") -> None:
    """The report in the notebook, as HTML and as text; on a terminal, as text.

    Under what it hints at stand how to `see` it, and how to practise it; or, where the answer
    `leans` on what grading closes, that.
    """
    more = []
    if leans:
        more = [CLOSED.format(leans)]
    elif verdict.misconceptions:
        asked = [id for id in verdict.misconceptions if drilled(id)][:1]
        more = [*([see] if see else []), *map(MORE.format, asked)]
    html = "".join(f"<p>{escape(line, quote=False)}</p>" for line in more)
    display(verdict.html() + html, "\n".join([verdict.message, *(f"  {line}" for line in more)]))


def display(html: str, text: str) -> None:
    """Show something in a notebook as HTML, elsewhere as text."""
    ipython = sys.modules.get("IPython")  # a notebook has loaded it long ago
    if ipython is None or ipython.get_ipython() is None:
        print(text)
    else:
        ipython.display.display({"text/html": html, "text/plain": text}, raw=True)
