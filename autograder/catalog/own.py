"""A course's own catalog: the files of the folder ``catalog/`` beside its ``nbgrader_config.py``.

A file holds any of `EXERCISES`, `MISCONCEPTIONS` and `WITHOUT` (what the course leaves out of the
kit: ids of exercises, or whole sets). An exercise with an id of the kit's takes its place. The
files travel as text, with the work to whoever judges and with a released set to whoever learns.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
import keyword
import linecache
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.asking.ask import Question
from autograder.catalog import KIT, AnyExercise, catalog
from autograder.judge.behaviour import Behaviour
from autograder.judge.exercise import Exercise, Personal
from autograder.judge.misconceptions import MISCONCEPTIONS, Misconception
from autograder.judge.trial import Trial
from backpropkit.engine.node import TABLE
from backpropkit.ideas.change import Change

Texts = Mapping[str, str]  # path of a file, as it is to be named -> what it holds
FOLDER = "catalog"

_KITS_IDEAS = dict(MISCONCEPTIONS)
_in_use = ""


class CatalogError(ValueError):
    """A course's catalog cannot be used; the text says what is wrong, in which file and line."""


def read_folder(course: Path) -> dict[str, str]:
    """The catalog files of the course in the folder `course`; none where it has none.

    Raises:
        CatalogError: a file is not text in UTF-8.
    """
    found = {}
    for path in sorted((course / FOLDER).glob("*.py")):
        try:
            found[f"{FOLDER}/{path.name}"] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogError(f"{FOLDER}/{path.name} cannot be read: {error}") from None
    return found


def name_of(texts: Texts) -> str:
    """What stands for these files: another name for every change in them."""
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()[:20]


def use(texts: Texts) -> None:
    """Judge from now on, in this process, by the kit's exercises and these; {} for the kit's alone.

    Raises:
        CatalogError: something in them is wrong; what was in use before stays so.
    """
    global _in_use
    if (name := name_of(texts)) == _in_use:
        return
    modules = {path: _run(path, text) for path, text in texts.items()}
    ideas = dict(_ideas(modules, texts))
    exercises = dict(_exercises(modules, texts, _KITS_IDEAS | ideas))
    without = dict(_without(modules, texts))
    kept = {id: e for id, e in KIT.items() if not without.keys() & {id, e.set}}
    catalog.replace(kept | exercises)
    catalog.left_out = {
        id: without.get(id, without.get(e.set, ""))
        for id, e in KIT.items()
        if id not in kept and id not in exercises
    }
    general = {id: idea for id, idea in _KITS_IDEAS.items() if idea.general}
    MISCONCEPTIONS.clear()  # a course's own are named before mere transforms, as the kit's are
    MISCONCEPTIONS.update(_KITS_IDEAS | ideas)
    MISCONCEPTIONS.update({id: MISCONCEPTIONS.pop(id) for id in general})
    _in_use = name


def in_use() -> str:
    """The name of what is in use; "" for the kit's alone, from the beginning."""
    return _in_use


def ideas() -> list[str]:
    """The ids of the course's own misconceptions that are in use."""
    return [id for id in MISCONCEPTIONS if id not in _KITS_IDEAS]


