"""Covers that are planned: proposed when a leave is approved, accepted or changed by the window's head, noted, ended.

The first registered B who is posted, not away and not covering somebody else then (`wanzhou:substitution:2.5`,
`wanzhou:substitution:4.1`); notes when the post is handed over and given back (`wanzhou:substitution:4.2`,
`wanzhou:substitution:5`, `taigu:ab_post:3`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.rules.coverage import may_cover, proposed
from web.ledger.covers import CoverRow
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow
from web.services import audit, covering, covers, people, stand_ins
from web.services.cover_spans import Span, needed, occasion_of, ruled, spans_of
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id
from web.services.in_force import InForce
from web.services.stand_ins import PLANNED

Note = Literal["handover", "handback"]


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom the window's head wants to cover, from the first to the last day. `standing`: empty for a registered B."""

    person: str
    standing: str
    first: date
    last: date
    handover: str = ""


def propose(session: Session, held: InForce, leave: LeaveRow, now: datetime, by: str) -> list[CoverRow]:
    """Plan a cover of each post at which whoever is on leave sits as A; where nobody can be proposed a gap is left."""
    found = []
    opens = covers.bounds(held, covers.day_of(held, now))[0]
    for whole in spans_of(session, held, leave):
        span = whole._replace(start=max(whole.start, opens))
        policy = held.on(span.start.astimezone(held.zone).date()).policy
        ruling = may_cover(policy, span.occasion, ["registered_b"])
        if span.start >= span.end or not ruling.allowed or not needed(session, held, leave, span).allowed:
            continue
        backups = stand_ins.registered(session, span.post, span.start, span.end, held.zone)
        person = proposed(each.backup for each in backups)
        if person is not None:
            row = _new(leave, span, person, "registered_b", ruling.clauses, now)
            session.add(row)
            session.flush()
            audit.note(session, now, by, "cover.propose", row.id, told(row))
            found.append(row)
    return found


def accept(session: Session, held: InForce, cover: str, now: datetime, by: str) -> CoverRow:
    """The window's head agrees with what was proposed. BadInput when the person is away or busy by now."""
    row = need(session, cover)
    _must_wait(row)
    _not_own(row, by)
    _free(session, held, row, people.get(session, row.person))
    row.state, row.decided, row.decided_by = "open", now, by
    session.flush()
    audit.note(session, now, by, "cover.accept", row.id, told(row))
    return row


def refuse(session: Session, cover: str, now: datetime, by: str) -> None:
    """What was proposed is not to be; the post stands without a cover until somebody is named."""
    row = need(session, cover)
    _must_wait(row)
    _not_own(row, by)
    row.state, row.decided, row.decided_by = "refused", now, by
    session.flush()
    audit.note(session, now, by, "cover.refuse", row.id, told(row))


def change(session: Session, held: InForce, cover: str, person: str, standing: str, now: datetime, by: str) -> CoverRow:
    """Somebody else covers instead. BadInput, with the clause, for somebody whom the policy does not let cover."""
    row = need(session, cover)
    if row.state not in PLANNED or (row.end is not None and row.end <= now):
        raise BadInput(say("这次顶岗已经结束"), remedy=say("请从顶岗列表查看"))
    if row.began == "kiosk":
        raise BadInput(say("打卡屏上开始的顶岗不能换人"), remedy=say("请先交还岗位，再在窗口页登记新的顶岗"))
    who = people.get(session, person)
    if who.id == row.covered:
        raise BadInput(say("{name} 就是请假的人", name=who.name), remedy=say("请另选一位顶岗人"))
    _free(session, held, row, who)
    before, span = row.person, Span(row.post, occasion_of(row.occasion), row.start, _end(row))
    row.standing, row.clauses, row.occasion = ruled(session, held, span, who, standing, but=row.id)
    row.person, row.state, row.decided, row.decided_by = who.id, "open", now, by
    session.flush()
    audit.note(session, now, by, "cover.change", row.id, told(row) | {"before": before})
    return row


def assign(session: Session, held: InForce, leave: LeaveRow, post: str, wish: Wish, now: datetime, by: str) -> CoverRow:
    """The head names who covers a leave over some of its days, where no proposal stands."""
    whole = next((each for each in spans_of(session, held, leave) if each.post == post), None)
    if leave.status != "approved" or whole is None:
        raise BadInput(say("这张假条不需要安排顶岗"), remedy=say("请从顶岗列表查看"))
    opens, closes = covers.bounds(held, wish.first)[0], covers.bounds(held, wish.last)[1]
    span = whole._replace(start=max(whole.start, opens), end=min(whole.end, closes))
    if span.start >= span.end or span.end <= now:
        raise BadInput(say("日期不在假期之内，或已过去"), remedy=say("请按假条的日期填"))
    who = people.get(session, wish.person)
    if who.id == leave.person:
        raise BadInput(say("{name} 就是请假的人", name=who.name), remedy=say("请另选一位顶岗人"))
    stand_ins.require_free(stand_ins.one(session, who, span.start, span.end, held.zone))
    refuse_second(session, span)
    standing, clauses, occasion = ruled(session, held, span, who, wish.standing)
    row = _new(leave, span._replace(occasion=occasion_of(occasion)), who.id, standing, (), now)
    row.clauses, row.state, row.decided, row.decided_by = clauses, "open", now, by
    write_note(row, "handover", wish.handover, now)
    session.add(row)
    session.flush()
    audit.note(session, now, by, "cover.assign", row.id, told(row))
    return row


