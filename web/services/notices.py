"""The public notice of a month (taigu:attendance:6): from signed sheets only, leave without its kind."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.policy_outcomes import Reporting
from station.facts import Json
from web.ledger.sheets import SheetRow
from web.services.month_words import turn_words
from web.services.months import leave_total, shown
from web.services.signing import signed_sheet


class Line(NamedTuple):
    """A person in the notice. Days and counts as shown, leave without its kind; `turns`: when they came and went."""

    name: str
    turns: list[str]
    window: str
    due: str
    present: str
    leave: str
    absent: str
    late: int
    early: int
    missing: int


class UnitNotice(NamedTuple):
    """A unit's part of the notice."""

    unit: str
    lines: list[Line]


def posted_months(session: Session) -> list[str]:
    """The months of which something is closed, the newest first."""
    query = select(SheetRow.month).where(SheetRow.closed.is_not(None), SheetRow.reopened.is_(None)).distinct()
    return sorted(session.execute(query).scalars(), reverse=True)


def notice_of(session: Session, month: str, rules: Reporting) -> list[UnitNotice]:
    """What is posted of a month: every unit whose sheet is closed."""
    query = select(SheetRow).where(SheetRow.month == month, SheetRow.closed.is_not(None), SheetRow.reopened.is_(None))
    rows = session.execute(query.order_by(SheetRow.unit)).scalars()
    return [UnitNotice(row.unit, list(_lines(signed_sheet(row), rules))) for row in rows]


def masked(name: str) -> str:
    """A name with all but its first character hidden, in its own length: 刘明 becomes 刘＊."""
    return name[:1] + "＊" * (len(name) - 1)


def _lines(sheet: Json, rules: Reporting) -> Iterator[Line]:
    for one in sheet["people"]:
        totals = one["totals"]
        yield Line(
            masked(one["name"]) if rules.names == "masked" else one["name"], turn_words(one), one["window"],
            shown(totals["due"]), shown(totals["present"]), shown(leave_total(totals)), shown(totals["absent"]),
            totals["late"], totals["early"], totals["missing"],
        )  # fmt: skip
