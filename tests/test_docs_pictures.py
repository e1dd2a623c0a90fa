"""The README's picture is what the project's code draws today."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_picture_in_the_readme_is_up_to_date() -> None:
    drawn = runpy.run_path(str(DOCS / "pictures.py"))["explorer"]()
    kept = (DOCS / "explorer.svg").read_text(encoding="utf-8")
    assert kept == drawn + "\n", "run: python docs/pictures.py"
