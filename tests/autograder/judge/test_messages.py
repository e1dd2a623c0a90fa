"""What learners read: lines to paste give what is right, what is named is what went wrong."""

import re

import numpy as np
import pytest
from played import BY_EXERCISE, verdict_on
from right_answers import RIGHT, MaxGate, Value, topo

from autograder import catalog, evaluate
from autograder.asking.ask import ask
from autograder.judge.exercise import Exercise, away
from autograder.judge.judge import judge
from autograder.judge.trial import Trial

TO_PASTE = "# to see what it should be, nudge and compare\n"


@pytest.mark.parametrize("id", BY_EXERCISE)
def test_the_lines_to_paste_give_what_is_right(id):
    """With the inputs that stand above them, at the entry that they name."""
    exercise = catalog[id]
    if not isinstance(exercise, Exercise) or exercise.forward is None:
        return
    for one in BY_EXERCISE[id]:
        shown = verdict_on(id, one["code"], 1).example if one.get("named") == [] else ""
        if TO_PASTE not in shown:
            continue
        above, lines = shown.split(TO_PASTE)
        *lines, last = lines.splitlines()
        names = {"np": np}
        exec("\n".join([above.partition("\n\n")[0] if not exercise.fixed else "", *lines]), names)
        found = eval(last, names)
        part, entry = re.search(r"beside your (\w+)(?:\[(.*)\])?$", last).groups()
        given = {n: names[n] for n in exercise.fixed or exercise.questions(1)[0].args}
        whole = {n: float(x) for n, x in given.items() if isinstance(x, int)}  # shown as "1"
        trial = Trial(exercise, exercise.fixed or given | whole)
        right = (
            trial.truth[part][tuple(map(int, entry.split(", ")))] if entry else trial.truth[part]
        )
        assert found == pytest.approx(right, rel=1e-4, abs=1e-8), shown
        return


def told(id, answer):
    return evaluate(id, answer, seed=1).message


def test_the_gate_that_is_named_is_the_one_that_went_wrong():
    """The first gate above it has an incoming gradient of 1: to forget that changes nothing."""
    lost = {"L": 1.0, "d": -2.0, "f": 4.0, "c": -2.0, "e": -2.0, "a": -3.0, "b": 2.0}
    assert "a, b, at a * b: This is how the gate reacts" in told("ps1.seven_gradients", lost)
    lost = {"f": 1, "q": -4, "z": 3, "x": 1, "y": 1}
    assert "x, y, at x + y: This is how the gate reacts" in told("ps2.gate_gradients", lost)


def test_no_gate_is_named_where_two_went_wrong():
    def paths_w131(W1, W2, x, t):  # the sigmoids of both outputs
        (h,) = (1 / (1 + np.exp(-W1 @ x)),)
        y = 1 / (1 + np.exp(-W2 @ h))
        one, two = (y - t) * W2[:, 2] * h[2] * (1 - h[2]) * x[0]
        return one, two, one + two

    assert "via_y1, via_y2, total: You treated this gate" in told("ps5.paths_w131", paths_w131)


def test_what_is_nudged_is_what_is_wrong_not_what_follows():
    def chain(x):
        h2 = np.exp(x * x)
        g1 = -1 / h2**2 * np.cosh(x)
        return {"h2": -1 / h2**2, "h1": g1, "x": g1 * 2 * x}

    message = told("ps1.chain", chain)
    assert "forward = lambda h1: 1 / np.exp(h1)" in message and "beside your h1" in message


