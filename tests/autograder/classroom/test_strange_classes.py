"""A class in which everything is strange: every field of a notebook, files, folders, names, times,
leftovers. Everybody is graded, or refused by name with a sentence, and nobody stops the class.
"""

import base64
import gzip
import io
import json
import os
import socket
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from graded_class import Classroom
from nbgrader.api import Gradebook
from PIL import Image

from tools.a_class import EXERCISES, POINTS, RIGHT, make_course

pytestmark = pytest.mark.slow
WORDS = "Where both are the same, so only at 0 and at 2."
ODD = {"null": None, "number": 7, "text": "x", "list": [1, [2]], "dict": {"a": {}}, "nan": 1e999}
RELEASE = EXERCISES / "release/ps6/ps6.ipynb"
Notebook = dict[str, Any]


def quad(source: Callable[[str], Any]) -> Callable[[Notebook], None]:
    """Change the text of one answer."""

    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "quad_grad":
                cell["source"] = source(cell["source"])

    return change


def everywhere(key: str, value: Any) -> Callable[[Notebook], None]:
    """Give a field of every cell a value; ``...`` takes it away."""

    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            cell.pop(key, None) if value is ... else cell.update({key: value})

    return change


def marked(key: str, value: Any) -> Callable[[Notebook], None]:
    """The same with nbgrader's own metadata."""

    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"][key] = value

    return change


def on_top(key: str, value: Any) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook.pop(key, None) if value is ... else notebook.update({key: value})

    return change


def lines(ends: bool) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            cell["source"] = cell["source"].splitlines(keepends=ends)

    return change


def shouted(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["cell_type"] = cell["cell_type"].upper()


def answers(notebook: Notebook) -> dict[str, dict[str, Any]]:
    """{grade id: the cell of an answer}"""
    marks = [(c["metadata"].get("nbgrader", {}).get("grade_id"), c) for c in notebook["cells"]]
    return {name: cell for name, cell in marks if name in RIGHT or name == "hidden"}


def swapped(notebook: Notebook) -> None:
    """Right answers, each in the other's place."""
    found = answers(notebook)
    one, other = found["quad_grad"], found["dD_dW"]
    one["source"], other["source"] = other["source"], one["source"]


def on_top_of_all(notebook: Notebook) -> None:
    """All answers in one cell of the learner's, and nothing where they belong."""
    for name in RIGHT:
        answers(notebook)[name]["source"] = f"def {name}(*args):\n    raise NotImplementedError"
    for cell in json.loads(RELEASE.read_text())["cells"]:
        if (name := cell["metadata"].get("nbgrader", {}).get("grade_id")) in RIGHT:
            answers(notebook)[name]["source"] = "".join(cell["source"])
    source = "\n".join(["import numpy as np", *[ways[0] for ways in RIGHT.values()]])
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].insert(0, cell)


