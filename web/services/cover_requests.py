"""Covers asked for at a kiosk without urgency: they wait until the window's head or the duty leader decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from config.words import say
from station.facts import instant, read_instant
from station.rules.leave import PERMISSIONS
from web.ledger.covers import CoverRow, CoverTurnRow
from web.ledger.facts import RequestRow
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, SeatRow, WindowRow
from web.services import audit, cover_plans, covers, stand_ins
from web.services.cover_lists import LISTED
from web.services.cover_spans import Span, ruled, spans_of
from web.services.covers import Place
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id
from web.services.in_force import InForce
from web.services.kiosk_fields import read_fields
from web.services.waits import Counted, Viewer

WAITS = timedelta(days=7)  # so long a request is asked about; longer while the time asked for is still to come
OVERSEES = frozenset(("duty_leader", "supervision"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: who covers whom at which post, from when to when. `at`: when it was made."""

    id: str
    covered: PersonRow
    covering: PersonRow
    post: PostRow
    window: WindowRow
    start: datetime
    end: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A post taken over at a kiosk that waits to be approved. `end`: when it was given back, else is to be.

    `allowed`: the pack lets this person; `away`: they were on approved leave when they took it over.
    """

    turn: CoverTurnRow
    post: PostRow
    window: WindowRow
    end: datetime | None
    allowed: bool
    clauses: tuple[str, ...]
    away: bool


def waiting(session: Session, held: InForce, now: datetime) -> list[Asked]:
    """What was asked for lately, or for a time to come, and nobody decided. Three statements."""
    query = select(RequestRow).where(_undecided(), _alive(now)).order_by(RequestRow.at)
    return _read(session, held, session.execute(query).scalars().all())


def need(session: Session, held: InForce, request: str) -> Asked:
    """The request of this id that waits; NotFound for none."""
    query = select(RequestRow).where(_undecided(), RequestRow.id == request)
    found = _read(session, held, session.execute(query).scalars().all()) if is_id(request) else []
    if not found:
        raise NotFound(say("没有这份顶岗申请，或已办理"), remedy=say("请从顶岗页面重新进入"))
    return found[0]


def begun(session: Session, held: InForce, now: datetime) -> list[Begun]:
    """Posts lately taken over at a kiosk that nobody approved or refused, by their start. One statement."""
    turn, a, b, back = CoverTurnRow, aliased(SeatRow), aliased(SeatRow), aliased(CoverTurnRow)
    decided = select(CoverRow.id).where(CoverRow.id == turn.id, CoverRow.decided.is_not(None))
    over = select(func.min(back.at)).where(
        back.turn == "end", back.at >= turn.at,
        (back.cover == turn.id) | ((back.covered == turn.covered) & (back.covering == turn.covering)),
    )  # fmt: skip
    registered = select(b.id).where(b.post == PostRow.id, b.kind == "B", b.person == turn.covering)
    away = select(LeaveRow.id).where(
        LeaveRow.person == turn.covering, LeaveRow.status == "approved", LeaveRow.kind.not_in(PERMISSIONS),
        LeaveRow.start <= turn.at, LeaveRow.ends > turn.at,
    )  # fmt: skip
    query = (
        select(turn, a, PostRow, WindowRow, over.scalar_subquery(), registered.exists(), away.exists())
        .join(a, (a.person == turn.covered) & (a.kind == "A"))
        .join(PostRow, PostRow.id == a.post)
        .join(WindowRow, WindowRow.id == PostRow.window)
        .where(turn.turn == "begin", turn.at > now - WAITS, ~decided.exists())
        .order_by(turn.at, turn.id)
    )
    found: dict[str, Begun] = {}
    for row, seat, post, window, ended, is_b, is_away in session.execute(query):
        day = covers.day_of(held, row.at)
        if seat.since <= day and (seat.until is None or seat.until >= day):
            place = Place(post.id, (row.covering,) if is_b else ())
            allowed, clauses = covers.emergency(held.on(day).policy, place, row.covering)
            found.setdefault(row.id, Begun(row, post, window, ended or row.covers_to, allowed, clauses, bool(is_away)))
    return list(found.values())


def readable(session: Session, held: InForce, rows: Sequence[RequestRow]) -> set[str]:
    """The ids of those that can be decided: both people known, the covered one A of a post. Two statements."""
    return {each.id for each in _read(session, held, rows)}


def decide(session: Session, held: InForce, asked: Asked, accept: bool, now: datetime, by: str) -> CoverRow:
    """Approve or refuse. BadInput, with the clause, for somebody whom the policy does not let cover on the occasion.

    The occasion is that of the approved leave of whom they cover, else an errand.
    """
    if by in (asked.covered.id, asked.covering.id):
        raise BadInput(say("不能办理自己的顶岗"), remedy=say("请由另一位有权的人办理"))
    standing, clauses = "", ""
    leave, span = _occasion(session, held, asked)
    occasion: str = span.occasion
    if accept:
        cover_plans.refuse_second(session, span)
        stand_ins.require_free(stand_ins.one(session, asked.covering, asked.start, asked.end, held.zone))
        standing, clauses, occasion = ruled(session, held, span, asked.covering, "")
    row = CoverRow(
        id=asked.id, post=asked.post.id, person=asked.covering.id, covered=asked.covered.id, occasion=occasion,
        standing=standing, began="desk", state="open" if accept else "refused", start=asked.start, end=asked.end,
        handover="", handback="", clauses=clauses, opened_by=None, ended_by=None, decided=now, decided_by=by,
        made=asked.at, leave=leave,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note(session, now, by, "cover.request", row.id, {"accepted": accept} | cover_plans.told(row))
    return row


def asked_waits(viewer: Viewer) -> Counted | None:
    """The bell's line for covers asked for at a kiosk."""
    number = select(func.count()).select_from(RequestRow).where(_undecided(), _alive(viewer.now))
    return _line(viewer, "cover_requests", number, RequestRow.person, say("打卡屏顶岗申请待办理"))


