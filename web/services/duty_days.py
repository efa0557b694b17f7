"""Who leads which day: the roster, and who stands in for the leader for a while (taigu:duty:0, taigu:duty:2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid6 import uuid7

from config.words import say
from web.ledger.duty import DutyActRow, DutyDayRow
from web.services import audit
from web.services.errors import BadInput

ROLE = "duty_leader"
STAND_IN = ("duty_leader", "supervision")  # whom a leader may leave the day to (assumed: the centre's own managers)
LONGEST_REASON = 200
Acts = dict[str, list[DutyActRow]]  # by what they are about, in their order


@dataclass(frozen=True)
class DutyDay:
    """A day of the roster. `row`: who leads it, None while nobody was ever named; `stretches`: newest first."""

    day: date
    row: DutyDayRow | None = None
    stretches: Sequence[DutyDayRow] = field(default_factory=tuple)

    @property
    def leader(self) -> str | None:
        """Whom the roster names."""
        return self.row.person if self.row else None

    def at(self, instant: datetime) -> str | None:
        """Who leads at an instant: the one who stands in, else whom the roster names."""
        row = self.stretch_at(instant)
        return row.person if row and row.person else self.leader

    def stretch_at(self, instant: datetime) -> DutyDayRow | None:
        """What counts of the stretches at an instant."""
        return next((row for row in self.stretches if _holds(row, instant)), None)

    def everybody(self) -> set[str]:
        """Whoever leads any part of the day."""
        return {row.person for row in (self.row, *self.stretches) if row and row.person}


def between(session: Session, first: date, last: date) -> dict[date, DutyDay]:
    """The days from `first` to `last` that the roster has a word for. One statement."""
    query = select(DutyDayRow).where(DutyDayRow.day >= first, DutyDayRow.day <= last).order_by(DutyDayRow.id)
    whole: dict[date, DutyDayRow] = {}
    stretches: dict[date, list[DutyDayRow]] = {}
    for row in session.execute(query).scalars():
        if row.start is None:
            whole[row.day] = row
            stretches[row.day] = []  # who stood in for another leader stands in no longer
        else:
            stretches.setdefault(row.day, []).append(row)
    return {day: DutyDay(day, whole.get(day), tuple(rows[::-1])) for day, rows in stretches.items()}


def on(session: Session, day: date) -> DutyDay:
    """One day. One statement."""
    return between(session, day, day).get(day, DutyDay(day))


def put(session: Session, day: date, person: str | None, act: str, reason: str, now: datetime, by: str,
        stretch: tuple[datetime, datetime] | None = None) -> str:  # fmt: skip
    """Have the newest word on a day say this; audited with what it said before."""
    before = on(session, day).leader
    start, ends = stretch or (None, None)
    row = DutyDayRow(id=str(uuid7()), day=day, person=person, start=start, ends=ends, act=act, reason=reason, at=now,
                     by=by)  # fmt: skip
    session.add(row)
    session.flush()
    detail: dict[str, Any] = {"day": day.isoformat(), "reason": reason}
    if stretch is None:
        detail["person"] = [before or "", person or ""]
    else:
        detail |= {"person": person or before or "", "from": stretch[0].isoformat(), "to": stretch[1].isoformat()}
    audit.note(session, now, by, f"duty.{act}", row.id, detail)
    return row.id


def act_on(session: Session, about: str, act: str, now: datetime, by: str, note: str = "", told: str = "") -> None:
    """Something done about a swap, an entry or a handover; audited."""
    row = DutyActRow(id=str(uuid7()), about=about, act=act, told=told, note=note, at=now, by=by)
    session.add(row)
    session.flush()
    audit.note(session, now, by, f"duty.{act}", about, {"note": note, "told": told})


def acts_on(session: Session, about: Sequence[str]) -> Acts:
    """What was done about each of these, in its order. One statement."""
    found: Acts = {}
    query = select(DutyActRow).where(DutyActRow.about.in_(about)).order_by(DutyActRow.id)
    for act in session.execute(query).scalars():
        found.setdefault(act.about, []).append(act)
    return found


def reason_of(text: str, *, needed: bool = True) -> str:
    """A reason as typed; BadInput for none where one is needed, and for one that is too long."""
    text = text.strip()
    if needed and not text:
        raise BadInput(say("没有写原因"), remedy=say("请写明原因"))
    if len(text) > LONGEST_REASON:
        raise BadInput(say("写得太长"), remedy=say("请写在 {n} 个字以内", n=LONGEST_REASON))
    return text


def _holds(row: DutyDayRow, instant: datetime) -> bool:
    return row.start is not None and row.ends is not None and row.start <= instant < row.ends