def sheets_beside(notebook: Notebook) -> None:
    """Fields of format 3 filled, and those of format 4 left empty."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["input"], cell["source"] = cell["source"], ""
    notebook["worksheets"], notebook["cells"] = [{"cells": notebook["cells"]}], []


def pictures(text: str, number: int, **bundle: str) -> Callable[[Notebook], None]:
    """A written answer with `number` times this text below it, and a picture."""

    def change(notebook: Notebook) -> None:
        cell = answers(notebook)["hidden"]
        cell["source"] += f"\n\n{text * number}"
        cell["attachments"] = {"a b.png": {kind.replace("_", "/"): v for kind, v in bundle.items()}}

    return change


def png(side: int) -> str:
    file = io.BytesIO()
    Image.effect_noise((side, side), 90).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _surrogate_picture(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] += " and so on" * 2_000
            cell["attachments"] = {"\ud800.png": {"image/png": "none"}}


# What costs nobody anything: what is done to the notebook.
FREE: dict[str, Callable[[Notebook], None]] = {
    **{
        f"{key}-{name}": everywhere(key, value)
        for key in ("id", "metadata", "outputs", "execution_count", "attachments", "cell_type")
        for name, value in {**ODD, "gone": ...}.items()
        if (key, name) not in {("cell_type", "text")}
    },
    **{
        f"top-{key}-{name}": on_top(key, value)
        for key in ("metadata", "nbformat_minor")
        for name, value in {**ODD, "gone": ...}.items()
    },
    **{
        f"mark-{key}-{name}": marked(key, value)
        for key in ("grade_id", "points", "grade", "solution", "schema_version", "cell_type")
        for name, value in ODD.items()
        if (key, name) != ("grade_id", "text")  # then each claims to be the same, unknown cell
    },
    "cell-types-shouted": shouted,
    "same-id": everywhere("id", "same"),
    "format-as-text": on_top("nbformat", "4"),
    "format-as-float": on_top("nbformat", 4.0),
    "lines": lines(ends=True),
    "lines-without-ends": lines(ends=False),
    "bom-in-a-cell": quad(lambda s: "\ufeff" + s),
    "crlf": quad(lambda s: s.replace("\n", "\r\n")),
    "cr": quad(lambda s: s.replace("\n", "\r")),
    "form-feed": quad(lambda s: "\f\n" + s),
    "separator-and-magic": quad(lambda s: "!ls\n# a\u2028b\n" + s),
    "surrogate": quad(lambda s: "x = '\ud800'\nprint(x)\n" + s),
    "prints-surrogate": quad(lambda s: s + "\nprint(chr(0xd800), chr(0)); chr(0xd800) + 'x'"),
    "raises-surrogate": quad(lambda s: s + "\nraise ValueError(chr(0xd800))"),
    "surrogate-picture": _surrogate_picture,
    "accents": quad(lambda s: s + "\n# " + "\u0301\u0316" * 200_000),
    "long": quad(lambda s: s + "\n# " + "x" * 1_900_000),
    "tabs": quad(lambda s: s.replace("    ", "\t")),
    "await": quad(lambda s: s + "\nimport asyncio\nawait asyncio.sleep(0)"),
    "nothing-strange": lambda notebook: None,
    "swapped": swapped,
    "on-top-of-all": on_top_of_all,
    "sheets-beside": sheets_beside,
    "memit": quad(lambda s: "%%memit\n" + s),
    "shell-in-parts": quad(lambda s: "a, b = !ls\n" + s),
    "picture-nobody-shows": pictures("", 1, image_png=png(9)),
    "picture-shown-wrongly": pictures("![x](attachment:a b.png)", 1, image_png=png(9)),
    "picture-of-no-type": pictures("![x](<attachment:a b.png>)", 1, application_x=png(9)),
    "picture-beside-svg": pictures("", 1, image_svg="<svg/>", IMAGE_PNG=png(9)),
    "picture-as-address": pictures("", 1, image_png="data:image/png;base64," + png(9)),
    "picture-300-times": pictures("![](<attachment:a b.png>)", 300, image_png=png(900)),
    "pictures-by-thousands": everywhere("attachments", {f"{n}": {} for n in range(9_000)}),
}
PICTURES = [name for name in FREE if name.startswith("picture-")]

# What costs: whether all or one answer, and what is said.
COSTS: dict[str, tuple[Callable[[Notebook], None], bool, str]] = {
    **{
        f"source-{name}": (everywhere("source", value), True, "cannot be read: its text is no text")
        for name, value in {**ODD, "gone": ...}.items()
        if name != "text"
    },
    **{
        f"top-cells-{name}": (on_top("cells", value), True, "has no list of cells")
        for name, value in {**ODD, "gone": ...}.items()
        if name != "list"
    },
    **{
        f"top-format-{name}": (on_top("nbformat", value), True, f"format {value}, not 3 or 4")
        for name, value in {**ODD, "2": 2, "5": 5, "-4": -4, "true": True}.items()
        if name != "dict"
    },
    "top-format-gone": (on_top("nbformat", ...), True, "JSON, but not a notebook"),
    "cells-are-none": (on_top("cells", [1, None, []]), True, "Cell 2 of the submission cannot be"),
    "no-cells": (on_top("cells", []), True, "holds nothing of this set: is it another notebook?"),
    "no-colon": (quad(lambda s: s.replace(":", "", 1)), False, "defined, with SyntaxError: "),
    "asks": (quad(lambda s: "input()\n" + s), False, "defined, with EOFError"),
    "nul": (quad(lambda s: s + "\n# \0"), False, "null bytes"),
    "emoji": (quad(lambda s: s + "\n# " + "😀" * 800_000), False, "not run: it has 9,6"),
    "umlauts": (quad(lambda s: s + "\n# " + "é" * 1_500_000), False, "not run: it has 9,0"),
}

# Bytes in the place of the notebook: whether they cost everything, and what is said then.
BYTES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "utf-16": (lambda data: data.decode().encode("utf-16"), ""),
    "utf-16-le": (lambda data: data.decode().encode("utf-16-le"), ""),
    "utf-32": (lambda data: data.decode().encode("utf-32"), ""),
    "bom": (lambda data: b"\xef\xbb\xbf" + data, ""),
    "file-crlf": (
        lambda data: json.dumps(json.loads(data), indent=1).replace("\n", "\r\n").encode(),
        "",
    ),
    "empty": (lambda data: b"", "ps6.ipynb is empty"),
    "blank": (lambda data: b" \n", "ps6.ipynb is empty"),
    "null": (lambda data: b"null", "not a notebook"),
    "twice": (lambda data: data + data, "Extra data"),
    "nuls-at-the-end": (lambda data: data + b"\0" * 4096, ""),
    "nuls": (lambda data: b"\0" * 4096, "ps6.ipynb is empty"),
    "zip": (lambda data: b"PK\x03\x04" + data, "a zip archive: unpack it"),
    "gzip": (gzip.compress, "an archive (gzip): unpack it"),
    "html": (lambda data: b"\n<!DOCTYPE html>" + data, "a web page"),
    "conflict": (lambda data: b"<<<<<<< HEAD\n" + data, "not JSON"),
    "parts": (lambda data: b'{"nbformat": 4, "x": [' + b"[]," * 3_000_000, "parts where"),
}

# Folders and files that are nobody's folder for this set, and what is said.
REFUSED = {
    "other-case": "there is 'PS6' where 'ps6' is meant",
    "other-width": "there is 'ps6 ' where 'ps6' is meant",
    "no-folder": "ps6.ipynb belongs into a folder ps6",
    "a-file": "ps6 is no folder",
    "broken-link": "ps6 is no folder, or a link that leads nowhere",
    "looped-link": "ps6 is no folder, or a link that leads nowhere",
    "gone": "a link that leads nowhere",
    ".lock": "hidden and nobody's",
    "__MACOSX": "hidden and nobody's",
    r"zero\u200bwidth": "characters that nobody can see",
    "in-the-way-of-records": "File exists",
    "in-the-way-of-folders": "Not a directory",
}
NAMES = (
    *("with space", " lead", "trail ", "-dash", "--force", "ünï", "n\u0303", "[ab]", "*", "a*b"),
    *("{student_id}", "%s", "a,b", "a:b", "a\\b", "a'b", 'a"b', "$HOME", "~", "#", "None", "日本"),
    *("<b>", "&amp;", "x" * 255),
)
# {what stands in timestamp.txt: the time in UTC, or None where it says none}
TIMES = {
    "2027-02-01 12:00:00 UTC": "2027-02-01 12:00:00",
    "2027-03-01T13:00:00+02:00": "2027-03-01 11:00:00",
    "2027-03-01 13:00:00 +0200": "2027-03-01 11:00:00",
    "2027-03-01 11:00 PM": "2027-03-01 23:00:00",
    "2027-03-01 12:30 CET": "2027-03-01 11:30:00",
    "2027-03-01 05:00:00 America/Los_Angeles": "2027-03-01 13:00:00",
    "\n 2027-03-01 11:00 \n\n": "2027-03-01 11:00:00",
    "\ufeff2027-03-01 11:00": "2027-03-01 11:00:00",
    "2027-03-01 05:00:00 PST": None,
    "12:00": None,
    "Monday": None,
    "-5": None,
    "": None,
    "1804000000": None,
    "0001-01-01 00:00 +1400": None,
    "2027-02-30": None,
    "2027-03-01 11:00\n2027-03-05 11:00": None,
}


@pytest.fixture(scope="module")
def graded(machine: None, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The class, graded once; what was printed."""
    root = tmp_path_factory.mktemp("strange") / "course"
    make_course(root, 0)
    solved = json.loads((root / "release/ps6/ps6.ipynb").read_text())
    for cell in solved["cells"]:
        cell["source"] = "".join(cell["source"])
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in RIGHT:
            cell["source"] = RIGHT[name][0]
        elif name and cell["cell_type"] == "markdown":
            cell["source"] = WORDS
    data = json.dumps(solved).encode()

    def put(student: str, data: bytes = data, folder: str = "ps6") -> Path:
        path = root / "submitted" / student / folder / "ps6.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        return path

    for name, change in {**FREE, **{name: cost[0] for name, cost in COSTS.items()}}.items():
        notebook = deepcopy(solved)
        change(notebook)
        put(name, json.dumps(notebook).encode())
    for name, (spoil, _) in BYTES.items():
        put(name, spoil(data))
    for name in NAMES:
        put(name)
    for number, text in enumerate(TIMES):
        put(f"time-{number}").with_name("timestamp.txt").write_text(text)
    os.link(root / "submitted/nothing-strange/ps6/ps6.ipynb", _gone(put("hard-link")))
    _gone(put("a-pipe-for-a-notebook")).with_name("ps6.ipynb")
    os.mkfifo(root / "submitted/a-pipe-for-a-notebook/ps6/ps6.ipynb")
    path = _gone(put("a-socket"))
    with socket.socket(socket.AF_UNIX) as sock:
        os.chdir(path.parent)
        sock.bind(path.name)
        os.chdir("/")
    _misplace(root, put, data)
    put("zz-honest")
    classroom = Classroom(root)
    return classroom, classroom.grade("--workers", "2", status=1)


