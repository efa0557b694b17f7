"""From what the hub knows to what integrators get: pure, field by field."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from station.rules.attendance import Judged
from station.rules.explain import verdict_words
from station.rules.month import Totals, decimal_string
from station.rules.punches import Mark
from station.rules.verdict import Verdict
from web.api import shapes
from web.ledger.people import PersonRow
from web.services.attendance import Book
from web.services.in_force import group_of
from web.services.people import day_or_none
from web.services.station_health import Condition
from web.services.today import Attendee

NOT_HERE = "not_posted"


def person(row: PersonRow) -> shapes.Person:
    """Who somebody is."""
    return shapes.Person(id=row.id, number=row.number, name=row.name, unit=row.unit, window=row.window)


def posted(row: PersonRow) -> shapes.Posted:
    """Somebody of the register."""
    since, until = day_or_none(row.posted_from), day_or_none(row.posted_to)
    who = person(row).model_dump()
    return shapes.Posted(**who, group=group_of(row.group), posted_from=since, posted_to=until)


def days_of(book: Book, day: date) -> list[shapes.PersonDay]:
    """Everybody's sessions of a closed day; who was not posted on it is left out."""
    return [
        shapes.PersonDay(person=person(row), sessions=_sessions(book, row, judged))
        for row in book.people
        for judged in book.days.get(row.id, ())
        if judged.day.date == day and any(verdict.verdict != NOT_HERE for verdict in judged.verdicts)
    ]


def months_of(book: Book) -> list[shapes.PersonMonth]:
    """Everybody's closed days of a month with their sums."""
    return [
        shapes.PersonMonth(
            person=person(row),
            totals=_totals(book.totals(row.id)),
            days=[
                shapes.JudgedDay(day=judged.day.date, sessions=_sessions(book, row, judged))
                for judged in book.days.get(row.id, ())
            ],
        )
        for row in book.people
    ]


def here(one: Attendee, zone: ZoneInfo) -> shapes.Here:
    """Where somebody is now."""
    found = one.presence
    return shapes.Here(
        person=person(one.person), presence=found.word, came=_at(found.came, zone), missing_minutes=found.minutes
    )


def health(one: Condition) -> shapes.StationHealth:
    """How a station is."""
    row = one.row
    return shapes.StationHealth.model_validate(
        {
            "id": row.id, "name": row.name, "location": row.location, "online": one.health.online,
            "last_contact": row.last_contact, "reader": one.health.reader, "backlog": row.backlog,
            "missing": one.missing, "drift_ms": row.drift_ms, "disk_percent": row.disk_percent,
            "held": any(each.row.state == "held" for each in one.undecided), "alarms": len(one.alarms),
        }
    )  # fmt: skip


def _sessions(book: Book, row: PersonRow, judged: Judged) -> list[shapes.Session]:
    law = book.held.law(judged.day.date, group_of(row.group))
    return [_session(verdict, book.held.zone, law.absent_word) for verdict in judged.verdicts]


def _session(verdict: Verdict, zone: ZoneInfo, absent_word: str) -> shapes.Session:
    return shapes.Session(
        session=verdict.session,
        verdict=verdict.verdict,
        words=verdict_words(verdict.verdict, absent_word),
        came=_at(verdict.came, zone),
        left=_at(verdict.left, zone),
        late_minutes=verdict.late,
        early_minutes=verdict.early,
        leave_kind=verdict.leave_kind,
        provisional=verdict.provisional,
        clauses=list(verdict.clauses),
    )


def _totals(sums: Totals) -> shapes.Totals:
    days = sums.absent_days, sums.provisional_absent_days, sums.accumulated_absent_days
    absent, provisional, accumulated = (decimal_string(each) for each in days)
    return shapes.Totals(
        late=sums.late,
        early=sums.early,
        missing=sums.missing,
        unready=sums.unready,
        rest_day_sessions=sums.rest_day_sessions,
        absent_days=absent,
        provisional_absent_days=provisional,
        accumulated_absent_days=accumulated,
        leave_days=_leave(sums.leave_days),
    )


def _leave(days: dict[str, Fraction]) -> dict[str, str]:
    return {kind: decimal_string(each) for kind, each in sorted(days.items())}


def _at(mark: Mark | None, zone: ZoneInfo) -> datetime | None:
    return mark.punch.at.astimezone(zone) if mark is not None else None


def after(rows: Sequence[PersonRow], limit: int) -> tuple[Sequence[PersonRow], str | None]:
    """The rows of one page out of one more than that, and the cursor of the next page."""
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None
