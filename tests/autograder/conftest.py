"""Tests that need a sandbox skip, with the reason, where a machine cannot start one."""

import pytest

from autograder.sandbox import SandboxError, best_rung


@pytest.fixture(scope="session")
def machine() -> None:
    """Skip where this machine cannot start a sandbox."""
    try:
        best_rung()
    except SandboxError as error:
        pytest.skip(str(error))
