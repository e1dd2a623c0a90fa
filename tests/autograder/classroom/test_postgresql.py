"""The gradebook in a PostgreSQL server: the same marks as in nbgrader's usual file."""

import glob
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
NOBODY = 65534  # PostgreSQL refuses to run as root


def program(name):
    """One of PostgreSQL's programs; Debian keeps them off the path."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else shutil.which(name)


@pytest.fixture
def server(tmp_path_factory):
    """The URL of a database on a server of our own, which listens on a socket in a folder only."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if not (program("initdb") and program("pg_ctl")):
        pytest.skip("PostgreSQL's server is not installed (Debian's package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # one that its user may enter
    data = folder / "data"
    user = {}
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def run(*words):
        return subprocess.run(words, cwd=folder, capture_output=True, text=True, **user)

    made = run(program("initdb"), "-D", data, "-U", "grader", "--auth=trust", "--no-sync")
    assert made.returncode == 0, made.stderr
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    log = folder / "log"
    started = run(program("pg_ctl"), "-D", data, "-l", log, "-w", "-o", options, "start")
    assert started.returncode == 0, started.stderr + log.read_text()
    try:
        yield f"postgresql+psycopg://grader@/postgres?host={folder}"
    finally:
        run(program("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def test_the_gradebook_can_be_in_postgresql(classroom, once, server):
    from nbgrader.api import Gradebook

    from tools.a_class import DUE

    with Gradebook(server, "backpropkit") as book:
        book.update_or_create_assignment("ps6", duedate=DUE)
    classroom.grade("--db", server)
    assert classroom.state(server) == once.state()
    assert "0 judged, 16 unchanged" in classroom.grade("--db", server)
    assert "16 submissions" in classroom.run("autograder.cli", "report", "ps6", "--db", server)
