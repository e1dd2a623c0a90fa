"""Problem set 4, going downhill: which variables, which way, how far."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.asking.counted import counted
from autograder.asking.wire import describe
from autograder.judge.behaviour import (
    TOLERANCE,
    Ask,
    Behaviour,
    OneWay,
    Told,
    any_of,
    broken_off,
    difference,
    one_way,
    same,
)
from autograder.judge.exercise import Exercise, Inputs, Rng, Values, away, turned, uniform
from autograder.judge.reading import number
from autograder.judge.sentences import relation
from autograder.judge.separating import separating

LEAVES = ("a", "b", "c", "f")
INNER = ("e", "d", "L")


def step_inputs(r: Rng, trial: int) -> Inputs:
    """Values and gradients of every node; all four sign cases of L and of a leaf's gradient.

    Some leaves are held fixed: every one of them is to be moved in some trials, and not in others.
    """
    order = [str(name) for name in r.permutation([*LEAVES, *INNER])]
    params = {name: away(r, 0.5, 4) for name in order}
    grads = {name: away(r, 0.5, 7) for name in order}
    leaves = [name for k, name in enumerate(LEAVES) if trial % 5 != k]
    params["L"] = abs(params["L"]) * (1 if trial % 2 else -1)
    first, *_, last = leaves
    grads[first] = abs(grads[first]) * (1 if trial // 2 % 2 else -1)
    grads[last] = -round(grads[first] * 0.5, 3)
    return {"params": params, "grads": grads, "leaves": leaves, "lr": uniform(r, 0.01, 0.2)}


def moved(inputs: Inputs, rule: Callable[[float, float, float, float], float]) -> Values:
    """The leaves after a step of a rule (p, g, lr, L) -> p."""
    params, grads = inputs["params"], inputs["grads"]
    return {n: rule(params[n], grads[n], inputs["lr"], params["L"]) for n in inputs["leaves"]}


def leaves_are(*wanted: Values) -> OneWay:
    """A dict with one of these values for the leaves, whatever else it holds."""

    def way(values: Values) -> Callable[[Any], bool]:
        return lambda new: same({n: new[n] for n in values}, values)

    return one_way(*map(way, wanted))


def and_more(right: Values) -> Callable[[Any], bool]:
    """A dict with these values, and with more names than these where there are more."""
    return lambda new: len(new) >= len(right) and same({n: new[n] for n in right}, right)


def others_move(old: Values, leaves: Collection[str]) -> Callable[[Any], bool]:
    """Nodes that are no leaves come back with another value."""
    return lambda new: any(n in new and new[n] != old[n] for n in old.keys() - leaves)


def downhill(inputs: Inputs) -> Told:
    old, grads = inputs["params"], inputs["grads"]

    def goes_down(new: Any, n: str) -> bool:
        return bool((new[n] - old[n]) * grads[n] < 0)

    def says(new: Any) -> str:
        odd = of_a_dict(new, inputs["leaves"])
        return odd or next(
            f"{n!r} moves so that L does not become smaller"
            for n in inputs["leaves"]
            if not goes_down(new, n)
        )

    return Told(lambda new: all(goes_down(new, n) for n in inputs["leaves"]), says)


def far_enough(inputs: Inputs) -> Told:
    old = inputs["params"]
    wanted = {n: inputs["lr"] * abs(inputs["grads"][n]) for n in inputs["leaves"]}

    def off(new: Any, n: str) -> float:
        """How much too far a leaf moves; 0 within what rounding leaves of its value."""
        far = abs(new[n] - old[n]) - wanted[n]
        return 0.0 if abs(far) <= TOLERANCE * max(abs(new[n]), abs(old[n])) else far

    def says(new: Any) -> str:
        if odd := of_a_dict(new, inputs["leaves"]):
            return odd
        n = next(n for n in wanted if off(new, n))
        return f"{n!r} {'moves too far' if off(new, n) > 0 else 'does not move far enough'}"

    return Told(lambda new: not any(off(new, n) for n in wanted), says)


def just_these(leaves: Collection[str]) -> Told:
    return Told(lambda new: set(new) == set(leaves), lambda new: of_a_dict(new, leaves, True))


def untouched(old: Values) -> Told:
    """A dict that the learner's code was given is as it was."""
    said = "your code changed it; the new values are asked for in a dict of their own"
    return Told(lambda now: same(now, old), lambda now: said)


