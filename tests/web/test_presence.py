"""Presence words of a running day, as a table. Policy wanzhou: 09:00-12:00, 13:30-17:30; 2026-03-02, a Monday."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.policy import load_policy
from station.rules.calendar import state_council
from station.rules.given import Exit, Posting, Punch
from station.rules.hours import day_of, law_of, minute_of
from station.rules.punches import standing
from web.services.presence import Seen, presence

pytestmark = pytest.mark.zone

ZONE = ZoneInfo("Asia/Shanghai")
LAW = law_of(load_policy("wanzhou"))
DAY = day_of(LAW, datetime(2026, 3, 2, tzinfo=ZONE).date(), state_council())


def at(text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(2026, 3, 2, hour, minute, tzinfo=ZONE)


def seen(punches: str, exits: str = "", posting: Posting | None = None) -> Seen:
    marks = [Punch(at(text.rstrip("<>")), {"<": "in", ">": "out"}.get(text[-1])) for text in punches.split()]  # type: ignore[arg-type]
    pairs = [text.split("-") for text in exits.split()]
    gone = [Exit(str(number), at(pair[0]), at(pair[1]) if pair[1] else None) for number, pair in enumerate(pairs)]
    return Seen(standing(marks, LAW.duplicate_seconds), gone, (), posting or Posting())


@pytest.mark.parametrize(
    ("punches", "exits", "now", "word", "minutes", "late"),
    [
        ("", "", "08:59", "not_due", 0, 0),
        ("", "", "09:00", "not_come", 0, 0),
        ("", "", "09:12", "not_come", 12, 0),
        ("", "", "12:40", "not_come", 180, 0),  # the morning ended without
        ("08:50", "", "08:55", "here", 0, 0),
        ("09:12", "", "09:20", "here", 0, 12),
        ("08:50 10:15", "", "10:20", "here", 0, 0),  # a plain press in between changes nothing
        ("08:50 11:49", "", "11:49", "here", 0, 0),
        ("08:50 11:50", "", "11:51", "left", 0, 0),  # from ten minutes before the end it is a leaving
        ("08:50 10:15>", "", "10:20", "left", 0, 0),
        ("08:50 10:15> 10:40<", "", "10:50", "here", 0, 0),
        ("08:50", "10:00-", "10:05", "out", 0, 0),
        ("08:50", "10:00-10:20", "10:25", "here", 0, 0),
        ("08:50 12:01", "", "12:30", "left", 0, 0),
        ("08:50 12:01 13:15", "", "13:16", "here", 0, 0),  # back before the afternoon begins
        ("08:50 12:01", "", "13:45", "not_come", 15, 0),
        ("08:50 12:01 13:47", "", "14:00", "here", 0, 17),
        ("09:05 12:01 13:47", "", "14:00", "here", 0, 22),  # both sessions
        ("08:50 12:01 13:20 17:31", "", "18:00", "left", 0, 0),
    ],
)
def test_words(punches: str, exits: str, now: str, word: str, minutes: int, late: int) -> None:
    found = presence(seen(punches, exits), DAY, LAW, minute_of(at(now)))
    assert (found.word, found.minutes, found.late) == (word, minutes, late)
    assert found.missing == (word == "not_come")
    assert (found.came is not None) == bool(punches)


@pytest.mark.parametrize(
    ("start", "end", "now", "word"),
    [
        (None, "08:00", "10:00", "rest"),
        ("18:00", None, "10:00", "rest"),
        ("10:00", None, "09:30", "not_due"),  # posted from ten on
        ("10:00", None, "10:05", "not_come"),
        ("13:00", None, "09:30", "leave"),  # only the afternoon
    ],
)
def test_posting(start: str | None, end: str | None, now: str, word: str) -> None:
    posting = Posting(at(start) if start else None, at(end) if end else None)
    assert presence(seen("", posting=posting), DAY, LAW, minute_of(at(now))).word == word


def test_a_rest_day() -> None:
    sunday = day_of(LAW, datetime(2026, 3, 1, tzinfo=ZONE).date(), state_council())
    assert presence(seen("08:50"), sunday, LAW, minute_of(at("09:30"))).word == "rest"
