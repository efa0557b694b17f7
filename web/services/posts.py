"""Units, windows and posts, and who sits where: always answerable for any day, since nothing is overwritten.

Each post has an A and any number of registered Bs in their order (`wanzhou:substitution:2.1`,
`wanzhou:substitution:2.5`, `wanzhou:substitution:7.1`, `taigu:ab_post:4`); each unit a telephone for its attendance
clerk (`shanxi:attendance:10`).
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, select, update
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.people import FormerUnitRow, PersonRow
from web.ledger.posts import PostRow, SeatRow, UnitRow, WindowRow
from web.ledger.sheets import SheetRow
from web.services import audit, people, roster
from web.services.errors import BadInput, NotFound
from web.services.ids import is_id
from web.services.roster import Change
from web.services.scopes import EVERYBODY, Scope

SIDES = ("window", "back_office")
LONGEST_NUMBER = 20
FLOORS = range(-3, 100)
DAY = timedelta(days=1)  # the hall's date may be one ahead of UTC's


@dataclass(frozen=True, slots=True)
class Window:
    """A window as it is to be. `floor` None: not said."""

    number: str
    unit: str
    side: str = "window"
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody at a post."""

    seat: SeatRow
    post: PostRow
    window: WindowRow
    person: PersonRow


def plain_number(text: str) -> str:
    """A window's number as it is kept: half-width, without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def need_unit(session: Session, name: str, now: datetime, by: str | None) -> str:
    """The unit's name as kept, listed from now on if it was not. BadInput for an empty or overlong one."""
    name = name.strip()
    if not 0 < len(name) <= 100:
        raise BadInput(say("单位名称不能为空，且不超过 100 个字"))
    if session.execute(select(UnitRow.id).where(UnitRow.name == name)).first() is None:
        session.add(UnitRow(id=str(uuid7()), name=name, phone=""))
        session.flush()
        audit.note(session, now, by, "unit.add", name)
    return name


def edit_unit(session: Session, unit: str, name: str, phone: str, now: datetime, by: str) -> None:
    """Another name or telephone for a unit; its people, windows and signed months follow the name."""
    row = session.get(UnitRow, unit) if is_id(unit) else None
    if row is None:
        raise NotFound(say("没有这个单位"))
    name, phone, was, before = name.strip(), phone.strip(), row.name, row.phone
    if not 0 < len(name) <= 100 or len(phone) > 40:
        raise BadInput(say("单位名称不能为空，名称和电话不能太长"))
    if name != was:
        if session.execute(select(UnitRow.id).where(UnitRow.name == name)).first():
            raise BadInput(say("已有单位 {name}", name=name), remedy=say("请换一个名称"))
        session.execute(update(PersonRow).where(PersonRow.unit == was).values(unit=name))
        for table in (WindowRow, FormerUnitRow, SheetRow):  # a signed sheet's own words stay as they were signed
            session.execute(update(table).where(table.unit == was).values(unit=name))
    row.name, row.phone = name, phone
    audit.note(session, now, by, "unit.edit", unit, {"name": [was, name], "phone": [before, phone]})


def units(session: Session, scope: Scope = EVERYBODY) -> Sequence[UnitRow]:
    """The units within the scope, by name."""
    found = session.execute(select(UnitRow).order_by(UnitRow.name)).scalars()
    return [row for row in found if scope.holds_unit(row.name)]


def open_window(session: Session, window: Window, day: date, now: datetime, by: str | None) -> str:
    """A new window; its id. BadInput for a bad or taken number, an unknown side or a strange floor."""
    number = plain_number(window.number)
    if not 0 < len(number) <= LONGEST_NUMBER:
        raise BadInput(say("窗口编号不能为空，且不超过 {n} 个字符", n=LONGEST_NUMBER))
    _check_window(session, window, number)
    unit = need_unit(session, window.unit, now, by)
    row = WindowRow(id=str(uuid7()), number=number, floor=window.floor, side=window.side, unit=unit)
    session.add(row)
    session.flush()
    audit.note(session, now, by, "window.open", row.id, {"number": number, "unit": unit})
    roster.file(session, [Change(unit, day, "window", "", _window_words(row))], now, by)
    return row.id


