"""Copies: nodes through pickle and deepcopy, however deep the graph below them."""

from __future__ import annotations

import copyreg
import itertools
import operator
from _thread import _local  # threading's own, without what else that loads
from collections.abc import Iterator
from typing import Any

from ..engine import node as engine
from ..engine.node import Earlier, Node, settle


class Underway(_local):
    """Nodes whose arguments are written already, by this thread."""

    def __init__(self) -> None:
        self.nodes: set[Node] = set()


_underway = Underway()


def reduce(node: Node) -> Any:
    """All nodes below come first, one after the other; each of them finds its arguments made."""
    if node.args and node not in _underway.nodes:
        return operator.itemgetter(-1), (Below(node),)
    return restored, tuple(getattr(node, slot) for slot in Node.__slots__)


class Below:
    """A result and all nodes below it, as pickle and deepcopy take them: in birth order."""

    def __init__(self, result: Node) -> None:
        found, waiting = {result}, [result]
        while waiting:
            new = {arg for arg in waiting.pop().args if arg not in found}
            found |= new
            waiting.extend(new)
        self.result, self.nodes = result, sorted(found, key=operator.attrgetter("birth"))

    def __reduce__(self) -> Any:
        return list, (), None, self.items()

    def items(self) -> Iterator[Any]:
        _underway.nodes.update(self.nodes)
        try:
            yield from self.nodes
            yield Done(self)
            yield self.result
        except GeneratorExit:
            _underway.nodes.difference_update(self.nodes)
            raise


class Done:
    """What comes after the last node of a Below: by then all of them are written."""

    def __init__(self, below: Below) -> None:
        self.below = below

    def __reduce__(self) -> Any:
        _underway.nodes.difference_update(self.below.nodes)
        return int, ()


def restored(grad: Any, value: Any, args: Any, birth: int, inputs: Any, *rest: Any) -> Node:
    """A node as it was; births go on from the latest, so nothing older looks newer."""
    name, op, params = rest
    node = Node(settle(value), op, args, tuple(map(settle, inputs)), params, name)
    node._grad = grad if grad is None or grad.__class__ is Earlier else settle(grad)
    engine.clock = itertools.count(max(node.birth, birth) + 1)
    node.birth = birth
    engine.fresh.clear()  # it may have the birth of another
    return node


def shallow(node: Node) -> Node:
    """The node beside itself, made of the same arguments: copy.copy."""
    return restored(*(getattr(node, slot) for slot in Node.__slots__))


def reduce_earlier(earlier: Earlier) -> Any:
    """What it shows now: another process has counted other sweeps."""
    return Earlier, (earlier.shown(),)


copyreg.pickle(Earlier, reduce_earlier)
Node.reduced, Node.__copy__ = reduce, shallow
