"""A scene: a still picture with its moving parts marked, and the program that moves them.

A `Script` collects what is bound while a scene is drawn: every text, attribute or class that
depends on an input is marked in the picture (`data-bp`) and kept as words over nodes.
`Script.scene` then traces all those nodes into one program. Nothing here knows an explorer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import zip_longest
from typing import Any

import numpy as np

from ..engine.node import EngineError, Node, var
from ..graphs.program import Program
from ..picture.marks import WIDE
from .words import Words, as_json, nodes_of, said, still

Control = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """What an explorer shows.

    Attributes:
        title: its name, for who cannot see it.
        sentence: what happened, in words.
        html: the still: sentence, picture, table; complete where no script runs.
        spec: what a page needs beside the still, as JSON: the program, what is bound to it, the
            controls, the state they start from.
    """

    title: str
    sentence: str
    html: str
    spec: dict[str, Any]


class Spec(dict[str, Any]):
    """A binding's own facts, as a plot's; each is one of its own."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # dict has none, on purpose
    __eq__ = object.__eq__


@dataclass
class Script:
    """Collects inputs and bindings while a scene is drawn.

    >>> from backpropkit.scenes.words import Num
    >>> script = Script({"a": 2.0})
    >>> script.text(1, 2, ("a² = ", Num(script.node("a") ** 2)))
    '<text x="1" y="2" data-bp="0">a² = 4</text>'
    >>> script.scene("A square", "", "").spec["program"]["code"]
    [2.0, ['power', [0], {'n': 2}]]
    """

    state: Mapping[str, Any]
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)  # what a state may say

    def __post_init__(self) -> None:
        self.inputs = {name: var(self._value(name), name) for name in self.state}
        self._moving: dict[Node, bool] = dict.fromkeys(self.inputs.values(), True)
        self._bound: list[tuple[Any, ...]] = []
        self._place: dict[Any, int] = {}
        self._named: list[Node] = []
        self._fed: list[Node] = []
        self._watched: list[tuple[Node, str]] = []

    def _value(self, name: str) -> Any:
        value = self.state[name]
        if isinstance(value, str):
            return float(list(self.words[name]).index(value))
        return np.asarray(value, float) if isinstance(value, list) else float(value)

    def node(self, name: str) -> Node:
        """The node of an input."""
        return self.inputs[name]

    def fed(self, name: str, value: Any) -> Node:
        """An input that is no part of the state: the page computes it of that (see `walks`)."""
        node = self.inputs[name] = var(value, name)
        self._moving[node] = True
        self._fed.append(node)
        return node

    def moves(self, node: Node) -> bool:
        """Whether any input reaches a node."""
        waiting = [node]
        while waiting:
            now = waiting[-1]
            unknown = [arg for arg in now.args if arg not in self._moving]
            if unknown and now not in self._moving:
                waiting += unknown
                continue
            self._moving.setdefault(now, any(self._moving[arg] for arg in now.args))
            waiting.pop()
        return self._moving[node]

    def watch(self, node: Any, name: str) -> None:
        """Where this is no number, or no finite one, nothing is drawn: the page says so and stops.

        Raises EngineError where it is none now.
        """
        if not isinstance(node, Node) or not self.moves(node):
            return
        if lost := no_number(node.value, name):
            raise EngineError(lost)
        self._watched.append((node, name))

    def _seen(self, register: Any) -> list[list[Any]]:
        """What is watched, by register; what has two names has the first."""
        named: dict[int, str] = {}
        for node, name in self._watched:
            named.setdefault(register(node), name)
        return [list(pair) for pair in named.items()]

    # --- binding ---------------------------------------------------------------------------------

    def bind(self, kind: str, *what: Any) -> int:
        """Keep a binding; the same one twice is kept once."""
        if (kind, *what) not in self._place:
            self._place[kind, *what] = len(self._bound)
            self._bound.append((kind, *what))
        return self._place[kind, *what]

    def tag(
        self,
        name: str,
        inside: str | None = "",
        *,
        css: str = "",
        classes: Mapping[str, Node] | None = None,
        shown: Node | None = None,
        words: Words | None = None,
        marks: Sequence[int] = (),
        **attributes: Words,
    ) -> str:
        """An element; what moves of it is bound.

        Args:
            inside: markup; or `words`, and nothing but words.
            css: classes it always has; `classes`: those it has while a node is not 0.
            shown: while this node is 0 the element is hidden.
            marks: further bindings of its own, as `bind` returned them.
            attributes: words each; `data_room` is written data-room.
        """
        bound, text = list(marks), ""
        for title, node in (classes or {}).items():
            css += f" {title}" * bool(node.value)
            if self.moves(node):
                bound.append(self.bind("class", title, node))
        if css:
            text += f' class="{css.strip()}"'
        for title, value in attributes.items():
            title = title.rstrip("_").replace("_", "-")
            kept = still(value, self.moves)
            text += f' {title}="{escape(said(kept))}"'
            if any(not isinstance(part, str) for part in kept):
                bound.append(self.bind("set", title, kept))
        if shown is not None:
            text += "" if shown.value else ' hidden=""'
            if self.moves(shown):
                bound.append(self.bind("show", shown))
        if words is not None:
            kept = still(words, self.moves)
            inside = escape(said(kept))
            if any(not isinstance(part, str) for part in kept):
                bound.append(self.bind("text", kept))
        if bound:
            text += f' data-bp="{" ".join(map(str, bound))}"'
        return f"<{name}{text}/>" if inside is None else f"<{name}{text}>{inside}</{name}>"

    def text(
        self, x: float, y: float, words: Words, css: str = "", room: float = 0, **more: Any
    ) -> str:
        """Words at a point of a picture, squeezed where they do not fit into `room`."""
        fit: dict[str, Any] = squeezed(len(said(words)), room) if room else {}
        return self.tag("text", x=f"{x:.5g}", y=f"{y:.5g}", css=css, words=words, **fit, **more)

    def registers(self, *nodes: Node) -> list[Node]:
        """Nodes the controls speak of by register; see `scene`."""
        self._named += nodes
        return list(nodes)

    # --- the scene -------------------------------------------------------------------------------

    def scene(
        self,
        title: str,
        sentence: str,
        html: str,
        controls: Sequence[Sequence[Control]] = (),
        past: Mapping[str, Mapping[str, Any]] | None = None,
        guards: Sequence[tuple[Node, bool, str]] = (),
        walks: Mapping[str, Any] | None = None,
    ) -> Scene:
        """The finished scene.

        Args:
            controls: rows of them; see `explore/page/controls.js` for the kinds. A node in one is
                replaced by its register.
            past: {state: {on, values, rows}}: rows that remember what some nodes were before
                another choice was made.
            guards: (node, was it true, how it reads): a branch that was taken while recording.
            walks: programs of one step, whose results the page feeds back: `explore/page/stage.js`.
        """
        rest = {"controls": controls, "past": past or {}, "guards": guards}
        outputs = [*_nodes_in(rest), *self._named, *(node for node, _ in self._watched)]
        for kind, *what in self._bound:
            for part in what:
                outputs += nodes_of(part) if kind in ("text", "set") else _nodes_in(part)
        program = Program(outputs, self.inputs)
        register = program.register.__getitem__
        code = program.code()
        for node in self._fed:
            code[register(node)] = {"s": list(node.shape)}

        def told(kind: str, *what: Any) -> list[Any]:
            worded = {"text": (0,), "set": (1,)}.get(kind, ())
            return [kind] + [
                as_json(part, register) if k in worded else _plain(part, register)
                for k, part in enumerate(what)
            ]

        spec = {
            "title": title,
            "program": {
                "code": code,
                "inputs": {name: register(node) for name, node in self.inputs.items()},
            },
            "bindings": [told(*bound) for bound in self._bound],
            "state": dict(self.state),
            "words": {name: list(words) for name, words in self.words.items()},
            **_plain(rest, register),
            "watched": self._seen(register),
            **({"walks": walks} if walks else {}),
        }
        return Scene(title, sentence, html, spec)


