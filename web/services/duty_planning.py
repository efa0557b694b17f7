"""Drawing up the duty roster: the office plans a range in rotation, changes a day; a leader leaves a day to another."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clauses import cite
from config.words import say, series
from station.rules.calendar import dates
from station.rules.duty import DayKind, Turn, kind_of, rotation
from station.rules.leave import PERMISSIONS
from web.ledger.leaves import LeaveRow
from web.ledger.people import PersonRow, RoleRow
from web.services import duty_days, leave_lists, people, roles
from web.services.duty_days import DutyDay
from web.services.errors import BadInput, NotAllowed
from web.services.in_force import InForce

LONGEST = timedelta(days=186)
OFFICE = ("admin", "supervision", "office_leader", "centre_leader")  # who draws up the roster
KINDS: tuple[DayKind, ...] = get_args(DayKind)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A range to be planned, both ends included. `over`: days that have a leader already are planned anew too."""

    first: date
    last: date
    order: tuple[str, ...]
    kinds: frozenset[DayKind]
    over: bool = False


class Line(NamedTuple):
    """A day of a plan: who is to lead it, and who stands there now."""

    turn: Turn
    before: str | None


@dataclass(frozen=True)
class Plan:
    """A plan as it would be written. `mark` tells it from any other."""

    lines: tuple[Line, ...]
    mark: str

    def changes(self) -> list[Line]:
        """The days that it would change."""
        return [line for line in self.lines if line.turn.person is not None and line.turn.person != line.before]


@dataclass(frozen=True)
class Able:
    """Who holds the duty leader's role when, is posted when, and is on approved leave when: read once for a range."""

    held: dict[str, list[RoleRow]]
    people: dict[str, PersonRow]
    away: Sequence[LeaveRow]
    in_force: InForce

    def why_not(self, person: str, day: date) -> str:
        """Why somebody cannot lead a day; empty when they can."""
        if not _leading(self.held.get(person, ()), day):
            return say("当天不是值班长")
        start = datetime.combine(day, time(), self.in_force.zone)
        return self.why_absent(person, start, start + timedelta(days=1))

    def why_absent(self, person: str, start: datetime, end: datetime) -> str:
        """Why somebody is not there over [start, end), which lies within one day; empty when they are."""
        row, day = self.people[person], start.astimezone(self.in_force.zone).date()
        since, until = people.day_or_none(row.posted_from), people.day_or_none(row.posted_to)
        if not roles.overlap(since, until, day, day):
            return say("当天不在册")
        mine = (row for row in self.away if row.person == person and row.kind not in PERMISSIONS)
        return say("当天已批准请假") if any(row.start < end and row.ends > start for row in mine) else ""

    def unable(self, person: str, day: date) -> bool:
        """Whether somebody cannot lead a day."""
        return bool(self.why_not(person, day))

    def holders(self, day: date) -> set[str]:
        """Who holds the duty leader's role on a day."""
        return {person for person, rows in self.held.items() if _leading(rows, day)}

    def leading(self, duty: DutyDay) -> set[str]:
        """Who leads a part of the day and may; all who hold the role where the roster names nobody able."""
        named = {each for each in duty.everybody() if roles.in_force(self.held.get(each, ()), duty.day)}
        return named or self.holders(duty.day)

    def leaders(self, first: date, last: date) -> list[str]:
        """Who holds the role on any day from `first` to `last`, by name."""
        found = [
            person for person, rows in self.held.items()
            if any(row.role == duty_days.ROLE and roles.overlap(row.since, row.until, first, last) for row in rows)
        ]  # fmt: skip
        return sorted(found, key=lambda person: (self.people[person].pinyin, person))


