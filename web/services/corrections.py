"""Corrections: a missing press asked to be made good, decided by the duty leader or supervision, taken back.

Punches are never edited: an approved correction is a press of its own, and every act about it is a row and audited.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.policy_words import word
from config.words import say, series
from station.requesting import SIDES as SIDE_WORDS
from station.rules import correction as law
from station.rules import leave
from station.rules.correction import Place
from station.rules.explain import SESSIONS
from station.rules.hours import Day, minute_of, moment
from station.rules.leave import Deciders
from web.ledger.corrections import CorrectionActRow, CorrectionRow
from web.ledger.people import PersonRow
from web.services import attendance, audit, correction_rows, people, signing
from web.services.correction_rows import LONGEST_REASON
from web.services.errors import BadInput, NotAllowed
from web.services.holders import Holding
from web.services.in_force import InForce, group_of

LIVE = ("pending", "approved")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A correction as it is to be filed. `at`: None where nobody can say when it was. `source`: desk or paper."""

    person: str
    day: date
    session: str
    side: str
    at: datetime | None
    reason: str
    source: str = "desk"


@dataclass(frozen=True)
class Case:
    """A correction with what was done about it, and who may decide it today."""

    row: CorrectionRow
    person: PersonRow
    acts: Collection[CorrectionActRow]
    deciders: Deciders

    def may_decide(self, person: str) -> bool:
        """Whether it waits for this person."""
        return self.row.status == "pending" and person in self.deciders.people

    def may_annul(self, person: str) -> bool:
        """Whether this person may take the approval back."""
        return self.row.status == "approved" and person in self.deciders.people


def file(session: Session, held: InForce, wanted: Wanted, by: str, now: datetime) -> CorrectionRow:
    """Ask for a correction at the desk. BadInput says what is wrong with it."""
    row = draft(session, held, wanted, by, now)
    session.add(row)
    session.flush()
    audit.note(session, now, by, "correction.file", row.id, _told(row))
    return row


def draft(session: Session, held: InForce, wanted: Wanted, by: str, now: datetime) -> CorrectionRow:
    """The row that would be filed, found sound; nothing is kept of it. BadInput says what is wrong with it."""
    person = people.get(session, wanted.person)
    day = day_of(held, person, wanted.day)
    place = _place(day, wanted.session, wanted.side)
    if not 1 <= len(wanted.reason.strip()) <= LONGEST_REASON:
        raise BadInput(say("没有填事由，或事由太长"), remedy=say("请写 1 到 {n} 个字", n=LONGEST_REASON))
    if not day.worked:
        raise BadInput(say("{day} 是休息日，不用更正", day=f"{wanted.day:%Y-%m-%d}"), remedy=say("请核对日期"))
    _settled(session, held, person, wanted.day, now)
    if wanted.at is not None:
        _fits(held, day, place, wanted.at)
    row = CorrectionRow(
        id=str(uuid7()), person=person.id, day=wanted.day, session=day.spans[place.session].name, side=place.side,
        at=wanted.at, reason=wanted.reason.strip(), source=wanted.source, filed=now, filed_by=by, status="pending",
    )  # fmt: skip
    _only_one(session, row)
    return row


def decide(session: Session, held: InForce, case: Case, by: str, approved: bool, reason: str, now: datetime) -> None:
    """Approve or refuse. NotAllowed for who may not (their own, a role that ended); BadInput says what is amiss."""
    row = case.row
    if row.status != "pending":
        raise BadInput(say("这件更正已经办完"), remedy=say("请刷新后查看"))
    _allow(case, by)
    _reasoned(reason, must=not approved)
    if approved:
        _settled(session, held, case.person, row.day, now)
        day = day_of(held, case.person, row.day)
        place = _place(day, row.session, row.side)
        row.at = row.at or moment(law.on_time(day, place), held.zone)
        _fits(held, day, place, row.at)
        _only_one(session, row, ("approved",))
    _act(session, case, by, "approve" if approved else "refuse", now, reason)
    _settle(session, row, "approved" if approved else "refused")


def take_back(session: Session, case: Case, by: str, reason: str, now: datetime) -> None:
    """Withdraw what is not decided; annul what was approved: for that a reason, by whoever may approve it."""
    row = case.row
    if row.status not in LIVE:
        raise BadInput(say("这件更正已经办完"), remedy=say("请刷新后查看"))
    annulled = row.status == "approved"
    if annulled:
        _allow(case, by)
        _month_open(session, case.person, row.day)
    _reasoned(reason, must=annulled)
    _act(session, case, by, "annul" if annulled else "withdraw", now, reason)
    _settle(session, row, "annulled" if annulled else "withdrawn")


