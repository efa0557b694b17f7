"""The demonstration's duty: a roster for its past and the month to come, and what the last days left in the log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from station.rules.calendar import dates
from web.demo.cast import ZONE
from web.services import duty_closing, duty_days, duty_log, duty_planning, in_force
from web.services.duty_log import Matter
from web.services.duty_planning import Wanted
from web.services.hub import Hub
from web.services.in_force import InForce

AHEAD = timedelta(days=31)
LOGGED = 5  # working days with a log
NOW_HERE = datetime(2000, 1, 1, tzinfo=ZONE)  # its time is the day that it is given to
MATTERS = (
    Matter(NOW_HERE, "order", "劝阻一名群众在等候区吸烟", "一楼等候区", settle="当场劝阻"),
    Matter(NOW_HERE, "visitors", "咨询跨区办理医保关系转移", "一楼咨询台", settle="已引导到 101 窗口"),
    Matter(NOW_HERE, "damage", "三楼东侧灯管不亮", "三楼东侧", damage=True, report="物业", settle="物业已更换"),
    Matter(NOW_HERE, "visitors", "两名群众因排队争执，保安到场", "二楼大厅", urgent=True, report="督查室",
           settle="已劝离，未影响办事"),
    Matter(NOW_HERE, "damage", "一楼西侧取号机不出号", "一楼西侧", damage=True, report="网络管理员"),
)  # fmt: skip


def keep(session: Session, hub: Hub, leaders: Sequence[str], since: date, office: str) -> None:
    """Who leads which day, so that the first of `leaders` leads today, and the log of the days before it."""
    held = in_force.read(session, hub)
    today = hub.now().astimezone(ZONE).date()
    past = [day for day in dates(since, today) if held.table.is_workday(day) and day < today]
    first = len(past) % len(leaders)
    order = tuple(leaders[(place - first) % len(leaders)] for place in range(len(leaders)))
    wanted = Wanted(since, today + AHEAD, order, frozenset({"working"}))
    made = duty_planning.plan(session, held, wanted, since)
    duty_planning.write(session, held, wanted, made.mark, _at(since, time(8)), office)
    for day, matter in zip(past[-LOGGED:], MATTERS, strict=False):
        _log(session, held, day, matter, accepted=day != past[-1])


def _log(session: Session, held: InForce, day: date, matter: Matter, *, accepted: bool) -> None:
    """A day of the log: a matter, every floor looked over, the day handed over; the last one still to be accepted."""
    leader = duty_days.on(session, day).leader or ""
    happened = _at(day, time(10, 20))
    duty_log.register(session, held, day, replace(matter, happened=happened), happened, leader)
    for number, floor in enumerate(duty_closing.floors(session, held, day)):
        duty_closing.check(session, held, day, floor, (), "", _at(day, time(17, 32 + number)), leader)
    text = matter.text if not matter.settle else "无"
    handed = duty_closing.hand_over(session, held, day, text, _at(day, time(17, 45)), leader)
    if accepted:
        to_day = duty_closing.get(session, handed).row.to_day
        by = duty_days.on(session, to_day).leader or leader
        duty_closing.answer(session, held, handed, "accept", "", _at(to_day, time(8, 45)), by)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE)
