"""Swapping duty days: a leader asks, the other agrees or supervision decides; what cannot be is refused, and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from station.rules.duty import kind_of
from web.ledger.duty import DutyActRow, DutySwapRow
from web.services import audit, duty_days, duty_planning
from web.services.duty_days import Acts
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.ids import is_id
from web.services.in_force import InForce

DECIDERS = "supervision"
OPEN, DONE, UNDONE = "open", "done", "undone"
STATES = {"agree": DONE, "approve": DONE, "decline": UNDONE, "refuse": UNDONE, "withdraw": UNDONE}


@dataclass(frozen=True)
class Swap:
    """A wish to swap and what came of it."""

    row: DutySwapRow
    act: DutyActRow | None

    @property
    def state(self) -> str:
        """open, done or undone."""
        return STATES[self.act.act] if self.act else OPEN

    def may(self, person: str, roles: Collection[str]) -> list[str]:
        """What this person may do about it."""
        if self.act is not None:
            return []
        acts = [*(("agree", "decline") if person == self.row.other else ())]
        own = person in (self.row.person, self.row.other)
        acts += ["approve", "refuse"] if DECIDERS in roles and not own else []
        return [*acts, *(("withdraw",) if person == self.row.person else ())]


def ask(session: Session, held: InForce, day: date, other_day: date | None, other: str, reason: str,
        now: datetime, by: str) -> str:  # fmt: skip
    """Ask another to take a day of one's own; its id. BadInput with what stands against it."""
    reason = duty_days.reason_of(reason)
    if duty_days.on(session, day).leader != by:
        raise BadInput(say("{day} 不是您值班", day=day.isoformat()), remedy=say("请从“我的值班”里选"))
    row = DutySwapRow(id=str(uuid7()), day=day, person=by, other=other, other_day=other_day, reason=reason, at=now,
                      by=by)  # fmt: skip
    _check(session, held, row, now)
    if any(each.state == OPEN and day in (each.row.day, each.row.other_day) for each in _about(session, day)):
        raise BadInput(say("这一天已有没办完的换班"), remedy=say("请先撤回那一个"))
    session.add(row)
    session.flush()
    detail = {"day": day.isoformat(), "other": other, "other_day": str(other_day or ""), "reason": reason}
    audit.note(session, now, by, "duty.ask", row.id, detail)
    return row.id


def decide(session: Session, held: InForce, swap: str, act: str, note: str, now: datetime, by: str,
           roles: Collection[str]) -> None:  # fmt: skip
    """Agree, decline, approve, refuse or withdraw. What stands against the swap by now is refused with the reason."""
    found = get(session, swap)
    if found.act is not None:
        raise BadInput(say("这个换班已经办完"), remedy=say("请刷新后查看"))
    if act not in STATES:
        raise BadInput(say("没有选怎么办"), remedy=say("请选同意或不同意"))
    if act not in found.may(by, roles):
        raise NotAllowed(say("您不能办这个换班"), remedy=say("请由对方本人或督查部门办理"))
    note = duty_days.reason_of(note, needed=act in ("decline", "refuse"))
    if STATES[act] == DONE:
        _check(session, held, found.row, now)
    duty_days.act_on(session, swap, act, now, by, note)
    if STATES[act] == DONE:
        row = found.row
        duty_days.put(session, row.day, row.other, "swap", row.reason, now, by)
        if row.other_day is not None:
            duty_days.put(session, row.other_day, row.person, "swap", row.reason, now, by)


def get(session: Session, swap: str) -> Swap:
    """One of them; NotFound for nothing."""
    row = session.get(DutySwapRow, swap) if is_id(swap) else None
    if row is None:
        raise NotFound(say("没有这个换班"), remedy=say("请从值班页进入"))
    return of([row], duty_days.acts_on(session, [row.id]))[0]


def rows_between(session: Session, first: date, last: date) -> Sequence[DutySwapRow]:
    """Those about a day from `first` to `last`, newest first. One statement."""
    touched = DutySwapRow.day.between(first, last) | DutySwapRow.other_day.between(first, last)
    return session.execute(select(DutySwapRow).where(touched).order_by(DutySwapRow.id.desc())).scalars().all()


def of(rows: Sequence[DutySwapRow], acts: Acts) -> list[Swap]:
    """The same with what was done about each."""
    return [Swap(row, acts.get(row.id, [None])[-1]) for row in rows]


def _about(session: Session, day: date) -> list[Swap]:
    rows = rows_between(session, day, day)
    return of(rows, duty_days.acts_on(session, [row.id for row in rows]))


def _check(session: Session, held: InForce, row: DutySwapRow, now: datetime) -> None:
    """BadInput with the first thing that stands against the swap."""
    today = now.astimezone(held.zone).date()
    days = [row.day, *([row.other_day] if row.other_day else [])]
    for day in days:
        if day < today:
            raise BadInput(say("{day} 已经过去，不能换", day=day.isoformat()), remedy=say("请选今天以后的日子"))
    if row.person == row.other:
        raise BadInput(say("不能和自己换班"), remedy=say("请另选一位"))
    if row.other_day is not None:
        _check_days(held, row.day, row.other_day)
    there = duty_days.between(session, min(days), max(days))
    if row.day not in there or there[row.day].leader != row.person:
        raise BadInput(say("{day} 的值班表已变", day=row.day.isoformat()), remedy=say("请撤回后按新的值班表再提"))
    if row.other_day is not None and (row.other_day not in there or there[row.other_day].leader != row.other):
        raise BadInput(
            say("{day} 不是对方值班", day=row.other_day.isoformat()), remedy=say("请选对方值班的日子，或留空请对方代值")
        )
    who = duty_planning.able(session, held, min(days), max(days))
    duty_planning.refuse_unable(who, row.other, row.day)
    if row.other_day is not None:
        duty_planning.refuse_unable(who, row.person, row.other_day)


def _check_days(held: InForce, day: date, other: date) -> None:
    """A working day is not swapped into a holiday or a weekend, nor the other way (assumed)."""
    free = [each for each in (day, other) if kind_of(each, held.table) != "working"]
    if len(free) == 1:
        raise BadInput(
            say("{day} 是休息日，工作日不能和休息日换", day=free[0].isoformat()), remedy=say("请选同类的日子")
        )