def _gone(path: Path) -> Path:
    path.unlink()
    return path


def _misplace(root: Path, put: Callable[..., Path], data: bytes) -> None:
    """What `REFUSED` names, and leftovers that are no trouble."""
    submitted = root / "submitted"
    put("other-case", folder="PS6")
    put("other-width", folder="ps6 ")
    for name in ("no-folder", "a-file", "broken-link", "looped-link", "another-set"):
        (submitted / name).mkdir()
    (submitted / "no-folder/ps6.ipynb").write_bytes(data)
    (submitted / "a-file/ps6").write_bytes(data)
    (submitted / "broken-link/ps6").symlink_to("nowhere")
    (submitted / "looped-link/ps6").symlink_to("ps6")
    (submitted / "gone").symlink_to("nowhere")
    (submitted / "roster.csv").write_text("id")
    put("ps5-only", folder="ps5")
    for name in (".lock", "__MACOSX", "zero\u200bwidth"):
        put(name)
    for name in ("in-the-way-of-records", "in-the-way-of-folders", "left-link", "left-file"):
        put(name)
    (root / "ledger/ps6").mkdir(parents=True)
    (root / "ledger/ps6/in-the-way-of-records").write_text("x")
    (root / "autograded/left-link").mkdir(parents=True)
    (root / "autograded/in-the-way-of-folders").write_text("x")
    (root / "autograded/left-link/ps6").symlink_to(submitted)
    (root / "autograded/left-file").mkdir()
    (root / "autograded/left-file/ps6").write_text("x")
    if os.getuid():
        put("shut").parent.chmod(0)


