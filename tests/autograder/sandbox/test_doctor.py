"""The doctor says which rung a machine reaches, and what to do for a better one."""

import shutil
import subprocess
import sys

import pytest

from autograder.cli import main
from autograder.sandbox import RUNGS, SandboxError, doctor, start


@pytest.fixture
def said(capsys):
    """What `autograder doctor` prints, and its status."""

    def run() -> tuple[str, int]:
        status = main(["doctor"])
        return capsys.readouterr().out, status

    return run


def test_the_best_rung_is_named(said, machine):
    text, status = said()
    rung = start.best_rung()
    assert f"✓ {rung}: " in text and f"of {len(RUNGS)}, {rung}: " in text.splitlines()[-1]
    assert status == 0


def test_without_bubblewrap_it_says_how_to_get_it(said, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(start._warm, "_zygote", None)
    text, status = said()
    assert "✗ bubblewrap" in text and "apt-get install bubblewrap" in text
    assert text.splitlines()[-1].startswith("Rung 3 of 3, trusted: no isolation")
    assert status == 1


def test_where_nothing_can_be_forked_the_second_rung_is_named(said, monkeypatch, machine):
    def fork(*about):
        raise SandboxError("no child could leave")

    monkeypatch.setattr(start._warm, "fork", fork)
    text, status = said()
    assert "✗ nested: no child could leave" in text
    assert text.splitlines()[-1].startswith("Rung 2 of 3, cold:") and status == 0


def test_without_libseccomp_it_says_how_to_get_it(said, monkeypatch, machine):
    monkeypatch.setattr(doctor, "system_call_filter", lambda: None)
    text, status = said()
    assert "✗ system call filter" in text and "libseccomp2" in text and status == 0


def test_on_a_real_machine_without_user_namespaces_it_names_the_switch(machine):
    if not shutil.which("unshare"):
        pytest.skip("there is no program unshare to make such a machine with")
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    make = ["unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh"]
    ask = [sys.executable, "-m", "autograder.cli", "doctor"]
    run = subprocess.run([*make, *ask], capture_output=True, text=True)
    if "✓ Linux" not in run.stdout:
        pytest.skip(f"such a machine cannot be made here: {run.stderr.strip()[-200:]}")
    assert "sudo sysctl -w user.max_user_namespaces" in run.stdout
    assert "Rung 3 of 3" in run.stdout and run.returncode == 1
