"""Figures of slopes, sweeps, paths and matrices against closed forms; words that do not lie."""

import re

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import EngineError, figures, var
from backpropkit.descent import Surface, banana, bowl, descend, four_valleys, parabola


def drawn(picture, gid):
    """The data of the lines of one kind, in the order they were drawn."""
    return [line.get_xydata() for axes in picture.axes for line in axes.get_lines()
            if line.get_gid() == gid]  # fmt: skip


def fork():
    """L = (a − 1)² + ab with a = uh, b = vh, h = wx: three paths from w."""
    x, w, u, v = (var(value, n) for value, n in ((0.8, "x"), (0.5, "w"), (-0.3, "u"), (0.9, "v")))
    h = (w * x).named("h")
    a, b = (u * h).named("a"), (v * h).named("b")
    return ((a - 1.0) ** 2 + a * b).named("L"), w


K = [[2.0, 0.5, 0.3], [0.5, 1.5, -0.2], [0.3, -0.2, 1.0]]


def logdet():
    matrix = var(K, "K")
    return bp.logdet(matrix).named("L"), matrix


def large():
    W = var(np.random.default_rng(1).normal(size=(6, 9)), "W")
    return bp.sum(bp.tanh(W) ** 2).named("L"), W


PICTURES = {
    "secant": lambda: figures.secant(lambda a: a**3, 2.0, (1.5, 1.0, 0.5, 0.1), name="a³"),
    "six secants": lambda: figures.secant(bp.sin, 1.0, (3, 2, 1, -1, -2, -3), name="sin a"),
    "ln": lambda: figures.secant(bp.log, 2.0, (-1.0, 1.5), name="ln a"),
    "errors": lambda: figures.errors(lambda a: a**3, 2.0, name="a³"),
    "errors of a line": lambda: figures.errors(lambda a: 3.0 * a, 5.0, name="3a"),
    "sweep": lambda: figures.rates(bowl),
    "three sweeps": lambda: figures.rates(four_valleys, (10, 40, 160)),
    "heavy sweep": lambda: figures.rates(banana, [100], momentum=0.9),
    "paths": lambda: figures.paths(*fork()),
    "one path": lambda: figures.paths(*(lambda s: ((2.0 * s).named("L"), s))(var(-1.0, "s"))),
    "entries": lambda: figures.entries(*logdet()),
    "together": lambda: figures.entries(*logdet(), together=True),
    "large": lambda: figures.entries(*large()),
}


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES.keys())
def test_no_two_words_overlap_and_none_leaves_the_page(make, tidy):
    tidy(make())


# --- slopes ------------------------------------------------------------------------------------


def test_secants_and_tangent_of_a_square_have_the_slopes_of_the_algebra():
    picture = figures.secant(lambda a: a**2, 5.0, (2.0, 1.0, 0.5), name="a²")
    lines = [*drawn(picture, "secant"), *drawn(picture, "tangent")]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in lines]
    assert slopes == pytest.approx([12.0, 11.0, 10.5, 10.0])  # 2a + h, and 2a
    for (x, y), h in zip(np.concatenate(drawn(picture, "end")), (2.0, 1.0, 0.5), strict=True):
        assert (x, y) == pytest.approx((5 + h, (5 + h) ** 2))
    assert "12 (h = 2), 11 (h = 1), 10.5 (h = 0.5); the tangent has 10." in picture.caption


def test_errors_fall_like_h_and_like_h_squared():
    one, two = drawn(figures.errors(lambda a: a**3, 2.0), "error")
    for points, exact in ((one, lambda h: 6 * h + h**2), (two, lambda h: h**2)):
        h, error = points[points[:, 0] >= 1e-3].T
        np.testing.assert_allclose(error, exact(h), rtol=1e-4)


def test_a_line_has_no_error_but_rounding_and_is_told_so():
    assert "all of this is rounding" in figures.errors(lambda a: 3.0 * a, 5.0).caption
    assert "rounding takes over" in figures.errors(bp.exp, 1.0).caption


# --- sweeps ------------------------------------------------------------------------------------


def test_a_sweep_shows_where_each_run_stands():
    rates = [0.1, 0.3, 0.5, 0.9, 1.4]
    (sweep,) = drawn(figures.rates(parabola, [6], rates=rates), "sweep")
    # each step multiplies the distance, 3 at first, by 1 − 2η; with 1.4 the run leaves the frame
    expected = [9 * (1 - 2 * rate) ** 12 for rate in rates]
    np.testing.assert_allclose(sweep[[0, 1, 3], 1], np.array(expected)[[0, 1, 3]], rtol=1e-9)
    assert sweep[2, 1] == 1e-16 and np.isnan(sweep[4, 1])


