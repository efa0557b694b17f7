"""Leave: its length, who decides it, what papers it needs, how it ends. Chains are data of the policy."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from config.policy import Policy
from config.policy_attendance import Chain, Step
from config.policy_parts import ASSUMED, Role
from config.words import say
from station.rules.given import Absence, Punch
from station.rules.hours import Day, minute_of

PERMISSIONS = frozenset(("late_arrival", "early_departure"))
Holders = Mapping[Role, Collection[str]]


class Route(NamedTuple):
    """The steps that a leave goes through, and the clauses that say so."""

    steps: tuple[Step, ...]
    clauses: tuple[str, ...]


class Deciders(NamedTuple):
    """Who may decide a step. `roles`: by which role; `moved_up`: a role passed it on, by `clauses`."""

    people: frozenset[str]
    roles: tuple[Role, ...]
    moved_up: bool
    clauses: tuple[str, ...]


class Decision(NamedTuple):
    """A step decided: its place in the route, by whom, and how."""

    step: int
    person: str
    approved: bool


class Standing(NamedTuple):
    """How far a leave has come. `step`: the place of the step to be decided next, None when there is none."""

    status: Literal["pending", "approved", "refused"]
    step: int | None


class Overrun(NamedTuple):
    """A leave that is over without a return: whole sessions since, in exact days; the minute the first began."""

    days: Fraction
    since: int | None


def length(days: Iterable[Day], start: datetime, end: datetime) -> Fraction:
    """Days of leave over working days: each session counts by its share of approved minutes, 1/n of the day."""
    begins, ends = minute_of(start), minute_of(end)
    total = Fraction(0)
    for day in days:
        for span in day.spans if day.worked else ():
            minutes = max(0, min(ends, span.end) - max(begins, span.start))
            total += Fraction(minutes, (span.end - span.start) * len(day.spans))
    return total


def route(policy: Policy, kind: str, days: Fraction, *, group: str = "window", window_has_head: bool = True) -> Route:
    """The chain that decides a leave of this kind and length for a member of this staff group.

    Steps "if the window has one" fall away where the window has no head. The last resort is supervision, assumed.
    """
    for chain in policy.leave.chains:
        if _matches(chain, kind, days, group):
            steps = tuple(step for step in chain.steps if window_has_head or not step.if_any)
            return Route(steps, chain.source)
    return Route((Step(roles=("supervision",)),), (ASSUMED,))


def _matches(chain: Chain, kind: str, days: Fraction, group: str) -> bool:
    return (
        (not chain.kinds or kind in chain.kinds)
        and (not chain.groups or group in chain.groups)
        and (chain.at_least is None or days >= Fraction(chain.at_least))
        and (chain.over is None or days > Fraction(chain.over))
        and (chain.under is None or days < Fraction(chain.under))
        and (chain.up_to is None or days <= Fraction(chain.up_to))
    )


def deciders(policy: Policy, step: Step, asker: str, holders: Holders) -> Deciders:
    """Who may decide `step` today. `holders`: who has each role on this day, for the asker's window and unit.

    Nobody decides their own leave: where a role has no other holder it goes to the next role up.
    """
    people: set[str] = set()
    roles: list[Role] = []
    moved = False
    for role in step.roles:
        found, by, up = _above(policy, role, asker, holders)
        people |= found
        roles += [each for each in by if each not in roles]
        moved = moved or up
    return Deciders(frozenset(people), tuple(roles), moved, policy.leave.clauses("next_up") if moved else ())


def extenders(policy: Policy, steps: Sequence[Step], asker: str, holders: Holders) -> Deciders:
    """Who may give a leave more time. `steps`: the route of the leave at its new length; its last decision counts.

    Supervision may in any case: it records the good reason of a leave overrun (wanzhou:attendance:5).
    """
    last: tuple[Role, ...] = next((step.roles for step in reversed(steps) if step.act == "decide"), ())
    return deciders(policy, Step(roles=tuple(dict.fromkeys((*last, "supervision")))), asker, holders)


def _above(policy: Policy, role: Role, asker: str, holders: Holders) -> tuple[set[str], list[Role], bool]:
    """Holders of `role` other than the asker, or of the nearest role above that has one."""
    level: list[Role] = [role]
    seen: set[Role] = set()
    while level:
        found = {person for each in level for person in holders.get(each, ()) if person != asker}
        if found:
            return found, level, role not in level
        seen.update(level)
        level = [up for each in level for up in policy.leave.next_up.get(each, ()) if up not in seen]
    return set(), [role], False


def standing(steps: Sequence[Step], decisions: Iterable[Decision]) -> Standing:
    """Where a leave stands after these decisions. A step that only records informs and does not block."""
    by_step = {decision.step: decision.approved for decision in decisions}
    for index, step in enumerate(steps):
        if step.act == "record":
            continue
        if index not in by_step:
            return Standing("pending", index)
        if not by_step[index]:
            return Standing("refused", None)
    return Standing("approved", None)


def to_record(steps: Sequence[Step]) -> tuple[Role, ...]:
    """The roles that are only told of the leave."""
    return tuple(role for step in steps if step.act == "record" for role in step.roles)


def papers(policy: Policy, kind: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The papers that a leave of this kind needs, each with its clauses."""
    return tuple((row.name, row.source) for row in policy.leave.papers if not row.kinds or kind in row.kinds)


def permission_fault(policy: Policy, kind: str, days: Iterable[Day], start: datetime, end: datetime) -> str | None:
    """Why a permission to come late or leave early cannot be this long; None when it can, or is a leave."""
    if kind not in PERMISSIONS:
        return None
    begins, ends = minute_of(start), minute_of(end)
    touched = sum(span.start < ends and span.end > begins for day in days if day.worked for span in day.spans)
    if touched <= policy.leave.permission_sessions:
        return None
    return say("推迟到岗、提前离岗最多 {count} 个时段，更长的要请假", count=policy.leave.permission_sessions)


def filed_after(start: datetime, filed: datetime) -> bool:
    """Whether the leave was asked for after it had begun (made good later, taigu:attendance:3)."""
    return filed >= start


def early_return(absence: Absence, press: Punch) -> datetime | None:
    """Where a press inside an approved leave would cut it, if the person says they are back; None outside it."""
    inside = absence.status == "approved" and absence.start < press.at < absence.end
    return press.at if inside else None


def returned(absence: Absence, punches: Iterable[Punch]) -> datetime | None:
    """When the person reported back: the first press from the end of the leave on (wanzhou:attendance:4)."""
    return min((punch.at for punch in punches if punch.at >= absence.end), default=None)


def overrun(absence: Absence, punches: Iterable[Punch], days: Iterable[Day], as_of: datetime,
            others: Iterable[Absence] = ()) -> Overrun:  # fmt: skip
    """Working time that has passed since the leave ended without a return; nothing when there is none.

    `others`: further absences of the same person; sessions within an approved one are not missed.
    """
    back = returned(absence, punches)
    stop = as_of if back is None else min(back, as_of)
    if stop <= absence.end:
        return Overrun(Fraction(0), None)
    begins, ends = minute_of(absence.end), minute_of(stop)
    free = [(minute_of(each.start), minute_of(each.end)) for each in others if each.status == "approved"]
    missed = [
        (span.start, Fraction(1, len(day.spans)))
        for day in days
        for span in day.spans
        if day.worked
        and begins <= span.start
        and span.end <= ends
        and not any(since <= span.start and span.end <= until for since, until in free)
    ]
    return Overrun(sum((share for _, share in missed), Fraction(0)), missed[0][0] if missed else None)
