"""Frames on the socket between the grader and a child: four bytes of length, then plain data."""

import socket
import struct
import time

from autograder.asking import wire
from autograder.asking.wire import Plain

_HEADER = struct.Struct(">I")


class FrameError(Exception):
    """The other side is gone, silent for too long, or sent what is no frame."""


class TooLate(FrameError):
    """The other side said nothing in time."""


def send(sock: socket.socket, value: Plain, seconds: float | None = None) -> None:
    """Send `value`; raise `FrameError` where the other side does not take it in `seconds`."""
    send_text(sock, wire.dumps(value), seconds)


def send_text(sock: socket.socket, text: bytes, seconds: float | None = None) -> None:
    """The same for what `wire.dumps` has written already."""
    try:
        sock.settimeout(seconds)
        sock.sendall(_HEADER.pack(len(text)) + text)
    except TimeoutError:
        raise TooLate("the other side takes nothing") from None
    except OSError as error:
        raise FrameError(f"the other side is gone ({error})") from None


def receive(sock: socket.socket, seconds: float | None = None) -> Plain:
    """Return what the other side sends within `seconds` (``None``: wait for ever)."""
    end = None if seconds is None else time.monotonic() + seconds
    (size,) = _HEADER.unpack(_exactly(sock, _HEADER.size, end))
    if size > wire.MAX_BYTES:
        raise FrameError(f"a frame of {size:,} bytes")
    try:
        return wire.loads(_exactly(sock, size, end))
    except wire.WireError as error:
        raise FrameError(str(error)) from None


def _exactly(sock: socket.socket, size: int, end: float | None) -> bytes:
    data = bytearray()
    while len(data) < size:
        if end is not None:
            left = end - time.monotonic()
            if left <= 0:
                raise TooLate("nothing came in time")
            sock.settimeout(left)
        try:
            part = sock.recv(size - len(data))
        except TimeoutError:
            raise TooLate("nothing came in time") from None
        except OSError as error:
            raise FrameError(f"the other side is gone ({error})") from None
        if not part:
            raise FrameError("the other side is gone")
        data += part
    return bytes(data)
