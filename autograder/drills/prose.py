"""Prose: text that a notebook shows as Markdown, and a terminal as it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Prose:
    """What a learner reads."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text
