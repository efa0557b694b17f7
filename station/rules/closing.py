"""What keeps a month from being closed: a year of unknown schedule, days that still run, whatever is provisional.

That nothing provisional is closed is assumed, as is that an outage is confirmed or refused before.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple

from station.rules.attendance import Judged
from station.rules.verdict import Verdict
from station.rules.wording import Words

Why = Literal["unknown_year", "running", "undecided", "unsynced", "outage"]


class Obstacle(NamedTuple):
    """One thing to be settled first. `person`, `session`: whose, of which part of the day; empty for the whole hall."""

    why: Why
    day: date
    person: str = ""
    session: str = ""


def of_days(person: str, days: Iterable[Judged]) -> Iterator[Obstacle]:
    """What stands in the way in somebody's judged days; an unknown year once for each of its days."""
    for judged in days:
        if not judged.day.known:
            yield Obstacle("unknown_year", judged.day.date)
            continue
        for verdict in judged.verdicts:
            if verdict.verdict == "pending":
                yield Obstacle("running", judged.day.date)
            elif verdict.provisional:
                yield Obstacle(_provisional(verdict), judged.day.date, person, verdict.session)


def words_of(obstacle: Obstacle, name: str, session: str) -> Words:
    """The obstacle in a sentence that says what to do. `name`, `session`: the person's, and the session's words."""
    gaps = {"name": name, "session": Words(session), "day": f"{obstacle.day:%m-%d}", "year": obstacle.day.year}
    return Words(SENTENCES[obstacle.why], gaps)


SENTENCES: dict[Why, str] = {
    "unknown_year": "{year} 年的放假安排还不知道，请先录入并确认节假日表",
    "running": "{day} 还没有过完",
    "undecided": "{name} {day} {session}的请假还没有批",
    "unsynced": "{name} {day} {session}打卡时的时钟还没有校准，请督查核对",
    "outage": "{day} 的设备故障还没有核实，请值班长核实或否定",
}


def _provisional(verdict: Verdict) -> Why:
    unsynced = any(mark and not mark.punch.synced for mark in (verdict.came, verdict.left))
    return "unsynced" if unsynced else "undecided"
