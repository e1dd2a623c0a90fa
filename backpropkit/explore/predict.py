"""A prediction: a question to answer with a number before anything moves, answered in words."""

import math
from html import escape
from typing import Any

import ipywidgets as w

from ..picture.numbers import number
from .widgets import Explorer

NEAR = 0.02  # of the answer: 0.45 will do for 5/11


def predict(question: str, answer: float) -> w.Widget:
    """Ask for a number, and say whether it was right, too large, too small or of the wrong sign.

    The number itself is said only once it was found: what is wrong is for the explorer to show.

    Args:
        question: one or two sentences.
        answer: within 2 % of it counts as right.

    >>> asked = predict("c goes from 2 to 2.1. By how much does 9c change?", 0.9)
    >>> asked.typed.value = "−0.9"
    >>> asked.live.value
    'Not −0.9: the sign is wrong. Try it below, then predict again.'
    """
    return Prediction(question, float(answer))


class Prediction(Explorer):
    """What `explore.predict` returns: `typed` is its field, `reply` what it says."""

    def __init__(self, question: str, answer: float) -> None:
        super().__init__()
        self._question, self._answer = question, answer
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
        asked = w.HTML(f'<p class="bp bp-caption" style="min-height:0">{escape(question)}</p>')
        line = w.HBox([self.typed, self.check], layout=w.Layout(flex_flow="row wrap"))
        self.lay_out(f"Predict: {question}", [asked, line, self.reply])

    def _judge(self, _: Any = None) -> None:
        said = judged(self.typed.value, self._answer)
        self.reply.value = (
            f'<p class="bp bp-caption" style="min-height:0" aria-hidden="true">{escape(said)}</p>'
        )
        self.live.say(said)

    def still(self) -> str:
        return (
            f'<p class="bp bp-caption">{escape(self._question)}</p>'
            "<p><small>A question to answer: run the notebook to type your prediction.</small></p>"
        )


def judged(typed: str, answer: float) -> str:
    """What to say about a prediction.

    >>> judged("0.6", 0.6), judged("12", 21.0)
    ('Yes: 0.6.', 'Not 12: that is too little. Try it below, then predict again.')
    """
    try:
        value = read(typed)
    except ValueError:
        given = f"“{typed.strip()}” is not a number" if typed.strip() else "Nothing typed yet"
        return f"{given}. Type a number, such as −4, 0.6 or 2/3."
    gap, room = abs(abs(value) - abs(answer)), max(NEAR * abs(answer), 1e-9)
    wrong = []
    if value * answer < 0:
        wrong.append("the sign is wrong")
    if gap > room:
        wrong.append("that is too much" if abs(value) > abs(answer) else "that is too little")
    if not wrong:
        return f"Yes: {number(answer)}."
    return f"Not {number(value)}: {', and '.join(wrong)}. Try it below, then predict again."


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
