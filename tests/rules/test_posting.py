"""From when a person is judged where the roster names no day."""

from datetime import datetime

import pytest

from station.rules.given import ALWAYS, Posting
from station.rules.posting import begun


def day(number: int) -> datetime:
    """Midnight of that day of March."""
    return datetime.fromisoformat(f"2026-03-{number:02}T00:00:00+08:00")


@pytest.mark.parametrize(
    ("said", "own", "hall", "start"),
    [
        (ALWAYS, None, day(2), day(10)),  # the day of entry
        (ALWAYS, day(5), day(2), day(5)),  # an older record
        (ALWAYS, day(12), day(2), day(10)),  # a younger one changes nothing
        (ALWAYS, None, day(16), day(16)),  # the hall's first press comes later
        (ALWAYS, day(2), day(2), day(2)),
        (Posting(day(3)), None, day(2), day(3)),  # the roster's own day counts alone
        (Posting(day(3)), day(2), day(2), day(3)),
        (Posting(day(3)), None, day(5), day(5)),
    ],
)
def test_the_posting_begins(said: Posting, own: datetime | None, hall: datetime, start: datetime) -> None:
    assert begun(said, day(10), own, hall) == Posting(start, None)


def test_an_end_stands_as_it_is() -> None:
    assert begun(Posting(None, day(20)), day(10), None, day(2)) == Posting(day(10), day(20))


def test_nobody_is_posted_in_a_hall_without_a_press() -> None:
    start, end = begun(Posting(day(3), day(20)), day(10), None, None)
    assert start == end
