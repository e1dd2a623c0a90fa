"""The kit as somebody has it who installed the wheel: an environment of its own, and users for it.

What the kit needs is taken from the environment of the tests; the kit itself is the wheel's. Where
the tests run as root, people with homes of their own use it, who stand in an ``/etc/passwd`` that
only they see: nothing of this machine is changed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path

import warm

from autograder.sandbox.view import base_python

FIRST_UID = 64_100
SCRIPTS = (
    "alembic",
    "jupyter",
    "jupyter-nbconvert",
    "nbgrader",
)  # programs that the kit's dependencies bring along
# $1: the root of it all, $2: Python, $3: the environment of the tests, $4: uid, then the command
ENTER = """set -e
mount --bind "$1/passwd" /etc/passwd
mount --bind "$2" "$1/python"
mount --bind "$3" "$1/packages"
uid=$4
shift 4
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups -- "$@"
"""


def can_be_others() -> bool:
    """Whether commands can run here as other users than the one who runs the tests."""
    if os.getuid() != 0 or not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    mounts = ["unshare", "--mount", "mount", "--bind", "/etc/passwd", "/etc/passwd"]
    return subprocess.run(mounts, capture_output=True).returncode == 0


@dataclass
class House:
    """An environment with the wheel in it, below `root`, for whoever has a home there."""

    root: Path
    people: tuple[str, ...] = ()  # none: everything is run by the one who runs the tests
    environment: dict[str, str] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)  # programs that have begun cold, by somebody
    waiting: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def build(self, wheel: Path) -> House:
        """Make it; `root` is a new folder."""
        self.root.chmod(0o755)
        python, packages = Path(sys.base_prefix), Path(sys.prefix)
        if self.people:
            python, packages = self.root / "python", self.root / "packages"
            python.mkdir()
            packages.mkdir()
            self._make_homes()
        home = self.root / "kit"
        venv.EnvBuilder(symlinks=True, with_pip=False).create(home)
        site = home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        install = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
        install += ["install", "--no-index", "--no-deps", "--quiet", str(wheel)]
        subprocess.run(install, check=True)
        for name in ("python", "python3"):  # from where its users see it
            (home / "bin" / name).unlink(missing_ok=True)
            (home / "bin" / name).symlink_to(python / "bin" / base_python().name)
        (home / "pyvenv.cfg").write_text(
            f"home = {python / 'bin'}\ninclude-system-site-packages = false\n"
        )
        theirs = Path(packages, site.relative_to(home))
        (site / "what-the-tests-have.pth").write_text(f"{theirs}\n")
        (home / "share").symlink_to(packages / "share")
        for name in SCRIPTS:
            self._script(home, name)
        return self

    def _script(self, home: Path, name: str) -> None:
        """A program of the tests' environment, run by the Python of this one."""
        text = Path(sys.prefix, "bin", name).read_text(encoding="utf-8")
        path = home / "bin" / name
        path.write_text(f"#!{home / 'bin' / 'python'}\n{text.partition(chr(10))[2]}")
        path.chmod(0o755)

    def _make_homes(self) -> None:
        lines = Path("/etc/passwd").read_text(encoding="utf-8").splitlines()
        for uid, name in enumerate(self.people, start=FIRST_UID):
            home = self.home(name)
            home.mkdir(parents=True)
            home.chmod(0o700)
            os.chown(home, uid, uid)
            lines.append(f"{name}:x:{uid}:{uid}::{home}:/bin/sh")
        (self.root / "passwd").write_text("\n".join(lines) + "\n")

    def home(self, name: str) -> Path:
        return self.root / "home" / name

    def command(self, who: str, *words: str) -> list[str]:
        """What runs `words` as one of the people."""
        if not self.people:
            return list(words)
        uid = str(FIRST_UID + self.people.index(who))
        seen = [str(self.root), sys.base_prefix, sys.prefix, uid]
        return ["unshare", "--mount", "sh", "-c", ENTER, "sh", *seen, *words]

    def about(self, who: str) -> dict[str, str]:
        """The environment variables of one of the people, and nothing of the tests'."""
        home = str(self.home(who) if self.people else self.root)
        path = f"{self.root / 'kit' / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        about = {"HOME": home, "PATH": path, "LANG": "C.UTF-8"}
        if self.people:  # Python's own library, which it looks for where it was installed
            about["LD_LIBRARY_PATH"] = str(self.root / "python" / "lib")
        return about | self.environment

    def run(self, who: str, folder: str | Path, line: str, status: int | None = 0) -> str:
        """Run one line as one of the people, in a folder of theirs; what it printed.

        A program begins as its own script does the first time, afterwards from a process of this
        person that has imported what it needs.
        """
        about, program = self.about(who), line.split()[0]
        if program in self.begun and not os.environ.get("COLD"):
            about["PATH"] = f"{self._warm_programs(who)}:{about['PATH']}"
        if program in warm.PROGRAMS:
            self.begun.add(program)
        done = subprocess.run(
            self.command(who, "sh", "-c", f"umask 022; cd {shlex.quote(str(folder))} && {line}"),
            env=about,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        assert status is None or done.returncode == status, f"{who}: {line}\n{done.stdout}"
        return done.stdout

    def _warm_programs(self, who: str) -> Path:
        """The folder of the programs that begin warm as one of the people."""
        place = self.root / "warm" / (who or "anybody") / "open" / "socket"
        programs = place.parents[1] / "bin"
        if who not in self.waiting:
            place.parent.mkdir(parents=True)
            if self.people:
                os.chown(place.parent, *[FIRST_UID + self.people.index(who)] * 2)
            python = str(self.root / "kit" / "bin" / "python")
            program = shutil.copy(warm.PROGRAM, self.root)
            line = self.command(who, python, program, str(place))
            self.waiting[who] = warm.started(line, self.about(who))
            warm.write_programs(programs, [python, "-I", "-S", program, str(place)])
        return programs

    def leave(self) -> None:
        """End what waits, and take it all away."""
        for process in self.waiting.values():
            process.communicate()
        shutil.rmtree(self.root)

    def start(self, who: str, *words: str) -> subprocess.Popen[bytes]:
        """Start a program as one of the people, in a session of its own."""
        return subprocess.Popen(
            self.command(who, *words),
            env=self.about(who),
            cwd=self.home(who),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def give(self, who: str, path: Path, text: str) -> None:
        """Write a file as one of the people would."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if self.people:
            uid = FIRST_UID + self.people.index(who)
            for one in (path, path.parent):
                os.chown(one, uid, uid)
