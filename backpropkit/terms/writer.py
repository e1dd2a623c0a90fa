"""Writer: terms as lines of Python, each where it reads best: inside another, or under a name."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .algebra import Term, multiple_of_identity

LONGEST = 60  # characters an unnamed term may take inside another before it gets a line of its own
COMPARES, ARITHMETIC, ATOM = 0, 4, 9  # how tightly comparisons bind, ** does, and a name
METHODS = {"np.sum", "np.mean", "np.max", "np.min"}  # quicker as an array's own: no wrapper
NUMPYS = {"vdot": "np.vdot"}  # what is no row of the table, and NumPy's
LISTS = {"stack", "concatenate"}  # NumPy's function takes one list of them


def spelled(value: Any) -> str:
    """Numbers as Python reads them, arrays as NumPy does, every digit of them."""
    if not isinstance(value, np.ndarray):
        text = repr(float(value))
    elif value.size == 0:
        return f"np.zeros({value.shape}, dtype={value.dtype.name!r})"
    elif value.dtype == float and multiple_of_identity(value) == 1.0 and len(value) > 1:
        return f"np.eye({len(value)})"
    else:
        text = f"np.array({value.tolist()!r})"
    return re.sub(r"\b(nan|inf)\b", r"np.\1", text)


@dataclass
class Writer:
    """Lines of Python, and the text each term goes by.

    `rows` says how each op is written, {op: a row with `source` and `binds`}; where that is a call
    by name, `functions` collects what has to be there under which name.
    """

    rows: Mapping[str, Any]
    lines: list[str] = field(default_factory=list)
    text: dict[Term, tuple[str, int]] = field(default_factory=dict)  # and how tightly it binds
    truth: dict[Term, str] = field(default_factory=dict)  # a comparison, as true or false
    taken: set[str] = field(default_factory=lambda: {"np", "forward_backward"})
    last: Counter[str] = field(default_factory=Counter)  # the highest number behind each wish
    functions: dict[str, str] = field(default_factory=dict)  # the kit's: op -> its name here
    constants: dict[str, Any] = field(default_factory=dict)  # arrays the code needs: name -> value
    line: dict[Term, int] = field(default_factory=dict)  # on which of the lines a term stands

    def fresh(self, wish: str) -> str:
        """`wish` as an identifier nobody has yet."""
        wish = re.sub(r"\W", "_", unicodedata.normalize("NFKC", str(wish))) or "t"
        wish = f"_{wish}" if not wish.isidentifier() or keyword.iskeyword(wish) else wish
        if wish.startswith("__"):  # such names are Python's, and a compiled function's own
            wish = "_" + wish.lstrip("_")
        wish = wish if wish.isidentifier() else "t"
        name = wish
        while name in self.taken:
            self.last[wish] += 1
            name = f"{wish}_{1 + self.last[wish]}"
        self.taken.add(name)
        return name

    def write(self, term: Term, uses: int, wish: str) -> None:
        """Settle how a term is written: where it stands, or on a line of its own under a name."""
        if term.op == "const":
            self.text[term] = self.constant(term)
            return
        text, binds = self.expression(term)
        compares = term.op in self.rows and self.rows[term.op].binds == COMPARES
        if compares:
            binds, truth, text = self.rows["mul"].binds, text, f"1.0 * ({text})"
        if not wish and uses == 1 and len(text) <= LONGEST:
            self.text[term] = text, binds
            if compares:
                self.truth[term] = truth
            return
        name = self.fresh(wish or f"t{len(self.lines) + 1}")
        self.line[term] = len(self.lines)
        self.lines.append(f"{name} = {text}")
        self.text[term] = name, ATOM

    def constant(self, term: Term) -> tuple[str, int]:
        if term.number.__class__ is float:
            text = spelled(term.number)
            return text, self.rows["neg"].binds if text[0] == "-" else ATOM
        return self.array(term.number, "I" if multiple_of_identity(term.number) == 1.0 else "C")

    def array(self, value: Any, wish: str = "C") -> tuple[str, int]:
        """An array goes by a name, and is written out before the code."""
        name = self.fresh(wish)
        self.constants[name] = value
        return name, ATOM

    def expression(self, term: Term) -> tuple[str, int]:
        """A term by its row's pattern; by a call, where that is none or does not know numbers."""
        source, binds = NUMPYS.get(term.op, ""), ATOM
        if row := self.rows.get(term.op):
            source, binds = row.source, row.binds
        if term.params.get("axes"):
            source = "np.transpose"
        if binds > ARITHMETIC and not any(a.shape for a in term.args) and term.op not in LISTS:
            source = ""
        if "{" not in source:
            return self.call(term, source), ATOM
        parts = [self.part(term, position, binds) for position in range(len(term.args))]
        params = {name: self.literal(value) for name, value in term.params.items()}
        return source.format(*parts, **params), binds

    def part(self, term: Term, position: int, binds: int) -> str:
        """An argument inside an operator's pattern, in brackets where they are needed."""
        arg = term.args[position]
        if term.op == "mul" and arg in self.truth and term.args[1 - position] not in self.truth:
            return f"({self.truth[arg]})"  # a number times true or false is a number
        text, tight = self.text[arg]
        loose = tight < binds or (tight == binds and (position or binds == ARITHMETIC))
        return f"({text})" if loose else text

    def literal(self, param: Any) -> str:
        """A parameter as text: indices read as they are written, arrays go by a name."""
        if isinstance(param, np.ndarray):
            return self.array(param)[0]
        if isinstance(param, tuple) and param:
            parts = [
                f"({self.literal(x)})" if isinstance(x, tuple) else self.literal(x) for x in param
            ]
            return ", ".join(parts) + ("," if len(parts) == 1 else "")
        if isinstance(param, slice):
            ends = ["" if end is None else repr(end) for end in (param.start, param.stop)]
            return ":".join(ends) + ("" if param.step is None else f":{param.step!r}")
        return spelled(param) if isinstance(param, float) else repr(param)

    def call(self, term: Term, function: str) -> str:
        """A call of NumPy's function, or, without one, of the kit's own (quick on floats)."""
        given = [self.text[a][0] for a in term.args]
        if not function:
            if term.op not in self.functions:
                self.functions[term.op] = self.fresh(term.op)
            function, named = self.functions[term.op], True
        elif function in METHODS:
            array, given = self.part(term, 0, ATOM), given[1:]
            function, named = array + function.removeprefix("np"), False
        else:
            named = False
            given = [f"[{', '.join(given)}]"] if term.op in LISTS else given
        for name, value in term.params.items():
            if named or not (value is None or value is False):
                text = self.literal(value) if name != "index" else f"np.s_[{self.literal(value)}]"
                text = f"({text})" if isinstance(value, tuple) else text
                # by its place: NumPy 2.0 has another word for the shape
                given.append(f"{name}={text}" if named or name != "shape" else text)
        return f"{function}({', '.join(given)})"
