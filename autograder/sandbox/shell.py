"""IPython without a terminal: runs cells and records their outputs as notebooks keep them."""

import ast
import base64
import contextlib
import io
import re
import sys
import types
from collections.abc import Callable
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.asking.ask import AFTER_ERROR, AFTER_IMPORT, MAX_TEXT, Stopped, deadline
from autograder.sandbox.limits import Limits
from autograder.sandbox.outputs import STOPPED, Output, weight


class Outputs:
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

    def __init__(self, name: str, recorder: Callable[[], Outputs]) -> None:
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


class NoShell(RuntimeError):
    """A cell wanted to run a command of the system."""


class Shell(InteractiveShell):
    """IPython without a terminal: outputs are recorded in the form that notebooks keep them."""

    recorder: Outputs
    number: int  # of the cell that runs
    failure: str  # what the cell that runs has ended with
    lacking: dict[str, str]  # name that no cell came to define -> what its cell ended with before

    def run(self, source: str, seconds: float, most: int) -> list[Output]:
        """Run a cell; its outputs, with an error among them where it raised or was stopped."""
        self.recorder = Outputs(most)
        self.number = self.execution_count
        self.failure = ""
        try:
            with deadline(seconds):
                self.run_cell(source, store_history=True)
        except Stopped:
            self._stopped()
        if self.failure:
            self.lose(source, self.failure)
        return self.recorder.finished()

    def lose(self, source: str, failure: str) -> None:
        """Keep what a cell ended with, for the names that it has not come to define."""
        lost = names_bound(source) - self.user_ns.keys()
        self.lacking |= dict.fromkeys(lost, failure)

    def _stopped(self) -> None:
        self.recorder.outputs.append(STOPPED)
        self.failure = f"{AFTER_ERROR}{STOPPED['ename']}: {STOPPED['evalue']}"

    def _tee(self, channel: str) -> Any:
        """IPython would keep all that is printed for its history, without a limit."""
        return contextlib.nullcontext()

    def record(self, kind: str, data: dict[str, Any]) -> None:
        texts = {mime: as_text(value) for mime, value in data.items()}
        output: Output = {"output_type": kind, "data": texts, "metadata": {}}
        if kind == "execute_result":
            output["execution_count"] = self.number
        self.recorder.add(output)

    def _showtraceback(self, kind: type, error: BaseException, trace: list[str]) -> None:
        if issubclass(kind, Stopped):
            self._stopped()
            return
        name, text = kind.__name__, str(error)
        failed = issubclass(kind, ImportError)
        reason = AFTER_IMPORT + text if failed else f"{AFTER_ERROR}{name}: {text}"
        self.failure = _CELL_FILE.sub("(", reason[:MAX_TEXT])
        output = {"output_type": "error", "ename": name, "evalue": text, "traceback": trace}
        self.recorder.add(output)

    def system(self, command: str) -> NoReturn:
        """``!command``: there is no shell, and no process can be started."""
        raise NoShell(f"!{command} cannot run: while grading there is no shell. The cells go on.")

    def getoutput(self, command: str, split: bool = True, depth: int = 0) -> NoReturn:
        """``x = !command``"""
        self.system(command)

    def enable_gui(self, gui: str | None = None) -> None:
        """``%matplotlib`` needs no windows here."""

    def ask_exit(self) -> None:
        """``exit()`` in a notebook ends nothing."""


_CELL_FILE = re.compile(r"\((\d+\.py|<[^>]*>), (?=line \d)")  # IPython's name for a cell
_BINDS = re.compile(r"^\s*(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)


def names_bound(source: str) -> set[str]:
    """The names that a cell's statements bind, as far as they can be read.

    >>> sorted(names_bound("import scipy.linalg as la, math\\ndef f(x): return la.inv(x)"))
    ['f', 'la', 'math']
    >>> sorted(names_bound("def f(x)\\n    return x\\ny = 1"))
    ['f', 'y']
    """
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # magics, or no Python
        return {name for found in _BINDS.findall(source) for name in found if name}
    found: set[str] = set()
    for statement in statements:
        match statement:
            case ast.Import(names) | ast.ImportFrom(names=names):
                found |= {(alias.asname or alias.name).split(".")[0] for alias in names}
            case ast.FunctionDef(name) | ast.ClassDef(name):
                found.add(name)
            case ast.Assign(targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def as_text(value: object) -> str:
    """A picture's bytes as base64, anything else as it prints."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value if isinstance(value, str) else str(value)


def make_shell() -> Shell:
    """A shell that keeps nothing on disk and writes to its recorder only."""
    config = Config()
    config.ScriptMagics.script_magics = []  # %%bash and its like
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
    shell.recorder = Outputs(0)
    shell.failure, shell.lacking = "", {}
    for name in ("stdout", "stderr"):
        setattr(sys, name, Stream(name, lambda: shell.recorder))
    return shell


_WARM_UP = (
    "%matplotlib inline\n"
    "import ipywidgets, numpy as np, matplotlib.pyplot as plt, warnings\n"
    "plt.plot([1, 2]), ipywidgets.IntSlider(), np.linalg.inv(np.eye(2)) @ np.ones(2)",
    "warnings.warn('warm'); plt.close('all'); 1 / 0",
)


def warm_up(shell: Shell) -> None:
    """Load what notebooks need: run cells that plot, show, warn and fail, and forget them."""
    for source in _WARM_UP:
        shell.run(source, Limits().cell_seconds, 1_000_000)
    shell.reset()
