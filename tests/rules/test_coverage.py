"""Who may cover, who was there, which windows stood empty."""

from datetime import date
from fractions import Fraction

import pytest

from config.policy import load_policy
from station.rules.calendar import state_council
from station.rules.coverage import (
    Backup,
    Cover,
    cover_needed,
    empty,
    empty_clauses,
    may_cover,
    proposed,
    while_covering,
)  # fmt: skip
from station.rules.hours import Stretch, at, day_of, law_of
from tests.rules.tables import SHANGHAI, Row, rows

DAY = "2026-03-02"
WANZHOU = load_policy("wanzhou")
LAW = law_of(WANZHOU)
MONDAY = day_of(LAW, date.fromisoformat(DAY), state_council())
AFTERNOON = MONDAY.spans[1]
COVERS = rows("covers.toml", "cover")
EMPTIES = rows("covers.toml", "empty")


def minute(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    return at(date.fromisoformat(DAY), hours * 60 + minutes, SHANGHAI)


def stretches(words: str) -> tuple[Stretch, ...]:
    return tuple(Stretch(*map(minute, word.split("~"))) for word in words.split())


@pytest.mark.parametrize("row", [row for _, row in COVERS], ids=[name for name, _ in COVERS])
def test_who_may_cover(row: Row) -> None:
    found = may_cover(load_policy(row["policy"]), row["occasion"], row["standing"])
    assert (found.allowed, list(found.clauses)) == (row["allowed"], row["clauses"])


@pytest.mark.zone
@pytest.mark.parametrize("row", [row for _, row in EMPTIES], ids=[name for name, _ in EMPTIES])
def test_a_window_is_empty_when_nobody_is_there_for_long(row: Row) -> None:
    held = [part for each in row["people"] for part in stretches(f"{each['here']} {each.get('briefly', '')}")]
    assert empty(WANZHOU, AFTERNOON, held, minute("20:00")) == sum(map(stretches, row["empty"]), ())


def test_nothing_is_empty_before_it_has_passed() -> None:
    assert empty(WANZHOU, AFTERNOON, [], minute("13:35")) == ()
    assert empty(WANZHOU, AFTERNOON, [], minute("13:36")) == stretches("13:30~13:36")
    assert empty(WANZHOU, AFTERNOON, stretches("14:00~17:30"), minute("13:36")) == stretches("13:30~13:36")


def test_a_break_excuses_the_window_only_where_the_policy_says_so() -> None:
    rules = WANZHOU.substitution.model_copy(update={"break_excuses_window": True})
    kind = WANZHOU.model_copy(update={"substitution": rules})
    held = stretches("13:20~15:28 15:50~17:30")
    assert empty(WANZHOU, AFTERNOON, held, minute("20:00"), MONDAY.breaks) == stretches("15:28~15:50")
    assert empty(kind, AFTERNOON, held, minute("20:00"), MONDAY.breaks) == ()


def test_an_empty_stretch_names_its_clauses() -> None:
    (break_,), (other,) = stretches("15:28~15:50"), stretches("14:00~14:10")
    assert empty_clauses(WANZHOU, break_, MONDAY.breaks) == ("assumed", "wanzhou:conduct:4.5")
    assert empty_clauses(WANZHOU, other, MONDAY.breaks) == ("assumed",)


def test_a_covering_b_counts_at_both_posts_while_the_cover_is_open() -> None:
    b = stretches("13:20~17:30")
    covered = while_covering(b, Cover("乙", minute("14:00"), minute("15:00")))
    assert covered == stretches("14:00~15:00")
    assert while_covering(b, Cover("乙", minute("14:00"), None)) == stretches("14:00~17:30")
    assert empty(WANZHOU, AFTERNOON, covered, minute("20:00")) == stretches("13:30~14:00 15:00~17:30")
    assert empty(WANZHOU, AFTERNOON, b, minute("20:00")) == (), "and at B's own"


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
