"""What holds for every lesson: it runs, its cells are short, it asks, it leads on."""

from __future__ import annotations

import itertools
import re

import nbformat
import pytest
from nbclient import NotebookClient

from backpropkit.questions import QUESTIONS


@pytest.mark.slow
def test_it_runs_from_the_wheel_without_errors_or_warnings(
    each_lesson, installed, tmp_path, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(installed))  # before the checkout that pip installed
    shipped = installed / "backpropkit" / "_lab" / "lessons" / each_lesson.path.name
    book = nbformat.read(shipped, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell("print(bp.__file__)"))
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(book, timeout=60, kernel_name="python3", resources=resources).execute()
    outputs = [out for cell in book.cells for out in cell.get("outputs", [])]
    for out in outputs:
        assert out.output_type != "error"
        assert out.get("name") != "stderr", out.text
    assert outputs[-1].text.startswith(str(installed))
    assert list(tmp_path.iterdir()) == []


def test_every_code_cell_is_read_in_one_look(each_lesson):
    for cell_id, source in each_lesson.code.items():
        assert len(source.splitlines()) <= 12, cell_id


def test_ids_are_words_so_that_they_stay(each_lesson):
    for cell in each_lesson.cells:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cell["id"]), cell["id"]


def test_it_opens_with_a_question_and_something_to_move(each_lesson):
    first, second = each_lesson.cells[:2]
    opening = "".join(first["source"])
    assert re.search(r"\*\*[^*]*\?\*\*", opening) and len(opening.splitlines()) <= 8
    assert re.search(r"bp\.(explore|figures)\.", each_lesson.code[second["id"]])


def test_it_asks_for_predictions(each_lesson):
    asked = [name for name, source in each_lesson.code.items() if "bp.explore.predict(" in source]
    assert len(asked) >= 5


def test_it_ends_with_three_sentences_and_where_to_go(each_lesson):
    last = "".join(each_lesson.cells[-1]["source"])
    sentences, _, onward = last.removeprefix("## In three sentences\n").partition("##")
    assert len(re.findall(r"[.?!](?:\s|$)", sentences)) == 3
    assert "**Exercises:**" in onward and "**Elsewhere:**" in onward
    lessons = sorted(path.name for path in each_lesson.path.parent.glob("[01]*.ipynb"))
    after = lessons[lessons.index(each_lesson.path.name) + 1 :]
    assert not after or re.search(rf"\*\*Next lesson:\*\* \[[^]]*\]\({after[0]}\)", onward)


def test_a_prediction_is_asked_by_its_name_alone(each_lesson):
    """So that no call shows its answer. Every question is asked in the lesson it is named of."""
    lesson = int(each_lesson.path.stem[:2])
    asked = []
    for source in each_lesson.code.values():
        if "explore.predict(" in source:
            asked += re.findall(rf'bp\.explore\.predict\("(l{lesson}\.[a-z]+)"\)$', source)
            assert "\n" not in source.removeprefix("import backpropkit as bp\n\n")
    assert asked == [name for name in QUESTIONS if name.startswith(f"l{lesson}.")]


FOLD = "<details><summary>I have predicted</summary>"


def test_what_tells_an_answer_is_folded(each_lesson):
    """What stands below a prediction is folded, as it is on the page before anybody has typed."""
    cells = each_lesson.cells
    for this, after in itertools.pairwise(cells):
        source = "".join(after["source"])
        if "explore.predict(" in "".join(this["source"]) and after["cell_type"] == "markdown":
            assert source.startswith((FOLD, "Now")), source
