"""Rounds: their states at every bound, who may sign and confirm, what becomes of findings."""

from datetime import date, datetime, timedelta

import pytest

from config.policy import load_policy
from station.rules.calendar import state_council
from station.rules.patrol import (
    Check,
    Seen,
    follow_up,
    key_windows,
    may_confirm,
    may_sign,
    rectify_by,
    round_state,
    slot_opened_by,
    slots,
    unscheduled_missing,
)  # fmt: skip
from tests.rules.tables import instant

WANZHOU = load_policy("wanzhou")
TABLE = state_council()
MONDAY = date(2026, 3, 2)
MORNING, AFTERNOON = slots(WANZHOU, MONDAY, TABLE)
PLACES = ("一楼", "二楼")


def at(clock: str) -> datetime:
    return datetime.fromisoformat(instant("2026-03-02", clock))


@pytest.mark.zone
def test_rounds_stand_at_half_past_nine_and_twenty_to_two_on_working_days() -> None:
    assert (MORNING.id, AFTERNOON.id) == ("2026-03-02/0930", "2026-03-02/1340")
    assert MORNING.clauses == ("wanzhou:patrol:3",)
    assert slots(WANZHOU, date(2026, 3, 7), TABLE) == ()
    assert len(slots(WANZHOU, date(2026, 2, 14), TABLE)) == 2
    assert MORNING.minute == at("09:30").timestamp() // 60


@pytest.mark.zone
@pytest.mark.parametrize(
    ("clock", "slot"),
    [("09:24:59", None), ("09:25:00", "0930"), ("09:30", "0930"), ("10:29:59", "0930"), ("10:30", None),
     ("13:34:59", None), ("13:35", "1340"), ("14:39", "1340"), ("14:40", None)],
)  # fmt: skip
def test_a_press_opens_the_scheduled_round_or_an_unscheduled_one(clock: str, slot: str | None) -> None:
    found = slot_opened_by(WANZHOU, at(clock), (MORNING, AFTERNOON))
    assert (found.id if found else None) == (f"2026-03-02/{slot}" if slot else None)


@pytest.mark.zone
@pytest.mark.parametrize(
    ("first", "second", "now", "state", "begun"),
    [
        (None, None, "09:24:59", "not_yet", None),
        (None, None, "09:25", "open", None),
        (None, None, "09:44:59", "open", None),
        (None, None, "09:45", "alert", None),
        (None, None, "10:29:59", "alert", None),
        (None, None, "10:30", "missed", None),
        ("09:25", None, "09:26", "under_way", "on_time"),
        ("09:44:59", None, "09:50", "under_way", "on_time"),
        ("09:45", None, "09:50", "under_way", "late"),
        ("10:29", None, "10:29", "under_way", "late"),
        ("10:30", None, "10:40", "missed", None),
        ("09:30", None, "10:29:59", "under_way", "on_time"),
        ("09:30", None, "10:30", "incomplete", "on_time"),
        ("09:30", "09:50", "09:50", "done", "on_time"),
        ("09:30", "09:50", "09:49", "under_way", "on_time"),
        ("09:50", "10:10", "18:00", "done", "late"),
        ("09:50", "10:29:59", "18:00", "done", "late"),
        ("09:50", "10:30", "18:00", "incomplete", "late"),
    ],
)
def test_the_state_of_a_round(first: str | None, second: str | None, now: str, state: str, begun: str | None) -> None:
    checks = [Check(place, at(clock)) for place, clock in zip(PLACES, (first, second), strict=True) if clock]
    found = round_state(WANZHOU, MORNING, checks, PLACES, ("甲", "乙"), at(now))
    assert (found.state, found.begun) == (state, begun)
    assert "wanzhou:patrol:3" in found.clauses
    if state in ("incomplete", "under_way"):
        assert found.unvisited == PLACES[1:]


def test_any_order_will_do_and_a_place_twice_is_one() -> None:
    checks = [Check("二楼", at("09:31")), Check("二楼", at("09:32")), Check("一楼", at("09:40"))]
    assert round_state(WANZHOU, MORNING, checks, PLACES, ("甲", "乙"), at("09:41")).state == "done"


@pytest.mark.parametrize(("officers", "short"), [(("甲",), True), (("甲", "甲"), True), (("甲", "乙"), False)])
def test_a_team_is_two_distinct_officers(officers: tuple[str, ...], short: bool) -> None:
    found = round_state(WANZHOU, MORNING, [Check("一楼", at("09:30"))], PLACES, officers, at("09:31"))
    assert found.short_handed == short
    assert may_sign(WANZHOU, officers) == (not short)


def test_a_day_without_an_unscheduled_round_is_warned_of() -> None:
    assert [unscheduled_missing(WANZHOU, done) for done in (0, 1, 2)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("person", "roles", "may"),
    [("丙", ("supervision",), True), ("甲", ("supervision",), False), ("丙", ("patrol_officer",), False)],
)
def test_neither_of_the_officers_confirms_a_finding(person: str, roles: tuple[str, ...], may: bool) -> None:
    assert may_confirm(WANZHOU, person, roles, ("甲", "乙")) == may


@pytest.mark.parametrize(
    ("found", "due"),
    [("2026-03-02", "2026-03-03"), ("2026-03-06", "2026-03-09"), ("2026-02-13", "2026-02-14"),
     ("2026-09-30", "2026-10-08")],
)  # fmt: skip
def test_a_finding_is_to_be_put_right_by_the_next_working_day(found: str, due: str) -> None:
    assert rectify_by(WANZHOU, date.fromisoformat(found), TABLE) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("today", "rectified", "verified", "state"),
    [(3, False, False, "open"), (4, False, False, "overdue"), (9, True, False, "rectified"), (9, True, True, "closed"),
     (9, False, True, "overdue")],
)  # fmt: skip
def test_a_finding_lives_on_until_an_officer_has_verified_it(
    today: int, rectified: bool, verified: bool, state: str
) -> None:
    due = date(2026, 3, 3)
    assert follow_up(due, date(2026, 3, today), rectified=rectified, verified=verified) == state


@pytest.mark.parametrize(
    ("findings", "complaints", "proposed"),
    [((0, 1, 29), (), True), ((0, 1, 30), (), False), ((0, 1), (), False), ((), (29,), True), ((), (30,), False)],
)
def test_windows_with_findings_or_complaints_are_proposed_for_a_key_patrol(
    findings: tuple[int, ...], complaints: tuple[int, ...], proposed: bool
) -> None:
    def ago(days: tuple[int, ...]) -> tuple[date, ...]:
        return tuple(MONDAY - timedelta(days=each) for each in days)

    assert bool(key_windows(WANZHOU, [Seen("12", ago(findings), ago(complaints))], MONDAY)) == proposed
