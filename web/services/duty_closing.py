"""The day's end: each floor looked over (taigu:duty:1.1, taigu:duty:2.3), the day handed over, and accepted or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config import checklist
from config.words import say
from station.rules.duty import next_duty_day
from web.ledger.duty import DutyActRow, DutyCheckRow, DutyHandoverRow
from web.services import audit, duty_days, duty_planning, posts
from web.services.duty_days import Acts, DutyDay
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.ids import is_id
from web.services.in_force import InForce

LIST = "closing"  # of the checklist
ANSWERS = ("accept", "return")
GUARDS = "guards"  # the policy's duty that concerns the hall as a whole (taigu:duty:2.4)
LONGEST_TEXT = 500
OPEN_FOR = timedelta(days=62)
AHEAD = timedelta(days=16)  # no row of holidays is longer


@dataclass(frozen=True)
class Handover:
    """A day handed over and the newest word of who was to take it."""

    row: DutyHandoverRow
    act: DutyActRow | None

    @property
    def state(self) -> str:
        """open, accept or return (not accepted)."""
        return self.act.act if self.act else "open"


def floors(session: Session, held: InForce, day: date) -> list[int | None]:
    """The floors to be looked over: those of the windows, else the policy's; last, the hall as a whole."""
    found = {window.floor for window in posts.windows(session) if window.floor is not None}
    return [*sorted(found or held.on(day).policy.patrol.floors), None]


def items(floor: int | None) -> tuple[str, ...]:
    """The ids of what is looked for on a floor."""
    return tuple(item.id for item in checklist.listed(LIST)) if floor is not None else (GUARDS,)


def check(session: Session, held: InForce, day: date, floor: int | None, faults: Sequence[str], note: str,
          now: datetime, by: str) -> None:  # fmt: skip
    """Record that a floor was looked over, with what was found. Whoever leads the day, or supervision."""
    if day != now.astimezone(held.zone).date():
        raise BadInput(say("下班检查只能当天登记"), remedy=say("过后发现的问题请记入值班记录"))
    if floor not in floors(session, held, day):
        raise BadInput(say("没有选楼层"), remedy=say("请从页面上的楼层中选"))
    looked = items(floor)
    if set(faults) - set(looked):
        raise BadInput(say("没有这项检查"), remedy=say("请刷新页面后再登记"))
    note = duty_days.reason_of(note, needed=False)
    if faults and not note:
        raise BadInput(say("发现问题要写明位置"), remedy=say("请写窗口号或位置，以及怎么处理"))
    _require(session, held, day, by)
    row = DutyCheckRow(id=str(uuid7()), day=day, floor=floor, items=" ".join(looked),
                       faults=" ".join(each for each in looked if each in set(faults)), note=note, at=now,
                       by=by)  # fmt: skip
    session.add(row)
    session.flush()
    detail = {"day": day.isoformat(), "floor": "" if floor is None else str(floor), "faults": row.faults, "note": note}
    audit.note(session, now, by, "duty.check", row.id, detail)


def checks(session: Session, first: date, last: date) -> dict[date, dict[int | None, DutyCheckRow]]:
    """Day → floor → its newest check. One statement."""
    query = select(DutyCheckRow).where(DutyCheckRow.day.between(first, last)).order_by(DutyCheckRow.id)
    found: dict[date, dict[int | None, DutyCheckRow]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.day, {})[row.floor] = row
    return found


def next_day(held: InForce, day: date, there: Mapping[date, DutyDay]) -> date:
    """The day to whose leader `day` is handed over. `there`: the roster of the days after."""
    return next_duty_day(day, held.table, [each for each, duty in there.items() if duty.leader])


def hand_over(session: Session, held: InForce, day: date, text: str, now: datetime, by: str) -> str:
    """Hand a day over; the id. BadInput while one of it waits for its answer, or was accepted."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise BadInput(
            say("没有写交接事项，或写得太长"),
            remedy=say("请写 1 到 {n} 个字，没有事项就写“无”", n=LONGEST_TEXT),
        )
    if day > now.astimezone(held.zone).date():
        raise BadInput(say("这一天还没有到"), remedy=say("请在当天下班前交接"))
    last = _last_of(session, day)
    if last is not None and last.state == "open":
        raise BadInput(say("已经交接，正等接班人确认"), remedy=say("接班人不接收的，再重新交接"))
    if last is not None and last.state == "accept":
        raise BadInput(say("这一天已经交接完毕"), remedy=say("要补充的请记入值班记录"))
    _require(session, held, day, by)
    to_day = next_day(held, day, duty_days.between(session, day + timedelta(days=1), day + AHEAD))
    row = DutyHandoverRow(id=str(uuid7()), day=day, to_day=to_day, text=text, at=now, by=by)
    session.add(row)
    session.flush()
    audit.note(session, now, by, "duty.hand_over", row.id, {"day": day.isoformat(), "to": str(to_day), "text": text})
    return row.id


def answer(session: Session, held: InForce, handover: str, act: str, note: str, now: datetime, by: str) -> None:
    """Accept what was handed over, or return it: whoever leads the next day, and once that is past, today's leader."""
    found = get(session, handover)
    if found.state != "open":
        raise BadInput(say("这次交接已经有答复"), remedy=say("请刷新后查看"))
    if act not in ANSWERS:
        raise BadInput(say("没有选接收还是不接收"), remedy=say("请选一项"))
    note = duty_days.reason_of(note, needed=act == "return")
    today = now.astimezone(held.zone).date()
    if not any(by in leading(session, held, day) for day in {found.row.to_day, max(found.row.to_day, today)}):
        raise NotAllowed(say("请由下一个值班日的值班长确认"), remedy=say("值班表有误的，请先改值班表"))
    duty_days.act_on(session, handover, act, now, by, note)


def leading(session: Session, held: InForce, day: date) -> set[str]:
    """Who leads any part of a day; all who hold the role where nobody able is named."""
    return duty_planning.able(session, held, day, day).leading(duty_days.on(session, day))


def get(session: Session, handover: str) -> Handover:
    """One of them; NotFound for nothing."""
    row = session.get(DutyHandoverRow, handover) if is_id(handover) else None
    if row is None:
        raise NotFound(say("没有这次交接"), remedy=say("请从值班页进入"))
    return of([row], duty_days.acts_on(session, [row.id]))[0]


def rows_between(session: Session, first: date, last: date) -> Sequence[DutyHandoverRow]:
    """Those of the days from `first` to `last`, newest first. One statement."""
    query = select(DutyHandoverRow).where(DutyHandoverRow.day.between(first, last))
    return session.execute(query.order_by(DutyHandoverRow.id.desc())).scalars().all()


def of(rows: Sequence[DutyHandoverRow], acts: Acts) -> list[Handover]:
    """The same with the newest word on each."""
    return [Handover(row, acts.get(row.id, [None])[-1]) for row in rows]


def not_accepted(found: Sequence[Handover]) -> list[Handover]:
    """Of handovers, newest first: those of days that nobody accepted, the newest of each, the longest first."""
    newest = {each.row.day: each for each in found[::-1]}
    return [each for _, each in sorted(newest.items()) if each.state != "accept"]


def _last_of(session: Session, day: date) -> Handover | None:
    rows = rows_between(session, day, day)[:1]
    return of(rows, duty_days.acts_on(session, [row.id for row in rows]))[0] if rows else None


def _require(session: Session, held: InForce, day: date, by: str) -> None:
    who = duty_planning.able(session, held, day, day)
    duty_planning.require_leader(session, duty_days.on(session, day), day, by, who)
