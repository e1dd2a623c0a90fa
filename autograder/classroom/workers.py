"""Where workers come from: processes here, or a cluster; both are concurrent.futures Executors."""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import Any

PATIENCE = 10  # seconds until a cluster has to answer
Workers = Callable[[], Any]  # -> a context manager that gives an Executor


class NoWorkers(RuntimeError):
    """There is nobody to judge; the text says why."""


def local(count: int) -> Workers:
    """`count` processes on this machine, with one warm process for all their sandboxes.

    What they are forked from begins at once to import what they need, beside whatever comes next.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.classroom.before"])
    forkserver.ensure_running()
    return _processes(count, context)


def own() -> Workers:
    """One process, forked from this one, which has imported everything."""
    return _processes(1, multiprocessing.get_context("fork"))


def _processes(count: int, context: Any) -> Workers:
    @contextmanager
    def start() -> Iterator[Executor]:
        pool = ProcessPoolExecutor(count, context, initializer=_begin)
        before = set(multiprocessing.active_children())
        try:
            yield pool
            pool.shutdown(cancel_futures=True)
        finally:  # after an error nobody waits for what is being judged
            for process in set(multiprocessing.active_children()) - before:
                process.kill()
            pool.shutdown(wait=True, cancel_futures=True)

    return start


def cluster(address: str) -> Workers:
    """The workers of a ``dask.distributed`` cluster, such as ``tcp://10.0.0.1:8786``."""

    @contextmanager
    def start() -> Iterator[Executor]:
        try:
            from distributed import Client
        except ImportError:
            raise NoWorkers(
                "A cluster needs dask.distributed: pip install 'backpropkit[cluster]'."
            ) from None
        try:
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise NoWorkers(f"No cluster answers at {address}: {error}") from None
        with client:
            yield client.get_executor()

    return start


def _begin() -> None:
    """Begin a worker: Ctrl-C is the grader's to answer, and it ends when the grader does."""
    signal.signal(signal.SIGINT, lambda number, frame: None)
    gc.freeze()  # what was imported stays: nobody has to look through it again
    threading.Thread(target=_end_with_grader, daemon=True).start()


def _end_with_grader() -> None:
    grader = multiprocessing.parent_process()
    assert grader is not None
    wait([grader.sentinel])
    os._exit(1)  # the sandbox ends with the connection to it
