"""Renders every explorer and every figure to PNG, light and dark: python docs/gallery.py FOLDER

Explorers are rendered as they stand in a page and on a phone. Look at them after every change.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import ipywidgets as w

import backpropkit as bp

SETUP = """
import numpy as np
import backpropkit as bp
from backpropkit.descent import *

a, b, c, f = (bp.var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 4.0, "f": -2.0}.items())
e = (a * b).named("e")
d = (e + c).named("d")
L = (d**2).named("L")
x, w, u, v = (bp.var(k, n) for n, k in {"x": 0.8, "w": 0.5, "u": -0.3, "v": 0.9}.items())
h = (w * x).named("h")
y, z = (u * h).named("y"), (v * h).named("z")
fork = ((y - 1.0) ** 2 + y * z).named("J")
matrix = [[2.0, 0.5, 0.3], [0.5, 1.5, -0.2], [0.3, -0.2, 1.0]]
K = bp.var(matrix, "K")
logdet = bp.logdet(K).named("L")

def layers(depth):
    h = bp.const(np.ones(1000))
    for _ in range(depth):
        h = bp.sigmoid(bp.var(0.5) * h)
    return h.sum()

starts = [(0.2, 1.2), (-0.6, 1.2), (-0.6, -1.6), (0.4, -1.6)]
"""

EXPLORERS = {
    "nudge": "bp.explore.nudge(L)",
    "backward": "bp.explore.backward(fork)",
    "gate": "bp.explore.gate()",
    "paths": "bp.explore.paths(fork, w)",
    "descent": "bp.explore.descent(bowl)",
    "descent-curve": "bp.explore.descent(double_well)",
    "entries": "bp.explore.entries(lambda K: bp.logdet(K), K=matrix)",
    "memory": "bp.explore.memory(layers)",
}

FIGURES = {
    "secant": "bp.figures.secant(lambda a: a**3, 2.0, (1.5, 1.0, 0.5, 0.1), name='a³')",
    "errors": "bp.figures.errors(lambda a: a**3, 2.0, name='a³')",
    "parabola": "bp.figures.descent([descend(parabola, r, 20) for r in (0.1, 0.9, 1.0, 1.05)])",
    "bowl": "bp.figures.descent([descend(bowl, r) for r in (0.02, 0.1, 0.18, 0.21)])",
    "three-walls": "bp.figures.descent([descend(three_walls, r) for r in (0.05, 0.2, 0.42)])",
    "double-well": "bp.figures.descent([descend(double_well, 0.05, start=s) for s in (0.1, 0.2)])",
    "four-valleys": "bp.figures.descent([descend(four_valleys, 0.01, 60, s) for s in starts])",
    "banana": "bp.figures.descent([descend(banana, 0.001, 300, momentum=m) for m in (0, 0.9)])",
    "saddle": "bp.figures.descent([descend(saddle, 0.1, 40, (-1.8, s)) for s in (0.0, 0.05)])",
    "sign-of-J": "bp.figures.descent([descend(sunken_parabola, 0.05, 60, rule=r)"
    " for r in ('descent', 'sign of J')])",
    "rates": "bp.figures.rates(bowl)",
    "losses": "bp.figures.curves({f'momentum {m}': descend(banana, 0.001, 200, momentum=m).losses"
    " for m in (0.0, 0.5, 0.9)}, 'J on the banana, 200 steps of η = 0.001.', up='J', log='y')",
    "paths": "bp.figures.paths(fork, w)",
    "entries": "bp.figures.entries(logdet, K)",
    "entries-together": "bp.figures.entries(logdet, K, together=True)",
}

LIGHT, DARK, WIDE, PHONE = "light", "dark", 960, 390
PAGE = """<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body{{margin:10px;font:14px system-ui,sans-serif}}.p-Widget{{overflow:visible}}</style>
<body>{}</body>"""


def made(code: str) -> Any:
    """What a line of the gallery evaluates to."""
    names: dict[str, Any] = {}
    exec(SETUP, names)
    return eval(code, names)


def live(explorer: Any) -> str:
    """What an explorer shows in a notebook; of the older ones without its controls."""
    if isinstance(explorer, bp.explore.Stage):
        return explorer.html()
    inside = [child for child in explorer.children if isinstance(child, w.HTML)][:-1]  # not `live`
    shown = (f'<div class="widget-html-content">{child.value}</div>' for child in inside)
    return f'<div class="bp-explorer"><div class="bp-stage">{"".join(shown)}</div></div>'


def pages() -> dict[str, tuple[str, int]]:
    """The name of every picture, its page and the page's width."""
    found = {}
    for name, code in EXPLORERS.items():
        explorer = made(code)
        found[f"explorer-{name}"] = (explorer._repr_mimebundle_()["text/html"], WIDE)
        found[f"explorer-{name}-phone"] = (live(explorer), PHONE)
    for name, code in FIGURES.items():
        found[f"figure-{name}"] = (made(code)._repr_html_(), WIDE)
    return found


def main(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (html, width) in pages().items():
            for theme in (LIGHT, DARK):
                page = browser.new_page(
                    viewport={"width": width, "height": 200}, color_scheme=theme
                )
                page.set_content(PAGE.format(html))
                page.screenshot(path=folder / f"{name}-{theme}.png", full_page=True)
                page.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python docs/gallery.py FOLDER")
    main(Path(sys.argv[1]))
