"""Verdict: the points, what each part earned and why, and the report a learner reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

from autograder.asking.counted import counted, plain_number


@dataclass(frozen=True)
class Finding:
    """What came of one part: its name, what it earned of what it could, and a sentence."""

    part: str
    points: float
    max_points: float
    text: str

    @property
    def state(self) -> str:
        """ "right", "partly" or "wrong"; reports say it by sign and word, never by colour alone."""
        if self.points >= self.max_points:
            return "right"
        return "partly" if self.points > 0 else "wrong"


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise.

    Attributes:
        exercise: its id.
        points, max_points: plain floats, 0 ≤ points ≤ max_points.
        misconceptions: ids of the ideas that explain what came back, the best supported first.
        findings: one for each part.
        hints: sentences for the learner: what idea may be missing.
        example: the inputs of one trial and what came back; never what is right.
        note: anything else worth saying.
    """

    exercise: str
    points: float
    max_points: float
    misconceptions: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    example: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every point was earned."""
        return self.points >= self.max_points

    @property
    def headline(self) -> str:
        earned = f"{plain_number(self.points)} of {counted(self.max_points, 'point')}"
        return f"{self.exercise}: {'right, ' if self.passed else ''}{earned}"

    @property
    def message(self) -> str:
        """The report as plain text."""
        lines = [f"{SIGNS[self._state]} {self.headline}"]
        if self.note:
            lines.append(f"  {self.note}")
        lines += [f"  {SIGNS[f.state]} {_finding(f)}" for f in self.findings]
        lines += [f"  → {hint}" for hint in self.hints]
        if self.example:
            lines += ["", "  What was tried:", ""]
            lines += [f"    {line}".rstrip() for line in self.example.splitlines()]
        return "\n".join(lines)

    def html(self) -> str:
        """The report as HTML: readable on light and dark pages, and without colour."""
        rows = "".join(
            f"<li><b>{SIGNS[f.state]}</b> {escape(_finding(f))}</li>" for f in self.findings
        )
        body = f"<p>{escape(self.note)}</p>" if self.note else ""
        body += f"<ul>{rows}</ul>" if rows else ""
        body += "".join(f'<p class="hint">→ {escape(hint)}</p>' for hint in self.hints)
        if self.example:
            body += f'<p>What was tried:</p><pre tabindex="0">{escape(self.example)}</pre>'
        return (
            f'<div class="verdict {self._state}" role="status">{STYLE}'
            f"<p><b>{SIGNS[self._state]} {escape(self.headline)}</b></p>{body}</div>"
        )

    @property
    def _state(self) -> str:
        if self.passed:
            return "right"
        return "partly" if self.points > 0 else "wrong"

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON can write it; `from_dict` reads it back."""
        return asdict(self) | {"passed": self.passed, "message": self.message}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_dict` wrote."""
        fields = {k: v for k, v in data.items() if k not in ("passed", "message", "findings")}
        return cls(**fields, findings=[Finding(**finding) for finding in data["findings"]])


SIGNS = {"right": "✓", "partly": "◐", "wrong": "✗"}

# Colours only repeat what the signs say; text keeps the page's own colour.
STYLE = """<style>
.verdict { border-left: 4px solid #D55E00; padding: 0.1em 0 0.1em 0.9em; margin: 0.3em 0; }
.verdict.partly { border-left-color: #E69F00; }
.verdict.right { border-left-color: #009E73; }
.verdict p { margin: 0.35em 0; }
.verdict ul { list-style: none; margin: 0.35em 0; padding: 0; }
.verdict .hint { font-weight: 600; }
.verdict pre { border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 3px; background: none;
  color: inherit; padding: 0.5em 0.7em; overflow-x: auto; max-width: 60em; }
</style>"""


def _finding(finding: Finding) -> str:
    share = f"{plain_number(finding.points)} of {plain_number(finding.max_points)}"
    return f"{finding.part} ({share}): {finding.text}"
