"""The picture of a graph, and of a nudge through it: Facts and a Layout in, SVG text out."""

from html import escape

from ..graphs.graph import Graph, Nudge
from .colours import THEME
from .evidence import BARS_HEIGHT, PANEL_HEIGHT, Errors, bars, panel
from .facts import Facts, NodeFacts, description, read
from .layout import Box, Layout, Wire, layout
from .marks import WIDE, path, rect, rich, text

LARGEST = 60  # nodes; a picture of more is a carpet
MARGIN = 6.0
ROOM = 120.0  # for the text of a node, px

STYLE = """
.bp{background:var(--bp-paper);color:var(--bp-ink);
font:12px var(--jp-ui-font-family,system-ui,"Helvetica Neue",Arial,sans-serif)}
.bp text{fill:var(--bp-ink);font-variant-numeric:tabular-nums}
.bp .bp-box{fill:var(--bp-paper);stroke:var(--bp-ink);stroke-width:1.3}
.bp .bp-constant .bp-box{stroke:var(--bp-line)}
.bp .bp-name{font-size:15px;font-weight:700;font-style:italic}
.bp .bp-small{fill:var(--bp-soft);text-anchor:end}
.bp .bp-middle{text-anchor:middle}
.bp .bp-grad,.bp text.bp-predicted{fill:var(--bp-grad)}
.bp .bp-moved .bp-box{fill:var(--bp-tint);stroke:var(--bp-move);stroke-width:2}
.bp .bp-chosen .bp-box{stroke:var(--bp-move);stroke-width:3.6}
.bp .bp-lost .bp-box{fill:var(--bp-paper);stroke-dasharray:7 4}
.bp .bp-delta,.bp text.bp-actual{fill:var(--bp-move);font-weight:700}
.bp .bp-struck{text-decoration:line-through}
.bp .bp-wire{fill:none;stroke:var(--bp-line);stroke-width:1.4}
.bp .bp-head{fill:var(--bp-line)}
.bp .bp-wire.bp-on{stroke:var(--bp-move);stroke-width:3.6}
.bp .bp-head.bp-on{fill:var(--bp-move)}
.bp .bp-wire.bp-cut{stroke-dasharray:1.5 5;stroke-linecap:round;stroke-width:2}
.bp .bp-head.bp-cut{fill:var(--bp-paper);stroke:var(--bp-line)}
.bp .bp-local{fill:var(--bp-grad);text-anchor:middle}
.bp .bp-plate{fill:var(--bp-paper)}
.bp .bp-number{text-anchor:end}
.bp .bp-bar.bp-actual{fill:var(--bp-move)}
.bp .bp-bar.bp-predicted{fill:none;stroke:var(--bp-grad);stroke-width:1.6;stroke-dasharray:4 2.5}
.bp .bp-axis{fill:none;stroke:var(--bp-line)}
.bp .bp-tick{fill:var(--bp-soft);font-size:11px;text-anchor:middle}
.bp .bp-end{text-anchor:end}
.bp .bp-start{text-anchor:start}
.bp .bp-wash{fill:var(--bp-wash)}
.bp .bp-curve{fill:none;stroke:var(--bp-grad);stroke-width:1.4}
.bp .bp-dot{fill:var(--bp-grad)}
.bp .bp-none{fill:var(--bp-paper);stroke:var(--bp-grad)}
.bp .bp-now{stroke:var(--bp-move);stroke-dasharray:2 3}
.bp .bp-ring{fill:var(--bp-paper);stroke:var(--bp-move);stroke-width:2.4}
"""


class GraphTooLarge(ValueError):
    """More nodes than a picture can show."""


def check_size(result: str, nodes: int) -> None:
    """Raise GraphTooLarge, in words for a learner, if nobody could read the picture."""
    if nodes > LARGEST:
        raise GraphTooLarge(
            f"{result} is computed from {nodes} nodes, and a picture of more than {LARGEST} cannot "
            "be read: draw a part of it, a smaller example, or fewer and larger steps (matrices)"
        )


def svg(
    graph: Graph,
    nudge: Nudge | None = None,
    *,
    written: bool = False,
    errors: Errors = (),
    down: bool = False,
    style: bool = True,
) -> str:
    """A graph as SVG text: values and gradients in the nodes, local derivatives on the wires.

    Args:
        graph: at most 60 nodes, ending in a single number.
        nudge: `graph.nudge(node, h)`: the path it took stands out, with the actual change of the
            result beside the predicted one.
        written: tell the nudge as a write that the next forward pass lost.
        errors: (h, |actual − predicted|) for a log-log panel; see `error_curve`.
        down: from top to bottom, for a narrow page.
        style: carry the style sheet along; without it the page has to hold `STYLE` and `THEME`.

    Raises:
        GraphTooLarge: more than 60 nodes; the message says what to do.

    >>> from backpropkit import Graph, var
    >>> a, b = var(2.0, "a"), var(-3.0, "b")
    >>> g = Graph((a * b).named("L"))
    >>> "∂L/∂a = −3" in svg(g), "−6" in svg(g), "− 0.3" in svg(g, g.nudge(a, 0.1))
    (True, True, True)
    """
    return draw(read(graph, nudge, written), errors, down, style)


