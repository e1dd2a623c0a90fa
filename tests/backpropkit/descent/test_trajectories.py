"""Descent against closed forms and the worked cases, which know nothing of this code."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backpropkit as bp
from backpropkit.descent import (
    RULES,
    SURFACES,
    Surface,
    banana,
    bowl,
    descend,
    double_well,
    four_valleys,
    parabola,
    saddle,
    stability_edge,
    sunken_parabola,
    three_walls,
)

DATA = Path(__file__).parents[1] / "engine" / "data" / "worked_cases.json"
EXTRA = {case["id"]: case.get("extra") for case in json.loads(DATA.read_text())}
numbers = st.floats(-5, 5)


@given(rate=st.floats(0.01, 0.99), start=numbers, steps=st.integers(0, 30))
def test_on_the_parabola_every_step_multiplies_the_distance_by_1_minus_2_rate(rate, start, steps):
    run = descend(parabola, rate, steps, start)
    expected = 3 + (start - 3) * (1 - 2 * rate) ** np.arange(steps + 1)
    np.testing.assert_allclose(run.points, expected, rtol=0, atol=1e-13)
    np.testing.assert_allclose(run.losses, (expected - 3) ** 2, rtol=0, atol=1e-12)


@given(rate=st.floats(0.005, 0.22), start=st.tuples(numbers, numbers))
def test_in_the_bowl_each_axis_shrinks_by_its_own_factor(rate, start):
    run = descend(bowl, rate, 15, start)
    n = np.arange(16)[:, None]
    expected = np.array(start) * (1 - rate * np.array([1.0, 10.0])) ** n
    np.testing.assert_allclose(run.points, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(run.losses, 0.5 * expected**2 @ [1.0, 10.0], rtol=1e-10, atol=1e-12)


def test_the_worked_iterates_on_the_parabola():
    run = descend(parabola, rate=0.1, steps=10)
    np.testing.assert_allclose(run.points, EXTRA["001-convex"]["iterates_lr0.1"], rtol=1e-12)


def test_the_worked_losses_in_the_bowl():
    worked = {
        float(name.removeprefix("f_after_20_steps_eps")): loss
        for name, loss in EXTRA["004-gd-quadratic"].items()
        if name.startswith("f_after_20_steps_eps")
    }
    assert len(worked) == 6
    for rate, loss in worked.items():
        run = descend(bowl, rate, steps=20, start=(1.0, 1.0))
        assert run.losses[-1] == pytest.approx(loss, rel=1e-11)


@pytest.mark.parametrize(
    "rule, case",
    [("descent", "descend_200_steps_lr0.05"), ("sign of J", "seed_rule_200_steps_lr0.05")],
)
def test_the_sign_of_J_is_no_direction(rule, case):
    run = descend(sunken_parabola, 0.05, 200, start=2.0, rule=rule)
    w, J = EXTRA["000-sign-rule-counterexample"][case]
    assert run.points[-1] == pytest.approx(w, rel=1e-9)
    assert run.losses[-1] == pytest.approx(J, rel=1e-9)


@pytest.mark.parametrize(
    "start, well", [(-1.9, 0), (-0.5, 0), (0.1, 0), (0.16, 0), (0.18, 1), (0.2, 1), (1.5, 1)]
)
def test_a_start_left_of_the_ridge_ends_left_and_right_of_it_right(start, well):
    ends = sorted(r.real for r in np.roots([4.0, 0.0, -6.0, 1.0]))[:3:2]
    run = descend(double_well, 0.02, 400, start)
    assert run.points[-1] == pytest.approx(ends[well], abs=1e-9)


def test_four_starts_end_in_four_valleys():
    starts = [(0.2, 1.2), (-0.6, 1.2), (-0.6, -1.6), (0.4, -1.6)]
    for start, valley in zip(starts, four_valleys.minima, strict=True):
        run = descend(four_valleys, 0.01, 100, start)
        np.testing.assert_allclose(run.points[-1], valley, atol=1e-6)


def test_ascent_goes_the_opposite_way_of_descent():
    down, up = (descend(double_well, 0.01, 1, 0.5, rule) for rule in ("descent", "ascent"))
    assert down.points[1] - 0.5 == pytest.approx(0.5 - up.points[1])
    assert down.losses[1] < down.losses[0] < up.losses[1]


def test_a_rule_of_ones_own_gets_w_J_gradient_and_rate():
    def timid(w, J, g, rate):
        """Half of a step, and none below J = 1."""
        return w - rate / 2 * g if J > 1 else w

    run = descend(parabola, 0.5, 4, rule=timid)
    np.testing.assert_allclose(run.points, [0.0, 1.5, 2.25, 2.25, 2.25])
    assert run.rule == "timid"


# --- momentum ----------------------------------------------------------------------------------


@given(rate=st.floats(0.01, 0.9), momentum=st.floats(0.0, 0.95), start=numbers)
def test_on_the_parabola_momentum_obeys_its_recurrence(rate, momentum, start):
    # distance d: dₙ₊₁ = (1 − 2η + β) dₙ − β dₙ₋₁, the powers of a 2 × 2 matrix
    run = descend(parabola, rate, 12, start, momentum=momentum)
    turn = np.array([[1 - 2 * rate + momentum, -momentum], [1.0, 0.0]])
    state = np.full(2, start - 3.0)
    for point in run.points:
        assert point - 3 == pytest.approx(state[0], abs=1e-9)
        state = turn @ state


def test_every_run_remembers_only_its_own_steps():
    one, two = (descend(bowl, 0.05, 10, momentum=0.9) for _ in range(2))
    np.testing.assert_array_equal(one.points, two.points)
    assert one.momentum == 0.9 and descend(bowl, 0.05, 1).momentum == 0.0


def test_momentum_is_added_to_any_rule():
    def rest(w, J, g, rate):
        """One step of 1, then none."""
        return w + 1 if w == 0 else w

    run = descend(parabola, 0.1, 3, start=0.0, rule=rest, momentum=0.5)
    np.testing.assert_allclose(run.points, [0.0, 1.0, 1.5, 1.75])


@pytest.mark.parametrize("share, closer", [(0.98, True), (1.02, False)])
def test_momentum_moves_the_edge(share, closer):
    rate = share * stability_edge(bowl, (0.0, 0.0), momentum=0.5)
    assert rate == pytest.approx(share * 0.3)
    run = descend(bowl, rate, 600, momentum=0.5)
    assert bool(run.losses[-1] < run.losses[0]) is closer


def test_momentum_crosses_the_banana_where_plain_descent_creeps():
    plain, heavy = (descend(banana, 0.001, 400, momentum=m) for m in (0.0, 0.9))
    assert heavy.losses[-1] < 0.05 < plain.losses[-1]


def test_on_the_ridge_of_the_saddle_descent_ends_at_the_saddle():
    on, beside = (descend(saddle, 0.1, 200, start=(-1.8, w2)) for w2 in (0.0, 0.01))
    np.testing.assert_allclose(on.points[-1], (0.0, 0.0), atol=1e-12)
    np.testing.assert_allclose(beside.points[-1], (0.0, 1.0), atol=1e-9)


# --- running away ------------------------------------------------------------------------------


def test_a_run_that_leaves_the_frame_for_good_says_when():
    run = descend(bowl, 0.21, 40)
    # |w₂| = 1.5 · 1.1ⁿ passes the frame's 2.3 between n = 4 and n = 5
    assert run.left == 5 and run.diverged
    assert not descend(bowl, 0.19, 40).diverged


def test_one_that_comes_back_has_not_diverged():
    narrow = Surface("narrow", "", lambda w: w**2, frame=((-1.0, 1.0),))
    run = descend(narrow, 0.6, 3, start=0.9, rule=lambda w, J, g, rate: -1.2 if w > 0 else 0.1)
    np.testing.assert_allclose(run.points, [0.9, -1.2, 0.1, -1.2])
    assert run.left == 3
    assert descend(narrow, 0.1, 20, start=-1.5).left is None


def test_a_run_far_away_ends_before_numbers_overflow():
    run = descend(double_well, 0.4, 1000, start=1.7)
    assert run.diverged and len(run.points) < 10 and np.isfinite(run.losses).all()
    assert len(run.losses) == len(run.points)


# --- the surfaces ------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", SURFACES.values(), ids=lambda s: s.name)
def test_minima_are_minima_inside_the_frame(surface):
    assert surface.inside(surface.start)
    for minimum in surface.minima:
        assert surface.inside(minimum)
        here = surface.height(minimum)
        for step in 1e-3 * np.vstack([np.eye(len(surface.frame)), -np.eye(len(surface.frame))]):
            moved = np.asarray(minimum) + (step if len(surface.frame) > 1 else step[0])
            assert surface.height(moved) > here
        slope = bp.grad(surface.function)(minimum)
        np.testing.assert_allclose(slope, 0.0, atol=1e-12)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=lambda s: s.name)
def test_convex_ones_bend_upward_everywhere_and_the_others_downward_somewhere(surface, rng):
    low, high = np.transpose(surface.frame)
    bends = []
    for point in rng.uniform(low, high, (300, len(low))):
        matrix = bp.hessian(surface.function)(point if len(low) > 1 else point[0])
        bends.append(np.linalg.eigvalsh(np.atleast_2d(matrix))[0])
    assert bool(min(bends) >= -1e-9) is surface.convex


def test_there_are_three_convex_and_three_other_surfaces():
    kinds = [surface.convex for surface in SURFACES.values()]
    assert kinds.count(True) >= 3 and kinds.count(False) >= 3


def test_the_minima_of_the_double_well_are_the_worked_ones():
    left, ridge, right = EXTRA["001-nonconvex"]["stationary_points"]
    assert double_well.minima == (left, right)
    assert double_well.height(ridge) > max(map(double_well.height, (ridge - 0.1, ridge + 0.1)))


@pytest.mark.parametrize("surface", SURFACES.values(), ids=lambda s: s.name)
def test_many_heights_at_once_are_the_heights_one_by_one(surface, rng):
    low, high = np.transpose(surface.frame)
    points = rng.uniform(low, high, (7, len(low)))
    one_by_one = [surface.height(p if len(p) > 1 else p[0]) for p in points]
    np.testing.assert_allclose(surface.height(np.squeeze(points.T)), one_by_one, rtol=1e-12)


@pytest.mark.parametrize(
    "surface, at, edge",
    [
        (parabola, 3.0, 1.0),
        (bowl, (0.0, 0.0), 0.2),
        (double_well, -1.3008395659415772, 2 / (12 * 1.3008395659415772**2 - 6)),
        (three_walls, (-0.5 * np.log(2.0), 0.0), 2 / 4.5),
        (banana, (1.0, 1.0), 2 / (501 + np.sqrt(501**2 - 400))),
        (saddle, (0.0, 1.0), 0.5),
        (four_valleys, (3.0, 2.0), 2 / (54 + np.sqrt(20**2 + 10**2 * 4))),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_stability_edge_is_two_over_the_largest_curvature(surface, at, edge):
    # the Hessian of the four valleys at (3, 2) is [[74, 20], [20, 34]]
    assert stability_edge(surface, at) == pytest.approx(edge, rel=1e-12)


def test_on_a_ridge_nothing_is_stable_and_nothing_curves_up():
    assert stability_edge(double_well, 0.0) == np.inf


@pytest.mark.parametrize("surface", [parabola, bowl], ids=lambda s: s.name)
@pytest.mark.parametrize("share, closer", [(0.98, True), (1.02, False)])
def test_below_the_edge_runs_come_closer_and_above_it_they_run_away(surface, share, closer):
    rate = share * stability_edge(surface, surface.minima[0])
    run = descend(surface, rate, 300)
    assert bool(run.losses[-1] < run.losses[0]) is closer


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0, -0.1, np.nan, np.inf])
def test_a_step_size_is_above_zero(rate):
    with pytest.raises(ValueError, match=r"step size is a number above 0.*rule='ascent'"):
        descend(parabola, rate)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, np.nan])
def test_momentum_is_below_one(momentum):
    with pytest.raises(ValueError, match="momentum is a number from 0 up to, not at, 1"):
        descend(parabola, 0.1, momentum=momentum)


def test_an_unknown_rule_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="no rule is called 'up'; there are 'descent', 'ascent'"):
        descend(parabola, 0.1, rule="up")
    assert set(RULES) == {"descent", "ascent", "sign of J"}


@pytest.mark.parametrize("surface, start", [(bowl, 0.3), (parabola, (1.0, 2.0)), (bowl, (1, 2, 3))])
def test_a_start_has_as_many_numbers_as_the_surface(surface, start):
    with pytest.raises(ValueError, match=r"starts from \d number\(s\), and was given"):
        descend(surface, 0.1, start=start)


# --- compiled where a surface is the same everywhere -------------------------------------------


@pytest.mark.parametrize("surface", SURFACES.values(), ids=lambda s: s.name)
@given(place=st.tuples(numbers, numbers))
def test_a_compiled_slope_is_the_recorded_one(surface, place):
    assert surface.straight
    point = np.array(place) if len(surface.frame) == 2 else place[0]
    height, gradient = surface.slope(point)
    expected, recorded = bp.value_and_grad(surface.function)(point)
    assert height == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, recorded, rtol=1e-12, atol=1e-12)


def test_a_function_with_an_if_is_recorded_at_every_step():
    def bent(w):
        return 3.0 * w if w.value > 0 else -w

    surface = Surface("Bent", "J = 3w above 0, −w below", bent, frame=((-2.0, 2.0),), start=0.5)
    run = descend(surface, 0.2, 2)
    np.testing.assert_allclose(run.points, [0.5, -0.1, 0.1])
