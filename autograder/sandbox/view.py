"""What a sandbox sees of this machine: the options of bubblewrap that show it, and nothing else.

It sees the standard library, the shared libraries of the system, NumPy, matplotlib, ipywidgets
and what they need (not the other packages installed beside them), this kit's wire and two
stand-ins, and empty places to write. There is no network, no course, no gradebook, no home, no
engine, no catalog and no judge.
"""

import importlib.metadata
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGES = ("numpy", "matplotlib", "ipywidgets", "ipython")  # and what they need
HOME = "/home/learner"
_HERE = Path(__file__).parent
KIT = (
    {  # path in the sandbox -> file here
        "autograder/__init__.py": _HERE / "standin_autograder.py",
        "backpropkit/__init__.py": _HERE / "standin_backpropkit.py",
    }
    | {
        f"autograder/asking/{path.name}": path
        for path in sorted((_HERE.parent / "asking").glob("*.py"))
    }
    | {
        f"autograder/sandbox/{name}.py": _HERE / f"{name}.py"
        for name in ("frames", "limits", "outputs", "confine", "shell", "child", "zygote")
    }
)
ENVIRONMENT = {
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "LD_LIBRARY_PATH": "/python/lib",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OPENBLAS_NUM_THREADS": "1",  # a second core is another learner's
    "OMP_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONPATH": "/kit:/packages",
    "PYTHONDONTWRITEBYTECODE": "1",
    "USER": "learner",
}
_LARGEST_UID = 2_100_000_000  # above what systems hand out; some programs stop at 2**31
_USERS = 10_000  # fewer uids than this hold nobody to become
_SYSTEM = [Path(place) for place in ("/lib", "/lib64", "/usr/lib", "/usr/lib64")]


class SandboxError(RuntimeError):
    """This machine cannot start a sandbox; the text says what is missing."""


class TooBusy(SandboxError):
    """This machine could, and did not get around to it: another try may do."""


