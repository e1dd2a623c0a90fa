"""What every explorer shares: its look, its live sentence, its controls, its still picture."""

import asyncio
import math
from collections.abc import Callable, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import ipywidgets as w
import numpy as np
from IPython import get_ipython

from ..picture import STYLE, THEME

# For nbconvert's HTMLExporter.display_data_priority: the picture, not a slider that cannot move.
STILL_FIRST = ["text/html", "image/svg+xml", "image/png", "text/latex", "text/plain"]

WAIT = 0.4  # seconds of quiet before the sentence is announced
NARROW = 600  # px: below, graphs run from top to bottom

LOOK = f"""
.bp-explorer .bp-picture{{display:block;max-width:100%;height:auto;
min-width:calc(.75*var(--bp-width))}}
.bp-explorer .bp-stage{{overflow-x:auto}}
.bp-explorer .bp-stage .widget-html-content{{container-type:inline-size;width:100%}}
.bp-explorer .bp-narrow{{display:none}}
@container (max-width:{NARROW}px){{.bp-explorer .bp-narrow{{display:block}}
.bp-explorer .bp-wide{{display:none}}}}
.bp-explorer .bp-caption{{margin:2px 6px 8px;min-height:3em;line-height:1.5;font-size:14px;
max-width:60em;color:var(--bp-ink);background:none}}
.bp-explorer .bp-stopped .bp-picture{{opacity:.3}}
.bp-explorer .bp-live{{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
.bp-explorer .bp-title{{display:none}}
.bp-explorer{{position:relative;background:var(--jp-layout-color0,transparent)}}
.bp.bp-table{{border-collapse:collapse;background:none}}
.bp-table caption{{text-align:left;padding:4px 8px}}
.bp-table th,.bp-table td{{padding:3px 10px;text-align:left;border-bottom:1px solid var(--bp-line);
color:var(--bp-ink);font-variant-numeric:tabular-nums}}
"""


class Explorer(w.VBox):  # type: ignore[misc]
    """A column of controls and a picture, with a name, a live sentence and a still picture.

    Subclasses fill `children` through `lay_out`, say what they show in `still()`, and keep style
    sheets of their own in `look`.
    """

    look = ""

    def lay_out(self, title: str, rows: Sequence[w.Widget]) -> None:
        self.live = Live()
        script = escape(files(__package__).joinpath("names.js").read_text(), quote=True)
        style = f'<style onload="{script}">{THEME}{STYLE}{LOOK}{self.look}</style>'
        look = w.HTML(f'{style}<span class="bp-title">{escape(title)}</span>')
        look.layout.height = "0"
        look.layout.margin = "0"
        self.add_class("bp-explorer")
        self.children = (look, *rows, self.live)

    def still(self) -> str:
        """The present picture as HTML that needs nothing else."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        bundle["text/html"] = f'<div class="bp-explorer"><style>{THEME}{STYLE}{LOOK}' + (
            f"{self.look}</style>{self.still()}</div>"
        )
        return bundle


def caption(said: str) -> str:
    """A sentence for the eye; the live region says it to the ear."""
    return f'<p class="bp bp-caption" aria-hidden="true">{escape(said)}</p>' if said else ""


def both(draw: Callable[[bool], str]) -> str:
    """A picture in its two ways, across and (draw(True)) down the page; the width chooses one."""
    return f'<div class="bp-wide">{draw(False)}</div><div class="bp-narrow">{draw(True)}</div>'


def row(*controls: w.Widget) -> w.HBox:
    """Controls side by side, on as many lines as they need."""
    return w.HBox(controls, layout=w.Layout(flex_flow="row wrap", grid_gap="2px 14px"))


def button(name: str, press: Callable[[], None], icon: str = "") -> w.Button:
    """A button as wide as its name."""
    made = w.Button(description=name, icon=icon, layout=w.Layout(width="auto"))
    made.on_click(lambda _: press())
    return made


class Live(w.HTML):  # type: ignore[misc]
    """A sentence for screen readers, announced once nothing has changed for a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("bp-live")
        self._pending: asyncio.TimerHandle | None = None

    def say(self, sentence: str) -> None:
        if self._pending:
            self._pending.cancel()
        if not hasattr(get_ipython(), "kernel"):  # nobody is listening, so nothing waits
            self.value = escape(sentence)
            return
        later = asyncio.get_running_loop().call_later
        self._pending = later(WAIT, setattr, self, "value", escape(sentence))


