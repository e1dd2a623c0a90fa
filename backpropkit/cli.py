"""The commands `backpropkit lab` and `backpropkit doctor`."""

from __future__ import annotations

import argparse
import os
import platform
import re
import socket
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from backpropkit.lab import Handed, NoCourse, hand_out, material, material_of

FIRST_PAGE = "lessons/welcome.ipynb"
# Turns off the question about Jupyter's news, which would be the first thing a learner sees.
JUPYTER_SETTINGS = Path(__file__).parent / "_jupyter"
REPORT = {
    "copied": "new",
    "updated": "updated",
    "kept": "left alone, because you changed them",
    "beside": "new versions, put beside what you changed",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status.

    >>> main(["lab", "--help"])
    Traceback (most recent call last):
    ...
    SystemExit: 0
    """
    args = _parser().parse_args(argv)
    status: int = args.run(args)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="backpropkit", description="Understand backpropagation by nudging it."
    )
    commands = parser.add_subparsers(required=True, metavar="lab | doctor")
    lab = commands.add_parser(
        "lab",
        help="copy lessons and exercises into a folder of yours and open JupyterLab there",
        description="Copies the lessons and exercises into DIR, never over anything you changed, "
        "and opens JupyterLab there.",
    )
    lab.add_argument("dir", nargs="?", default="learn", type=Path, metavar="DIR")
    lab.add_argument("--no-browser", action="store_true", help="print the address only")
    lab.add_argument("--port", type=int, help="the port to use (default: the first free one)")
    lab.add_argument("--copy-only", action="store_true", help="copy, and do not open JupyterLab")
    lab.add_argument(
        "--course",
        type=Path,
        metavar="COURSE",
        help="hand out the sets that this course has released in the place of the kit's: its "
        "folder, or that of nbgrader's exchange",
    )
    lab.add_argument("--no-lessons", action="store_true", help="hand out sets only")
    lab.set_defaults(run=_lab)
    doctor = commands.add_parser("doctor", help="say what this machine lacks for the lessons")
    doctor.set_defaults(run=_doctor)
    return parser


def _lab(args: argparse.Namespace) -> int:
    folder: Path = args.dir.expanduser().absolute()
    if args.copy_only and (args.no_browser or args.port is not None):
        return _fail(
            "--port and --no-browser are about JupyterLab, which --copy-only does not open: "
            "leave out the one or the other"
        )
    try:
        handed = hand_out(folder, _chosen(args.course, args.no_lessons), fetched=bool(args.course))
    except NoCourse as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(
            f"Cannot write {error.filename or folder}: {error.strerror}. "
            "Name a folder you may write to: backpropkit lab DIR"
        )
    print(f"Your lessons and exercises are in {folder}")
    for line in _told(handed):
        print(line)
    return 0 if args.copy_only else _open_jupyterlab(folder, args.port, args.no_browser)


def _chosen(course: Path | None, no_lessons: bool) -> dict[str, Path | bytes]:
    """What is handed out: lessons, and sets, of one course or of the kit."""
    kit = material()
    lessons = {name: file for name, file in kit.items() if name.startswith("lessons/")}
    sets = {name: file for name, file in kit.items() if name not in lessons}
    chosen = material_of(course.expanduser()) if course else sets
    return {**({} if no_lessons else lessons), **chosen}


def _told(handed: Sequence[Handed]) -> Iterator[str]:
    """What a learner wants to hear: the number of what is new, the names of what is theirs."""
    for what, words in REPORT.items():
        paths = [one.path for one in handed if one.what == what]
        if paths:
            yield f"  {len(paths)} {words}" + (
                f": {', '.join(paths)}" if what in ("kept", "beside") else ""
            )


def _open_jupyterlab(folder: Path, port: int | None, no_browser: bool) -> int:
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        return _fail("JupyterLab is not installed here: pip install 'backpropkit[lab]'")
    if port and _is_taken(port):
        return _fail(
            f"Port {port} is taken, perhaps by a JupyterLab that still runs. Name another one, "
            "or none: without --port the first free one is used."
        )
    # of Jupyter's own lines a learner needs the address, which it prints at every level, and errors
    options = [f"--ServerApp.root_dir={folder}", "--Application.log_level=ERROR"]
    settings = (str(JUPYTER_SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH"))
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    if (folder / FIRST_PAGE).exists():
        options.append(f"--LabApp.default_url=/lab/tree/{FIRST_PAGE}")
    if port is not None:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if no_browser or not _has_browser():
        options.append("--no-browser")
        print("Open the address below in a browser.")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append(
            "--allow-root"
        )  # Jupyter refuses root otherwise; containers have nobody else
    print("JupyterLab is starting; Ctrl-C here stops it.", flush=True)
    try:
        LabApp.launch_instance(argv=options)
    except OSError as error:
        return _fail(
            f"JupyterLab cannot start: {error}\n"
            "Where your home folder cannot be written, name one that can: JUPYTER_RUNTIME_DIR"
        )
    return 0


def _is_taken(port: int) -> bool:
    """Whether something on this machine answers at a port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


def _has_browser() -> bool:
    """Whether a browser that can show JupyterLab may be opened from here.

    Without a display Python would pick a text browser, which shows nothing and keeps the terminal.
    """
    has_display = any(map(os.environ.get, ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")))
    return has_display or not sys.platform.startswith("linux")


def _doctor(args: argparse.Namespace) -> int:
    print(f"Python {platform.python_version()} at {sys.executable}, {platform.platform()}")
    complaints = [*_missing(), *_another_kernel()]
    for line in complaints:
        print(line)
    if not complaints:
        print("Everything the lessons need is here.")
    return 1 if complaints else 0


def _missing() -> Iterator[str]:
    """What is not installed, or too old."""
    try:
        requirements = metadata.requires("backpropkit") or []
    except metadata.PackageNotFoundError:
        yield "backpropkit is not installed in this Python: pip install 'backpropkit[lab]'"
        return
    for name, least, extra in map(_needed, requirements):
        if extra not in ("", "lab"):
            continue
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield f"{name} is missing: pip install 'backpropkit[lab]'"
            continue
        if _numbers(found) < _numbers(least):
            yield f"{name} is {found}, {least} or newer is needed: pip install -U {name}"
    if not any(name.startswith("lessons/") for name in material()):
        yield "the lessons are missing: pip install --force-reinstall backpropkit"


def _another_kernel() -> Iterator[str]:
    """Notebooks run on what is registered as "python3", which may be another Python than this."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:  # comes with jupyterlab, which is then missing
        return
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        yield "notebooks find no Python to run on: pip install --force-reinstall ipykernel"
        return
    python = spec.argv[0]  # a bare "python" stands for the one JupyterLab runs on
    here, there = (os.path.normcase(os.path.dirname(path)) for path in (sys.executable, python))
    if os.path.isabs(python) and here != there:  # environments often link to one and the same file
        yield (
            f"notebooks would run on {python}, not on this Python: delete {spec.resource_dir}, "
            "which says so"
        )


def _needed(requirement: str) -> tuple[str, str, str]:
    """Name, least version and extra of a line of our own pyproject.toml.

    >>> _needed("jupyterlab>=4.2; extra == 'lab'")
    ('jupyterlab', '4.2', 'lab')
    >>> _needed("numpy>=2.0")
    ('numpy', '2.0', '')
    """
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    least = re.search(r">=([\d.]+)", requirement)
    extra = re.search(r"extra == '(\w+)'", requirement)
    return name, least[1] if least else "0", extra[1] if extra else ""


def _numbers(version: str) -> tuple[int, ...]:
    """
    >>> _numbers("4.10.2rc1") > _numbers("4.2")
    True
    """
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
