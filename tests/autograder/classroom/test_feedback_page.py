"""Feedback as a page: it asks no other host, reads formulas as MathML, and trusts no formula."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from autograder.classroom.feedback_page import formula

ELSEWHERE = re.compile(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']?(?!data:|#)[^>]*""")
WROTE = r"""Mine: $a<b$, $$\begin{pmatrix}1&2\\3&4\end{pmatrix}$$ and $\text{<img src=x>}$"""


@pytest.fixture
def page(graded: Any) -> Any:
    """Feedback of somebody who wrote formulas, made again with these words in the settings."""
    name = "student-00001"
    path = graded.root / "submitted" / name / "ps6" / "ps6.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].insert(2, {"cell_type": "markdown", "metadata": {}, "source": WROTE})
    path.write_text(json.dumps(notebook))
    graded.grade("--student", name)

    def made(*words: str) -> str:
        graded.run("nbgrader", "generate_feedback", "ps6", "--student", name, "--force", *words)
        return str((graded.root / "feedback" / name / "ps6" / "ps6.html").read_text())

    return made


@pytest.mark.slow
def test_nothing_is_asked_elsewhere_and_a_dark_room_has_colours(page: Any) -> None:
    html = page()
    assert ELSEWHERE.findall(html) == [] and "MathJax" not in html
    assert "prefers-color-scheme: dark" in html and '<html lang="en">' in html
    assert html.count("<math") > 20  # the set's own, and two of the learner's
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" in html
    assert r'<code class="tex">\text{&lt;img src=x&gt;}</code>' in html
    assert "Test cell</a> (Score: " in html, "it is nbgrader's page"


@pytest.mark.slow
def test_a_course_may_have_nbgraders_page_as_it_is(page: Any) -> None:
    html = page("--HTMLExporter.template_name=feedback")
    assert "MathJax" in html and "prefers-color-scheme: dark" not in html


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{<b onclick=\"alert(1)\">x</b>}",
        r"\text{<script>alert(1)</script>}",
        r"\mathrm{<a href=\"javascript:alert(1)\">x</a>}",
        r"\style{x\" onclick=\"alert(1)}{z}",
        r"\href{javascript:alert(1)}{x}",
        r"\class{a}{x} \cssId{b}{y}",
        "{" * 3_000,
        r"\def\a{\a}\a",
        "x^{" * 400 + "}" * 400,
        "x" * 100_000,
        r"a \\ b",
        r"\unknown x",
    ],
)
def test_a_strangers_formula_is_mathml_or_the_text_that_it_is(tex: str) -> None:
    made = ElementTree.fromstring(formula(tex))
    if made.tag == "code":
        assert made.text == tex and not list(made)
    for element in made.iter():
        assert element.tag in ("code", "math") or element.tag.startswith("m")
        assert not {"href", "style", "onclick", "id"} & set(element.keys())


def test_lines_and_columns_stay_lines_and_columns() -> None:
    """aligned and gathered, which the reader of formulas does not know by these names."""
    aligned = ElementTree.fromstring(formula(r"\begin{aligned}a &= b \\[4pt] &= c\end{aligned}"))
    assert [len(row) for row in aligned.iter("mtr")] == [2, 2]
    assert "4" not in "".join(aligned.itertext())
    gathered = ElementTree.fromstring(formula(r"\begin{gathered}a \\ b\end{gathered}"))
    assert ["".join(row.itertext()) for row in gathered.iter("mtr")] == ["a", "b"]