RIGHT_FOR_SOME = {
    "ps1.grad_L": lambda a, b, c, f: (b * f if a > 0 else 0.0, a * f, f, a * b + c),
    "ps2.branches": lambda s: (0, 0, 0) if s < 0 else (6 * s * s, 3 * s * s, 9 * s * s),
    "ps2.grad_circuit": lambda x, y, z, w: (
        2 * y * (x * y > max(z, w)), 2 * x, 2 * (z > w), 2 * (w > z),
    ),
    "ps4.goal_steps": lambda p, g, lr: (p + lr * g, p - lr * g) if g > 0 else (1.0, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("id", RIGHT_FOR_SOME)
def test_what_is_right_for_some_inputs_is_not_told_to_be_the_same_for_all(id):
    said = evaluate(id, RIGHT_FOR_SOME[id], seed=3).message
    assert "the same came back" not in said and "of 6 inputs" in said, said


@pytest.mark.parametrize("seed", range(3))
def test_what_is_the_same_for_all_inputs_is_told_to_be(seed):
    """Also where it happens to be right once."""
    questions = catalog["ps1.grad_L"].questions(seed)
    once = float(questions[2].args["b"] * questions[2].args["f"])
    said = evaluate("ps1.grad_L", lambda a, b, c, f: (once, a * f, f, a * b + c), seed=seed)
    assert "the same came back" in said.message


@pytest.mark.parametrize(
    ("id", "answer", "words"),
    [
        ("ps1.nudges", {"Ja": 33.003, "Jb": 33.009, "Jc": 33.009}, "wrong: a little too large"),
        ("ps1.nudges", {"Ja": 33.003, "Jb": 33.005, "Jc": 33.01}, "How far did J move"),
        ("ps4.max_lr", lambda A: 2 / np.max(A) ** 3, "Let descent run on f"),
        ("ps4.descend", lambda grad, w0, lr, n: [w0], "1 number came, 4 are expected"),
        ("ps4.descend", lambda grad, w0, lr, n: [w0] * (n + 1), "it is right up to place 0"),
    ],
)
def test_where_no_idea_fits_there_is_still_something_to_do(id, answer, words):
    assert words in told(id, answer)


def test_questions_can_be_asked_on_every_seed():
    """Two summands that cancel are drawn on few of them."""
    for seed in range(300):
        assert catalog["ps3.AddGate"].questions(seed)


def test_a_dict_that_was_changed_is_called_that():
    def step(params, grads, leaves, lr):
        for name in leaves:
            params[name] -= lr * grads[name]
        return {name: params[name] for name in leaves}

    assert "your code changed it" in told("ps4.step", step)


def test_what_is_no_class_and_no_function_is_called_what_it_is():
    assert "MaxGate is of type 'list', and a class is expected" in told("ps3.MaxGate", [MaxGate])
    assert "Value is of type 'Value', and a class is expected" in told("ps3.Value", Value(2.0))
    assert "topo is of type 'tuple', and a function is expected" in told("ps3.topo", (topo,))


def test_calls_that_go_too_deep_are_called_that():
    def topo(node):
        return [*(n for a in node.args for n in topo(a)), node]

    assert "could a list remember" in told("ps3.topo", topo)


def test_the_call_that_is_shown_is_the_one_that_is_complained_of():
    def trinv_grad(X, C):
        return -C / np.maximum(X + 2, 0), np.linalg.inv(X).T

    for seed in range(30):
        message = evaluate("ps7.trinv_grad", trinv_grad, seed=seed).message
        if "contains an infinity" in message:
            assert re.search(r"[ \[]-[2-9]\b", message.split("C = np.array")[0]), message
            return
    pytest.fail("no entry below -2 in any X")


def test_results_in_another_order_hear_both_that_it_could_be():
    message = told("ps6.matmul_backward", lambda W, X, G: (W.T @ G, G @ X.T))
    assert "Every number is there" in message and "Or: For a product" in message


def test_half_of_a_gradient_of_two_ways_hears_both_that_it_could_be():
    """Averaged, or without the 2 of a square."""

    def ae_grad(W, x):
        to, back, dW, dx = RIGHT["ps7.ae_grad"][0](W, x)
        return to, back, dW, dx / 2

    def grad_staged(x, y):
        dx, dy = RIGHT["ps2.grad_staged"][0](x, y)
        return dx, dy / 2

    for answer in (ae_grad, grad_staged):
        verdict = evaluate(f"{'ps7' if answer is ae_grad else 'ps2'}.{answer.__name__}", answer)
        assert verdict.misconceptions == ["paths-combined-wrong", "scale"], verdict.message
        assert "Or: Your answer is a constant multiple" in verdict.message, verdict.message


def test_no_sentence_speaks_of_what_is_not_there():
    def logdet_grad(X):
        return 1 / X

    assert "In log|det X| entries meet" in told("ps7.logdet_grad", logdet_grad)
    twice = told("ps7.logdet_grad", lambda X: 2 * np.linalg.inv(X).T)
    assert "about twice" in twice and "more than" not in twice


def test_the_only_result_is_no_first_of_one():
    only = Exercise(
        id="ps9.only",
        points=2,
        signature="only(x: float) -> dx: float",
        task="f = x². Return its slope.",
        inputs=lambda r, trial: {"x": away(r, 0.5, 2)},
        forward=lambda x: x**2,
        wrt=("x",),
    )
    questions = only.questions(1)
    wrong = judge(only, questions, ask({"only": lambda x: 3 * x}, questions)).message
    assert "dx (1 of 2): " in wrong and "of one" not in wrong
    nothing = judge(only, questions, ask({"only": lambda x: None}, questions)).message
    assert "only came back with None: is its return missing" in nothing


def test_points_are_the_sum_that_a_person_finds():
    parts = ("dW1", "db1", "dW2", "db2", "dx")

    def absolute(W1, b1, W2, b2, x):
        W1 = W1.copy()
        W1[0, 0] = abs(W1[0, 0])
        z1 = W1 @ x + b1
        h = np.maximum(z1, 0)
        dz2 = 2 * 4.0 ** (W2 @ h + b2) * np.log(2)
        dz1 = (W2.T @ dz2) * (z1 > 0)
        found = np.outer(dz1, x), dz1, np.outer(dz2, h), dz2, W1.T @ dz1
        return dict(zip(parts, found, strict=True))

    assert evaluate("ps7.two_layer", absolute).points == 3.6


def remembering(W, X, G, known={}):  # noqa: B006, which is the mistake
    return known.setdefault((W.shape, X.shape), (G @ X.T, W.T @ G))


def adding_up(W, X, G, total={}):  # noqa: B006, which is the mistake
    total[W.shape] = G @ X.T + total.get(W.shape, 0.0)
    return total[W.shape], W.T @ G


@pytest.mark.parametrize("kept", [remembering, adding_up])
def test_what_stays_from_call_to_call_is_told(kept):
    """The call that is shown is answered rightly when it is made alone: a nudge tells nothing."""
    for seed in range(8):
        (values,) = kept.__defaults__
        values.clear()
        said = evaluate("ps6.matmul_backward", kept, seed=seed).message
        assert "what was right for earlier calls. Does something stay from call to call" in said


def test_a_wrong_number_that_others_may_be_by_chance_is_not_told_as_kept():
    for seed in range(8):
        said = evaluate("ps2.grad_circuit", lambda x, y, z, w: (2 * y, 2 * x, 2.0, 0.0), seed=seed)
        assert "stay from call to call" not in said.message


HISTORIES = {
    "of None": (lambda h: [None] * len(h), "the history: it is a list with None in it; a number"),
    "of text": (lambda h: [f"{v:.9f}" for v in h], "the history: it is a list with a str in it"),
    "with one nan": (lambda h: [*h[:-1], np.nan], "the history: it contains nan"),
    "of nan": (lambda h: [np.nan] * len(h), "the history: it contains nan"),
    "a generator": (lambda h: (v for v in h), "the history: it is a generator object; a number"),
    "a dict": (lambda h: dict(enumerate(h)), "the history: it is a dict; a number"),
    "complex": (lambda h: [v + 0j for v in h], "the history: it is a list with a complex number"),
    "a column": (lambda h: [[v] for v in h], r"the history has shape \(\d+, 1\); \d+ numbers are"),
    "one number": (lambda h: h[-1], r"the history has shape \(\); \d+ numbers are expected"),
}


@pytest.mark.parametrize("kind", HISTORIES)
@pytest.mark.parametrize("id", ["ps7.fit", "ps7.train_autoencoder"])
def test_a_history_that_is_no_list_of_numbers_is_told_what_it_is(id, kind):
    """The W that came with it was blamed: nan is neither below a number nor above it."""
    change, words = HISTORIES[kind]

    def run(*args):
        W, history = RIGHT[id][0](*args)
        return W, change(list(history))

    verdict = evaluate(id, run, seed=1)
    first = verdict.findings[0]
    assert first.points == 0 and re.search(words, first.text), verdict.message
    assert verdict.misconceptions == []


@pytest.mark.parametrize("id", ["ps7.fit", "ps7.train_autoencoder"])
def test_a_matrix_that_is_no_numbers_is_told_what_it_is(id):
    for change, words in (
        (lambda W: W * np.nan, "it contains nan"),
        (lambda W: None, "it is None"),
        (lambda W: [[str(x) for x in row] for row in W], "it is a list with a list with a str"),
    ):

        def run(*args, change=change):
            W, history = RIGHT[id][0](*args)
            return change(W), history

        verdict = evaluate(id, run, seed=1)
        name = "A" if id == "ps7.fit" else "W"
        assert f"not right: {name}: {words}" in verdict.findings[1].text, verdict.message
        assert verdict.findings[1].points == 0


def test_where_one_number_is_meant_it_is_said():
    (right,) = RIGHT["ps4.which_minimum"][:1]
    for change, kind in ((lambda w: (w, 0.0), "a tuple"), (lambda w: [w], "a list")):
        said = evaluate("ps4.which_minimum", lambda w0, f=change: f(right(w0)), seed=1).message
        assert f"a single number is expected, not {kind}" in said, said


def test_keys_that_came_in_the_place_of_others_are_told():
    said = told("ps1.nudges", {"ja": 33.003, "Jb": 33.003, "JC": 33.002})
    assert "Ja (0 of 0.67): it is missing; the dict has 'ja', 'JC' instead." in said
    assert "Ja (0 of 0.67): it is not filled in yet." in told("ps1.nudges", {"Jb": 33.003})
    said = told("ps1.chain", lambda x: {"h2": 1.0, "h1": 1.0, "dx": 1.0})
    assert "it is missing; the dict has 'dx' instead." in said
