"""A class graded on a dask.distributed cluster of separate processes, one of which is killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="dask.distributed is not installed")


@pytest.fixture
def dask(tmp_path):
    """Start one of dask's programs in a session of its own; all are ended with all they started."""
    started = []

    def start(program, *words):
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{program}", "--no-dashboard", *words],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_cluster_gives_the_same_gradebook_though_a_worker_is_killed(
    classroom, once, dask, tmp_path
):
    file = tmp_path / "scheduler.json"
    dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    one_thread = ("--scheduler-file", str(file), "--nthreads", "1", "--no-nanny")
    workers = [dask("worker", *one_thread, "--name", name) for name in ("first", "second")]
    address = _address(file)
    _both_are_there(address)
    process = classroom.command("autograder.cli", "grade", "ps6", "--scheduler", address)
    stop = time.monotonic() + 120
    while len(classroom.records()) < 4:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < stop
        time.sleep(0.01)
    sandboxes = psutil.Process(workers[0].pid).children(recursive=True)
    workers[0].kill()
    said = process.communicate(timeout=300)[0]
    assert process.returncode == 0, said
    assert classroom.state() == once.state()
    assert classroom.notebooks() == once.notebooks()
    assert sandboxes, "the worker that was killed had judged something"
    _, alive = psutil.wait_procs(sandboxes, timeout=30)
    assert not alive


def test_a_cluster_that_is_not_there_is_said(classroom):
    said = classroom.grade("--scheduler", "tcp://127.0.0.1:9", status=2)
    assert "No cluster answers at tcp://127.0.0.1:9" in said
    assert "Traceback" not in said


def _address(path):
    stop = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError, ValueError):
            return json.loads(path.read_text())["address"]
        assert time.monotonic() < stop
        time.sleep(0.05)


def _both_are_there(address):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