def of_a_dict(new: Any, leaves: Collection[str], only: bool = False) -> str:
    """What is wrong with its form, or with its names; "" if nothing."""
    if not isinstance(new, dict):
        return f"a dict with the names of the leaves is expected, not {describe(new)}"
    if lacks := sorted(set(leaves) - set(new)):
        return f"it lacks {', '.join(map(repr, lacks))}"
    more = sorted(set(new) - set(leaves)) if only else []
    among = "is not" if len(more) == 1 else "are not"
    return f"{', '.join(map(repr, more))} {among} among the leaves that were given" if more else ""


# of steps that are wrong in nothing but their length: what stands beside the gradient
LENGTHS: tuple[Callable[[float, float], float], ...] = (
    lambda g, lr: 2 * lr,
    lambda g, lr: lr / 2,
    lambda g, lr: lr * lr,
    lambda g, lr: 1 / lr,
    lambda g, lr: lr / g**2,
    lambda g, lr: lr * abs(g),
)


def of_another_length(
    factor: Callable[[float, float], float], p: float, g: float, lr: float, L: float
) -> float:
    return p - factor(g, lr) * g


def of_one_rate(inputs: Inputs, new: Any) -> bool:
    """The leaves have moved against their gradients, and nothing else has, all at one rate."""
    rates = [(inputs["params"][n] - new[n]) / inputs["grads"][n] for n in inputs["leaves"]]
    return len(new) == len(rates) and rates[0] > 0 and same(rates, [rates[0]] * len(rates))


def step_script(r: Rng) -> Iterator[Ask]:
    for trial in range(10):
        inputs = step_inputs(r, trial)
        old, leaves = inputs["params"], inputs["leaves"]
        lengths = leaves_are(*(moved(inputs, partial(of_another_length, k)) for k in LENGTHS))
        ideas = {
            "ascent": leaves_are(moved(inputs, lambda p, g, lr, L: p + lr * g)),
            "sign-of-loss": leaves_are(
                moved(inputs, lambda p, g, lr, L: p - lr * np.sign(L) * g),
                moved(inputs, lambda p, g, lr, L: p - lr * L * g),
            ),
            "abs-grad": leaves_are(
                moved(inputs, lambda p, g, lr, L: p + lr * abs(g)),
                moved(inputs, lambda p, g, lr, L: p - lr * abs(g)),
            ),
            "updates-intermediates": others_move(old, leaves),
            "more-than-asked": and_more(moved(inputs, lambda p, g, lr, L: p - lr * g)),
            "lr-forgotten": leaves_are(moved(inputs, lambda p, g, lr, L: p - g)),
            "update-for-value": leaves_are(
                moved(inputs, lambda p, g, lr, L: -lr * g),
                moved(inputs, lambda p, g, lr, L: lr * g),
            ),
            "sign-only": leaves_are(
                moved(inputs, lambda p, g, lr, L: p - lr * np.sign(g)),
                moved(inputs, lambda p, g, lr, L: p - lr),
            ),
            "elasticity": leaves_are(
                moved(inputs, lambda p, g, lr, L: p * (1 - lr * g)),
                moved(inputs, lambda p, g, lr, L: p * (1 + lr * g)),
            ),
            "value-for-derivative": leaves_are(moved(inputs, lambda p, g, lr, L: p - lr * p)),
            "brackets-lost": leaves_are(moved(inputs, lambda p, g, lr, L: lr * (p - g))),
            "step-length": one_way(*lengths.values, partial(of_one_rate, inputs)),
        }
        counts = {
            "direction": downhill(inputs),
            "size": far_enough(inputs),
            "leaves only": just_these(leaves),
        }
        rest = {name: value for name, value in inputs.items() if name != "params"}
        yield Ask("params", {"params": old}, "params", {}, {}, trial)
        del rest["grads"]
        yield Ask("grads", {"grads": inputs["grads"]}, "grads", {}, {}, trial)
        yield Ask("step(params, grads, set(leaves), lr)", rest, None, counts, ideas, trial)
        now = old | moved(inputs, lambda p, g, lr, L: p - lr * g)
        yield Ask(
            "params", {}, None, {"leaves only": untouched(old)}, {"input-changed": now}, trial
        )
        yield Ask("grads", {}, None, {"leaves only": untouched(inputs["grads"])}, {}, trial)


