"""What a submission may use up."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The limits of one notebook in the sandbox.

    Sizes are in bytes. A cell and an answer have so many seconds of the processor, and `ask.BUSY`
    times as many by the clock; all other times are the clock's. A submission is one process and
    cannot start another, so `memory` is all it has. A cell or an answer that runs too long is
    stopped inside the child first, which keeps what ran before it; a child that does not listen is
    ended `grace` seconds later.
    """

    cell_seconds: float = 10.0
    answer_seconds: float = 5.0  # one question; all questions of an exercise: twice that
    notebook_seconds: float = 120.0  # everything together, cells that are run again included
    grace: float = 1.0
    start_seconds: float = 120.0  # until a new child is ready, on a machine with much else to do
    memory: int = 2048 * MIB  # address space
    threads: int = 64
    files: int = 256  # open at once
    file_size: int = 16 * MIB  # of one file
    scratch: int = 64 * MIB  # everything written to /tmp, and again to /dev/shm and home
    output: int = 1 * MIB  # printed and drawn by one cell; the rest is cut, with a note
    notebook_output: int = 8 * MIB  # by all cells together
