"""The judge: points and part credit, answers that are no numbers, and what a report may say."""

import json
import re

import numpy as np
import pytest

from autograder import catalog, evaluate
from autograder.asking.ask import NOT_HANDED_IN, Answer, ask
from autograder.judge.judge import judge
from autograder.judge.trial import Trial
from autograder.judge.verdict import Verdict

QUAD = "ps6.quad_grad"


def quad(dx=None, dA=None):
    """quad_grad with one or both of what it returns replaced."""

    def solution(A, x):
        right = (A + A.T) @ x, np.outer(x, x)
        return tuple(f(g) if f else g for f, g in zip((dx, dA), right, strict=True))

    return solution


FOLLOWING = {"L": 1, "d": 2, "f": 4, "c": 2, "e": 2, "a": -6, "b": 4}  # d with the wrong sign


def chain(x, minus):
    """The backward pass of y = 1/h2, with or without the minus."""
    h2 = np.exp(x * x)
    g2 = minus / h2**2
    return {"h2": float(g2), "h1": float(g2 * h2), "x": float(g2 * h2 * 2 * x)}


def softmax_diagonal(W1, W2, x, t):
    h = 1 / (1 + np.exp(-W1 @ x))
    p = np.exp(W2 @ h) / np.exp(W2 @ h).sum()
    return -(t * (1 - p)) @ W2[:, 2] * h[2] * (1 - h[2]) * x[0]


class TestPoints:
    @pytest.mark.parametrize(
        ("id", "solution", "points"),
        [
            (QUAD, quad(dx=lambda g: g + 1), 1),
            (QUAD, quad(dA=lambda g: g + 1), 2),
            (QUAD, lambda A, x: (A @ x, np.outer(x, x)), 2),
            (QUAD, lambda A, x: (A.T @ x, np.outer(x, x) + 1), 1),
            ("ps6.matmul_backward", lambda W, X, G: (G @ X.T, 0 * X), 1.5),
            ("ps6.dD_dW", lambda W, h: np.einsum("ik,l->ilk", np.eye(len(W)), h), 1.5),
            (
                "ps6.linear_backward",
                lambda X, W, b, T: (2 * (X @ W + b - T) @ W.T / len(X), W, b),
                1,
            ),
            ("ps7.logdet_grad", np.linalg.inv, 1.5),
            ("ps7.trinv_grad", lambda X, C: (X, np.linalg.inv(X).T), 1),
            ("ps7.trinv_grad", lambda X, C: ((np.linalg.inv(X) @ C @ np.linalg.inv(X)).T, C), 1.5),
            ("ps7.trinv_grad", lambda X, C: (-np.linalg.inv(X) @ C @ np.linalg.inv(X), C), 1.5),
        ],
    )
    def test_each_part_earns_its_share_and_a_near_miss_what_the_table_says(
        self, id, solution, points
    ):
        verdict = evaluate(id, solution)
        assert verdict.points == points
        assert type(verdict.points) is float
        assert not verdict.passed

    @pytest.mark.parametrize(
        ("id", "answer", "points"),
        [
            # half of the slip, and all of what follows from the learner's own d, which is wrong
            ("ps1.seven_gradients", FOLLOWING, 3 * (1 + 1 + 0.5 + 4) / 7),
            ("ps1.chain", lambda x: chain(x, minus=1), 0.5 + 1 + 2),
            ("ps1.chain", lambda x: chain(x, minus=1) | {"x": 0.0}, 0.5 + 1),
            ("ps2.branches", lambda s: (2 * s**2, 3 * s**2, 5 * s**2), 0.5 + 1 + 1),
            ("ps2.branches", lambda s: (0 * s, 0 * s, 0 * s), 0),
            ("ps5.dw131_softmax", lambda W1, W2, x, t: softmax_diagonal(W1, W2, x, t), 2),
            ("ps4.max_lr", lambda A: 1 / np.linalg.eigvalsh(A)[-1], 1.5),
            ("ps4.max_lr", lambda A: 2 / np.trace(A), 1.5),
            ("ps4.max_lr", lambda A: 3 / np.trace(A), 0),
            ("ps1.slope", lambda f, x, h: (f(x + h) - f(x)) / h, 2),
            ("ps4.step", lambda p, g, leaves, lr: {n: p[n] - lr * g[n] for n in p}, 2.5),
            ("ps4.step", lambda p, g, leaves, lr: {n: p[n] + lr * g[n] for n in leaves}, 2.5),
        ],
    )
    def test_what_follows_and_what_is_half_right_earns_what_the_table_says(
        self, id, answer, points
    ):
        assert evaluate(id, answer).points == pytest.approx(points)

    def test_right_on_all_inputs_but_one_is_wrong(self):
        exercise = catalog[QUAD]
        questions = exercise.questions(1)
        answers = ask({"quad_grad": quad()}, questions)
        assert judge(exercise, questions, answers).passed
        answers[3] = Answer((np.zeros(3), answers[3].value[1]))
        verdict = judge(exercise, questions, answers)
        assert verdict.points == 1
        assert "on 1 of 6 inputs" in verdict.message

    def test_missing_answers_earn_nothing_and_too_many_are_ignored(self):
        exercise = catalog[QUAD]
        questions = exercise.questions(1)
        answers = ask({"quad_grad": quad()}, questions)
        assert judge(exercise, questions, answers[:2]).points == 0
        assert judge(exercise, questions, []).points == 0
        assert judge(exercise, questions, answers + answers).passed

    def test_inputs_are_fresh_for_every_seed_and_the_same_for_one(self):
        args = [repr(catalog[QUAD].questions(seed)) for seed in (1, 1, 2)]
        assert args[0] == args[1] != args[2]

    def test_a_function_that_changes_its_inputs_harms_nobody_but_itself(self):
        def careless(A, x):
            right = (A + A.T) @ x, np.outer(x, x)
            A[:] = 0
            x[:] = 0
            return right

        assert evaluate(QUAD, careless).passed

    def test_a_nearly_right_answer_is_right_with_a_word_about_its_digits(self):
        verdict = evaluate(QUAD, quad(dx=lambda g: g * (1 + 1e-8)))
        assert verdict.passed and not verdict.misconceptions
        assert "7 digits" in verdict.message or "8 digits" in verdict.message
        assert not evaluate(QUAD, quad(dx=lambda g: g * (1 + 1e-4))).passed

    @pytest.mark.parametrize("h", [1e-2, 1e-3, 1e-4, 1e-5])
    def test_a_coarse_finite_difference_is_told_so(self, h):
        def nudged(X):
            G = np.zeros_like(X)
            for i in np.ndindex(X.shape):
                Y = X.copy()
                Y[i] += h
                G[i] = (np.linalg.slogdet(Y)[1] - np.linalg.slogdet(X)[1]) / h
            return G

        verdict = evaluate("ps7.logdet_grad", nudged)
        assert verdict.misconceptions == ["finite-difference"]
        assert verdict.points == 0


