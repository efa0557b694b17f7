"""Everything that is read out of facts, made anew from their bytes."""

from collections.abc import Callable, Iterator, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from station.facts import ClockFix
from web.ledger.facts import ClockFixRow, FactRow
from web.ledger.stations import LineageRow
from web.services.projection import TABLES, Read, opened, project, timed
from web.services.reading import read_fact
from web.services.timing import offsets_of

STEP = 500


def rebuild(session: Session, zone: ZoneInfo, progress: Callable[[int, int], None] | None = None) -> int:
    """Clear and write again every projection, and every fact's true time; answers how many facts were read.

    Every (person, day) that has a fact becomes stale. `progress(done, of)` is called after each step.
    """
    for table in TABLES:
        session.execute(delete(table))
    station_of = {row.id: row.station for row in session.execute(select(LineageRow.id, LineageRow.station))}
    total = session.execute(select(func.count()).select_from(FactRow)).scalar_one()
    offsets = _offsets(session, station_of, zone)
    done = 0
    for step in _steps(session):
        read = [timed(one.envelope, one.inner, one.body, offsets[station_of[one.envelope.lineage]]) for one in step]
        _retime(session, read)
        project(read, station_of, zone).write(session)
        done += len(read)
        if progress is not None:
            progress(done, total)
    return done


def _offsets(session: Session, station_of: Mapping[str, str], zone: ZoneInfo) -> dict[str, dict[str, int]]:
    """Station → boot → offset. Read first of all: a fact's true time may stand in a fact that came much later."""
    boots: dict[str, set[str]] = {station: set() for station in station_of.values()}
    for step in _steps(session, kinds=("clock_fix", "re_recorded")):
        fixes = [one for one in step if isinstance(one.body, ClockFix)]
        for one in fixes:
            assert isinstance(one.body, ClockFix)
            boots[station_of[one.envelope.lineage]].add(one.body.boot)
        written = project(fixes, station_of, zone)
        written.tables = {table: rows for table, rows in written.tables.items() if table is ClockFixRow.__table__}
        written.write(session)
    offsets = {station: offsets_of(session, station, named) for station, named in boots.items()}
    session.execute(delete(ClockFixRow))
    return offsets


def _steps(session: Session, kinds: tuple[str, ...] = ()) -> Iterator[list[Read]]:
    """Facts in the order of their arrival, in steps."""
    after = 0
    while True:
        query = select(FactRow.row, FactRow.raw).where(FactRow.row > after).order_by(FactRow.row).limit(STEP)
        found = session.execute(query.where(FactRow.kind.in_(kinds)) if kinds else query).all()
        if not found:
            return
        after = found[-1].row
        envelopes = [read_fact(row.raw) for row in found]
        yield [timed(envelope, *opened(envelope), {}) for envelope in envelopes]


def _retime(session: Session, read: list[Read]) -> None:
    table = FactRow.__table__
    assert isinstance(table, Table)
    statement = (
        update(table)
        .where(table.c.lineage == bindparam("_lineage"), table.c.seq == bindparam("_seq"))
        .values(at=bindparam("_at"))
    )
    given = [{"_lineage": one.envelope.lineage, "_seq": one.envelope.seq, "_at": one.at} for one in read]
    session.connection().execute(statement, given)
