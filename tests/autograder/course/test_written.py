"""A written answer reads as it was written, and is inert wherever it is shown."""

import base64
import html
import io
import re
from pathlib import Path
from typing import Any

import bs4
import nbformat
import nbgrader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_notebook
from PIL import Image

from autograder.course.written import Written

TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates"
ACTIVE = {"script", "iframe", "object", "embed", "svg", "math", "form", "input", "button", "link"}
ACTIVE |= {"meta", "base", "style", "audio", "video", "textarea", "select", "template", "noscript"}


@pytest.fixture(scope="module")
def formgrader() -> HTMLExporter:
    """What turns a notebook into the page on which a person gives points."""
    return HTMLExporter(template_name="formgrade", extra_template_basedirs=[str(TEMPLATES)])


def picture(kind: str = "PNG", size: tuple[int, int] = (3, 3)) -> str:
    file = io.BytesIO()
    Image.new("1", size).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def page(exporter: HTMLExporter, cell: Any) -> bs4.Tag:
    """The part of formgrader's page that shows the cell."""
    marks = {"grade_id": "a", "grade": True, "solution": True, "points": 2, "locked": False}
    cell.metadata["nbgrader"] = marks | {"task": False, "schema_version": 3}
    notebook = new_notebook(cells=[cell])
    nbformat.validate(notebook)
    about = {"index": 0, "total": 1, "base_url": "", "submission_id": "1", "notebook_id": "ps6"}
    text, _ = exporter.from_notebook_node(notebook, about)
    (shown,) = bs4.BeautifulSoup(text, "html.parser").select(".rendered_html")
    return shown


def assert_inert(shown: bs4.Tag) -> None:
    for tag in shown.find_all(True):
        assert tag.name not in ACTIVE, tag
        assert not [
            name for name in tag.attrs if name.startswith("on") or name in ("id", "class")
        ] or tag.attrs.get("class") == ["written"], tag
        assert re.match("https?://|mailto:|#", tag.attrs.get("href", "#")), tag
        assert re.match("data:image/(png|jpeg|gif|webp);base64,", tag.attrs.get("src", "")) or (
            "src" not in tag.attrs
        ), tag


@pytest.mark.parametrize(
    "text",
    [
        "$L<0$ and a < b",
        "a<b and c>d, and $x<y>z$",
        "f<T>(x) && g",
        "x <!-- not a comment --> y",
        "a<b or b>c",
        "if <a is smaller",
        r"$\frac{a}{b}$ \\ and $$\sum_{i<j} a_i$$",
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](vbscript:msgbox) [y](data:text/html,b) [z](/logout) [u](//host)",
        "<javascript:alert(1)>",
        "</div></div><input class=score>",
    ],
)
def test_it_reads_as_it_was_written(formgrader, text):
    shown = page(formgrader, Written().cell(text, {}))
    assert_inert(shown)
    plain = re.sub(r"[\\\s]", "", text)
    link = f"[{plain[1:-1]}]({plain[1:-1]})"
    assert re.sub(r"[\\\s]", "", shown.text) in (plain, link)


def test_what_harms_nobody_stays_the_markdown_that_it_was():
    text = "**So** $L<0$, a < b:\n\n- `x<1`\n- [there](https://a.org)\n\n| a | b |\n|--|--|\n|1|2|"
    assert Written().cell(text, {}).source == text


ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    "<a href='java&#115;cript:alert(1)'>x</a>",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](http://example.org/a.png)",
    "![x](//example.org/a.png)",
    "<img srcset='http://example.org/a.png 2x'>",
    "<p style='background: url(http://example.org/a.png)'>x</p>",
    "<div class='full-credit' id='statusmessage'>x</div>",
    "<details ontoggle=alert(1) open>x</details>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "```mermaid\n</pre><script>alert(1)</script>\n```",
    "```html\n<script>alert(1)</script>\n```",
    "# <img src=x onerror=alert(1)>",
    "- [x] <input autofocus onfocus=alert(1)>",
    "~~<b onclick=alert(1)>x</b>~~",
    "$<img src=x onerror=alert(1)>$",
    "\\begin{a}<script>alert(1)</script>\\end{a}",
    "<a\nhref=javascript:alert(1)>x</a>",
    "<meta http-equiv=refresh content='0;url=http://example.org'>",
    "<form action=/><button>Full credit</button></form>",
    "</textarea></div><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<b><b><b>" * 400,
    ">" * 900 + " deep",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_it_is_inert(formgrader, text):
    assert_inert(page(formgrader, Written().cell(text, {})))


PIECES = [*ATTACKS, "$", "`", "\n\n", "    ", "<b>", "</b>", "<div>", "![", "](", ")", '"', "&lt;"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES[:26] + PIECES[28:]), max_size=6))
def test_no_mixture_is_active(formgrader, pieces):
    assert_inert(page(formgrader, Written().cell("".join(pieces), {})))