def able(session: Session, held: InForce, first: date, last: date) -> Able:
    """Who could lead the days from `first` to `last`. Two statements."""
    query = select(RoleRow, PersonRow).join(PersonRow, PersonRow.id == RoleRow.person)
    rows: dict[str, list[RoleRow]] = {}
    known = {}
    for role, person in session.execute(query.where(RoleRow.role.in_(duty_days.STAND_IN)).order_by(RoleRow.id)):
        rows.setdefault(person.id, []).append(role)
        known[person.id] = person
    start, end = (datetime.combine(day, time(), held.zone) for day in (first, last + timedelta(days=1)))
    return Able(rows, known, leave_lists.approved_between(session, start, end), held)


def plan(session: Session, held: InForce, wanted: Wanted, today: date) -> Plan:
    """What the rotation makes of a range, not written yet. BadInput for what cannot be planned."""
    _check(wanted, today)
    who = able(session, held, wanted.first, wanted.last)
    unknown = [person for person in wanted.order if person not in who.leaders(wanted.first, wanted.last)]
    if unknown:
        raise BadInput(say("名单里有人不是值班长"), remedy=say("请先在人员台账中指定值班长，再排班"))
    there = duty_days.between(session, wanted.first, wanted.last)
    free = [day for day in dates(wanted.first, wanted.last) if wanted.over or not _led(there, day)]
    turns = rotation(free, wanted.order, held.table, wanted.kinds, who.unable)
    if not turns:
        raise BadInput(say("这段日期里没有要排的日子"), remedy=say("请改日期、日子的种类，或勾选重排"))
    lines = tuple(Line(turn, there[turn.day].leader if turn.day in there else None) for turn in turns)
    return Plan(lines, hashlib.sha256(repr(lines).encode()).hexdigest()[:16])


def write(session: Session, held: InForce, wanted: Wanted, mark: str, now: datetime, by: str) -> int:
    """Write a plan that was looked at; how many days it changed. BadInput when it would come out otherwise by now."""
    made = plan(session, held, wanted, _today(held, now))
    if made.mark != mark:
        raise BadInput(say("预览之后排班、请假或角色有了变动，没有写入"), remedy=say("请重新核对预览后再写入"))
    for line in made.changes():
        duty_days.put(session, line.turn.day, line.turn.person, "plan", "", now, by)
    return len(made.changes())


def change(session: Session, held: InForce, day: date, person: str | None, reason: str, now: datetime,
           by: str) -> None:  # fmt: skip
    """Have another lead a day, or nobody. BadInput for a day past, for who cannot, and without a reason."""
    reason = duty_days.reason_of(reason)
    _not_past(day, _today(held, now))
    if person is not None:
        refuse_unable(able(session, held, day, day), person, day)
    if duty_days.on(session, day).leader == person:
        raise BadInput(say("当天本来就是这样安排的"), remedy=say("请另选一位"))
    duty_days.put(session, day, person, "change", reason, now, by)


def stand_in(session: Session, held: InForce, person: str, start: datetime, ends: datetime, brief: str,
             now: datetime, by: str) -> None:  # fmt: skip
    """Leave a stretch of a day to another, who was told what to look to. Only who leads it, or supervision's people.

    BadInput where the policy knows no standing in, for times that do not fit, and for who cannot.
    """
    brief = duty_days.reason_of(brief)
    day, last = start.astimezone(held.zone).date(), (ends - timedelta(microseconds=1)).astimezone(held.zone).date()
    policy = held.on(day).policy.duty
    if not policy.delegate:
        raise BadInput(
            say("本厅的制度没有代班"), remedy=say("请换班，依据见{clause}", clause=cite(policy.clauses("delegate")[0]))
        )
    if ends <= start or day != last or ends <= now:
        raise BadInput(say("代班时间不对"), remedy=say("请填同一天里还没有过去的起止时间"))
    who = able(session, held, day, day)
    duty = duty_days.on(session, day)
    if duty.leader is None:
        raise BadInput(say("当天没有排值班长，不能代班"), remedy=say("请先排班"))
    if person == duty.leader:
        raise BadInput(say("代班人就是当天的值班长"), remedy=say("请另选一位"))
    held_roles = roles.in_force((row for row in who.held.get(person, ()) if row.role in duty_days.STAND_IN), day)
    if not held_roles:
        raise BadInput(say("代班人要是值班长或督查人员"), remedy=say("请从名单中选"))
    if why := who.why_absent(person, start, ends):
        name = who.people[person].name
        raise BadInput(say("{name} 不能代班：{why}", name=name, why=why), remedy=say("请另选一位，或另选时间"))
    require_leader(session, duty, day, by, who)
    duty_days.put(session, day, person, "delegate", brief, now, by, (start, ends))


