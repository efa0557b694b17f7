"""Pictures of the patrol for whoever may see them: which use is asked for, and what its mark says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from config.words import say, series
from web.ledger.findings import AskedFindingRow
from web.ledger.patrol import CheckpointRow, CheckRow, FindingRow, RoundRow
from web.ledger.people import PersonRow
from web.ledger.posts import WindowRow
from web.services import audit, officers, patrol_lines, picture_uses, rounds
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.hub import Hub
from web.services.patrol_lines import Around, Line
from web.services.picture_uses import Use
from web.services.scopes import PatrolScope

SHORT = 12  # letters of a hash that tell one picture from another
LONGEST = 200
EVERYTHING = PatrolScope(hall=True)
_UNIT = func.coalesce(WindowRow.unit, PersonRow.unit, "")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with what is told of it. `line`: of the check, or of what was found where a step's picture shows what
    was put right; `at`: in the hall's zone; `by`: the round's officers, or whoever put it right; `again`: other uses.
    """

    use: Use
    line: Line
    at: datetime
    by: tuple[str, ...]
    again: tuple[Use, ...]


def need(session: Session, scope: PatrolScope, fact: str, number: int) -> Use:
    """The picture of this number in a fact or step; NotFound for none, NotAllowed beyond the scope."""
    use = picture_uses.one(session, fact, number)
    if use is None:
        raise _none()
    if not scope.hall and not _within(session, scope, use):
        raise NotAllowed(say("您不能查看这张照片"), remedy=say("请联系督查室"))
    return use


def told(session: Session, zone: ZoneInfo, use: Use) -> Picture:
    """What is told of a picture that whoever looks may see. NotFound when what was found is not in the ledger."""
    again = tuple(each for each in picture_uses.of(session, [use.sha256])[use.sha256] if each != use)
    if use.mended is None:
        line = _line_of(session, zone, use.fact)
        return Picture(use, line, line.at, line.officers, again)
    names = officers.names_of(session, [use.mended.by])
    return Picture(use, _line_of(session, zone, use.mended.seen), use.at.astimezone(zone), tuple(names.values()), again)


def mark(hub: Hub, picture: Picture) -> list[str]:
    """What stands on a picture: hall, place, time, who took it, and the beginning of its hash."""
    place = picture.line.place
    where, who = place.row.name if place else say("检查以外"), series(picture.by)
    return [f"{hub.hall.name}　{where}", f"{picture.at:%Y-%m-%d %H:%M}　{who}　{picture.use.sha256[:SHORT]}"]


def note_look(session: Session, use: Use, reason: str, now: datetime, by: str) -> None:
    """The audit's line for one look at an original. BadInput without a reason."""
    if not reason.strip():
        raise BadInput(say("没有写查看原图的理由"), remedy=say("请写明理由后再看"))
    detail = {"sha256": use.sha256, "round": use.round, "where": use.checkpoint, "reason": reason.strip()[:LONGEST]}
    audit.note(session, now, by, "photo.original", use.id, detail)


def _line_of(session: Session, zone: ZoneInfo, fact: str) -> Line:
    check = session.get(CheckRow, fact)
    found = session.execute(select(FindingRow).where(FindingRow.fact == fact)).scalars().all()
    named = {row.round for row in found if row.round} | ({check.round} if check else set())
    around = Around(zone, patrol_lines.places(session), rounds.heads(session, named), EVERYTHING)
    lines = patrol_lines.lines_of(session, around, [check] if check else [], found)
    if not lines:
        raise _none()
    return lines[0]


def _within(session: Session, scope: PatrolScope, use: Use) -> bool:
    """Officers see what they walked, and what was found on any round, since any of them may verify it; units see what
    was seen at their windows, and findings about their people."""
    found = session.execute(_found(use)).all()
    if scope.officer:
        walked = select(RoundRow.id).where(RoundRow.round == use.round, RoundRow.officer == scope.officer).limit(1)
        if found or session.execute(walked).first():
            return True
    at = select(WindowRow.unit).join(CheckpointRow, CheckpointRow.window == WindowRow.id)
    here = session.execute(at.where(CheckpointRow.id == use.checkpoint)).scalar()
    return any(scope.holds((), unit) for unit in (here, *(row.unit for row in found)))


def _found(use: Use) -> Select[Any]:
    """The officers' findings that a picture belongs to: those of its fact, or the one that was put right."""
    which = FindingRow.fact == use.fact
    if use.mended:
        asked = select(AskedFindingRow.of).where(AskedFindingRow.id == use.mended.finding)
        which = (FindingRow.id == use.mended.finding) | FindingRow.id.in_(asked)
    return (
        select(_UNIT.label("unit"))
        .select_from(FindingRow)
        .outerjoin(CheckpointRow, CheckpointRow.id == FindingRow.checkpoint)
        .outerjoin(WindowRow, WindowRow.id == func.coalesce(CheckpointRow.window, FindingRow.about))
        .outerjoin(PersonRow, PersonRow.id == FindingRow.person)
        .where(which)
    )


def _none() -> NotFound:
    return NotFound(say("没有这张照片"), remedy=say("请从巡查记录重新打开"))