def test_one_long_run_tells_the_short_ones_too():
    ten, forty = drawn(figures.rates(bowl, (10, 40), rates=[0.05, 0.15]), "sweep")
    for k, rate in enumerate((0.05, 0.15)):
        assert ten[k, 1] == pytest.approx(descend(bowl, rate, 10).losses[-1])
        assert forty[k, 1] == pytest.approx(descend(bowl, rate, 40).losses[-1])


def test_the_caption_names_the_best_step_size():
    caption = figures.rates(bowl, [20], rates=[0.01, 0.05, 0.1, 0.3]).caption
    assert "smallest after 20 steps at η = 0.1, 0.12" in caption  # ½ · 16 · 0.9⁴⁰
    assert "2/λmax: 0.2." in caption
    assert "every run diverges" in figures.rates(bowl, [20], rates=[0.5]).caption


# --- paths -------------------------------------------------------------------------------------


def bars(picture, gid):
    return [patch for patch in picture.axes[0].patches if patch.get_gid() == gid]


def test_every_path_begins_where_the_last_one_ended_and_the_sum_is_the_gradient():
    L, w = fork()
    picture = figures.paths(L, w)
    paths = bars(picture, "path")
    # h = 0.4, a = −0.12, b = 0.36: 2(a − 1)·u·x, b·u·x, a·v·x
    by_hand = [2 * -1.12 * -0.3 * 0.8, 0.36 * -0.3 * 0.8, -0.12 * 0.9 * 0.8]
    assert sorted(bar.get_width() for bar in paths) == pytest.approx(sorted(by_hand))
    end = 0.0
    for bar in paths:
        assert bar.get_x() == pytest.approx(end)
        end += bar.get_width()
    (total,) = bars(picture, "sum")
    assert total.get_width() == pytest.approx(end) == pytest.approx(sum(by_hand))
    assert "is the sum over 3 paths from w to L" in picture.caption
    assert [bool(bar.get_hatch()) for bar in paths] == [bar.get_width() < 0 for bar in paths]


# --- matrices ----------------------------------------------------------------------------------


def maps(picture):
    return [mesh.get_array() for axes in picture.axes for mesh in axes.collections]


def test_the_maps_are_the_matrix_its_inverse_and_the_gap():
    value, rule, nudged, gap = maps(figures.entries(*logdet(), h=1e-5))
    np.testing.assert_array_equal(value, K)
    np.testing.assert_allclose(rule, np.linalg.inv(K).T, rtol=1e-12)
    np.testing.assert_allclose(nudged, rule, atol=1e-4)
    np.testing.assert_allclose(gap, nudged - rule, atol=1e-15)
    together = maps(figures.entries(*logdet(), together=True))[1]
    np.testing.assert_allclose(together, 2 * rule - np.diag(np.diag(rule)), rtol=1e-12)


def test_a_vector_is_a_column_and_signs_need_no_colour():
    x = var([1.0, -2.0, 3.0], "x")
    picture = figures.entries(bp.sum(x * x).named("L"), x)
    assert maps(picture)[0].shape == (3, 1)
    assert "−2" in [t.get_text() for t in picture.axes[0].texts]
    below = (maps(figures.entries(*large()))[0] < 0).sum()
    assert [t.get_text() for t in figures.entries(*large()).axes[0].texts].count("−") == below


# --- words and bad input -----------------------------------------------------------------------


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES.keys())
def test_captions_state_numbers_and_are_the_text_alternative(make):
    picture = make()
    assert len(re.findall(r"\d", picture.caption)) >= 3
    (alternative,) = re.findall(r'alt="([^"]*)"', picture._repr_html_())
    assert alternative[:20] == picture.caption[:20]


def test_what_cannot_be_drawn_is_answered_in_words():
    s = var(2.0, "s")
    with pytest.raises(ValueError, match="1 to 6 steps other than 0"):
        figures.secant(bp.sin, 1.0, [0.0])
    with pytest.raises(ValueError, match="no known minima"):
        figures.rates(Surface("Wave", "J = cos w", bp.cos, ((0.0, 6.0),)))
    with pytest.raises(ValueError, match="1 to 3 numbers of steps"):
        figures.rates(bowl, [])
    power = s
    for _ in range(4):
        power = power * power
    with pytest.raises(EngineError, match=r"16 paths lead from leaf 's'.*shows 1 to 12"):
        figures.paths(power.named("L"), s)
    with pytest.raises(EngineError, match="path bars need a number"):
        figures.paths(*logdet())
    with pytest.raises(EngineError, match="move together in a square matrix"):
        figures.entries(*large(), together=True)
    with pytest.raises(EngineError, match="a matrix or a vector of at most 10"):
        figures.entries((s * 2.0).named("L"), s)
