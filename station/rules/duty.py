"""Duty in rotation (taigu:duty:0): whose turn which day is, and to which day one hands over (taigu:duty:2.3)."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from station.rules.calendar import DayTable

DayKind = Literal["working", "weekend", "holiday"]


class Turn(NamedTuple):
    """A day and who leads it; None: nobody in the order can."""

    day: date
    person: str | None


def kind_of(day: date, table: DayTable) -> DayKind:
    """A working day (make-up days too), a holiday of the calendar, or a plain weekend."""
    if table.is_workday(day):
        return "working"
    return "holiday" if day in table.holidays else "weekend"


def rotation(
    days: Iterable[date], order: Sequence[str], table: DayTable, kinds: Collection[DayKind],
    unable: Callable[[str, date], bool],
) -> list[Turn]:  # fmt: skip
    """Who leads each of `days` that is of one of `kinds`. Working days and days off have a queue each (assumed).

    Who cannot lead a day keeps their place at the head of the queue, so that nobody loses or gains a turn.
    """
    queues = {True: list(order), False: list(order)}
    turns = []
    for day in days:
        kind = kind_of(day, table)
        if kind in kinds:
            queue = queues[kind == "working"]
            person = next((each for each in queue if not unable(each, day)), None)
            if person is not None:
                queue.remove(person)
                queue.append(person)
            turns.append(Turn(day, person))
    return turns


def next_duty_day(day: date, table: DayTable, rostered: Collection[date]) -> date:
    """The day to whose leader `day` is handed over: the next working day, or one before it that somebody leads."""
    day += timedelta(days=1)
    while day not in rostered and not table.is_workday(day):
        day += timedelta(days=1)
    return day