step = Behaviour(
    id="ps4.step",
    points=3,
    signature="step(params: dict, grads: dict, leaves: set, lr: float) -> dict",
    task="One step of gradient descent on L: the new values of the leaves, and of nothing else.",
    checks={"direction": 1, "size": 1, "leaves only": 1},
    beside=("leaves only",),
    script=step_script,
    ideas=(
        "ascent",
        "sign-of-loss",
        "abs-grad",
        "updates-intermediates",
        "lr-forgotten",
        "update-for-value",
        "sign-only",
        "step-length",
    ),
)

goal_steps = Exercise(
    id="ps4.goal_steps",
    points=2,
    signature="goal_steps(p: float, g: float, lr: float) -> (maximise: float, minimise: float)",
    task="p after one step to make the output larger, and after one to make it smaller.",
    inputs=lambda r, trial: {
        **turned(r, trial, 0.5, 4, "p", "g"),
        "lr": uniform(r, 0.05, 0.3),
    },
    truth=lambda p, g, lr: {"maximise": p + lr * g, "minimise": p - lr * g},
    returns=("maximise", "minimise"),
    wrong={
        "ascent": lambda p, g, lr: [{"maximise": p - lr * g, "minimise": p + lr * g}],
        "abs-grad": lambda p, g, lr: [{"maximise": p + lr * abs(g), "minimise": p - lr * abs(g)}],
        "lr-forgotten": lambda p, g, lr: [{"maximise": p + g, "minimise": p - g}],
        "update-for-value": lambda p, g, lr: [{"maximise": lr * g, "minimise": -lr * g}],
        "sign-only": lambda p, g, lr: [
            {"maximise": p + lr * np.sign(g), "minimise": p - lr * np.sign(g)},
            {"maximise": p + lr, "minimise": p - lr},
        ],
        "elasticity": lambda p, g, lr: [
            {"maximise": p * (1 + lr * g), "minimise": p * (1 - lr * g)}
        ],
        "name-overwritten": lambda p, g, lr: [{"maximise": p}, {"minimise": p}],
        "step-length": lambda p, g, lr: [
            *({"maximise": p + k(g, lr) * g, "minimise": p - k(g, lr) * g} for k in LENGTHS),
            {"maximise": p + lr * g * g, "minimise": p - lr * g * g},
        ],
    },
    ideas=("ascent", "abs-grad", "lr-forgotten", "update-for-value", "sign-only"),
    look="Draw a line of slope g through p. On which side of p is it higher, how long is a step, "
    "and where does each of the two begin?",
    inseparable={"sign-of-loss": "no loss is given whose sign could be used"},
)

HILLS: dict[str, Callable[[float], float]] = {  # the gradients of two losses, as text and to call
    "lambda w: 2 * (w - 3)": lambda w: 2 * (w - 3),
    "lambda w: 4 * w**3 - 6 * w + 1": lambda w: 4 * w**3 - 6 * w + 1,
}


def path(grad: Callable[[float], float], w: float, lr: float, n: int, way: float = -1.0) -> Any:
    """Where n steps of descent (or ascent) lead, from the start on."""
    found = [w]
    for _ in range(n):
        w = w + way * lr * grad(w)
        found.append(w)
    return np.array(found)


def stale_paths(grad: Callable[[float], float], w0: float, lr: float, n: int) -> list[Any]:
    """Steps with the gradient of where one was (the start, or one step late), or all of them from
    the start on, with the gradient there or where one is."""
    at_start, late, again = [w0], [w0], [w0]
    for k in range(n):
        at_start.append(at_start[-1] - lr * grad(w0))
        late.append(late[-1] - lr * grad(late[max(k - 1, 0)]))
        again.append(w0 - lr * grad(again[-1]))
    same_step = np.full(n + 1, again[1])
    same_step[0] = w0
    return [np.array(at_start), np.array(late), np.array(again), same_step]


def sign_of(grad: Callable[[float], float], w: float) -> float:
    return float(np.sign(grad(w)))


def other_lengths(grad: Callable[[float], float], w0: float, lr: float, n: int) -> list[Any]:
    """Steps that lead downhill, and are too long, too short, or shrink on the way."""
    found = [path(grad, w0, times * lr, n) for times in (2.0, 0.5, lr)]
    steps = np.arange(n)
    for rates in (lr / (steps + 1), lr * 0.9**steps, lr * 0.5**steps):
        w = [w0]
        for rate in rates:
            w.append(w[-1] - rate * grad(w[-1]))
        found.append(np.array(w))
    return found


