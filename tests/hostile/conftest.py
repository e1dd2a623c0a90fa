"""A class of hostile submissions, each between honest neighbours, graded once for all tests."""

import ctypes
import hashlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import attacks
import psutil
import pytest
from nbgrader_course import Course, release

from autograder.sandbox import SandboxError, best_rung

NEIGHBOUR = "-z-honest"  # how the names of those end who hand in beside an offender
USER = 54321  # an ordinary uid: nobody's on the machines that run tests
_SET_CHILD_SUBREAPER = 36  # of prctl
LIMITS = '{"cell_seconds": 1.0, "answer_seconds": 0.5, "grace": 0.5, "notebook_seconds": 20.0}'


@dataclass
class Class:
    """The graded class: what each student is to earn, and what was seen before and after."""

    course: Course
    expected: dict[str, dict[str, float]] = field(default_factory=dict)
    stamp: str = ""
    before: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    left: list[psutil.Process] = field(default_factory=list)

    def hand_in(self, student: str, notebook: Any, costs: set[str], hostile: bool = True) -> Path:
        """Submit; then an honest neighbour's notebook."""
        full = self.course.full
        self.expected[student] = {name: 0.0 if name in costs else full[name] for name in full}
        path = self.course.submit(student, notebook)
        if hostile:
            honest = self.course.solved(self.course.right)
            self.hand_in(f"{student}{NEIGHBOUR}", honest, set(), False)
        return path

    def seen(self) -> dict[str, str]:
        """{path: hash} of what grading is not to change."""
        root = self.course.root
        kept = [
            path for name in ("source", "release", "submitted") for path in (root / name).rglob("*")
        ]
        return {str(path): _hash(path) for path in [*kept, root / "nbgrader_config.py"]}


def _hash(path: Path) -> str:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > 50_000_000:
        return str((status.st_mode, status.st_size))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def as_ordinary_user(place: Path) -> list[str]:
    """The beginning of a command that runs it as an ordinary user, for root.

    A home that only root may enter, with the interpreter in it, is replaced for that command alone
    by one that shows the interpreter and nothing else.
    """
    if not (shutil.which("setpriv") and shutil.which("unshare")):
        pytest.skip("setpriv and unshare are needed to become an ordinary user")
    for folder in (Path(__file__).parents[2], Path(sys.prefix)):
        if any(not p.stat().st_mode & stat.S_IXOTH for p in [folder, *folder.parents]):
            pytest.skip(f"an ordinary user cannot enter {folder}")
    person = f"setpriv --reuid={USER} --regid={USER} --clear-groups"
    python = Path(sys.base_prefix)
    shut = [p for p in python.parents if not p.stat().st_mode & stat.S_IXOTH]
    if not shut:
        return person.split()
    keep = place / "python"
    keep.mkdir()
    steps = [
        f"mount --bind {python} {keep}",
        f"mount -t tmpfs -o mode=755 none {shut[-1]}",
        f"mkdir -p {python}",
        f"mount --move {keep} {python}",
        f'exec {person} -- "$@"',
    ]
    return ["unshare", "--mount", "sh", "-c", " && ".join(steps), "sh"]


@pytest.fixture(scope="session")
def make_class() -> Iterator[Callable[[str], Class]]:
    """Make the class and grade it, once for each kind of person who runs the command."""
    try:
        best_rung()
    except SandboxError as error:
        pytest.skip(str(error))
    made: dict[str, Class] = {}
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        Path(name).chmod(0o755)

        def make(who: str) -> Class:
            if who not in made:
                place = Path(name, who)
                place.mkdir()
                made[who] = _graded(place, who)
            return made[who]

        yield make


@pytest.fixture(params=["us", "an-ordinary-user"])
def graded(request: pytest.FixtureRequest, make_class: Callable[[str], Class]) -> Class:
    """The graded class."""
    return make_class(request.param)


@pytest.fixture
def explained(make_class: Callable[[str], Class]) -> Class:
    """The graded class, with feedback for all but the neighbours."""
    graded = make_class("us")
    if not (graded.course.root / "feedback").exists():
        without = ",".join(s for s in graded.expected if s.endswith(NEIGHBOUR))
        line = ("generate_feedback", "ps6", f"--CourseDirectory.student_id_exclude={without}")
        graded.course.nbgrader(*line)
    return graded


def _graded(place: Path, who: str) -> Class:
    root = place / "course"
    root.mkdir()
    prefix = []
    if who == "an-ordinary-user":
        if os.getuid() != 0:
            pytest.skip("we are an ordinary user, as whom the same tests ran")
        prefix = as_ordinary_user(place)
    graded = _class(root)
    if prefix:
        graded.course.prefix = prefix
        for folder, _, files in os.walk(root):
            for path in [folder, *[os.path.join(folder, file) for file in files]]:
                os.chown(path, USER, USER, follow_symlinks=False)
    _grade(graded)
    return graded


def _class(root: Path) -> Class:
    course = release("ps6", root)
    with open(root / "nbgrader_config.py", "a") as config:
        config.write(f"c.RunAndJudge.limits = {LIMITS}\n")
    graded = Class(course, stamp=f"stamp-{secrets.token_hex(8)}")
    right, whole = course.right, course.solved(course.right)

    def real(source: str) -> str:
        return source.replace("ROOT", str(root)).replace("STAMP", graded.stamp)

    def before(notebook: Any, source: str) -> Any:
        cell = {"cell_type": "code", "source": real(source), "metadata": {}, "outputs": []}
        notebook.cells.insert(0, cell)
        return notebook

    graded.hand_in("aa-honest", whole, set(), hostile=False)
    for name, source in attacks.CHEATS.items():
        graded.hand_in(f"cheat-{name}", before(course.solved(attacks.ZEROS), source), attacks.ALL)
    for name, source in attacks.THIEVES.items():
        thieves = {answer: f"{answer} = thief" for answer in right}
        source = "import numpy as np\n" + source
        graded.hand_in(f"thief-{name}", before(course.solved(thieves), source), attacks.ALL)
    for name, body in attacks.DAMAGE.items():
        harm = f"def quad_grad(A, x):\n    {real(body)}\n"
        notebook = course.solved(right | {"quad_grad": harm})
        graded.hand_in(f"damage-{name}", notebook, {"quad_grad"})
    for name, source in attacks.HARMLESS.items():
        graded.hand_in(f"harmless-{name}", before(deepcopy(whole), source), set())
    for name, (change, costs) in attacks.CHANGED.items():
        notebook = deepcopy(whole)
        change(notebook)
        graded.hand_in(f"changed-{name}", notebook, costs)
    for name, (spoil, costs) in attacks.FOLDERS.items():
        path = graded.hand_in(f"folder-{name}", whole, costs)
        spoil(path.parent)
    graded.hand_in("zz-missing", whole, attacks.ALL).unlink()
    return graded


def _grade(graded: Class) -> None:
    graded.before = graded.seen()
    ours = set(psutil.Process().children(recursive=True))
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # whom the command leaves is ours
    try:
        start = time.monotonic()
        graded.course.nbgrader("autograde", "ps6")
        graded.seconds = time.monotonic() - start
        left = set(psutil.Process().children(recursive=True)) - ours
        graded.left = psutil.wait_procs(left, timeout=10)[1]
    finally:
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    for process in graded.left:
        process.kill()
