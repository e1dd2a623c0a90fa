"""Which seeds the judge is tried on: some of them here, and with EVERY_SEED=1 every one.

Which ones depends on the run's own SEED; on all of them the tests have held.
"""

import os


def seeds(count: int, one_in: int) -> range:
    """One in so many of the seeds below `count`."""
    step = 1 if os.environ.get("EVERY_SEED") else one_in
    return range(int(os.environ["SEED"]) % step, count, step)
