"""The backward sweep as people draw it by hand: values above the wires, gradients below them."""

from collections.abc import Sequence
from dataclasses import dataclass

from .colours import CIRCUIT_THEME, THEME
from .draw import STYLE, check_size
from .frame import frame
from .layout import Box, Sizes, Wire, layout
from .marks import WIDE, path, rect, text
from .walk import Turn, Walk, description

GATE = (46.0, 48.0)  # width, height of a gate, px; the rest of its box is the wire that leaves it
NARROWEST, WIDEST, BOX_HEIGHT = 124.0, 176.0, 76.0  # of a box across the page
BOX_DOWN, WIDEST_DOWN = (84.0, 104.0), 150.0
GAPS = (76.0, 96.0)
LEGEND = 24.0
LABEL_ROOM = 78.0  # for what stands on a wire
SEGMENT = 9.0  # of a bucket: one contribution

CIRCUIT_STYLE = f"""{CIRCUIT_THEME}
.bp .bp-symbol{{font-size:17px;text-anchor:middle}}
.bp .bp-long{{font-size:11px}}
.bp .bp-leafname{{font-size:15px;font-weight:700;font-style:italic;text-anchor:middle}}
.bp .bp-value{{fill:var(--bp-value)}}
.bp .bp-back{{fill:var(--bp-back);font-weight:700}}
.bp .bp-wrong{{fill:var(--bp-wrong);font-weight:700}}
.bp .bp-halo{{paint-order:stroke;stroke:var(--bp-paper);stroke-width:4px;stroke-linejoin:round}}
.bp .bp-stub{{stroke:var(--bp-ink);stroke-width:1.3;fill:none}}
.bp .bp-wire.bp-done{{stroke:var(--bp-back);stroke-width:1.6}}
.bp .bp-wire.bp-turn{{stroke:var(--bp-back);stroke-width:4}}
.bp .bp-head.bp-done,.bp .bp-head.bp-turn{{fill:var(--bp-back)}}
.bp .bp-speaks .bp-box{{stroke:var(--bp-back);stroke-width:3.4;fill:var(--bp-tint)}}
.bp .bp-hears .bp-stub{{stroke:var(--bp-back);stroke-width:3}}
.bp .bp-full{{fill:var(--bp-back);stroke:var(--bp-back)}}
.bp .bp-empty{{fill:var(--bp-paper);stroke:var(--bp-line)}}
.bp .bp-key{{font-size:12px}}
.bp.bp-source{{margin:6px;padding:8px 4px;overflow-x:auto;font:13px/1.5 var(--jp-code-font-family,
ui-monospace,monospace);background:var(--bp-wash);color:var(--bp-ink)}}
.bp-source span{{display:block;white-space:pre;min-width:max-content;line-height:1.5}}
.bp-source .bp-here{{background:var(--bp-tint);font-weight:700;
box-shadow:inset 3px 0 var(--bp-back)}}
.bp-source i{{font-weight:400;color:var(--bp-soft)}}
"""


@dataclass(frozen=True, slots=True)
class Spots:
    """Where the texts of one node stand, across or down the page."""

    gate: Box
    stub: str
    value: tuple[float, float, str]  # x, y, class of the anchor
    grad: tuple[float, float, str]
    wrong: tuple[float, float, str]
    bucket: tuple[float, float, str]
    room: float


def circuit(walked: Walk, k: int, down: bool = False, style: bool = True) -> str:
    """The circuit after k steps of the backward sweep, as SVG text.

    Values stand above the wires and gradients, marked with an arrow that points back, below; with
    `down` the picture runs from top to bottom, values and gradients below their gates. Where a
    wrong idea parts from the chain rule, its number stands with a ≠ below the right one.

    Raises:
        GraphTooLarge: more than 60 nodes.
    """
    facts = walked.facts
    check_size(facts.result, len(facts.nodes))
    pills = frozenset(i for i, node in enumerate(facts.nodes) if node.kind == "constant")
    plan = layout(facts.args, pills, down, _sizes(walked, down))
    done = {(turn.node, turn.slot): turn for turn in walked.turns[:k]}
    now = walked.turns[k - 1] if k else None
    parts = [_wire(wire, done, now, down, plan.boxes[wire.source]) for wire in plan.wires]
    for wire in plan.wires:
        parts.append(_contribution(wire, done, now, _twin(facts.args, wire), down))
    got = walked.buckets(k)
    uses = {turn.parent: turn.of for turn in walked.turns}
    for i, box in enumerate(plan.boxes):
        parts.append(_node(walked, i, box, got.get(i), uses.get(i, 0), now, down))
    parts.append(_legend(plan.height + LEGEND, walked, down))
    numbers: dict[str, object] = {"step": k, "steps": len(walked.turns)}
    if now:
        numbers |= {"contribution": now.right.contribution, "total": now.right.total}
        if walked.idea:
            numbers |= {"idea": now.idea.contribution, "idea-total": now.idea.total}
    sheet = THEME + STYLE + CIRCUIT_STYLE if style else ""
    height = plan.height + LEGEND * (3 if down else 1) + 8
    width = max(plan.width, 250.0 if down else 560.0)
    return frame(parts, width, height, description(walked, k), numbers, sheet)


