"""Somebody goes over to another unit of the hall. From that day the new unit's sheet carries them (`members`).

A move is not a leaving: fingers, PIN and account stay. Seats and the roles held for the old unit end with it, because a
clerk of one unit is not the clerk of the next. Changes of staff are filed with both units (`shanxi:attendance:4`).
"""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.people import FormerUnitRow, PersonRow
from web.ledger.sheets import SheetRow
from web.services import audit, months, people, posts, roster
from web.services.errors import BadInput
from web.services.members import ONE_DAY
from web.services.people import day_or_none
from web.services.roster import Change
from web.services.scopes import OF_UNIT


def move(session: Session, person: str, unit: str, window: str, day: date, today: date, now: datetime, by: str) -> None:
    """From `day` on they are with `unit`, at `window` (its number, empty for none).

    BadInput for a day to come, for one on which they were not with the old unit yet or have left the hall, and for a
    closed month of either unit.
    """
    row = people.get(session, person)
    unit = posts.need_unit(session, unit, now, by)
    _check(session, row, unit, day, today)
    _need_open(session, row, unit, day)
    before, last = row.unit, day - ONE_DAY
    session.add(FormerUnitRow(id=str(uuid7()), person=person, unit=before, window=row.window, until=last))
    for seat in posts.seats_from(session, person, last):
        posts.end(session, seat, last, now, by)
    for held in people.roles_of(session, [person]).get(person, []):
        if held.role in OF_UNIT and (held.until is None or held.until > last):
            held.until = last
    row.unit, row.window = unit, posts.plain_number(window)
    session.flush()
    detail = {"unit": [before, unit], "since": day.isoformat(), "window": row.window}
    audit.note(session, now, by, "person.transfer", person, detail)
    out, into = Change(before, last, "out", before, unit, person), Change(unit, day, "in", before, unit, person)
    roster.file(session, [out, into], now, by)


def need_correctable(session: Session, row: PersonRow, unit: str) -> None:
    """BadInput unless the unit that stands in the register may be corrected, as an entry that was never right.

    It is for all days since they came to it, so no closed sheet may have them, or lack them.
    """
    since = _since(session, row)
    _need_open(session, row, unit, since or people.day_of(row.added))


def _check(session: Session, row: PersonRow, unit: str, day: date, today: date) -> None:
    since, left = _since(session, row), day_or_none(row.posted_to)
    if unit == row.unit:
        raise BadInput(say("此人已在{unit}", unit=unit), remedy=say("请选另一个单位"))
    if day > today:
        raise BadInput(say("调动日期 {day} 还没有到", day=day.isoformat()), remedy=say("请到当天再登记"))
    if left is not None and day > left:
        raise BadInput(say("此人已于 {day} 调离", day=left.isoformat()), remedy=say("请先撤销调离"))
    if since is not None and day <= since:
        raise BadInput(
            say("此人 {day} 起才在{unit}，不能从这一天或更早调出", day=since.isoformat(), unit=row.unit),
            remedy=say("单位登记错了的，请在“修改”中更正"),
        )


def _since(session: Session, row: PersonRow) -> date | None:
    """Their first day with the present unit; None when nothing says so."""
    former = session.execute(select(func.max(FormerUnitRow.until)).where(FormerUnitRow.person == row.id)).scalar()
    posted = day_or_none(row.posted_from)
    return posted if former is None else max(former + ONE_DAY, posted or former)


def _need_open(session: Session, row: PersonRow, unit: str, day: date) -> None:
    query = select(func.max(SheetRow.month)).where(
        SheetRow.unit.in_((row.unit, unit)), SheetRow.month >= months.month_text(day), SheetRow.closed.is_not(None),
        SheetRow.reopened.is_(None),
    )  # fmt: skip
    month = session.execute(query).scalar()
    if month is not None:
        raise BadInput(
            say("{month} 的月表已经锁定，这一天起的单位不能再改", month=month),
            remedy=say("请用“调动”填锁定月份之后的日期，或请督查部门重新打开月表"),
        )
