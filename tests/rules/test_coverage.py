"""Who may cover, who was there, which windows stood empty."""

from datetime import date
from fractions import Fraction

import pytest

from config.policy import load_policy
from station.rules.calendar import state_council
from station.rules.coverage import (
    Backup,
    Cover,
    Live,
    Out,
    Presence,
    cover_needed,
    empty,
    live,
    may_cover,
    presence,
    proposed,
    too_long,
    while_covering,
)  # fmt: skip
from station.rules.hours import Stretch, at, day_of, law_of
from station.rules.punches import share, sides, standing
from tests.rules.tables import SHANGHAI, Row, rows
from tests.rules.test_glance import pressed

DAY = "2026-03-02"
WANZHOU = load_policy("wanzhou")
LAW = law_of(WANZHOU)
MONDAY = day_of(LAW, date.fromisoformat(DAY), state_council())
AFTERNOON = MONDAY.spans[1]
COVERS = rows("covers.toml", "cover")
EMPTIES = rows("covers.toml", "empty")
PRESENTS = rows("covers.toml", "present")


def minute(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    return at(date.fromisoformat(DAY), hours * 60 + minutes, SHANGHAI)


def stretches(words: str) -> tuple[Stretch, ...]:
    return tuple(Stretch(*map(minute, word.split("~"))) for word in words.split())


def outs(words: list[str]) -> list[Out]:
    split = [word.split("~") for word in words]
    return [Out(minute(start), minute(end) if end else None) for start, end in split]


@pytest.mark.parametrize("row", [row for _, row in COVERS], ids=[name for name, _ in COVERS])
def test_who_may_cover(row: Row) -> None:
    found = may_cover(load_policy(row["policy"]), row["occasion"], row["standing"])
    assert (found.allowed, list(found.clauses)) == (row["allowed"], row["clauses"])


@pytest.mark.zone
@pytest.mark.parametrize("row", [row for _, row in EMPTIES], ids=[name for name, _ in EMPTIES])
def test_a_window_is_empty_when_nobody_is_there_for_long(row: Row) -> None:
    people = [Presence(stretches(each["here"]), stretches(each.get("briefly", ""))) for each in row["people"]]
    assert empty(WANZHOU, AFTERNOON, people, minute("20:00")) == sum(map(stretches, row["empty"]), ())


@pytest.mark.zone
@pytest.mark.parametrize("row", [row for _, row in PRESENTS], ids=[name for name, _ in PRESENTS])
def test_presence_follows_presses_and_exits(row: Row) -> None:
    marks = standing((pressed(DAY, word) for word in f"08:50 12:01 {row['punches']}".split()), 60)
    served = share(marks, MONDAY.spans, MONDAY.whole.claims, MONDAY.whole.middles, LAW).sessions[1]
    came = sides(served, AFTERNOON, MONDAY.whole.middles[1], LAW.repeat).came
    needed = MONDAY.whole.needed[1]
    exits, until = outs(row.get("exits", [])), minute("20:00")
    found = presence(WANZHOU, AFTERNOON, needed, came, served, exits, until, MONDAY.spans[:1])
    assert found == Presence(stretches(row["here"]), stretches(row.get("briefly", "")))


def test_nothing_is_empty_before_it_has_passed() -> None:
    nobody = [Presence((), ())]
    assert empty(WANZHOU, AFTERNOON, nobody, minute("13:35")) == ()
    assert empty(WANZHOU, AFTERNOON, nobody, minute("13:36")) == stretches("13:30~13:36")


def test_a_covering_b_counts_at_both_posts_while_the_cover_is_open() -> None:
    b = Presence(stretches("13:20~17:30"), ())
    covered = while_covering(b, Cover("乙", minute("14:00"), minute("15:00")))
    assert covered == Presence(stretches("14:00~15:00"), ())
    assert while_covering(b, Cover("乙", minute("14:00"), None)).here == stretches("14:00~17:30")
    assert empty(WANZHOU, AFTERNOON, [covered], minute("20:00")) == stretches("13:30~14:00 15:00~17:30")


def backup(name: str, *, posted: bool = True, away: bool = False, covering: bool = False) -> Backup:
    return Backup(name, posted, away, covering)


def test_the_first_b_who_can_is_proposed() -> None:
    first = backup("一", posted=False)
    assert proposed([first, backup("二", away=True), backup("三", covering=True), backup("四")]) == "四"
    assert proposed([backup("一"), backup("二")]) == "一"
    assert proposed([first]) is None
    assert proposed([]) is None


@pytest.mark.parametrize(
    ("policy", "days", "alone", "clauses"),
    [("wanzhou", "0.1", False, "wanzhou:attendance:4"), ("taigu", "0.5", True, "taigu:attendance:4"),
     ("taigu", "0.51", True, "taigu:ab_post:2"), ("taigu", "3", False, "taigu:attendance:4"),
     ("xingling", "1", False, "xingling:attendance:4"), ("ruzhu", "1", True, "ruzhu:management:5")],
)  # fmt: skip
def test_every_leave_needs_a_cover(policy: str, days: str, alone: bool, clauses: str) -> None:
    found = cover_needed(load_policy(policy), Fraction(days), alone)
    assert (found.allowed, found.clauses) == (True, (clauses,))


@pytest.mark.parametrize(
    ("exit_", "long"),
    [("14:00~14:30", False), ("14:00~14:31", True), ("12:00~14:00", False), ("12:00~14:01", True),
     ("17:00~", False), ("16:59~", True)],
)  # fmt: skip
def test_only_scheduled_minutes_of_an_exit_count(exit_: str, long: bool) -> None:
    assert bool(too_long(WANZHOU, outs([exit_]), MONDAY.spans, minute("20:00"))) == long


@pytest.mark.parametrize(
    ("here", "briefly", "leave", "now", "word"),
    [("", "", True, "14:00", Live("leave")), ("", "", False, "13:29", Live("not_yet")),
     ("", "", False, "13:30", Live("not_here", 0)), ("", "", False, "13:42", Live("not_here", 12)),
     ("13:20~13:26", "", False, "13:25", Live("here")), ("13:20~14:01", "", False, "14:00", Live("here")),
     ("13:20~14:00", "14:00~14:11", False, "14:10", Live("out")), ("13:20~14:00", "", False, "14:10", Live("gone")),
     ("13:20~17:30", "", False, "17:30", Live("gone"))],
)  # fmt: skip
def test_a_live_day_shows_words_of_presence(here: str, briefly: str, leave: bool, now: str, word: Live) -> None:
    assert live(AFTERNOON, Presence(stretches(here), stretches(briefly)), leave, minute(now)) == word
