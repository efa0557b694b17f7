"""What waits of past months' sheets: one's own signature, and for supervision the units that are late."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, or_, select

from config.words import say
from web.ledger.sheets import SheetRow, SignatureRow
from web.services import in_force, members, months, signing
from web.services.in_force import InForce
from web.services.waits import Counted, Viewer

OVERVIEW = "/sheets"
OVERSEES = frozenset(("supervision", "office_leader", "centre_leader"))


def to_sign(viewer: Viewer) -> Counted | None:
    """The unit's sheet, when it is this person's turn to sign."""
    first = in_force.last_month(viewer.today)
    mine = None if before_the_hall(viewer.held, first) else _my_turn(viewer, [first])
    if mine is None:
        return None
    due = signing.due(viewer.held, first)
    words = say("{month} 月表待签字，{due} 前报送", month=months.month_text(first), due=f"{due:%m-%d}")
    return Counted("sheet", _how_many(mine), words, f"{OVERVIEW}?month={months.month_text(first)}", viewer.today > due)


def to_sign_before(viewer: Viewer) -> Counted | None:
    """The same of all months before the last: never signed, or opened again."""
    mine = _my_turn(viewer, months_before(viewer.held, viewer.today))
    return (
        None
        if mine is None
        else Counted("sheets_before", _how_many(mine), say("以前月份的月表待签字"), OVERVIEW, late=True)
    )


def overdue(viewer: Viewer) -> Counted | None:
    """Units whose sheet should have reached supervision."""
    first = in_force.last_month(viewer.today)
    late = viewer.today > signing.due(viewer.held, first) and not before_the_hall(viewer.held, first)
    if not late or viewer.roles.isdisjoint(OVERSEES):
        return None
    words = say("{month} 月表逾期未报的单位", month=months.month_text(first))
    return Counted(
        "overdue", _how_many(unsigned([first])), words, f"{OVERVIEW}?month={months.month_text(first)}", late=True
    )


def overdue_before(viewer: Viewer) -> Counted | None:
    """The same of all months before the last; the overview names them."""
    firsts = months_before(viewer.held, viewer.today)
    if not firsts or viewer.roles.isdisjoint(OVERSEES):
        return None
    return Counted("overdue_before", _how_many(unsigned(firsts)), say("以前月份逾期未报的月表"), OVERVIEW, late=True)


def unsigned(firsts: Sequence[date]) -> Select[str, str]:
    """Month and unit of the sheets of these months that are not closed, the oldest first."""
    asked = members.belonging_in([(months.month_text(first), first, in_force.last_of(first)) for first in firsts])
    closed = select(SheetRow.id).where(
        SheetRow.month == asked.c.month, SheetRow.unit == asked.c.unit, SheetRow.closed.is_not(None),
        SheetRow.reopened.is_(None),
    )  # fmt: skip
    return select(asked.c.month, asked.c.unit).where(~closed.exists()).order_by(asked.c.month, asked.c.unit)


def months_before(held: InForce, today: date) -> list[date]:
    """The first days of the months before the last one, from the hall's first press on."""
    first, found = in_force.last_month(today), []
    while not before_the_hall(held, first := in_force.last_month(first)):
        found.append(first)
    return found[::-1]


def _my_turn(viewer: Viewer, firsts: Sequence[date]) -> Select[str, str] | None:
    """The unsigned sheets of the viewer's unit on which theirs is the next signature; None for who signs none."""
    turns = {first: _turns(viewer, first) for first in firsts}
    mine = {first: each for first, each in turns.items() if each}
    if not mine or not viewer.unit:
        return None
    found = unsigned(list(mine)).subquery()
    current = (SheetRow.month == found.c.month) & (SheetRow.unit == found.c.unit) & SheetRow.reopened.is_(None)
    stands = select(func.count(SignatureRow.id)).join(SheetRow, SheetRow.id == SignatureRow.sheet)
    signed = stands.where(current).scalar_subquery()
    own = select(SignatureRow.id).join(SheetRow, SheetRow.id == SignatureRow.sheet)
    own = own.where(current, SignatureRow.person == viewer.person)
    next_up = or_(*((found.c.month == months.month_text(first)) & signed.in_(each) for first, each in mine.items()))
    return select(found.c.month, found.c.unit).where(found.c.unit == viewer.unit, next_up, ~own.exists())


def _turns(viewer: Viewer, first: date) -> list[int]:
    order = viewer.held.of_month(first.year, first.month).policy.reporting.signatures
    return [turn for turn, role in enumerate(order) if role in viewer.roles]


def before_the_hall(held: InForce, first: date) -> bool:
    """Whether nobody had pressed anything in the hall by the end of the month."""
    return held.begun is None or held.begun.astimezone(held.zone).date() > in_force.last_of(first)


def _how_many(sheets: Select[str, str]) -> Select[int]:
    return select(func.count()).select_from(sheets.order_by(None).subquery())
