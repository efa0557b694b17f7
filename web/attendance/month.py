"""The days of one person's month as the page paints them."""

from collections.abc import Sequence
from datetime import date, datetime

from station.rules.attendance import Judged
from station.rules.calendar import dates
from station.rules.hours import minute_of
from station.rules.punches import standing
from web.attendance.lines import DayLine, fact_lines, session_lines
from web.ledger.people import PersonRow
from web.services.in_force import InForce, group_of
from web.services.presence import Presence, Seen, presence
from web.services.records import Facts, paired
from web.services.today import posting_of


def day_lines(
    held: InForce, person: PersonRow, judged: Sequence[Judged], facts: Facts | None, first: date, last: date
) -> list[DayLine]:
    """Every day from `first` to `last`, the newest first: judged where it is closed, else its facts alone."""
    closed = {each.day.date: each for each in judged}
    lines = [_line(held, person, day, closed.get(day), facts) for day in dates(first, last)]
    return lines[::-1]


def present_word(held: InForce, person: PersonRow, facts: Facts | None, day: date, now: datetime) -> Presence:
    """Where the person is at present."""
    law, running = held.law(day, group_of(person.group)), held.day(day, group_of(person.group))
    minute, none = minute_of(now), Facts([], [], set())
    given = facts or none
    punches = [punch for punch in given.punches if running.opens <= minute_of(punch.at) <= minute]
    exits = paired(gone for gone in given.gone if running.opens <= minute_of(gone.at) <= minute)
    seen = Seen(standing(punches, law.duplicate_seconds), exits, (), posting_of(person, held.zone))
    return presence(seen, running, law, minute)


def _line(held: InForce, person: PersonRow, day: date, judged: Judged | None, facts: Facts | None) -> DayLine:
    law, on = held.law(day, group_of(person.group)), held.day(day, group_of(person.group))
    return DayLine(
        day,
        on.worked,
        on.known,
        session_lines(judged, law, held.hours_from(day, group_of(person.group))) if judged else [],
        fact_lines(facts, judged, law, on.opens, on.closes),
    )
