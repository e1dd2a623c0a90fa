"""Figures of descent: their artists hold the trajectories' numbers, their words do not collide."""

import re
import subprocess
import sys

import numpy as np
import pytest

from backpropkit import figures
from backpropkit.descent import (
    Surface,
    banana,
    bowl,
    descend,
    double_well,
    four_valleys,
    parabola,
    saddle,
    sunken_parabola,
    three_walls,
)
from backpropkit.figures.canvas import STYLES

VALLEY_STARTS = [(0.2, 1.2), (-0.6, 1.2), (-0.6, -1.6), (0.4, -1.6)]
CASES = {
    "bowl": [descend(bowl, rate) for rate in (0.02, 0.1, 0.18, 0.21)],
    "parabola": [descend(parabola, rate, 20) for rate in (0.1, 0.9, 1.0, 1.05)],
    "wells": [descend(double_well, 0.05, start=start) for start in (-1.6, 0.1, 0.2, 1.5)],
    "two that diverge": [descend(double_well, rate, 30, 1.6) for rate in (0.05, 0.2, 0.3, 0.45)],
    "valleys": [descend(four_valleys, 0.01, 60, start) for start in VALLEY_STARTS],
    "rules": [descend(sunken_parabola, 0.05, 60, rule=r) for r in ("descent", "sign of J")],
    "ascent": [descend(bowl, 0.1, rule="ascent")],
    "one": [descend(double_well, 0.05)],
    "walls": [descend(three_walls, rate) for rate in (0.05, 0.2, 0.42)],
    "momentum": [descend(banana, 0.001, 300, momentum=m) for m in (0.0, 0.5, 0.9)],
    "heavy": [descend(bowl, rate, momentum=0.5) for rate in (0.05, 0.2, 0.31)],
    "saddle": [descend(saddle, 0.1, 40, (-1.8, w2)) for w2 in (0.0, 0.05, -0.05)],
    "six": [descend(bowl, 0.1, start=(k - 4.0, 1.0)) for k in range(6)],
    "no minima": [descend(Surface("Cosine", "J = cos w", np.cos, ((0.0, 6.0),), start=0.5), 0.2)],
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def runs(request):
    return request.param


def drawn(picture, gid):
    """The data of the artists of one kind, in the order they were drawn."""
    return [line.get_xydata() for axes in picture.axes for line in axes.get_lines()
            if line.get_gid() == gid]  # fmt: skip


def on_the_ground(run):
    return run.points if run.points.ndim == 2 else np.column_stack([run.points, run.losses])


def test_every_step_of_every_run_is_drawn_where_it_was(runs):
    shown = drawn(figures.descent(runs), "run")
    assert len(shown) == len(runs)
    for data, run in zip(shown, runs, strict=True):
        np.testing.assert_array_equal(data, on_the_ground(run)[: run.left])


def test_losses_stand_above_the_lowest_minimum_step_by_step(runs):
    minima = runs[0].surface.minima
    lowest = min(map(runs[0].surface.height, minima), default=0.0)
    for data, run in zip(drawn(figures.descent(runs), "loss"), runs, strict=True):
        np.testing.assert_array_equal(data[:, 0], np.arange(len(run.losses)))
        height = run.losses - lowest
        positive = height > 0 if minima else np.full(height.shape, True)
        np.testing.assert_array_equal(data[positive, 1], height[positive])
        assert np.isnan(data[~positive, 1]).all()


def test_starts_are_ringed_and_minima_starred(runs):
    picture = figures.descent(runs)
    for ring, run in zip(drawn(picture, "start"), runs, strict=True):
        np.testing.assert_array_equal(ring[0], on_the_ground(run)[0])
    surface = runs[0].surface
    stars = drawn(picture, "minima")
    assert len(stars) == bool(surface.minima)
    for star, minimum in zip(
        np.concatenate([*stars, np.empty((0, 2))]), surface.minima, strict=True
    ):
        expected = minimum if np.ndim(minimum) else (minimum, surface.height(minimum))
        np.testing.assert_array_equal(star, expected)


def test_minima_and_steps_in_the_frame_lie_inside_the_panel(runs):
    ground = figures.descent(runs).axes[0]
    (left, right), (low, high) = ground.get_xlim(), ground.get_ylim()
    points = [on_the_ground(run)[[run.surface.inside(w) for w in run.points]] for run in runs]
    for x, y in np.concatenate([*points, *drawn(figures.descent(runs), "minima")]):
        assert left <= x <= right and low <= y <= high


def test_a_diverging_run_stops_at_the_frame_and_says_so():
    picture = figures.descent(CASES["bowl"])
    run = CASES["bowl"][3]
    (cross,) = drawn(picture, "cross")
    # from (−4·0.79⁴, 1.5·1.1⁴) in a straight line to the next point, as far as w₂ = −2.3
    before, after = [np.array([-4 * 0.79**n, 1.5 * (-1.1) ** n]) for n in (4, 5)]
    share = (before[1] + 2.3) / (before[1] - after[1])
    np.testing.assert_allclose(cross[0], before + share * (after - before), rtol=1e-12)
    (label,) = [t.get_text() for t in picture.legends[0].get_texts() if "0.21" in t.get_text()]
    assert label == "η = 0.21: diverges, leaves the frame at step 5"
    assert "diverges" in [t.get_text() for t in picture.axes[0].texts]
    assert drawn(figures.descent(CASES["one"]), "cross") == []
    assert run.left == 5


def test_step_sizes_stand_on_a_ruler_with_the_edge():
    picture = figures.descent(CASES["bowl"])
    assert [float(data[0, 0]) for data in drawn(picture, "rate")] == [0.02, 0.1, 0.18, 0.21]
    assert [t.get_text() for t in picture.axes[2].get_xticklabels()] == ["0", "0.1", "0.2"]
    assert len(figures.descent(CASES["wells"]).axes) == 2


def test_the_caption_and_the_legend_state_the_values_shown():
    picture = figures.descent(CASES["bowl"])
    for stated in ("½(w₁² + 10 w₂²)", "start (−4, 1.5)", "40 steps", "2/λmax: 0.2 at (0, 0)"):
        assert stated in picture.caption
    told = [t.get_text() for t in picture.legends[0].get_texts()]
    # (1 − 0.02)⁴⁰ · −4 = −1.783 and ½ · 1.783² = 1.59
    assert told[0] == "η = 0.02: ends at (−1.78, 0), J = 1.59"
    wells = figures.descent(CASES["wells"])
    assert "step size η = 0.05" in wells.caption
    told = [t.get_text() for t in wells.legends[0].get_texts()]
    assert told[1:3] == [
        "from 0.1: ends at w = −1.301, J = −3.51",
        "from 0.2: ends at w = 1.131, J = −1.07",
    ]


def test_momentum_is_told_where_it_differs_and_where_it_does_not():
    told = [t.get_text() for t in figures.descent(CASES["momentum"]).legends[0].get_texts()]
    assert told[0].startswith("no momentum: ends at") and told[2].startswith("momentum 0.9: ")
    assert "momentum 0.5" in figures.descent(CASES["heavy"]).caption


def test_every_run_has_a_colour_and_a_marker_of_its_own():
    assert len({colour for colour, _ in STYLES}) == len({marker for _, marker in STYLES}) == 6
    lines = [
        line for line in figures.descent(CASES["six"]).axes[0].lines if line.get_gid() == "run"
    ]
    assert [(line.get_color(), line.get_marker()) for line in lines] == list(STYLES)


# --- words on the page -------------------------------------------------------------------------


def test_no_two_words_overlap_and_none_leaves_the_page(runs, tidy):
    tidy(figures.descent(runs))


def test_a_notebook_shows_one_picture_with_a_text_alternative():
    html = figures.descent(CASES["one"])._repr_html_()
    assert html.count("<img") == 1
    (alternative,) = re.findall(r'alt="([^"]*)"', html)
    assert alternative.startswith("Double well, J = w⁴ − 3w² + w: 40 steps, start 0.1")


def test_drawing_leaves_nothing_behind():
    code = (
        "import sys, matplotlib, backpropkit as bp\n"
        "picture = bp.figures.descent(bp.descent.descend(bp.descent.bowl, 0.1))\n"
        "picture._repr_html_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "now = dict(matplotlib.rcParams, backend=None)\n"
        "matplotlib.rcdefaults()\n"
        "assert now == dict(matplotlib.rcParams, backend=None)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 7])
def test_a_figure_shows_one_to_six_runs(count):
    with pytest.raises(ValueError, match=f"shows 1 to 6 runs, and was given {count}"):
        figures.descent([descend(parabola, 0.1)] * count)


def test_a_figure_shows_runs_on_one_surface():
    with pytest.raises(ValueError, match="runs on one surface, and was given Parabola, Bowl"):
        figures.descent([descend(parabola, 0.1), descend(bowl, 0.1)])
