"""The sandbox's tests need a machine that can start one; elsewhere they skip and say why."""

import pytest

from autograder.sandbox import Limits, SandboxError
from autograder.sandbox.start import start_child


@pytest.fixture(scope="session")
def machine() -> None:
    """Skip where this machine cannot start a sandbox."""
    try:
        start_child(Limits()).end()
    except SandboxError as error:
        pytest.skip(str(error))
