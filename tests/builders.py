"""Small values that many tests begin with."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from drivers.sim.scene import Scene
from station.clock import DrivenClock
from station.facts import Punch
from station.journal import Journal
from station.round_facts import Check

MONDAY = datetime(2026, 3, 2, 0, 58, 59, tzinfo=UTC)  # 08:58:59 in Shanghai, a working day
LINEAGE = "01931c7a-0000-7000-8000-000000000001"
FACT_ID = "01931c7a-0000-7000-8000-000000000002"
LIU = "01931c7a-0000-7000-8000-00000000a001"
WANG = "01931c7a-0000-7000-8000-00000000a002"


def clock(at: datetime = MONDAY) -> DrivenClock:
    """A clock that stands at `at` and counts as synced."""
    return DrivenClock(at, "synced")


def punch(place: int = 1, person: str = LIU) -> Punch:
    """A matched finger."""
    return Punch(person=person, place=place, score=120)


def journal_with(folder: Path, count: int) -> Journal:
    """An open journal that holds `count` punches."""
    journal = Journal(folder, clock())
    for place in range(1, count + 1):
        journal.append(punch(place))
    return journal


@cache
def picture(number: int = 1) -> bytes:
    """A small JPEG, another one for each number."""
    return Scene(160, 90).jpeg(number, str(number))


def check_of(*digests: str) -> Check:
    """A check at a checkpoint that names these photos."""
    return Check(round="2026-03-02/0930", checkpoint="c", how="manual", officers=(LIU,), by=LIU,
                 nothing_abnormal=True, photos=digests)  # fmt: skip
