"""A figure of what each path from a leaf adds to its gradient: bars that end at their sum."""

from __future__ import annotations

from ..engine.node import EngineError, Node, describe
from ..graphs.graph import Graph
from ..picture.facts import names
from ..picture.numbers import number
from .canvas import GREY, INK, STYLES, Picture, in_our_look

MOST = 12  # paths
LONG = 34  # letters of a path's name


@in_our_look
def paths(L: Node, w: Node) -> Picture:
    """A bar for every path from w to L: its product, beginning where the last one ended.

    So the last bar, the gradient, reaches from 0 to where the others have come.

    Args:
        L: a single number.
        w: a node below it, a single number.

    Raises EngineError for a node that is not a number or not below L, or for more than 12 paths.

    >>> from backpropkit import var
    >>> s = var(2.0, "s")
    >>> paths((s**2 * (3.0 * s)).named("L"), s).caption
    '∂L/∂s = 36 is the sum over 2 paths from s to L: 24 + 12.'
    """
    graph = Graph(L)
    if w.shape:
        raise EngineError(f"path bars need a number, and {describe(w)} is an array")
    many = graph.count_paths(w)
    if not 1 <= many <= MOST:
        raise EngineError(
            f"{many} paths lead from {describe(w)} to {describe(L)}; a figure shows 1 to {MOST}"
        )
    called = dict(zip(graph.nodes, names(graph.nodes), strict=True))
    ways = sorted(graph.paths(w), key=lambda way: -abs(way.product))
    total = float(graph.grads[w])
    slope = f"∂{called[L]}/∂{called[w]}"
    terms = [number(float(way.product)) for way in ways]
    summed = " + ".join([terms[0], *(f"({t})" if t[0] == "−" else t for t in terms[1:])])
    plural = "s" if many > 1 else ""
    caption = (
        f"{slope} = {number(total)} is the sum over {many} path{plural} from {called[w]} to "
        f"{called[L]}: {summed}."
    )
    room = 0.34 * (many + 1)
    picture = Picture(7.6, room + 0.75, caption)
    axes = picture.axes_at(2.75, 0.45, 3.95, room + 0.15)
    begin, ends = 0.0, [0.0]
    for nth, way in enumerate(ways):
        product = float(way.product)
        colour = STYLES[0][0] if product >= 0 else STYLES[1][0]
        hatch = "" if product >= 0 else "///"
        axes.barh(nth, product, left=begin, height=0.62, color=colour, hatch=hatch,
                  edgecolor="white", gid="path")  # fmt: skip
        begin += product
        ends.append(begin)
        axes.plot([begin, begin], [nth, nth + 1], color=GREY, lw=1, zorder=0)
    axes.barh(many, total, height=0.62, color=INK, gid="sum")
    low, high = min(ends), max(ends)
    reach = (high - low) or 1.0
    for nth, value in enumerate([*(float(way.product) for way in ways), total]):
        right = max(ends[nth], ends[nth + 1]) if nth < many else max(total, 0.0)
        axes.text(right + 0.02 * reach, nth, number(value), va="center", fontsize=9.5, color=INK)
    axes.axvline(0, color=INK, lw=1)
    labels = [_shortened([called[node] for node in way.nodes]) for way in ways]
    axes.set_yticks(range(many + 1), [*labels, f"{slope}, their sum"])
    axes.set(xlim=(low - 0.04 * reach, high + 0.24 * reach), ylim=(many + 0.55, -0.55))
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("what a path adds; hatched: below 0")
    return picture


def _shortened(called: list[str]) -> str:
    """A path in words, its middle left out where it would be too long.

    >>> _shortened(["w", "h", "L"])
    'w → h → L'
    """
    full = " → ".join(called)
    if len(full) <= LONG:
        return full
    front, back = called[:1], called[-1:]
    for name in called[1:-1]:
        if len(" → ".join([*front, name, "…", *back])) > LONG:
            break
        front.append(name)
    return " → ".join([*front, "…", *back])
