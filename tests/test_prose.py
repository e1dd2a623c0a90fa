"""What people read: spelled as codespell knows it, and every link within the project leads on."""

import re
from pathlib import Path

import nbformat
import pytest

from backpropkit.lab import material

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NOTEBOOKS = [
    *sorted((ROOT / "lessons").glob("*.ipynb")),
    *sorted(ROOT.glob("exercises/source/*/*.ipynb")),
]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def written(path: Path) -> str:
    """The text of a page, or the sources of a notebook's cells."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def by_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_everything_is_spelled_right(tmp_path, capsys):
    codespell = pytest.importorskip("codespell_lib", reason="codespell is not installed")
    for path in PAGES + NOTEBOOKS:
        text = tmp_path / by_name(path).replace("/", ".")
        text.write_text(written(path), encoding="utf-8")
    misspelled = codespell.main("--builtin", "clear,rare", str(tmp_path))
    assert misspelled == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", PAGES, ids=by_name)
def test_links_of_a_page_lead_to_files(path):
    missing = [link for link in LINK.findall(written(path)) if not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("name", sorted(name for name in material() if name.endswith(".ipynb")))
def test_links_of_a_notebook_lead_to_what_is_handed_out_with_it(name):
    """Lessons are handed out as lessons/…, released exercises as exercises/…"""
    handed = material()
    here = Path("/") / Path(name).parent
    links = LINK.findall(written(handed[name]))
    assert [k for k in links if (here / k).resolve().as_posix()[1:] not in handed] == []
