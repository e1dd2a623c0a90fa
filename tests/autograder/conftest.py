"""Tests that need a sandbox skip, with the reason, where a machine cannot start one."""

import pytest

from autograder.sandbox import SandboxError, require_sandbox


@pytest.fixture(scope="session")
def machine() -> None:
    """Skip where this machine cannot start a sandbox."""
    try:
        require_sandbox()
    except SandboxError as error:
        pytest.skip(str(error))