@pytest.mark.parametrize(
    "macro", ["href{javascript:alert(1)}{x}", "require{html}", "cssId{a}{b}", "style{x}{y}"]
)
def test_no_macro_of_tex_makes_a_link(formgrader, macro):
    shown = page(formgrader, Written().cell(f"$\\{macro}$", {}))
    assert f"\\{macro}" not in shown.text and f"\\\u2060{macro}" in shown.text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize(
    "text", ["![s](attachment:a.png)", '<img src="attachment:a.png" width="30%" style="x">']
)
def test_a_pasted_picture_is_kept(formgrader, kind, text):
    shown = page(formgrader, Written().cell(text, {"a.png": picture(kind)}))
    assert_inert(shown)
    assert shown.img.attrs["src"] == f"data:image/{kind.lower()};base64,{picture(kind)}"


@pytest.mark.parametrize("name", ["grün.png", "a b.png", "a%20b.png", "über 1 (2).png"])
def test_a_picture_with_an_odd_name_is_found(formgrader, name):
    for address in (name, name.replace("%20", " ").replace(" ", "%20")):
        shown = page(formgrader, Written().cell(f"![s](<attachment:{address}>)", {name: picture()}))
        assert shown.img.attrs["src"].startswith("data:image/png"), address


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "it is not in the notebook"),
        ("", "no picture in PNG, JPEG, GIF, WEBP"),
        ("%%%", "no picture"),
        (base64.b64encode(b"<svg onload='alert(1)'/>").decode(), "no picture"),
        (picture()[:40], "no picture"),
        (picture(size=(8_000, 8_000)), "8000 × 8000 dots"),
        (picture(size=(20_000, 20_000)), "too many dots"),
    ],
)
def test_a_bad_picture_is_named(formgrader, data, words):
    pictures = {} if data is None else {"a.png": data}
    shown = page(formgrader, Written().cell("See: ![my sketch](attachment:a.png)", pictures))
    assert "picture left out (my sketch, a.png)" in shown.text and words in shown.text
    assert not shown.img


def test_pictures_have_a_size_all_together(formgrader):
    size = {kind: len(base64.b64decode(picture(kind))) for kind in ("PNG", "GIF")}
    kept = Written(picture_bytes=2 * size["PNG"] + size["GIF"])  # each costs wherever it is shown
    text = "![a](attachment:a) ![a](attachment:a) ![b](attachment:b)"
    shown = page(formgrader, kept.cell(text, {"a": picture(), "b": picture("GIF")}))
    assert len(shown.find_all("img")) == 3
    more = page(formgrader, kept.cell("![c](attachment:c)", {"c": picture("JPEG")}))
    assert "picture left out (c)" in more.text and "together" in more.text


def test_what_is_too_long_is_shown_letter_by_letter(formgrader):
    text = "x < y\n" * 2_000 + "![s](attachment:s)"
    shown = page(formgrader, Written().cell(text, {"s": picture()}))
    assert "x < y\nx < y" in shown.text and shown.img
    assert_inert(shown)


def test_all_cells_together_are_rendered_so_far_and_no_further():
    kept = Written()
    sources = [kept.cell("**x**\n" * 1_500, {}).source for _ in range(6)]
    assert ["<pre>" in source for source in sources] == [False] * 4 + [True] * 2
    assert all("**x**" in html.unescape(source) for source in sources)
