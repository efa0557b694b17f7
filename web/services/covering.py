"""Covers by hand: a window's head or the duty leader opens and ends one, and decides on what a kiosk began.

Hand-over and hand-back notes: `wanzhou:substitution:4.2`, `wanzhou:substitution:4.3`, `wanzhou:substitution:5`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.clauses import cite
from config.policy import Policy
from config.policy_posts import Coverer, Occasion
from config.policy_words import word
from config.words import say, series
from station.rules.coverage import MayCover, may_cover
from web.ledger.covers import CoverRow
from web.ledger.people import PersonRow, RoleRow
from web.ledger.posts import PostRow, SeatRow, WindowRow
from web.services import audit, covers, people, posts, roles, stand_ins
from web.services.covers import Covering
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.ids import is_id
from web.services.in_force import InForce

NOTE_LONGEST = 200
OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)
STANDINGS: tuple[Coverer, ...] = get_args(Coverer)
OVERSEERS = frozenset(("admin", "duty_leader", "supervision", "office_leader", "centre_leader"))


@dataclass(frozen=True, slots=True)
class Opening:
    """A cover to be opened, until the end of the day `last` if nobody ends it before.

    `standing`: what the person is to the post beside being a registered B; empty for none.
    """

    post: str
    person: str
    occasion: str
    standing: str
    start: datetime
    last: date
    handover: str = ""


def may_decide(session: Session, person: str, held_roles: frozenset[str], window: WindowRow, day: date) -> bool:
    """Whether somebody may open, end and decide covers at a window on a day: its head, or who oversees the hall."""
    if held_roles & OVERSEERS:
        return True
    query = select(RoleRow).where(RoleRow.person == person, RoleRow.role == "window_head", RoleRow.scope == window.id)
    return bool(roles.in_force(session.execute(query).scalars(), day))


def require_head(session: Session, person: str, held_roles: frozenset[str], window: WindowRow, day: date) -> None:
    """NotAllowed for who may not decide covers at this window."""
    if not may_decide(session, person, held_roles, window, day):
        raise NotAllowed(say("顶岗由本窗口负责人或值班长办理"), remedy=say("请联系窗口负责人或值班长"))


def open_cover(session: Session, held: InForce, given: Opening, now: datetime, by: str) -> str:
    """Let somebody cover a post from an instant of today on; the cover's id.

    BadInput, with the clause, for somebody whom the policy in force does not let cover on this occasion.
    """
    post, window = posts.need_post(session, given.post)
    who, day = people.get(session, given.person), covers.day_of(held, now)
    check_note(given.handover)
    if window.closed is not None and window.closed < day:
        raise BadInput(say("{number} 号窗口已停用", number=window.number))
    _check_time(held, given, now)
    seats = [seat for seat in _seats(session, post) if seat.since <= day and (seat.until is None or seat.until >= day)]
    _check_person(who, seats, day)
    found, standing = _allowed(held.on(day).policy, given, any(s.person == who.id and s.kind == "B" for s in seats))
    _refuse_second(session, held, post, now)
    over = datetime.combine(given.last + timedelta(days=1), time(), held.zone)
    stand_ins.require_free(stand_ins.one(session, who, given.start, over, held.zone))
    row = CoverRow(
        id=str(uuid7()), post=post.id, person=who.id,
        covered=next((seat.person for seat in seats if seat.kind == "A"), None),
        occasion=given.occasion, standing=standing, began="desk", state="open",
        start=given.start, end=covers.bounds(held, given.last)[1],
        handover=given.handover.strip(), handback="", clauses=" ".join(found.clauses),
        opened_by=by, ended_by=None, decided=now, decided_by=by, made=now,
        handover_at=now if given.handover.strip() else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    detail = {"window": window.number, "post": post.name, "person": who.id, "occasion": given.occasion,
              "standing": standing, "start": given.start.isoformat(), "last": given.last.isoformat(),
              "handover": row.handover}  # fmt: skip
    audit.note(session, now, by, "cover.open", row.id, detail)
    return row.id


def end_cover(
    session: Session, held: InForce, cover: str, end: datetime, handback: str, now: datetime, by: str
) -> None:
    """Give the post back at an instant. BadInput for one that is over, or an end before its start or to come."""
    found = need(session, held, cover)
    check_note(handback)
    if found.state(now) != "open":
        raise BadInput(say("这次顶岗已经结束"))
    if not found.start <= end <= now:
        raise BadInput(say("结束时间要在顶岗开始之后、现在之前"), remedy=say("请改正时间"))
    row = _row_of(session, found)
    row.end, row.state, row.ended_by, row.handback = end, "ended", by, handback.strip()
    session.flush()
    audit.note(session, now, by, "cover.end", cover, {"end": end.isoformat(), "handback": row.handback})


def decide(session: Session, held: InForce, cover: str, accept: bool, now: datetime, by: str) -> None:
    """Approve or refuse what a kiosk began. BadInput when that was done already, or for one's own cover."""
    found = need(session, held, cover)
    if not found.waits:
        raise BadInput(say("这次顶岗已经办理过"))
    if by in (found.person, found.covered):
        raise BadInput(say("不能办理自己的顶岗"), remedy=say("请由另一位有权的人办理"))
    row = _row_of(session, found)
    row.state, row.decided, row.decided_by = row.state if accept else "refused", now, by
    session.flush()
    detail = {"accepted": accept, "allowed": found.allowed, "person": found.person}
    audit.note(session, now, by, "cover.decide", cover, detail)


