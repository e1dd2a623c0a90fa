"""The project as a whole: floors, notebooks, README, pins, and what the wheel holds."""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import runpy
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import backpropkit
from backpropkit.lab import material

ROOT = Path(__file__).parents[1]
MODULES = [
    path for name in ("backpropkit", "autograder") for path in sorted((ROOT / name).rglob("*.py"))
]
PYTHON = [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "docs").rglob("*.py"))]
NOTEBOOKS = sorted((ROOT / "lessons").glob("*.ipynb")) + [
    path
    for part in ("source", "release")
    for path in sorted((ROOT / "exercises" / part).glob("*/*.ipynb"))
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the house ---------------------------------------------------------------------------------

HOUSE = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
# Room -> floor, as the page says; the longest room that fits a module is where it stands.
FLOORS = {
    path.removesuffix(".py").strip("/").replace("/", "."): int(floor)
    for floor, rooms in re.findall(r"^\| (\d+) \| ([^|]+) \|", HOUSE, re.M)
    for path in re.findall(r"`([^`]+)`", rooms)
}
# What `import backpropkit` loads beside the floors below
NUMPY_ONLY = {f"backpropkit.{x}" for x in ("fluent", "functions", "given", "graphs", "derivatives")}
# The doors of the packages gather names from several floors and are no room themselves.
DOORS = {"backpropkit", "autograder"}


def room(module: str) -> str | None:
    rooms = [name for name in FLOORS if f"{module}.".startswith(f"{name}.")]
    return max(rooms, key=len, default=None)


def climbs(module: str, names: Iterable[str]) -> set[str]:
    """The rooms above its own among what a module imports; the kit does without its grader."""
    here = room(module)
    assert here, f"{module} has no floor: enter its room in the table of docs/house.md"
    return {
        name
        for name in names
        if ((there := room(name)) and FLOORS[there] > FLOORS[here])
        or (module.startswith("backpropkit") and name.startswith("autograder"))
    }


def module_name(path: Path) -> str:
    return relative(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in the file; relative imports made absolute."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def test_the_table_of_the_house_names_rooms_that_are_there() -> None:
    assert len(FLOORS) >= 15
    for name in FLOORS:
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_module_stands_on_a_floor_and_imports_only_downwards(path: Path) -> None:
    module = module_name(path)
    if module not in DOORS:
        assert not climbs(module, imports(path))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("autograder.sandbox.box", "autograder.judge.misconceptions"),
        ("autograder.asking.ask", "autograder.sandbox.box"),
        ("autograder.judge.judge", "autograder.catalog"),
        ("autograder.catalog.ps3", "autograder.check"),
        ("backpropkit.explore.ideas", "autograder.judge.misconceptions"),
        ("backpropkit.ideas.table", "backpropkit.explore"),
        ("backpropkit.terms.algebra", "backpropkit.engine.node"),
        ("backpropkit.engine.sweep", "backpropkit.graphs.graph"),
    ],
)
def test_a_stair_upwards_would_be_seen(module: str, name: str) -> None:
    assert climbs(module, [name])


def test_no_module_of_the_grader_needs_what_needs_it() -> None:
    """Wherever in a file it imports: a circle that only runs late is one, too."""
    names = {module_name(path): path for path in MODULES if relative(path).startswith("autograder")}
    doors = {name for name, path in names.items() if path.name == "__init__.py"}  # gather the rest
    needs = {n: {*imports(path)} & names.keys() - doors - {n} for n, path in names.items()}
    TopologicalSorter(needs).prepare()  # raises CycleError, with the circle


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_what_importing_loads_needs_numpy_only_and_ipywidgets_stay_in_explore(path: Path) -> None:
    here = room(module_name(path))
    outside = {
        top
        for name in imports(path)
        if (top := name.split(".")[0]) not in (sys.stdlib_module_names | DOORS)
    }
    if here and (FLOORS[here] <= 1 or here in NUMPY_ONLY):
        optional = {"scipy"} if here == "backpropkit.terms" else set()
        assert outside <= {"numpy", *optional}
    if here != "backpropkit.explore":
        assert not {"ipywidgets", "anywidget"} & outside


