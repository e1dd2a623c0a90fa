"""How long a learner waits for a picture, and how much a page carries: python -m bench.explorers

Key press to changed picture with real keys in headless Chromium: in a page saved from an explorer,
opened from disk, and for the first explorer in a real JupyterLab as well.
"""

import gzip
import runpy
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/browser"))
import harness

from backpropkit.explore import page as script

PRESSES = 60
GALLERY = runpy.run_path(str(Path(__file__).parents[1] / "docs/gallery.py"))

# What is pressed in each explorer of the gallery: a control by its name, and a key there and back.
CONTROLS = {
    "nudge": ("slider", "a", "ArrowRight", "ArrowLeft"),
    "backward": ("slider", "step", "ArrowRight", "ArrowLeft"),
    "gate": ("slider", "x", "ArrowRight", "ArrowLeft"),
    "paths": ("checkbox", "1", "Space", "Space"),
    "descent": ("slider", "η", "ArrowRight", "ArrowLeft"),
    "descent-curve": ("slider", "η", "ArrowRight", "ArrowLeft"),
    "entries": ("slider", "h", "ArrowLeft", "ArrowRight"),
    "memory": ("slider", "depth", "ArrowRight", "ArrowLeft"),
}

# From a key to the last change of the picture that it made (they all come before the next paint).
WATCH = """() => {
  const stage = document.querySelector(".bp-explorer");
  window.times = [];
  let pressed = 0;
  addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (pressed) times.push(performance.now() - pressed);
    pressed = 0;
  }).observe(stage, {subtree: true, childList: true, attributes: true, characterData: true});
}"""

# When the still was first painted (two frames after it stands there: a page without a window names
# no paints), and when it could be moved; ms from the start of the page.
FIRST = """() => {
  const when = (found) => new Promise((yes) => {
    const look = () => document.querySelector(found) ? yes(performance.now()) : setTimeout(look);
    look();
  });
  const frame = () => new Promise(requestAnimationFrame);
  window.painted = when(".bp-picture").then(frame).then(frame);
  window.alive = when(".bp-alive");
}"""


def pressed(page: Any, role: str, name: str, there: str, back: str) -> str:
    """The time from key to picture, median and the 95th of a hundred, ms."""
    root = page.locator(".bp-explorer").first
    root.get_by_role(role, name=name, exact=role != "checkbox").first.focus()
    page.evaluate(WATCH)
    for k in range(PRESSES):
        page.keyboard.press(there if k % 10 < 5 else back)
        page.wait_for_timeout(30)
    times = page.evaluate("times")
    if len(times) < PRESSES / 2:
        return f"only {len(times)} of {PRESSES} keys moved it"
    return f"{median(times):.1f} ({quantiles(times, n=20)[-1]:.1f})"


def saved(chromium: Any, folder: Path, name: str) -> list[str]:
    """One explorer from a file: how large, how soon, how quick."""
    file = GALLERY["made"](GALLERY["EXPLORERS"][name]).save(folder / "page.html")
    text = file.read_bytes()
    sizes = f"{len(text) / 1000:.0f} / {len(gzip.compress(text)) / 1000:.0f}"
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(f"({FIRST})()")
    page.goto(file.as_uri())
    painted, alive = (page.evaluate(f"() => window.{what}") for what in ("painted", "alive"))
    first = f"{painted:.0f} / {alive:.0f}"
    quick = pressed(page, *CONTROLS[name])
    page.close()
    return [sizes, first, quick]


def in_lab(chromium: Any, home: Path) -> str:
    cell = GALLERY["SETUP"] + GALLERY["EXPLORERS"]["nudge"]
    with harness.running_lab(home) as lab:
        notebook = harness.open_notebook(lab, chromium, [cell], "bench", 1280, 1000)
        notebook.run_all()
        notebook.page.locator(".bp-alive").wait_for()
        quick = pressed(notebook.page, *CONTROLS["nudge"])
        notebook.close()
    return quick


def main() -> None:
    text = script.as_script().encode()
    packed = len(gzip.compress(text)) / 1000
    print(f"script: {len(text) / 1000:.0f} kB, {packed:.1f} kB gzip (at most 40)")
    print(
        "\n| saved page | kB / gzip | first paint / alive, ms | key to picture, median (p95), ms |"
    )
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home, harness.running_chromium() as chromium:
        for name in CONTROLS:
            print("| " + " | ".join([name, *saved(chromium, Path(home), name)]) + " |", flush=True)
        print(f"\nnudge in JupyterLab, key to picture: {in_lab(chromium, Path(home))}")


if __name__ == "__main__":
    main()
