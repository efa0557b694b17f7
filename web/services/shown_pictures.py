"""Pictures of the patrol for whoever may see them: which use is asked for, and what its mark says."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say, series
from web.ledger.patrol import CheckpointRow, CheckRow, FindingRow, PictureRow, RoundRow
from web.ledger.posts import WindowRow
from web.services import audit, patrol_lines, rounds
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.hub import Hub
from web.services.patrol_lines import Around, Line
from web.services.scopes import PatrolScope

SHORT = 12  # letters of a hash that tell one picture from another
LONGEST = 200


def need(session: Session, scope: PatrolScope, fact: str, number: int) -> PictureRow:
    """The picture of this number in a fact; NotFound for none, NotAllowed beyond the scope."""
    row = session.get(PictureRow, f"{fact}/{number}")
    if row is None:
        raise NotFound(say("没有这张照片"), remedy=say("请从巡查记录重新打开"))
    if not scope.hall and not _within(session, scope, row):
        raise NotAllowed(say("您不能查看这张照片"), remedy=say("请联系督查室"))
    return row


def line_of(session: Session, zone: ZoneInfo, scope: PatrolScope, fact: str) -> Line:
    """The line of the fact that names a picture. NotFound for none, or one beyond the scope."""
    check = session.get(CheckRow, fact)
    found = session.execute(select(FindingRow).where(FindingRow.fact == fact)).scalars().all()
    named = {row.round for row in found if row.round} | ({check.round} if check else set())
    around = Around(zone, patrol_lines.places(session), rounds.heads(session, named), scope)
    lines = patrol_lines.lines_of(session, around, [check] if check else [], found, pictures=True)
    if not lines:
        raise NotFound(say("没有这张照片"), remedy=say("请从巡查记录重新打开"))
    return lines[0]


def mark(hub: Hub, line: Line, sha256: str) -> list[str]:
    """What stands on a picture: hall, place, time, officers, and the beginning of its hash."""
    where = line.place.row.name if line.place else say("检查以外")
    who = series(line.officers)
    return [f"{hub.hall.name}　{where}", f"{line.at:%Y-%m-%d %H:%M}　{who}　{sha256[:SHORT]}"]


def note_look(session: Session, row: PictureRow, reason: str, now: datetime, by: str) -> None:
    """The audit's line for one look at an original. BadInput without a reason."""
    if not reason.strip():
        raise BadInput(say("没有写查看原图的理由"), remedy=say("请写明理由后再看"))
    detail = {"sha256": row.sha256, "round": row.round, "where": row.checkpoint, "reason": reason.strip()[:LONGEST]}
    audit.note(session, now, by, "photo.original", row.id, detail)


def _within(session: Session, scope: PatrolScope, row: PictureRow) -> bool:
    walked = select(RoundRow.id).where(RoundRow.round == row.round, RoundRow.officer == scope.officer).limit(1)
    if scope.officer and session.execute(walked).first():
        return True
    at = select(WindowRow.unit).join(CheckpointRow, CheckpointRow.window == WindowRow.id)
    return scope.holds((), session.execute(at.where(CheckpointRow.id == row.checkpoint)).scalar())
