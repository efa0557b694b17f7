"""The board of the page 今日: numbers, units and rows as they are painted, made from the day's state."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from web.ledger.stations import AlarmRow
from web.services.stations import Health
from web.services.today import Attendee, HallDay
from web.today.arrivals import arrivals_of
from web.words import _


@dataclass(frozen=True, slots=True)
class Which:
    """A list behind a number: its heading, who is on it, and how the number is painted when it is not 0."""

    key: str
    title: str
    of: Callable[[HallDay], list[Attendee]]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit's line of numbers; `unit`: "" for those who have none."""

    unit: str
    due: int
    came: int
    late: int
    away: int
    missing: int


LISTS = {
    which.key: which
    for which in (
        Which("due", "应到", HallDay.due),
        Which("came", "已到", HallDay.came),
        Which("late", "迟到", HallDay.late, "amber"),
        Which("away", "请假/因公外出", HallDay.away, "blue"),
        Which("missing", "未打卡", HallDay.missing, "red"),
    )
}


def board_of(day: HallDay, health: Sequence[Health], alarms: Sequence[AlarmRow]) -> dict[str, object]:
    """Everything that the board's template paints. `health`: of every station, whatever its state."""
    return {
        "day": day,
        "tiles": [(which, len(which.of(day))) for which in LISTS.values()],
        "units": unit_lines(day),
        "arrivals": arrivals_of(day),
        "health": [one for one in health if one.row.state == "confirmed"],
        "waiting": [one.row for one in health if one.row.state == "waiting"],
        "alarms": alarms,
        "due_words": due_words(day),
    }


def unit_lines(day: HallDay) -> list[UnitLine]:
    """One line a unit, in the order of the staff list."""
    counts = [Counter(one.person.unit for one in which.of(day)) for which in LISTS.values()]
    units = dict.fromkeys(one.person.unit for one in day.due())
    return [UnitLine(unit, *(each[unit] for each in counts)) for unit in units]


def due_words(day: HallDay) -> str:
    """Which session counts now, in words."""
    if not day.worked:
        return _("今天休息，只作记录")
    start = day.starts[day.session]
    part = _("上午") if start.hour < 12 else _("下午")
    if day.at < start:
        return _("%(part)s %(at)s 上班", part=part, at=f"{start:%H:%M}")
    return _("%(part)s已于 %(at)s 上班", part=part, at=f"{start:%H:%M}")