def edit_window(session: Session, window: str, given: Window, day: date, now: datetime, by: str) -> None:
    """Another floor, side or unit for a window. Its number stays: a new number is a new window."""
    row = _need_open(session, window)
    _check_window(session, given, "")
    before, was = _window_words(row), row.unit
    row.floor, row.side, row.unit = given.floor, given.side, need_unit(session, given.unit, now, by)
    after = _window_words(row)
    if (before, was) == (after, row.unit):
        return
    audit.note(session, now, by, "window.edit", window, {"window": [before, after], "unit": [was, row.unit]})
    roster.file(session, [Change(row.unit, day, "window", before, after)], now, by)


def close_window(session: Session, window: str, day: date, now: datetime, by: str) -> None:
    """The window's last day. BadInput while somebody sits there after it, and when it has one."""
    row = _need_open(session, window)
    later = select(SeatRow.id).join(PostRow, PostRow.id == SeatRow.post).where(PostRow.window == window)
    if session.execute(later.where((SeatRow.until.is_(None)) | (SeatRow.until > day))).first():
        raise BadInput(say("{number} 号窗口还有人在岗位上", number=row.number), remedy=say("请先结束各岗位的人员安排"))
    row.closed = day
    audit.note(session, now, by, "window.close", window, {"number": row.number, "last": [None, day.isoformat()]})
    roster.file(session, [Change(row.unit, day, "window", _window_words(row), "")], now, by)


def add_post(session: Session, window: str, name: str, now: datetime, by: str | None) -> str:
    """A post at a window; its id. BadInput for a bad or taken name, and at a closed window."""
    name, row = name.strip(), _need_open(session, window)
    if not 0 < len(name) <= 60:
        raise BadInput(say("岗位名称不能为空，且不超过 60 个字"))
    taken = select(PostRow.id).where(PostRow.window == window, PostRow.name == name, PostRow.closed.is_(None))
    if session.execute(taken).first():
        raise BadInput(say("{number} 号窗口已有岗位 {name}", number=row.number, name=name))
    post = PostRow(id=str(uuid7()), window=window, name=name)
    session.add(post)
    session.flush()
    audit.note(session, now, by, "post.add", post.id, {"window": row.number, "name": name})
    return post.id


def sit(session: Session, post: str, person: str, kind: str, since: date, now: datetime, by: str | None) -> str:
    """Put somebody at a post as its A, or as its next registered B, from a day on; the seat's id.

    BadInput when the post has an A then, or the person sits there already or is A elsewhere, and at a closed window.
    """
    row, window = need_post(session, post)
    _need_open(session, window.id)
    who = people.get(session, person)
    if kind not in ("A", "B"):
        raise BadInput(say("只能是 A岗 或 B岗"))
    if row.closed is not None and since > row.closed:
        raise BadInput(say("岗位 {name} 已停用", name=row.name), remedy=say("请换一个岗位"))
    standing = _from(session, SeatRow.post == post, since)
    _refuse_clash(standing, person, kind, window)
    if kind == "A":
        _refuse_elsewhere(session, person, since)
    rank = 0 if kind == "A" else 1 + max((seat.rank for seat in standing), default=0)
    seat = SeatRow(id=str(uuid7()), post=post, person=person, kind=kind, rank=rank, since=since)
    session.add(seat)
    session.flush()
    words = seat_words(window, row, kind)
    audit.note(session, now, by, "seat.begin", person, {"seat": seat.id, "where": words, "since": since.isoformat()})
    roster.file(session, [Change(who.unit, since, "post", "", words, person)], now, by)
    if kind == "A" and since <= now.date() + DAY:
        who.window = window.number
    return seat.id


def rise(session: Session, seat: str, until: date, now: datetime, by: str) -> None:
    """The last day of somebody at a post. BadInput before its first day, or when it has ended already."""
    row = session.get(SeatRow, seat) if is_id(seat) else None
    if row is None:
        raise NotFound(say("没有这项岗位安排"))
    if row.until is not None and row.until <= until:
        raise BadInput(say("这项岗位安排已在 {day} 结束", day=row.until.isoformat()))
    if until < row.since - timedelta(days=1):
        raise BadInput(say("结束日期早于开始日期 {day}", day=row.since.isoformat()), remedy=say("请改正日期"))
    end(session, row, until, now, by)


