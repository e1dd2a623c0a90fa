"""How long a visitor of /lab/ waits, and what is loaded: python -m bench.lab

From an empty browser to the welcome page's first picture, from a server on this machine, so without
what a network adds; then the same browser once more, and a lesson with all its cells.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests/browser")]
import harness
import site_of_lab

LESSON = "lessons/02_graphs.ipynb"


def first_picture(visit: Any) -> tuple[float, float]:
    """Seconds until Python is ready, and until the picture of the first cell is there."""
    start = time.perf_counter()
    visit.open("lessons/welcome.ipynb")
    visit.wait_until_ready()
    ready = time.perf_counter() - start
    visit.page.locator(".jp-CodeCell .cm-content").first.click()
    visit.page.keyboard.press("Shift+Enter")
    visit.page.locator(".bp-picture:visible").first.wait_for()
    picture = time.perf_counter() - start
    visit.run("docmanager:save")  # a page with unsaved work asks before it is left
    return ready, picture


def main() -> None:
    with tempfile.TemporaryDirectory() as home, harness.running_chromium() as chromium:
        folder = site_of_lab.built(Path(home))
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        print("| visit | loaded, MB | Python ready, s | first picture, s |")
        print("|---|---|---|---|")
        with (
            site_of_lab.served(folder) as address,
            site_of_lab.visiting(chromium, address) as visit,
        ):
            for name in ("the first", "the next"):
                loaded: dict[str, int] = {}

                def count(answer: Any, loaded: dict[str, int] = loaded) -> None:
                    loaded[answer.url] = int(answer.headers.get("content-length", 0))

                visit.page.on("response", count)
                ready, picture = first_picture(visit)
                visit.page.remove_listener("response", count)
                # a file named twice is loaded once; on the next visit the browser has it
                mb = f"{sum(loaded.values()) / 1e6:.0f}" if name == "the first" else ""
                print(f"| {name} | {mb} | {ready:.1f} | {picture:.1f} |", flush=True)
            visit.open(LESSON)
            visit.wait_until_ready()
            start = time.perf_counter()
            visit.run("notebook:run-all-cells")
            print(f"\n{LESSON}, all cells: {time.perf_counter() - start:.1f} s.")
            print(f"\nThe whole of it on the server, packages included: {size / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
