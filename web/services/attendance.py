"""Attendance at the hub: closed days from the cache, judged anew where it lacks them or something changed.

A day is closed once nothing of it can be pending any longer. A closed day is kept until intake marks it stale or what
it was judged by changes (policy version, kind of day, staff group, posting); what is open is never kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, cast, delete, null, select, union_all
from sqlalchemy.orm import Session

from config.policy_parts import GroupName
from station.rules.attendance import Judged, judge_person
from station.rules.calendar import dates
from station.rules.excuse import posted
from station.rules.given import Posting, Record
from station.rules.hours import local_day, minute_of, moment
from station.rules.month import Totals, totals_of
from web.ledger.engine import put_rows
from web.ledger.facts import PunchRow, StaleRow
from web.ledger.people import PersonRow
from web.ledger.verdicts import VerdictRow
from web.services import in_force, policies, postings, records
from web.services.hub import Hub
from web.services.in_force import UNWRITTEN, InForce, group_of
from web.services.keeping import basis_of, packed, unpacked
from web.services.records import SOURCES, Source

Wanted = dict[str, list[date]]
Records = Mapping[str, Record]
Kept = dict[tuple[str, date], tuple[str, str]]
Stays = Mapping[str, Posting]


@dataclass(frozen=True)
class Book:
    """Closed days of people, judged. `lacking`: those that the cache could not give and that are not judged yet.

    `stays`: everybody's posting as it counts.
    """

    held: InForce
    people: Sequence[PersonRow]
    first: date
    last: date
    stays: Stays
    days: dict[str, list[Judged]] = field(default_factory=dict)
    lacking: Wanted = field(default_factory=dict)

    def totals(self, person: str) -> Totals:
        """The totals of a person's days, by the version in force at the end of the last day's month."""
        return totals_of(self.days.get(person, ()), self.held.of_month(self.last.year, self.last.month).policy)


def today_of(held: InForce, now: datetime) -> date:
    """The hall's running day."""
    return local_day(now, held.law(now.astimezone(held.zone).date(), "window"))


def is_closed(held: InForce, day: date, now: datetime) -> bool:
    """Whether nothing about `day` can be pending any longer, for any staff group."""
    return all(_closes(held, day, group) <= minute_of(now) for group in in_force.GROUPS)


def closed_days(held: InForce, first: date, last: date, now: datetime) -> list[date]:
    """The closed days of a stretch of days."""
    near = min(last, today_of(held, now))
    return [day for day in dates(first, near) if is_closed(held, day, now)]


def look(session: Session, held: InForce, people: Sequence[PersonRow], first: date, last: date, now: datetime) -> Book:
    """What the cache has of these people's closed days, and which of them it lacks. One statement."""
    kept, firsts = _kept(session, held, people, first, last)
    book = Book(held, people, first, last, postings.postings(held, people, firsts))
    closed = closed_days(held, first, last, now)
    ruled = {group: [(each, held.day(each, group), held.on(each).row) for each in closed] for group in in_force.GROUPS}
    for person in people:
        group, stay = group_of(person.group), posted(book.stays[person.id])
        found = book.days.setdefault(person.id, [])
        for each, day, version in ruled[group]:
            basis, text = kept.get((person.id, each), ("", ""))
            if basis == basis_of(version, day, group, stay):
                found.append(unpacked(text, day))
            else:
                book.lacking.setdefault(person.id, []).append(each)
    return book


def settle(session: Session, hub: Hub, book: Book, now: datetime, sources: Sequence[Source] = SOURCES) -> Book:
    """The book with what it lacks judged and kept. In a writing session; three statements and one a source.

    The marks go first: who adds facts meanwhile waits for this, or marks the day again.
    """
    if not book.lacking:
        return book
    held = book.held
    if held.versions[0].row == UNWRITTEN:
        policies.begin(session, hub, now)
        held = in_force.read(session, hub)
    _unmark(session, book.lacking)
    rows = []
    found = {person: list(days) for person, days in book.days.items()}
    for person, judged, basis in judged_days(session, held, book.people, book.lacking, now, sources, book.stays):
        found[person].append(judged)
        rows.append({"person": person, "day": judged.day.date, "basis": basis, "sessions": packed(judged)})
    put_rows(session, _table(VerdictRow), rows)
    return _ordered(held, book, found)


def unkept(session: Session, book: Book, now: datetime, sources: Sequence[Source] = SOURCES) -> Book:
    """The book with what it lacks judged and not kept; in a session that only reads."""
    if not book.lacking:
        return book
    found = {person: list(days) for person, days in book.days.items()}
    for person, judged, _ in judged_days(session, book.held, book.people, book.lacking, now, sources, book.stays):
        found[person].append(judged)
    return _ordered(book.held, book, found)


