"""Corrections as rows: one asked for at a kiosk becoming one, what stands beside a verdict, and the stale mark."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.orm import Session

from station.facts import Request, read_instant
from station.rules.correction import SIDES
from web.ledger.corrections import CorrectionRow
from web.ledger.engine import put_rows
from web.ledger.facts import StaleRow

LONGEST_REASON = 200
LONGEST_NAME = 20
_table = CorrectionRow.__table__
assert isinstance(_table, Table)
TABLE: Table = _table


class Told(NamedTuple):
    """An approved correction as it stands beside the verdict. `by`: who asked; `why`: what the approver said."""

    id: str
    person: str
    day: date
    session: str
    side: str
    at: datetime
    reason: str
    by: str
    approver: str
    why: str


def kiosk_correction(id_: str, at: datetime, body: Request) -> dict[str, Any] | None:
    """The row of a correction asked for at a kiosk; None where its fields cannot be read (it stays in the list)."""
    fields = body.fields
    session, side, said = (str(fields.get(name) or "") for name in ("session", "side", "at"))
    try:
        day = date.fromisoformat(str(fields.get("day")))
        when = read_instant(said) if said else None
    except (ValueError, OverflowError):
        return None
    if side not in SIDES or not 0 < len(session) <= LONGEST_NAME:
        return None
    return {
        "id": id_, "person": body.person, "day": day, "session": session, "side": side, "at": when,
        "reason": str(fields.get("reason") or "")[:LONGEST_REASON], "source": "kiosk", "filed": at, "filed_by": None,
        "status": "pending",
    }  # fmt: skip


def mark(session: Session, person: str, day: date) -> None:
    """Have the person's day judged anew."""
    table = StaleRow.__table__
    assert isinstance(table, Table)
    put_rows(session, table, [{"person": person, "day": day}])
