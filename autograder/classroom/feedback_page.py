"""Feedback as a page that asks no other host for anything, and can be read in a dark room.

It is nbgrader's own page, by nbconvert's way to extend one. Formulas are written as MathML, which
browsers draw themselves; nbgrader's page has MathJax draw them, loaded from another host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jinja2 import pass_context
from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

PAGES = Path(__file__).with_name("pages")
TEMPLATE = "feedback_page"
MAX_FORMULA = 5_000  # characters
_DARK_CODE = "github-dark"
_SPACE = re.compile(r"\\\\\[-?[\d.]+ *[a-z]{2}\]")  # a line's end, and how far to the next one
_OTHERWISE = {"{aligned}": "{align*}", "{gathered}": "{matrix}"}  # as the converter knows them
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_ELEMENTS = {
    *(
        "math",
        "menclose",
        "mfenced",
        "mfrac",
        "mi",
        "mmultiscripts",
        "mn",
        "mo",
        "mover",
        "mpadded",
    ),
    *("mphantom", "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup"),
    *("msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none"),
}
_ATTRIBUTES = {
    *("accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle"),
    *("fence", "form", "height", "largeop", "linethickness", "lspace", "mathsize", "mathvariant"),
    *("maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rspace"),
    *("scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width"),
}


def formula(tex: str, display: str = "inline") -> str:
    """A formula as MathML; as it was typed, where it cannot be read or would be anything else.

    >>> formula("x^2")[-47:]
    '<msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    >>> formula(r"\\text{<img src=x>}"), formula("{")
    ('<code class="tex">\\\\text{&lt;img src=x&gt;}</code>', '<code class="tex">{</code>')
    """
    try:
        if len(tex) > MAX_FORMULA:
            raise ValueError("too long")
        known = _SPACE.sub(r"\\\\ ", tex)
        for name, other in _OTHERWISE.items():
            known = known.replace(name, other)
        made = ElementTree.fromstring(convert(known, display=display))
        for table in made.iter(f"{_MATHML}mtable") if "{gathered}" in tex else ():
            table.set("displaystyle", "true")
        for element in made.iter():  # a stranger's: what is passed through may be a script
            read = element.tag.removeprefix(_MATHML) in _ELEMENTS
            # a line that browsers do not break, and a word of TeX that was not understood
            if not read or element.get("linebreak") or (element.text or "").startswith("\\"):
                raise ValueError(element.tag)
            for name in set(element.keys()) - _ATTRIBUTES:
                del element.attrib[name]
            element.tag = element.tag.removeprefix(_MATHML)
        return ElementTree.tostring(made, encoding="unicode")
    except (Exception, RecursionError):  # the reader of formulas has many errors of its own
        return f'<code class="tex">{escape(tex, quote=False)}</code>'


class _Formulas(IPythonRenderer):
    """Writes Markdown as nbconvert does, and formulas as `formula` does."""

    def inline_math(self, body: str) -> str:
        return formula(body)

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


class FeedbackExporter(HTMLExporter):
    """nbconvert's exporter, with formulas in the page, and the look of `pages/feedback.css`."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """As nbconvert's own, but for the formulas."""
        renderer = _Formulas(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=self.embed_images,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text=self.anchor_link_text,
            exclude_anchor_links=self.exclude_anchor_links,
            **self.lexer_options,
        )
        return str(MarkdownWithMath(renderer=renderer).render(source))

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's, which names its own method."""
        yield from super().default_filters()
        yield "markdown2html", self.markdown2html

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        look = (PAGES / "feedback.css").read_text(encoding="utf-8")
        code = HtmlFormatter(style=_DARK_CODE).get_style_defs(".highlight")
        dark = f"@media screen and (prefers-color-scheme: dark) {{\n{code}\n}}"
        environment.globals["look"] = Markup(f"<style>\n{look}{dark}\n</style>\n")
        return environment
