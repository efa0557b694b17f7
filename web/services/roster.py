"""The roster as it is filed: each change of who works where, dated, by unit, for the notice that goes to the file.

Filing and notices of change: `shanxi:attendance:4`, `wanzhou:attendance:1`, `ruzhu:posting:3`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Table, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from web.ledger.engine import insert_rows
from web.ledger.people import PersonRow
from web.ledger.posts import RosterChangeRow

What = Literal["join", "leave", "back", "out", "in", "data", "post", "role", "window"]
MOST = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A change to be filed. `before` and `after` are names and numbers as people write them, empty for nothing."""

    unit: str
    day: date
    what: What
    before: str = ""
    after: str = ""
    person: str | None = None


def file(session: Session, changes: Iterable[Change], now: datetime, by: str | None) -> None:
    """File changes: one statement for all."""
    table = RosterChangeRow.__table__
    assert isinstance(table, Table)
    rows = [
        {
            "id": str(uuid7()), "unit": one.unit, "day": one.day, "at": now, "by": by, "person": one.person,
            "what": one.what, "before": one.before, "after": one.after,
        }
        for one in changes
    ]  # fmt: skip
    session.flush()
    insert_rows(session, table, rows)


def filed(session: Session, first: date, last: date, unit: str | None = None) -> Sequence[tuple[RosterChangeRow, str]]:
    """Changes with effect from `first` to `last`, of a unit or of all, in their order; each with the person's name."""
    query = (
        select(RosterChangeRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == RosterChangeRow.person)
        .where(RosterChangeRow.day >= first, RosterChangeRow.day <= last)
        .order_by(RosterChangeRow.day, RosterChangeRow.at, RosterChangeRow.id)
        .limit(MOST)
    )
    if unit is not None:
        query = query.where(RosterChangeRow.unit == unit)
    return [(row, name or "") for row, name in session.execute(query)]


def filed_of(session: Session, person: str) -> Sequence[RosterChangeRow]:
    """One person's changes, newest first."""
    query = select(RosterChangeRow).where(RosterChangeRow.person == person)
    return session.execute(query.order_by(RosterChangeRow.day.desc(), RosterChangeRow.id.desc())).scalars().all()
