"""The gallery to look at holds every explorer and every figure there is."""

import inspect
import re
import runpy
from pathlib import Path

import pytest

import backpropkit as bp

GALLERY = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "gallery.py"))
LINES = {**GALLERY["EXPLORERS"], **{f"figure {k}": v for k, v in GALLERY["FIGURES"].items()}}
ELSEWHERE = {"predict", "pairs", "maps"}  # a question, and plots of a lesson's own numbers


def public(module: object) -> set[str]:
    return {name for name, f in vars(module).items() if inspect.isfunction(f)} - ELSEWHERE


def test_every_explorer_and_every_figure_hangs_there() -> None:
    shown = " ".join(LINES.values())
    for place, module in (("explore", bp.explore), ("figures", bp.figures)):
        assert public(module) <= set(re.findall(rf"bp\.{place}\.(\w+)", shown))


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_every_line_makes_something_to_look_at(line: str) -> None:
    made = GALLERY["made"](line)
    html = made._repr_html_() if "figures" in line else made._repr_mimebundle_()["text/html"]
    assert "<svg" in html or "<img" in html
