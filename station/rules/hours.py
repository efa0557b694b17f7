"""A policy's hours made ready for judging: sessions, bounds and clauses as plain integers and tuples.

Time inside the rules is whole minutes since 1970-01-01T00:00Z (`minute_of`); seconds do not count except for
duplicates and for `as_of`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.policy import Policy
from config.policy_attendance import Break, Session
from config.policy_parts import GroupName
from station.rules.calendar import DayTable

MINUTES_A_DAY = 24 * 60


class Stretch(NamedTuple):
    """Minutes from `start` up to, not including, `end`."""

    start: int
    end: int


class Span(NamedTuple):
    """One session of one day, in minutes since the epoch; `end` not included."""

    name: str
    start: int
    end: int


class Law(NamedTuple):
    """The attendance rules in force for one staff group. `hours`, `breaks`: minutes since local midnight."""

    zone: ZoneInfo
    hours: tuple[Span, ...]
    breaks: tuple[Stretch, ...]
    week: frozenset[int]
    day_start: int
    ready: int | None
    per_day: bool
    duplicate_seconds: int
    repeat: int
    split: int
    settle: int
    outage: int
    exit: int
    warning: int
    leaving: int
    away: int
    left_post_is_absent: bool
    absent_word: str
    clauses: dict[str, tuple[str, ...]]
    grounds: tuple[tuple[frozenset[str], tuple[str, ...]], ...]


class Frame(NamedTuple):
    """What a person owes on a day, session by session.

    `stays`: some of it lies inside the posting. `needed`: from the first to the last minute not excused, None when
    all are. `middles`: twice the midpoint by which a lone press counts. `claims`: takes loose presses of a gap.
    """

    stays: tuple[bool, ...]
    excuses: tuple[tuple[Stretch, ...], ...]
    needed: tuple[Stretch | None, ...]
    middles: tuple[int, ...]
    claims: tuple[bool, ...]


class Day(NamedTuple):
    """One day as it is to be judged. `opens`, `closes`: the minutes between which its punches fall.

    `whole`: what is owed by who is posted and has no leave.
    """

    date: date
    spans: tuple[Span, ...]
    breaks: tuple[Stretch, ...]
    worked: bool
    known: bool
    opens: int
    closes: int
    whole: Frame


def minute_of(at: datetime) -> int:
    """The minute since the epoch in which `at` lies."""
    return int(at.timestamp() // 60)


def second_of(at: datetime) -> int:
    """The second since the epoch in which `at` lies."""
    return int(at.timestamp() // 1)


def law_of(policy: Policy, group: GroupName = "window") -> Law:
    """The attendance rules of `policy` for a staff group; groups without hours of their own keep the window's."""
    rules = policy.attendance
    own = rules.groups.get(group, rules)
    verdicts = rules.verdicts
    clauses = {name: getattr(verdicts, name) for name in type(verdicts).model_fields}
    return Law(
        zone=ZoneInfo(policy.zone),
        hours=tuple(_span(session) for session in own.sessions),
        breaks=tuple(_stretch(pause) for pause in own.breaks),
        week=frozenset(rules.weekdays),
        day_start=rules.day_start,
        ready=rules.ready.get(group),
        per_day=rules.punches == "per_day",
        duplicate_seconds=rules.duplicate_seconds,
        repeat=rules.repeat_minutes,
        split=rules.split_minutes,
        settle=rules.settle_minutes,
        outage=rules.outage_minutes,
        exit=rules.exit_minutes,
        warning=rules.warning_minutes,
        leaving=policy.substitution.leaving_minutes,
        away=policy.substitution.away_minutes,
        left_post_is_absent=policy.consequences.left_post_is_absent,
        absent_word=rules.absent_word,
        clauses=clauses
        | {
            "ready": rules.clauses("ready"),
            "exit": rules.clauses("exit_minutes"),
            "leaving": policy.substitution.clauses("leaving_minutes"),
            "away": policy.substitution.clauses("away_minutes"),
            "left_post": policy.consequences.clauses("left_post_is_absent"),
        },
        grounds=tuple((frozenset(row.kinds), row.source) for row in policy.leave.grounds),
    )


def days_of(law: Law, dates: Iterable[date], table: DayTable) -> tuple[Day, ...]:
    """The days to be judged under `law`, worked or not by `table`; computed once for all people of a group."""
    return tuple(day_of(law, each, table) for each in dates)


def day_of(law: Law, day: date, table: DayTable) -> Day:
    """One day under `law`."""
    spans = tuple(Span(s.name, at(day, s.start, law.zone), at(day, s.end, law.zone)) for s in law.hours)
    breaks = tuple(Stretch(at(day, s.start, law.zone), at(day, s.end, law.zone)) for s in law.breaks)
    opens = at(day, law.day_start, law.zone)
    closes = at(day + timedelta(days=1), law.day_start, law.zone)
    yes, needed = (True,) * len(spans), tuple(Stretch(span.start, span.end) for span in spans)
    whole = Frame(yes, ((),) * len(spans), needed, tuple(map(sum, needed)), yes)
    return Day(day, spans, breaks, table.is_workday(day, law.week), table.is_known(day), opens, closes, whole)


def local_day(moment: datetime, law: Law) -> date:
    """The day to which a press at `moment` belongs: days run from the law's day start to the next."""
    local = moment.astimezone(law.zone)
    before = local.hour * 60 + local.minute < law.day_start
    return local.date() - timedelta(days=before)


def at(day: date, minute: int, zone: ZoneInfo) -> int:
    """The epoch minute of `minute` minutes past midnight on the wall clock of `zone`."""
    clock = time(minute // 60, minute % 60)
    return minute_of(datetime.combine(day, clock, zone))


def moment(minute: int, zone: ZoneInfo) -> datetime:
    """The instant at which an epoch minute begins, in `zone`."""
    return datetime.fromtimestamp(minute * 60, zone)


def _span(session: Session) -> Span:
    return Span(session.name, session.start, session.end)


def _stretch(pause: Break) -> Stretch:
    return Stretch(pause.start, pause.end)