def in_whole_numbers(grad: Callable[[float], float], w0: float, lr: float, n: int) -> Any:
    """The steps of somebody whose array holds whole numbers."""
    w = [float(int(w0))]
    for _ in range(n):
        w.append(float(int(w[-1] - lr * grad(w[-1]))))
    return np.array(w)


def starts_at(w0: float, length: int) -> Told:
    def says(w: Any) -> str:
        found, complaint = number(w)
        if complaint or np.ndim(found) != 1:
            shape = f"shape {np.shape(found)} came" if np.ndim(found) else "a single number came"
            return complaint.rstrip(".") or f"{shape}, an array of {length} numbers is expected"
        if len(found) != length:
            came = counted(len(found), "number")
            return f"{came} came, {length} are expected: the start, and every place after a step"
        return "its first number is not the start"

    return Told(lambda w: len(w) == length and same(w[0], w0), says)


def along(right: Any, *others: Any) -> Told:
    """The right path, or with a place too many or too few: that is what another check is about."""

    def says(w: Any) -> str:
        found, complaint = number(w)
        if complaint or np.shape(found) != right.shape:
            return difference(w, right)
        k = next(k for k in range(len(right)) if not same(found[k], right[k]))
        told = relation(found[k], right[k], float(np.max(np.abs(right))))
        so_far = f"it is right up to place {k - 1}; in place {k} " if k else "in place 0 "
        return so_far + (told if told.startswith("it") else f"it is {told}")

    return Told(any_of(right, *others), says)


def descend_script(r: Rng) -> Iterator[Ask]:
    hills = list(HILLS.items())
    # on either hill to the left of a minimum and to the right of one, and where it is nearly flat:
    # who is wrong on one side, or where a slope is above 1 or 5 (on the first), or grows on the way
    # (on the fourth), is so on every seed
    starts = [3 - uniform(r, 2.7, 5), -uniform(r, 0.3, 1.1)]
    starts += [3 + uniform(r, 0.7, 3), uniform(r, 0.3, 0.6)]
    starts += [3 - uniform(r, 0.2, 0.4), uniform(r, 1.3, 2)]
    # and at a minimum: who stops where the slope is small is a few places short
    for scene, ((code, grad), w0) in enumerate(zip(hills * 4, [*starts, 3.0], strict=False)):
        lr, n = uniform(r, 0.01, 0.05), int(r.integers(3, 6))
        right = path(grad, w0, lr, n)
        counts = {
            "length and start": starts_at(w0, n + 1),
            "every value": along(right, right[1:], right[:-1], path(grad, w0, lr, n + 1)),
        }
        stops = broken_off(right, 1 if abs(grad(w0)) < 1 else 2)  # where it is flat, at once
        half = {"length and start": any_of(counts["every value"], stops), "every value": stops}
        ideas = {
            "ascent": path(grad, w0, lr, n, 1.0),
            "old-slope": one_way(*stale_paths(grad, w0, lr, n)),
            "lr-forgotten": path(grad, w0, 1.0, n),
            "update-for-value": one_way(
                np.diff(right), [w0, *np.diff(right)], [0.0, *np.diff(right)],
                [grad(w) for w in right], [grad(w) for w in right[:-1]],
            ),
            "history-length": one_way(
                right[1:], right[:-1], path(grad, w0, lr, n + 1), right[-1], right[-1:],
                [w0, *right[:-1]], [*right[:-1], 0.0], [*right[1:], right[-1]], [*right[1:], 0.0],
            ),
            "parts-swapped": right[::-1],
            "step-length": one_way(*other_lengths(grad, w0, lr, n)),
            "sign-only": path(partial(sign_of, grad), w0, lr, n),
            "rounded": one_way(in_whole_numbers(grad, w0, lr, n), np.trunc(right)),
        }  # fmt: skip
        args = {"w0": w0, "lr": lr, "n": n}
        yield Ask(f"descend({code}, w0, lr, n)", args, None, counts, ideas, scene, half)


descend = Behaviour(
    id="ps4.descend",
    points=3,
    signature="descend(grad, w0: float, lr: float, n: int) -> array (n + 1,)",
    task="n steps of gradient descent from w0: the start and every place after it.",
    checks={"length and start": 1, "every value": 2},
    script=descend_script,
    ideas=(
        "ascent",
        "old-slope",
        "lr-forgotten",
        "update-for-value",
        "history-length",
        "step-length",
    ),
)

