"""Frames arrive whole or not at all, and never late."""

import socket
import struct

import pytest

from autograder.sandbox.frames import FrameError, TooLate, receive, send


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_plain_data_arrives(pair):
    ours, theirs = pair
    for value in ({"run": "1 + 1"}, [1.5, None], "é"):
        send(ours, value)
        assert receive(theirs, 5) == value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the other side is gone"),
        (b"\0\0", "the other side is gone"),
        (struct.pack(">I", 10) + b'"short', "the other side is gone"),
        (struct.pack(">I", 0xFFFFFFFF), "a frame of 4,294,967,295 bytes"),
        (struct.pack(">I", 5) + b"\x80\x04K\x01.", "not a message"),  # a pickle
        (b"HTTP/1.1 200 OK\r\n\r\n", "a frame of 1,213,486,160 bytes"),
    ],
)
def test_anything_else_is_an_error(pair, data, words):
    ours, theirs = pair
    theirs.sendall(data)
    theirs.close()
    with pytest.raises(FrameError, match=words):
        receive(ours, 5)


def test_silence_is_too_late(pair):
    ours, theirs = pair
    theirs.sendall(b"\0\0\0\x05")  # a header, and then nothing
    with pytest.raises(TooLate):
        receive(ours, 0.05)


def test_a_reader_that_takes_nothing_is_too_late(pair):
    ours, _ = pair
    with pytest.raises(TooLate):
        send(ours, "x" * 4_000_000, 0.05)


def test_writing_to_one_who_is_gone_is_an_error(pair):
    ours, theirs = pair
    theirs.close()
    with pytest.raises(FrameError):
        send(ours, "x" * 4_000_000, 5)