def deciders(held: InForce, person: PersonRow, holding: Holding, today: date) -> Deciders:
    """Who may decide a correction of this person's today; never they themselves."""
    return leave.deciders(held.on(today).policy, law.DECIDED_BY, person.id, holding.of(person))


def day_of(held: InForce, person: PersonRow, day: date) -> Day:
    """The day as it is judged for this person."""
    return held.day(day, group_of(person.group))


def side_words(session: str, side: str) -> str:
    """Which press is meant: 上午上班."""
    return say("{session}{side}", session=say(SESSIONS.get(session, session)), side=say(SIDE_WORDS.get(side, side)))


def _place(day: Day, session: str, side: str) -> Place:
    place = law.place_of(day, session, side)
    if place is None:
        raise BadInput(say("没有选补哪一次卡"), remedy=say("请选上午或下午、上班或下班"))
    return place


def _fits(held: InForce, day: Day, place: Place, at: datetime) -> None:
    """BadInput unless the rules would give a press at this time to that side."""
    start, end = law.bounds(day, place)
    if not start <= minute_of(at) < end:
        first, last = moment(start, held.zone), moment(end - 1, held.zone)
        which = side_words(day.spans[place.session].name, place.side)
        raise BadInput(
            say("{at} 不能算作{which}", at=f"{at.astimezone(held.zone):%H:%M}", which=which),
            remedy=say("请填 {first} 到 {last} 之间的时间", first=f"{first:%H:%M}", last=f"{last:%H:%M}"),
        )


def _settled(session: Session, held: InForce, person: PersonRow, day: date, now: datetime) -> None:
    """BadInput unless the day is over and its month not closed."""
    if not attendance.is_closed(held, day, now):
        raise BadInput(say("{day} 还没有过完，不能更正", day=f"{day:%Y-%m-%d}"), remedy=say("请次日再办"))
    _month_open(session, person, day)


def _month_open(session: Session, person: PersonRow, day: date) -> None:
    if signing.closed_month(session, person, day, day):
        raise BadInput(
            say("{month} 的月表已经锁定，不能更正", month=f"{day:%Y-%m}"),
            remedy=say("请督查部门写明理由重新打开月表后再办"),
        )


def _only_one(session: Session, row: CorrectionRow, statuses: Collection[str] = LIVE) -> None:
    same = select(CorrectionRow.id).where(
        CorrectionRow.person == row.person, CorrectionRow.day == row.day, CorrectionRow.session == row.session,
        CorrectionRow.side == row.side, CorrectionRow.status.in_(statuses), CorrectionRow.id != row.id,
    )  # fmt: skip
    if session.execute(same.limit(1)).first() is not None:
        raise BadInput(
            say("{which}已有一件更正", which=side_words(row.session, row.side)), remedy=say("请在更正列表中办理那一件")
        )


def _allow(case: Case, by: str) -> None:
    if by in case.deciders.people:
        return
    if by == case.row.person:
        raise NotAllowed(say("不能办理本人的更正"), remedy=say("请由值班长或督查部门的其他人办理"))
    if not case.deciders.people:
        roles = series(say(word(role)) for role in case.deciders.roles)
        raise NotAllowed(say("今天没有人担任{roles}", roles=roles), remedy=say("请管理员在人员台账中指定"))
    raise NotAllowed(say("您今天不能办理这件更正"), remedy=say("请由值班长或督查部门办理"))


def _reasoned(reason: str, *, must: bool) -> None:
    if must and not reason.strip():
        raise BadInput(say("没有写理由"), remedy=say("请写明理由"))
    if len(reason.strip()) > LONGEST_REASON:
        raise BadInput(say("理由太长"), remedy=say("请写在 {n} 个字以内", n=LONGEST_REASON))


def _act(session: Session, case: Case, by: str, act: str, now: datetime, reason: str) -> None:
    roles: Iterable[str] = case.deciders.roles if by in case.deciders.people else ()
    row = CorrectionActRow(
        id=str(uuid7()), correction=case.row.id, at=now, by=by, act=act, role=next(iter(roles), ""),
        reason=reason.strip(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note(session, now, by, f"correction.{act}", case.row.id, {**_told(case.row), "reason": row.reason})


def _settle(session: Session, row: CorrectionRow, status: str) -> None:
    row.status = status
    session.flush()
    correction_rows.mark(session, row.person, row.day)


def _told(row: CorrectionRow) -> dict[str, str]:
    return {
        "person": row.person, "day": row.day.isoformat(), "slot": f"{row.session} {row.side}",
        "at": row.at.isoformat() if row.at else "", "reason": row.reason,
    }  # fmt: skip
