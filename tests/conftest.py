"""What holds for every test."""

import os

import pytest
from hypothesis import settings

from tests import postgres

# Stations of tests keep little back: a reserve of the usual size for each would fill the disk of a small machine.
os.environ.setdefault("ZAIGANG_STATION_DISK__RESERVE_MB", "1")

# A busy machine is no fault of the product, and a run that fails is to fail again.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

# The run itself, not its workers, names the place of the suite's PostgreSQL and clears it up.


def pytest_configure(config: pytest.Config) -> None:
    """Before any worker starts."""
    if not hasattr(config, "workerinput"):
        postgres.reserve()


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last one."""
    if not hasattr(config, "workerinput"):
        postgres.end()