def come_back(session: Session, held: InForce, day: date, now: datetime, by: str) -> None:
    """The leader is back before the stretch that was left to another is over."""
    duty = duty_days.on(session, day)
    row = duty.stretch_at(now)
    if row is None or row.person is None or row.ends is None:
        raise BadInput(say("现在没有人代班"), remedy=say("请刷新后查看"))
    require_leader(session, duty, day, by, able(session, held, day, day))
    duty_days.put(session, day, None, "back", "", now, by, (now, row.ends))


def may_write(duty: DutyDay, day: date, person: str, who: Able) -> bool:
    """Whether somebody leads a part of the day, or the role where nobody is named, or is of supervision."""
    oversees = any(row.role == "supervision" for row in roles.in_force(who.held.get(person, ()), day))
    return oversees or person in who.leading(duty)


def require_leader(session: Session, duty: DutyDay, day: date, by: str, who: Able) -> None:
    """NotAllowed unless `by` may write into the day."""
    if not may_write(duty, day, by, who):
        named = duty.everybody()
        names = series(sorted(people.names_of(session, named).values()))
        raise NotAllowed(
            say("您不是这一天的值班长"),
            remedy=say("请由{names}或督查部门办理", names=names) if names else say("请由值班长或督查部门办理"),
        )


def refuse_unable(who: Able, person: str, day: date) -> None:
    """BadInput, with the reason, when somebody cannot lead a day."""
    if person not in who.people:
        raise BadInput(say("没有选值班长"), remedy=say("请从名单中选"))
    if why := who.why_not(person, day):
        words = say("{name} {day} 不能值班：{why}", name=who.people[person].name, day=day.isoformat(), why=why)
        raise BadInput(words, remedy=say("请另选一位或另选一天"))


def kinds(held: InForce, days: Iterable[date]) -> dict[date, DayKind]:
    """What kind of day each is by the hall's calendar."""
    return {day: kind_of(day, held.table) for day in days}


def _check(wanted: Wanted, today: date) -> None:
    if wanted.last < wanted.first:
        raise BadInput(say("结束日期早于开始日期"), remedy=say("请改正日期"))
    if wanted.last - wanted.first >= LONGEST:
        raise BadInput(say("一次最多排 {n} 天", n=LONGEST.days), remedy=say("请分段排"))
    _not_past(wanted.first, today)
    if not wanted.order or len(set(wanted.order)) < len(wanted.order):
        raise BadInput(say("没有选轮值的人，或同一人选了两次"), remedy=say("请给每人一个不同的顺序"))
    if not wanted.kinds:
        raise BadInput(say("没有选要排哪些日子"), remedy=say("请选工作日、周末或节假日"))


def _not_past(day: date, today: date) -> None:
    if day < today:
        raise BadInput(say("{day} 已经过去，值班表不能再改", day=day.isoformat()), remedy=say("请选今天或以后的日子"))


def _leading(rows: Iterable[RoleRow], day: date) -> bool:
    return any(row.role == duty_days.ROLE for row in roles.in_force(rows, day))


def _led(there: dict[date, DutyDay], day: date) -> bool:
    return day in there and there[day].leader is not None


def _today(held: InForce, now: datetime) -> date:
    return now.astimezone(held.zone).date()
