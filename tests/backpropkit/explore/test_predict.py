"""Predictions: what counts as right, what is said of what does not, and how it is shown."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from backpropkit import Graph, explore, var
from backpropkit.explore import page
from backpropkit.explore.predict import judged
from backpropkit.ideas import IDEAS
from backpropkit.questions import QUESTIONS, Number, Slope


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


class Once:
    """A question that computes what it knows once, and not for each number that is typed."""

    def __init__(self, question):
        answer, thoughts = question.answer(), list(question.thoughts())
        self.slips, self.answer, self.thoughts = question.slips, lambda: answer, lambda: thoughts


def test_each_question_is_judged_in_the_page_as_it_is_here(tmp_path):
    """Every question of the lessons, and what people might type: Node says what Python says."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, which runs the page's modules here")
    odd = [
        "",
        "  ",
        "5 / 11",
        " 3 % ",
        *["1/0", "nan", "Infinity", "1/2/3", "1.2.3", "--4", "1_0", "0x10", "١", "−0,6"],
    ]
    odd += ["1e400", ".5", "5.", "+.5e-1", "<b>1</b>", "1e", "/", "-0"]
    asked = []
    for question in [*QUESTIONS.values(), of(0.0), of(15 / 33), of(-21.0)]:
        once = Once(question)
        answer, thoughts = once.answer(), [n for n, _ in once.thoughts()]
        near = [answer * by for by in (1, -1, 1.019, 1.021, 0.1, 100, 2, 0.5)]
        typed = [*odd, *map(str, near), *map(str, thoughts)]
        html = explore.predict(question).html()
        (known,) = re.findall(r'class="bp-question">(.*?)</script>', html)
        asked.append([known, {one: judged(one, once) for one in typed}])
    file = tmp_path / "asked.json"
    file.write_text(json.dumps(asked))
    module = (page.HERE / "ask.js").as_uri()
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ judgedTyped }} from "{module}";
        for (const [known, said] of JSON.parse(readFileSync("{file}", "utf8")))
          for (const [typed, wanted] of Object.entries(said)) {{
            const got = judgedTyped(typed, JSON.parse(known));
            if (got !== wanted) throw Error(`${{typed}}: ${{got}} instead of ${{wanted}}`);
          }}"""
    done = subprocess.run(
        [node, "--input-type=module"], input=script, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


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


def test_a_question_is_shown_as_text_and_its_answer_is_not_shown():
    html = explore.predict(Number("Is </script> < b?", lambda: 0.625)).html()
    seen = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.S)
    assert "Is &lt;/script&gt; &lt; b?" in seen and "0.625" not in seen
    assert html.count("</script>") == 2
    told = explore.predict(of(0.625))._repr_mimebundle_()
    assert "0.625" not in told["text/plain"] and "How far?" in told["text/plain"]
