"""Every text colour can be read where it stands: contrast by WCAG's formula."""

import re

import pytest

from backpropkit.explore.page import HERE
from backpropkit.picture import STYLE, THEME
from backpropkit.picture.colours import CIRCUIT_DARK, CIRCUIT_LIGHT, DARK, LIGHT


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of #rrggbb."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_a_contrast_of_four_and_a_half(palette: dict[str, str]) -> None:
    for text in ("ink", "soft", "move", "grad", "value"):
        for ground in ("paper", "tint"):
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize(
    "palette", [LIGHT | CIRCUIT_LIGHT, DARK | CIRCUIT_DARK], ids=["light", "dark"]
)
def test_circuits_have_it_too(palette: dict[str, str]) -> None:
    for text in ("value", "back", "wrong"):
        for ground in ("paper", "tint"):
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_have_a_contrast_of_three(palette: dict[str, str]) -> None:
    for line in ("line", "move", "grad", "run0", "run1", "run2", "run3"):
        assert contrast(palette[line], palette["paper"]) >= 3, line


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_numbers_can_be_read_on_the_strongest_cell_of_a_heat_map(palette: dict[str, str]) -> None:
    for heat in ("value-heat", "grad-heat", "move-heat", "gap-heat"):
        assert contrast(palette["ink"], palette[heat]) >= 4.5, heat


def test_the_formula_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_both_themes_define_every_colour_the_style_uses() -> None:
    look = (HERE / "look.css").read_text(encoding="utf-8")
    used = set(re.findall(r"var\(--bp-([\w-]+)", STYLE + look)) - {*CIRCUIT_LIGHT}
    assert used == set(LIGHT) == set(DARK)
    assert all(f"--bp-{name}:" in THEME for name in used)
