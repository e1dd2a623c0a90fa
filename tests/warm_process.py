"""The process that commands are forked from, and the small program that asks it for one (`warm`).

The small program hands on its folder, its environment and its standard streams, and ends as the
command does; killed, it takes the command along.
"""

import json
import os
import signal
import socket
import sys

# what the commands import: as in the kit's own, what saves a second; then nbgrader's, on which this
# kit's build
IMPORTS = (
    "autograder.classroom.quick",
    "nbgrader.apps.nbgraderapp",
    "sqlalchemy.dialects.sqlite",
    "autograder.classroom.autograde",
    "autograder.classroom.grade",
    "autograder.classroom.report",
    "autograder.classroom.workers",
    "alembic.command",
    "alembic.config",
)
MOST = 1 << 20  # bytes of an order


def ask(place: str, words: list[str]) -> int:
    """Have a command run; its exit status, negative where a signal ended it."""
    umask = os.umask(0o022)
    order = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ), "umask": umask}
    order["deaf"] = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # as behind `make test &`
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(place)
        socket.send_fds(line, [json.dumps(order).encode()], [0, 1, 2])
        return int(line.recv(16) or b"-9")


def serve(place: str) -> None:
    """Fork a command for whoever connects, until standard input closes; in the fork, run it."""
    import gc
    import importlib
    import select
    import shutil
    import threading

    for name in IMPORTS:
        importlib.import_module(name)
    assert threading.active_count() == 1 and len(os.listdir("/proc/self/task")) == 1
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who waits for a command ends unattended
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(place)
        door.listen(16)
        print("warm", flush=True)
        while door in select.select([door, sys.stdin], [], [])[0]:
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                attend(line)
                return
            line.close()
    shutil.rmtree(os.path.dirname(place))


def attend(line: socket.socket) -> None:
    """Run what is asked for in a process of its own, and say how it ended."""
    import select

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, streams, _, _ = socket.recv_fds(line, MOST, 3)
    order = json.loads(text)
    command = os.fork()
    if command == 0:
        line.close()
        run(order, streams)
        return
    for stream in streams:
        os.close(stream)
    handle = os.pidfd_open(command)
    if handle not in select.select([handle, line], [], [])[0]:
        os.killpg(command, signal.SIGKILL)  # whoever asked is gone
    status = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    try:
        line.send(str(status).encode())
    finally:
        os._exit(0)


def run(order: dict[str, object], streams: list[int]) -> None:
    """Become the command, as if Python had just started."""
    import multiprocessing.util
    import runpy
    import tempfile

    import numpy as np

    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN if order["deaf"] else signal.default_int_handler)
    os.umask(order["umask"])
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    tempfile.tempdir = None
    np.random.seed()  # noqa: NPY002 (a new process begins with numbers of its own)
    multiprocessing.util.spawnv_passfds = fork_passfds
    first, looked = os.get_exec_path()[0], os.get_exec_path
    # warm programs stay first, though a course's settings put those beside its Python before them
    os.get_exec_path = lambda env=None: [first, *looked(env)]
    module, *words = order["words"]
    sys.path[0] = order["folder"]
    sys.argv[1:] = words
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def fork_passfds(path: str, line: list[str], streams: list[int]) -> int:
    """multiprocessing's helpers, such as what workers are forked from, begin warm, too: the code
    that Python would be started with runs in a fork of this process."""
    helper = os.fork()
    if helper == 0:
        try:
            for stream in map(int, os.listdir("/proc/self/fd")):
                if stream > 2 and stream not in streams:
                    os.closerange(stream, stream + 1)  # the list's own is closed already
            exec(line[line.index("-c") + 1], {"__name__": "__main__"})
        finally:
            os._exit(0)
    return helper


if __name__ == "__main__":
    if sys.flags.no_site:
        status = ask(sys.argv[1], sys.argv[2:])
        if status < 0:
            os.kill(os.getpid(), -status)
        sys.exit(status)
    serve(sys.argv[1])
