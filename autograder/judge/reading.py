"""How answers are read: the values that are there, and what is said about those that are not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.asking.ask import (
    AFTER_ERROR,
    AFTER_IMPORT,
    IN_LINE,
    NOT_HANDED_IN,
    Answer,
    Question,
)
from autograder.asking.wire import Odd, describe
from autograder.judge.exercise import NOTHING, Exercise, Task, Values

SHOWN = 20  # entries of an array that a report still prints
GUFUNC = re.compile(r", with gufunc signature \S+")  # NumPy's own words for shapes that do not fit
MOST_BRACKETS = 2  # around a number that still is one
MOST = 400  # characters of anything else
TOO_DEEP = (
    "Calls inside calls go about 1,000 deep: do they end, and could a list remember what is still "
    "to be done?"
)
IMPORTS = {  # what a name is short for
    "np": "import numpy as np",
    "numpy": "import numpy",
    "math": "import math",
    "bp": "import backpropkit as bp",
}
GONE = (  # of a name that was there for the learner, as long as their notebook was open
    "Grading runs the cells from the top, once: was its cell deleted, or is it called otherwise?"
)
UNFINISHED = "NotImplementedError"  # what an answer raises before anybody wrote it


@dataclass(frozen=True)
class Reading:
    """One answer, read.

    Attributes:
        values: {part: a float or an array}, of whatever shape came back.
        complaints: {part: why there is no value}.
        trouble: why there is no value at all, a sentence; "" if there is some.
    """

    values: Values = field(default_factory=dict)
    complaints: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


def read(exercise: Exercise, answer: Answer, like: Mapping[str, Any] = NOTHING) -> Reading:
    """What an answer to one of the exercise's questions holds.

    `like` has values of the right shapes: where one number is meant, one number in brackets is it.
    """
    if answer.trouble:
        return Reading(trouble=trouble(exercise, answer))
    items = _items(exercise, answer.value, like)
    if isinstance(items, str):
        return Reading(trouble=items)
    values: Values = {}
    complaints = {}
    for part in exercise.parts:
        value, complaint = number(items.get(part.name))
        if complaint:
            complaints[part.name] = _lacking(exercise, part.name, items) or complaint
        else:
            values[part.name] = _shaped(value, items[part.name], like.get(part.name))
    return Reading(values, complaints)


def _lacking(exercise: Exercise, name: str, items: Mapping[str, Any]) -> str:
    """What is said of a part that is not there; "" if it is, whatever it is."""
    others = [repr(key)[:MOST] for key in items if key not in [p.name for p in exercise.parts]]
    if name not in items and others:
        return f"it is missing; the dict has {_listed(others)} instead."
    if exercise.fixed and items.get(name) is None:
        return "it is not filled in yet."
    return "" if name in items else "it is missing."


def _shaped(value: Any, given: Any, like: Any) -> Any:
    """A number out of its brackets; of a vector, out of the matrix that NumPy's matrix makes it."""
    if like is None or np.shape(value) == np.shape(like):
        return value
    if np.ndim(like) == 0 and np.size(value) == 1 and np.ndim(value) <= MOST_BRACKETS:
        return float(np.ravel(value)[0])
    if isinstance(given, list) and np.ndim(like) == 1 and np.ndim(value) == 2:
        flat = np.ravel(value)
        return flat if 1 in value.shape and flat.shape == like.shape else value
    return value


def number(value: Any) -> tuple[Any, str]:
    """(a finite float or float64 array, "") or (None, what is wrong with the value).

    >>> number([[1, 2], [3, 4]])[0].shape, number(True)[1]
    ((2, 2), 'it is a bool; a number or an array of numbers is expected.')
    """
    if value is None:
        return None, "it is None: nothing came back for it."
    bad = _not_a_number(value)
    if bad:
        return None, f"it is {bad}; a number or an array of numbers is expected."
    try:
        array = np.array(value, dtype=np.float64)
    except ValueError:
        return None, "its rows have different lengths."
    except OverflowError:
        return None, "it holds a whole number too large for a float."
    if not np.all(np.isfinite(array)):
        what = "nan (not a number)" if np.isnan(array).any() else "an infinity"
        return None, f"it is {what}." if array.ndim == 0 else f"it contains {what}."
    return (float(array) if array.ndim == 0 else array), ""


def _not_a_number(value: Any) -> str:
    """What is in a value that is not a number, an array, or a list of such; "" if nothing."""
    if isinstance(value, Odd):
        return value.what
    if isinstance(value, bool) or value is None or isinstance(value, (str, dict)):
        return describe(value)
    if isinstance(value, (list, tuple)):
        inner = next((bad for item in value if (bad := _not_a_number(item))), "")
        return inner and f"a {type(value).__name__} with {inner} in it"
    return ""


def _items(exercise: Exercise, value: Any, like: Mapping[str, Any]) -> dict[str, Any] | str:
    """{part: what came back for it}, or a sentence if the answer has another form."""
    names = [part.name for part in exercise.parts]
    call = exercise.answer
    if isinstance(value, dict) and set(value) == set(names):
        return value
    if value is None:
        return f"{call} came back with None: is its return missing, or is it still to be written?"
    if len(names) == 1 and exercise.form != "dict":
        alone = isinstance(value, tuple) and len(value) == 1  # a comma behind it
        return {names[0]: value[0] if alone else value}
    if exercise.form == "dict":
        if isinstance(value, dict):
            return value
        wanted = f"a dict with the keys {', '.join(map(repr, names))}"
    else:
        if isinstance(value, np.ndarray) and value.size == len(names) == max(value.shape):
            value = value.ravel().tolist()  # in a row, or in a column
        stacked = isinstance(value, np.ndarray) and value.shape[:1] == (len(names),)
        if stacked and all(np.shape(like[n]) == value.shape[1:] for n in names if n in like):
            value = list(value)  # arrays of one shape in an array
        if isinstance(value, (list, tuple)) and len(value) == len(names):
            return dict(zip(names, value, strict=True))
        wanted = f"{len(names)} values, ({', '.join(names)})"
    if isinstance(value, np.ndarray):
        given = f"one array of shape {value.shape}"
    elif isinstance(value, (list, tuple)):
        given = f"a {type(value).__name__} of {len(value)}"
    else:
        given = describe(value)
    return f"{call} came back with {given}; expected: {wanted}."


