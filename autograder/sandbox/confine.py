"""What a process gives up before it runs a learner's code: its view, its rights and its room.

Python has no words for most of this, so the C library is called directly; each number below is
the kernel's own, from ``<linux/sched.h>``, ``<linux/mount.h>``, ``<linux/prctl.h>`` and
``<linux/capability.h>``.
"""

import base64
import contextlib
import ctypes
import os
import resource
import sys
from typing import Any

from autograder.sandbox.limits import Limits

NAMESPACES = {
    "user": 0x10000000,
    "mount": 0x00020000,
    "pid": 0x20000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "net": 0x40000000,
    "cgroup": 0x02000000,
}
INSIDE = 1000  # the uid and gid of a learner's code, as it sees itself
HOME = "/home/learner"
_PLACES = ("/tmp", HOME, "/dev/shm")
_INODES = 4096  # files and folders in each of them; each costs the kernel memory, however empty

_NOSUID, _NODEV, _NOEXEC, _RECURSIVE, _PRIVATE = 2, 4, 8, 1 << 14, 1 << 18
_SET_DUMPABLE, _SET_SECCOMP, _DROP_BOUND, _NO_NEW_PRIVILEGES = 4, 22, 24, 38
_FILTER_MODE = 2
_CAPABILITIES_3 = 0x20080522  # the version of the structures below

_libc = ctypes.CDLL(None, use_errno=True)


def _kernel(name: str, *arguments: Any) -> None:
    """Call a function of the C library; raise ``OSError`` where it says -1."""
    words = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(_libc, name)(*words) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def enter_namespaces() -> None:
    """Leave every namespace that is shared with other children.

    The pid namespace begins with the next process that this one forks.
    """
    uid, gid = os.getuid(), os.getgid()
    _kernel("prctl", _SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self would belong to root
    _kernel("unshare", sum(NAMESPACES.values()))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{INSIDE} {uid} 1"),
        ("gid_map", f"{INSIDE} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def furnish(scratch: int) -> None:
    """Mount empty places to write, `scratch` bytes each, and a /proc with nobody else in it.

    The session becomes its own, too: signals to one's process group know no namespaces.
    """
    os.setsid()
    _kernel("mount", None, b"/", None, _RECURSIVE | _PRIVATE, None)
    size = f"size={scratch},nr_inodes={_INODES},mode=0700,uid={INSIDE},gid={INSIDE}".encode()
    for place in _PLACES:
        _kernel("mount", b"tmpfs", place.encode(), b"tmpfs", _NOSUID | _NODEV, size)
    _kernel("mount", b"tmpfs", b"/dev/pts", b"tmpfs", _NOSUID | _NODEV, b"size=4k,mode=0500")
    quiet = _NOSUID | _NODEV | _NOEXEC
    for kind, options in ((b"proc", b"subset=pid"), (b"proc", None), (b"tmpfs", b"size=4k")):
        with contextlib.suppress(OSError):
            _kernel("mount", kind, b"/proc", kind, quiet, options)
            return
    raise OSError("nothing can be mounted on /proc")


def step_down(uid: int | None) -> None:
    """Become an ordinary user for good; ``None`` for who is one."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # ends every capability too


def confine(limits: Limits, system_calls: str | None) -> None:
    """Give up room, capabilities and, with a filter in base64, most system calls."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.close(silence)
    os.chdir(os.environ["HOME"])
    if sys.platform != "linux":
        return  # only where submissions are trusted
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_NPROC, limits.threads),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_SIGPENDING, limits.threads),  # timers count: the user has so many in all
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        ours = resource.getrlimit(kind)[1]
        least = most if ours == resource.RLIM_INFINITY else min(most, ours)
        resource.setrlimit(kind, (least, least))
    drop_capabilities()
    if system_calls is not None:
        load_filter(base64.b64decode(system_calls))


def drop_capabilities() -> None:
    """Give up every capability, and that any program started from here could have one."""
    _kernel("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for capability in range(64):
        with contextlib.suppress(OSError):  # beyond the last, or not allowed to: none left to drop
            _kernel("prctl", _DROP_BOUND, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    _kernel("capset", header, (ctypes.c_uint32 * 6)())


class _Program(ctypes.Structure):  # struct sock_fprog
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def load_filter(program: bytes) -> None:
    """Let the kernel check every system call with `program`, eight bytes an instruction."""
    held = _Program(len(program) // 8, program)
    _kernel("prctl", _SET_SECCOMP, _FILTER_MODE, ctypes.byref(held), 0, 0)
