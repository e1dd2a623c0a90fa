"""Pictures of runs: every mark lies where its number says, and words do not lie."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backpropkit.descent import SURFACES, bowl, descend, double_well, four_valleys, parabola
from backpropkit.picture.ground import HEIGHT, WIDTH, frame, ground
from backpropkit.picture.panel import Panel, decades, ticks
from backpropkit.picture.runs import Walk, description, draw_walk, sentence, table

SVG = "{http://www.w3.org/2000/svg}"
STARTS = [(0.2, 1.2), (-0.6, 1.2), (-0.6, -1.6), (0.4, -1.6)]
WALKS = {
    "bowl": Walk((descend(bowl, 0.1),), 40),
    "diverging": Walk((descend(bowl, 0.21),), 40),
    "valleys": Walk(tuple(descend(four_valleys, 0.01, 60, s) for s in STARTS), 60, 2),
    "wells": Walk(tuple(descend(double_well, 0.05, 20, s) for s in (0.1, 0.2)), 20),
    "up": Walk((descend(parabola, 0.1, 20, rule="ascent"),), 20),
    "heavy": Walk((descend(bowl, 0.1, momentum=0.9),), 40),
}


@pytest.fixture(params=WALKS.values(), ids=WALKS.keys())
def walk(request: pytest.FixtureRequest) -> Walk:
    return request.param


def drawn(walk: Walk, down: bool = False) -> ET.Element:
    return ET.fromstring(draw_walk(walk, down))


def numbers(way: str) -> np.ndarray:
    return np.array([pair.split() for pair in re.split("[ML]", way)[1:]], dtype=float)


@pytest.mark.parametrize("down", [False, True])
def test_every_step_lies_where_its_numbers_say(walk: Walk, down: bool) -> None:
    picture = drawn(walk, down)
    ground_view = picture.find(f"./{SVG}g/{SVG}svg")
    assert ground_view is not None
    plot = frame(walk.surface)
    width, height = (296, 230) if down else (WIDTH, HEIGHT)
    panel = Panel(44, 34, width, height, plot.across, plot.up)
    ways = ground_view.findall(f".//{SVG}path[@class='bp-way']")
    assert len(ways) == len(walk.runs)
    for way, run in zip(ways, walk.runs, strict=True):
        points = run.points if run.points.ndim == 2 else np.column_stack([run.points, run.losses])
        expected = panel.at(*points[: run.left].T)
        np.testing.assert_allclose(numbers(way.get("d") or ""), expected, atol=0.06)


def test_only_what_diverges_is_said_to(walk: Walk) -> None:
    told = "".join(drawn(walk).itertext())
    away = "climbs away" if walk.runs[0].rule == "ascent" else "diverges"
    assert (away in told) == any(run.diverged for run in walk.runs)


def test_a_cross_stands_on_the_frame() -> None:
    [cross] = drawn(WALKS["diverging"]).findall(f".//{SVG}path[@class='bp-gone']")
    x, y = map(float, re.findall(r"M([\d.]+) ([\d.]+)m", cross.get("d") or "")[0])
    assert y + 0 == pytest.approx(34 + HEIGHT, abs=0.1) and 44 < x < 44 + WIDTH


def test_words_state_the_values() -> None:
    # (1 − 0.1)⁴⁰ · −4 = −0.0591, and ½ · 0.0591² = 0.00175
    assert sentence(WALKS["bowl"]) == (
        "Minimise, 40 steps, η = 0.1: the run from (−4, 1.5) ends at (−0.0591, 0), J = 0.00175. "
        "η = 0.1 is 0.5 of the stability edge 2/λmax = 0.2."
    )
    assert "Four valleys, not convex" in description(WALKS["valleys"])
    assert "run 3 from (−0.6, −1.6) ends at (−3.78, −3.28)" in sentence(WALKS["valleys"])
    assert "momentum 0.9" in sentence(WALKS["heavy"])
    assert table(WALKS["wells"]).count("<tr>") == 3


def test_words_fit_into_the_picture(walk: Walk) -> None:
    for down in (False, True):
        picture = drawn(walk, down)
        wide, high = float(picture.get("width") or 0), float(picture.get("height") or 0)
        for words in picture.iter(f"{SVG}text"):
            x, y = float(words.get("x") or 0), float(words.get("y") or 0)
            needed = float(words.get("textLength") or 6.4 * len(words.text or ""))
            css = words.get("class") or ""
            left = x - needed * (1 if "end" in css else 0.5 if css == "bp-tick" else 0)
            assert left >= -2 and left + needed <= wide + 2 and 8 < y < high, words.text


@pytest.mark.parametrize("surface", SURFACES.values(), ids=lambda s: s.name)
def test_contours_lie_inside_the_panel_at_the_heights_they_stand_for(surface) -> None:
    drawn = ET.fromstring(f"<svg>{ground(surface)}</svg>")
    plot = frame(surface)
    (left, right), (low, high) = plot.across, plot.up
    if len(surface.frame) == 1:
        points = numbers(drawn[0].get("d") or "")
        w, J = (
            left + points[:, 0] / WIDTH * (right - left),
            high - points[:, 1] / HEIGHT * (high - low),
        )
        assert np.abs(J - surface.height(w)).max() < 0.01 * (high - low)
        return
    for veil in drawn[0]:
        heights = []
        for ring in (veil.get("d") or "").split("M")[1:]:
            steps = [part.split() for part in ring.rstrip("z").split("l")]
            points = np.cumsum(np.array(steps, dtype=float), axis=0) / 2
            assert points.min() >= 0 and (points <= [WIDTH, HEIGHT]).all()
            inner = ((points > 1) & (points < [WIDTH - 1, HEIGHT - 1])).all(axis=1)
            w = [left, high] + points[inner] / [WIDTH, HEIGHT] * [right - left, low - high]
            heights += surface.height(w.T).tolist()
        spread = np.ptp(heights) if heights else 0.0
        assert spread < 0.06 * np.ptp(surface.height(corners(surface)))


def corners(surface) -> np.ndarray:
    return np.array(np.meshgrid(*(np.linspace(*side, 40) for side in surface.frame)))


def test_ticks_are_round_and_lie_between() -> None:
    for low, high in ((-4.6, 4.6), (0.0, 40.0), (-0.7, 2.3), (0.0, 1.0), (-1e-3, 5e-3)):
        found = ticks(low, high, 5)
        assert 3 <= len(found) <= 8 and low - 1e-9 <= found[0] and found[-1] <= high + 1e-9
    assert decades(-10.0, 3.0) == [-9.0, -6.0, -3.0, 0.0, 3.0]
