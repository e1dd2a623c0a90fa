"""Text of strangers as a terminal may print it: what would steer the terminal is shown instead."""

import logging
import re

_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, save tab and the end of a line
    "\u00ad\u200b\u2060\ufeff"  # hide
    "\u200e\u200f\u2028-\u202e\u2066-\u2069"  # turn the direction of text
    "\ud800-\udfff]"  # half of a character: no file and no terminal takes it
)


def shown(text: str) -> str:
    r"""Return `text` with every character that a terminal would obey written as Python writes it.

    >>> print(shown("\x1b]52;c;ZXZpbA==\x07 red \udce9"))
    \x1b]52;c;ZXZpbA==\x07 red \udce9
    """
    return _STEERS.sub(lambda found: ascii(found[0])[1:-1], text)


class Shown(logging.Filter):
    """Does so to what is logged: nbgrader logs the names of submitted files as they are."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = shown(record.getMessage()), ()
        return True
