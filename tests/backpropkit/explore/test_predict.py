"""Predictions: what counts as right, what is said of what does not, and how it is shown."""

import numpy as np
import pytest

from backpropkit import Graph, explore, var
from backpropkit.explore.predict import judged
from backpropkit.explore.question import Number, Slope
from backpropkit.explore.questions import QUESTIONS
from backpropkit.ideas import IDEAS


def of(answer):
    return Number("How far?", lambda: answer)


@pytest.mark.parametrize(
    "typed", ["0.45", "0,4545", "15/33", "5 / 11", " .455 ", "0.45 %", "4.5e-1", "+0.45"]
)
def test_a_number_counts_however_it_is_typed_if_it_is_within_two_percent(typed):
    assert judged(typed, of(15 / 33)) == "Yes: 0.4545."


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
    assert judged(typed, of(answer)) == f"{said} Try it below, then predict again."


def test_zero_is_right_where_nothing_changes():
    assert judged("0", of(0.0)) == judged("-0", of(0.0)) == "Yes: 0."


@pytest.mark.parametrize("typed", ["nine", "1/0", "nan", "inf", "1/2/3", "1.2.3", "--4"])
def test_what_is_no_number_is_told_what_one_looks_like(typed):
    assert judged(typed, of(9.0)) == (
        f"“{typed}” is not a number. Type a number, such as −4, 0.6 or 2/3."
    )


@pytest.mark.parametrize(
    "name, typed, idea",
    [
        ("l3.multiply", "6", "mul-not-switched"),
        ("l3.add", "0.1", "add-splits"),
        ("l3.max", "0", "max-routes-both"),
        ("l4.twice", "5", "one-path"),
        ("l5.chain", "0.8437", "recip-minus"),
        ("l8.ways", "-0.00836", "one-path"),
        ("l9.bias", "-0.1333", "broadcast-sum"),
        ("l10.relu", "4.4332", "relu-mask"),
        ("l2.b", "-15", "sign"),
    ],
)
def test_a_wrong_number_is_told_the_idea_whose_row_computes_it(name, typed, idea):
    said = judged(typed, QUESTIONS[name])
    assert IDEAS[idea].message in said and said.endswith("Then predict again.")


def test_a_slip_of_the_question_goes_before_an_idea_and_two_ideas_are_both_told():
    asked = Slope("?", lambda: var(3.0, "a") * var(2.0, "b"), "a", slips=[(3.0, "Mine?")])
    assert judged("3", asked).startswith("Not 3: that is too much. Mine? Or else: For a product")


def test_a_point_in_the_wrong_place_is_told():
    assert "The digits are right, the point is not." in judged("60", of(0.6))
    assert "The digits" not in judged("0.061", of(0.61 * 2))


def test_only_a_typed_number_computes_the_answer():
    asked = []
    question = Number("?", lambda: asked.append(1) or 3.0)
    predicted = explore.predict(question)
    predicted.check.click()
    predicted.still()
    assert asked == []
    predicted.typed.value = "3"
    assert asked and predicted.live.value == "Yes: 3."


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(KeyError, match=r"no question is named 'l1.cubes'; the nearest are l1.cube"):
        explore.predict("l1.cubes")


SLOPES = {name: asked for name, asked in QUESTIONS.items() if isinstance(asked, Slope)}


@pytest.mark.parametrize("name", SLOPES)
def test_every_slope_is_what_a_nudge_to_both_sides_measures(name):
    asked = SLOPES[name]
    graph = Graph(asked.build())
    node, one = asked.node(graph), np.zeros(asked.node(graph).shape)
    one[asked.entry] = 1e-5
    up, down = (graph.nudge(node, s * one if node.shape else s * 1e-5).actual for s in (1.0, -1.0))
    assert asked.answer() == pytest.approx((up - down) / 2e-5 * asked.times, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_slip_is_right(name):
    asked = QUESTIONS[name]
    assert [
        told for wrong, told in asked.slips if judged(str(wrong), asked).startswith("Yes")
    ] == []


def test_the_field_answers_on_enter_and_the_button_on_click():
    asked = explore.predict(of(0.6))
    asked.check.click()
    assert asked.live.value.startswith("Nothing typed yet.")
    asked.typed.value = "0.6"
    assert asked.live.value == "Yes: 0.6."
    assert "Yes: 0.6." in asked.reply.value
    asked.typed.value = "6"
    assert asked.live.value.startswith("Not 6: that is too much.")


def test_what_was_typed_is_shown_as_text():
    asked = explore.predict(Number("Is a < b?", lambda: 1.0))
    asked.typed.value = "<b>1</b>"
    assert "<b>" not in asked.reply.value and "&lt;b&gt;" in asked.reply.value
    assert "a &lt; b" in asked.still()


def test_a_still_page_shows_the_question_and_no_dead_field():
    html = explore.predict(of(0.6))._repr_mimebundle_()["text/html"]
    assert "How far?" in html and "<input" not in html and "0.6" not in html
