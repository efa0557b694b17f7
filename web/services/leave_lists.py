"""Leaves by list: those of a hall or a unit, and what waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from config.words import say
from station.rules.given import Punch
from station.rules.hours import minute_of
from web.ledger.facts import PunchRow, SignInRow
from web.ledger.leaves import LeaveActRow, LeaveRow
from web.ledger.people import PersonRow
from web.services import absences, leaves
from web.services.holders import Holding
from web.services.in_force import InForce
from web.services.leaves import Case
from web.services.scopes import Scope
from web.services.waits import Viewer, Waiting

MOST = 100


@dataclass(frozen=True, slots=True)
class Early:
    """A running leave in which somebody pressed: they may be back. `at`: the first such press."""

    row: LeaveRow
    person: PersonRow
    at: datetime


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
    return [case for case in _pending(session, held, now, holding) if case.may_decide(by)]


def _pending(session: Session, held: InForce, now: datetime, holding: Holding | None) -> list[Case]:
    query = select(LeaveRow, PersonRow, LeaveActRow).join(PersonRow, PersonRow.id == LeaveRow.person)
    query = query.outerjoin(LeaveActRow, LeaveActRow.leave == LeaveRow.id).where(LeaveRow.status == "pending")
    found: dict[str, tuple[LeaveRow, PersonRow, list[LeaveActRow]]] = {}
    for row, person, act in session.execute(query.order_by(LeaveRow.filed, LeaveActRow.at, LeaveActRow.id)):
        found.setdefault(row.id, (row, person, []))[2].extend([act] if act is not None else [])
    holding = holding or leaves.holding_of(session, held, now)
    return [leaves.case_from(held, row, person, acts, holding) for row, person, acts in found.values()]


def back_early(session: Session, held: InForce, scope: Scope, now: datetime) -> list[Early]:
    """Leaves of the people within the scope that run, in which somebody pressed and whose return nobody reported.

    Whoever presses on the way out, or in the last session, is not listed (assumed): a whole session of the leave lies
    before the press and one after it. One statement.
    """
    back = select(LeaveActRow.id).where(LeaveActRow.leave == LeaveRow.id, LeaveActRow.act == "return")
    presses = union_all(*(select(each.person, each.at) for each in (PunchRow, SignInRow))).subquery()
    query = select(LeaveRow, PersonRow, presses.c.at).join(PersonRow, PersonRow.id == LeaveRow.person)
    query = query.join(
        presses,
        (presses.c.person == LeaveRow.person) & (presses.c.at > LeaveRow.start) & (presses.c.at < LeaveRow.ends),
    )
    query = query.where(
        LeaveRow.status == "approved", LeaveRow.start < now, LeaveRow.ends > now, ~back.correlate(LeaveRow).exists()
    )
    found: dict[str, Early] = {}
    for row, person, at in session.execute(scope.of(query).order_by(presses.c.at, LeaveRow.id)):
        spans = [
            span for day in absences.due_days(held, person, row.start, row.ends) if day.worked for span in day.spans
        ]
        begins, pressed, ends = minute_of(row.start), minute_of(at), minute_of(row.ends)
        before = any(begins <= span.start and span.end <= pressed for span in spans)
        after = any(pressed <= span.start and span.end <= ends for span in spans)
        if before and after and row.id not in found:
            found[row.id] = Early(row, person, at)
    return list(found.values())


def waits(session: Session, viewer: Viewer) -> list[Waiting]:
    """The bell's lines for leaves that this person may decide, and for the admin, those that nobody may."""
    cases = _pending(session, viewer.held, viewer.now, viewer.holding)
    own = sum(case.may_decide(viewer.person) for case in cases)
    lines = [Waiting("leaves", own, say("假条待审批"), "/leave")]
    if "admin" in viewer.roles:
        stuck = sum((who := case.deciders()) is not None and not who.people for case in cases)
        words = say("假条没有人能审批，请在人员台账中指定角色")
        lines.append(Waiting("leaves_stuck", stuck, words, "/leave?status=pending", late=True))
    return lines


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
