"""What waits of duty: a swap for my answer, a day to be taken over, an urgent matter to be seen, a day that is mine."""

from datetime import date

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import aliased

from config.words import say
from web.ledger.duty import DutyActRow, DutyDayRow, DutyEntryRow, DutyHandoverRow, DutySwapRow
from web.services import duty_closing, duty_days, duty_log
from web.services.waits import Counted, Viewer


def mine(viewer: Viewer) -> Counted | None:
    """Today is led by this person."""
    if viewer.person not in {row.person for row, _ in viewer.holding.held if row.role == duty_days.ROLE}:
        return None
    query = select(func.count(DutyDayRow.day.distinct())).where(DutyDayRow.day == viewer.today)
    return Counted("duty", query, say("今天由您值班"), f"/duty/days/{viewer.today}")


def swaps(viewer: Viewer) -> Counted | None:
    """Somebody asks this person to take a day of theirs."""
    query = select(func.count(DutySwapRow.id)).where(
        DutySwapRow.other == viewer.person, DutySwapRow.day >= viewer.today,
        ~select(DutyActRow.id).where(DutyActRow.about == DutySwapRow.id).exists(),
    )  # fmt: skip
    return Counted("duty_swap", query, say("换班等您答复"), "/duty")


def handovers(viewer: Viewer) -> Counted | None:
    """Days handed over to the one that this person leads, or that nobody took before it, without an answer."""
    later = aliased(DutyDayRow)
    newer = select(later.id).where(later.day == DutyDayRow.day, later.start.is_(None), later.id > DutyDayRow.id)
    own = select(DutyDayRow.day).where(DutyDayRow.person == viewer.person, DutyDayRow.start.is_(None), ~newer.exists())
    query = select(func.count(DutyHandoverRow.id)).where(
        DutyHandoverRow.to_day.in_(own) | own.where(DutyDayRow.day == viewer.today).exists(),
        DutyHandoverRow.to_day <= viewer.today,
        DutyHandoverRow.day >= viewer.today - duty_closing.OPEN_FOR,
        ~select(DutyActRow.id).where(DutyActRow.about == DutyHandoverRow.id).exists(),
    )  # fmt: skip
    return Counted("duty_handover", query, say("值班交接等您接收"), f"/duty/days/{viewer.today}", late=True)


def urgent(viewer: Viewer) -> Counted | None:
    """Urgent matters that nobody above saw yet."""
    if viewer.roles.isdisjoint(duty_log.UPWARD):
        return None
    query = select(func.count()).select_from(unseen(viewer.today).subquery())
    return Counted("duty_urgent", query, say("值班报告的重大情况待签收"), "/duty", late=True)


def unseen(today: date) -> Select[str]:
    """The ids of urgent entries that nobody above saw yet."""
    seen = select(DutyActRow.id).where(DutyActRow.about == DutyEntryRow.id, DutyActRow.act == literal("seen"))
    return select(DutyEntryRow.id).where(
        DutyEntryRow.urgent, DutyEntryRow.day >= today - duty_log.OPEN_FOR, ~seen.exists()
    )
