"""The day's log: each matter registered, reported, settled, answered; urgent ones go upward.

Source: `taigu:duty:2.1`, `taigu:security:8`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.policy_posts import Duty
from config.words import say
from web.ledger.duty import DutyActRow, DutyEntryRow
from web.services import audit, duty_days, duty_planning
from web.services.duty_days import Acts
from web.services.errors import BadInput, NotAllowed, NotFound
from web.services.ids import is_id
from web.services.in_force import InForce

STAGES = ("register", "report", "settle", "feedback")  # beside the policy's own words for them, in its order
UPWARD = ("supervision", "office_leader", "centre_leader")  # who is told of what is urgent (taigu:duty:2.1)
LONGEST_TEXT, LONGEST_PLACE = 500, 60
OPEN_FOR = timedelta(days=62)  # so far back matters without an end are still looked for
NOT_LOGGED = frozenset(("shutdown", "handover", "urgent", "damage"))  # duties that have forms of their own


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to be registered. `report`: to whom it was reported at once, `settle`: what was done; may be empty."""

    happened: datetime
    task: str
    text: str
    place: str = ""
    urgent: bool = False
    damage: bool = False
    report: str = ""
    settle: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the log with what was done about it. `late`: it was written on another day than it belongs to."""

    row: DutyEntryRow
    acts: Sequence[DutyActRow]
    late: bool

    def act(self, name: str) -> DutyActRow | None:
        """The newest act of this kind."""
        return next((act for act in reversed(self.acts) if act.act == name), None)

    def open_stages(self, stages: Sequence[str]) -> list[str]:
        """The stages still to come."""
        return [stage for stage in stages if stage != "register" and self.act(stage) is None]

    def is_open(self) -> bool:
        """Whether nothing settled it yet, or nobody above saw what is urgent."""
        return self.act("settle") is None or (self.row.urgent and self.act("seen") is None)


def stages(duty: Duty) -> dict[str, str]:
    """Stage → the policy's word for it."""
    return dict(zip(STAGES, duty.log, strict=False))


def tasks(duty: Duty) -> dict[str, str]:
    """The duties that a matter may belong to → their words."""
    return {task.key: task.name for task in duty.tasks if task.key not in NOT_LOGGED} | {"damage": say("设施损坏")}


def register(session: Session, held: InForce, day: date, given: Matter, now: datetime, by: str) -> str:
    """Write a matter into a day's log; its id. Whoever leads the day, or supervision."""
    _check(held, day, given, now)
    who = duty_planning.able(session, held, day, day)
    duty_planning.require_leader(session, duty_days.on(session, day), day, by, who)
    row = DutyEntryRow(
        id=str(uuid7()), day=day, happened=given.happened, task=given.task, text=given.text.strip(),
        place=given.place.strip(), urgent=given.urgent, damage=given.damage, at=now, by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    detail = {"day": day.isoformat(), "task": row.task, "text": row.text, "place": row.place, "urgent": row.urgent,
              "damage": row.damage}  # fmt: skip
    audit.note(session, now, by, "duty.register", row.id, detail)
    for act, told, note in (("report", given.report, ""), ("settle", "", given.settle)):
        if told.strip() or note.strip():
            duty_days.act_on(session, row.id, act, now, by, duty_days.reason_of(note, needed=False), _told(told))
    return row.id


def follow(session: Session, held: InForce, entry: str, act: str, told: str, note: str, now: datetime, by: str) -> None:
    """Report, settle or answer a matter: whoever leads its day or today, or supervision."""
    row = get(session, entry)
    if act not in STAGES[1:]:
        raise BadInput(say("没有选办到哪一步"), remedy=say("请选报告、落实或反馈"))
    told = _told(told)
    note = duty_days.reason_of(note, needed=act != "report")
    if act == "report" and not told:
        raise BadInput(say("没有写向谁报告"), remedy=say("请写明向谁报告"))
    today = now.astimezone(held.zone).date()
    who = duty_planning.able(session, held, min(row.day, today), max(row.day, today))
    if by not in who.leading(duty_days.on(session, today)):
        duty_planning.require_leader(session, duty_days.on(session, row.day), row.day, by, who)
    duty_days.act_on(session, entry, act, now, by, note, told)


def see(session: Session, entry: str, note: str, now: datetime, by: str, roles: Collection[str]) -> None:
    """Somebody above took note of an urgent matter."""
    row = get(session, entry)
    if not set(UPWARD) & set(roles):
        raise NotAllowed(say("重大情况由督查部门或中心领导签收"), remedy=say("请联系他们"))
    if not row.urgent:
        raise BadInput(say("这一条不是重大情况，不用签收"), remedy=say("请刷新后查看"))
    duty_days.act_on(session, entry, "seen", now, by, duty_days.reason_of(note, needed=False))


def get(session: Session, entry: str) -> DutyEntryRow:
    """A line of the log; NotFound for nothing."""
    row = session.get(DutyEntryRow, entry) if is_id(entry) else None
    if row is None:
        raise NotFound(say("没有这条值班记录"), remedy=say("请从值班页进入"))
    return row


def rows_between(session: Session, first: date, last: date, *, urgent: bool = False) -> Sequence[DutyEntryRow]:
    """The log of the days from `first` to `last`, in the order of time; `urgent`: of that alone. One statement."""
    query = select(DutyEntryRow).where(DutyEntryRow.day.between(first, last))
    query = query.where(DutyEntryRow.urgent) if urgent else query
    order = (DutyEntryRow.day, DutyEntryRow.happened, DutyEntryRow.id)
    return session.execute(query.order_by(*order)).scalars().all()


def of(rows: Sequence[DutyEntryRow], acts: Acts, held: InForce) -> list[Entry]:
    """The same with what was done about each."""
    return [Entry(row, acts.get(row.id, ()), row.at.astimezone(held.zone).date() != row.day) for row in rows]


def _check(held: InForce, day: date, given: Matter, now: datetime) -> None:
    if not 0 < len(given.text.strip()) <= LONGEST_TEXT:
        raise BadInput(say("没有写情况，或写得太长"), remedy=say("请写 1 到 {n} 个字", n=LONGEST_TEXT))
    if given.task not in tasks(held.on(day).policy.duty):
        raise BadInput(say("没有选属于哪一项职责"), remedy=say("请选一项"))
    if len(given.place.strip()) > LONGEST_PLACE:
        raise BadInput(say("地点写得太长"), remedy=say("请写在 {n} 个字以内", n=LONGEST_PLACE))
    if given.damage and not given.place.strip():
        raise BadInput(say("没有写损坏的地点"), remedy=say("请写明几楼、哪个窗口或哪个位置"))
    if given.happened > now:
        raise BadInput(say("时间还没有到"), remedy=say("请改正时间"))


def _told(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_PLACE:
        raise BadInput(say("写得太长"), remedy=say("请写在 {n} 个字以内", n=LONGEST_PLACE))
    return text