def judged_days(session: Session, held: InForce, people: Sequence[PersonRow], wanted: Wanted, now: datetime,
                sources: Sequence[Source] = SOURCES,
                stays: Stays | None = None) -> Iterator[tuple[str, Judged, str]]:  # fmt: skip
    """These days of these people judged from facts: person, day, and the basis it was judged by."""
    asked = [person for person in people if person.id in wanted]
    return judged_from(held, asked, wanted, read_records(session, held, asked, wanted, sources, stays), now)


def judged_from(
    held: InForce, people: Sequence[PersonRow], wanted: Wanted, given: Records, now: datetime
) -> Iterator[tuple[str, Judged, str]]:
    """The same from records that were read already."""
    for person in people:
        group, stay = group_of(person.group), posted(given[person.id].posting)
        for version, days in _by_version(held, wanted[person.id]):
            law = held.law(days[0], group)
            of_group = [held.day(day, group) for day in days]
            for judged in judge_person(given[person.id], of_group, law, now).days:
                yield person.id, judged, basis_of(version, judged.day, group, stay)


def read_records(session: Session, held: InForce, people: Sequence[PersonRow], wanted: Wanted,
                 sources: Sequence[Source] = SOURCES, stays: Stays | None = None) -> dict[str, Record]:  # fmt: skip
    """Everything known of these people on the wanted days (and around them). `stays`: their postings, if known."""
    every = sorted({day for days in wanted.values() for day in days})
    if stays is None:
        stays = postings.read(session, held, people, every[0])
    since, until = opening(held, every[0]), opening(held, every[-1] + timedelta(days=1), last=True)
    found = records.read(session, since, until, [person.id for person in people])
    return records.records_of(session, found, {person.id: stays[person.id] for person in people}, sources)


def opening(held: InForce, day: date, *, last: bool = False) -> datetime:
    """When a day opens for the first staff group (for the last one)."""
    opens = [held.day(day, group).opens for group in in_force.GROUPS]
    return moment(max(opens) if last else min(opens), held.zone)


def _ordered(held: InForce, book: Book, found: dict[str, list[Judged]]) -> Book:
    for days in found.values():
        days.sort(key=lambda each: each.day.date)
    return Book(held, book.people, book.first, book.last, book.stays, found)


def _closes(held: InForce, day: date, group: GroupName) -> int:
    judged = held.day(day, group)
    return max(judged.closes, judged.spans[-1].end + held.law(day, group).settle)


def _by_version(held: InForce, days: Sequence[date]) -> list[tuple[int, list[date]]]:
    """Days by the version in force on them, in order."""
    parts: dict[int, list[date]] = {}
    for day in sorted(days):
        parts.setdefault(held.on(day).row, []).append(day)
    return list(parts.items())


def _kept(session: Session, held: InForce, people: Sequence[PersonRow], first: date,
          last: date) -> tuple[Kept, postings.Firsts]:  # fmt: skip
    """What is kept and not stale: (person, day) → basis, text; and in the same statement people's first records."""
    stale = (StaleRow.person == VerdictRow.person) & (StaleRow.day == VerdictRow.day)
    at = cast(null(), PunchRow.at.type).label("at")
    query = (
        select(VerdictRow.person, VerdictRow.day, VerdictRow.basis, VerdictRow.sessions, at)
        .outerjoin(StaleRow, stale)
        .where(VerdictRow.day.between(first, last), StaleRow.person.is_(None))
    )
    if len(people) <= records.FEW:
        query = query.where(VerdictRow.person.in_([person.id for person in people]))
    parts: list[Any] = [query]
    earlier = postings.first_records(held, people, first)
    if earlier is not None:
        found = earlier.subquery()
        parts.append(select(found.c.person, null(), null(), null(), found.c.at))
    kept: Kept = {}
    firsts = []
    for person, day, basis, text, when in session.execute(union_all(*parts)):
        if when is None:
            kept[(person, day)] = basis, text
        else:
            firsts.append((person, when))
    return kept, postings.earliest(firsts)


def _unmark(session: Session, wanted: Mapping[str, Iterable[date]]) -> None:
    table = _table(StaleRow)
    statement = delete(table).where(table.c.person == bindparam("_person"), table.c.day == bindparam("_day"))
    given = [{"_person": person, "_day": day} for person in sorted(wanted) for day in sorted(wanted[person])]
    session.connection().execute(statement, given)


def _table(model: type[StaleRow] | type[VerdictRow]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
