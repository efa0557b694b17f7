"""How long the hub keeps photos: those whose time is over are let go at night, and files that nothing names are swept.

What was recorded about a photo stays. It is written down as let go first and its bytes go with the next look, so that
a power cut between the two leaves a file too many, never one too few.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import String, exists, func, or_, select, union_all
from sqlalchemy.orm import Session

from station.durable import write_durably
from web.ledger.findings import AskedFindingRow, FindingStepRow
from web.ledger.leaves import LeaveRow, LeaveSlipRow
from web.ledger.patrol import CheckRow, FindingRow, PhotoLetGoRow, PictureRow
from web.ledger.rows import HASH, Row
from web.pictures.detector import Detector
from web.pictures.shelf import Shelf
from web.services import audit, findings, in_force, picture_uses
from web.services.hub import Hub
from web.services.in_force import InForce

NIGHT = range(2, 5)  # hours; whoever's hub rests at night has it done a day later, whenever it runs
MOST = 500  # at once
FINISHED = timedelta(days=2)  # by then the bytes of what was let go are gone
SWEPT = "photos.swept"  # holds the day of the last sweep, in the hub's folder


def let_go(session: Session, hub: Hub) -> int:
    """The nightly look: let go what is due, so many at once, and erase what was let go before; how many."""
    held, now = in_force.read(session, hub), hub.now()
    erase(session, hub, now - FINISHED)
    late = timedelta() if now.astimezone(held.zone).hour in NIGHT else timedelta(days=1)
    return _let_go(session, held, now, late, MOST)


def let_go_all(session: Session, hub: Hub) -> int:
    """All that is due, at any hour; how many. Their bytes are to be erased once this stands."""
    return _let_go(session, in_force.read(session, hub), hub.now(), timedelta(), None)


def erase(session: Session, hub: Hub, since: datetime) -> None:
    """The bytes of what was let go since then, and what was made of them."""
    shelf = Shelf(hub.settings.folder, Detector())
    for digest in session.execute(picture_uses.gone().where(PhotoLetGoRow.at > since)).scalars():
        if hub.photos.has(digest):
            hub.photos.erase(digest)
            shelf.forget(digest)


def due(session: Session, before: datetime, most: int | None = None) -> list[str]:
    """The photos last used before an instant that stand to be let go, those first that were used first.

    What a finding shows stays until the finding is settled: what was seen, and what was put right. A
    leave's slip stays until its days after the leave are over.
    """
    fact = (
        select(PictureRow.sha256)
        .join(FindingRow, FindingRow.fact == PictureRow.fact)
        .outerjoin(AskedFindingRow, AskedFindingRow.of == FindingRow.id)
    )
    step = (
        select(FindingStepRow.photo)
        .outerjoin(AskedFindingRow, AskedFindingRow.id == FindingStepRow.finding)
        .join(FindingRow, FindingRow.id == func.coalesce(AskedFindingRow.of, FindingStepRow.finding))
        .where(FindingStepRow.photo != "")
    )
    needed = union_all(fact.where(findings.unsettled()), step.where(findings.unsettled()))
    running = (
        select(LeaveSlipRow.sha256)
        .join(LeaveRow, LeaveRow.id == LeaveSlipRow.leave)
        .where(or_(LeaveRow.ends >= before, LeaveRow.status == "pending"))
    )
    used = picture_uses.times()
    last = func.max(used.c.at)
    query = (
        select(used.c.sha256)
        .where(*(used.c.sha256.not_in(others) for others in (picture_uses.gone(), needed, running)))
        .group_by(used.c.sha256)
        .having(last < before)
        .order_by(last)
        .limit(most)
    )
    return list(session.execute(query).scalars())


def sweep(session: Session, hub: Hub) -> int:
    """Once a day remove files that were kept and that nothing names; how many."""
    local, marker = hub.now().astimezone(ZoneInfo(hub.hall.zone)), hub.settings.folder / SWEPT
    last = date.fromisoformat(marker.read_text(encoding="utf-8")) if marker.exists() else date.min
    if (local.date() - last).days < (1 if local.hour in NIGHT else 2):
        return 0
    orphans = hub.photos.sweep(lambda digest: is_named(session, digest), hub.now().timestamp())
    if orphans:
        audit.note(session, hub.now(), None, "photo.sweep", local.date().isoformat(), {"count": len(orphans)})
    write_durably(marker, local.date().isoformat().encode())
    return len(orphans)


def is_named(session: Session, sha256: str) -> bool:
    """Whether any row names this photo: every column of the ledger that can hold a digest is asked, so that a photo
    of a room that this one does not know is never taken for nobody's."""
    found = (
        exists().where(column == sha256)
        for table in Row.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String) and column.type.length == HASH.length
    )
    listed = exists().where(CheckRow.photos.contains(sha256, autoescape=True))
    return bool(session.execute(select(or_(listed, *found))).scalar())


def gone_since(session: Session, sha256: str) -> datetime | None:
    """When the photo was let go; None for one that is kept, or was used again since."""
    row = session.get(PhotoLetGoRow, sha256)
    if row is None or any(use.at >= row.at for use in picture_uses.of(session, [sha256]).get(sha256, ())):
        return None
    return row.at


def _let_go(session: Session, held: InForce, now: datetime, late: timedelta, most: int | None) -> int:
    today = now.astimezone(held.zone).date()
    days = held.on(today).policy.patrol.photo_days
    if days is None:
        return 0
    over = due(session, datetime.combine(today - timedelta(days=days), time(), held.zone).astimezone(UTC) - late, most)
    if over:
        for digest in over:  # one that was used again after it was let go has its row already
            session.merge(PhotoLetGoRow(sha256=digest, at=now, days=days))
        audit.note(session, now, None, "photo.let_go", today.isoformat(), {"count": len(over), "days": days})
    return len(over)
