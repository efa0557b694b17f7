"""What holds for every test."""

import gc
import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings

from config.words import speak
from tests import postgres

# Stations of tests keep little back: a reserve of the usual size for each would fill the disk of a small machine.
os.environ.setdefault("ZAIGANG_STATION_DISK__RESERVE_MB", "1")

# A busy machine is no fault of the product, and a run that fails is to fail again.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

# Whole files go to the workers in this order, then those with most tests: these take their half a minute and more
# however few tests they have, and begun last each would keep one worker busy alone.
LONG = (
    "test_looks.py", "test_every_page.py", "test_permissions.py", "test_command.py", "test_first_run.py",
    "test_law_pages.py", "test_kiosk.py", "test_month.py", "test_enrol_command.py", "test_kill.py",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long files first, where files are handed out to workers."""
    if hasattr(config, "workerinput"):
        sizes = Counter(item.path for item in items)
        ranks = {name: rank for rank, name in enumerate(LONG)}
        items.sort(key=lambda item: (ranks.get(item.path.name, len(LONG)), -sizes[item.path], item.path))


def pytest_collection_finish() -> None:
    """What was imported stays to the end: no search for garbage looks through it again."""
    gc.collect()
    gc.freeze()


# The run itself, not its workers, names the place of the suite's PostgreSQL and clears it up.


def pytest_configure(config: pytest.Config) -> None:
    """Before any worker starts."""
    if not hasattr(config, "workerinput"):
        postgres.reserve()


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last one."""
    if not hasattr(config, "workerinput"):
        postgres.end()


@pytest.fixture(autouse=True)
def usual_language() -> Iterator[None]:
    """A test that asked for a page in English leaves no English to the next, which may ask for no page at all."""
    yield
    speak("")
