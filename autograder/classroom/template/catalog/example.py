"""The exercises of ps8: an example to change. This file goes along with the released set."""

import backpropkit as bp
from autograder.judge.exercise import Exercise, uniform
from autograder.judge.misconceptions import Misconception

log_of_each = Misconception(
    id="log-of-each",
    name="The log of a sum taken for the sum of the logs",
    message="Take two numbers: is the log of their sum the sum of their logs?",
)

log_score = Exercise(
    id="ps8.log_score",
    points=2,
    signature="log_score(w: (n,), x: (n,)) -> (dw: (n,), dx: (n,))",
    task="L = log(Σ w_i x_i). Return its gradients by w and by x.",
    # fresh for every check: the random generator and the number of the trial
    inputs=lambda r, trial: {
        "w": uniform(r, 0.5, 2, 2 + trial % 3),
        "x": uniform(r, 0.5, 2, 2 + trial % 3),
    },
    # the judge differentiates this; there is no answer to write down
    forward=lambda w, x: bp.log(bp.sum(w * x)),
    wrt=("w", "x"),
    ideas=("log-of-each", "no-upstream"),
    # what somebody with the course's own idea hands in; the kit's ideas are computed
    wrong={"log-of-each": lambda w, x: [{"dw": 1 / w, "dx": 1 / x}]},
)

EXERCISES = (log_score,)
MISCONCEPTIONS = (log_of_each,)
WITHOUT = ()  # ids, or whole sets, of the kit's that this course leaves out
