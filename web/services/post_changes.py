"""A post closed for good, and its registered Bs put into another order."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from web.ledger.posts import SeatRow
from web.services import audit, posts, roster
from web.services.errors import BadInput
from web.services.roster import Change


def close_post(session: Session, post: str, day: date, now: datetime, by: str) -> None:
    """The post's last day. BadInput while somebody sits there after it, or when it is closed already."""
    row, window = posts.need_post(session, post)
    if row.closed is not None:
        raise BadInput(say("岗位 {name} 已于 {day} 停用", name=row.name, day=row.closed.isoformat()))
    later = select(SeatRow.id).where(SeatRow.post == post, (SeatRow.until.is_(None)) | (SeatRow.until > day))
    if session.execute(later).first():
        raise BadInput(say("岗位 {name} 还有人", name=row.name), remedy=say("请先结束这个岗位的人员安排"))
    row.closed = day
    words = say("{number} 号窗口 {post}", number=window.number, post=row.name)
    audit.note(session, now, by, "post.close", post, {"post": words, "last": [None, day.isoformat()]})
    roster.file(session, [Change(window.unit, day, "window", words, "")], now, by)


def prefer(session: Session, seat: str, day: date, now: datetime, by: str) -> None:
    """Put a registered B one place forward. BadInput for who is no B of that day, or is the first one already."""
    found = next((one for one in posts.seated(session, day) if one.seat.id == seat and one.seat.kind == "B"), None)
    if found is None:
        raise BadInput(say("没有这项 B岗 安排"), remedy=say("请从窗口与岗位重新进入"))
    bs = [one for one in posts.seated(session, day, [found.window.id]) if one.post.id == found.post.id]
    bs = [one for one in bs if one.seat.kind == "B"]
    place = [one.seat.id for one in bs].index(seat)
    if place == 0:
        raise BadInput(say("{name} 已是第一顺位", name=found.person.name))
    before, after = bs[place], bs[place - 1]
    before.seat.rank, after.seat.rank = after.seat.rank, before.seat.rank
    words = posts.seat_words(found.window, found.post, "B")
    told = [say("{seat}第 {n} 顺位", seat=words, n=n) for n in (place + 1, place)]
    audit.note(session, now, by, "seat.prefer", found.person.id, {"seat": seat, "where": told})
    roster.file(session, [Change(found.person.unit, day, "post", told[0], told[1], found.person.id)], now, by)
