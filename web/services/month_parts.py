"""The part of somebody's month that stands on a unit's sheet: the days with that unit; on the others nothing was due.

Days due, leave and counts are of those days only, so that the parts of all units add up to the person's month. What
lates and earlies come to (`wanzhou:attendance:5`) follows the person: it is reckoned from the whole month and stands
once, on the sheet of the unit they are with last (assumed).
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from station.facts import Json
from station.rules.attendance import Judged
from station.rules.month import NONE, Totals
from station.rules.verdict import Verdict
from web.ledger.people import PersonRow
from web.services.members import Stretch
from web.services.people import day_or_none


class Part(NamedTuple):
    """Somebody's month with one unit. `stretches`: all their units of the month in order; none: it is wholly with it.

    `days`: the month with nothing due on the days elsewhere; `whole`: the month as it was judged.
    """

    unit: str
    stretches: Sequence[Stretch]
    days: list[Judged]
    whole: list[Judged]

    @property
    def last(self) -> bool:
        """Whether this is the unit they are with last."""
        return not self.stretches or self.stretches[-1].unit == self.unit

    def accumulated(self, whole: Totals) -> Fraction:
        """The days of absence that lates and earlies come to, on the one sheet that bears them."""
        return whole.accumulated_absent_days if self.last else NONE


def part_of(unit: str, stretches: Sequence[Stretch], judged: list[Judged]) -> Part:
    """The part of a judged month that is with `unit`."""
    if all(each.unit == unit for each in stretches):
        return Part(unit, stretches, judged, judged)
    days = [each if with_unit(unit, stretches, each.day.date) else _elsewhere(each) for each in judged]
    return Part(unit, stretches, days, judged)


def with_unit(unit: str, stretches: Sequence[Stretch], day: date) -> bool:
    """Whether a day is with the unit."""
    return not stretches or any(each.unit == unit and each.first <= day <= each.last for each in stretches)


def turns(row: PersonRow, part: Part, first: date, last: date) -> list[Json]:
    """How somebody came to the unit and left it within the month, in order; empty for who was there throughout.

    `what`: join and leave (of the hall), in and out (of the unit; `unit`: where from, where to); `day`: the first
    or the last day with the unit.
    """
    found: list[Json] = []
    for place, each in enumerate(part.stretches):
        if each.unit != part.unit:
            continue
        if place > 0:
            found.append(_turn("in", each.first, part.stretches[place - 1].unit))
        elif each.first > first and each.first == day_or_none(row.posted_from):
            found.append(_turn("join", each.first))
        if place + 1 < len(part.stretches):
            found.append(_turn("out", each.last, part.stretches[place + 1].unit))
        elif each.last < last and each.last == day_or_none(row.posted_to):
            found.append(_turn("leave", each.last))
    return found


def _turn(what: str, day: date, unit: str = "") -> Json:
    return {"what": what, "day": day.isoformat(), "unit": unit}


def _elsewhere(judged: Judged) -> Judged:
    """A day with another unit: nobody of this one was posted."""
    nothing = (Verdict(each.session, "not_posted", None, None) for each in judged.verdicts)
    return judged._replace(verdicts=tuple(nothing), unassigned=())
