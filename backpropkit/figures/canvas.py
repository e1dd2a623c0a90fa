"""Picture: a matplotlib Figure that shows itself in a notebook once, with its caption; the look."""

from __future__ import annotations

import base64
import textwrap
from html import escape
from io import BytesIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, the strongest on white first; each with a marker of its own, because
# colour never stands alone. A thin dark edge around the markers carries the pale ones.
STYLES = (
    ("#0072B2", "o"),
    ("#D55E00", "^"),
    ("#009E73", "s"),
    ("#CC79A7", "D"),
    ("#56B4E9", "v"),
    ("#E69F00", "P"),
)
INK, SOFT, GREY = "#1f1f1f", "#595959", "#b8b8b8"
in_our_look = rc_context(
    {
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "axes.titlesize": 10.5,
        "axes.titlepad": 10,
        "axes.edgecolor": SOFT,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": SOFT,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "ytick.color": SOFT,
        "legend.frameon": False,
    }
)
DPI = 96  # of the page: one inch of a figure is 96 px
LINE = 0.2  # height of a line of text, inches
MARGIN = 0.14  # around text, inches
LETTERS = 14.2  # of the caption in an inch, at least


class Picture(Figure):
    """A Figure with a caption at its foot that states the values it shows.

    It belongs to nobody: no pyplot, so nothing is drawn twice and nothing has to be closed. A
    notebook shows it on white paper, in a dark theme too, with its caption as text alternative.

    Args:
        width, height: of the room for axes, inches; caption and legend come below it.
        legend: the number of lines of the legend.
    """

    def __init__(self, width: float, height: float, caption: str, legend: int = 0) -> None:
        lines = textwrap.wrap(caption, int((width - 2 * MARGIN) * LETTERS))
        self.caption = caption
        self.legend_at = 2 * MARGIN + LINE * len(lines)  # its lower edge, inches from below
        self.foot = self.legend_at + 1.3 * LINE * legend + MARGIN * bool(legend)
        super().__init__(figsize=(width, height + self.foot), facecolor="white")
        self.text(*self.share(MARGIN, MARGIN), "\n".join(lines), fontsize=9.5, linespacing=1.4)

    def share(self, right: float, up: float) -> tuple[float, float]:
        """Inches, as shares of the whole figure."""
        width, height = self.get_size_inches()
        return float(right / width), float(up / height)

    def axes_at(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes at a place in inches, counted from the left and from the top of the foot."""
        where = (*self.share(left, self.foot + bottom), *self.share(width, height))
        return self.add_axes(where, facecolor="white")

    def _repr_html_(self) -> str:
        png = BytesIO()
        self.savefig(png, format="png", dpi=2 * DPI)
        data = base64.b64encode(png.getvalue()).decode("ascii")
        return (
            '<div style="overflow-x:auto">'
            f'<img alt="{escape(self.caption)}" width="{round(self.get_figwidth() * DPI)}" '
            'style="max-width:100%;min-width:600px;height:auto;border-radius:4px" '
            f'src="data:image/png;base64,{data}"></div>'
        )
