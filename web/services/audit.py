"""The audit: what was decided, by whom, when; each line chained to the one before."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from station.facts import Json, canonical, first_prev, instant
from web.ledger.audit import AuditRow
from web.ledger.hall import HallRow


def note(session: Session, at: datetime, by: str | None, act: str, subject: str, detail: Json | None = None) -> None:
    """Add a line. `by` is a person's id, None for the command line; `detail` is a JSON object without floats."""
    hall = session.execute(select(HallRow.id).with_for_update()).scalar_one()  # the lock that orders the lines
    last = session.execute(select(AuditRow.hash).order_by(AuditRow.row.desc()).limit(1)).scalar()
    prev = last or first_prev(hall)
    text = canonical(detail or {}).decode()
    digest = _hash(at, by, act, subject, text, prev)
    session.add(AuditRow(at=at, by=by, act=act, subject=subject, detail=text, prev=prev, hash=digest))
    session.flush()


def broken(session: Session) -> int | None:
    """The row of the first line that does not follow from the one before; None when the chain holds."""
    prev = first_prev(session.execute(select(HallRow.id)).scalar_one())
    for line in _lines(session):
        if line.prev != prev or line.hash != _hash(line.at, line.by, line.act, line.subject, line.detail, prev):
            return line.row
        prev = line.hash
    return None


def _lines(session: Session) -> Iterator[AuditRow]:
    yield from session.execute(select(AuditRow).order_by(AuditRow.row)).scalars()


def _hash(at: datetime, by: str | None, act: str, subject: str, detail: str, prev: str) -> str:
    line: Json = {"act": act, "at": instant(at), "by": by, "detail": detail, "prev": prev, "subject": subject}
    return hashlib.sha256(canonical(line)).hexdigest()
