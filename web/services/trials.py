"""Trying a policy before it is saved: a real month judged by it and by what is in force, and what differs for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from station.rules.attendance import Judged
from station.rules.month import Totals, totals_of
from web.ledger.people import PersonRow
from web.services import attendance, in_force
from web.services.in_force import InForce, Version


@dataclass(frozen=True, slots=True)
class Changed:
    """A person whose month would end otherwise."""

    person: PersonRow
    before: Totals
    after: Totals

    @property
    def days(self) -> Fraction:
        """By how many days of absence."""
        return absence(self.after) - absence(self.before)


@dataclass(frozen=True, slots=True)
class Trial:
    """A month tried. `days`: its closed days; `before`, `after`: everybody's totals, in the order of the people."""

    first: date
    days: int
    before: Sequence[Totals]
    after: Sequence[Totals]
    changed: Sequence[Changed]


def absence(totals: Totals) -> Fraction:
    """Days of absence, those from accumulation included."""
    return totals.absent_days + totals.accumulated_absent_days


def accumulated(totals: Sequence[Totals]) -> tuple[int, Fraction]:
    """How many people have days of absence by accumulation, and how many days in all."""
    days = [each.accumulated_absent_days for each in totals if each.accumulated_absent_days]
    return len(days), sum(days, Fraction(0))


def absent(totals: Sequence[Totals]) -> tuple[int, Fraction]:
    """How many people were absent, and how many days in all."""
    days = [each.absent_days for each in totals if each.absent_days]
    return len(days), sum(days, Fraction(0))


def run(
    session: Session, held: InForce, people: Sequence[PersonRow], candidate: Version, first: date, now: datetime
) -> Trial:
    """Judge the closed days of the month that begins on `first`, for everybody, both ways. Keeps nothing."""
    last = in_force.last_of(first)
    closed = attendance.closed_days(held, first, last, now)
    wanted = {person.id: closed for person in people} if closed else {}
    given = attendance.read_records(session, held, people, wanted) if wanted else {}
    before = _totals(held, people, wanted, given, held.of_month(first.year, first.month), now)
    after = _totals(held.under(candidate), people, wanted, given, candidate, now)
    changed = [
        Changed(person, was, will)
        for person, was, will in zip(people, before, after, strict=True)
        if _told(was) != _told(will)
    ]
    changed.sort(key=lambda each: -abs(each.days))
    return Trial(first, len(closed), before, after, changed)


def _totals(held: InForce, people: Sequence[PersonRow], wanted: attendance.Wanted, given: attendance.Records,
            version: Version, now: datetime) -> list[Totals]:  # fmt: skip
    days: dict[str, list[Judged]] = {person.id: [] for person in people}
    if wanted:
        for person, judged, _ in attendance.judged_from(held, people, wanted, given, now):
            days[person].append(judged)
    return [totals_of(days[person.id], version.policy) for person in people]


def _told(totals: Totals) -> tuple[object, ...]:
    """The totals that a policy can change; which clauses they follow from is no difference."""
    return totals[:9]
