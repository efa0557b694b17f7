"""What stands against a list of staff: rows against one another, and against what the ledger has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.words import say
from web.ledger.people import PersonRow
from web.ledger.posts import PostRow, SeatRow, UnitRow, WindowRow
from web.services.sheet import Fault
from web.services.staff_rows import Entry


@dataclass(slots=True)
class Standing:
    """What the ledger has already that rows may clash with."""

    numbers: dict[str, str]
    names: set[tuple[str, str]]
    units: set[str]
    windows: dict[str, WindowRow]
    posts: dict[tuple[str, str], PostRow]
    a_of: dict[str, str]  # post id → name of its A
    last_b: dict[str, int]  # post id → rank of its last B


def standing_of(session: Session, today: date) -> Standing:
    people = session.execute(
        select(PersonRow.number, PersonRow.name, PersonRow.unit).where(PersonRow.posted_to.is_(None))
    ).all()
    windows = session.execute(select(WindowRow).where(WindowRow.closed.is_(None))).scalars().all()
    number_of = {row.id: row.number for row in windows}
    posts = session.execute(select(PostRow).where(PostRow.closed.is_(None))).scalars()
    seats = session.execute(
        select(SeatRow, PersonRow.name)
        .join(PersonRow, PersonRow.id == SeatRow.person)
        .where((SeatRow.until.is_(None)) | (SeatRow.until >= today))
    ).all()
    ranks: dict[str, int] = {}
    for seat, _ in seats:
        ranks[seat.post] = max(seat.rank, ranks.get(seat.post, 0))
    return Standing(
        numbers={number: name for number, name, _ in people if number},
        names={(name, unit) for _, name, unit in people},
        units=set(session.execute(select(UnitRow.name)).scalars()),
        windows={row.number: row for row in windows},
        posts={(number_of[post.window], post.name): post for post in posts if post.window in number_of},
        a_of={seat.post: name for seat, name in seats if seat.kind == "A"},
        last_b=ranks,
    )


def clashes(entries: Sequence[Entry], standing: Standing) -> list[Fault]:
    """What stands against a row because of another row, or of what the ledger has."""
    return [*_twice(entries, standing), *_window_clashes(entries, standing), *_two_as(entries, standing)]


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
        elif entry.name and not entry.number and (entry.name, entry.unit) in standing.names:
            faults.append(Fault(entry.row, "姓名", say("同单位已有同名的人在册，请填工号区分")))
    return faults


def _window_clashes(entries: Sequence[Entry], standing: Standing) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[str, tuple[str, str, str]] = {
        number: (row.unit, row.side, say("台账")) for number, row in standing.windows.items()
    }
    for entry in entries:
        if not entry.window:
            continue
        unit, side, where = seen.setdefault(entry.window, (entry.unit, entry.side, say("第 {n} 行", n=entry.row)))
        if unit != entry.unit:
            reason = say("{number} 号窗口在{where}属于{unit}", number=entry.window, where=where, unit=unit)
            faults.append(Fault(entry.row, "窗口编号", reason))
        elif side != entry.side:
            side_words = say("前台") if side == "window" else say("后台")
            reason = say("{number} 号窗口在{where}是{side}", number=entry.window, where=where, side=side_words)
            faults.append(Fault(entry.row, "前/后台", reason))
    return faults


def _two_as(entries: Sequence[Entry], standing: Standing) -> list[Fault]:
    faults: list[Fault] = []
    first: dict[tuple[str, str], str] = {}
    for place, post in standing.posts.items():
        if post.id in standing.a_of:
            first[place] = standing.a_of[post.id]
    for entry in entries:
        if entry.kind != "A":
            continue
        place = (entry.window, entry.post)
        if place in first:
            reason = say("这个岗位的 A岗 已是{who}，一个岗位只能有一个", who=first[place])
            faults.append(Fault(entry.row, "A/B", reason))
        else:
            first[place] = say("第 {row} 行的{name}", row=entry.row, name=entry.name)
    return faults
