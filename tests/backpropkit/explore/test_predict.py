"""Predictions: what counts as right, what is said of what does not, and how it is shown."""

import pytest

from backpropkit import explore
from backpropkit.explore.predict import judged


@pytest.mark.parametrize(
    "typed", ["0.45", "0,4545", "15/33", "5 / 11", " .455 ", "0.45 %", "4.5e-1", "+0.45"]
)
def test_a_number_counts_however_it_is_typed_if_it_is_within_two_percent(typed):
    assert judged(typed, 15 / 33) == "Yes: 0.4545."


@pytest.mark.parametrize(
    "typed, answer, said",
    [
        ("0.44", 15 / 33, "Not 0.44: that is too little."),
        ("0.47", 15 / 33, "Not 0.47: that is too much."),
        ("−4", 4.0, "Not −4: the sign is wrong."),
        ("−12", -21.0, "Not −12: that is too little."),
        ("12", -21.0, "Not 12: the sign is wrong, and that is too little."),
        ("-1", 0.0, "Not −1: that is too much."),
        ("0", 0.6, "Not 0: that is too little."),
    ],
)
def test_what_is_wrong_is_said_and_the_answer_is_not(typed, answer, said):
    assert judged(typed, answer) == f"{said} Try it below, then predict again."


def test_zero_is_right_where_nothing_changes():
    assert judged("0", 0.0) == judged("-0", 0.0) == "Yes: 0."


@pytest.mark.parametrize("typed", ["nine", "1/0", "nan", "inf", "1/2/3", "1.2.3", "--4"])
def test_what_is_no_number_is_told_what_one_looks_like(typed):
    assert judged(typed, 9.0) == (
        f"“{typed}” is not a number. Type a number, such as −4, 0.6 or 2/3."
    )


def test_the_field_answers_on_enter_and_the_button_on_click():
    asked = explore.predict("How far?", 0.6)
    asked.check.click()
    assert asked.live.value.startswith("Nothing typed yet.")
    asked.typed.value = "0.6"
    assert asked.live.value == "Yes: 0.6."
    assert "Yes: 0.6." in asked.reply.value
    asked.typed.value = "6"
    assert asked.live.value.startswith("Not 6: that is too much.")


def test_what_was_typed_is_shown_as_text():
    asked = explore.predict("Is a < b?", 1.0)
    asked.typed.value = "<b>1</b>"
    assert "<b>" not in asked.reply.value and "&lt;b&gt;" in asked.reply.value
    assert "a &lt; b" in asked.still()


def test_a_still_page_shows_the_question_and_no_dead_field():
    html = explore.predict("How far?", 0.6)._repr_mimebundle_()["text/html"]
    assert "How far?" in html and "<input" not in html and "0.6" not in html
