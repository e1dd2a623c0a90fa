"""/lab/ of the site: every lesson and problem set in the browser: python -m tools.lab_site FOLDER

JupyterLite with a Python that runs in the page (Pyodide). The kit and its widgets are put into the
site and into Pyodide's list of packages, so that `import backpropkit` finds them. Pyodide itself
comes from npm. NumPy, matplotlib and what they need stay on Pyodide's own server, and the list
says the SHA-256 that each must have; with --packages FOLDER they are taken from there instead,
checked against the same list, and the site asks no other server for anything.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backpropkit.lab import material

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_name("lab_page")  # what the page shows while it loads
PYODIDE = "0.27.7"  # the newest of the series that this JupyterLite's kernel is made for
INTEGRITY = (  # of npm's archive, as npm itself writes it
    "sha512-RUSVJlhQdfWfgO9hVHCiXoG+nVZQRS5D9FzgpLJ/VcgGBLSAKoPL8kTiOikxbHQm1kRISeWUBdulEgO26qpSRA=="
)
SERVER = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/"
WHOLE = f"take it from the whole release of Pyodide {PYODIDE}, pyodide-{PYODIDE}.tar.bz2"
CORE = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = (KERNEL, "anywidget")
WIDGETS = "jupyterlab-widgets==3.0.15"  # the page's half of ipywidgets; later ones want a later Lab
LABEXTENSIONS = Path(sys.prefix) / "share" / "jupyter" / "labextensions"


@dataclass(frozen=True)
class Pure:
    """A wheel of Python alone that the site holds: what it is imported as, what it needs."""

    imports: tuple[str, ...]
    needs: tuple[str, ...] = ()


KIT = {
    "backpropkit": Pure(
        ("backpropkit", "autograder"),
        ("numpy", "matplotlib", "contourpy", "ipywidgets", "anywidget"),
    )
}
REGISTRY = {
    "anywidget": Pure(("anywidget",), ("ipywidgets", "psygnal", "typing-extensions")),
    "comm": Pure(("comm",), ("traitlets",)),
    "ipywidgets": Pure(("ipywidgets",), ("comm", "ipython", "traitlets")),
    "psygnal": Pure(("psygnal",), ("typing-extensions",)),
    "typing-extensions": Pure(("typing_extensions",)),
}
OF_KERNEL = {
    "ipykernel": Pure(("ipykernel",)),
    "piplite": Pure(("piplite",), ("micropip",)),
    "pyodide-kernel": Pure(("pyodide_kernel",), ("comm", "ipykernel", "ipython")),
}
# loaded together: what the kernel would ask for one by one, and what a first cell imports
START = [
    "micropip",
    "piplite",
    "ssl",
    "sqlite3",
    "ipykernel",
    "comm",
    "pyodide_kernel",
    "jedi",
    "ipython",
    "backpropkit",
]


def build(site: Path, packages: Path | None) -> None:
    """Write the whole of /lab/ into `site`."""
    with tempfile.TemporaryDirectory() as scratch:
        lite = Path(scratch)
        pyodide = lite / "static" / "pyodide"
        pyodide.mkdir(parents=True)
        fetch_pyodide(pyodide)
        wheels = fetch_wheels(lite / "wheels")
        lock = complete(pyodide, wheels, packages)
        for name, file in material().items():
            (lite / "contents" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, lite / "contents" / name)
        write(lite / "jupyter-lite.json", settings())
        write(lite / "overrides.json", PREFERENCES)
        shutil.rmtree(site, ignore_errors=True)
        run_jupyterlite(lite, site)
        add_bar(site, lock)


# --- Pyodide -------------------------------------------------------------------------------------


def fetch_pyodide(folder: Path) -> None:
    """Pyodide's own files and its list of packages, from npm, into `folder`."""
    if shutil.which("npm") is None:
        sys.exit("Pyodide comes from npm, and npm is not on this machine (Debian: apt install npm)")
    with tempfile.TemporaryDirectory() as scratch:
        pack = ["npm", "pack", "--silent", f"pyodide@{PYODIDE}", "--pack-destination", scratch]
        subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(scratch).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != INTEGRITY:
            sys.exit(f"pyodide@{PYODIDE} is not what was tested: it has sha512-{digest}")
        with tarfile.open(archive) as packed:
            for name in (*CORE, LOCK):
                content = packed.extractfile(f"package/{name}")
                assert content is not None
                (folder / name).write_bytes(content.read())


def fetch_wheels(folder: Path) -> dict[Path, Pure]:
    """The kit, its widgets, and the kernel's own Python, as wheels in `folder`."""
    folder.mkdir()
    kit = ["hatchling", "build", "-t", "wheel", "-d", str(folder)]
    pip = ["pip", "download", "--quiet", "-d", str(folder), "--no-deps", "--only-binary", ":all:"]
    anywhere = ["--platform", "any", "--implementation", "py", "--python-version", "3.12"]
    pinned = ["--constraint", str(ROOT / "constraints.txt")]
    for command in (kit, [*pip, *anywhere, *pinned, *REGISTRY], [*pip, WIDGETS]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"{' '.join(command[:2])} failed:\n{done.stdout}{done.stderr}")
    for wheel in (LABEXTENSIONS / KERNEL / "static" / "pypi").glob("*.whl"):
        shutil.copy(wheel, folder)
    known = KIT | REGISTRY | OF_KERNEL
    return {
        wheel: known[name] for wheel in folder.iterdir() if (name := distribution(wheel)) in known
    }


