"""Plain figures: what is drawn is what was given, and nothing needs colour to be told apart."""

from itertools import pairwise

import matplotlib.colors as mcolors
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from backpropkit import figures

SIX = {f"run {k}": np.linspace(1.0, k + 2.0, 30) for k in range(6)}


def lines(picture):
    return picture.axes[0].get_lines()


def test_curves_are_drawn_where_they_were_given():
    alphas = [0.5, 1.0, 2.0]
    picture = figures.curves({"up": [1, 4, 9], "down": [3, 2, 1]}, "Two.", at=alphas, across="α")
    assert [line.get_xydata().tolist() for line in lines(picture)] == [
        [[0.5, 1.0], [1.0, 4.0], [2.0, 9.0]],
        [[0.5, 3.0], [1.0, 2.0], [2.0, 1.0]],
    ]
    assert picture.axes[0].get_xlabel() == "α"
    assert [text.get_text() for text in picture.legends[0].get_texts()] == ["up", "down"]


def test_one_curve_needs_no_legend_and_counts_its_steps():
    picture = figures.curves({"": [4.0, 2.0, 1.0]}, "One.", log="y", between=(0.5, 8.0))
    assert picture.legends == []
    assert lines(picture)[0].get_xdata().tolist() == [0, 1, 2]
    axes = picture.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")
    assert axes.get_ylim() == (0.5, 8.0)


def test_curves_differ_in_more_than_colour():
    looks = {
        (line.get_linestyle(), str(line._dash_pattern)) for line in lines(figures.curves(SIX, ""))
    }
    assert len(looks) == 6
    pairs = {name: (values, values) for name, values in SIX.items()}
    drawn = lines(figures.pairs(pairs, "", across="x", up="y"))[1:]
    assert len({line.get_marker() for line in drawn}) == 6


def test_pairs_lie_beside_the_diagonal():
    x = np.array([[1.0, 2.0], [3.0, 5.0]])
    picture = figures.pairs({"copies": (x, x + 1)}, "All one too high.", across="x", up="copy")
    diagonal, points = lines(picture)
    assert diagonal.get_xydata().tolist() == [[1.0, 1.0], [5.0, 5.0]]
    assert (points.get_ydata() - points.get_xdata()).tolist() == [1.0] * 4


def test_a_map_shows_the_order_without_colour():
    places = np.random.default_rng(0).normal(size=(30, 2))
    picture = figures.maps({"start": places, "end": -places}, "A map, turned over.")
    FigureCanvasAgg(picture).draw()
    for axes, points in zip(picture.axes, (places, -places), strict=True):
        way, first = axes.get_lines()
        np.testing.assert_array_equal(way.get_xydata(), points)
        assert first.get_xydata().tolist() == [points[0].tolist()]
        (dots,) = axes.collections
        light = mcolors.rgb_to_hsv(dots.get_facecolors()[:, :3])[:, 2]
        assert light[0] > light[-1] + 0.3 and np.all(np.diff(light) < 0.02)
        assert axes.get_aspect() == 1.0


@pytest.mark.parametrize("count", [1, 2, 5])
def test_maps_stand_side_by_side_inside_the_picture(count):
    places = {f"{k} steps": np.eye(2) for k in range(count)}
    picture = figures.maps(places, "Many.")
    FigureCanvasAgg(picture).draw()
    boxes = [axes.get_tightbbox() for axes in picture.axes]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert boxes[0].x0 >= 0 and boxes[-1].x1 <= picture.bbox.x1
    assert max(box.y1 for box in boxes) <= picture.bbox.y1


@pytest.mark.parametrize("log", ["", "y"])
def test_labels_legend_and_caption_do_not_meet(log):
    picture = figures.curves(SIX, "A caption. " * 20, up="J", log=log)
    FigureCanvasAgg(picture).draw()
    caption = picture.texts[0].get_window_extent()
    legend = picture.legends[0].get_window_extent()
    below = picture.axes[0].get_tightbbox()
    assert caption.y0 >= 0 and caption.y1 <= legend.y0 and legend.y1 <= below.y0


@pytest.mark.parametrize(
    "draw, words",
    [
        (lambda: figures.curves({"a": [1, 2]}, "", at=[1]), "'a' has 2 heights for 1 places"),
        (
            lambda: figures.curves({name: [1] for name in "abcdefg"}, ""),
            "at most 6 can be told apart",
        ),
        (
            lambda: figures.pairs({"a": ([1], [1, 2])}, "", across="x", up="y"),
            r"'a' has shape \(1,\) across and \(2,\) up",
        ),
        (lambda: figures.maps({"a": [[1, 2, 3]]}, ""), r"'a' needs points of shape \(n, 2\)"),
    ],
)
def test_bad_input_is_answered_by_name(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()
