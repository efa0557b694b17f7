"""Where a person is over a day, as tables. Policy wanzhou: 09:00-12:00, 13:30-17:30; 2026-03-02, a Monday."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.policy import load_policy
from station.rules.calendar import state_council
from station.rules.given import ALWAYS, Absence, Exit, Outage, Posting, Punch, Record, Status
from station.rules.hours import Day, Stretch, day_of, law_of, minute_of, moment
from station.rules.presence import Presence, presence, runs_out, scheduled
from tests.rules.tables import Row, rows

pytestmark = pytest.mark.zone

ZONE = ZoneInfo("Asia/Shanghai")
LAW = law_of(load_policy("wanzhou"))
DAY = day_of(LAW, datetime(2026, 3, 2, tzinfo=ZONE).date(), state_council())
PRESENTS = rows("covers.toml", "present")


def at(text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(2026, 3, 2, hour, minute, tzinfo=ZONE)


def minute(text: str) -> int:
    return minute_of(at(text))


def pairs(texts: str) -> list[tuple[datetime, datetime | None]]:
    split = [text.split("-") for text in texts.split()]
    return [(at(start), at(end) if end else None) for start, end in split]


def record(
    punches: str, exits: str = "", leave: str = "", posting: Posting = ALWAYS, outages: str = "",
    status: Status = "approved",
) -> Record:  # fmt: skip
    """A day: "08:50" a plain press, "08:50<" in, "10:15>" out, "08:50?" at an unknown time; exits "10:00-10:20"."""
    marks = (
        Punch(at(text.rstrip("<>?")), {"<": "in", ">": "out"}.get(text[-1]), text[-1] != "?")  # type: ignore[arg-type]
        for text in punches.split()
    )
    return Record(
        "甲",
        tuple(marks),
        tuple(Absence("假", "sick", start, end or at("23:00"), status) for start, end in pairs(leave)),
        (),
        tuple(Exit(str(number), start, end) for number, (start, end) in enumerate(pairs(exits))),
        tuple(Outage("障", start, end or at("23:00")) for start, end in pairs(outages)),
        posting,
    )


def seen(given: Record, now: str, day: Day = DAY) -> Presence:
    return presence(given, day, LAW, minute(now))


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
    found = seen(record(punches, exits), now)
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
        ("13:00", None, "09:30", "not_due"),  # only the afternoon
        (None, "12:30", "14:00", "left"),  # only the morning
    ],
)
def test_posting(start: str | None, end: str | None, now: str, word: str) -> None:
    posting = Posting(at(start) if start else None, at(end) if end else None)
    assert seen(record("", posting=posting), now).word == word


def test_a_rest_day() -> None:
    sunday = day_of(LAW, datetime(2026, 3, 1, tzinfo=ZONE).date(), state_council())
    assert seen(record("08:50"), "09:30", sunday).word == "rest"


def spoken(stretches: tuple[Stretch, ...], since: str = "00:00") -> list[str]:
    clocks = [[f"{moment(end, ZONE):%H:%M}" for end in each] for each in stretches]
    return [f"{start}~{end}" for start, end in clocks if end > since]


@pytest.mark.parametrize("row", [row for _, row in PRESENTS], ids=[name for name, _ in PRESENTS])
def test_presence_follows_presses_and_exits(row: Row) -> None:
    """The afternoon of the table's people, who all worked in the morning."""
    presses = " ".join(word.replace(">out", ">").replace(">in", "<") for word in row["punches"].split())
    exits = " ".join(word.replace("~", "-") for word in row.get("exits", []))
    found = seen(record(f"08:50 12:01 {presses}", exits), "20:00")
    assert spoken(found.here, "12:30") == row["here"].split()
    assert spoken(found.brief, "12:30") == row.get("briefly", "").split()


@pytest.mark.parametrize(
    ("exits", "now", "word", "until", "overdue"),
    [
        ("10:00-", "10:29", "out", "10:30", 0),
        ("10:00-", "10:30", "out", "10:30", 0),
        ("10:00-", "10:31", "out", "10:30", 1),
        ("10:00-10:31", "10:40", "here", None, 0),
        ("11:50-", "11:55", "out", "13:50", 0),  # ten scheduled minutes before noon, twenty after
        ("11:50-", "12:45", "out", "13:50", 0),
        ("11:50-", "13:52", "out", "13:50", 2),
        ("17:15-", "17:20", "out", "17:30", 0),  # never thirty scheduled minutes any more
        ("17:15-", "17:40", "left", None, 0),
    ],
)
def test_an_exit_is_short_for_half_an_hour_of_scheduled_minutes(
    exits: str, now: str, word: str, until: str | None, overdue: int
) -> None:
    presses = "08:50" if exits < "12" else "08:50 12:01 13:20"
    found = seen(record(presses, exits), now)
    assert (found.word, found.overdue) == (word, overdue)
    assert found.until == (minute(until) if until else None)
    assert found.clauses == (() if word == "here" else ("shanxi:service:6.2",) if word == "out" else ("assumed",))