def end(session: Session, seat: SeatRow, until: date, now: datetime, by: str) -> None:
    """End a seat; one that had not begun by then is left with no day at all."""
    post, window = need_post(session, seat.post)
    who = people.get(session, seat.person)
    told = [seat.until and seat.until.isoformat(), until.isoformat()]
    seat.until = until
    words = seat_words(window, post, seat.kind)
    audit.note(session, now, by, "seat.end", who.id, {"seat": seat.id, "where": words, "until": told})
    roster.file(session, [Change(who.unit, until, "post", words, "", who.id)], now, by)
    if seat.kind == "A" and who.window == window.number and until < now.date():
        who.window = ""


def seated(session: Session, day: date, windows: Collection[str] | None = None) -> list[Seated]:
    """Who sits where on a day (at these windows): by window's number, post, A first, then Bs in their order."""
    query = _seats().where(_held_on(day))
    if windows is not None:
        query = query.where(PostRow.window.in_(windows))
    return [Seated(*found) for found in session.execute(query)]


def seats_on(session: Session, day: date) -> dict[str, list[str]]:
    """Person → their posts on a day, in a few letters: which window's A or B."""
    query = select(SeatRow.person, WindowRow.number, SeatRow.kind).join(PostRow, PostRow.id == SeatRow.post)
    query = query.join(WindowRow, WindowRow.id == PostRow.window).order_by(WindowRow.number, PostRow.id, SeatRow.rank)
    found: dict[str, list[str]] = {}
    for person, number, kind in session.execute(query.where(_held_on(day))):
        found.setdefault(person, []).append(say("{number} {kind}岗", number=number, kind=kind))
    return found


def seats_of(session: Session, person: str) -> list[Seated]:
    """Every seat that the person ever had or will have, newest first."""
    found = [Seated(*each) for each in session.execute(_seats().where(SeatRow.person == person))]
    kept = [one for one in found if one.seat.until is None or one.seat.until >= one.seat.since]
    return sorted(kept, key=lambda one: (one.seat.since, one.seat.id), reverse=True)


def history(session: Session, window: str) -> list[Seated]:
    """Everybody who ever sat or will sit at a window, by post; A first, then Bs, each in the order of time."""
    found = [Seated(*each) for each in session.execute(_seats().where(PostRow.window == window))]
    return [one for one in found if one.seat.until is None or one.seat.until >= one.seat.since]


def seats_from(session: Session, person: str, day: date) -> list[SeatRow]:
    """The person's seats on `day` and after."""
    return _from(session, SeatRow.person == person, day)


def windows(session: Session, closed: bool = False) -> Sequence[WindowRow]:
    """Windows, by floor and number; closed ones too if asked."""
    query = select(WindowRow).order_by(WindowRow.floor, WindowRow.number)
    return session.execute(query if closed else query.where(WindowRow.closed.is_(None))).scalars().all()


def windows_on(session: Session, day: date, scope: Scope = EVERYBODY) -> Sequence[WindowRow]:
    """Windows of the units within the scope that were not closed yet on a day, by floor and number."""
    query = select(WindowRow).where((WindowRow.closed.is_(None)) | (WindowRow.closed >= day))
    found = session.execute(query.order_by(WindowRow.floor, WindowRow.number)).scalars()
    return [row for row in found if scope.holds_unit(row.unit)]


def sitting(session: Session, day: date) -> Sequence[Row[str, str, str, str, str]]:
    """Post, window, its number, A or B, and person of every seat that holds on a day; by post, Bs in their order."""
    query = select(SeatRow.post, PostRow.window, WindowRow.number, SeatRow.kind, SeatRow.person)
    query = query.join(PostRow, PostRow.id == SeatRow.post).join(WindowRow, WindowRow.id == PostRow.window)
    return session.execute(query.where(_held_on(day)).order_by(SeatRow.post, SeatRow.rank)).all()


def posts_of(session: Session, window: str) -> Sequence[PostRow]:
    """A window's posts in the order in which they were made."""
    return session.execute(select(PostRow).where(PostRow.window == window).order_by(PostRow.id)).scalars().all()


def need_window(session: Session, window: str) -> WindowRow:
    """The window of this id; NotFound for none."""
    row = session.get(WindowRow, window) if is_id(window) else None
    if row is None:
        raise NotFound(say("没有这个窗口"), remedy=say("请从窗口与岗位重新进入"))
    return row


