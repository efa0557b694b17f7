"""When a post has to be covered because of a leave, on which occasion, and who may cover it then by the pack."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.policy_posts import Coverer, Occasion
from station.rules import leave as leave_law
from station.rules.coverage import MayCover, cover_needed, may_cover
from station.rules.leave import PERMISSIONS
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, SeatRow
from web.services import absences, covering, people, stand_ins
from web.services.errors import BadInput
from web.services.in_force import InForce


class Span(NamedTuple):
    """A post from an instant up to, not including, another, on the occasion for which it has to be covered."""

    post: str
    occasion: Occasion
    start: datetime
    end: datetime


def spans_of(session: Session, held: InForce, leave: LeaveRow) -> list[Span]:
    """The posts at which whoever is on leave sits as A then, and from when to when."""
    first, last = (at.astimezone(held.zone).date() for at in (leave.start, leave.ends))
    seats = select(SeatRow).where(
        SeatRow.person == leave.person, SeatRow.kind == "A", SeatRow.since <= last,
        (SeatRow.until.is_(None)) | (SeatRow.until >= first),
    )  # fmt: skip
    found = []
    for seat in session.execute(seats.order_by(SeatRow.since, SeatRow.id)).scalars():
        begins = datetime.combine(seat.since, time(), held.zone)
        ends = datetime.combine(seat.until + timedelta(days=1), time(), held.zone) if seat.until else leave.ends
        occasion = _occasion(session, leave, seat.post, max(first, seat.since))
        found.append(Span(seat.post, occasion, max(leave.start, begins), min(leave.ends, ends)))
    return found


def needed(session: Session, held: InForce, leave: LeaveRow, span: Span) -> MayCover:
    """Whether the leave needs a cover of this post, and by which clauses."""
    person = people.get(session, leave.person)
    days = absences.due_days(held, person, leave.start, leave.ends)
    policy = held.on(span.start.astimezone(held.zone).date()).policy
    return cover_needed(policy, leave_law.length(days, leave.start, leave.ends), span.occasion == "one_person")


def ruled(session: Session, held: InForce, span: Span, who: PersonRow, standing: str,
           but: str = "") -> tuple[str, str, str]:  # fmt: skip
    """As what somebody covers, by which clauses and on which occasion. Where no B can, whom the head assigns."""
    backups = stand_ins.registered(session, span.post, span.start, span.end, held.zone, but)
    policy = held.on(span.start.astimezone(held.zone).date()).policy
    registered = any(each.person.id == who.id for each in backups)
    chosen: list[Coverer] = [each for each in covering.STANDINGS if each == standing and each != "registered_b"]
    ways: list[Coverer] = [*(["registered_b"] if registered else []), *chosen]  # type: ignore[list-item]
    occasions = [span.occasion] if any(each.free for each in backups) else [span.occasion, "all_away"]
    for occasion in occasions:
        for way in ways:
            found = may_cover(policy, occasion_of(occasion), [way])
            if found.allowed:
                return way, " ".join(found.clauses), occasion
    what, remedy = covering.refused_words(may_cover(policy, span.occasion, ways), policy, span.occasion)
    raise BadInput(what, remedy=remedy)


def occasion_of(text: str) -> Occasion:
    """The occasion of that name."""
    return next(each for each in covering.OCCASIONS if each == text)


def _occasion(session: Session, leave: LeaveRow, post: str, day: date) -> Occasion:
    if leave.kind in PERMISSIONS:
        return "errand"
    window = select(PostRow.window).where(PostRow.id == post).scalar_subquery()
    query = select(func.count(func.distinct(SeatRow.person))).join(PostRow, PostRow.id == SeatRow.post)
    sitting = query.where(
        PostRow.window == window, SeatRow.kind == "A", SeatRow.since <= day,
        (SeatRow.until.is_(None)) | (SeatRow.until >= day),
    )  # fmt: skip
    return "one_person" if session.execute(sitting).scalar_one() == 1 else "leave"
