"""Record: what came of one submission, and of which one; the ledger keeps it as JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.course.graft import NOTES
from autograder.course.judging import Judged, checked_exercise

FORM = 2  # of a record's text


@dataclass(frozen=True)
class JudgedNotebook:
    """One notebook of a submission.

    Attributes:
        submission: the hash of the bytes it was made from (`autograder.course.submission.digest`).
        unreadable: why there was nothing to run, or ``None``.
        judged: one for each graded cell.
        notebook: the release with the learner's text in it and all outputs, as nbformat has it.
    """

    submission: str
    unreadable: str | None
    judged: list[Judged]
    notebook: Any = field(repr=False)

    def sources(self, exercise: str) -> list[str]:
        """The learner's code cells between the check before and the check of an exercise."""
        found: list[str] = []
        for cell in self.notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            source = "".join(cell["source"])
            if NOTES in cell["metadata"] and "exercise" in cell["metadata"][NOTES]:
                if checked_exercise(source) == exercise:
                    return found
                found = []
            elif "nbgrader" in cell["metadata"] or NOTES in cell["metadata"]:
                found.append(source)
        return found

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return vars(self) | {"judged": [one.to_dict() for one in self.judged]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "JudgedNotebook":
        """What `to_dict` wrote."""
        return cls(**{**data, "judged": [Judged.from_dict(one) for one in data["judged"]]})


@dataclass(frozen=True)
class Record:
    """What came of one submission.

    Attributes:
        key: names the submission and all that judged it; the same key, the same verdict.
        rung: how the submission was isolated.
        seconds: how long it took.
        notebooks: {name: what came of it}, for every notebook of the release.
    """

    student: str
    assignment: str
    key: str
    rung: str
    seconds: float
    notebooks: Mapping[str, JudgedNotebook]

    @property
    def judged(self) -> list[Judged]:
        """Everything that was judged."""
        return [one for notebook in self.notebooks.values() for one in notebook.judged]

    @property
    def unreadable(self) -> str:
        """Why notebooks could not be read; "" where all could."""
        return " ".join(one.unreadable for one in self.notebooks.values() if one.unreadable)

    @property
    def foreign(self) -> str:
        """Which notebooks hold nothing of this set; "" where none does."""
        about = [one.notebook["metadata"][NOTES] for one in self.notebooks.values()]
        return " ".join(one["foreign"] for one in about if "foreign" in one)

    @cached_property
    def text(self) -> bytes:
        """As the ledger keeps it, and as it comes from a worker: JSON, made once."""
        about = {key: value for key, value in vars(self).items() if key != "text"}
        about["notebooks"] = {name: one.to_dict() for name, one in self.notebooks.items()}
        about["form"] = FORM
        return json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_text(cls, text: bytes) -> "Record":
        """What `text` says; raise ``ValueError`` (or another) where it is of no record."""
        about = json.loads(text)
        if about.pop("form") != FORM:
            raise ValueError("a record of another form")
        found = {name: JudgedNotebook.from_dict(one) for name, one in about["notebooks"].items()}
        record = cls(**{**about, "notebooks": found})
        vars(record)["text"] = text
        return record

    def __reduce__(self) -> tuple[Callable[[bytes], "Record"], tuple[bytes]]:
        return Record.from_text, (self.text,)