def _need_open(session: Session, window: str) -> WindowRow:
    """The window, if it has no last day: nobody sits at one after it, so nothing more is planned there."""
    row = need_window(session, window)
    if row.closed is not None:
        raise BadInput(
            say("{number} 号窗口已停用，最后一天 {day}", number=row.number, day=row.closed.isoformat()),
            remedy=say("要继续使用这个编号，请登记一个新窗口"),
        )
    return row


def need_post(session: Session, post: str) -> tuple[PostRow, WindowRow]:
    """The post of this id and its window; NotFound for none."""
    row = session.get(PostRow, post) if is_id(post) else None
    if row is None:
        raise NotFound(say("没有这个岗位"), remedy=say("请从窗口与岗位重新进入"))
    return row, need_window(session, row.window)


def places(session: Session, wanted: Sequence[str]) -> dict[str, tuple[PostRow, WindowRow]]:
    """Post id → the post and its window. One statement."""
    query = select(PostRow, WindowRow).join(WindowRow, WindowRow.id == PostRow.window).where(PostRow.id.in_(wanted))
    return {post.id: (post, window) for post, window in session.execute(query)}


def seat_words(window: WindowRow, post: PostRow, kind: str) -> str:
    """A seat as it is filed."""
    return say("{number} 号窗口 {post} {kind}岗", number=window.number, post=post.name, kind=kind)


def _window_words(row: WindowRow) -> str:
    side = say("前台") if row.side == "window" else say("后台")
    floor = "" if row.floor is None else say("{n} 楼", n=row.floor)
    return " ".join(filter(None, (say("{number} 号窗口", number=row.number), floor, side)))


def _check_window(session: Session, window: Window, number: str) -> None:
    if window.side not in SIDES:
        raise BadInput(say("没有选前台或后台"))
    if window.floor is not None and window.floor not in FLOORS:
        raise BadInput(say("楼层须在 -3 到 99 之间"))
    taken = select(WindowRow).where(WindowRow.number == number, WindowRow.closed.is_(None))
    if number and (row := session.execute(taken).scalars().first()) is not None:
        raise BadInput(say("窗口编号 {number} 已用于{unit}", number=number, unit=row.unit), remedy=say("请换一个编号"))


def _seats() -> Select[SeatRow, PostRow, WindowRow, PersonRow]:
    return (
        select(SeatRow, PostRow, WindowRow, PersonRow)
        .join(PostRow, PostRow.id == SeatRow.post)
        .join(WindowRow, WindowRow.id == PostRow.window)
        .join(PersonRow, PersonRow.id == SeatRow.person)
        .order_by(WindowRow.number, PostRow.id, SeatRow.rank, SeatRow.since)
    )


def _held_on(day: date) -> ColumnElement[bool]:
    return (SeatRow.since <= day) & ((SeatRow.until.is_(None)) | (SeatRow.until >= day))


def _from(session: Session, which: ColumnElement[bool], day: date) -> list[SeatRow]:
    """Seats that hold on `day` or any day after."""
    query = select(SeatRow).where(which, (SeatRow.until.is_(None)) | (SeatRow.until >= day)).order_by(SeatRow.rank)
    found = session.execute(query).scalars()
    return [seat for seat in found if seat.until is None or seat.until >= seat.since]


def _refuse_clash(standing: Sequence[SeatRow], person: str, kind: str, window: WindowRow) -> None:
    if any(seat.person == person for seat in standing):
        raise BadInput(say("此人已在这个岗位上"), remedy=say("请先结束原来的安排"))
    if kind == "A" and any(seat.kind == "A" for seat in standing):
        raise BadInput(
            say("{number} 号窗口的这个岗位已有 A岗，一个岗位只能有一个", number=window.number),
            remedy=say("请先结束原 A岗 的安排，或登记为 B岗"),
        )


def _refuse_elsewhere(session: Session, person: str, since: date) -> None:
    other = next((seat for seat in _from(session, SeatRow.person == person, since) if seat.kind == "A"), None)
    if other is not None:
        post, window = need_post(session, other.post)
        raise BadInput(
            say("此人已是{where}", where=seat_words(window, post, "A")), remedy=say("请先结束原来的安排，或登记为 B岗")
        )