@pytest.mark.parametrize("package", sorted(DOORS))
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {package}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    heavy = {
        "matplotlib",
        "ipywidgets",
        "anywidget",
        "IPython",
        "nbgrader",
        "nbformat",
        "scipy",
        "jupyterlab",
    }
    assert not heavy & set(loaded)


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_the_first_line_says_what_lives_there(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert re.match(r'("""|# )\S.{15,}', first), f"{relative(path)} begins with {first!r}"


# --- notebooks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=relative)
def test_notebooks_are_committed_without_outputs_and_with_ids_of_their_own(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = notebook["cells"]
    ids = [cell.get("id") for cell in cells]
    assert all(ids) and len(set(ids)) == len(ids)
    for cell in cells:
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None, cell["id"]


# --- README ------------------------------------------------------------------------------------


def test_the_python_of_the_readme_does_what_it_shows() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
    assert blocks
    example = doctest.DocTestParser().get_doctest(
        "\n".join(blocks), {}, "README.md", "README.md", 0
    )
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


def test_what_the_readme_names_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    paths = re.findall(r"`((?:lessons|exercises|backpropkit|autograder|tests|docs)/[^`]*)`", README)
    for path in links + paths:  # in the checkout or in a learner's folder
        assert (ROOT / path).exists() or path in material(), path
    assert "docs/explorer.svg" in links


def test_the_picture_of_the_readme_is_what_the_project_draws_now() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["explorer"]()
    kept = (ROOT / "docs" / "explorer.svg").read_text(encoding="utf-8")
    if kept != drawn + "\n":
        pytest.fail("docs/explorer.svg is old: run python docs/pictures.py, look, and commit it")


def test_the_make_targets_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake (\w+)(?= |`|$)", README, re.M)):
        if target != "or":
            assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"


def test_workflows_run_make_and_nothing_else_of_their_own() -> None:
    """Nobody here can run them: what they run is a command that is tried otherwise."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert workflows
    for path in workflows:
        for line in re.findall(r"^\s*-? *run: (.*)$", path.read_text(encoding="utf-8"), re.M):
            (target,) = re.fullmatch(r"make ([\w-]+)", line).groups()  # type: ignore[union-attr]
            assert re.search(rf"^{target}:", makefile, re.M), f"{path.name}: {line}"


# --- pins --------------------------------------------------------------------------------------


def test_constraints_are_plain_pins_of_everything_the_project_asks_for() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._!+-]+", line), line
    pins = {normal(name): version for name, version in (line.split("==") for line in lines)}
    wanted = [*PROJECT["dependencies"]]
    for extra in PROJECT["optional-dependencies"].values():
        wanted += extra
    for requirement in map(Requirement, wanted):
        if requirement.name != PROJECT["name"]:
            assert pins[normal(requirement.name)] in requirement.specifier, requirement


def test_what_is_installed_is_what_is_pinned_and_runs_on_the_python_of_debian_12() -> None:
    pins = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.M)
    # of this environment only: setuptools, once imported, puts copies of its own on sys.path
    places = list({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    installed = {normal(found.name): found for found in metadata.distributions(path=places)}
    for name, version in pins:
        if found := installed.get(normal(name)):
            assert found.version == version, f"{name}: make test installs what is pinned"
            needed = found.metadata.get("Requires-Python", "")
            assert "3.11.2" in SpecifierSet(needed), f"{name} {version} needs Python {needed}"


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_version_is_the_same_everywhere_it_is_written() -> None:
    assert PROJECT["version"] == backpropkit.__version__ == metadata.version("backpropkit")


def test_what_learners_install_stays_small() -> None:
    """What the extra asks for itself; JupyterLab and matplotlib bring the rest."""
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
    names = {Requirement(line).name for line in asked}
    assert names == {"numpy", "jupyterlab", "ipywidgets", "matplotlib", "contourpy", "anywidget"}


def test_every_command_of_the_project_can_be_called() -> None:
    for name in PROJECT["scripts"]:
        (command,) = metadata.entry_points(group="console_scripts", name=name)
        assert callable(command.load())


# --- the wheel ---------------------------------------------------------------------------------


def run_installed(site: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs the installed command in ``folder``; -S hides all packages but those in ``site``."""
    return subprocess.run(
        [sys.executable, "-S", "-m", "backpropkit.cli", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_lessons_released_exercises_and_types_and_no_solutions(
    installed: Path,
) -> None:
    assert (installed / "backpropkit" / "py.typed").exists()
    assert (installed / "autograder" / "py.typed").exists()
    shipped = installed / "backpropkit" / "_lab"
    lessons = {path.name for path in (ROOT / "lessons").glob("*.ipynb")}
    assert lessons and {path.name for path in (shipped / "lessons").glob("*.ipynb")} == lessons
    released = {path.name for path in (ROOT / "exercises" / "release").glob("*/*.ipynb")}
    exercises = {path.name for path in (shipped / "exercises").glob("*/*.ipynb")}
    assert released and exercises == released
    assert not list(installed.rglob("source")) and not (installed / "tests").exists()


def test_the_wheel_needs_no_compiler_and_says_so(installed: Path) -> None:
    (said,) = installed.glob("backpropkit-*.dist-info/WHEEL")
    assert "Tag: py3-none-any" in said.read_text()


def test_the_installed_command_hands_out_the_lessons(installed: Path, tmp_path: Path) -> None:
    done = run_installed(installed, tmp_path, "lab", "here", "--copy-only")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / "lessons" / "02_graphs.ipynb").exists()
    assert (tmp_path / "here" / "exercises" / "ps6" / "ps6.ipynb").exists()


def test_a_learners_side_needs_nothing_that_windows_lacks(tmp_path: Path) -> None:
    """Python there has no fcntl, resource, pwd or termios, no alarm and no fork."""
    script = """
import os, signal, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
for module, names in ((signal, "SIGALRM SIGKILL alarm setitimer"), (os, "fork geteuid getuid")):
    for name in names.split():
        delattr(module, name)
import numpy as np
from autograder import evaluate
from backpropkit import cli
assert evaluate("ps6.quad_grad", lambda A, x: ((A + A.T) @ x, np.outer(x, x))).passed
assert not evaluate("ps6.quad_grad", lambda A, x: 1 / 0).points
sys.exit(cli.main(["lab", "here", "--copy-only"]))
"""
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True)


def test_without_jupyterlab_the_command_says_how_to_get_it(installed: Path, tmp_path: Path) -> None:
    done = run_installed(installed, tmp_path, "lab", "here")
    assert done.returncode == 1
    assert "pip install 'backpropkit[lab]'" in done.stderr


def test_doctor_names_what_is_missing(installed: Path, tmp_path: Path) -> None:
    done = run_installed(installed, tmp_path, "doctor")
    assert done.returncode == 1
    for name in ("jupyterlab", "ipywidgets", "matplotlib"):
        assert f"{name} is missing: pip install 'backpropkit[lab]'" in done.stdout
    assert "numpy" not in done.stdout and "ruff" not in done.stdout