def _run(path: str, text: str) -> ModuleType:
    """The module that a file makes."""
    module = ModuleType(f"course_{name_of({path: text})}")
    module.__file__ = path
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    sys.modules[module.__name__] = module  # dataclasses and pickles look here
    try:
        exec(compile(text, path, "exec"), module.__dict__)
    except SyntaxError as error:
        line = error.lineno if error.filename == path else _line(error, path)
        raise CatalogError(f"{path}, line {line}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        line = _line(error, path)
        place = f"{path}, line {line}" if line else path  # no line of it ran
        raise CatalogError(f"{place}: {_said(error)}") from None
    return module


def _listed(path: str, module: ModuleType, texts: Texts, name: str) -> tuple[Any, ...]:
    """What a file holds under one of the three names, in parentheses or brackets."""
    found = getattr(module, name, ())
    if isinstance(found, tuple | list):
        return tuple(found)
    raise CatalogError(
        f"{_bound(path, texts, name)}: {name} is {found!r:.60}; put it in parentheses, with a "
        f"comma: {name} = (…,)"
    )


def _without(modules: Mapping[str, ModuleType], texts: Texts) -> Iterator[tuple[str, str]]:
    """(id or set of the kit's that is left out, where that is written)."""
    known = {part for id in KIT for part in (id, id.split(".")[0])}
    for path, module in modules.items():
        for id in _listed(path, module, texts, "WITHOUT"):
            where = _where(path, texts, id)
            if id not in known:
                raise CatalogError(
                    f"{where}: WITHOUT names {id!r}, which the kit does not have{_meant(id, known)}"
                )
            yield id, where


def _ideas(modules: Mapping[str, ModuleType], texts: Texts) -> Iterator[tuple[str, Misconception]]:
    seen: dict[str, str] = {}
    for path, module in modules.items():
        for idea in _listed(path, module, texts, "MISCONCEPTIONS"):
            if not isinstance(idea, Misconception):
                raise CatalogError(
                    f"{_bound(path, texts, 'MISCONCEPTIONS')}: MISCONCEPTIONS holds {idea!r:.60}, "
                    "no Misconception"
                )
            where = _where(path, texts, idea.id)
            if idea.id in _KITS_IDEAS or idea.id in seen:
                there = seen.get(idea.id, "the kit")
                raise CatalogError(f"{where}: there is a misconception {idea.id!r} in {there}")
            seen[idea.id] = path
            for fault in _faults_of_idea(idea):
                raise CatalogError(f"{where}: {idea.id}: {fault}")
            yield idea.id, idea


def _faults_of_idea(idea: Misconception) -> Iterator[str]:
    """What would end a judgement, or let an idea match nothing without a word."""
    if not isinstance(idea.changes, tuple) or not all(isinstance(c, Change) for c in idea.changes):
        yield (
            "changes holds each way to have the idea, in parentheses and with a comma: "
            "changes=(rules(…),)"
        )
        return
    kits = {kind for one in _KITS_IDEAS.values() for way in one.changes for kind in way.rows}
    for kind in (kind for way in idea.changes for kind in way.rows):
        if kind not in TABLE.keys() | kits:
            close = difflib.get_close_matches(kind, sorted(TABLE.keys() | kits), n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            yield f"changes has a rule of {kind!r}, and there is no such gate{hint}"


def _exercises(
    modules: Mapping[str, ModuleType], texts: Texts, ideas: Mapping[str, Misconception]
) -> Iterator[tuple[str, AnyExercise]]:
    seen: dict[str, str] = {}
    for path, module in modules.items():
        for exercise in _listed(path, module, texts, "EXERCISES"):
            if not isinstance(exercise, Exercise | Behaviour | Personal):
                raise CatalogError(
                    f"{_bound(path, texts, 'EXERCISES')}: EXERCISES holds {exercise!r:.60}, "
                    "no Exercise"
                )
            where = _where(path, texts, exercise.id)
            if exercise.id in seen:
                where = _where(path, texts, exercise.id, last=True)
                raise CatalogError(f"{where}: {exercise.id!r} stands in {seen[exercise.id]}, too")
            seen[exercise.id] = where
            for fault in _faults(exercise, ideas, path):
                raise CatalogError(f"{where}: {exercise.id}: {fault}")
            yield exercise.id, exercise


def _faults(exercise: AnyExercise, ideas: Mapping[str, Misconception], path: str) -> Iterator[str]:
    """What is wrong with an exercise, found by making its questions and its right answer once."""
    try:
        yield from _written(exercise, ideas)
        if isinstance(exercise, Personal):
            return  # it may be set for an idea of the course's own, which is not in use yet
        questions = exercise.questions(seed=1)
        if isinstance(exercise, Exercise):
            names = [part.name for part in exercise.parts]
            if twice := [name for name in names if names.count(name) > 1]:
                yield f"two of its parts are called {twice[0]!r}; name them in returns=(…)"
            if exercise.form == "alone" and len(names) > 1:
                yield f'form="alone" is of one part, and it has {", ".join(names)}; leave form out'
            yield from _shares(exercise, {part.name: part.points for part in exercise.parts})
            with np.errstate(all="ignore"):
                yield from _numbers(exercise, questions)
        else:
            yield from _shares(exercise, exercise.checks)
            yield from _steps(exercise, ideas)
    except KeyError as error:
        yield f"{error} in `wrt` is neither an input nor the name of a node"
    except Exception as error:
        line = _line(error, path)
        yield _said(error) + f" (line {line})" * bool(line)


def _written(exercise: AnyExercise, ideas: Mapping[str, Misconception]) -> Iterator[str]:
    """What can be seen without running anything of it."""
    if not _ID.fullmatch(exercise.id) or keyword.iskeyword(exercise.id.split(".")[1]):
        yield 'an id is a set and the answer\'s name, such as "ps8.my_gradient"'
    for field in ("ideas", "wrt", "returns", "credit"):
        if isinstance(text := getattr(exercise, field, ()), str):
            yield f'{field} is one text; put it in parentheses, with a comma: {field}=("{text}",)'
    if not isinstance(exercise, Personal) and not re.search(
        rf"\b{exercise.answer}\b", exercise.signature
    ):
        yield f"its signature does not name {exercise.answer}, which is what learners write"
    named = {*exercise.ideas, *exercise.inseparable}
    if isinstance(exercise, Exercise):
        named |= {*exercise.wrong}
        if exercise.form not in FORMS:
            yield f"form={exercise.form!r}; there are {', '.join(FORMS)}"
        if not exercise.tolerance > 0:
            yield f"its tolerance is {exercise.tolerance}; give it a number above 0"
    if unknown := sorted(named - ideas.keys()):
        yield f"there is no misconception {unknown[0]!r}{_meant(unknown[0], ideas)}"
    if not (exercise.points > 0 and math.isfinite(exercise.points)):
        yield f"it earns {exercise.points} points; give it a number above 0"


def _numbers(exercise: Exercise, questions: Sequence[Question]) -> Iterator[str]:
    """Its inputs, and what is right for them."""
    again = exercise.questions(seed=1)
    both: list[tuple[Any, Any]] = [
        (one.args[name], other.args[name])
        for one, other in zip(questions, again, strict=True)
        for name in one.args
    ]
    if not all(np.array_equal(one, other) for one, other in both):
        yield "its inputs are others each time; draw them with the generator that inputs is given"
    for question in questions:
        trial = Trial(exercise, dict(exercise.fixed or question.args))
        if odd := [name for name, v in trial.truth.items() if not np.all(np.isfinite(v))]:
            yield f"the right {odd[0]} is no finite number on inputs that it draws"
        result = trial.sweeps.result.value if trial.sweeps else 0.0
        if not np.all(np.isfinite(result)):
            yield "forward gives no finite number on inputs that it draws"
        shape = np.shape(result)
        if shape and not (exercise.jacobian or exercise.upstream):
            yield (
                f"forward ends in numbers of shape {shape}, not in one; sum them, or name their "
                "incoming gradient among the inputs and in upstream="
            )


def _shares(exercise: AnyExercise, shares: Mapping[str, float]) -> Iterator[str]:
    """Parts and checks: none costs points, and together they earn what the exercise does."""
    if below := [name for name, points in shares.items() if points < 0]:
        yield f"{below[0]} earns {shares[below[0]]:g} points; none may cost any"
    if abs(sum(shares.values()) - exercise.points) > 1e-9:
        yield f"its parts earn {sum(shares.values()):g}, not its points, {exercise.points:g}"


def _steps(exercise: Behaviour, ideas: Mapping[str, Misconception]) -> Iterator[str]:
    steps = exercise.questions(seed=1).steps
    counted = {check for step in steps for check in step.counts}
    if unknown := sorted({id for step in steps for id in step.ideas} - ideas.keys()):
        yield f"there is no misconception {unknown[0]!r}{_meant(unknown[0], ideas)}"
    if strange := sorted(counted - exercise.checks.keys()):
        yield f"a step counts for {strange[0]!r}, which is none of its checks"
    if idle := [check for check in exercise.checks if check not in counted]:
        yield f"no step counts for its check {idle[0]!r}, which everybody would pass"


FORMS = ("tuple", "dict", "alone")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z_][A-Za-z0-9_]*")


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _line(error: BaseException, path: str) -> int:
    """The last line of the file that an error came through."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _where(path: str, texts: Texts, id: str, last: bool = False) -> str:
    """The file, and the first line (or the last one) in which an id is written."""
    lines = [
        node.lineno
        for node in ast.walk(ast.parse(texts[path]))
        if isinstance(node, ast.Constant) and node.value == id
    ]
    return f"{path}, line {max(lines) if last else min(lines)}" if lines else path


def _bound(path: str, texts: Texts, name: str) -> str:
    """The file, and the line in which a name gets its value."""
    for node in ast.walk(ast.parse(texts[path])):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return f"{path}, line {node.lineno}"
    return path


def without_cells(name: str, checked: set[str], texts: Texts) -> list[str]:
    """A sentence for each exercise of the course's own in a set that no cell of its checks."""
    return [
        f"{_where(path, texts, id)}: no graded cell of {name} checks {id!r}; add its cells to the "
        f"notebook (autograder cells {name}), or take it out of EXERCISES"
        for path, text in texts.items()
        for id in _ids(path, text)
        if id.startswith(f"{name}.") and id not in checked
    ]


# --- what goes along with a released set ---------------------------------------------------------


def learners_file(name: str, texts: Texts) -> str | None:
    """What `check` needs of a set, to lie beside its notebook; None where the kit has all of it.

    It is the one file in which the course's exercises of the set stand: `forward`, never an answer.

    Raises:
        CatalogError: they stand in several files.
    """
    use(texts)
    files = [
        path
        for path, text in texts.items()
        if any(f"{name}." == id[: len(name) + 1] for id in _ids(path, text))
    ]
    if not files:
        return None
    if len(files) > 1:
        raise CatalogError(
            f"the exercises of {name} stand in {' and '.join(files)}: one file goes along with a "
            "released set, so put them into one"
        )
    _alone(files[0], texts)
    return texts[files[0]]


def _alone(path: str, texts: Texts) -> None:
    """Refuse a file that needs another one: a learner gets it alone."""
    try:
        use({path: texts[path]})
    except CatalogError as error:
        raise CatalogError(
            f"{error}. What stands in another file does not go along with a released set: write "
            "it into this one"
        ) from None
    finally:
        use(texts)


def _ids(path: str, text: str) -> list[str]:
    module: Any = sys.modules.get(f"course_{name_of({path: text})}")
    return [exercise.id for exercise in getattr(module, "EXERCISES", ())]


def use_beside(id: str) -> None:
    """Use the file that lies beside the notebook for an exercise's set, if one does."""
    path = Path(f"{id.partition('.')[0]}_exercises.py")
    if path.is_file():
        use({str(path): path.read_text(encoding="utf-8-sig")})


def use_all_beside() -> None:
    """Use the files that lie beside the notebook, of whatever sets; without any, what is in use."""
    files = sorted(Path().glob("*_exercises.py"))
    if files:
        use({str(path): path.read_text(encoding="utf-8-sig") for path in files})