def test_only_scheduled_minutes_count() -> None:
    assert scheduled(minute("11:45"), minute("13:50"), DAY.spans) == 15 + 20
    assert runs_out(minute("11:45"), DAY.spans, 30) == minute("13:45")
    assert runs_out(minute("11:30"), DAY.spans, 30) == minute("13:30")
    assert runs_out(minute("18:00"), DAY.spans, 30) == minute("17:30")


def test_an_exit_nobody_returned_from_ends_with_the_next_in() -> None:
    found = seen(record("08:50 13:20", "11:00-"), "14:00")
    assert (found.word, spoken(found.here)) == ("here", ["08:50~11:00", "13:20~14:01"])


def test_an_exit_of_the_day_before_says_nothing_until_the_return() -> None:
    yesterday = at("16:00").replace(day=1)
    gone = record("")._replace(exits=(Exit("1", yesterday, None),))
    assert seen(gone, "09:10").word == "not_come"
    back = gone._replace(exits=(Exit("1", yesterday, at("09:30")),))
    assert (seen(back, "09:40").word, spoken(seen(back, "09:40").here)) == ("here", ["09:30~09:41"])


@pytest.mark.parametrize(
    ("punches", "leave", "now", "word", "minutes", "here"),
    [
        ("", "09:00-12:00", "08:30", "leave", 0, ""),
        ("", "09:00-12:00", "10:00", "leave", 0, ""),
        ("", "09:00-10:40", "10:39", "leave", 0, ""),
        ("", "09:00-10:40", "10:41", "not_come", 1, ""),
        ("10:31", "09:00-10:40", "10:35", "here", 0, "10:31~10:36"),  # back early from it
        ("08:50", "10:00-11:00", "10:30", "leave", 0, "08:50~10:00"),
        ("08:50", "10:00-11:00", "11:20", "here", 0, "08:50~10:00 11:00~11:21"),
        ("", "10:00-11:00", "11:20", "not_come", 80, ""),  # an hour of it was approved
        ("08:50 10:59", "11:00-12:00", "12:10", "leave", 0, "08:50~10:59"),
        ("", "13:30-17:30", "12:40", "not_come", 180, ""),
    ],
)
def test_an_approved_absence_is_leave(punches: str, leave: str, now: str, word: str, minutes: int, here: str) -> None:
    found = seen(record(punches, leave=leave), now)
    assert (found.word, found.minutes, spoken(found.here)) == (word, minutes, here.split())


@pytest.mark.parametrize("status", ["pending", "refused", "cancelled", "revoked"])
def test_an_absence_that_nobody_approved_is_none(status: Status) -> None:
    assert seen(record("", leave="09:00-12:00", status=status), "10:00").word == "not_come"


def test_what_a_broken_station_could_not_take_counts_from_the_start() -> None:
    assert spoken(seen(record("12:01", outages="08:30-09:40"), "12:10").here) == ["09:00~12:00"]
    assert spoken(seen(record("09:50 12:01", outages="08:30-09:40"), "12:10").here) == ["09:50~12:00"]


def test_a_hall_with_two_presses_a_day_asks_for_none_at_noon() -> None:
    once = LAW._replace(per_day=True)
    found = presence(record("08:50 17:31"), DAY, once, minute("18:00"))
    assert (found.word, spoken(found.here)) == ("left", ["08:50~12:00", "13:30~17:30"])
    assert presence(record(""), DAY, once, minute("14:00")).word == "not_come"


def test_a_press_at_an_unknown_time_says_so() -> None:
    found = seen(record("09:20?"), "09:30")
    assert (found.word, found.late, found.certain) == ("here", 0, False)
    assert seen(record("09:20"), "09:30").certain


def test_later_presses_are_not_read() -> None:
    whole = record("08:50 12:01 13:20 17:31", "10:00-10:20")
    assert seen(whole, "10:10") == seen(record("08:50", "10:00-"), "10:10")
    assert [seen(whole, "20:00").state_at(minute(text)) for text in ("08:49", "08:50", "10:10", "12:30", "17:29")] == [
        None, "here", "out", None, "here",
    ]  # fmt: skip
