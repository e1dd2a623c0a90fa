"""How long a learner waits for a picture: python bench/explorers.py

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

from backpropkit import Graph, Node, picture
from backpropkit.picture.layout import layout

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

# Times from a key press to the next change of the visible picture, one press after the other.
MEASURE = """async (presses) => {
  const explorer = document.querySelector(".bp-explorer");
  const handle = explorer.querySelector('.noUi-handle[aria-label="a"]');
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
HOLD = """async (presses) => {
  const explorer = document.querySelector(".bp-explorer");
  const handle = explorer.querySelector('.noUi-handle[aria-label="a"]');
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
            notebook = harness.open_notebook(lab, chromium, [cell], f"bench-{i}", 1280, 1000)
            notebook.run_all()
            notebook.page.wait_for_selector(".bp-picture >> visible=true")
            notebook.page.wait_for_timeout(2000)
            times = notebook.page.evaluate(MEASURE, PRESSES)
            pictures, late = notebook.page.evaluate(HOLD, 20)
            notebook.close()
            graph = Graph(build(code))
            known, first = pure(graph)
            p95 = quantiles(times, n=20)[-1]
            row = [name, f"{len(graph.nodes)}", f"{median(times):.0f} ({p95:.0f})", f"{pictures}"]
            print("| " + " | ".join([*row, f"{late:.0f}", f"{known:.2f} / {first:.2f}"]) + " |")


if __name__ == "__main__":
    main()
