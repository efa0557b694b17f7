"""Leaves by list: those of a hall or a unit, what waits for somebody, and who is not back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from config.words import say
from station.rules import leave as law
from station.rules.given import Punch
from web.ledger.facts import PunchRow, SignInRow
from web.ledger.leaves import LeaveActRow, LeaveRow
from web.ledger.people import PersonRow
from web.services import absences, leaves
from web.services.holders import Holding
from web.services.in_force import InForce
from web.services.leaves import Case
from web.services.scopes import Scope
from web.services.waits import Viewer, Waiting

OVERRUN_DAYS = 62  # so far back a leave without a return is still looked for
MOST = 100


@dataclass(frozen=True, slots=True)
class Late:
    """A leave that is over, and whoever had it has not been back: sessions missed since, in days."""

    row: LeaveRow
    person: PersonRow
    days: Fraction


def listed(session: Session, scope: Scope, status: str = "", person: str = "", page: int = 1) -> list[LeaveRow]:
    """Leaves, newest first; of the people within the scope, in a status, of a person."""
    query = scope.of(select(LeaveRow).join(PersonRow, PersonRow.id == LeaveRow.person))
    if status:
        query = query.where(LeaveRow.status == status)
    if person:
        query = query.where(LeaveRow.person == person)
    query = query.order_by(LeaveRow.filed.desc(), LeaveRow.id.desc()).limit(MOST + 1).offset(MOST * (page - 1))
    return list(session.execute(query).scalars())


def waiting(session: Session, held: InForce, by: str, now: datetime, holding: Holding | None = None) -> list[Case]:
    """What waits for this person's decision, the longest first. One statement, and two for roles not given."""
    query = select(LeaveRow, PersonRow, LeaveActRow).join(PersonRow, PersonRow.id == LeaveRow.person)
    query = query.outerjoin(LeaveActRow, LeaveActRow.leave == LeaveRow.id).where(LeaveRow.status == "pending")
    found: dict[str, tuple[LeaveRow, PersonRow, list[LeaveActRow]]] = {}
    for row, person, act in session.execute(query.order_by(LeaveRow.filed, LeaveActRow.at, LeaveActRow.id)):
        found.setdefault(row.id, (row, person, []))[2].extend([act] if act is not None else [])
    holding = holding or leaves.holding_of(session, held, now)
    cases = [leaves.case_from(held, row, person, acts, holding) for row, person, acts in found.values()]
    return [case for case in cases if case.may_decide(by)]


def overruns(session: Session, held: InForce, scope: Scope, now: datetime) -> list[Late]:
    """Leaves of the people within the scope that are over without a return, with working time gone since.

    One statement, which brings the first press after each.
    """
    back = select(LeaveActRow.id).where(LeaveActRow.leave == LeaveRow.id, LeaveActRow.act == "return")
    first = (_first_press(table) for table in (PunchRow, SignInRow))
    query = select(LeaveRow, PersonRow, *first).join(PersonRow, PersonRow.id == LeaveRow.person)
    query = query.where(
        LeaveRow.status == "approved", LeaveRow.ends < now, LeaveRow.ends > now - timedelta(days=OVERRUN_DAYS),
        ~back.exists(),
    )  # fmt: skip
    found = []
    for row, person, *ats in session.execute(scope.of(query).order_by(LeaveRow.ends, LeaveRow.id)):
        days = absences.due_days(held, person, row.ends, now)
        presses = [Punch(at, None, True, "") for at in ats if at is not None]
        over = law.overrun(absences.absence_of(row), presses, days, now)
        if over.days:
            found.append(Late(row, person, over.days))
    return found


def waits(session: Session, viewer: Viewer) -> Waiting | None:
    """The bell's line for leaves that this person may decide."""
    found = waiting(session, viewer.held, viewer.person, viewer.now, viewer.holding)
    return Waiting("leaves", len(found), say("假条待审批"), "/leave")


def overrun_waits(session: Session, viewer: Viewer) -> Waiting | None:
    """The bell's line for supervision: leaves over without a return (`wanzhou:attendance:5`)."""
    if "supervision" not in viewer.roles:
        return None
    found = overruns(session, viewer.held, viewer.scope, viewer.now)
    return Waiting("overruns", len(found), say("假满未销假"), "/leave", late=True)


def _first_press(table: type[PunchRow] | type[SignInRow]) -> Any:
    since = select(func.min(table.at)).where(table.person == LeaveRow.person, table.at >= LeaveRow.ends)
    return since.correlate(LeaveRow).scalar_subquery()


def presses_since(session: Session, since: dict[str, datetime]) -> dict[str, list[Punch]]:
    """Presses of these people from an instant of each on. One statement."""
    if not since:
        return {}
    first, found = min(since.values()), dict[str, list[Punch]]()
    parts = [
        select(literal(table.__tablename__), table.person, table.at, table.id).where(
            table.person.in_(sorted(since)), table.at >= first
        )
        for table in (PunchRow, SignInRow)
    ]
    for _, person, at, id_ in session.execute(union_all(*parts)):
        if at >= since[person]:
            found.setdefault(person, []).append(Punch(at, None, True, id_))
    return {person: sorted(each, key=lambda press: press.at) for person, each in found.items()}


def approved_between(session: Session, since: datetime, until: datetime) -> Sequence[LeaveRow]:
    """Approved leaves that touch a stretch."""
    query = select(LeaveRow).where(LeaveRow.status == "approved", LeaveRow.start < until, LeaveRow.ends > since)
    return session.execute(query.order_by(LeaveRow.start, LeaveRow.id)).scalars().all()
