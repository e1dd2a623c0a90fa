"""The backward sweep as people draw it by hand: values above the wires, gradients below them."""

from dataclasses import dataclass

from .layout import Box, Sizes
from .marks import WIDE
from .walk import Walk

GATE = (46.0, 48.0)  # width, height of a gate, px; the rest of its box is the wire that leaves it
NARROWEST, WIDEST, BOX_HEIGHT = 124.0, 176.0, 76.0  # of a box across the page
BOX_DOWN, WIDEST_DOWN = (84.0, 104.0), 150.0
GAPS = (76.0, 66.0)
LEGEND = 24.0
LABEL_ROOM = 78.0  # for what stands on a wire
SEGMENT = 9.0  # of a bucket: one contribution


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


def sizes(walked: Walk, down: bool) -> Sizes:
    """Boxes wide enough for the longest text at a node, within reason."""
    texts = [f"{node.name} = {node.value}" for node in walked.facts.nodes if node.kind == "gate"]
    texts += [f"← {turn.right.total} + …"[: None if turn.of > 1 else -4] for turn in walked.turns]
    longest = max(map(len, texts), default=0) * WIDE
    if down:
        width = min(max(longest + 6, BOX_DOWN[0]), WIDEST_DOWN)
        return Sizes((width, BOX_DOWN[1]), GAPS, (LABEL_ROOM, 24.0))
    width = min(max(longest + GATE[0] + 10, NARROWEST), WIDEST)
    return Sizes((width, BOX_HEIGHT), GAPS)


def spots(box: Box, down: bool) -> Spots:
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
