"""The law's cost: CPU a session over a hall's month, and calls a person that do not grow with the hall."""

import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from config.policy import load_policy
from station.rules.attendance import judge_person
from station.rules.calendar import dates, state_council
from station.rules.given import Punch, Record
from station.rules.hours import Day, days_of, law_of
from station.rules.month import totals_of

POLICY = load_policy("wanzhou")
LAW = law_of(POLICY)
AS_OF = datetime(2026, 4, 2, tzinfo=UTC)
USUAL = (-10, 182, 262, 511)  # minutes after 09:00 at which a day's four presses are usual
PEOPLE = 1000
SESSION_BAR = 60.0  # microseconds of CPU
START_BAR = 0.4  # seconds over python's own start
STARTS = 5


def rows() -> list[dict[str, object]]:
    """µs of CPU a session for 1,000 people × 22 days × 4 punches; calls a person for 100 and 1,000 people; start-up."""
    days = working_days()
    calls = {people: calls_a_person(people, days) for people in (100, PEOPLE)}
    per_session, start = microseconds_a_session(days), start_up()
    return [
        row("CPU a session, µs", round(per_session, 1), SESSION_BAR, False, per_session <= SESSION_BAR),
        row("calls a person, 100 people", calls[100], "equal", True, calls[100] == calls[PEOPLE]),
        row("calls a person, 1,000 people", calls[PEOPLE], "equal", True, calls[100] == calls[PEOPLE]),
        row("judge's start over python's, s", round(start, 2), START_BAR, False, start <= START_BAR),
    ]


def row(measure: str, value: object, bar: object, gate: bool, ok: bool) -> dict[str, object]:
    """One line of the bench's table."""
    return {"measure": measure, "value": value, "bar": bar, "gate": gate, "ok": ok}


def working_days() -> tuple[Day, ...]:
    """The 22 working days of March 2026."""
    return tuple(day for day in days_of(LAW, dates(date(2026, 3, 1), date(2026, 3, 31)), state_council()) if day.worked)


def person(index: int, days: tuple[Day, ...], chance: random.Random) -> Record:
    """A person with four presses a day around the usual times; some late, some early."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    presses = []
    for day in days:
        morning = begin + timedelta(minutes=day.spans[0].start - int(begin.timestamp() // 60))
        presses += [
            Punch(morning + timedelta(minutes=usual + chance.randint(-8, 12), seconds=chance.randint(0, 59)))
            for usual in USUAL
        ]
    return Record(str(index), tuple(presses))


def microseconds_a_session(days: tuple[Day, ...]) -> float:
    """CPU microseconds a session, months' totals included, over everybody."""
    chance = random.Random(1)
    people = [person(index, days, chance) for index in range(PEOPLE)]
    begun = time.process_time()
    for record in people:
        totals_of(judge_person(record, days, LAW, AS_OF).days, POLICY)
    return (time.process_time() - begun) / (PEOPLE * len(days) * 2) * 1e6


def calls_a_person(people: int, days: tuple[Day, ...]) -> float:
    """Function calls a person when so many equal people are judged; counted, not timed."""
    record, counted = person(0, days, random.Random(2)), 0

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    judged = [Record(str(index), record.punches) for index in range(people)]
    judge_person(judged[0], days, LAW, AS_OF)
    sys.setprofile(count)
    try:
        for each in judged:
            judge_person(each, days, LAW, AS_OF)
    finally:
        sys.setprofile(None)
    return (counted - 1) / people  # the last call counted is the one that stops the counting


def start_up() -> float:
    """Seconds that the whole command takes on a one-day case, above python's own start; the best of some runs."""
    command = Path(sys.executable).with_name("zaigang")
    case = (
        '{"policy":"wanzhou","from":"2026-03-02","to":"2026-03-02","as_of":"2026-03-03T09:00:00+08:00",'
        '"staff":[{"id":"a"}],"punches":[],"absences":[],"findings":[]}'
    )
    ours = min(seconds([str(command), "judge", "-"], case) for _ in range(STARTS))
    bare = min(seconds([sys.executable, "-c", "pass"], "") for _ in range(STARTS))
    return ours - bare


def seconds(command: list[str], given: str) -> float:
    """Wall seconds that a child process takes."""
    begun = time.monotonic()
    subprocess.run(command, input=given, text=True, capture_output=True, check=True)
    return time.monotonic() - begun