RIDGE = 0.169938  # where w⁴ − 3w² + w is highest between its minima
LEFT, RIGHT = -1.300840, 1.130901


def valley(w: float) -> float:
    return LEFT if w < RIDGE else RIGHT


HEIGHTS = np.roots([1, 0, -3, 1, 0]).real  # where the loss is 0


def where_the_loss_is_zero(w: float) -> float:
    """Where descent for L > 0 and ascent for L < 0 come to rest: the next zero downhill of |L|."""
    sign = np.sign(w**4 - 3 * w**2 + w) * np.sign(4 * w**3 - 6 * w + 1)
    return float(min((z for z in HEIGHTS if (z - w) * sign <= 0), key=lambda z: abs(z - w)))


def at_rest(w0: float) -> Told:
    """The minimum that is reached from w0, to three decimals."""

    def says(w: Any) -> str:
        found, complaint = number(w)
        if complaint or np.ndim(found):
            return complaint.rstrip(".") or f"a single number is expected, not {describe(w)}"
        if min(abs(w - v**4 + 3 * v**2 - v) for v in (LEFT, RIGHT)) <= 2e-3:
            return "that is how deep the valley is, and the place where it is deepest is asked for"
        if min(abs(w - LEFT), abs(w - RIGHT)) <= 2e-3:
            return "it is a minimum of J, but from here descent does not get there"
        if abs(4 * w**3 - 6 * w + 1) > 0.02:
            return "the slope of J is not 0 there, so descent would go on"
        return "J is flat there, but it is no minimum"

    return Told(lambda w: abs(w - valley(w0)) <= 2e-3, says)


# slopes of J with a slip in them, as their coefficients
SLIPS: dict[str, tuple[tuple[float, ...], ...]] = {
    "exponent-lost": ((4, 0, -3, 1), (1, 0, -6, 1), (1, 0, -3, 1)),
    "term-lost": ((4, 0, -6, 0), (4, 0, 0, 1), (-6, 1)),
    "value-for-derivative": ((4, 0, -5, 0),),
    "sign": ((4, 0, -6, -1), (4, 0, 6, 1), (4, 0, 6, -1)),
}


def comes_to_rest(slope: Sequence[float]) -> Callable[[float], float]:
    """Where descent along this slope ends; nan where it never does."""
    flat = np.roots(slope)
    flat = np.sort(flat[np.isreal(flat)].real)
    rising = flat[np.polyval(np.polyder(slope), flat) > 0]

    def ends(w: float) -> float:
        way = -np.sign(np.polyval(slope, w))
        ahead = [z for z in rising if (z - w) * way > 0]
        return float(min(ahead, key=lambda z: abs(z - w), default=np.nan))

    return ends


SLIPPED = {id: [comes_to_rest(slope) for slope in slopes] for id, slopes in SLIPS.items()}


def about(place: float) -> Callable[[Any], bool]:
    return lambda w: bool(abs(w - place) <= 2e-3)


def parted_at(ridge: float) -> Callable[[float], float]:
    return lambda w: LEFT if w < ridge else RIGHT


OPINIONS: dict[str, Callable[[float], float]] = {  # where one ends, according to those who guess
    "a ridge at 0": parted_at(0.0),
    "a ridge at 0.25": parted_at(0.25),
    "the nearer minimum": parted_at((LEFT + RIGHT) / 2),
    "the one further away": lambda w: LEFT + RIGHT - parted_at((LEFT + RIGHT) / 2)(w),
    "the lower one": lambda w: LEFT,
    "the right one": lambda w: RIGHT,
    "the other one": lambda w: LEFT + RIGHT - valley(w),
    "where the loss is 0": where_the_loss_is_zero,
    "a ridge a little to the left": parted_at(RIDGE - 0.012),
    "a ridge a little to the right": parted_at(RIDGE + 0.012),
}


def minimum_script(r: Rng) -> Iterator[Ask]:
    def draw() -> float:
        """Half of them close to the ridge, never on it: there opinions part.

        None so far out that a first step of 0.1 leaps over the ridge: "small" is not more exact.
        """
        if r.random() < 0.5:
            return round(r.uniform(0.3, 1.8), 2) * (1 if r.random() < 0.5 else -1)
        return round(RIDGE + r.uniform(0.004, 0.01) * (1 if r.random() < 0.5 else -1), 4)

    starts = [uniform(r, *ends) for ends in ((-1.8, -1.4), (-1.2, -0.3), (1.3, 1.8))]
    starts += separating(draw, valley, OPINIONS, 3)
    for scene, w0 in enumerate(starts):
        counts = {"all six starts": at_rest(w0)}
        # an opinion about a place, not a number: anything near it counts
        ideas: dict[str, Any] = {
            "sign-of-loss": lambda w, w0=w0: abs(w - where_the_loss_is_zero(w0)) <= 0.05,
        }
        for id, ways in SLIPPED.items():
            ideas[id] = one_way(*(about(ends(w0)) for ends in ways))
        yield Ask("which_minimum(w0)", {"w0": w0}, None, counts, ideas, scene)


