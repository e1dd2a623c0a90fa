"""A prediction: a question to answer with a number before anything moves, answered in words."""

import difflib
import math
from html import escape
from typing import Any

import ipywidgets as w

from ..picture.numbers import number
from .question import Number, Question
from .questions import QUESTIONS
from .widgets import Explorer

NEAR = 0.02  # of the answer: 0.45 will do for 5/11


def predict(asked: str | Question, answer: float | None = None) -> w.Widget:
    """Ask for a number, and say whether it was right, or what the wrong one comes of.

    The answer is computed once a number was typed, and said only once it was found.

    Args:
        asked: a name in `QUESTIONS`, "l1.cube", or a Number or Slope of one's own.
        answer: what is right, for a question in words of one's own; it then stands in the cell.

    Raises:
        KeyError: no question has this name; the message has the nearest.

    >>> asked = predict("l3.add")
    >>> asked.typed.value = "−0.2"
    >>> asked.live.value.partition(". ")[0]
    'Not −0.2: the sign is wrong'
    >>> asked = predict("c goes from 2 to 2.1. By how much does 9c change?", 0.9)
    >>> asked.typed.value = "0.9"
    >>> asked.live.value
    'Yes: 0.9.'
    """
    if answer is not None:
        return Prediction(Number(str(asked), lambda: answer))
    if not isinstance(asked, str):
        return Prediction(asked)
    if asked not in QUESTIONS:
        near = difflib.get_close_matches(asked, QUESTIONS, n=3, cutoff=0.0)
        raise KeyError(f"no question is named {asked!r}; the nearest are {', '.join(near)}")
    return Prediction(QUESTIONS[asked])


class Prediction(Explorer):
    """What `explore.predict` returns: `typed` is its field, `reply` what it says."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        self.typed = w.Text(
            description="Your prediction",
            placeholder="a number",
            continuous_update=False,
            style={"description_width": "initial"},
            layout=w.Layout(width="16em", margin="2px 2px 2px 6px"),
        )
        self.check = w.Button(description="Check", layout=w.Layout(width="auto"))
        self.reply = w.HTML()
        self.typed.observe(self._judge, "value")
        self.check.on_click(self._judge)
        asked = w.HTML(f'<p class="bp bp-caption" style="min-height:0">{escape(question.text)}</p>')
        line = w.HBox([self.typed, self.check], layout=w.Layout(flex_flow="row wrap"))
        self.lay_out(f"Predict: {question.text}", [asked, line, self.reply])

    def _judge(self, _: Any = None) -> None:
        said = judged(self.typed.value, self._question)
        self.reply.value = (
            f'<p class="bp bp-caption" style="min-height:0" aria-hidden="true">{escape(said)}</p>'
        )
        self.live.say(said)

    def still(self) -> str:
        return (
            f'<p class="bp bp-caption">{escape(self._question.text)}</p>'
            "<p><small>A question to answer: run the notebook to type your prediction.</small></p>"
        )


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
    over, slash, under = plain.partition("/")
    value = float(over) / (float(under) or math.nan) if slash else float(over)
    if not math.isfinite(value):
        raise ValueError(typed)
    return value
