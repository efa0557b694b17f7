"""A day of duty as it is looked at: who leads it, its log, the closing check, and its handover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from station.rules.duty import DayKind, kind_of
from web.ledger.duty import DutyCheckRow
from web.services import duty_closing, duty_days, duty_log, duty_planning, people, roles
from web.services.duty_closing import Handover
from web.services.duty_days import DutyDay
from web.services.duty_log import Entry
from web.services.duty_planning import Able
from web.services.in_force import InForce


@dataclass(frozen=True)
class Desk:
    """A day. `log`: its own entries; `open`: those of the days before; `floors`: each with its newest check, if any.

    `passed`: its handover; `received`: those that nobody accepted yet; `next`: to whose day it is handed over.
    """

    day: date
    today: date
    kind: DayKind
    duty: DutyDay
    log: Sequence[Entry]
    open: Sequence[Entry]
    floors: Sequence[tuple[int | None, DutyCheckRow | None]]
    passed: Handover | None
    received: Sequence[Handover]
    next: date
    next_leader: str | None
    able: Able
    names: dict[str, str]

    def writes(self, person: str) -> bool:
        """Whether somebody may write into the day."""
        return duty_planning.may_write(self.duty, self.day, person, self.able)

    def leads(self, person: str) -> bool:
        """Whether somebody leads the day, or holds the role where nobody able is named."""
        return person in self.able.leading(self.duty)

    def others(self, role: str = "") -> list[tuple[str, str]]:
        """Who may stand in, or with a role lead the day: id and name, but for whom the roster names."""
        found = [
            (person, self.able.people[person].name)
            for person, rows in self.able.held.items()
            if person != self.duty.leader
            and any(not role or row.role == role for row in roles.in_force(rows, self.day))
        ]
        return sorted(found, key=lambda each: each[1])

    def unchecked(self) -> int:
        """How many floors nobody looked over."""
        return sum(row is None for _, row in self.floors)


def look(session: Session, held: InForce, day: date, now: datetime) -> Desk:
    """A day with all that belongs to it. Nine statements."""
    today = now.astimezone(held.zone).date()
    there = duty_days.between(session, day, day + duty_closing.AHEAD)
    duty = there.pop(day, DutyDay(day))
    entries = duty_log.rows_between(session, day - duty_log.OPEN_FOR, day)
    handed = duty_closing.rows_between(session, day - duty_closing.OPEN_FOR, day)
    acts = duty_days.acts_on(session, [*(row.id for row in entries), *(row.id for row in handed)])
    log = duty_log.of(entries, acts, held)
    passes = duty_closing.of(handed, acts)
    checked = duty_closing.checks(session, day, day).get(day, {})
    shown = [entry for entry in log if entry.row.day == day or entry.is_open()]
    to_day = duty_closing.next_day(held, day, there)
    ids = {row.by for row in checked.values()} | {row.by for row in handed} | {entry.row.by for entry in shown}
    ids |= {act.by for entry in shown for act in entry.acts} | {each.act.by for each in passes if each.act}
    ids |= {each for row in (duty.row, *duty.stretches) if row for each in (row.person, row.by) if each}
    next_leader = there[to_day].leader if to_day in there else None
    return Desk(
        day, today, kind_of(day, held.table), duty,
        [entry for entry in shown if entry.row.day == day],
        [entry for entry in shown if entry.row.day != day],
        [(floor, checked.get(floor)) for floor in duty_closing.floors(session, held, day)],
        next((each for each in passes if each.row.day == day), None),
        [each for each in duty_closing.not_accepted(passes) if each.row.day != day and each.row.to_day <= day],
        to_day, next_leader, duty_planning.able(session, held, day, day),
        people.names_of(session, ids | ({next_leader} if next_leader else set())),
    )  # fmt: skip
