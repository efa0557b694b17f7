"""The demonstration's dates and presses."""

import random
from datetime import date, datetime

import pytest

from station.rules.calendar import DayTable
from web.demo.cast import CAST, ZONE, opening, past_days, presses_of

TABLE = DayTable(frozenset([date(2026, 2, 17)]), frozenset([date(2026, 2, 14)]), frozenset([2026]))


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        ("2026-03-02T10:15", "2026-03-02T10:15"),  # Monday, at work
        ("2026-03-02T08:39", "2026-02-27T08:40"),  # before the hall opens: the last working day
        ("2026-03-02T17:10", "2026-03-02T08:40"),  # after it closed: today, from the morning
        ("2026-03-01T12:00", "2026-02-27T08:40"),  # Sunday
        ("2026-02-14T11:00", "2026-02-14T11:00"),  # a make-up Saturday is worked
        ("2026-02-17T11:00", "2026-02-16T08:40"),  # a holiday is not
    ],
)
def test_where_the_clock_starts(now: str, starts: str) -> None:
    begun = opening(datetime.fromisoformat(now).replace(tzinfo=ZONE), TABLE)
    assert begun.isoformat(timespec="minutes") == f"{starts}+08:00"


def test_a_first_past_is_seven_working_days_before_today() -> None:
    days = past_days(date(2026, 3, 2), None, TABLE)
    assert (len(days), days[0], days[-1]) == (7, date(2026, 2, 19), date(2026, 2, 27))


def test_what_went_by_since_the_last_run_is_played_too() -> None:
    assert past_days(date(2026, 3, 4), date(2026, 3, 2), TABLE) == [date(2026, 3, 3)]
    assert past_days(date(2026, 3, 4), date(2026, 3, 4), TABLE) == []


def test_a_day_has_everybodys_presses_in_order() -> None:
    presses = presses_of(date(2026, 3, 2), random.Random(1))
    assert [press.at for press in presses] == sorted(press.at for press in presses)
    assert {press.actor for press in presses} == set(CAST)
    assert len(presses) <= 4 * len(CAST)


def test_the_cast_is_ten_at_least_with_a_number_each() -> None:
    assert len(CAST) >= 10
    assert len({actor.number for actor in CAST}) == len(CAST)
