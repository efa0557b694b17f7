"""Signing the month: the first signature freezes the sheet, the last one closes the month; what comes later is told.

A signed sheet is never changed. A fact that arrives later makes a difference, which is shown; only reopening (with a
reason, by the role that the policy names) lets the unit sign anew.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.policy import Policy
from config.policy_words import word
from config.words import say, series
from station.facts import Json
from station.rules.calendar import dates
from station.rules.month import sheet_due
from web.ledger.people import FormerUnitRow, PersonRow
from web.ledger.sheets import SheetRow, SignatureRow
from web.services import audit, in_force, months
from web.services.errors import BadInput, Conflicting, NotAllowed
from web.services.in_force import InForce
from web.services.members import Member, belonging

LONGEST_REASON = 200
MOST_TOLD = 5  # obstacles in one refusal; the page lists them all


class Signed(NamedTuple):
    """A signature as it is shown."""

    role: str
    person: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit's sheet of a month stands. `row`: the one that counts, None before the first signature."""

    unit: str
    row: SheetRow | None = None
    signed: tuple[Signed, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether every signature stands."""
        return self.row is not None and self.row.closed is not None

    def next_role(self, policy: Policy) -> str | None:
        """Whose signature is missing next."""
        held = {each.role for each in self.signed}
        return next((role for role in policy.reporting.signatures if role not in held), None)


class Change(NamedTuple):
    """One session that is judged otherwise than it was signed: keys of marks, "" where there was none."""

    name: str
    day: int
    session: int
    was: str
    now: str


class Recount(NamedTuple):
    """Somebody whose accumulated days are others than were signed, in days."""

    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the person, the roles held today, and the unit whose sheet they may sign."""

    person: str
    roles: frozenset[str]
    unit: str


def standings(session: Session, month: str, units: Sequence[str]) -> list[Standing]:
    """How the sheets of a month stand, in the units' order. One statement."""
    query = (
        select(SheetRow, SignatureRow, PersonRow.name)
        .outerjoin(SignatureRow, SignatureRow.sheet == SheetRow.id)
        .outerjoin(PersonRow, PersonRow.id == SignatureRow.person)
        .where(SheetRow.month == month, SheetRow.reopened.is_(None), SheetRow.unit.in_(units))
        .order_by(SignatureRow.at)
    )
    rows: dict[str, SheetRow] = {}
    found: dict[str, list[Signed]] = {}
    for sheet, row, name in session.execute(query):
        rows[sheet.unit] = sheet
        if row is not None:
            found.setdefault(sheet.unit, []).append(Signed(row.role, row.person, name, row.at))
    return [Standing(unit, rows.get(unit), tuple(found.get(unit, ()))) for unit in units]


def standing(session: Session, month: str, unit: str) -> Standing:
    """How one sheet stands."""
    return standings(session, month, [unit])[0]


def past(session: Session, month: str, unit: str) -> Sequence[SheetRow]:
    """The sheets that were reopened, oldest first."""
    query = select(SheetRow).where(SheetRow.month == month, SheetRow.unit == unit, SheetRow.reopened.is_not(None))
    return session.execute(query.order_by(SheetRow.frozen)).scalars().all()


def closed_month(session: Session, person: PersonRow, first: date, last: date) -> str | None:
    """The first month (2026-03) from `first` to `last` that is closed for the unit they were with; None for none."""
    theirs = FormerUnitRow.person == person.id
    query = (
        select(SheetRow.month, SheetRow.unit, FormerUnitRow)
        .outerjoin(FormerUnitRow, theirs)
        .where(SheetRow.month.between(months.month_text(first), months.month_text(last)))
        .where(SheetRow.closed.is_not(None), SheetRow.reopened.is_(None))
        .where(or_(SheetRow.unit == person.unit, SheetRow.unit.in_(select(FormerUnitRow.unit).where(theirs))))
        .order_by(SheetRow.month, SheetRow.unit, FormerUnitRow.until)
    )
    former: dict[tuple[str, str], list[FormerUnitRow]] = {}
    for month, unit, once in session.execute(query):
        former.setdefault((month, unit), []).extend([] if once is None else [once])
    closed = (
        month for (month, unit), before in former.items()
        if _with_in(Member(person, tuple(before)), unit, month, first, last)
    )  # fmt: skip
    return next(closed, None)


def _with_in(member: Member, unit: str, month: str, first: date, last: date) -> bool:
    """Whether somebody was with a unit on a day of a month that lies within the stretch."""
    start = date.fromisoformat(f"{month}-01")
    stretch = max(first, start), min(last, in_force.last_of(start))
    return any(each.unit == unit for each in member.units(*stretch))


def closed_with(session: Session, persons: Collection[str], first: date, last: date) -> list[str]:
    """The units of these people with a closed month among the days from `first` to `last`, as "unit month".

    What is decided about those days changes no signed sheet: it is listed as a difference (RULES 8). One statement.
    """
    texts = sorted({months.month_text(day) for day in dates(first, last)})
    query = select(SheetRow.unit, SheetRow.month).where(
        SheetRow.month.in_(texts), SheetRow.closed.is_not(None), SheetRow.reopened.is_(None),
        SheetRow.unit.in_(select(belonging(first, last, persons).c.unit)),
    )  # fmt: skip
    return [f"{unit} {month}" for unit, month in session.execute(query.order_by(SheetRow.month, SheetRow.unit))]


def difference_words(closed: Sequence[str]) -> str:
    """What who decides such a thing is told; empty where no closed month is touched."""
    if not closed:
        return ""
    which = series([*closed[:MOST_TOLD], *(["…"] if len(closed) > MOST_TOLD else [])])
    return say("月表已锁定：{which}。签字的表不变，判定有变化的在月表页列出", which=which)


def sign(session: Session, held: InForce, first: date, sheet: Json, obstacles: Sequence[str], role: str,
         signer: Signer, now: datetime) -> Standing:  # fmt: skip
    """Put a signature under the unit's sheet as it is judged now. BadInput or NotAllowed says why not.

    `obstacles`: what has to be settled before the month may close, in words.
    """
    unit, month, policy = str(sheet["unit"]), months.month_text(first), held.of_month(first.year, first.month).policy
    stands = standing(session, month, unit)
    _allow(stands, policy, role, signer, unit)
    if obstacles:
        raise BadInput(say("；").join(obstacles[:MOST_TOLD]), remedy=say("处理完后再签字"))
    raw = months.bytes_of(sheet)
    row = stands.row
    if row is not None and row.hash != months.hash_of(raw):
        raise Conflicting(say("考勤员签字之后数据有变化，这张表没有签"), remedy=say("请考勤员撤回签字，核对后重新签"))
    if row is None:
        row = SheetRow(id=str(uuid7()), unit=unit, month=month, data=raw.decode(), hash=months.hash_of(raw), frozen=now,
                       reason="")  # fmt: skip
        session.add(row)
        session.flush()
    session.add(SignatureRow(id=str(uuid7()), sheet=row.id, role=role, person=signer.person, at=now))
    session.flush()
    audit.note(session, now, signer.person, "sheet.sign", row.id,
               {"unit": unit, "month": month, "role": role, "hash": row.hash})  # fmt: skip
    after = standing(session, month, unit)
    if after.next_role(policy) is None:
        row.closed = now
        session.flush()
        audit.note(session, now, signer.person, "sheet.close", row.id,
                   {"unit": unit, "month": month, "closed": [False, True], "hash": row.hash})  # fmt: skip
    return standing(session, month, unit)


def withdraw(session: Session, month: str, unit: str, signer: Signer, now: datetime) -> None:
    """Take the first signature back while the month is not closed; the unit signs anew."""
    stands = standing(session, month, unit)
    if stands.row is None or stands.closed:
        raise BadInput(say("没有可以撤回的签字"), remedy=say("已锁定的月表由督查部门重新打开"))
    if signer.person not in {each.person for each in stands.signed}:
        raise NotAllowed(say("只有签字的人能撤回"), remedy=say("请由签字人撤回"))
    _reopen(session, stands.row, say("签字人撤回"), signer.person, now, "sheet.withdraw")


def reopen(session: Session, held: InForce, first: date, unit: str, reason: str, signer: Signer, now: datetime) -> None:
    """Open a closed month again, with a reason. The signed sheet stays in the record."""
    policy = held.of_month(first.year, first.month).policy
    role = policy.reporting.reopened_by
    if role not in signer.roles:
        raise NotAllowed(say("月表由{role}重新打开", role=word(role)), remedy=say("请联系{role}", role=word(role)))
    if not 2 <= len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(say("请写明重新打开的理由（2 到 {most} 个字）", most=LONGEST_REASON))
    stands = standing(session, months.month_text(first), unit)
    if stands.row is None or not stands.closed:
        raise BadInput(say("这张月表没有锁定，不用重新打开"))
    _reopen(session, stands.row, reason.strip(), signer.person, now, "sheet.reopen")


def recounts(row: SheetRow, sheet: Json) -> list[Recount]:
    """Whose accumulated days are others now than those signed: what other units' days added, or other rules."""
    was = {one["id"]: one for one in signed_sheet(row)["people"]}
    return [
        Recount(one["name"], before["totals"]["accumulated"], one["totals"]["accumulated"])
        for one in sheet["people"]
        if (before := was.get(one["id"])) and before["totals"]["accumulated"] != one["totals"]["accumulated"]
    ]


def differences(row: SheetRow, sheet: Json) -> list[Change]:
    """Where the sheet as judged now is another than the signed one."""
    was = {one["id"]: one for one in signed_sheet(row)["people"]}
    now = {one["id"]: one for one in sheet["people"]}
    found: list[Change] = []
    for person in sorted(was.keys() | now.keys()):
        before, after = was.get(person), now.get(person)
        keys = [one["keys"] if one else [] for one in (before, after)]
        name = str((after or before or {}).get("name", ""))
        found += _changes(name, keys[0], keys[1])
    return sorted(found, key=lambda each: (each.name, each.day, each.session))


def signed_sheet(row: SheetRow) -> Json:
    """The sheet that was signed."""
    sheet: Json = json.loads(row.data)
    return sheet


def due(held: InForce, first: date) -> date:
    """The last day on which the sheet may reach supervision."""
    version = held.of_month(first.year, first.month)
    return sheet_due(version.policy, first.year, first.month, held.table)


def may_sign(stands: Standing, policy: Policy, signer: Signer) -> bool:
    """Whether it is this person's turn to sign."""
    role = stands.next_role(policy)
    taken = {each.person for each in stands.signed}
    return role in signer.roles and signer.unit == stands.unit and signer.person not in taken


def may_withdraw(stands: Standing, signer: Signer) -> bool:
    """Whether this person has a signature to take back."""
    return stands.row is not None and not stands.closed and signer.person in {each.person for each in stands.signed}


def _allow(stands: Standing, policy: Policy, role: str, signer: Signer, unit: str) -> None:
    if role != (wanted := stands.next_role(policy)):
        said = say("这张月表已经签完") if wanted is None else say("现在该{role}签字", role=word(wanted))
        raise BadInput(said, remedy=say("请刷新后查看"))
    if role not in signer.roles or signer.unit != unit:
        raise NotAllowed(say("只有本单位的{role}能签这张月表", role=word(role)), remedy=say("请由本人登录后签字"))
    if signer.person in {each.person for each in stands.signed}:
        raise NotAllowed(say("两处签字须为两个人"), remedy=say("请由另一位签字"))


def _reopen(session: Session, row: SheetRow, reason: str, by: str, now: datetime, act: str) -> None:
    detail: Json = {"unit": row.unit, "month": row.month, "hash": row.hash, "reason": reason,
                    "signed": [_signers(session, row.id), None]}  # fmt: skip
    if row.closed is not None:
        detail["closed"] = [True, False]
    row.reopened, row.reopened_by, row.reason = now, by, reason
    session.flush()
    audit.note(session, now, by, act, row.id, detail)


def _signers(session: Session, sheet: str) -> str:
    query = (
        select(PersonRow.name)
        .join(SignatureRow, SignatureRow.person == PersonRow.id)
        .where(SignatureRow.sheet == sheet)
        .order_by(SignatureRow.at)
    )
    return "、".join(session.execute(query).scalars())  # written down, the same in any language


def _changes(name: str, was: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> list[Change]:
    sessions, days = max(len(was), len(now)), max(len(line) for line in (*was, *now))
    found = []
    for session in range(sessions):
        for day in range(days):
            before, after = _at(was, session, day), _at(now, session, day)
            if before != after:
                found.append(Change(name, day + 1, session, before, after))
    return found


def _at(lines: Sequence[Sequence[str]], session: int, day: int) -> str:
    return lines[session][day] if session < len(lines) and day < len(lines[session]) else ""
