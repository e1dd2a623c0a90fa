"""What a learner is told: an idea in the exercise's own words, how far off, and how to nudge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.judge.diagnosis import Group
from autograder.judge.exercise import Exercise, Part
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import Trial
from backpropkit.engine.node import Node
from backpropkit.ideas.words import NoWords, code, words

NAMED = 3  # parts that a sentence lists
CLOSE = 1e-9


def hint(exercise: Exercise, trial: Trial, group: Group) -> str:
    """What is asked of a learner who has these ideas: of which part, at which gate."""
    idea = MISCONCEPTIONS[group.ids[0]]
    parts = [part for part in exercise.parts if part.name in group.parts]
    gate = trial.sweeps.nodes[group.gates[0]] if trial.sweeps and group.gates else None
    at = ""
    # a sign may have turned anywhere on the way
    if gate is not None and gate.args and len(group.gates) <= len(parts) and not idea.general:
        at = f", at {words(gate)}" if words(gate) else ""
    names = [part.name for part in parts]
    said = ", ".join(names) if len(names) <= NAMED else ""
    told = idea.told(_names(parts, gate))
    told += "".join(f" Or: {MISCONCEPTIONS[id].told(_names(parts, None))}" for id in group.ids[1:])
    return f"{said}{at}: {told}" if said else told


def _names(parts: Sequence[Part], gate: Node | None) -> dict[str, str]:
    """What an idea's sentence may call by its name."""
    found: dict[str, str] = {}
    if parts and len({part.node for part in parts}) == 1:
        found |= {"part": parts[0].name, "variable": parts[0].node}
    if gate is not None:
        args = [words(arg) if not arg.name else arg.name for arg in gate.args]
        found |= {"gate": words(gate), "args": " and ".join(args) if all(args) else ""}
        moving = [text for arg, text in zip(gate.args, args, strict=True) if arg.op != "const"]
        moving = moving[::-1] if gate.op == "div" else moving
        found |= dict(zip(("arg", "other"), moving, strict=False))
        if gate.op == "log":  # only its negative is used
            found["gate"] = f"−{words(gate)}" if words(gate) else ""
    return found


def relation(given: Any, right: Any, size: float) -> str:
    """Sign and size of a wrong number beside the right one, without saying which that is.

    >>> relation(-3.0, 1.0, 1.0), relation(1.5, 1.0, 1.0), relation(0.2, 1.0, 1.0)
    ('its sign is wrong, and it is too large', 'too large', 'less than half of what it should be')
    """
    if abs(given) <= CLOSE * size:
        return "it is 0, and should not be"
    if abs(right) <= CLOSE * size:
        return "it should be smaller by far"
    ratio = abs(given) / abs(right)
    if abs(ratio - 1) < 1e-3:
        much = ""
    elif ratio > 1:
        much = "more than twice what it should be" if ratio > 2 else "too large"
    else:
        much = "less than half of what it should be" if ratio < 0.5 else "too small"
    if given * right > 0:
        return much or "it is only nearly right"
    if not much:
        return "its size is right, its sign is not"
    return f"its sign is wrong, and it is {'too large' if ratio > 1 else 'too small'}"


def nudge(exercise: Exercise, trial: Trial, part: Part, entry: Sequence[int]) -> str:
    """Lines to paste that nudge one entry of a part's variable; "" if no line of code can."""
    if trial.sweeps is None or exercise.jacobian or part.node not in trial.inputs:
        return ""
    try:
        forward = code(trial.sweeps.result)
    except NoWords:
        return ""
    names = [name for name in trial.inputs if name != exercise.upstream]
    x, at = part.node, ", ".join(map(str, entry))
    step = "h" if not entry else "N"
    ends = [", ".join(f"{n} {sign} {step}" if n == x else n for n in names) for sign in "+-"]
    moved = f"forward({ends[0]}) - forward({ends[1]})"
    moved = f"np.sum({exercise.upstream} * ({moved}))" if exercise.upstream else f"({moved})"
    lines = [f"{name} = {value!r}" for name, value in exercise.fixed.items()]
    lines += ["import numpy as np"] if "np." in forward or entry else []
    if "bp." in forward:
        lines.append("import backpropkit as bp")
    lines.append(f"forward = lambda {', '.join(names)}: {forward}")
    lines.append("h = 1e-6" if not entry else f"h = 1e-6; N = np.zeros({x}.shape); N[{at}] = h")
    where = f"{part.name}[{at}]" if entry and part.entry is None else part.name
    lines.append(f"{moved} / (2 * h)  # beside your {where}")
    return "\n".join(lines)
