"""What waits of duty: a swap to answer, a day to be taken over, an urgent matter to be seen, a day that is mine, and
for the office, a day that nobody leads."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import aliased

from config.words import say
from station.rules.calendar import working_days_after
from web.ledger.duty import DutyActRow, DutyDayRow, DutyEntryRow, DutyHandoverRow, DutySwapRow
from web.ledger.leaves import LeaveRow
from web.services import duty_closing, duty_days, duty_log, duty_planning
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


def never_handed_over(viewer: Viewer) -> Counted | None:
    """Days past that nobody handed over: to whoever led them, and all of them to supervision."""
    oversees = "supervision" in viewer.roles
    if not oversees and viewer.roles.isdisjoint(duty_days.STAND_IN):
        return None
    later = aliased(DutyDayRow)
    newer = select(later.id).where(later.day == DutyDayRow.day, later.start.is_(None), later.id > DutyDayRow.id)
    led = DutyDayRow.person.is_not(None) if oversees else DutyDayRow.person == viewer.person
    query = select(func.count(DutyDayRow.id)).where(
        led, DutyDayRow.start.is_(None), ~newer.exists(), DutyDayRow.day < viewer.today,
        DutyDayRow.day >= viewer.today - duty_closing.OPEN_FOR,
        ~select(DutyHandoverRow.id).where(DutyHandoverRow.day == DutyDayRow.day).exists(),
    )  # fmt: skip
    return Counted("duty_unhanded", query, say("值班日没有交接"), "/duty", late=True)


def returned(viewer: Viewer) -> Counted | None:
    """Days that this person handed over and the next leader did not accept, not handed over again since."""
    again, back = aliased(DutyHandoverRow), literal("return")
    query = select(func.count(DutyHandoverRow.id)).where(
        DutyHandoverRow.by == viewer.person, DutyHandoverRow.day >= viewer.today - duty_closing.OPEN_FOR,
        select(DutyActRow.id).where(DutyActRow.about == DutyHandoverRow.id, DutyActRow.act == back).exists(),
        ~select(again.id).where(again.day == DutyHandoverRow.day, again.id > DutyHandoverRow.id).exists(),
    )  # fmt: skip
    return Counted("duty_returned", query, say("您的值班交接没有被接收，请补充后重新交接"), "/duty", late=True)


def urgent(viewer: Viewer) -> Counted | None:
    """Urgent matters that nobody above saw yet."""
    if viewer.roles.isdisjoint(duty_log.UPWARD):
        return None
    query = select(func.count()).select_from(unseen(viewer.today).subquery())
    return Counted("duty_urgent", query, say("值班报告的重大情况待签收"), "/duty", late=True)


def unnamed(viewer: Viewer) -> Counted | None:
    """Today or the next working day has nobody on the roster, in a hall that keeps one (`taigu:duty:0`)."""
    kept = select(DutyDayRow.id).exists()
    days = [select(literal(f"{day}")).where(kept, ~_named(day).exists()) for day in _near(viewer)]
    return _for(duty_planning.OFFICE, viewer, "roster", days, say("今天或下一工作日没有排值班长"))


def away(viewer: Viewer) -> Counted | None:
    """Whom the roster names for today or the next working day is on leave, and nobody stands in (`taigu:duty:2.2`)."""
    days = []
    for day in _near(viewer):
        opens, closes = _open(viewer, day)
        leave = (LeaveRow.person == DutyDayRow.person) & (LeaveRow.status == "approved")
        gone = _named(day).join(LeaveRow, leave & (LeaveRow.start < closes) & (LeaveRow.ends > opens))
        other = aliased(DutyDayRow)
        stands_in = select(other.id).where(other.day == day, other.start.is_not(None), other.id > DutyDayRow.id)
        days.append(gone.where(~stands_in.exists()).distinct())
    return _for(duty_days.STAND_IN, viewer, "leaderless", days, say("值班长请假，还没有安排代班或换班"))


def unseen(today: date) -> Select[str]:
    """The ids of urgent entries that nobody above saw yet."""
    seen = select(DutyActRow.id).where(DutyActRow.about == DutyEntryRow.id, DutyActRow.act == literal("seen"))
    return select(DutyEntryRow.id).where(
        DutyEntryRow.urgent, DutyEntryRow.day >= today - duty_log.OPEN_FOR, ~seen.exists()
    )


def _near(viewer: Viewer) -> list[date]:
    """Today where it is worked, and the next working day."""
    table = viewer.held.table
    return [day for day in (viewer.today,) if table.is_workday(day)] + [working_days_after(viewer.today, 1, table)]


def _open(viewer: Viewer, day: date) -> tuple[datetime, datetime]:
    """The instants from the first session's start to the last one's end."""
    spans = viewer.held.day(day, "window").spans
    return datetime.fromtimestamp(spans[0].start * 60, UTC), datetime.fromtimestamp(spans[-1].end * 60, UTC)


def _named(day: date) -> Select[str]:
    """The newest word of the roster on a day, where it names somebody."""
    later = aliased(DutyDayRow)
    newer = select(later.id).where(later.day == day, later.start.is_(None), later.id > DutyDayRow.id)
    return select(DutyDayRow.id).where(
        DutyDayRow.day == day, DutyDayRow.start.is_(None), DutyDayRow.person.is_not(None), ~newer.exists()
    )


def _for(asked: Collection[str], viewer: Viewer, kind: str, days: Sequence[Select[str]], words: str) -> Counted | None:
    if viewer.roles.isdisjoint(asked):
        return None
    query = select(func.count()).select_from(union_all(*days).subquery())
    return Counted(kind, query, words, "/duty", late=True)
