"""The demonstration's people, dates and days."""

from collections import Counter
from datetime import date, datetime

import pytest

from station.rules.calendar import DayTable, state_council
from web.demo.cast import ZONE, cast, floor_of
from web.demo.life import Happening, arrived, days_to_play, has_outage, life_of, opening

TABLE = DayTable(frozenset([date(2026, 2, 17)]), frozenset([date(2026, 2, 14)]), frozenset([2026]))
MONDAY = date(2026, 3, 2)


def at(text: str) -> datetime:
    """An instant in the hall's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        ("2026-03-02T10:15", "2026-03-02T10:15"),  # Monday, at work
        ("2026-03-02T08:39", "2026-02-27T08:40"),  # before the hall opens: the last working day
        ("2026-03-02T17:40", "2026-03-02T08:40"),  # after it closed: today, from the morning
        ("2026-03-01T12:00", "2026-02-27T08:40"),  # Sunday
        ("2026-02-14T11:00", "2026-02-14T11:00"),  # a make-up Saturday is worked
        ("2026-02-17T11:00", "2026-02-16T08:40"),  # a holiday is not
    ],
)
def test_where_the_clock_starts(now: str, starts: str) -> None:
    assert opening(at(now), TABLE) == at(starts)


def test_a_first_past_is_thirty_days_and_the_morning() -> None:
    days = days_to_play(at("2026-03-02T10:15"), None, TABLE)
    assert (days[0], days[-1], len(days)) == (date(2026, 2, 2), MONDAY, 21)


@pytest.mark.parametrize(
    ("starts", "last", "days"),
    [
        ("2026-03-04T09:30", "2026-03-02T18:30", [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]),
        ("2026-03-04T09:30", "2026-03-04T09:10", [date(2026, 3, 4)]),
        ("2026-03-02T09:30", "2026-02-27T18:30", [date(2026, 2, 27), date(2026, 3, 2)]),
    ],
)
def test_what_went_by_since_the_last_run_is_played_too(starts: str, last: str, days: list[date]) -> None:
    assert days_to_play(at(starts), at(last), TABLE) == days


def test_who_is_away_for_months_finds_thirty_days() -> None:
    assert days_to_play(at("2026-06-01T09:00"), at("2026-01-05T09:00"), state_council())[0] >= date(2026, 5, 2)


def test_the_cast_is_a_district_s_hall() -> None:
    actors = cast()
    windows = {actor.window: actor.unit for actor in actors if actor.window}
    assert (len(actors), len(windows), {floor_of(window) for window in windows}) == (60, 24, {1, 2, 3, 4})
    assert len({actor.number for actor in actors}) == len({actor.name for actor in actors}) == 60
    for window, unit in windows.items():
        assert sum(window in actor.covers and actor.unit == unit for actor in actors) == 2, window
    held = Counter(role for actor in actors for role in actor.roles)
    assert held["window_head"] == held["attendance_clerk"] == 12
    assert held["patrol_officer"] >= 4
    assert held["duty_leader"] >= 3


def test_a_small_cast_has_every_role_that_logs_in() -> None:
    actors = cast(small=True)
    held = {role for actor in actors for role in actor.roles}
    assert len(actors) == 12
    assert held >= {"duty_leader", "supervision", "attendance_clerk", "window_head", "patrol_officer"}


def test_a_month_is_a_plausible_life() -> None:
    actors = cast()
    days = days_to_play(at("2026-03-31T18:30"), None, state_council())
    lives = [life_of(day, actors) for day in days]
    assert all(life == sorted(life, key=lambda each: each.at) for life in lives)
    kinds = Counter(each.what for life in lives for each in life)
    assert 4 * 60 * len(days) * 0.97 < kinds["press"] < 4 * 60 * len(days), "some are missing, few"
    assert kinds["out"] == kinds["back"] > 50
    assert kinds["unclear"] > 5
    firsts = [firsts_of(life) for life in lives]
    late = sum(each.at.time().hour == 9 and each.at.time().minute > 0 for first in firsts for each in first.values())
    assert 0.02 < late / (60 * len(days)) < 0.12
    assert any(map(has_outage, days))


def firsts_of(life: list[Happening]) -> dict[str, Happening]:
    """Everybody's first press of a day."""
    return {each.actor.name: each for each in reversed(life) if each.what == "press"}


def test_the_same_day_is_the_same_for_everybody() -> None:
    assert life_of(MONDAY, cast()) == life_of(MONDAY, cast())


def test_who_is_here_and_who_is_still_to_come() -> None:
    here, to_come = arrived(cast(), at("2026-03-02T08:50"))
    assert here
    assert to_come
    assert not set(here) & set(to_come)
    assert not {"周强", "孙丽", "钟丽"} & {*here, *to_come}, "absent today"
    assert len(arrived(cast(), at("2026-03-02T11:00"))[1]) < 5
