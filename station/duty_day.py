"""The station's own day: who has pressed since the day began, and by which rules it is looked at.

Filled from the journal at the start and by each punch after; a new day empties it. Advice plays no part.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from config.policy import Policy, from_data, load_policy
from config.policy_parts import GroupName
from station import papers
from station.facts import Fact
from station.journal import Reader
from station.papers import Papers, Person
from station.rules.calendar import DayTable
from station.rules.given import Absence, Posting, Punch
from station.rules.hours import Day, Law, day_of, law_of, local_day
from station.true_time import offsets_of, true_time

PRESSES = ("punch", "sign_in")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person's press is looked at with on one day."""

    law: Law
    day: Day


class DutyDay:
    """Everybody's presses of the present day."""

    def __init__(self, facts: Reader) -> None:
        self._facts = facts
        self._filled_at: tuple[date, object] | None = None
        self._offsets: dict[str, int] = {}
        self._presses: dict[str, list[Punch]] = {}

    def presses(self, person: str, today: date, law: Law) -> list[Punch]:
        """The person's presses of `today` so far, in the order of the journal."""
        at = (today, self._facts.newest_of("clock_fix"))  # a time that became known may move presses to another day
        if at != self._filled_at:
            self._filled_at, self._presses = at, {}
            self._offsets = offsets_of(self._facts.of_kinds("clock_fix"))
            for fact in self._facts_since(today, law):
                self.add(fact)
        return self._presses.get(person, [])

    def add(self, fact: Fact) -> Punch:
        """Take a press into account."""
        at, certain = true_time(fact, self._offsets)
        press = Punch(at, fact.body.get("direction"), certain, fact.id)
        self._presses.setdefault(str(fact.body["person"]), []).append(press)
        return press

    def _facts_since(self, today: date, law: Law) -> list[Fact]:
        found = []
        for fact in self._facts.latest(PRESSES):
            at, certain = true_time(fact, self._offsets)
            day = local_day(at, law)
            if day == today:
                found.append(fact)
            elif certain and day < today:
                break
        return found[::-1]


def rules_for(held: Papers | None, group: GroupName, at: datetime) -> Rules:
    """The rules in force for a staff group at `at`; without papers, the default hall's."""
    policy = policy_at(held, at)
    law = law_of(policy, group)
    today = local_day(at, law)
    return Rules(law, day_of(law, today, table_of(held)))


def table_of(held: Papers | None) -> DayTable:
    """The days that differ from the week's rule, as the papers say."""
    if held is None:
        return DayTable()
    given = held.calendar
    return DayTable(frozenset(given.holidays), frozenset(given.workdays), frozenset(given.years))


def policy_at(held: Papers | None, at: datetime) -> Policy:
    """The policy in force at `at` (in the hall's zone)."""
    if held is None:
        return load_policy("default")
    in_force = [version for version in held.policies if version.since <= at.astimezone(ZoneInfo(held.hall.zone)).date()]
    chosen = max(in_force or held.policies, key=lambda version: version.since)
    return _policy(chosen.model_dump_json())


@lru_cache(maxsize=4)
def _policy(version: str) -> Policy:
    return from_data(papers.PolicyVersion.model_validate_json(version).policy, "papers")


def absences_of(held: Papers | None, person: str) -> list[Absence]:
    """The person's approved absences as the papers have them."""
    given = held.absences if held else []
    return [Absence(each.id, each.kind, each.start, each.end) for each in given if each.person == person]


def posting_of(person: Person | None, zone: ZoneInfo) -> Posting | None:
    """When the person is posted to the hall; dates count whole, both ends. None: without bound."""
    if person is None or (person.posted_from is None and person.posted_to is None):
        return None
    since, until = person.posted_from, person.posted_to
    start = since if isinstance(since, datetime) or since is None else datetime(*since.timetuple()[:3], tzinfo=zone)
    if until is None or isinstance(until, datetime):
        return Posting(start, until)
    after = until + timedelta(days=1)
    return Posting(start, datetime(*after.timetuple()[:3], tzinfo=zone))