def text(classroom: Classroom, student: str) -> str:
    return (classroom.root / f"autograded/{student}/ps6/ps6.ipynb").read_text()


def test_what_is_strange_and_harmless_costs_nothing(graded):
    classroom, _ = graded
    marks, state = classroom.marks(), classroom.state()
    harmless = [*FREE, *NAMES, *[name for name, (_, said) in BYTES.items() if not said]]
    harmless += [*(f"time-{number}" for number in range(len(TIMES))), "hard-link", "zz-honest"]
    harmless += ["left-link", "left-file"]
    assert {name: marks[name] for name in harmless} == dict.fromkeys(harmless, POINTS)
    read = [n for n in harmless if not any(g[0] == "hidden" and g[3] for g in state[n]["grades"])]
    assert read == []  # a person is to read every written answer
    unread = [name for name in harmless if WORDS not in text(classroom, name)]
    assert unread == []


def test_a_name_that_is_a_pattern_is_a_name(graded):
    classroom, _ = graded
    said = classroom.grade("--student", "[ab]")
    assert "0 judged, 1 unchanged, 0 failed" in said
    classroom.run("nbgrader", "generate_feedback", "ps6", "--student=[ab]")
    pages = [str(page.parent) for page in classroom.root.glob("feedback/*/ps6/ps6.html")]
    assert pages == [str(classroom.root / "feedback/[ab]/ps6")]


