"""The program inside the sandbox: runs cells in IPython, then answers questions about them.

It reads frames from a socket and sends frames back. Nothing that it sends is believed: a learner's
code runs in this process and may say anything, so the other side checks the form of every frame,
and the judge every number.
"""

import base64
import io
import os
import resource
import socket
import sys
import types
from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.ask import Answer, Question, Stopped, answers, deadline
from autograder.sandbox.frames import receive, send
from autograder.sandbox.limits import Limits
from autograder.sandbox.outputs import STOPPED, Output, weight
from autograder.wire import NotPlain, Plain, WireError, dumps


def main() -> None:
    """Serve the socket whose number is the first argument, until it closes."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    sock.set_inheritable(False)
    order: Any = receive(sock)
    limits = Limits(**order["limits"])
    confine(limits, order["uid"])
    shell = make_shell()
    send(sock, "ready")
    serve(sock, shell, limits)


def confine(limits: Limits, uid: int) -> None:
    """Give up what the code that will run here must not have."""
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        ours = resource.getrlimit(kind)[1]
        least = most if ours == resource.RLIM_INFINITY else min(most, ours)
        resource.setrlimit(kind, (least, least))
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # ends every capability too
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.chdir("/home/learner")


def serve(sock: socket.socket, shell: "Shell", limits: Limits) -> None:
    """Do what the frames ask: ``{"run": source}`` or ``{"ask": questions}``."""
    while True:
        order: Any = receive(sock)
        if "run" in order:
            outputs: Any = shell.run(order["run"], limits)
            try:
                send(sock, outputs)
            except (NotPlain, WireError) as error:
                send(sock, [note(f"output dropped: {error}")])
        else:
            questions = [Question(**question) for question in order["ask"]]
            for answer in answers(shell.user_ns, questions, limits.answer_seconds):
                send(sock, as_plain(answer))


def as_plain(answer: Answer) -> Plain:
    """Return the answer as plain data that fits into a frame."""
    try:
        dumps(answer.value)
    except WireError as error:
        answer = Answer(None, "not plain", f"an answer of {error}")
    return {"value": answer.value, "trouble": answer.trouble, "text": answer.text}


class Recorder:
    """The outputs of one cell, in order, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self.outputs: list[Output] = []
        self._left = most

    def add(self, output: Output) -> None:
        if self._left >= 0:
            self._left -= weight(output)
            self.outputs.append(output if self._left >= 0 else CUT)

    def write(self, name: str, text: str) -> None:
        """Add to a stream; of a text that does not fit, the beginning is kept."""
        if self._left < 0 or not text:
            return
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") != name:
            last = {"output_type": "stream", "name": name, "parts": []}
            self._left -= weight(last)
            self.outputs.append(last)
        last["parts"].append(text[: max(0, self._left)])
        self._left -= len(text)
        if self._left < 0:
            self.outputs.append(CUT)

    def finished(self) -> list[Output]:
        for output in self.outputs:
            if "parts" in output:
                output["text"] = "".join(output.pop("parts"))
        return self.outputs


def note(text: str) -> Output:
    """An output in which the grader, not the learner, says something."""
    return {"output_type": "stream", "name": "stderr", "text": f"[{text}]\n"}


CUT = note("output cut: there was too much")


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr``, written to the recorder of the cell that runs."""

    encoding = "utf-8"

    def __init__(self, name: str, recorder: Callable[[], Recorder]) -> None:
        self._name, self._recorder = name, recorder

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._recorder().write(self._name, text)
        return len(text)


class Publisher(DisplayPublisher):
    """Where ``display(…)`` and plots go."""

    shell: Any

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **more: Any) -> None:
        self.shell.record("display_data", data)


class Hook(DisplayHook):
    """Where the value of a cell's last line goes."""

    shell: Any

    def write_output_prompt(self) -> None:
        """The number is kept with the cell."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.record("execute_result", format_dict)


class Shell(InteractiveShell):
    """IPython without a terminal: outputs are recorded in the form that notebooks keep them."""

    recorder: Recorder

    def run(self, source: str, limits: Limits) -> list[Output]:
        """Run a cell; its outputs, with an error among them where it raised or was stopped."""
        self.recorder = Recorder(limits.output)
        try:
            with deadline(limits.cell_seconds):
                self.run_cell(source, store_history=True)
        except Stopped:
            self.recorder.outputs.append(STOPPED)
        return self.recorder.finished()

    def record(self, kind: str, data: dict[str, Any]) -> None:
        texts = {mime: as_text(value) for mime, value in data.items()}
        output: Output = {"output_type": kind, "data": texts, "metadata": {}}
        if kind == "execute_result":
            output["execution_count"] = self.execution_count
        self.recorder.add(output)

    def _showtraceback(self, kind: type, error: BaseException, trace: list[str]) -> None:
        if issubclass(kind, Stopped):
            self.recorder.outputs.append(STOPPED)
            return
        name, text = kind.__name__, str(error)
        output = {"output_type": "error", "ename": name, "evalue": text, "traceback": trace}
        self.recorder.add(output)

    def enable_gui(self, gui: str | None = None) -> None:
        """``%matplotlib`` needs no windows here."""

    def ask_exit(self) -> None:
        """``exit()`` in a notebook ends nothing."""


def as_text(value: object) -> str:
    """A picture's bytes as base64, anything else as it prints."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value if isinstance(value, str) else str(value)


def make_shell() -> Shell:
    """A shell that keeps nothing on disk and writes to its recorder only."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    main_module = types.ModuleType("__main__")
    shell = Shell.instance(
        config=config,
        displayhook_class=Hook,
        display_pub_class=Publisher,
        user_module=main_module,
    )
    sys.modules["__main__"] = main_module  # where a learner's classes live
    shell.recorder = Recorder(0)
    for name in ("stdout", "stderr"):
        setattr(sys, name, Stream(name, lambda: shell.recorder))
    return shell


if __name__ == "__main__":
    main()
