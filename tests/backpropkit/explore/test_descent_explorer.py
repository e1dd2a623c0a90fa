"""The descent explorer without a browser: its controls walk as the engine walks."""

import json
import re
from html import unescape

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import explore
from backpropkit.descent import SURFACES, Surface, bowl, descend, double_well, four_valleys
from backpropkit.explore import DescentExplorer


@pytest.fixture
def explorer() -> DescentExplorer:
    return explore.descent(bowl)


def on_page(explorer: DescentExplorer) -> list[list[float]]:
    """Where the runs end; the wide and the narrow picture have to agree."""
    found = re.findall('data-ends="([^"]+)"', explorer.picture.value)
    assert len(found) == 2 and found[0] == found[1]
    ends: list[list[float]] = json.loads(unescape(found[0]))
    return ends


def test_every_control_moves_the_run(explorer: DescentExplorer) -> None:
    explorer.rate.value = 0.05
    explorer.momentum.value = 0.5
    explorer.steps.value = 7
    explorer.place[0].value = 3.0
    run = descend(bowl, 0.05, 7, (3.0, 1.5), momentum=0.5)
    assert on_page(explorer) == [[*run.points[-1], run.losses[-1]]]
    explorer.rule.value = "ascent"
    run = descend(bowl, 0.05, 7, (3.0, 1.5), "ascent", 0.5)
    assert on_page(explorer) == [[*run.points[-1], run.losses[-1]]]


def test_divergence_is_said_in_words(explorer: DescentExplorer) -> None:
    explorer.rate.value = 0.22
    # |w₂| = 1.5 · 1.2ⁿ passes 2.3 between n = 2 and n = 3
    assert "diverges: leaves the frame at step 3" in explorer.live.value
    assert "0.22 lies beyond the stability edge 2/λmax = 0.2" in explorer.live.value
    explorer.momentum.value = 0.5
    assert "stability edge 2(1 + β)/λmax = 0.3" in explorer.live.value


def test_a_run_thrown_out_below_the_edge_is_told_so() -> None:
    explorer = explore.descent(double_well)
    explorer.place[0].value = -2.0
    explorer.rate.value = 0.13
    assert explorer.walk.runs[0].diverged is ("where a run left" in explorer.live.value)


def test_the_sign_of_J_is_told_as_what_it_is() -> None:
    explorer = explore.descent(bp.descent.sunken_parabola)
    explorer.rate.value = 0.05
    explorer.steps.value = 200
    explorer.rule.value = "sign of J"
    assert on_page(explorer)[0] == pytest.approx([2.44034, 0.955264], rel=1e-5)
    assert "heads for J = 0, not for a minimum" in explorer.live.value


def test_up_to_four_starts_each_with_a_row_in_the_table() -> None:
    explorer = explore.descent(four_valleys)
    for _ in range(5):
        explorer.more.click()
    assert len(on_page(explorer)) == 4 and explorer.more.disabled
    explorer.as_table.value = True
    assert explorer.numbers.value.count('<th scope="row">') == 4
    for _ in range(5):
        explorer.fewer.click()
    assert len(on_page(explorer)) == 1 and explorer.fewer.disabled


def test_a_click_moves_the_chosen_start(explorer: DescentExplorer) -> None:
    explorer.more.click()
    explorer.start.value = "1"
    explorer._pointer.value = "0.5 0.0"
    assert explorer.starts == [(0.0, 2.3), (-3.0, -2.0)]
    assert explorer.place[1].value == 2.3


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_begins_with_a_run_that_converges(name: str) -> None:
    explorer = explore.descent(SURFACES[name])
    first = explorer.walk.runs[0]
    assert not first.diverged and first.losses[-1] < first.losses[0]
    assert explorer.rate.value == first.rate


def test_every_start_stands_on_its_sliders_grid() -> None:
    for surface in SURFACES.values():
        explorer = explore.descent(surface)
        for _ in range(3):
            explorer.more.click()
        for start in explorer.starts:
            for slider, value in zip(explorer.place, start, strict=True):
                steps = (value - slider.min) / slider.step
                assert steps == pytest.approx(round(steps), abs=1e-6), surface.name


def test_a_learners_own_function_with_an_if_is_walked_as_well() -> None:
    def hill(w):
        return w**2 if w > 0 else -2.0 * w

    explorer = explore.descent(hill, start=1.0)
    explorer.rate.value = 0.1
    run = descend(Surface("", "", hill, ((-2.0, 4.0),), start=1.0), 0.1)
    assert on_page(explorer) == [[run.points[-1], run.losses[-1]]]
    assert "stability" not in explorer.live.value and "hill" in explorer.picture.value


def test_one_of_two_numbers_too() -> None:
    explorer = explore.descent(lambda w: bp.sin(w[0]) + w[1] ** 2, frame=((-6, 6), (-1, 2)))
    assert on_page(explorer)[0][1] == 0.0
    assert len(explorer.place) == 2 and np.isfinite(on_page(explorer)).all()


def test_what_it_cannot_take_it_answers_in_words() -> None:
    with pytest.raises(TypeError, match=r"a Surface of backpropkit\.descent or a function of w"):
        explore.descent(3.0)
    with pytest.raises(ValueError, match=r"drawn over one number or two; the start .* has 3"):
        explore.descent(lambda w: w[0], start=(1, 2, 3))
    with pytest.raises(ValueError, match="Bowl has a start and a frame of its own"):
        explore.descent(bowl, start=(1, 2))
