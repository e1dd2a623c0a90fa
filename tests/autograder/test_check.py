"""`check` in a notebook and on a terminal: what is shown, where, and what the cell's value is."""

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from autograder import check, evaluate
from autograder.check import leans_on


def quad(A, x):
    return (A + A.T) @ x, np.outer(x, x)


def test_on_a_terminal_the_report_is_printed_and_the_points_come_back(capsys, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    points = check("ps6.quad_grad", quad)
    out, err = capsys.readouterr()
    assert points == 3.0 and type(points) is float
    assert "right, 3 of 3 points" in out
    assert err == ""


def test_in_a_notebook_html_and_text_are_shown_and_the_value_is_the_points():
    shell = InteractiveShell.instance()
    try:
        shell.push({"quad_grad": lambda A, x: (2 * A @ x, np.outer(x, x)), "check": check})
        with capture_output() as captured:
            result = shell.run_cell('check("ps6.quad_grad", quad_grad)')
        report = next(out for out in captured.outputs if "text/html" in out.data)
        assert "not symmetric" in report.data["text/html"]
        assert "not symmetric" in report.data["text/plain"]
        assert captured.stderr == ""
        assert result.success
        assert type(result.result) is float and result.result == 2.0
    finally:
        InteractiveShell.clear_instance()


def test_what_the_learner_prints_and_warns_goes_nowhere_near_stderr(capsys):
    def loud(A, x):
        import sys
        import warnings

        print("hello", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return quad(A, x)

    assert check("ps6.quad_grad", loud) == 3.0
    assert capsys.readouterr().err == ""


def test_each_check_draws_other_inputs():
    seen = set()

    def spy(A, x):
        seen.add(A.tobytes())
        return quad(A, x)

    check("ps6.quad_grad", spy)
    first = len(seen)
    check("ps6.quad_grad", spy)
    assert len(seen) == 2 * first


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("ps6.quadgrad", "no such exercise 'ps6.quadgrad'; did you mean 'ps6.quad_grad'?"),
        ("quad_grad", "did you mean 'ps6.quad_grad'?"),
        ("zzz", "no such exercise 'zzz'; there are ps"),
    ],
)
def test_an_unknown_exercise_is_answered_with_the_nearest(id, words):
    for call in (check, evaluate):
        with pytest.raises(KeyError) as caught:
            call(id, quad)
        assert words in str(caught.value)


def test_evaluate_is_silent_and_repeats_itself(capsys):
    first, second = (evaluate("ps6.quad_grad", lambda A, x: A, seed=7) for _ in range(2))
    assert first == second
    assert capsys.readouterr() == ("", "")


def by_the_engine(A, x):
    import backpropkit as bp

    return bp.grad(lambda A, x: x @ A @ x, wrt=(1, 0))(A, x)


class Leaning:
    def backward(self, dz):
        return by_the_engine(dz, dz)


@pytest.mark.parametrize(
    "answer",
    [by_the_engine, lambda A, x: by_the_engine(A, x), Leaning, Leaning().backward],
    ids=["itself", "through a helper", "in a class", "in a method"],
)
def test_an_answer_that_leans_on_what_grading_closes_is_warned(answer):
    assert leans_on(answer) == "backpropkit"


def test_the_warning_is_shown_with_full_marks_and_honest_answers_get_none(capsys, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    assert check("ps6.quad_grad", by_the_engine) == 3.0
    assert "This answer uses backpropkit, which is closed while grading" in capsys.readouterr().out
    assert check("ps6.quad_grad", quad) == 3.0
    assert "closed" not in capsys.readouterr().out
    for answer in (np.linalg.inv, 3.0, {"a": 1}, None, int):
        assert leans_on(answer) == ""
