"""Every code block of every page: examples run, commands exist, walks lead where they say."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from pages import PAGES, ROOT, Block, blocks, by_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WALKS = [page for page in PAGES if any(block.language == "diff" for block in blocks(page))]
CLUSTERS = re.compile(r"^from (dask_jobqueue|dask_kubernetes)\b", re.M)  # no machine of the tests
LANGUAGES = {"python", "sh", "powershell", "diff", "text"}


def run(*command: str, cwd: Path, path: Path = ROOT) -> None:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(path), "MPLBACKEND": "Agg", "GRAPHS": "100"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_block_is_of_a_kind_that_is_tested(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_examples_give_what_they_show(page: Path) -> None:
    shown = [b.text for b in blocks(page) if b.language == "python" and not b.new]
    text = "\n".join(text for text in shown if ">>>" in text)
    example = doctest.DocTestParser().get_doctest(text, {}, by_name(page), str(page), 0)
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("page", [p for p in PAGES if p not in WALKS], ids=by_name)
def test_code_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    code = [b.text for b in blocks(page) if b.language == "python" and ">>>" not in b.text]
    for text in filter(CLUSTERS.search, code):
        compile(text, page.name, "exec")
    code = [text for text in code if not CLUSTERS.search(text)]
    if code:
        (tmp_path / "page.py").write_text("\n\n".join(code), encoding="utf-8")
        run(sys.executable, "page.py", cwd=tmp_path)


# --- commands ------------------------------------------------------------------------------------


def commands(block: Block) -> list[list[str]]:
    posix = block.language == "sh"
    lines = [shlex.split(line, comments=True, posix=posix) for line in block.text.splitlines()]
    return [words for words in lines if words]


def is_known(words: list[str]) -> bool:
    """Whether the command on one line of a page exists, with the options it is given."""
    name, *rest = words
    if name == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = [word for word in rest if "=" not in word]
        return all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
    if name == "pip":
        extras = re.search(r"\[(.*)\]", words[-1])
        offered = PROJECT["optional-dependencies"]
        return extras is None or set(extras[1].split(",")) <= set(offered)
    options = [word.lstrip("-").partition("=")[0] for word in rest if word.startswith("--")]
    if name in {*PROJECT["scripts"], "dask"}:
        said = help_of(name, rest[0])
        return all(f"--{option}" in said for option in options)
    if name == "nbgrader":
        return set(options) <= nbgrader_options(rest)
    if "/" in name or "\\" in name:  # of the environment these pages let people make
        return "venv" in name or (ROOT / name).exists()
    return name in {"git", "cd", "cp", "mkdir", "py", "python3", ".", "jupyter", "docker"}


@cache
def help_of(name: str, command: str) -> str:
    """What `name command --help` prints; it fails for a command that does not exist."""
    program = [str(Path(sys.executable).with_name(name)), command, "--help"]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


def nbgrader_options(words: list[str]) -> set[str]:
    """The short options of the command of nbgrader's that these words begin with."""
    app = pytest.importorskip("nbgrader.apps").NbGraderApp
    while app().subcommands:  # a word that is none of them is a KeyError
        app, words = app.subcommands[words[0]][0], words[1:]
    return set(app().aliases)


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_commands_and_their_options_exist(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])  # nbgrader's imports add to it
    for block in blocks(page):
        if block.language in ("sh", "powershell"):
            for words in commands(block):
                assert is_known(words), shlex.join(words)


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_what_runs_in_an_environment_is_said_after_what_makes_it(page: Path) -> None:
    """A fresh clone has no .venv, and pytest or build only where they were installed into it."""
    intro, *sections = page.read_text(encoding="utf-8").split("\n## ")
    made = {"check": "make (check|test)", "any": r"make \w+|python3? -m venv|py -m venv"}
    used = re.compile(r"(?<!/)\.venv/bin/(?:(pytest|ruff|mypy|python -m build)|\w+)")
    for text in (f"{intro}\n{section}" for section in sections):
        for found in used.finditer(text):
            before, which = text[: found.start()], "check" if found[1] else "any"
            assert re.search(rf"(^|`)({made[which]})", before, re.M), found[0]


# --- walks ---------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project, to do to it what a page says."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("backpropkit", "autograder", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "lessons", "exercises"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def apply(diff: str, file: Path) -> None:
    """Replace the lines that stay or go by those that stay or come; they must be there once."""
    lines = diff.splitlines()
    before = "\n".join(line[1:] for line in lines if line[:1] in " -")
    after = "\n".join(line[1:] for line in lines if line[:1] in " +")
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{file.name} has {text.count(before)} times:\n{before}"
    file.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", WALKS, ids=by_name)
def test_what_a_page_says_to_do_works_on_a_copy(page: Path, copy: Path) -> None:
    touched = set()
    for number, block in enumerate(blocks(page)):
        if block.language == "diff":
            assert block.old, f"which file is this for?\n{block.text}"
            apply(block.text, copy / block.old)
            touched.add(block.old)
        elif block.new:
            assert not (copy / block.new).exists(), block.new
            (copy / block.new).write_text(block.text, encoding="utf-8")
            touched.add(block.new)
        elif block.language == "python":
            (copy / f"block{number}.py").write_text(block.text, encoding="utf-8")
            run(sys.executable, f"block{number}.py", cwd=copy, path=copy)
        elif block.language == "sh":
            for line in block.text.splitlines():
                run("sh", "-c", with_this_python(line), cwd=copy, path=copy)
    new = {block.new for block in blocks(page) if block.new}
    if modules := [name for name in new if name.startswith("backpropkit/")]:
        run(sys.executable, "-m", "mypy", "--cache-dir", os.devnull, *modules, cwd=copy, path=copy)
    touched = {name for name in touched if name.endswith(".py")}
    run(sys.executable, "-m", "ruff", "check", *touched, cwd=copy, path=copy)
    run(sys.executable, "-m", "ruff", "format", "--check", *touched, cwd=copy, path=copy)


def with_this_python(line: str) -> str:
    """A page's command, run by the Python of the tests."""
    here = shlex.quote(sys.executable)
    return line.replace(".venv/bin/python", here).replace(".venv/bin/pytest", f"{here} -m pytest")