BAD = {
    "None": (lambda A, x: None, "None"),
    "one value": (lambda A, x: A @ x, "of shape (3,)|2 values, (dx, dA)"),
    "three values": (lambda A, x: (x, A, A), "a tuple of 3"),
    "a dict": (lambda A, x: {"dx": x}, "a dict"),
    "a number": (lambda A, x: 1.0, "a float"),
    "raises": (lambda A, x: 1 / 0, "ZeroDivisionError: division by zero"),
    "raises without words": (lambda A, x: [][3], "IndexError"),
    "exits": (lambda A, x: exit(), "SystemExit"),
    "not written": ("raise NotImplementedError()", "still to be written"),
    "wrong arguments": (lambda: None, "TypeError"),
    "complex": (lambda A, x: (x + 1j, A), "dx, the first of two|an array of complex numbers"),
    "an object": (lambda A, x: (x, object()), "dA, the second of two|a object object"),
    "a str for a function": ("hello", "'str'"),
    "a number for a function": (3.0, "'float'"),
    "None for a function": (None, "'NoneType'"),
}


class TestBadAnswers:
    @pytest.mark.parametrize("kind", BAD)
    def test_a_bad_answer_gets_a_sentence_and_no_points(self, kind):
        solution, words = BAD[kind]
        if kind == "not written":

            def solution(A, x):
                raise NotImplementedError()

        verdict = evaluate(QUAD, solution)
        assert verdict.points == 0
        assert verdict.misconceptions == []
        for word in words.split("|"):
            assert word in verdict.message, verdict.message
        assert "quad_grad" in verdict.message

    @pytest.mark.parametrize(
        ("made", "words"),
        [
            (lambda g: None, "is None"),
            (lambda g: "x", "a str"),
            (lambda g: True, "a bool"),
            (lambda g: {"a": 1.0}, "a dict"),
            (lambda g: [["x"]], "a str"),
            (lambda g: [[1.0, 2.0], [3.0]], "different lengths"),
            (lambda g: g * np.nan, "nan"),
            (lambda g: g / 0.0, "infinity"),
            (lambda g: float("inf"), "infinity"),
            (lambda g: g[:, :1], "shape (3, 1) came back, shape (3, 3) is expected"),
            (lambda g: g[None], "shape (1, 3, 3)"),
            (lambda g: 1.0, "a single number came back"),
            (lambda g: [], "shape (0,)"),
        ],
    )
    def test_the_sentence_says_which_of_the_returned_gradients(self, made, words):
        with np.errstate(all="ignore"):
            verdict = evaluate(QUAD, quad(dA=made))
        line = next(l for l in verdict.message.splitlines() if "dA, the second of two" in l)
        assert words in line, line
        assert verdict.points == (2.5 if "(1, 3, 3)" in words else 2)  # the numbers are right

    def test_stopped_died_and_missing_have_their_sentences(self):
        exercise = catalog[QUAD]
        questions = exercise.questions(1)
        for trouble, text, words in [
            ("stopped", "it ran longer than 5 seconds", "longer than 5 seconds"),
            ("died", "", "ended before it answered"),
            ("missing", "quad_grad", "There is no quad_grad yet: run the cell"),
            (
                "missing",
                f"quad_grad{NOT_HANDED_IN}",
                "Nothing that was handed in defines quad_grad before its check.",
            ),
            (
                "missing",
                "f; its cell ended with Died: gone",
                "There is no f: its cell ended before",
            ),
            (
                "raised",
                "KeyboardInterrupt (line 2 of f)",
                "was interrupted (line 2 of f). Is there",
            ),
            (
                "raised",
                "NameError: name 'np' is not defined (line 2 of f)",
                "Write 'import numpy as np' into the cell that imports, and run it again.",
            ),
            (
                "raised",
                f"NameError: name 'np' is not defined (line 2 of f){NOT_HANDED_IN}",
                "(line 2 of f). Write 'import numpy as np' into the cell that imports.",
            ),
        ]:
            verdict = judge(exercise, questions, [Answer(None, trouble, text)] * len(questions))
            assert words in verdict.message
            assert verdict.points == 0

    def test_an_endless_loop_is_stopped(self):
        exercise = catalog[QUAD]
        questions = exercise.questions(1)

        def forever(A, x):
            while True:
                pass

        verdict = judge(exercise, questions, ask({"quad_grad": forever}, questions, limit=0.1))
        assert "loop" in verdict.message

    def test_half_of_the_answers_raising_keeps_the_reason_and_the_idea(self):
        verdict = evaluate("ps6.matmul_backward", lambda W, X, G: (G @ X, W @ G))
        assert "matmul_backward raised ValueError" in verdict.message
        assert "gufunc" not in verdict.message
        assert verdict.misconceptions == ["operand-transpose"]


