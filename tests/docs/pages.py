"""The pages as tests see them: their code blocks, and what is said in front of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
# "In `backpropkit/engine/rules.py`:" and "`tests/test_x.py`, new:" end the line before a block
PLACE = re.compile(r"(?:In `(?P<old>[^`]+)`|`(?P<new>[^`]+)`, new):\Z")


@dataclass(frozen=True)
class Block:
    """A code block: its language, its text, and the file it belongs into, if there is one."""

    language: str
    text: str
    old: str | None = None
    new: str | None = None


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order; a diff without a place goes where the last one went."""
    text = page.read_text(encoding="utf-8")
    old = None
    for found in FENCE.finditer(text):
        language, code = found.groups()
        place = PLACE.search(text[: found.start()].rstrip())
        if place and place["old"]:
            old = place["old"]
        yield Block(
            language,
            code,
            old=old if language == "diff" else None,
            new=place["new"] if place else None,
        )


def by_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
