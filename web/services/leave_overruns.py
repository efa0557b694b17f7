"""Leave that is over without a return: who is missing, since when, and supervision's word on it (RULES 3.4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from config.words import say
from station.rules import leave as law
from station.rules.given import Absence, Punch
from station.rules.hours import Day
from web.ledger.facts import PunchRow, SignInRow
from web.ledger.leaves import LeaveActRow, LeaveRow
from web.ledger.people import PersonRow
from web.services import absences, leaves
from web.services.errors import BadInput, NotAllowed
from web.services.in_force import InForce
from web.services.people import day_or_none
from web.services.scopes import EVERYBODY, Scope
from web.services.waits import Viewer, Waiting

LOOKED_BACK = timedelta(days=62)  # so far back a leave without a return is still looked for
UNEXCUSED = "unexcused"


@dataclass(frozen=True, slots=True)
class Late:
    """A leave that was over before whoever had it was back: sessions missed in between, in days."""

    row: LeaveRow
    person: PersonRow
    days: Fraction


def listed(session: Session, held: InForce, scope: Scope, now: datetime, leave: str = "") -> list[Late]:
    """The overruns of the people within the scope on which supervision has not said its word; of one leave only.

    They were back at the first press after the end, or at the time of their reported return where that was earlier.
    Other approved leave and days without a posting are no overrun. One statement.
    """
    back = select(func.min(LeaveActRow.until)).where(
        LeaveActRow.leave == LeaveRow.id, LeaveActRow.act == "return", LeaveActRow.until >= LeaveRow.ends
    )
    said = select(LeaveActRow.id).where(
        LeaveActRow.leave == LeaveRow.id, LeaveActRow.act == UNEXCUSED, LeaveActRow.at >= LeaveRow.ends
    )
    other = aliased(LeaveRow)
    firsts = [_first_press(table) for table in (PunchRow, SignInRow)]
    query = (
        select(LeaveRow, PersonRow, other, back.correlate(LeaveRow).scalar_subquery(), *firsts)
        .join(PersonRow, PersonRow.id == LeaveRow.person)
        .outerjoin(
            other,
            (other.person == LeaveRow.person) & (other.status == "approved") & (other.id != LeaveRow.id)
            & (other.ends > LeaveRow.ends) & (other.start < now),
        )
        .where(
            LeaveRow.status == "approved", LeaveRow.ends < now, LeaveRow.ends > now - LOOKED_BACK,
            ~said.correlate(LeaveRow).exists(),
        )
    )  # fmt: skip
    if leave:
        query = query.where(LeaveRow.id == leave)
    found: dict[str, tuple[LeaveRow, PersonRow, list[Absence], list[Punch]]] = {}
    for row, person, further, *ats in session.execute(scope.of(query).order_by(LeaveRow.ends, LeaveRow.id)):
        presses = [Punch(at, None, True, "") for at in ats if at is not None]
        others = found.setdefault(row.id, (row, person, [], presses))[2]
        if further is not None:
            others.append(absences.absence_of(further))
    late = []
    for row, person, others, presses in found.values():
        days = [day for day in absences.due_days(held, person, row.ends, now) if _posted(person, day)]
        over = law.overrun(absences.absence_of(row), presses, days, now, others)
        if over.days:
            late.append(Late(row, person, over.days))
    return late


def find_unexcused(session: Session, held: InForce, leave: str, by: str, reason: str, now: datetime) -> None:
    """Supervision found no good reason for an overrun: the sessions stay as judged, and it is closed (RULES 3.4)."""
    case = leaves.case_of(session, held, leave, now)
    row = case.row
    if by == row.person or by not in case.holding.of(case.person).get("supervision", ()):
        raise NotAllowed(say("假满未归由督查部门认定"), remedy=say("请联系督查部门"))
    if not listed(session, held, EVERYBODY, now, leave):
        raise BadInput(say("这张假条没有待认定的超假"), remedy=say("请刷新后查看"))
    if not reason.strip():
        raise BadInput(say("没有写理由"), remedy=say("请写明理由"))
    leaves.record(session, row, by, UNEXCUSED, now, role="supervision", reason=reason)


def waits(session: Session, viewer: Viewer) -> Waiting | None:
    """The bell's line for supervision: leaves over without a return (`wanzhou:attendance:5`)."""
    if "supervision" not in viewer.roles:
        return None
    found = listed(session, viewer.held, viewer.scope, viewer.now)
    return Waiting("overruns", len(found), say("假满未销假"), "/leave", late=True)


def _first_press(table: type[PunchRow] | type[SignInRow]) -> Any:
    since = select(func.min(table.at)).where(table.person == LeaveRow.person, table.at >= LeaveRow.ends)
    return since.correlate(LeaveRow).scalar_subquery()


def _posted(person: PersonRow, day: Day) -> bool:
    since, until = day_or_none(person.posted_from), day_or_none(person.posted_to)
    return (since is None or since <= day.date) and (until is None or day.date <= until)
