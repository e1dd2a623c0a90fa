"""A prediction: a question to answer with a number before anything moves, answered in words."""

import difflib
import json
import math
import os
import re
from html import escape
from typing import Any

from ..picture.numbers import number
from ..progress import note
from ..questions import QUESTIONS, Number, Question
from . import page
from .stage import LOOK, SHARED

NEAR = 0.02  # of the answer: 0.45 will do for 5/11
PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
KEYS = 'data-lm-suppress-shortcuts="true"'  # or JupyterLab would take keys away
STILL = "A question to answer: where this page may run scripts, your prediction can be typed."


def predict(asked: str | Question, answer: float | None = None) -> "Prediction":
    """Ask for a number, and say whether it was right, or what the wrong one comes of.

    The number is judged in the page, without a kernel; the answer is said only once it was found.

    Args:
        asked: a name in `QUESTIONS`, "l1.cube", or a Number or Slope of one's own.
        answer: what is right, for a question in words of one's own; it then stands in the cell.

    Raises:
        KeyError: no question has this name; the message has the nearest.

    >>> predict("l3.add").said("−0.2").partition(". ")[0]
    'Not −0.2: the sign is wrong'
    >>> predict("c goes from 2 to 2.1. By how much does 9c change?", 0.9).said("0.9")
    'Yes: 0.9.'
    """
    if answer is not None:
        return Prediction(Number(str(asked), lambda: answer))
    if not isinstance(asked, str):
        return Prediction(asked)
    if asked not in QUESTIONS:
        near = difflib.get_close_matches(asked, QUESTIONS, n=3, cutoff=0.0)
        raise KeyError(f"no question is named {asked!r}; the nearest are {', '.join(near)}")
    note(asked, True)
    return Prediction(QUESTIONS[asked])


class Prediction:
    """What `explore.predict` returns: a field for a number, which is judged in the page.

    Where no script runs, the question stands there alone.
    """

    def __init__(self, question: Question) -> None:
        self._question = question

    def said(self, typed: str) -> str:
        """What the page says to whoever types this."""
        return judged(typed, self._question)

    def html(self, script: bool = True) -> str:
        """The question as HTML; without `script` the page has to bring what judges."""
        asked = self._question
        thoughts = [[n, told] for n, told in asked.thoughts() if math.isfinite(n)]
        known = {"answer": asked.answer(), "slips": [n for n, _ in asked.slips]}
        carried = json.dumps({**known, "thoughts": thoughts}, ensure_ascii=False)
        carried = carried.replace("<", "\\u003c")
        run = f'<script type="module">{page.asking()}</script>' if script else ""
        return (
            f'<div class="bp-explorer bp-asked" role="group" aria-label="Predict: '
            f'{escape(asked.text)}"><style>{LOOK}</style>'
            f'<p class="bp bp-caption">{escape(asked.text)}</p>'
            f'<p class="bp-answer"><label class="bp-label">Your prediction <input class="bp-typed" '
            f'{KEYS} inputmode="text" autocomplete="off" placeholder="a number"></label> '
            f'<button type="button" class="bp-button" {KEYS}>Check</button></p>'
            f'<p class="bp bp-caption bp-reply" role="status" aria-live="polite"></p>'
            f'<p class="bp bp-still"><small>{STILL}</small></p>'
            f'<script type="application/json" class="bp-question">{carried}</script></div>{run}'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {
            "text/plain": f"Predict: {self._question.text}",
            "text/html": self.html(script=SHARED not in os.environ),
        }


def judged(typed: str, question: Question) -> str:
    """What to say about a prediction: its sign, its size, and what would lead to such a number.

    >>> judged("0.2", QUESTIONS["l3.add"])
    'Yes: 0.2.'
    >>> judged("6", QUESTIONS["l3.multiply"]).partition(". ")[2]
    'For a product, nudge one factor: what decides how far the product moves? Then predict again.'
    """
    try:
        value = read(typed)
    except ValueError:
        given = f"“{typed.strip()}” is not a number" if typed.strip() else "Nothing typed yet"
        return f"{given}. Type a number, such as −4, 0.6 or 2/3."
    answer = question.answer()
    slip = any(value == other for other, _ in question.slips)  # 2048, where 2047 is right
    wrong = []
    if value * answer < 0:
        wrong.append("the sign is wrong")
    if not near(abs(value), abs(answer)) or (slip and not wrong):
        wrong.append("that is too much" if abs(value) > abs(answer) else "that is too little")
    if not wrong:
        return f"Yes: {number(answer)}."
    advice = thought(value, question) or "Try it below, then predict again."
    return f"Not {number(value)}: {', and '.join(wrong)}. {advice}"


def near(value: float, wanted: float) -> bool:
    return abs(value - wanted) <= max(NEAR * abs(wanted), 1e-9)


def thought(value: float, question: Question) -> str:
    """What whoever came to this number should ask themselves; "" if nothing known leads to it."""
    met = [told for wrong, told in question.thoughts() if near(value, wrong)]
    if not met and other_power(value, question.answer()):
        met = ["The digits are right, the point is not. How large is the nudge, and what is asked?"]
    found = list(dict.fromkeys(met))[:2]
    return f"{' Or else: '.join(found)} Then predict again." if found else ""


def other_power(value: float, answer: float) -> bool:
    """Whether the two have the same digits, and the point in another place."""
    if not value or not answer:
        return False
    ratio = abs(value / answer)
    power = round(math.log10(ratio))
    return power != 0 and near(ratio, 10.0**power)


def read(typed: str) -> float:
    """A number as people type it: a real minus sign, a decimal comma, a fraction, a per cent sign.

    Raises ValueError for anything else.

    >>> read("−0,6"), read("15/33"), read(" 3 % ")
    (-0.6, 0.45454545454545453, 3.0)
    """
    plain = typed.replace("−", "-").replace(",", ".").replace("%", "").strip()
    parts = [part.strip() for part in plain.split("/")]
    if len(parts) > 2 or not all(PLAIN.fullmatch(part) for part in parts):
        raise ValueError(typed)
    over, under = (float(part) for part in [*parts, "1"][:2])
    value = over / (under or math.nan)
    if not math.isfinite(value):
        raise ValueError(typed)
    return value
