"""The days of one person's month as the page paints them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from station.rules import closing
from station.rules.attendance import Judged
from station.rules.calendar import dates
from station.rules.explain import SESSIONS
from station.rules.given import Record
from station.rules.hours import minute_of
from station.rules.presence import Presence, presence
from web.attendance.lines import DayLine, Why, fact_lines, session_lines
from web.ledger.people import PersonRow
from web.services.correction_rows import Told
from web.services.corrections import side_words
from web.services.in_force import InForce, group_of
from web.services.records import Facts
from web.words import _


def day_lines(
    held: InForce, person: PersonRow, judged: Sequence[Judged], facts: Facts | None, record: Record, first: date,
    last: date, told: Mapping[str, Told],
) -> list[DayLine]:  # fmt: skip
    """Every day from `first` to `last`, the newest first: judged where it is closed, else its facts alone."""
    closed = {each.day.date: each for each in judged}
    lines = [_line(held, person, day, closed.get(day), facts, record, told) for day in dates(first, last)]
    return lines[::-1]


def open_lines(person: PersonRow, judged: Sequence[Judged]) -> list[str]:
    """What keeps the month from being closed for this person, but for the year's schedule, which a banner tells."""
    found = [each for each in closing.of_days(person.id, judged) if each.why != "unknown_year"]
    return [closing.words_of(each, "", SESSIONS.get(each.session, each.session)).read(_).strip() for each in found]


def present_word(held: InForce, person: PersonRow, record: Record, day: date, now: datetime) -> Presence:
    """Where the person is at present."""
    group = group_of(person.group)
    return presence(record, held.day(day, group), held.law(day, group), minute_of(now))


def _line(held: InForce, person: PersonRow, day: date, judged: Judged | None, facts: Facts | None,
          record: Record, told: Mapping[str, Told]) -> DayLine:  # fmt: skip
    law, on = held.law(day, group_of(person.group)), held.day(day, group_of(person.group))
    why = Why(record, held.hours_from(day, group_of(person.group)))
    return DayLine(
        day,
        on.worked,
        on.known,
        session_lines(judged, law, why, told) if judged else [],
        fact_lines(facts, judged, law, on.opens, on.closes),
        [_told(each, held.zone) for each in told.values() if each.day == day],
    )


def _told(each: Told, zone: ZoneInfo) -> str:
    """A correction with who asked, who approved it, and why."""
    words = _(
        "%(which)s %(at)s 为更正：%(by)s申请（%(reason)s），%(approver)s批准",
        which=side_words(each.session, each.side), at=f"{each.at.astimezone(zone):%H:%M}", by=each.by,
        reason=each.reason, approver=each.approver,
    )  # fmt: skip
    return _("%(name)s（%(more)s）", name=words, more=each.why) if each.why else words
