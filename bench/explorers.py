"""How long a learner waits for a picture: python -m bench.explorers

Key press to changed picture, in the page, in headless Chromium on a real JupyterLab; and the pure
SVG function alone. Prints one row an example.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/browser"))
import harness

from backpropkit import Graph, Node, descent, picture
from backpropkit.picture.layout import layout
from backpropkit.picture.runs import Walk, draw_walk

PRESSES = 60

EXAMPLES = {
    "J = 3(a + bc)": """
a, b, c = bp.var(5.0, "a"), bp.var(3.0, "b"), bp.var(2.0, "c")
L = (3 * (a + (b * c).named("u")).named("v")).named("J")""",
    "L = (ab + c)f": """
a, b, c, f = (bp.var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}.items())
L = (((a * b).named("e") + c).named("d") * f).named("L")""",
    "L = (ab + c)²": """
a, b, c = bp.var(2.0, "a"), bp.var(-3.0, "b"), bp.var(4.0, "c")
L = (((a * b).named("e") + c).named("d") ** 2).named("L")""",
    "sigmoid circuit": """
a, x, b, y, c = (bp.var(v, n) for n, v in zip("axbyc", (2.0, -1.0, -3.0, -2.0, -3.0)))
L = (1 / (1 + bp.exp(-1 * (a * x + b * y + c)))).named("f")""",
}

# Explorers of surfaces: what is shown, and how many times another start is added first.
WALKS = {
    "descent on the bowl": ("bowl", 0),
    "descent into four valleys, four starts": ("four_valleys", 3),
}

# Times from a key press to the next change of the visible picture, one press after the other.
MEASURE = """async ([control, presses]) => {
  const explorer = document.querySelector(".bp-explorer");
  const handle = explorer.querySelector(`.noUi-handle[aria-label="${control}"]`);
  const stage = explorer.querySelector(".bp-stage");
  const press = (key) => {
    for (const type of ["keydown", "keyup"])
      handle.dispatchEvent(new KeyboardEvent(type, {key, bubbles: true}));
  };
  const times = [];
  handle.focus();
  for (let i = 0; i < presses; i++) {
    const changed = new Promise((yes) => {
      const watch = new MutationObserver(() => { watch.disconnect(); yes(performance.now()); });
      watch.observe(stage, {subtree: true, childList: true});
    });
    const start = performance.now();
    press(i % 20 < 10 ? "ArrowRight" : "ArrowLeft");
    times.push(await changed - start);
    await new Promise((yes) => setTimeout(yes, 120));
  }
  return times;
}"""

# A key held down: presses every 33 ms; how many pictures, and how late the last value is shown.
HOLD = """async ([control, presses]) => {
  const explorer = document.querySelector(".bp-explorer");
  const handle = explorer.querySelector(`.noUi-handle[aria-label="${control}"]`);
  const stage = explorer.querySelector(".bp-stage");
  let changes = 0, last = 0;
  const watch = new MutationObserver(() => { changes += 1; last = performance.now(); });
  watch.observe(stage, {subtree: true, childList: true});
  let end = 0;
  for (let i = 0; i < presses; i++) {
    handle.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
    end = performance.now();
    await new Promise((yes) => setTimeout(yes, 33));
  }
  await new Promise((yes) => setTimeout(yes, 1000));
  watch.disconnect();
  return [changes, last - end];
}"""


def build(code: str) -> Node:
    import backpropkit as bp

    names: dict[str, Any] = {"bp": bp}
    exec(code, names)
    return names["L"]


def pure(graph: Graph) -> tuple[float, float]:
    """Medians of the pure function, ms: layout known, and first drawn."""
    nudge = graph.nudge(graph.leaves[0], 0.1)
    errors = picture.error_curve(graph, nudge, picture.STEPS)
    known, first = [], []
    for _ in range(200):
        for forget, times in ((False, known), (True, first)):
            if forget:
                layout.cache_clear()
            start = time.perf_counter()
            picture.svg(graph, nudge, errors=errors)
            times.append(1e3 * (time.perf_counter() - start))
    return median(known), median(first)


def pure_walk(name: str, more: int) -> float:
    """Median of the pure function for runs on a surface, ms; the ground was drawn before."""
    surface = getattr(descent, name)
    run = descent.descend(surface, 0.01)
    walk, times = Walk((run,) * (more + 1), 40), []
    for _ in range(100):
        start = time.perf_counter()
        draw_walk(walk)
        times.append(1e3 * (time.perf_counter() - start))
    return median(times)


def measure(lab: Any, chromium: Any, name: str, cell: str, control: str, adds: int) -> list[str]:
    """Open an explorer, press a key of one slider again and again, hold it; the cells of a row."""
    notebook = harness.open_notebook(lab, chromium, [cell], name, 1280, 1000)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".bp-picture >> visible=true")
    page.wait_for_timeout(2000)
    for _ in range(adds):
        page.get_by_role("button", name="Add a start").click()
        page.wait_for_timeout(300)
    times = page.evaluate(MEASURE, [control, PRESSES])
    pictures, late = page.evaluate(HOLD, [control, 20])
    notebook.close()
    p95 = quantiles(times, n=20)[-1]
    return [f"{median(times):.0f} ({p95:.0f})", f"{pictures}", f"{late:.0f}"]


def main() -> None:
    print("| example | nodes | key to picture, median (p95), ms | pictures in 20 presses held |"
          " last value after, ms | svg, ms (layout known / new) |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    with (
        tempfile.TemporaryDirectory() as home,
        harness.running_lab(Path(home)) as lab,
        harness.running_chromium() as chromium,
    ):
        for i, (name, code) in enumerate(EXAMPLES.items()):
            cell = f"import backpropkit as bp\n{code}\nbp.explore.nudge(L)"
            row = measure(lab, chromium, f"bench-{i}", cell, "a", 0)
            graph = Graph(build(code))
            known, first = pure(graph)
            row = [f"nudge {name}", f"{len(graph.nodes)}", *row, f"{known:.2f} / {first:.2f}"]
            print("| " + " | ".join(row) + " |", flush=True)
        for name, (surface, adds) in WALKS.items():
            cell = f"import backpropkit as bp\nbp.explore.descent(bp.descent.{surface})"
            row = measure(lab, chromium, f"bench-{surface}", cell, "η", adds)
            row = [name, "", *row, f"{pure_walk(surface, adds):.2f}"]
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
