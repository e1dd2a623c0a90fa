"""How far grading has come: count, rate, time left and failures."""

import sys
from collections import Counter
from types import TracebackType

from tqdm import tqdm

from autograder.asking.shown import shown

_SELDOM = 30.0  # seconds between lines where nobody watches, as in the log of a cluster's job


class Bar:
    """A bar on a terminal, and now and then a line elsewhere."""

    def __init__(self, total: int, name: str) -> None:
        watched = sys.stderr.isatty()
        self._bar = tqdm(
            total=total,
            desc=name,
            unit=" submissions",
            mininterval=0.2 if watched else _SELDOM,
            maxinterval=10 if watched else _SELDOM,
            dynamic_ncols=watched,
            ascii=None if watched else True,
        )
        self._wrong: Counter[str] = Counter()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def step(self, wrong: str = "") -> None:
        """One more submission is done; `wrong` is a word for what stood against it."""
        if wrong:
            self._wrong[wrong] += 1
            counted = ", ".join(f"{n} {word}" for word, n in sorted(self._wrong.items()))
            self._bar.set_postfix_str(counted, refresh=False)
        self._bar.update()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.write(shown(text), file=sys.stderr)
