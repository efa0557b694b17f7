"""Absences as the rules read them, and leave asked for at a kiosk becoming a row."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from station.facts import Request, read_instant
from station.rules.calendar import dates
from station.rules.given import Absence
from station.rules.hours import Day
from station.rules.leave import PERMISSIONS
from web.ledger.engine import put_rows
from web.ledger.facts import StaleRow
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.services.in_force import InForce, group_of

KINDS = ("personal", "sick", "business", "training", "annual", "statutory", "field_visit", "unit_errand")
ALL_KINDS = (*KINDS, *sorted(PERMISSIONS))
LONGEST = timedelta(days=400)
LONGEST_REASON = 200


def absence_of(row: LeaveRow) -> Absence:
    """The row for the rules."""
    return Absence(row.id, row.kind, row.start, row.ends, row.status)  # type: ignore[arg-type]  # one of Status


def kiosk_leave(id_: str, at: datetime, body: Request) -> dict[str, Any] | None:
    """The row of a leave asked for at a kiosk; None for one whose fields cannot be read (it stays in the list)."""
    fields = body.fields
    try:
        start, end = read_instant(str(fields.get("from"))), read_instant(str(fields.get("to")))
    except (ValueError, OverflowError):
        return None
    if fields.get("kind") not in KINDS or not timedelta(0) < end - start <= LONGEST:
        return None
    return {
        "id": id_, "person": body.person, "kind": fields["kind"], "start": start, "ends": end, "asked_to": end,
        "reason": str(fields.get("reason", ""))[:LONGEST_REASON], "filed": at, "filed_by": None, "paper": False,
        "status": "pending",
    }  # fmt: skip


def days_between(start: datetime, end: datetime) -> Iterator[date]:
    """The days that an absence may touch in any zone."""
    day, last = start.date() - timedelta(days=1), end.date() + timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)


def mark(session: Session, person: str, start: datetime, end: datetime) -> None:
    """Have the person's days judged anew."""
    table = StaleRow.__table__
    assert isinstance(table, Table)
    put_rows(session, table, [{"person": person, "day": day} for day in days_between(start, end)])


def due_days(held: InForce, person: PersonRow, start: datetime, end: datetime) -> list[Day]:
    """The days that a stretch touches, as they are held against this person."""
    first, last = (at.astimezone(held.zone).date() for at in (start, end))
    return [held.day(day, group_of(person.group)) for day in dates(first, min(last, first + LONGEST))]
