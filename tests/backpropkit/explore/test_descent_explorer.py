"""The descent explorer without a browser: its controls walk as the engine walks."""

import json
import re
from html import unescape

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import explore
from backpropkit.descent import (
    SURFACES,
    Surface,
    bowl,
    descend,
    double_well,
    four_valleys,
    parabola,
)
from backpropkit.explore import DescentExplorer
from backpropkit.scenes import Script
from backpropkit.scenes import descent as scenes


@pytest.fixture
def explorer() -> DescentExplorer:
    return explore.descent(bowl)


def on_page(explorer: DescentExplorer) -> list[list[float]]:
    """Where the runs end."""
    [found] = re.findall('data-ends="([^"]+)"', explorer.still())
    ends: list[list[float]] = json.loads(unescape(found))
    return ends


def test_every_control_moves_the_run(explorer: DescentExplorer) -> None:
    explorer.rate.value = 0.05
    explorer.momentum.value = 0.5
    explorer.steps.value = 7
    explorer.starts.value = [[3.0, 1.5]] * 4
    run = descend(bowl, 0.05, 7, (3.0, 1.5), momentum=0.5)
    assert on_page(explorer) == [[*run.points[-1], run.losses[-1]]]
    explorer.rule.value = "ascent"
    run = descend(bowl, 0.05, 7, (3.0, 1.5), "ascent", 0.5)
    assert on_page(explorer) == [[*run.points[-1], run.losses[-1]]]


def test_a_log_axis_says_where_it_ends() -> None:
    explorer = explore.descent(parabola)
    for steps, deep in ((5, False), (40, True), (7, False)):  # 9 · 0.04^steps is left
        explorer.steps.value = steps
        assert ("stands for all below 1e−10" in explorer.still()) == deep, steps


def test_divergence_is_said_in_words(explorer: DescentExplorer) -> None:
    explorer.rate.value = 0.22
    # |w₂| = 1.5 · 1.2ⁿ passes 2.3 between n = 2 and n = 3
    assert "diverges: leaves the frame at step 3" in explorer.now.sentence
    assert "0.22 lies beyond the stability edge 2/λmax = 0.2" in explorer.now.sentence
    explorer.momentum.value = 0.5
    assert "stability edge 2(1 + β)/λmax = 0.3" in explorer.now.sentence


def test_a_run_thrown_out_below_the_edge_is_told_so() -> None:
    explorer = explore.descent(double_well)
    explorer.starts.value = [[-2.0, 0.0]] * 4
    explorer.rate.value = 0.13
    assert explorer.runs[0].diverged is ("where a run left" in explorer.now.sentence)


def test_the_sign_of_J_is_told_as_what_it_is() -> None:
    explorer = explore.descent(bp.descent.sunken_parabola)
    explorer.rate.value = 0.05
    explorer.steps.value = 200
    explorer.rule.value = "sign of J"
    assert on_page(explorer)[0] == pytest.approx([2.44034, 0.955264], rel=1e-5)
    assert "heads for J = 0, not for a minimum" in explorer.now.sentence


def test_up_to_four_starts_each_with_a_row_in_the_table() -> None:
    explorer = explore.descent(four_valleys)
    starts = [[0.2, 1.2], [-0.6, 1.2], [-0.6, -1.6], [0.4, -1.6]]
    explorer.state = {**explorer.state, "starts": starts, "count": 4.0}
    runs = [descend(four_valleys, explorer.rate.value, start=tuple(s)) for s in starts]
    assert on_page(explorer) == [[*run.points[-1], run.losses[-1]] for run in runs]
    assert "run 3 from (−0.6, −1.6) ends at (−3.78, −3.28)" in explorer.now.sentence
    rows = re.findall("<tr(?! hidden)[^>]*><th scope=.row", explorer.still())
    assert len(rows) == len([r for r in rows if "hidden" not in r]) == 4


def test_every_step_lies_where_its_numbers_say(explorer: DescentExplorer) -> None:
    """The page draws ways from px arrays; those are traced, and stand at their values here."""
    left, top, width, height = scenes.LAND
    run = explorer.runs[0]
    known = {s.name: s for s in SURFACES.values()}
    walks = scenes.Walks(known, Script(explorer.state, scenes.words(known)), *scenes.walked((run,)))
    px, py = (p.value[0, : len(run.points)] for p in (walks.px, walks.py))
    np.testing.assert_allclose(px, left + (run.points[:, 0] + 4.6) / 9.2 * width)
    np.testing.assert_allclose(py, top + height - (run.points[:, 1] + 2.3) / 4.6 * height)


def test_a_cross_stands_on_the_frame(explorer: DescentExplorer) -> None:
    explorer.rate.value = 0.21
    left, top, width, height = scenes.LAND
    crosses = re.findall(
        r'<g class="bp-run\d"(?! hidden)[^>]*><path class="bp-way"[^>]*L([\d.]+) ([\d.]+)"',
        explorer.still(),
    )
    [(x, y)] = [(float(x), float(y)) for x, y in crosses]
    assert y == pytest.approx(top + height, abs=0.1) and left < x < left + width


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_begins_with_a_run_that_converges(name: str) -> None:
    explorer = explore.descent(SURFACES[name])
    first = explorer.runs[0]
    assert not first.diverged and first.losses[-1] < first.losses[0]
    assert explorer.rate.value == first.rate


def test_a_learners_own_function_with_an_if_is_walked_as_well() -> None:
    def hill(w):
        return w**2 if w > 0 else -2.0 * w

    explorer = explore.descent(hill, start=1.0)
    explorer.rate.value = 0.1
    run = descend(Surface("", "", hill, ((-2.0, 4.0),), start=1.0), 0.1)
    assert on_page(explorer) == [[run.points[-1], run.losses[-1]]]
    assert "stability" not in explorer.now.sentence and "hill" in explorer.still()


def test_one_of_two_numbers_too() -> None:
    explorer = explore.descent(lambda w: bp.sin(w[0]) + w[1] ** 2, frame=((-6, 6), (-1, 2)))
    assert on_page(explorer)[0][1] == 0.0
    assert np.isfinite(on_page(explorer)).all() and len(on_page(explorer)[0]) == 3


def test_what_it_cannot_take_it_answers_in_words() -> None:
    with pytest.raises(TypeError, match=r"a Surface of backpropkit\.descent or a function of w"):
        explore.descent(3.0)
    with pytest.raises(ValueError, match=r"drawn over one number or two; the start .* has 3"):
        explore.descent(lambda w: w[0], start=(1, 2, 3))
    with pytest.raises(ValueError, match="Bowl has a start and a frame of its own"):
        explore.descent(bowl, start=(1, 2))
