"""All benchmarks in turn: printed, and kept in bench/RESULTS.md with versions and date."""

from __future__ import annotations

import datetime
import importlib.metadata
import importlib.util
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = ("engine", "grading", "explorers", "classroom", "collecting", "lab")
PACKAGES = ("numpy", "scipy", "autograd", "micrograd", "torch", "jax", "nbgrader", "ipywidgets")


def versions() -> str:
    found = [p for p in PACKAGES if importlib.util.find_spec(p)]
    return ", ".join(f"{p} {importlib.metadata.version(p)}" for p in found)


def main() -> None:
    chosen = sys.argv[1:] or [p for p in PARTS if (HERE / f"{p}.py").exists()]
    text = [
        "# What was measured",
        f"{datetime.date.today()}, Python {platform.python_version()}, {versions()}.",
        "One BLAS thread; ratios are medians over interleaved rounds. Made by `make bench`.",
    ]
    print("\n\n".join(text), flush=True)
    for part in chosen:
        print(f"\n## {part}\n", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{part}"], cwd=HERE.parent, text=True, capture_output=True
        )
        print(done.stdout + done.stderr[-2000:] * bool(done.returncode), flush=True)
        done.check_returncode()
        notes = HERE / f"{part}.md"  # what the figures mean, written by hand
        text += [f"## {part}", done.stdout.strip()]
        text += [notes.read_text().strip()] if notes.exists() else []
    if not sys.argv[1:]:
        (HERE / "RESULTS.md").write_text("\n\n".join(text) + "\n")


if __name__ == "__main__":
    main()
