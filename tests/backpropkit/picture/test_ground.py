"""The ground that runs walk on lies where its numbers say, and ticks are round."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backpropkit.descent import SURFACES
from backpropkit.picture.ground import HEIGHT, WIDTH, frame, ground
from backpropkit.picture.panel import decades, ticks

SVG = "{http://www.w3.org/2000/svg}"


def numbers(way: str) -> np.ndarray:
    return np.array([pair.split() for pair in re.split("[ML]", way)[1:]], dtype=float)


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
            steps = np.array(re.findall(r"-?\d+", ring), dtype=float).reshape(-1, 2)
            points = np.cumsum(steps, axis=0) / 2
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
