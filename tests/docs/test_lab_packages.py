"""/lab/ of a site that holds Pyodide's packages itself: each is the list's own, or is named."""

import hashlib
import json
from pathlib import Path

import pytest

from tools import lab_site


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that a list of three asks for, and one file more."""
    monkeypatch.setattr(lab_site, "START", ["first"])
    folder = tmp_path / "packages"
    folder.mkdir()
    listed = {}
    for name, needs in {"first": ["second"], "second": [], "other": []}.items():
        (folder / f"{name}.whl").write_text(name)
        digest = hashlib.sha256(name.encode()).hexdigest()
        listed[name] = {"file_name": f"{name}.whl", "depends": needs, "sha256": digest}
    (tmp_path / "pyodide").mkdir()
    (tmp_path / "pyodide" / lab_site.LOCK).write_text(json.dumps({"packages": listed}))
    return folder


def copied(packages: Path) -> set[str]:
    lab_site.complete(packages.parent / "pyodide", {}, packages)
    return {path.name for path in (packages.parent / "pyodide").glob("*.whl")}


def test_what_a_start_needs_is_copied_and_nothing_else(packages: Path) -> None:
    assert copied(packages) == {"first.whl", "second.whl"}


def test_all_that_a_folder_lacks_is_named_and_where_it_is(packages: Path) -> None:
    (packages / "first.whl").unlink()
    (packages / "second.whl").unlink()
    with pytest.raises(SystemExit, match=r"lacks first\.whl, second\.whl: take .*\.tar\.bz2"):
        copied(packages)


def test_a_file_of_another_version_is_not_taken(packages: Path) -> None:
    (packages / "second.whl").write_text("another")
    with pytest.raises(SystemExit, match=r"second\.whl is not the one of pyodide@.*take it from"):
        copied(packages)


def test_the_page_names_the_version_that_is_taken() -> None:
    page = (lab_site.ROOT / "docs" / "browser.md").read_text(encoding="utf-8")
    assert f"`pyodide-{lab_site.PYODIDE}.tar.bz2`" in page
    assert f"Pyodide {lab_site.PYODIDE} " in page
