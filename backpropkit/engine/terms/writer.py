"""Writer: terms as lines of Python, each where it reads best: inside another, or under a name."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .algebra import Term, multiple_of_identity

LONGEST = 60  # characters an unnamed term may take inside another before it gets a line of its own
ATOM = 9  # binds tighter than any operator


@dataclass
class Writer:
    """Lines of Python, and the text each term goes by.

    `rows` says how each op is written, {op: a row with `source` and `binds`}, and `forward` which
    function computes it where that is a call by name.
    """

    rows: Mapping[str, Any]
    forward: Callable[[str], Callable[..., Any]]
    lines: list[str] = field(default_factory=list)
    text: dict[Term, tuple[str, int]] = field(default_factory=dict)  # and how tightly it binds
    taken: set[str] = field(default_factory=set)
    bound: dict[str, Any] = field(default_factory=dict)  # names the code needs from outside
    line: dict[Term, int] = field(default_factory=dict)  # on which of the lines a term stands

    def fresh(self, wish: str) -> str:
        """`wish` as an identifier nobody has yet."""
        wish = re.sub(r"\W", "_", wish) or "t"
        wish = f"_{wish}" if wish[0].isdigit() or keyword.iskeyword(wish) else wish
        name, k = wish, 1
        while name in self.taken:
            k += 1
            name = f"{wish}_{k}"
        self.taken.add(name)
        return name

    def write(self, term: Term, uses: int, wish: str) -> None:
        """Settle how a term is written: where it stands, or on a line of its own under a name."""
        if term.op == "const":
            self.text[term] = self.constant(term)
            return
        text, binds = self.expression(term)
        if not wish and uses == 1 and len(text) <= LONGEST:
            self.text[term] = text, binds
            return
        name = self.fresh(wish or f"t{len(self.lines) + 1}")
        self.line[term] = len(self.lines)
        self.lines.append(f"{name} = {text}")
        self.text[term] = name, ATOM

    def constant(self, term: Term) -> tuple[str, int]:
        if term.number.__class__ is float and np.isfinite(term.number):
            return repr(term.number), ATOM if term.number >= 0 else self.rows["neg"].binds
        name = self.fresh("C" if multiple_of_identity(term) != 1.0 else "I")
        self.bound[name] = term.number
        return name, ATOM

    def expression(self, term: Term) -> tuple[str, int]:
        if term.op not in self.rows:
            return self.call(term, ""), ATOM
        row = self.rows[term.op]
        numbers = row.source.startswith("np.") and not any(a.shape for a in term.args)
        if "{" not in row.source or numbers or term.params.get("axes"):
            return self.call(term, "" if numbers else row.source), ATOM
        parts = []
        for position, arg in enumerate(term.args):
            text, binds = self.text[arg]
            loose = binds < row.binds or (binds == row.binds and (position or row.binds == 4))
            parts.append(f"({text})" if loose else text)
        params = {name: self.literal(value) for name, value in term.params.items()}
        return row.source.format(*parts, **params), row.binds

    def literal(self, param: Any) -> str:
        """A parameter as text: indices read as they are written, arrays go by a name."""
        if isinstance(param, np.ndarray):
            name = self.fresh("C")
            self.bound[name] = param
            return name
        if isinstance(param, tuple) and param:
            return ", ".join(map(self.literal, param)) + ("," if len(param) == 1 else "")
        if isinstance(param, slice):
            ends = ["" if end is None else repr(end) for end in (param.start, param.stop)]
            return ":".join(ends) + ("" if param.step is None else f":{param.step!r}")
        return repr(param)

    def call(self, term: Term, function: str) -> str:
        """A call of NumPy's function, or, without one, of the kit's own (quick on floats)."""
        given = [self.text[a][0] for a in term.args]
        if not function:
            self.bound[term.op] = self.forward(term.op)
        elif term.op in ("stack", "concatenate"):
            given = [f"[{', '.join(given)}]"]
        for name, value in term.params.items():
            if not function or not (value is None or value is False):
                text = self.literal(value) if name != "index" else f"np.s_[{self.literal(value)}]"
                given.append(f"{name}=({text})" if isinstance(value, tuple) else f"{name}={text}")
        return f"{function or term.op}({', '.join(given)})"
