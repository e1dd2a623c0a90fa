"""The stage: a scene in a notebook, in a page, in a file; the one widget of all explorers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from numbers import Real
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import numpy as np
import traitlets
from IPython.display import display

from ..engine.node import EngineError
from ..picture.colours import CIRCUIT_THEME, THEME
from ..picture.numbers import number
from ..scenes import Scene
from ..scenes.scene import suited
from . import page

WIDTHS = range(300, 2500, 100)  # px: a picture is drawn across only where it can be read
FITS = "".join(
    f"@container (max-width:{width}px){{.bp-wide.bp-from-{width}{{display:none}}"
    f".bp-explorer .bp-narrow.bp-from-{width}{{display:block}}}}"
    for width in WIDTHS
)
LOOK = THEME + CIRCUIT_THEME + (page.HERE / "look.css").read_text(encoding="utf-8") + FITS
# For nbconvert's HTMLExporter.display_data_priority: what moves by itself, not a widget.
STILL_FIRST = ["text/html", "image/svg+xml", "image/png", "text/latex", "text/plain"]
SHARED = "BACKPROPKIT_SHARED_SCRIPT"  # set where one script of the site moves all its pages


def playable(scene: Scene) -> Scene:
    """The scene; raise EngineError where a page cannot compute one of its ops."""
    programs = (scene.spec["program"], *scene.spec.get("walks", {}).get("programs", ()))
    used = {line[0] for each in programs for line in each["code"] if isinstance(line, list)}
    if strange := sorted(used - page.forwards()):
        raise EngineError(
            f"a page cannot compute {', '.join(strange)}: enter the forward in FORWARDS, in "
            "backpropkit/explore/page/engine.js, then run python -m backpropkit.explore.page"
        )
    return scene


def refused(scene: Mapping[str, Any], state: Mapping[str, Any], name: str, new: Any) -> str:
    """Why an entry of a state cannot become this; "" where it can. What a control does not
    take is refused there, too.

    >>> refused({"words": {}, "state": {"h": 0.1}, "controls": []}, {"h": 0.1}, "h", [1.0, 2.0])
    'h is a single number; given was [1.0, 2.0]'
    """
    given, words = f"given was {new!r:.60}", scene["words"].get(name)
    controls = [
        c for row in scene["controls"] for c in row if name in (c.get("name"), c.get("many"))
    ]
    if words is not None:
        for control in controls:
            words = words[: int(state[control["many"]])] if "many" in control else words
        known = isinstance(new, str) and new in words
        return "" if known else f"{name} is one of {', '.join(map(repr, words))}; {given}"
    size = np.shape(scene["state"][name])
    numbers = numbers_in(new)
    if numbers is None or numbers.shape != size:
        what = f"an array of shape {size}" if size else "a single number"
        return f"{name} is {what}; {given}"
    if not np.all(np.isfinite(numbers)):
        return f"{name} is finite: numbers of computers end at ±1.8e308; {given}"
    for control in controls:
        for entry, (low, high, whole) in zip(numbers.flat, spans(control, state), strict=False):
            if not low <= entry <= high:
                return f"{name} goes from {number(low)} to {number(high)}; {given}"
            if whole and entry % 1:
                return f"{name} is a whole number; {given}"
        if control.get("only") and numbers not in control["steps"]:
            near = min(control["steps"], key=lambda step: abs(step - float(numbers)))
            return f"{name} is one of those that are listed, the nearest is {near}; {given}"
        if control["kind"] == "steps" and numbers == 0 and "within" not in control:
            return f"{name} is not 0: nothing would move; {given}"
    return ""


def numbers_in(new: Any) -> np.ndarray | None:
    """As an array of floats; None where it is something else, such as a text that says a number."""
    try:
        given = np.asarray(float(new) if isinstance(new, Real) else new)
        return given.astype(float) if given.dtype.kind in "biuf" else None
    except (TypeError, ValueError, OverflowError):
        return None


def spans(control: Mapping[str, Any], state: Mapping[str, Any]) -> list[tuple[float, float, bool]]:
    """(lowest, highest, whether only whole numbers) of what a control sets, if it has ends."""
    if "within" in control:
        return [(*control["within"], control.get("whole", False))]
    if "many" in control:  # how many of its words there are
        return [(1.0, float(len(control["values"])), True)]
    if control["kind"] == "play":
        return [(0.0, control["max"], False)]
    if control["kind"] in ("toggle", "checks"):
        return [(0.0, 1.0, True)] * len(control.get("options", [""]))
    if control["kind"] == "entry":
        return [(0.0, size - 1.0, True) for size in shape_of(control, state)]
    return []


def shape_of(control: Mapping[str, Any], state: Mapping[str, Any]) -> list[int]:
    """Of the array whose entry a control chooses."""
    of = control.get("of")
    shape: list[int] = control["shapes"][control["words"].index(state[of]) if of else 0]
    return shape


def placed(scene: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """What a choice elsewhere has left without its place: an entry that the array now chosen has
    not becomes the first one (as in page/stage.js), and a word beyond those there are the last.

    >>> at = {"kind": "entry", "name": "at", "of": "of", "words": ["x", "W"]}
    >>> controls = [[{**at, "shapes": [[2], [4, 2]]}]]
    >>> placed({"controls": controls}, {"of": "x", "at": [3.0, 1.0]})
    {'at': [0.0, 0.0]}
    """
    moved: dict[str, Any] = {}
    for control in (c for row in scene["controls"] for c in row):
        name, of, many = (control.get(key) for key in ("name", "of", "many"))
        if of and state[of] in control["words"]:
            sizes = zip(state[name], shape_of(control, state), strict=False)
            if any(at >= size for at, size in sizes):
                moved[name] = [0.0] * len(state[name])
        if many and control["values"].index(state[name]) >= state[many]:
            moved[name] = control["values"][int(state[many]) - 1]
    return moved


def brought(scene: Mapping[str, Any], name: str, new: Any) -> dict[str, Any]:
    """What a choice brings with it, as another surface its start: `also` in page/controls.js."""
    for control in (c for row in scene["controls"] for c in row if c.get("name") == name):
        known = isinstance(new, str) and new in control.get("values", ())
        if known and "also" in control:
            return dict(control["also"][control["values"].index(new)])
    return {}


class Handle:
    """One entry of a stage's state, to read and to set: `explorer.h.value = 1.0`.

    Raises ValueError where it is set to what there is no picture of; the text says what there is.
    """

    def __init__(self, stage: Stage, name: str) -> None:
        self._stage, self._name = stage, name

    @property
    def value(self) -> Any:
        return self._stage.state[self._name]

    @value.setter
    def value(self, new: Any) -> None:
        stage = self._stage
        stage.state = {**stage.state, **brought(stage.scene, self._name, new), self._name: new}


class Stage(anywidget.AnyWidget):
    """What every explorer is: a scene that moves in the page, and a state that Python hears.

    Attributes:
        state: what the controls say, by name; set it (all of it) to move the picture from Python,
            `observe` it to hear of what a learner does. ValueError where there is no such picture.
        now: the scene at the present state.
    """

    _esm = page.as_widget()
    _css = LOOK
    scene = traitlets.Dict().tag(sync=True)  # the still and its spec, as the page takes them
    state = traitlets.Dict().tag(sync=True)
    key = traitlets.Unicode().tag(sync=True)
    beside = traitlets.Bool(False).tag(sync=True)  # the picture stands in HTML of its own

    def __init__(self, draw: Callable[[Mapping[str, Any]], Scene]) -> None:
        self._draw: Callable[[Mapping[str, Any]], Scene] = lambda state: playable(draw(state))
        first = self._draw({})
        self._first = first
        super().__init__(
            scene={**first.spec, "html": first.html},
            state=dict(first.spec["state"]),
            key=uuid4().hex[:12],
        )

    @traitlets.validate("state")
    def _suits(self, proposal: Any) -> dict[str, Any]:
        """The state, what Python changed of it looked at; all of it stays where that is refused.

        What the page sends is this state already when it comes here, and nothing of it has changed:
        a page refuses by itself.
        """
        new, old = proposal["value"], self.state
        if new.keys() != old.keys():
            raise ValueError(f"a state has {', '.join(old)}; given was one of {', '.join(new)}")
        changed = {name: value for name, value in new.items() if value is not old[name]}
        for name, value in changed.items():
            if name in self.scene["state"] and (wrong := refused(self.scene, new, name, value)):
                raise ValueError(wrong)
            changed[name] = value if isinstance(value, str) else np.asarray(value, float).tolist()
        new = {**new, **changed}
        return {**new, **placed(self.scene, new)}

    @traitlets.observe("state")
    def _other_branch(self, _: Any) -> None:
        """Where an `if` turned out the other way, record anew and show that.

        The state stays the page's, which may have moved on: what of it suits the new scene, both
        sides see by `suited`.
        """
        if not self.scene.get("guards"):
            return
        now = self.now
        if now.spec["guards"] != self.scene["guards"]:
            state, words = now.spec["state"], now.spec["words"]
            start = suited(state, self.scene["state"], words)
            self.scene = {**now.spec, "state": start, "html": now.html}

    @property
    def now(self) -> Scene:
        """The scene at the present state; where there is no value, what the page says, too."""
        try:
            return self._draw(self.state)
        except (EngineError, ArithmeticError) as error:
            said = f"No picture here: {error}. Move back."
            html = f'<p class="bp bp-caption">{escape(said)}</p>'
            return replace(self._first, sentence=said, html=html)

    def still(self) -> str:
        """The present picture as HTML: what is seen where no script runs."""
        return self.now.html

    def html(self, script: bool = True) -> str:
        """HTML that moves in any page and needs nothing else; the still where scripts do not run.

        Without `script` the page has to bring that itself.
        """
        now = self.now
        lost = now.spec is self._first.spec  # what is not defined now may be when it is moved
        still = self._first.html if lost else self.still()
        spec = {**now.spec, "state": self.scene["state"], "now": self.state}
        carried = json.dumps(spec, ensure_ascii=False, separators=(",", ":")).replace(
            "<", "\\u003c"
        )
        run = f'<script type="module">{page.as_script()}</script>' if script else ""
        return (
            f'<div class="bp-here" data-stage="{self.key}"><style>{LOOK}</style>'
            f'<div class="bp-explorer">{still}</div>'
            f'<script type="application/json" class="bp-scene">{carried}</script></div>{run}'
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one file that moves without kernel, network or installation; its path.

        >>> from backpropkit import explore
        >>> explore.nudge(lambda a: a * a, a=3.0).save("/tmp/square.html").name
        'square.html'
        """
        title = escape(self.scene["title"])
        file = Path(path)
        file.write_text(
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{title}</title><style>body{{margin:12px}}</style>"
            f"<body><main>{self.html()}</main></body></html>\n",
            encoding="utf-8",
        )
        return file

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:  # type: ignore[override]
        """HTML only: it moves in a notebook that was opened again, where a widget is not found."""
        return {
            "text/plain": self.now.sentence,
            "text/html": self.html(script=SHARED not in os.environ),
        }

    def _ipython_display_(self, **_: Any) -> None:
        """The HTML, and beside it the widget through which Python hears; its place stays empty."""
        display(self._repr_mimebundle_(), raw=True)
        if SHARED in os.environ:
            return
        self.beside = True
        view = {"model_id": self.model_id, "version_major": 2, "version_minor": 0}
        display(
            {
                "application/vnd.jupyter.widget-view+json": view,
                "text/html": '<span class="bp-ear"></span>',
                "text/plain": "",
            },
            raw=True,
        )
