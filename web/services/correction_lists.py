"""Corrections by list: those of a hall or a unit, what waits for somebody, and what is shown beside a verdict."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from config.words import say
from web.ledger.corrections import CorrectionActRow, CorrectionRow
from web.ledger.people import PersonRow
from web.services import corrections, holders
from web.services.correction_rows import Told
from web.services.corrections import Case
from web.services.errors import NotFound
from web.services.holders import Holding
from web.services.ids import is_id
from web.services.in_force import InForce
from web.services.records import FEW
from web.services.scopes import Scope
from web.services.waits import Viewer, Waiting

MOST = 100


def one(session: Session, held: InForce, correction: str, now: datetime) -> Case:
    """A correction as of today. NotFound for nothing. Five statements at most."""
    row = session.get(CorrectionRow, correction) if is_id(correction) else None
    if row is None:
        raise NotFound(say("没有这件更正"), remedy=say("请从更正列表进入"))
    return cases(session, held, [row], now)[0]


def cases(session: Session, held: InForce, rows: Sequence[CorrectionRow], now: datetime,
          holding: Holding | None = None) -> list[Case]:  # fmt: skip
    """Several at once: two statements, and two for today's roles where they are not given."""
    today = now.astimezone(held.zone).date()
    holding = holding or holders.on(session, today, now)
    acts: dict[str, list[CorrectionActRow]] = {}
    query = select(CorrectionActRow).where(CorrectionActRow.correction.in_([row.id for row in rows]))
    for act in session.execute(query.order_by(CorrectionActRow.at, CorrectionActRow.id)).scalars():
        acts.setdefault(act.correction, []).append(act)
    asked = select(PersonRow).where(PersonRow.id.in_(sorted({row.person for row in rows})))
    people = {row.id: row for row in session.execute(asked).scalars()}
    return [
        Case(row, people[row.person], acts.get(row.id, ()),
             corrections.deciders(held, people[row.person], holding, today))
        for row in rows if row.person in people
    ]  # fmt: skip


def listed(session: Session, scope: Scope, status: str = "", page: int = 1) -> Sequence[CorrectionRow]:
    """Corrections of the people within the scope, newest first; one more than a page shows."""
    query = scope.of(select(CorrectionRow).join(PersonRow, PersonRow.id == CorrectionRow.person))
    if status:
        query = query.where(CorrectionRow.status == status)
    query = query.order_by(CorrectionRow.filed.desc(), CorrectionRow.id.desc())
    return session.execute(query.limit(MOST + 1).offset(MOST * (page - 1))).scalars().all()


def waiting(session: Session, held: InForce, by: str, now: datetime, holding: Holding) -> list[Case]:
    """What waits for this person's decision, the longest first."""
    pending = select(CorrectionRow).where(CorrectionRow.status == "pending").order_by(CorrectionRow.filed)
    found = cases(session, held, session.execute(pending).scalars().all(), now, holding)
    return [case for case in found if case.may_decide(by)]


def waits(session: Session, viewer: Viewer) -> list[Waiting]:
    """The bell's lines for corrections that this person may decide, and for the admin, those that nobody may.

    One statement.
    """
    query = select(PersonRow).join(CorrectionRow, CorrectionRow.person == PersonRow.id)
    asked = session.execute(query.where(CorrectionRow.status == "pending").add_columns(CorrectionRow.id))
    able = [corrections.deciders(viewer.held, row, viewer.holding, viewer.today).people for row, _ in asked]
    lines = [Waiting("corrections", sum(viewer.person in who for who in able), say("更正待审批"), "/corrections")]
    if "admin" in viewer.roles:
        words = say("更正没有人能审批，请在人员台账中指定角色")
        stuck = sum(not who for who in able)
        lines.append(Waiting("corrections_stuck", stuck, words, "/corrections?status=pending", late=True))
    return lines


def told(session: Session, people: Collection[str], first: date, last: date) -> dict[str, Told]:
    """The approved corrections of these people's days from `first` to `last`, by id. One statement."""
    asker, approver, owner = (aliased(PersonRow) for _ in range(3))
    approved = (CorrectionActRow.correction == CorrectionRow.id) & (CorrectionActRow.act == "approve")
    query = (
        select(CorrectionRow, owner.name, asker.name, approver.name, CorrectionActRow.reason)
        .join(CorrectionActRow, approved)
        .join(owner, owner.id == CorrectionRow.person)
        .outerjoin(asker, asker.id == CorrectionRow.filed_by)
        .outerjoin(approver, approver.id == CorrectionActRow.by)
        .where(CorrectionRow.status == "approved", CorrectionRow.day.between(first, last))
        .order_by(CorrectionRow.day, CorrectionRow.at)
    )
    if len(people) <= FEW:
        query = query.where(CorrectionRow.person.in_(sorted(people)))
    found = {}
    for row, own, by, who, why in session.execute(query):
        assert row.at is not None
        found[row.id] = Told(row.id, row.person, row.day, row.session, row.side, row.at, row.reason, by or own,
                             who or "", why)  # fmt: skip
    return found
