"""A command that begins warm is what `python -m` starts, but for the time it takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import warm

pytestmark = pytest.mark.slow
PROBE = """
import json, os, signal, sys, tempfile, threading, time
umask = os.umask(0)
about = {
    "name": __name__, "spec": __spec__.name, "words": sys.argv, "folder": os.getcwd(),
    "path": sys.path, "environment": dict(os.environ), "umask": umask, "flags": str(sys.flags),
    "temporary": tempfile.gettempdir(), "threads": threading.active_count(),
    "signals": [str(signal.getsignal(n)) for n in sorted(signal.valid_signals())],
    "its own session": os.getsid(0) == os.getpid(), "open": sorted(os.listdir("/proc/self/fd")),
}
print(json.dumps(about))
print("to stderr", file=sys.stderr)
if sys.argv[1] == "wait":
    print(os.getpid(), flush=True)
    time.sleep(600)
if sys.argv[1] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(sys.argv[1]))
"""


WORKER = """
import json, multiprocessing, os, sys
def look(box):
    about = {"folder": os.getcwd(), "environment": dict(os.environ), "path": sys.path}
    box.put(about | {"open": sorted(os.listdir("/proc/self/fd")), "words": sys.argv})
if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    box = context.SimpleQueue()
    worker = context.Process(target=look, args=(box,))
    worker.start()
    about = box.get()
    worker.join()
    print(json.dumps(about | {"status": worker.exitcode}))
"""


@pytest.fixture
def probe(tmp_path: Path) -> Path:
    (tmp_path / "probe.py").write_text(PROBE)
    return tmp_path


def begun(begin: list[str], folder: Path, word: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*begin, "probe", word, "--a b"],
        cwd=folder,
        env=os.environ | {"HOME": "/nowhere", "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        umask=0o027,
        start_new_session=True,
    )


@pytest.mark.parametrize("word", ["0", "3", "die"])
def test_it_is_what_python_starts(probe: Path, word: str) -> None:
    found = begun(warm.python(), probe, word)
    cold = begun([sys.executable, "-m"], probe, word)
    assert found.returncode == cold.returncode
    assert found.stderr == cold.stderr
    if word != "die":  # what was printed was not written any more
        about, expected = json.loads(found.stdout), json.loads(cold.stdout)
        del about["path"][len(expected["path"]) :]  # setuptools puts a folder of its own behind
        assert about == expected


def test_its_workers_are_what_python_starts(probe: Path) -> None:
    (probe / "probe.py").write_text(WORKER)
    about, expected = (
        json.loads(begun(begin, probe, "0").stdout)
        for begin in (warm.python(), [sys.executable, "-m"])
    )
    del about["path"][len(expected["path"]) :]
    assert about == expected


def test_what_stands_first_on_the_path_stays_first(probe: Path) -> None:
    lines = (
        "import os, subprocess, sys",
        'os.environ["PATH"] = os.path.dirname(sys.executable) + ":" + os.environ["PATH"]',
        'subprocess.run(["alembic"])',
    )
    (probe / "probe.py").write_text("\n".join(lines))
    (probe / "bin").mkdir()
    (probe / "bin" / "alembic").write_text("#!/bin/sh\necho warm\n")
    (probe / "bin" / "alembic").chmod(0o755)
    about = os.environ | {"PATH": f"{probe / 'bin'}:{os.environ['PATH']}"}
    line = [*warm.python(), "probe"]
    assert subprocess.check_output(line, cwd=probe, env=about, text=True) == "warm\n"


def test_what_it_started_ends_with_it(probe: Path) -> None:
    line = [*warm.python(), "probe", "wait"]
    asked = subprocess.Popen(line, cwd=probe, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    asked.stdout.readline()
    command = psutil.Process(int(asked.stdout.readline()))  # it says so itself: nothing is searched
    assert command.pid != asked.pid and command.cwd() == str(probe)
    asked.kill()
    asked.wait()
    assert psutil.wait_procs([command], timeout=60)[1] == []
