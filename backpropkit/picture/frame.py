"""The outer element of every SVG picture: its size, its look, and its description."""

from collections.abc import Mapping, Sequence
from html import escape

MARGIN = 6.0


def frame(
    parts: Sequence[str],
    width: float,
    height: float,
    description: str,
    numbers: Mapping[str, object],
    style: str = "",
) -> str:
    """An SVG picture around its parts.

    Args:
        description: what the picture shows, for who cannot see it.
        numbers: what the page can be asked for, as data-… attributes.
        style: a style sheet to carry along; "" where the page has it already.

    >>> frame(["<g/>"], 10, 20, "a gate", {"step": 1})[-16:]
    'gate"><g/></svg>'
    """
    w, h = width + 2 * MARGIN, height + 2 * MARGIN
    data = "".join(f' data-{name}="{escape(str(value))}"' for name, value in numbers.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bp bp-picture" role="img" '
        f'viewBox="{-MARGIN:g} {-MARGIN:g} {w:g} {h:g}" width="{w:g}" height="{h:g}" '
        f'style="--bp-width:{w:g}px"{data} aria-label="{escape(description)}">'
        + (f"<style>{style}</style>" if style else "")
        + "".join(parts)
        + "</svg>"
    )
