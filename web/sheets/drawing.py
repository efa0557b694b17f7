"""A unit's sheet drawn up for this request: judged days, the sheet's data, and how its signatures stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.policy import Policy
from config.policy_words import word
from config.words import say
from station.facts import Json
from station.rules.closing import words_of
from station.rules.explain import SESSIONS
from web.attendance.judging import book_of
from web.auth.gate import myself
from web.door import hub, reading
from web.ledger.people import PersonRow
from web.services import closing, in_force, months, people, signing
from web.services.errors import NotFound
from web.services.in_force import InForce
from web.services.signing import Change, Signer, Standing
from web.words import _


@dataclass(frozen=True)
class Drawn:
    """A unit's month. `sheet`: as signed, before that as judged now (`fresh`); `obstacles`: what to settle first."""

    held: InForce
    first: date
    staff: Sequence[PersonRow]
    fresh: Json
    sheet: Json
    stands: Standing
    changes: list[Change]
    obstacles: list[str]

    @property
    def policy(self) -> Policy:
        """By which the month's totals are made."""
        return self.held.of_month(self.first.year, self.first.month).policy

    def signatures(self) -> list[str]:
        """The lines at its foot: who signed when, or a place for the pen."""
        held = {each.role: each for each in self.stands.signed}
        return [
            say("{role}：{name}（{at}）", role=word(role), name=held[role].name, at=self._at(held[role].at))
            if role in held else say("{role}：", role=word(role))
            for role in self.policy.reporting.signatures
        ]  # fmt: skip

    def _at(self, at: object) -> str:
        return f"{at.astimezone(self.held.zone):%Y-%m-%d %H:%M}"  # type: ignore[attr-defined]


def drawn(unit: str, first: date) -> Drawn:
    """The sheet of a unit's month. NotFound when the unit has nobody posted in it."""
    session, now = reading(), hub().now()
    held = in_force.read(session, hub())
    last = in_force.last_of(first)
    staff = months.posted_in(people.everybody(session), unit, first, last)
    if not staff:
        raise NotFound(say("{unit} 在这个月没有入驻人员", unit=unit), remedy=say("请从月表总览重新选择"))
    book = book_of(held, staff, first, last)
    fresh = months.sheet_of(hub().hall.name, unit, first, book)
    stands = signing.standing(reading(), months.month_text(first), unit)
    signed = signing.signed_sheet(stands.row) if stands.row else None
    changes = signing.differences(stands.row, fresh) if stands.row else []
    return Drawn(held, first, staff, fresh, signed or fresh, stands, changes, _obstacles(held, staff, first, now))


def _obstacles(held: InForce, staff: Sequence[PersonRow], first: date, now: datetime) -> list[str]:
    names = {row.id: row.name for row in staff}
    found = closing.of_month(reading(), held, staff, first, now).obstacles
    told = (words_of(each, names.get(each.person, ""), SESSIONS.get(each.session, each.session)) for each in found)
    return [words.read(_) for words in told]


def signer() -> Signer:
    """Who is signed in, as somebody who may sign."""
    login = myself()
    row = reading().get(PersonRow, login.person)
    return Signer(login.person, login.roles, row.unit if row else "")
