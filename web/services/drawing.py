"""A unit's sheet drawn up: judged days, the sheet's data, and how its signatures stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from config.policy import Policy
from config.policy_words import word
from config.words import say, series
from station.facts import Json
from station.rules.closing import words_of
from station.rules.explain import SESSIONS
from web.services import closing, correction_lists, in_force, members, month_words, months, signing
from web.services.attendance import Book
from web.services.errors import NotFound
from web.services.hub import Hub
from web.services.in_force import InForce
from web.services.members import Member, OnSheet
from web.services.month_parts import part_of
from web.services.months import Units
from web.services.signing import Change, Recount, Standing


@dataclass(frozen=True)
class Drawn:
    """A unit's month. `sheet`: as signed, before that as judged now (`fresh`), which is `book` drawn up.

    `units`: the units of each person's month.
    """

    book: Book
    first: date
    units: Units
    fresh: Json
    sheet: Json
    stands: Standing

    @property
    def held(self) -> InForce:
        """What is in force in the hall."""
        return self.book.held

    @cached_property
    def changes(self) -> list[Change]:
        """Sessions that are judged otherwise than they were signed."""
        return signing.differences(self.stands.row, self.fresh) if self.stands.row else []

    @cached_property
    def recounts(self) -> list[Recount]:
        """People whose accumulated days are others than were signed."""
        return signing.recounts(self.stands.row, self.fresh) if self.stands.row else []

    @property
    def policy(self) -> Policy:
        """By which the month's totals are made."""
        return self.held.of_month(self.first.year, self.first.month).policy

    @property
    def name(self) -> str:
        """What its files are called, without their end."""
        return f"{self.stands.unit}考勤月表{months.month_text(self.first)}".replace("/", "／")

    def signatures(self) -> list[str]:
        """The lines at its foot: who signed when, or a place for the pen."""
        held = {each.role: each for each in self.stands.signed}
        return [
            say("{role}：{name}（{at}）", role=word(role), name=held[role].name, at=self._at(held[role].at))
            if role in held else say("{role}：", role=word(role))
            for role in self.policy.reporting.signatures
        ]  # fmt: skip

    def rule(self) -> str:
        """What it says of accumulated days; empty in a hall without the rule."""
        names, clauses = months.rule_line(self.sheet, self.policy)
        if not clauses:
            return ""
        rule = self.policy.consequences.accumulation
        return say(
            "本月迟到、早退累计 {least} 次以上 {n} 人{who}，按《{clauses}》折算旷工；签字前为建议",
            least=rule.threshold if rule else 0, n=len(names),
            who=say("（{more}）", more=series(names)) if names else "", clauses=month_words.clause_words(list(clauses)),
        )  # fmt: skip

    def _at(self, at: datetime) -> str:
        return f"{at.astimezone(self.held.zone):%Y-%m-%d %H:%M}"


def staff_of(session: Session, unit: str, first: date) -> list[OnSheet]:
    """Who stands on the unit's sheet of a month. NotFound when the unit has nobody posted in it."""
    found = members.read(session, unit)
    staff = members.posted_in(found, unit, first, in_force.last_of(first))
    if not staff:
        raise NotFound(say("{unit} 在这个月没有入驻人员", unit=unit), remedy=_elsewhere(found, unit))
    return staff


def _elsewhere(found: Sequence[Member], unit: str) -> str:
    """Where the unit's sheets are to be found: from the month in which its first people came."""
    everything = (one.stretches(date.min, date.max - members.ONE_DAY) for one in found if one.row.posted_from)
    came = [each.first for stretches in everything for each in stretches if each.unit == unit]
    if not came:
        return say("请从月表总览重新选择")
    return say("这个单位最早 {month} 有人入驻，请从月表总览选这个月或以后的月份", month=f"{min(came):%Y-%m}")


def drawn(session: Session, hub: Hub, unit: str, first: date, staff: Sequence[OnSheet], book: Book) -> Drawn:
    """The sheet of a unit's month. `book`: its staff's month, judged."""
    told = correction_lists.told(session, {row.id for row in book.people}, first, book.last)
    units = {one.person.id: one.stretches for one in staff}
    fresh = months.sheet_of(hub.hall.name, unit, first, book, told, units)
    stands = signing.standing(session, months.month_text(first), unit)
    signed = signing.signed_sheet(stands.row) if stands.row else None
    return Drawn(book, first, units, fresh, signed or fresh, stands)


def obstacles(session: Session, sheet: Drawn, now: datetime) -> list[str]:
    """What has to be settled before the month may close, in words.

    The days with the unit; of people whose lates and earlies count here together with other units', the whole month.
    """
    book, unit = sheet.book, sheet.stands.unit
    together = sheet.policy.consequences.accumulation is not None
    parts = {key: part_of(unit, sheet.units.get(key, ()), days) for key, days in book.days.items()}
    days = {key: part.whole if part.last and together else part.days for key, part in parts.items()}
    found = closing.of_book(session, replace(book, days=days), sheet.first, now).obstacles
    names = {row.id: row.name for row in book.people}
    told = (words_of(each, names.get(each.person, ""), SESSIONS.get(each.session, each.session)) for each in found)
    return [words.read(say) for words in told]
