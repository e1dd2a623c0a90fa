"""A figure of a matrix gradient: the matrix, the rule, what nudging finds, and their gap."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from numpy.typing import NDArray

from ..engine.node import EngineError, Node, describe
from ..graphs.graph import Graph
from ..picture.heat import LARGEST_SIDE, Entries, maps, measure, shape_words, short
from ..picture.numbers import number
from .canvas import INK, SOFT, Picture, in_our_look

# Blue below 0 and orange above it differ for every kind of colour vision; pale enough for numbers.
BELOW_ABOVE = LinearSegmentedColormap.from_list("sign", ["#7fb5d8", "#ffffff", "#e8a06a"])
SIDE, GAP = 2.0, 0.28  # of a map and between two, inches
SIZE = 8.5  # of a number in a cell, points


@in_our_look
def entries(L: Node, W: Node, h: float = 1e-3, *, together: bool = False) -> Picture:
    """Heat maps of W, of ∂L/∂W by the rule, by nudging every entry by h, and of their gap.

    Args:
        L: a single number.
        W: a matrix or a vector (drawn as a column) below it, at most 10 rows and columns.
        h: the nudge.
        together: nudge W[i, j] and W[j, i] at once, as in a symmetric matrix; the slope is then
            the sum of two entries of the gradient.

    Raises EngineError for another shape of W, or for `together` and a W that is not square.

    >>> from backpropkit import logdet, var
    >>> K = var([[2.0, 0.5], [0.5, 1.0]], "K")
    >>> entries(logdet(K).named("L"), K).caption[:61]
    'K and its gradient have the same shape, 2 × 2. Every entry mo'
    """
    graph = Graph(L)
    if len(W.shape) not in (1, 2) or max(W.shape) > LARGEST_SIDE:
        raise EngineError(
            f"heat maps show a matrix or a vector of at most {LARGEST_SIDE} rows and columns, not "
            f"{describe(W)}"
        )
    if together and (len(W.shape) != 2 or W.shape[0] != W.shape[1]):
        raise EngineError(f"entries move together in a square matrix, and not in {describe(W)}")
    seen = measure(graph, W, h, (0,) * len(W.shape), together)
    grids = [(title, np.atleast_2d(shown.T).T) for title, shown in maps(seen)]
    rows, columns = grids[0][1].shape
    cell = min(SIDE / max(rows, columns), 0.62)
    picture = Picture(4 * SIDE + 3 * GAP + 0.4, rows * cell + 0.62, _caption(seen, h))
    slopes = float(max(np.abs(seen.rule).max(), np.abs(seen.nudged).max()))
    widest = max(float(np.abs(seen.gap).max()), 4 * seen.rounding)
    scales = [float(np.abs(seen.value).max()), slopes, slopes, widest]
    for nth, ((title, grid), scale) in enumerate(zip(grids, scales, strict=True)):
        left = 0.2 + nth * (SIDE + GAP)
        axes = picture.axes_at(left, 0.22, columns * cell, rows * cell)
        _draw(axes, title, grid, scale or 1.0, cell, 1 if nth == 3 else 2)
    return picture


def _draw(
    axes: Axes, title: str, grid: NDArray[np.float64], scale: float, cell: float, digits: int
) -> None:
    """One map, with a number in every cell if all fit, else a minus where one is below 0."""
    norm = Normalize(-scale, scale)
    axes.pcolormesh(grid, cmap=BELOW_ABOVE, norm=norm, edgecolors=SOFT, linewidth=0.5, gid="map")
    axes.set(xticks=[], yticks=[])
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=9.5, pad=6)
    axes.spines[["left", "bottom"]].set_visible(False)
    written = np.vectorize(lambda value: short(float(value), digits), otypes=[object])(grid)
    if max(map(len, written.flat)) * 0.62 * SIZE / 72 > cell:
        written = np.where(grid < 0, "−", "")
    for (i, j), words in np.ndenumerate(written):
        axes.text(j + 0.5, i + 0.5, words, ha="center", va="center", fontsize=SIZE, color=INK)


def _caption(seen: Entries, h: float) -> str:
    gap = float(np.abs(seen.gap).max())
    where = tuple(int(k) for k in np.unravel_index(np.abs(seen.gap).argmax(), seen.gap.shape))
    moved = "with the one across the diagonal " if seen.together else ""
    told = f"Largest |∂{seen.result}/∂{seen.name}|: {number(float(np.abs(seen.rule).max()), 3)}"
    return (
        f"{shape_words(seen)} Every entry moved {moved}by h = {number(h)}. {told}; largest gap "
        f"{number(gap, 2)}, at [{', '.join(map(str, where))}]"
        f"{': rounding' if gap <= seen.rounding else ''}. Orange: above 0; blue: below 0."
    )
