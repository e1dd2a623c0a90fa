"""A learner's outputs, made safe to show: text and pictures in nbformat's form, nothing active."""

import base64
import binascii
from typing import Any

from autograder.sandbox.frames import FrameError

Output = dict[str, Any]  # one output of a code cell, as nbformat 4 writes it

_PICTURES = ("image/png", "image/jpeg")


def error(name: str, text: str) -> Output:
    """The output of a cell that did not come to its end.

    >>> error("Stopped", "it ran too long")["traceback"]
    ['Stopped: it ran too long']
    """
    trace = [f"{name}: {text}"]
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": trace}


STOPPED = error("Stopped", "this cell ran too long and was stopped")
DIED = error("Died", "the process ended while this cell ran")
NO_TIME = error("Stopped", "no time was left to run this cell")


def too_long(reason: str) -> Output:
    """The output of a cell that does not fit into a message to the sandbox."""
    return error("TooLong", f"this cell was not run: it has {reason}")


def weight(output: Output) -> int:
    """About how many bytes `output` takes in a notebook."""
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", ())]
    return 100 + sum(map(len, [*texts, *output.get("data", {}).values()]))


def clean(outputs: Any, most: int) -> list[Output]:
    """Return `outputs` rebuilt from what is known to be harmless, `most` bytes of it.

    Markup, scripts and widgets are left out: whoever reads the feedback is signed in where grades
    are kept. Raises `FrameError` where this is no list of outputs.

    >>> clean([{"output_type": "display_data", "metadata": {},
    ...         "data": {"text/plain": "<b>", "text/html": "<script>", "image/png": "no"}}], 100)
    [{'output_type': 'display_data', 'data': {'text/plain': '<b>'}, 'metadata': {}}]
    """
    if not isinstance(outputs, list):
        raise FrameError("a reply that is no list of outputs")
    safe: list[Output] = []
    for output in outputs:
        safe.append(_clean_one(output))
        most -= weight(safe[-1])
    if most < -1000:  # what the child allows for, and its note that something was cut
        raise FrameError("more output than a child sends")
    return safe


def _clean_one(output: Any) -> Output:
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": text}
        case {
            "output_type": "error",
            "ename": str(name),
            "evalue": str(text),
            "traceback": [*trace],
        }:
            lines = [line for line in trace if isinstance(line, str)]
            return {"output_type": "error", "ename": name, "evalue": text, "traceback": lines}
        case {"output_type": "display_data", "data": dict(data)}:
            return {"output_type": "display_data", "data": _clean_data(data), "metadata": {}}
        case {"output_type": "execute_result", "data": dict(data), "execution_count": count}:
            number = count if type(count) is int else None
            return {
                "output_type": "execute_result",
                "data": _clean_data(data),
                "metadata": {},
                "execution_count": number,
            }
    raise FrameError("an output of no known kind")


def _clean_data(data: dict[str, Any]) -> dict[str, str]:
    """Plain text as it is, pictures where they are base64 and nothing else."""
    kept = {}
    for mime, value in data.items():
        if mime == "text/plain" and isinstance(value, str):
            kept[mime] = value
        elif mime in _PICTURES and isinstance(value, str):
            try:
                picture = base64.b64decode(value.replace("\n", ""), validate=True)
            except (binascii.Error, ValueError):
                continue
            kept[mime] = base64.b64encode(picture).decode("ascii")
    return kept
