"""Who holds which role on a day, for a person's window and unit: the heads of the one, the clerks of the other."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.policy_parts import Role
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import WindowRow
from web.services import duty_days, roles
from web.services.duty_days import DutyDay

Held = dict[Role, set[str]]  # who holds each
PLAIN = "staff"  # everybody's, which decides nothing
OF_UNIT = frozenset(("attendance_clerk", "unit_leader", "chief_rep"))


@dataclass(frozen=True)
class Holding:
    """Everybody's roles of a day, read once. `windows`: number → the ids of the windows with a head that bear it."""

    held: list[tuple[RoleRow, str]]  # with the unit of who holds it
    windows: dict[str, set[str]]
    names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _by_reach(self) -> dict[str, Held]:
        """The same by whom it concerns: a window, a unit, or "" for the whole hall."""
        found: dict[str, Held] = {}
        for row, unit in self.held:
            reach = (
                f"window {row.scope}" if row.role == "window_head" else f"unit {unit}" if row.role in OF_UNIT else ""
            )
            found.setdefault(reach, {}).setdefault(row.role, set()).add(row.person)  # type: ignore[arg-type]  # a Role
        return found

    def of(self, person: PersonRow) -> Held:
        """Role → who holds it for this person."""
        found: Held = {}
        for reach in ("", f"unit {person.unit}", *(f"window {each}" for each in self.windows.get(person.window, ()))):
            for role, people in self._by_reach.get(reach, {}).items():
                found[role] = found[role] | people if role in found else people
        return found

    def acting(self, person: str, held_roles: frozenset[str]) -> frozenset[str]:
        """Of the roles that somebody holds, those in which they decide: see `acting`."""
        leads = any(row.person == person and row.role == duty_days.ROLE for row, _ in self.held)
        return _leading(held_roles, leads=leads)

    def windows_of(self, person: str) -> set[str]:
        """The windows whose head this person is."""
        return {row.scope for row, _ in self.held if row.person == person and row.role == "window_head" and row.scope}


def on(session: Session, day: date, at: datetime | None = None) -> Holding:
    """The roles of a day that mean more than being there; duty leader is whom the roster names, or their stand-in.

    Without an instant, whoever leads any part of the day; where the roster has no word, all who hold the role. Two
    statements.
    """
    query = (
        select(RoleRow, PersonRow.unit, PersonRow.name, WindowRow.number)
        .join(PersonRow, PersonRow.id == RoleRow.person)
        .outerjoin(WindowRow, (WindowRow.id == RoleRow.scope) & WindowRow.closed.is_(None))
        .where(RoleRow.role != PLAIN)
    )
    rows = [each for each in session.execute(query) if roles.in_force([each[0]], day)]
    windows: dict[str, set[str]] = {}
    for row, _unit, _name, number in rows:
        if number is not None and row.scope:
            windows.setdefault(number, set()).add(row.scope)
    held = _by_roster(duty_days.on(session, day), [(row, unit) for row, unit, *_ in rows], at)
    return Holding(held, windows, {row.person: name for row, _, name, _ in rows})


def acting(session: Session, person: str, held_roles: frozenset[str], now: datetime, zone: ZoneInfo) -> frozenset[str]:
    """Of the roles that somebody holds today, those in which they decide at this instant (RULES 3.6, 6).

    Duty leader is whom the roster names, or who stands in; whoever holds the role beside them decides nothing by it
    on another's day. Where the roster names nobody able, all who hold the role. Two statements, for those alone whom
    it may concern.
    """
    if held_roles.isdisjoint(duty_days.STAND_IN):
        return held_roles
    day = now.astimezone(zone).date()
    named = {duty_days.on(session, day).at(now)} - {None}
    if not named:
        return held_roles
    rows = session.execute(select(RoleRow).where(RoleRow.person.in_(named))).scalars()
    able = _able(roles.in_force(rows, day), named)
    return _leading(held_roles, leads=person in able) if able else held_roles


def _leading(held_roles: frozenset[str], *, leads: bool) -> frozenset[str]:
    return held_roles | {duty_days.ROLE} if leads else held_roles - {duty_days.ROLE}


def _able(held: Iterable[RoleRow], named: Collection[str | None]) -> set[str]:
    """Who of those named on the roster holds a role on the day that lets them lead it."""
    return {row.person for row in held if row.person in named and row.role in duty_days.STAND_IN}


def _by_roster(duty: DutyDay, held: list[tuple[RoleRow, str]], at: datetime | None) -> list[tuple[RoleRow, str]]:
    """The same roles, with the duty leader of the roster alone; all who hold the role where it names nobody able."""
    named = duty.everybody() if at is None else {duty.at(at)}
    leaders = _able((row for row, _ in held), named)
    able = {row.person: unit for row, unit in held if row.person in leaders}
    if not able:
        return held
    others = [(row, unit) for row, unit in held if row.role != duty_days.ROLE]
    return [*others, *((RoleRow(person=person, role=duty_days.ROLE), unit) for person, unit in able.items())]
