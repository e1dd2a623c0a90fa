"""Submissions are read as text, and what cannot be read is said in words."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.submission import MAX_BYTES, Cell, Unreadable, read_submission


def notebook(*cells: object, **top: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": cells} | top).encode()


def code(source: object, **more: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": {}} | more


@pytest.fixture
def file(tmp_path):
    """Write the bytes of a submitted notebook; its path."""

    def write(data: bytes):
        path = tmp_path / "ps6.ipynb"
        path.write_bytes(data)
        return path

    return write


def test_sources_and_what_cells_say_they_are_and_nothing_else(file):
    marked = {"nbgrader": {"grade_id": "f", "points": 99}, "tags": ["skip-execution"]}
    cells = [
        code(["a = 1\n", "b = 2"], metadata=marked, outputs=[{"forged": 1}], id="x"),
        {"cell_type": "markdown", "source": "text", "attachments": {"a": {}}},
    ]
    assert read_submission(file(notebook(*cells, metadata={"kernelspec": {"name": "sh"}}))) == [
        Cell("code", "a = 1\nb = 2", "f"),
        Cell("markdown", "text", pictures={"a": ""}),
    ]


def test_cells_that_are_none_are_named_where_they_stood(file):
    odd = [None, 5, {}, code(5), code(["a", 5])]
    loose = [{"source": "a"}, code("x", cell_type=None)]
    found = read_submission(file(notebook(*odd, *loose, code("kept"))))
    assert [cell.source.split(":")[0] for cell in found[:5]] == [
        f"[Cell {number} of the submission cannot be read" for number in range(1, 6)
    ]
    assert [(cell.kind, cell.source) for cell in found[5:]] == [
        ("raw", "a"),
        ("raw", "x"),
        ("code", "kept"),
    ]


@pytest.mark.parametrize(
    "metadata", [None, [], {"nbgrader": None}, {"nbgrader": {"grade_id": 5}}, {"nbgrader": {}}]
)
def test_odd_metadata_says_nothing(file, metadata):
    assert read_submission(file(notebook(code("x", metadata=metadata)))) == [Cell("code", "x")]


def test_a_byte_order_mark_does_no_harm(file):
    assert read_submission(file(b"\xef\xbb\xbf" + notebook(code("é")))) == [Cell("code", "é")]


def test_lone_surrogates_can_be_written_again(file):
    (cell,) = read_submission(file(notebook(code("s = '\ud800'"))))
    assert cell.source == "s = '?'"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"not json", "not JSON"),
        (notebook(code("x"))[:-20], "cut off"),
        ("höchst".encode("latin-1"), r"not text in UTF-8 \(byte 2\)"),
        (b"\xff\xfe{\0}\0", "not a notebook"),
        (b"\xff\xfe{\0}", "not text in UTF-8"),
        (notebook(nbformat="\ud800\x1b]52;c;\x07"), r"format \\ud800\\x1b\]52;c;\\x07, not 3 or 4"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "not a notebook"),
        (b'{"cells": []}', "not a notebook"),
        (notebook(nbformat=99), "format 99, not 3 or 4"),
        (b'{"nbformat": 3, "worksheets": []}', "no list of cells"),
        (notebook(nbformat={"a": []}), "format {'a': "),
        (b'{"nbformat": 4}', "no list of cells"),
        (notebook(cells={"a": 1}), "no list of cells"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(file, data, words):
    with pytest.raises(Unreadable, match=words) as caught:
        read_submission(file(data))
    assert str(caught.value).startswith("ps6.ipynb ")


def test_a_file_that_is_too_large_is_not_read(file):
    path = file(notebook(code("x")))
    os.truncate(path, MAX_BYTES + 1)
    with pytest.raises(Unreadable, match="20 MB where 20 are allowed"):
        read_submission(path)


def test_what_is_no_file_of_the_learners_own_is_not_read(tmp_path, file):
    path = file(notebook(code("x")))
    missing, link, folder, pipe = (tmp_path / f"{n}.ipynb" for n in ("none", "link", "dir", "pipe"))
    link.symlink_to(path)
    folder.mkdir()
    os.mkfifo(pipe)
    for odd, words in (
        (missing, "There is no file none.ipynb"),
        (link, "cannot be read"),
        (folder, "is not a file"),
        (pipe, "is not a file"),
    ):
        with pytest.raises(Unreadable, match=words):
            read_submission(odd)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "cell_type", "metadata", "nbgrader", "grade_id"]),
            inner,
        )
    ),
)


@given(JSON | st.just([{"cell_type": "code", "source": "x"}]))
def test_whatever_stands_in_it_there_are_cells_or_a_reason(tmp_path_factory, cells):
    path = tmp_path_factory.getbasetemp() / "fuzz.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}))
    try:
        found = read_submission(path)
    except Unreadable:
        return
    assert all(isinstance(cell.source, str) for cell in found)
