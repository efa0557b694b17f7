"""Walking the ledger's lineages: chain, end, and the signatures under which their facts arrived."""

from collections.abc import Callable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.words import say
from station.chain import Break, Row, Walk, walk
from station.keys import verified
from station.wire import Signed
from web.ledger.facts import BatchRow, FactRow
from web.ledger.stations import LineageRow, OldKeyRow, StationRow

STEP = 500


def lineages(session: Session) -> list[tuple[LineageRow, StationRow]]:
    """Every lineage that was taken, with its station, the oldest first."""
    query = select(LineageRow, StationRow).join(StationRow, StationRow.id == LineageRow.station)
    found = session.execute(query.where(LineageRow.state == "accepted").order_by(LineageRow.first_seen))
    return [(lineage, station) for lineage, station in found]


def verify_lineage(
    session: Session, lineage: LineageRow, station: StationRow, progress: Callable[[int, int], None]
) -> Walk:
    """Walk one lineage: every fact follows from the one before, the end is where the hub says, signatures hold."""
    count = session.execute(select(func.count()).where(FactRow.lineage == lineage.id)).scalar_one()
    acked = (lineage.upto, lineage.hash_at_upto) if lineage.upto else None
    found = walk(_rows(session, lineage.id, count, progress), lineage.id, acked)
    found.was = found.was or lineage.was or ""
    if found.broken is None and found.facts > lineage.upto:
        found.broken = Break(lineage.upto + 1, say("多出记录"), str(lineage.upto), str(found.facts))
    return found if found.broken else _signatures(session, found, station)


def _rows(session: Session, lineage: str, count: int, progress: Callable[[int, int], None]) -> Iterator[Row]:
    after, done = 0, 0
    while True:
        query = select(FactRow.seq, FactRow.raw, FactRow.hash, FactRow.kind)
        step = session.execute(
            query.where(FactRow.lineage == lineage, FactRow.seq > after).order_by(FactRow.seq).limit(STEP)
        ).all()
        if not step:
            return
        for row in step:
            yield Row(row.seq, bytes(row.raw), hash=row.hash)
        after, done = step[-1].seq, done + len(step)
        progress(done, count)


def _signatures(session: Session, found: Walk, station: StationRow) -> Walk:
    """Every fact came in a batch signed by the key that the station has, or had at the time."""
    path, covered = f"/api/v1/stations/{station.id}/facts", 0
    old = session.execute(select(OldKeyRow).where(OldKeyRow.station == station.id)).scalars().all()
    query = select(BatchRow).where(BatchRow.lineage == found.lineage).order_by(BatchRow.row)
    for batch in session.execute(query).scalars():
        signed = Signed(
            "POST", path, station.id, batch.body_sha256, batch.lineage, batch.first, batch.last, batch.nonce
        )
        keys = [station.public_key, *(key.public_key for key in old if batch.received <= key.until)]
        if not any(verified(key, batch.signature, signed.message()) for key in keys):
            found.broken = Break(batch.first, say("这一批的签名不符"), station.public_key, batch.signature)
            return found
        if batch.first <= covered + 1:
            covered = max(covered, batch.last)
    if covered < found.facts:
        found.broken = Break(covered + 1, say("没有签名的记录"), str(found.facts), str(covered))
    return found
