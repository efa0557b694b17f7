"""What is in force: the hall's policy versions and its day table; and how the ledger stands. All in one statement.

Parsed versions are kept by their digest, so that a page pays for reading a policy once in the process's life.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from config.policy import Policy, Raw, as_data, completed, from_data
from config.policy_parts import GroupName
from station.rules.calendar import DayTable, state_council
from station.rules.hours import Day, Law, day_of, law_of
from web.ledger.calendars import CalendarRow
from web.ledger.facts import PunchRow, SignInRow
from web.ledger.policies import PolicyRow
from web.services.hub import Hub
from web.services.once import NOTHING, Stand, stand_of, stand_parts

SINCE = date(2000, 1, 1)  # a hall's first policy holds for all its past
GROUPS: tuple[GroupName, ...] = ("window", "back_office", "other")
UNWRITTEN = 0  # the row of what holds while the ledger has no version of its own
KEPT = 64
_Parsed = TypeVar("_Parsed")


class Version(NamedTuple):
    """A policy and the day from which it is in force. `data`: the same as plain JSON."""

    row: int
    since: date
    policy: Policy
    data: Raw


class Schedule(NamedTuple):
    """The day table, and which years the hall confirmed: year → (day, person's id or None)."""

    row: int
    table: DayTable
    confirmed: Mapping[int, tuple[str, str | None]] = {}


@dataclass(frozen=True)
class InForce:
    """Everything that judging a hall's days needs besides facts. `versions`: by the day they begin, one a day.

    `begun`: the hall's first press whose time is known; None while there is none. `stand`: the ledger's, as it was read
    in the same statement.
    """

    zone: ZoneInfo
    versions: tuple[Version, ...]
    schedule: Schedule
    begun: datetime | None = None
    stand: Stand = NOTHING
    _laws: dict[tuple[int, GroupName], Law] = field(default_factory=dict)
    _days: dict[tuple[int, GroupName, date], Day] = field(default_factory=dict)

    @property
    def table(self) -> DayTable:
        """Which days are worked."""
        return self.schedule.table

    def on(self, day: date) -> Version:
        """The version in force on `day`; before the first one, the first."""
        return next((each for each in reversed(self.versions) if each.since <= day), self.versions[0])

    def of_month(self, year: int, month: int) -> Version:
        """The version by which a month's totals are made: that of its last day."""
        return self.on(last_of(date(year, month, 1)))

    def law(self, day: date, group: GroupName) -> Law:
        """The law for a staff group on `day`, cut by the hall's own zone."""
        version = self.on(day)
        key = (version.row, group)
        if key not in self._laws:
            self._laws[key] = law_of(version.policy, group)._replace(zone=self.zone)
        return self._laws[key]

    def day(self, day: date, group: GroupName) -> Day:
        """One day as it is to be judged for a staff group."""
        key = (self.on(day).row, group, day)
        if key not in self._days:
            self._days[key] = day_of(self.law(day, group), day, self.table)
        return self._days[key]

    def hours_from(self, day: date, group: GroupName) -> tuple[tuple[str, ...], ...]:
        """The clauses that the hours of each session follow from."""
        rules = self.on(day).policy.attendance
        return tuple(session.source for session in rules.groups.get(group, rules).sessions)

    def under(self, version: Version) -> "InForce":
        """The same hall as if this version had always been in force."""
        return InForce(self.zone, (version._replace(since=SINCE),), self.schedule, self.begun, self.stand)


def last_of(day: date) -> date:
    """The last day of the month of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def last_month(day: date) -> date:
    """The first day of the month before that of `day`: on the running day, of the month that is to be signed."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def group_of(text: str) -> GroupName:
    """The staff group of that name; whoever has another one keeps the window's hours."""
    return next((group for group in GROUPS if group == text), "window")


def read(session: Session, hub: Hub) -> InForce:
    """What is in force, by the ledger; by the settings and the State Council's schedules where it says nothing yet."""
    newest = select(CalendarRow.row).order_by(CalendarRow.row.desc()).limit(1).scalar_subquery()
    presses = [
        select(null(), null(), null(), literal("press"), func.min(table.at)).where(table.clock != "unsynced")
        for table in (PunchRow, SignInRow)
    ]
    at = cast(null(), PunchRow.at.type).label("at")
    columns = (PolicyRow.row, PolicyRow.since, PolicyRow.digest, literal("policy").label("kind"), at)
    calendar = select(CalendarRow.row, null(), CalendarRow.digest, literal("calendar"), null())
    query = union_all(select(*columns), calendar.where(CalendarRow.row == newest), *presses, *stand_parts())
    found: Sequence[Any] = session.execute(query).all()
    by_day = {row.since: row for row in sorted((each for each in found if each.kind == "policy"), key=_row)}
    versions = [version_at(session, row.row, row.since, row.digest) for row in by_day.values()]
    written = next((row for row in found if row.kind == "calendar"), None)
    return InForce(
        ZoneInfo(hub.hall.zone),
        tuple(sorted(versions, key=lambda each: each.since)) or (unwritten(hub.settings.policy),),
        _schedule(session, written.row, written.digest) if written else Schedule(UNWRITTEN, state_council()),
        min((each.at for each in found if each.kind == "press" and each.at is not None), default=None),
        stand_of(found),
    )


@lru_cache(maxsize=8)
def unwritten(name: str) -> Version:
    """The version that the settings name, from the beginning on."""
    data = as_data(name)
    return Version(UNWRITTEN, SINCE, from_data(data, name), data)


def version_at(session: Session, row: int, since: date, digest: str) -> Version:
    """The version in that row of the ledger, whose data have this digest."""
    policy, data = _kept(digest, _POLICIES, lambda: _policy(session, row))
    return Version(row, since, policy, data)


def digest_of(data: str) -> str:
    """The digest under which a version's data are kept."""
    return hashlib.sha256(data.encode()).hexdigest()


def text_of(data: Mapping[str, Any]) -> str:
    """A version's data as the ledger keeps them."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def days_text(days: Iterable[date]) -> list[str]:
    """Days as they stand in JSON, in order."""
    return sorted(day.isoformat() for day in days)


def _row(found: Any) -> int:
    return int(found.row)


def _policy(session: Session, row: int) -> tuple[Policy, Raw]:
    found = session.execute(select(PolicyRow.title, PolicyRow.data).where(PolicyRow.row == row)).one()
    data = completed(json.loads(found.data))
    return from_data(data, found.title), data


def _schedule(session: Session, row: int, digest: str) -> Schedule:
    return _kept(digest, _SCHEDULES, lambda: _table(session, row))._replace(row=row)


def _table(session: Session, row: int) -> Schedule:
    data = json.loads(session.execute(select(CalendarRow.data).where(CalendarRow.row == row)).scalar_one())
    table = DayTable(
        frozenset(map(date.fromisoformat, data["holidays"])),
        frozenset(map(date.fromisoformat, data["workdays"])),
        frozenset(data["known"]),
    )
    return Schedule(row, table, {int(year): (at, by) for year, (at, by) in data["confirmed"].items()})


_POLICIES: dict[str, tuple[Policy, Raw]] = {}
_SCHEDULES: dict[str, Schedule] = {}


def _kept(digest: str, kept: dict[str, _Parsed], make: Callable[[], _Parsed]) -> _Parsed:
    """What was parsed before under this digest, else made now; the oldest goes when there are too many."""
    if digest not in kept:
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        kept[digest] = make()
    return kept[digest]