which_minimum = Behaviour(
    id="ps4.which_minimum",
    points=2,
    signature="which_minimum(w0: float) -> float",
    task="J = w⁴ − 3w² + w: the minimum that gradient descent with small steps reaches from w0.",
    checks={"all six starts": 2},
    script=minimum_script,
    look="Put your number into J's slope, and a number a little to either side of it: a minimum "
    "has slope 0, falls on its left, rises on its right. And draw J: what lies between w0 and it?",
    ideas=("sign-of-loss",),
)


def bowl(r: Rng, trial: int) -> Inputs:
    """A symmetric positive definite matrix whose largest eigenvalue is no round number.

    It stands clear of the others, and its direction is not at right angles to (1, 1, …), so that
    those who multiply by A again and again find it too.
    """
    n = 2 + trial % 4
    while True:
        turn = np.linalg.qr(r.normal(size=(n, n)))[0]
        A = np.round(turn @ np.diag(r.uniform(0.4, 6, n)) @ turn.T, 3)
        A = (A + A.T) / 2
        values, directions = np.linalg.eigh(A)
        if values[-2] < 0.9 * values[-1] and abs(directions[:, -1].sum()) > 0.2:
            return {"A": A}


def wrong_limits(A: Any) -> dict[str, list[float]]:
    """{idea: what it takes for the limit}."""
    lam = np.linalg.eigvalsh(A)
    rows, size = np.abs(A).sum(axis=1), float(np.linalg.norm(A))
    mean, spread, det = lam.mean(), lam[-1] - lam[0], np.linalg.det(A)
    return {
        "no-overshoot": [1 / lam[-1]],
        "fastest-step": [2 / (lam[0] + lam[-1]), 1 / (lam[0] + lam[-1])],
        "other-eigenvalue": [
            2 / lam[0], 1 / lam[0], 2 / mean, 1 / mean, 2 / spread, 1 / spread,
            2 / lam[-2],
        ],
        "entries-for-eigenvalues": [
            2 / np.diag(A).max(), 1 / np.diag(A).max(), 2 / np.diag(A).min(), 2 / np.abs(A).max(),
            2 / A.max(), 1 / np.abs(A).max(), 2 / A[0, 0], 1 / A[0, 0],
        ],
        "bound-for-limit": [
            k / x for k in (1, 2) for x in (np.trace(A), size, rows.max(), rows.sum())
        ],
        "limit-scaling": [
            lam[-1] / 2, 2 * lam[-1], lam[-1], 2 * lam[0], 2 / lam[-1] ** 2, 1 / lam[-1] ** 2,
            2 / np.sqrt(lam[-1]), 1 / np.sqrt(lam[-1]), 2 / det, 1 / det,
        ],
    }  # fmt: skip


def limit_of(id: str) -> Callable[..., list[Values]]:
    return lambda A: [{"lr": float(x)} for x in wrong_limits(A)[id]]


LIMITS = (
    "no-overshoot", "fastest-step", "other-eigenvalue", "entries-for-eigenvalues",
    "bound-for-limit", "limit-scaling",
)  # fmt: skip

max_lr = Exercise(
    id="ps4.max_lr",
    points=3,
    signature="max_lr(A: (n, n)) -> lr: float",
    task="f = xᵀAx/2 with A symmetric positive definite: the supremum of the stable step sizes.",
    inputs=bowl,
    truth=lambda A: {"lr": 2 / float(np.linalg.eigvalsh(A)[-1])},
    returns=("lr",),
    form="alone",
    wrong={id: limit_of(id) for id in LIMITS},
    ideas=(*LIMITS, "scale"),
    look="Let descent run on f from any x, with a little less than your lr and with a little more. "
    "Does x go to 0 with the one, and not with the other?",
)

EXERCISES = (step, goal_steps, descend, which_minimum, max_lr)
