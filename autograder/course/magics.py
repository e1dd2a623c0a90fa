"""Lines of a notebook that are no Python: magics and shell commands, left out and named.

A learner's ``!pip install`` or ``%%time`` is a habit, not a fault: it must not cost the answer
beneath it. IPython's own tokens say where such a line begins, so that ``%`` inside an expression
or a text stays what it is.
"""

import re
import tokenize
from typing import Any

# Cell magics whose cell is Python all the same; `memit` and `mprun` are of memory_profiler
KEEPS = ("time", "timeit", "capture", "prun", "memit", "mprun")
RUNS = ("time", "prun")  # line magics whose rest is run without them
# What is more than this is left to IPython in the sandbox, where there are limits on time.
MOST_CHARACTERS = 10_000  # of a cell that is looked through
MOST_LINES = 20  # of a cell that may be magics: for each it is read again
MOST_IN_ALL = 30_000  # characters of a notebook, in cells with such lines

_MAYBE = re.compile(r"^[ \t]*[%!?,;/]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_CELL = re.compile(r"\s*%%(\w+)[^\n]*")


def without_magics(source: str) -> tuple[str, list[str]]:
    r"""The Python in a cell, its lines where they were, and what was left out.

    >>> without_magics("!pip install numpy\ndef f(x):\n    return x % 2\n%time y = f(1)")
    ('pass\ndef f(x):\n    return x % 2\ny = f(1)', ['!pip install numpy', '%time'])
    >>> without_magics("%%time\nx = 1")
    ('\nx = 1', ['%%time'])
    >>> without_magics("%%bash\nls")
    ('', ['%%bash, with the whole cell'])
    """
    maybe = len(_MAYBE.findall(source)) if len(source) <= MOST_CHARACTERS else 0
    if not 0 < maybe <= MOST_LINES:
        return source, []
    if found := _CELL.match(source):
        if found[1] not in KEEPS:
            return "", [f"%%{found[1]}, with the whole cell"]
        code, left_out = without_magics(source[found.end() :])
        return code, [f"%%{found[1]}", *left_out]
    return _without_lines(source)


class Magics:
    """Leaves them out of the cells of one notebook, as long as that is not too much."""

    def __init__(self) -> None:
        self._left = MOST_IN_ALL

    def left_out(self, source: str) -> tuple[str, list[str]]:
        """What `without_magics` returns."""
        if _MAYBE.search(source):
            self._left -= len(source)
        return without_magics(source) if self._left >= 0 else (source, [])


def _without_lines(source: str) -> tuple[str, list[str]]:
    from IPython.core import inputtransformer2 as ipython  # only where there may be a magic

    kinds: tuple[Any, ...] = (
        ipython.MagicAssign,
        ipython.SystemAssign,
        ipython.EscapedCommand,
        ipython.HelpEnd,
    )
    lines = source.splitlines(keepends=True)
    left_out: list[str] = []
    for _ in range(MOST_LINES):
        tokens = ipython.make_tokens_by_line(lines)
        found = [one for kind in kinds if (one := kind.find(tokens)) is not None]
        if not found:
            break
        first = min(found, key=lambda one: (one.start_line, one.start_col))
        here = first.start_line
        start = lines[here][: first.start_col]
        text = lines[here][first.start_col :].strip()
        try:
            after = first.transform(lines)[here + 1 :]
        except (SyntaxError, tokenize.TokenError):
            break
        nothing = "pass"
        if isinstance(first, ipython.MagicAssign | ipython.SystemAssign):
            left, text = lines[here].split("=", 1)
            start, nothing, text = f"{left.rstrip()} = ", "None", text.strip()
            if "," in left:  # nothing can be taken apart
                start = lines[here][: len(left) - len(left.lstrip())]
                nothing = "pass"
        name, _, rest = text.removeprefix("%").partition(" ")
        runs = text.startswith("%") and name in RUNS and bool(rest)
        instead, text = (start + rest, f"%{name}") if runs else (start + nothing, text)
        left_out.append(text)
        end = "\n" if after or lines[here].endswith("\n") else ""
        lines = [*lines[:here], instead + end, *after]
    return "".join(lines), left_out
