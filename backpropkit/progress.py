"""How far a learner is: one small readable file in their folder, theirs, never sent."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

MARK = ".handed-out.json"  # what `backpropkit lab` leaves in the folder that it hands out
FILE = "progress.json"
DRIVE = Path("/drive")  # where a page of JupyterLite has its files, of which the browser keeps all

Done = dict[str, dict[str, Any]]  # id -> {"done": whether it ever was, "on": the last day}


def home() -> Path | None:
    """The folder that `backpropkit lab` made, seen from anywhere in it; None elsewhere.

    In a browser it is what the page keeps files in.
    """
    here = Path.cwd()
    around = (here, *here.parents)
    if in_browser() and DRIVE in around:
        return DRIVE
    return next((folder for folder in around if (folder / MARK).is_file()), None)


def in_browser() -> bool:
    """Whether this Python runs in a page."""
    return sys.platform == "emscripten"


def done() -> Done:
    """What was asked and checked, the latest last; {} where nothing is noted."""
    folder = home()
    return {} if folder is None else _read(folder / FILE)


def note(id: str, finished: bool) -> None:
    """Note a question that was reached, or a check, in the learner's folder; elsewhere, nothing.

    A folder that nothing can be written into loses no answer: there, nothing is noted.
    """
    folder = home()
    if folder is None:
        return
    with suppress(OSError):
        known = _read(folder / FILE)
        before = known.pop(id, {"done": False})
        known[id] = {"done": finished or before["done"], "on": date.today().isoformat()}
        write(folder / FILE, known)


def write(path: Path, about: Any) -> None:
    """Write all of it as JSON, or leave the file as it was, whatever ends this process."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(about, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def set_aside(path: Path) -> Path:
    """Keep a file that cannot be read under another name, which is returned."""
    aside = path.with_name(f"{path.name}.unreadable")
    path.replace(aside)
    return aside


def _read(path: Path) -> Done:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(id): {"done": bool(one["done"]), "on": str(one["on"])} for id, one in found.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError):
        set_aside(path)
        return {}
