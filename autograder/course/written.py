"""Makes a written answer safe to show where grades can be changed, and leaves it as it was written.

An answer is Markdown; nbconvert turns it into HTML, in formgrader and for feedback, and lets all
HTML in it through. What an allow-list (bleach's) finds nothing wrong with stays the Markdown that
it was; of anything else what the list leaves is kept, as HTML.
"""

import base64
import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import unquote

from bleach.css_sanitizer import CSSSanitizer
from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_markdown_cell

from autograder.asking.counted import counted
from autograder.course.pictures import MAX_IN_ALL, TOO_MANY, ShownPicture, checked

MAX_RENDERED = 10_000  # characters of a cell; longer ones are shown as plain text
MAX_RENDERED_IN_ALL = 40_000  # of a notebook
MAX_BELOW = 20  # pictures of a cell that its text does not show, and that are shown below it

_TAGS = """
a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li
ol p pre q s samp small span strong sub summary sup table tbody td th thead tr u ul var
"""
_PLAIN_ATTRIBUTES = {  # others have their rules in `_allowed`
    "a": {"title"},
    "img": {"alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "details": {"open"},
}
_LINK = re.compile(r"(https?://|mailto:|#)")  # relative ones would lead into the reader's Jupyter
_ALIGNED = re.compile(r"text-align:\s*(left|right|center);?")
_ALONE = "br hr img p li td th tr dd dt thead tbody"
_PAIRED = "|".join(set(_TAGS.split()) - set(_ALONE.split()))
_OPENED, _CLOSED = (re.compile(rf"<{slash}({_PAIRED})\b", re.IGNORECASE) for slash in ("", "/"))
# MathJax makes links, classes and more libraries of these
_TEX = re.compile(r"\\(href|url|cssId|class|style|require|html\w*|data|unicode)(?![A-Za-z])")


@dataclass
class Written:
    """Written cells of one submission; together they may use up so many pictures and characters.

    `pictures` are those of all its cells: a tool that splits a cell leaves them in one part.
    `mentioned` are the names that any cell's text mentions (`mentions`): these stand where they do.
    """

    pictures: Mapping[str, str] = field(default_factory=dict)
    mentioned: Set[str] = frozenset()
    picture_bytes: int = MAX_IN_ALL
    _characters: int = MAX_RENDERED_IN_ALL

    def __post_init__(self) -> None:
        self._album = _Album(self.picture_bytes)

    def cell(self, source: str, pictures: Mapping[str, str], **more: Any) -> Any:
        """Return a Markdown cell that shows `source` and harms nobody, whatever it is.

        >>> Written().cell("$L<0$ and a < b", {}).source
        '$L<0$ and a < b'
        >>> Written().cell("[go](javascript:alert(1))", {}).source
        '<div class="written"><p>[go](javascript:alert(1))</p></div>'
        """
        shown = _Shown(pictures, ChainMap(dict(pictures), dict(self.pictures)), self._album)
        if len(source) > min(MAX_RENDERED, self._characters):
            html = shown.plain(source)
        else:
            self._characters -= len(source)
            html = shown.html(source)
            named = {*self.mentioned, *mentions([source])}
            html += shown.below([name for name in pictures if name not in named])
        if shown.changed:
            return new_markdown_cell(_as_html(html), **more)
        cell = new_markdown_cell(source, **more)
        if shown.used:
            cell["attachments"] = shown.used
        return cell


def _as_html(html: str) -> str:
    """One line, so that it is one block of HTML to every reader of Markdown."""
    inert = _TEX.sub("\\\\\u2060\\1", html.strip("\n"))  # a word joiner: no name that TeX knows
    return f'<div class="written">{inert}</div>'.replace("\n", "&#10;")


_MENTION = re.compile(r"attachment:([^\s)\"'>]{1,300})")


def mentions(sources: Iterable[str]) -> set[str]:
    """The names of pictures that these texts show.

    >>> sorted(mentions(["![x](attachment:a.png)", '<img src="attachment:b%20c.png">']))
    ['a.png', 'b c.png']
    """
    return {unquote(name) for source in sources for name in _MENTION.findall(source)}


class _Album:
    """The pictures of a submission: each is looked at once, and costs wherever it is shown."""

    def __init__(self, left: int) -> None:
        self.left = left
        self._known: dict[str, ShownPicture | str] = {}  # base64 -> what it is, or why it is none

    def take(self, text: str) -> ShownPicture:
        """A picture to show; raise ``ValueError`` where it cannot be shown."""
        if text not in self._known:
            try:
                self._known[text] = checked(text)
            except ValueError as reason:
                self._known[text] = str(reason)
        found = self._known[text]
        if isinstance(found, str):
            raise ValueError(found)
        if found.cost > self.left:
            raise ValueError(TOO_MANY)
        self.left -= found.cost
        return found


@dataclass
class _Shown:
    """How one cell is shown, and whether that is another thing than what nbconvert would show."""

    pictures: Mapping[str, str]
    known: Mapping[str, str]  # and those of other cells
    album: _Album
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    changed: bool = False
    lost: bool = False  # whether words were taken for HTML

    def html(self, source: str) -> str:
        """`source` as HTML of the list; where that would lose words, its own HTML is text, too."""
        try:
            html = self._rendered(source, escape=False)
            letters = self._rendered(source, escape=True) if "<" in source else html
            # where there is HTML in it, nbconvert's reading of it and a browser's may differ
            self.changed |= html != letters or _TEX.search(source) is not None
            opened, closed = (sorted(tag.findall(html)) for tag in (_OPENED, _CLOSED))
            self.lost = opened != closed or "<!" in html or "<?" in html
            before = self.album.left
            cleaned = str(self._cleaner().clean(html))
            if self.lost:
                self.album.left = before  # what was put in is not what is shown
                cleaned = str(self._cleaner().clean(letters))
            return cleaned
        except RecursionError:
            return self.plain(source)

    def plain(self, source: str) -> str:
        """`source` letter by letter, and its pictures below."""
        self.changed = True
        return f"<pre>{escape(source)}</pre>{self.below(list(self.pictures))}"

    def below(self, names: Sequence[str]) -> str:
        """These pictures, to stand below the text."""
        if not names:
            return ""
        self.changed = True
        html = "".join(f'<img src="attachment:{escape(name)}">' for name in names[:MAX_BELOW])
        more = f"<p>[and {counted(len(names) - MAX_BELOW, 'more picture')}]</p>"
        return str(self._cleaner().clean(html)) + more * (len(names) > MAX_BELOW)

    def _rendered(self, source: str, escape: bool) -> str:
        return str(MarkdownWithMath(renderer=_Renderer(self, escape)).render(source))

    def _cleaner(self) -> Cleaner:
        return Cleaner(
            tags=frozenset(_TAGS.split()),
            attributes=self._allowed,
            protocols={"http", "https", "mailto", "attachment"},
            css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"]),
            filters=[lambda source: _Pictures(source, self)],
        )

    def _allowed(self, tag: str, name: str, value: str) -> bool:
        allowed = name in _PLAIN_ATTRIBUTES.get(tag, ())
        match tag, name:
            case "a", "href":
                allowed = _LINK.match(value) is not None
            case "img", "src":
                return True  # `_Pictures` looks at it
            case (("td" | "th"), "style"):
                allowed = _ALIGNED.fullmatch(value) is not None
        self.changed |= not allowed
        self.lost |= not allowed and not value  # as in "a<b and c>d"
        return allowed

    def picture(self, address: str) -> str:
        """The data of a picture as an address; raise ``ValueError`` where it cannot be shown."""
        name = address.removeprefix("attachment:")
        if name not in self.known:
            name, self.changed = unquote(name), True
        if name == address or name not in self.known:
            raise ValueError("it is not in the notebook; paste it into the cell")
        picture = self.album.take(self.known[name])
        kind, text = picture.kind, base64.b64encode(picture.data).decode("ascii")
        self.used[name] = {kind: text}
        return f"data:{kind};base64,{text}"


class _Renderer(IPythonRenderer):
    """nbconvert's, save what does more than show text; it says where it departs."""

    def __init__(self, shown: _Shown, escape: bool) -> None:
        super().__init__(escape=escape, exclude_anchor_links=True)
        self._shown = shown

    def block_code(self, code: str, info: str | None = None) -> str:
        self._shown.changed |= bool(info)  # colours, or a diagram
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        self._shown.changed = True  # a name that the page may have, too
        return f"<h{level}>{text}</h{level}>\n"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        self._shown.changed = True
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if _LINK.match(url):
            return str(super().link(text, url, title))
        self._shown.changed = True
        return f"[{text}]({escape(url)})"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        more = f' title="{escape(title)}"' if title else ""
        return f'<img src="{escape(url)}" alt="{escape(text)}"{more} />'


class _Pictures(Filter):  # type: ignore[misc]
    """Puts the picture in where there is one, and says what stands against it elsewhere."""

    def __init__(self, source: Any, shown: _Shown) -> None:
        super().__init__(source)
        self._shown = shown

    def __iter__(self) -> Iterator[Any]:
        for token in super().__iter__():
            if token.get("name") == "img" and token["type"] in ("StartTag", "EmptyTag"):
                address = token["data"].get((None, "src"), "")
                try:
                    token["data"][None, "src"] = self._shown.picture(address)
                except ValueError as reason:
                    self._shown.changed = True
                    words = [
                        token["data"].get((None, "alt"), ""),
                        address.removeprefix("attachment:"),
                    ]
                    name = ", ".join(dict.fromkeys(word[:200] for word in words if word))
                    text = f"[picture left out ({name or 'without a name'}): {reason}]"
                    token = {"type": "Characters", "data": text}
            yield token