# A click on an element of a picture: where it fell, as shares of the element's width and height.
CLICK = (
    "const r=this.getBoundingClientRect(),"
    "i=this.closest('.bp-explorer').querySelector('.bp-pointer input');"
    "i.value=(event.clientX-r.left)/r.width+' '+(event.clientY-r.top)/r.height;"
    "i.dispatchEvent(new Event('change',{bubbles:true}))"
)


class Pointer(w.Text):  # type: ignore[misc]
    """Hears clicks on a picture (see `CLICK`) and hands on where they fell, right and down.

    A mouse's short cut only: what it does, a slider has to do as well.
    """

    def __init__(self, pointed: Callable[[float, float], None]) -> None:
        super().__init__(layout=w.Layout(display="none"))
        self.add_class("bp-pointer")
        self._pointed = pointed
        self.observe(self._read, "value")

    def _read(self, change: Any) -> None:
        if change.new:
            right, down = map(float, change.new.split())
            self._pointed(right, down)
            self.value = ""  # so that a second click at the same place is heard


def number_slider(name: str, value: float) -> w.FloatSlider:
    """A slider around a value, on a grid that contains it.

    >>> number_slider("a", 2.0).max
    7.0
    """
    low, high, step = span(value)
    return w.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=name,
        readout_format=f".{_decimals(value, step)}f",
        style={"description_width": f"{max(2, 0.7 * len(name)):g}em"},
        layout=w.Layout(width="270px"),
    )


def span(value: float) -> tuple[float, float, float]:
    """(low, high, step) around a value: steps of its second digit, at least 50 to each side.

    >>> span(2.0), span(-30.0)
    ((-3.0, 7.0, 0.1), (-90.0, 30.0, 1.0))
    """
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1
    reach = max(50, math.ceil(2 * abs(value) / step)) * step
    return round(value - reach, 12), round(value + reach, 12), step


def _decimals(value: float, step: float) -> int:
    """Digits after the point that show the value as it is, and every step from it."""
    _, _, shown = f"{value:g}".partition(".")
    return min(6, max(len(shown), -math.floor(math.log10(step) + 1e-9), 0))


def log_slider(name: str, value: float, low: int, high: int) -> w.SelectionSlider:
    """A slider over 1, 2, 5 times the powers of ten, which reads and speaks the number itself."""
    steps = [float(f"{m}e{k}") for k in range(low, high) for m in (1, 2, 5)] + [10.0**high]
    return w.SelectionSlider(
        options=[(spoken(step), step) for step in steps],
        value=value,
        description=name,
        style={"description_width": "2em"},
        layout=w.Layout(width="270px"),
    )


def spoken(h: float) -> str:
    """A positive number as it is said: 0.1, 0.0002, 1e-8.

    >>> spoken(0.1), spoken(0.0002), spoken(1e-8)
    ('0.1', '0.0002', '1e-8')
    """
    return f"{h:g}".replace("e-0", "e-")


class EntryChooser(w.HBox):  # type: ignore[misc]
    """One entry of an array, by one field for each axis; hidden for a number."""

    def __init__(self, name: str, shape: tuple[int, ...], changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed
        self._busy = False
        self.reshape(name, shape)

    def reshape(self, name: str, shape: tuple[int, ...]) -> None:
        """Choose among the entries of another array."""
        axes = {1: ["entry"], 2: ["row", "column"]}.get(
            len(shape), [f"axis {k}" for k in range(len(shape))]
        )
        self.children = tuple(
            w.BoundedIntText(
                value=0,
                min=0,
                max=size - 1,
                description=f"{name} {axis}".lstrip(),
                style={"description_width": "initial"},
                layout=w.Layout(width=f"{7 + 0.6 * len(name + axis):g}em"),
            )
            for axis, size in zip(axes, shape, strict=True)
        )
        for field in self.children:
            field.observe(lambda _: self._changed(), "value")
        self.layout.display = "" if shape else "none"

    @property
    def index(self) -> tuple[int, ...]:
        return tuple(field.value for field in self.children)


def unit(shape: tuple[int, ...], index: tuple[int, ...]) -> Any:
    """1 for a number; for an array zeros with a 1 at one entry."""
    if not shape:
        return 1.0
    one = np.zeros(shape)
    one[index] = 1.0
    return one
