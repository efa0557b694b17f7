"""A month of duty as it is looked at: each day with its leader and what stands against it, what is open around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from station.rules.calendar import dates
from station.rules.duty import DayKind, kind_of
from station.rules.leave import PERMISSIONS
from web.services import duty_closing, duty_days, duty_log, duty_swaps, leave_lists, people
from web.services.duty_closing import Handover
from web.services.duty_days import DutyDay
from web.services.duty_log import Entry
from web.services.duty_swaps import Swap
from web.services.in_force import InForce, last_of

MINE_AHEAD = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the roster. `away`: whoever leads it is on approved leave."""

    day: date
    kind: DayKind
    duty: DutyDay
    away: bool


@dataclass(frozen=True)
class Month:
    """The month's days; from today on, those that one person leads; swaps, handovers and urgent matters still open.

    `unhanded`: days past that somebody led and nobody handed over, the last first.
    """

    days: Sequence[MonthDay]
    mine: Sequence[MonthDay]
    swaps: Sequence[Swap]
    handovers: Sequence[Handover]
    unhanded: Sequence[DutyDay]
    urgent: Sequence[Entry]
    names: dict[str, str]

    def gaps(self, today: date) -> list[MonthDay]:
        """Days to come without a leader who can be there: working days without one, and those who are on leave."""
        rostered = any(each.duty.leader for each in self.days)
        bare = (each for each in self.days if rostered and each.kind == "working" and each.duty.leader is None)
        return sorted((each for each in (*bare, *self._away()) if each.day >= today), key=lambda each: each.day)

    def _away(self) -> list[MonthDay]:
        return [each for each in self.days if each.away]


def month(session: Session, held: InForce, first: date, person: str, now: datetime) -> Month:
    """The month of `first` as somebody looks at it. Seven statements."""
    today, last = now.astimezone(held.zone).date(), last_of(first)
    since, until = min(first, today), max(last, today + MINE_AHEAD)
    there = duty_days.between(session, min(since, today - duty_closing.OPEN_FOR), until)
    start, end = (datetime.combine(day, time(), held.zone) for day in (since, until + timedelta(days=1)))
    away = [row for row in leave_lists.approved_between(session, start, end) if row.kind not in PERMISSIONS]

    def look(day: date) -> MonthDay:
        opens = datetime.combine(day, time(), held.zone)
        duty, closes = there.get(day, DutyDay(day)), opens + timedelta(days=1)
        gone = any(row.person == duty.leader and row.start < closes and row.ends > opens for row in away)
        return MonthDay(day, kind_of(day, held.table), duty, gone)

    swaps = duty_swaps.rows_between(session, min(first, today), until)
    passed = duty_closing.rows_between(session, today - duty_closing.OPEN_FOR, today)
    handed = {row.day for row in passed}
    unhanded = [duty for day, duty in there.items() if day < today and duty.leader and day not in handed]
    urgent = duty_log.rows_between(session, today - duty_log.OPEN_FOR, today, urgent=True)
    acts = duty_days.acts_on(
        session, [*(row.id for row in swaps), *(row.id for row in passed), *(row.id for row in urgent)]
    )
    named = {each for duty in there.values() for each in duty.everybody()}
    named |= (
        {each for row in swaps for each in (row.person, row.other)}
        | {row.by for row in passed}
        | {row.by for row in urgent}
    )
    return Month(
        [look(day) for day in dates(first, last)],
        [look(day) for day, duty in sorted(there.items()) if day >= today and duty.leader == person],
        duty_swaps.of(swaps, acts),
        duty_closing.not_accepted(duty_closing.of(passed, acts)),
        sorted((each for each in unhanded if each.day >= today - duty_closing.OPEN_FOR), key=_day_of, reverse=True),
        [entry for entry in duty_log.of(urgent, acts, held) if entry.act("seen") is None],
        people.names_of(session, named),
    )


def _day_of(duty: DutyDay) -> date:
    return duty.day