def no_number(value: Any, name: str) -> str:
    """What to say where a value is no finite number; "" where it is. As in page/stage.js.

    >>> no_number(np.array([1.0, np.inf]), "K"), no_number(2.0, "a")
    ('K goes beyond ±1.8e308, where the numbers of computers end', '')
    """
    if np.any(np.isnan(value)):
        return f"{name} is not defined there"
    if np.all(np.isfinite(value)):
        return ""
    return f"{name} goes beyond ±1.8e308, where the numbers of computers end"


def suited(
    begin: Mapping[str, Any], state: Mapping[str, Any], words: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """A start, and what of a state suits it: entries of the same shape, words that may be said.

    >>> suited({"a": 1.0, "on": [0.0, 0.0]}, {"a": 2.0, "on": [1.0], "b": 3.0}, {})
    {'a': 2.0, 'on': [0.0, 0.0]}
    """
    kept = {
        name: value
        for name, value in state.items()
        if name in begin
        and np.shape(value) == np.shape(begin[name])
        and value in words.get(name, [value])
    }
    return {**begin, **kept}


def table(
    script: Script,
    caption: Words,
    rows: Sequence[Mapping[str, Words]],
    shown: Sequence[Node | None] = (),
) -> str:
    """Rows of words as an HTML table; the first cell of a row is its name. Empty columns go.

    `shown` may say for every row while which node is not 0 it is there.
    """
    head = [title for title in rows[0] if any(row[title] not in ("", ()) for row in rows)]
    body = ""
    for row, when in zip_longest(rows, shown):
        first, *rest = head
        cells = "".join(script.tag("td", words=row[title]) for title in rest)
        name = script.tag("th", scope="row", words=row[first])
        body += script.tag("tr", name + cells, shown=when)
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    return (
        f'<table class="bp bp-table">{script.tag("caption", words=caption)}'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    )


def squeezed(characters: int, room: float) -> dict[str, Any]:
    """Attributes that hold a text within its room, now and when it has moved."""
    tight = {"textLength": f"{room:g}", "lengthAdjust": "spacingAndGlyphs"}
    return {"data_room": f"{room:g}", **(tight if characters * WIDE > room else {})}


def _nodes_in(thing: Any) -> list[Node]:
    """Every node inside of lists and dicts."""
    if isinstance(thing, Node):
        return [thing]
    if isinstance(thing, Mapping):
        return [node for part in thing.values() for node in _nodes_in(part)]
    if isinstance(thing, (list, tuple)):
        return [node for part in thing for node in _nodes_in(part)]
    if hasattr(thing, "node"):
        return list(nodes_of(thing))
    return []


def _plain(thing: Any, register: Any) -> Any:
    """The same with registers in place of nodes, and words as they travel."""
    if isinstance(thing, Node):
        return register(thing)
    if isinstance(thing, Mapping):
        return {name: _plain(part, register) for name, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [_plain(part, register) for part in thing]
    return as_json(thing, register)[0] if hasattr(thing, "node") else thing
