"""The backward explorer: the sweep one contribution at a time, beside a wrong idea if one likes."""

import asyncio
from contextlib import suppress
from html import escape
from typing import Any

import ipywidgets as w

from ..engine.graph import Graph
from ..engine.node import EngineError
from ..picture import GraphTooLarge, check_size, names
from ..picture.circuit import CIRCUIT_STYLE, circuit
from ..picture.walk import Idea, Walk, ending, listing, sentence, table, walk
from .given import maker
from .ideas import ideas
from .widgets import Explorer, both, button, caption, row

LOOK = """
.bp-explorer .bp-said .widget-html-content{container-type:inline-size;width:100%}
.bp-explorer .bp-said .bp-caption{min-height:4.5em}
@container (max-width:600px){.bp-explorer .bp-said .bp-caption{min-height:9em}}
"""
NONE = "none: the chain rule"


def backward(given: Any, /, **values: Any) -> w.Widget:
    """Step backward through a graph, one contribution at a time.

    Args:
        given: the Node a computation ends in (a single number), or a function.
        values: for a function, a number or an array for each of its arguments.

    Each step is local derivative × incoming gradient = contribution; where a node is used more than
    once the contributions fill its sum. On demand the generated source is shown, and the line that
    belongs to the step marked. A menu offers wrong ideas that run beside the chain rule. The graph
    may have up to 60 nodes; for a larger one a sentence is shown instead. The nodes that were given
    never change.

    Raises:
        TypeError: neither a Node nor a function, or a function without values for its arguments.
        EngineError: the result is not a single number, or depends on no leaf.

    >>> explorer = backward(lambda a, b: a * b + a, a=2.0, b=-3.0)
    >>> explorer.step.value = 4
    >>> explorer.walk.turns[-1].right.total
    '2'
    """
    graph, _ = maker(given, values, "explore.backward")
    try:
        check_size(names(graph.nodes)[-1], len(graph.nodes))
    except GraphTooLarge as too_large:
        return w.HTML(f"<p>{escape(str(too_large))}.</p>")
    return BackwardExplorer(graph)


class BackwardExplorer(Explorer):
    """What `explore.backward` returns.

    Attributes:
        graph: the graph; walk: its steps, and those of the wrong idea.
        step: the slider over the steps, 0 before the first.
        idea: the menu of wrong ideas.
        first, back, forward, end, play, part: the buttons.
        pace: how many seconds a step is shown while playing.
        picture: the HTML widget that holds the SVG; said, ended: the texts above and below it.
    """

    look = CIRCUIT_STYLE + LOOK
    pace = 1.6

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self._ideas: dict[str, Idea | None] = {NONE: None, **{i.name: i for i in ideas(graph)}}
        self._ticking: asyncio.TimerHandle | None = None
        self.walk = walk(graph)
        self.said, self.picture, self.ended = w.HTML(), w.HTML(), w.HTML()
        self.said.add_class("bp-said")
        self.picture.add_class("bp-stage")
        self.source = w.HTML()
        self.numbers = w.HTML(layout=w.Layout(overflow="auto"))
        self._controls(len(self.walk.turns))
        self.lay_out(
            f"Backward explorer of {self.walk.facts.result}",
            [
                row(self.first, self.back, self.forward, self.play, self.end, self.step),
                row(self.idea, self.part),
                self.said,
                self.picture,
                self.ended,
                row(self.as_source, self.as_table),
                self.source,
                self.numbers,
            ],
        )
        self.show()

    def _controls(self, steps: int) -> None:
        self.step = w.IntSlider(
            description="step",
            min=0,
            max=steps,
            style={"description_width": "3em"},
            layout=w.Layout(width="270px"),
        )
        self.idea = w.Dropdown(
            description="wrong idea",
            options=list(self._ideas),
            style={"description_width": "6em"},
            layout=w.Layout(width="min(360px, 96%)"),
        )
        self.first = button("To the start", lambda: self._go(0), "fast-backward")
        self.back = button("Back", lambda: self._go(self.step.value - 1), "step-backward")
        self.forward = button("Forward", lambda: self._go(self.step.value + 1), "step-forward")
        self.end = button("To the end", lambda: self._go(steps), "fast-forward")
        self.part = button("To where they part", self._go_parting, "code-fork")
        self.play = w.ToggleButton(
            description="Play", icon="play", layout=w.Layout(width="auto"), value=False
        )
        self.as_source = w.ToggleButton(
            description="Show the source", value=False, layout=w.Layout(width="auto")
        )
        self.as_table = w.ToggleButton(
            description="Show as a table", value=False, layout=w.Layout(width="auto")
        )
        self.idea.observe(self._believe, "value")
        self.play.observe(self._play, "value")
        for control in (self.step, self.as_source, self.as_table):
            control.observe(self.show, "value")

    def _go(self, k: int) -> None:
        """A button was pressed: playing stops, and the step stays within its bounds."""
        self.play.value = False
        self.step.value = min(max(k, self.step.min), self.step.max)

    def _go_parting(self) -> None:
        if self.walk.parting is None:
            self.live.say("They never part: at these numbers the idea does no harm.")
        else:
            self._go(self.walk.parting)

    def _play(self, change: Any) -> None:
        """Take a step now and one every `pace` seconds, until the end or until pressed again."""
        if self._ticking:
            self._ticking.cancel()
            self._ticking = None
        if change.new:
            if self.step.value == self.step.max:
                self.step.value = 0
            self._tick()

    def _tick(self) -> None:
        self._ticking = None
        self.step.value += 1
        if self.step.value < self.step.max:
            with suppress(RuntimeError):  # no kernel: no clock to play by
                self._ticking = asyncio.get_running_loop().call_later(self.pace, self._tick)
        self.play.value = self._ticking is not None

    def _believe(self, change: Any) -> None:
        """Run the sweep with the chosen idea beside the chain rule."""
        idea = self._ideas[change.new]
        try:
            self.walk = walk(self.graph, idea)
        except EngineError as error:
            self.walk = walk(self.graph)
            self.show()
            self._caption(f"“{change.new}” cannot even be carried out here: {error}.")
            return
        self.show()

    def show(self, _: Any = None) -> None:
        """Draw the present step."""
        walked, k = self.walk, self.step.value
        self.part.layout.display = "" if walked.idea else "none"
        self.picture.value = both(lambda down: circuit(walked, k, down, style=False))
        self.ended.value = caption(ending(walked, k))
        self.source.value = listing(walked, k) if self.as_source.value else ""
        self.numbers.value = table(walked, k) if self.as_table.value else ""
        self._caption(f"{sentence(walked, k)} {ending(walked, k)}".rstrip(), sentence(walked, k))

    def _caption(self, said: str, shown: str = "") -> None:
        """Say it; show it, or the part of it that belongs above the picture."""
        self.said.value = caption(shown or said)
        self.live.say(said)

    def still(self) -> str:
        return still(self.walk, self.step.value)


def still(walked: Walk, k: int) -> str:
    """The sweep as a picture that stands still: at step k, or at its end if nothing was stepped."""
    k = k or len(walked.turns)
    return (
        f'<p class="bp bp-caption">{escape(sentence(walked, k))} {escape(ending(walked, k))}</p>'
        f"{circuit(walked, k, style=False)}"
        f"<details><summary>The source</summary>{listing(walked, k)}</details>"
        f"<details><summary>The same as a table</summary>{table(walked, k)}</details>"
        "<p><small>A picture of the explorer: run the notebook to step through it.</small></p>"
    )
