"""What stands against a list of staff: rows against one another, and against what the ledger has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, SeatRow, UnitRow, WindowRow
from web.services.people import day_of
from web.services.sheet import Fault
from web.services.staff_rows import Entry


@dataclass(slots=True)
class Standing:
    """What the ledger has already that rows may clash with."""

    numbers: dict[str, str]
    names: dict[tuple[str, str], set[str]]  # name and unit → their 工号, empty for who has none
    units: set[str]
    windows: dict[str, WindowRow]
    posts: dict[tuple[str, str], PostRow]
    a_of: dict[str, tuple[date, str]]  # post id → last day and name of its last A; `date.max` for an open end
    last_b: dict[str, int]  # post id → rank of its last B


def standing_of(session: Session, today: date) -> Standing:
    """What stands on `today` and after it; As before it too, for rows that begin in the past."""
    listed = session.execute(select(PersonRow.number, PersonRow.name, PersonRow.unit, PersonRow.posted_to))
    people = [row for row in listed if row.posted_to is None or day_of(row.posted_to) >= today]
    windows = session.execute(select(WindowRow).where(WindowRow.closed.is_(None))).scalars().all()
    number_of = {row.id: row.number for row in windows}
    posts = session.execute(select(PostRow).where(PostRow.closed.is_(None))).scalars()
    columns = (SeatRow.post, SeatRow.kind, SeatRow.rank, SeatRow.since, SeatRow.until, PersonRow.name)
    seats = session.execute(select(*columns).join(PersonRow, PersonRow.id == SeatRow.person)).all()
    ranks: dict[str, int] = {}
    a_of: dict[str, tuple[date, str]] = {}
    names: dict[tuple[str, str], set[str]] = {}
    for seat in seats:
        until = seat.until or date.max
        if until >= today:
            ranks[seat.post] = max(seat.rank, ranks.get(seat.post, 0))
        if seat.kind == "A" and until >= seat.since:
            a_of[seat.post] = max(a_of.get(seat.post, (date.min, "")), (until, seat.name))
    for number, name, unit, _ in people:
        names.setdefault((name, unit), set()).add(number)
    return Standing(
        numbers={number: name for number, name, *_ in people if number},
        names=names,
        units=set(session.execute(select(UnitRow.name)).scalars()),
        windows={row.number: row for row in windows},
        posts={(number_of[post.window], post.name): post for post in posts if post.window in number_of},
        a_of=a_of,
        last_b=ranks,
    )


def clashes(entries: Sequence[Entry], standing: Standing, today: date) -> list[Fault]:
    """What stands against a row because of another row, or of what the ledger has."""
    return [*_twice(entries, standing), *_window_clashes(entries, standing), *_two_as(entries, standing, today)]


def _twice(entries: Sequence[Entry], standing: Standing) -> list[Fault]:
    faults: list[Fault] = []
    numbers: dict[str, int] = {}
    names: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.number in standing.numbers:
            who = standing.numbers[entry.number]
            faults.append(Fault(entry.row, "工号", say("工号 {n} 已是在册的{name}", n=entry.number, name=who)))
        elif entry.number in numbers:
            reason = say("与第 {row} 行的工号相同", row=numbers[entry.number])
            faults.append(Fault(entry.row, "工号", reason))
        if entry.number:
            numbers.setdefault(entry.number, entry.row)
        who_else = names.setdefault((entry.name, entry.unit), entry)
        unnumbered = not entry.number or not who_else.number
        if entry.name and who_else is not entry and unnumbered:
            reason = say("与第 {row} 行同单位同名，请填工号区分", row=who_else.row)
            faults.append(Fault(entry.row, "姓名", reason))
        elif entry.name and (known := standing.names.get((entry.name, entry.unit))):
            if not entry.number:
                faults.append(Fault(entry.row, "姓名", say("同单位已有同名的人在册，请填工号区分")))
            elif "" in known:
                reason = say("同单位已有同名的人在册而没有工号，是同一人的请删去这一行，不是的请先给他填工号")
                faults.append(Fault(entry.row, "姓名", reason))
    return faults


def _window_clashes(entries: Sequence[Entry], standing: Standing) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[str, tuple[str, str, str]] = {
        number: (row.unit, row.side, say("台账")) for number, row in standing.windows.items()
    }
    floors = {number: (row.floor, say("台账")) for number, row in standing.windows.items()}
    for entry in entries:
        if not entry.window:
            continue
        if entry.floor is not None:
            floor, said = floors.setdefault(entry.window, (entry.floor, say("第 {n} 行", n=entry.row)))
            if floor != entry.floor:
                reason = say("{number} 号窗口在{where}是 {floor} 楼", number=entry.window, where=said, floor=floor)
                if floor is None:
                    reason = say("{number} 号窗口已登记而没有楼层，请在窗口页面上填", number=entry.window)
                faults.append(Fault(entry.row, "楼层", reason))
        unit, side, where = seen.setdefault(entry.window, (entry.unit, entry.side, say("第 {n} 行", n=entry.row)))
        if unit != entry.unit:
            reason = say("{number} 号窗口在{where}属于{unit}", number=entry.window, where=where, unit=unit)
            faults.append(Fault(entry.row, "窗口编号", reason))
        elif side != entry.side:
            side_words = say("前台") if side == "window" else say("后台")
            reason = say("{number} 号窗口在{where}是{side}", number=entry.window, where=where, side=side_words)
            faults.append(Fault(entry.row, "前/后台", reason))
    return faults


def _two_as(entries: Sequence[Entry], standing: Standing, today: date) -> list[Fault]:
    """Each A of the list sits from their own first day on, so an A who still sat then stands against them."""
    faults: list[Fault] = []
    first: dict[tuple[str, str], str] = {}
    for entry in entries:
        if entry.kind != "A":
            continue
        place = (entry.window, entry.post)
        post = standing.posts.get(place)
        until, sat = standing.a_of.get(post.id, (date.min, "")) if post is not None else (date.min, "")
        since = entry.since or today
        if since <= until < date.max:
            reason = say("这个岗位的 A岗 到 {day} 为止是{who}，入驻日期须在这之后", day=until.isoformat(), who=sat)
            faults.append(Fault(entry.row, "A/B", reason))
        elif until == date.max or place in first:
            reason = say("这个岗位的 A岗 已是{who}，一个岗位只能有一个", who=first.get(place, sat))
            faults.append(Fault(entry.row, "A/B", reason))
        else:
            first[place] = say("第 {row} 行的{name}", row=entry.row, name=entry.name)
    return faults
