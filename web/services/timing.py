"""The true time of facts recorded while a station did not know it: its boot's offset, also for what came before."""

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from web.ledger.facts import ClockFixRow, FactRow
from web.ledger.stations import LineageRow
from web.services.projection import Projected, Read, opened, project, timed
from web.services.reading import read_fact


def offsets_of(session: Session, station: str, boots: Iterable[str]) -> dict[str, int]:
    """The offset of each of these boots of a station whose time became known, microseconds."""
    wanted = sorted(set(boots))
    if not wanted:
        return {}
    fixes = session.execute(
        select(ClockFixRow.boot, ClockFixRow.offset_us)
        .where(ClockFixRow.station == station, ClockFixRow.boot.in_(wanted))
        .order_by(ClockFixRow.lineage, ClockFixRow.seq)
    )
    return {boot: offset for boot, offset in fixes}  # noqa: C416  # the last one of a boot holds


def put_right(session: Session, station: str, boots: Iterable[str], zone: ZoneInfo) -> None:
    """Give every unsynced fact of these boots its true time, and make stale the days it leaves and the ones it enters.

    What was read out of the facts is corrected in place; their bytes never are.
    """
    wanted = sorted(set(boots))
    before = _unsynced(session, station, wanted) if wanted else []
    if not before:
        return
    offsets = offsets_of(session, station, boots)
    after = [timed(one.envelope, one.inner, one.body, offsets) for one in before]
    station_of = {one.envelope.lineage: station for one in before}
    moved = project(after, station_of, zone)
    _move_facts(session, after)
    for table, given in moved.tables.items():
        _move(session, table, [{"_id": row["id"], "_at": row["at"], "_clock": row["clock"]} for row in given])
    Projected(stale=moved.stale | project(before, station_of, zone).stale).write(session)


def _unsynced(session: Session, station: str, boots: list[str]) -> list[Read]:
    """Facts of these boots as the ledger has them at present."""
    held = session.execute(
        select(FactRow.raw, FactRow.at)
        .join(LineageRow, LineageRow.id == FactRow.lineage)
        .where(LineageRow.station == station, FactRow.boot.in_(boots), FactRow.clock == "unsynced")
    )
    envelopes = [(read_fact(raw), at) for raw, at in held]
    return [replace(timed(envelope, *opened(envelope), {}), at=at) for envelope, at in envelopes]


def _move_facts(session: Session, after: list[Read]) -> None:
    table = FactRow.__table__
    assert isinstance(table, Table)
    statement = (
        update(table)
        .where(table.c.lineage == bindparam("_lineage"), table.c.seq == bindparam("_seq"))
        .values(at=bindparam("_at"))
    )
    given = [{"_lineage": one.envelope.lineage, "_seq": one.envelope.seq, "_at": one.at} for one in after]
    session.connection().execute(statement, given)


def _move(session: Session, table: Table, given: list[dict[str, object]]) -> None:
    statement = (
        update(table).where(table.c.id == bindparam("_id")).values(at=bindparam("_at"), clock=bindparam("_clock"))
    )
    session.connection().execute(statement, given)
