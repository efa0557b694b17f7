"""A quarter in sums, from the months that are closed."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from station.rules.month import decimal_string
from web.ledger.sheets import SheetRow
from web.services.months import leave_total, shown
from web.services.signing import signed_sheet


class UnitSums(NamedTuple):
    """A unit's quarter. `closed`: how many of its months are closed; days as shown."""

    unit: str
    closed: int
    people: int
    late: int
    early: int
    missing: int
    absent: str
    leave: str


def quarter_of(first: date) -> tuple[int, int]:
    """Year and quarter (1 to 4) of a month."""
    return first.year, (first.month - 1) // 3 + 1


def quarter_sums(session: Session, first: date) -> list[UnitSums]:
    """The quarter of `first`, a line a unit. One statement."""
    year, quarter = quarter_of(first)
    wanted = [f"{year}-{month:02}" for month in range(quarter * 3 - 2, quarter * 3 + 1)]
    query = select(SheetRow).where(
        SheetRow.month.in_(wanted), SheetRow.closed.is_not(None), SheetRow.reopened.is_(None)
    )
    by_unit: dict[str, list[SheetRow]] = {}
    for row in session.execute(query.order_by(SheetRow.unit, SheetRow.month)).scalars():
        by_unit.setdefault(row.unit, []).append(row)
    return [_sums(unit, rows) for unit, rows in by_unit.items()]


def _sums(unit: str, rows: list[SheetRow]) -> UnitSums:
    people = [one for row in rows for one in signed_sheet(row)["people"]]
    totals = [one["totals"] for one in people]
    late, early, missing = (sum(each[key] for each in totals) for key in ("late", "early", "missing"))
    return UnitSums(
        unit, len(rows), len({one["id"] for one in people}), late, early, missing,
        _days(each["absent"] for each in totals), _days(leave_total(each) for each in totals),
    )  # fmt: skip


def _days(given: Iterator[str]) -> str:
    return shown(decimal_string(sum((Fraction(days) for days in given), Fraction(0))))
