"""Leave: lengths, chains, deciders, papers, permissions, returns and overruns."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from config.policy import load_policy
from config.policy_attendance import Step
from station.rules.calendar import dates, state_council
from station.rules.given import Absence, Punch
from station.rules.hours import Day, days_of, law_of
from station.rules.leave import (
    Decision,
    deciders,
    early_return,
    filed_after,
    length,
    overrun,
    papers,
    permission_fault,
    returned,
    route,
    standing,
    to_record,
)  # fmt: skip
from tests.rules.tables import Row, instant, rows

ROUTES = rows("leave_routes.toml", "route")
DECIDERS = rows("leave_routes.toml", "decider")
LENGTHS = rows("leave_routes.toml", "length")


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(instant(day, clock))


def days(first: str, last: str, policy: str = "wanzhou") -> tuple[Day, ...]:
    span = dates(date.fromisoformat(first), date.fromisoformat(last))
    return days_of(law_of(load_policy(policy)), span, state_council())


def said(step: Step) -> str:
    return ("record " if step.act == "record" else "") + " ".join(step.roles)


@pytest.mark.parametrize("row", [row for _, row in ROUTES], ids=[name for name, _ in ROUTES])
def test_who_decides_a_leave(row: Row) -> None:
    found = route(
        load_policy(row["policy"]),
        row["kind"],
        Fraction(row["days"]),
        group=row.get("group", "window"),
        window_has_head=row.get("head", True),
    )
    assert [said(step) for step in found.steps] == row["steps"]
    assert list(found.clauses) == row["clause"]


@pytest.mark.parametrize("row", [row for _, row in DECIDERS], ids=[name for name, _ in DECIDERS])
def test_nobody_decides_their_own_leave(row: Row) -> None:
    step = Step(roles=tuple(row["step"].split("|")))
    found = deciders(load_policy(row["policy"]), step, row["asker"], row["holders"])
    assert sorted(found.people) == sorted(row["people"])
    assert row["asker"] not in found.people
    assert found.moved_up == row.get("moved", False)
    assert bool(found.clauses) == found.moved_up


@pytest.mark.zone
@pytest.mark.parametrize("row", [row for _, row in LENGTHS], ids=[name for name, _ in LENGTHS])
def test_the_length_of_a_leave_is_exact(row: Row) -> None:
    start, end = (at(day, clock) for day, clock in (part.split("T") for part in row["spell"].split("~")))
    span = days(row["spell"][:10], row["spell"].split("~")[1][:10], row["policy"])
    assert length(span, start, end) == Fraction(row["days"])


def decided(*pairs: tuple[int, bool]) -> Sequence[Decision]:
    return [Decision(step, "某人", approved) for step, approved in pairs]


def test_steps_are_decided_in_order_and_records_do_not_block() -> None:
    steps = route(load_policy("wanzhou"), "sick", Fraction(1)).steps
    assert to_record(steps) == ("supervision",)
    assert standing(steps, ()) == ("pending", 0)
    assert standing(steps, decided((0, True))) == ("approved", None)
    assert standing(steps, decided((0, False))) == ("refused", None)


def test_a_long_leave_needs_every_step() -> None:
    steps = route(load_policy("wanzhou"), "sick", Fraction(2)).steps
    assert standing(steps, decided((0, True))) == ("pending", 1)
    assert standing(steps, decided((0, True), (1, True))) == ("pending", 2)
    assert standing(steps, decided((0, True), (1, False))) == ("refused", None)
    assert standing(steps, decided((0, True), (1, True), (2, True))) == ("approved", None)


def test_papers_by_pack() -> None:
    assert papers(load_policy("taigu"), "business") == (("sealed_slip", ("taigu:attendance:2",)),)
    assert papers(load_policy("taigu"), "sick") == ()
    assert papers(load_policy("wanzhou"), "sick") == (("application_form", ("wanzhou:attendance:4",)),)


@pytest.mark.parametrize(
    ("kind", "end", "fits"),
    [("late_arrival", "12:00", True), ("late_arrival", "13:30", True), ("late_arrival", "13:31", False),
     ("early_departure", "17:30", False), ("personal", "17:30", True)],
)  # fmt: skip
def test_a_permission_is_one_session_at_most(kind: str, end: str, fits: bool) -> None:
    fault = permission_fault(
        load_policy("wanzhou"), kind, days("2026-03-02", "2026-03-02"), at("2026-03-02", "09:00"), at("2026-03-02", end)
    )
    assert (fault is None) == fits


LEAVE = Absence("l", "sick", at("2026-03-02", "09:00"), at("2026-03-03", "12:00"))


def test_a_press_inside_a_leave_offers_an_early_return() -> None:
    inside, after = at("2026-03-03", "08:50"), at("2026-03-03", "12:00")
    assert early_return(LEAVE, Punch(inside)) == inside
    assert early_return(LEAVE, Punch(after)) is None
    assert early_return(LEAVE._replace(status="pending"), Punch(inside)) is None


def test_the_first_press_after_a_leave_reports_the_return() -> None:
    presses = [Punch(at("2026-03-04", "08:50")), Punch(at("2026-03-03", "13:20")), Punch(at("2026-03-03", "08:50"))]
    assert returned(LEAVE, presses) == at("2026-03-03", "13:20")
    assert returned(LEAVE, presses[2:]) is None


@pytest.mark.parametrize(
    ("back", "as_of", "late"),
    [("13:20", "33:00", "0"), (None, "12:30", "0"), (None, "17:29", "0"), (None, "17:30", "1/2"),
     (None, "41:30", "3/2"), ("32:50", "41:30", "1/2")],
)  # fmt: skip
def test_an_overrun_counts_the_working_time_since(back: str | None, as_of: str, late: str) -> None:
    presses = [Punch(at("2026-03-03", back))] if back else []
    found = overrun(LEAVE, presses, days("2026-03-02", "2026-03-06"), at("2026-03-03", as_of))
    assert found.days == Fraction(late)


def test_time_on_another_approved_leave_is_no_overrun() -> None:
    """The leave ends on Tuesday at noon; until Wednesday's close three sessions pass."""
    week, now = days("2026-03-02", "2026-03-06"), at("2026-03-03", "41:30")
    other = Absence("b", "sick", at("2026-03-03", "32:00"), at("2026-03-03", "42:00"))
    assert overrun(LEAVE, (), week, now, (other,)).days == Fraction(1, 2)
    assert overrun(LEAVE, (), week, now, (other._replace(status="pending"),)).days == Fraction(3, 2)


def test_filing_after_the_fact_is_seen() -> None:
    assert filed_after(LEAVE.start, LEAVE.start)
    assert not filed_after(LEAVE.start, LEAVE.start - timedelta(minutes=1))