def _wire(
    wire: Wire, done: dict[tuple[int, int], Turn], now: Turn | None, down: bool, box: Box
) -> str:
    """A wire: grey until something came back along it; thick, its arrow turned, while it does."""
    turn = done.get((wire.target, wire.slot))
    if turn is None:
        return path(wire.path, "bp-wire") + path(wire.head, "bp-head")
    if turn is not now:
        return path(wire.path, "bp-wire bp-done") + path(wire.head, "bp-head")
    x, y = (box.x + box.width / 2, box.y + box.height) if down else (0.0, 0.0)
    if not down:
        x, y = box.x + box.width, box.y + box.height / 2
    back = f"M{x:.1f} {y:.1f}" + ("l-7 11h14z" if down else "l11 -7v14z")
    return path(wire.path, "bp-wire bp-turn") + path(back, "bp-head bp-turn")


def _contribution(
    wire: Wire, done: dict[tuple[int, int], Turn], now: Turn | None, twin: float, down: bool
) -> str:
    """What came back along a wire; while it comes, the local derivative above it.

    `twin` says on which side of its wire, where two lead from one node to the same gate (x·x).
    """
    turn = done.get((wire.target, wire.slot))
    if turn is None:
        return ""
    lines = [(f"× {turn.local}", "")] if turn is now and turn.local else []
    if turn.of > 1:  # where it is 1, the contribution is the gradient, which stands at the node
        lines.append((f"← {turn.right.brief}", "bp-back"))
    if turn.of > 1 and turn.parts:
        lines.append((f"≠ {turn.idea.brief}", "bp-wrong"))
    x, y = wire.label
    x, y = (x + 34 * twin, y) if down else (x, y + 12 * twin)
    top = y - 8.0 * len(lines) + 12
    return "".join(
        _words(x, top + 16 * row, words, f"{css} bp-middle".lstrip(), LABEL_ROOM)
        for row, (words, css) in enumerate(lines)
    )


def _words(x: float, y: float, words: str, css: str, room: float) -> str:
    """Words at a point; where they are centred a wire runs behind them, so they get a plate."""
    if not css.endswith("bp-middle"):
        return text(x, y, words, css, room)
    width = min(len(words) * WIDE, room)
    plate = rect(x - width / 2, y - 12, width, 17, "bp-plate")
    return plate + text(x, y, words, css, room)


def _twin(args: Sequence[Sequence[int]], wire: Wire) -> float:
    """−1, 0 or 1: the side of its wire on which a label stands."""
    same = [slot for slot, j in enumerate(args[wire.target]) if j == wire.source]
    return float(len(same) > 1) * (1 if wire.slot == same[-1] else -1)


def _sizes(walked: Walk, down: bool) -> Sizes:
    """Boxes wide enough for the longest text at a node, within reason."""
    texts = [f"{node.name} = {node.value}" for node in walked.facts.nodes if node.kind == "gate"]
    texts += [f"← {turn.right.total} + …"[: None if turn.of > 1 else -4] for turn in walked.turns]
    longest = max(map(len, texts), default=0) * WIDE
    if down:
        width = min(max(longest + 6, BOX_DOWN[0]), WIDEST_DOWN)
        return Sizes((width, BOX_DOWN[1]), GAPS, (LABEL_ROOM, 24.0))
    width = min(max(longest + GATE[0] + 10, NARROWEST), WIDEST)
    return Sizes((width, BOX_HEIGHT), GAPS)