def distribution(wheel: Path) -> str:
    """typing_extensions-4.16.0-py3-none-any.whl is of "typing-extensions"."""
    return wheel.name.split("-")[0].replace("_", "-").lower()


def complete(pyodide: Path, wheels: dict[Path, Pure], packages: Path | None) -> dict[str, Any]:
    """Pyodide's list of packages, with ours in it, written beside Pyodide; returned.

    What is not ours is on Pyodide's server, or in `packages`, from where what a start needs is
    copied; a file there that is not the one of the list ends the build.
    """
    lock: dict[str, Any] = json.loads((pyodide / LOCK).read_text())
    for package in lock["packages"].values():
        if packages is None:
            package["file_name"] = SERVER + package["file_name"]
    for wheel, pure in wheels.items():
        name = distribution(wheel)
        lock["packages"][name] = {
            "name": name,
            "version": wheel.name.split("-")[1],
            "file_name": wheel.name,
            "install_dir": "site",
            "sha256": sha256(wheel),
            "package_type": "package",
            "imports": list(pure.imports),
            "depends": list(pure.needs),
            "unvendored_tests": False,
        }
        shutil.copy(wheel, pyodide)
    if packages is not None:
        wanted = {lock["packages"][n]["file_name"]: lock["packages"][n] for n in needed(lock)}
        asked = [file for file in wanted if not (pyodide / file).exists()]
        if missing := [file for file in asked if not (packages / file).is_file()]:
            sys.exit(f"{packages} lacks {', '.join(missing)}: {WHOLE}")
        for file in asked:
            shutil.copy(packages / file, pyodide)
            if sha256(pyodide / file) != wanted[file]["sha256"]:
                sys.exit(f"{packages / file} is not the one of pyodide@{PYODIDE}: {WHOLE}")
    write(pyodide / LOCK, lock)
    return lock


def needed(lock: dict[str, Any]) -> list[str]:
    """The packages of START and all that they need, of the list."""
    found: dict[str, None] = {}
    left = [*START]
    while left:
        name = left.pop().replace("_", "-")
        if name not in found:
            found[name] = None
            left += lock["packages"][name]["depends"]
    return sorted(found)


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


# --- JupyterLite ---------------------------------------------------------------------------------

PREFERENCES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # as the browser's
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 20},
}


def settings() -> dict[str, Any]:
    """What JupyterLite is told: which packages to start with, and that the bar may look on."""
    start = {"loadPyodideOptions": {"packages": START}}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "backpropkit",
            "exposeAppInBrowser": True,
            "litePluginSettings": {f"{KERNEL}:kernel": start},
        },
    }


def run_jupyterlite(lite: Path, site: Path) -> None:
    config = {
        "apps": ["lab"],
        "contents": [str(lite / "contents")],
        "federated_extensions": [
            *(str(LABEXTENSIONS / name) for name in EXTENSIONS),
            *map(str, (lite / "wheels").glob("jupyterlab_widgets-*.whl")),
        ],
        "ignore_sys_prefix": ["federated_extensions"],  # nbgrader's and others need a server
        "no_libarchive": True,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(site),
    }
    write(lite / "jupyter_lite_config.json", {"LiteBuildConfig": config})
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=lite, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"JupyterLite could not be built:\n{done.stdout}{done.stderr}")


def add_bar(site: Path, lock: dict[str, Any]) -> None:
    """The bar that says what is loaded: its script, and the list of what there is to load."""
    own = [{"name": name, "file": name} for name in CORE]
    packages = [{"name": n, "file": lock["packages"][n]["file_name"]} for n in needed(lock)]
    write(site / "loading.json", own + packages)
    shutil.copy(PAGE / "loading.js", site)
    page = site / "lab" / "index.html"
    html = page.read_text(encoding="utf-8")
    assert html.count("<head>") == 1
    tag = '<head>\n    <script type="module" src="../loading.js"></script>'
    page.write_text(html.replace("<head>", tag), encoding="utf-8")


def write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Build /lab/ of the site.")
    parser.add_argument("site", type=Path)
    parser.add_argument(
        "--packages",
        metavar="FOLDER",
        type=Path,
        help="take NumPy, matplotlib and what they need, as Pyodide has them, from this folder",
    )
    given = parser.parse_args()
    build(given.site.resolve(), given.packages and given.packages.resolve())
    size = sum(file.stat().st_size for file in given.site.rglob("*") if file.is_file())
    print(f"{given.site}: {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
