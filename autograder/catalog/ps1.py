"""Problem set 1, nudges and chains: what a derivative tells, and how to go back along a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import backpropkit as bp
from autograder.judge.behaviour import Ask, Behaviour, Told, one_way
from autograder.judge.drowned import drowned
from autograder.judge.exercise import Exercise, Rng, Values, turned, uniform
from autograder.judge.reading import number
from autograder.judge.sentences import relation


def J(a: float, b: float, c: float) -> float:
    return 3 * (a + b * c)


def nudged(a: float, b: float, c: float, h: float) -> Values:
    return {"Ja": J(a + h, b, c), "Jb": J(a, b + h, c), "Jc": J(a, b, c + h)}


def only_the_move(a: float, b: float, c: float, h: float) -> list[Values]:
    """How far J moved, or how far per unit, where its new value is asked."""
    moves = {name: value - J(a, b, c) for name, value in nudged(a, b, c, h).items()}
    return [moves, {name: move / h for name, move in moves.items()}]


def products_astray(a: float, b: float, c: float, h: float) -> list[Values]:
    """Each factor scaled by itself, where the other one decides how far the product moves."""
    now = J(a, b, c)
    return [{"Ja": now + 3 * h, "Jb": now + 3 * b * h, "Jc": now + 3 * c * h}]


def without_the_3(a: float, b: float, c: float, h: float) -> list[Values]:
    """As far as the bracket moves."""
    return [{"Ja": J(a, b, c) + h, "Jb": J(a, b, c) + c * h, "Jc": J(a, b, c) + b * h}]


def without_brackets(a: float, b: float, c: float, h: float) -> list[Values]:
    """J = 3a + bc, from the start on, or only in how far it moves."""
    other = {"Ja": 3 * (a + h) + b * c, "Jb": 3 * a + (b + h) * c, "Jc": 3 * a + b * (c + h)}
    off = J(a, b, c) - 3 * a - b * c
    return [other, {name: value + off for name, value in other.items()}]


def percents(a: float, b: float, c: float, h: float) -> list[Values]:
    """J moved by slope·h *percent*, or by as many percent as the input."""
    now, slopes = J(a, b, c), {"Ja": 3.0, "Jb": 3 * c, "Jc": 3 * b}
    own = {"Ja": a, "Jb": b, "Jc": c}
    return [
        {name: now * (1 + slope * h) for name, slope in slopes.items()},
        {name: now * (1 + slope * h / 100) for name, slope in slopes.items()},
        {name: now * (1 + h / own[name]) for name in slopes},
        dict.fromkeys(slopes, now * (1 + h)),
        {name: now + slope * own[name] / now * h for name, slope in slopes.items()},
        {name: now + slope * own[name] * h for name, slope in slopes.items()},
    ]


def other_nudges(a: float, b: float, c: float, h: float) -> list[tuple[str, float, float]]:
    """Half right: nudged by another power of ten, or with the nudges before left in place."""
    found = [nudged(a, b, c, 10 * h), nudged(a, b, c, h / 10)]
    found.append({"Jb": J(a + h, b + h, c), "Jc": J(a + h, b + h, c + h)})
    return [(name, value, 1 / 3) for values in found for name, value in values.items()]


nudges = Exercise(
    id="ps1.nudges",
    points=2,
    signature="nudges = {'Ja': J, 'Jb': J, 'Jc': J}",
    task="J = 3(a + bc) at a = 5, b = 3, c = 2: J after adding 0.001 to one input at a time.",
    fixed={"a": 5.0, "b": 3.0, "c": 2.0, "h": 0.001},
    truth=nudged,
    returns=("Ja", "Jb", "Jc"),
    form="dict",
    tolerance=1.5e-8,  # of 33: six digits behind the point
    partly=other_nudges,
    look="How far did J move from 33? One input is nudged at a time, upwards, by 0.001, and the "
    "others stand where they stood.",
    wrong={
        "undivided": only_the_move,
        "elasticity": percents,
        "mul-not-switched": products_astray,
        "scale-node-skipped": without_the_3,
        "brackets-lost": without_brackets,
        "sign": lambda a, b, c, h: [nudged(a, b, c, -h)],
    },
    ideas=(
        "undivided",
        "elasticity",
        "mul-not-switched",
        "scale-node-skipped",
        "brackets-lost",
        "rounded",
    ),
)

SMOOTH: dict[str, tuple[Any, Any]] = {  # f as the learner's code gets it -> (f, its slope)
    "lambda a: 3 * a": (lambda a: 3 * a, lambda a: 3.0),
    "lambda a: a * a": (lambda a: a * a, lambda a: 2 * a),
    "lambda a: a**3": (lambda a: a**3, lambda a: 3 * a * a),
    "lambda a: a**3 - 2 * a": (lambda a: a**3 - 2 * a, lambda a: 3 * a * a - 2),
    "math.log": (math.log, lambda a: 1 / a),
    "math.sin": (math.sin, math.cos),
    "math.exp": (math.exp, math.exp),
    "lambda a: math.log(1 + a * a)": (
        lambda a: math.log(1 + a * a),
        lambda a: 2 * a / (1 + a * a),
    ),
}


# where a slope is negative: who takes its size must not be right everywhere
FALLING = {
    "math.sin": (1.8, 2.9),
    "lambda a: a * a": (-3, -0.6),
    "lambda a: a**3 - 2 * a": (0.2, 0.6),
}


def slope_script(r: Rng) -> Iterator[Ask]:
    """Every function at a place of its own, with three steps each."""
    yield Ask("import math", scene=None)
    for scene, (code, (f, slope)) in enumerate(SMOOTH.items()):
        # no place twice: who remembers slopes by it is to fare alike on every seed
        x = round(uniform(r, *FALLING.get(code, (0.6, 3))) + scene / 1000, 3)
        for h in (1e-2, 1e-3, 1e-4):
            # |f''| and |f'''| of all of these stay below this; the rest is what floats leave, and
            # whoever prints six digits
            bend, rest = 4 * (abs(f(x)) + abs(slope(x)) + 8), 1e-11 * (1 + abs(f(x))) / h + 6e-7
            counts = {"its error falls as h²": near(slope(x), 0.5 * bend * h * h + rest)}
            if h > 1e-4:  # nor is it a matter of luck whether a rounded slope is near enough
                counts["a slope"] = near(slope(x), bend * h + rest)
            yield Ask(f"slope({code}, x, h)", {"x": x, "h": h}, None, counts, slips(f, x, h), scene)
    yield from across_a_corner(r, len(SMOOTH))


def slips(f: Callable[[float], float], x: float, h: float) -> dict[str, Any]:
    """{idea: what it takes for the slope of f at x, from nudges of h}."""
    right, left, both = f(x + h) - f(x), f(x) - f(x - h), f(x + h) - f(x - h)
    half = (f(x + h / 2) - f(x - h / 2)) / (2 * h)
    up, down = f(x * (1 + h)), f(x * (1 - h))
    two_sided = both / (2 * h)
    ideas: dict[str, Any] = {
        "undivided": one_way(both, right, left, both / 2),
        "sign": one_way(-two_sided, abs(two_sided), (f(x + h) + f(x - h)) / (2 * h)),
        "scale": one_way(
            2 * two_sided, two_sided / 2, half, 2 * half, 4 * half, right / (2 * h), left / (2 * h)
        ),
        "nudge-too-small": partial(drowned, of=f(x)),
        "rounded": partial(cut, right=two_sided),
        "brackets-lost": one_way(
            f(x + h) - f(x - h) / (2 * h), f(x + h) - f(x) / h, (f(x + h) - f(x - h)) / 2 * h
        ),
        "elasticity": one_way(
            (up - down) / (2 * h), (up - f(x)) / h, (up - down) / h, (f(x) - down) / h
        ),
    }
    if not math.isclose(right, left, rel_tol=1e-9):  # on a straight line one side is as good as two
        ideas["finite-difference"] = one_way(right / h, left / h)
    return ideas


def cut(value: Any, right: float) -> bool:
    """The number, rounded or cut after some of its digits."""
    if number(value)[1]:
        return False
    few = next((k for k in range(7) if abs(value - round(value, k)) < 1e-12), None)
    return few is not None and abs(value - right) <= 10.0**-few


def between(low: float, value: Any, high: float) -> bool:
    """One number, also in brackets, as NumPy makes one of an array of one."""
    found, complaint = number(value)
    return not complaint and np.size(found) == 1 and bool(low <= np.max(found) <= high)


WITH_THIS_H = Told(
    lambda value: between(0.2, value, 0.8),
    lambda value: "from x - h to x + h it goes down and up again. Is it this h that you nudge by?",
)


def across_a_corner(r: Rng, scene: int) -> Iterator[Ask]:
    """|a| nearer to its corner than h: who nudges by h has a foot on either side.

    A slope of x/h comes of it, of twice as much with half of h, of somewhat more with four points;
    and of 1 where the h that was asked for is not used.
    """
    for h in (0.1, 0.01):
        x = 0.3 * h
        yield Ask(
            "slope(abs, x, h)", {"x": x, "h": h}, None,
            {"its error falls as h²": WITH_THIS_H}, slips(abs, x, h), scene,
        )  # fmt: skip


def near(right: float, within: float) -> Any:
    """A number no further off than `within`."""

    def says(value: Any) -> str:
        found, complaint = number(value)
        if complaint:
            return complaint.rstrip(".")
        if np.size(found) != 1:
            return f"an array of shape {np.shape(found)} came, a single number is expected"
        told = relation(float(np.max(found)), right, abs(right))
        if told.startswith("it"):
            return told
        more = ", by more than a difference with this h has to be"
        return f"it is {told}{more if told.startswith(('too', 'a little')) else ''}"

    return Told(lambda value: between(right - within, value, right + within), says)


slope = Behaviour(
    id="ps1.slope",
    points=3,
    signature="slope(f, x: float, h: float) -> float",
    task="The two-sided difference: an estimate of f's slope at x whose error falls as h².",
    checks={"a slope": 1, "its error falls as h²": 2},
    script=slope_script,
    ideas=("undivided", "finite-difference", "brackets-lost", "elasticity"),
    look="Run it on f = lambda a: a**3 at x = 1 with h = 0.5, and work out by hand what each part "
    "of your line comes to.",
)


def L_of(a: Any, b: Any, c: Any, f: Any) -> Any:
    e = (a * b).named("e")
    d = (c + e).named("d")
    return (d * f).named("L")


SEVEN = ("L", "d", "f", "c", "e", "a", "b")

seven_gradients = Exercise(
    id="ps1.seven_gradients",
    points=3,
    signature="seven_gradients = {'L': dL/dL, 'd': dL/dd, …, 'b': dL/db}",
    task="All gradients of L = (ab + c)f at a = 2, b = −3, c = 10, f = −2, by hand.",
    fixed={"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0},
    forward=L_of,
    wrt=SEVEN,
    returns=SEVEN,
    form="dict",
    ideas=("mul-not-switched", "no-upstream", "chain-added", "sign"),
)

grad_L = Exercise(
    id="ps1.grad_L",
    points=3,
    signature="grad_L(a: float, b: float, c: float, f: float)"
    " -> (da: float, db: float, dc: float, df: float)",
    task="L = (ab + c)f. Return its gradients.",
    inputs=lambda r, trial: turned(r, trial, 0.5, 4, *"abcf"),
    forward=L_of,
    wrt=("a", "b", "c", "f"),
    ideas=("no-upstream", "mul-not-switched", "sign"),
)

grad_J = Exercise(
    id="ps1.grad_J",
    points=2,
    signature="grad_J(a: float, b: float, c: float) -> (da: float, db: float, dc: float)",
    task="J = 3(a + bc). Return its gradients.",
    inputs=lambda r, trial: turned(r, trial, 0.5, 4, *"abc"),
    forward=lambda a, b, c: 3.0 * (a + b * c),
    wrt=("a", "b", "c"),
    ideas=("no-upstream", "mul-not-switched", "elasticity"),
)


def y_of(x: Any) -> Any:
    h1 = (x**2).named("h1")
    h2 = bp.exp(h1).named("h2")
    return 1.0 / h2


chain = Exercise(
    id="ps1.chain",
    points=4,
    signature="chain(x: float) -> {'h2': dy/dh2, 'h1': dy/dh1, 'x': dy/dx}",
    task="h1 = x², h2 = e^h1, y = 1/h2. Return the whole backward pass.",
    inputs=lambda r, trial: turned(r, trial, 0.7, 1.4, "x"),
    forward=y_of,
    wrt=("h2", "h1", "x"),
    returns=("h2", "h1", "x"),
    form="dict",
    credit=(1, 1, 2),
    ideas=(
        "recip-minus",
        "recip-square",
        "value-for-derivative",
        "chain-added",
        "output-for-input",
    ),
)

EXERCISES = (nudges, slope, seven_gradients, grad_L, grad_J, chain)
