"""When people came today: first presses in columns of ten minutes around the day's beginning."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from station.rules.hours import minute_of
from web.services.today import HallDay
from web.words import _

WIDTH = 10  # minutes
BEFORE, AFTER = 6, 9  # columns before and after the beginning; who came earlier or later stands in the outermost


@dataclass(frozen=True, slots=True)
class Column:
    """Those who came within ten minutes. `words`: from when; `height`: 0 to 100, of the highest column."""

    words: str
    count: int
    height: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A day's columns; `start` of them lie before the beginning of work, which is at `begins` ("08:30")."""

    columns: tuple[Column, ...]
    start: int
    begins: str
    came: int

    @property
    def words(self) -> str:
        """The same for whoever does not see it."""
        told = [f"{column.words} {column.count}" for column in self.columns if column.count]
        return _("到岗时间分布，每 10 分钟的人数：%(told)s", told=_("，").join(told))


def arrivals_of(day: HallDay) -> Arrivals | None:
    """The columns of today; None while nobody came, and on a day that is not worked."""
    came = [one.presence.came.minute for one in day.came() if one.presence.came is not None]
    if not came or not day.worked or not day.starts:
        return None
    begins = day.starts[0]
    zero = minute_of(begins)
    counts = [0] * (BEFORE + AFTER)
    for minute in came:
        counts[min(max((minute - zero) // WIDTH + BEFORE, 0), len(counts) - 1)] += 1
    most = max(counts)
    columns = tuple(
        Column(_label(begins + timedelta(minutes=WIDTH * (at - BEFORE)), at), count, round(100 * count / most))
        for at, count in enumerate(counts)
    )
    return Arrivals(columns, BEFORE, f"{begins:%H:%M}", len(came))


def _label(at: datetime, column: int) -> str:
    if column == 0:
        return _("%(at)s 前", at=f"{at + timedelta(minutes=WIDTH):%H:%M}")
    if column == BEFORE + AFTER - 1:
        return _("%(at)s 起", at=f"{at:%H:%M}")
    return f"{at:%H:%M}"
