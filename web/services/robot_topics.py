"""What robots tell: numbers and where to look, never who. A group's messages lie on others' computers.

The morning's messages go out from the first session's start of a working day to the last one's end, the times of the
policy; the others when the matter comes up.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.words import say
from station.rules.calendar import dates
from station.rules.hours import minute_of
from web.ledger.corrections import CorrectionRow
from web.ledger.leaves import LeaveRow
from web.services import bell, duty_waits, in_force, months, patrol_day, sheet_waits, signing
from web.services.hub import Hub
from web.services.in_force import InForce
from web.services.scopes import OF_HALL
from web.services.waits import Waiting


class Told(NamedTuple):
    """One message. `key`: what it is about, so that nobody is told twice; `address`: the page, within the hub."""

    key: str
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is asked what there is to tell. `day`: today in the hall's zone; `told`: what every robot was told."""

    session: Session
    hub: Hub
    held: InForce
    now: datetime
    told: frozenset[str] = frozenset()

    @property
    def day(self) -> date:
        """Today."""
        return self.now.astimezone(self.held.zone).date()

    @property
    def working(self) -> bool:
        """Whether it is a working day, between the first session's start and the last one's end."""
        day = self.held.day(self.day, "window")
        return day.worked and day.spans[0].start <= minute_of(self.now) < day.spans[-1].end


Topic = Callable[[Moment], Iterator[Told]]


def waits(moment: Moment) -> Iterator[Told]:
    """Once a working day: what waits in the whole hall, the late first."""
    key = f"waits {moment.day}"
    if not moment.working or key in moment.told:
        return
    viewer = bell.viewer(moment.session, moment.hub, "", "", OF_HALL, moment.now)
    lines = [*bell.ring(moment.session, viewer), *_undecided(moment.session)]
    if lines:
        told = say("；").join(_line(line) for line in sorted(lines, key=lambda line: not line.late))
        yield Told(key, say("今日待办：{told}", told=told), "/bell")


def rounds(moment: Moment) -> Iterator[Told]:
    """A scheduled round that nobody began in time, that was not walked, or not to its end (`wanzhou:patrol:3`)."""
    board = patrol_day.patrol_day(moment.session, moment.held, moment.day, moment.now)
    for column in board.columns if board.floors else ():
        state = column.state.state if column.state else ""
        if state not in ("alert", "missed", "incomplete"):
            continue
        left = column.whole.of - column.whole.visited
        what = {
            "alert": say("到点还没有开始"),
            "missed": say("逾时没有巡查"),
            "incomplete": say("有 {n} 处没有巡到", n=left),
        }[state]
        told = say("{name}{what}（按 {at} 前收到的记录）", name=column.name, what=what,
                   at=f"{moment.now.astimezone(moment.held.zone):%H:%M}")  # fmt: skip
        yield Told(f"round {column.at:%Y-%m-%d %H:%M} {state}", told, f"/patrol/day/{moment.day}")


def month(moment: Moment) -> Iterator[Told]:
    """Once a working day while sheets of last month or before are not handed in (`shanxi:attendance:3`)."""
    held, today = moment.held, moment.day
    first = in_force.last_month(today)
    if not moment.working or sheet_waits.before_the_hall(held, first):
        return
    firsts = sheet_waits.months_before(held, today)
    before = moment.session.execute(sheet_waits.unsigned(firsts)).all() if firsts else []
    if before:
        oldest = before[0].month
        told = say("以前月份还有 {n} 张月表没有签完，最早是 {month}", n=len(before), month=oldest)
        yield Told(f"months before {today}", told, f"/sheets?month={oldest}")
    units = len(moment.session.execute(sheet_waits.unsigned([first])).all())
    if not units:
        return
    due = signing.due(held, first)
    left = sum(held.table.is_workday(day) for day in dates(today + timedelta(days=1), due))
    when = (
        say("{due} 前报送，今天到期", due=f"{due:%m-%d}") if today == due
        else say("{due} 前报送，还剩 {n} 个工作日", due=f"{due:%m-%d}", n=left) if today < due
        else say("应在 {due} 前报送，已逾期", due=f"{due:%m-%d}")
    )  # fmt: skip
    name = months.month_text(first)
    told = say("{month} 月表还有 {n} 个单位没有签完，{when}", month=name, n=units, when=when)
    yield Told(f"month {name} {today}", told, f"/sheets?month={name}")


def urgent(moment: Moment) -> Iterator[Told]:
    """Urgent matters of the log that nobody above saw (`taigu:duty:2.1`); what they are stays in the hall."""
    entries = moment.session.execute(duty_waits.unseen(moment.day)).scalars().all()
    if entries:
        told = say("值班报告了重大情况，{n} 件待签收", n=len(entries))
        yield Told(f"urgent {max(entries)}", told, "/duty")


TOPICS: dict[str, Topic] = {"waits": waits, "rounds": rounds, "month": month, "urgent": urgent}
WORDS = {
    "waits": "每个工作日上班时：待办和逾期的数目",
    "rounds": "定时巡查到点没开始、漏巡、没巡全",
    "month": "每个工作日上班时：上月月表还有几个单位没报，还剩几天",
    "urgent": "值班报告了重大情况，还没有人签收",
}


def _undecided(session: Session) -> list[Waiting]:
    """Leaves and corrections that wait for anybody at all; the bell tells each decider of their own."""
    leaves, corrections = (
        session.execute(select(func.count()).select_from(row).where(row.status == "pending")).scalar_one()
        for row in (LeaveRow, CorrectionRow)
    )
    found = [
        Waiting("leaves", leaves, say("假条待审批"), "/leave"),
        Waiting("corrections", corrections, say("更正待审批"), "/corrections"),
    ]
    return [each for each in found if each.count]


def _line(line: Waiting) -> str:
    words = say("{words} {n} 项", words=line.words, n=line.count)
    return say("{words}（急）", words=words) if line.late else words