def spare_uid() -> int | None:
    """An ordinary uid and gid that is nobody's, for root to become; ``None`` for who is not root.

    Root of a container may have a range of them only, or none but its own, and is then no root.
    """
    if os.getuid() != 0:
        return None
    ends = []
    for file in ("/proc/self/uid_map", "/proc/self/gid_map"):
        ranges = [line.split() for line in Path(file).read_text().splitlines()]
        ends.append(max(int(first) + int(count) for first, _, count in ranges))
    end = min(_LARGEST_UID, *ends)
    return end - 2 - secrets.randbelow(end // 20) if end > _USERS else None


def bubblewrap(
    scratch: int, program: str, fd: int, uid: int | None, packages: Sequence[str] = ()
) -> list[str]:
    """The command that runs ``autograder.sandbox.<program>`` in a view of its own.

    The first process is Python with the number of a socket as its argument. `scratch` is the size
    in bytes of each place where it can write. The program is to become `uid`, if it is not None.
    `packages` can be imported beside `PACKAGES`.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError(
            "bubblewrap is not installed: the program bwrap, in the package bubblewrap"
        )
    options = [bwrap, "--new-session", "--clearenv", "--chdir", "/tmp"]
    options += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
    if uid is not None:
        # Root's own files can be bound only while root; the program steps down itself, for good.
        options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        options += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    for name, value in ENVIRONMENT.items():
        options += ["--setenv", name, value]
    if program == "zygote":
        # For root, bubblewrap would mount over parts of /proc, and the kernel lets nobody mount
        # a /proc of their own beneath such a one. The zygote runs nobody's code; its children do.
        options += ["--bind", "/proc", "/proc"] if uid is not None else ["--proc", "/proc"]
        options += ["--as-pid-1"]  # so that all its children end with it
    else:
        options += ["--proc", "/proc", *_of_the_whole_machine()]
        options += ["--die-with-parent"]
    options += ["--dev", "/dev", *_see(tuple(packages))]
    for place in ("/tmp", HOME, "/dev/shm"):
        options += ["--perms", "1777", "--size", str(scratch), "--tmpfs", place]
    options += ["--remount-ro", "/dev", "--remount-ro", "/", "--"]
    return [*options, str(_python()[1]), *python_options(program, fd)]


def python_options(program: str, fd: int) -> list[str]:
    """What follows the interpreter's name."""
    # without `site`, nothing of the installation beside the standard library is on the path
    return ["-S", "-B", "-P", "-m", f"autograder.sandbox.{program}", str(fd)]


def base_python() -> Path:
    """The interpreter below any virtual environment."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()


def _python() -> tuple[dict[Path, Path], Path]:
    """What shows Python itself as {place in the sandbox: place here}, and the program there.

    One that is not the system's own stands in ``/python``, whoever's home it lies in here.
    """
    program, prefix = base_python(), Path(sys.base_prefix)
    if prefix == Path("/usr"):
        return {program: program}, program
    bound = {Path("/python", name): prefix / name for name in ("lib", "lib64")}
    there = Path("/python/bin", program.name)
    return {place: path for place, path in bound.items() if path.is_dir()} | {there: program}, there


@cache
def _see(packages: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The options that let the sandbox see the interpreter, its libraries and the kit."""
    bound = {path: path for path in _SYSTEM if path.is_dir()}
    bound |= _python()[0]
    bound |= {Path("/kit", name): file for name, file in KIT.items()}
    bound |= {Path("/packages", path.name): path for path in package_files(packages)}
    options: list[str] = []
    for parent in _parents(bound):
        options += ["--perms", "0755", "--dir", str(parent)]
    for place, file in bound.items():
        options += ["--ro-bind", str(file), str(place)]
    for installed in _installed_beside(bound):
        options += ["--tmpfs", str(installed), "--remount-ro", str(installed)]
    return tuple(options)


@cache
def _of_the_whole_machine() -> tuple[str, ...]:
    """The options that cover what /proc says of more than processes: load, memory, settings …

    A nested child mounts a /proc without it; bubblewrap's cannot be told to be one.
    """
    options: list[str] = []
    for place in sorted(Path("/proc").iterdir()):
        if place.is_symlink() or place.name.isdigit():
            continue
        if place.is_dir():
            options += ["--size", "4096", "--tmpfs", str(place), "--remount-ro", str(place)]
        else:
            options += ["--ro-bind", "/dev/null", str(place)]
    return tuple(options)


def _parents(paths: Iterable[Path]) -> list[Path]:
    """Every folder above `paths`, outermost first; bubblewrap would make them for root only."""
    parents = {parent for path in paths for parent in path.parents}
    return sorted(parents - {Path("/")}, key=lambda path: len(path.parts))


def _installed_beside(bound: dict[Path, Path]) -> list[Path]:
    """The folders of installed packages inside the libraries that the sandbox sees."""
    return [
        place / packages.relative_to(path)
        for place, path in bound.items()
        for name in ("site-packages", "dist-packages")
        if path.is_dir()
        for packages in path.glob(f"python*/{name}")
    ]


@cache
def package_files(packages: tuple[str, ...] = ()) -> Sequence[Path]:
    """The top-level files and folders of `PACKAGES`, of `packages` and of all they require.

    Raises `SandboxError` for one of `packages` that is not installed.
    """
    found: dict[str, importlib.metadata.Distribution] = {}
    wanted = [*PACKAGES, *packages]
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if name in map(canonicalize_name, packages):
                raise SandboxError(
                    f"the package {name}, which submissions may import, is not installed"
                ) from None
            continue  # needed on another system or Python only
        requirements = [Requirement(text) for text in found[name].requires or []]
        wanted += [r.name for r in requirements if not r.marker or r.marker.evaluate({"extra": ""})]
    tops: set[Path] = set()
    for distribution in found.values():
        names = {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}
        tops |= {Path(str(distribution.locate_file(name))) for name in names}
    return sorted(tops)
