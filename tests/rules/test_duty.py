"""Duty in rotation, held against tables that an office could check: whose turn, and to whom one hands over."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest

from station.rules.calendar import DayTable, dates, state_council
from station.rules.duty import DayKind, kind_of, next_duty_day, rotation

WORKING: frozenset[DayKind] = frozenset({"working"})
OFF: frozenset[DayKind] = frozenset({"weekend", "holiday"})
TABLE = state_council()  # 2026: Qingming 4-6 April (Saturday to Monday), May 1-5 with 9 May worked
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-03-02", "working"),
        ("2026-03-07", "weekend"),
        ("2026-04-06", "holiday"),  # a Monday
        ("2026-05-01", "holiday"),  # a Friday
        ("2026-05-09", "working"),  # a Saturday, made up for
    ],
)
def test_kinds_of_days_by_the_calendar(day: str, kind: DayKind) -> None:
    assert kind_of(date.fromisoformat(day), TABLE) == kind


@pytest.mark.parametrize(
    ("first", "last", "order", "kinds", "away", "led"),
    [
        ("03-02", "03-06", "甲乙丙", WORKING, {}, "甲乙丙甲乙"),
        ("03-05", "03-10", "甲乙丙", WORKING, {}, "甲乙丙甲"),  # the weekend takes no turn
        ("03-06", "03-09", "甲乙", WORKING | OFF, {}, "甲甲乙乙"),  # days off have a queue of their own
        ("04-03", "04-08", "甲乙丙", WORKING, {}, "甲乙丙"),  # over Qingming
        ("04-03", "04-07", "甲乙丙", frozenset({"holiday"}), {}, "甲乙丙"),
        ("03-02", "03-06", "甲乙丙", WORKING, {"甲": "03-02"}, "乙甲丙乙甲"),  # who is away keeps the turn
        ("03-02", "03-03", "甲", WORKING, {"甲": "03-02"}, "—甲"),
    ],
)
def test_the_turns_of_a_range(
    first: str, last: str, order: str, kinds: Collection[DayKind], away: dict[str, str], led: str
) -> None:
    days = dates(date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}"))

    def unable(person: str, day: date) -> bool:
        return f"{day:%m-%d}" in away.get(person, "").split()

    turns = rotation(days, order, TABLE, kinds, unable)
    assert "".join(turn.person or "—" for turn in turns) == led


def test_a_year_of_turns_is_shared_evenly() -> None:
    turns = rotation(dates(MONDAY, MONDAY + timedelta(days=364)), "甲乙丙丁", TABLE, WORKING, lambda _who, _day: False)
    counts = [sum(turn.person == each for turn in turns) for each in "甲乙丙丁"]
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    ("day", "rostered", "to"),
    [
        ("2026-03-02", (), "2026-03-03"),
        ("2026-03-06", (), "2026-03-09"),  # Friday hands over to Monday
        ("2026-03-06", ("2026-03-08",), "2026-03-08"),  # unless somebody leads the Sunday
        ("2026-04-03", (), "2026-04-07"),  # over Qingming
    ],
)
def test_to_whom_a_day_is_handed_over(day: str, rostered: tuple[str, ...], to: str) -> None:
    led = [date.fromisoformat(each) for each in rostered]
    assert next_duty_day(date.fromisoformat(day), TABLE, led) == date.fromisoformat(to)


def test_without_a_calendar_the_week_decides() -> None:
    assert next_duty_day(date(2026, 3, 6), DayTable(), ()) == date(2026, 3, 9)
