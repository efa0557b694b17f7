"""How findings go on, as tables: what steps make of one, until when, and who may take the next."""

from datetime import date

import pytest

from config.policy import load_policy
from station.rules.calendar import state_council
from station.rules.following import Act, Following, Parties, Seen, follow, may_now

WANZHOU, TABLE = load_policy("wanzhou"), state_council()
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
ACCUSED, FAULT, REMINDER = Seen(MONDAY, True, True), Seen(MONDAY, False, True), Seen(MONDAY, False, False)

# What was found; the steps with their days; the day it is looked at; judged, mending, and the last day in time.
STATES: list[tuple[Seen, str, date, str, str, date | None]] = [
    (FAULT, "", MONDAY, "plain", "open", TUESDAY),
    (FAULT, "", TUESDAY, "plain", "open", TUESDAY),
    (FAULT, "", WEDNESDAY, "plain", "overdue", TUESDAY),
    (FAULT, "rectify", WEDNESDAY, "plain", "rectified", None),
    (FAULT, "rectify verify", WEDNESDAY, "plain", "closed", None),
    (FAULT, "rectify reopen", MONDAY, "plain", "open", TUESDAY),
    (FAULT, "rectify verify reopen", WEDNESDAY, "plain", "overdue", TUESDAY),
    (FAULT, "rectify reopen rectify", WEDNESDAY, "plain", "rectified", None),
    (FAULT, "refuse", WEDNESDAY, "refused", "dropped", None),
    (FAULT, "refuse withdraw", MONDAY, "plain", "open", TUESDAY),
    (REMINDER, "", WEDNESDAY, "plain", "noted", None),
    (REMINDER, "assign", MONDAY, "plain", "open", TUESDAY),
    (ACCUSED, "", MONDAY, "open", "open", TUESDAY),
    (ACCUSED, "answer", MONDAY, "open", "open", TUESDAY),
    (ACCUSED, "answer confirm", MONDAY, "confirmed", "open", TUESDAY),
    (ACCUSED, "confirm rectify verify", WEDNESDAY, "confirmed", "closed", None),
    (ACCUSED, "rectify verify", WEDNESDAY, "open", "closed", None),
    (ACCUSED, "refuse", WEDNESDAY, "refused", "dropped", None),
    (ACCUSED, "confirm withdraw", MONDAY, "open", "open", TUESDAY),
    (ACCUSED, "confirm withdraw refuse", MONDAY, "refused", "dropped", None),
]


def acts(steps: str, day: date = MONDAY) -> list[Act]:
    """Steps by name, each taken by whoever usually does."""
    return [Act(step, f"who-{step}", day, "helper" if step == "assign" else "") for step in steps.split()]  # type: ignore[arg-type]


@pytest.mark.parametrize(("seen", "steps", "today", "judged", "mending", "due"), STATES)
def test_what_its_steps_make_of_a_finding(
    seen: Seen, steps: str, today: date, judged: str, mending: str, due: date | None
) -> None:
    stands = follow(WANZHOU, seen, acts(steps), TABLE, today)
    assert (stands.judged, stands.mending, stands.due) == (judged, mending, due)


DUE = [
    (date(2026, 3, 6), date(2026, 3, 9), "a Friday's by Monday"),
    (date(2026, 2, 13), date(2026, 2, 14), "the Saturday before Spring Festival is worked"),
    (date(2026, 2, 14), date(2026, 2, 24), "over Spring Festival"),
    (date(2026, 3, 7), date(2026, 3, 9), "found on a day off"),
]


@pytest.mark.parametrize(("found", "due", "why"), DUE)
def test_a_working_day_is_left_to_put_it_right(found: date, due: date, why: str) -> None:
    assert follow(WANZHOU, Seen(found, False, True), (), TABLE, found).due == due, why


def test_taken_up_again_it_has_a_working_day_from_then_on() -> None:
    again = [*acts("rectify"), Act("reopen", "officer", date(2026, 3, 6))]
    assert follow(WANZHOU, FAULT, again, TABLE, date(2026, 3, 9)) == Following("plain", "open", date(2026, 3, 9))


PARTIES = Parties("liu", frozenset(("chen", "zhou")), frozenset(("head",)), frozenset(("clerk",)))
# Who, their roles, the steps so far, what they may do next.
WHO: list[tuple[str, str, str, str]] = [
    ("liu", "staff", "", "answer"),
    ("liu", "staff", "confirm", ""),
    ("clerk", "attendance_clerk", "", "answer"),
    ("other_clerk", "attendance_clerk", "", ""),
    ("sun", "supervision", "", "confirm refuse assign report"),
    ("sun", "supervision", "confirm", "withdraw assign report refer"),
    ("sun", "supervision", "refuse", "withdraw"),
    ("chen", "supervision patrol_officer", "", "assign report"),
    ("liu", "supervision", "", "answer"),
    ("duty", "duty_leader", "", "assign"),
    ("head", "window_head", "", "assign rectify"),
    ("other_head", "window_head", "", ""),
    ("helper", "staff", "assign", "rectify"),
    ("helper", "staff patrol_officer", "assign rectify", "report"),
    ("chen", "patrol_officer", "", "report"),
    ("chen", "patrol_officer", "rectify", "verify reopen report"),
    ("who-rectify", "patrol_officer", "rectify", "report"),
    ("chen", "patrol_officer", "rectify verify", "reopen report"),
    ("liu", "patrol_officer", "rectify", "answer"),
    ("boss", "office_leader", "", ""),
    ("boss", "office_leader", "report", "hear"),
    ("boss", "office_leader", "report hear", ""),
    ("root", "admin", "rectify", ""),
]


@pytest.mark.parametrize(("person", "roles", "steps", "may"), WHO)
def test_who_may_take_which_step(person: str, roles: str, steps: str, may: str) -> None:
    stands = follow(WANZHOU, ACCUSED, acts(steps), TABLE, MONDAY)
    assert set(map(str, may_now(WANZHOU, person, roles.split(), PARTIES, stands))) == set(may.split())
