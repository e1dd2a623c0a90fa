"""Pictures of a learner's, pasted or drawn: looked at before a page shows them, and so many only.

A few kilobytes may be a picture of a thousand million dots, which ends the browser that shows it.
"""

import base64
import binascii
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_IN_ALL = 8_000_000  # bytes of all pictures in a notebook's text, and of all in its outputs
DOTS_A_BYTE = 25  # so many dots cost as much as a byte
MAX_PIXELS = 50_000_000  # of one picture
TOO_MANY = f"all together may have {MAX_IN_ALL / 1e6:.0f} MB, or 200 million dots"
_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


@dataclass(frozen=True)
class ShownPicture:
    """A picture that can be shown: its type, its bytes, and what it takes of `MAX_IN_ALL`."""

    kind: str
    data: bytes
    cost: int


def checked(text: str) -> ShownPicture:
    """The picture that `text` holds in base64; raise ``ValueError`` where it is none to show.

    >>> checked("iVBORw0KGgo=")
    Traceback (most recent call last):
    ValueError: it is no picture in PNG, JPEG, GIF, WEBP
    """
    from PIL import Image  # matplotlib needs it, too; few answers have pictures

    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as picture:
            kind, size = _FORMATS[str(picture.format)], picture.size
    except Image.DecompressionBombError:
        raise ValueError("it has too many dots") from None
    except (binascii.Error, OSError, ValueError, SyntaxError):
        raise ValueError(f"it is no picture in {', '.join(_FORMATS)}") from None
    dots = size[0] * size[1]
    if dots > MAX_PIXELS:
        raise ValueError(f"it has {size[0]} × {size[1]} dots")
    return ShownPicture(kind, data, max(len(data), dots // DOTS_A_BYTE))


class Drawn:
    """The pictures that the cells of one notebook have drawn."""

    def __init__(self) -> None:
        self._left = MAX_IN_ALL

    def bounded(self, outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """`outputs`, with a sentence in the place of each picture that is not shown."""
        return [
            output | {"data": self._data(output["data"])} if "data" in output else output
            for output in outputs
        ]

    def _data(self, data: dict[str, str]) -> dict[str, str]:
        kept = dict(data)
        for kind in [kind for kind in data if kind.startswith("image/")]:
            try:
                self._left -= self._cost(kind, data[kind])
            except ValueError as reason:
                del kept[kind]
                kept["text/plain"] = f"[picture left out: {reason}]"
        return kept

    def _cost(self, kind: str, value: str) -> int:
        picture = checked(value)
        if picture.kind != kind:
            raise ValueError(f"it is no {kind}")
        if picture.cost > self._left:
            raise ValueError(TOO_MANY)
        return picture.cost