def test_a_picture_is_kept_and_no_more_than_that(graded):
    classroom, _ = graded
    for name in PICTURES:
        said = text(classroom, name)
        assert "image/png;base64," in said or '"image/png"' in said, name
        assert len(said) < 12_000_000, name


def test_what_costs_something_is_said(graded):
    classroom, _ = graded
    marks = classroom.marks()
    costs = {name: (everything, said) for name, (_, everything, said) in COSTS.items()}
    costs |= {name: (True, said) for name, (_, said) in BYTES.items() if said}
    costs |= {"a-pipe-for-a-notebook": (True, "is not a file"), "a-socket": (True, "cannot be re")}
    if os.getuid():
        costs["shut"] = (True, "The folder ps6 cannot be read: Permission denied.")
    for name, (everything, said) in costs.items():
        left = dict.fromkeys(POINTS, 0.0) if everything else {**POINTS, "quad_grad": 0.0}
        assert marks[name] == left, name
        assert said in text(classroom, name), name


def test_what_is_nobodys_is_named_and_everybody_else_is_there(graded):
    classroom, said = graded
    assert "Traceback" not in said
    for name, why in REFUSED.items():
        (line,) = [line for line in said.splitlines() if line.startswith(f"No verdict on {name}:")]
        assert why in line
    assert said.count("No verdict on") == len(REFUSED)
    with Gradebook(classroom.db_url, "backpropkit") as book:
        known = {student.id for student in book.students}
    assert not known & {"other-case", "roster.csv", "another-set", "ps5-only", ".lock", "gone"}


def test_a_time_is_read_as_it_is_written_or_named(graded):
    classroom, said = graded
    state = classroom.state()
    for number, (text, time) in enumerate(TIMES.items()):
        found = state[f"time-{number}"]["timestamp"]
        assert str(found) == str(time), text
        assert (f"time-{number}/ps6/timestamp.txt says no time" in said) == (time is None)


def test_another_notebook_is_said_to_be_one(graded):
    classroom, _ = graded
    page = classroom.root / "report.html"
    said = classroom.run("autograder.cli", "report", "ps6", "--html", str(page))
    words = "ps6.ipynb holds nothing of this set: is it another notebook?"
    assert f"Another notebook: {words}" in said and "no-cells" in said
    assert words in page.read_text()
    assert "Not graded: " in said and "other-case" in said
