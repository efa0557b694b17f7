"""Which days are worked (wanzhou:attendance:3; make-up days: assumed). Schedules are imported only when asked for."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

WEEK = frozenset((1, 2, 3, 4, 5))


class DayTable(NamedTuple):
    """Days that differ from the week's rule, and the years whose schedule is known.

    `holidays`: days off; `workdays`: make-up days worked; `known`: years. Outside them every day follows the week.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    known: frozenset[int] = frozenset()

    def is_workday(self, day: date, week: Iterable[int] = WEEK) -> bool:
        """Whether `day` is worked; `week`: ISO weekdays worked when the table has no word for the day."""
        return day in self.workdays or (day not in self.holidays and day.isoweekday() in week)

    def is_known(self, day: date) -> bool:
        """Whether the schedule of the day's year is known; otherwise nobody is judged absent on it."""
        return day.year in self.known

    def overridden(self, holidays: Iterable[date] = (), workdays: Iterable[date] = ()) -> "DayTable":
        """The table with another word for these dates. A year does not become known by single dates."""
        off, on = frozenset(holidays), frozenset(workdays)
        return DayTable((self.holidays - on) | off, (self.workdays - off) | on, self.known)

    def confirmed(self, year: int, holidays: Iterable[date], workdays: Iterable[date]) -> "DayTable":
        """The table with the whole schedule of `year` as the hall confirmed it in place of the old one."""
        kept_off = {day for day in self.holidays if day.year != year}
        kept_on = {day for day in self.workdays if day.year != year}
        return DayTable(frozenset(kept_off.union(holidays)), frozenset(kept_on.union(workdays)), self.known | {year})


@cache
def state_council() -> DayTable:
    """The State Council's schedules as chinesecalendar has them; the years it covers are known."""
    from chinese_calendar import constants

    holidays, workdays = frozenset(constants.holidays), frozenset(constants.workdays)
    return DayTable(holidays, workdays, frozenset(day.year for day in holidays))


def dates(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included."""
    for days in range((last - first).days + 1):
        yield first + timedelta(days=days)


def working_days_after(day: date, count: int, table: DayTable) -> date:
    """The date that is `count` working days after `day` (0: `day` itself)."""
    while count:
        day += timedelta(days=1)
        count -= table.is_workday(day)
    return day


def working_day_of_month(year: int, month: int, count: int, table: DayTable) -> date:
    """The `count`-th working day of a month (from 1)."""
    return working_days_after(date(year, month, 1) - timedelta(days=1), count, table)
