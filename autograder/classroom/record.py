"""Record: what came of one submission, and of which one; the ledger keeps it as JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.course.graft import NOTES
from autograder.course.judging import Judged, checked_exercise

FORM = 3  # of a record's text
ABOUT = ("student", "assignment", "key", "rung", "seconds")
OPEN, CLOSE = '"notebooks":{', "}}"


@dataclass(frozen=True)
class JudgedNotebook:
    """One notebook of a submission.

    Attributes:
        submission: the hash of the bytes it was made from (`autograder.course.submission.digest`).
        unreadable: why there was nothing to run, or ``None``.
        judged: one for each graded cell.
        foreign: that it holds nothing of this set, or "".
        line: the release with the learner's text in it and all outputs, as JSON in one line.
    """

    submission: str
    unreadable: str | None
    judged: list[Judged]
    foreign: str
    line: str = field(repr=False)

    @classmethod
    def made(cls, submission: str, judged: list[Judged], notebook: Any) -> "JudgedNotebook":
        """What came of a notebook that was judged; it says itself what could not be read."""
        about = notebook["metadata"].get(NOTES, {})
        said = about.get("unreadable"), judged, about.get("foreign", "")
        return cls(submission, *said, _json(notebook))

    @cached_property
    def notebook(self) -> Any:
        """As nbformat has it."""
        return json.loads(self.line)

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
        """All but the line, as JSON has it."""
        about = {key: vars(self)[key] for key in ("submission", "unreadable", "foreign")}
        return about | {"judged": [one.to_dict() for one in self.judged]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], line: str) -> "JudgedNotebook":
        """What `to_dict` wrote, and the line."""
        judged = [Judged.from_dict(one) for one in data["judged"]]
        return cls(**{**data, "judged": judged, "line": line})


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
        return " ".join(one.foreign for one in self.notebooks.values() if one.foreign)

    @cached_property
    def text(self) -> bytes:
        """As the ledger keeps it, and as it comes from a worker: JSON, made once.

        The verdicts stand in the first line and each notebook in one of its own, so that who asks
        for verdicts need not read notebooks.
        """
        about = {key: vars(self)[key] for key in ABOUT} | {"form": FORM}
        about["judged"] = {name: one.to_dict() for name, one in self.notebooks.items()}
        lines = [f"{_json(name)}:{one.line}" for name, one in self.notebooks.items()]
        return "\n".join([_json(about)[:-1] + "," + OPEN, ",\n".join(lines), CLOSE]).encode()

    @classmethod
    def from_text(cls, text: bytes) -> "Record":
        """What `text` says; raise ``ValueError`` (or another) where it is of no record.

        What a notebook's line holds is found out when it is asked for.
        """
        first, *lines, last = text.decode().split("\n")
        about = json.loads(first.removesuffix("," + OPEN) + CLOSE[0])
        if about.pop("form") != FORM or last != CLOSE:
            raise ValueError("a record of another form, or a part of one")
        judged = about.pop("judged")
        found = {
            name: JudgedNotebook.from_dict(one, line.removeprefix(f"{_json(name)}:").rstrip(","))
            for (name, one), line in zip(judged.items(), lines, strict=True)
        }
        record = cls(**about, notebooks=found)
        vars(record)["text"] = text
        return record

    def __reduce__(self) -> tuple[Callable[[bytes], "Record"], tuple[bytes]]:
        return Record.from_text, (self.text,)


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
