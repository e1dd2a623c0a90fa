"""How far grading has come: count, rate, time left and failures."""

import sys
from types import TracebackType

from tqdm import tqdm

_SELDOM = 30.0  # seconds between lines where nobody watches, as in the log of a cluster's job


class Progress:
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
        self.failures = 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def step(self, failed: bool = False) -> None:
        """One more submission is done."""
        if failed:
            self.failures += 1
            self._bar.set_postfix_str(f"{self.failures} failed", refresh=False)
        self._bar.update()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.write(text, file=sys.stderr)