def _spots(box: Box, down: bool) -> Spots:
    if down:
        middle, foot = box.x + box.width / 2, box.y + box.height
        gate = Box(middle - 32, box.y, 64, 34)
        return Spots(
            gate=gate,
            stub=f"M{middle:g} {box.y + 34:g}V{foot:g}",
            value=(middle, box.y + 60, "bp-middle"),
            grad=(middle, box.y + 77, "bp-middle"),
            wrong=(middle, box.y + 94, "bp-middle"),
            bucket=(middle, box.y + 38, "bp-middle"),
            room=box.width,
        )
    x, middle = box.x + GATE[0], box.y + box.height / 2
    return Spots(
        gate=Box(box.x, middle - GATE[1] / 2, *GATE),
        stub=f"M{x:g} {middle:g}H{box.x + box.width:g}",
        value=(x + 7, middle - 7, "bp-start"),
        grad=(x + 7, middle + 17, "bp-start"),
        wrong=(x + 7, middle + 33, "bp-start"),
        bucket=(x + 8, middle - 34, "bp-start"),
        room=box.width - GATE[0] - 10,
    )


def _node(
    walked: Walk, i: int, box: Box, got: Turn | None, uses: int, now: Turn | None, down: bool
) -> str:
    """A gate (or a leaf, square) and the wire that leaves it, with its value and its gradient."""
    node = walked.facts.nodes[i]
    ends = i == len(walked.facts.nodes) - 1
    if node.kind == "constant":
        words = text(box.x + box.width / 2, box.y + 18, node.value, "bp-middle bp-value", 44)
        edge = rect(box.x, box.y, box.width, box.height, "bp-box", 13)
        return f'<g class="bp-constant">{edge}{words}</g>'
    spots = _spots(box, down)
    gate = spots.gate
    shown = node.name if node.kind == "leaf" else node.symbol
    css = "bp-leafname" if node.kind == "leaf" else "bp-symbol" + " bp-long" * (len(shown) > 3)
    edge = rect(gate.x, gate.y, gate.width, gate.height, "bp-box", 3 if node.kind == "leaf" else 16)
    sign = text(
        gate.x + gate.width / 2,
        gate.y + gate.height / 2 + 5,
        shown,
        css,
        gate.width - 8,
        9 if len(shown) <= 3 else 6.6,
    )
    value = node.value if node.kind == "leaf" else f"{node.name} = {node.value}"
    inside = path(spots.stub, "bp-stub") + edge + sign
    inside += _words(*spots.value[:2], value, f"bp-value {spots.value[2]}", spots.room)
    inside += _gradient(ends, got, spots)
    inside += _bucket(got.met if got else 0, uses, spots) if uses > 1 else ""
    look = f"bp-{node.kind}"
    follow = now.node == i if now else ends
    look += " bp-follow" * follow
    look += " bp-speaks" * bool(now and now.node == i) + " bp-hears" * bool(now and now.parent == i)
    return f'<g class="{look}">{inside}</g>'


def _gradient(result: bool, got: Turn | None, spots: Spots) -> str:
    """The gradient so far, and below it what the wrong idea makes of it."""
    x, y, anchor = spots.grad
    if result:
        return _words(x, y, "← 1", f"bp-back {anchor}", spots.room)
    if got is None:
        return ""
    more = " + …" if got.met < got.of else ""
    words = _words(x, y, f"← {got.right.total}{more}", f"bp-back {anchor}", spots.room)
    if got.strays:
        x, y, anchor = spots.wrong
        words += _words(x, y, f"≠ {got.idea.total}{more}", f"bp-wrong {anchor}", spots.room)
    return words


def _bucket(met: int, of: int, spots: Spots) -> str:
    """One segment for each contribution a fork will get, filled as they come."""
    x, y, anchor = spots.bucket
    if of > 6:
        return text(x, y + 8, f"{met} of {of}", f"bp-tick {anchor} bp-halo")
    x -= (anchor == "bp-middle") * (of * (SEGMENT + 2) - 2) / 2
    return "".join(
        rect(x + j * (SEGMENT + 2), y, SEGMENT, 8, "bp-full" if j < met else "bp-empty", 2)
        for j in range(of)
    )


def _legend(y: float, walked: Walk, down: bool) -> str:
    """What stands where, in words."""
    L = walked.facts.result
    where = ("on", "below") if down else ("above", "below")
    entries = [
        (f"value {where[0]} the wire", "bp-value"),
        (f"← gradient ∂{L}/∂· {where[1]} it", "bp-back"),
    ]
    if walked.idea:
        entries.append(("≠ the wrong idea", "bp-wrong"))
    inside, x = "", 0.0
    for words, css in entries:
        inside += text(x, y, words, f"{css} bp-key")
        if down:
            y += 17
        else:
            x += len(words) * WIDE + 18
    return inside