def follow(session: Session, held: InForce, leave: LeaveRow, was: datetime, now: datetime, by: str) -> None:
    """Covers of a leave go as it goes: cut, cancelled and revoked they end with it, extended they last as long.

    `was`: when the leave was to end until now.
    """
    for row in session.execute(
        select(CoverRow).where(CoverRow.leave == leave.id, CoverRow.state.in_(PLANNED))
    ).scalars():
        if leave.status != "approved" or leave.ends <= row.start:
            _stop(session, row, now, by)
        elif row.end is None or row.end > leave.ends:
            row.end = leave.ends
            audit.note(session, now, by, "cover.cut", row.id, told(row))
        elif row.end == was < leave.ends and _lasts(session, held, row, was, leave.ends):
            row.end = leave.ends
            audit.note(session, now, by, "cover.extend", row.id, told(row))
    session.flush()


def propose_again(session: Session, held: InForce, leave: LeaveRow, now: datetime, by: str) -> None:
    """Whoever was proposed as a cover and is on leave themselves now: another one is looked for."""
    query = select(CoverRow, LeaveRow).join(LeaveRow, LeaveRow.id == CoverRow.leave).where(
        CoverRow.person == leave.person, CoverRow.state == "proposed", CoverRow.start < leave.ends,
        CoverRow.end > leave.start,
    )  # fmt: skip
    for row, other in session.execute(query).all():
        row.state = "cancelled"
        session.flush()
        audit.note(session, now, by, "cover.cancel", row.id, told(row))
        propose(session, held, other, now, by)


def note(session: Session, cover: str, which: Note, text: str, now: datetime, by: str) -> None:
    """Write what is handed over, or given back. BadInput for an empty or overlong one."""
    row = need(session, cover)
    if not text.strip():
        raise BadInput(say("没有写交接内容"), remedy=say("请写明移交了什么"))
    if row.state in ("refused", "cancelled"):
        raise BadInput(say("这次顶岗没有生效，不用写交接"))
    write_note(row, which, text, now)
    session.flush()
    audit.note(session, now, by, f"cover.{which}", row.id, {"text": text.strip()})


def write_note(row: CoverRow, which: Note, text: str, now: datetime) -> None:
    """Put a note into the row; an empty one changes nothing."""
    covering.check_note(text)
    if text.strip() and which == "handover":
        row.handover, row.handover_at = text.strip(), now
    elif text.strip():
        row.handback, row.handback_at = text.strip(), now


def need(session: Session, cover: str) -> CoverRow:
    """The planned or opened cover of this id; NotFound for none."""
    row = session.get(CoverRow, cover) if is_id(cover) else None
    if row is None:
        raise NotFound(say("没有这次顶岗"), remedy=say("请从顶岗列表重新进入"))
    return row


def _new(leave: LeaveRow, span: Span, person: str, standing: str, clauses: Sequence[str], now: datetime) -> CoverRow:
    return CoverRow(
        id=str(uuid7()), post=span.post, person=person, covered=leave.person, occasion=span.occasion,
        standing=standing, began="desk", state="proposed", start=span.start, end=span.end, handover="", handback="",
        clauses=" ".join(clauses), opened_by=None, ended_by=None, decided=None, decided_by=None, leave=leave.id,
        made=now,
    )  # fmt: skip


def _end(row: CoverRow) -> datetime:
    return row.end or row.start + covers.LONGEST


def _must_wait(row: CoverRow) -> None:
    if row.state != "proposed":
        raise BadInput(say("这次顶岗已经办理过"), remedy=say("请从顶岗列表查看"))


def _not_own(row: CoverRow, by: str) -> None:
    if by in (row.person, row.covered):
        raise BadInput(say("不能办理自己的顶岗"), remedy=say("请由另一位有权的人办理"))


def _free(session: Session, held: InForce, row: CoverRow, who: PersonRow) -> None:
    stand_ins.require_free(stand_ins.one(session, who, row.start, _end(row), held.zone, but=row.id))


def refuse_second(session: Session, span: Span) -> None:
    """BadInput where somebody is planned already to cover the post in this time."""
    query = (
        select(PersonRow.name)
        .join(CoverRow, CoverRow.person == PersonRow.id)
        .where(
            CoverRow.post == span.post,
            CoverRow.state.in_(PLANNED),
            CoverRow.start < span.end,
            CoverRow.end > span.start,
        )
    )
    name = session.execute(query.limit(1)).scalar()
    if name is not None:
        raise BadInput(say("这段时间已安排 {name} 顶这个岗", name=name), remedy=say("请在那次顶岗里换人，或改日期"))


def _stop(session: Session, row: CoverRow, now: datetime, by: str) -> None:
    if row.state == "open" and row.start < now:
        row.end = min(_end(row), now)
        audit.note(session, now, by, "cover.cut", row.id, told(row))
        return
    row.state = "cancelled"
    audit.note(session, now, by, "cover.cancel", row.id, told(row))


def _lasts(session: Session, held: InForce, row: CoverRow, since: datetime, until: datetime) -> bool:
    """Whether whoever covers is free for the longer stretch too."""
    return stand_ins.one(session, people.get(session, row.person), since, until, held.zone, but=row.id).free


def told(row: CoverRow) -> dict[str, str]:
    """A cover for the audit."""
    return {
        "post": row.post, "person": row.person, "covered": row.covered or "", "occasion": row.occasion,
        "standing": row.standing, "start": row.start.isoformat(), "end": row.end.isoformat() if row.end else "",
        "leave": row.leave or "",
    }  # fmt: skip
