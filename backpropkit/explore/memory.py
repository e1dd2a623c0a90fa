"""The memory explorer: what a graph keeps for its backward pass, against depth; and no_grad."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.node import Node
from ..scenes import Scene
from ..scenes import memory as scenes
from ..scenes.memory import Kept, Kind
from .stage import Handle, Stage

FIRST = 10  # depth that is shown before anything was moved


def memory(given: Node | Callable[[int], Node], /, *, deepest: int = 20) -> Stage:
    """See what a graph keeps for its backward pass as it gets deeper, and that no_grad keeps none.

    Args:
        given: a function of a depth (1, 2, 3 …) that returns the Node a computation ends in; or
            such a Node, whose gates are then counted one after the other.
        deepest: for a function, the largest depth.

    Raises:
        TypeError: neither a Node nor a function.
        EngineError: a function that returns no Node, or a Node computed from nothing.

    >>> import backpropkit as bp
    >>> def chain(depth):
    ...     x = bp.var(0.5, "x")
    ...     for _ in range(depth):
    ...         x = bp.sin(x)
    ...     return x
    >>> explorer = memory(chain)
    >>> explorer.depth.value = 10
    >>> explorer.seen.kept
    10
    """
    if isinstance(given, Node):
        kept = scenes.gates(given)
        return MemoryExplorer(kept, kept.depths[-1])
    if not callable(given):
        raise TypeError(
            "explore.memory takes the Node a computation ends in or a function of a depth, and "
            f"was given {given!r:.60} (a {type(given).__name__})"
        )
    return MemoryExplorer(scenes.depths(given, deepest), min(FIRST, deepest))


@dataclass(frozen=True)
class Memory:
    """What is kept at one depth, and by which gates."""

    depth: int
    kinds: tuple[Kind, ...]
    recording: bool

    @property
    def would(self) -> int:
        """How many numbers are kept when recording."""
        return sum(kind.numbers for kind in self.kinds)

    @property
    def kept(self) -> int:
        return self.would * self.recording


class MemoryExplorer(Stage):
    """What `explore.memory` returns.

    Attributes:
        depth, way: what the controls say, to read and to set.
        seen: what is shown.
    """

    def __init__(self, kept: Kept, first: int) -> None:
        self._kept = kept
        self._begin = {"depth": float(first), "way": scenes.RECORDING}
        super().__init__(self._scene)
        self.depth, self.way = Handle(self, "depth"), Handle(self, "way")

    def _scene(self, state: Mapping[str, Any]) -> Scene:
        return scenes.scene(self._kept, {**self._begin, **state})

    @property
    def seen(self) -> Memory:
        last = max(k for k, d in enumerate(self._kept.depths) if k == 0 or d <= self.depth.value)
        kinds = tuple(self._kept.kinds[last].values())
        return Memory(self._kept.depths[last], kinds, self.way.value == scenes.RECORDING)