def draw(
    facts: Facts,
    errors: Errors = (),
    down: bool = False,
    style: bool = True,
) -> str:
    """The same from Facts that were read before."""
    check_size(facts.result, len(facts.nodes))
    pills = frozenset(i for i, node in enumerate(facts.nodes) if node.kind == "constant")
    plan = layout(facts.args, pills, down)
    parts = [part(facts, wire) for part in (_wire, _local) for wire in plan.wires]
    parts += [_node(facts, i, plan.boxes[i]) for i in range(len(facts.nodes))]
    width, height, numbers = plan.width, plan.height, ""
    if facts.move:
        below, width, height = _evidence(facts, errors, plan, down)
        parts.append(below)
        move = facts.move
        numbers = f' data-h="{move.h!r}" data-actual="{move.actual!r}"'
        numbers += f' data-predicted="{move.predicted!r}"'
    w, h = width + 2 * MARGIN, height + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bp bp-picture" role="img" '
        f'viewBox="{-MARGIN:g} {-MARGIN:g} {w:g} {h:g}" width="{w:g}" height="{h:g}" '
        f'style="--bp-width:{w:g}px"{numbers} '
        f'aria-label="{escape(description(facts))}">'
        + (f"<style>{THEME}{STYLE}</style>" if style else "")
        + "".join(parts)
        + "</svg>"
    )


def _evidence(facts: Facts, errors: Errors, plan: Layout, down: bool) -> tuple[str, float, float]:
    """Bars and panel below the graph, side by side or (down) one below the other."""
    top = plan.height + 26
    if down:
        width = max(plan.width, 340.0)
        below = bars(facts, 0, top, width)
        if not errors:
            return below, width, top + BARS_HEIGHT
        return (
            below + panel(errors, facts, 0, top + BARS_HEIGHT, width),
            width,
            top + BARS_HEIGHT + PANEL_HEIGHT,
        )
    width = max(plan.width, 790.0)
    below = bars(facts, 0, top, 440)
    if not errors:
        return below, width, top + BARS_HEIGHT
    return below + panel(errors, facts, 480, top, 310), width, top + PANEL_HEIGHT


def _wire(facts: Facts, wire: Wire) -> str:
    """One wire: thick and tinted where the nudge ran along it, dotted where a hold cut it."""
    move = facts.move
    look = ""
    if move and move.held and wire.target == move.node:
        look = " bp-cut"
    elif wire.source in facts.moved and wire.target in facts.moved:
        look = " bp-on"
    return path(wire.path, f"bp-wire{look}") + path(wire.head, f"bp-head{look}")


def _local(facts: Facts, wire: Wire) -> str:
    """The local derivative of a wire, on a plate of its own."""
    if (wire.target, wire.slot) not in facts.locals:
        return ""
    words, (x, y) = "×" + facts.locals[wire.target, wire.slot], wire.label
    wide = WIDE * len(words) + 4
    return rect(x - wide / 2, y - 8, wide, 16, "bp-plate", 4) + text(x, y + 4, words, "bp-local")


def _node(facts: Facts, i: int, box: Box) -> str:
    node, move = facts.nodes[i], facts.move
    look = " bp-moved" * (i in facts.moved)
    if move and i == move.node:
        look += " bp-chosen" + " bp-lost" * move.written
    if node.kind == "constant":
        inside = text(box.x + box.width / 2, box.y + 18, node.value, "bp-middle", box.width - 8)
    else:
        inside = _lines(facts.result, node, box)
    edge = rect(box.x, box.y, box.width, box.height, "bp-box", 3 if node.kind == "leaf" else 13)
    return f'<g class="bp-{node.kind}{look}">{edge}{inside}</g>'


def _lines(result: str, node: NodeFacts, box: Box) -> str:
    """Name and gate, value and change, gradient."""
    x, y = box.x + 10, box.y
    corner = f"{node.symbol or node.kind} {node.shape}".rstrip()
    grad = f"∂{result}/∂{node.name} = {node.grad}"
    if len(grad) * WIDE > 1.25 * ROOM:  # a long name stands above anyway
        grad = f"∂{result}/∂· = {node.grad}"
    value, delta = node.value, node.delta
    line = (
        rich(x, y + 39, value, delta, f"bp-delta{' bp-struck' * node.lost}", ROOM)
        if delta
        else text(x, y + 39, value, "", ROOM)
    )
    return (
        text(x, y + 20, node.name, "bp-name", ROOM - WIDE * len(corner), 9)
        + text(box.x + box.width - 9, y + 19, corner, "bp-small")
        + line
        + text(x, y + 57, grad, "bp-grad", ROOM)
    )
