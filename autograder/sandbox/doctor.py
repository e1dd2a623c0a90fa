"""What isolation this machine can give, what is missing for more, and how to get it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.filter import system_call_filter
from autograder.sandbox.limits import Limits
from autograder.sandbox.start import RUNGS, start_child
from autograder.sandbox.view import SandboxError

MEANING = {
    "nested": "each submission is forked from a warm process into namespaces of its own",
    "cold": "each submission starts a process of its own in bubblewrap, a few times slower",
    "trusted": "no isolation: submissions are refused, unless you trust them all and say so with "
    "`autograder grade --trust-submissions`",
}
_SWITCHES = {  # file of the kernel -> the value that forbids, and what to do
    "/proc/sys/kernel/unprivileged_userns_clone": (
        "0",
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    "/proc/sys/user/max_user_namespaces": ("0", "sudo sysctl -w user.max_user_namespaces=15000"),
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "allow user namespaces to bwrap with an AppArmor profile, or to everybody: "
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
}
_CONTAINERS = ("/.dockerenv", "/run/.containerenv")
_CONTAINER = (
    "this is a container, and its engine may forbid namespaces: start it with "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined, or grade outside of it"
)


@dataclass(frozen=True)
class Need:
    """One thing that isolation needs: whether it is there, what was seen, and how to get it."""

    name: str
    there: bool
    seen: str
    remedies: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{'✓' if self.there else '✗'} {self.name}: {self.seen}"]
        return "\n".join(lines + [f"    → {remedy}" for remedy in self.remedies])


def examine() -> tuple[str, list[Need]]:
    """The rung that this machine reaches, and what was found on the way."""
    findings = [_system(), _bubblewrap(), *_rungs(), _filter()]
    reached = [rung for rung in RUNGS[:-1] if any(f.there and f.name == rung for f in findings)]
    return [*reached, RUNGS[-1]][0], findings


def _system() -> Need:
    linux = sys.platform == "linux"
    remedy = () if linux else ("grade on Linux: a virtual machine, or WSL 2 on Windows",)
    return Need("Linux", linux, sys.platform, remedy)


def _bubblewrap() -> Need:
    program = shutil.which("bwrap")
    if program is None:
        remedy = "sudo apt-get install bubblewrap (dnf, pacman, zypper: the same name)"
        return Need("bubblewrap", False, "there is no program bwrap", (remedy,))
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    return Need("bubblewrap", True, f"{said} ({program})")


def _rungs() -> Iterator[Need]:
    for rung in RUNGS[:-1]:
        try:
            start_child(Limits(), rung).end()
            yield Need(rung, True, MEANING[rung])
        except SandboxError as error:
            yield Need(rung, False, str(error), tuple(_forbidden()))


def _forbidden() -> Iterator[str]:
    """Why namespaces may be forbidden here, and what to do."""
    if shutil.which("bwrap") is None:
        return
    for file, (value, remedy) in _SWITCHES.items():
        if Path(file).exists() and Path(file).read_text().strip() == value:
            yield remedy
    if any(Path(file).exists() for file in _CONTAINERS):
        yield _CONTAINER


def _filter() -> Need:
    name = "system call filter"
    if system_call_filter() is not None:
        return Need(name, True, "libseccomp, through pyseccomp")
    return Need(
        name,
        False,
        "libseccomp cannot be loaded; submissions can start processes, up to their limit",
        ("sudo apt-get install libseccomp2; pip install pyseccomp",),
    )