class TestReport:
    def test_a_right_answer_is_told_so_in_one_line(self):
        assert evaluate(QUAD, quad()).message == "✓ ps6.quad_grad: right, 3 of 3 points"

    @pytest.mark.parametrize("id", [e.id for e in catalog.values() if not hasattr(e, "checks")])
    def test_no_report_holds_a_right_value(self, id):
        exercise = catalog[id]
        for seed in range(1 if exercise.fixed else 5):
            questions = exercise.questions(seed)
            noise = np.random.default_rng(seed)
            right = judge_truth(exercise, questions)
            given = [
                Answer(tuple(noise.normal(size=np.shape(v)) for v in t.values())) for t in right
            ]
            if exercise.form == "alone":
                given = [Answer(answer.value[0]) for answer in given]
            if exercise.form == "dict":
                names = [part.name for part in exercise.parts]
                given = [Answer(dict(zip(names, a.value, strict=True))) for a in given]
            report = judge(exercise, questions, given)
            shown = set(map(float, re.findall(r"-?\d+\.\d{3,}", report.message)))
            for truth in right:
                for number in np.ravel(np.concatenate([np.ravel(v) for v in truth.values()])):
                    assert not any(abs(number - s) < 1e-5 * (1 + abs(s)) for s in shown)

    def test_what_was_asked_and_what_came_back_can_be_copied(self):
        verdict = evaluate(QUAD, lambda A, x: (2 * A @ x, np.outer(x, x)))
        code = verdict.example.replace("quad_grad(A, x) came back with", "")
        names = {"np": np}
        exec(code, names)
        assert names["A"].shape == (3, 3)
        assert np.allclose(names["dx"], 2 * names["A"] @ names["x"], atol=1e-4)

    def test_html_says_the_same_and_escapes_what_a_learner_wrote(self):
        def solution(A, x):
            raise ValueError("<script>alert(1)</script> & more")

        html = evaluate(QUAD, solution).html()
        assert "<script>" not in html
        assert "&lt;script&gt;" in html
        assert "0 of 3 points" in html

    def test_a_verdict_survives_json(self):
        verdict = evaluate(QUAD, lambda A, x: (A @ x, None))
        data = json.loads(json.dumps(verdict.to_dict()))
        assert Verdict.from_dict(data) == verdict
        assert data["points"] == 1 and data["message"] == verdict.message

    def test_signs_and_words_tell_states_apart_without_colour(self):
        verdict = evaluate(QUAD, lambda A, x: (A @ x, None))
        assert [f.state for f in verdict.findings] == ["partly", "wrong"]
        assert "◐" in verdict.html() and "✗" in verdict.html()


def judge_truth(exercise, questions):
    return [Trial(exercise, exercise.fixed or dict(q.args)).truth for q in questions]