def trouble(exercise: Task, answer: Answer, name: str = "") -> str:
    """The sentence for an answer that is not one; `name` is what was called, if not the answer."""
    name = name or exercise.answer
    text, _, rest = answer.text.partition(IN_LINE)
    line, after, rest = rest.partition("; ")
    name, said = line or name, text + after + rest
    text, _, failed = said.partition(AFTER_IMPORT)
    if failed:
        lost = "" if answer.trouble == "missing" else f"{name} raised {text}. "
        return (
            f"{lost}An import failed while grading, and what came after it in its cell was never "
            f"defined{f', {text} too' if answer.trouble == 'missing' else ''}: {failed}. "
            "NumPy and matplotlib can be imported here, and what comes with Python."
        )
    text, _, failed = said.partition(AFTER_ERROR)
    if failed and answer.trouble == "missing":
        return f"There is no {text}: its cell ended before it was defined, with {failed}"
    if failed:
        return f"{name} raised {text}. The cell that defines that name ended with {failed}"
    graded = said.endswith(NOT_HANDED_IN)
    text = said.removesuffix(NOT_HANDED_IN)
    if graded and answer.trouble == "missing":
        return f"Nothing that was handed in defines {text} before its check. {GONE}"
    if answer.trouble == "missing":
        return f"There is no {text or name} yet: run the cell that defines it."
    if answer.trouble == "stopped":
        return f"{name} was stopped: {text or 'it took too long'}. Is there a loop that never ends?"
    if answer.trouble == "died":
        return f"The process that ran {name} ended before it answered. {text}".rstrip()
    if answer.trouble == "not plain":
        return f"{name} returned {text}; a number or an array of real numbers is expected."
    if text.startswith(UNFINISHED):
        return f"{name} is still to be written: it raises {UNFINISHED}."
    odd = re.fullmatch(r"TypeError: ('\w+') object is not callable", text)
    if odd and (name == exercise.answer or f"{exercise.answer}(" in name):
        kind = "class" if exercise.signature.startswith("class ") else "function"
        return f"{exercise.answer} is of type {odd[1]}, and a {kind} is expected."
    if text.startswith("KeyboardInterrupt"):
        at = text.removeprefix("KeyboardInterrupt")
        return f"{name} was interrupted{at}. Is there a loop that never ends?"
    if text.startswith("RecursionError"):
        return f"{name} raised {text}. {TOO_DEEP}"
    undefined = re.match(r"NameError: name '(\w+)' is not defined", text)
    if undefined and undefined[1] in IMPORTS:
        again = "" if graded else ", and run it again"
        line = IMPORTS[undefined[1]]
        return f"{name} raised {text}. Write {line!r} into the cell that imports{again}."
    if undefined and graded:
        return f"{name} raised {text}. Nothing that was handed in defines it above. {GONE}"
    return f"{name} raised {GUFUNC.sub('', text)}."


def show(question: Question, reading: Reading) -> str:
    """The inputs of a question, ready to be copied, the call, and what came back."""
    lines = assignments(
        {name: value for name, value in question.args.items() if not isinstance(value, str)}
    )
    if not reading.values:
        return "\n".join([*lines, question.code])
    return "\n".join([*lines, "", f"{question.code} came back with", *assignments(reading.values)])


def assignments(values: Mapping[str, Any]) -> list[str]:
    """A line for each value, as one would type it."""
    return [f"{name} = {text(value, len(name) + 3)}" for name, value in values.items()]


def text(value: Any, column: int = 0) -> str:
    """A value as one would type it, starting in a column; what is long is cut short.

    >>> text(np.eye(2)), text(np.zeros((9, 9)))
    ('np.array([[1., 0.],\\n          [0., 1.]])', 'an array of shape (9, 9)')
    >>> text((0.1 + 0.2, [1.0] * 30))
    '(0.3, [1, 1, 1, 1, … 30 in all])'
    >>> print(text((2.0, np.eye(2))))
    (2,
     np.array([[1., 0.],
               [0., 1.]]))
    """
    if isinstance(value, np.ndarray):
        if value.size > SHOWN or value.size == 0:  # lengths of 0 can stand beside any others
            return f"an array of shape {value.shape}"
        prefix = " " * (column + len("np.array("))
        return f"np.array({np.array2string(value, precision=5, separator=', ', prefix=prefix)})"
    if isinstance(value, Odd):
        return f"({value.what})"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        items = [f"{key!r}: {text(item)}" for key, item in value.items()]
        return "{" + _listed(items) + "}"
    if isinstance(value, (list, tuple)):
        items = [text(item, column + 1) for item in value[: SHOWN + 1]]
        apart = ", " if not any("\n" in item for item in items) else ",\n" + " " * (column + 1)
        inner = _listed(items, len(value), apart)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return repr(value)[:MOST]


def _listed(items: list[str], count: int = 0, apart: str = ", ") -> str:
    count = count or len(items)
    return apart.join(items if count <= SHOWN else [*items[:4], f"… {count} in all"])
