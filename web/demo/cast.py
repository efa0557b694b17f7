"""The people of the demonstration hall, and when they press: data and dice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from station.rules.calendar import DayTable

ZONE = ZoneInfo("Asia/Shanghai")
HALL = "示范区政务服务中心"
STATION = "一楼东门考勤站"
OPENS = time(8, 40)  # where the clock is put outside working hours
CLOSES = time(17, 10)
PAST_WORKDAYS = 7
MOST_PAST_WORKDAYS = 30


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the hall. Comes late on one working day in `late_in`; `absent`: does not come today."""

    number: str
    name: str
    unit: str
    window: str = ""
    late_in: int = 12
    absent: bool = False
    role: Literal["staff", "duty_leader"] = "staff"


CAST = (
    Actor("1001", "刘明", "医疗保障局", "101"),
    Actor("1002", "王芳", "医疗保障局", "102"),
    Actor("1003", "张伟", "市场监督管理局", "103", late_in=4),
    Actor("1004", "赵军磊", "市场监督管理局", "104"),
    Actor("1005", "陈静", "税务局", "105"),
    Actor("1006", "黄涛", "税务局", "106", late_in=6),
    Actor("1007", "吴芳洋", "公安局", "107"),
    Actor("1008", "周强", "公安局", "108", absent=True),
    Actor("1009", "徐敏", "人力资源和社会保障局", "109"),
    Actor("1010", "阿依古丽·买买提", "人力资源和社会保障局", "110"),
    Actor("1011", "孙丽", "不动产登记中心", "111", absent=True),
    Actor("1012", "欧阳建国", "政务服务中心", role="duty_leader"),
)


@dataclass(frozen=True, slots=True)
class Press:
    """One press of the past."""

    actor: Actor
    at: datetime


def opening(now: datetime, table: DayTable) -> datetime:
    """Where the demonstration's clock starts: now within working hours, else 08:40 of the last working day."""
    local = now.astimezone(ZONE)
    if table.is_workday(local.date()) and OPENS <= local.time() < CLOSES:
        return local
    day = local.date() if local.time() >= OPENS else local.date() - timedelta(days=1)
    while not table.is_workday(day):
        day -= timedelta(days=1)
    return datetime.combine(day, OPENS, ZONE)


def past_days(today: date, last: date | None, table: DayTable) -> list[date]:
    """The working days before `today` that have to be played: a first past, or what has gone by since `last`."""
    days: list[date] = []
    day = today - timedelta(days=1)
    wanted = PAST_WORKDAYS if last is None else MOST_PAST_WORKDAYS
    while len(days) < wanted and (last is None or day > last):
        if table.is_workday(day):
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]


def presses_of(day: date, dice: random.Random) -> list[Press]:
    """Everybody's presses of a past working day by the default hall's hours; some are late, some forget one."""
    presses = [Press(actor, at) for actor in CAST for at in _presses_of(actor, day, dice)]
    return sorted(presses, key=lambda press: press.at)


def _presses_of(actor: Actor, day: date, dice: random.Random) -> Iterator[datetime]:
    late = dice.randrange(actor.late_in) == 0
    moments = [
        _moment(day, 9, dice.randrange(1, 25) if late else -dice.randrange(1, 22), dice),
        _moment(day, 12, dice.randrange(12), dice),
        _moment(day, 13, -dice.randrange(1, 20), dice),
        _moment(day, 17, dice.randrange(25), dice),
    ]
    if dice.randrange(15) == 0:
        moments.pop(dice.randrange(4))
    return iter(moments)


def _moment(day: date, hour: int, minutes_more: int, dice: random.Random) -> datetime:
    exact = datetime.combine(day, time(hour, 0, dice.randrange(60)), ZONE)
    return exact + timedelta(minutes=minutes_more)
