"""Lineages that an administrator decides about: a station began a new journal, and the hub holds it until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.words import say
from web.ledger.facts import BatchRow
from web.ledger.stations import LineageRow, StationRow
from web.services import alarms, audit
from web.services.errors import NotFound
from web.services.ids import is_id

Looks = Literal["unknown", "both", "alone"]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A lineage that waits, or was refused. `before`: the one it follows, where the hub holds it.

    `heard`: when the hub last took something of that one.
    """

    row: LineageRow
    station: StationRow
    before: LineageRow | None
    heard: datetime | None

    @property
    def looks(self) -> Looks:
        """What it looks like: of an `unknown` past, `both` journals in use at once, or the new one `alone`."""
        if self.before is None:
            return "unknown"
        return "both" if self.heard is not None and self.heard > self.row.first_seen else "alone"


def undecided(session: Session) -> list[Undecided]:
    """Lineages that wait or were refused, of stations still in use, the waiting ones first."""
    query = select(LineageRow, StationRow).join(StationRow, StationRow.id == LineageRow.station)
    open_ones = LineageRow.state.in_(("held", "refused")) & (StationRow.state == "confirmed")
    found = session.execute(query.where(open_ones).order_by(LineageRow.state, LineageRow.first_seen)).all()
    if not found:
        return []
    was = {row.was for row, _ in found}
    before = {row.id: row for row in session.execute(select(LineageRow).where(LineageRow.id.in_(was))).scalars()}
    last = select(BatchRow.lineage, func.max(BatchRow.received).label("last")).where(BatchRow.lineage.in_(was))
    heard = {each.lineage: each.last for each in session.execute(last.group_by(BatchRow.lineage))}
    return [Undecided(row, station, before.get(row.was or ""), heard.get(row.was)) for row, station in found]


def of_stations(session: Session, station: str | None = None) -> Sequence[LineageRow]:
    """Every lineage, or one station's, the newest first."""
    query = select(LineageRow).order_by(LineageRow.first_seen.desc())
    return session.execute(query if station is None else query.where(LineageRow.station == station)).scalars().all()


def approve(session: Session, lineage: str, by: str | None, now: datetime) -> None:
    """An administrator looked into a held (or refused) lineage: its facts may come."""
    row = _decided(session, lineage, ("held", "refused"), "accepted", now)
    audit.note(session, now, by, "lineage.approve", lineage, {"station": row.station, "was": row.was})


def refuse(session: Session, lineage: str, by: str, now: datetime) -> None:
    """An administrator does not want its facts: they stay at the station, and this may be taken back."""
    row = _decided(session, lineage, ("held",), "refused", now)
    audit.note(session, now, by, "lineage.refuse", lineage, {"station": row.station, "was": row.was})


def _decided(session: Session, lineage: str, states: Sequence[str], state: str, now: datetime) -> LineageRow:
    row = session.get(LineageRow, lineage, with_for_update=True) if is_id(lineage) else None
    if row is None or row.state not in states:
        raise NotFound(say("没有待批准的账本 {id}", id=lineage), remedy=say("请从考勤站页面重新进入"))
    row.state = state
    alarms.clear(session, row.station, "held", lineage, now)
    return row
