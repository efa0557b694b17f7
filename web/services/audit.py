"""The audit: what was decided, by whom, when; each line chained to the one before."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from station.facts import Json, canonical, first_prev, instant
from web.ledger.audit import AuditRow
from web.ledger.hall import HallRow
from web.ledger.people import PersonRow

_Columns = TypeVarTuple("_Columns")
ORIGIN = "from"  # where a session's `info` holds the address that asked


def note(session: Session, at: datetime, by: str | None, act: str, subject: str, detail: Json | None = None) -> None:
    """Add a line. `by` is a person's id, None for the command line; `detail` is a JSON object without floats.

    A value that is a list of two is what stood before and what stands after. From where it was asked, the session's
    `info` says (see `web.door`).
    """
    hall = session.execute(select(HallRow.id).with_for_update()).scalar_one()  # the lock that orders the lines
    last = session.execute(select(AuditRow.hash).order_by(AuditRow.row.desc()).limit(1)).scalar()
    prev = last or first_prev(hall)
    text = canonical(detail or {}).decode()
    origin = session.info.get(ORIGIN)
    digest = _hash(at, by, act, subject, text, prev, origin)
    session.add(AuditRow(at=at, by=by, act=act, subject=subject, detail=text, prev=prev, hash=digest, origin=origin))
    session.flush()


def broken(session: Session, last: int | None = None) -> int | None:
    """The row of the first line that does not follow from the one before; None when the chain holds.

    `last`: of so many lines at the end alone.
    """
    query = select(AuditRow).order_by(AuditRow.row.desc())
    lines = list(session.execute(query.limit(last)).scalars())[::-1] if last else _lines(session)
    prev = first_prev(session.execute(select(HallRow.id)).scalar_one())
    for number, line in enumerate(lines):
        if last and number == 0 and line.row > 1:
            prev = line.prev
        digest = _hash(line.at, line.by, line.act, line.subject, line.detail, prev, line.origin)
        if line.prev != prev or line.hash != digest:
            return line.row
        prev = line.hash
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines are asked for: by whom (a person's id, "-" for the command line), an act or the first part of its
    name, and on which stretch of instants; what is empty or None asks for nothing."""

    by: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None


def listed(session: Session, asked: Asked, first: int = 0, most: int = 100) -> Sequence[AuditRow]:
    """Lines, newest first, from the `first`-th on."""
    query = _asked(select(AuditRow), asked).order_by(AuditRow.row.desc()).offset(first).limit(most)
    return session.execute(query).scalars().all()


def count(session: Session, asked: Asked) -> int:
    """How many lines there are of what is asked for."""
    return session.execute(_asked(select(func.count(AuditRow.row)), asked)).scalar_one()


def acts(session: Session) -> Sequence[str]:
    """Every act that ever was noted, by name."""
    return session.execute(select(AuditRow.act).distinct().order_by(AuditRow.act)).scalars().all()


def actors(session: Session) -> Sequence[tuple[str, str]]:
    """Everybody who ever decided something: id and name, by name."""
    query = select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(select(AuditRow.by).distinct()))
    return [(key, name) for key, name in session.execute(query.order_by(PersonRow.pinyin, PersonRow.name))]


def _asked(query: Select[*_Columns], asked: Asked) -> Select[*_Columns]:
    if asked.by:
        query = query.where(AuditRow.by.is_(None) if asked.by == "-" else AuditRow.by == asked.by)
    if asked.act:
        query = query.where((AuditRow.act == asked.act) | AuditRow.act.startswith(f"{asked.act}.", autoescape=True))
    if asked.since is not None:
        query = query.where(AuditRow.at >= asked.since)
    return query if asked.until is None else query.where(AuditRow.at < asked.until)


def _lines(session: Session) -> Iterator[AuditRow]:
    yield from session.execute(select(AuditRow).order_by(AuditRow.row)).scalars()


def _hash(at: datetime, by: str | None, act: str, subject: str, detail: str, prev: str, origin: str | None) -> str:
    line: Json = {"act": act, "at": instant(at), "by": by, "detail": detail, "prev": prev, "subject": subject}
    if origin is not None:
        line["from"] = origin
    return hashlib.sha256(canonical(line)).hexdigest()
