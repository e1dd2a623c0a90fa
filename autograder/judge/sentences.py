"""What a learner is told: an idea in the exercise's own words, how far off, and how to nudge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.judge.diagnosis import Group
from autograder.judge.exercise import Exercise, Part
from autograder.judge.misconceptions import MISCONCEPTIONS
from autograder.judge.trial import Trial
from backpropkit.engine.node import Node
from backpropkit.ideas.words import NoWords, code, words

NAMED = 3  # parts that a sentence lists
CLOSE = 1e-9
SIGN = "its size is right, its sign is not"


def hint(exercise: Exercise, trial: Trial, group: Group) -> str:
    """What is asked of a learner who has these ideas: of which part, at which gate."""
    idea = MISCONCEPTIONS[group.ids[0]]
    parts = [part for part in exercise.parts if part.name in group.parts]
    # one of several would be the wrong one for some of the parts
    gate = trial.sweeps.nodes[group.gates[0]] if trial.sweeps and len(group.gates) == 1 else None
    at = ""
    # a sign may have turned anywhere on the way
    if gate is not None and gate.args and not idea.general:
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
        args = [words(arg, inside=True) for arg in gate.args]
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
    >>> relation(-3.0, -2.0, 1.0), relation(33.001, 33.003, 1.0)  # "too large" says both of -3
    ('too far below 0', 'a little too small')
    >>> relation(2.0, 1.0, 1.0), relation(0.3, 0.0, 1.0)
    ('about twice what it should be', 'it should be far closer to 0')
    """
    if abs(given) <= CLOSE * size:
        return "it is 0, and should not be"
    if abs(right) <= CLOSE * size:
        return "it should be far closer to 0"
    ratio = abs(given) / abs(right)
    near = abs(ratio - 1) < 1e-3
    for factor, word in ((2.0, "twice"), (0.5, "half of")):
        if abs(ratio - factor) < 0.01 * factor and given * right > 0:
            return f"about {word} what it should be"
    much = "too large" if ratio > 1 else "too small"
    if given * right < 0:
        return f"its sign is wrong, and it is {much}" if not near else SIGN
    if not 0.5 <= ratio <= 2:
        return f"{'more than twice' if ratio > 2 else 'less than half of'} what it should be"
    if given < 0:
        much = "too far below 0" if ratio > 1 else "too little below 0"
    return f"a little {much}" if near else much


def nudge(exercise: Exercise, trial: Trial, part: Part, entry: Sequence[int]) -> str:
    """Lines to paste that nudge one entry of what a part is about; "" if no line of code can."""
    if trial.sweeps is None:
        return ""
    node = trial.node(part)
    x = part.node
    try:
        forward = code(trial.sweeps.result, node)
        lines = [f"{name} = {value!r}" for name, value in exercise.fixed.items()]
        lines += [f"{x} = {code(node)}"] if node.args else []  # what is computed can be held, too
    except NoWords:
        return ""
    names = [n for n in dict.fromkeys((*trial.inputs, x)) if re.search(rf"\b{n}\b", forward)]
    h = "h" if "h" not in names else "eps"
    lead = len(entry) - np.ndim(node.value)
    which, at = entry[:lead], entry[lead:]  # of the result, and of what is nudged
    step = "N" if at else h
    up, down = (", ".join(f"{n} {s} {step}" if n == x else n for n in names) for s in "+-")
    moved = f"(forward({up}) - forward({down}))" + (f"[{_listed(which)}]" if which else "")
    moved = f"np.sum({exercise.upstream} * {moved})" if exercise.upstream else moved
    if any("np." in line for line in (forward, *lines)) or at:
        lines.insert(0, "import numpy as np")
    if "bp." in forward:
        lines.insert(0, "import backpropkit as bp")
    lines.append(f"forward = lambda {', '.join(names)}: {forward}")
    one = f"; N = np.zeros({x}.shape); N[{_listed(at)}] = {h}" if at else ""
    lines.append(f"{h} = 1e-6{one}")
    where = f"{part.name}[{_listed(entry)}]" if entry and part.entry is None else part.name
    lines.append(f"{moved} / (2 * {h})  # beside your {where}")
    return "\n".join(lines)


def _listed(entry: Sequence[int]) -> str:
    return ", ".join(map(str, entry))
