"""What the tests of figures share: the words of a picture, and that they do not collide."""

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg


def words(picture):
    """(text, box in pixels) of every text that is drawn."""
    picture.draw_without_rendering()
    texts = [*picture.texts, *(t for legend in picture.legends for t in legend.get_texts())]
    for axes in picture.axes:
        texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label, axes.title, axes._left_title]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            texts += [t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
    renderer = FigureCanvasAgg(picture).get_renderer()
    return [(t.get_text(), t.get_window_extent(renderer)) for t in texts if t.get_text()]


@pytest.fixture
def tidy():
    """tidy(picture): no two words overlap, and none leaves the page."""

    def check(picture):
        page = picture.bbox
        for text, box in (found := words(picture)):
            assert page.x0 <= box.x0 and box.x1 <= page.x1, text
            assert page.y0 <= box.y0 and box.y1 <= page.y1, text
        for (one, box), (other, box_2) in combinations(found, 2):
            assert not box.overlaps(box_2), (one, other)

    return check
