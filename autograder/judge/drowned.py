"""Numbers of which rounding left little: differences over an h that is far too small."""

from __future__ import annotations

from typing import Any

import numpy as np

TINY = [10.0**-k for k in range(11, 19)]  # an h of which nothing, or next to nothing, arrives
MOST = 1e5  # so many units in the last place a difference may come to, and still be coarse
WHOLE = 1e-9


def drowned(given: Any, of: float) -> bool:
    """Whether these are differences of values of about the size `of`, over an h far too small.

    Values of floats differ by whole units in the last place. Divided by h, or by 2h, they still
    tell: the numbers are whole multiples of a unit over h, and no large ones.

    >>> drowned(((1.7 + 1e-15) ** 2 - 1.7**2) / 1e-15, 1.7**2), drowned(3.4, 1.7**2)
    (True, False)
    """
    unit = float(np.spacing(max(abs(of), np.finfo(float).tiny))) / 8  # some steps were smaller
    for h in TINY:
        steps = np.abs(np.ravel(np.asarray(given, dtype=float))) * h / unit
        whole = np.round(steps)
        if np.all(np.abs(steps - whole) <= WHOLE * whole) and 0 < np.max(whole) < MOST:
            return True
    return False
