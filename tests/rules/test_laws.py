"""Laws that hold for every day, whatever is pressed: orders, duplicates, leave."""

import random
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from config.policy import load_policy
from station.rules.attendance import judge_person
from station.rules.calendar import state_council
from station.rules.given import Absence, Punch, Record
from station.rules.hours import days_of, law_of
from station.rules.verdict import Verdict

LAW = law_of(load_policy("wanzhou"))
DAYS = days_of(LAW, [date(2026, 3, 2)], state_council())
MIDNIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)
AS_OF = MIDNIGHT + timedelta(hours=40)
FAIR = settings(max_examples=150, derandomize=True, deadline=None)

seconds = st.integers(5 * 3600, 23 * 3600)
presses = st.lists(st.tuples(seconds, st.sampled_from((None, None, None, "in", "out"))), max_size=9)
spells = st.tuples(st.integers(8 * 60, 18 * 60), st.integers(1, 300))


def punches(pressed: list[tuple[int, str | None]]) -> tuple[Punch, ...]:
    return tuple(Punch(MIDNIGHT + timedelta(seconds=at), way) for at, way in pressed)  # type: ignore[arg-type]


def leave(name: str, spell: tuple[int, int]) -> Absence:
    start = MIDNIGHT + timedelta(minutes=spell[0])
    return Absence(name, "personal", start, start + timedelta(minutes=spell[1]))


def verdicts(record: Record) -> tuple[Verdict, ...]:
    return judge_person(record, DAYS, LAW, AS_OF).days[0].verdicts


def lost(verdict: Verdict) -> int:
    """Minutes a session costs, as far as verdicts with minutes can be compared."""
    return verdict.late + verdict.early


@FAIR
@given(presses, st.integers(0, 1000))
def test_the_order_of_punches_never_matters(pressed: list[tuple[int, str | None]], seed: int) -> None:
    mixed = list(pressed)
    random.Random(seed).shuffle(mixed)
    assert verdicts(Record("a", punches(pressed))) == verdicts(Record("a", punches(mixed)))


@FAIR
@given(presses, st.data())
def test_a_duplicate_changes_nothing(pressed: list[tuple[int, str | None]], data: st.DataObject) -> None:
    plain = judge_person(Record("a", punches(pressed)), DAYS, LAW, AS_OF)
    standing = [mark for judged in plain.days for each in judged.verdicts for mark in (each.came, each.left) if mark]
    if standing:
        again = data.draw(st.sampled_from(standing)).punch
        assert verdicts(Record("a", (*punches(pressed), again))) == plain.days[0].verdicts


@FAIR
@given(presses, spells)
def test_a_covered_session_is_leave_whatever_is_pressed(
    pressed: list[tuple[int, str | None]], spell: tuple[int, int]
) -> None:
    whole = leave("l", (9 * 60, 180))
    morning, _ = verdicts(Record("a", punches(pressed), (whole, leave("m", spell))))
    assert morning.verdict == "leave"
    assert (morning.late, morning.early) == (0, 0)


@FAIR
@given(presses, spells)
def test_more_leave_never_makes_an_absence(pressed: list[tuple[int, str | None]], spell: tuple[int, int]) -> None:
    before = verdicts(Record("a", punches(pressed)))
    after = verdicts(Record("a", punches(pressed), (leave("l", spell),)))
    assert [each.verdict for each in before].count("absent") >= [each.verdict for each in after].count("absent")
    for was, now in zip(before, after, strict=True):
        assert was.verdict == "absent" or now.verdict != "absent"


@FAIR
@given(presses, st.lists(spells, min_size=1, max_size=3))
def test_with_the_same_sides_more_leave_never_costs_more(
    pressed: list[tuple[int, str | None]], spelled: list[tuple[int, int]]
) -> None:
    record = punches(pressed)
    some = tuple(leave(f"l{index}", spell) for index, spell in enumerate(spelled[1:]))
    more = (*some, leave("more", spelled[0]))
    for was, now in zip(verdicts(Record("a", record, some)), verdicts(Record("a", record, more)), strict=True):
        if (was.came, was.left) == (now.came, now.left) and "leave" not in (was.verdict, now.verdict):
            assert lost(now) <= lost(was)


@FAIR
@given(presses)
def test_every_judged_session_names_a_clause(pressed: list[tuple[int, str | None]]) -> None:
    for verdict in verdicts(Record("a", punches(pressed))):
        assert verdict.clauses or verdict.verdict in ("present", "pending", "rest", "not_posted")


@FAIR
@given(presses, presses)
def test_another_day_changes_nothing(
    pressed: list[tuple[int, str | None]], others: list[tuple[int, str | None]]
) -> None:
    elsewhere = tuple(Punch(each.at + timedelta(days=2), each.direction) for each in punches(others))
    assert verdicts(Record("a", punches(pressed))) == verdicts(Record("a", punches(pressed) + elsewhere))
