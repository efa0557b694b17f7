"""Posts that nobody covers although their A will be on leave: told to the window's head and the duty leader before.

Worked out whenever it is asked, so a gap closes by itself when somebody covers or the leave is cut or cancelled
(`taigu:attendance:4`, `taigu:ab_post:2`, `wanzhou:substitution:2.4`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from config.words import say
from station.rules import leave as leave_law
from station.rules.calendar import dates
from station.rules.coverage import Gap, Plan, Why, cover_needed, gap, may_cover
from station.rules.hours import Stretch, minute_of
from station.rules.punches import NEVER
from web.ledger.covers import CoverRow, CoverTurnRow
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, SeatRow, WindowRow
from web.services import absences, covers
from web.services.hub import Hub
from web.services.in_force import InForce, group_of
from web.services.stand_ins import PLANNED
from web.services.waits import Viewer, Waiting

AHEAD = 14  # days that are looked at, today included (assumed)
TELLS = frozenset(("duty_leader", "supervision"))


@dataclass(frozen=True, slots=True)
class Need:
    """A post without an accepted cover on some days of a leave. `cover`: what was planned for it; `name`: who by.

    `why`: nobody is planned, the plan waits to be accepted, or who was planned is on leave themselves.
    """

    leave: LeaveRow
    person: PersonRow
    post: str
    window: WindowRow
    days: tuple[date, ...]
    why: Why
    cover: CoverRow | None
    clauses: tuple[str, ...]


class Coming(NamedTuple):
    """A gap in short: the window's unit, and its first day."""

    unit: str
    first: date


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: leave, its person, the post's seat and window, how many sit at the window; and the covers.

    `away`: person → when they are on leave; `posts`: post → what is planned there; `begun`: post → by id,
    who took it over at a kiosk and has not given it back, whether a desk approved it, whether they are a registered B.
    """

    rows: Sequence[Any]
    covers: dict[str, CoverRow]
    away: dict[str, set[Stretch]]
    posts: dict[str, list[CoverRow]]
    begun: dict[str, dict[str, Any]]


def needs(session: Session, held: InForce, now: datetime, ahead: int = AHEAD) -> list[Need]:
    """Every gap of the coming days, by day and window. One statement."""
    today = now.astimezone(held.zone).date()
    read = _read(session, now, now + timedelta(days=ahead + 1))
    found: list[Need] = []
    for row in read.rows:
        clauses = _clauses(held, row) if row.SeatRow is not None else ()
        by_gap: dict[Gap, list[date]] = {}
        for day in dates(today, today + timedelta(days=ahead - 1)) if clauses else ():
            open_ = _gap(held, read, row, day, now)
            if open_ is not None:
                by_gap.setdefault(open_, []).append(day)
        found += [_need(row, read, open_, days, clauses) for open_, days in by_gap.items()]
    return sorted(found, key=lambda need: (need.days[0], need.window.number, need.leave.id))


def coming(session: Session, hub: Hub, held: InForce) -> tuple[Coming, ...]:
    """The same in short, worked out once for whoever asks. Two statements at most."""
    now = hub.now()
    return hub.once.get(held.stand.at(now), "gaps", lambda: tuple(
        Coming(need.window.unit, need.days[0]) for need in needs(session, held, now)))  # fmt: skip


def waits(session: Session, viewer: Viewer) -> Waiting | None:
    """The bell's line for the window's head, and for the duty leader and supervision of the whole hall."""
    headed = viewer.holding.windows_of(viewer.person)
    tells = not viewer.acting.isdisjoint(TELLS)
    if not tells and not headed:
        return None
    found = needs(session, viewer.held, viewer.now)
    own = [each for each in found if tells or each.window.id in headed]
    soon = any(each.days[0] <= viewer.today + timedelta(days=1) for each in own)
    return Waiting("gaps", len(own), say("请假的岗位待安排或确认顶岗"), "/covers", soon)


def _read(session: Session, since: datetime, until: datetime) -> Read:
    others, posts = aliased(SeatRow), aliased(PostRow)
    sitting = select(func.count(func.distinct(others.person))).join(posts, posts.id == others.post)
    sitting = sitting.where(
        posts.window == WindowRow.id, others.kind == "A", others.since <= until.date(),
        (others.until.is_(None)) | (others.until >= since.date()),
    )  # fmt: skip
    given_back = select(CoverTurnRow.id).where(CoverTurnRow.cover == CoverRow.id, CoverTurnRow.turn == "end")
    planned = and_(
        CoverRow.post == SeatRow.post, CoverRow.state.in_(PLANNED), CoverRow.began == "desk", CoverRow.start < until,
        (CoverRow.end.is_(None)) | (CoverRow.end > since), ~given_back.exists(),
    )  # fmt: skip
    begun, back = aliased(CoverTurnRow, name="begun"), aliased(CoverTurnRow)
    decided, seat_b = aliased(CoverRow), aliased(SeatRow)
    own = select(decided.id).where(decided.id == begun.id)
    ended = select(back.id).where(
        back.turn == "end", back.at >= begun.at,
        (back.cover == begun.id) | ((back.covered == begun.covered) & (back.covering == begun.covering)),
    )  # fmt: skip
    registered = select(seat_b.id).where(
        seat_b.post == SeatRow.post, seat_b.kind == "B", seat_b.person == begun.covering, seat_b.since <= since.date(),
        (seat_b.until.is_(None)) | (seat_b.until >= since.date()),
    )  # fmt: skip
    taken = and_(
        begun.covered == LeaveRow.person, begun.turn == "begin", begun.at > since - timedelta(days=1), ~ended.exists(),
        ~own.where((decided.state == "refused") | (decided.end <= since)).exists(),
    )  # fmt: skip
    query = (
        select(
            LeaveRow,
            PersonRow,
            SeatRow,
            WindowRow,
            sitting.scalar_subquery().label("sitting"),
            CoverRow,
            begun,
            own.where(decided.decided.is_not(None)).exists().label("approved"),
            registered.exists().label("registered"),
        )
        .join(PersonRow, PersonRow.id == LeaveRow.person)
        .outerjoin(SeatRow, (SeatRow.person == LeaveRow.person) & (SeatRow.kind == "A"))
        .outerjoin(PostRow, PostRow.id == SeatRow.post)
        .outerjoin(WindowRow, WindowRow.id == PostRow.window)
        .outerjoin(CoverRow, planned)
        .outerjoin(begun, taken)
        .where(LeaveRow.status == "approved", LeaveRow.start < until, LeaveRow.ends > since)
        .order_by(LeaveRow.start, LeaveRow.id)
    )
    rows: dict[tuple[str, str], Any] = {}
    planned_rows: dict[str, CoverRow] = {}
    away: dict[str, set[Stretch]] = {}
    at_post: dict[str, list[CoverRow]] = {}
    taken_over: dict[str, dict[str, Any]] = {}
    for row in session.execute(query):  # a row for each cover that is planned at the post, or was begun there
        if row.begun is not None and row.SeatRow is not None:
            taken_over.setdefault(row.SeatRow.post, {})[row.begun.id] = row
        leave, seat, cover = row.LeaveRow, row.SeatRow, row.CoverRow
        rows.setdefault((leave.id, seat.id if seat else ""), row)
        away.setdefault(leave.person, set()).add(Stretch(minute_of(leave.start), minute_of(leave.ends)))
        if cover is not None and cover.id not in planned_rows:
            planned_rows[cover.id] = cover
            at_post.setdefault(cover.post, []).append(cover)
    return Read(list(rows.values()), planned_rows, away, at_post, taken_over)


def _clauses(held: InForce, row: Any) -> tuple[str, ...]:
    """By which clauses the leave needs a cover; none when it does not."""
    leave: LeaveRow = row.LeaveRow
    days = absences.due_days(held, row.PersonRow, leave.start, leave.ends)
    policy = held.on(leave.start.astimezone(held.zone).date()).policy
    found = cover_needed(policy, leave_law.length(days, leave.start, leave.ends), row.sitting == 1)
    return found.clauses if found.allowed else ()


def _gap(held: InForce, read: Read, row: Any, day: date, now: datetime) -> Gap | None:
    """Why the post is not covered on this day of the leave; None when it is, or need not be."""
    seat: SeatRow = row.SeatRow
    if seat.since > day or (seat.until is not None and seat.until < day):
        return None
    due = _due(held, row, day, now)
    begun = (_begun(held, each, read, due) for each in read.begun.get(seat.post, {}).values())
    return gap(due, [*(_plan(each, read, due) for each in read.posts.get(seat.post, ())), *begun])


def _plan(cover: CoverRow, read: Read, due: Sequence[Stretch]) -> Plan:
    start, end = minute_of(cover.start), NEVER if cover.end is None else minute_of(cover.end)
    return Plan(cover.id, start, end, cover.state == "open", _away(cover.person, read, due))


def _begun(held: InForce, row: Any, read: Read, due: Sequence[Stretch]) -> Plan:
    """A post taken over at a kiosk: it holds from its fact on where the pack allows it, else once it is approved."""
    turn: CoverTurnRow = row.begun
    day = covers.day_of(held, turn.at)
    allowed = may_cover(held.on(day).policy, "emergency", ["registered_b"] if row.registered else []).allowed
    start, closes = max(turn.at, turn.covers_from or turn.at), covers.bounds(held, day)[1]
    end = min(closes, turn.covers_to) if turn.covers_to is not None and turn.covers_to > start else closes
    accepted = allowed or bool(row.approved)
    return Plan(turn.id, minute_of(start), minute_of(end), accepted, _away(turn.covering, read, due))


def _away(person: str, read: Read, due: Sequence[Stretch]) -> bool:
    theirs = read.away.get(person, ())
    return any(one.start < each.end and one.end > each.start for one in theirs for each in due)


def _need(row: Any, read: Read, open_: Gap, days: list[date], clauses: tuple[str, ...]) -> Need:
    plan = read.covers.get(open_.plan) if open_.plan else None
    return Need(row.LeaveRow, row.PersonRow, row.SeatRow.post, row.WindowRow, tuple(days), open_.why, plan, clauses)


def _due(held: InForce, row: Any, day: date, now: datetime) -> list[Stretch]:
    """The working time of the day that the leave takes and that is still to come."""
    leave: LeaveRow = row.LeaveRow
    whole = held.day(day, group_of(row.PersonRow.group))
    since, until = minute_of(max(leave.start, now)), minute_of(leave.ends)
    spans = [Stretch(max(span.start, since), min(span.end, until)) for span in whole.spans if whole.worked]
    return [span for span in spans if span.start < span.end]
