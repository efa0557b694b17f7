"""What waits of last month's sheets: one's own signature, and for supervision the units that are late."""

from datetime import date, timedelta

from sqlalchemy import Select, Subquery, func, select

from config.words import say
from web.ledger.sheets import SheetRow, SignatureRow
from web.services import in_force, members, months, signing
from web.services.in_force import InForce
from web.services.waits import Counted, Viewer

OVERSEES = frozenset(("supervision", "office_leader", "centre_leader"))


def to_sign(viewer: Viewer) -> Counted | None:
    """The unit's sheet, when it is this person's turn to sign."""
    first = last_month(viewer.today)
    order = viewer.held.of_month(first.year, first.month).policy.reporting.signatures
    turns = [turn for turn, role in enumerate(order) if role in viewer.roles]
    if not turns or not viewer.unit or before_the_hall(viewer.held, first):
        return None
    current = (SheetRow.month == months.month_text(first)) & (SheetRow.unit == viewer.unit)
    stands = select(func.count(SignatureRow.id)).join(SheetRow, SheetRow.id == SignatureRow.sheet)
    signed = stands.where(current, SheetRow.reopened.is_(None)).scalar_subquery()
    mine = select(SignatureRow.id).join(SheetRow, SheetRow.id == SignatureRow.sheet)
    mine = mine.where(current, SheetRow.reopened.is_(None), SignatureRow.person == viewer.person)
    units = _units(first)
    mine_to_sign = select(units.c.unit).where(units.c.unit == viewer.unit, signed.in_(turns), ~mine.exists())
    due = signing.due(viewer.held, first)
    words = say("{month} 月表待签字，{due} 前报送", month=months.month_text(first), due=f"{due:%m-%d}")
    address = f"/sheets?month={months.month_text(first)}"
    return Counted("sheet", _how_many(mine_to_sign), words, address, viewer.today > due)


def overdue(viewer: Viewer) -> Counted | None:
    """Units whose sheet should have reached supervision."""
    first = last_month(viewer.today)
    late = viewer.today > signing.due(viewer.held, first) and not before_the_hall(viewer.held, first)
    if not late or viewer.roles.isdisjoint(OVERSEES):
        return None
    words = say("{month} 月表逾期未报的单位", month=months.month_text(first))
    return Counted("overdue", _how_many(unsigned(first)), words, f"/sheets?month={months.month_text(first)}", late=True)


def unsigned(first: date) -> Select[str]:
    """The units whose sheet of the month is not closed."""
    units = _units(first)
    closed = select(SheetRow.id).where(
        SheetRow.month == months.month_text(first), SheetRow.unit == units.c.unit, SheetRow.closed.is_not(None),
        SheetRow.reopened.is_(None),
    )  # fmt: skip
    return select(units.c.unit).where(~closed.exists())


def before_the_hall(held: InForce, first: date) -> bool:
    """Whether nobody had pressed anything in the hall by the end of the month."""
    return held.begun is None or held.begun.astimezone(held.zone).date() > in_force.last_of(first)


def last_month(today: date) -> date:
    """The first day of the month before today's."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _units(first: date) -> Subquery:
    return members.belonging(first, in_force.last_of(first))


def _how_many(units: Select[str]) -> Select[int]:
    return select(func.count()).select_from(units.subquery())
