"""A learner's text arrives in the release notebook, and nothing but the text."""

from copy import deepcopy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course import graft as grafting
from autograder.course.graft import NOTES, graft
from autograder.course.submission import Cell


def marked(grade_id: str, **role: object) -> dict[str, object]:
    base = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": base | {"grade_id": grade_id} | role}


@pytest.fixture
def release():
    """Two exercises, each with a text, a solution cell and a check cell."""
    cells = [new_code_cell("import numpy as np", id="start"), new_markdown_cell("Intro", id="in")]
    for name in ("f", "g"):
        stub = f"def {name}(x):\n    raise NotImplementedError()"
        check = f'check("ps0.{name}", {name})'
        cells += [
            new_markdown_cell(f"## {name}", id=f"{name}-text"),
            new_code_cell(stub, id=name, metadata=marked(name, solution=True)),
            new_code_cell(
                check, id=f"{name}-check", metadata=marked(f"{name}-check", grade=True, points=3)
            ),
        ]
    return new_notebook(cells=cells)


def handed_in(release) -> list[Cell]:
    """The cells as a learner hands them in, nothing changed."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in release.cells]
    return [Cell(c.cell_type, c.source, i) for c, i in zip(release.cells, ids, strict=True)]


def sources(notebook) -> list[str]:
    nbformat.validate(notebook)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


START, F, F_CHECK, G, G_CHECK = range(5)


def test_nothing_changed_gives_the_release(release):
    assert graft(release, handed_in(release)) == release


def test_solutions_are_taken_and_the_release_is_not_touched(release):
    before = deepcopy(release)
    cells = handed_in(release)
    cells[3] = Cell("code", "f = 1", "f")
    assert sources(graft(release, cells))[F] == "f = 1"
    assert release == before


def test_check_cells_and_other_cells_of_the_instructor_stay(release):
    cells = [
        Cell(c.kind, c.source if c.grade_id in ("f", "g") else "forged", c.grade_id)
        for c in handed_in(release)
    ]
    grafted = graft(release, cells)
    kept = [cell for cell in grafted.cells if NOTES not in cell.metadata]
    assert kept == release.cells


def test_added_code_stands_after_the_cell_it_followed(release):
    cells = handed_in(release)
    cells.insert(0, Cell("code", "first"))
    cells.insert(2, Cell("code", "after start"))
    cells.insert(5, Cell("code", "helper of f"))
    cells.insert(6, Cell("code", "second helper of f"))
    cells.append(Cell("code", "last"))
    stub_f, check_f, stub_g, check_g = sources(release)[1:]
    assert sources(graft(release, cells)) == [
        "first",
        "import numpy as np",
        "after start",
        "helper of f",
        "second helper of f",
        stub_f,
        check_f,
        stub_g,
        check_g,
        "last",
    ]


def test_added_text_is_shown_where_it_stood_and_empty_cells_are_left_out(release):
    cells = handed_in(release)
    cells.insert(3, Cell("markdown", "<script> of *mine*"))
    cells += [Cell("code", " "), Cell("raw", "r"), Cell("markdown", "\n")]
    grafted = graft(release, cells)
    added = [cell for cell in grafted.cells if NOTES in cell.metadata]
    assert [cell.cell_type for cell in added] == ["markdown", "markdown"]
    assert "&lt;script&gt; of *mine*" in added[0].source and added[1].source == "r"
    assert grafted.cells.index(added[0]) == 3
    assert [cell for cell in grafted.cells if NOTES not in cell.metadata] == release.cells


def test_an_instructors_cell_that_was_edited_runs_beside_the_original(release):
    cells = handed_in(release)
    cells[0] = Cell("code", "import numpy as np\nimport math")
    assert sources(graft(release, cells))[:2] == [
        "import numpy as np\nimport math",
        "import numpy as np",
    ]


def test_a_cell_that_is_not_of_this_notebook_is_an_added_one(release):
    cells = [*handed_in(release), Cell("code", "x", "ｆ"), Cell("code", "y", "g-check ")]
    grafted = graft(release, cells)
    assert sources(grafted)[-2:] == ["x", "y"]
    assert all("nbgrader" not in cell.metadata for cell in grafted.cells[-2:])


def test_a_missing_cell_is_said(release):
    cells = [cell for cell in handed_in(release) if cell.grade_id != "f"]
    grafted = graft(release, cells)
    assert sources(grafted)[F : F_CHECK + 1] == [_MISSING, 'check("ps0.f", f)']
    assert "missing" in grafted.cells[3].metadata[NOTES]["note"]


@pytest.mark.parametrize("place", [0, 2, 3, 4, 6])
@pytest.mark.parametrize("stub_left", [True, False])
def test_an_answer_in_a_cell_of_its_own_is_found_wherever_it_stands(release, place, stub_left):
    cells = [c for c in handed_in(release) if stub_left or c.grade_id != "f"]
    cells.insert(place, Cell("code", "import math\ndef f(x): return 1", "ｆ"))
    grafted = graft(release, cells)
    assert sources(grafted)[F : F_CHECK + 1] == [
        "import math\ndef f(x): return 1",
        'check("ps0.f", f)',
    ]
    assert "another place" in grafted.cells[3].metadata[NOTES]["note"]
    assert len(grafted.cells) == len(release.cells)


def test_what_was_written_in_its_place_is_not_replaced_by_a_draft(release):
    cells = handed_in(release)
    cells[3] = Cell("code", "def f(x): return 1", "f")
    cells.append(Cell("code", "def f(x): return 2"))
    assert sources(graft(release, cells))[F] == "def f(x): return 1"


def test_of_several_drafts_the_last_one_counts_and_broken_ones_do_not(release):
    drafts = [
        "def f(x): return 1",
        "def f(x): return 2",
        "def f(x: return 3",
        "def ff(x): return 4",
    ]
    cells = [*handed_in(release), *[Cell("code", draft) for draft in drafts]]
    assert sources(graft(release, cells))[F] == "def f(x): return 2"


@pytest.mark.parametrize(
    "left",
    [
        "# my answer is at the end",
        "# def f(x):\n#     raise NotImplementedError()",
        'def f(x):\n    """f."""\n    raise NotImplementedError',
        "def f(x):\n    # as below\n    pass",
        "def f(x): ...",
    ],
)
def test_what_does_nothing_in_its_place_does_not_hide_the_answer(release, left):
    """Only the untouched stub, or nothing at all, was not taken for the answer."""
    cells = handed_in(release)
    cells[3] = Cell("code", left, "f")
    grafted = sources(graft(release, [*cells, Cell("code", "def f(x):\n    return 2 * x")]))
    assert grafted[F : F + 3] == [left, "def f(x):\n    return 2 * x", 'check("ps0.f", f)']


def test_a_stub_stays_where_there_is_no_other_answer(release):
    cells = handed_in(release)
    cells[3] = Cell("code", "def f(x):\n    pass", "f")
    assert sources(graft(release, cells))[F] == "def f(x):\n    pass"


@pytest.mark.parametrize(
    "magic", ["%matplotlib inline\n{}", "{}\n%time f(1)", "!ls\n{}", "f?\n{}", "%%time\n{}"]
)
def test_a_magic_does_not_hide_an_answer(release, magic):
    answer = magic.format("def f(x):\n    return 2 * x")
    cells = [*handed_in(release), Cell("code", answer)]
    assert sources(graft(release, cells))[F] == answer
    cells = handed_in(release)
    cells[3] = Cell("code", answer, "f")
    cells[6] = Cell("code", "def f(x): return 'draft'\ndef g(x): return x", "g")
    assert sources(graft(release, cells))[F : F + 2] == [answer, 'check("ps0.f", f)']


def test_what_an_answer_elsewhere_needs_comes_along(release):
    """Alone it was moved before its helper, of which the learner was then told that it lacked."""
    more = ["import math as m", "def two(): return m.sqrt(4)", "unused = 1", "two_ = two",
            "def f(x): return two_() * x", "print(f(1))"]  # fmt: skip
    grafted = sources(graft(release, [*handed_in(release), *(Cell("code", c) for c in more)]))
    needed = [more[i] for i in (0, 1, 3, 4)]
    assert grafted[F : F + 5] == [*needed, 'check("ps0.f", f)']
    assert grafted[-2:] == ["unused = 1", "print(f(1))"]


@pytest.mark.parametrize(
    "answer",
    [
        "try:\n    import numpy as n\n    def f(x): return n\nexcept ImportError:\n    pass",
        "if True:\n    f = abs\nelse:\n    f = None",
        "with open('data') as file:\n    f = eval(file.read())",
    ],
)
def test_an_answer_inside_of_a_branch_is_found(release, answer):
    assert sources(graft(release, [*handed_in(release), Cell("code", answer)]))[F] == answer


def test_what_stands_before_it_already_stays(release):
    cells = handed_in(release)
    cells.insert(1, Cell("code", "def two(): return 2"))
    cells += [Cell("code", "def f(x): return two() * x")]
    grafted = sources(graft(release, cells))
    assert grafted[1:4] == [
        "def two(): return 2",
        "def f(x): return two() * x",
        'check("ps0.f", f)',
    ]


def test_a_draft_in_another_answer_does_not_replace_what_cannot_be_read(release):
    """Its own cell was taken for one without the answer, and the draft copied after it."""
    long = "x = 1\n" * 4_000 + "def f(x): return 2 * x"
    cells = handed_in(release)
    cells[3] = Cell("code", long, "f")
    cells[6] = Cell("code", "def f(x): return 'draft'\ndef g(x): return x", "g")
    assert sources(graft(release, cells))[F : F + 2] == [cells[6].source, long]


def test_an_empty_notebook_has_no_answers(release):
    grafted = graft(release, [])
    assert sources(grafted)[F] == sources(grafted)[G] == _MISSING
    assert sources(grafted)[F_CHECK] == 'check("ps0.f", f)'


_MISSING = "# This cell was missing from the submission."


def test_parts_of_a_split_cell_run_in_their_order_before_its_check(release):
    cells = handed_in(release)
    cells[3:4] = [Cell("code", "a = 1", "f"), Cell("code", "def f(x): return a", "f")]
    grafted = graft(release, cells)
    assert sources(grafted)[1:4] == ["a = 1", "def f(x): return a", 'check("ps0.f", f)']
    assert "2 times" in grafted.cells[3].metadata[NOTES]["note"]


def test_a_copy_that_nobody_wrote_in_does_not_hide_the_answer(release):
    cells = handed_in(release)
    stub = cells[3]
    cells[3] = Cell("code", "def f(x): return 1", "f")
    cells.append(stub)
    assert sources(graft(release, cells))[F : F_CHECK + 1] == [
        "def f(x): return 1",
        'check("ps0.f", f)',
    ]


def test_a_solution_cell_turned_into_text_is_still_the_solution(release):
    cells = handed_in(release)
    cells[3] = Cell("markdown", "def f(x): return 1", "f")
    assert sources(graft(release, cells))[F] == "def f(x): return 1"


def test_swapped_solutions_find_their_places(release):
    cells = handed_in(release)
    cells[3], cells[6] = Cell("code", "g = 1", "g"), Cell("code", "f = 1", "f")
    grafted = graft(release, cells)
    found = sources(grafted)
    assert found[F] == "f = 1" and found[G] == "g = 1"
    assert "another place" in grafted.cells[3].metadata[NOTES]["note"]


def test_added_cells_have_ids_of_their_own_where_the_format_has_ids(release):
    cells = [*handed_in(release), Cell("code", "x"), Cell("code", "y")]
    assert [c.id for c in graft(release, cells).cells[-2:]] == ["added-0", "added-1"]
    old = nbformat.convert(deepcopy(release), 4)
    old.nbformat_minor = 4
    for cell in old.cells:
        del cell["id"]
    assert "id" not in graft(old, cells).cells[-1]
    nbformat.validate(graft(old, cells))


def test_no_more_is_parsed_than_the_limits_say(release, monkeypatch):
    parsed: list[int] = []
    real = grafting.ast.parse

    def parse(source: str) -> object:
        parsed.append(len(source))
        return real(source)

    monkeypatch.setattr(grafting.ast, "parse", parse)
    added = [Cell("code", f"f;g = {n};" * length) for n in range(100) for length in (1, 600, 9_000)]
    graft(release, [*handed_in(release), *added])
    assert max(parsed) <= grafting.MAX_PARSED
    assert sum(parsed) <= grafting.MAX_PARSED_IN_ALL + 200  # the stubs of the release, too
    assert len(parsed) > 50


def test_what_takes_long_to_colour_is_shown_without_colours(release):
    sources = ["x = 1\n" * 100, "x" * 20_001, "x" + " " * 600, *["y = 2\n" * 3_000] * 12]
    cells = graft(release, [Cell("code", source) for source in sources]).cells
    plain = [cell.metadata.get("magics_language") == "text" for cell in cells[:15]]
    assert plain == [False, True, True, *[False] * 11, True]


def written(release):
    """The release, with a question and a written answer at its end."""
    cells = [new_markdown_cell("In your own words: why?", id="question")]
    about = marked("why", solution=True, grade=True, points=2)
    cells.append(new_markdown_cell("YOUR ANSWER HERE", id="why", metadata=about))
    release.cells += cells
    return release


@pytest.mark.parametrize("place", range(10))
def test_text_stands_for_a_reader_wherever_it_was_written(release, place):
    release = written(release)
    cells = [Cell(c.cell_type, c.source) for c in release.cells]  # all metadata lost
    cells.insert(place, Cell("markdown", "Because *it* moves."))
    grafted = graft(release, cells)
    answer = next(cell for cell in grafted.cells if cell.get("id") == "why")
    assert answer.source != "YOUR ANSWER HERE"  # so that nbgrader asks for a reader
    assert sum("Because *it* moves." in cell.source for cell in grafted.cells) == 1


def test_words_in_a_code_cell_are_shown_and_ask_for_a_reader(release):
    release = written(release)
    cells = [Cell(c.cell_type, c.source) for c in release.cells]
    cells[-1] = Cell("code", "because it moves")
    grafted = graft(release, cells)
    answer = next(cell for cell in grafted.cells if cell.get("id") == "why")
    assert "shown where it stood" in answer.source
    assert "because it moves" in [cell.source for cell in grafted.cells]


def test_nothing_written_anywhere_needs_no_reader(release):
    release = written(release)
    assert graft(release, [Cell(c.cell_type, c.source) for c in release.cells]) == release
