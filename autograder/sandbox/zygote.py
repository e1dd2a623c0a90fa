"""The warm process: has imported what notebooks need, and forks one child for each submission.

It never runs a learner's code. Who started it, and whoever was forked from that, sends sockets
over its own; each becomes the one connection of a new child, which becomes a user of its own and
leaves every namespace of the zygote before it serves it. When nobody holds the connection to the
zygote any more, it ends, and with it whatever it has forked.
"""

import gc
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from autograder.sandbox.child import serve
from autograder.sandbox.confine import confine, enter_namespaces, furnish, step_down
from autograder.sandbox.frames import receive, send
from autograder.sandbox.limits import Limits
from autograder.sandbox.shell import Shell, make_shell, warm_up


def main() -> None:
    """Serve the socket whose number is the first argument, until it closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    shell = make_shell()
    warm_up(shell)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who has forked its child ends unattended
    gc.collect()
    gc.freeze()  # what is here stays, in memory that all children share
    send(control, "ready")
    while True:
        _, sockets, _, _ = socket.recv_fds(control, 1, 1)
        if not sockets:
            return
        with socket.socket(fileno=sockets[0]) as sock:
            if os.fork() == 0:
                control.close()
                leave(sock, shell)


def leave(sock: socket.socket, shell: Shell) -> None:
    """Become a child in namespaces of its own; what could not be done is said on its socket.

    The first process of a pid namespace takes all others with it when it ends. It is the child
    itself, and the handle to it goes to the other side before it runs anything.
    """
    try:
        order: Any = receive(sock)
        step_down(order["uid"])
        enter_namespaces()
        pid = os.fork()
        if pid:
            socket.send_fds(sock, [b"+"], [os.pidfd_open(pid)])
        else:
            begin(sock, shell)
    except BaseException as error:
        with suppress(OSError):
            sock.sendall(f"-{error}".encode())
    finally:
        os._exit(0)


def begin(sock: socket.socket, shell: Shell) -> None:
    """Wait for the order to begin, give everything up, and serve."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    order: Any = receive(sock)
    limits = Limits(**order["limits"])
    furnish(limits.scratch)
    confine(limits, order["system_calls"])
    send(sock, "ready")
    serve(sock, shell, limits)


if __name__ == "__main__":
    main()
