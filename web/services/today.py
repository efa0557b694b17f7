"""The hall's day as the hub knows it: who is due, who came, what was pressed last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from config.policy_parts import GroupName
from station.rules.given import Posting, Record
from station.rules.glance import Glance, glance
from station.rules.hours import Day, Law, local_day, minute_of, moment
from station.rules.presence import Presence, presence, session_at
from web.ledger.people import PersonRow
from web.services import calendars, in_force, people, records
from web.services.hub import Hub
from web.services.in_force import GROUPS, InForce, group_of
from web.services.scopes import EVERYBODY, Scope

RECENT = 10


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person of the hall and how they stand."""

    person: PersonRow
    presence: Presence


@dataclass(frozen=True, slots=True)
class Press:
    """A press of today with the word that it got; `at` in the hall's zone, `signed`: a signing-in, not a finger."""

    person: PersonRow
    at: datetime
    glance: Glance
    signed: bool


@dataclass(frozen=True, slots=True)
class HallDay:
    """A day of the hall at an instant `at` (in the hall's zone). `session`: the one that counts now, as an index.

    `recent`: the last presses, newest first; `missing_year`: the year whose schedule has to be found out.
    """

    date: date
    at: datetime
    worked: bool
    session: int
    starts: tuple[datetime, ...]
    people: tuple[Attendee, ...] = ()
    recent: tuple[Press, ...] = ()
    missing_year: int | None = None

    def due(self) -> list[Attendee]:
        """Everybody who works today."""
        return [one for one in self.people if one.presence.word != "rest"]

    def came(self) -> list[Attendee]:
        """Those who came today."""
        return [one for one in self.due() if one.presence.came is not None]

    def late(self) -> list[Attendee]:
        """Those who came late to a session of today."""
        return [one for one in self.due() if one.presence.late > 0]

    def away(self) -> list[Attendee]:
        """Those on leave or registered as gone out."""
        return [one for one in self.due() if one.presence.word in ("leave", "out")]

    def missing(self) -> list[Attendee]:
        """Those without an in for the session that counts now, once it has begun."""
        return [one for one in self.due() if one.presence.missing]


def hall_day(session: Session, hub: Hub, held: InForce | None = None, scope: Scope = EVERYBODY) -> HallDay:
    """Today, as the hub knows it, of the people within the scope. `held`: what is in force, where it was read.

    The whole hall's is worked out once for whoever asks.
    """
    now = hub.now()
    rules = held or in_force.read(session, hub)
    if not scope.hall:
        return _worked_out(session, rules, now, scope)
    day = hub.once.get(rules.stand.at(now), "day", lambda: _worked_out(session, rules, now))
    return replace(day, at=now.astimezone(day.at.tzinfo))


def _worked_out(session: Session, held: InForce, now: datetime, scope: Scope = EVERYBODY) -> HallDay:
    zone = held.zone
    today = local_day(now, held.law(now.astimezone(zone).date(), "window"))
    rules = {group: Rules(held.law(today, group), held.day(today, group)) for group in GROUPS}
    day = rules["window"].day
    opens = moment(day.opens, zone)
    staff = people.everybody(session, scope)
    recorded = _recorded(session, staff, opens, min(moment(day.closes, zone), now), zone)
    return HallDay(
        date=today,
        at=now.astimezone(zone),
        worked=day.worked,
        session=session_at(day, minute_of(now)),
        starts=tuple(moment(span.start, zone) for span in day.spans),
        people=tuple(_attendee(row, recorded, rules[group_of(row.group)], minute_of(now)) for row in staff),
        recent=tuple(_recent(staff, recorded, rules, opens)),
        missing_year=calendars.missing_year(held, today),
    )


def posting_of(row: PersonRow, zone: ZoneInfo) -> Posting:
    """The person's posting as instants; a last day counts whole."""
    since, until = row.posted_from, row.posted_to
    return Posting(_begin(since, zone), _begin(_after(until), zone))


def _after(until: date | datetime | None) -> date | datetime | None:
    return until + timedelta(days=1) if until is not None and not isinstance(until, datetime) else until


def _begin(day: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    if day is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, time(), zone)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a staff group is held against today."""

    law: Law
    day: Day


@dataclass(frozen=True, slots=True)
class Recorded:
    """A day's records by person, with what desks decided. `signed`: ids of those presses that are signings-in."""

    records: dict[str, Record]
    signed: frozenset[str]


def _recorded(
    session: Session, staff: Sequence[PersonRow], first: datetime, last: datetime, zone: ZoneInfo
) -> Recorded:
    found = records.read(session, first, last + timedelta(microseconds=1), None)
    return Recorded(
        records.records_of(session, found, {row.id: posting_of(row, zone) for row in staff}),
        frozenset().union(*(facts.signed for facts in found.facts.values())),
    )


def _attendee(row: PersonRow, recorded: Recorded, rules: Rules, minute: int) -> Attendee:
    return Attendee(row, presence(recorded.records[row.id], rules.day, rules.law, minute))


def _recent(
    staff: Sequence[PersonRow], recorded: Recorded, rules: Mapping[GroupName, Rules], first: datetime
) -> Iterator[Press]:
    known = {row.id: row for row in staff}
    punches = {person: [each for each in record.punches if each.at >= first]
               for person, record in recorded.records.items()}  # fmt: skip
    presses = [(punch, person) for person, given in punches.items() for punch in given]
    for punch, person in sorted(presses, key=lambda press: press[0].at, reverse=True)[:RECENT]:
        row = known[person]
        held = rules[group_of(row.group)]
        earlier = [each for each in punches[person] if each.at <= punch.at and each is not punch]
        word = glance(earlier, punch, held.day, held.law, posting=posting_of(row, held.law.zone))
        yield Press(row, punch.at.astimezone(held.law.zone), word, punch.id in recorded.signed)
