"""Sign-in sheets: who signed in on a day and on whose word (taigu:attendance:1), and paper sheets being entered.

A line of a paper sheet is a correction like any other; whoever enters it and may decide it approves it by that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from config.words import say
from web.ledger.corrections import CorrectionRow
from web.ledger.facts import SignInRow
from web.ledger.people import PersonRow
from web.ledger.stations import StationRow
from web.services import attendance, correction_lists, corrections, holders
from web.services.corrections import LIVE, Wanted
from web.services.in_force import InForce
from web.services.scopes import Scope

HOWS = {"own_pin": "本人 PIN", "witness": "有人见证", "paper": "纸质签到表"}


@dataclass(frozen=True, slots=True)
class Line:
    """A signing-in. `how`: own_pin, witness, or paper; `vouched`: the witness, or who entered the paper sheet."""

    person: PersonRow
    at: datetime | None
    way: str | None
    how: str
    vouched: str
    where: str
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a paper sheet: how many lines count from now on, and how many wait for somebody else."""

    approved: int
    pending: int


def of_day(session: Session, held: InForce, day: date, scope: Scope, unit: str = "") -> list[Line]:
    """Every signing-in of a day within the scope, in the order of time. Two statements."""
    opens, closes = attendance.opening(held, day), attendance.opening(held, day + timedelta(days=1))
    witness = aliased(PersonRow)
    signed = (
        select(SignInRow, PersonRow, witness.name, StationRow.name)
        .join(PersonRow, PersonRow.id == SignInRow.person)
        .outerjoin(witness, witness.id == SignInRow.witness)
        .outerjoin(StationRow, StationRow.id == SignInRow.station)
        .where(SignInRow.at >= opens, SignInRow.at < closes)
    )
    lines = [
        Line(person, row.at.astimezone(held.zone), row.direction, row.by, name or "", station or "")
        for row, person, name, station in session.execute(_narrowed(signed, scope, unit))
    ]
    clerk = aliased(PersonRow)
    paper = (
        select(CorrectionRow, PersonRow, clerk.name)
        .join(PersonRow, PersonRow.id == CorrectionRow.person)
        .outerjoin(clerk, clerk.id == CorrectionRow.filed_by)
        .where(CorrectionRow.day == day, CorrectionRow.source == "paper", CorrectionRow.status.in_(LIVE))
    )
    lines += [
        Line(person, row.at and row.at.astimezone(held.zone), row.side, "paper", name or "", "",
             row.status == "pending")
        for row, person, name in session.execute(_narrowed(paper, scope, unit))
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.at or opens, line.person.pinyin))


def reason_of(witness: str) -> str:
    """What a line of a paper sheet says as its reason."""
    return say("纸质签到表，见证人{name}", name=witness) if witness else say("纸质签到表")


def enter(session: Session, held: InForce, lines: Sequence[Wanted], by: str, now: datetime) -> Entered:
    """Take all lines of a paper sheet, or none. BadInput for the first that cannot be taken.

    Lines that whoever enters them may decide are approved; their own wait for somebody else.
    """
    rows = [corrections.file(session, held, line, by, now) for line in lines]
    holding = holders.on(session, now.astimezone(held.zone).date(), now)
    cases = correction_lists.cases(session, held, rows, now, holding)
    mine = [case for case in cases if case.may_decide(by)]
    for case in mine:
        corrections.decide(session, held, case, by, True, "", now)
    return Entered(len(mine), len(cases) - len(mine))


def _narrowed(query: Any, scope: Scope, unit: str) -> Any:
    narrowed = scope.of(query)
    return narrowed.where(PersonRow.unit == unit) if unit else narrowed