def emergency_waits(viewer: Viewer) -> Counted | None:
    """The bell's line for posts taken over at once, which are approved afterwards (`taigu:ab_post:3`)."""
    decided = select(CoverRow.id).where(CoverRow.id == CoverTurnRow.id, CoverRow.decided.is_not(None))
    number = (
        select(func.count())
        .select_from(CoverTurnRow)
        .where(CoverTurnRow.turn == "begin", CoverTurnRow.at > viewer.now - WAITS, ~decided.exists())
    )
    return _line(viewer, "emergencies", number, CoverTurnRow.covered, say("紧急顶岗待认可"))


def notes_waits(viewer: Viewer) -> Counted | None:
    """The bell's line for covers whose hand-over or hand-back nobody wrote, for both people and the window's head."""
    over = (CoverRow.state == "ended") | (CoverRow.end <= viewer.now)
    lacks = (CoverRow.handover == "") | ((CoverRow.handback == "") & over)
    number = select(func.count()).select_from(CoverRow).where(
        LISTED, CoverRow.state.in_(("open", "ended")), CoverRow.start <= viewer.now, lacks,
        (CoverRow.end.is_(None)) | (CoverRow.end > viewer.now - WAITS),
    )  # fmt: skip
    headed = select(PostRow.id).where(PostRow.window.in_(sorted(viewer.holding.windows_of(viewer.person))))
    mine = CoverRow.post.in_(headed) | (CoverRow.person == viewer.person) | (CoverRow.covered == viewer.person)
    return Counted("notes", number.where(mine), say("顶岗交接没有写"), "/covers?past=1")


def _line(
    viewer: Viewer, kind: str, number: Select[int], covered: InstrumentedAttribute[str], words: str
) -> Counted | None:
    seats = select(SeatRow.person).join(PostRow, PostRow.id == SeatRow.post).where(SeatRow.kind == "A")
    if viewer.acting.isdisjoint(OVERSEES):
        windows = sorted(viewer.holding.windows_of(viewer.person))
        if not windows:
            return None
        seats = seats.where(PostRow.window.in_(windows))
    return Counted(kind, number.where(covered.in_(seats)), words, "/covers")


def _undecided() -> ColumnElement[bool]:
    at_once = select(CoverTurnRow.id).where(CoverTurnRow.id == RequestRow.id)
    decided = select(CoverRow.id).where(CoverRow.id == RequestRow.id)
    return (RequestRow.asks == "cover") & ~at_once.exists() & ~decided.exists()


def _alive(now: datetime) -> ColumnElement[bool]:
    """Asked for lately, or until an instant to come. The fields lie in the order of their names, so `to` is last."""
    ends = RequestRow.fields.like('%"to": "____-__-__T__:__:__.______Z"}')
    until = func.substr(RequestRow.fields, func.length(RequestRow.fields) - len(instant(now)) - 1, len(instant(now)))
    return (RequestRow.at > now - WAITS) | (ends & (until > instant(now)))


def _occasion(session: Session, held: InForce, asked: Asked) -> tuple[str | None, Span]:
    """The stretch with its occasion, and an approved leave of whom they cover that lasts as long.

    A cover that is to last longer than the leave is judged by its occasion, but does not end with it.
    """
    query = select(LeaveRow).where(
        LeaveRow.person == asked.covered.id, LeaveRow.status == "approved", LeaveRow.start < asked.end,
        LeaveRow.ends > asked.start, LeaveRow.kind.not_in(PERMISSIONS),
    )  # fmt: skip
    for leave in session.execute(query.order_by(LeaveRow.start)).scalars():
        for span in spans_of(session, held, leave):
            if span.post == asked.post.id:
                return leave.id if asked.end <= leave.ends else None, span._replace(start=asked.start, end=asked.end)
    return None, Span(asked.post.id, "errand", asked.start, asked.end)


def _read(session: Session, held: InForce, rows: Sequence[RequestRow]) -> list[Asked]:
    """Those that can be read: both people known, the covered one A of a post."""
    read = [(row, read_fields(row.fields)) for row in rows]
    wanted = {str(fields.get(key, "")) for _, fields in read for key in ("covered", "covering")}
    if not wanted:
        return []
    known = {row.id: row for row in session.execute(select(PersonRow).where(PersonRow.id.in_(wanted))).scalars()}
    query = select(SeatRow, PostRow, WindowRow).join(PostRow, PostRow.id == SeatRow.post)
    query = query.join(WindowRow, WindowRow.id == PostRow.window).where(SeatRow.person.in_(wanted), SeatRow.kind == "A")
    seats = session.execute(query).all()
    found = []
    for row, fields in read:
        covered, covering = (known.get(str(fields.get(key, ""))) for key in ("covered", "covering"))
        span = _span(str(fields.get("from", "")), str(fields.get("to", "")), row.at)
        if covered is None or covering is None or span is None:
            continue
        day = span[0].astimezone(held.zone).date()
        for seat, post, window in seats:
            if seat.person == covered.id and seat.since <= day and (seat.until is None or seat.until >= day):
                found.append(Asked(row.id, covered, covering, post, window, *span, row.at))
                break
    return found


def _span(start: str, end: str, at: datetime) -> tuple[datetime, datetime] | None:
    try:
        begins, ends = read_instant(start) if start else at, read_instant(end)
    except (ValueError, OverflowError):
        return None
    return (begins, ends) if begins < ends <= begins + covers.LONGEST else None