def need(session: Session, held: InForce, cover: str) -> Covering:
    """The cover of this id, at a known post; NotFound for none."""
    found = covers.one(session, held, cover) if is_id(cover) else None
    if found is None or not found.post:
        raise NotFound(say("没有这次顶岗"), remedy=say("请从岗位看板重新进入"))
    return found


def refused_words(found: MayCover, policy: Policy, occasion: Occasion) -> tuple[str, str]:
    """Why somebody may not cover, with the clause, and who may."""
    clauses = series(map(cite, found.clauses))
    row = next((each for each in policy.substitution.covers if each.occasion == occasion), None)
    able = series(map(word, row.who)) if row else ""
    return (
        say("{occasion}时，此人不能顶这个岗（{clauses}）", occasion=word(occasion), clauses=clauses),
        say("可以顶岗的是：{able}", able=able) if able else say("请换一个情形"),
    )


def _allowed(policy: Policy, given: Opening, registered: bool) -> tuple[MayCover, str]:
    """The ruling, and as what the person covers."""
    occasion = next((each for each in OCCASIONS if each == given.occasion), None)
    chosen = next((each for each in STANDINGS if each == given.standing and each != "registered_b"), None)
    if occasion is None or (given.standing and chosen is None):
        raise BadInput(say("没有选顶岗的情形"), remedy=say("请选一项"))
    standing: list[Coverer] = [*(["registered_b"] if registered else []), *([chosen] if chosen else [])]  # type: ignore[list-item]
    found = may_cover(policy, occasion, standing)
    if not found.allowed:
        what, remedy = refused_words(found, policy, occasion)
        raise BadInput(what, remedy=remedy)
    return found, next(each for each in standing if may_cover(policy, occasion, [each]).allowed)


def _check_time(held: InForce, given: Opening, now: datetime) -> None:
    day = covers.day_of(held, now)
    if not covers.bounds(held, day)[0] <= given.start <= now:
        raise BadInput(say("开始时间要在今天、现在之前"), remedy=say("请改正时间，或留空表示现在"))
    if not day <= given.last < day + covers.LONGEST:
        raise BadInput(
            say("顶岗一次最长 {n} 天", n=covers.LONGEST.days), remedy=say("请改正最后一天，长期的请改岗位安排")
        )


def check_note(note: str) -> None:
    """BadInput for a note that is too long."""
    if len(note) > NOTE_LONGEST:
        raise BadInput(say("交接说明太长"), remedy=say("请写在 {n} 个字以内", n=NOTE_LONGEST))


def _check_person(who: PersonRow, seats: Sequence[SeatRow], day: date) -> None:
    if any(seat.person == who.id and seat.kind == "A" for seat in seats):
        raise BadInput(say("{name} 就是这个岗位的 A岗", name=who.name), remedy=say("请另选一位顶岗人"))
    since, until = people.day_or_none(who.posted_from), people.day_or_none(who.posted_to)
    if (since is not None and since > day) or (until is not None and until < day):
        raise BadInput(say("{name} 今天不在册", name=who.name), remedy=say("请另选一位顶岗人"))


def _refuse_second(session: Session, held: InForce, post: PostRow, now: datetime) -> None:
    opens, closes = covers.bounds(held, covers.day_of(held, now))
    for each in covers.between(session, held, opens, closes):
        if each.post == post.id and each.state(now) == "open" and each.counts:
            name = people.get(session, each.person).name
            raise BadInput(say("{name} 正在顶这个岗", name=name), remedy=say("请先结束这次顶岗"))


def _seats(session: Session, post: PostRow) -> Sequence[SeatRow]:
    return session.execute(select(SeatRow).where(SeatRow.post == post.id)).scalars().all()


def _row_of(session: Session, found: Covering) -> CoverRow:
    """The desk's row of a cover; for one that a kiosk began it is made with the first decision."""
    row = session.get(CoverRow, found.id)
    if row is None:
        row = CoverRow(
            id=found.id, post=found.post, person=found.person, covered=found.covered, occasion=found.occasion,
            standing=found.standing, began="kiosk", state="open", start=found.start, end=found.end,
            handover=found.handover, handback=found.handback, clauses=" ".join(found.clauses), opened_by=None,
            ended_by=None, decided=None, decided_by=None, made=found.start,
        )  # fmt: skip
        session.add(row)
    return row
