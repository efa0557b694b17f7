"""Patrol: the state of a round is derived from its plan and its checks, never recorded; findings live on."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from config.policy import Policy
from station.rules.calendar import DayTable, working_days_after
from station.rules.hours import at, minute_of

State = Literal["not_yet", "open", "alert", "missed", "under_way", "incomplete", "done"]
Begun = Literal["on_time", "late"]
Follow = Literal["open", "overdue", "rectified", "closed"]


class Slot(NamedTuple):
    """A scheduled round of a day. `id`: date/time, the same for whoever opens it; `minute`: its time."""

    id: str
    name: str
    minute: int
    clauses: tuple[str, ...]


class Check(NamedTuple):
    """A check at a checkpoint."""

    checkpoint: str
    at: datetime


class RoundState(NamedTuple):
    """How a round stands. `unvisited`: checkpoints without a check; `clauses`: what its bounds follow from."""

    state: State
    begun: Begun | None
    unvisited: tuple[str, ...]
    short_handed: bool
    clauses: tuple[str, ...]


class Seen(NamedTuple):
    """What a window has on record: the days of its findings and of complaints upheld against it."""

    window: str
    findings: tuple[date, ...]
    complaints: tuple[date, ...]


def slots(policy: Policy, day: date, table: DayTable) -> tuple[Slot, ...]:
    """The scheduled rounds of `day`; none on days off."""
    if not table.is_workday(day, frozenset(policy.attendance.weekdays)):
        return ()
    zone = ZoneInfo(policy.zone)
    return tuple(
        Slot(f"{day.isoformat()}/{row.at // 60:02}{row.at % 60:02}", row.name, at(day, row.at, zone), row.source)
        for row in policy.patrol.rounds
    )


def slot_opened_by(policy: Policy, press: datetime, planned: Iterable[Slot]) -> Slot | None:
    """The scheduled round that a first check at `press` begins; None: it opens an unscheduled one."""
    minute, rules = minute_of(press), policy.patrol
    for slot in planned:
        if slot.minute - rules.early_minutes <= minute < slot.minute + rules.last_minutes:
            return slot
    return None


def round_state(policy: Policy, slot: Slot, checks: Iterable[Check], checkpoints: Sequence[str],
                officers: Collection[str], now: datetime) -> RoundState:  # fmt: skip
    """The state of a scheduled round at `now`. `checkpoints`: all that it must visit in time; any order will do."""
    rules, minute = policy.patrol, minute_of(now)
    counted = [check for check in checks if minute_of(check.at) <= minute]
    first = min((minute_of(check.at) for check in counted), default=None)
    if first is not None and first >= slot.minute + rules.last_minutes:
        counted, first = [], None
    visited = {check.checkpoint for check in counted if minute_of(check.at) < slot.minute + rules.last_minutes}
    unvisited = tuple(each for each in checkpoints if each not in visited)
    over = minute >= slot.minute + rules.last_minutes
    if first is None:
        return RoundState(_waiting(policy, slot, minute), None, unvisited, False, _bounds(policy, slot))
    begun: Begun = "on_time" if first < slot.minute + rules.on_time_minutes else "late"
    state: State = "done" if not unvisited else "incomplete" if over else "under_way"
    return RoundState(state, begun, unvisited, len(set(officers)) < rules.team, _bounds(policy, slot))


def _waiting(policy: Policy, slot: Slot, minute: int) -> State:
    rules = policy.patrol
    if minute < slot.minute - rules.early_minutes:
        return "not_yet"
    if minute < slot.minute + rules.on_time_minutes:
        return "open"
    return "alert" if minute < slot.minute + rules.last_minutes else "missed"


def _bounds(policy: Policy, slot: Slot) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*slot.clauses, *policy.patrol.clauses("on_time_minutes"))))


def unscheduled_missing(policy: Policy, done: int) -> int:
    """How many unscheduled rounds the day still lacks (wanzhou:attendance:1)."""
    return max(0, policy.patrol.unscheduled_a_day - done)


def answers_draw(policy: Policy, drawn: datetime, opened: datetime) -> bool:
    """Whether an unscheduled round that began at `opened` is the one drawn for `drawn`: within the bounds that hold
    for scheduled rounds."""
    rules = policy.patrol
    first, last = drawn - timedelta(minutes=rules.early_minutes), drawn + timedelta(minutes=rules.last_minutes)
    return first <= opened < last


def may_sign(policy: Policy, officers: Sequence[str]) -> bool:
    """Whether a team is whole: distinct officers, as many as the policy asks for."""
    return len(set(officers)) >= policy.patrol.team


def may_confirm(policy: Policy, person: str, roles: Collection[str], officers: Collection[str]) -> bool:
    """Whether this person may confirm or refuse a finding: has the role and is none of those who found it."""
    return policy.patrol.confirmed_by in roles and person not in officers


def rectify_by(policy: Policy, found: date, table: DayTable) -> date:
    """The last day on which a finding may be put right in time."""
    return working_days_after(found, policy.patrol.rectify_working_days, table)


def follow_up(due: date, today: date, *, rectified: bool, verified: bool) -> Follow:
    """How a finding stands: verified ones are closed, rectified ones wait for an officer, open ones fall overdue."""
    if verified and rectified:
        return "closed"
    if rectified:
        return "rectified"
    return "overdue" if today > due else "open"


def key_windows(policy: Policy, seen: Iterable[Seen], today: date) -> tuple[str, ...]:
    """Windows to be proposed for a key patrol: so many findings, or upheld complaints, in the last days."""
    rules = policy.patrol
    since = today - timedelta(days=rules.key_days)
    return tuple(
        each.window
        for each in seen
        if sum(since < day <= today for day in each.findings) >= rules.key_findings
        or sum(since < day <= today for day in each.complaints) >= rules.key_complaints
    )


class Timed(NamedTuple):
    """When a check counts as made. `doubted`: the phone's time could not be, so that of its arrival stands."""

    at: datetime
    doubted: bool


def time_of(opened: datetime, arrived: datetime, claimed: datetime | None) -> Timed:
    """A check filled in offline counts at the time that its phone claims, if the round was open then; else on arrival.

    `claimed`: the phone's time put right by its offset; None for a check that was sent as it was made.
    """
    if claimed is None:
        return Timed(arrived, doubted=False)
    return Timed(claimed, doubted=False) if opened <= claimed <= arrived else Timed(arrived, doubted=True)
