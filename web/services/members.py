"""Who belongs to which unit on which days: one unit at a time, and the units before it with their last days.

A move is dated: days before it stay with the unit that was (assumed: no clause says whose sheet carries them, and each
unit signs for the people that it posts, `shanxi:attendance:11`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    String,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from web.ledger.people import FormerUnitRow, PersonRow
from web.services.people import COLUMNS, day_or_none

ONE_DAY = timedelta(days=1)
NEVER = "9999-12-31"


class Stretch(NamedTuple):
    """Days on end, both inclusive, that somebody belongs to a unit; `window`: the number of theirs, empty for none."""

    unit: str
    first: date
    last: date
    window: str = ""


class OnSheet(NamedTuple):
    """Somebody on a unit's sheet, with all their units of those days in order."""

    person: PersonRow
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with the units before the one of now, the oldest first."""

    row: PersonRow
    former: tuple[FormerUnitRow, ...] = ()

    def stretches(self, first: date, last: date) -> list[Stretch]:
        """Their units from `first` to `last`, in order, within the posting that the roster says."""
        since, until = day_or_none(self.row.posted_from), day_or_none(self.row.posted_to)
        return self.units(max(first, since or first), min(last, until or last))

    def units(self, first: date, last: date) -> list[Stretch]:
        """The same whether they were posted or not."""
        found: list[Stretch] = []
        former = ((each.unit, each.until, each.window) for each in self.former)
        for unit, until, window in (*former, (self.row.unit, last, self.row.window)):
            stop = min(until, last)
            if first <= stop:
                same = bool(found) and found[-1].unit == unit
                found.append(Stretch(unit, found.pop().first if same else first, stop, window))
                first = stop + ONE_DAY
        return found


def read(session: Session, unit: str | None = None) -> list[Member]:
    """Everybody, or whoever belongs or ever belonged to a unit. One statement."""
    query = select(*COLUMNS, FormerUnitRow).outerjoin(FormerUnitRow, FormerUnitRow.person == PersonRow.id)
    if unit is not None:
        then = select(FormerUnitRow.person).where(FormerUnitRow.unit == unit)
        query = query.where(or_(PersonRow.unit == unit, PersonRow.id.in_(then)))
    rows: dict[str, Any] = {}
    former: dict[str, list[FormerUnitRow]] = {}
    for row in session.execute(query.order_by(PersonRow.id, FormerUnitRow.until)):
        rows[row.id] = row
        if row.FormerUnitRow is not None:
            former.setdefault(row.id, []).append(row.FormerUnitRow)
    return [Member(row, tuple(former.get(key, ()))) for key, row in rows.items()]


def posted_in(everybody: Iterable[Member], unit: str, first: date, last: date) -> list[OnSheet]:
    """Who belongs to the unit on a day of the stretch, by window and name. Who only has an account does on none."""
    found = (OnSheet(one.row, one.stretches(first, last)) for one in everybody)
    here = [one for one in found if any(part.unit == unit for part in one.stretches)]
    return sorted(here, key=lambda one: (window_in(unit, one.stretches), one.person.pinyin, one.person.id))


def window_in(unit: str, stretches: Sequence[Stretch]) -> str:
    """The number of the window that somebody had with a unit last, empty for none."""
    return next((each.window for each in reversed(stretches) if each.unit == unit), "")


def units_of(everybody: Iterable[Member], first: date, last: date) -> list[str]:
    """The units that have a sheet for these days."""
    return sorted({part.unit for one in everybody for part in one.stretches(first, last)})


def belonging(first: date, last: date, persons: Collection[str] | None = None) -> Subquery:
    """The same inside the ledger, of everybody or of these people: a line a unit, its name as `unit`."""
    found = _stays(persons)
    touching = _touches(found, literal(first.isoformat()), literal(last.isoformat()))
    return select(found.c.unit).where(touching).distinct().subquery()


def belonging_in(months: Sequence[tuple[str, date, date]]) -> Subquery:
    """The same of several months (name, first and last day): a line a `month` and `unit`."""
    named = (
        select(literal(month).label("month"), literal(f"{first}").label("first"), literal(f"{last}").label("last"))
        for month, first, last in months
    )
    asked, found = union_all(*named).subquery(), _stays(None)
    touching = _touches(found, asked.c.first, asked.c.last)
    return select(asked.c.month, found.c.unit).join(found, touching).distinct().subquery()


def _stays(persons: Collection[str] | None) -> Subquery:
    """Units and the days on which somebody came to them and went; each once, for most of a unit share them.

    `after`: the last day with the unit before it, empty for none.
    """
    before = aliased(FormerUnitRow)
    older = select(func.max(_day(before.until))).where(before.person == PersonRow.id)
    asked = [] if persons is None else [PersonRow.id.in_(sorted(persons))]
    since, leaves = func.coalesce(_day(PersonRow.posted_from), ""), func.coalesce(_day(PersonRow.posted_to), NEVER)
    now = select(
        PersonRow.unit.label("unit"), since.label("since"), leaves.label("until"),
        func.coalesce(older.scalar_subquery(), "").label("after"),
    ).where(*asked)  # fmt: skip
    until = _day(FormerUnitRow.until)
    prior = older.where(before.until < FormerUnitRow.until).scalar_subquery()
    then = (
        select(
            FormerUnitRow.unit.label("unit"), since.label("since"),
            case((leaves < until, leaves), else_=until).label("until"), func.coalesce(prior, "").label("after"),
        )
        .join(PersonRow, PersonRow.id == FormerUnitRow.person)
        .where(*asked)
    )  # fmt: skip
    return union(now, then).subquery()


def _touches(stay: Subquery, first: ColumnElement[str], last: ColumnElement[str]) -> ColumnElement[bool]:
    """That a stay has a day from `first` to `last`."""
    end = stay.c.until
    return and_(end >= first, stay.c.since <= last, stay.c.since <= end, stay.c.after < last, stay.c.after < end)


def _day(end: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """A day, or the day of an instant, as text."""
    return func.substr(type_coerce(end, String), 1, 10)
