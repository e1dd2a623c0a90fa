"""The few SVG elements that pictures are made of, as text."""

from html import escape

WIDE, BOLD = 7.2, 8.0  # of a character, px, in the wider ones of the fonts a reader may have


def text(x: float, y: float, words: str, css: str = "", room: float = 0, wide: float = WIDE) -> str:
    """Words at a point, squeezed where they might not fit into `room`.

    >>> text(1, 2, "a < b", "bp-tick")
    '<text x="1" y="2" class="bp-tick">a &lt; b</text>'
    """
    return _element(f"{x:.5g}", f"{y:.5g}", escape(words), css, room, len(words) * wide)


def rich(x: float, y: float, plain: str, bold: str, css: str, room: float) -> str:
    """Plain words and then bold ones, on one line."""
    inside = f'{escape(plain)} <tspan class="{css}">{escape(bold)}</tspan>'
    needed = len(plain) * WIDE + (len(bold) + 1) * BOLD
    return _element(f"{x:.5g}", f"{y:.5g}", inside, "", room, needed)


def _element(x: str, y: str, inside: str, css: str, room: float, needed: float) -> str:
    look = f' class="{css}"' if css else ""
    fit = f' textLength="{room:g}" lengthAdjust="spacingAndGlyphs"' if 0 < room < needed else ""
    return f'<text x="{x}" y="{y}"{look}{fit}>{inside}</text>'


def rect(x: float, y: float, width: float, height: float, css: str, corner: float = 0) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:g}" rx="{corner:g}" '
        f'class="{css}"/>'
    )


def path(way: str, css: str) -> str:
    return f'<path class="{css}" d="{way}"/>'
